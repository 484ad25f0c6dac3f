//! The OpenAPI document: what the handlers say of themselves, completed with what holds for all of them.

use super::ErrorBody;
use crate::http::digest_tag;
use axum::response::Response;
use sluice_app::Context;
use std::sync::LazyLock;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, Response as Described, ResponseBuilder};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The name of the security scheme.
const BEARER: &str = "bearer";
const PATH: &str = "/api/v1/openapi.json";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sluice targeting API",
        description = "Describe whom you want to reach as an Ideal Customer Profile (ICP), turn it into a lead list, \
                       and see for every candidate why it is in or out.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ErrorBody)),
    tags(
        (name = "ICPs", description = "Ideal Customer Profiles: searches, rules and CRM filters."),
        (name = "Runs", description = "From an ICP to a lead list, with a reason for every candidate."),
        (name = "Jobs", description = "The queue behind the runs, and what was given up."),
        (name = "Lead lists", description = "People or companies to contact in a span of time."),
        (name = "Prospects", description = "The catalog of people and companies."),
        (name = "Autocomplete", description = "Values for filters, completed while they are typed."),
        (name = "Suppression list", description = "Whom the organisation must not contact."),
        (name = "API keys", description = "Keys with which machines call the accounts API, `/v0`."),
        (name = "CRM", description = "The CRM: its contacts as candidates, and people exported to it."),
        (name = "Connectors", description = "The outside services that the organisation uses, with its credentials."),
        (name = "Credits", description = "The ledger of what was bought outside."),
        (name = "Enrichment", description = "Phones, e-mail addresses and summaries, looked up outside."),
        (name = "Export", description = "People for spreadsheets."),
        (name = "Webhooks", description = "URLs of the organisation that are told of what happens."),
        (name = "This document", description = "The API described for programs."),
    )
)]
struct Base;

pub(super) fn base() -> OpenApi {
    Base::openapi()
}

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(openapi_json))
}

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(super::openapi);

/// The OpenAPI 3.1 document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "This document", operation_id = "openapi",
    responses((status = 200, description = "This document", body = Object)))]
async fn openapi_json() -> Response {
    digest_tag(&*DOCUMENT)
}

/// Adds to every operation the replies and the sign-in that all of them share.
pub(super) fn finish(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let scheme = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token made by `sluice token create`."))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    for (path, item) in &mut document.paths.paths {
        let has_id = path.contains('{');
        for (method, operation) in [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ] {
            if let Some(operation) = operation {
                complete(operation, &method, path, has_id);
            }
        }
    }
    document
}

fn complete(operation: &mut Operation, method: &HttpMethod, path: &str, has_id: bool) {
    if path == PATH {
        return;
    }
    operation.security =
        Some(vec![utoipa::openapi::security::SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
    let invalid = if path.starts_with("/api/v1/operations") { "VALIDATION_ERROR" } else { "BAD_REQUEST" };
    let mut add = |status: &str, text: &str| {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| error(text).into());
    };
    add("401", "UNAUTHORIZED: no valid token.");
    add("500", "INTERNAL_ERROR: an unexpected error. Never shows internal text.");
    add("503", "UNAVAILABLE: try again after `Retry-After` seconds.");
    if *method != HttpMethod::Delete {
        add("400", &format!("{invalid}: every fault of the request is in `details`, with its path."));
    }
    if has_id {
        add("404", "NOT_FOUND: no such object in the caller's organisation.");
    }
    if matches!(method, HttpMethod::Post | HttpMethod::Put | HttpMethod::Patch) {
        add("413", "PAYLOAD_TOO_LARGE.");
        add("415", "UNSUPPORTED_MEDIA_TYPE: expected application/json.");
    }
}

fn error(text: &str) -> Described {
    let schema = Ref::from_schema_name(ErrorBody::name());
    ResponseBuilder::new().description(text).content("application/json", Content::new(Some(schema))).build()
}
