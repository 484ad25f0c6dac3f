//! Who is calling: a machine, by its key.

use super::rate::Gate;
use crate::http::ApiError;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use sluice_app::Context;
use sluice_app::accounts::keys;
use sluice_model::accounts::{KeyActor, Scope};
use std::marker::PhantomData;

/// The header that carries the key.
pub const HEADER: &str = "x-api-key";

/// What a route needs its caller's key to be good for.
pub trait Needs {
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($name:ident),*) => { $(
        #[doc = concat!("A route that needs [`Scope::", stringify!($name), "`].")]
        pub struct $name;

        impl Needs for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )* };
}

needs!(AccountsRead, AccountsWrite, ProspectsRead, ProspectsWrite, LogsRead, LogsWrite);

/// The machine that calls, from `x-api-key`: known, within its rate, and with the scope that the route needs. Comes
/// first in every handler, so that nobody learns anything without a key.
pub struct Key<N> {
    pub actor: KeyActor,
    need: PhantomData<N>,
}

impl<N: Needs> FromRequestParts<Context> for Key<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(ApiError::unauthorized());
        };
        let text = value.to_str().map_err(|_| ApiError::unauthorized())?;
        let actor = keys::authenticate(context, text.trim()).await?;
        if let Some(gate) = parts.extensions.get::<Gate>() {
            gate.pass(&actor)?;
        }
        if !actor.scopes.has(N::SCOPE) {
            let text = format!("This key lacks the scope {}", N::SCOPE.name());
            return Err(ApiError::new(StatusCode::FORBIDDEN, "FORBIDDEN", text));
        }
        Ok(Self { actor, need: PhantomData })
    }
}
