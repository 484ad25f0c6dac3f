//! Bodies: content type, size, strict JSON, then the reader of the action.

use super::error::ApiError;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use sluice_app::{Context, IdempotencyKey};
use sluice_model::fault::Place;
use sluice_model::{Fault, Node, json};

/// The largest body, in bytes.
const MIB: usize = 1 << 20;
/// So much of a body that is too large is read and thrown away, so that its sender gets to the reply.
const DRAINED: usize = 64 * MIB;
/// The longest `Idempotency-Key`.
const MAX_KEY: usize = 255;

/// A body that an action reads.
pub trait ReadBody: Sized {
    /// The largest body, in bytes.
    const LIMIT: usize = MIB;

    /// Reads the body.
    ///
    /// # Errors
    /// All its faults.
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>>;
}

/// A body that is read from its bytes: strictly as JSON, unless a body has reasons of its own.
pub trait ParseBody: Sized {
    /// The largest body, in bytes.
    const LIMIT: usize;

    /// Reads the body.
    ///
    /// # Errors
    /// As the reply that tells all its faults.
    fn parse(bytes: &[u8]) -> Result<Self, ApiError>;
}

impl<T: ReadBody> ParseBody for T {
    const LIMIT: usize = T::LIMIT;

    fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        let value = json::parse(bytes).map_err(|fault| ApiError::invalid_body(vec![fault]))?;
        T::read(&Node::root(&value)).map_err(ApiError::invalid_body)
    }
}

/// A required JSON body, and the request's idempotency key.
pub struct Body<T> {
    pub value: T,
    pub key: Option<IdempotencyKey>,
}

/// A required JSON body of an API whose idempotency keys are not in a header.
pub struct PlainBody<T>(pub T);

/// A JSON body that may be left out, which reads as `{}`.
pub struct OptionalBody<T> {
    pub value: T,
    pub key: Option<IdempotencyKey>,
}

impl<T: ParseBody> FromRequest<Context> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Context) -> Result<Self, ApiError> {
        let received = receive(request, T::LIMIT).await?;
        check_type(&received.headers)?;
        Ok(Self { value: T::parse(&received.bytes)?, key: received.key()? })
    }
}

impl<T: ParseBody> FromRequest<Context> for PlainBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Context) -> Result<Self, ApiError> {
        let received = receive(request, T::LIMIT).await?;
        check_type(&received.headers)?;
        Ok(Self(T::parse(&received.bytes)?))
    }
}

impl<T: ParseBody> FromRequest<Context> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Context) -> Result<Self, ApiError> {
        let mut received = receive(request, T::LIMIT).await?;
        if received.bytes.is_empty() {
            received.bytes = b"{}".to_vec();
        } else {
            check_type(&received.headers)?;
        }
        Ok(Self { value: T::parse(&received.bytes)?, key: received.key()? })
    }
}

struct Received {
    method: String,
    path: String,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Received {
    fn key(&self) -> Result<Option<IdempotencyKey>, ApiError> {
        let Some(value) = self.headers.get("idempotency-key") else { return Ok(None) };
        let key = value.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= MAX_KEY);
        let Some(key) = key else {
            let text = format!("Expected 1 to {MAX_KEY} visible ASCII characters");
            let place = Value::Null;
            let path = Node::at(&place, Place::Key(&Place::Root, "Idempotency-Key")).place().to_path();
            return Err(ApiError::invalid_parameters(vec![Fault::new(path, text)]));
        };
        Ok(Some(IdempotencyKey::of(key, &self.method, &self.path, &self.bytes)))
    }
}

async fn receive(request: Request, limit: usize) -> Result<Received, ApiError> {
    let (parts, mut body) = request.into_parts();
    let declared =
        parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut bytes = Vec::with_capacity(declared.unwrap_or_default().min(limit));
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            let fault = Fault::new(Vec::new(), "The body ended before it was complete");
            ApiError::invalid_body(vec![fault])
        })?;
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total <= limit {
            bytes.extend_from_slice(&data);
        } else if total > DRAINED {
            break;
        }
    }
    if total > limit {
        let size = if limit < MIB { format!("{} KiB", limit >> 10) } else { format!("{} MiB", limit / MIB) };
        return Err(ApiError::too_large(format!("The body is larger than {size}")));
    }
    // What the query asks for belongs to the request as well.
    let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    Ok(Received { method: parts.method.to_string(), path, headers: parts.headers, bytes })
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.trim().eq_ignore_ascii_case("charset")
            || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if json && utf8 {
        return Ok(());
    }
    let text = "Expected Content-Type: application/json";
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", text))
}
