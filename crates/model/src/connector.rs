//! Connectors: the outside services that an organisation uses, and how they are set up.

use crate::fault::{Fault, Faults, Node};
use crate::icp::criteria::BASE_PROVIDER;
use crate::names::names;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use url::Url;
use utoipa::ToSchema;

/// The longest credential.
const MAX_KEY: usize = 8_192;
/// The longest URL.
const MAX_URL: usize = 2_048;
/// The longest name.
pub const MAX_NAME: usize = 64;

/// What a connector connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConnectorKind {
    /// Reads pages, for `webscraping`.
    Firecrawl,
    /// An agent with a browser, for `website`.
    BrowserUse,
    /// A language model, for `ai` and for what pages are judged by.
    Model,
    /// A browser on the machine of the server, for `website`. For all organisations only.
    Chromium,
    /// Looks up phones, e-mail addresses and summaries, by our protocol. There may be several.
    Enrichment,
    /// Finds people or companies, by our protocol. There may be several.
    Leads,
    /// The CRM.
    Crm,
}

names!(ConnectorKind {
    Firecrawl = "firecrawl",
    BrowserUse = "browserUse",
    Model = "model",
    Chromium = "chromium",
    Enrichment = "enrichment",
    Leads = "leads",
    Crm = "crm",
});

impl ConnectorKind {
    /// Whether there may be several of this kind, each by a name of its own. One of another kind has the kind's name.
    #[must_use]
    pub const fn is_many(self) -> bool {
        matches!(self, Self::Enrichment | Self::Leads)
    }

    /// Whether it cannot do without a credential.
    #[must_use]
    pub const fn needs_key(self) -> bool {
        matches!(self, Self::Firecrawl | Self::BrowserUse | Self::Crm)
    }
}

/// A credential on its way to where it is sealed. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The credential itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// How a connector is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorPut {
    pub kind: ConnectorKind,
    /// Valid for the kind.
    pub settings: Map<String, Value>,
    /// Absent: the credential stays as it is. Null: there is none.
    pub api_key: Option<Option<ApiKey>>,
}

/// A connector of the whole installation.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorDefault {
    pub name: String,
    pub kind: ConnectorKind,
    pub settings: Map<String, Value>,
    pub api_key: Option<ApiKey>,
}

/// Where a credential of the whole installation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In the file of the connectors itself.
    Here(ApiKey),
    /// In this variable of the environment.
    Environment(String),
    /// Alone in this file.
    File(String),
}

/// Whether this can be the name of a connector.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(plain)
}

impl ConnectorPut {
    /// Reads `{kind, settings, apiKey?}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut api_key = Some(None);
        let read = read_around(node, &mut faults, |child, faults| {
            api_key = child.nullable(faults, key).map(Some);
        });
        let put = || {
            let (kind, settings) = read?;
            Some(Self { kind, settings, api_key: api_key? })
        };
        let put = put();
        if put.as_ref().is_some_and(|put| put.kind == ConnectorKind::Chromium) {
            faults
                .push(Fault::new(vec!["kind".into()], "A browser is set up for the whole installation only"));
        }
        faults.finish(put)
    }

    /// Tells why a connector of this kind cannot have this name.
    ///
    /// # Errors
    /// The fault of the body.
    pub fn check_name(kind: ConnectorKind, name: &str) -> Result<(), Fault> {
        let taken = ConnectorKind::NAMES.contains(&name) || matches!(name, BASE_PROVIDER | "builtin");
        if kind.is_many() && taken {
            return Err(Fault::new(
                vec!["kind".into()],
                format!("'{name}' cannot be the name of one of several"),
            ));
        }
        if !kind.is_many() && name != kind.name() {
            let kind = kind.name();
            return Err(Fault::new(
                vec!["kind".into()],
                format!("A connector of this kind has the name '{kind}'"),
            ));
        }
        Ok(())
    }
}

impl ConnectorDefault {
    /// Reads `{"connectors":{name:{kind, settings, apiKey?}}}`, in the order of the document. `resolve` gets each
    /// credential, or says why it cannot.
    ///
    /// # Errors
    /// All faults of the document.
    pub fn read_all(
        node: &Node<'_>,
        mut resolve: impl FnMut(KeySource) -> Result<ApiKey, String>,
    ) -> Result<Vec<Self>, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut found = Vec::new();
        let read = node.object(&mut faults, &["connectors"], |key, child, faults| {
            if key == "connectors" {
                child.object(faults, &[], |name, child, faults| {
                    if is_name(name) {
                        found.extend(Self::read_one(name, child, faults, &mut resolve));
                    }
                    is_name(name)
                });
            }
            key == "connectors"
        });
        faults.finish(read.map(|()| found))
    }

    fn read_one(
        name: &str,
        node: &Node<'_>,
        faults: &mut Faults,
        resolve: &mut impl FnMut(KeySource) -> Result<ApiKey, String>,
    ) -> Option<Self> {
        let mut api_key = Some(None);
        let (kind, settings) = read_around(node, faults, |child, faults| {
            api_key = child.nullable(faults, |child, faults| {
                let source = key_source(child, faults)?;
                resolve(source).map_err(|text| child.fault(faults, text)).ok()
            });
        })?;
        let api_key = api_key?;
        if let Err(fault) = ConnectorPut::check_name(kind, name) {
            node.fault(faults, fault.message);
        }
        if kind.needs_key() && api_key.is_none() {
            node.fault(faults, "A connector of this kind needs an 'apiKey'");
        }
        Some(Self { name: name.to_owned(), kind, settings, api_key })
    }
}

fn read_around(
    node: &Node<'_>,
    faults: &mut Faults,
    mut api_key: impl FnMut(&Node<'_>, &mut Faults),
) -> Option<(ConnectorKind, Map<String, Value>)> {
    // The kind decides how settings are read, wherever it stands among the keys.
    let known = node.value().get("kind").and_then(Value::as_str).and_then(ConnectorKind::from_name);
    let mut settings = None;
    node.object(faults, &["kind", "settings"], |key, child, faults| {
        match key {
            "kind" => drop(child.one_of(faults, &ConnectorKind::NAMES)),
            "settings" => {
                let read = known.and_then(|kind| read_settings(kind, child, faults));
                settings = read.and_then(|()| child.value().as_object().cloned());
            }
            "apiKey" => api_key(child, faults),
            _ => return false,
        }
        true
    })?;
    Some((known?, settings?))
}

fn key(node: &Node<'_>, faults: &mut Faults) -> Option<ApiKey> {
    let text = node.text(faults, 1, MAX_KEY)?;
    // It goes into headers.
    if text.trim() != text || text.chars().any(char::is_control) {
        node.fault(faults, "Expected a key without spaces around it and without control characters");
        return None;
    }
    Some(ApiKey(text.to_owned()))
}

fn key_source(node: &Node<'_>, faults: &mut Faults) -> Option<KeySource> {
    if node.value().is_string() {
        return key(node, faults).map(KeySource::Here);
    }
    let mut source = None;
    let mut count = 0;
    node.object(faults, &[], |name, child, faults| {
        count += 1;
        match name {
            "env" => source = child.trimmed(faults, 255).map(KeySource::Environment),
            "file" => source = child.trimmed(faults, 4_096).map(KeySource::File),
            _ => return false,
        }
        true
    })?;
    if count != 1 {
        node.fault(faults, "Expected a key, {\"env\": …} or {\"file\": …}");
        return None;
    }
    source
}

/// Reads the settings of a connector of this kind.
fn read_settings(kind: ConnectorKind, node: &Node<'_>, faults: &mut Faults) -> Option<()> {
    use ConnectorKind as Kind;
    let required: &[&str] = match kind {
        Kind::Firecrawl | Kind::BrowserUse | Kind::Chromium => &[],
        Kind::Model => &["dialect", "model"],
        Kind::Enrichment | Kind::Leads => &["baseUrl"],
        Kind::Crm => &["provider"],
    };
    node.object(faults, required, |key, child, faults| {
        match (kind, key) {
            (Kind::Chromium, "path") => drop(child.text(faults, 1, 4_096)),
            (Kind::Chromium, "sandbox") => drop(child.boolean(faults)),
            (Kind::Chromium, _) => return false,
            (_, "baseUrl") => drop(url(child, faults)),
            (Kind::Firecrawl | Kind::BrowserUse | Kind::Model, "credits") => {
                let _ = child.integer(faults, 0, 1_000);
            }
            (Kind::BrowserUse, "maxSteps") => drop(child.integer(faults, 1, 200)),
            (Kind::Model, "dialect") => drop(child.one_of(faults, &["openai", "anthropic", "ollama"])),
            (Kind::Model, "model") => drop(child.trimmed(faults, 255)),
            (Kind::Model, "concurrency") => drop(child.integer(faults, 1, 16)),
            (Kind::Enrichment, "order") => drop(child.integer(faults, -1_000, 1_000)),
            (Kind::Crm, "provider") => drop(child.one_of(faults, &["bullhorn", "close"])),
            // What else a CRM needs is no secret and differs between them.
            (Kind::Crm, _) => drop(child.text(faults, 0, MAX_URL)),
            _ => return false,
        }
        true
    })
}

fn url(node: &Node<'_>, faults: &mut Faults) -> Option<Url> {
    let text = node.text(faults, 1, MAX_URL)?;
    let sound = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(sound);
    if url.is_none() {
        node.fault(faults, "Expected an http(s) URL without user, query and fragment");
    }
    url
}

/// A credential as it may be shown: stars, and its last four characters when it has more than twice as many.
#[must_use]
pub fn mask(secret: &str) -> String {
    const STARS: &str = "********************";
    const SHOWN: usize = 4;
    let count = secret.chars().count();
    if count <= 2 * SHOWN {
        return STARS.to_owned();
    }
    let last: String = secret.chars().skip(count - SHOWN).collect();
    [STARS, &last].concat()
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, ConnectorDefault, ConnectorPut, KeySource, mask};
    use crate::fault::Node;
    use serde_json::json;

    #[test]
    fn a_mask_shows_the_end_of_long_secrets_only() {
        assert_eq!(mask("sk-live-000000abc1"), "********************abc1");
        assert_eq!(mask("12345678"), "********************");
        assert_eq!(mask(""), "********************");
        assert_eq!(mask("schlüssel-äöü€"), "********************äöü€");
    }

    #[test]
    fn faults_of_settings_name_their_place() {
        let body = json!({
            "kind": "model", "settings": {"dialect": "cohere", "baseUrl": "ftp://x", "temperature": 1},
            "apiKey": " a", "name": "x",
        });
        let faults = ConnectorPut::read(&Node::root(&body)).expect_err("faulty");
        assert_eq!(
            json!(faults),
            json!([
                {"path":["settings","dialect"],"message":"Invalid enum value. Expected 'openai' | 'anthropic' | 'ollama', received 'cohere'"},
                {"path":["settings","baseUrl"],"message":"Expected an http(s) URL without user, query and fragment"},
                {"path":["settings","temperature"],"message":"Unrecognized key: 'temperature'"},
                {"path":["settings","model"],"message":"Required"},
                {"path":["apiKey"],"message":"Expected a key without spaces around it and without control characters"},
                {"path":["name"],"message":"Unrecognized key: 'name'"},
            ])
        );
        let body = json!({"kind": "chromium", "settings": {}});
        let faults = ConnectorPut::read(&Node::root(&body)).expect_err("faulty");
        assert_eq!(
            json!(faults),
            json!([{"path":["kind"],"message":"A browser is set up for the whole installation only"}])
        );
        for url in
            ["https://user:secret@x.example/", "https://x.example/?key=secret", "x.example", "https://"]
        {
            let body = json!({"kind": "leads", "settings": {"baseUrl": url}});
            let faults = ConnectorPut::read(&Node::root(&body)).expect_err(url);
            assert!(!format!("{faults:?}").contains("secret"));
        }
    }

    #[test]
    fn defaults_are_read_in_their_order_and_their_keys_from_where_they_are() {
        let file = json!({"connectors": {
            "second": {"kind": "enrichment", "settings": {"baseUrl": "https://b.example"}, "apiKey": {"env": "B"}},
            "first": {"kind": "enrichment", "settings": {"baseUrl": "https://a.example"}, "apiKey": "plain"},
            "chromium": {"kind": "chromium", "settings": {}},
        }});
        let resolve = |source| match source {
            KeySource::Here(key) => Ok(key),
            KeySource::Environment(name) => Ok(ApiKey::from(format!("from {name}"))),
            KeySource::File(_) => Err("no file".to_owned()),
        };
        let read = ConnectorDefault::read_all(&Node::root(&file), resolve).expect("valid");
        let shown: Vec<_> =
            read.iter().map(|one| (one.name.as_str(), one.api_key.as_ref().map(ApiKey::expose))).collect();
        assert_eq!(shown, [("second", Some("from B")), ("first", Some("plain")), ("chromium", None)]);
        assert!(!format!("{read:?}").contains("plain"));
        let file = json!({"connectors": {
            "x": {"kind": "firecrawl", "settings": {}},
            "model": {"kind": "model", "settings": {"dialect": "openai", "model": "m"}, "apiKey": {"file": "f"}},
        }});
        let faults = ConnectorDefault::read_all(&Node::root(&file), resolve).expect_err("faulty");
        assert_eq!(
            json!(faults),
            json!([
                {"path":["connectors","x"],"message":"A connector of this kind has the name 'firecrawl'"},
                {"path":["connectors","x"],"message":"A connector of this kind needs an 'apiKey'"},
                {"path":["connectors","model","apiKey"],"message":"no file"},
            ])
        );
    }
}
