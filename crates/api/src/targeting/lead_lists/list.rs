use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, lead_lists};
use sluice_model::LeadList;

/// Lists the caller's lead lists, newest first; admins see all of the organisation.
#[utoipa::path(get, path = "/api/v1/entities/leadlists", tag = "Lead lists", operation_id = "listLeadLists",
    responses((status = 200, description = "Lead lists, newest first", body = Vec<LeadList>)))]
pub(super) async fn list_lead_lists(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&lead_lists::list(&context, &actor).await?))
}
