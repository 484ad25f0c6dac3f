//! What becomes known between the look at somebody and the commit holds.

use crate::ahead::few_companies;
use crate::outside::Outside;
use crate::stage::Stage;
use serde_json::{Value, json};
use sluice_app::connectors::Fixed;
use sluice_app::worker::{self, work_once};
use sluice_app::{runs, suppressions};
use sluice_connect::model::Says;
use sluice_model::run::GenerateRequest;
use sluice_model::suppression::{NewSuppression, SuppressionKind};
use sluice_model::{Actor, Icp, RunStatus, Stage as Place, Verdict};
use std::sync::Arc;
use uuid::Uuid;

/// An ICP that a model looks at; and whom it finds first.
async fn begun(filters: &Value) -> (Stage, Arc<Outside>, Actor, Icp, Uuid) {
    let outside = Outside::chance(1, 0);
    outside.says("Q", Says::Yes);
    let mut stage = Stage::on(few_companies(40)).await;
    stage.context = stage.context.clone().with_connectors(Arc::new(Fixed(outside.connected())));
    let actor = stage.organisation("org_acme").await;
    let icp = json!({
        "name": "Judged", "leadsPerList": 5,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": filters,
    });
    let icp = stage.icp(&actor, &icp).await;
    let (preview, _) = stage.preview(&actor, &icp).await;
    let first = preview.leads[0].base_provider_id.expect("of the catalog");
    (stage, outside, actor, icp, first)
}

/// Whoever was first is dropped for this reason, and the list is full without them.
async fn check(stage: &Stage, outside: &Outside, actor: &Actor, icp: &Icp, first: Uuid, at: (Place, &str)) {
    let run = stage.generate(actor, icp, false).await;
    stage.work(&|| false).await;
    let run = stage.run(actor, run.id).await;
    assert!(run.status == RunStatus::Succeeded && run.funnel.adds_up(), "{run:?}");
    let decisions = stage.decisions(actor, run.id).await;
    let found = &decisions[0];
    assert_eq!((found.candidate.id, found.verdict), (first, Verdict::Dropped));
    assert_eq!((found.stage, found.reason.as_deref()), (at.0, Some(at.1)));
    let listed = stage.listed(actor, run.lead_list_id.expect("a list")).await;
    assert_eq!((listed.len(), run.funnel.accepted), (5, 5));
    assert!(listed.iter().all(|(_, base)| *base != first), "{first} is on the list");
    // What was looked up in vain is counted.
    assert_eq!(run.cost.calls, outside.calls());
    assert!(matches!(stage.jobs().await, [0, 0, _, 0]));
}

#[tokio::test]
async fn who_is_suppressed_while_they_are_looked_up_is_not_on_the_list() {
    let ai = json!({"type": "ai", "entityType": "person", "prompt": "Q"});
    // Also when others were suppressed before.
    for others in [false, true] {
        let (stage, outside, actor, icp, first) = begun(&json!([ai])).await;
        let entry = |value: String| NewSuppression {
            kind: SuppressionKind::Person,
            value,
            reason: None,
            expires_at: None,
        };
        if others {
            let other = vec![entry(Uuid::from_u128(7).to_string())];
            suppressions::add(&stage.context, &actor, None, other).await.expect("suppressed");
        }
        let (context, by, entry) = (stage.context.clone(), actor.clone(), entry(first.to_string()));
        outside.meanwhile(async move {
            suppressions::add(&context, &by, None, vec![entry]).await.expect("suppressed");
        });
        check(&stage, &outside, &actor, &icp, first, (Place::Suppression, "person suppressed")).await;
    }
}

#[tokio::test]
async fn who_is_put_on_another_list_while_they_are_looked_up_is_not_on_this_one() {
    let filters = json!([
        {"type": "minDaysUntilReuse", "value": 30},
        {"type": "ai", "entityType": "person", "prompt": "Q"},
    ]);
    let (stage, outside, actor, icp, first) = begun(&filters).await;
    let free = json!({
        "name": "Free", "leadsPerList": 1,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
    });
    let free = stage.icp(&actor, &free).await;
    let (other, by) = (stage.second(few_companies(40)).await, actor.clone());
    outside.meanwhile(async move {
        runs::generate(&other, &by, None, free.id, GenerateRequest::default()).await.expect("a run");
        assert!(work_once(&other, worker::Options::default(), &|| false).await.expect("work"));
    });
    check(&stage, &outside, &actor, &icp, first, (Place::Rules, "reused too soon")).await;
}
