//! Webhooks: what is told, to whom, how often, and until when.

use crate::accounts::{key, prospect_log_of};
use crate::stage::Stage;
use crate::troubled::{Trouble, Troubled};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_app::accounts::{account, account_log, prospect, prospect_log};
use sluice_app::clean_up::{Removed, clean_up};
use sluice_app::vault::Vault;
use sluice_app::webhooks::{self, DeliveryFilter, WebhookWithSecret};
use sluice_app::{Context, lead_lists, runs, schedules, worker};
use sluice_catalog::Catalog;
use sluice_catalog::reference::ReferenceCatalog;
use sluice_connect::webhook::Sender;
use sluice_connect::{Client, ClientOptions};
use sluice_fakes::webhook::{Received, WebhookFake};
use sluice_fakes::{Fault, Server};
use sluice_model::accounts::{NewAccount, NewAccountLog, NewProspect};
use sluice_model::lead_list::{LeadListCreate, LeadListPatch};
use sluice_model::prospect_body::AddProspects;
use sluice_model::raw::RawJson;
use sluice_model::run::GenerateRequest;
use sluice_model::webhook::{
    DeliveryStatus, Webhook, WebhookCreate, WebhookDelivery, WebhookEvent, WebhookPatch, WebhookReplay,
};
use sluice_model::{Actor, Company, Node, Person, Time};
use sluice_store::StoreError;
use sluice_store::ops::webhook_delivery::webhook_event_expire;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

struct Rig {
    stage: Stage,
    actor: Actor,
    fake: WebhookFake,
    server: Server,
}

/// With a vault, and a way out that waits for so long.
fn connected(context: Context, patience: Duration) -> Context {
    let usual = ClientOptions::default();
    let options = ClientOptions { allow_private_hosts: true, timeout: patience, ..usual };
    let sender = Sender::new(&options).expect("a sender");
    context.with_vault(Vault::new(&[[7; 32]])).with_webhooks(sender)
}

impl Rig {
    async fn on(catalog: Arc<dyn Catalog>) -> Self {
        Self::of(Stage::on(catalog).await, Duration::from_secs(15)).await
    }

    async fn of(mut stage: Stage, patience: Duration) -> Self {
        stage.context = connected(stage.context.clone(), patience);
        let actor = stage.organisation("org_acme").await;
        let fake = WebhookFake::default();
        let server = Server::start(fake.router()).await.expect("a port");
        Self { stage, actor, fake, server }
    }

    async fn new() -> Self {
        Self::on(Arc::new(ReferenceCatalog::default())).await
    }

    fn context(&self) -> &Context {
        &self.stage.context
    }

    /// A webhook of the fake's at this path.
    async fn webhook(&self, path: &str, events: Value) -> WebhookWithSecret {
        self.webhook_at(self.server.url().join(path).expect("a URL").as_str(), events).await
    }

    async fn webhook_at(&self, url: &str, events: Value) -> WebhookWithSecret {
        let body = json!({"url": url, "events": events});
        let new = WebhookCreate::read(&Node::root(&body)).expect("a webhook");
        webhooks::create(self.context(), &self.actor, new).await.expect("made").value
    }

    async fn account(&self, domain: &str) {
        account_of(self.context(), domain).await;
    }

    async fn work(&self) {
        self.stage.work(&|| false).await;
    }

    async fn work_once(&self) -> bool {
        let options = worker::Options::default();
        worker::work_once(self.context(), options, &|| false).await.expect("work")
    }

    async fn log(&self, webhook: Uuid) -> Vec<WebhookDelivery> {
        let filter = DeliveryFilter::default();
        let page = webhooks::deliveries(self.context(), &self.actor, webhook, filter, 1_000).await;
        page.expect("a log").items
    }

    async fn get(&self, webhook: Uuid) -> Webhook {
        webhooks::get(self.context(), &self.actor, webhook).await.expect("the webhook").value
    }

    /// Events that are kept, all of which this removes.
    async fn events(&self) -> usize {
        let written = self
            .context()
            .store
            .write_system::<_, StoreError, _>(|tx| Box::pin(webhook_event_expire(tx, Time::MAX, 10_000)));
        written.await.expect("the store")
    }

    fn kinds(&self) -> Vec<String> {
        self.fake.received().iter().map(Received::kind).collect()
    }
}

async fn account_of(context: &Context, domain: &str) {
    let key = key(context, "org_acme").await;
    let new = NewAccount { domain: domain.to_owned(), name: None };
    account::create(context, &key, new).await.expect("an account");
}

/// HMAC (RFC 2104) as it is written down there.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn signature(secret: &str, received: &Received) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a prefix")).expect("base64");
    assert_eq!(key.len(), 32);
    let text = format!("{}.{}.{}", received.id, received.timestamp, received.body);
    format!("v1,{}", STANDARD.encode(hmac(&key, text.as_bytes())))
}

fn statuses(log: &[WebhookDelivery]) -> Vec<(DeliveryStatus, u64, Option<u16>)> {
    log.iter().map(|one| (one.status, one.attempt_count, one.response_status)).collect()
}

#[tokio::test]
async fn a_webhook_is_told_with_a_signature_that_anybody_can_check() {
    let rig = Rig::new().await;
    let made = rig.webhook("hook", Value::Null).await;
    let key = key(rig.context(), "org_acme").await;
    let new = NewAccount { domain: "acme.example".to_owned(), name: Some("Acme".to_owned()) };
    let (_, account) = account::create(rig.context(), &key, new).await.expect("an account");
    assert_eq!(rig.fake.received(), [], "not in the request");
    rig.work().await;
    let received = rig.fake.received();
    let [told] = &received[..] else { panic!("{received:?}") };
    let now = rig.context().now();
    assert_eq!(told.signature, signature(&made.secret, told));
    assert_eq!(told.timestamp, (now.millis() / 1_000).to_string());
    let body = json!({
        "type": "account.created", "timestamp": now.to_string(),
        "data": {"accountId": account.account_id, "domain": "acme.example", "name": "Acme",
            "createdAt": now.to_string(), "updatedAt": now.to_string()},
    });
    assert_eq!(told.body, body.to_string());
    let log = rig.log(made.webhook.id).await;
    assert_eq!(statuses(&log), [(DeliveryStatus::Delivered, 1, Some(200))]);
    assert_eq!(log[0].event_id.to_string(), told.id);
    let detail = webhooks::delivery(rig.context(), &rig.actor, made.webhook.id, log[0].id).await;
    let detail = detail.expect("the message");
    assert_eq!(detail.payload.as_str(), told.body);
    assert_eq!((detail.attempts[0].at, detail.attempts[0].response_body.as_deref()), (now, Some("thanks")));
    assert_eq!(rig.stage.jobs().await, [0, 0, 1, 0]);
}

fn small_catalog() -> Arc<ReferenceCatalog> {
    let catalog = ReferenceCatalog::default();
    for number in 1..=2_u128 {
        catalog.put_person(Person {
            id: Uuid::from_u128(number),
            first_name: "Ann".to_owned(),
            last_name: format!("Lee {number}"),
            emails: vec![format!("ann{number}@acme.example")],
            company_id: Some(Uuid::from_u128(50)),
            ..Person::default()
        });
        catalog.put_company(Company {
            id: Uuid::from_u128(49 + number),
            name: Some(format!("Acme {number}")),
            domain: Some(if number == 1 { "acme.example" } else { "globex.example" }.to_owned()),
            ..Company::default()
        });
    }
    Arc::new(catalog)
}

fn everybody() -> Value {
    json!({"name": "All", "leadsPerList": 10, "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}]})
}

#[tokio::test]
async fn a_run_tells_of_its_list_its_leads_what_became_of_them_and_its_end() {
    let rig = Rig::on(small_catalog()).await;
    let all = rig.webhook("all", Value::Null).await;
    let icp = rig.stage.icp(&rig.actor, &everybody()).await;
    let request = GenerateRequest::read(&Node::root(&json!({"syncAccounts": true}))).expect("a request");
    let run = runs::generate(rig.context(), &rig.actor, None, icp.id, request).await.expect("a run").value;
    rig.work().await;
    let run = rig.stage.run(&rig.actor, run.id).await;
    let list = run.lead_list_id.expect("a list");
    let mut kinds = rig.kinds();
    kinds.sort();
    let expected = [
        "account.created",
        "lead.added",
        "lead_list.created",
        "log.created",
        "log.created",
        "prospect.created",
        "prospect.created",
        "run.succeeded",
    ];
    assert_eq!(kinds, expected);
    let data = |kind: &str| {
        let found = rig.fake.received().into_iter().find(|told| told.kind() == kind).expect(kind);
        found.json()["data"].clone()
    };
    let listed: Vec<Uuid> = rig.stage.listed(&rig.actor, list).await.into_iter().map(|(id, _)| id).collect();
    let added =
        json!({"leadListId": list, "runId": run.id, "type": "person", "personIds": listed, "companyIds": []});
    assert_eq!(data("lead.added"), added);
    let made = data("lead_list.created");
    assert_eq!(
        (&made["leadListId"], &made["runId"], &made["icpId"]),
        (&json!(list), &json!(run.id), &json!(icp.id))
    );
    assert_eq!(data("run.succeeded"), json!(run));
    let log = data("log.created");
    assert_eq!((&log["source"], &log["payloadOmitted"]), (&json!("lead-list"), &json!(false)));
    assert_eq!(log["payload"]["leadListId"], json!(list));
    assert!(log["prospectId"].as_str().is_some_and(|id| id.starts_with("prospect_")));
    let delivered = rig.log(all.webhook.id).await;
    assert!(delivered.iter().all(|one| one.status == DeliveryStatus::Delivered), "{delivered:?}");
}

#[tokio::test]
async fn lists_that_are_filled_by_hand_are_told_of() {
    let rig = Rig::on(small_catalog()).await;
    let (context, actor) = (rig.context(), &rig.actor);
    rig.webhook("x", json!(["lead_list.created", "lead.added"])).await;
    let dates = json!({"name": "L", "startDate": "2026-01-01", "endDate": "2026-01-02"});
    let body = |over: Value| {
        let mut body = dates.clone();
        body.as_object_mut().expect("an object").extend(over.as_object().expect("an object").clone());
        body
    };
    let create = async |over: Value| {
        let new = LeadListCreate::read(&Node::root(&body(over))).expect("a list");
        lead_lists::create(context, actor, None, new).await.expect("made").value
    };
    let people = create(json!({"personIds": [Uuid::from_u128(1)]})).await;
    let companies = create(json!({"type": "company"})).await;
    let add = json!({"mode": "manual", "includedIds": [Uuid::from_u128(1), Uuid::from_u128(2)]});
    let add = AddProspects::read(&Node::root(&add)).expect("a selection");
    let added = lead_lists::add_prospects(context, actor, None, people.id, add.clone()).await;
    assert_eq!(added.expect("added").added_count, 1);
    let again = lead_lists::add_prospects(context, actor, None, people.id, add).await;
    assert_eq!(again.expect("nothing added").added_count, 0);
    let acme = vec![Uuid::from_u128(50)];
    let with_acme = lead_lists::add_companies(context, actor, None, companies.id, acme).await;
    let held = with_acme.expect("added").value.list.company_ids;
    let patch = json!({"companyIds": [held[0], Uuid::from_u128(51)]});
    let patch = LeadListPatch::read(&Node::root(&patch)).expect("a patch");
    lead_lists::update(context, actor, companies.id, None, patch).await.expect("changed");
    rig.work().await;
    let mut told: Vec<(String, Value, usize, usize)> = rig
        .fake
        .received()
        .iter()
        .map(|told| {
            let data = told.json()["data"].clone();
            let count = |name: &str| data[name].as_array().map_or(0, Vec::len);
            (told.kind(), data["leadListId"].clone(), count("personIds"), count("companyIds"))
        })
        .collect();
    told.sort_by_key(|(kind, list, ..)| (kind.clone(), *list != json!(people.id)));
    let (people, companies) = (json!(people.id), json!(companies.id));
    let added = "lead.added".to_owned();
    let made = "lead_list.created".to_owned();
    let expected = [
        (added.clone(), people.clone(), 1, 0),
        (added.clone(), people.clone(), 1, 0),
        (added.clone(), companies.clone(), 0, 1),
        (added, companies.clone(), 0, 1),
        (made.clone(), people, 0, 0),
        (made, companies, 0, 0),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn many_leads_are_told_in_messages_of_500_below_64_kib() {
    let rig = Rig::on(Troubled::with_people(1_300)).await;
    rig.webhook("x", json!(["lead.added", "log.created"])).await;
    let new = json!({"name": "L", "startDate": "2026-01-01", "endDate": "2026-01-02"});
    let new = LeadListCreate::read(&Node::root(&new)).expect("a list");
    let list = lead_lists::create(rig.context(), &rig.actor, None, new).await.expect("made").value;
    let bulk = json!({"mode": "bulk", "filters": {}, "startIndex": 0, "targetCount": 1_000});
    let bulk = AddProspects::read(&Node::root(&bulk)).expect("a selection");
    let added = lead_lists::add_prospects(rig.context(), &rig.actor, None, list.id, bulk).await;
    let added = added.expect("added").added_count;
    assert!(added > 500, "{added}");
    let key = key(rig.context(), "org_acme").await;
    for (size, omitted) in [(48 << 10, false), ((48 << 10) + 1, true)] {
        let payload = json!({"x": "x".repeat(size - r#"{"x":""}"#.len())});
        let log = prospect_log_of(json!({"email": "ann@acme.example", "payload": payload}));
        prospect_log::create(rig.context(), &key, log).await.expect("a log");
        rig.work().await;
        let received = rig.fake.received();
        let told = received.iter().rfind(|told| told.kind() == "log.created").expect("a log");
        let data = &told.json()["data"];
        assert_eq!((&data["payloadOmitted"], data["payload"].is_null()), (&json!(omitted), omitted));
    }
    let received = rig.fake.received();
    let ids = |told: &Received| told.json()["data"]["personIds"].as_array().map_or(0, Vec::len);
    let mut counts: Vec<usize> = received.iter().map(ids).filter(|count| *count > 0).collect();
    counts.sort_unstable();
    assert_eq!(counts, [added - 500, 500]);
    assert!(received.iter().all(|told| told.body.len() <= 64 << 10));
}

#[tokio::test]
async fn accounts_prospects_and_logs_are_told_of_when_they_appear() {
    let rig = Rig::new().await;
    rig.webhook("x", Value::Null).await;
    let (context, key) = (rig.context(), key(rig.context(), "org_acme").await);
    let mut seen = 0;
    let mut told = async || {
        rig.work().await;
        let received = rig.fake.received();
        let mut kinds: Vec<String> = received[seen..].iter().map(Received::kind).collect();
        seen = received.len();
        kinds.sort();
        kinds
    };
    let log = |body: Value| {
        let payload = RawJson::of(&json!({"n": 1}));
        let mut body = body;
        body["source"] = json!("test");
        body["payload"] = json!({});
        NewAccountLog::read(&Node::root(&body), Some(payload)).expect("a log")
    };
    let new = log(json!({"domain": "acme.example", "idempotencyKey": "k"}));
    let (_, receipt) = account_log::create(context, &key, new.clone()).await.expect("a log");
    assert_eq!(told().await, ["account.created", "log.created"]);
    account_log::create(context, &key, new).await.expect("told again");
    account::create(context, &key, NewAccount { domain: "acme.example".to_owned(), name: None })
        .await
        .expect("found");
    assert_eq!(told().await, Vec::<String>::new(), "nothing happened");
    account::delete(context, &key, &receipt.account_id).await.expect("deleted");
    account_log::create(context, &key, log(json!({"domain": "acme.example"}))).await.expect("a log");
    assert_eq!(told().await, ["account.created", "log.created"], "it is back");

    let ann = prospect_log_of(json!({"email": "ann@acme.example"}));
    let (_, receipt) = prospect_log::create(context, &key, ann.clone()).await.expect("a log");
    assert_eq!(told().await, ["log.created", "prospect.created"]);
    prospect_log::create(context, &key, ann.clone()).await.expect("a log");
    assert_eq!(told().await, ["log.created"]);
    prospect::delete(context, &key, &receipt.prospect_id).await.expect("deleted");
    prospect_log::create(context, &key, ann).await.expect("a log");
    assert_eq!(told().await, ["log.created", "prospect.created"], "it is back");
    for (email, kinds) in [("bob@acme.example", vec!["prospect.created"]), ("bob@acme.example", vec![])] {
        let new = NewProspect::read(&Node::root(&json!({"email": email}))).expect("a prospect");
        prospect::create(context, &key, new).await.expect("a prospect");
        assert_eq!(told().await, kinds);
    }
}

#[tokio::test]
async fn runs_that_fail_are_told_of() {
    let catalog = Troubled::with_people(20);
    let rig = Rig::on(catalog.clone()).await;
    rig.webhook("x", json!(["run.failed"])).await;
    let icp = rig.stage.icp(&rig.actor, &everybody()).await;
    let run = rig.stage.generate(&rig.actor, &icp, false).await;
    catalog.trouble((0..5).map(|_| Trouble::Fails));
    for _ in 0..5 {
        assert!(rig.work_once().await);
        rig.stage.clock.advance(20 * SECOND);
    }
    rig.work().await;
    let run = rig.stage.run(&rig.actor, run.id).await;
    let received = rig.fake.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].json()["data"], json!(run));
    assert_eq!(run.error.as_deref(), Some("The run failed after several attempts"));
    // One that its schedule cannot start.
    let mut scheduled = everybody();
    scheduled["schedule"] = json!("@hourly");
    scheduled["activeUntil"] = Value::Null;
    scheduled["customFilterCriteria"] = json!([{"type": "ai", "entityType": "person", "prompt": "Is it?"}]);
    rig.stage.icp(&rig.actor, &scheduled).await;
    rig.stage.clock.advance(HOUR);
    schedules::start_due(rig.context()).await.expect("ticks");
    rig.work().await;
    let received = rig.fake.received();
    assert_eq!(received.len(), 2);
    let error = received[1].json()["data"]["error"].clone();
    assert!(error.as_str().is_some_and(|text| text.starts_with("The schedule could not start")), "{error}");
}

#[tokio::test]
async fn for_nobody_nothing_is_written() {
    let rig = Rig::new().await;
    rig.account("a.example").await;
    let other = rig.webhook("x", json!(["run.failed"])).await;
    rig.account("b.example").await;
    let off = WebhookPatch { events: Some(None), enabled: Some(false), ..WebhookPatch::default() };
    webhooks::update(rig.context(), &rig.actor, other.webhook.id, None, off).await.expect("changed");
    rig.account("c.example").await;
    assert_eq!((rig.events().await, rig.stage.jobs().await), (0, [0, 0, 0, 0]));
    let on = WebhookPatch { enabled: Some(true), ..WebhookPatch::default() };
    webhooks::update(rig.context(), &rig.actor, other.webhook.id, None, on).await.expect("changed");
    rig.account("d.example").await;
    rig.work().await;
    assert_eq!((rig.events().await, rig.kinds().len()), (1, 1));
}

#[tokio::test]
async fn each_organisation_hears_of_its_own() {
    let rig = Rig::new().await;
    let ours = rig.webhook("acme", Value::Null).await;
    let globex = rig.stage.organisation("org_globex").await;
    let url = rig.server.url().join("globex").expect("a URL");
    let body = json!({"url": url.as_str()});
    let new = WebhookCreate::read(&Node::root(&body)).expect("a webhook");
    let theirs = webhooks::create(rig.context(), &globex, new).await.expect("made").value;
    rig.account("acme.example").await;
    rig.work().await;
    let paths: Vec<String> = rig.fake.received().into_iter().map(|told| told.path).collect();
    assert_eq!(paths, ["/acme"]);
    let delivery = rig.log(ours.webhook.id).await[0].id;
    let id = ours.webhook.id;
    let all = DeliveryFilter::default();
    assert!(webhooks::get(rig.context(), &globex, id).await.is_err());
    assert!(webhooks::deliveries(rig.context(), &globex, id, all, 9).await.is_err());
    for webhook in [id, theirs.webhook.id] {
        assert!(webhooks::delivery(rig.context(), &globex, webhook, delivery).await.is_err());
        assert!(webhooks::replay_one(rig.context(), &globex, webhook, delivery).await.is_err());
    }
    rig.work().await;
    assert_eq!(rig.fake.received().len(), 1);
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_later_until_the_day_is_over() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    rig.account("acme.example").await;
    rig.fake.faults.at_random(1.0, 1, vec![Fault::Status(503, None)]);
    let pauses = [vec![5, 30, 120, 600, 1_800, 3_600], vec![7_200; 11]].concat();
    for (at, seconds) in pauses.iter().enumerate() {
        rig.work().await;
        assert_eq!(rig.fake.faults.requests(), at as u64 + 1);
        let now = rig.context().now();
        let [waits] = &rig.log(made.webhook.id).await[..] else { panic!("one message") };
        assert_eq!(waits.next_attempt_at, Some(now.plus_millis(seconds * SECOND)));
        assert_eq!(waits.error.as_deref(), Some("answered 503"));
        rig.stage.clock.advance(seconds * SECOND - 1);
        assert!(!rig.work_once().await, "tried again before {seconds} s");
        rig.stage.clock.advance(1);
    }
    rig.work().await;
    let log = rig.log(made.webhook.id).await;
    assert_eq!(statuses(&log), [(DeliveryStatus::Failed, 18, Some(503))]);
    assert_eq!((log[0].next_attempt_at, rig.stage.jobs().await), (None, [0, 0, 1, 0]));
    assert!(rig.context().now() < log[0].created_at.plus_days(1));
    rig.stage.clock.advance_days(2);
    rig.work().await;
    assert_eq!(rig.fake.faults.requests(), 18);
}

#[tokio::test]
async fn a_webhook_that_asks_to_wait_is_waited_for_and_others_are_not() {
    let rig = Rig::new().await;
    let busy = rig.webhook("busy", Value::Null).await;
    rig.account("a.example").await;
    rig.fake.faults.next(Fault::Status(429, Some(90)));
    rig.work().await;
    rig.stage.clock.advance(SECOND);
    let other = rig.webhook("other", Value::Null).await;
    rig.account("b.example").await;
    rig.work().await;
    // What is new is tried at once, though the first waits.
    let sent = |path: &str| rig.fake.received().iter().filter(|told| told.path == path).count();
    assert_eq!((sent("/busy"), sent("/other")), (1, 1));
    rig.stage.clock.advance(89 * SECOND - 1);
    assert!(!rig.work_once().await);
    rig.stage.clock.advance(1);
    rig.work().await;
    assert_eq!(sent("/busy"), 2);
    let log = rig.log(busy.webhook.id).await;
    let both = [(DeliveryStatus::Delivered, 1, Some(200)), (DeliveryStatus::Delivered, 2, Some(200))];
    assert_eq!(statuses(&log), both);
    assert_eq!(rig.log(other.webhook.id).await.len(), 1);
}

#[tokio::test]
async fn a_kill_between_sending_and_noting_sends_again_under_the_same_id() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    rig.account("acme.example").await;
    rig.fake.set_silent(true);
    tokio::select! {
        worked = rig.work_once() => panic!("not killed: {worked:?}"),
        () = rig.fake.until(1) => {}
    }
    let waits = statuses(&rig.log(made.webhook.id).await);
    assert_eq!(waits, [(DeliveryStatus::Pending, 0, None)], "nothing was noted");
    rig.fake.set_silent(false);
    let other = rig.stage.second(Arc::new(ReferenceCatalog::default())).await;
    let other = connected(other, Duration::from_secs(15));
    let work = async || worker::work_once(&other, worker::Options::default(), &|| false).await.expect("work");
    assert!(!work().await, "while the lease lasts");
    rig.stage.clock.advance(5_001);
    assert!(work().await);
    let received = rig.fake.received();
    assert_eq!(received.len(), 2);
    assert_eq!((&received[0].id, &received[0].body), (&received[1].id, &received[1].body));
    assert_ne!(received[0].timestamp, received[1].timestamp);
    assert_eq!(statuses(&rig.log(made.webhook.id).await), [(DeliveryStatus::Delivered, 1, Some(200))]);
    assert_eq!(rig.stage.jobs().await, [0, 0, 1, 0]);
}

#[tokio::test]
async fn who_lost_the_lease_notes_nothing() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    rig.account("acme.example").await;
    rig.fake.faults.next(Fault::Slow(Duration::from_millis(500)));
    let other = rig.stage.second(Arc::new(ReferenceCatalog::default())).await;
    let other = connected(other, Duration::from_secs(15));
    let options = worker::Options { lease: Duration::from_secs(60), ..worker::Options::default() };
    let first = worker::work_once(rig.context(), options, &|| false);
    let second = async {
        while rig.fake.faults.requests() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        rig.stage.clock.advance(60_001);
        worker::work_once(&other, options, &|| false).await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.expect("work") && second.expect("work"));
    assert_eq!(statuses(&rig.log(made.webhook.id).await), [(DeliveryStatus::Delivered, 1, Some(200))]);
    assert_eq!(rig.fake.received().len(), 2, "at least once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_that_hang_hold_up_neither_others_nor_runs() {
    let stage = Stage::live(small_catalog()).await;
    let rig = Rig::of(stage, Duration::from_secs(15)).await;
    let silent = WebhookFake::default();
    silent.set_silent(true);
    let hangs = Server::start(silent.router()).await.expect("a port");
    for path in ["a", "b", "c"] {
        rig.webhook_at(hangs.url().join(path).expect("a URL").as_str(), Value::Null).await;
    }
    let options = worker::Options { concurrency: 1, poll: Duration::from_millis(20), ..Default::default() };
    let worker = worker::start(rig.context(), options);
    rig.account("first.example").await;
    silent.until(3).await;
    let made = rig.webhook("fine", Value::Null).await;
    for number in 0..5 {
        rig.account(&format!("acme{number}.example")).await;
    }
    rig.fake.until(5).await;
    let icp = rig.stage.icp(&rig.actor, &everybody()).await;
    let run = rig.stage.generate(&rig.actor, &icp, true).await;
    while !rig.stage.run(&rig.actor, run.id).await.status.is_final() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    rig.fake.until(6).await;
    // Handed back at once, those that hang as well.
    worker.stop().await;
    assert_eq!(rig.stage.jobs().await[1], 0);
    let log = rig.log(made.webhook.id).await;
    assert_eq!(log.len(), 6);
    assert!(log.iter().skip(1).all(|one| one.status == DeliveryStatus::Delivered), "{log:?}");
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_disabled_and_what_waits_is_given_up() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    rig.account("a.example").await;
    rig.fake.faults.next(Fault::Status(503, None));
    rig.work().await;
    rig.account("b.example").await;
    rig.fake.faults.next(Fault::Status(410, None));
    rig.work().await;
    let found = rig.get(made.webhook.id).await;
    assert_eq!((found.enabled, found.disabled_reason.as_deref()), (false, Some("It answered 410 Gone")));
    let log = rig.log(made.webhook.id).await;
    let mut errors: Vec<_> = log.iter().map(|one| (one.status, one.error.as_deref())).collect();
    errors.sort_by_key(|(_, error)| *error);
    let failed = DeliveryStatus::Failed;
    assert_eq!(errors, [(failed, Some("answered 410")), (failed, Some("the webhook was disabled"))]);
    rig.stage.clock.advance_days(1);
    rig.account("c.example").await;
    rig.work().await;
    assert_eq!((rig.fake.faults.requests(), rig.log(made.webhook.id).await.len()), (2, 2));
    assert!(webhooks::replay_one(rig.context(), &rig.actor, made.webhook.id, log[0].id).await.is_err());

    let on = WebhookPatch { enabled: Some(true), ..WebhookPatch::default() };
    let on = webhooks::update(rig.context(), &rig.actor, made.webhook.id, None, on).await.expect("on");
    assert_eq!((on.value.enabled, on.value.disabled_reason, on.version), (true, None, 3));
    let which = WebhookReplay { since: Time::from_millis(0), until: None, only_failed: true };
    let replayed =
        webhooks::replay(rig.context(), &rig.actor, made.webhook.id, which).await.expect("replayed");
    assert_eq!(replayed.count, 2);
    rig.work().await;
    assert_eq!(rig.fake.received().len(), 2);
}

#[tokio::test]
async fn what_waits_when_a_webhook_is_disabled_or_removed_is_not_sent() {
    let rig = Rig::new().await;
    let (off, gone) = (rig.webhook("off", Value::Null).await, rig.webhook("gone", Value::Null).await);
    rig.account("a.example").await;
    let patch = WebhookPatch { enabled: Some(false), ..WebhookPatch::default() };
    webhooks::update(rig.context(), &rig.actor, off.webhook.id, None, patch).await.expect("disabled");
    webhooks::remove(rig.context(), &rig.actor, gone.webhook.id, None).await.expect("removed");
    rig.work().await;
    assert_eq!(rig.fake.faults.requests(), 0);
    assert_eq!(statuses(&rig.log(off.webhook.id).await), [(DeliveryStatus::Failed, 0, None)]);
    assert_eq!(rig.stage.jobs().await, [0, 0, 2, 0]);
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    let rig = Rig::new().await;
    let old = rig.webhook("x", Value::Null).await;
    let new = webhooks::rotate(rig.context(), &rig.actor, old.webhook.id).await.expect("rotated").value;
    assert_ne!(old.secret, new.secret);
    let until = rig.context().now().plus_days(1);
    assert_eq!(new.webhook.previous_secret_until, Some(until));
    rig.account("a.example").await;
    rig.work().await;
    rig.stage.clock.advance_days(1);
    rig.account("b.example").await;
    rig.work().await;
    let received = rig.fake.received();
    let both = [signature(&new.secret, &received[0]), signature(&old.secret, &received[0])].join(" ");
    assert_eq!(received[0].signature, both);
    assert_eq!(received[1].signature, signature(&new.secret, &received[1]));
    assert_eq!(rig.get(old.webhook.id).await.previous_secret_until, None);
}

#[tokio::test]
async fn what_was_told_is_told_again_with_its_id() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    let id = made.webhook.id;
    for domain in ["a.example", "b.example", "c.example"] {
        rig.stage.clock.advance(SECOND);
        rig.account(domain).await;
    }
    rig.work().await;
    let log = rig.log(id).await;
    let again = webhooks::replay_one(rig.context(), &rig.actor, id, log[2].id).await.expect("replayed");
    assert_eq!((again.status, again.attempt_count), (DeliveryStatus::Pending, 0));
    rig.work().await;
    let received = rig.fake.received();
    assert_eq!((received.len(), &received[3].id), (4, &log[2].event_id.to_string()));
    assert_eq!(
        received[3].body,
        webhooks::delivery(rig.context(), &rig.actor, id, log[2].id).await.expect("it").payload.as_str()
    );
    let replay = async |since: Time, until: Option<Time>, only_failed: bool| {
        let which = WebhookReplay { since, until, only_failed };
        let replayed = webhooks::replay(rig.context(), &rig.actor, id, which).await.expect("replayed");
        rig.work().await;
        replayed.count
    };
    let (first, last) = (log[2].created_at, log[0].created_at);
    assert_eq!(replay(first, None, true).await, 0, "none failed");
    assert_eq!(replay(first, Some(first.plus_millis(SECOND)), false).await, 2);
    assert_eq!(replay(last, None, false).await, 1);
    assert_eq!(replay(last.plus_millis(1), None, false).await, 0);
    assert_eq!(rig.fake.received().len(), 7);
    let detail = webhooks::delivery(rig.context(), &rig.actor, id, log[2].id).await.expect("the message");
    assert_eq!((detail.attempts.len(), detail.delivery.attempt_count), (3, 1));
}

#[tokio::test]
async fn a_test_is_sent_once_and_at_once() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", json!(["run.failed"])).await;
    let id = made.webhook.id;
    let told = webhooks::test(rig.context(), &rig.actor, id).await.expect("sent");
    let received = rig.fake.received();
    assert_eq!(received[0].signature, signature(&made.secret, &received[0]));
    assert_eq!(received[0].json()["data"]["webhookId"], json!(id));
    assert_eq!((told.delivery.event, told.delivery.status), (WebhookEvent::Test, DeliveryStatus::Delivered));
    rig.fake.faults.next(Fault::Status(410, None));
    let told = webhooks::test(rig.context(), &rig.actor, id).await.expect("sent");
    assert_eq!((told.delivery.status, told.attempts.len()), (DeliveryStatus::Failed, 1));
    assert!(rig.get(id).await.enabled);
    assert_eq!((rig.log(id).await.len(), rig.stage.jobs().await), (2, [0, 0, 0, 0]));
}

#[tokio::test]
async fn addresses_within_are_not_called() {
    let mut rig = Rig::new().await;
    let client = Client::new(ClientOptions::default()).expect("a client");
    let sender = Sender::new(client.options()).expect("a sender");
    rig.stage.context = rig.stage.context.clone().with_webhooks(sender);
    let made = rig.webhook("x", Value::Null).await;
    rig.account("a.example").await;
    rig.work().await;
    let log = rig.log(made.webhook.id).await;
    assert_eq!(statuses(&log), [(DeliveryStatus::Pending, 1, None)]);
    assert_eq!(log[0].error.as_deref(), Some("not allowed: 127.0.0.1 is an address within"));
    assert_eq!(rig.fake.faults.requests(), 0);
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_told_and_mended_by_a_rotation() {
    let mut rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    rig.stage.context = rig.stage.context.clone().with_vault(Vault::new(&[[8; 32]]));
    rig.account("a.example").await;
    rig.work().await;
    let log = rig.log(made.webhook.id).await;
    assert_eq!(log[0].error.as_deref(), Some("the secret cannot be opened: rotate it"));
    assert_eq!(rig.fake.faults.requests(), 0);
}

#[tokio::test]
async fn the_log_goes_after_its_time() {
    let rig = Rig::new().await;
    let made = rig.webhook("x", Value::Null).await;
    rig.account("a.example").await;
    rig.work().await;
    let clean = async || clean_up(rig.context(), 30).await.expect("a clean-up");
    rig.stage.clock.advance_days(29);
    assert_eq!(clean().await, Some(Removed::default()));
    rig.stage.clock.advance_days(1);
    assert_eq!(clean().await, Some(Removed { webhooks: 1, jobs: 1, ..Removed::default() }));
    assert_eq!(rig.log(made.webhook.id).await, []);
}
