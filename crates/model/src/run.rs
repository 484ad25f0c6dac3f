//! Runs: how an ICP becomes a lead list.

use crate::crm::CrmMirror;
use crate::fault::{Fault, Faults, Node};
use crate::funnel::Funnel;
use crate::icp::MAX_LEADS_PER_LIST;
use crate::names::names;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a run is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

names!(RunStatus {
    Queued = "queued",
    Running = "running",
    Succeeded = "succeeded",
    Failed = "failed",
    Cancelled = "cancelled",
});

impl RunStatus {
    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Candidates decided so far.
    pub considered: u64,
    /// Candidates accepted so far.
    pub accepted: u64,
    /// Leads wanted.
    pub target: u64,
}

/// What a run has spent outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Credits of the organisation's balance.
    pub credits: u64,
    /// Calls to outside services.
    pub calls: u64,
}

/// A run as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub id: Uuid,
    pub icp_id: Uuid,
    /// The version of the ICP that this run follows, whatever happens to the ICP meanwhile.
    pub icp_version: i64,
    pub status: RunStatus,
    /// What the run is doing: `queued`, `candidates`, `done`.
    pub stage: String,
    pub progress: Progress,
    pub funnel: Funnel,
    /// The list made; null for a dry run, and when a cancelled run kept nothing.
    #[schema(required)]
    pub lead_list_id: Option<Uuid>,
    /// Whether decisions are recorded without making a list.
    pub dry_run: bool,
    pub cost: Cost,
    /// Why the run ended before candidates ran out: `target`, `budget`; null when they ran out.
    #[schema(required)]
    pub stopped_by: Option<String>,
    /// Why the run failed.
    #[schema(required)]
    pub error: Option<String>,
    pub created_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    /// The tick of the ICP's schedule that started this run. Left out when somebody started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, format = DateTime)]
    pub scheduled_for: Option<Time>,
    /// The CRM that the run looked at. Left out when none is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crm: Option<CrmMirror>,
}

/// The body of generate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerateRequest {
    /// Name of the list; default `<ICP name> – <date>`.
    pub name: Option<String>,
    /// Leads wanted; default the ICP's `leadsPerList`.
    pub leads: Option<i64>,
    pub start_date: Option<Time>,
    pub end_date: Option<Time>,
    pub dry_run: bool,
    /// Whether leads become prospects of the accounts API and their companies accounts.
    pub sync_accounts: bool,
}

impl GenerateRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut request = Self::default();
        let read = node.object(&mut faults, &[], |key, child, faults| {
            match key {
                "name" => request.name = child.trimmed(faults, 255),
                "leads" => request.leads = child.integer(faults, 1, MAX_LEADS_PER_LIST),
                "startDate" => request.start_date = child.time(faults),
                "endDate" => {
                    request.end_date = child.time(faults);
                    let start = node.value().get("startDate").and_then(|text| Time::parse(text.as_str()?));
                    if let (Some(start), Some(end)) = (start, request.end_date)
                        && end < start
                    {
                        child.fault(faults, "endDate must not be before startDate");
                    }
                }
                "dryRun" => request.dry_run = child.boolean(faults).unwrap_or_default(),
                "syncAccounts" => request.sync_accounts = child.boolean(faults).unwrap_or_default(),
                _ => return false,
            }
            true
        });
        faults.finish(read.map(|()| request))
    }
}

/// The body of preview.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreviewRequest {
    /// Whether paid checks are made, on `sample` candidates at most.
    pub evaluate: bool,
    pub sample: Option<i64>,
    pub leads: Option<i64>,
}

impl PreviewRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut request = Self::default();
        let read = node.object(&mut faults, &[], |key, child, faults| {
            match key {
                "evaluate" => request.evaluate = child.boolean(faults).unwrap_or_default(),
                "sample" => request.sample = child.integer(faults, 1, 1_000),
                "leads" => request.leads = child.integer(faults, 1, MAX_LEADS_PER_LIST),
                _ => return false,
            }
            true
        });
        faults.finish(read.map(|()| request))
    }
}

/// The body of cancel: whether what was accepted so far stays.
///
/// # Errors
/// All faults of the body.
pub fn read_keep_partial(node: &Node<'_>) -> Result<bool, Vec<Fault>> {
    let mut faults = Faults::new();
    let mut keep = false;
    let read = node.object(&mut faults, &[], |key, child, faults| {
        if key == "keepPartial" {
            keep = child.boolean(faults).unwrap_or_default();
        }
        key == "keepPartial"
    });
    faults.finish(read.map(|()| keep))
}
