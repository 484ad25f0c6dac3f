//! What these tests need.

use serde_json::{Value, json};
use sluice_app::accounts::keys;
use sluice_model::accounts::{NewApiKey, Scopes};
use sluice_testkit::{ACME, Caller, Machine, REQUEST_ID, Reply, TestApp};

pub const ACCOUNTS: &str = "/v0/accounts";
pub const ACCOUNT_LOGS: &str = "/v0/account_logs";
pub const PROSPECTS: &str = "/v0/prospects";
pub const PROSPECT_LOGS: &str = "/v0/prospect_logs";
/// The time at which tests begin.
pub const NOW: &str = "2024-01-25T09:15:00.000Z";
/// Ids that nothing has.
pub const NO_ACCOUNT: &str = "account_00000000000000000000000000";
pub const NO_PROSPECT: &str = "prospect_00000000000000000000000000";

/// An account with this domain.
pub async fn new_account(machine: &Machine, domain: &str) -> Reply {
    machine.post(ACCOUNTS, &json!({"domain": domain})).await.expect(201)
}

/// A prospect with this address.
pub async fn new_prospect(machine: &Machine, email: &str) -> Reply {
    machine.post(PROSPECTS, &json!({"email": email})).await.expect(201)
}

/// A log of whom the body names: `body` over a source and a payload.
pub fn log(body: Value) -> Value {
    crate::support::merged(json!({"source": "crm", "payload": {"a": 1}}), body)
}

/// A key of the organisation, made on the command line.
pub async fn new_key(app: &TestApp, user: Option<&str>, scopes: Scopes, rate: Option<u32>) -> Machine {
    let new = NewApiKey { name: None, scopes, rate_per_minute: rate };
    let made = keys::create_for(&app.context, ACME, user, new).await.expect("a key");
    app.machine_with(&made.key)
}

/// The body of an error.
pub fn error(code: &str, message: &str) -> Value {
    json!({"code": code, "message": message, "requestId": REQUEST_ID})
}

/// The body of a validation error with these faults.
pub fn invalid(faults: &[(&str, &str)]) -> Value {
    let (field, reason) = faults[0];
    let mut details = json!({"field": field, "reason": reason});
    if faults.len() > 1 {
        let all = faults.iter().map(|(field, reason)| json!({"field": field, "reason": reason}));
        details["errors"] = all.collect();
    }
    let mut body = error("VALIDATION_ERROR", "Validation failed");
    body["details"] = details;
    body
}

/// The whole of a page without a next one.
pub fn whole_page(items: &[Value]) -> Value {
    json!({"items": items, "totalCount": items.len(), "hasMore": false, "nextOffset": null, "nextCursor": null})
}
