//! Logs of accounts, and activity: whole replies.

use super::support::{
    ACCOUNT_LOGS, ACCOUNTS, NO_ACCOUNT, NOW, PROSPECT_LOGS, error, invalid, log, new_account, whole_page,
};
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn a_log_is_told_and_read_back() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let account = new_account(&machine, "acme.example").await.text_at("/accountId");
    let body = json!({"source": "hubspot", "type": "deal.won", "payload": {"amount": 12.50, "tags": []},
        "accountId": account, "idempotencyKey": "deal-1"});
    let receipt = machine.post(ACCOUNT_LOGS, &body).await.expect(201);
    let id = receipt.text_at("/accountLogId");
    assert_eq!(
        receipt.json(),
        json!({"accountId": account, "accountLogId": id, "createdAt": NOW,
        "source": "hubspot", "type": "deal.won"})
    );
    let whole = json!({"accountId": account, "accountLogId": id, "source": "hubspot", "type": "deal.won",
        "payload": {"amount": 12.50, "tags": []}, "idempotencyKey": "deal-1", "createdAt": NOW, "updatedAt": null,
        "deletedAt": null});
    let path = format!("{ACCOUNTS}/{account}/logs");
    assert_eq!(machine.get(&format!("{path}/{id}")).await.expect(200).json(), whole);
    assert_eq!(machine.get(&path).await.expect(200).json(), whole_page(std::slice::from_ref(&whole)));
    assert_eq!(machine.get(&format!("{ACCOUNTS}/{account}")).await.at("/latestActivityAt"), json!(NOW));
    app.clock.advance(1_000);
    let _ = machine.delete(&format!("{path}/{id}")).await.expect(204);
    let deleted = crate::support::merged(whole, json!({"deletedAt": "2024-01-25T09:15:01.000Z"}));
    let read = machine.get(&format!("{path}/{id}")).await.expect(200).json();
    assert_eq!(crate::support::merged(read, json!({"updatedAt": null})), deleted);
    assert_eq!(machine.get(&path).await.expect(200).json(), whole_page(&[]));
    let with_deleted = machine.get(&format!("{path}?includeDeleted=true")).await.expect(200);
    assert_eq!(with_deleted.at("/totalCount"), json!(1));
    assert_eq!(machine.get(&format!("{ACCOUNTS}/{account}")).await.at("/latestActivityAt"), Value::Null);
}

#[tokio::test]
async fn a_domain_finds_or_makes_the_account() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let first = machine
        .post(ACCOUNT_LOGS, &log(json!({"domain": "www.acme.example", "name": "Acme"})))
        .await
        .expect(201);
    assert_eq!(first.at("/type"), json!("webhook"), "the documented default");
    let id = first.text_at("/accountId");
    let account = machine.get(&format!("{ACCOUNTS}/{id}")).await.expect(200);
    assert_eq!((account.at("/domain"), account.at("/name")), (json!("acme.example"), json!("Acme")));
    for body in [
        json!({"domain": "acme.example", "name": "Other"}),
        json!({"accountId": id}),
        json!({"accountId": id, "domain": "shop.acme.example"}),
    ] {
        assert_eq!(machine.post(ACCOUNT_LOGS, &log(body)).await.expect(201).text_at("/accountId"), id);
    }
    assert_eq!(machine.get(&format!("{ACCOUNTS}/{id}")).await.at("/name"), json!("Acme"));
    let other = new_account(&machine, "globex.example").await.text_at("/accountId");
    for domain in ["globex.example", "unknown.example"] {
        let reply =
            machine.post(ACCOUNT_LOGS, &log(json!({"accountId": id, "domain": domain}))).await.expect(409);
        assert_eq!(reply.at("/code"), json!("CONFLICT"));
        assert!(reply.text_at("/message").contains(&id), "{}", reply.text());
    }
    assert_eq!(machine.get(&format!("{ACCOUNTS}/{other}/logs")).await.at("/totalCount"), json!(0));
    assert_eq!(machine.get(ACCOUNTS).await.at("/totalCount"), json!(2), "nothing was written");
    let reply = machine.post(ACCOUNT_LOGS, &log(json!({"accountId": NO_ACCOUNT}))).await.expect(404);
    assert_eq!(reply.json(), error("NOT_FOUND", &format!("Account not found: {NO_ACCOUNT}")));
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let nobody = "Expected one of accountId, domain";
    let short = "String must contain at least 1 character(s)";
    for (body, faults) in [
        (json!({}), vec![("source", "Required"), ("payload", "Required"), ("body", nobody)]),
        (log(json!({})), vec![("body", nobody)]),
        (log(json!({"name": "x"})), vec![("body", nobody)]),
        (log(json!({"domain": "a.example", "source": ""})), vec![("source", short)]),
        (
            log(json!({"domain": "a.example", "source": "s".repeat(101)})),
            vec![("source", "String must contain at most 100 character(s)")],
        ),
        (log(json!({"domain": "a.example", "type": null})), vec![("type", "Expected string, received null")]),
        (
            log(json!({"domain": "a.example", "type": "t".repeat(101)})),
            vec![("type", "String must contain at most 100 character(s)")],
        ),
        (
            log(json!({"domain": "a.example", "payload": null})),
            vec![("payload", "Expected object, received null")],
        ),
        (
            log(json!({"domain": "a.example", "payload": "x"})),
            vec![("payload", "Expected object, received string")],
        ),
        (
            log(json!({"domain": "a.example", "payload": [1]})),
            vec![("payload", "Expected object, received array")],
        ),
        (log(json!({"domain": "a.example", "idempotencyKey": ""})), vec![("idempotencyKey", short)]),
        (
            log(json!({"domain": "a.example", "idempotencyKey": "k".repeat(256)})),
            vec![("idempotencyKey", "String must contain at most 255 character(s)")],
        ),
        (log(json!({"accountId": "acme"})), vec![("accountId", "Invalid account id")]),
        (
            log(json!({"domain": "a.example", "email": "a@b.example"})),
            vec![("email", "Unrecognized key: 'email'")],
        ),
    ] {
        let reply = machine.post(ACCOUNT_LOGS, &body).await.expect(400);
        assert_eq!(reply.json(), invalid(&faults), "{body}");
    }
    let longest = json!({"domain": "a.example", "source": "s".repeat(100), "type": "t".repeat(100), "idempotencyKey": "k".repeat(255)});
    let _ = machine.post(ACCOUNT_LOGS, &log(longest)).await.expect(201);
}

#[tokio::test]
async fn a_replay_gives_the_stored_answer_and_other_content_a_conflict() {
    let app = TestApp::start().await;
    let machine = app.machine();
    for (path, whom, other) in [
        (ACCOUNT_LOGS, json!({"domain": "acme.example"}), json!({"domain": "globex.example"})),
        (PROSPECT_LOGS, json!({"email": "ann@acme.example"}), json!({"email": "bob@acme.example"})),
    ] {
        // The same key for both kinds of log: it is unique for each.
        let keyed = |body: &Value, more: Value| {
            log(crate::support::merged(
                crate::support::merged(body.clone(), json!({"idempotencyKey": "k"})),
                more,
            ))
        };
        let first = machine.post(path, &keyed(&whom, json!({}))).await.expect(201);
        app.clock.advance(1_000);
        let again = machine.post(path, &keyed(&whom, json!({}))).await.expect(200);
        assert_eq!(again.json(), first.json(), "{path}");
        for body in [
            keyed(&other, json!({})),
            keyed(&whom, json!({"source": "x"})),
            keyed(&whom, json!({"type": "x"})),
            keyed(&whom, json!({"payload": {"a": 2}})),
            keyed(&whom, json!({"payload": {"a": "1"}})),
        ] {
            let reply = machine.post(path, &body).await.expect(409);
            assert_eq!(reply.at("/code"), json!("CONFLICT"), "{body}");
        }
        let unkeyed = machine.post(path, &log(whom.clone())).await.expect(201);
        assert_ne!(unkeyed.json(), first.json(), "without a key each is a new one");
    }
    assert_eq!(machine.get("/v0/prospects").await.at("/totalCount"), json!(1), "conflicts write nothing");
    assert_eq!(machine.get(ACCOUNTS).await.at("/totalCount"), json!(1));
}

#[tokio::test]
async fn activity_shows_the_account_and_when_asked_its_prospects() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let account = new_account(&machine, "acme.example").await.text_at("/accountId");
    let own = machine.post(ACCOUNT_LOGS, &log(json!({"accountId": account}))).await.expect(201);
    app.clock.advance(1);
    let ann =
        log(json!({"email": "ann@acme.example", "name": "Ann Lee", "type": "call", "idempotencyKey": "k"}));
    let ann = machine.post(PROSPECT_LOGS, &ann).await.expect(201);
    let (own_id, ann_id) = (own.text_at("/accountLogId"), ann.text_at("/prospectLogId"));
    let own_entry = json!({
        "activityId": own_id.replace("accountlog_", "activity_"), "activityType": "account-log-entry",
        "accountId": account, "accountLogId": own_id, "prospectId": null, "prospectLogId": null, "prospectName": null,
        "source": "crm", "type": "webhook", "payload": {"a": 1}, "idempotencyKey": null, "createdAt": NOW,
        "updatedAt": null, "deletedAt": null
    });
    let ann_entry = json!({
        "activityId": ann_id.replace("prospectlog_", "activity_"), "activityType": "prospect-log-entry",
        "accountId": account, "accountLogId": null, "prospectId": ann.at("/prospectId"), "prospectLogId": ann_id,
        "prospectName": "Ann Lee", "source": "crm", "type": "call", "payload": {"a": 1}, "idempotencyKey": "k",
        "createdAt": "2024-01-25T09:15:00.001Z", "updatedAt": null, "deletedAt": null
    });
    let path = format!("{ACCOUNTS}/{account}/activity");
    let all = format!("{path}?includeProspectActivity=true");
    assert_eq!(machine.get(&path).await.expect(200).json(), whole_page(std::slice::from_ref(&own_entry)));
    assert_eq!(
        machine.get(&all).await.expect(200).json(),
        whole_page(&[ann_entry.clone(), own_entry.clone()])
    );
    let prospect = ann.text_at("/prospectId");
    let of_ann = machine.get(&format!("/v0/prospects/{prospect}/activity")).await.expect(200);
    assert_eq!(of_ann.json(), whole_page(&[ann_entry]));
    let _ = machine.delete(&format!("/v0/prospects/{prospect}/logs/{ann_id}")).await.expect(204);
    assert_eq!(machine.get(&all).await.expect(200).json(), whole_page(&[own_entry]));
    let deleted = machine.get(&format!("{all}&includeDeleted=true")).await.expect(200);
    assert_eq!(
        (deleted.at("/totalCount"), deleted.at("/items/0/deletedAt")),
        (json!(2), json!("2024-01-25T09:15:00.001Z"))
    );
}

#[tokio::test]
async fn pages_of_activity_never_repeat_or_skip_while_logs_come() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let account = new_account(&machine, "acme.example").await.text_at("/accountId");
    let mut ids = Vec::new();
    for number in 0..7 {
        let body = log(json!({"accountId": account, "payload": {"number": number}}));
        ids.insert(0, machine.post(ACCOUNT_LOGS, &body).await.expect(201).at("/accountLogId"));
    }
    for list in ["activity", "logs"] {
        for by_cursor in [true, false] {
            let path = format!("{ACCOUNTS}/{account}/{list}?limit=3");
            let (mut seen, mut next) = (Vec::new(), String::new());
            loop {
                let page = machine.get(&format!("{path}{next}")).await.expect(200).json();
                let items = page["items"].as_array().expect("items");
                seen.extend(items.iter().map(|item| item["accountLogId"].clone()));
                let _ = machine.post(ACCOUNT_LOGS, &log(json!({"accountId": account}))).await.expect(201);
                if page["hasMore"] == false {
                    break;
                }
                next = match by_cursor {
                    true => format!("&cursor={}", page["nextCursor"].as_str().expect("a cursor")),
                    false => format!("&offset={}", page["nextOffset"]),
                };
            }
            assert!(seen.ends_with(&ids), "{list}");
            let mut once = seen.clone();
            once.dedup();
            assert_eq!(once.len(), seen.len(), "{list}");
            // Those that came meanwhile are in the next listing.
            app.clock.advance(1);
        }
    }
}
