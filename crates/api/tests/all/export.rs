//! People as CSV.

use crate::support::{NOBODY, fault};
use serde_json::json;
use sluice_testkit::records::{PersonBuilder, person_id};
use sluice_testkit::{Caller, TestApp};

const EXPORT: &str = "/api/v1/operations/export";

#[tokio::test]
async fn people_are_written_as_csv_with_the_usual_fields() {
    let app = TestApp::start().await;
    let body =
        json!({"selection": {"mode": "manual", "includedIds": [person_id(2), person_id(1), person_id(2)]}});
    let reply = app.member().post(EXPORT, &body).await.expect(200);
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"export.csv\""));
    assert_eq!(reply.header("x-export-count"), Some("2"));
    let (bob, ada) = (person_id(2), person_id(1));
    let expected = format!(
        "id,firstName,lastName,jobTitle,seniority,emails,phones,linkedinUrl,city,country,company.name,\
         company.domain,company.websiteUrl,company.headcount,company.industry\r\n\
         {bob},Bob,Stone,VP Engineering,c_suite,bob-stone@mail.example,,https://www.linkedin.com/in/bob-stone,,Germany,\
         Acme GmbH,acme.example,https://www.acme.example,501-1000,Software\r\n\
         {ada},Ada,Lee,CTO,c_suite,ada-lee@mail.example,,https://www.linkedin.com/in/ada-lee,,Germany,\
         Acme GmbH,acme.example,https://www.acme.example,501-1000,Software\r\n"
    );
    assert_eq!(reply.text(), expected);
}

#[tokio::test]
async fn formulas_are_disarmed_and_lists_share_a_cell() {
    let app = TestApp::start().await;
    let mallory =
        PersonBuilder::new(90, "=HYPERLINK(\"x\")", "@mallory").title("-1, or \"more\"").with(|person| {
            person.phones = vec!["+493012345678".to_owned(), "+4930999999".to_owned()];
        });
    app.catalog().put_person(mallory.build());
    let body = json!({
        "selection": {"mode": "manual", "includedIds": [person_id(90)]},
        "exportFields": ["firstName", "lastName", "jobTitle", "phones", "company.name"],
    });
    let reply = app.member().post(EXPORT, &body).await.expect(200);
    let expected = "firstName,lastName,jobTitle,phones,company.name\r\n\
                    \"'=HYPERLINK(\"\"x\"\")\",'@mallory,\"'-1, or \"\"more\"\"\",'+493012345678; +4930999999,\r\n";
    assert_eq!(reply.text(), expected);
}

#[tokio::test]
async fn a_bulk_selection_shows_what_the_organisation_knows_of_its_own() {
    let app = TestApp::start().await;
    let list = crate::support::new_list(&app.member(), json!({"personIds": [person_id(3)]})).await;
    let own = list.text_at("/personIds/0");
    let body = json!({
        "selection": {
            "mode": "bulk", "filters": {"job_title": ["CTO"]}, "startIndex": 1, "targetCount": 2,
        },
        "exportFields": ["id", "lastName"],
    });
    let text = app.member().post(EXPORT, &body).await.expect(200).text().to_owned();
    assert_eq!(text, format!("id,lastName\r\n{own},Marsh\r\n{},Frost\r\n", person_id(5)));
    let by_id = json!({
        "selection": {"mode": "manual", "includedIds": [own, person_id(3)]}, "exportFields": ["id", "lastName"],
    });
    let reply = app.member().post(EXPORT, &by_id).await.expect(200);
    assert_eq!(reply.text(), format!("id,lastName\r\n{own},Marsh\r\n"), "one person, whichever id");
    assert_eq!(reply.header("x-export-count"), Some("1"));
    let theirs = app.other_organisation().post(EXPORT, &by_id).await.expect(400);
    let message = format!("Unknown person: {own}");
    assert_eq!(theirs.details(), fault(json!(["selection", "includedIds", 0]), &message));
}

#[tokio::test]
async fn more_people_than_go_into_one_piece_are_all_there() {
    let app = TestApp::start_empty().await;
    for number in 1..=450 {
        app.catalog().put_person(PersonBuilder::new(number, "Ann", &format!("Lee{number}")).build());
    }
    let body = json!({
        "selection": {"mode": "bulk", "filters": {}, "targetCount": 1000}, "exportFields": ["lastName"],
    });
    let reply = app.member().post(EXPORT, &body).await.expect(200);
    let mut lines: Vec<&str> = reply.text().split_terminator("\r\n").collect();
    assert_eq!((lines.len(), lines[0], reply.header("x-export-count")), (451, "lastName", Some("450")));
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 451);
}

#[tokio::test]
async fn unknown_fields_and_people_are_told_with_their_place() {
    let app = TestApp::start().await;
    let selection = json!({"mode": "manual", "includedIds": [person_id(1)]});
    for (body, path, message) in [
        (
            json!({"selection": selection, "exportFields": ["firstName", "shoeSize"]}),
            json!(["exportFields", 1]),
            "Unknown field: 'shoeSize'",
        ),
        (
            json!({"selection": selection, "exportFields": []}),
            json!(["exportFields"]),
            "Array must contain at least 1 element(s)",
        ),
        (json!({}), json!(["selection"]), "Required"),
        (
            json!({"selection": {"mode": "manual", "includedIds": [person_id(1), NOBODY]}}),
            json!(["selection", "includedIds", 1]),
            &format!("Unknown person: {NOBODY}"),
        ),
    ] {
        assert_eq!(
            app.member().post(EXPORT, &body).await.expect(400).details(),
            fault(path, message),
            "{body}"
        );
    }
}
