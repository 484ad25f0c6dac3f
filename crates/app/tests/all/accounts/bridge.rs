//! From a lead list to accounts and prospects.

use super::checker::{Sums, check};
use super::key;
use crate::stage::Stage;
use crate::troubled::{Trouble, Troubled};
use serde_json::{Value, json};
use sluice_app::accounts::{account, prospect, prospect_log};
use sluice_app::{runs, worker};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::accounts::{ActivityQuery, NewProspectLog, ProspectQuery, Start};
use sluice_model::person::{Employer, WorkExperience};
use sluice_model::raw::RawJson;
use sluice_model::run::GenerateRequest;
use sluice_model::{Actor, Company, Node, Person, RunStatus};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn catalog() -> ReferenceCatalog {
    let catalog = ReferenceCatalog::default();
    let acme = Company {
        id: Uuid::from_u128(0xc1),
        name: Some("Acme".to_owned()),
        domain: Some("acme.example".to_owned()),
        ..Company::default()
    };
    for (number, first, email, linkedin) in [
        (1, "Ann", Some("ann@acme.example"), Some("https://www.linkedin.com/in/ann")),
        (2, "Bob", Some("bob@gmail.com"), None),
        (3, "Cid", None, None),
    ] {
        let employer =
            Employer { name: acme.name.clone(), domain: acme.domain.clone(), ..Employer::default() };
        catalog.put_person(Person {
            id: Uuid::from_u128(number),
            first_name: first.to_owned(),
            last_name: "Lee".to_owned(),
            emails: email.into_iter().map(str::to_owned).collect(),
            linkedin_url: linkedin.map(str::to_owned),
            company_id: Some(acme.id),
            work_experiences: vec![WorkExperience { company: employer, ..WorkExperience::default() }],
            ..Person::default()
        });
    }
    catalog.put_company(acme);
    catalog
}

fn everybody() -> Value {
    json!({"name": "All", "leadsPerList": 10, "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}]})
}

#[tokio::test]
async fn each_lead_becomes_a_prospect_with_one_log_for_its_list() {
    let stage = Stage::on(Arc::new(catalog())).await;
    let actor = stage.organisation("org_acme").await;
    let context = &stage.context;
    let key = key(context, "org_acme").await;
    // Two prospects are known: one has the profile of the first lead, the other its address.
    let mut known = Vec::new();
    for body in [json!({"linkedinProfileUrl": "linkedin.com/in/ann"}), json!({"email": "ann@acme.example"})] {
        let mut body = body;
        body["source"] = json!("crm");
        body["payload"] = json!({});
        let log = NewProspectLog::read(&Node::root(&body), Some(RawJson::of(&json!({})))).expect("a log");
        known.push(prospect_log::create(context, &key, log).await.expect("a log").1.prospect_id);
    }
    let icp = stage.icp(&actor, &everybody()).await;
    let body = json!({"syncAccounts": true});
    let request = GenerateRequest::read(&Node::root(&body)).expect("a request");
    let run = runs::generate(context, &actor, None, icp.id, request).await.expect("a run").value;
    stage.work(&|| false).await;
    let run = stage.run(&actor, run.id).await;
    assert_eq!((run.status, run.progress.accepted), (RunStatus::Succeeded, 3));
    let accounts = account::list(context, &key, Default::default()).await.expect("a page").items;
    assert_eq!(accounts.len(), 1);
    let acme = &accounts[0];
    assert_eq!((acme.domain.as_str(), acme.name.as_deref()), ("acme.example", Some("Acme")));
    let names: Vec<Option<&str>> =
        acme.linked_prospects.iter().map(|linked| linked.name.as_deref()).collect();
    assert_eq!(
        names,
        [Some("Ann Lee"), None, Some("Bob Lee")],
        "the profile wins; who has no identifier is none"
    );
    let ann = &acme.linked_prospects[0];
    assert_eq!(
        (&ann.prospect_id, ann.email.as_deref()),
        (&known[0], None),
        "the address stays with its owner"
    );
    let query = ActivityQuery { include_prospect_activity: true, ..ActivityQuery::default() };
    let page = account::activity(context, &key, &acme.account_id, query).await.expect("a page");
    let added: Vec<_> = page.items.iter().filter(|entry| entry.source == "lead-list").collect();
    assert_eq!(added.len(), 2);
    for entry in added {
        assert_eq!(entry.kind, "lead-added");
        let payload = entry.payload.to_value();
        let (list, reasons) = (run.lead_list_id, payload["reasons"].clone());
        let expected = json!({"leadListId": list, "runId": run.id, "icpId": icp.id, "reasons": reasons});
        assert_eq!(payload, expected);
        assert!(reasons[0].as_str().is_some_and(|sentence| !sentence.is_empty()), "{reasons}");
    }
    assert_eq!(check(context, "org_acme").await, Sums { accounts: 1, prospects: 3, prospect_logs: 4 });
    // Another list is another log; without the flag nothing is written.
    stage.generate(&actor, &icp, false).await;
    stage.work(&|| false).await;
    let count = prospect::activity(context, &key, &known[0], ActivityQuery::default()).await.expect("a page");
    assert_eq!(count.total_count, 2);
}

#[tokio::test]
async fn a_run_that_is_taken_up_again_writes_each_log_once() {
    let catalog = Troubled::with_people(2_500);
    let stage = Stage::on(catalog.calm.clone()).await;
    let (actor, run) = begin(&stage).await;
    stage.work(&|| false).await;
    let expected = logged(&stage, &actor, run).await;
    assert!(expected.len() > 500, "{}", expected.len());
    // One worker after another dies, each after so many pages; the next has a process of its own.
    for deaths in [vec![1], vec![2], vec![0, 3], vec![2, 2, 0]] {
        let stage = Stage::on(catalog.clone()).await;
        let (actor, run) = begin(&stage).await;
        for pages in &deaths {
            let context = stage.second(catalog.clone()).await;
            let (die, died) = tokio::sync::oneshot::channel();
            let dying = async move {
                die.send(()).expect("somebody waits");
                std::future::pending().await
            };
            catalog.trouble((0..*pages).map(|_| Trouble::Takes(Duration::ZERO)));
            catalog.trouble([Trouble::Does(Box::pin(dying))]);
            tokio::select! {
                worked = worker::work_once(&context, options(), &|| false) => panic!("not killed: {worked:?}"),
                told = died => told.expect("the page was asked for"),
            }
            stage.clock.advance(5_001);
        }
        let half = stage.run(&actor, run).await;
        assert_eq!(half.status, RunStatus::Running, "{deaths:?}");
        // The second page is asked for while the first is worked on; with the third the first is done.
        assert!(half.progress.considered > 0 || deaths == [1], "{deaths:?}: {half:?}");
        let last = stage.second(catalog.calm.clone()).await;
        assert!(worker::work_once(&last, options(), &|| false).await.expect("work"));
        assert_eq!(logged(&stage, &actor, run).await, expected, "{deaths:?}");
    }
}

fn options() -> worker::Options {
    worker::Options { lease: Duration::from_secs(5), ..worker::Options::default() }
}

/// A run with the bridge, over many people.
async fn begin(stage: &Stage) -> (Actor, Uuid) {
    let actor = stage.organisation("org_acme").await;
    let all = json!({"name": "All", "leadsPerList": 10_000, "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 3}]});
    let icp = stage.icp(&actor, &all).await;
    let request = GenerateRequest::read(&Node::root(&json!({"syncAccounts": true}))).expect("a request");
    let run = runs::generate(&stage.context, &actor, None, icp.id, request).await.expect("a run");
    (actor, run.value.id)
}

/// For each log of each prospect the candidate that it is about, in the order of candidates.
async fn logged(stage: &Stage, actor: &Actor, run: Uuid) -> Vec<String> {
    let run = stage.run(actor, run).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    let prefix = format!("lead-list:{}:", run.lead_list_id.expect("a list"));
    let key = key(&stage.context, "org_acme").await;
    let mut query = ProspectQuery::default();
    query.page.limit = 100;
    let mut all = Vec::new();
    loop {
        let page = prospect::list(&stage.context, &key, query.clone()).await.expect("a page");
        for prospect in page.items {
            let query = ActivityQuery::default();
            let told = prospect::activity(&stage.context, &key, &prospect.prospect_id, query).await;
            let told = told.expect("a page").items.into_iter().filter_map(|entry| entry.idempotency_key);
            all.extend(told.map(|key| key.strip_prefix(&prefix).expect("of this list").to_owned()));
        }
        match page.next_cursor {
            Some(cursor) => query.page.start = Start::Cursor(cursor),
            None => break,
        }
    }
    assert_eq!(check(&stage.context, "org_acme").await.prospect_logs, all.len());
    all.sort();
    all
}
