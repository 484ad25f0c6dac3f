//! `/api/v1/operations/credits`.

mod add;
mod balance;
mod history;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(balance::credit_balance))
        .routes(routes!(history::credit_history))
        .routes(routes!(add::add_credits))
}
