//! Errors in the shape of the targeting API.

use crate::http::{ApiError, Dialect, REQUEST_ID};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sluice_app::Context;
use sluice_model::Fault;
use utoipa::ToSchema;

/// The body of every error of the targeting API.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable name of the error, such as `BAD_REQUEST`.
    #[schema(example = "BAD_REQUEST")]
    pub code: String,
    /// For people.
    #[schema(example = "Invalid request body")]
    pub message: String,
    /// Every fault of the request, for validation errors only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Vec<ErrorFault>>)]
    pub details: Option<Vec<Fault>>,
}

/// One fault of a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct ErrorFault {
    /// Keys as strings, indexes as integers.
    #[schema(value_type = Vec<serde_json::Value>, example = json!(["leadsPerList"]))]
    path: Vec<String>,
    #[schema(example = "Expected number, received string")]
    message: String,
}

/// How the targeting API shows errors and names requests.
pub struct Targeting;

impl Dialect for Targeting {
    /// A client's own `X-Request-Id` is kept when it is plain.
    fn request_id(context: &Context, headers: &HeaderMap) -> HeaderValue {
        client_id(headers).unwrap_or_else(|| {
            HeaderValue::from_str(&context.new_id().to_string()).unwrap_or(HeaderValue::from_static("-"))
        })
    }

    /// A fault of validation is `BAD_REQUEST` under `/entities` and `VALIDATION_ERROR` under `/operations`.
    fn render(error: ApiError, path: &str, _: &HeaderValue) -> Response {
        let operation = path.starts_with("/api/v1/operations");
        let code = if error.code == "BAD_REQUEST" && operation { "VALIDATION_ERROR" } else { error.code };
        let detail = ErrorDetail { code: code.to_owned(), message: error.message, details: error.details };
        let mut response = (error.status, axum::Json(ErrorBody { error: detail })).into_response();
        let headers = response.headers_mut();
        match error.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

fn client_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let plain =
        |bytes: &[u8]| bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (!id.is_empty() && id.len() <= 128 && plain(id.as_bytes())).then(|| id.clone())
}
