//! `/v0/accounts`.

pub(super) mod activity;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod restore;
pub(super) mod update;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_accounts, create::create_account))
        .routes(routes!(get::get_account, update::update_account, delete::delete_account))
        .routes(routes!(restore::restore_account))
        .routes(routes!(activity::account_activity))
}
