use crate::http::{ApiError, Caller, PlainBody, no_content, ok};
use crate::targeting::crm_bodies::{ConnectCrm, CrmCredentialsSchema, CrmKeySchema, TryCrm};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::connectors::Tested;
use sluice_app::crm::settings;
use sluice_model::crm::CrmSettings;

/// Shows which CRM is connected, and its key by the last characters only.
#[utoipa::path(get, path = "/api/v1/operations/crm/settings", tag = "CRM", operation_id = "getCrmSettings",
    responses((status = 200, description = "What is connected", body = CrmSettings)))]
pub(super) async fn get_crm_settings(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&settings::get(&context, &actor).await?))
}

/// Connects a CRM, in place of the one that was. The key is tried first; then all contacts are read in the
/// background. Admins only.
#[utoipa::path(put, path = "/api/v1/operations/crm/settings", tag = "CRM", operation_id = "putCrmSettings",
    request_body = CrmCredentialsSchema,
    responses(
        (status = 200, description = "What is connected now", body = CrmSettings),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the CRM cannot be asked whether it accepts the key.", body = crate::targeting::ErrorBody)))]
pub(super) async fn put_crm_settings(
    State(context): State<Context>,
    Caller(actor): Caller,
    PlainBody(ConnectCrm(credentials)): PlainBody<ConnectCrm>,
) -> Result<Response, ApiError> {
    Ok(ok(&settings::put(&context, &actor, credentials).await?))
}

/// Disconnects the CRM. The copy of its contacts is removed in the background. Admins only.
#[utoipa::path(delete, path = "/api/v1/operations/crm/settings", tag = "CRM", operation_id = "deleteCrmSettings",
    responses(
        (status = 204, description = "Disconnected"),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 404, description = "NOT_FOUND: none is connected.", body = crate::targeting::ErrorBody)))]
pub(super) async fn delete_crm_settings(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    settings::remove(&context, &actor).await?;
    Ok(no_content())
}

/// Tries a key with the CRM and keeps nothing. Admins only.
#[utoipa::path(post, path = "/api/v1/operations/crm/test-connection", tag = "CRM", operation_id = "testCrmConnection",
    request_body = CrmKeySchema,
    responses(
        (status = 200, description = "How it went", body = Tested),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn test_crm_connection(
    State(context): State<Context>,
    Caller(actor): Caller,
    PlainBody(TryCrm(credentials)): PlainBody<TryCrm>,
) -> Result<Response, ApiError> {
    Ok(ok(&settings::test(&context, &actor, credentials).await?))
}
