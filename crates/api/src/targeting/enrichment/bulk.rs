use crate::http::{ApiError, Body, Caller, ok};
use crate::targeting::service_bodies::EnrichmentBulkSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::enrichment::BulkEnrichment;
use sluice_app::{Context, enrichment};
use sluice_model::enrichment::EnrichmentBulk;

/// Looks a field of each person of a selection up, in the background. Fails before any work when not all can be paid for.
#[utoipa::path(post, path = "/api/v1/operations/enrichment/bulk", tag = "Enrichment", operation_id = "bulkEnrichment",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = EnrichmentBulkSchema,
    responses(
        (status = 200, description = "What was asked for", body = BulkEnrichment),
        (status = 402, description = "INSUFFICIENT_CREDITS: nothing was done.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: nobody is connected who could be asked.", body = crate::targeting::ErrorBody)))]
pub(super) async fn bulk_enrichment(
    State(context): State<Context>,
    Caller(actor): Caller,
    body: Body<EnrichmentBulk>,
) -> Result<Response, ApiError> {
    Ok(ok(&enrichment::bulk(&context, &actor, body.key, body.value).await?))
}
