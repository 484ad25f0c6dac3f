//! A run comes to what the oracle says, for any ICP in any organisation.

use crate::dice::Dice;
use crate::made::{self, Made};
use crate::oracle::{self, Decided, Record, Wanted};
use crate::organisation::{Entry, Organisation};
use crate::stage::Stage;
use crate::world::World;
use serde_json::{Value, json};
use sluice_app::suppressions;
use sluice_model::filter::Filter;
use sluice_model::suppression::{SuppressionKind, read_new};
use sluice_model::{Actor, Decision, EntityKind, Faults, Node, RunStatus, Verdict};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use uuid::Uuid;

/// Organisations of each half, and the runs that each makes one after the other.
const ORGANISATIONS: u64 = 24;
const RUNS: u64 = 4;
const PEOPLE: usize = 1_400;

/// How much was looked at: a test that finds nobody proves nothing.
#[derive(Default, Debug)]
struct Tally {
    runs: usize,
    considered: usize,
    accepted: usize,
    by_reason: std::collections::BTreeMap<String, usize>,
    several_sources: usize,
    pieces: usize,
    /// Seconds of the oracle, of dry runs, previews, runs.
    seconds: [f64; 4],
}

// Two halves, for two cores.
#[tokio::test]
async fn every_run_equals_the_plain_evaluation() {
    half(0..ORGANISATIONS).await;
}

#[tokio::test]
async fn every_run_equals_the_plain_evaluation_too() {
    half(ORGANISATIONS..2 * ORGANISATIONS).await;
}

async fn half(organisations: std::ops::Range<u64>) {
    let begun = Instant::now();
    let world = World::small(PEOPLE, 1);
    let stage = Stage::on(world.catalog.clone()).await;
    let mut tally = Tally::default();
    for number in organisations {
        let mut dice = Dice::of(number);
        let actor = stage.organisation(&format!("org_{number}")).await;
        let mut organisation = Organisation::default();
        let mut before = None;
        for step in 0..RUNS {
            suppress(&stage, &actor, &mut organisation, &world, &mut dice).await;
            // Now and then the same search again: whom it finds is on a list by then, or in the CRM.
            let made = match before {
                Some(before) if dice.percent(40) => made::again(&mut dice, &world, &before),
                _ => made::icp(&mut dice, &world),
            };
            let name = format!("organisation {number}, run {step}: {}", made.body);
            check(&stage, &actor, &mut organisation, &world, &made, &mut dice, &name, &mut tally).await;
            before = Some(made);
            stage.clock.advance_days(i64::try_from(dice.below(40)).expect("small"));
            if dice.percent(50) {
                stage.clock.advance(-1);
            }
        }
    }
    println!("{tally:?} in {:.1} s", begun.elapsed().as_secs_f64());
    assert!(tally.considered > 15_000 && tally.accepted > 4_000, "{tally:?}");
    assert!(tally.by_reason.len() >= 12, "{tally:?}");
    assert!(tally.several_sources > 1_000 && tally.pieces > 20, "{tally:?}");
}

/// The searches of an ICP as the reference evaluation takes them.
fn searches(made: &Made) -> Vec<Filter> {
    let read = |value: &Value| {
        let mut faults = Faults::new();
        Filter::read(&Node::root(value), &mut faults, made.kind)
            .unwrap_or_else(|| panic!("{value}: {faults:?}"))
    };
    made.filters().iter().map(read).collect()
}

/// Makes a dry run, a preview and a run that is interrupted, and holds them against the oracle.
#[expect(clippy::too_many_arguments, reason = "the parts of a case")]
async fn check(
    stage: &Stage,
    actor: &Actor,
    organisation: &mut Organisation,
    world: &World,
    made: &Made,
    dice: &mut Dice,
    name: &str,
    tally: &mut Tally,
) {
    let now = stage.context.clock.now();
    let wanted = Wanted { searches: searches(made), rules: made.rules.clone(), target: made.target, now };
    let begun = Instant::now();
    let candidates = match made.kind {
        EntityKind::Person => {
            let person = |person| Record::Person(person, world.company_of(person));
            oracle::candidates(&wanted.searches, world.people.iter().map(person))
        }
        EntityKind::Company => {
            oracle::candidates(&wanted.searches, world.companies.iter().map(Record::Company))
        }
    };
    let expected = oracle::decide(&candidates, &wanted, organisation);

    let mut seconds = vec![begun.elapsed().as_secs_f64()];
    let icp = stage.icp(actor, &made.body).await;
    let dry = stage.generate(actor, &icp, true).await;
    stage.work(&|| false).await;
    let dry = stage.run(actor, dry.id).await;
    assert_eq!((dry.status, dry.lead_list_id), (RunStatus::Succeeded, None), "{name}");
    let decisions = stage.decisions(actor, dry.id).await;
    compare(&decisions, &expected.decided, name);

    seconds.push(begun.elapsed().as_secs_f64());
    let (preview, previewed) = stage.preview(actor, &icp).await;
    assert_eq!(previewed, decisions, "{name}: the preview");
    let first = preview.leads.iter().filter_map(|lead| lead.base_provider_id);
    let first: Vec<Uuid> = first.chain(preview.companies.iter().map(|company| company.id)).collect();
    assert_eq!(
        first,
        expected.accepted.iter().map(Record::id).collect::<Vec<_>>(),
        "{name}: the preview's leads"
    );

    seconds.push(begun.elapsed().as_secs_f64());
    // Stops now and then, and goes on as after a restart.
    let run = stage.generate(actor, &icp, false).await;
    let (asked, every) = (AtomicUsize::new(0), dice.between(1, 3));
    stage.work(&|| asked.fetch_add(1, Ordering::Relaxed) % (every + 1) == every).await;
    let run = stage.run(actor, run.id).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{name}");
    assert_eq!(stage.decisions(actor, run.id).await, decisions, "{name}: a second run");
    let full = expected.accepted.len() as u64 == wanted.target;
    assert_eq!(run.stopped_by.as_deref(), full.then_some("target"), "{name}");
    for funnel in [&dry.funnel, &preview.funnel, &run.funnel] {
        assert!(funnel.adds_up(), "{name}: {funnel:?}");
        assert_eq!(*funnel, dry.funnel, "{name}");
        assert_eq!(funnel.considered, decisions.len() as u64, "{name}");
        assert_eq!(funnel.accepted, expected.accepted.len() as u64, "{name}");
    }
    assert_eq!(
        (run.progress.considered, run.progress.accepted),
        (run.funnel.considered, run.funnel.accepted)
    );

    seconds.push(begun.elapsed().as_secs_f64());
    for at in (1..4).rev() {
        seconds[at] -= seconds[at - 1];
    }
    tally.seconds.iter_mut().zip(seconds).for_each(|(sum, seconds)| *sum += seconds);
    tally.runs += 1;
    tally.pieces += asked.into_inner() / (every + 1);
    tally.considered += expected.decided.len();
    tally.accepted += expected.accepted.len();
    for decided in &expected.decided {
        tally.several_sources += usize::from(decided.sources.len() > 1);
        let reason = decided.reason.as_deref().unwrap_or("accepted");
        let reason = if reason.ends_with("does not match") { "does not match" } else { reason };
        *tally.by_reason.entry(reason.to_owned()).or_default() += 1;
    }

    // The list, and what the organisation knows from now on.
    let mut own: Vec<usize> = Vec::new();
    for record in &expected.accepted {
        let at = organisation.adopt(record);
        if !own.contains(&at) {
            own.push(at);
        }
    }
    let listed = stage.listed(actor, run.lead_list_id.expect("a list")).await;
    let bases: Vec<Uuid> = own.iter().map(|at| organisation.own[*at].base).collect();
    assert_eq!(listed.iter().map(|(_, base)| *base).collect::<Vec<_>>(), bases, "{name}: the list");
    for (at, (id, _)) in own.into_iter().zip(listed) {
        let record = &mut organisation.own[at];
        assert!(record.id.is_none_or(|known| known == id), "{name}: two copies of one record");
        record.id = Some(id);
        record.listed_at = Some(now);
        if dice.percent(40) {
            stage.put_in_crm(actor, id).await;
            record.in_crm = true;
        }
    }
}

pub fn compare(decisions: &[Decision], expected: &[Decided], name: &str) {
    for (at, (decision, expected)) in decisions.iter().zip(expected).enumerate() {
        let found = Decided {
            id: decision.candidate.id,
            sources: decision.sources.iter().filter_map(|source| source.criterion).collect(),
            stage: decision.stage.name(),
            reason: decision.reason.clone(),
            filter: decision.filter_index,
        };
        assert_eq!(&found, expected, "{name}: candidate {at} ({})", decision.sentence);
        assert_eq!(decision.sequence, at as u64 + 1, "{name}");
        let accepted = decision.verdict == Verdict::Accepted;
        assert!(accepted == expected.reason.is_none() && decision.verdict != Verdict::Unknown, "{name}");
    }
    assert_eq!(decisions.len(), expected.len(), "{name}");
}

/// Puts some values of some records on the suppression list, and takes some off.
async fn suppress(
    stage: &Stage,
    actor: &Actor,
    organisation: &mut Organisation,
    world: &World,
    dice: &mut Dice,
) {
    for _ in 0..dice.below(6) {
        let (person, company) = (dice.pick(&world.people), dice.pick(&world.companies));
        let own =
            organisation.own.iter().filter(|own| own.kind == EntityKind::Person).filter_map(|own| own.id);
        let own: Vec<Uuid> = own.collect();
        let kind = *dice.pick(&SuppressionKind::ALL);
        // As people write them, not as they are compared.
        let value = match (kind, dice.below(3)) {
            (SuppressionKind::Person, 0) => Some(person.id.to_string().to_uppercase()),
            (SuppressionKind::Person, 1) if !own.is_empty() => Some(dice.pick(&own).to_string()),
            (SuppressionKind::Person, _) => person.linkedin_url.as_ref().map(|url| format!("{url}/?utm=1")),
            (SuppressionKind::Email, _) => {
                person.emails.last().map(|email| format!(" {} ", email.to_uppercase()))
            }
            (SuppressionKind::Domain, 0) => {
                person.emails.last().and_then(|email| email.rsplit('@').next()).map(str::to_owned)
            }
            (SuppressionKind::Domain, _) => {
                company.domain.as_ref().map(|domain| format!("https://www.{domain}/x"))
            }
            (SuppressionKind::Company, 0) => Some(company.id.to_string()),
            (SuppressionKind::Company, _) => company.name.as_ref().map(|name| name.to_uppercase()),
        };
        let Some(value) = value.filter(|value| kind.canonical(value).is_some()) else { continue };
        if kind == SuppressionKind::Domain && value.ends_with("example.com") && dice.percent(90) {
            // Most people have an address there.
            continue;
        }
        put(stage, actor, organisation, dice, kind, &value).await;
    }
}

async fn put(
    stage: &Stage,
    actor: &Actor,
    organisation: &mut Organisation,
    dice: &mut Dice,
    kind: SuppressionKind,
    value: &str,
) {
    let now = stage.context.clock.now();
    // Over now, over soon, or never.
    let expires_at = [Some(now), Some(now.plus_days(20)), None, None][dice.below(4)];
    let mut body = json!({"kind": kind.name(), "value": value, "reason": "asked to be left alone"});
    if let Some(expires_at) = expires_at {
        body["expiresAt"] = json!(expires_at);
    }
    let (new, _) = read_new(&Node::root(&body)).expect("a valid entry");
    let canonical = new[0].value.clone();
    let added = suppressions::add(&stage.context, actor, None, new).await.expect("the entry is put");
    if added.added_count == 0 {
        // There already, under its own terms.
        return;
    }
    let id = added.entries[0].id;
    let removed = dice.percent(15);
    if removed {
        suppressions::remove(&stage.context, actor, id).await.expect("the entry is taken off");
    } else if dice.percent(20) {
        suppressions::erase(&stage.context, actor, id).await.expect("the value is erased");
    }
    organisation.entries.push(Entry { kind, value: canonical, expires_at, removed });
}
