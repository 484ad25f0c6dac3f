//! `/api/v1/operations/autocomplete`.

use serde_json::{Value, json};
use sluice_model::person::{Education, Institution, LanguageSkill};
use sluice_testkit::records::{CompanyBuilder, PersonBuilder, company_id, person_id};
use sluice_testkit::{Caller, TestApp};

const AUTOCOMPLETE: &str = "/api/v1/operations/autocomplete";

/// An app with two people and a company that have everything.
async fn start() -> TestApp {
    let app = TestApp::start_empty().await;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let acme = CompanyBuilder::new(1, "Acme GmbH", "acme.example")
        .with(|company| {
            company.keywords = words(&["payments"]);
            company.technologies = words(&["Kubernetes"]);
        })
        .build();
    let ada = PersonBuilder::new(1, "Ada", "Lee").at(&acme).with(|person| {
        person.skills = words(&["Rust", "Kubernetes"]);
        person.headline = Some("Builds engines".to_owned());
        person.city = Some("Zürich".to_owned());
        person.languages = vec![LanguageSkill { language: "German".to_owned(), level: None }];
        person.educations = vec![Education {
            institution: Institution { name: Some("ETH Zürich".to_owned()), ..Institution::default() },
            degree_name: Some("MSc".to_owned()),
            field_of_study: Some("Physics".to_owned()),
            ..Education::default()
        }];
    });
    let bob = PersonBuilder::new(2, "Bob", "Stone")
        .at(&acme)
        .with(|person| person.skills = words(&["rust", "Rust"]));
    app.catalog().put_company(acme);
    app.catalog().put_person(ada.build());
    app.catalog().put_person(bob.build());
    app
}

#[tokio::test]
async fn classifications() {
    let app = start().await;
    let member = app.member();
    let reply = member.get(&format!("{AUTOCOMPLETE}/classifications?group=PERSON&key=SKILL&search=ru")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "content": [
          {
            "value": "Rust",
            "count": 2
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
    for (group, key, text, expected) in [
        ("PERSON", "SKILL", "kubernets", json!([{"value": "Kubernetes", "count": 1}])),
        ("PERSON", "HEADLINE", "ct", json!([{"value": "CTO", "count": 2}])),
        ("PERSON", "DEGREE", "", json!([{"value": "MSc", "count": 1}])),
        ("PERSON", "FIELD_OF_STUDY", "p", json!([{"value": "Physics", "count": 1}])),
        ("PERSON", "LANGUAGE", "GERMAN", json!([{"value": "German", "count": 1}])),
        ("COMPANY", "INDUSTRY", "soft", json!([{"value": "Software", "count": 1}])),
        ("COMPANY", "KEYWORD", "pay", json!([{"value": "payments", "count": 1}])),
        ("COMPANY", "TECHNOLOGY", "rust", json!([])),
    ] {
        for name in ["search", "value"] {
            let query = format!("group={group}&key={key}&{name}={text}");
            let reply = member.get(&format!("{AUTOCOMPLETE}/classifications?{query}")).await.expect(200);
            assert_eq!(reply.at("/content"), expected, "{query}");
        }
    }
}

#[tokio::test]
async fn the_other_kinds() {
    let app = start().await;
    let member = app.member();
    for (path, expected) in [
        ("locations?search=zurich", json!([{"value": "Zürich", "level": "city", "count": 1}])),
        ("locations?search=ger", json!([{"value": "Germany", "level": "country", "count": 3}])),
        (
            "companies?search=acme",
            json!([{"id": company_id(1), "name": "Acme GmbH", "domain": "acme.example", "count": 2}]),
        ),
        ("people?search=lee", json!([{"id": person_id(1), "name": "Ada Lee", "detail": "CTO, Acme GmbH"}])),
        ("schools?value=eth", json!([{"value": "ETH Zürich", "count": 1}])),
        ("schools?value=mit", json!([])),
    ] {
        let reply = member.get(&format!("{AUTOCOMPLETE}/{path}")).await.expect(200);
        assert_eq!(reply.at("/content"), expected, "{path}");
    }
    let reply = member.get(&format!("{AUTOCOMPLETE}/person-metadata?search=c")).await.expect(200);
    assert_eq!(reply.json(), json!([{"key": "CTO", "value": 2}]), "a bare array");
}

#[tokio::test]
async fn pages() {
    let app = start().await;
    let path = format!("{AUTOCOMPLETE}/classifications?group=PERSON&key=SKILL");
    let mut found = Vec::new();
    for page in ["&size=1", "&size=1&page=1", "&size=1&page=2", "&size=0", ""] {
        let reply = app.member().get(&format!("{path}{page}")).await.expect(200).json();
        let values: Vec<&Value> =
            reply["content"].as_array().expect("an array").iter().map(|one| &one["value"]).collect();
        found.push(json!([values, reply["totalElements"], reply["last"]]));
    }
    assert_eq!(
        found,
        [
            json!([["Rust"], 2, false]),
            json!([["Kubernetes"], 2, true]),
            json!([[], 2, true]),
            json!([[], 2, true]),
            json!([["Rust", "Kubernetes"], 2, true]),
        ]
    );
}

#[tokio::test]
async fn every_fault_of_the_parameters_is_named() {
    let app = TestApp::start_empty().await;
    let member = app.member();
    let reply =
        member.get(&format!("{AUTOCOMPLETE}/classifications?page=-1&size=101&search=a&value=b")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "VALIDATION_ERROR",
          "message": "Invalid request parameters",
          "details": [
            {
              "path": [
                "group"
              ],
              "message": "Required"
            },
            {
              "path": [
                "key"
              ],
              "message": "Required"
            },
            {
              "path": [
                "value"
              ],
              "message": "'search' and 'value' exclude each other"
            },
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
            }
          ]
        }
      }
    }
    "#);
    let long = "x".repeat(201);
    for (path, fault, message) in [
        ("classifications?group=PERSON", "key", "Required"),
        (
            "classifications?group=STAFF&key=SKILL",
            "group",
            "Invalid enum value. Expected 'PERSON' | 'COMPANY', received 'STAFF'",
        ),
        (
            "classifications?group=PERSON&key=INDUSTRY",
            "key",
            "Invalid enum value. Expected 'SKILL' | 'HEADLINE' | 'DEGREE' | 'FIELD_OF_STUDY' | 'LANGUAGE', received 'INDUSTRY'",
        ),
        (
            "classifications?group=COMPANY&key=SKILL",
            "key",
            "Invalid enum value. Expected 'INDUSTRY' | 'KEYWORD' | 'TECHNOLOGY', received 'SKILL'",
        ),
        ("schools?page=101&size=100", "page", "page × size must not be more than 10000"),
        ("locations?size=ten", "size", "Expected number, received string"),
        (&format!("people?search={long}"), "search", "String must contain at most 200 character(s)"),
        ("companies?search=%00&page=x", "page", "Expected number, received string"),
        ("person-metadata?size=-1", "size", "Number must be greater than or equal to 0"),
    ] {
        let reply = member.get(&format!("{AUTOCOMPLETE}/{path}")).await.expect(400);
        assert_eq!(reply.text_at("/error/code"), "VALIDATION_ERROR", "{path}");
        assert_eq!(reply.details(), json!([{"path": [fault], "message": message}]), "{path}");
    }
}
