//! Who is asking: a user of one organisation, in a role.

use serde::{Deserialize, Serialize};

/// What a user may do within their organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees and changes everything of the organisation.
    Admin,
    /// Sees and changes what lists them.
    Member,
}

impl Role {
    /// The name in the database and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "admin" => Some(Self::Admin),
            "member" => Some(Self::Member),
            _ => None,
        }
    }
}

/// A signed-in user. Comes from the token alone, never from the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Organisation id, `org_acme`.
    pub organisation: String,
    /// User id, `user_ann`.
    pub user: String,
    pub role: Role,
}

impl Actor {
    /// Whether the user is an admin of the organisation.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether the user may use something that lists `user_ids`: they are listed, or an admin.
    #[must_use]
    pub fn may_use(&self, user_ids: &[String]) -> bool {
        self.is_admin() || user_ids.contains(&self.user)
    }
}
