use super::typed;
use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::LocationSuggestion;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, autocomplete};

/// Completes cities, states and countries of the catalog.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/locations", tag = "Autocomplete", operation_id = "completeLocations",
    params(
        ("search" = Option<String>, Query, max_length = 200, description = "What was typed; without it the most frequent come."),
        ("value" = Option<String>, Query, max_length = 200, description = "The same as `search`."),
        ("page" = Option<i64>, Query, minimum = 0, description = "Zero-based."),
        ("size" = Option<i64>, Query, minimum = 0, maximum = 100, description = "Default 10.")),
    responses((status = 200, description = "Places that fit, the best first", body = ResultPage<LocationSuggestion>)))]
pub(super) async fn complete_locations(
    State(context): State<Context>,
    Caller(_): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let typed = typed(&mut query);
    query.check()?;
    Ok(ok(&autocomplete::locations(&context, &typed).await?))
}
