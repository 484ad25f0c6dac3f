//! The rules of a run: who is dropped, at which stage.

use crate::runs::{decisions, finished, names, operations};
use crate::support::{SUPPRESSIONS, new_list_path};
use serde_json::{Value, json};
use sluice_testkit::records::{CompanyBuilder, PersonBuilder, company_id, person_id};
use sluice_testkit::{Caller, TestApp};

async fn run(app: &TestApp, filters: Value) -> Vec<String> {
    let icp = operations(&app.member(), json!({"customFilterCriteria": filters})).await;
    let run = finished(app, &icp, json!({"dryRun": true})).await;
    decisions(app, &run).await
}

const ADA: &str = "Ada Lee: accepted accept -";
const CID: &str = "Cid Marsh: accepted accept -";
const EVE: &str = "Eve Frost: accepted accept -";
const FAY: &str = "Fay Holt: accepted accept -";
const ADA_AGAIN: &str = "Ada Lee-Marsh: dropped identity same e-mail";

#[tokio::test]
async fn one_person_found_twice_is_one_candidate() {
    let app = TestApp::start().await;
    assert_eq!(run(&app, json!([])).await, [ADA, CID, EVE, FAY, ADA_AGAIN]);
    let twice = json!([
        {"provider": "baseProvider", "filters": {"location": {"country": "Austria"}}},
        {"provider": "baseProvider", "filters": {"job_title": ["CTO"]}}
    ]);
    let icp = operations(&app.member(), json!({"leadProviderCriteria": twice})).await;
    let run = finished(&app, &icp, json!({})).await;
    assert_eq!(names(&app, &run).await, ["Eve", "Ada", "Cid", "Fay"], "searches in their order");
    let path = format!("{}/decisions?limit=1", run.path);
    let first = app.member().get(&path).await.expect(200);
    assert_eq!(first.at("/items/0/candidate/name"), json!("Eve Frost"));
    let sources: Vec<Value> =
        (0..2).map(|at| first.at(&format!("/items/0/sources/{at}/criterion"))).collect();
    assert_eq!(sources, [0, 1], "with all its sources");
}

#[tokio::test]
async fn duplicates_are_told_by_profile_address_and_name_with_company() {
    let app = TestApp::start_empty().await;
    let acme = CompanyBuilder::new(1, "Acme", "acme.example").build();
    let person = |number, first, last| PersonBuilder::new(number, first, last).at(&acme);
    for builder in [
        person(1, "Ann", "Lee"),
        person(2, "Bob", "Other")
            .with(|p| p.linkedin_url = Some("http://de.linkedin.com/in/ann-lee/".to_owned())),
        person(3, "Cid", "Third").with(|p| p.emails = vec!["ANN-LEE@mail.example".to_owned()]),
        person(4, "ANN", "Lée").with(|p| {
            p.linkedin_url = Some("linkedin.com/in/other".to_owned());
            p.emails = vec!["other@mail.example".to_owned()];
        }),
        PersonBuilder::new(5, "Ann", "Lee").with(|p| {
            p.linkedin_url = Some("linkedin.com/in/another".to_owned());
            p.emails = vec!["another@mail.example".to_owned()];
            p.company_id = None;
        }),
    ] {
        app.catalog().put_person(builder.build());
    }
    app.catalog().put_company(acme);
    assert_eq!(
        run(&app, json!([])).await,
        [
            "Ann Lee: accepted accept -",
            "Bob Other: dropped identity same LinkedIn URL",
            "Cid Third: dropped identity same e-mail",
            "ANN Lée: dropped identity same name and company",
            "Ann Lee: accepted accept -",
        ]
    );
}

#[tokio::test]
async fn the_suppression_list_holds() {
    let app = TestApp::start().await;
    for (kind, value, dropped) in [
        ("person", person_id(1).to_string(), "person"),
        ("email", "cid-marsh@mail.example".to_owned(), "email"),
        ("domain", "initech.example".to_owned(), "domain"),
        ("company", company_id(4).to_string(), "company"),
    ] {
        let body = json!({"kind": kind, "value": value, "reason": null});
        let id = app.member().post(SUPPRESSIONS, &body).await.expect(201).text_at("/entries/0/id");
        let decided = run(&app, json!([])).await;
        let hit = decided.iter().filter(|line| line.contains("dropped suppression")).count();
        assert_eq!(hit, 1, "{decided:?}");
        assert!(decided.iter().any(|line| line.ends_with(&format!("{dropped} suppressed"))), "{decided:?}");
        let _ = app.member().delete(&format!("{SUPPRESSIONS}/{id}")).await.expect(204);
    }
    assert_eq!(run(&app, json!([])).await[0], ADA);
}

#[tokio::test]
async fn match_field_with_regex() {
    let app = TestApp::start().await;
    let dropped = |name: &str, field: &str| format!("{name}: dropped rules {field} does not match");
    for (field, regex, kept) in [
        ("firstName", "^[AE]", vec![ADA, EVE]),
        ("firstName", "d", vec![ADA, CID]),
        ("company.headcount", "^501-", vec![ADA, FAY]),
        ("company.name", ".", vec![ADA, CID, EVE]),
        ("emails", "^eve", vec![EVE]),
        ("workExperiences.company.name", "(?i)GLOBEX", vec![CID]),
    ] {
        let filters = json!([{"type": "matchFieldWithRegex", "field": field, "regex": regex}]);
        let decided = run(&app, filters).await;
        for line in [ADA, CID, EVE, FAY] {
            let name = line.split(':').next().unwrap_or_default();
            let expected = if kept.contains(&line) { line.to_owned() } else { dropped(name, field) };
            assert!(decided.contains(&expected), "{field} {regex}: {expected} is not in {decided:?}");
        }
    }
}

#[tokio::test]
async fn min_days_until_reuse() {
    let app = TestApp::start().await;
    let _ = new_list_path(&app.member(), json!({"personIds": [person_id(1)]})).await;
    let _ = new_list_path(&app.other_organisation(), json!({"personIds": [person_id(3)]})).await;
    let filters = |days: u32| json!([{"type": "minDaysUntilReuse", "value": days}]);
    let reused = "Ada Lee: dropped rules reused too soon";
    assert_eq!(run(&app, filters(0)).await[0], ADA);
    assert_eq!(run(&app, filters(1)).await, [reused, CID, EVE, FAY, ADA_AGAIN]);
    app.clock.advance_days(7);
    assert_eq!(run(&app, filters(8)).await[0], reused);
    assert_eq!(run(&app, filters(7)).await[0], ADA, "seven days ago is not less than seven");
    let icp = operations(&app.member(), json!({"customFilterCriteria": filters(30)})).await;
    let first = finished(&app, &icp, json!({})).await;
    assert_eq!(names(&app, &first).await, ["Cid", "Eve", "Fay"], "its own list does not count");
    let second = finished(&app, &icp, json!({})).await;
    assert_eq!(second.at("/funnel/accepted"), json!(0));
}

#[tokio::test]
async fn max_people_per_company() {
    let app = TestApp::start_empty().await;
    let (acme, globex) = (
        CompanyBuilder::new(1, "Acme", "acme.example").build(),
        CompanyBuilder::new(2, "Globex", "globex.example").build(),
    );
    for (number, first) in (1..).zip(["A", "B", "C", "D", "E"]) {
        let company = if number == 2 { &globex } else { &acme };
        app.catalog().put_person(PersonBuilder::new(number, first, "X").at(company).build());
    }
    app.catalog().put_company(acme);
    app.catalog().put_company(globex);
    let filters = |value: u32| json!([{"type": "maxPeoplePerCompany", "value": value}]);
    let full = "dropped caps company is full";
    let accepted = "accepted accept -";
    for (value, expected) in [
        (0, [full, full, full, full, full]),
        (1, [accepted, accepted, full, full, full]),
        (2, [accepted, accepted, accepted, full, full]),
        (4, [accepted; 5]),
    ] {
        let decided = run(&app, filters(value)).await;
        for (line, expected) in decided.iter().zip(expected) {
            assert!(line.ends_with(expected), "{value}: {decided:?}");
        }
    }
}

#[tokio::test]
async fn max_percent_from_crm() {
    let app = TestApp::start().await;
    let list = new_list_path(&app.member(), json!({})).await;
    let prospects = json!({"prospects": [
        {"id": person_id(1), "firstName": "Ada", "lastName": "Lee", "crmId": "1"},
        {"id": person_id(3), "firstName": "Cid", "lastName": "Marsh", "bullhornId": "3"}
    ]});
    let _ = app.member().post(&format!("{list}/add-prospects"), &prospects).await.expect(200);
    // The target is ten leads.
    let filters = |percent: f64| json!([{"type": "maxPercentFromCRM", "value": percent}]);
    let enough = |name: &str| format!("{name}: dropped caps enough from the CRM");
    let (ada, cid) = (enough("Ada Lee"), enough("Cid Marsh"));
    assert_eq!(run(&app, filters(0.0)).await, [ada.as_str(), &cid, EVE, FAY, ADA_AGAIN]);
    assert_eq!(run(&app, filters(9.9)).await, [ada.as_str(), &cid, EVE, FAY, ADA_AGAIN]);
    assert_eq!(run(&app, filters(10.0)).await, [ADA, &cid, EVE, FAY, ADA_AGAIN]);
    assert_eq!(run(&app, filters(20.0)).await, [ADA, CID, EVE, FAY, ADA_AGAIN]);
}

#[tokio::test]
async fn a_run_follows_the_icp_as_it_was_when_it_was_asked_for() {
    let app = TestApp::start().await;
    let member = app.member();
    let icp = operations(&member, json!({})).await;
    let entity = icp.replace("/operations/", "/entities/");
    let asked = member.post(&format!("{icp}/generate"), &json!({})).await.expect(202);
    let _ = member.patch(&entity, &json!({"name": "Other", "leadProviderCriteria": []})).await.expect(200);
    let _ = member.delete(&entity).await.expect(204);
    app.work().await;
    let run = member.get(asked.header("location").expect("a Location")).await.expect(200);
    assert_eq!((run.at("/status"), run.at("/icpVersion")), (json!("succeeded"), json!(1)));
    assert_eq!(names(&app, &run).await, ["Ada", "Cid", "Eve", "Fay"]);
    let list = member.get(&format!("/api/v1/entities/leadlists/{}", run.text_at("/leadListId"))).await;
    assert_eq!(list.at("/icpId"), Value::Null, "the ICP is gone");
}
