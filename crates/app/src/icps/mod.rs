//! Actions on ICPs.

mod clone;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod versions;

pub use clone::clone;
pub use create::create;
pub use delete::delete;
pub use get::get;
pub use list::list;
pub use update::update;
pub use versions::{version, versions};

/// The names of all fields that a client can set, in the order of the documentation.
pub(crate) const FIELDS: [&str; 9] = [
    "name",
    "description",
    "userIds",
    "leadsPerList",
    "activeUntil",
    "leadProviderCriteria",
    "customFilterCriteria",
    "crmFilters",
    "schedule",
];

/// An entry of the audit trail.
pub(crate) fn audit(
    actor: &sluice_model::Actor,
    action: &str,
    id: uuid::Uuid,
    at: sluice_model::Time,
) -> sluice_store::ops::audit::AuditEntry {
    sluice_store::ops::audit::AuditEntry {
        user: actor.user.clone(),
        action: action.to_owned(),
        entity_id: id.to_string(),
        at,
    }
}
