//! Searching the catalog: `/api/v1/entities/prospects` and `/api/v1/operations/prospects`.

mod count;
mod get;
mod people;
mod search;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(search::search_people))
        .routes(routes!(search::search_companies))
        .routes(routes!(get::get_prospect_person))
        .routes(routes!(get::get_prospect_company))
        .routes(routes!(people::search_company_people))
        .routes(routes!(count::count_people))
        .routes(routes!(count::count_companies))
}
