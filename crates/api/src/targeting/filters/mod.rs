//! `/api/v1/operations/filters`.

mod get;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(get::filter_language))
}
