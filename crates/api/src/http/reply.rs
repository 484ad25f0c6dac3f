//! Replies.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sluice_app::Versioned;
use std::hash::{DefaultHasher, Hash, Hasher};

/// 200 with a JSON body.
pub fn ok<T: Serialize>(value: &T) -> Response {
    Json(value).into_response()
}

/// 204.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A single object with its version as ETag.
pub fn with_version<T: Serialize>(status: StatusCode, object: &Versioned<T>) -> Response {
    let mut response = (status, Json(&object.value)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", object.version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// 201 with the new object.
pub fn created<T: Serialize>(object: &Versioned<T>) -> Response {
    with_version(StatusCode::CREATED, object)
}

/// 200 with an object that has no version: its ETag is a digest of the body.
pub fn digest_tag<T: Serialize>(value: &T) -> Response {
    let Ok(body) = serde_json::to_vec(value) else { return super::ApiError::internal().into_response() };
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let tag = HeaderValue::from_str(&format!("\"{:016x}\"", hasher.finish()));
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// 201 with what was made, or 200 with what was there.
pub fn made<T: Serialize>(is_new: bool, value: &T) -> Response {
    (if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(value)).into_response()
}
