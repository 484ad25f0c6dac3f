//! `/api/v1/entities/leadlists`.

use crate::support::{LISTS, NOBODY, fault, merged, new_icp, new_list, new_list_path};
use serde_json::{Value, json};
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp};

fn body() -> Value {
    json!({"name": "January", "startDate": "2024-01-25T00:00:00Z", "endDate": "2024-02-25T00:00:00+02:00"})
}

#[tokio::test]
async fn create() {
    let app = TestApp::start().await;
    let reply = app.member().post(LISTS, &body()).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 201,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000001",
        "icpId": null,
        "name": "January",
        "type": "person",
        "startDate": "2024-01-25T00:00:00.000Z",
        "endDate": "2024-02-24T22:00:00.000Z",
        "personIds": [],
        "companyIds": [],
        "userIds": [
          "user_abc123"
        ],
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z"
      }
    }
    "#);
}

#[tokio::test]
async fn create_with_everything() {
    let app = TestApp::start().await;
    let icp = new_icp(&app.member(), json!({})).await.id();
    let over = json!({
        "type": "company", "icpId": icp, "companyIds": [company_id(2), company_id(1), company_id(2)],
        "personIds": [], "userIds": ["user_2"], "id": NOBODY
    });
    let reply = app.member().post(LISTS, &merged(body(), over)).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 201,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000004",
        "icpId": "018d3fe6-b220-7000-8000-000000000001",
        "name": "January",
        "type": "company",
        "startDate": "2024-01-25T00:00:00.000Z",
        "endDate": "2024-02-24T22:00:00.000Z",
        "personIds": [],
        "companyIds": [
          "018d3fe6-b220-7000-8000-000000000002",
          "018d3fe6-b220-7000-8000-000000000003"
        ],
        "userIds": [
          "user_abc123",
          "user_2"
        ],
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z"
      }
    }
    "#);
}

#[tokio::test]
async fn create_names_every_fault() {
    let app = TestApp::start().await;
    let wrong = json!({
        "endDate": "2024-01-01", "startDate": "2024-01-02", "type": "robot", "icpId": 5, "personIds": ["x", null],
        "companyIds": [company_id(1)], "userIds": {}, "persons": []
    });
    let reply = app.member().post(LISTS, &wrong).await;
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
                "endDate"
              ],
              "message": "endDate must not be before startDate"
            },
            {
              "path": [
                "type"
              ],
              "message": "Invalid enum value. Expected 'person' | 'company', received 'robot'"
            },
            {
              "path": [
                "icpId"
              ],
              "message": "Expected string, received number"
            },
            {
              "path": [
                "personIds",
                0
              ],
              "message": "Invalid uuid"
            },
            {
              "path": [
                "personIds",
                1
              ],
              "message": "Expected string, received null"
            },
            {
              "path": [
                "companyIds"
              ],
              "message": "A person list takes no companyIds"
            },
            {
              "path": [
                "userIds"
              ],
              "message": "Expected array, received object"
            },
            {
              "path": [
                "persons"
              ],
              "message": "Unrecognized key: 'persons'"
            },
            {
              "path": [
                "name"
              ],
              "message": "Required"
            }
          ]
        }
      }
    }
    "#);
    let unknown = merged(body(), json!({"personIds": [person_id(1), NOBODY, company_id(1)]}));
    let details = app.member().post(LISTS, &unknown).await.details();
    assert_eq!(
        details,
        json!([
            {"path": ["personIds", 1], "message": format!("Unknown person: {NOBODY}")},
            {"path": ["personIds", 2], "message": format!("Unknown person: {}", company_id(1))},
        ])
    );
    assert_eq!(app.member().get(LISTS).await.json(), json!([]), "nothing is stored");
}

#[tokio::test]
async fn a_list_of_one_moment_is_allowed() {
    let app = TestApp::start().await;
    let same = json!({"startDate": "2024-01-01T01:00:00+01:00", "endDate": "2024-01-01"});
    let _ = app.member().post(LISTS, &merged(body(), same)).await.expect(201);
}

#[tokio::test]
async fn get_shows_what_the_list_holds() {
    let app = TestApp::start().await;
    let path = new_list_path(&app.member(), json!({"personIds": [person_id(1)]})).await;
    let reply = app.outside_member().get(&path).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000003",
        "icpId": null,
        "name": "January",
        "type": "person",
        "startDate": "2024-01-25T00:00:00.000Z",
        "endDate": "2024-02-25T00:00:00.000Z",
        "personIds": [
          "018d3fe6-b220-7000-8000-000000000002"
        ],
        "companyIds": [],
        "userIds": [
          "user_abc123"
        ],
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z",
        "persons": [
          {
            "id": "018d3fe6-b220-7000-8000-000000000002",
            "createdAt": "2024-01-25T09:15:00.000Z",
            "updatedAt": "2024-01-25T09:15:00.000Z",
            "firstName": "Ada",
            "lastName": "Lee",
            "jobTitle": "CTO",
            "city": null,
            "postalCode": null,
            "country": "Germany",
            "linkedinUrl": "https://www.linkedin.com/in/ada-lee",
            "phones": [],
            "emails": [
              "ada-lee@mail.example"
            ],
            "companyId": "018d3fe6-b220-7000-8000-000000000001",
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
                  "id": "0c000000-0000-4000-8000-000000000001",
                  "name": "Acme GmbH",
                  "logoUrl": null,
                  "linkedinUrl": null,
                  "employees": null,
                  "domain": "acme.example"
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
            "observedAt": "2022-01-07T00:00:00.000Z",
            "baseProviderId": "0a000000-0000-4000-8000-000000000001",
            "bullhornId": null,
            "crmId": null,
            "leadOwnerId": null,
            "consentStatus": "UNKNOWN",
            "consentSource": null,
            "consentUpdatedAt": null,
            "deletedAt": null,
            "company": {
              "id": "018d3fe6-b220-7000-8000-000000000001",
              "createdAt": "2024-01-25T09:15:00.000Z",
              "updatedAt": "2024-01-25T09:15:00.000Z",
              "name": "Acme GmbH",
              "description": null,
              "summary": null,
              "headcount": "501-1000",
              "industry": "Software",
              "phones": [],
              "linkedinUrl": null,
              "websiteUrl": "https://www.acme.example",
              "domain": "acme.example",
              "city": null,
              "postalCode": null,
              "country": "Germany",
              "logoUrl": null,
              "baseProviderId": "0c000000-0000-4000-8000-000000000001",
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
              "observedAt": "2022-01-07T00:00:00.000Z"
            },
            "clientContact": null
          }
        ]
      }
    }
    "#);
    let companies =
        new_list_path(&app.member(), json!({"type": "company", "companyIds": [company_id(1)]})).await;
    let reply = app.member().get(&companies).await.expect(200);
    assert_eq!(reply.at("/companies/0/id"), reply.at("/companyIds/0"));
    assert_eq!(reply.at("/companies/0/baseProviderId"), json!(company_id(1)));
    assert_eq!(reply.json().get("persons"), None);
}

#[tokio::test]
async fn list_shows_the_callers_and_admins_all() {
    let app = TestApp::start().await;
    let names = |reply: Value| -> Vec<Value> {
        reply.as_array().expect("a bare array").iter().map(|list| list["name"].clone()).collect()
    };
    new_list(&app.member(), json!({"name": "a"})).await;
    app.clock.advance(1);
    new_list(&app.admin(), json!({"name": "b", "userIds": ["user_abc123"]})).await;
    app.clock.advance(1);
    new_list(&app.outside_member(), json!({"name": "c"})).await;
    new_list(&app.other_organisation(), json!({"name": "d"})).await;
    assert_eq!(names(app.member().get(LISTS).await.expect(200).json()), ["b", "a"]);
    assert_eq!(names(app.admin().get(LISTS).await.json()), ["c", "b", "a"]);
    let list = app.member().get(LISTS).await.json();
    assert_eq!(list[0].get("persons"), None, "records come with a single list only");
}

#[tokio::test]
async fn patch() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_list_path(&member, json!({"personIds": [person_id(1), person_id(2)]})).await;
    let before = member.get(&path).await;
    let kept = before.text_at("/personIds/1");
    for body in [json!({}), json!({"name": "January"}), json!({"id": 1, "createdAt": 1, "updatedAt": 1})] {
        app.clock.advance(1);
        assert_eq!(
            member.patch(&path, &body).await.expect(200).bytes,
            before.bytes,
            "{body} changes nothing"
        );
    }
    app.clock.advance(1_000);
    let body = json!({"name": " February ", "personIds": [person_id(3), kept, person_id(3)]});
    let reply = member.patch(&path, &body).await.expect(200);
    assert_eq!(reply.text_at("/name"), "February");
    assert_eq!(reply.text_at("/updatedAt"), "2024-01-25T09:15:01.003Z");
    assert_eq!(reply.header("etag"), Some("\"2\""));
    let names: Vec<Value> = (0..2).map(|at| reply.at(&format!("/persons/{at}/firstName"))).collect();
    assert_eq!(names, ["Cid", "Bob"], "ids replace what the list held, in their order");
    assert_eq!(reply.at("/personIds").as_array().map(Vec::len), Some(2));
    assert_eq!(reply.at("/personIds/1"), json!(kept));
    assert_eq!(member.get(&path).await.bytes, reply.bytes);
    let emptied = member.patch(&path, &json!({"personIds": []})).await.expect(200);
    assert_eq!((emptied.at("/personIds"), emptied.at("/persons")), (json!([]), json!([])));
    let _ = member.patch(&path, &json!({"name": "x"})).if_match("\"2\"").await.expect(412);
    let _ = member.patch(&path, &json!({"name": "x"})).if_match("\"3\"").await.expect(200);
}

#[tokio::test]
async fn patch_names_every_fault() {
    let app = TestApp::start().await;
    let people = new_list_path(&app.member(), json!({})).await;
    let wrong = json!({"type": "person", "name": "\t", "personIds": [1], "companyIds": null, "icpId": null});
    let reply = app.member().patch(&people, &wrong).await;
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
                "type"
              ],
              "message": "The type of a list cannot be changed"
            },
            {
              "path": [
                "name"
              ],
              "message": "String must contain at least 1 character(s)"
            },
            {
              "path": [
                "personIds",
                0
              ],
              "message": "Expected string, received number"
            },
            {
              "path": [
                "companyIds"
              ],
              "message": "Expected array, received null"
            },
            {
              "path": [
                "icpId"
              ],
              "message": "Unrecognized key: 'icpId'"
            }
          ]
        }
      }
    }
    "#);
    let details = app.member().patch(&people, &json!({"companyIds": []})).await.details();
    assert_eq!(details, fault(json!(["companyIds"]), "A person list takes no companyIds"));
    let companies = new_list_path(&app.member(), json!({"type": "company"})).await;
    let details = app.member().patch(&companies, &json!({"personIds": []})).await.details();
    assert_eq!(details, fault(json!(["personIds"]), "A company list takes no personIds"));
    let details = app.member().patch(&companies, &json!({"companyIds": [person_id(1)]})).await.details();
    assert_eq!(details, fault(json!(["companyIds", 0]), &format!("Unknown company: {}", person_id(1))));
}

#[tokio::test]
async fn delete_keeps_the_people() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_list_path(&member, json!({"personIds": [person_id(1)]})).await;
    let person = member.get(&path).await.text_at("/personIds/0");
    let reply = member.delete(&path).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 204
    }
    "#);
    let _ = member.get(&path).await.expect(404);
    let list = new_list(&member, json!({"personIds": [person]})).await;
    assert_eq!(list.at("/personIds"), json!([person]), "the record is still the organisation's");
}

#[tokio::test]
async fn add_companies() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_list_path(&member, json!({"type": "company", "companyIds": [company_id(1)]})).await;
    let add = format!("{path}/add-companies");
    app.clock.advance(1_000);
    let ids = json!({"companyIds": [company_id(2), company_id(1), company_id(2), company_id(3)]});
    let reply = member.post(&add, &ids).await.expect(200);
    let names: Vec<Value> = (0..3).map(|at| reply.at(&format!("/companies/{at}/name"))).collect();
    assert_eq!(names, ["Acme GmbH", "Globex", "Initech"], "put at the end, duplicates skipped");
    assert_eq!(reply.header("etag"), Some("\"2\""));
    let again = member.post(&add, &ids).await.expect(200);
    assert_eq!(again.bytes, reply.bytes, "nothing is added twice");
    let details = member.post(&add, &json!({"companyIds": []})).await.details();
    assert_eq!(details, fault(json!(["companyIds"]), "Array must contain at least 1 element(s)"));
    let details = member.post(&add, &json!({})).await.details();
    assert_eq!(details, fault(json!(["companyIds"]), "Required"));
    let people = new_list_path(&member, json!({})).await;
    let details = member.post(&format!("{people}/add-companies"), &ids).await.details();
    assert_eq!(details, fault(json!([]), "Companies can be added to company lists only"));
}
