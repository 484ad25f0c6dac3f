use crate::http::{ApiError, Caller, OptionalBody, PathParams, digest_tag, no_content};
use crate::targeting::bodies::Nothing;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, Error, suppressions};
use sluice_model::Suppression;

fn not_found(id: &str) -> Error {
    Error::NotFound(format!("Suppression not found: {id}"))
}

/// Takes an entry off the suppression list. A tombstone stays, with who and when.
#[utoipa::path(delete, path = "/api/v1/operations/suppressions/{id}", tag = "Suppression list", operation_id = "removeSuppression",
    params(("id" = String, Path, description = "UUID of the entry")),
    responses((status = 204, description = "Taken off")))]
pub(super) async fn remove_suppression(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    suppressions::remove(&context, &actor, path.id(not_found)?).await?;
    Ok(no_content())
}

/// Erases the value and the reason of an entry. A hash of the value stays, and goes on suppressing.
#[utoipa::path(post, path = "/api/v1/operations/suppressions/{id}/erase", tag = "Suppression list", operation_id = "eraseSuppression",
    params(("id" = String, Path, description = "UUID of the entry")),
    responses((status = 200, description = "The entry without its value", body = Suppression)))]
pub(super) async fn erase_suppression(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    _body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    Ok(digest_tag(&suppressions::erase(&context, &actor, path.id(not_found)?).await?))
}
