//! The ledger of credits.

use crate::support::fault;
use serde_json::json;
use sluice_testkit::{Caller, TestApp};

pub const CREDITS: &str = "/api/v1/operations/credits";

#[tokio::test]
async fn the_first_top_up_begins_the_ledger() {
    let app = TestApp::start().await;
    let (admin, balance) = (app.admin(), format!("{CREDITS}/balance"));
    let before = json!({"balance": 0, "organizationId": "org_acme", "metered": false});
    assert_eq!(app.member().get(&balance).await.expect(200).json(), before);
    let body = json!({"amount": 500, "description": "Invoice 17"});
    let send = || admin.post(CREDITS, &body).idempotency_key("k");
    let added = send().await.expect(201);
    let line = json!({
        "id": added.id(), "organizationId": "org_acme", "type": "credit_added", "amount": 500,
        "operationType": "top_up", "source": "user_admin", "referenceId": null, "description": "Invoice 17",
        "metadata": null, "createdAt": "2024-01-25T09:15:00.000Z", "updatedAt": "2024-01-25T09:15:00.000Z",
    });
    assert_eq!(added.json(), line);
    assert_eq!(send().await.expect(201).json(), line, "the same request again adds nothing");
    let after = json!({"balance": 500, "organizationId": "org_acme", "metered": true});
    assert_eq!(app.member().get(&balance).await.expect(200).json(), after);
    app.clock.advance(1_000);
    let second = admin.post(CREDITS, &json!({"amount": 1, "description": null})).await.expect(201).json();
    let history = format!("{CREDITS}/history");
    let all = app.member().get(&history).await.expect(200).json();
    assert_eq!(all, json!({"transactions": [second, line], "count": 2}));
    let page = app.member().get(&format!("{history}?limit=1&offset=1")).await.expect(200).json();
    assert_eq!(page, json!({"transactions": [line], "count": 2}));
    let span = format!("{history}?startDate=2024-01-25T09:15:01Z&endDate=2024-01-25T09:15:02Z");
    assert_eq!(
        app.member().get(&span).await.expect(200).json(),
        json!({"transactions": [second], "count": 1})
    );
    let theirs = app.other_organisation().get(&history).await.expect(200).json();
    assert_eq!(theirs, json!({"transactions": [], "count": 0}));
}

#[tokio::test]
async fn bad_amounts_and_spans_are_told_with_their_place() {
    let app = TestApp::start().await;
    for (body, path, message) in [
        (json!({}), json!(["amount"]), "Required"),
        (json!({"amount": 0}), json!(["amount"]), "Number must be greater than or equal to 1"),
        (json!({"amount": -3}), json!(["amount"]), "Number must be greater than or equal to 1"),
        (json!({"amount": 1.5}), json!(["amount"]), "Expected integer, received float"),
        (json!({"amount": 1, "type": "x"}), json!(["type"]), "Unrecognized key: 'type'"),
    ] {
        let reply = app.admin().post(CREDITS, &body).await.expect(400);
        assert_eq!(reply.details(), fault(path, message), "{body}");
        assert_eq!(reply.text_at("/error/code"), "VALIDATION_ERROR");
    }
    let reply =
        app.admin().get(&format!("{CREDITS}/history?startDate=2024-02-01&endDate=2024-01-01&limit=0"));
    let details = reply.await.expect(400).details();
    assert_eq!(
        details,
        json!([
            {"path": ["endDate"], "message": "endDate must not be before startDate"},
            {"path": ["limit"], "message": "Number must be greater than or equal to 1"},
        ])
    );
    let balance = app.admin().get(&format!("{CREDITS}/balance")).await.expect(200);
    assert_eq!(balance.at("/metered"), json!(false));
}
