//! Who is meant, what a key may do, and what another organisation sees.

use super::checker::{Sums, check};
use super::{Office, key, prospect_log_of};
use serde_json::{Value, json};
use sluice_app::accounts::{account, account_log, keys, prospect, prospect_log};
use sluice_app::{Error, admin};
use sluice_model::accounts::{
    AccountPatch, Change, NewApiKey, ProspectLogReceipt, ProspectPatch, ProspectQuery, Scope, Scopes,
};
use sluice_model::{Actor, Role};

const URL: &str = "https://www.linkedin.com/in/ann";

async fn ok(office: &Office, body: Value) -> ProspectLogReceipt {
    let text = body.to_string();
    office.log(body).await.unwrap_or_else(|error| panic!("{text}: {error:?}")).1
}

#[tokio::test]
async fn the_strongest_identifier_wins_and_a_conflict_writes_nothing() {
    let office = Office::new().await;
    let ann = ok(&office, json!({"linkedinProfileUrl": URL})).await.prospect_id;
    let bob =
        ok(&office, json!({"email": "bob@acme.example", "phoneNumber": "+493012345678"})).await.prospect_id;
    let name = |id: &sluice_model::accounts::ProspectId| id.to_string();
    for (body, conflict) in [
        (
            json!({"linkedinProfileUrl": URL, "email": "bob@acme.example"}),
            format!("linkedinProfileUrl names {ann}, but email belongs to {bob}"),
        ),
        (
            json!({"prospectId": name(&bob), "linkedinProfileUrl": "linkedin.com/in/ANN/"}),
            format!("prospectId names {bob}, but linkedinProfileUrl belongs to {ann}"),
        ),
        (
            json!({"prospectId": name(&ann), "email": "new@acme.example", "phoneNumber": "+493012345678"}),
            format!("prospectId names {ann}, but phoneNumber belongs to {bob}"),
        ),
    ] {
        let found = office.log(body.clone()).await;
        assert!(matches!(&found, Err(Error::Conflict(text)) if *text == conflict), "{body}: {found:?}");
    }
    // Nothing of a refused log stayed: the new address names nobody.
    let sums = Sums { accounts: 0, prospects: 2, prospect_logs: 2 };
    assert_eq!(check(office.context(), "org_acme").await, sums);
    let new = ok(&office, json!({"email": "new@acme.example"})).await;
    assert!(new.created_prospect);
}

#[tokio::test]
async fn what_is_learnt_names_the_prospect_from_then_on() {
    let office = Office::new().await;
    let (context, key) = (office.context(), &office.key);
    let ann = ok(&office, json!({"linkedinProfileUrl": URL, "name": "Ann Lee"})).await.prospect_id;
    for body in [
        json!({"linkedinProfileUrl": URL, "email": "ann@gmail.com"}),
        json!({"email": "Ann@gmail.com", "phoneNumber": "+493012345678", "name": "Somebody"}),
        // A second address: not shown, but known.
        json!({"linkedinProfileUrl": URL, "email": "ann@acme.example"}),
        json!({"email": "ann@acme.example"}),
        json!({"phoneNumber": "+493012345678"}),
    ] {
        assert_eq!(ok(&office, body.clone()).await.prospect_id, ann, "{body}");
    }
    let shown = prospect::get(context, key, &ann).await.expect("Ann");
    assert_eq!((shown.name.as_deref(), shown.slug.as_str()), (Some("Ann Lee"), "ann-lee"));
    assert_eq!((shown.email.as_deref(), shown.domain.as_deref()), (Some("ann@gmail.com"), None));
    assert_eq!(shown.phone_number.as_deref(), Some("+493012345678"));
    let by_second = ProspectQuery { email: Some("ann@acme.example".to_owned()), ..ProspectQuery::default() };
    let page = prospect::list(context, key, by_second).await.expect("a page");
    assert_eq!(page.items, std::slice::from_ref(&shown));
    let both = |email: &str| ProspectQuery {
        email: Some(email.to_owned()),
        linkedin: Some(URL.to_owned()),
        ..ProspectQuery::default()
    };
    assert_eq!(prospect::list(context, key, both("ann@gmail.com")).await.expect("a page").total_count, 1);
    assert_eq!(prospect::list(context, key, both("x@gmail.com")).await.expect("a page").total_count, 0);
    // Showing it is no conflict with oneself.
    let patch =
        ProspectPatch { email: Change::Set("ann@acme.example".to_owned()), ..ProspectPatch::default() };
    let shown = prospect::update(context, key, &ann, patch).await.expect("an update");
    assert_eq!(
        (shown.email.as_deref(), shown.domain.as_deref()),
        (Some("ann@acme.example"), Some("acme.example"))
    );
}

#[tokio::test]
async fn slugs_are_numbered_without_a_gap_or_a_clash() {
    let office = Office::new().await;
    let mut slugs = Vec::new();
    for (at, name) in
        ["Ann Lee", "Ann Lee", "Ann Lee 3", "ann lee", "Ann-Lée", "Ann Lee 3"].into_iter().enumerate()
    {
        let body = json!({"email": format!("p{at}@acme.example"), "name": name});
        let id = ok(&office, body).await.prospect_id;
        slugs.push(prospect::get(office.context(), &office.key, &id).await.expect("a prospect").slug);
    }
    assert_eq!(slugs, ["ann-lee", "ann-lee-2", "ann-lee-3", "ann-lee-4", "ann-lee-5", "ann-lee-3-2"]);
}

#[tokio::test]
async fn an_idempotency_key_is_of_one_content_and_one_kind() {
    let office = Office::new().await;
    let body = |n: i64| json!({"email": "ann@acme.example", "payload": {"n": n}, "idempotencyKey": "k"});
    let (new, first) = office.log(body(1)).await.expect("a log");
    assert!(new && first.created_prospect);
    assert_eq!(office.log(body(1)).await.expect("a replay"), (false, first.clone()));
    let other = office.log(body(2)).await;
    assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
    let account = json!({"source": "s", "payload": {}, "domain": "acme.example", "idempotencyKey": "k"});
    let (new, of_account) = office.account_log(account.clone()).await.expect("a log");
    assert!(new, "the other kind has keys of its own");
    assert_eq!(office.account_log(account).await.expect("a replay"), (false, of_account));
    // A deleted log keeps its key.
    let (id, log) = (&first.prospect_id, &first.prospect_log_id);
    prospect_log::delete(office.context(), &office.key, id, log).await.expect("deleted");
    assert_eq!(office.log(body(1)).await.expect("a replay"), (false, first));
    check(office.context(), "org_acme").await;
}

#[tokio::test]
async fn a_key_may_what_its_maker_may_now() {
    let office = Office::new().await;
    let context = office.context();
    for (user, role) in [("ann", Role::Admin), ("bob", Role::Member)] {
        admin::create_user(context, "org_acme", user, role, None).await.expect("a user");
    }
    let actor = |role| Actor { organisation: "org_acme".to_owned(), user: "ann".to_owned(), role };
    let scopes = Scopes::of(&[Scope::AccountsRead, Scope::AccountsWrite, Scope::LogsWrite]);
    let new = NewApiKey { name: Some("CRM".to_owned()), scopes, rate_per_minute: Some(60) };
    let made = keys::create(context, &actor(Role::Admin), new.clone()).await.expect("a key");
    let refused = keys::create(context, &actor(Role::Member), new).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let now = async || keys::authenticate(context, &made.key).await.map(|actor| actor.scopes);
    assert_eq!(now().await.expect("valid"), scopes);
    admin::set_role(context, &actor(Role::Member)).await.expect("demoted");
    assert_eq!(now().await.expect("valid").names(), ["accounts:read", "logs:write"]);
    let demoted = keys::authenticate(context, &made.key).await.expect("valid");
    let patch = AccountPatch { name: "Acme".to_owned() };
    let id = office.account("acme.example").await.account_id;
    let refused = account::update(context, &demoted, &id, patch).await;
    let lacks = "This key lacks the scope 'accounts:write'";
    assert!(matches!(&refused, Err(Error::Forbidden(text)) if text == lacks), "{refused:?}");
    admin::remove_user(context, "org_acme", "ann").await.expect("removed");
    assert!(matches!(now().await, Err(Error::Unauthorized)));
    // A revoked key is refused at once, however it is revoked.
    let all = NewApiKey { name: None, scopes: Scopes::ALL, rate_per_minute: None };
    let bob = keys::create_for(context, "org_acme", Some("bob"), all.clone()).await.expect("a key");
    assert_eq!(
        keys::authenticate(context, &bob.key).await.expect("valid").scopes,
        Scopes::of_role(Role::Member)
    );
    let admin = Actor { user: "root".to_owned(), ..actor(Role::Admin) };
    keys::revoke(context, &admin, &bob.api_key.id).await.expect("revoked");
    assert!(matches!(keys::authenticate(context, &bob.key).await, Err(Error::Unauthorized)));
    let own = keys::create_for(context, "org_acme", None, all).await.expect("a key");
    assert_eq!(keys::authenticate(context, &own.key).await.expect("valid").scopes, Scopes::ALL);
    keys::revoke_key(context, &own.key).await.expect("revoked");
    assert!(matches!(keys::authenticate(context, &own.key).await, Err(Error::Unauthorized)));
    let listed = keys::list(context, &admin).await.expect("the keys");
    let revoked: Vec<bool> = listed.iter().map(|key| key.revoked_at.is_some()).collect();
    // The newest first; the last is the one of the office itself.
    assert_eq!(revoked, [true, true, false, false]);
}

#[tokio::test]
async fn another_organisation_finds_nothing() {
    let office = Office::new().await;
    let context = office.context();
    let account = office.account("acme.example").await.account_id;
    let log = ok(&office, json!({"email": "ann@acme.example", "idempotencyKey": "k"})).await;
    let body = json!({"source": "s", "payload": {}, "domain": "acme.example"});
    let account_log = office.account_log(body).await.expect("a log").1;
    admin::create_organisation(context, "org_globex", "Globex").await.expect("an organisation");
    let other = key(context, "org_globex").await;
    assert_ne!(other.tenant, office.key.tenant);
    let (ann, log_id) = (&log.prospect_id, &log.prospect_log_id);
    let missing =
        |result: Result<(), Error>| assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
    missing(account::get(context, &other, &account).await.map(drop));
    missing(
        account::update(context, &other, &account, AccountPatch { name: "x".to_owned() }).await.map(drop),
    );
    missing(account::delete(context, &other, &account).await);
    missing(account::restore(context, &other, &account).await.map(drop));
    missing(account::activity(context, &other, &account, Default::default()).await.map(drop));
    missing(account_log::list(context, &other, &account, Default::default()).await.map(drop));
    missing(account_log::get(context, &other, &account, &account_log.account_log_id).await.map(drop));
    missing(account_log::delete(context, &other, &account, &account_log.account_log_id).await);
    missing(prospect::get(context, &other, ann).await.map(drop));
    missing(prospect::update(context, &other, ann, ProspectPatch::default()).await.map(drop));
    missing(prospect::delete(context, &other, ann).await);
    missing(prospect::restore(context, &other, ann).await.map(drop));
    missing(prospect::merge(context, &other, ann, ann).await.map(drop));
    missing(prospect::activity(context, &other, ann, Default::default()).await.map(drop));
    missing(prospect_log::list(context, &other, ann, Default::default()).await.map(drop));
    missing(prospect_log::get(context, &other, ann, log_id).await.map(drop));
    missing(prospect_log::delete(context, &other, ann, log_id).await);
    let by_id = prospect_log_of(json!({"prospectId": ann.to_string()}));
    missing(prospect_log::create(context, &other, by_id).await.map(drop));
    assert_eq!(account::list(context, &other, Default::default()).await.expect("a page").total_count, 0);
    assert_eq!(prospect::list(context, &other, Default::default()).await.expect("a page").total_count, 0);
    // The same address and the same key are theirs to use.
    let theirs = prospect_log_of(json!({"email": "ann@acme.example", "idempotencyKey": "k"}));
    let (new, theirs) = prospect_log::create(context, &other, theirs).await.expect("a log");
    assert!(new && theirs.created_prospect && theirs.prospect_id != *ann);
    assert_eq!(check(context, "org_acme").await, Sums { accounts: 1, prospects: 1, prospect_logs: 1 });
    assert_eq!(check(context, "org_globex").await, Sums { accounts: 0, prospects: 1, prospect_logs: 1 });
}
