//! The accounts API, `/v0`.

mod account;
mod account_log;
mod bodies;
mod document;
mod error;
mod key;
mod parameters;
mod persons;
mod prospect;
mod prospect_log;
mod rate;

pub use error::ErrorBody;
pub use rate::RateLimit;

use crate::http;
use axum::Router;
use axum::middleware;
use axum::routing::any;
use serde_json::Value;
use sluice_app::Context;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::with_openapi(document::base())
        .merge(account::routes())
        .merge(account_log::routes())
        .merge(prospect::routes())
        .merge(prospect_log::routes())
        .merge(document::routes())
}

/// The OpenAPI 3.1 document of the accounts API.
#[must_use]
pub fn openapi() -> Value {
    document::finish(routes().into_openapi())
}

/// The routes of the accounts API, and errors of its own for every other path below `/v0`.
pub fn router(context: Context, limit: RateLimit) -> Router {
    let (router, _) = routes().split_for_parts();
    let limiter = Arc::new(rate::Limiter::new(limit));
    router
        .merge(persons::routes())
        .route("/v0", any(http::no_route))
        .route("/v0/", any(http::no_route))
        .route("/v0/{*rest}", any(http::no_route))
        .method_not_allowed_fallback(http::method_not_allowed)
        .layer(CatchPanicLayer::custom(http::panicked))
        .layer(middleware::from_fn_with_state(context.clone(), http::finish::<error::Accounts>))
        .layer(middleware::from_fn_with_state(limiter, rate::limit))
        .with_state(context)
}
