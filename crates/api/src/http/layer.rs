//! The outermost layer: it gives each reply its request id and each error its body.

use super::error::ApiError;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sluice_app::Context;
use std::any::Any;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request and finishes its reply. A client's own `X-Request-Id` is kept when it is plain.
pub async fn finish(State(context): State<Context>, request: Request, next: Next) -> Response {
    let id = client_id(request.headers()).unwrap_or_else(|| {
        HeaderValue::from_str(&context.new_id().to_string()).unwrap_or(HeaderValue::from_static("-"))
    });
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if error.status.is_server_error() {
            tracing::warn!(request.id = ?id, http.path = uri.path(), http.status = error.status.as_u16(), "request failed");
        }
        let allow = response.headers_mut().remove(axum::http::header::ALLOW);
        response = error.render(uri.path());
        if let Some(allow) = allow {
            response.headers_mut().insert(axum::http::header::ALLOW, allow);
        }
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

fn client_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let plain =
        |bytes: &[u8]| bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (!id.is_empty() && id.len() <= 128 && plain(id.as_bytes())).then(|| id.clone())
}

/// The reply to a path that no route has.
pub async fn no_route(method: Method, uri: Uri) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "NOT_FOUND", format!("No such endpoint: {method} {}", uri.path()))
}

/// The reply to a method that a path does not have. The `Allow` header names those it has.
pub async fn method_not_allowed(method: Method) -> ApiError {
    let text = format!("{method} is not allowed here");
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text)
}

/// The reply when a handler panicked.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    ApiError::internal().into_response()
}
