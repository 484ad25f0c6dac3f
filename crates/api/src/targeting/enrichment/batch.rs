use crate::http::{ApiError, Body, Caller, ok};
use crate::targeting::service_bodies::EnrichmentBatchSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, enrichment};
use sluice_model::enrichment::{Enrichment, EnrichmentBatch};

/// Looks a field of up to 100 people up, in the background.
#[utoipa::path(post, path = "/api/v1/operations/enrichment/batch", tag = "Enrichment", operation_id = "batchEnrichment",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = EnrichmentBatchSchema,
    responses(
        (status = 200, description = "A record for each person, in their order", body = [Enrichment]),
        (status = 402, description = "INSUFFICIENT_CREDITS.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: nobody is connected who could be asked.", body = crate::targeting::ErrorBody)))]
pub(super) async fn batch_enrichment(
    State(context): State<Context>,
    Caller(actor): Caller,
    body: Body<EnrichmentBatch>,
) -> Result<Response, ApiError> {
    Ok(ok(&enrichment::batch(&context, &actor, body.key, body.value).await?))
}
