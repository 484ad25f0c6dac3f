//! What is removed, and when.

use crate::stage::Stage;
use crate::troubled::Troubled;
use serde_json::json;
use sluice_app::clean_up::{Removed, clean_up};
use sluice_app::{IdempotencyKey, icps, lead_lists, runs};
use sluice_model::run::GenerateRequest;

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn what_nobody_asks_for_again_goes_after_its_time() {
    let stage = Stage::on(Troubled::with_people(1_300)).await;
    let other = stage.second(Troubled::with_people(0)).await;
    let actor = stage.organisation("org_acme").await;
    let icp = json!({
        "name": "Everybody",
        "leadsPerList": 10_000,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
    });
    let icp = stage.icp(&actor, &icp).await;
    let key = Some(IdempotencyKey::of("k", "POST", "/x", b""));
    let run = runs::generate(&stage.context, &actor, key, icp.id, GenerateRequest::default()).await;
    let run = run.expect("a run").value.id;
    stage.work(&|| false).await;
    let list = stage.run(&actor, run).await.lead_list_id.expect("a list");
    lead_lists::delete(&stage.context, &actor, list, None).await.expect("it is deleted");
    icps::delete(&stage.context, &actor, icp.id, None).await.expect("it is deleted");

    let clean = async || clean_up(&stage.context, 30).await.expect("a clean-up");
    let nothing = Removed::default();
    assert_eq!(clean().await, Some(nothing), "due from the beginning");
    assert_eq!(clean().await, None, "once an hour");
    stage.clock.advance(24 * HOUR);
    let by_other = clean_up(&other, 30).await.expect("a clean-up");
    assert_eq!(by_other, Some(Removed { answers: 1, ..nothing }), "by whoever comes first");
    assert_eq!(clean().await, None);
    stage.clock.advance(29 * 24 * HOUR);
    assert_eq!(clean().await, Some(Removed { jobs: 1, decisions: 1_300, ..nothing }), "in several batches");
    assert_eq!(stage.jobs().await, [0, 0, 0, 0]);
    assert_eq!(stage.decisions(&actor, run).await, []);
    assert_eq!(stage.run(&actor, run).await.funnel.considered, 1_300, "the run itself stays");
    stage.clock.advance(HOUR);
    assert_eq!(clean().await, Some(nothing));
}
