use super::target;
use crate::http::{ApiError, Caller, OptionalBody, PathParams, QueryParams, made};
use crate::targeting::bodies::Nothing;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, enrichment};
use sluice_model::enrichment::{Enrichment, EnrichmentField};

/// Looks a field up, in the background. What is being looked up, or was found, is not asked for again and costs nothing.
#[utoipa::path(post, path = "/api/v1/operations/enrichment/{id}", tag = "Enrichment", operation_id = "startEnrichment",
    params(
        ("id" = String, Path, description = "A person; for `summary` a company. One of the catalog is copied to the organisation."),
        ("field" = EnrichmentField, Query, description = "What is looked up."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gives the same reply.")),
    responses(
        (status = 200, description = "The record that stands", body = Enrichment),
        (status = 201, description = "A new record", body = Enrichment),
        (status = 402, description = "INSUFFICIENT_CREDITS.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: nobody is connected who could be asked.", body = crate::targeting::ErrorBody)))]
pub(super) async fn start_enrichment(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    query: QueryParams,
    body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let (id, field) = target(&path, query)?;
    let started = enrichment::start(&context, &actor, body.key, id, field).await?;
    Ok(made(started.is_new, &started.record))
}
