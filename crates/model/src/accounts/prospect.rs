//! Prospects: people, each known by their identifiers.

use super::ids::{ProspectId, TenantId};
use super::page::PageRequest;
use super::read;
use crate::fault::{Fault, Faults, Node};
use crate::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// A prospect as the API shows it. Every key is always there.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Prospect {
    #[schema(value_type = String, pattern = "^prospect_[a-z0-9]{26}$")]
    pub prospect_id: ProspectId,
    #[schema(value_type = String, pattern = "^tenant_[a-z0-9]{26}$")]
    pub tenant_id: TenantId,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub email: Option<String>,
    /// What was set, else that of the e-mail address unless anybody can have a mailbox there.
    #[schema(required)]
    pub domain: Option<String>,
    /// Unique in the tenant; never changes.
    pub slug: String,
    /// E.164.
    #[schema(required)]
    pub phone_number: Option<String>,
    #[schema(required)]
    pub linkedin_profile_url: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

/// What tells a prospect from all others, in canonical spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    pub linkedin: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

impl Identifiers {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.linkedin.is_none() && self.email.is_none() && self.phone.is_none()
    }

    /// Reads one of the keys that name identifiers; whether it is one.
    pub(super) fn read_key(&mut self, key: &str, child: &Node<'_>, faults: &mut Faults) -> bool {
        match key {
            "linkedinProfileUrl" => self.linkedin = read::linkedin(child, faults),
            "email" => self.email = read::email(child, faults),
            "phoneNumber" => self.phone = read::phone(child, faults),
            _ => return false,
        }
        true
    }
}

/// A prospect to find or make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewProspect {
    pub identifiers: Identifiers,
    pub name: Option<String>,
    /// Canonical.
    pub domain: Option<String>,
}

impl NewProspect {
    /// Reads `{email?, phoneNumber?, linkedinProfileUrl?, name?, domain?}`, at least one identifier.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut new = Self::default();
        let mut named = false;
        let read = node.object(&mut faults, &[], |key, child, faults| {
            match key {
                "name" => new.name = read::name(child, faults),
                "domain" => new.domain = read::domain(child, faults),
                _ => {
                    let known = new.identifiers.read_key(key, child, faults);
                    named |= known;
                    return known;
                }
            }
            true
        });
        if read.is_some() && !named {
            node.fault(&mut faults, "Expected at least one of email, phoneNumber, linkedinProfileUrl");
        }
        faults.finish(read.map(|()| new))
    }
}

/// What a patch does to a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change {
    #[default]
    Keep,
    Clear,
    Set(String),
}

impl Change {
    fn read(
        node: &Node<'_>,
        faults: &mut Faults,
        read: impl FnOnce(&Node<'_>, &mut Faults) -> Option<String>,
    ) -> Self {
        match node.nullable(faults, read) {
            Some(Some(value)) => Self::Set(value),
            Some(None) => Self::Clear,
            // A fault was written; what is returned does not matter.
            None => Self::Keep,
        }
    }

    /// The value after the change.
    #[must_use]
    pub fn apply(&self, old: Option<String>) -> Option<String> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(value) => Some(value.clone()),
        }
    }
}

/// The body of an update: fields that are absent stay, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProspectPatch {
    pub name: Change,
    pub email: Change,
    pub phone: Change,
    pub linkedin: Change,
    pub domain: Change,
}

impl ProspectPatch {
    /// Reads any of `name`, `email`, `phoneNumber`, `linkedinProfileUrl`, `domain`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut patch = Self::default();
        let read = node.object(&mut faults, &[], |key, child, faults| {
            match key {
                "name" => patch.name = Change::read(child, faults, read::name),
                "email" => patch.email = Change::read(child, faults, read::email),
                "phoneNumber" => patch.phone = Change::read(child, faults, read::phone),
                "linkedinProfileUrl" => patch.linkedin = Change::read(child, faults, read::linkedin),
                "domain" => patch.domain = Change::read(child, faults, read::domain),
                _ => return false,
            }
            true
        });
        faults.finish(read.map(|()| patch))
    }
}

/// Reads the body of a merge, `{into}`.
///
/// # Errors
/// All faults of the body.
pub fn read_merge(node: &Node<'_>) -> Result<ProspectId, Vec<Fault>> {
    let mut faults = Faults::new();
    let mut into = None;
    let read = node.object(&mut faults, &["into"], |key, child, faults| {
        if key == "into" {
            into = read::prospect_id(child, faults);
        }
        key == "into"
    });
    faults.finish(read.and(into))
}

/// Which prospects are listed: those that meet all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProspectQuery {
    pub page: PageRequest,
    /// Canonical; any of the prospect's addresses.
    pub email: Option<String>,
    /// Canonical.
    pub domain: Option<String>,
    /// Canonical; any of the prospect's profiles.
    pub linkedin: Option<String>,
    /// A part of name, e-mail address, domain or slug, whatever its case and accents.
    pub search: Option<String>,
    /// Changed at this time or later.
    pub updated_since: Option<Time>,
}
