//! `/api/v1/operations/crm`: connecting a CRM, its mirror, and exports to it.

mod export;
mod exports;
mod settings;
mod sync;

use sluice_app::Context;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(
            settings::get_crm_settings,
            settings::put_crm_settings,
            settings::delete_crm_settings
        ))
        .routes(routes!(settings::test_crm_connection))
        .routes(routes!(sync::get_crm_sync, sync::start_crm_sync))
        .routes(routes!(export::export_to_crm))
        .routes(routes!(exports::get_crm_export))
        .routes(routes!(exports::crm_export_records))
}
