//! The two kinds of record that an ICP can look for.

use crate::names::names;
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

names!(EntityKind { Person = "person", Company = "company" });
