use crate::http::{ApiError, Caller, PlainBody, ok};
use crate::targeting::service_bodies::{EnrichmentTasks, EnrichmentTasksSchema};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, enrichment};
use sluice_model::enrichment::Enrichment;

/// Tells how up to 200 lookups stand.
#[utoipa::path(post, path = "/api/v1/operations/enrichment/batch/query", tag = "Enrichment", operation_id = "queryEnrichment",
    request_body = EnrichmentTasksSchema,
    responses((status = 200, description = "The newest record of each task that has one", body = [Enrichment])))]
pub(super) async fn query_enrichment(
    State(context): State<Context>,
    Caller(actor): Caller,
    PlainBody(EnrichmentTasks(tasks)): PlainBody<EnrichmentTasks>,
) -> Result<Response, ApiError> {
    Ok(ok(&enrichment::query(&context, &actor, tasks).await?))
}
