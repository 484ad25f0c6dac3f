//! `/v0/accounts`: whole replies.

use super::support::{
    ACCOUNTS, NO_ACCOUNT, NOW, PROSPECT_LOGS, error, invalid, log, new_account, new_prospect, whole_page,
};
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn an_account_is_made_once_for_a_domain() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let body = json!({"domain": "https://www.Acme.example:8080/about", "name": "Acme"});
    let made = machine.post(ACCOUNTS, &body).await.expect(201).json();
    assert_eq!(
        made,
        json!({
            "accountId": made["accountId"], "tenantId": made["tenantId"], "domain": "acme.example", "name": "Acme",
            "createdAt": NOW, "updatedAt": NOW, "latestActivityAt": null, "linkedProspects": []
        })
    );
    app.clock.advance(1_000);
    for domain in ["acme.example", "shop.acme.example", "HTTP://ACME.EXAMPLE"] {
        let body = json!({"domain": domain, "name": "Other"});
        assert_eq!(
            machine.post(ACCOUNTS, &body).await.expect(200).json(),
            made,
            "{domain}: its name untouched"
        );
    }
    let path = format!("{ACCOUNTS}/{}", made["accountId"].as_str().expect("an id"));
    assert_eq!(machine.get(&path).await.expect(200).json(), made);
    let nameless = machine.post(ACCOUNTS, &json!({"domain": "b.example"})).await.expect(201);
    assert_eq!(nameless.at("/name"), Value::Null);
    assert_eq!(nameless.at("/tenantId"), made["tenantId"]);
    let theirs = app.other_machine().post(ACCOUNTS, &json!({"domain": "acme.example"})).await.expect(201);
    assert_ne!(theirs.at("/tenantId"), made["tenantId"]);
}

#[tokio::test]
async fn bodies_that_make_no_account() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let domain = "Invalid domain: expected a registrable domain";
    for (body, faults) in [
        (json!({}), vec![("domain", "Required")]),
        (json!({"domain": null}), vec![("domain", "Expected string, received null")]),
        (json!({"domain": ""}), vec![("domain", "String must contain at least 1 character(s)")]),
        (json!({"domain": "co.uk"}), vec![("domain", domain)]),
        (json!({"domain": "10.0.0.1"}), vec![("domain", domain)]),
        (
            json!({"name": "", "x": 1}),
            vec![
                ("name", "String must contain at least 1 character(s)"),
                ("x", "Unrecognized key: 'x'"),
                ("domain", "Required"),
            ],
        ),
    ] {
        assert_eq!(machine.post(ACCOUNTS, &body).await.expect(400).json(), invalid(&faults), "{body}");
    }
}

#[tokio::test]
async fn prospects_of_the_domain_are_linked() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let ann = new_prospect(&machine, "ann@acme.example").await.json();
    let account = new_account(&machine, "acme.example").await;
    let path = format!("{ACCOUNTS}/{}", account.text_at("/accountId"));
    assert_eq!(account.at("/linkedProspects"), json!([ann]));
    let bob = new_prospect(&machine, "bob@mail.acme.example").await.json();
    let _ = new_prospect(&machine, "cid@gmail.com").await;
    let whole = machine.get(&path).await.expect(200);
    assert_eq!(whole.at("/linkedProspects"), json!([ann, bob]));
    assert_eq!(whole.at("/latestActivityAt"), Value::Null);
    app.clock.advance(1_000);
    let told = machine.post(PROSPECT_LOGS, &log(json!({"email": "ann@acme.example"}))).await.expect(201);
    let mut expected = whole.json();
    expected["latestActivityAt"] = told.at("/createdAt");
    assert_eq!(machine.get(&path).await.expect(200).json(), expected);
    let ann_path = format!("/v0/prospects/{}", ann["prospectId"].as_str().expect("an id"));
    let _ = machine.delete(&ann_path).await.expect(204);
    let without = machine.get(&path).await.expect(200);
    assert_eq!(without.at("/linkedProspects"), json!([bob]));
    assert_eq!(without.at("/latestActivityAt"), Value::Null, "of logs that are not deleted");
}

#[tokio::test]
async fn a_deleted_account_is_hidden_until_restored_or_named() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let account = new_account(&machine, "acme.example").await.json();
    let id = account["accountId"].as_str().expect("an id");
    let path = format!("{ACCOUNTS}/{id}");
    let missing = error("NOT_FOUND", &format!("Account not found: {id}"));
    let restored = machine.post_empty(&format!("{path}/restore")).await.expect(200);
    assert_eq!(restored.json(), account, "of a live one nothing changes");
    let _ = machine.delete(&path).await.expect(204);
    for request in [
        machine.get(&path),
        machine.patch(&path, &json!({"name": "x"})),
        machine.delete(&path),
        machine.get(&format!("{path}/activity")),
        machine.get(&format!("{path}/logs")),
    ] {
        assert_eq!(request.await.expect(404).json(), missing);
    }
    assert_eq!(machine.get(ACCOUNTS).await.expect(200).json(), whole_page(&[]));
    let restored = machine.post_empty(&format!("{path}/restore")).await.expect(200);
    assert_eq!(restored.at("/accountId"), json!(id));
    assert_eq!(machine.get(&path).await.expect(200).json(), restored.json());
    let _ = machine.delete(&path).await.expect(204);
    let again = machine.post(ACCOUNTS, &json!({"domain": "acme.example"})).await.expect(201);
    assert_eq!(again.at("/accountId"), json!(id), "identity is for good");
    let reply = machine.post_empty(&format!("{ACCOUNTS}/{NO_ACCOUNT}/restore")).await.expect(404);
    assert_eq!(reply.json(), error("NOT_FOUND", &format!("Account not found: {NO_ACCOUNT}")));
}

#[tokio::test]
async fn lists_come_by_the_page_newest_activity_first() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let mut ids = Vec::new();
    for number in 0..5 {
        app.clock.advance(1);
        ids.push(new_account(&machine, &format!("d{number}.example")).await.text_at("/accountId"));
    }
    app.clock.advance(1);
    let told = machine.post("/v0/account_logs", &log(json!({"accountId": ids[1]}))).await.expect(201);
    assert_eq!(told.text_at("/accountId"), ids[1]);
    let order = [&ids[1], &ids[4], &ids[3], &ids[2], &ids[0]].map(|id| json!(id));
    let names = |page: &Value| -> Vec<Value> {
        page["items"].as_array().expect("items").iter().map(|item| item["accountId"].clone()).collect()
    };
    let all = machine.get(ACCOUNTS).await.expect(200).json();
    assert_eq!(names(&all), order);
    let first = machine.get(&format!("{ACCOUNTS}?limit=2")).await.expect(200).json();
    assert_eq!(names(&first), order[..2]);
    assert_eq!(
        (&first["totalCount"], &first["hasMore"], &first["nextOffset"]),
        (&json!(5), &json!(true), &json!(2))
    );
    let cursor = first["nextCursor"].as_str().expect("a cursor").to_owned();
    // Somebody writes meanwhile: the listing goes on as it began.
    app.clock.advance(1);
    let _ = machine.post("/v0/account_logs", &log(json!({"accountId": ids[0]}))).await.expect(201);
    let _ = new_account(&machine, "d9.example").await;
    for next in [format!("cursor={cursor}"), "offset=2".to_owned()] {
        let second = machine.get(&format!("{ACCOUNTS}?limit=2&{next}")).await.expect(200).json();
        assert_eq!(names(&second), order[2..4], "{next}");
        let cursor = second["nextCursor"].as_str().expect("a cursor");
        let last = machine.get(&format!("{ACCOUNTS}?limit=2&cursor={cursor}")).await.expect(200).json();
        assert_eq!(names(&last), order[4..], "{next}");
        assert_eq!(
            (&last["hasMore"], &last["nextOffset"], &last["nextCursor"]),
            (&json!(false), &Value::Null, &Value::Null)
        );
    }
}

#[tokio::test]
async fn lists_are_filtered() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let acme = json!({"domain": "acme.example", "name": "Ácme Holding"});
    let acme = machine.post(ACCOUNTS, &acme).await.expect(201).json();
    app.clock.advance(60_000);
    let globex = new_account(&machine, "globex.example").await.json();
    for (query, expected) in [
        ("domain=https://www.ACME.example/x", vec![&acme]),
        ("domain=none.example", vec![]),
        ("search=acme", vec![&acme]),
        ("search=HOLDING", vec![&acme]),
        ("search=globex.ex", vec![&globex]),
        ("search=example", vec![&globex, &acme]),
        ("updatedSince=2024-01-25T09:15:30Z", vec![&globex]),
        ("updatedSince=2024-01-25T10:15:00%2B01:00", vec![&globex, &acme]),
        ("search=acme&updatedSince=2024-01-25T09:15:30Z", vec![]),
    ] {
        let reply = machine.get(&format!("{ACCOUNTS}?{query}")).await.expect(200);
        let expected: Vec<Value> = expected.into_iter().cloned().collect();
        assert_eq!(reply.json(), whole_page(&expected), "{query}");
    }
}

#[tokio::test]
async fn queries_that_are_refused() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let both = "Expected either offset or cursor, received both";
    for (query, faults) in [
        ("limit=0", vec![("limit", "Number must be greater than or equal to 1")]),
        ("limit=101", vec![("limit", "Number must be less than or equal to 100")]),
        (
            "limit=x&offset=-1",
            vec![
                ("limit", "Expected number, received string"),
                ("offset", "Number must be greater than or equal to 0"),
            ],
        ),
        ("cursor=x", vec![("cursor", "Invalid cursor")]),
        ("cursor=x&offset=0", vec![("cursor", both)]),
        ("updatedSince=yesterday", vec![("updatedSince", "Invalid datetime")]),
        ("domain=co.uk", vec![("domain", "Invalid domain")]),
    ] {
        let reply = machine.get(&format!("{ACCOUNTS}?{query}")).await.expect(400);
        assert_eq!(reply.json(), invalid(&faults), "{query}");
    }
    let id = new_account(&machine, "acme.example").await.text_at("/accountId");
    for flag in ["includeProspectActivity", "includeDeleted"] {
        let reply = machine.get(&format!("{ACCOUNTS}/{id}/activity?{flag}=1")).await.expect(400);
        let reason = "Invalid enum value. Expected 'false' | 'true', received '1'";
        assert_eq!(reply.json(), invalid(&[(flag, reason)]));
    }
}
