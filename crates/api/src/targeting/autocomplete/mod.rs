//! `/api/v1/operations/autocomplete`.

mod classifications;
mod companies;
mod locations;
mod people;
mod person_metadata;
mod schools;

use crate::http::QueryParams;
use sluice_app::Context;
use sluice_app::autocomplete::Typed;
use sluice_model::search_body::{DEFAULT_SIZE, MAX_REACH, MAX_SIZE};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest text that is completed.
const MAX_TEXT: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(classifications::complete_classifications))
        .routes(routes!(locations::complete_locations))
        .routes(routes!(companies::complete_companies))
        .routes(routes!(people::complete_people))
        .routes(routes!(schools::complete_schools))
        .routes(routes!(person_metadata::complete_person_metadata))
}

/// Reads what was typed, and the page.
fn typed(query: &mut QueryParams) -> Typed {
    let search = query.limited("search", MAX_TEXT);
    let value = query.limited("value", MAX_TEXT);
    if search.is_some() && value.is_some() && search != value {
        query.fault(Some("value"), "'search' and 'value' exclude each other");
    }
    let page = query.integer("page", 0, MAX_REACH).unwrap_or(0);
    let size = query.integer("size", 0, MAX_SIZE).unwrap_or(DEFAULT_SIZE);
    if page * size > MAX_REACH {
        query.fault(Some("page"), &format!("page × size must not be more than {MAX_REACH}"));
    }
    Typed {
        text: search.or(value).unwrap_or_default(),
        page: usize::try_from(page).unwrap_or(0),
        size: usize::try_from(size).unwrap_or(0),
    }
}
