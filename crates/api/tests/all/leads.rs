//! `/api/v1/entities/leads`.

use crate::support::new_list_path;
use serde_json::{Value, json};
use sluice_testkit::records::{PersonBuilder, company_id, person_id};
use sluice_testkit::{Caller, TestApp};

/// Where the leads of a list are.
pub fn leads_path(list: &str) -> String {
    list.replace("/leadlists/", "/leads/list/")
}

/// First names of the leads of a list.
pub async fn names(app: &TestApp, list: &str) -> Vec<String> {
    let leads = app.member().get(&leads_path(list)).await.expect(200).json();
    let name = |lead: &Value| lead["firstName"].as_str().unwrap_or_default().to_owned();
    leads.as_array().expect("a bare array").iter().map(name).collect()
}

#[tokio::test]
async fn later_catalog_changes_do_not_rewrite_a_lead() {
    let app = TestApp::start().await;
    let member = app.member();
    let list = new_list_path(&member, json!({"personIds": [person_id(1)]})).await;
    let before = member.get(&leads_path(&list)).await.bytes;
    app.catalog().put_person(PersonBuilder::new(1, "Renamed", "Person").build());
    app.clock.advance_days(1);
    assert_eq!(member.get(&leads_path(&list)).await.bytes, before);
    let again = new_list_path(&member, json!({"personIds": [person_id(1)]})).await;
    assert_eq!(member.get(&leads_path(&again)).await.bytes, before, "the organisation has her already");
}

#[tokio::test]
async fn leads_whose_company_has_no_name_are_left_out() {
    let app = TestApp::start().await;
    let ids = json!({"personIds": [person_id(6), person_id(1)]});
    let list = new_list_path(&app.member(), ids).await;
    assert_eq!(names(&app, &list).await, ["Ada"]);
    let whole = app.member().get(&list).await;
    assert_eq!(whole.at("/persons").as_array().map(Vec::len), Some(2), "the list itself has both");
}

#[tokio::test]
async fn a_company_list_gives_companies() {
    let app = TestApp::start().await;
    let ids = json!({"type": "company", "companyIds": [company_id(4), company_id(1)]});
    let list = new_list_path(&app.member(), ids).await;
    let reply = app.member().get(&leads_path(&list)).await.expect(200);
    assert_eq!((reply.at("/0/name"), reply.at("/1/name")), (Value::Null, json!("Acme GmbH")));
}
