use crate::http::{Caller, digest_tag};
use axum::response::Response;
use sluice_app::filters;
use sluice_model::filter::FilterLanguage;
use std::sync::LazyLock;

/// It is the same for everybody until the program is another.
static LANGUAGE: LazyLock<FilterLanguage> = LazyLock::new(filters::language);

/// Describes the filter language: every facet with its form, legal values, limits and an example that is valid.
#[utoipa::path(get, path = "/api/v1/operations/filters", tag = "Prospects", operation_id = "filterLanguage",
    responses((status = 200, description = "The language, enough to write a filter with", body = FilterLanguage)))]
pub(super) async fn filter_language(Caller(_): Caller) -> Response {
    digest_tag(&*LANGUAGE)
}
