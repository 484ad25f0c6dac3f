//! Accounts: companies, each known by its domain.

use super::ids::{AccountId, TenantId};
use super::page::PageRequest;
use super::prospect::Prospect;
use super::read;
use crate::fault::{Fault, Faults, Node};
use crate::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// An account as the API shows it. Every key is always there.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Account ID
    #[schema(value_type = String, min_length = 1, pattern = "^account_[a-z0-9]{26}$")]
    pub account_id: AccountId,
    /// Tenant ID that owns the account
    #[schema(value_type = String)]
    pub tenant_id: TenantId,
    /// Registrable, lower case, punycode.
    #[schema(min_length = 1)]
    pub domain: String,
    #[schema(required, min_length = 1, max_length = 255)]
    pub name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    /// When the newest log of the account or of a linked prospect came.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub latest_activity_at: Option<Time>,
    /// The prospects with the account's domain, oldest first; at most 1000.
    pub linked_prospects: Vec<Prospect>,
}

/// The most prospects that an account shows; the list of prospects by domain has them all.
pub const MAX_LINKED: usize = 1_000;

/// The body of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPatch {
    pub name: String,
}

impl AccountPatch {
    /// Reads `{name}`, the only field.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut name = None;
        let read = node.object(&mut faults, &["name"], |key, child, faults| {
            if key == "name" {
                name = read::name(child, faults);
            }
            key == "name"
        });
        faults.finish(read.and(name).map(|name| Self { name }))
    }
}

/// An account to find or make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Canonical.
    pub domain: String,
    pub name: Option<String>,
}

impl NewAccount {
    /// Reads `{domain, name?}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut domain, mut name) = (None, None);
        let read = node.object(&mut faults, &["domain"], |key, child, faults| {
            match key {
                "domain" => domain = read::domain(child, faults),
                "name" => name = read::name(child, faults),
                _ => return false,
            }
            true
        });
        faults.finish(read.and(domain).map(|domain| Self { domain, name }))
    }
}

/// Which accounts are listed: those that meet all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountQuery {
    pub page: PageRequest,
    /// Canonical.
    pub domain: Option<String>,
    /// A part of the name or the domain, whatever its case and accents.
    pub search: Option<String>,
    /// Changed at this time or later.
    pub updated_since: Option<Time>,
}
