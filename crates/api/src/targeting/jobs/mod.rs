//! `/api/v1/operations/jobs`: what the queue holds, and trying again what was given up.

mod delete;
mod list;
mod retry;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_jobs))
        .routes(routes!(delete::delete_job))
        .routes(routes!(retry::retry_job))
}
