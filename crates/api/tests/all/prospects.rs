//! `/api/v1/entities/prospects` and `/api/v1/operations/prospects`.

use serde_json::{Value, json};
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp};

const PEOPLE: &str = "/api/v1/entities/prospects/person";
const COMPANIES: &str = "/api/v1/entities/prospects/company";

fn names(reply: &Value) -> Vec<&str> {
    let content = reply["content"].as_array().expect("an array");
    content.iter().map(|lead| lead["firstName"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn search_people() {
    let app = TestApp::start().await;
    let body = json!({"size": 1, "contact": {"fullName": {"any": {"include": ["Eve Frost"]}}}});
    let reply = app.member().post(PEOPLE, &body).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "content": [
          {
            "id": "0a000000-0000-4000-8000-000000000005",
            "createdAt": null,
            "updatedAt": null,
            "firstName": "Eve",
            "lastName": "Frost",
            "jobTitle": "CTO",
            "city": null,
            "postalCode": null,
            "country": "Austria",
            "linkedinUrl": "https://www.linkedin.com/in/eve-frost",
            "phones": [],
            "emails": [
              "eve-frost@mail.example"
            ],
            "companyId": "0c000000-0000-4000-8000-000000000003",
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
                  "id": "0c000000-0000-4000-8000-000000000003",
                  "name": "Initech",
                  "logoUrl": null,
                  "linkedinUrl": null,
                  "employees": null,
                  "domain": "initech.example"
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
            "observedAt": "2022-01-03T00:00:00.000Z",
            "baseProviderId": "0a000000-0000-4000-8000-000000000005",
            "bullhornId": null,
            "crmId": null,
            "leadOwnerId": null,
            "consentStatus": "UNKNOWN",
            "consentSource": null,
            "consentUpdatedAt": null,
            "deletedAt": null,
            "company": {
              "id": "0c000000-0000-4000-8000-000000000003",
              "createdAt": null,
              "updatedAt": null,
              "name": "Initech",
              "description": null,
              "summary": null,
              "headcount": "11-50",
              "industry": "Banking",
              "phones": [],
              "linkedinUrl": null,
              "websiteUrl": "https://www.initech.example",
              "domain": "initech.example",
              "city": null,
              "postalCode": null,
              "country": "Austria",
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
              },
              "observedAt": "2022-01-05T00:00:00.000Z"
            },
            "clientContact": null
          }
        ],
        "totalElements": 1,
        "totalPages": 1,
        "number": 0,
        "size": 1,
        "first": true,
        "last": true,
        "numberOfElements": 1,
        "empty": false
      }
    }
    "#);
}

#[tokio::test]
async fn pages_have_the_documented_envelope() {
    let app = TestApp::start().await;
    let member = app.member();
    let mut envelopes = Vec::new();
    let mut found = Vec::new();
    for (page, size) in [(0, 3), (1, 3), (2, 3), (3, 3), (0, 0), (0, 100)] {
        let mut reply = member.post(PEOPLE, &json!({"page": page, "size": size})).await.expect(200).json();
        found.push(names(&reply).join(" "));
        reply.as_object_mut().expect("an object").shift_remove("content");
        envelopes.push(reply.to_string());
    }
    assert_eq!(found, ["Ada Bob Cid", "Dee Eve Fay", "Ada", "", "", "Ada Bob Cid Dee Eve Fay Ada"]);
    insta::assert_json_snapshot!(envelopes, @r#"
    [
      "{\"totalElements\":7,\"totalPages\":3,\"number\":0,\"size\":3,\"first\":true,\"last\":false,\"numberOfElements\":3,\"empty\":false,\"nextCursor\":\"3d28d771636440c20a000000000040008000000000000003\"}",
      "{\"totalElements\":7,\"totalPages\":3,\"number\":1,\"size\":3,\"first\":false,\"last\":false,\"numberOfElements\":3,\"empty\":false,\"nextCursor\":\"3d28ca8b6f520f850a000000000040008000000000000006\"}",
      "{\"totalElements\":7,\"totalPages\":3,\"number\":2,\"size\":3,\"first\":false,\"last\":true,\"numberOfElements\":1,\"empty\":false}",
      "{\"totalElements\":7,\"totalPages\":3,\"number\":3,\"size\":3,\"first\":false,\"last\":true,\"numberOfElements\":0,\"empty\":true}",
      "{\"totalElements\":7,\"totalPages\":0,\"number\":0,\"size\":0,\"first\":true,\"last\":true,\"numberOfElements\":0,\"empty\":true}",
      "{\"totalElements\":7,\"totalPages\":1,\"number\":0,\"size\":100,\"first\":true,\"last\":true,\"numberOfElements\":7,\"empty\":false}"
    ]
    "#);
    let reply = member.post(PEOPLE, &json!({})).await.json();
    assert_eq!((reply["number"].clone(), reply["size"].clone()), (json!(0), json!(10)), "the defaults");
}

#[tokio::test]
async fn search_names_every_fault() {
    let app = TestApp::start().await;
    let body =
        json!({"page": -1, "size": 101, "sort": "x", "url": ["a"], "contact": {"foo": 1}, "account": 5});
    let reply = app.member().post(PEOPLE, &body).await;
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
                "page"
              ],
              "message": "Number must be greater than or equal to 0"
            },
            {
              "path": [
                "size"
              ],
              "message": "Number must be less than or equal to 100"
            },
            {
              "path": [
                "sort"
              ],
              "message": "Invalid enum value. Expected 'rank' | 'relevance', received 'x'"
            },
            {
              "path": [
                "url"
              ],
              "message": "Unrecognized key: 'url'"
            },
            {
              "path": [
                "contact",
                "foo"
              ],
              "message": "Unrecognized key: 'foo'"
            },
            {
              "path": [
                "account"
              ],
              "message": "Expected object, received number"
            }
          ]
        }
      }
    }
    "#);
    let details = app.member().post(PEOPLE, &json!({"page": 200, "size": 100})).await.details();
    assert_eq!(details[0]["path"], json!(["page"]));
}

#[tokio::test]
async fn search_companies() {
    let app = TestApp::start().await;
    let reply = app.member().post(COMPANIES, &json!({"url": ["https://shop.initech.example/x"]})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "content": [
          {
            "id": "0c000000-0000-4000-8000-000000000003",
            "createdAt": null,
            "updatedAt": null,
            "name": "Initech",
            "description": null,
            "summary": null,
            "headcount": "11-50",
            "industry": "Banking",
            "phones": [],
            "linkedinUrl": null,
            "websiteUrl": "https://www.initech.example",
            "domain": "initech.example",
            "city": null,
            "postalCode": null,
            "country": "Austria",
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
            },
            "observedAt": "2022-01-05T00:00:00.000Z"
          }
        ],
        "totalElements": 1,
        "totalPages": 1,
        "number": 0,
        "size": 10,
        "first": true,
        "last": true,
        "numberOfElements": 1,
        "empty": false
      }
    }
    "#);
    let all = app.member().post(COMPANIES, &json!({"account": {}})).await.expect(200);
    assert_eq!(all.at("/totalElements"), json!(4));
    let none = app.member().post(COMPANIES, &json!({"url": ["nowhere.example", "no url at all"]})).await;
    assert_eq!(none.expect(200).at("/totalElements"), json!(0));
}

#[tokio::test]
async fn get_one() {
    let app = TestApp::start().await;
    let person = app.member().get(&format!("{PEOPLE}/{}", person_id(5))).await.expect(200);
    let search = json!({"contact": {"fullName": {"any": {"include": ["Eve Frost"]}}}});
    assert_eq!(person.json(), app.member().post(PEOPLE, &search).await.at("/content/0"));
    assert!(person.header("etag").is_some());
    let company = app.member().get(&format!("{COMPANIES}/{}", company_id(3))).await.expect(200);
    assert_eq!(company.json(), person.at("/company"));
    assert!(company.header("etag").is_some());
    let again = app.other_organisation().get(&format!("{COMPANIES}/{}", company_id(3))).await;
    assert_eq!(again.header("etag"), company.header("etag"), "the same body has the same tag");
    let upper = format!("{PEOPLE}/{}", person_id(5).to_string().to_uppercase());
    let _ = app.member().get(&upper).await.expect(200);
}

#[tokio::test]
async fn count_people() {
    let app = TestApp::start().await;
    let body = json!({"facets": ["seniority", "country", "title"], "page": "ignored", "contact": {"seniority": {"any": {"include": ["c_suite"]}}}});
    let reply = app.member().post("/api/v1/operations/prospects/person/count", &body).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "totalElements": 7,
        "facets": {
          "country": [
            {
              "value": "DE",
              "count": 6
            },
            {
              "value": "AT",
              "count": 1
            }
          ],
          "seniority": [
            {
              "value": "c_suite",
              "count": 7
            }
          ],
          "title": [
            {
              "value": "CTO",
              "count": 5
            },
            {
              "value": "Designer",
              "count": 1
            },
            {
              "value": "VP Engineering",
              "count": 1
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn count_companies() {
    let app = TestApp::start().await;
    let path = "/api/v1/operations/prospects/company/count";
    let reply = app.member().post(path, &json!({"facets": ["industry", "country"]})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "totalElements": 4,
        "facets": {
          "country": [
            {
              "value": "DE",
              "count": 3
            },
            {
              "value": "AT",
              "count": 1
            }
          ],
          "industry": [
            {
              "value": "Software",
              "count": 3
            },
            {
              "value": "Banking",
              "count": 1
            }
          ]
        }
      }
    }
    "#);
    let reply = app.member().post(path, &json!({"facets": ["seniority"], "contact": {}})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "VALIDATION_ERROR",
          "message": "Invalid request body",
          "details": [
            {
              "path": [
                "facets",
                0
              ],
              "message": "Invalid enum value. Expected 'industry' | 'country' | 'employeeSize', received 'seniority'"
            },
            {
              "path": [
                "contact"
              ],
              "message": "A search for companies takes no 'contact' part"
            }
          ]
        }
      }
    }
    "#);
}
