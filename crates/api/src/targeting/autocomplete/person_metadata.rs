use super::typed;
use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::Metadata;
use sluice_app::{Context, autocomplete};

/// Completes titles of positions, each with the number of people who hold it.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/person-metadata", tag = "Autocomplete", operation_id = "completePersonMetadata",
    params(
        ("search" = Option<String>, Query, max_length = 200, description = "What was typed; without it the most frequent come."),
        ("value" = Option<String>, Query, max_length = 200, description = "The same as `search`."),
        ("page" = Option<i64>, Query, minimum = 0, description = "Zero-based."),
        ("size" = Option<i64>, Query, minimum = 0, maximum = 100, description = "Default 10.")),
    responses((status = 200, description = "Titles that fit, the best first", body = Vec<Metadata>)))]
pub(super) async fn complete_person_metadata(
    State(context): State<Context>,
    Caller(_): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let typed = typed(&mut query);
    query.check()?;
    Ok(ok(&autocomplete::person_metadata(&context, &typed).await?))
}
