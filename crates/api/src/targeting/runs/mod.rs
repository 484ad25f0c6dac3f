//! Runs: `/api/v1/operations/icps/{id}/…` and `/api/v1/operations/runs`.

mod cancel;
mod decisions;
mod events;
mod generate;
mod get;
mod list;
mod preview;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(preview::preview_icp))
        .routes(routes!(generate::generate_list))
        .routes(routes!(list::list_runs))
        .routes(routes!(get::get_run))
        .routes(routes!(events::run_events))
        .routes(routes!(decisions::run_decisions))
        .routes(routes!(cancel::cancel_run))
}
