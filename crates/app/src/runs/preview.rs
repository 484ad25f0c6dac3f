use super::{batch_size, plan};
use crate::connectors::Connected;
use crate::crm::mirror_age;
use crate::evidence::Check;
use crate::pipeline::{
    Candidate, Feed, Judge, Knowledge, Line, Outside, Place, Plan, Record, Rules, Sources, Step, gather,
};
use crate::{Context, Error, Result, access};
use serde::Serialize;
use sluice_model::crm::CrmMirror;
use sluice_model::funnel::Funnel;
use sluice_model::run::{Cost, GenerateRequest, PreviewRequest};
use sluice_model::{Actor, Company, Decision, Lead, Stage, Verdict};
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many leads a preview shows.
const SHOWN: usize = 10;
/// On how many candidates `evaluate` makes outside checks when it does not say.
const SAMPLE: i64 = 10;

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
    /// What the checks of `evaluate` cost. Left out without.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost: Option<Cost>,
    /// Why the checks of `evaluate` ended early: `budget` or `credits`. Left out when they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stopped_by: Option<String>,
    /// What has to be connected before this ICP can run.
    pub missing_connectors: Vec<String>,
    /// The CRM that was looked at. Left out when none is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crm: Option<CrmMirror>,
}

/// What a run would ask of outside services at most: for each candidate that passed the free stages, as many calls as its
/// checks take when all of them are made and nothing is cached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Calls by filter type.
    pub checks: BTreeMap<String, u64>,
    /// Calls, in all.
    pub calls: u64,
    /// Credits, in all; what is not connected yet counts nothing.
    pub credits: u64,
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
    let connected = context.connectors.of(context, &actor.organisation).await?;
    let missing = plan.missing_connectors(&connected, crm)?;
    if request.evaluate && !missing.is_empty() {
        return Err(Error::Conflict(format!("Missing connector: {}", missing.join(", "))));
    }
    let sample = request.sample.unwrap_or(SAMPLE).unsigned_abs();
    let (preview, _) =
        preview_with(context, actor, &plan, SHOWN, connected, request.evaluate.then_some(sample)).await?;
    Ok(preview)
}

/// What has to be connected before this plan can run and is not, each with what needs it.
///
/// # Errors
/// The store's.
pub async fn missing_connectors(
    context: &Context,
    actor: &Actor,
    plan: &Plan,
    connected: &Connected,
) -> Result<Vec<String>> {
    let crm = context.read(actor, |tx| Box::pin(async move { mirror_age(tx).await })).await?;
    plan.missing_connectors(connected, crm)
}

/// As [`preview`] for a plan that is not stored, with all decisions; `shown` is how many leads are wanted. Outside checks
/// are only counted.
///
/// # Errors
/// The catalog's and the store's.
pub async fn preview_plan(
    context: &Context,
    actor: &Actor,
    plan: &Plan,
    shown: usize,
) -> Result<(Preview, Vec<Decision>)> {
    let connected = context.connectors.of(context, &actor.organisation).await?;
    preview_with(context, actor, plan, shown, connected, None).await
}

/// As [`preview_plan`]; with a `sample` outside checks are made for the first so many candidates that reach them, and
/// only for these. The others pass unchecked, as all do without.
///
/// # Errors
/// The catalog's and the store's.
pub async fn preview_with(
    context: &Context,
    actor: &Actor,
    plan: &Plan,
    shown: usize,
    connected: Connected,
    sample: Option<u64>,
) -> Result<(Preview, Vec<Decision>)> {
    let rules = plan.rules()?;
    let needed = Knowledge::needed_by(&rules);
    let crm = context.read(actor, |tx| Box::pin(async move { mirror_age(tx).await })).await?;
    let size = batch_size(plan.target);
    let sources = Sources::new(context, actor, &rules, Place::default(), HashSet::new());
    let mut feed = Feed::new(sources, None, Place::default(), size);
    let mut out = Preview {
        icp_id: plan.icp.id,
        icp_version: plan.icp_version,
        target: plan.target,
        funnel: Funnel::default(),
        leads: Vec::new(),
        companies: Vec::new(),
        estimate: Estimate::default(),
        cost: None,
        stopped_by: None,
        missing_connectors: plan.missing_connectors(&connected, crm)?,
        crm,
    };
    let spending = (plan.budget.or(context.evidence.budget), Cost::default());
    let outside = sample.and_then(|_| {
        Outside::of(context, &actor.organisation, &rules, connected.clone(), plan.icp.id, spending)
    });
    let outside = outside.map(|outside| Outside { sample, ..outside });
    let mut line = Line::new(Judge::new(&rules), outside);
    let mut decisions = Vec::new();
    loop {
        match line.step() {
            Step::Decided(decided) => {
                let (candidate, judged) = *decided;
                out.add(candidate, &judged.decision, shown);
                decisions.push(judged.decision);
            }
            Step::Full => break,
            Step::Stopped(stop) => {
                out.stopped_by = Some(stop.name().to_owned());
                break;
            }
            Step::Hungry if !feed.has_ended() => {
                let batch = feed.next_batch().await?;
                let facts = gather(context, actor, &batch, needed, None).await?;
                line.push(batch, facts);
            }
            Step::Hungry if line.backlog() == 0 => break,
            Step::Hungry | Step::Waiting => line.arrive().await?,
        }
    }
    line.close().await;
    out.cost = sample.map(|_| line.spent());
    out.count_checks(&rules, &connected);
    Ok((out, decisions))
}

impl Preview {
    fn add(&mut self, candidate: Candidate, decision: &Decision, shown: usize) {
        let reason = decision.reason.as_deref().unwrap_or_default();
        self.funnel.count(decision.verdict, decision.stage, reason);
        if decision.verdict == Verdict::Accepted && self.leads.len() + self.companies.len() < shown {
            match candidate.record {
                Record::Person(lead) => self.leads.push(*lead),
                Record::Company(company) => self.companies.push(*company),
            }
        }
    }

    fn count_checks(&mut self, rules: &Rules, connected: &Connected) {
        let evidence = self.funnel.stages.iter().find(|count| count.stage == Stage::Evidence);
        let reached = evidence.map_or(0, |count| count.entered);
        for check in Check::of(&rules.filters) {
            let cost = check.estimate(connected);
            let Some(filter) = rules.filters.get(check.index) else { continue };
            *self.estimate.checks.entry(filter.type_name().to_owned()).or_default() += cost.calls * reached;
            self.estimate.calls += cost.calls * reached;
            self.estimate.credits += cost.credits * reached;
        }
    }
}
