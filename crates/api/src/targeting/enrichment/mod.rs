//! `/api/v1/operations/enrichment`.

mod batch;
mod bulk;
mod get;
mod query;
mod start;

use crate::http::{ApiError, PathParams, QueryParams};
use sluice_app::Context;
use sluice_app::enrichment::entity_not_found;
use sluice_model::EntityKind;
use sluice_model::enrichment::EnrichmentField;
use sluice_model::id::parse_uuid;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(get::get_enrichment, start::start_enrichment))
        .routes(routes!(batch::batch_enrichment))
        .routes(routes!(query::query_enrichment))
        .routes(routes!(bulk::bulk_enrichment))
}

/// Who is meant by the path, and which field by the query.
fn target(path: &PathParams, mut query: QueryParams) -> Result<(Uuid, EnrichmentField), ApiError> {
    query.require("field");
    let field =
        query.one_of("field", &EnrichmentField::NAMES).and_then(|at| EnrichmentField::ALL.get(at).copied());
    query.check()?;
    let kind = field.map_or(EntityKind::Person, EnrichmentField::of);
    let text = path.text("id");
    let id = parse_uuid(text).ok_or_else(|| entity_not_found(kind, text))?;
    Ok((id, field.ok_or_else(ApiError::internal)?))
}
