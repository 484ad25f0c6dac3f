//! A server's URL: what tokio-postgres reads, and what is said about TLS.

use super::postgres_pool::{WAIT, explain};
use super::postgres_tls::{Identity, Tls, Trust};
use crate::error::StoreError;
use percent_encoding::percent_decode_str;
use std::path::PathBuf;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The parameters about TLS, as `libpq` names them. tokio-postgres knows the first, and not all of its values.
#[derive(Default)]
struct Parameters {
    mode: Option<String>,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl Parameters {
    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "sslmode" => Some(&mut self.mode),
            "sslrootcert" => Some(&mut self.root),
            "sslcert" => Some(&mut self.certificate),
            "sslkey" => Some(&mut self.key),
            _ => None,
        }
    }

    /// Takes them out of a URL, and returns what is left of it.
    fn taken_from(&mut self, url: &str) -> String {
        // A question mark before the host belongs to the password.
        let host = url.find('@').unwrap_or_default();
        let Some(query) = url.get(host..).and_then(|rest| rest.find('?')).map(|at| host + at) else {
            return url.to_owned();
        };
        let (place, query) = url.split_at(query);
        let mut left = Vec::new();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match self.slot(name) {
                Some(slot) => *slot = Some(percent_decode_str(value).decode_utf8_lossy().into_owned()),
                None => left.push(pair),
            }
        }
        if left.is_empty() { place.to_owned() } else { [place, "?", &left.join("&")].concat() }
    }

    /// How far to encrypt, and whom to trust.
    fn chosen(&self) -> Result<(SslMode, Trust), String> {
        let roots = || match self.root.as_deref() {
            None | Some("system") => Trust::system_roots(),
            Some(path) => Trust::roots_of(path.as_ref()),
        };
        Ok(match self.mode.as_deref().unwrap_or("prefer") {
            "disable" => (SslMode::Disable, Trust::Anybody),
            "prefer" => (SslMode::Prefer, Trust::Anybody),
            // Who names an authority wants it to be asked; so does libpq understand it.
            "require" if self.root.is_some() => (SslMode::Require, Trust::Authority(roots()?)),
            "require" => (SslMode::Require, Trust::Anybody),
            "verify-ca" => (SslMode::Require, Trust::Authority(roots()?)),
            "verify-full" => (SslMode::Require, Trust::Name(roots()?)),
            other => {
                let known = "disable, prefer, require, verify-ca or verify-full";
                return Err(format!("sslmode must be {known}, not '{other}'"));
            }
        })
    }

    fn identity(&self) -> Result<Option<Identity>, String> {
        match (&self.certificate, &self.key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                Identity::read(&PathBuf::from(certificate), &PathBuf::from(key)).map(Some)
            }
            _ => Err("sslcert and sslkey must both be given".to_owned()),
        }
    }
}

/// Reads a URL, and the files that it names.
///
/// # Errors
/// [`StoreError::Internal`] when it cannot be understood, or asks for what is not there.
pub(super) fn parse(url: &str) -> Result<(Config, Tls), StoreError> {
    let refused = |reason: String| StoreError::Internal(format!("the database's URL: {reason}"));
    let mut parameters = Parameters::default();
    let rest = parameters.taken_from(url);
    let mut config: Config = rest.parse().map_err(|error| refused(explain(&error)))?;
    let (mode, trust) = parameters.chosen().map_err(refused)?;
    let tls = Tls::new(trust, parameters.identity().map_err(refused)?).map_err(refused)?;
    // Servers do not encrypt on sockets of their own machine, whatever the mode.
    let local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    config.ssl_mode(if local { SslMode::Disable } else { mode });
    if config.get_application_name().is_none() {
        config.application_name("sluice");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(WAIT);
    }
    Ok((config, tls))
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    #[test]
    fn what_is_about_tls_is_taken_out_of_a_url() {
        for (url, left, taken) in [
            ("postgres://h/d", "postgres://h/d", [None, None]),
            ("postgres://u:a?b@h/d?sslmode=require", "postgres://u:a?b@h/d", [Some("require"), None]),
            (
                "postgres://h/d?connect_timeout=3&sslrootcert=%2Fa%20b.pem&sslmode=verify-ca&options=-c",
                "postgres://h/d?connect_timeout=3&options=-c",
                [Some("verify-ca"), Some("/a b.pem")],
            ),
        ] {
            let mut parameters = Parameters::default();
            assert_eq!(parameters.taken_from(url), left);
            assert_eq!([parameters.mode.as_deref(), parameters.root.as_deref()], taken, "{url}");
        }
    }
}
