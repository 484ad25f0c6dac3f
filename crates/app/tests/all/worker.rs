//! The worker: each run is done once, whatever happens to those who do it.

use crate::stage::Stage;
use crate::troubled::{Trouble, Troubled};
use serde_json::{Value, json};
use sluice_app::worker::{self, Options};
use sluice_app::{runs, worker::work_once};
use sluice_model::{Actor, Decision, Run, RunStatus};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PEOPLE: usize = 2_500;
/// Pages of 250, 250, 400 and 800 people, and a fifth that is not full.
const PAGES: usize = 5;

fn everybody() -> Value {
    json!({
        "name": "Everybody",
        "leadsPerList": 10_000,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 3}],
    })
}

fn quick() -> Options {
    Options { poll: Duration::from_millis(20), ..Options::default() }
}

/// What a run that nobody disturbs comes to: its decisions, and the catalog ids on its list.
async fn undisturbed(catalog: &Troubled) -> (Vec<Decision>, Vec<Uuid>) {
    let stage = Stage::on(catalog.calm.clone()).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, &everybody()).await;
    let run = stage.generate(&actor, &icp, false).await;
    stage.work(&|| false).await;
    outcome(&stage, &actor, run.id).await
}

async fn outcome(stage: &Stage, actor: &Actor, run: Uuid) -> (Vec<Decision>, Vec<Uuid>) {
    let ended = stage.run(actor, run).await;
    assert_eq!(ended.status, RunStatus::Succeeded, "{ended:?}");
    let listed = stage.listed(actor, ended.lead_list_id.expect("a list")).await;
    let once: HashSet<_> = listed.iter().collect();
    assert_eq!(once.len(), listed.len(), "somebody is on the list twice");
    let decisions = stage.decisions(actor, run).await;
    assert!(ended.funnel.adds_up() && ended.funnel.considered == decisions.len() as u64);
    (decisions, listed.into_iter().map(|(_, base)| base).collect())
}

async fn until(stage: &Stage, actor: &Actor, run: Uuid, what: impl Fn(&Run) -> bool) -> Run {
    let begun = Instant::now();
    loop {
        let found = stage.run(actor, run).await;
        if what(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{found:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_share_runs_and_do_each_once() {
    let catalog = Troubled::with_people(PEOPLE);
    let expected = undisturbed(&catalog).await;
    let stage = Stage::live(catalog.clone()).await;
    let other = stage.second(catalog.clone()).await;
    // An organisation each: nobody's list keeps another's from anybody.
    let mut queued = Vec::new();
    for number in 0..6 {
        let actor = stage.organisation(&format!("org_{number}")).await;
        let icp = stage.icp(&actor, &everybody()).await;
        let run = stage.generate(&actor, &icp, false).await;
        queued.push((actor, run.id));
    }
    let workers = [worker::start(&stage.context, quick()), worker::start(&other, quick())];
    for (actor, run) in &queued {
        until(&stage, actor, *run, |run| run.status.is_final()).await;
        assert_eq!(outcome(&stage, actor, *run).await, expected);
    }
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(stage.jobs().await, [0, 0, queued.len() as u64, 0]);
    assert_eq!(catalog.pages(), PAGES * queued.len(), "some run was worked on twice");
}

#[tokio::test]
async fn who_lost_the_lease_leaves_no_trace() {
    let catalog = Troubled::with_people(PEOPLE);
    let expected = undisturbed(&catalog).await;
    for at in 0..PAGES {
        let stage = Stage::on(catalog.clone()).await;
        let actor = stage.organisation("org_acme").await;
        let icp = stage.icp(&actor, &everybody()).await;
        let run = stage.generate(&actor, &icp, false).await;
        let (other, clock) = (stage.second(catalog.calm.clone()).await, stage.clock.clone());
        let meanwhile = async move {
            assert!(!work_once(&other, quick(), &|| false).await.expect("work"), "claimed twice");
            clock.advance(5_001);
            assert!(work_once(&other, quick(), &|| false).await.expect("work"), "not taken up");
        };
        catalog.trouble((0..at).map(|_| Trouble::Takes(Duration::ZERO)));
        catalog.trouble([Trouble::Does(Box::pin(meanwhile))]);
        assert!(work_once(&stage.context, quick(), &|| false).await.expect("work"));
        assert_eq!(outcome(&stage, &actor, run.id).await, expected, "taken at page {at}");
        assert_eq!(stage.jobs().await, [0, 0, 1, 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_outlasts_the_lease_is_not_done_twice() {
    let catalog = Troubled::slow(PEOPLE, Some(Duration::from_millis(1_500)));
    let stage = Stage::live(catalog.clone()).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, &everybody()).await;
    let run = stage.generate(&actor, &icp, false).await;
    let worker = worker::start(&stage.context, Options { lease: Duration::from_millis(600), ..quick() });
    until(&stage, &actor, run.id, |run| run.status.is_final()).await;
    worker.stop().await;
    outcome(&stage, &actor, run.id).await;
    assert_eq!(catalog.pages(), PAGES);
}

#[tokio::test]
async fn a_failing_catalog_is_tried_again_later_and_later() {
    let catalog = Troubled::with_people(PEOPLE);
    let stage = Stage::on(catalog.clone()).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, &everybody()).await;
    let run = stage.generate(&actor, &icp, false).await;
    catalog.trouble((0..5).map(|_| Trouble::Fails));
    let work = || async { work_once(&stage.context, quick(), &|| false).await.expect("the queue") };
    assert!(work().await);
    for seconds in [1, 2, 4, 8] {
        assert_eq!(stage.run(&actor, run.id).await.status, RunStatus::Running);
        stage.clock.advance(seconds * 1_000 - 1);
        assert!(!work().await, "tried again before {seconds} s");
        stage.clock.advance(1);
        assert!(work().await, "not tried again after {seconds} s");
    }
    let failed = stage.run(&actor, run.id).await;
    assert_eq!((failed.status, failed.stage.as_str()), (RunStatus::Failed, "done"));
    // Not the text of the cause, which names internals.
    assert_eq!(failed.error.as_deref(), Some("The run failed after several attempts"));
    assert_eq!(failed.finished_at, Some(stage.context.now()));
    assert_eq!(stage.jobs().await, [0, 0, 0, 1]);
    stage.clock.advance_days(1);
    assert!(!work().await, "a dead job is claimed");
}

#[tokio::test]
async fn a_run_outlives_failures_and_panics() {
    let catalog = Troubled::with_people(PEOPLE);
    let expected = undisturbed(&catalog).await;
    for trouble in [|| Trouble::Fails, || Trouble::Panics] {
        let stage = Stage::on(catalog.clone()).await;
        let actor = stage.organisation("org_acme").await;
        let icp = stage.icp(&actor, &everybody()).await;
        let run = stage.generate(&actor, &icp, false).await;
        // Getting on counts: four failures, a page, and four more are not too many.
        for _ in 0..2 {
            catalog.trouble((0..4).map(|_| trouble()));
            catalog.trouble([Trouble::Takes(Duration::ZERO)]);
        }
        for _ in 0..10 {
            work_once(&stage.context, quick(), &|| false).await.expect("the queue");
            stage.clock.advance(20_000);
        }
        assert_eq!(outcome(&stage, &actor, run.id).await, expected);
        assert_eq!(stage.jobs().await, [0, 0, 1, 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_takes_effect_within_a_second() {
    let catalog = Troubled::slow(20_000, Some(Duration::from_millis(100)));
    let stage = Stage::live(catalog).await;
    let actor = stage.organisation("org_acme").await;
    let mut icp = everybody();
    icp["customFilterCriteria"] = json!([]);
    let icp = stage.icp(&actor, &icp).await;
    let worker = worker::start(&stage.context, quick());
    for keep in [true, false] {
        let run = stage.generate(&actor, &icp, false).await;
        until(&stage, &actor, run.id, |run| run.progress.accepted > 0).await;
        let begun = Instant::now();
        runs::cancel(&stage.context, &actor, None, run.id, keep).await.expect("it is told to stop");
        let ended = until(&stage, &actor, run.id, |run| run.status.is_final()).await;
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(ended.status, RunStatus::Cancelled, "keep: {keep}");
        assert!(ended.progress.accepted < 10_000 && ended.funnel.adds_up());
        assert_eq!(ended.lead_list_id.is_some(), keep);
        if let Some(list) = ended.lead_list_id {
            assert_eq!(stage.listed(&actor, list).await.len() as u64, ended.progress.accepted);
        }
        let decided = stage.decisions(&actor, run.id).await.len() as u64;
        assert_eq!(decided, ended.progress.considered);
    }
    worker.stop().await;
    assert_eq!(stage.jobs().await, [0, 0, 2, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_written_while_it_moves() {
    let catalog = Troubled::with_people(5_000);
    let stage = Stage::live(catalog).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, &everybody()).await;
    let run = stage.generate(&actor, &icp, false).await;
    let worker = worker::start(&stage.context, quick());
    let begun = Instant::now();
    let (mut version, mut before, mut writes) = (0, 0, 0_u32);
    loop {
        let seen = runs::get(&stage.context, &actor, run.id).await.expect("the run");
        if seen.version != version {
            // Every state that is written is a step of one batch at most, or this reader was too slow to see some.
            let written = u64::try_from(seen.version - version).expect("versions grow");
            let step = seen.value.progress.considered - before;
            assert!(step <= 250 * written, "{step} candidates in {written} writes");
            writes += u32::try_from(written).expect("few");
            (version, before) = (seen.version, seen.value.progress.considered);
        }
        if seen.value.status.is_final() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(before, 5_000);
    let each = begun.elapsed() / writes;
    println!("{writes} writes, {each:?} each");
    assert!(writes >= 20 && each < Duration::from_millis(500), "{writes} writes, {each:?} each");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_worker_hands_its_run_back() {
    let catalog = Troubled::slow(PEOPLE, Some(Duration::from_millis(200)));
    let expected = undisturbed(&catalog).await;
    let stage = Stage::live(catalog.clone()).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, &everybody()).await;
    let run = stage.generate(&actor, &icp, false).await;
    let worker = worker::start(&stage.context, quick());
    until(&stage, &actor, run.id, |run| run.progress.considered > 0).await;
    worker.stop().await;
    assert_eq!(stage.jobs().await, [1, 0, 0, 0], "handed back");
    let half = stage.run(&actor, run.id).await;
    assert_eq!(half.status, RunStatus::Running);
    assert!(half.progress.considered < expected.0.len() as u64);
    // At once: its lease does not have to run out.
    let other = stage.second(catalog.calm.clone() as Arc<_>).await;
    assert!(work_once(&other, quick(), &|| false).await.expect("work"));
    assert_eq!(outcome(&stage, &actor, run.id).await, expected);
    assert_eq!(stage.jobs().await, [0, 0, 1, 0]);
}
