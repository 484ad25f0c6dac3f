use super::{batch_size, plan};
use crate::crm::mirror_age;
use crate::pipeline::{Judge, Knowledge, Place, Plan, Record, Sources, gather};
use crate::{Context, Error, Result, access};
use serde::Serialize;
use sluice_model::crm::CrmMirror;
use sluice_model::funnel::Funnel;
use sluice_model::run::{GenerateRequest, PreviewRequest};
use sluice_model::{Actor, Company, Decision, Lead, Verdict};
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many leads a preview shows.
const SHOWN: usize = 10;

/// What a run would do.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    pub icp_id: Uuid,
    pub icp_version: i64,
    /// Leads wanted.
    pub target: u64,
    pub funnel: Funnel,
    /// The first leads of a person list.
    pub leads: Vec<Lead>,
    /// The first companies of a company list.
    pub companies: Vec<Company>,
    pub estimate: Estimate,
    /// What has to be connected before this ICP can run.
    pub missing_connectors: Vec<String>,
    /// The CRM that was looked at. Left out when none is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crm: Option<CrmMirror>,
}

/// What a run would ask of outside services. A preview only counts these checks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Calls at most, by filter type: one for each candidate that passed the free stages.
    pub checks: BTreeMap<String, u64>,
    /// Calls at most, in all.
    pub calls: u64,
}

/// Makes a dry run of an ICP by the same steps as a run, and writes nothing.
///
/// # Errors
/// Not found, forbidden; [`Error::Conflict`] when paid checks are asked for and their connector is missing.
pub async fn preview(context: &Context, actor: &Actor, id: Uuid, request: PreviewRequest) -> Result<Preview> {
    let by = actor.clone();
    let (stored, crm) = context
        .read(actor, move |tx| {
            Box::pin(async move { Ok::<_, Error>((access::icp(tx, &by, id).await?, mirror_age(tx).await?)) })
        })
        .await?;
    let leads = GenerateRequest { leads: request.leads, ..GenerateRequest::default() };
    let plan = plan(stored.icp, stored.version, &leads, context.now())?;
    let missing = plan.missing_connectors(crm)?;
    if request.evaluate && !missing.is_empty() {
        return Err(Error::Conflict(format!("Missing connector: {}", missing.join(", "))));
    }
    let (preview, _) = preview_plan(context, actor, &plan, SHOWN).await?;
    Ok(preview)
}

/// As [`preview`] for a plan that is not stored, with all decisions; `shown` is how many leads are wanted.
///
/// # Errors
/// The catalog's and the store's.
pub async fn preview_plan(
    context: &Context,
    actor: &Actor,
    plan: &Plan,
    shown: usize,
) -> Result<(Preview, Vec<Decision>)> {
    let rules = plan.rules()?;
    let needed = Knowledge::needed_by(&rules);
    let crm = context.read(actor, |tx| Box::pin(async move { mirror_age(tx).await })).await?;
    let mut candidates = Sources::new(context, actor, &rules, Place::default(), HashSet::new());
    let mut judge = Judge::new(&rules);
    let mut decisions = Vec::new();
    let mut out = Preview {
        icp_id: plan.icp.id,
        icp_version: plan.icp_version,
        target: plan.target,
        funnel: Funnel::default(),
        leads: Vec::new(),
        companies: Vec::new(),
        estimate: Estimate::default(),
        missing_connectors: plan.missing_connectors(crm)?,
        crm,
    };
    while !judge.is_full() {
        let (batch, _) = candidates.next_batch(batch_size(plan.target)).await?;
        if batch.is_empty() {
            break;
        }
        let facts = gather(context, actor, &batch, needed, None).await?;
        for (candidate, facts) in batch.into_iter().zip(&facts) {
            if judge.is_full() {
                break;
            }
            let decision = judge.judge(&candidate, facts).decision;
            out.funnel.count(
                decision.verdict,
                decision.stage,
                decision.reason.as_deref().unwrap_or_default(),
            );
            if decision.verdict == Verdict::Accepted && out.leads.len() + out.companies.len() < shown {
                match candidate.record {
                    Record::Person(lead) => out.leads.push(*lead),
                    Record::Company(company) => out.companies.push(*company),
                }
            }
            decisions.push(decision);
        }
    }
    for filter in rules.filters.iter().filter(|filter| filter.connector().is_some()) {
        *out.estimate.checks.entry(filter.type_name().to_owned()).or_default() += out.funnel.accepted;
        out.estimate.calls += out.funnel.accepted;
    }
    Ok((out, decisions))
}
