//! Sound requests, changed at random, sent to every route: never a 500, every reply as documented, which the testkit asks of
//! each, and nothing is written by what is refused.

use super::support::{ACCOUNT_LOGS, ACCOUNTS, NO_PROSPECT, PROSPECT_LOGS, PROSPECTS, log, new_prospect};
use crate::fuzz::{apply, change, odd_value};
use axum::http::Method;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use sluice_testkit::contract::{self, ACCOUNTS_OPERATIONS};
use sluice_testkit::{Caller, Machine, Reply, TestApp};
use std::cell::RefCell;
use std::collections::BTreeSet;
use tokio::runtime::Runtime;

const CASES: u32 = 3_000;

/// What the requests are about.
struct Office {
    runtime: Runtime,
    app: TestApp,
    machine: Machine,
    account: String,
    account_log: String,
    prospect: String,
    prospect_log: String,
    /// All that can be read, as it was when it was last looked at.
    seen: RefCell<String>,
}

impl Office {
    fn open() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let app = runtime.block_on(TestApp::start());
        let machine = app.machine();
        let (account, prospect) = runtime.block_on(async {
            let account =
                machine.post(ACCOUNT_LOGS, &log(json!({"domain": "acme.example"}))).await.expect(201);
            let ann = log(json!({"email": "ann@acme.example", "name": "Ann"}));
            (account, machine.post(PROSPECT_LOGS, &ann).await.expect(201))
        });
        let office = Self {
            runtime,
            machine,
            app,
            account: account.text_at("/accountId"),
            account_log: account.text_at("/accountLogId"),
            prospect: prospect.text_at("/prospectId"),
            prospect_log: prospect.text_at("/prospectLogId"),
            seen: RefCell::default(),
        };
        office.look();
        office
    }

    /// Whether anything is there that was not when this was last asked.
    fn look(&self) -> bool {
        let paths = [
            format!("{ACCOUNTS}?limit=50"),
            format!("{PROSPECTS}?limit=50"),
            format!("{ACCOUNTS}/{}", self.account),
            format!("{ACCOUNTS}/{}/activity?includeProspectActivity=true&includeDeleted=true", self.account),
            format!("{PROSPECTS}/{}", self.prospect),
            format!("{PROSPECTS}/{}/activity?includeDeleted=true", self.prospect),
        ];
        let mut text = String::new();
        for path in paths {
            let reply = self.runtime.block_on(async { self.machine.get(&path).await });
            text.push_str(reply.text());
        }
        self.seen.replace_with(|_| text.clone()) != text
    }

    /// Sends the request, and holds its reply against what must be true of all.
    fn send(&self, method: &Method, path: &str, body: Option<Vec<u8>>) -> Result<Reply, TestCaseError> {
        // So slowly that the key's rate lets all pass.
        self.app.clock.advance(100);
        let request = self.machine.request(method.clone(), path);
        let request = match &body {
            Some(body) => request.raw_json(body.clone()),
            None => request,
        };
        let reply = self.runtime.block_on(request.into_future());
        let told = || {
            format!("{method} {path} {:?}: {}", body.as_deref().map(String::from_utf8_lossy), reply.text())
        };
        proptest::prop_assert!(!reply.status.is_server_error(), "{}", told());
        proptest::prop_assert!(reply.status.as_u16() != 429, "{}", told());
        let changed = self.look();
        let may_change = reply.status.is_success() && *method != Method::GET;
        proptest::prop_assert!(may_change || !changed, "something was written by {}", told());
        Ok(reply)
    }

    /// Every route that takes a body, with one that it accepts.
    fn bodies(&self) -> Vec<(Method, String, Value)> {
        let machine = &self.machine;
        let prospect = |email| self.runtime.block_on(new_prospect(machine, email)).text_at("/prospectId");
        let (bob, cid) = (prospect("bob@acme.example"), prospect("cid@globex.example"));
        let new = json!({"email": "dee@acme.example", "name": "Dee", "phoneNumber": "+442079460018",
            "linkedinProfileUrl": "linkedin.com/in/dee", "domain": "globex.example"});
        let payload = json!({"a": [1, {"b": null}], "payload": {"n": 1.5}});
        let of_prospect = json!({"source": "crm", "type": "call", "payload": payload, "name": "Eve",
            "email": "eve@acme.example", "phoneNumber": "+442079460019", "linkedinProfileUrl": "linkedin.com/in/eve"});
        let of_account = json!({"source": "crm", "type": "deal", "payload": payload, "name": "Acme",
            "accountId": self.account, "domain": "acme.example"});
        let post = |path: String, body: &Value| (Method::POST, path, body.clone());
        let mut all = vec![
            (Method::PATCH, format!("{ACCOUNTS}/{}", self.account), json!({"name": "Acme"})),
            post(ACCOUNTS.to_owned(), &json!({"domain": "initech.example", "name": "Initech"})),
            post(ACCOUNT_LOGS.to_owned(), &of_account),
        ];
        for (list, logs) in [(PROSPECTS, PROSPECT_LOGS), ("/v0/persons", "/v0/person_logs")] {
            all.extend([
                post(list.to_owned(), &new),
                (
                    Method::PATCH,
                    format!("{list}/{}", self.prospect),
                    json!({"name": "Ann", "phoneNumber": null}),
                ),
                post(format!("{list}/{bob}/merge"), &json!({"into": cid})),
                post(logs.to_owned(), &of_prospect),
            ]);
        }
        self.look();
        all
    }
}

/// Runs so many cases, the same each time.
fn cases<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    if let Err(error) = runner.run(strategy, test) {
        panic!("{error}");
    }
}

#[test]
fn changed_bodies_never_break_anything() {
    let office = Office::open();
    let bodies = office.bodies();
    let name = |description: &'static Value| description["operationId"].as_str().unwrap_or_default();
    let covered = bodies.iter().filter_map(|(method, path, _)| contract::operation(method.as_str(), path));
    let covered: BTreeSet<&str> = covered.map(|operation| name(operation.description)).collect();
    let with_body = ACCOUNTS_OPERATIONS.iter().filter(|it| it.description.get("requestBody").is_some());
    let with_body: BTreeSet<&str> = with_body.map(|operation| name(operation.description)).collect();
    assert_eq!(covered, with_body, "every route that takes a body is here");
    for (method, path, body) in &bodies {
        let reply = office.send(method, path, Some(body.to_string().into_bytes())).expect("a sound reply");
        assert!(reply.status.is_success(), "{method} {path}: {}", reply.text());
    }
    let changes = proptest::collection::vec(change(), 1..4);
    cases(&(0..bodies.len(), changes), |(route, changes)| {
        let (method, path, mut body) = bodies[route].clone();
        changes.iter().for_each(|change| apply(&mut body, change));
        office.send(&method, &path, Some(body.to_string().into_bytes())).map(drop)
    });
}

#[test]
fn random_bytes_never_break_anything() {
    let office = Office::open();
    let bodies = office.bodies();
    let cut = (0..bodies.len(), any::<usize>(), any::<usize>(), any::<u8>());
    cases(&cut, |(route, at, end, byte)| {
        let (method, path, body) = &bodies[route];
        let mut bytes = body.to_string().into_bytes();
        let (at, end) = (at % bytes.len(), end % (bytes.len() * 2));
        bytes[at] = byte;
        bytes.truncate(end);
        office.send(method, path, Some(bytes)).map(drop)
    });
}

/// Percent-encodes everything.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn changed_paths_and_queries_never_break_anything() {
    let office = Office::open();
    let other = office.runtime.block_on(async {
        let machine = office.app.other_machine();
        new_prospect(&machine, "ann@acme.example").await.text_at("/prospectId")
    });
    let ids =
        ["x", "%00", "%FF", "%", "..%2F..", NO_PROSPECT, &other, &office.account_log].map(str::to_owned);
    let names = [
        "limit",
        "offset",
        "cursor",
        "search",
        "domain",
        "email",
        "linkedinProfileUrl",
        "updatedSince",
        "includeDeleted",
        "includeProspectActivity",
        "nothing",
    ];
    let page = office.runtime.block_on(async { office.machine.get(&format!("{PROSPECTS}?limit=1")).await });
    let known = [
        "true",
        "TRUE",
        "1",
        "100",
        "101",
        "1000000000000",
        "acme.example",
        "a@b",
        "10.0.0.1",
        "2024-01-25",
        "2024-02-30T00:00:00Z",
        "e30",
        "%_\\",
        "'; --",
    ];
    let known: Vec<String> = known
        .iter()
        .map(|text| (*text).to_owned())
        .chain(page.at("/nextCursor").as_str().map(str::to_owned))
        .collect();
    let text = proptest::prop_oneof![
        proptest::sample::select(known).prop_map(|text| encoded(&text)),
        proptest::string::string_regex(".{0,8}").expect("a pattern").prop_map(|text| encoded(&text)),
        proptest::collection::vec(any::<u8>(), 0..4)
            .prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02x}")).collect()),
    ];
    let query = proptest::collection::vec((proptest::sample::select(names.to_vec()), text), 0..4);
    // Now and then an id is a wrong one, and a request carries a body that nobody asked for.
    let id = proptest::option::weighted(0.3, proptest::sample::select(ids.to_vec()));
    let body = proptest::option::weighted(0.3, odd_value());
    cases(&(0..ACCOUNTS_OPERATIONS.len(), id, query, body), |(operation, id, query, body)| {
        let operation = &ACCOUNTS_OPERATIONS[operation];
        let put = |part: &str| match part {
            "{account_id}" => id.clone().unwrap_or_else(|| office.account.clone()),
            "{prospect_id}" | "{person_id}" => id.clone().unwrap_or_else(|| office.prospect.clone()),
            "{account_log_id}" => office.account_log.clone(),
            "{prospect_log_id}" | "{person_log_id}" => office.prospect_log.clone(),
            part => part.to_owned(),
        };
        let path: Vec<String> = operation.path.split('/').map(put).collect();
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = format!("{}?{}", path.join("/"), query.join("&"));
        let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
        let reply = office.send(&method, &path, body.map(|body| body.to_string().into_bytes()))?;
        if method == Method::DELETE && reply.status.is_success() {
            // For those to come.
            let account = office.app.machine().post_empty(&format!("{ACCOUNTS}/{}/restore", office.account));
            let prospect =
                office.app.machine().post_empty(&format!("{PROSPECTS}/{}/restore", office.prospect));
            office.runtime.block_on(async { (account.await.expect(200), prospect.await.expect(200)) });
            office.look();
        }
        Ok(())
    });
}
