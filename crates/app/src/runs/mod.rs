//! Runs: an ICP becomes a lead list.

mod batch;
mod cancel;
mod decisions;
pub(crate) mod generate;
mod get;
mod list;
mod preview;
pub(crate) mod work;

pub use cancel::cancel;
pub use decisions::{DecisionPage, decisions};
pub use generate::generate;
pub use get::{get, watch};
pub use list::list;
pub use preview::{
    Bounds, Estimate, Preview, Wanted, missing_connectors, preview, preview_plan, preview_with,
};
pub use sluice_store::ops::decision::DecisionFilter;

use crate::error::{Error, Result};
use crate::pipeline::Plan;
use sluice_model::run::GenerateRequest;
use sluice_model::{Icp, Time};

/// The constant name of a run's job.
pub(crate) const RUN_JOB: &str = "run";
/// How many days a list lasts when the request does not say.
const LIST_DAYS: i64 = 30;

/// The most candidates of one commit: some 20 ms of the writer's time.
const MAX_BATCH: usize = 250;

/// Candidates decided at once, by the number of leads wanted: a short list looks at few in vain.
fn batch_size(target: u64) -> usize {
    usize::try_from(target).unwrap_or(MAX_BATCH).saturating_mul(2).clamp(50, MAX_BATCH)
}

/// The plan of a run or a preview.
///
/// # Errors
/// [`Error::Invalid`] when the list would end before it starts.
pub fn plan(icp: Icp, icp_version: i64, request: &GenerateRequest, now: Time) -> Result<Plan> {
    let start_date = request.start_date.unwrap_or(now);
    let end_date = request.end_date.unwrap_or_else(|| start_date.plus_days(LIST_DAYS).min(Time::MAX));
    if end_date < start_date {
        let fault = sluice_model::Fault::new(vec!["endDate".into()], "endDate must not be before startDate");
        return Err(Error::Invalid(vec![fault]));
    }
    let target = request.leads.unwrap_or(icp.leads_per_list);
    let list_name = match &request.name {
        Some(name) => name.clone(),
        None => {
            let date = format!(" – {}", now.date());
            let kept: String = icp.name.chars().take(255 - date.chars().count()).collect();
            kept + &date
        }
    };
    Ok(Plan {
        format: Plan::FORMAT,
        icp,
        icp_version,
        target: u64::try_from(target).unwrap_or_default(),
        list_name,
        start_date,
        end_date,
        as_of: now,
        sync_accounts: request.sync_accounts,
        budget: request.budget,
        retry_unknown: request.retry_unknown,
    })
}
