use super::{Completing, Completion};
use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::Classification;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, autocomplete};

/// Completes names of schools and universities.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/schools", tag = "Autocomplete", operation_id = "completeSchools",
    params(Completion),
    responses((status = 200, description = "Schools that fit, the best first", body = ResultPage<Classification>)))]
pub(super) async fn complete_schools(
    State(context): State<Context>,
    Caller(_): Caller,
    Completing(typed): Completing,
) -> Result<Response, ApiError> {
    Ok(ok(&autocomplete::schools(&context, &typed).await?))
}
