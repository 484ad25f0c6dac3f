//! Candidates of an organisation's own lead provider, in memory.

use crate::outside::Outside;
use crate::stage::Stage;
use async_trait::async_trait;
use serde_json::{Value, json};
use sluice_app::connectors::{Connected, Fixed};
use sluice_app::runs::{self, Bounds, Wanted};
use sluice_app::worker::{self, work_once};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_connect::Result;
use sluice_connect::model::Says;
use sluice_connect::people::{LeadProvider, ProviderPage};
use sluice_model::decision::Source;
use sluice_model::run::GenerateRequest;
use sluice_model::{Actor, Icp, RunStatus, Verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

type Answer = dyn Fn(Option<&str>) -> Option<ProviderPage> + Send + Sync;

/// A provider that answers by the cursor; none: never.
struct Panel {
    answer: Box<Answer>,
    asked: AtomicUsize,
    /// Whether it finds nobody any more.
    is_empty: AtomicBool,
}

impl Panel {
    fn with(answer: impl Fn(Option<&str>) -> Option<ProviderPage> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            asked: AtomicUsize::new(0),
            is_empty: AtomicBool::new(false),
        })
    }

    fn connected(self: &Arc<Self>) -> Connected {
        let panel: Arc<dyn LeadProvider> = self.clone();
        Connected { lead_providers: [("panel".to_owned(), panel)].into(), ..Connected::default() }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl LeadProvider for Panel {
    fn name(&self) -> &'static str {
        "panel"
    }

    async fn search(
        &self,
        _kind: &str,
        _filters: &Value,
        cursor: Option<&str>,
        _limit: usize,
    ) -> Result<ProviderPage> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.is_empty.load(Ordering::SeqCst) {
            return Ok(ProviderPage::default());
        }
        match (self.answer)(cursor) {
            Some(page) => Ok(page),
            None => std::future::pending().await,
        }
    }

    async fn test(&self) -> Result<()> {
        Ok(())
    }
}

/// So many people from this number on, and the next page.
fn page(from: usize, count: usize, next: Option<&str>) -> Option<ProviderPage> {
    let row = |number: usize| {
        json!({
            "first_name": "Ann", "last_name": format!("Number{number}"), "job_title": "CTO",
            "email": format!("ann{number}@panel.example"), "company": format!("Panel {number}"),
        })
    };
    let records = (from..from + count).map(row).collect();
    Some(ProviderPage { records, next: next.map(str::to_owned) })
}

async fn icp(mut stage: Stage, connected: Connected, over: &Value) -> (Stage, Actor, Icp) {
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(connected)));
    let actor = stage.organisation("org_acme").await;
    let mut body = json!({
        "name": "Panel", "leadsPerList": 25, "leadProviderCriteria": [{"provider": "panel", "filters": {}}],
    });
    body.as_object_mut().expect("an object").extend(over.as_object().expect("an object").clone());
    let icp = stage.icp(&actor, &body).await;
    (stage, actor, icp)
}

fn nobody() -> Arc<ReferenceCatalog> {
    Arc::new(ReferenceCatalog::new())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_waits_for_its_provider_is_cancelled_within_a_second() {
    // Before anybody is considered, and while a batch is committed.
    for pages in [0, 1] {
        let panel = Panel::with(move |cursor| match (cursor, pages) {
            (None, 1) => page(0, 100, Some("second")),
            _ => None,
        });
        let filters = json!([{"type": "matchFieldWithRegex", "field": "firstName", "regex": "^Bob$"}]);
        let over = json!({"customFilterCriteria": filters});
        let (stage, actor, icp) = icp(Stage::live(nobody()).await, panel.connected(), &over).await;
        let run = stage.generate(&actor, &icp, false).await;
        let quick = worker::Options { poll: Duration::from_millis(20), ..worker::Options::default() };
        let worker = worker::start(&stage.context, quick);
        while panel.asked() <= pages {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // What is decided does not wait for the next page to be committed.
        let considered = u64::try_from(100 * pages).expect("few");
        while stage.run(&actor, run.id).await.funnel.considered < considered {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let begun = Instant::now();
        runs::cancel(&stage.context, &actor, None, run.id, false).await.expect("it is told to stop");
        loop {
            let found = stage.run(&actor, run.id).await;
            if found.status.is_final() {
                assert_eq!((found.status, found.lead_list_id), (RunStatus::Cancelled, None));
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(1), "{pages} pages: {:?}", begun.elapsed());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        worker.stop().await;
        assert_eq!(panel.asked(), pages + 1);
    }
}

#[tokio::test]
async fn a_provider_that_goes_round_in_circles_fails_the_run() {
    let circle = Panel::with(|cursor| match cursor {
        None => page(0, 2, Some("b")),
        Some("b") => page(2, 2, Some("c")),
        _ => page(4, 2, Some("b")),
    });
    let endless = Panel::with(|cursor| {
        let next = cursor.map_or(Ok(0), str::parse::<usize>).expect("a number") + 1;
        page(0, 2, Some(&next.to_string()))
    });
    for (panel, wrong, asked) in [
        (circle, "it answered a cursor that it had answered before", 3),
        (endless, "page after page held nothing new", 21),
    ] {
        let (stage, actor, icp) = icp(Stage::on(nobody()).await, panel.connected(), &json!({})).await;
        let run = stage.generate(&actor, &icp, false).await;
        for _ in 0..5 {
            assert!(work_once(&stage.context, worker::Options::default(), &|| false).await.expect("work"));
            stage.clock.advance(20_000);
        }
        let run = stage.run(&actor, run.id).await;
        let told = format!("The run failed after several attempts: Lead provider 'panel' failed: {wrong}");
        assert_eq!((run.status, run.error), (RunStatus::Failed, Some(told)));
        assert_eq!((stage.jobs().await, panel.asked()), ([0, 0, 0, 1], 5 * asked));
    }
}

#[tokio::test]
async fn a_provider_may_have_pages_without_anybody() {
    let panel = Panel::with(|cursor| {
        let number = cursor.map_or(Ok(0), str::parse::<usize>).expect("a number");
        match number {
            0..19 | 20..38 => page(0, 0, Some(&(number + 1).to_string())),
            19 => page(0, 1, Some("20")),
            _ => page(1, 2, None),
        }
    });
    let (stage, actor, icp) = icp(Stage::on(nobody()).await, panel.connected(), &json!({})).await;
    let run = stage.generate(&actor, &icp, false).await;
    stage.work(&|| false).await;
    let run = stage.run(&actor, run.id).await;
    assert_eq!((run.status, run.funnel.accepted), (RunStatus::Succeeded, 3));
}

#[tokio::test]
async fn who_could_not_be_told_is_tried_again_without_asking_the_provider() {
    let panel = Panel::with(|_| page(0, 3, None));
    let outside = Outside::chance(1, 0);
    outside.says("Q", Says::Unknown);
    let connected = Connected { model: outside.connected().model, ..panel.connected() };
    let filters = json!([{"type": "ai", "entityType": "person", "prompt": "Q"}]);
    let over = json!({"customFilterCriteria": filters});
    let (mut stage, actor, icp) = icp(Stage::on(nobody()).await, connected, &over).await;
    let first = stage.generate(&actor, &icp, false).await;
    stage.work(&|| false).await;
    let unknown = stage.decisions(&actor, first.id).await;
    assert_eq!(unknown.len(), 3);
    assert!(unknown.iter().all(|decision| decision.verdict == Verdict::Unknown), "{unknown:?}");

    panel.is_empty.store(true, Ordering::SeqCst);
    let other = Outside::chance(2, 0);
    other.says("Q", Says::Yes);
    let connected = Connected { model: other.connected().model, ..panel.connected() };
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(connected)));
    stage.clock.advance_days(91);
    let request = GenerateRequest { retry_unknown: Some(first.id), ..GenerateRequest::default() };
    let again = runs::generate(&stage.context, &actor, None, icp.id, request).await.expect("a run").value;
    stage.work(&|| false).await;
    let again = stage.run(&actor, again.id).await;
    assert_eq!((again.status, again.funnel.accepted), (RunStatus::Succeeded, 3), "{:?}", again.funnel);
    let told = stage.decisions(&actor, again.id).await;
    for (before, after) in unknown.iter().zip(&told) {
        assert_eq!(after.candidate, before.candidate);
        assert_eq!(after.sources, [Source::search("panel".to_owned(), 0)]);
    }
    // The model was told as much of them as before.
    let asked = |outside: &Outside| {
        let mut questions = outside.questions();
        questions.sort();
        questions
    };
    assert_eq!(asked(&outside), asked(&other));
}

#[tokio::test]
async fn a_preview_ends_at_its_bounds_and_without_who_is_not_connected() {
    let panel = Panel::with(|cursor| {
        let number = cursor.map_or(Ok(0), str::parse::<usize>).expect("a number");
        page(number * 100, 100, Some(&(number + 1).to_string()))
    });
    let filters = json!([{"type": "matchFieldWithRegex", "field": "firstName", "regex": "^Bob$"}]);
    let over = json!({"customFilterCriteria": filters});
    let (stage, actor, icp) = icp(Stage::on(nobody()).await, panel.connected(), &over).await;
    let plan = runs::plan(icp, 1, &GenerateRequest::default(), stage.context.now()).expect("a plan");
    let hour = Duration::from_secs(3_600);
    for (candidates, time, considered, stopped_by) in
        [(130, hour, 130, "candidates"), (u64::MAX, Duration::ZERO, 0, "time")]
    {
        let wanted = Wanted { shown: 10, sample: None, bounds: Some(Bounds { candidates, time }) };
        let mut seen = 0;
        let each = |_| seen += 1;
        let preview = runs::preview_with(&stage.context, &actor, &plan, panel.connected(), wanted, each);
        let preview = preview.await.expect("a preview");
        assert_eq!(
            (preview.funnel.considered, preview.stopped_by.as_deref()),
            (considered, Some(stopped_by))
        );
        assert!(preview.funnel.adds_up() && seen == considered, "{seen} of {considered}");
    }
    let asked = panel.asked();
    let wanted = Wanted { shown: 10, sample: None, bounds: None };
    let without = runs::preview_with(&stage.context, &actor, &plan, Connected::default(), wanted, |_| ());
    let without = without.await.expect("a preview");
    assert_eq!(without.missing_connectors, ["panel (for leadProviderCriteria)"]);
    assert_eq!((without.funnel.considered, without.stopped_by, panel.asked()), (0, None, asked));
}
