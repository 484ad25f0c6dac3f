use crate::accounts::bodies::NewProspectSchema;
use crate::accounts::key::{Key, ProspectsWrite};
use crate::http::{ApiError, PlainBody, made};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;
use sluice_model::accounts::{NewProspect, Prospect};

/// Find or make the prospect with these identifiers.
#[utoipa::path(post, path = "/v0/prospects", tag = "Prospects", operation_id = "createProspect",
    security(("apiKey" = ["prospects:write"])),
    request_body = NewProspectSchema,
    responses(
        (status = 201, description = "The new prospect", body = Prospect),
        (status = 200, description = "The prospect that was there, completed with what they lacked", body = Prospect),
        (status = 409, description = "CONFLICT: an identifier belongs to another prospect.", body = crate::accounts::ErrorBody)))]
pub(in crate::accounts) async fn create_prospect(
    State(context): State<Context>,
    key: Key<ProspectsWrite>,
    PlainBody(new): PlainBody<NewProspect>,
) -> Result<Response, ApiError> {
    let (is_new, prospect) = prospect::create(&context, &key.actor, new).await?;
    Ok(made(is_new, &prospect))
}
