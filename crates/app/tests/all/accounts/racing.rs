//! Many who say the same at once.

use super::checker::{Sums, check};
use super::{Office, prospect_log_of};
use serde_json::json;
use sluice_app::accounts::{account_log, prospect_log};
use sluice_model::Node;
use sluice_model::accounts::{NewAccountLog, ProspectLogReceipt};
use sluice_model::raw::RawJson;
use std::collections::HashSet;

const TASKS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_new_address_at_once_makes_one_prospect() {
    let office = Office::new().await;
    let body = || json!({"email": "ann@acme.example", "name": "Ann"});
    let logs = race(&office, body).await;
    let people: HashSet<_> = logs.iter().map(|(_, receipt)| receipt.prospect_id.clone()).collect();
    let ids: HashSet<_> = logs.iter().map(|(_, receipt)| receipt.prospect_log_id.clone()).collect();
    let made = logs.iter().filter(|(_, receipt)| receipt.created_prospect).count();
    assert_eq!((people.len(), ids.len(), made), (1, TASKS, 1));
    assert!(logs.iter().all(|(new, _)| *new));
    let sums = Sums { accounts: 0, prospects: 1, prospect_logs: TASKS };
    assert_eq!(check(office.context(), "org_acme").await, sums);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_idempotency_key_at_once_writes_one_log() {
    let office = Office::new().await;
    let body = || json!({"email": "ann@acme.example", "idempotencyKey": "once"});
    let logs = race(&office, body).await;
    let receipts: Vec<&ProspectLogReceipt> = logs.iter().map(|(_, receipt)| receipt).collect();
    assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]), "all are told the same");
    assert!(receipts[0].created_prospect);
    assert_eq!(logs.iter().filter(|(new, _)| *new).count(), 1);
    let sums = Sums { accounts: 0, prospects: 1, prospect_logs: 1 };
    assert_eq!(check(office.context(), "org_acme").await, sums);
}

async fn race(office: &Office, body: impl Fn() -> serde_json::Value) -> Vec<(bool, ProspectLogReceipt)> {
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (context, key, log) = (office.context().clone(), office.key.clone(), prospect_log_of(body()));
            tokio::spawn(async move { prospect_log::create(&context, &key, log).await })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.expect("no panic").expect("a log"));
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_new_domain_at_once_makes_one_account() {
    let office = Office::new().await;
    // The account is made while logs of its prospects are written.
    let tasks: Vec<_> = (0..TASKS)
        .map(|at| {
            let (context, key) = (office.context().clone(), office.key.clone());
            tokio::spawn(async move {
                if at % 2 == 0 {
                    let log = prospect_log_of(json!({"email": format!("p{}@acme.example", at % 8)}));
                    prospect_log::create(&context, &key, log).await.expect("a log");
                    return None;
                }
                let body =
                    json!({"source": "crm", "payload": {}, "domain": "www.Acme.example", "name": "Acme"});
                let log =
                    NewAccountLog::read(&Node::root(&body), Some(RawJson::of(&json!({})))).expect("a log");
                Some(account_log::create(&context, &key, log).await.expect("a log").1.account_id)
            })
        })
        .collect();
    let mut accounts = HashSet::new();
    for task in tasks {
        accounts.extend(task.await.expect("no panic"));
    }
    assert_eq!(accounts.len(), 1);
    let sums = Sums { accounts: 1, prospects: 4, prospect_logs: TASKS / 2 };
    assert_eq!(check(office.context(), "org_acme").await, sums);
}
