//! `/api/v1/entities/icps`.

mod clone;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod versions;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_icps, create::create_icp))
        .routes(routes!(get::get_icp, update::update_icp, delete::delete_icp))
        .routes(routes!(clone::clone_icp))
        .routes(routes!(versions::list_icp_versions))
        .routes(routes!(versions::get_icp_version))
}
