//! Merges, deletions and changes of domain lose nothing.

use super::checker::{Sums, check};
use super::{Office, prospect_log_of};
use serde_json::json;
use sluice_app::Error;
use sluice_app::accounts::{account, prospect, prospect_log};
use sluice_model::Node;
use sluice_model::accounts::{ActivityQuery, LogQuery, ProspectId, ProspectPatch};
use std::collections::HashSet;

const PEOPLE: usize = 8;
const LOGS: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn merges_while_logs_arrive_lose_nothing() {
    let office = Office::new().await;
    office.account("acme.example").await;
    let mut ids: Vec<ProspectId> = Vec::new();
    for person in 0..PEOPLE {
        let (_, receipt) =
            office.log(json!({"email": format!("p{person}@acme.example")})).await.expect("a log");
        ids.push(receipt.prospect_id);
    }
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (context, key) = (office.context().clone(), office.key.clone());
            let ids = ids.clone();
            tokio::spawn(async move {
                for at in 0..LOGS / 4 {
                    let person = (at * 7 + writer) % PEOPLE;
                    let body = if at % 2 == 0 {
                        json!({"email": format!("p{person}@acme.example")})
                    } else {
                        json!({"prospectId": ids[person].to_string()})
                    };
                    prospect_log::create(&context, &key, prospect_log_of(body)).await.expect("a log");
                }
            })
        })
        .collect();
    for at in 1..PEOPLE {
        // Each into the one before: chains.
        tokio::task::yield_now().await;
        let survivor = prospect::merge(office.context(), &office.key, &ids[at - 1], &ids[at]).await;
        assert_eq!(survivor.expect("a merge").prospect_id, ids[at]);
    }
    for writer in writers {
        writer.await.expect("no panic");
    }
    let sums = Sums { accounts: 1, prospects: 1, prospect_logs: PEOPLE + LOGS };
    assert_eq!(check(office.context(), "org_acme").await, sums);
    // Every former id and address leads to the survivor.
    let last = &ids[PEOPLE - 1];
    for (person, id) in ids.iter().enumerate() {
        let found = prospect::get(office.context(), &office.key, id).await.expect("the survivor");
        assert_eq!(&found.prospect_id, last);
        let body = json!({"email": format!("P{person}@acme.example"), "prospectId": id.to_string()});
        assert_eq!(&office.log(body).await.expect("a log").1.prospect_id, last);
    }
}

#[tokio::test]
async fn a_merge_fills_in_what_the_survivor_lacks() {
    let office = Office::new().await;
    let (context, key) = (office.context(), &office.key);
    let url = "https://www.linkedin.com/in/ann";
    let ann =
        office.log(json!({"linkedinProfileUrl": url, "name": "Ann"})).await.expect("a log").1.prospect_id;
    let body = json!({"email": "ann@acme.example", "idempotencyKey": "k"});
    let (_, first) = office.log(body.clone()).await.expect("a log");
    let address = first.prospect_id.clone();
    office.account("acme.example").await;
    let merged = prospect::merge(context, key, &address, &ann).await.expect("a merge");
    assert_eq!((merged.prospect_id.clone(), merged.name.as_deref()), (ann.clone(), Some("Ann")));
    assert_eq!(merged.email.as_deref(), Some("ann@acme.example"));
    assert_eq!((merged.domain.as_deref(), merged.slug.as_str()), (Some("acme.example"), "ann"));
    assert_eq!(merged.linkedin_profile_url.as_deref(), Some(url));
    // The replay tells what was told, though the log is another's now.
    assert_eq!(office.log(body).await.expect("a replay"), (false, first.clone()));
    let log = prospect_log::get(context, key, &address, &first.prospect_log_id).await.expect("the log");
    assert_eq!(log.prospect_id, ann);
    // Again it changes nothing; into itself or into a third it cannot be merged.
    assert_eq!(prospect::merge(context, key, &address, &ann).await.expect("a merge"), merged);
    let itself = prospect::merge(context, key, &ann, &address).await;
    assert!(matches!(itself, Err(Error::Invalid(_))), "{itself:?}");
    let third = office.log(json!({"email": "bob@acme.example"})).await.expect("a log").1.prospect_id;
    let moved = prospect::merge(context, key, &address, &third).await;
    assert!(matches!(moved, Err(Error::Conflict(_))), "{moved:?}");
    let deleted = prospect::delete(context, key, &address).await;
    assert!(matches!(deleted, Err(Error::Conflict(_))), "{deleted:?}");
    let sums = Sums { accounts: 1, prospects: 2, prospect_logs: 3 };
    assert_eq!(check(context, "org_acme").await, sums);
}

#[tokio::test]
async fn what_is_deleted_is_hidden_and_comes_back_when_named() {
    let office = Office::new().await;
    let (context, key) = (office.context(), &office.key);
    let account = office.account("acme.example").await;
    let body = json!({"email": "ann@acme.example"});
    let (_, receipt) = office.log(body.clone()).await.expect("a log");
    let ann = receipt.prospect_id;
    office.log(body.clone()).await.expect("a log");
    prospect_log::delete(context, key, &ann, &receipt.prospect_log_id).await.expect("deleted");
    let again = prospect_log::delete(context, key, &ann, &receipt.prospect_log_id).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
    prospect::delete(context, key, &ann).await.expect("deleted");
    assert_eq!(check(context, "org_acme").await, Sums { accounts: 1, prospects: 0, prospect_logs: 0 });
    let shown = account::get(context, key, &account.account_id).await.expect("the account");
    assert_eq!((shown.linked_prospects.len(), shown.latest_activity_at), (0, None));
    let query = |include_deleted| ActivityQuery {
        include_prospect_activity: true,
        include_deleted,
        ..ActivityQuery::default()
    };
    for (deleted, count) in [(false, 0), (true, 2)] {
        let page =
            account::activity(context, key, &account.account_id, query(deleted)).await.expect("a page");
        assert_eq!((page.total_count, page.items.len()), (count, usize::try_from(count).expect("small")));
        assert!(page.items.iter().all(|entry| entry.deleted_at.is_some()));
    }
    let gone = prospect::get(context, key, &ann).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let by_id = office.log(json!({"prospectId": ann.to_string()})).await;
    assert!(matches!(by_id, Err(Error::NotFound(_))), "{by_id:?}");
    // Named again it is back with its history.
    let (_, back) = office.log(body).await.expect("a log");
    assert_eq!((back.prospect_id, back.created_prospect), (ann.clone(), false));
    let page = prospect_log::list(context, key, &ann, LogQuery::default()).await.expect("a page");
    assert_eq!((page.total_count, page.items.len()), (2, 2));
    assert_eq!(check(context, "org_acme").await, Sums { accounts: 1, prospects: 1, prospect_logs: 2 });
    // So is an account, and its counters went on meanwhile.
    account::delete(context, key, &account.account_id).await.expect("deleted");
    office.log(json!({"email": "bob@acme.example"})).await.expect("a log");
    let (new, log) = office
        .account_log(json!({"source": "s", "payload": {}, "domain": "acme.example"}))
        .await
        .expect("a log");
    assert_eq!((new, log.account_id), (true, account.account_id.clone()));
    assert_eq!(check(context, "org_acme").await, Sums { accounts: 1, prospects: 2, prospect_logs: 3 });
}

#[tokio::test]
async fn logs_follow_a_prospect_to_another_domain() {
    let office = Office::new().await;
    let (context, key) = (office.context(), &office.key);
    let (acme, globex) = (office.account("acme.example").await, office.account("globex.example").await);
    let ann = office.log(json!({"email": "ann@acme.example"})).await.expect("a log").1.prospect_id;
    office.log(json!({"email": "ann@acme.example"})).await.expect("a log");
    let patch = |body: serde_json::Value| ProspectPatch::read(&Node::root(&body)).expect("a patch");
    let steps = [
        (json!({"domain": "globex.example"}), [0, 2]),
        (json!({"email": "ann@acme.example"}), [0, 2]),
        (json!({"domain": "acme.example", "email": null}), [2, 0]),
        (json!({"domain": null}), [0, 0]),
        (json!({"domain": "globex.example", "name": "Ann"}), [0, 2]),
    ];
    for (body, expected) in steps {
        prospect::update(context, key, &ann, patch(body.clone())).await.expect("an update");
        let mut found = Vec::new();
        for account in [&acme, &globex] {
            let query = ActivityQuery { include_prospect_activity: true, ..ActivityQuery::default() };
            let page = account::activity(context, key, &account.account_id, query).await.expect("a page");
            found.push(page.total_count);
        }
        assert_eq!(found, expected, "{body}");
        check(context, "org_acme").await;
    }
    // The address that was taken away names nobody now.
    let (_, new) = office.log(json!({"email": "ann@acme.example"})).await.expect("a log");
    assert!(new.created_prospect);
    assert_ne!(new.prospect_id, ann);
    let taken = prospect::update(context, key, &ann, patch(json!({"email": "ann@acme.example"}))).await;
    let Err(Error::Conflict(text)) = taken else { panic!("{taken:?}") };
    assert!(text.contains(&ann.to_string()) && text.contains(&new.prospect_id.to_string()), "{text}");
    let ids: HashSet<ProspectId> = prospect::list(context, key, Default::default())
        .await
        .expect("a page")
        .items
        .into_iter()
        .map(|p| p.prospect_id)
        .collect();
    assert_eq!(ids, HashSet::from([ann, new.prospect_id]));
}
