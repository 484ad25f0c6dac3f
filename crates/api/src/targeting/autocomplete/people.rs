use super::{Completing, Completion};
use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::PersonSuggestion;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, autocomplete};

/// Completes names of people.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/people", tag = "Autocomplete", operation_id = "completePeople",
    params(Completion),
    responses((status = 200, description = "People that fit, the best first", body = ResultPage<PersonSuggestion>)))]
pub(super) async fn complete_people(
    State(context): State<Context>,
    Caller(_): Caller,
    Completing(typed): Completing,
) -> Result<Response, ApiError> {
    Ok(ok(&autocomplete::people(&context, &typed).await?))
}
