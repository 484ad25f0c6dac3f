use crate::http::{ApiError, Caller, PathParams, QueryParams, digest_tag, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::crm::export::{ExportRecords, ExportView, export_not_found, get, records};

/// Reads an export with its counts.
#[utoipa::path(get, path = "/api/v1/operations/crm/exports/{id}", tag = "CRM", operation_id = "getCrmExport",
    params(("id" = String, Path, description = "UUID of the export")),
    responses(
        (status = 200, description = "The export", body = ExportView),
        (status = 403, description = "FORBIDDEN: another began it, and the caller is no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn get_crm_export(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    Ok(digest_tag(&get(&context, &actor, path.id(export_not_found)?).await?))
}

/// Lists what became of the records of an export, in its order.
#[utoipa::path(get, path = "/api/v1/operations/crm/exports/{id}/records", tag = "CRM", operation_id = "getCrmExportRecords",
    params(
        ("id" = String, Path, description = "UUID of the export"),
        ("cursor" = Option<i64>, Query, minimum = 0, description = "`nextCursor` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Default 100.")),
    responses(
        (status = 200, description = "A page of records", body = ExportRecords),
        (status = 403, description = "FORBIDDEN: another began it, and the caller is no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn crm_export_records(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let id = path.id(export_not_found)?;
    let from = query.integer("cursor", 0, i64::MAX).unwrap_or_default();
    let limit = query.limit(1_000, 100);
    query.check()?;
    let page = records(&context, &actor, id, u64::try_from(from).unwrap_or_default(), limit).await?;
    Ok(ok(&page))
}
