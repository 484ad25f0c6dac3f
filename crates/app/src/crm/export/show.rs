use crate::context::Context;
use crate::error::{Error, Result};
use serde::Serialize;
use sluice_model::Actor;
use sluice_model::crm::{CrmExport, ExportOutcome, ExportReport, ExportResult};
use sluice_store::Tx;
use sluice_store::ops::crm_export::{crm_export_counts, crm_export_get, crm_export_results};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many records have each outcome so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExportCounts {
    pub created: u64,
    pub updated: u64,
    pub noop: u64,
    pub skipped: u64,
    pub ambiguous: u64,
    pub failed: u64,
}

/// An export with its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExportView {
    #[serde(flatten)]
    pub export: CrmExport,
    pub outcomes: ExportCounts,
}

/// A page of what became of the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportRecords {
    /// In the order of the export; those without an outcome yet are left out.
    pub items: Vec<ExportResult>,
    /// To be sent as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// The message for an export that is not there.
#[must_use]
pub fn export_not_found(id: &str) -> Error {
    Error::NotFound(format!("Export not found: {id}"))
}

/// The export, if it exists and the actor began it or is an admin.
pub(super) async fn access_export(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<CrmExport> {
    let export = crm_export_get(tx, id).await?.ok_or_else(|| export_not_found(&id.to_string()))?;
    if export.created_by == actor.user || actor.is_admin() {
        return Ok(export);
    }
    Err(Error::Forbidden("You do not have access to this export".to_owned()))
}

/// Reads an export.
///
/// # Errors
/// Not found; forbidden for those who neither began it nor are admins.
pub async fn get(context: &Context, actor: &Actor, id: Uuid) -> Result<ExportView> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let export = access_export(tx, &by, id).await?;
                let mut outcomes = ExportCounts::default();
                for (outcome, count) in crm_export_counts(tx, id).await? {
                    match outcome {
                        ExportOutcome::Created => outcomes.created = count,
                        ExportOutcome::Updated => outcomes.updated = count,
                        ExportOutcome::Noop => outcomes.noop = count,
                        ExportOutcome::Skipped => outcomes.skipped = count,
                        ExportOutcome::Ambiguous => outcomes.ambiguous = count,
                        ExportOutcome::Failed => outcomes.failed = count,
                    }
                }
                Ok(ExportView { export, outcomes })
            })
        })
        .await
}

/// What became of the records of an export, from position `from` on.
///
/// # Errors
/// As [`get`].
pub async fn records(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    from: u64,
    limit: usize,
) -> Result<ExportRecords> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                access_export(tx, &by, id).await?;
                let mut page = crm_export_results(tx, id, from, limit + 1).await?;
                let next = page.get(limit).map(|(position, _)| position.to_string());
                page.truncate(limit);
                Ok(ExportRecords {
                    items: page.into_iter().map(|(_, result)| result).collect(),
                    next_cursor: next,
                })
            })
        })
        .await
}

/// The whole of what became of an export of at most `most` records.
pub(super) async fn report(tx: &mut Tx<'_>, id: Uuid, most: usize) -> Result<ExportReport> {
    let results = crm_export_results(tx, id, 0, most).await?;
    Ok(ExportReport::of(results.into_iter().map(|(_, result)| result).collect()))
}
