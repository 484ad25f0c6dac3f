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
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many leads a preview shows.
const SHOWN: usize = 10;
/// On how many candidates `evaluate` makes outside checks when it does not say.
const SAMPLE: i64 = 10;
/// How far the preview of a request goes; a run goes on until there are no more candidates.
const BOUNDS: Bounds = Bounds { candidates: 100_000, time: Duration::from_secs(60) };
/// How long it may take when outside checks are made, of which each may take minutes.
const TIME_OF_CHECKS: Duration = Duration::from_secs(600);

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
    /// Why the preview ended before as many were accepted as are wanted and before candidates ran out: `candidates` after
    /// 100 000 of them, `time` after a minute (ten with `evaluate`); and as a run does by `budget`, `credits` or
    /// `connector` when `evaluate` can check no further. Left out when it did not end early.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stopped_by: Option<String>,
    /// With `stoppedBy` `connector`: which service refused its calls, and what it said. Left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
    /// What has to be connected before this ICP can run; the preview shows what comes without.
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
/// Not found, forbidden; [`Error::Conflict`] when the criteria are no longer valid, [`Error::Outside`] when a lead
/// provider does not answer.
pub async fn preview(context: &Context, actor: &Actor, id: Uuid, request: PreviewRequest) -> Result<Preview> {
    let by = actor.clone();
    let stored =
        context.read(actor, move |tx| Box::pin(async move { access::icp(tx, &by, id).await })).await?;
    let leads = GenerateRequest { leads: request.leads, ..GenerateRequest::default() };
    let plan = plan(stored.icp, stored.version, &leads, context.now())?;
    let connected = context.connectors.of(context, &actor.organisation).await?;
    let sample = request.evaluate.then(|| request.sample.unwrap_or(SAMPLE).unsigned_abs());
    let bounds = if request.evaluate { Bounds { time: TIME_OF_CHECKS, ..BOUNDS } } else { BOUNDS };
    let wanted = Wanted { shown: SHOWN, sample, bounds: Some(bounds) };
    preview_with(context, actor, &plan, connected, wanted, |_| ()).await
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
    let mut decisions = Vec::new();
    let wanted = Wanted { shown, sample: None, bounds: None };
    let each = |decision| decisions.push(decision);
    let preview = preview_with(context, actor, plan, connected, wanted, each).await?;
    Ok((preview, decisions))
}

/// What is wanted of a preview.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How many leads are shown.
    pub shown: usize,
    /// For how many of the candidates that reach them outside checks are made; the others pass unchecked. None: checks
    /// are only counted.
    pub sample: Option<u64>,
    /// How far it goes. None: to the end, as a run does.
    pub bounds: Option<Bounds>,
}

/// How far a preview goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Candidates that are considered.
    pub candidates: u64,
    pub time: Duration,
}

/// As [`preview_plan`], giving each decision away as it is made.
///
/// # Errors
/// The catalog's and the store's.
pub async fn preview_with(
    context: &Context,
    actor: &Actor,
    plan: &Plan,
    connected: Connected,
    wanted: Wanted,
    mut each: impl FnMut(Decision) + Send,
) -> Result<Preview> {
    let Wanted { shown, sample, bounds } = wanted;
    let most = bounds.map_or(u64::MAX, |bounds| bounds.candidates);
    let until = bounds.map(|bounds| Instant::now() + bounds.time);
    let mut rules = plan.rules()?;
    rules.leave_out_unconnected(&connected);
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
        error: None,
        missing_connectors: plan.missing_connectors(&connected, crm)?,
        crm,
    };
    let spending = (plan.budget.or(context.evidence.budget), Cost::default());
    let outside = sample.and_then(|_| {
        Outside::of(context, &actor.organisation, &rules, connected.clone(), plan.icp.id, spending)
    });
    let outside = outside.map(|outside| Outside { sample, ..outside });
    let mut line = Line::new(Judge::new(&rules), outside);
    let end = loop {
        if out.funnel.considered >= most && !line.is_full() {
            break Some("candidates");
        }
        match line.step() {
            Step::Decided(decided) => {
                let (candidate, judged) = *decided;
                out.add(candidate, &judged.decision, shown);
                each(judged.decision);
            }
            Step::Full => break None,
            Step::Stopped(stop) => {
                out.error = stop.text().map(str::to_owned);
                break Some(stop.name());
            }
            Step::Hungry if !feed.has_ended() => {
                let fetch = async {
                    let batch = feed.next_batch().await?;
                    let facts = gather(context, actor, &batch, needed, None).await?;
                    Ok::<_, Error>((batch, facts))
                };
                let Some((batch, facts)) = within(until, fetch).await? else { break Some("time") };
                line.push(batch, facts);
            }
            Step::Hungry if line.backlog() == 0 => break None,
            Step::Hungry | Step::Waiting => {
                if within(until, line.arrive()).await?.is_none() {
                    break Some("time");
                }
            }
        }
    };
    line.close().await;
    out.stopped_by = end.map(str::to_owned);
    out.cost = sample.map(|_| line.spent());
    out.count_checks(&rules, &connected);
    Ok(out)
}

/// What comes of this, if it comes in time.
async fn within<T>(until: Option<Instant>, work: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    match until {
        None => work.await.map(Some),
        Some(until) if until <= Instant::now() => Ok(None),
        Some(until) => timeout_at(until, work).await.ok().transpose(),
    }
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
