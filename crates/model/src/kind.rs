//! The two kinds of record that an ICP can look for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a search, an ICP or a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// People.
    Person,
    /// Companies.
    Company,
}

impl EntityKind {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 2] = ["person", "company"];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
        }
    }

    /// Reads the name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "person" => Some(Self::Person),
            "company" => Some(Self::Company),
            _ => None,
        }
    }
}
