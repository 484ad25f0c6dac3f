use crate::accounts::key::{Key, ProspectsRead};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;
use sluice_model::accounts::Prospect;

/// Get prospect by ID; one that was merged is who they were merged into.
#[utoipa::path(get, path = "/v0/prospects/{prospect_id}", tag = "Prospects", operation_id = "getProspect",
    security(("apiKey" = ["prospects:read"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
    ),
    responses(
        (status = 200, description = "Successful operation", body = Prospect)))]
pub(in crate::accounts) async fn get_prospect(
    State(context): State<Context>,
    key: Key<ProspectsRead>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    Ok(ok(&prospect::get(&context, &key.actor, &id).await?))
}
