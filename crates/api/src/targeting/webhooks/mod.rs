//! `/api/v1/webhooks`: where the organisation hears of what happens.

mod create;
mod deliveries;
mod delivery;
mod get;
mod list;
mod remove;
mod replay;
mod replay_one;
mod rotate;
mod test;
mod update;

use crate::http::{ApiError, PathParams};
use sluice_app::Context;
use sluice_app::webhooks::delivery_not_found;
use sluice_model::id::parse_uuid;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_webhooks, create::create_webhook))
        .routes(routes!(get::get_webhook, update::update_webhook, remove::remove_webhook))
        .routes(routes!(rotate::rotate_webhook_secret))
        .routes(routes!(test::test_webhook))
        .routes(routes!(deliveries::list_webhook_deliveries))
        .routes(routes!(delivery::get_webhook_delivery))
        .routes(routes!(replay_one::replay_webhook_delivery))
        .routes(routes!(replay::replay_webhook))
}

/// The id of a delivery in the path; one that is no UUID is not found.
fn delivery_id(path: &PathParams) -> Result<Uuid, ApiError> {
    let text = path.text("deliveryId");
    parse_uuid(text).ok_or_else(|| delivery_not_found(text).into())
}
