//! Pages while rows are written: nothing that was there when a listing began is repeated or left out.

use super::checker::check;
use super::{Office, prospect_log_of};
use crate::dice::Dice;
use serde_json::json;
use sluice_app::accounts::{account, account_log, prospect, prospect_log};
use sluice_app::{Context, Error};
use sluice_model::accounts::{
    AccountId, AccountQuery, ActivityQuery, KeyActor, LogQuery, Page, PageRequest, ProspectId, ProspectQuery,
    Start,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const DOMAINS: usize = 60;
const LIMIT: usize = 7;
const WRITTEN: usize = 10_000;

/// The lists that have pages.
#[derive(Clone, Debug)]
enum List {
    Accounts,
    Prospects,
    Activity(AccountId),
    AccountLogs(AccountId),
    ProspectLogs(ProspectId),
    ProspectActivity(ProspectId),
}

impl List {
    async fn page(&self, context: &Context, key: &KeyActor, page: PageRequest) -> Page<String> {
        match self {
            Self::Accounts => {
                let query = AccountQuery { page, ..AccountQuery::default() };
                let page = account::list(context, key, query).await.expect("a page");
                texts(page, |account| account.account_id.to_string())
            }
            Self::Prospects => {
                let query = ProspectQuery { page, ..ProspectQuery::default() };
                let page = prospect::list(context, key, query).await.expect("a page");
                texts(page, |prospect| prospect.prospect_id.to_string())
            }
            Self::Activity(id) => {
                let query = ActivityQuery { page, include_prospect_activity: true, include_deleted: false };
                let page = account::activity(context, key, id, query).await.expect("a page");
                texts(page, |entry| entry.activity_id.to_string())
            }
            Self::AccountLogs(id) => {
                let query = LogQuery { page, include_deleted: true };
                let page = account_log::list(context, key, id, query).await.expect("a page");
                texts(page, |log| log.account_log_id.to_string())
            }
            Self::ProspectLogs(id) => {
                let query = LogQuery { page, include_deleted: false };
                let page = prospect_log::list(context, key, id, query).await.expect("a page");
                texts(page, |log| log.prospect_log_id.to_string())
            }
            Self::ProspectActivity(id) => {
                let query = ActivityQuery { page, ..ActivityQuery::default() };
                let page = prospect::activity(context, key, id, query).await.expect("a page");
                texts(page, |entry| entry.activity_id.to_string())
            }
        }
    }

    /// All items, page by page.
    async fn whole(&self, context: &Context, key: &KeyActor, by_cursor: bool) -> Vec<String> {
        let mut start = Start::Offset(0);
        let mut all: Vec<String> = Vec::new();
        loop {
            let request = PageRequest { limit: LIMIT, start, listing: format!("{self:?}") };
            let page = self.page(context, key, request).await;
            assert_eq!(page.has_more, page.next_cursor.is_some());
            assert!(!page.has_more || page.items.len() == LIMIT, "a page with more behind it is full");
            all.extend(page.items);
            let (true, Some(cursor)) = (page.has_more, page.next_cursor) else {
                assert_eq!(page.next_offset, None);
                assert_eq!(page.total_count, u64::try_from(all.len()).expect("a count"), "{self:?}");
                return all;
            };
            start = if by_cursor {
                Start::Cursor(cursor)
            } else {
                let next = page.next_offset.expect("the next offset");
                assert_eq!(next, u64::try_from(all.len()).expect("a count"));
                Start::Offset(next)
            };
        }
    }
}

fn texts<T>(page: Page<T>, id: impl Fn(&T) -> String) -> Page<String> {
    let Page { items, total_count, has_more, next_offset, next_cursor } = page;
    Page { items: items.iter().map(id).collect(), total_count, has_more, next_offset, next_cursor }
}

/// Writes logs of prospects and accounts, new ones and known ones.
async fn write(context: Context, key: KeyActor, count: usize, seed: u64) {
    let mut dice = Dice::of(seed);
    for _ in 0..count {
        // A few are written to again and again.
        let most = if dice.percent(30) { 3 } else { 2 * DOMAINS };
        let domain = format!("d{}.example", dice.below(most));
        let email = format!("p{}@{domain}", dice.below(2));
        let log = prospect_log_of(json!({"email": email}));
        prospect_log::create(&context, &key, log).await.expect("a log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_repeated_or_left_out_while_rows_are_written() {
    let office = Office::new().await;
    let (context, key) = (office.context().clone(), office.key.clone());
    let mut accounts = Vec::new();
    for at in 0..DOMAINS {
        accounts.push(office.account(&format!("d{at}.example")).await.account_id);
        let body = json!({"source": "s", "payload": {}, "domain": format!("d{at}.example")});
        office.account_log(body).await.expect("a log");
    }
    write(context.clone(), key.clone(), 600, 1).await;
    let busy = office.log(json!({"email": "p0@d0.example"})).await.expect("a log").1.prospect_id;
    let lists = [
        List::Accounts,
        List::Prospects,
        List::Activity(accounts[0].clone()),
        List::AccountLogs(accounts[1].clone()),
        List::ProspectLogs(busy.clone()),
        List::ProspectActivity(busy),
    ];
    let mut before = Vec::new();
    for list in &lists {
        let by_offset = list.whole(&context, &key, false).await;
        assert_eq!(by_offset, list.whole(&context, &key, true).await, "{list:?}: both ways are one list");
        assert!(!by_offset.is_empty());
        before.push(by_offset);
    }
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (context, key, done) = (context.clone(), key.clone(), done.clone());
        tokio::spawn(async move {
            write(context, key, WRITTEN, 2).await;
            done.store(true, Ordering::SeqCst);
        })
    };
    let mut listings = 0;
    loop {
        let last = done.load(Ordering::SeqCst);
        for (list, before) in lists.iter().zip(&before) {
            for by_cursor in [false, true] {
                let found = list.whole(&context, &key, by_cursor).await;
                let once: HashSet<&String> = found.iter().collect();
                assert_eq!(once.len(), found.len(), "{list:?}: repeated, by cursor: {by_cursor}");
                let missing = before.iter().filter(|id| !once.contains(id)).count();
                assert_eq!(missing, 0, "{list:?}: left out, by cursor: {by_cursor}");
                listings += 1;
            }
        }
        if last {
            break;
        }
    }
    writer.await.expect("no panic");
    println!("{listings} listings while {WRITTEN} logs were written");
    check(&context, "org_acme").await;
}

#[tokio::test]
async fn a_listing_keeps_the_order_that_it_had_when_it_began() {
    let office = Office::new().await;
    let (context, key) = (office.context(), &office.key);
    for at in 0..25 {
        office.account(&format!("d{at}.example")).await;
    }
    for at in [3, 20, 7, 3, 11] {
        let body = json!({"source": "s", "payload": {}, "domain": format!("d{at}.example")});
        office.account_log(body).await.expect("a log");
    }
    let request = |start: Start, limit| PageRequest { limit, start, listing: "x".to_owned() };
    let mut expected: Vec<String> = Vec::new();
    // Newest activity first, then the newest account.
    for at in [11, 3, 7, 20].into_iter().chain((0..25).rev().filter(|at| ![3, 7, 11, 20].contains(at))) {
        expected.push(office.account(&format!("d{at}.example")).await.account_id.to_string());
    }
    for by_cursor in [false, true] {
        let first = List::Accounts.page(context, key, request(Start::Offset(0), 4)).await;
        let mut found = first.items;
        let mut cursor = first.next_cursor.expect("more");
        while found.len() < expected.len() {
            // What was shown comes up again, and so does the last one; new ones arrive.
            for domain in ["d20.example", "d0.example", &format!("new{}.example", found.len())] {
                let body = json!({"source": "s", "payload": {}, "domain": domain});
                office.account_log(body).await.expect("a log");
            }
            let start = if by_cursor {
                Start::Cursor(cursor.clone())
            } else {
                Start::Offset(u64::try_from(found.len()).expect("small"))
            };
            let page = List::Accounts.page(context, key, request(start, 3)).await;
            assert_eq!(page.total_count, expected.len() as u64);
            found.extend(page.items);
            cursor = page.next_cursor.unwrap_or_default();
        }
        assert_eq!(found, expected, "by cursor: {by_cursor}");
        // The next listing has another order.
        let page = List::Accounts.page(context, key, request(Start::Offset(0), 100)).await;
        expected = page.items;
    }
    check(context, "org_acme").await;
}

#[tokio::test]
async fn an_offset_from_either_end_gives_the_same_rows() {
    let office = Office::new().await;
    let (context, key) = (office.context(), &office.key);
    let account = office.account("acme.example").await.account_id;
    let mut expected = Vec::new();
    for at in 0..23 {
        let (_, log) =
            office.log(json!({"email": format!("p{}@acme.example", at % 3)})).await.expect("a log");
        if at % 5 == 0 {
            prospect_log::delete(context, key, &log.prospect_id, &log.prospect_log_id)
                .await
                .expect("deleted");
        } else {
            expected.insert(0, format!("activity_{}", log.prospect_log_id.bare()));
        }
    }
    let list = List::Activity(account);
    for limit in [1, 4, 20] {
        for offset in 0..20 {
            let start = Start::Offset(offset as u64);
            let page = list.page(context, key, PageRequest { limit, start, listing: String::new() }).await;
            let rows: Vec<String> = expected.iter().skip(offset).take(limit).cloned().collect();
            let more = offset + limit < expected.len();
            assert_eq!((page.items, page.total_count, page.has_more), (rows, 18, more), "{offset}, {limit}");
        }
    }
    let bad = PageRequest { start: Start::Cursor("v1a".to_owned()), ..PageRequest::default() };
    let refused = account::list(context, key, AccountQuery { page: bad, ..AccountQuery::default() }).await;
    let Err(Error::Invalid(faults)) = refused else { panic!("{refused:?}") };
    assert_eq!(json!(faults), json!([{"path": ["cursor"], "message": "Invalid cursor"}]));
}
