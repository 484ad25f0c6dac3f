//! What a Bullhorn connection needs to know.

use crate::error::{ConnectError, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

/// Where log-ins begin.
const LOGIN_BASE: &str = "https://rest.bullhornstaffing.com";

/// As what a person is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum ExportAs {
    /// A contact of a client: wants a company and an e-mail address.
    #[default]
    ClientContact,
    Candidate,
    /// Has no field for ids of other systems.
    Lead,
}

impl ExportAs {
    /// The entity's name.
    #[must_use]
    pub const fn entity(self) -> &'static str {
        match self {
            Self::ClientContact => "ClientContact",
            Self::Candidate => "Candidate",
            Self::Lead => "Lead",
        }
    }
}

/// The credentials of an API user and of the API key that Bullhorn gave out, and how records are written.
#[derive(Clone, Debug)]
pub struct BullhornSettings {
    pub login_base: Url,
    pub username: String,
    pub password: SecretString,
    pub client_id: String,
    pub client_secret: SecretString,
    pub export_as: ExportAs,
    /// Where the LinkedIn URL is kept: Bullhorn has no field for it. `companyURL` for candidates and leads, else none,
    /// unless said.
    pub linkedin_field: Option<String>,
    /// The status of people and of companies that are made: both are lists that an installation defines.
    pub contact_status: String,
    pub company_status: String,
    /// Bullhorn allows 1 500; 0 for no limit.
    pub calls_per_minute: u32,
    /// By how much changes are asked for earlier than wanted: the index compares times of day without saying of which
    /// zone. What is too early is left out here.
    pub index_margin: Duration,
    /// How long the index may be behind the records.
    pub shows_after: Duration,
}

/// The key as it is given to the API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Key {
    username: String,
    password: String,
    client_id: String,
    client_secret: String,
    #[serde(default)]
    export_as: ExportAs,
    linkedin_field: Option<String>,
    contact_status: Option<String>,
    company_status: Option<String>,
}

impl BullhornSettings {
    /// With these credentials, and the defaults of all else.
    ///
    /// # Panics
    /// Never: the default address is one.
    #[must_use]
    pub fn new(username: &str, password: SecretString, client_id: &str, client_secret: SecretString) -> Self {
        Self {
            login_base: Url::parse(LOGIN_BASE).unwrap_or_else(|_| unreachable!("a URL")),
            username: username.to_owned(),
            password,
            client_id: client_id.to_owned(),
            client_secret,
            export_as: ExportAs::default(),
            linkedin_field: None,
            contact_status: "New Lead".to_owned(),
            company_status: "Prospect".to_owned(),
            calls_per_minute: 1_500,
            index_margin: Duration::from_secs(12 * 3_600),
            shows_after: Duration::from_secs(5),
        }
    }

    /// Reads the API's `apiKey`: a JSON object with `username`, `password`, `clientId` and `clientSecret`, and if wanted
    /// `exportAs` (`ClientContact`, `Candidate` or `Lead`), `linkedinField`, `contactStatus` and `companyStatus`.
    ///
    /// # Errors
    /// [`ConnectError::BadRequest`] when it is none; the text holds nothing of the key.
    pub fn parse(api_key: &SecretString) -> Result<Self> {
        let wrong = || {
            ConnectError::BadRequest(
                "the key of Bullhorn is a JSON object with username, password, clientId and clientSecret"
                    .to_owned(),
            )
        };
        let key: Key = serde_json::from_str(api_key.expose_secret()).map_err(|_| wrong())?;
        let needed = [&key.username, &key.password, &key.client_id, &key.client_secret];
        let fields = key.linkedin_field.iter().all(|field| is_field(field));
        if needed.iter().any(|text| text.is_empty()) || !fields {
            return Err(wrong());
        }
        let made = Self::new(&key.username, key.password.into(), &key.client_id, key.client_secret.into());
        Ok(Self {
            export_as: key.export_as,
            linkedin_field: key.linkedin_field,
            contact_status: key.contact_status.unwrap_or(made.contact_status),
            company_status: key.company_status.unwrap_or(made.company_status),
            ..made
        })
    }

    /// Logs in there: another installation, or a fake.
    #[must_use]
    pub fn with_login_base(mut self, base: Url) -> Self {
        self.login_base = base;
        self
    }

    /// With another limit of calls; 0 for none.
    #[must_use]
    pub const fn with_calls_per_minute(mut self, calls: u32) -> Self {
        self.calls_per_minute = calls;
        self
    }

    /// The field of an entity that holds the LinkedIn URL.
    #[must_use]
    pub(super) fn linkedin_of(&self, entity: &str) -> Option<&str> {
        match &self.linkedin_field {
            Some(field) => Some(field),
            None if entity == "ClientContact" => None,
            None => Some("companyURL"),
        }
    }
}

/// Whether it is the name of a field, which goes into URLs and queries as it is.
fn is_field(name: &str) -> bool {
    !name.is_empty() && name.len() <= 60 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::{BullhornSettings, ExportAs};
    use crate::ConnectError;
    use secrecy::{ExposeSecret, SecretString};

    const KEY: &str = r#"{"username":"api.acme","password":"hunter2","clientId":"c-1","clientSecret":"s-1",
        "exportAs":"Candidate","linkedinField":"customText3","contactStatus":"Active"}"#;

    #[test]
    fn a_key_is_read() {
        let settings = BullhornSettings::parse(&SecretString::from(KEY)).unwrap();
        assert_eq!(settings.login_base.as_str(), "https://rest.bullhornstaffing.com/");
        assert_eq!((settings.username.as_str(), settings.client_id.as_str()), ("api.acme", "c-1"));
        assert_eq!(settings.password.expose_secret(), "hunter2");
        assert_eq!(settings.client_secret.expose_secret(), "s-1");
        assert_eq!(settings.export_as, ExportAs::Candidate);
        assert_eq!(settings.linkedin_of("ClientContact"), Some("customText3"));
        assert_eq!(
            (settings.contact_status.as_str(), settings.company_status.as_str()),
            ("Active", "Prospect")
        );
        let shown = format!("{settings:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("s-1"), "{shown}");
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for key in [
            "api_secret",
            "{}",
            r#"{"username":"secret"}"#,
            r#"{"username":"secret","password":"","clientId":"c","clientSecret":"s"}"#,
            r#"{"username":"secret","password":"p","clientId":"c","clientSecret":"s","other":1}"#,
            r#"{"username":"secret","password":"p","clientId":"c","clientSecret":"s","exportAs":"Placement"}"#,
            r#"{"username":"secret","password":"p","clientId":"c","clientSecret":"s","linkedinField":"a b"}"#,
        ] {
            let error = BullhornSettings::parse(&SecretString::from(key)).unwrap_err();
            assert!(
                matches!(&error, ConnectError::BadRequest(text) if !text.contains("secret")),
                "{key}: {error}"
            );
        }
    }
}
