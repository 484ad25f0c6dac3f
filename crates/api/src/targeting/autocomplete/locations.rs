use super::{Completing, Completion};
use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::LocationSuggestion;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, autocomplete};

/// Completes cities, states and countries of the catalog.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/locations", tag = "Autocomplete", operation_id = "completeLocations",
    params(Completion),
    responses((status = 200, description = "Places that fit, the best first", body = ResultPage<LocationSuggestion>)))]
pub(super) async fn complete_locations(
    State(context): State<Context>,
    Caller(_): Caller,
    Completing(typed): Completing,
) -> Result<Response, ApiError> {
    Ok(ok(&autocomplete::locations(&context, &typed).await?))
}
