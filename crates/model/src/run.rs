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

impl Cost {
    /// Whether it is nothing.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.credits == 0 && self.calls == 0
    }
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.credits += other.credits;
        self.calls += other.calls;
    }
}

/// What a run has spent outside, all in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunCost {
    /// Credits of the organisation's balance.
    pub credits: u64,
    /// Calls to outside services.
    pub calls: u64,
    /// How much of it was for candidates that were looked up ahead and came to no decision by it. Left out when it is
    /// nothing.
    #[serde(default, skip_serializing_if = "Cost::is_nothing")]
    #[schema(required = false)]
    pub unneeded: Cost,
}

/// What a run may spend outside at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Budget {
    /// Calls; none: as many as it takes.
    pub calls: Option<u64>,
    /// Credits; none: as many as it takes.
    pub credits: Option<u64>,
}

impl Budget {
    /// The largest budget that a request may name.
    pub const MAX: i64 = 1_000_000_000;

    /// Reads a budget.
    fn read(node: &Node<'_>, faults: &mut Faults) -> Option<Self> {
        let mut budget = Self::default();
        node.object(faults, &[], |key, child, faults| {
            let most = |faults: &mut Faults| child.integer(faults, 0, Self::MAX).map(i64::unsigned_abs);
            match key {
                "calls" => budget.calls = most(faults),
                "credits" => budget.credits = most(faults),
                _ => return false,
            }
            true
        })?;
        Some(budget)
    }

    /// This budget; where it says nothing, `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { calls: self.calls.or(other.calls), credits: self.credits.or(other.credits) }
    }
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
    /// What the run is doing: `queued`, `candidates`, `evidence` when outside checks are among it, `done`.
    pub stage: String,
    pub progress: Progress,
    pub funnel: Funnel,
    /// The list made; null for a dry run, and when a cancelled run kept nothing.
    #[schema(required)]
    pub lead_list_id: Option<Uuid>,
    /// Whether decisions are recorded without making a list.
    pub dry_run: bool,
    pub cost: RunCost,
    /// Why the run ended before candidates ran out: `target`; `budget` when the run's own is spent, `credits` when the
    /// organisation's are; `connector` when a service refuses all calls; null when they ran out.
    #[schema(required)]
    pub stopped_by: Option<String>,
    /// Why the run failed; with `stoppedBy` `connector`, which service refused its calls and what it said.
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
    /// What outside checks may cost; where it says nothing, the server's default.
    pub budget: Budget,
    /// An earlier run of the same ICP whose unknown candidates are taken first.
    pub retry_unknown: Option<Uuid>,
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
                "budget" => request.budget = Budget::read(child, faults).unwrap_or_default(),
                "retryUnknown" => request.retry_unknown = child.uuid(faults),
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
    /// Whether paid checks are made, on the first `sample` candidates that reach them.
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
