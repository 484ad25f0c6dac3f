//! Errors as HTTP: status, code, public message. Internal text goes to the log only.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::Error;
use sluice_model::Fault;

/// An error on its way out. It becomes a body in [`super::finish`], in the shape of the API that was called.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub details: Option<Vec<Fault>>,
    /// What a fault without a path is of.
    pub whole: &'static str,
}

impl ApiError {
    /// An error of this status.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: None, whole: "body" }
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// Faults of the body.
    pub fn invalid_body(faults: Vec<Fault>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Invalid request body");
        Self { details: Some(faults), ..error }
    }

    /// Faults of the parameters in the path, the query or the headers.
    pub fn invalid_parameters(faults: Vec<Fault>) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Invalid request parameters");
        Self { details: Some(faults), whole: "query", ..error }
    }

    /// No, or no valid, token.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Authentication required")
    }

    /// The body, or a part of it, is too large.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
    }

    /// A fault of ours.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "An unexpected error occurred")
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(faults) => Self::invalid_body(faults),
            Error::BadRequest(message) => Self {
                details: Some(vec![Fault::new(Vec::new(), message.clone())]),
                ..Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
            },
            Error::Unauthorized => Self::unauthorized(),
            Error::NotFound(message) => Self::not_found(message),
            Error::Forbidden(message) => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message),
            Error::InsufficientCredits(message) => {
                Self::new(StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS", message)
            }
            Error::Conflict(message) => Self::new(StatusCode::CONFLICT, "CONFLICT", message),
            Error::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "PRECONDITION_FAILED",
                "The object is not at the version named by If-Match",
            ),
            Error::Outside(message) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message),
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
