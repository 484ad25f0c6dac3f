use crate::http::{ApiError, Body, Caller, QueryParams, ok};
use crate::targeting::crm_bodies::CrmExportSchema;
use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sluice_app::Context;
use sluice_app::crm::export::{Started, start};
use sluice_model::crm::{CrmExport, ExportReport, ExportRequest};

/// Exports people to the CRM: a selection of up to 1 000 at once, more of them and whole lists in the background.
#[utoipa::path(post, path = "/api/v1/operations/crm/export", tag = "CRM", operation_id = "exportToCrm",
    params(
        ("async" = Option<bool>, Query, description = "Whether the reply does not wait for the export; default false."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours export once.")),
    request_body = CrmExportSchema,
    responses(
        (status = 200, description = "What became of each record", body = ExportReport),
        (status = 202, description = "It goes on in the background; follow `Location`", body = CrmExport),
        (status = 403, description = "FORBIDDEN: the lead list is another's.", body = crate::targeting::ErrorBody),
        (status = 404, description = "NOT_FOUND: no such lead list.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn export_to_crm(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
    body: Body<ExportRequest>,
) -> Result<Response, ApiError> {
    let background = query.flag("async");
    query.check()?;
    match start(&context, &actor, body.key, body.value, background).await? {
        Started::Done(report) => Ok(ok(&report)),
        Started::GoesOn(export) => {
            let location = HeaderValue::from_str(&format!("/api/v1/operations/crm/exports/{}", export.id));
            let mut response = (StatusCode::ACCEPTED, Json(export)).into_response();
            if let Ok(location) = location {
                response.headers_mut().insert(LOCATION, location);
            }
            Ok(response)
        }
    }
}
