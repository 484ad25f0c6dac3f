//! What most tests need.

use serde_json::{Value, json};
use sluice_testkit::{Caller, Reply};

pub const ICPS: &str = "/api/v1/entities/icps";
pub const LISTS: &str = "/api/v1/entities/leadlists";
pub const RUNS: &str = "/api/v1/operations/runs";
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
