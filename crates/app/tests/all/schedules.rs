//! ICPs that run by themselves. The stage's clock begins at 2025-10-09T08:53:20Z.

use crate::stage::Stage;
use crate::troubled::Troubled;
use serde_json::{Value, json};
use sluice_app::schedules::start_due;
use sluice_app::{admin, icps, runs};
use sluice_model::run::RunStatus;
use sluice_model::{Actor, Icp, IcpPatch, Node, Role, Run};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn hourly(over: Value) -> Value {
    let mut body = json!({
        "name": "Hourly",
        "schedule": "@hourly",
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
    });
    body.as_object_mut().expect("an object").extend(over.as_object().expect("an object").clone());
    body
}

async fn stage() -> (Stage, Actor) {
    let stage = Stage::on(Troubled::with_people(20)).await;
    let actor = stage.organisation("org_acme").await;
    (stage, actor)
}

async fn tick(stage: &Stage) -> usize {
    start_due(&stage.context).await.expect("ticks are looked up")
}

async fn patch(stage: &Stage, actor: &Actor, icp: &Icp, body: Value) {
    let patch = IcpPatch::read(&Node::root(&body)).expect("a patch");
    icps::update(&stage.context, actor, icp.id, None, patch).await.expect("it is changed");
}

async fn of(stage: &Stage, actor: &Actor, icp: &Icp) -> Vec<Run> {
    runs::list(&stage.context, actor, Some(icp.id), None).await.expect("runs")
}

fn told(runs: &[Run]) -> Vec<(String, RunStatus, Option<&str>)> {
    let told = |run: &Run| run.scheduled_for.map(|tick| tick.to_string()).unwrap_or_default();
    runs.iter().map(|run| (told(run), run.status, run.error.as_deref())).collect()
}

#[tokio::test]
async fn each_tick_starts_one_run_and_missed_ones_start_one_together() {
    let (stage, actor) = stage().await;
    let icp = stage.icp(&actor, &hourly(json!({}))).await;
    assert_eq!(tick(&stage).await, 0);
    stage.clock.advance(7 * MINUTE);
    assert_eq!((tick(&stage).await, tick(&stage).await), (1, 0), "once");
    stage.work(&|| false).await;
    // Nothing ran for a day and a half.
    stage.clock.advance(36 * HOUR);
    assert_eq!((tick(&stage).await, tick(&stage).await), (1, 0), "one catch-up");
    stage.work(&|| false).await;
    let found = of(&stage, &actor, &icp).await;
    let expected = [
        ("2025-10-09T10:00:00.000Z".to_owned(), RunStatus::Succeeded, None),
        ("2025-10-09T09:00:00.000Z".to_owned(), RunStatus::Succeeded, None),
    ];
    assert_eq!(told(&found), expected);
    assert_eq!(found[0].created_by, "user_admin");
    stage.clock.advance(HOUR);
    assert_eq!(tick(&stage).await, 1, "and on from there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_start_each_run_once() {
    let (stage, actor) = stage().await;
    let mut scheduled = Vec::new();
    for _ in 0..30 {
        scheduled.push(stage.icp(&actor, &hourly(json!({}))).await);
    }
    stage.clock.advance(HOUR);
    let processes = [
        stage.second(Troubled::with_people(0)).await,
        stage.second(Troubled::with_people(0)).await,
        stage.context.clone(),
    ];
    let tasks = processes.map(|context| tokio::spawn(async move { start_due(&context).await }));
    let mut started = 0;
    for task in tasks {
        started += task.await.expect("no panic").expect("ticks");
    }
    assert_eq!(started, 30);
    for icp in &scheduled {
        assert_eq!(of(&stage, &actor, icp).await.len(), 1);
    }
}

#[tokio::test]
async fn nothing_starts_after_the_end_nor_beside_the_run_before_nor_for_what_is_gone() {
    let (stage, actor) = stage().await;
    let ending = stage.icp(&actor, &hourly(json!({"activeUntil": "2025-10-09T10:00:00Z"}))).await;
    let slow = stage.icp(&actor, &hourly(json!({}))).await;
    let deleted = stage.icp(&actor, &hourly(json!({}))).await;
    let unset = stage.icp(&actor, &hourly(json!({}))).await;
    icps::delete(&stage.context, &actor, deleted.id, None).await.expect("it is deleted");
    patch(&stage, &actor, &unset, json!({"schedule": null})).await;
    stage.clock.advance(7 * MINUTE);
    assert_eq!(tick(&stage).await, 2);
    // Nobody worked on it yet; the other is over.
    stage.clock.advance(HOUR);
    assert_eq!(tick(&stage).await, 0);
    for icp in [&ending, &slow] {
        assert_eq!(of(&stage, &actor, icp).await.len(), 1);
    }
    assert_eq!(of(&stage, &actor, &unset).await, []);
    stage.work(&|| false).await;
    stage.clock.advance(HOUR);
    assert_eq!(tick(&stage).await, 1);
    assert_eq!(of(&stage, &actor, &slow).await.len(), 2);
    // A missed tick is not made up for after the end.
    stage.work(&|| false).await;
    let missed = stage.icp(&actor, &hourly(json!({"activeUntil": "2025-10-09T12:30:00Z"}))).await;
    stage.clock.advance(2 * HOUR);
    assert_eq!(tick(&stage).await, 1, "the slow one");
    assert_eq!(of(&stage, &actor, &missed).await, []);
}

#[tokio::test]
async fn what_cannot_start_is_told_once_and_starts_when_it_can() {
    let (stage, actor) = stage().await;
    let icp = stage.icp(&actor, &hourly(json!({"crmFilters": {"provider": "bullhorn"}}))).await;
    for _ in 0..3 {
        stage.clock.advance(HOUR);
        assert_eq!(tick(&stage).await, 0);
    }
    let reason = "The schedule could not start this run: Missing connector: bullhorn (for crmFilters)";
    let failed = ("2025-10-09T09:00:00.000Z".to_owned(), RunStatus::Failed, Some(reason));
    assert_eq!(told(&of(&stage, &actor, &icp).await), std::slice::from_ref(&failed));
    assert_eq!(stage.jobs().await, [0, 0, 0, 0]);
    patch(&stage, &actor, &icp, json!({"crmFilters": null})).await;
    stage.clock.advance(HOUR);
    assert_eq!(tick(&stage).await, 1);
    let queued = ("2025-10-09T12:00:00.000Z".to_owned(), RunStatus::Queued, None);
    assert_eq!(told(&of(&stage, &actor, &icp).await), [queued, failed]);
}

#[tokio::test]
async fn a_run_is_started_as_who_changed_the_icp_last_while_they_may() {
    let (stage, actor) = stage().await;
    admin::create_user(&stage.context, "org_acme", "user_ann", Role::Member, None).await.expect("a user");
    let icp = stage.icp(&actor, &hourly(json!({"userIds": ["user_ann"]}))).await;
    let ann = Actor { user: "user_ann".to_owned(), role: Role::Member, ..actor.clone() };
    patch(&stage, &ann, &icp, json!({"name": "Ann's"})).await;
    stage.clock.advance(HOUR);
    assert_eq!(tick(&stage).await, 1);
    assert_eq!(of(&stage, &actor, &icp).await[0].created_by, "user_ann");
    stage.work(&|| false).await;
    admin::remove_user(&stage.context, "org_acme", "user_ann").await.expect("she goes");
    stage.clock.advance(HOUR);
    assert_eq!(tick(&stage).await, 0);
    let error = of(&stage, &actor, &icp).await[0].error.clone();
    let reason = "user_ann, who changed this ICP last, is no longer in the organisation";
    assert_eq!(error, Some(format!("The schedule could not start this run: {reason}")));
}
