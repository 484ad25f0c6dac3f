use crate::http::{ApiError, Caller, OptionalBody, ok};
use crate::targeting::bodies::Nothing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::{Context, crm};
use sluice_model::crm::CrmSync;

/// Shows how far the copy of the CRM's contacts is, and how old.
#[utoipa::path(get, path = "/api/v1/operations/crm/sync", tag = "CRM", operation_id = "getCrmSync",
    responses((status = 200, description = "How the sync stands", body = CrmSync)))]
pub(super) async fn get_crm_sync(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&crm::sync_status(&context, &actor).await?))
}

/// Starts a sync now. When one is under way, that is the one shown.
#[utoipa::path(post, path = "/api/v1/operations/crm/sync", tag = "CRM", operation_id = "startCrmSync",
    responses((status = 202, description = "How the sync stands", body = CrmSync)))]
pub(super) async fn start_crm_sync(
    State(context): State<Context>,
    Caller(actor): Caller,
    _body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let sync = crm::start_sync(&context, &actor).await?;
    Ok((StatusCode::ACCEPTED, Json(sync)).into_response())
}
