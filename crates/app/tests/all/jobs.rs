//! A run that was given up and is tried again.

use crate::stage::Stage;
use crate::troubled::{Trouble, Troubled};
use serde_json::json;
use sluice_app::worker::{Options, work_once};
use sluice_app::{Error, jobs, runs};
use sluice_model::{JobState, RunStatus};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn a_run_that_is_tried_again_goes_on_where_it_was() {
    let catalog = Troubled::with_people(2_500);
    let icp = json!({
        "name": "Everybody",
        "leadsPerList": 10_000,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
    });
    let stage = Stage::on(catalog.clone()).await;
    let actor = stage.organisation("org_acme").await;
    let icp = stage.icp(&actor, &icp).await;
    let run = stage.generate(&actor, &icp, false).await;
    // One page, and then the catalog fails until nobody tries any more.
    catalog.trouble([Trouble::Takes(Duration::ZERO)]);
    catalog.trouble((0..5).map(|_| Trouble::Fails));
    for _ in 0..6 {
        work_once(&stage.context, Options::default(), &|| false).await.expect("the queue");
        stage.clock.advance(20_000);
    }
    assert_eq!(stage.jobs().await, [0, 0, 0, 1]);
    let failed = stage.run(&actor, run.id).await;
    assert_eq!(failed.status, RunStatus::Failed);
    assert!(failed.progress.considered > 0, "{failed:?}");

    let dead = jobs::list_all(&stage.context, JobState::Dead, 9).await.expect("jobs");
    assert_eq!(dead.iter().map(|job| job.id).collect::<Vec<_>>(), [run.id]);
    let absent = jobs::retry_any(&stage.context, Uuid::nil()).await;
    assert!(matches!(absent, Err(Error::NotFound(_))), "{absent:?}");
    jobs::retry_any(&stage.context, run.id).await.expect("it is queued");
    let again = jobs::retry_any(&stage.context, run.id).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    stage.work(&|| false).await;

    let ended = stage.run(&actor, run.id).await;
    assert_eq!((ended.status, ended.progress.considered), (RunStatus::Succeeded, 2_500));
    assert_eq!((ended.lead_list_id, ended.started_at), (failed.lead_list_id, failed.started_at));
    assert_eq!(stage.decisions(&actor, run.id).await.len(), 2_500);
    let listed = stage.listed(&actor, ended.lead_list_id.expect("a list")).await;
    assert_eq!(listed.len() as u64, ended.progress.accepted);
    assert_eq!(stage.jobs().await, [0, 0, 1, 0]);
}

#[tokio::test]
async fn a_run_that_is_tried_again_and_cancelled_keeps_its_list_only_when_told() {
    for keep in [false, true] {
        let catalog = Troubled::with_people(2_500);
        let icp = json!({
            "name": "Everybody", "leadsPerList": 10_000,
            "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        });
        let stage = Stage::on(catalog.clone()).await;
        let actor = stage.organisation("org_acme").await;
        let icp = stage.icp(&actor, &icp).await;
        let run = stage.generate(&actor, &icp, false).await;
        catalog.trouble([Trouble::Takes(Duration::ZERO)]);
        catalog.trouble((0..5).map(|_| Trouble::Fails));
        for _ in 0..6 {
            work_once(&stage.context, Options::default(), &|| false).await.expect("the queue");
            stage.clock.advance(20_000);
        }
        let failed = stage.run(&actor, run.id).await;
        let list = failed.lead_list_id.expect("a list");
        assert!(failed.status == RunStatus::Failed && failed.funnel.accepted > 0, "{failed:?}");
        jobs::retry_any(&stage.context, run.id).await.expect("it is queued");
        runs::cancel(&stage.context, &actor, None, run.id, keep).await.expect("it is told to stop");
        stage.work(&|| false).await;
        let ended = stage.run(&actor, run.id).await;
        assert_eq!((ended.status, ended.lead_list_id), (RunStatus::Cancelled, keep.then_some(list)));
        assert_eq!(ended.funnel, failed.funnel);
        assert_eq!(stage.jobs().await, [0, 0, 1, 0]);
        let listed = stage.listed(&actor, list).await.len() as u64;
        assert_eq!(listed, if keep { failed.funnel.accepted } else { 0 });
        // Nobody counts as put on a list that is gone.
        let mut again = json!({
            "name": "Again", "leadsPerList": 1,
            "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        });
        again["customFilterCriteria"] = json!([{"type": "minDaysUntilReuse", "value": 30}]);
        let again = stage.icp(&actor, &again).await;
        let (preview, _) = stage.preview(&actor, &again).await;
        assert_eq!(preview.funnel.dropped > 0, keep, "{:?}", preview.funnel);
    }
}
