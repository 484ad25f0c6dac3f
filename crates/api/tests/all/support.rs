//! What most tests need.

use serde_json::{Value, json};
use sluice_app::Error;
use sluice_model::id::parse_uuid;
use sluice_store::ops::job::{Lease, job_bury, job_claim};
use sluice_testkit::{ACME, Caller, Reply, TestApp};

pub const ICPS: &str = "/api/v1/entities/icps";
pub const LISTS: &str = "/api/v1/entities/leadlists";
pub const RUNS: &str = "/api/v1/operations/runs";
pub const JOBS: &str = "/api/v1/operations/jobs";
pub const SUPPRESSIONS: &str = "/api/v1/operations/suppressions";
/// An id that nothing has.
pub const NOBODY: &str = "550e8400-e29b-41d4-a716-446655440999";

/// The body of an ICP that finds the CTOs of the catalog.
pub fn icp_body() -> Value {
    json!({
        "name": "CTOs",
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {"job_title": ["CTO"]}}]
    })
}

/// An ICP of the caller's: [`icp_body`] with these keys over it.
pub async fn new_icp(caller: &impl Caller, over: Value) -> Reply {
    caller.post(ICPS, &merged(icp_body(), over)).await.expect(201)
}

/// The path of a new ICP of the caller's.
pub async fn new_icp_path(caller: &impl Caller, over: Value) -> String {
    format!("{ICPS}/{}", new_icp(caller, over).await.id())
}

/// A lead list of the caller's.
pub async fn new_list(caller: &impl Caller, over: Value) -> Reply {
    let body =
        json!({"name": "January", "startDate": "2024-01-25T00:00:00Z", "endDate": "2024-02-25T00:00:00Z"});
    caller.post(LISTS, &merged(body, over)).await.expect(201)
}

/// The path of a new lead list of the caller's.
pub async fn new_list_path(caller: &impl Caller, over: Value) -> String {
    format!("{LISTS}/{}", new_list(caller, over).await.id())
}

/// One object with the keys of another over its own.
pub fn merged(mut under: Value, over: Value) -> Value {
    let keys = over.as_object().expect("an object").clone();
    under.as_object_mut().expect("an object").extend(keys);
    under
}

/// `details` of one fault.
pub fn fault(path: Value, message: &str) -> Value {
    json!([{"path": path, "message": message}])
}

/// Starts a run of the ICP with these operations, and gives its job up as a worker does. Returns the job's id.
pub async fn give_up(app: &TestApp, operations: &str) -> String {
    // So that no other job is claimed.
    app.work().await;
    let started = app.member().post_empty(&format!("{operations}/generate")).await.expect(202);
    let (text, now) = (started.text_at("/run/id"), app.context.now());
    let id = parse_uuid(&text).expect("a UUID");
    let lease = Lease { owner: id, until: now.plus_days(1) };
    let claimed = app.store().write_system(move |tx| {
        Box::pin(async move { Ok::<_, Error>(job_claim(tx, lease, now, None).await?) })
    });
    assert_eq!(claimed.await.expect("a claim").map(|job| job.id), Some(id));
    let buried = app.store().write(ACME, move |tx| {
        Box::pin(async move { Ok::<_, Error>(job_bury(tx, id, id, "broken", now).await?) })
    });
    assert!(buried.await.expect("the job"));
    text
}
