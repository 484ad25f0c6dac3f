use super::target;
use crate::http::{ApiError, Caller, PathParams, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, enrichment};
use sluice_model::enrichment::{Enrichment, EnrichmentField};

/// Tells how the lookup of a field stands.
#[utoipa::path(get, path = "/api/v1/operations/enrichment/{id}", tag = "Enrichment", operation_id = "getEnrichment",
    params(
        ("id" = String, Path, description = "A person; for `summary` a company. Of the organisation or of the catalog."),
        ("field" = EnrichmentField, Query, description = "What is looked up.")),
    responses((status = 200, description = "The newest record", body = Enrichment)))]
pub(super) async fn get_enrichment(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    query: QueryParams,
) -> Result<Response, ApiError> {
    let (id, field) = target(&path, query)?;
    Ok(ok(&enrichment::get(&context, &actor, id, field).await?))
}
