//! `/api/v1/operations/suppressions`.

mod add;
mod explain;
mod list;
mod remove;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_suppressions, add::add_suppressions))
        .routes(routes!(explain::explain_suppression))
        .routes(routes!(remove::remove_suppression))
        .routes(routes!(remove::erase_suppression))
}
