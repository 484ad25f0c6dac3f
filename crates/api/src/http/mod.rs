//! What every route shares: who is calling, bodies, parameters, errors, replies.

mod body;
mod caller;
mod error;
mod layer;
mod params;
mod reply;

pub use body::{Body, OptionalBody, ParseBody, PlainBody, ReadBody};
pub use caller::Caller;
pub use error::ApiError;
pub use layer::{Dialect, REQUEST_ID, finish, method_not_allowed, no_route, panicked};
pub use params::{IfMatch, PathParams, QueryParams};
pub use reply::{created, digest_tag, made, no_content, ok, with_version};
