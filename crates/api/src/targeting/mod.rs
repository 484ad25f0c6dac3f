//! The targeting API, `/api/v1`.

mod api_keys;
mod autocomplete;
mod bodies;
mod connectors;
mod credits;
mod crm;
mod crm_bodies;
mod document;
mod enrichment;
mod error;
mod export;
mod filters;
mod icps;
mod jobs;
mod lead_lists;
mod leads;
mod prospects;
mod runs;
mod service_bodies;
mod suppressions;
mod webhook_bodies;
mod webhooks;

pub use error::ErrorBody;

use crate::http;
use axum::Router;
use axum::middleware;
use sluice_app::Context;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::with_openapi(document::base())
        .merge(icps::routes())
        .merge(lead_lists::routes())
        .merge(leads::routes())
        .merge(prospects::routes())
        .merge(filters::routes())
        .merge(autocomplete::routes())
        .merge(runs::routes())
        .merge(jobs::routes())
        .merge(suppressions::routes())
        .merge(api_keys::routes())
        .merge(connectors::routes())
        .merge(credits::routes())
        .merge(crm::routes())
        .merge(enrichment::routes())
        .merge(export::routes())
        .merge(webhooks::routes())
        .merge(document::routes())
}

/// The OpenAPI 3.1 document of the targeting API.
#[must_use]
pub fn openapi() -> OpenApi {
    document::finish(routes().into_openapi())
}

/// The routes of the targeting API, those of `pages`, and JSON errors for every other path.
pub fn router(context: Context, pages: Router) -> Router {
    let (router, _) = routes().split_for_parts();
    router
        .merge(pages.with_state(()))
        .fallback(http::no_route)
        .method_not_allowed_fallback(http::method_not_allowed)
        .layer(CatchPanicLayer::custom(http::panicked))
        .layer(middleware::from_fn_with_state(context.clone(), http::finish::<error::Targeting>))
        .with_state(context)
}
