//! HTTP: routes, bodies, errors, and the OpenAPI document. One folder per resource, one file per action.

mod http;
mod targeting;

pub use targeting::{openapi, router};
