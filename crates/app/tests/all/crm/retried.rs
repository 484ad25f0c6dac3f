//! Runs on contacts that could not be told, and before there are any.

use super::rig::Rig;
use crate::outside::Outside;
use serde_json::json;
use sluice_app::connectors::{Connected, Fixed};
use sluice_app::leads::{ListRecords, by_list};
use sluice_app::{Error, icps, runs};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_connect::model::Says;
use sluice_model::run::GenerateRequest;
use sluice_model::{Company, IcpPatch, Node, Person, RunStatus, Verdict};
use std::sync::Arc;
use uuid::Uuid;

/// Bob is known to the catalog, by name and company.
fn catalog() -> Arc<ReferenceCatalog> {
    let catalog = ReferenceCatalog::new();
    let acme = Company { id: Uuid::from_u128(9), name: Some("Acme".to_owned()), ..Company::default() };
    catalog.put_person(Person {
        id: Uuid::from_u128(2),
        first_name: "Bob".to_owned(),
        last_name: "Stone".to_owned(),
        job_title: Some("CTO".to_owned()),
        company_id: Some(acme.id),
        ..Person::default()
    });
    catalog.put_company(acme);
    Arc::new(catalog)
}

fn connect(rig: &mut Rig, says: Says) -> Arc<Outside> {
    let outside = Outside::chance(1, 0);
    outside.says("Q", says);
    let model = outside.connected().model;
    let connected = Connected { crm: Some(rig.crm.clone()), model, ..Connected::default() };
    rig.stage.context = rig.stage.context.clone().with_connectors(Arc::new(Fixed(connected)));
    outside
}

#[tokio::test]
async fn contacts_that_could_not_be_told_are_tried_again_as_what_they_are() {
    let mut rig = Rig::on(catalog()).await;
    let _unsure = connect(&mut rig, Says::Unknown);
    let acme = json!({"id": rig.fake.add("ClientCorporation", json!({"name": "Acme"}))});
    let add = |first: &str, last: &str| {
        let fields =
            json!({"firstName": first, "lastName": last, "occupation": "Head", "clientCorporation": acme});
        rig.fake.add("ClientContact", fields)
    };
    let ids = [add("Bob", "Stone"), add("Zoe", "Only")];
    rig.mirror().await;
    let body = json!({
        "name": "Heads", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {"job_title": ["CEO"]}}],
        "crmFilters": {"provider": "bullhorn", "textSearch": "Head"},
        "customFilterCriteria": [{"type": "ai", "entityType": "person", "prompt": "Q"}],
    });
    let icp = rig.stage.icp(&rig.actor, &body).await;
    let first = rig.stage.generate(&rig.actor, &icp, false).await;
    rig.work().await;
    let unknown = rig.stage.decisions(&rig.actor, first.id).await;
    assert_eq!(unknown.len(), 2);
    assert!(unknown.iter().all(|decision| decision.verdict == Verdict::Unknown), "{unknown:?}");

    // The contacts are candidates no longer, but for those who are tried again.
    let patch = json!({"crmFilters": {"provider": "bullhorn", "textSearch": "Nobody"}});
    let patch = IcpPatch::read(&Node::root(&patch)).expect("a patch");
    icps::update(&rig.stage.context, &rig.actor, icp.id, None, patch).await.expect("it is changed");
    let _sure = connect(&mut rig, Says::Yes);
    rig.stage.clock.advance_days(91);
    let request = GenerateRequest { retry_unknown: Some(first.id), ..GenerateRequest::default() };
    let again = runs::generate(&rig.stage.context, &rig.actor, None, icp.id, request).await.expect("a run");
    rig.work().await;
    let again = rig.stage.run(&rig.actor, again.value.id).await;
    assert_eq!((again.status, again.funnel.accepted), (RunStatus::Succeeded, 2), "{:?}", again.funnel);
    let told = rig.stage.decisions(&rig.actor, again.id).await;
    for (before, after) in unknown.iter().zip(&told) {
        assert_eq!((&after.candidate, &after.sources), (&before.candidate, &before.sources));
    }
    let leads = by_list(&rig.stage.context, &rig.actor, again.lead_list_id.expect("a list")).await;
    let ListRecords::People(leads) = leads.expect("leads") else { panic!("people") };
    let found: Vec<_> = leads.iter().map(|lead| (lead.crm_id.clone(), lead.bullhorn_id.clone())).collect();
    let expected = ids.map(|id| (Some(id.to_string()), Some(id.to_string())));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_cap_on_the_crm_wants_its_contacts_read() {
    let rig = Rig::on(catalog()).await;
    let body = json!({
        "name": "Few of theirs",
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {"job_title": ["CTO"]}}],
        "customFilterCriteria": [{"type": "maxPercentFromCRM", "value": 10}],
    });
    let icp = rig.stage.icp(&rig.actor, &body).await;
    let start = async || {
        let request = GenerateRequest::default();
        match runs::generate(&rig.stage.context, &rig.actor, None, icp.id, request).await {
            Err(Error::Conflict(text)) => text,
            other => format!("{:?}", other.map(|_| ())),
        }
    };
    assert_eq!(start().await, "Ok(())", "without a CRM nobody is in it");
    rig.work().await;
    rig.connect().await;
    let unread = "Missing connector: bullhorn (for maxPercentFromCRM: its contacts have not been read yet)";
    assert_eq!(start().await, unread);
    rig.work().await;
    assert_eq!(start().await, "Ok(())");
    rig.work().await;
}
