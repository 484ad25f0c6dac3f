use crate::accounts::bodies::ProspectPatchSchema;
use crate::accounts::key::{Key, ProspectsWrite};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, PlainBody, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;
use sluice_model::accounts::{Prospect, ProspectPatch};

/// Update prospect by ID.
#[utoipa::path(patch, path = "/v0/prospects/{prospect_id}", tag = "Prospects", operation_id = "updateProspect",
    security(("apiKey" = ["prospects:write"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
    ),
    request_body = ProspectPatchSchema,
    responses(
        (status = 200, description = "Successful operation", body = Prospect),
        (status = 409, description = "CONFLICT: an identifier belongs to another prospect.", body = crate::accounts::ErrorBody)))]
pub(in crate::accounts) async fn update_prospect(
    State(context): State<Context>,
    key: Key<ProspectsWrite>,
    path: PathParams,
    PlainBody(patch): PlainBody<ProspectPatch>,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    Ok(ok(&prospect::update(&context, &key.actor, &id, patch).await?))
}
