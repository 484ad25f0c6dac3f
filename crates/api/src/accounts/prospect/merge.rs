use crate::accounts::bodies::{Merge, MergeSchema};
use crate::accounts::key::{Key, ProspectsWrite};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, PlainBody, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;
use sluice_model::accounts::Prospect;

/// Make a prospect one with another, who survives with the logs and identifiers of both.
#[utoipa::path(post, path = "/v0/prospects/{prospect_id}/merge", tag = "Prospects", operation_id = "mergeProspect",
    security(("apiKey" = ["prospects:write"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
    ),
    request_body = MergeSchema,
    responses(
        (status = 200, description = "The survivor", body = Prospect)))]
pub(in crate::accounts) async fn merge_prospect(
    State(context): State<Context>,
    key: Key<ProspectsWrite>,
    path: PathParams,
    PlainBody(Merge(into)): PlainBody<Merge>,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    Ok(ok(&prospect::merge(&context, &key.actor, &id, &into).await?))
}
