//! Putting people on lists.

use crate::leads::{leads_path, names};
use crate::support::{NOBODY, fault, new_list_path};
use serde_json::{Value, json};
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn add_people_written_out() {
    let app = TestApp::start().await;
    let list = new_list_path(&app.member(), json!({})).await;
    let body = json!({"prospects": [
        {"firstName": " Ann ", "lastName": "Lee", "emails": ["ANN@New.example"], "jobTitle": "CTO", "companyName": "New AG",
         "linkedinUrl": "linkedin.com/in/Ann-New?x=1", "crmId": "77"},
        {"firstName": "Ann", "lastName": "Other", "emails": ["ann@new.example"]},
        {"id": person_id(3), "firstName": "Ignored", "lastName": "Too"}
    ]});
    let reply = app.member().post(&format!("{list}/add-prospects"), &body).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "addedCount": 2
      }
    }
    "#);
    let leads = app.member().get(&leads_path(&list)).await;
    insta::assert_json_snapshot!(leads, @r#"
    {
      "status": 200,
      "body": [
        {
          "id": "018d3fe6-b220-7000-8000-000000000004",
          "createdAt": "2024-01-25T09:15:00.000Z",
          "updatedAt": "2024-01-25T09:15:00.000Z",
          "firstName": "Ann",
          "lastName": "Lee",
          "jobTitle": "CTO",
          "city": null,
          "postalCode": null,
          "country": null,
          "linkedinUrl": "https://www.linkedin.com/in/ann-new",
          "phones": [],
          "emails": [
            "ann@new.example"
          ],
          "companyId": "018d3fe6-b220-7000-8000-000000000002",
          "seniority": null,
          "industry": null,
          "birthDate": null,
          "departments": [],
          "subDepartments": [],
          "functions": [],
          "skills": [],
          "languages": [],
          "educations": [],
          "workExperiences": [
            {
              "company": {
                "id": null,
                "name": "New AG",
                "logoUrl": null,
                "linkedinUrl": null,
                "employees": null
              },
              "dates": {
                "start": null,
                "end": null
              },
              "profilePositions": []
            }
          ],
          "baseProviderId": null,
          "bullhornId": null,
          "crmId": "77",
          "leadOwnerId": null,
          "consentStatus": "UNKNOWN",
          "consentSource": null,
          "consentUpdatedAt": null,
          "deletedAt": null,
          "company": {
            "id": "018d3fe6-b220-7000-8000-000000000002",
            "createdAt": "2024-01-25T09:15:00.000Z",
            "updatedAt": "2024-01-25T09:15:00.000Z",
            "name": "New AG",
            "description": null,
            "summary": null,
            "headcount": null,
            "industry": null,
            "phones": [],
            "linkedinUrl": null,
            "websiteUrl": null,
            "domain": null,
            "city": null,
            "postalCode": null,
            "country": null,
            "logoUrl": null,
            "baseProviderId": null,
            "bullhornId": null,
            "crmId": null,
            "legalName": null,
            "foundedYear": null,
            "revenue": null,
            "location": {
              "headquarter": {
                "continent": null,
                "country": null,
                "state": null,
                "city": null,
                "street": null,
                "postalCode": null,
                "rawAddress": null,
                "coordinates": null
              },
              "locations": []
            }
          },
          "clientContact": null
        },
        {
          "id": "018d3fe6-b220-7000-8000-000000000005",
          "createdAt": "2024-01-25T09:15:00.000Z",
          "updatedAt": "2024-01-25T09:15:00.000Z",
          "firstName": "Cid",
          "lastName": "Marsh",
          "jobTitle": "CTO",
          "city": null,
          "postalCode": null,
          "country": "Germany",
          "linkedinUrl": "https://www.linkedin.com/in/cid-marsh",
          "phones": [],
          "emails": [
            "cid-marsh@mail.example"
          ],
          "companyId": "018d3fe6-b220-7000-8000-000000000003",
          "seniority": "c_suite",
          "industry": null,
          "birthDate": null,
          "departments": [],
          "subDepartments": [],
          "functions": [],
          "skills": [],
          "languages": [],
          "educations": [],
          "workExperiences": [
            {
              "company": {
                "id": "0c000000-0000-4000-8000-000000000002",
                "name": "Globex",
                "logoUrl": null,
                "linkedinUrl": null,
                "employees": null,
                "domain": "globex.example"
              },
              "dates": {
                "start": null,
                "end": null
              },
              "profilePositions": [
                {
                  "company": null,
                  "description": null,
                  "title": "CTO",
                  "dates": {
                    "start": null,
                    "end": null
                  }
                }
              ]
            }
          ],
          "observedAt": "2022-01-05T00:00:00.000Z",
          "baseProviderId": "0a000000-0000-4000-8000-000000000003",
          "bullhornId": null,
          "crmId": null,
          "leadOwnerId": null,
          "consentStatus": "UNKNOWN",
          "consentSource": null,
          "consentUpdatedAt": null,
          "deletedAt": null,
          "company": {
            "id": "018d3fe6-b220-7000-8000-000000000003",
            "createdAt": "2024-01-25T09:15:00.000Z",
            "updatedAt": "2024-01-25T09:15:00.000Z",
            "name": "Globex",
            "description": null,
            "summary": null,
            "headcount": "1001-5000",
            "industry": "Software",
            "phones": [],
            "linkedinUrl": null,
            "websiteUrl": "https://www.globex.example",
            "domain": "globex.example",
            "city": null,
            "postalCode": null,
            "country": "Germany",
            "logoUrl": null,
            "baseProviderId": "0c000000-0000-4000-8000-000000000002",
            "bullhornId": null,
            "crmId": null,
            "legalName": null,
            "foundedYear": null,
            "revenue": null,
            "location": {
              "headquarter": {
                "continent": null,
                "country": null,
                "state": null,
                "city": null,
                "street": null,
                "postalCode": null,
                "rawAddress": null,
                "coordinates": null
              },
              "locations": []
            },
            "observedAt": "2022-01-06T00:00:00.000Z"
          },
          "clientContact": null
        }
      ]
    }
    "#);
    let again = app.member().post(&format!("{list}/add-prospects"), &body).await.expect(200);
    assert_eq!(again.json(), json!({"addedCount": 0}), "duplicates are skipped");
}

#[tokio::test]
async fn add_people_by_id_and_by_search() {
    let app = TestApp::start().await;
    let member = app.member();
    let list = new_list_path(&member, json!({})).await;
    let add = format!("{list}/add-prospects");
    let manual = json!({"mode": "manual", "includedIds": [person_id(4), person_id(2), person_id(4)]});
    assert_eq!(member.post(&add, &manual).await.expect(200).json(), json!({"addedCount": 2}));
    let bulk = json!({"mode": "bulk", "filters": {"page": 3, "size": 1, "contact": {}}, "startIndex": 1, "targetCount": 4,
        "excludedIds": [person_id(3)]});
    assert_eq!(member.post(&add, &bulk).await.expect(200).json(), json!({"addedCount": 1}), "2 to 5 but 3");
    assert_eq!(names(&app, &list).await, ["Dee", "Bob", "Eve"]);
    let nested = json!({"selection": {"mode": "manual", "includedIds": [person_id(1)]}});
    assert_eq!(member.post(&add, &nested).await.expect(200).json(), json!({"addedCount": 1}));
    let own = member.get(&list).await.text_at("/personIds/0");
    let own = json!({"mode": "manual", "includedIds": [own]});
    assert_eq!(
        member.post(&add, &own).await.expect(200).json(),
        json!({"addedCount": 0}),
        "own ids do as well"
    );
}

#[tokio::test]
async fn add_prospects_names_every_fault() {
    let app = TestApp::start().await;
    let member = app.member();
    let list = new_list_path(&member, json!({})).await;
    let add = format!("{list}/add-prospects");
    let wrong = json!({"prospects": [
        {"firstName": "", "emails": ["no address"], "linkedinUrl": "https://example.com/x", "foo": 1},
        5,
        {
            "firstName": "A", "lastName": "B", "phones": null, "languages": [{"language": 5}, "German"],
            "educations": [{"institution": {"name": 1}, "dates": []}],
            "workExperiences": [{"company": {"employees": {"start": -1}, "size": 5}, "profilePositions": [{"title": 5}]}]
        }
    ]});
    let reply = member.post(&add, &wrong).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "BAD_REQUEST",
          "message": "Invalid request body",
          "details": [
            {
              "path": [
                "prospects",
                0,
                "firstName"
              ],
              "message": "String must contain at least 1 character(s)"
            },
            {
              "path": [
                "prospects",
                0,
                "emails",
                0
              ],
              "message": "Invalid email"
            },
            {
              "path": [
                "prospects",
                0,
                "linkedinUrl"
              ],
              "message": "Invalid LinkedIn profile URL"
            },
            {
              "path": [
                "prospects",
                0,
                "foo"
              ],
              "message": "Unrecognized key: 'foo'"
            },
            {
              "path": [
                "prospects",
                0,
                "lastName"
              ],
              "message": "Required"
            },
            {
              "path": [
                "prospects",
                1
              ],
              "message": "Expected object, received number"
            },
            {
              "path": [
                "prospects",
                2,
                "phones"
              ],
              "message": "Expected array, received null"
            },
            {
              "path": [
                "prospects",
                2,
                "languages",
                0,
                "language"
              ],
              "message": "Expected string, received number"
            },
            {
              "path": [
                "prospects",
                2,
                "languages",
                1
              ],
              "message": "Expected object, received string"
            },
            {
              "path": [
                "prospects",
                2,
                "educations",
                0,
                "institution",
                "name"
              ],
              "message": "Expected string, received number"
            },
            {
              "path": [
                "prospects",
                2,
                "educations",
                0,
                "dates"
              ],
              "message": "Expected object, received array"
            },
            {
              "path": [
                "prospects",
                2,
                "workExperiences",
                0,
                "company",
                "employees",
                "start"
              ],
              "message": "Number must be greater than or equal to 0"
            },
            {
              "path": [
                "prospects",
                2,
                "workExperiences",
                0,
                "company",
                "size"
              ],
              "message": "Unrecognized key: 'size'"
            },
            {
              "path": [
                "prospects",
                2,
                "workExperiences",
                0,
                "profilePositions",
                0,
                "title"
              ],
              "message": "Expected string, received number"
            }
          ]
        }
      }
    }
    "#);
    for (body, expected) in [
        (json!({}), fault(json!(["prospects"]), "Required")),
        (
            json!({"mode": "auto", "includedIds": []}),
            fault(json!(["mode"]), "Invalid enum value. Expected 'manual' | 'bulk', received 'auto'"),
        ),
        (json!({"mode": "manual"}), fault(json!(["includedIds"]), "Required")),
        (
            json!({"mode": "manual", "includedIds": [NOBODY]}),
            fault(json!(["includedIds", 0]), &format!("Unknown person: {NOBODY}")),
        ),
        (
            json!({"mode": "bulk", "filters": {}, "targetCount": 1001, "startIndex": -1}),
            json!([
                {"path": ["targetCount"], "message": "Number must be less than or equal to 1000"},
                {"path": ["startIndex"], "message": "Number must be greater than or equal to 0"},
            ]),
        ),
        (
            json!({"mode": "bulk", "filters": {"contact": {"foo": {}}}}),
            json!([
                {"path": ["filters", "contact", "foo"], "message": "Unrecognized key: 'foo'"},
                {"path": ["targetCount"], "message": "Required"},
            ]),
        ),
    ] {
        assert_eq!(member.post(&add, &body).await.details(), expected, "{body}");
    }
    let companies = new_list_path(&member, json!({"type": "company"})).await;
    let manual = json!({"mode": "manual", "includedIds": []});
    let details = member.post(&format!("{companies}/add-prospects"), &manual).await.details();
    assert_eq!(details, fault(json!([]), "Prospects can be added to person lists only"));
}

#[tokio::test]
async fn a_lead_can_be_written_out_as_it_was_read() {
    let app = TestApp::start().await;
    let member = app.member();
    let person = json!({
        "firstName": "Ann", "lastName": "Lee", "emails": ["ann@new.example"], "birthDate": "1980-05-31",
        "languages": [{"language": "German", "level": "native"}],
        "educations": [{
            "institution": {"id": "7", "name": "TU", "logoUrl": null, "linkedinUrl": null},
            "degreeName": "MSc", "fieldOfStudy": "Physics", "grade": null, "dates": {"start": "2001", "end": "2006-03"}
        }],
        "workExperiences": [{
            "company": {
                "id": null, "name": "New AG", "logoUrl": null, "linkedinUrl": null,
                "employees": {"start": 11, "end": null}, "domain": "new.example"
            },
            "dates": {"start": "2007", "end": null},
            "profilePositions": [{
                "company": "New AG", "description": null, "title": "CTO", "dates": {"start": null, "end": null}
            }]
        }]
    });
    let list = new_list_path(&member, json!({})).await;
    let _ = member.post(&format!("{list}/add-prospects"), &json!({"prospects": [person]})).await.expect(200);
    let lead = member.get(&leads_path(&list)).await.at("/0");
    for (key, sent) in person.as_object().expect("an object") {
        assert_eq!(lead[key].to_string(), sent.to_string(), "{key}");
    }
    let mut sent_back = lead;
    sent_back["id"] = Value::Null;
    let reply =
        member.post(&format!("{list}/add-prospects"), &json!({"prospects": [sent_back]})).await.expect(200);
    assert_eq!(reply.json(), json!({"addedCount": 0}));
}
