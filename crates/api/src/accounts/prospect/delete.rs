use crate::accounts::key::{Key, ProspectsWrite};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;

/// Hide a prospect until they are restored, or named again by an identifier.
#[utoipa::path(delete, path = "/v0/prospects/{prospect_id}", tag = "Prospects", operation_id = "deleteProspect",
    security(("apiKey" = ["prospects:write"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
    ),
    responses(
        (status = 204, description = "Deleted")))]
pub(in crate::accounts) async fn delete_prospect(
    State(context): State<Context>,
    key: Key<ProspectsWrite>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    prospect::delete(&context, &key.actor, &id).await?;
    Ok(no_content())
}
