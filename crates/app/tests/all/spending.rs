//! What evidence costs: nothing twice, and no more than may be spent.

use crate::ahead::few_companies;
use crate::outside::Outside;
use crate::stage::Stage;
use serde_json::{Value, json};
use sluice_app::connectors::Fixed;
use sluice_app::evidence::{Charge, Options};
use sluice_app::worker::{self, work_once};
use sluice_app::{Error, clean_up, credits, runs};
use sluice_connect::ConnectError;
use sluice_connect::model::Says;
use sluice_model::credit::NewCredits;
use sluice_model::run::{Budget, Cost, GenerateRequest, PreviewRequest};
use sluice_model::time::Clock;
use sluice_model::{Actor, Icp, Run, RunStatus, Time, Verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// A stage with these connectors, an organisation, and its ICP with these filters.
async fn stage(people: usize, outside: &Arc<Outside>, leads: u64, filters: Value) -> (Stage, Actor, Icp) {
    let mut stage = Stage::on(few_companies(people)).await;
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(outside.connected())));
    let actor = stage.organisation("org_acme").await;
    let icp = json!({
        "name": "Checked",
        "leadsPerList": leads,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": filters,
    });
    let icp = stage.icp(&actor, &icp).await;
    (stage, actor, icp)
}

async fn run(stage: &Stage, actor: &Actor, icp: &Icp, request: GenerateRequest) -> Run {
    let run = runs::generate(&stage.context, actor, None, icp.id, request).await.expect("a run").value;
    stage.work(&|| false).await;
    let run = stage.run(actor, run.id).await;
    assert!(run.status == RunStatus::Succeeded && run.funnel.adds_up(), "{run:?}");
    run
}

fn ai(prompt: &str) -> Value {
    json!([{"type": "ai", "entityType": "person", "prompt": prompt}])
}

#[tokio::test]
async fn no_second_call_is_made_for_a_cached_content_prompt_and_model() {
    let outside = Outside::chance(7, 0);
    let (stage, actor, icp) = stage(1_000, &outside, 10_000, ai("Is this a decider?")).await;
    let first = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    let asked = outside.questions();
    let distinct: std::collections::HashSet<_> = asked.iter().collect();
    assert_eq!(asked.len(), distinct.len(), "something was asked twice");
    assert!(asked.len() >= 800 && first.funnel.considered >= 1_000, "{} of {:?}", asked.len(), first.funnel);
    assert_eq!(first.cost.calls, asked.len() as u64);
    // Answers that came are kept for all runs of the organisation; those that did not are asked for again.
    let failed = stage.decisions(&actor, first.id).await;
    let failed = failed.iter().filter(|decision| decision.reason.as_deref() == Some("no answer")).count();
    let second = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!(outside.model_calls.load(Ordering::SeqCst), (asked.len() + failed) as u64);
    assert_eq!(second.cost.calls, failed as u64);
    assert_eq!(second.funnel, first.funnel);
    println!(
        "{} candidates, {} calls, then {failed} of those that failed",
        first.funnel.considered,
        asked.len()
    );
}

#[tokio::test]
async fn pages_are_read_once_a_day_and_once_for_all_who_share_them() {
    let outside = Outside::chance(3, 0);
    let filters = json!([{"type": "webscraping", "excludeSearchStrings": ["no such thing"]}]);
    let (stage, actor, icp) = stage(70, &outside, 100, filters).await;
    let first = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    let pages = outside.page_calls.load(Ordering::SeqCst);
    assert!(pages <= 12 * 5 && first.funnel.considered > 70, "{pages} pages");
    let decisions = stage.decisions(&actor, first.id).await;
    let failed: u64 = decisions
        .iter()
        .filter(|decision| decision.cost.calls > 0)
        .map(|decision| {
            let failed = |status: Option<u16>| status.is_none_or(|status| status >= 500);
            decision
                .evidence
                .iter()
                .filter(|seen| !seen.cached && seen.cost.calls > 0 && failed(seen.status))
                .count() as u64
        })
        .sum();
    let _ = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!(outside.page_calls.load(Ordering::SeqCst), pages + failed, "only what failed is read again");
    let other = stage.organisation("org_other").await;
    let theirs = stage.icp(&other, &json!({
        "name": "Theirs", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}], "leadsPerList": 1,
        "customFilterCriteria": [{"type": "webscraping", "excludeSearchStrings": ["no such thing"]}],
    })).await;
    let before = outside.calls();
    let _ = run(&stage, &other, &theirs, GenerateRequest::default()).await;
    assert!(outside.calls() > before, "another organisation reads for itself");
    stage.clock.advance_days(1);
    let before = outside.calls();
    let _ = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!(outside.calls(), before + pages, "another day");
    let removed = clean_up::clean_up(&stage.context, 30).await.expect("a clean-up").expect("it is time");
    assert!(removed.evidence > 0, "{removed:?}");
    assert!(clean_up::clean_up(&stage.context, 30).await.expect("a clean-up").is_none());
}

/// A clock of which no two readings are the same.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Time {
        Time::from_millis(1_760_000_000_000 + self.0.fetch_add(1, Ordering::SeqCst))
    }
}

#[tokio::test]
async fn what_failed_is_not_asked_again_in_the_same_run_whatever_the_time() {
    let outside = Outside::chance(1, 0);
    outside.says("Q", Says::Yes);
    let filters = json!([{"type": "ai", "entityType": "company", "prompt": "Q"}]);
    let (mut stage, actor, icp) = stage(70, &outside, 100, filters).await;
    stage.context.clock = Arc::new(Ticking(AtomicI64::new(0)));
    outside.fail(ConnectError::Unavailable("busy".to_owned()));
    let run = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    let asked = outside.questions();
    let distinct: std::collections::HashSet<_> = asked.iter().collect();
    assert_eq!((asked.len(), run.cost.calls), (distinct.len(), asked.len() as u64));
    assert!(run.funnel.considered > asked.len() as u64, "some share a company: {:?}", run.funnel);
}

#[tokio::test]
async fn a_run_has_a_cap_when_nobody_says_so() {
    assert_eq!(Options::default().budget, Budget { calls: Some(10_000), credits: Some(10_000) });
    let outside = Outside::chance(11, 0);
    let (mut stage, actor, icp) = stage(70, &outside, 10, ai("Q")).await;
    let budget = Budget { calls: Some(3), credits: None };
    stage.context = stage.context.clone().with_evidence(Options { budget, ..Options::default() });
    let capped = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!((capped.stopped_by.as_deref(), outside.calls()), (Some("budget"), 2));
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_for_a_call_is_not_taken_again_after_a_kill() {
    for fails in [false, true] {
        let outside = Outside::costly_and_slow(3, 500);
        outside.says("Q", Says::Yes);
        let (mut stage, actor, icp) = stage(70, &outside, 8, ai("Q")).await;
        stage.context = stage.context.clone().with_evidence(Options { look_ahead: 1, ..Options::default() });
        let new = NewCredits { amount: 100, description: None };
        let _ = credits::add_for(&stage.context, &actor.organisation, new).await.expect("credits");
        let run = stage.generate(&actor, &icp, false).await;
        outside.light(3);
        let work = work_once(&stage.context, worker::Options::default(), &|| false);
        tokio::select! {
            worked = work => panic!("it was not killed: {worked:?}"),
            () = outside.killed.notified() => stage.clock.advance(5_001),
        }
        let taken = credits::balance(&stage.context, &actor).await.expect("a balance").balance;
        assert_eq!(taken, 91, "the third call was paid when its caller was killed");
        if fails {
            // The same call, made again: what was taken for it is given back.
            outside.fail(ConnectError::Unavailable("busy".to_owned()));
        }
        stage.work(&|| false).await;
        let run = stage.run(&actor, run.id).await;
        assert_eq!((run.status, run.funnel.accepted), (RunStatus::Succeeded, 8));
        let balance = credits::balance(&stage.context, &actor).await.expect("a balance").balance;
        assert_eq!(balance, 100 - 8 * 3, "eight answers were bought");
        let history = credits::history(&stage.context, &actor, (None, None), 100, 0).await.expect("a ledger");
        let refunds = history.transactions.iter().filter(|line| line.operation_type == "refund").count();
        assert_eq!(refunds, usize::from(fails));
    }
}

#[tokio::test]
async fn a_payment_is_given_back_once_and_then_taken_anew() {
    let stage = Stage::on(few_companies(1)).await;
    let actor = stage.organisation("org_acme").await;
    let (context, organisation) = (&stage.context, actor.organisation.as_str());
    let purse = context.purse.clone();
    let charge = Charge {
        id: Uuid::from_u128(1),
        operation: "ai",
        source: "oracle".to_owned(),
        reference: Uuid::from_u128(2),
        credits: 3,
    };
    let balance = async || credits::balance(context, &actor).await.expect("a balance").balance;
    let first = purse.take(context, organisation, &charge).await.expect("taken").expect("not metered");
    purse.give_back(context, organisation, &charge, first, 3).await.expect("nothing to give back");
    let new = NewCredits { amount: 7, description: None };
    let _ = credits::add_for(context, organisation, new).await.expect("credits");
    for _ in 0..2 {
        let again = purse.take(context, organisation, &charge).await.expect("taken");
        assert_eq!((again, balance().await), (Some(first), 4), "paid before");
    }
    for (credits, left) in [(1, 5), (1, 5), (3, 7), (3, 7)] {
        purse.give_back(context, organisation, &charge, first, credits).await.expect("given back");
        assert_eq!(balance().await, left);
    }
    let second = purse.take(context, organisation, &charge).await.expect("taken").expect("enough");
    assert_eq!((second == first, balance().await), (false, 4), "it is another payment");
    let dearer = Charge { credits: 5, ..charge };
    assert_eq!(purse.take(context, organisation, &dearer).await.expect("the store"), None);
    assert_eq!(balance().await, 4);
}

#[tokio::test(start_paused = true)]
async fn repairs_count_and_stay_within_the_budget() {
    let outside = Outside::chance(11, 0);
    outside.says("Q", Says::Yes);
    outside.repairs.store(1, Ordering::SeqCst);
    let (stage, actor, icp) = stage(70, &outside, 10, ai("Q")).await;
    for (calls, made) in [(0, 0), (1, 0), (2, 2), (5, 6), (40, 20)] {
        // What was answered in an earlier run is known.
        let budget = Budget { calls: Some(calls), credits: None };
        let before = outside.calls();
        let run = run(&stage, &actor, &icp, GenerateRequest { budget, ..GenerateRequest::default() }).await;
        assert_eq!(run.cost.calls, outside.calls() - before);
        assert!(run.cost.calls <= calls, "{calls}: {:?}", run.cost);
        assert_eq!(outside.calls(), made, "{calls}");
    }
    // A choice of pages counts its repair as well.
    let outside = Outside::chance(11, 0);
    outside.repairs.store(1, Ordering::SeqCst);
    let filters = json!([{"type": "webscraping", "pageFindingPrompt": "P", "includeSearchStrings": ["x"]}]);
    let (stage, actor, icp) = self::stage(5, &outside, 10, filters).await;
    let run = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert!(outside.model_calls.load(Ordering::SeqCst) >= 2);
    assert_eq!(run.cost.calls, outside.calls());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_takes_no_further_calls_is_waited_for() {
    let outside = Outside::costly(3);
    outside.says("Q", Says::Yes);
    let (stage, actor, icp) = stage(70, &outside, 1, ai("Q")).await;
    let new = NewCredits { amount: 100, description: None };
    let _ = credits::add_for(&stage.context, &actor.organisation, new).await.expect("credits");
    for after in [Some(20), None, None] {
        outside.fail(ConnectError::RateLimited { after: after.map(Duration::from_secs) });
    }
    let begun = tokio::time::Instant::now();
    let waited = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!((waited.funnel.accepted, waited.cost.calls, waited.cost.credits), (1, 1, 3));
    assert_eq!(outside.calls(), 4, "three were not taken, and cost nothing");
    assert!(begun.elapsed() >= Duration::from_secs(26), "{:?}", begun.elapsed());
    let balance = credits::balance(&stage.context, &actor).await.expect("a balance").balance;
    assert_eq!(balance, 97);
    // Who is to wait longer than anybody does is told so.
    let other = stage.organisation("org_other").await;
    outside.fail(ConnectError::RateLimited { after: Some(Duration::MAX) });
    let icp = stage.icp(&other, &json!({
        "name": "Theirs", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}], "leadsPerList": 1,
        "customFilterCriteria": ai("Q"),
    })).await;
    let missed = run(&stage, &other, &icp, GenerateRequest::default()).await;
    let decisions = stage.decisions(&other, missed.id).await;
    assert_eq!(decisions[0].verdict, Verdict::Unknown);
    let sentence = "The model gave no answer on the record of this person: rate limited.";
    assert_eq!(decisions[0].sentence, sentence);
}

#[tokio::test]
async fn a_service_that_refuses_us_stops_the_run() {
    for error in [
        ConnectError::Unauthorized("models.example".to_owned()),
        ConnectError::PaymentRequired("models.example".to_owned()),
    ] {
        let outside = Outside::costly(3);
        outside.says("Q", Says::Yes);
        let (mut stage, actor, icp) = stage(70, &outside, 10, ai("Q")).await;
        stage.context = stage.context.clone().with_evidence(Options { look_ahead: 1, ..Options::default() });
        let new = NewCredits { amount: 100, description: None };
        let _ = credits::add_for(&stage.context, &actor.organisation, new).await.expect("credits");
        let preview = PreviewRequest { evaluate: true, sample: None, leads: None };
        for _ in 0..2 {
            outside.fail(error.clone());
        }
        let preview = runs::preview(&stage.context, &actor, icp.id, preview).await.expect("a preview");
        assert_eq!((preview.stopped_by.as_deref(), preview.funnel.considered), (Some("connector"), 0));
        let run = stage.generate(&actor, &icp, false).await;
        stage.work(&|| false).await;
        let run = stage.run(&actor, run.id).await;
        assert_eq!((run.stopped_by.as_deref(), run.funnel.considered), (Some("connector"), 0), "{error}");
        assert_eq!(outside.calls(), 2, "nobody is asked twice");
        let balance = credits::balance(&stage.context, &actor).await.expect("a balance").balance;
        assert_eq!((balance, run.cost.credits), (100, 0), "what was not taken is not paid for");
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_stops_a_run_within_one_call() {
    for look_ahead in [1, 32] {
        let needed = {
            let outside = Outside::chance(11, 0);
            let (stage, actor, icp) = stage(70, &outside, 10, ai("Q")).await;
            let run = run(&stage, &actor, &icp, GenerateRequest::default()).await;
            assert_eq!(run.stopped_by.as_deref(), Some("target"));
            run.cost.calls - run.cost.unneeded.calls
        };
        for calls in [0, 1, 2, needed - 1, needed, needed + 1, needed + 40] {
            let outside = Outside::chance(11, 2_000);
            let (mut stage, actor, icp) = stage(70, &outside, 10, ai("Q")).await;
            stage.context = stage.context.clone().with_evidence(Options { look_ahead, ..Options::default() });
            let budget = Budget { calls: Some(calls), credits: None };
            let run =
                run(&stage, &actor, &icp, GenerateRequest { budget, ..GenerateRequest::default() }).await;
            let name = format!("{calls} of {needed} calls, {look_ahead} ahead: {:?}", run.cost);
            assert!(outside.calls() <= calls && run.cost.calls == outside.calls(), "{name}");
            let decisions = stage.decisions(&actor, run.id).await;
            let decided: u64 = decisions.iter().map(|decision| decision.cost.calls).sum();
            assert_eq!(run.cost.calls, decided + run.cost.unneeded.calls, "{name}");
            if run.stopped_by.as_deref() == Some("budget") {
                // A repair could be needed: no call begins that could go beyond by it.
                assert_eq!(
                    outside.calls(),
                    calls.saturating_sub(1),
                    "{name}: it is spent to the last call but one"
                );
                assert!(run.funnel.accepted < 10, "{name}");
            } else {
                assert_eq!((run.stopped_by.as_deref(), run.funnel.accepted), (Some("target"), 10), "{name}");
                assert!(calls > needed, "{name}");
            }
            if look_ahead == 1 {
                assert_eq!(run.stopped_by.as_deref() == Some("budget"), calls <= needed, "{name}");
            }
            // Who could not be checked is not decided, and the list is that of whom could be.
            assert!(
                decisions
                    .iter()
                    .all(|decision| decision.verdict != Verdict::Unknown || decision.cost.calls > 0)
            );
            println!("{name}: {} calls made, stopped by {:?}", outside.calls(), run.stopped_by);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_of_credits_and_the_ledger_stop_a_run_too() {
    let outside = Outside::costly(3);
    outside.says("Q", Says::Yes);
    let (mut stage, actor, icp) = stage(70, &outside, 30, ai("Q")).await;
    // Who looks ahead may spend the last credits on somebody further behind.
    stage.context = stage.context.clone().with_evidence(Options { look_ahead: 1, ..Options::default() });
    let budget = Budget { calls: None, credits: Some(11) };
    let spent = run(&stage, &actor, &icp, GenerateRequest { budget, ..GenerateRequest::default() }).await;
    assert_eq!((spent.stopped_by.as_deref(), spent.funnel.accepted), (Some("budget"), 3));
    assert_eq!((spent.cost.calls, spent.cost.credits), (3, 9));
    // The organisation has credits for four more, and then no more at all.
    let new = NewCredits { amount: 14, description: None };
    let _ = credits::add_for(&stage.context, &actor.organisation, new).await.expect("credits");
    let poor = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!((poor.stopped_by.as_deref(), poor.funnel.accepted), (Some("credits"), 7));
    assert_eq!((poor.cost.calls, poor.cost.credits), (4, 12));
    let balance = credits::balance(&stage.context, &actor).await.expect("a balance");
    assert_eq!(balance.balance, 2);
    let again = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    assert_eq!((again.stopped_by.as_deref(), again.funnel.accepted), (Some("credits"), 7));
    assert_eq!(again.cost.calls, 0, "what is kept costs nothing");
    // A call that fails is not paid for.
    let new = NewCredits { amount: 100, description: None };
    let _ = credits::add_for(&stage.context, &actor.organisation, new).await.expect("credits");
    let fails = json!([{"type": "webscraping", "includeSearchStrings": ["x"]}]);
    let made = outside.calls();
    let icp = stage.icp(&actor, &json!({
        "name": "Failing", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}], "leadsPerList": 5,
        "customFilterCriteria": fails,
    })).await;
    let failing = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    let balance = credits::balance(&stage.context, &actor).await.expect("a balance").balance;
    assert!(outside.calls() > made);
    assert_eq!(balance, 102 - failing.cost.credits, "the ledger and the run agree");
}

#[tokio::test(start_paused = true)]
async fn unknown_candidates_are_tried_again_first() {
    let outside = Outside::chance(21, 0);
    let (mut stage, actor, icp) = stage(70, &outside, 20, ai("Q")).await;
    let first = run(&stage, &actor, &icp, GenerateRequest::default()).await;
    let decisions = stage.decisions(&actor, first.id).await;
    let unknown: Vec<_> = decisions.iter().filter(|decision| decision.verdict == Verdict::Unknown).collect();
    let unknown: Vec<_> = unknown.iter().map(|decision| decision.candidate.id).collect();
    assert!(unknown.len() >= 2, "{:?}", first.funnel);
    // Another model, that can tell.
    let other = Outside::chance(22, 300);
    other.says("Q", Says::Yes);
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(other.connected())));
    stage.clock.advance_days(91);
    let request = GenerateRequest { retry_unknown: Some(first.id), ..GenerateRequest::default() };
    let again =
        runs::generate(&stage.context, &actor, None, icp.id, request.clone()).await.expect("a run").value;
    // Killed among those that are tried again.
    other.light(2);
    let work = work_once(&stage.context, worker::Options::default(), &|| false);
    tokio::select! {
        worked = work => { worked.expect("the queue"); }
        () = other.killed.notified() => stage.clock.advance(5_001),
    }
    stage.work(&|| false).await;
    let again = stage.run(&actor, again.id).await;
    assert_eq!((again.status, again.funnel.accepted), (RunStatus::Succeeded, 20));
    let order: Vec<_> =
        stage.decisions(&actor, again.id).await.iter().map(|decision| decision.candidate.id).collect();
    assert_eq!(order[..unknown.len()], unknown[..], "those first, in their order");
    let rest: Vec<_> =
        decisions.iter().map(|decision| decision.candidate.id).filter(|id| !unknown.contains(id)).collect();
    let others = order.len() - unknown.len();
    assert_eq!(order[unknown.len()..], rest[..others], "then the others, each once");
    assert_eq!(again.stopped_by.as_deref(), Some("target"));
    for (earlier, message) in [
        (icp.id, format!("Run not found: {}", icp.id)),
        (first.id, format!("Run {} is of another ICP", first.id)),
    ] {
        let body =
            json!({"name": "Other", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}]});
        let another = stage.icp(&actor, &body).await;
        let request = GenerateRequest { retry_unknown: Some(earlier), ..GenerateRequest::default() };
        let refused = runs::generate(&stage.context, &actor, None, another.id, request).await;
        let faults = match refused {
            Err(Error::Invalid(faults)) => faults,
            other => panic!("{other:?}"),
        };
        assert_eq!(faults.len(), 1);
        assert!(faults[0].to_string().contains(&message), "{faults:?}");
    }
}

#[tokio::test]
async fn a_preview_checks_as_many_as_it_is_told() {
    let outside = Outside::chance(5, 0);
    outside.says("Q", Says::No);
    let (stage, actor, icp) = stage(70, &outside, 10, ai("Q")).await;
    let preview = |request| runs::preview(&stage.context, &actor, icp.id, request);
    let counted = preview(PreviewRequest::default()).await.expect("a preview");
    assert_eq!((outside.calls(), counted.cost, counted.funnel.accepted), (0, None, 10));
    assert_eq!((counted.estimate.calls, counted.estimate.checks["ai"]), (10, 10));
    for (sample, checked) in [(Some(3), 3), (None, 10)] {
        let request = PreviewRequest { evaluate: true, sample, leads: None };
        let before = outside.calls();
        let evaluated = preview(request).await.expect("a preview");
        let evidence = &evaluated.funnel.stages[4];
        assert_eq!((evidence.dropped, evaluated.funnel.accepted), (checked, 10), "the others pass unchecked");
        assert_eq!(evaluated.cost, Some(Cost { credits: 0, calls: outside.calls() - before }));
        assert_eq!(evaluated.estimate.calls, 10 + checked);
    }
    assert_eq!(outside.calls(), 10, "what a preview has seen is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_waits_for_a_slow_site_is_cancelled_within_a_second() {
    let outside = Outside::chance(1, 0);
    let mut stage = Stage::live(few_companies(70)).await;
    // Each page takes an hour or so.
    let slow = Outside::chance(1, 7_200_000);
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(slow.connected())));
    let actor = stage.organisation("org_acme").await;
    let icp = stage
        .icp(
            &actor,
            &json!({
                "name": "Slow", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
                "customFilterCriteria": [{"type": "webscraping", "includeSearchStrings": ["x"]}],
            }),
        )
        .await;
    let run = stage.generate(&actor, &icp, false).await;
    let quick = worker::Options { poll: Duration::from_millis(20), ..worker::Options::default() };
    let worker = worker::start(&stage.context, quick);
    while slow.calls() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begun = std::time::Instant::now();
    runs::cancel(&stage.context, &actor, None, run.id, true).await.expect("it is told to stop");
    loop {
        let found = stage.run(&actor, run.id).await;
        if found.status.is_final() {
            assert_eq!((found.status, found.cost.calls), (RunStatus::Cancelled, slow.calls()));
            assert_eq!(found.cost.unneeded.calls, slow.calls());
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    worker.stop().await;
    assert_eq!(outside.calls(), 0);
}
