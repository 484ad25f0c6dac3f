//! `/v0/account_logs` and `/v0/accounts/{account_id}/logs`.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(create::create_account_log))
        .routes(routes!(list::list_account_logs))
        .routes(routes!(get::get_account_log, delete::delete_account_log))
}
