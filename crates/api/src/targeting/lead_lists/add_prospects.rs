use crate::http::{ApiError, Body, Caller, PathParams, ok};
use crate::targeting::bodies::AddProspectsSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::lead_lists::AddedCount;
use sluice_app::{Context, access, lead_lists};
use sluice_model::prospect_body::AddProspects;

/// Puts people on a person list: written out, picked by id, or by a search. Duplicates are skipped.
#[utoipa::path(post, path = "/api/v1/entities/leadlists/{id}/add-prospects", tag = "Lead lists", operation_id = "addProspects",
    params(
        ("id" = String, Path, description = "UUID of the list"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = AddProspectsSchema,
    responses(
        (status = 200, description = "How many were added", body = AddedCount),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn add_prospects(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    body: Body<AddProspects>,
) -> Result<Response, ApiError> {
    let id = path.id(access::lead_list_not_found)?;
    Ok(ok(&lead_lists::add_prospects(&context, &actor, body.key, id, body.value).await?))
}
