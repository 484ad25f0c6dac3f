//! Where a catalog in ClickHouse is: the URL that names it.

use crate::CatalogError;
use percent_encoding::percent_decode_str;

/// The port that ClickHouse answers HTTP on.
const PORT: u16 = 8123;

/// `clickhouse://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?cluster=NAME&replicas=N`, taken apart.
///
/// Every server of the cluster is named, since tables are made on each; a question goes to any of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// `host:port` of each server.
    pub hosts: Vec<String>,
    pub user: String,
    pub password: String,
    pub database: String,
    /// The name of the cluster in the servers' own settings.
    pub cluster: String,
    /// How many servers hold each record; one means tables without replication.
    pub replicas: usize,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("hosts", &self.hosts).field("database", &self.database).finish()
    }
}

impl Target {
    /// Whether this is the URL of a catalog in ClickHouse, well-formed or not.
    #[must_use]
    pub fn is_meant(url: &str) -> bool {
        url.starts_with("clickhouse://") || url.starts_with("clickhouses://")
    }

    /// Takes a URL apart. The user is `default` without a password, the database `sluice`, the port 8123, unless
    /// said otherwise; the cluster has to be named.
    ///
    /// # Errors
    /// When it is not of this form. The message never has the password in it.
    pub fn parse(url: &str) -> Result<Self, CatalogError> {
        if url.starts_with("clickhouses://") {
            return Err(fault("TLS is not spoken to ClickHouse: put a proxy or a tunnel beside the program"));
        }
        let rest =
            url.strip_prefix("clickhouse://").ok_or_else(|| fault("it must begin with clickhouse://"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = place.split_once('/').unwrap_or((place, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("default", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let hosts = hosts.split(',').map(host).collect::<Result<Vec<_>, _>>()?;
        let database = if database.is_empty() { "sluice" } else { database };
        let mut target = Self {
            hosts,
            user: decoded(user)?,
            password: decoded(password)?,
            database: name("database", database)?,
            cluster: String::new(),
            replicas: 1,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("cluster", cluster)) => target.cluster = name("cluster", cluster)?,
                Some(("replicas", number)) => {
                    target.replicas = number
                        .parse()
                        .ok()
                        .filter(|replicas| (1..=16).contains(replicas))
                        .ok_or_else(|| fault("replicas must be a number from 1 to 16"))?;
                }
                _ => return Err(fault("after the ? only cluster=… and replicas=… are known")),
            }
        }
        if target.cluster.is_empty() {
            return Err(fault("it must name the cluster: ?cluster=…"));
        }
        Ok(target)
    }
}

fn fault(text: &str) -> CatalogError {
    CatalogError::Address(text.to_owned())
}

fn decoded(text: &str) -> Result<String, CatalogError> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| fault("its login is not UTF-8"))?;
    if text.contains(|c: char| c.is_control()) {
        return Err(fault("its login has control characters in it"));
    }
    Ok(text.into_owned())
}

/// A name that stands in SQL as it is.
fn name(what: &str, name: &str) -> Result<String, CatalogError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty()
        || name.len() > 60
        || !name.chars().all(plain)
        || name.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(fault(&format!("the {what} must be named by letters, digits and _")));
    }
    Ok(name.to_owned())
}

fn host(text: &str) -> Result<String, CatalogError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if text.is_empty() || !text.chars().all(plain) {
        return Err(fault("each host must be a name or an address, with or without a port"));
    }
    let port = text.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.ends_with(']'));
    match port {
        None => Ok(format!("{text}:{PORT}")),
        Some(port) if port.parse::<u16>().is_ok_and(|port| port > 0) => Ok(text.to_owned()),
        Some(_) => Err(fault("a host's port must be a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_url_is_taken_apart() {
        let target =
            Target::parse("clickhouse://ann:p%40ss@one:8124,[::1]/people?cluster=main&replicas=2").unwrap();
        let expected = Target {
            hosts: vec!["one:8124".to_owned(), "[::1]:8123".to_owned()],
            user: "ann".to_owned(),
            password: "p@ss".to_owned(),
            database: "people".to_owned(),
            cluster: "main".to_owned(),
            replicas: 2,
        };
        assert_eq!(target, expected);
        let target = Target::parse("clickhouse://one?cluster=c").unwrap();
        assert_eq!(
            (target.user.as_str(), target.database.as_str(), target.replicas),
            ("default", "sluice", 1)
        );
        assert!(!format!("{expected:?}").contains("p@ss"));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        for (url, text) in [
            ("clickhouses://u:pw@h/d?cluster=c", "TLS is not spoken"),
            ("postgres://u:pw@h/d", "must begin with clickhouse://"),
            ("clickhouse://u:pw@h/d", "must name the cluster"),
            ("clickhouse://u:pw@h/d?cluster=a.b", "the cluster must be named by letters"),
            ("clickhouse://u:pw@h/d`?cluster=c", "the database must be named by letters"),
            ("clickhouse://u:pw@h/d?cluster=c&replicas=0", "replicas must be a number"),
            ("clickhouse://u:pw@h/d?cluster=c&secure=1", "only cluster=… and replicas=…"),
            ("clickhouse://u:pw@h:0/d?cluster=c", "port must be a number"),
            ("clickhouse://u:pw@/d?cluster=c", "each host must be"),
        ] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(error.contains(text) && !error.contains("pw"), "{url}: {error}");
        }
    }
}
