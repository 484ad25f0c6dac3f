//! `/v0/prospects`.

pub(super) mod activity;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod merge;
pub(super) mod restore;
pub(super) mod update;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_prospects, create::create_prospect))
        .routes(routes!(get::get_prospect, update::update_prospect, delete::delete_prospect))
        .routes(routes!(restore::restore_prospect))
        .routes(routes!(merge::merge_prospect))
        .routes(routes!(activity::prospect_activity))
}
