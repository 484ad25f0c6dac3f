//! API keys: who a machine is, and what it may do.

use super::ids::{ApiKeyId, TenantId};
use crate::actor::Role;
use crate::fault::{Fault, Faults, Node};
use crate::names::names;
use crate::time::Time;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// What every key begins with.
pub const KEY_PREFIX: &str = "sl_key_";
/// The greatest rate that can be given to a key.
pub const MAX_RATE: i64 = 10_000_000;

/// One thing that a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    AccountsRead,
    AccountsWrite,
    ProspectsRead,
    ProspectsWrite,
    LogsRead,
    LogsWrite,
}

names!(Scope {
    AccountsRead = "accounts:read",
    AccountsWrite = "accounts:write",
    ProspectsRead = "prospects:read",
    ProspectsWrite = "prospects:write",
    LogsRead = "logs:read",
    LogsWrite = "logs:write",
});

impl Scope {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self(0b11_1111);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// The set of these.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// What a user in this role may do through a key: an admin everything, a member read and log.
    #[must_use]
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::Admin => Self::ALL,
            Role::Member => {
                Self::of(&[Scope::AccountsRead, Scope::ProspectsRead, Scope::LogsRead, Scope::LogsWrite])
            }
        }
    }

    /// Whether the set has this scope.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// What both sets have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The names, in their order.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Scope::ALL.iter().filter(|scope| self.has(**scope)).map(|scope| scope.name()).collect()
    }

    /// The names with commas between, as they are kept.
    #[must_use]
    pub fn to_text(self) -> String {
        self.names().join(",")
    }

    /// Reads names with commas between. `None` when one is unknown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(Scope::from_name).collect::<Option<Vec<_>>>().map(|scopes| Self::of(&scopes))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

/// A machine that asks with a valid key. Comes from the key alone, never from the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyActor {
    pub key_id: ApiKeyId,
    /// Organisation id, `org_acme`.
    pub organisation: String,
    pub tenant: TenantId,
    /// The user who made the key, if one did.
    pub user: Option<String>,
    /// What the key may do now: never more than its maker.
    pub scopes: Scopes,
    /// Null: the program's default.
    pub rate_per_minute: Option<u32>,
}

/// A key to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiKey {
    pub name: Option<String>,
    pub scopes: Scopes,
    pub rate_per_minute: Option<u32>,
}

impl NewApiKey {
    /// Reads `{name?, scopes?, ratePerMinute?}`; without scopes the key has all.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut new = Self { name: None, scopes: Scopes::ALL, rate_per_minute: None };
        let read = node.object(&mut faults, &[], |key, child, faults| {
            match key {
                "name" => new.name = child.trimmed(faults, 255),
                "scopes" => {
                    let scopes = child.array(faults, 100, |scope, faults| {
                        scope.one_of(faults, &Scope::NAMES).map(|at| Scope::ALL[at])
                    });
                    new.scopes = scopes.map_or(Scopes::NONE, |scopes| Scopes::of(&scopes));
                    if new.scopes == Scopes::NONE && faults.is_empty() {
                        child.fault(faults, "Array must contain at least 1 element(s)");
                    }
                }
                "ratePerMinute" => {
                    let rate = child.integer(faults, 1, MAX_RATE);
                    new.rate_per_minute = rate.and_then(|rate| u32::try_from(rate).ok());
                }
                _ => return false,
            }
            true
        });
        faults.finish(read.map(|()| new))
    }
}

/// A key as it is listed: without the key itself, which nobody keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    #[schema(value_type = String, pattern = "^key_[a-z0-9]{26}$")]
    pub id: ApiKeyId,
    #[schema(required)]
    pub name: Option<String>,
    /// Who made it; null when it was made on the command line for nobody.
    #[schema(required)]
    pub user_id: Option<String>,
    #[schema(value_type = Vec<String>)]
    pub scopes: Scopes,
    /// Requests per minute; null: the program's default.
    #[schema(required)]
    pub rate_per_minute: Option<u32>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Time>,
}

/// A new key, shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApiKey {
    /// The key itself.
    pub key: String,
    #[serde(flatten)]
    pub api_key: ApiKey,
}

#[cfg(test)]
mod tests {
    use super::{NewApiKey, Scope, Scopes};
    use crate::actor::Role;
    use crate::fault::Node;
    use serde_json::json;

    #[test]
    fn scopes_come_back_as_they_are_kept() {
        for (at, scope) in Scope::ALL.into_iter().enumerate() {
            assert_eq!((scope.name(), Scope::from_name(scope.name())), (Scope::NAMES[at], Some(scope)));
            let alone = Scopes::of(&[scope]);
            assert_eq!(Scopes::parse(&alone.to_text()), Some(alone));
            assert_eq!(Scope::ALL.iter().filter(|other| alone.has(**other)).count(), 1);
        }
        assert_eq!(Scopes::of(&Scope::ALL), Scopes::ALL);
        assert_eq!(
            Scopes::parse(" logs:write, accounts:read "),
            Some(Scopes::of(&[Scope::AccountsRead, Scope::LogsWrite]))
        );
        assert_eq!(Scopes::parse("logs:delete"), None);
        let member = Scopes::of_role(Role::Member);
        assert_eq!(member.to_text(), "accounts:read,prospects:read,logs:read,logs:write");
        assert_eq!(Scopes::of(&[Scope::AccountsWrite, Scope::LogsRead]).and(member).to_text(), "logs:read");
    }

    #[test]
    fn a_key_without_scopes_has_all_and_faults_are_told() {
        let new = NewApiKey::read(&Node::root(&json!({}))).expect("valid");
        assert_eq!(new, NewApiKey { name: None, scopes: Scopes::ALL, rate_per_minute: None });
        let body = json!({"name": " CRM ", "scopes": ["logs:write"], "ratePerMinute": 60});
        let new = NewApiKey::read(&Node::root(&body)).expect("valid");
        let scopes = Scopes::of(&[Scope::LogsWrite]);
        assert_eq!(new, NewApiKey { name: Some("CRM".to_owned()), scopes, rate_per_minute: Some(60) });
        let body = json!({"scopes": [], "ratePerMinute": 0, "x": 1});
        let faults = NewApiKey::read(&Node::root(&body)).expect_err("faulty");
        assert_eq!(
            json!(faults),
            json!([
                {"path":["scopes"],"message":"Array must contain at least 1 element(s)"},
                {"path":["ratePerMinute"],"message":"Number must be greater than or equal to 1"},
                {"path":["x"],"message":"Unrecognized key: 'x'"},
            ])
        );
    }
}
