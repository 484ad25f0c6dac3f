//! `/v0/prospect_logs` and `/v0/prospects/{prospect_id}/logs`.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(create::create_prospect_log))
        .routes(routes!(list::list_prospect_logs))
        .routes(routes!(get::get_prospect_log, delete::delete_prospect_log))
}
