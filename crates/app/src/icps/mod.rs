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

use sluice_model::icp::criteria::unknown_providers;

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

/// Fails when criteria name a provider that is neither the catalog nor connected.
///
/// # Errors
/// [`crate::Error::Invalid`].
async fn check_providers(
    context: &crate::Context,
    actor: &sluice_model::Actor,
    criteria: &serde_json::Value,
) -> crate::Result<()> {
    // Mostly there is nothing to be asked about.
    if unknown_providers(criteria, &[]).is_empty() {
        return Ok(());
    }
    let connected = context.connectors.of(context, &actor.organisation).await?;
    let known: Vec<&str> = connected.lead_providers.keys().map(String::as_str).collect();
    let faults = unknown_providers(criteria, &known);
    if faults.is_empty() { Ok(()) } else { Err(crate::Error::Invalid(faults)) }
}

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
