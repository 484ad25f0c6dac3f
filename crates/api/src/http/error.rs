//! Errors as HTTP: status, code, public message. Internal text goes to the log only.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sluice_app::Error;
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

/// An error on its way out. It becomes a body in [`super::finish`], which knows the path: a fault of validation
/// is `BAD_REQUEST` under `/entities` and `VALIDATION_ERROR` under `/operations`.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub details: Option<Vec<Fault>>,
}

impl ApiError {
    /// An error of this status.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: None }
    }

    /// Faults of the body.
    pub fn invalid_body(faults: Vec<Fault>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Invalid request body");
        Self { details: Some(faults), ..error }
    }

    /// Faults of the parameters in the path, the query or the headers.
    pub fn invalid_parameters(faults: Vec<Fault>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Invalid request parameters");
        Self { details: Some(faults), ..error }
    }

    /// No, or no valid, token.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Authentication required")
    }

    /// A fault of ours.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "An unexpected error occurred")
    }

    /// The reply, for a request to `path`.
    pub fn render(self, path: &str) -> Response {
        let operation = path.starts_with("/api/v1/operations");
        let code = if self.code == "BAD_REQUEST" && operation { "VALIDATION_ERROR" } else { self.code };
        let detail = ErrorDetail { code: code.to_owned(), message: self.message, details: self.details };
        let mut response = (self.status, axum::Json(ErrorBody { error: detail })).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(faults) => Self::invalid_body(faults),
            Error::Unauthorized => Self::unauthorized(),
            Error::NotFound(message) => Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message),
            Error::Forbidden(message) => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message),
            Error::Conflict(message) => Self::new(StatusCode::CONFLICT, "CONFLICT", message),
            Error::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "PRECONDITION_FAILED",
                "The object is not at the version named by If-Match",
            ),
            Error::Unavailable(text) => {
                tracing::error!(error = %text, "unavailable");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "Try again in a moment")
            }
            Error::Internal(text) => {
                tracing::error!(error = %text, "internal error");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
