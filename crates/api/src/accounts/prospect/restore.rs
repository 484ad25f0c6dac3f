use crate::accounts::key::{Key, ProspectsWrite};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;
use sluice_model::accounts::Prospect;

/// Bring a deleted prospect back.
#[utoipa::path(post, path = "/v0/prospects/{prospect_id}/restore", tag = "Prospects", operation_id = "restoreProspect",
    security(("apiKey" = ["prospects:write"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
    ),
    responses(
        (status = 200, description = "Successful operation", body = Prospect)))]
pub(in crate::accounts) async fn restore_prospect(
    State(context): State<Context>,
    key: Key<ProspectsWrite>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    Ok(ok(&prospect::restore(&context, &key.actor, &id).await?))
}
