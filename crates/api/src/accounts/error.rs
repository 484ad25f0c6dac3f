//! Errors in the shape of the accounts API.

use crate::http::{ApiError, Dialect, REQUEST_ID};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sluice_app::{Context, accounts};
use sluice_model::accounts::RequestId;
use sluice_model::{Fault, PathItem};
use std::fmt::Write;
use utoipa::ToSchema;

/// The body of every error of the accounts API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// Stable name of the error.
    #[schema(example = "VALIDATION_ERROR")]
    code: String,
    /// For people.
    #[schema(example = "Validation failed")]
    message: String,
    /// The same as the header `x-request-id`.
    #[schema(pattern = "^req_[a-z0-9]{26}$")]
    request_id: String,
    /// What is wrong with the request, for validation errors only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    details: Option<ErrorDetails>,
}

/// The faults of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetails {
    /// The first faulty field, such as `payload.items[0].sku`; `body` or `query` for the whole of it.
    #[schema(example = "name")]
    field: String,
    /// What is wrong with it.
    #[schema(example = "Required")]
    reason: String,
    /// All faults, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// One fault.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    field: String,
    reason: String,
}

/// How the accounts API shows errors and names requests.
pub struct Accounts;

impl Dialect for Accounts {
    /// A client's own `x-request-id` is kept when it has the form of ours.
    fn request_id(context: &Context, headers: &HeaderMap) -> HeaderValue {
        let given = headers.get(REQUEST_ID);
        let own = given.filter(|id| id.to_str().ok().and_then(RequestId::parse).is_some());
        own.cloned().unwrap_or_else(|| {
            let id = accounts::keys::request_id(context).to_string();
            HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-"))
        })
    }

    fn render(error: ApiError, _: &str, id: &HeaderValue) -> Response {
        let invalid = error.code == "BAD_REQUEST";
        let whole = error.whole;
        let body = ErrorBody {
            code: if invalid { "VALIDATION_ERROR" } else { error.code }.to_owned(),
            message: if invalid { "Validation failed".to_owned() } else { error.message },
            request_id: id.to_str().unwrap_or("-").to_owned(),
            details: error.details.and_then(|faults| details(&faults, whole)),
        };
        let mut response = (error.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        match error.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

fn details(faults: &[Fault], whole: &str) -> Option<ErrorDetails> {
    let told = |fault: &Fault| FieldError { field: field(fault, whole), reason: fault.message.clone() };
    let errors: Vec<FieldError> = faults.iter().map(told).collect();
    let FieldError { field, reason } = errors.first()?.clone();
    Some(ErrorDetails { field, reason, errors: if errors.len() > 1 { errors } else { Vec::new() } })
}

/// The path of a fault with dots: `payload.a[0].b`.
fn field(fault: &Fault, whole: &str) -> String {
    let mut out = String::new();
    for item in &fault.path {
        // Writing to a string cannot fail.
        let _ = match item {
            // A field must have a name, and clients ask for one that is not empty.
            PathItem::Key(key) if key.is_empty() => write!(out, "[\"\"]"),
            PathItem::Key(key) if out.is_empty() => write!(out, "{key}"),
            PathItem::Key(key) => write!(out, ".{key}"),
            PathItem::Index(index) => write!(out, "[{index}]"),
        };
    }
    if fault.path.is_empty() { whole.to_owned() } else { out }
}
