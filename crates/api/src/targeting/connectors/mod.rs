//! `/api/v1/operations/connectors`.

mod list;
mod put;
mod remove;
mod test;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_connectors))
        .routes(routes!(put::put_connector, remove::remove_connector))
        .routes(routes!(test::test_connector))
}
