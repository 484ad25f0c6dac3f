use crate::accounts::bodies::ProspectPageSchema;
use crate::accounts::key::{Key, ProspectsRead};
use crate::accounts::parameters;
use crate::http::{ApiError, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect;
use sluice_model::accounts::ProspectQuery;
use sluice_model::canon;

/// List prospects, newest activity first.
#[utoipa::path(get, path = "/v0/prospects", tag = "Prospects", operation_id = "listProspects",
    security(("apiKey" = ["prospects:read"])),
    params(
        ("email" = Option<String>, Query, description = "Only the prospect with this address."),
        ("domain" = Option<String>, Query, description = "Only those of this domain."),
        ("linkedinProfileUrl" = Option<String>, Query, description = "Only the prospect with this profile."),
        ("search" = Option<String>, Query, description = "Only those whose name, address, domain or slug has this text."),
        ("updatedSince" = Option<String>, Query, format = DateTime, description = "Only those changed at this time or later."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("offset" = Option<i64>, Query, minimum = 0, description = "Default 0."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before, in place of `offset`."),
    ),
    responses(
        (status = 200, description = "Successful operation", body = ProspectPageSchema)))]
pub(in crate::accounts) async fn list_prospects(
    State(context): State<Context>,
    key: Key<ProspectsRead>,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let wanted = ProspectQuery {
        email: query.canonical("email", "Invalid email", canon::email),
        domain: query.canonical("domain", "Invalid domain", canon::domain),
        linkedin: query.canonical(
            "linkedinProfileUrl",
            "Invalid LinkedIn profile URL",
            canon::linkedin_person,
        ),
        search: parameters::search(&mut query),
        updated_since: query.time("updatedSince"),
        page: parameters::page(&mut query),
    };
    query.check()?;
    Ok(ok(&prospect::list(&context, &key.actor, wanted).await?))
}
