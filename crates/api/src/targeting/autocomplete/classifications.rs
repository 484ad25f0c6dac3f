use super::{Completion, typed};
use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::autocomplete::{Classification, Group};
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, autocomplete};

/// Completes values that people or companies have.
#[utoipa::path(get, path = "/api/v1/operations/autocomplete/classifications", tag = "Autocomplete", operation_id = "completeClassifications",
    params(
        Completion,
        ("group" = String, Query, pattern = "^(PERSON|COMPANY)$", description = "Whose values."),
        ("key" = String, Query, description = "Of people SKILL, HEADLINE, DEGREE, FIELD_OF_STUDY, LANGUAGE; of companies INDUSTRY, KEYWORD, TECHNOLOGY.")),
    responses((status = 200, description = "Values that fit, the best first", body = ResultPage<Classification>)))]
pub(super) async fn complete_classifications(
    State(context): State<Context>,
    Caller(_): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    query.require("group");
    query.require("key");
    let group = query.one_of("group", &Group::NAMES).map(|at| Group::ALL[at]);
    // Which keys there are depends on the group.
    let key = group.and_then(|group| query.one_of("key", group.keys()));
    let typed = typed(&mut query);
    query.check()?;
    let (group, key) = group.zip(key).ok_or_else(ApiError::internal)?;
    Ok(ok(&autocomplete::classifications(&context, group, key, &typed).await?))
}
