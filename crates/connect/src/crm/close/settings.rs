//! What a Close connection needs to know.

use crate::error::{ConnectError, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::time::Duration;
use url::Url;

const BASE: &str = "https://api.close.com/api/v1";

/// An API key, and where our ids are kept.
#[derive(Clone, Debug)]
pub struct CloseSettings {
    pub base: Url,
    pub key: SecretString,
    /// The id of a custom field of contacts, `cf_…`, that keeps our id; none unless said.
    pub contact_id_field: Option<String>,
    /// The same of leads.
    pub lead_id_field: Option<String>,
    /// How long searches may be behind the records.
    pub shows_after: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Key {
    api_key: String,
    contact_id_field: Option<String>,
    lead_id_field: Option<String>,
}

impl CloseSettings {
    /// With this key, and no custom fields.
    ///
    /// # Panics
    /// Never: the default address is one.
    #[must_use]
    pub fn new(key: SecretString) -> Self {
        let base = Url::parse(BASE).unwrap_or_else(|_| unreachable!("a URL"));
        let shows_after = Duration::from_secs(5);
        Self { base, key, contact_id_field: None, lead_id_field: None, shows_after }
    }

    /// Reads the API's `apiKey`: the key itself, `api_…`, or a JSON object with `apiKey` and if wanted
    /// `contactIdField` and `leadIdField`.
    ///
    /// # Errors
    /// [`ConnectError::BadRequest`] when it is neither; the text holds nothing of the key.
    pub fn parse(api_key: &SecretString) -> Result<Self> {
        let wrong = || {
            let text =
                "the key of Close is its text, or a JSON object with apiKey, contactIdField and leadIdField";
            ConnectError::BadRequest(text.to_owned())
        };
        let text = api_key.expose_secret().trim();
        if !text.starts_with('{') {
            return if is_key(text) { Ok(Self::new(SecretString::from(text))) } else { Err(wrong()) };
        }
        let key: Key = serde_json::from_str(text).map_err(|_| wrong())?;
        let mut fields = key.contact_id_field.iter().chain(&key.lead_id_field);
        if !is_key(&key.api_key) || !fields.all(|field| is_field(field)) {
            return Err(wrong());
        }
        let made = Self::new(key.api_key.into());
        Ok(Self { contact_id_field: key.contact_id_field, lead_id_field: key.lead_id_field, ..made })
    }

    /// Calls that address: a fake.
    #[must_use]
    pub fn with_base(mut self, base: Url) -> Self {
        self.base = base;
        self
    }
}

/// Whether it may be a key: something that fits into a header.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

fn is_field(text: &str) -> bool {
    text.strip_prefix("cf_")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::CloseSettings;
    use crate::ConnectError;
    use secrecy::{ExposeSecret, SecretString};

    #[test]
    fn a_key_is_text_or_json() {
        let plain = CloseSettings::parse(&SecretString::from(" api_123.abc ")).unwrap();
        assert_eq!(plain.key.expose_secret(), "api_123.abc");
        assert_eq!((plain.base.as_str(), &plain.contact_id_field), ("https://api.close.com/api/v1", &None));
        assert!(!format!("{plain:?}").contains("123"));
        let key = r#"{"apiKey":"api_1","contactIdField":"cf_a","leadIdField":"cf_b"}"#;
        let long = CloseSettings::parse(&SecretString::from(key)).unwrap();
        assert_eq!(
            (long.contact_id_field.as_deref(), long.lead_id_field.as_deref()),
            (Some("cf_a"), Some("cf_b"))
        );
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for key in [
            "",
            "secret with spaces",
            "secret:",
            "{\"apiKey\":\"\"}",
            "{\"secret\":1}",
            r#"{"apiKey":"secret","contactIdField":"../x"}"#,
        ] {
            let error = CloseSettings::parse(&SecretString::from(key)).unwrap_err();
            assert!(
                matches!(&error, ConnectError::BadRequest(text) if !text.contains("secret")),
                "{key}: {error}"
            );
        }
    }
}
