//! `/api/v1/entities/leadlists`.

mod add_companies;
mod add_prospects;
mod create;
mod delete;
mod get;
mod list;
mod update;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list::list_lead_lists, create::create_lead_list))
        .routes(routes!(get::get_lead_list, update::update_lead_list, delete::delete_lead_list))
        .routes(routes!(add_prospects::add_prospects))
        .routes(routes!(add_companies::add_companies))
}
