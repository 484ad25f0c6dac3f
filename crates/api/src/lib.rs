//! HTTP: routes, bodies, errors, and the OpenAPI documents. One folder per resource, one file per action.

pub mod accounts;
pub mod health;
mod http;
pub mod targeting;

pub use accounts::RateLimit;

use axum::Router;
use sluice_app::Context;

/// The routes of all APIs, those of `pages`, and JSON errors for every other path.
pub fn router(context: Context, limit: RateLimit, pages: Router) -> Router {
    targeting::router(context.clone(), pages.merge(health::router(context.clone())))
        .merge(accounts::router(context, limit))
}
