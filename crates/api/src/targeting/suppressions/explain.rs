use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::suppressions::{Explanation, Whom};
use sluice_app::{Context, suppressions};
use sluice_model::canon;

/// Tells whether somebody is suppressed, by which entry, and why.
#[utoipa::path(get, path = "/api/v1/operations/suppressions/explain", tag = "Suppression list", operation_id = "explainSuppression",
    params(
        ("personId" = Option<String>, Query, description = "A person of the organisation or of the catalog."),
        ("email" = Option<String>, Query, description = "An e-mail address."),
        ("domain" = Option<String>, Query, description = "A domain.")),
    responses(
        (status = 200, description = "The answer", body = Explanation),
        (status = 404, description = "NOT_FOUND: no such person.", body = crate::targeting::ErrorBody)))]
pub(super) async fn explain_suppression(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let given = ["personId", "email", "domain"].iter().filter(|name| query.text(name).is_some()).count();
    let whom = query
        .uuid("personId")
        .map(Whom::Person)
        .or_else(|| query.canonical("email", "Invalid email", canon::email).map(Whom::Email))
        .or_else(|| query.canonical("domain", "Invalid domain", canon::domain).map(Whom::Domain));
    if given != 1 {
        query.fault(None, "Expected exactly one of personId, email, domain");
    }
    query.check()?;
    let whom = whom.ok_or_else(ApiError::internal)?;
    Ok(ok(&suppressions::explain(&context, &actor, whom).await?))
}
