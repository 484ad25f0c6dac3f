//! Who calls, as types: a test that is handed a [`Member`] cannot act as an [`Admin`].

use crate::app::TestApp;
use crate::request::Request;
use axum::http::Method;
use serde_json::Value;

/// The organisation that the tests work in.
pub const ACME: &str = "org_acme";
/// Another one, which must neither see nor change anything of it.
pub const GLOBEX: &str = "org_globex";

/// The users, by the names that they have in `userIds`.
pub mod users {
    /// Admin of [`super::ACME`].
    pub const ADMIN: &str = "user_admin";
    /// Member of [`super::ACME`] who makes most things, and so stands in their `userIds`.
    pub const MEMBER: &str = "user_abc123";
    /// Member of [`super::ACME`] who stands in no `userIds`.
    pub const OUTSIDE: &str = "user_outside";
    /// Admin of [`super::GLOBEX`].
    pub const OTHER: &str = "user_other";
}

/// Somebody who sends requests.
pub trait Caller {
    /// The app that is called.
    fn app(&self) -> &TestApp;
    /// The header that says who calls, if any: its name and its value.
    fn credential(&self) -> Option<(&'static str, String)>;

    /// A request of any method.
    fn request(&self, method: Method, path: &str) -> Request {
        let request = Request::new(self.app().clone(), method, path);
        match self.credential() {
            Some((name, value)) => request.header(name, &value),
            None => request,
        }
    }

    /// A GET.
    fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A POST with a JSON body.
    fn post(&self, path: &str, body: &Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// A POST without a body.
    fn post_empty(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// A PUT with a JSON body.
    fn put(&self, path: &str, body: &Value) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// A PATCH with a JSON body.
    fn patch(&self, path: &str, body: &Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// A DELETE.
    fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }
}

macro_rules! callers {
    ($($(#[$doc:meta])* $name:ident: $authorization:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(pub(crate) TestApp);

        impl Caller for $name {
            fn app(&self) -> &TestApp {
                &self.0
            }

            fn credential(&self) -> Option<(&'static str, String)> {
                let authorization: fn(&TestApp) -> Option<String> = $authorization;
                authorization(&self.0).map(|value| ("authorization", value))
            }
        }
    )* };
}

callers! {
    /// Nobody: no token.
    Anonymous: |_| None;
    /// A token that never was one.
    MalformedToken: |_| Some("Bearer sl_pat_nonsense".to_owned());
    /// A token that was valid once.
    RevokedToken: |app| Some(bearer(&app.tokens().revoked));
    /// An admin of the organisation.
    Admin: |app| Some(bearer(&app.tokens().admin));
    /// A member who stands in `userIds` of what they make.
    Member: |app| Some(bearer(&app.tokens().member));
    /// A member of the organisation who stands in no `userIds`.
    OutsideMember: |app| Some(bearer(&app.tokens().outside));
    /// An admin of another organisation.
    OtherOrganisation: |app| Some(bearer(&app.tokens().other));
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A machine with a key for the accounts API.
#[derive(Clone)]
pub struct Machine {
    pub(crate) app: TestApp,
    /// The key itself.
    pub key: String,
}

impl Caller for Machine {
    fn app(&self) -> &TestApp {
        &self.app
    }

    fn credential(&self) -> Option<(&'static str, String)> {
        Some(("x-api-key", self.key.clone()))
    }
}
