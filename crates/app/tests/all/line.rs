//! The line before the judge, and where a run stops that waits in it.

use crate::ahead::few_companies;
use crate::outside::Outside;
use crate::stage::Stage;
use serde_json::json;
use sluice_app::connectors::Fixed;
use sluice_app::evidence::Options;
use sluice_app::pipeline::{self, Candidate, Facts, Judge, Line, Record, Step};
use sluice_app::worker::{self, work_once};
use sluice_app::{jobs, runs};
use sluice_connect::ConnectError;
use sluice_connect::model::Says;
use sluice_model::decision::Source;
use sluice_model::run::{Budget, Cost, GenerateRequest};
use sluice_model::{Actor, JobState, Lead, Person, Run, RunStatus};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn somebody(number: u128) -> Candidate {
    let person = Person {
        id: Uuid::from_u128(number),
        first_name: if number == 1 { "Ann" } else { "Bob" }.to_owned(),
        last_name: format!("Number{number}"),
        ..Person::default()
    };
    let record = Record::Person(Box::new(Lead::from_catalog(person, None)));
    Candidate::new(record, vec![Source::search("baseProvider".to_owned(), 0)])
}

#[tokio::test]
async fn those_who_need_no_evidence_do_not_pile_up_behind_one_who_does() {
    let stage = Stage::on(few_companies(1)).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage
        .icp(
            &actor,
            &json!({
                "name": "Anns", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
                "customFilterCriteria": [
                    {"type": "matchFieldWithRegex", "field": "firstName", "regex": "^Ann$"},
                    {"type": "ai", "entityType": "person", "prompt": "Q"},
                ],
            }),
        )
        .await;
    let now = stage.context.now();
    let rules = runs::plan(icp, 1, &GenerateRequest::default(), now).expect("a plan").rules().expect("rules");
    let outside = Outside::chance(1, 0);
    outside.says("Q", Says::Yes);
    let spending = (Budget::default(), Cost::default());
    let outside = pipeline::Outside::of(
        &stage.context,
        "org_acme",
        &rules,
        outside.connected(),
        Uuid::from_u128(1),
        spending,
    );
    let mut line = Line::new(Judge::new(&rules), outside);
    for batch in 0..10 {
        let batch: Vec<Candidate> = (1..=200).map(|at| somebody(batch * 200 + at)).collect();
        let facts = vec![Facts::default(); batch.len()];
        line.push(batch, facts);
    }
    // Nothing is under way before this test waits, so that the first of them holds up all others.
    assert!(matches!(line.step(), Step::Waiting), "more is taken in, whoever waits");
    assert_eq!(line.backlog(), 2_000);
    let mut decided = Vec::new();
    loop {
        match line.step() {
            Step::Decided(one) => decided.push(one.1.decision.sequence),
            Step::Waiting => line.arrive().await.expect("evidence"),
            Step::Hungry => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(decided, (1..=2_000).collect::<Vec<u64>>());
}

#[tokio::test]
async fn who_is_refused_stops_the_run_when_it_is_their_turn() {
    let outside = Outside::chance(1, 0);
    outside.says("Q", Says::Yes);
    let mut stage = Stage::on(few_companies(30)).await;
    let options = Options { look_ahead: 1, ..Options::default() };
    stage.context =
        stage.context.clone().with_connectors(Arc::new(Fixed(outside.connected()))).with_evidence(options);
    let actor = stage.organisation("org_acme").await;
    let icp = |name: &str| {
        json!({
            "name": name, "leadsPerList": 20,
            "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
            "customFilterCriteria": [{"type": "ai", "entityType": "person", "prompt": "Q"}],
        })
    };
    // Some are known already; the next one is refused.
    let few = stage.icp(&actor, &icp("A few")).await;
    let request = GenerateRequest { leads: Some(3), ..GenerateRequest::default() };
    runs::generate(&stage.context, &actor, None, few.id, request).await.expect("a run");
    stage.work(&|| false).await;
    outside.fail(ConnectError::PaymentRequired("models.example".to_owned()));
    let many = stage.icp(&actor, &icp("Many")).await;
    let run = stage.generate(&actor, &many, false).await;
    stage.work(&|| false).await;
    let run = stage.run(&actor, run.id).await;
    assert_eq!((run.status, run.stopped_by.as_deref()), (RunStatus::Succeeded, Some("connector")));
    assert_eq!(run.error.as_deref(), Some("oracle: payment required: models.example"));
    assert_eq!((run.funnel.accepted, run.funnel.unknown), (3, 0), "{:?}", run.funnel);
    assert!(run.funnel.adds_up());
    assert_eq!(stage.listed(&actor, run.lead_list_id.expect("a list")).await.len(), 3);
}

#[tokio::test]
async fn a_run_whose_connector_was_taken_away_fails_by_its_name() {
    let outside = Outside::chance(1, 0);
    let mut stage = Stage::on(few_companies(30)).await;
    let plain = stage.context.clone();
    stage.context = plain.clone().with_connectors(Arc::new(Fixed(outside.connected())));
    let actor = stage.organisation("org_acme").await;
    let icp = json!({
        "name": "Judged", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": [{"type": "ai", "entityType": "person", "prompt": "Q"}],
    });
    let icp = stage.icp(&actor, &icp).await;
    let run = stage.generate(&actor, &icp, false).await;
    stage.context = plain;
    for _ in 0..5 {
        stage.work(&|| false).await;
        stage.clock.advance(20_000);
    }
    let run = stage.run(&actor, run.id).await;
    assert_eq!((run.status, run.funnel.considered), (RunStatus::Failed, 0));
    let told = "The run failed after several attempts: Missing connector: ai model (for ai)";
    assert_eq!(run.error.as_deref(), Some(told));
}

/// Works on the run until what its calls have cost is more than `before`, and dies.
async fn killed_at_its_calls(stage: &Stage, actor: &Actor, run: Uuid, before: u64) -> Run {
    let options = worker::Options { lease: Duration::from_millis(500), ..worker::Options::default() };
    let work = async {
        for _ in 0..5_000 {
            work_once(&stage.context, options, &|| false).await.expect("the queue");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let noted = async {
        loop {
            let found = stage.run(actor, run).await;
            if found.cost.calls > before {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = work => panic!("what it cost is not noted"),
        found = noted => found,
    }
}

#[tokio::test]
async fn calls_of_a_worker_that_dies_count_but_are_no_progress() {
    // Nobody is decided: each answer takes an hour or so.
    let slow = Outside::chance(1, 7_200_000);
    let mut stage = Stage::live(few_companies(70)).await;
    let plain = stage.context.clone();
    stage.context = plain.clone().with_connectors(Arc::new(Fixed(slow.connected())));
    let actor = stage.organisation("org_acme").await;
    let icp = json!({
        "name": "Slow", "leadsPerList": 3, "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": [{"type": "ai", "entityType": "person", "prompt": "Q"}],
    });
    let icp = stage.icp(&actor, &icp).await;
    let run = stage.generate(&actor, &icp, false).await;
    let mut cost = 0;
    for attempts in 1..=2 {
        let found = killed_at_its_calls(&stage, &actor, run.id, cost).await;
        assert_eq!((found.status, found.funnel.considered), (RunStatus::Running, 0));
        assert_eq!(found.cost.unneeded.calls, found.cost.calls);
        cost = found.cost.calls;
        let jobs = jobs::list(&stage.context, &actor, JobState::Running, None, 9).await.expect("jobs");
        assert_eq!(jobs.items.iter().map(|job| job.attempts).collect::<Vec<_>>(), [attempts]);
    }
    let quick = Outside::chance(1, 0);
    quick.says("Q", Says::Yes);
    stage.context = plain.with_connectors(Arc::new(Fixed(quick.connected())));
    while !stage.run(&actor, run.id).await.status.is_final() {
        stage.work(&|| false).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ended = stage.run(&actor, run.id).await;
    assert_eq!((ended.status, ended.funnel.accepted), (RunStatus::Succeeded, 3));
    let calls = ended.cost.calls;
    assert!(calls >= cost + quick.calls() && calls <= slow.calls() + quick.calls(), "{:?}", ended.cost);
    assert!(ended.cost.unneeded.calls >= cost, "{:?}", ended.cost);
}
