use crate::http::{ApiError, Caller, OptionalBody, PathParams, QueryParams, with_version};
use crate::targeting::bodies::GenerateSchema;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use sluice_app::{Context, Versioned, access, runs};
use sluice_model::Run;
use sluice_model::run::GenerateRequest;
use utoipa::ToSchema;

/// A run that was started.
#[derive(Serialize, ToSchema)]
pub(super) struct Started {
    run: Run,
}

/// Starts a run: an ICP becomes a lead list. Returns at once; follow `Location`.
#[utoipa::path(post, path = "/api/v1/operations/icps/{id}/generate", tag = "Runs", operation_id = "generateLeadList",
    params(
        ("id" = String, Path, description = "UUID of the ICP"),
        ("retryUnknown" = Option<String>, Query, description = "Run of this ICP whose unknown candidates are taken first; as in the body, which must not say otherwise."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = Option<GenerateSchema>,
    responses(
        (status = 202, description = "The run", body = Started),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the ICP has expired, or needs something that is not connected, or the run of `retryUnknown` has not ended.", body = crate::targeting::ErrorBody)))]
pub(super) async fn generate_list(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    mut query: QueryParams,
    mut body: OptionalBody<GenerateRequest>,
) -> Result<Response, ApiError> {
    let earlier = query.uuid("retryUnknown");
    if earlier.is_some() && body.value.retry_unknown.is_some_and(|named| Some(named) != earlier) {
        query.fault(Some("retryUnknown"), "The body names another run");
    }
    query.check()?;
    body.value.retry_unknown = body.value.retry_unknown.or(earlier);
    let id = path.id(access::icp_not_found)?;
    let Versioned { version, value: run } =
        runs::generate(&context, &actor, body.key, id, body.value).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/operations/runs/{}", run.id));
    let mut response = with_version(StatusCode::ACCEPTED, &Versioned { version, value: Started { run } });
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
