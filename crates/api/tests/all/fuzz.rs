//! Sound bodies, changed at random, sent to every route that takes one: the status is always a documented one, which the
//! testkit asks of each reply, and never a 500.

use crate::crm::{app_with_crm, credentials, export_body};
use crate::support::{JOBS, SUPPRESSIONS, give_up, icp_body, merged, new_icp, new_list};
use crate::webhooks::{WEBHOOKS, only_webhook, tested};
use axum::http::Method;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use sluice_fakes::bullhorn::BullhornFake;
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp, contract};
use std::collections::BTreeSet;

const CASES: u32 = 4_000;

/// Every route that takes a body, with one that it accepts.
async fn routes(app: &TestApp, fake: &BullhornFake) -> Vec<(Method, String, Value)> {
    let member = app.member();
    let connector = json!({"kind": "firecrawl", "settings": {}, "apiKey": "k"});
    let _ = app.admin().put("/api/v1/operations/connectors/firecrawl", &connector).await.expect(200);
    let icp = new_icp(&member, json!({})).await.id();
    let patched = new_icp(&member, json!({})).await.id();
    let dead = give_up(app, &format!("/api/v1/operations/icps/{icp}")).await;
    let people = new_list(&member, json!({})).await.id();
    let companies = new_list(&member, json!({"type": "company"})).await.id();
    let run = member.post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
    let entry = json!({"kind": "email", "value": "x@mail.example", "reason": "x"});
    let erased = member.post(SUPPRESSIONS, &entry).await.expect(201).text_at("/entries/0/id");
    let rich = merged(
        icp_body(),
        json!({
            "description": "d", "userIds": ["user_abc123"], "leadsPerList": 5, "activeUntil": "2030-01-01T00:00:00Z", "schedule": "0 6 * * 1-5",
            "customFilterCriteria": [
                {"type": "webscraping", "includeSearchStrings": ["x"], "extractionPrompt": null},
                {"type": "maxPercentFromCRM", "value": 1.5},
                {"type": "matchFieldWithRegex", "field": "company.name", "regex": "^[a-z]+$"}
            ],
            "crmFilters": {"provider": "bullhorn", "filters": [{"path": "a.b", "mode": "in", "value": ["x"]}]}
        }),
    );
    let search = json!({
        "page": 0, "size": 5, "sort": "rank",
        "contact": {
            "seniority": {"any": {"include": ["c_suite"]}},
            "experience": {"current": {"title": {"any": {"include": {"mode": "SMART", "content": ["CTO"]}}}}},
            "location": {"any": {"exclude": ["Austria"]}}
        },
        "account": {"employeeSize": {"type": "RANGE", "range": [{"start": 1, "end": 500}]}, "industry": {"all": {"include": ["Software"]}}},
        "lists": {"person_id": {"exclude": [person_id(1)]}}
    });
    let mut company_search = search.clone();
    company_search.as_object_mut().expect("an object").shift_remove("contact");
    company_search["lists"] = json!({"company_id": {"exclude": [company_id(1)]}});
    let count = |mut body: Value| {
        body["facets"] = json!(["industry"]);
        body
    };
    let list = json!({"name": "L", "startDate": "2024-01-01", "endDate": "2024-01-02", "type": "person", "icpId": icp,
        "personIds": [person_id(1)], "userIds": ["x"]});
    let add = json!({"prospects": [{"firstName": "A", "lastName": "B", "emails": ["a@b.example"],
        "languages": [{"language": "x", "level": null}], "workExperiences": [{"company": {"name": "x"}}]}]});
    let bulk = json!({"mode": "bulk", "filters": {"contact": {}}, "startIndex": 0, "targetCount": 2, "excludedIds": [person_id(1)]});
    let several = json!({"entries": [entry, {"kind": "domain", "value": "x.example", "reason": null, "expiresAt": "2030-01-01"}]});
    let generate =
        json!({"name": "x", "leads": 3, "startDate": "2024-01-01", "endDate": "2024-02-01", "dryRun": true});
    let entities = "/api/v1/entities";
    let operations = "/api/v1/operations";
    let webhook = format!("{WEBHOOKS}/{}", only_webhook(app).await);
    let delivery = tested(app, webhook.rsplit('/').next().unwrap_or_default()).await;
    let hook =
        json!({"url": "https://127.0.0.1/", "events": ["lead.added"], "description": "d", "enabled": true});
    let post = |path: String, body: Value| (Method::POST, path, body);
    vec![
        post(format!("{entities}/icps"), rich.clone()),
        (Method::PATCH, format!("{entities}/icps/{patched}"), rich),
        post(format!("{entities}/icps/{icp}/clone"), json!({})),
        post(format!("{entities}/leadlists"), list),
        (
            Method::PATCH,
            format!("{entities}/leadlists/{people}"),
            json!({"name": "x", "personIds": [person_id(2)]}),
        ),
        post(format!("{entities}/leadlists/{people}/add-prospects"), add),
        post(format!("{entities}/leadlists/{people}/add-prospects"), bulk),
        post(
            format!("{entities}/leadlists/{companies}/add-companies"),
            json!({"companyIds": [company_id(1)]}),
        ),
        post(format!("{entities}/prospects/person"), search.clone()),
        post(
            format!("{entities}/prospects/company"),
            merged(company_search.clone(), json!({"url": ["acme.example"]})),
        ),
        post(format!("{operations}/prospects/person/count"), count(search)),
        post(format!("{operations}/prospects/company/count"), count(company_search)),
        post(format!("{operations}/icps/{icp}/preview"), json!({"evaluate": false, "sample": 3, "leads": 3})),
        post(format!("{operations}/icps/{icp}/generate"), generate),
        post(format!("{operations}/crm/test-connection"), credentials(fake)),
        post(format!("{operations}/connectors/firecrawl/test"), json!({})),
        post(format!("{operations}/credits"), json!({"amount": 5, "description": "x"})),
        post(format!("{operations}/enrichment/{}?field=phones", person_id(1)), json!({})),
        post(
            format!("{operations}/enrichment/batch"),
            json!({"personIds": [person_id(1)], "field": "emails"}),
        ),
        post(
            format!("{operations}/enrichment/batch/query"),
            json!({"tasks": [{"entityId": person_id(1), "field": "phones", "entityType": "person"}]}),
        ),
        post(
            format!("{operations}/enrichment/bulk"),
            json!({"selection": {"mode": "manual", "includedIds": [person_id(1)]}, "field": "phones"}),
        ),
        post(
            format!("{operations}/export"),
            json!({"selection": {"mode": "manual", "includedIds": [person_id(1)]}, "exportFields": ["firstName"]}),
        ),
        post(format!("{operations}/crm/sync"), json!({})),
        post(format!("{operations}/crm/export"), export_body(&[person_id(1).to_string()])),
        post(format!("{operations}/runs/{}/cancel", run.text_at("/run/id")), json!({"keepPartial": true})),
        post(format!("{JOBS}/{dead}/retry"), json!({})),
        post(SUPPRESSIONS.to_owned(), several),
        post(format!("{SUPPRESSIONS}/{erased}/erase"), json!({})),
        post(WEBHOOKS.to_owned(), hook.clone()),
        (Method::PATCH, webhook.clone(), hook),
        post(format!("{webhook}/rotate-secret"), json!({})),
        post(format!("{webhook}/test"), json!({})),
        post(format!("{webhook}/replay"), json!({"since": "2024-01-01", "until": null, "onlyFailed": true})),
        post(format!("{webhook}/deliveries/{delivery}/replay"), json!({})),
        post(
            format!("{operations}/api-keys"),
            json!({"name": "x", "scopes": ["logs:read"], "ratePerMinute": 5}),
        ),
    ]
}

/// One change of a body.
#[derive(Clone, Debug)]
pub enum Change {
    Replace(usize, Value),
    Remove(usize),
    Add(usize, String, Value),
    Repeat(usize),
    Wrap(usize),
}

/// A value that hardly any field takes.
pub fn odd_value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        " ",
        "x",
        "CTO",
        "\u{10ffff}",
        "9999-12-31T23:59:59.999Z",
        "0000-01-01",
        "2024-02-30",
        "manual",
        "bulk",
        "in",
        "company",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop_oneof![Just(0_i64), Just(-1), Just(1), Just(100), Just(i64::MAX)].prop_map(Value::from),
        proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        proptest::string::string_regex(".{0,12}")
            .expect("a pattern")
            .prop_map(|text| json!(text.replace('\0', ""))),
        Just(json!(person_id(1))),
        Just(json!("x".repeat(20_000))),
        Just(json!([])),
        Just(json!({})),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((odd_key(), inner), 0..4)
                .prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

fn odd_key() -> impl Strategy<Value = String> {
    let keys = [
        "",
        "x",
        "name",
        "type",
        "id",
        "filters",
        "any",
        "all",
        "include",
        "exclude",
        "content",
        "mode",
        "range",
        "value",
        "contact",
        "account",
        "prospects",
        "entries",
        "selection",
        "leads",
        "payload",
        "domain",
        "email",
        "prospectId",
        "idempotencyKey",
        "__proto__",
    ];
    proptest::sample::select(keys.map(str::to_owned).to_vec())
}

/// A change of any body.
pub fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<usize>(), odd_value()).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => any::<usize>().prop_map(Change::Remove),
        1 => (any::<usize>(), odd_key(), odd_value()).prop_map(|(at, key, value)| Change::Add(at, key, value)),
        1 => any::<usize>().prop_map(Change::Repeat),
        1 => any::<usize>().prop_map(Change::Wrap),
    ]
}

/// The places of all values, as JSON pointers.
fn places(value: &Value, place: &str, out: &mut Vec<String>) {
    out.push(place.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{place}/{index}"), out);
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                places(item, &format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        _ => {}
    }
}

/// Changes a body.
pub fn apply(body: &mut Value, change: &Change) {
    let mut all = Vec::new();
    places(body, "", &mut all);
    let at = match change {
        Change::Replace(at, _)
        | Change::Remove(at)
        | Change::Add(at, ..)
        | Change::Repeat(at)
        | Change::Wrap(at) => at,
    };
    let place = &all[at % all.len()];
    let Some(target) = body.pointer_mut(place) else { return };
    match change {
        Change::Replace(_, value) => *target = value.clone(),
        Change::Wrap(_) => *target = json!([target.take()]),
        Change::Add(_, key, value) => match target {
            Value::Object(entries) => drop(entries.insert(key.clone(), value.clone())),
            Value::Array(items) => items.push(value.clone()),
            _ => {}
        },
        Change::Repeat(_) => {
            if let Value::Array(items) = target {
                let again = items.clone();
                items.extend(again);
            }
        }
        Change::Remove(_) => {
            let Some((parent, key)) = place.rsplit_once('/') else { return };
            match body.pointer_mut(parent) {
                Some(Value::Object(entries)) => drop(entries.shift_remove(key)),
                Some(Value::Array(items)) => {
                    if let Ok(index) = key.parse::<usize>()
                        && index < items.len()
                    {
                        items.remove(index);
                    }
                }
                _ => {}
            }
        }
    }
}

#[test]
fn changed_bodies_never_break_anything() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (app, fake) = runtime.block_on(app_with_crm());
    app.leave_jobs();
    let routes = runtime.block_on(routes(&app, &fake));
    let covered: BTreeSet<&str> = routes
        .iter()
        .filter_map(|(method, path, _)| contract::operation(method.as_str(), path))
        .map(|operation| operation.description["operationId"].as_str().unwrap_or_default())
        .collect();
    let with_body: BTreeSet<&str> = contract::OPERATIONS
        .iter()
        .filter(|operation| matches!(operation.method, "POST" | "PATCH"))
        .map(|operation| operation.description["operationId"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(covered, with_body, "every route that takes a body is here");
    for (method, path, body) in &routes {
        let reply = runtime.block_on(async { app.admin().request(method.clone(), path).json(body).await });
        // Nobody is connected who could be asked.
        let conflicts = path.contains("/enrichment/") || path.contains("/connectors/");
        let fits = reply.status.is_success() || (conflicts && reply.status.as_u16() == 409);
        assert!(fits, "{method} {path}: {}", reply.text());
    }
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let changes = proptest::collection::vec(change(), 1..4);
    let outcome = runner.run(&(0..routes.len(), changes), |(route, changes)| {
        let (method, path, body) = &routes[route];
        let mut body = body.clone();
        for change in &changes {
            apply(&mut body, change);
        }
        // The reply is held against the document as it comes in; a panic of the check is a failed case.
        let reply = runtime.block_on(async { app.admin().request(method.clone(), path).json(&body).await });
        proptest::prop_assert!(!reply.status.is_server_error(), "{method} {path} {body}: {}", reply.text());
        if reply.status.as_u16() == 400 {
            let details = reply.at("/error/details");
            proptest::prop_assert!(details.as_array().is_some_and(|all| !all.is_empty()), "{body}");
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // What was queued must run to its end as well.
    runtime.block_on(app.work());
    let failed = runtime.block_on(async { app.admin().get("/api/v1/operations/runs?status=failed").await });
    assert_eq!(failed.json(), json!([]));
}

#[test]
fn random_bytes_never_break_anything() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (app, fake) = runtime.block_on(app_with_crm());
    // One was given up, for the route that tries it again.
    app.leave_jobs();
    let routes = runtime.block_on(routes(&app, &fake));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let cut = (0..routes.len(), any::<usize>(), any::<usize>(), any::<u8>());
    let outcome = runner.run(&cut, |(route, at, end, byte)| {
        let (method, path, body) = &routes[route];
        let mut bytes = body.to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let end = end % (bytes.len() * 2);
        bytes.truncate(end);
        let reply = runtime
            .block_on(async { app.outside_member().request(method.clone(), path).raw_json(bytes).await });
        proptest::prop_assert!(!reply.status.is_server_error(), "{method} {path}: {}", reply.text());
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    runtime.block_on(app.work());
}
