//! Logging in to Bullhorn: an OAuth 2 code without a browser, then a session of the REST interface.
//!
//! Source: Bullhorn's “Getting started with the REST API” and the reference's chapters on login and authorisation.

use super::settings::BullhornSettings;
use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sluice_model::canon;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

/// How often a step may be sent to another data centre.
const MAX_HOPS: usize = 3;
/// For so long a refused log-in is not tried again: an account is locked after a few.
const REFUSAL: Duration = Duration::from_secs(30);

/// An open session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) token: SecretString,
    /// Where the REST interface of the organisation is, with its corporation token.
    pub(super) base: Url,
}

/// The one session of a client, opened by whoever needs it first; the others wait for it.
pub(super) struct Sessions {
    client: Client,
    settings: Arc<BullhornSettings>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    /// Good for one new session.
    refresh: Option<SecretString>,
    endpoints: Option<Arc<Endpoints>>,
    refused: Option<(Instant, ConnectError)>,
}

/// The addresses of the user's data centre.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    oauth_url: Url,
    rest_url: Url,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct Opened {
    #[serde(rename = "BhRestToken")]
    token: String,
    #[serde(rename = "restUrl")]
    rest_url: Url,
}

impl Sessions {
    pub(super) fn new(client: Client, settings: Arc<BullhornSettings>) -> Self {
        Self { client, settings, state: Mutex::default() }
    }

    /// The open session; logs in when there is none.
    pub(super) async fn current(&self) -> Result<Arc<Session>> {
        let mut state = self.state.lock().await;
        match &state.session {
            Some(session) => Ok(session.clone()),
            None => self.open(&mut state).await,
        }
    }

    /// The session after this one, which is not accepted any more: another caller's when there is one already.
    pub(super) async fn renew(&self, spent: &Arc<Session>) -> Result<Arc<Session>> {
        let mut state = self.state.lock().await;
        match &state.session {
            Some(session) if !Arc::ptr_eq(session, spent) => Ok(session.clone()),
            _ => self.open(&mut state).await,
        }
    }

    /// The same session at another data centre, from now on.
    pub(super) async fn moved(&self, from: &Arc<Session>, base: Url) -> Arc<Session> {
        let mut state = self.state.lock().await;
        match &state.session {
            Some(session) if !Arc::ptr_eq(session, from) => session.clone(),
            _ => state.session.insert(Arc::new(Session { token: from.token.clone(), base })).clone(),
        }
    }

    async fn open(&self, state: &mut State) -> Result<Arc<Session>> {
        if let Some((at, error)) = &state.refused
            && at.elapsed() < REFUSAL
        {
            return Err(error.clone());
        }
        state.session = None;
        match self.log_in(state).await {
            Ok(session) => {
                state.refused = None;
                Ok(state.session.insert(Arc::new(session)).clone())
            }
            Err(error) => {
                let refused = matches!(error, ConnectError::Unauthorized(_));
                state.refused = refused.then(|| (Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// With the refresh token when there is one, else with the whole log-in.
    async fn log_in(&self, state: &mut State) -> Result<Session> {
        let endpoints = match &state.endpoints {
            Some(endpoints) => endpoints.clone(),
            None => state.endpoints.insert(Arc::new(self.endpoints().await?)).clone(),
        };
        if let Some(refresh) = state.refresh.take() {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
            match self.session(&endpoints, &form, state).await {
                Err(ConnectError::Unauthorized(_)) => {}
                outcome => return outcome,
            }
        }
        let code = self.code(&endpoints).await?;
        let form = [("grant_type", "authorization_code"), ("code", code.expose_secret())];
        self.session(&endpoints, &form, state).await
    }

    async fn endpoints(&self) -> Result<Endpoints> {
        let mut url = under(&self.settings.login_base, &["rest-services", "loginInfo"]);
        url.query_pairs_mut().append_pair("username", &self.settings.username);
        let reply = self.step("GET", url).await?;
        if matches!(reply.status, 400 | 401 | 403 | 404) {
            return Err(refused("the user name is not known"));
        }
        let found: Endpoints = reply.success()?.json()?;
        for url in [&found.oauth_url, &found.rest_url] {
            trusted(&self.settings.login_base, url)?;
        }
        Ok(found)
    }

    /// The code that stands for the user's consent. It comes in a redirect to the partner's own page, which is not
    /// visited.
    async fn code(&self, endpoints: &Endpoints) -> Result<SecretString> {
        let mut url = under(&endpoints.oauth_url, &["authorize"]);
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("response_type", "code")
            .append_pair("action", "Login")
            .append_pair("username", &self.settings.username)
            .append_pair("password", self.settings.password.expose_secret());
        let reply = self.step("GET", url).await?;
        match reply.status {
            // A page: the log-in form again, or terms of service that the user has not accepted.
            200 | 400 | 401 | 403 => {
                return Err(refused("user name, password or client id are not accepted"));
            }
            301..=303 => {}
            _ => {
                reply.success()?;
                return Err(ConnectError::Unavailable("no code from the log-in".to_owned()));
            }
        }
        let location = reply.header("location").and_then(|location| reply.url.join(location).ok());
        let code = location.and_then(|url| {
            url.query_pairs()
                .find(|(name, _)| name == "code")
                .map(|(_, code)| SecretString::from(code.into_owned()))
        });
        code.ok_or_else(|| refused("user name, password or client id are not accepted"))
    }

    /// Turns a code or a refresh token into a session.
    async fn session(
        &self,
        endpoints: &Endpoints,
        form: &[(&str, &str)],
        state: &mut State,
    ) -> Result<Session> {
        let mut url = under(&endpoints.oauth_url, &["token"]);
        url.query_pairs_mut()
            .extend_pairs(form)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_secret", self.settings.client_secret.expose_secret());
        let reply = self.step("POST", url).await?;
        if matches!(reply.status, 400 | 401 | 403) {
            return Err(refused("client id or client secret are not accepted"));
        }
        let tokens: Tokens = reply.success()?.json()?;
        state.refresh = tokens.refresh_token.map(SecretString::from);
        let mut url = under(&endpoints.rest_url, &["login"]);
        url.query_pairs_mut().append_pair("version", "*").append_pair("access_token", &tokens.access_token);
        let reply = self.step("POST", url).await?;
        if matches!(reply.status, 400 | 401 | 403) {
            return Err(refused("the user may not use the REST interface"));
        }
        let opened: Opened = reply.success()?.json()?;
        trusted(&self.settings.login_base, &opened.rest_url)?;
        Ok(Session { token: opened.token.into(), base: opened.rest_url })
    }

    /// One step of the log-in, at another data centre when it says so.
    async fn step(&self, method: &'static str, mut url: Url) -> Result<Reply> {
        for _ in 0..MAX_HOPS {
            let reply = self.client.send(Call::new(method, url.clone()).show_redirects()).await?;
            if reply.status == 429 {
                return Err(super::rate_limited(&reply));
            }
            if !matches!(reply.status, 307 | 308) {
                return Ok(reply);
            }
            let mut to = moved_to(&reply, &self.settings.login_base)?;
            if to.query().is_none() {
                to.set_query(url.query());
            }
            url = to;
        }
        Err(ConnectError::Unavailable("sent from one data centre to the next".to_owned()))
    }
}

/// Where a redirect leads, when it may be followed with credentials.
pub(super) fn moved_to(reply: &Reply, login_base: &Url) -> Result<Url> {
    let to = reply
        .header("location")
        .and_then(|location| reply.url.join(location).ok())
        .ok_or_else(|| ConnectError::Unavailable("a redirect that leads nowhere".to_owned()))?;
    trusted(login_base, &to)?;
    Ok(to)
}

/// Credentials go to the host where log-ins begin and to others of its registrable domain, and never from HTTPS to
/// plain HTTP.
fn trusted(login_base: &Url, to: &Url) -> Result<()> {
    let same_host = login_base.host() == to.host();
    let domain = |url: &Url| url.host_str().and_then(canon::domain);
    let same_domain = domain(login_base).is_some() && domain(login_base) == domain(to);
    let as_safe = to.scheme() == "https" || to.scheme() == login_base.scheme();
    if (same_host || same_domain) && as_safe {
        return Ok(());
    }
    let host = to.host_str().unwrap_or_default();
    Err(ConnectError::Forbidden(format!("{host} is no data centre of the log-in's domain")))
}

/// The URL of these path segments below another.
pub(super) fn under(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

fn refused(why: &str) -> ConnectError {
    ConnectError::Unauthorized(["Bullhorn: ", why].concat())
}

#[cfg(test)]
mod tests {
    use super::{trusted, under};
    use url::Url;

    #[test]
    fn credentials_stay_within_the_domain() {
        for (base, to, may) in [
            ("https://rest.bullhornstaffing.com", "https://auth-east.bullhornstaffing.com/oauth", true),
            ("https://rest.bullhornstaffing.com", "http://auth-east.bullhornstaffing.com/oauth", false),
            ("https://rest.bullhornstaffing.com", "https://bullhornstaffing.com.evil.example/oauth", false),
            ("https://rest.bullhornstaffing.com", "https://evil.example/oauth", false),
            ("http://127.0.0.1:1000", "http://127.0.0.1:2000/oauth", true),
            ("http://127.0.0.1:1000", "https://127.0.0.1:2000/oauth", true),
            ("http://127.0.0.1:1000", "http://127.0.0.2:1000/oauth", false),
        ] {
            let parse = |url| Url::parse(url).unwrap();
            assert_eq!(trusted(&parse(base), &parse(to)).is_ok(), may, "{base} → {to}");
        }
    }

    #[test]
    fn paths_are_put_below() {
        let base = Url::parse("https://rest9.example/rest-services/abc/?x=1").unwrap();
        assert_eq!(
            under(&base, &["entity", "a/b"]).as_str(),
            "https://rest9.example/rest-services/abc/entity/a%2Fb"
        );
    }
}
