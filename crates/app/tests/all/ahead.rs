//! Looking ahead changes nothing: whatever the order in which evidence comes, and whoever is killed meanwhile, a run
//! comes to what it comes to when candidates are taken one by one.

use crate::dice::Dice;
use crate::outside::Outside;
use crate::stage::Stage;
use crate::world::{companies, example_companies};
use serde_json::{Value, json};
use sluice_app::connectors::Fixed;
use sluice_app::evidence::Options;
use sluice_app::runs::{self, Wanted};
use sluice_app::worker::{self, work_once};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_catalog::sample;
use sluice_model::evidence::{CheckKind, Finding};
use sluice_model::run::{GenerateRequest, RunCost};
use sluice_model::{Actor, Decision, Evidence, Icp, Run, RunStatus, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const PEOPLE: usize = 70;
const SCHEDULES: u64 = 260;

/// People at a few companies, so that companies are shared; some people twice, some companies without a site.
pub fn few_companies(people: usize) -> Arc<ReferenceCatalog> {
    let mut at: Vec<_> = companies(&example_companies())
        .into_iter()
        .filter(|company| company.domain.is_some() || company.website_url.is_some())
        .take(14)
        .collect();
    for company in at.iter_mut().take(2) {
        (company.domain, company.website_url) = (None, None);
    }
    let catalog = ReferenceCatalog::new();
    for (number, person) in sample::people(&at, people, 5).enumerate() {
        if number % 9 == 0 {
            let mut again = person.clone();
            again.id = Uuid::from_u128(0xd0 << 120 | 0x4000_8000_u128 << 64 | number as u128);
            catalog.put_person(again);
        }
        catalog.put_person(person);
    }
    at.into_iter().for_each(|company| catalog.put_company(company));
    Arc::new(catalog)
}

fn icp(dice: &mut Dice) -> Value {
    let mut filters = Vec::new();
    if dice.percent(50) {
        filters.push(json!({"type": "maxPeoplePerCompany", "value": dice.between(1, 3)}));
    }
    if dice.percent(20) {
        filters.push(json!({"type": "matchFieldWithRegex", "field": "lastName", "regex": "[a-n]$"}));
    }
    for number in 0..dice.between(1, 3) {
        filters.push(match dice.below(6) {
            0 => json!({"type": "ai", "entityType": "person", "prompt": format!("a person {number}?")}),
            1 => json!({"type": "ai", "entityType": "company", "prompt": format!("a company {number}?")}),
            2 => json!({"type": "website", "prompt": format!("a site {number}?")}),
            3 => json!({"type": "webscraping", "includeSearchStrings": ["hiring", "Machines"]}),
            4 => json!({"type": "webscraping", "excludeSearchStrings": ["casino"], "provider": "builtin",
                        "extractionPrompt": "does it sell?"}),
            _ => json!({"type": "webscraping", "pageFindingPrompt": "about us", "extractionPrompt": "is it large?",
                        "includeSearchStrings": ["software", "export"], "excludeSearchStrings": ["casino"]}),
        });
    }
    json!({
        "name": "Ahead",
        "leadsPerList": dice.between(2, 40),
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": filters,
    })
}

/// What of a decision does not depend on when and by whom evidence was looked up.
fn told(mut decisions: Vec<Decision>) -> Vec<Decision> {
    for decision in &mut decisions {
        decision.cost = sluice_model::run::Cost::default();
        for seen in &mut decision.evidence {
            *seen = Evidence { fetched_at: None, cached: false, cost: decision.cost, ..seen.clone() };
        }
    }
    decisions
}

#[derive(Default, Debug)]
struct Tally {
    considered: usize,
    by_verdict: BTreeMap<String, usize>,
    by_reason: BTreeMap<String, usize>,
    kills: usize,
    calls: u64,
    unneeded: u64,
    most_at_once: usize,
}

async fn finished(stage: &Stage, actor: &Actor, run: Uuid) -> Run {
    let run = stage.run(actor, run).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert!(run.funnel.adds_up(), "{run:?}");
    run
}

/// What the run has cost is what its decisions have and what was not needed.
fn check_cost(run: &Run, decisions: &[Decision], outside: &Outside, name: &str) {
    let RunCost { calls, credits, unneeded } = run.cost;
    let decided: u64 = decisions.iter().map(|decision| decision.cost.calls).sum();
    assert_eq!(calls, decided + unneeded.calls, "{name}: {:?}", run.cost);
    assert_eq!((credits, unneeded.credits), (0, 0), "{name}");
    assert!(calls <= outside.calls(), "{name}");
    for decision in decisions {
        let evidence: u64 = decision.evidence.iter().map(|seen| seen.cost.calls).sum();
        assert!(evidence <= decision.cost.calls, "{name}: {decision:?}");
    }
}

/// Unknown is never a pass: for whoever is accepted, each check saw what it asks for.
fn check_passes(body: &Value, decisions: &[Decision], name: &str) {
    let accepted = decisions.iter().filter(|decision| decision.verdict == Verdict::Accepted);
    for decision in accepted {
        let saw = |filter: usize, check, finding| {
            let of = |seen: &&Evidence| (seen.filter_index, seen.check) == (filter, check);
            decision.evidence.iter().filter(of).any(|seen| seen.finding == finding)
        };
        for (at, filter) in body["customFilterCriteria"].as_array().expect("filters").iter().enumerate() {
            let asks = |key: &str| filter.get(key).is_some();
            let answered = match filter["type"].as_str() {
                Some("ai") => saw(at, CheckKind::Ai, Finding::Yes),
                Some("website") => saw(at, CheckKind::Website, Finding::Yes),
                Some("webscraping") => {
                    (!asks("extractionPrompt") || saw(at, CheckKind::Extraction, Finding::Yes))
                        && (!asks("includeSearchStrings") || saw(at, CheckKind::Strings, Finding::Yes))
                        && (!asks("excludeSearchStrings") || !saw(at, CheckKind::Strings, Finding::Unknown))
                        && !saw(at, CheckKind::Strings, Finding::No)
                }
                _ => true,
            };
            assert!(answered, "{name}: filter {at} of {decision:?}");
        }
    }
}

async fn schedules(seeds: std::ops::Range<u64>) {
    let catalog = few_companies(PEOPLE);
    let mut stage = Stage::on(catalog).await;
    let mut tally = Tally::default();
    let plain = stage.context.clone();
    for seed in seeds {
        let mut dice = Dice::of(seed);
        let body = icp(&mut dice);
        let name = format!("schedule {seed}: {body}");

        // One by one, and nobody takes any time.
        let outside = Outside::chance(seed, 0);
        let one = Options { look_ahead: 1, ..Options::default() };
        stage.context =
            plain.clone().with_connectors(Arc::new(Fixed(outside.connected()))).with_evidence(one);
        let actor = stage.organisation(&format!("org_one_{seed}")).await;
        let mine: Icp = stage.icp(&actor, &body).await;
        let run = stage.generate(&actor, &mine, false).await;
        stage.work(&|| false).await;
        let expected = finished(&stage, &actor, run.id).await;
        let decisions = stage.decisions(&actor, run.id).await;
        check_cost(&expected, &decisions, &outside, &name);
        assert_eq!(expected.cost.calls, outside.calls(), "{name}");
        assert_eq!(expected.cost.unneeded.calls, 0, "{name}");
        check_passes(&body, &decisions, &name);
        let listed = stage.listed(&actor, expected.lead_list_id.expect("a list")).await;

        // Many at once, each as slow as it likes, and killed now and then.
        let outside = Outside::chance(seed, 3_000);
        let many = Options { look_ahead: dice.between(2, 32), ..Options::default() };
        stage.context =
            plain.clone().with_connectors(Arc::new(Fixed(outside.connected()))).with_evidence(many);
        let actor = stage.organisation(&format!("org_many_{seed}")).await;
        let mine = stage.icp(&actor, &body).await;
        let run = stage.generate(&actor, &mine, false).await;
        for _ in 0..dice.below(4) {
            outside.light(dice.between(1, 40));
            let work = work_once(&stage.context, worker::Options::default(), &|| false);
            tokio::select! {
                worked = work => { worked.expect("the queue"); }
                () = outside.killed.notified() => tally.kills += 1,
            }
            // The lease of the one who is gone runs out.
            stage.clock.advance(5_001);
        }
        outside.light(0);
        stage.work(&|| false).await;
        let found = finished(&stage, &actor, run.id).await;
        let ahead = stage.decisions(&actor, run.id).await;
        check_cost(&found, &ahead, &outside, &name);
        assert_eq!(told(ahead.clone()), told(decisions), "{name}");
        assert_eq!((&found.funnel, &found.stopped_by), (&expected.funnel, &expected.stopped_by), "{name}");
        let on_list = stage.listed(&actor, found.lead_list_id.expect("a list")).await;
        let bases = |list: &[(Uuid, Uuid)]| list.iter().map(|(_, base)| *base).collect::<Vec<_>>();
        assert_eq!(bases(&on_list), bases(&listed), "{name}: the list");

        tally.considered += ahead.len();
        tally.calls += found.cost.calls;
        tally.unneeded += found.cost.unneeded.calls;
        tally.most_at_once =
            tally.most_at_once.max(outside.most_under_way.load(std::sync::atomic::Ordering::SeqCst));
        for decision in ahead {
            *tally.by_verdict.entry(decision.verdict.name().to_owned()).or_default() += 1;
            *tally.by_reason.entry(decision.reason.unwrap_or_default()).or_default() += 1;
        }
    }
    println!("{tally:?}");
    assert!(tally.considered > 5_000 && tally.kills > 100 && tally.most_at_once > 16, "{tally:?}");
    assert!(tally.by_verdict.len() == 3 && tally.by_reason.len() >= 12, "{tally:?}");
    assert!(tally.unneeded > 0, "{tally:?}");
}

// Two halves, for two cores.
#[tokio::test(start_paused = true)]
async fn looking_ahead_changes_nothing() {
    schedules(0..SCHEDULES).await;
}

#[tokio::test(start_paused = true)]
async fn looking_ahead_changes_nothing_either() {
    schedules(SCHEDULES..2 * SCHEDULES).await;
}

/// A preview that makes all checks comes to what a run does right after it, and one that makes none to what a run does
/// whose checks all pass.
#[tokio::test(start_paused = true)]
async fn a_preview_tells_what_a_run_will_do() {
    let mut stage = Stage::on(few_companies(PEOPLE)).await;
    let plain = stage.context.clone();
    for seed in 0..40 {
        let mut dice = Dice::of(9_000 + seed);
        let body = icp(&mut dice);
        let name = format!("preview {seed}: {body}");
        let outside = Outside::chance(seed, 500);
        stage.context = plain.clone().with_connectors(Arc::new(Fixed(outside.connected())));
        let actor = stage.organisation(&format!("org_{seed}")).await;
        let mine = stage.icp(&actor, &body).await;
        let plan =
            runs::plan(mine.clone(), 1, &GenerateRequest::default(), stage.context.now()).expect("a plan");
        let (unchecked, passing) =
            runs::preview_plan(&stage.context, &actor, &plan, usize::MAX).await.expect("a preview");
        assert_eq!((outside.calls(), unchecked.cost), (0, None), "{name}: nothing is called");
        assert!(passing.iter().all(|decision| decision.verdict != Verdict::Unknown), "{name}");
        let connected = outside.connected();
        let mut previewed = Vec::new();
        let wanted = Wanted { shown: usize::MAX, sample: Some(1_000), bounds: None };
        let each = |decision| previewed.push(decision);
        let preview = runs::preview_with(&stage.context, &actor, &plan, connected, wanted, each);
        let preview = preview.await.expect("a preview");
        assert_eq!(preview.cost.expect("it costs").calls, outside.calls(), "{name}");
        let decided: u64 = previewed.iter().map(|decision| decision.cost.calls).sum();
        assert!(decided <= preview.estimate.calls, "{name}: {decided} of {:?}", preview.estimate);
        let run = stage.generate(&actor, &mine, false).await;
        stage.work(&|| false).await;
        let run = finished(&stage, &actor, run.id).await;
        let decisions = stage.decisions(&actor, run.id).await;
        assert_eq!(preview.funnel, run.funnel, "{name}");
        assert_eq!(told(previewed), told(decisions), "{name}");
        let first = preview.leads.iter().filter_map(|lead| lead.base_provider_id).collect::<Vec<_>>();
        let listed = stage.listed(&actor, run.lead_list_id.expect("a list")).await;
        assert_eq!(first, listed.into_iter().map(|(_, base)| base).collect::<Vec<_>>(), "{name}");
        // Where everything passes, nothing is to be told apart.
        let mut plain_body = body.clone();
        let filters = plain_body["customFilterCriteria"].as_array_mut().expect("filters");
        filters.retain(|filter| {
            filter["type"] == "maxPeoplePerCompany" || filter["type"] == "matchFieldWithRegex"
        });
        let free = stage.icp(&actor, &plain_body).await;
        let (free, _) = stage.preview(&actor, &free).await;
        assert_eq!(free.funnel, unchecked.funnel, "{name}: the free stages");
    }
}
