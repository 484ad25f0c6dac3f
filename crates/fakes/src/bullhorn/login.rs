//! The log-in: where the data centre is, a code, tokens, a session.

use super::wire::{Asked, fault};
use super::{CLIENT_ID, CLIENT_SECRET, Inner, PASSWORD, USERNAME};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// Answers a step of the log-in; none when the call is no such step.
pub(super) fn answer(fake: &Inner, asked: &Asked) -> Option<Response> {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    Some(match (asked.method.as_str(), path.as_slice()) {
        ("GET", ["rest-services", "loginInfo"]) => info(fake, asked),
        ("GET", ["oauth", "authorize"]) => authorize(fake, asked),
        ("POST", ["oauth", "token"]) => token(fake, asked),
        ("GET" | "POST", ["rest-services", "login"]) => login(fake, asked),
        _ => return None,
    })
}

fn info(fake: &Inner, asked: &Asked) -> Response {
    fake.lock().count("loginInfo");
    if asked.query("username") != Some(USERNAME) {
        return fault(StatusCode::BAD_REQUEST, "no such user");
    }
    let home = fake.lock().switches.home;
    let at = |path: &str| fake.base(home).join(path).map(String::from).unwrap_or_default();
    Json(json!({"oauthUrl": at("oauth"), "restUrl": at("rest-services"), "superClusterId": 9}))
        .into_response()
}

fn authorize(fake: &Inner, asked: &Asked) -> Response {
    let mut state = fake.lock();
    state.count("authorize");
    let known =
        [("client_id", CLIENT_ID), ("response_type", "code"), ("action", "Login"), ("username", USERNAME)];
    let accepted = known.iter().all(|(name, value)| asked.query(name) == Some(value));
    if !accepted || asked.query("password") != Some(PASSWORD) || state.switches.terms_open {
        return (StatusCode::OK, [(header::CONTENT_TYPE, "text/html")], "<form>Log in</form>")
            .into_response();
    }
    let code = state.issue("code");
    let to = ["https://partner.example/callback?code=", &code, "&client_id=", CLIENT_ID].concat();
    (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
}

fn token(fake: &Inner, asked: &Asked) -> Response {
    let mut state = fake.lock();
    state.count("token");
    let client =
        asked.query("client_id") == Some(CLIENT_ID) && asked.query("client_secret") == Some(CLIENT_SECRET);
    let given = match asked.query("grant_type") {
        Some("authorization_code") => asked.query("code").filter(|code| code.starts_with("code-")),
        Some("refresh_token") => asked.query("refresh_token").filter(|token| token.starts_with("refresh-")),
        _ => None,
    };
    // Each is good for one use.
    if !client || !given.is_some_and(|given| state.secrets.remove(given)) {
        let body = json!({"error": "invalid_grant", "error_description": "not accepted"});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    let access = state.issue("access");
    let mut body = json!({"access_token": access, "token_type": "Bearer", "expires_in": 600});
    if !state.switches.no_refresh
        && let Some(body) = body.as_object_mut()
    {
        body.insert("refresh_token".to_owned(), json!(state.issue("refresh")));
    }
    Json(body).into_response()
}

fn login(fake: &Inner, asked: &Asked) -> Response {
    let base = fake.base(fake.lock().switches.home);
    let mut state = fake.lock();
    state.count("login");
    let access = asked.query("access_token").filter(|token| token.starts_with("access-"));
    if !access.is_some_and(|access| state.secrets.remove(access)) || asked.query("version") != Some("*") {
        return fault(StatusCode::BAD_REQUEST, "Invalid or expired OAuth access token.");
    }
    state.logins += 1;
    let token = state.issue("session");
    let rest = base.join("rest-services/e999/").map(String::from).unwrap_or_default();
    Json(json!({"BhRestToken": token, "restUrl": rest})).into_response()
}
