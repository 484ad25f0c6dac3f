//! `/api/v1/operations/export`.

use crate::http::{ApiError, Caller, PlainBody};
use crate::targeting::service_bodies::ExportSchema;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use sluice_app::export::Table;
use sluice_app::{Context, export};
use sluice_model::export::Export;
use std::convert::Infallible;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many people there are.
const COUNT: HeaderName = HeaderName::from_static("x-export-count");
/// People that are written out at once.
const ROWS: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(export_people))
}

/// Writes the people of a selection as CSV. Cells that a spreadsheet would take for formulas get an apostrophe before them.
#[utoipa::path(post, path = "/api/v1/operations/export", tag = "Export", operation_id = "exportPeople",
    request_body = ExportSchema,
    responses((status = 200, description = "CSV with a header line", body = String, content_type = "text/csv",
        headers(("X-Export-Count" = i64, description = "How many people there are")))))]
async fn export_people(
    State(context): State<Context>,
    Caller(actor): Caller,
    PlainBody(wanted): PlainBody<Export>,
) -> Result<Response, ApiError> {
    let table = export::export(&context, &actor, wanted).await?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"export.csv\""));
    headers.insert(COUNT, HeaderValue::from(table.leads.len()));
    Ok((headers, Body::from_stream(lines(table))).into_response())
}

/// The header, then rows, some at a time.
fn lines(table: Table) -> impl stream::Stream<Item = Result<String, Infallible>> {
    let header = table.header();
    let table = Arc::new(table);
    let starts = (0..table.leads.len()).step_by(ROWS);
    let rows = starts.map(move |start| {
        let end = table.leads.len().min(start + ROWS);
        Ok(Table::rows(&table.fields, table.leads.get(start..end).unwrap_or_default()))
    });
    stream::iter(std::iter::once(Ok(header)).chain(rows))
}
