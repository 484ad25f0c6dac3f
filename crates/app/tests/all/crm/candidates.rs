use super::rig::{Rig, lead};
use serde_json::{Value, json};
use sluice_app::leads::{ListRecords, by_list};
use sluice_app::{Error, runs};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::run::GenerateRequest;
use sluice_model::{Company, EntityKind, Lead, Person};
use std::sync::Arc;
use uuid::Uuid;

/// Ann and Bob are known to the catalog, Ann by her profile, Bob by name and company.
fn catalog() -> Arc<ReferenceCatalog> {
    let catalog = ReferenceCatalog::new();
    let acme = Company { id: Uuid::from_u128(9), name: Some("Acme Inc.".to_owned()), ..Company::default() };
    for (number, first, last, linkedin) in [
        (1, "Ann", "Lee", Some("https://www.linkedin.com/in/ann-lee")),
        (2, "Bob", "Stone", None),
        (3, "Eve", "Fox", None),
    ] {
        catalog.put_person(Person {
            id: Uuid::from_u128(number),
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            linkedin_url: linkedin.map(str::to_owned),
            job_title: Some("CTO".to_owned()),
            company_id: Some(acme.id),
            ..Person::default()
        });
    }
    catalog.put_company(acme);
    Arc::new(catalog)
}

async fn rig() -> (Rig, [u64; 4]) {
    let rig = Rig::on(catalog()).await;
    let acme = rig.fake.add("ClientCorporation", json!({"name": "ACME"}));
    let add = |fields: Value| rig.fake.add("ClientContact", fields);
    let company = json!({"id": acme});
    let ids = [
        add(json!({"firstName": "Bob", "lastName": "Stone", "occupation": "Head of Sales",
                   "address": {"zip": "8001"}, "clientCorporation": company})),
        add(
            json!({"firstName": "Zoe", "lastName": "Only", "occupation": "Leiterin Einkauf", "email": "zoe@crm.example",
                   "address": {"zip": "8002", "city": "Zürich"}, "clientCorporation": company}),
        ),
        add(
            json!({"firstName": "Max", "lastName": "Away", "occupation": "Head of IT", "address": {"zip": "9000"}}),
        ),
        add(json!({"firstName": "Joe", "lastName": "Intern", "occupation": "Assistant to the Head",
                   "address": {"zip": "8003"}})),
    ];
    (rig, ids)
}

fn icp(over: Value) -> Value {
    let mut body = json!({
        "name": "From the CRM",
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {"job_title": ["CTO"]}}],
        "crmFilters": {
            "provider": "bullhorn", "textSearch": "(Head OR Leit*) NOT Assist*",
            "filters": [{"path": "address.zip", "mode": "startsWith", "value": "80"}],
        },
    });
    body.as_object_mut().expect("an object").extend(over.as_object().expect("an object").clone());
    body
}

#[tokio::test]
async fn contacts_come_first_and_one_person_is_one_candidate() {
    let (rig, [bob, zoe, ..]) = rig().await;
    rig.mirror().await;
    let icp = rig.stage.icp(&rig.actor, &icp(json!({}))).await;
    let (preview, _) = rig.stage.preview(&rig.actor, &icp).await;
    let run = rig.stage.generate(&rig.actor, &icp, false).await;
    rig.work().await;
    let run = rig.stage.run(&rig.actor, run.id).await;
    let now = rig.stage.context.now();
    assert_eq!(json!(run.crm), json!({"provider": "bullhorn", "mirrorAt": now}));
    assert_eq!((json!(preview.crm), &preview.funnel), (json!(run.crm), &run.funnel));
    let decisions = rig.stage.decisions(&rig.actor, run.id).await;
    let told: Vec<Value> = decisions
        .iter()
        .map(|decision| json!([decision.candidate.name, decision.sources, decision.crm_match]))
        .collect();
    let reference = |id: u64| json!({"entity": "ClientContact", "id": id.to_string()});
    let matched = |id: u64, name: &str| json!({"provider": "bullhorn", "entity": "ClientContact", "id": id.to_string(), "name": name, "key": "crmId"});
    let search = json!({"provider": "baseProvider", "criterion": 0});
    let expected = json!([
        ["Bob Stone", [{"provider": "bullhorn", "reference": reference(bob)}, search], matched(bob, "Bob Stone")],
        ["Zoe Only", [{"provider": "bullhorn", "reference": reference(zoe)}], matched(zoe, "Zoe Only")],
        ["Ann Lee", [search], null],
        ["Eve Fox", [search], null],
    ]);
    assert_eq!(sorted_tail(told), sorted_tail(expected.as_array().expect("a list").clone()));
    assert_eq!(decisions[0].candidate.id, Uuid::from_u128(2), "the catalog's record is taken");

    let list = run.lead_list_id.expect("a list");
    let leads = by_list(&rig.stage.context, &rig.actor, list).await.expect("leads");
    let ListRecords::People(leads) = leads else { panic!("people") };
    let ids = |lead: &Lead| (lead.person.full_name(), lead.bullhorn_id.clone(), lead.crm_id.clone());
    let of = |name: &str, id: u64| (name.to_owned(), Some(id.to_string()), Some(id.to_string()));
    assert_eq!(leads[..2].iter().map(ids).collect::<Vec<_>>(), [of("Bob Stone", bob), of("Zoe Only", zoe)]);
    let contact = leads[1].client_contact.clone().expect("a contact");
    assert_eq!(contact["id"], json!(zoe.to_string()));
    assert_eq!(contact["occupation"], json!("Leiterin Einkauf"));
    assert_eq!(leads[2].client_contact, None);
    assert_eq!(leads[1].person.city.as_deref(), Some("Zürich"));

    // The same person is found again, and no second copy made.
    let again = rig.stage.generate(&rig.actor, &icp, false).await;
    rig.work().await;
    let again = rig.stage.run(&rig.actor, again.id).await;
    let second = by_list(&rig.stage.context, &rig.actor, again.lead_list_id.expect("a list")).await;
    let ListRecords::People(second) = second.expect("leads") else { panic!("people") };
    let id = |leads: &[Lead]| leads.iter().map(|lead| lead.person.id).collect::<Vec<_>>();
    assert_eq!(id(&second), id(&leads));
}

/// The searches' order is the catalog's affair.
fn sorted_tail(mut told: Vec<Value>) -> Vec<Value> {
    told[2..].sort_by_key(ToString::to_string);
    told
}

#[tokio::test]
async fn a_run_wants_its_crm_connected_and_read() {
    let (rig, _) = rig().await;
    let icp = rig.stage.icp(&rig.actor, &icp(json!({}))).await;
    let start = async || {
        let request = GenerateRequest::default();
        match runs::generate(&rig.stage.context, &rig.actor, None, icp.id, request).await {
            Err(Error::Conflict(text)) => text,
            other => format!("{:?}", other.map(|_| ())),
        }
    };
    assert_eq!(start().await, "Missing connector: bullhorn (for crmFilters)");
    rig.connect().await;
    let unread = "Missing connector: bullhorn (for crmFilters: its contacts have not been read yet)";
    assert_eq!(start().await, unread);
    rig.work().await;
    assert_eq!(start().await, "Ok(())");
    rig.work().await;
}

#[tokio::test]
async fn the_crm_finds_by_its_own_query() {
    let (rig, [_, zoe, ..]) = rig().await;
    rig.mirror().await;
    let filters = json!({"provider": "bullhorn", "query": "lastName:Only"});
    let icp = rig.stage.icp(&rig.actor, &icp(json!({"crmFilters": filters}))).await;
    let (_, decisions) = rig.stage.preview(&rig.actor, &icp).await;
    let from_crm: Vec<&str> = decisions
        .iter()
        .flat_map(|decision| &decision.sources)
        .filter_map(|source| source.reference.as_ref().map(|reference| reference.id.as_str()))
        .collect();
    assert_eq!(from_crm, [zoe.to_string().as_str()]);
}

#[tokio::test]
async fn a_blank_query_asks_for_nothing_in_particular() {
    let (rig, ids) = rig().await;
    rig.mirror().await;
    let filters = json!({"provider": "bullhorn", "query": "  "});
    let icp = rig.stage.icp(&rig.actor, &icp(json!({"crmFilters": filters}))).await;
    let (_, decisions) = rig.stage.preview(&rig.actor, &icp).await;
    let from_crm: Vec<&str> = decisions
        .iter()
        .flat_map(|decision| &decision.sources)
        .filter_map(|source| source.reference.as_ref().map(|reference| reference.id.as_str()))
        .collect();
    assert_eq!(from_crm, ids.map(|id| id.to_string()));
}

#[tokio::test]
async fn who_is_taken_from_the_crm_is_no_stranger_there() {
    let (rig, [bob, zoe, ..]) = rig().await;
    // Known here already, and not from the CRM.
    rig.own_by(lead(77, "Only", None), "em:zoe@crm.example").await;
    rig.mirror().await;
    let icp = rig.stage.icp(&rig.actor, &icp(json!({}))).await;
    let run = rig.stage.generate(&rig.actor, &icp, false).await;
    rig.work().await;
    let list = rig.stage.run(&rig.actor, run.id).await.lead_list_id.expect("a list");
    let leads = by_list(&rig.stage.context, &rig.actor, list).await.expect("leads");
    let ListRecords::People(leads) = leads else { panic!("people") };
    assert_eq!(leads[1].person.id, Uuid::from_u128(77), "the copy that there was");
    assert_eq!(leads[1].crm_id, Some(zoe.to_string()));
    for (lead, id) in leads.iter().zip([Some(bob), Some(zoe), None, None]) {
        let noted = rig.noted(EntityKind::Person, lead.person.id).await;
        let noted = noted.map(|noted| (noted.entity, noted.id));
        assert_eq!(noted, id.map(|id| ("ClientContact".to_owned(), id.to_string())));
    }
}

#[tokio::test]
async fn a_number_of_another_account_makes_nobody_a_contact() {
    let (rig, [bob, ..]) = rig().await;
    rig.own_by(lead(88, "Lee", None), "li:https://www.linkedin.com/in/ann-lee").await;
    rig.note(EntityKind::Person, 88, "ClientContact", bob).await;
    rig.mirror().await;
    let icp = rig.stage.icp(&rig.actor, &icp(json!({"crmFilters": null}))).await;
    let (_, decisions) = rig.stage.preview(&rig.actor, &icp).await;
    let matched: Vec<&str> = decisions
        .iter()
        .filter(|decision| decision.crm_match.is_some())
        .map(|decision| decision.candidate.name.as_str())
        .collect();
    assert_eq!(matched, ["Bob Stone"]);
}

#[tokio::test]
async fn the_cap_on_the_crm_names_the_contact() {
    let (rig, [bob, ..]) = rig().await;
    rig.mirror().await;
    let over = json!({
        "crmFilters": null, "leadsPerList": 3,
        "customFilterCriteria": [{"type": "maxPercentFromCRM", "value": 0}],
    });
    let icp = rig.stage.icp(&rig.actor, &icp(over)).await;
    let (_, decisions) = rig.stage.preview(&rig.actor, &icp).await;
    let dropped: Vec<Value> = decisions
        .iter()
        .filter(|decision| decision.reason.is_some())
        .map(|decision| {
            json!([decision.candidate.name, decision.reason, decision.observed, decision.sentence])
        })
        .collect();
    let contact = json!({
        "provider": "bullhorn", "entity": "ClientContact", "id": bob.to_string(), "name": "Bob Stone",
        "key": "nameAndCompany",
    });
    let sentence = format!(
        "In the CRM as ClientContact Bob Stone ({bob}), recognised by name and company, and 0 such leads are accepted \
         already; 0 % of the list are 0."
    );
    let expected = json!([["Bob Stone", "enough from the CRM", {"accepted": 0, "crm": contact}, sentence]]);
    assert_eq!(json!(dropped), expected);
}
