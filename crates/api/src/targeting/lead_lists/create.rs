use crate::http::{ApiError, Body, Caller, created};
use crate::targeting::bodies::LeadListCreateSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, lead_lists};
use sluice_model::LeadList;
use sluice_model::lead_list::LeadListCreate;

/// Creates a lead list.
#[utoipa::path(post, path = "/api/v1/entities/leadlists", tag = "Lead lists", operation_id = "createLeadList",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = LeadListCreateSchema,
    responses(
        (status = 201, description = "The new list", body = LeadList),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn create_lead_list(
    State(context): State<Context>,
    Caller(actor): Caller,
    body: Body<LeadListCreate>,
) -> Result<Response, ApiError> {
    Ok(created(&lead_lists::create(&context, &actor, body.key, body.value).await?))
}
