//! The decisions of a run.

use crate::runs::{finished, operations};
use crate::support::{RUNS, SUPPRESSIONS};
use serde_json::{Value, json};
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn decisions_tell_why() {
    let app = TestApp::start().await;
    let entry = json!({"kind": "person", "value": person_id(3), "reason": "customer"});
    let _ = app.member().post(SUPPRESSIONS, &entry).await.expect(201);
    let rules = json!({"customFilterCriteria": [{"type": "matchFieldWithRegex", "field": "country", "regex": "^Germany$"}]});
    let icp = operations(&app.member(), rules).await;
    let run = finished(&app, &icp, json!({})).await;
    let path = format!("{RUNS}/{}/decisions", run.id());
    let reply = app.member().get(&path).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "items": [
          {
            "sequence": 1,
            "candidate": {
              "id": "0a000000-0000-4000-8000-000000000001",
              "type": "person",
              "name": "Ada Lee",
              "jobTitle": "CTO",
              "company": "Acme GmbH"
            },
            "sources": [
              {
                "provider": "baseProvider",
                "criterion": 0
              }
            ],
            "verdict": "accepted",
            "stage": "accept",
            "reason": null,
            "filterIndex": null,
            "filterType": null,
            "icpVersion": 1,
            "observed": null,
            "threshold": null,
            "sentence": "Accepted as lead 1 of 10.",
            "evidence": [],
            "cost": {
              "credits": 0,
              "calls": 0
            }
          },
          {
            "sequence": 2,
            "candidate": {
              "id": "0a000000-0000-4000-8000-000000000003",
              "type": "person",
              "name": "Cid Marsh",
              "jobTitle": "CTO",
              "company": "Globex"
            },
            "sources": [
              {
                "provider": "baseProvider",
                "criterion": 0
              }
            ],
            "verdict": "dropped",
            "stage": "suppression",
            "reason": "person suppressed",
            "filterIndex": null,
            "filterType": null,
            "icpVersion": 1,
            "observed": "0a000000-0000-4000-8000-000000000003",
            "threshold": {
              "suppressionId": "018d3fe6-b220-7000-8000-000000000001",
              "kind": "person"
            },
            "sentence": "The person 0a000000-0000-4000-8000-000000000003 is on the suppression list: customer.",
            "evidence": [],
            "cost": {
              "credits": 0,
              "calls": 0
            }
          },
          {
            "sequence": 3,
            "candidate": {
              "id": "0a000000-0000-4000-8000-000000000005",
              "type": "person",
              "name": "Eve Frost",
              "jobTitle": "CTO",
              "company": "Initech"
            },
            "sources": [
              {
                "provider": "baseProvider",
                "criterion": 0
              }
            ],
            "verdict": "dropped",
            "stage": "rules",
            "reason": "country does not match",
            "filterIndex": 0,
            "filterType": "matchFieldWithRegex",
            "icpVersion": 1,
            "observed": [
              "Austria"
            ],
            "threshold": "^Germany$",
            "sentence": "country is \"Austria\", which does not match ^Germany$.",
            "evidence": [],
            "cost": {
              "credits": 0,
              "calls": 0
            }
          },
          {
            "sequence": 4,
            "candidate": {
              "id": "0a000000-0000-4000-8000-000000000006",
              "type": "person",
              "name": "Fay Holt",
              "jobTitle": "CTO",
              "company": null
            },
            "sources": [
              {
                "provider": "baseProvider",
                "criterion": 0
              }
            ],
            "verdict": "accepted",
            "stage": "accept",
            "reason": null,
            "filterIndex": null,
            "filterType": null,
            "icpVersion": 1,
            "observed": null,
            "threshold": null,
            "sentence": "Accepted as lead 2 of 10.",
            "evidence": [],
            "cost": {
              "credits": 0,
              "calls": 0
            }
          },
          {
            "sequence": 5,
            "candidate": {
              "id": "0a000000-0000-4000-8000-000000000007",
              "type": "person",
              "name": "Ada Lee-Marsh",
              "jobTitle": "CTO",
              "company": "Globex"
            },
            "sources": [
              {
                "provider": "baseProvider",
                "criterion": 0
              }
            ],
            "verdict": "dropped",
            "stage": "identity",
            "reason": "same e-mail",
            "filterIndex": null,
            "filterType": null,
            "icpVersion": 1,
            "observed": {
              "sequence": 1,
              "candidateId": "0a000000-0000-4000-8000-000000000001",
              "value": "ada-lee@mail.example"
            },
            "threshold": null,
            "sentence": "Same e-mail address as candidate 1.",
            "evidence": [],
            "cost": {
              "credits": 0,
              "calls": 0
            }
          }
        ],
        "nextCursor": null
      }
    }
    "#);
    let sequences = async |query: &str| -> Value {
        let page = app.member().get(&format!("{path}{query}")).await.expect(200).json();
        let items: Vec<&Value> =
            page["items"].as_array().expect("an array").iter().map(|item| &item["sequence"]).collect();
        json!([items, page["nextCursor"]])
    };
    assert_eq!(sequences("?limit=2").await, json!([[1, 2], "2"]));
    assert_eq!(sequences("?limit=2&cursor=2").await, json!([[3, 4], "4"]));
    assert_eq!(sequences("?limit=2&cursor=4").await, json!([[5], null]));
    assert_eq!(sequences("?verdict=accepted").await, json!([[1, 4], null]));
    assert_eq!(sequences("?stage=suppression").await, json!([[2], null]));
    assert_eq!(sequences("?verdict=unknown").await, json!([[], null]));
    assert_eq!(sequences(&format!("?personId={}", person_id(5))).await, json!([[3], null]));
    let wrong = app.member().get(&format!("{path}?verdict=x&stage=y&personId=z&cursor=-1&limit=0")).await;
    assert_eq!(wrong.details().as_array().map(Vec::len), Some(5));
}
