use super::{Completing, Completion};
use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::CompanySuggestion;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, autocomplete};

/// Completes names of companies.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/companies", tag = "Autocomplete", operation_id = "completeCompanies",
    params(Completion),
    responses((status = 200, description = "Companies that fit, the best first", body = ResultPage<CompanySuggestion>)))]
pub(super) async fn complete_companies(
    State(context): State<Context>,
    Caller(_): Caller,
    Completing(typed): Completing,
) -> Result<Response, ApiError> {
    Ok(ok(&autocomplete::companies(&context, &typed).await?))
}
