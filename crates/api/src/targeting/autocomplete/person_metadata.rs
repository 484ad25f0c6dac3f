use super::{Completing, Completion};
use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::Metadata;
use sluice_app::{Context, autocomplete};

/// Completes titles of positions, each with the number of people who hold it.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/person-metadata", tag = "Autocomplete", operation_id = "completePersonMetadata",
    params(Completion),
    responses((status = 200, description = "Titles that fit, the best first", body = Vec<Metadata>)))]
pub(super) async fn complete_person_metadata(
    State(context): State<Context>,
    Caller(_): Caller,
    Completing(typed): Completing,
) -> Result<Response, ApiError> {
    Ok(ok(&autocomplete::person_metadata(&context, &typed).await?))
}
