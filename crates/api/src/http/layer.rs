//! The outermost layer of an API: it gives each reply its request id and each error its body.

use super::error::ApiError;
use axum::extract::{Request, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sluice_app::Context;
use std::any::Any;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How an API shows its errors and names its requests.
pub trait Dialect {
    /// The id of a request with these headers.
    fn request_id(context: &Context, headers: &HeaderMap) -> HeaderValue;

    /// The reply that tells an error of the request `id` to `path`.
    fn render(error: ApiError, path: &str, id: &HeaderValue) -> Response;
}

/// Runs the request and finishes its reply.
pub async fn finish<D: Dialect>(State(context): State<Context>, request: Request, next: Next) -> Response {
    let id = D::request_id(&context, request.headers());
    let uri = request.uri().clone();
    let mut response = sluice_app::one_snapshot(next.run(request)).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if error.status.is_server_error() {
            tracing::warn!(request.id = ?id, http.path = uri.path(), http.status = error.status.as_u16(), "request failed");
        }
        let allow = response.headers_mut().remove(ALLOW);
        response = D::render(error, uri.path(), &id);
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The reply to a path that no route has.
pub async fn no_route(method: Method, uri: Uri) -> ApiError {
    ApiError::not_found(format!("No such endpoint: {method} {}", uri.path()))
}

/// The reply to a method that a path does not have. The `Allow` header names those it has.
pub async fn method_not_allowed(method: Method) -> ApiError {
    let text = format!("{method} is not allowed here");
    ApiError::new(axum::http::StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text)
}

/// The reply when a handler panicked.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    ApiError::internal().into_response()
}
