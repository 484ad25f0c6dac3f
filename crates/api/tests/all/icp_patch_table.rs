//! PATCH of an ICP, key by key: absent, null, wrong type, wrong value, good. The table has every key of the document.

use crate::icp_keys::table;
use crate::support::new_icp_path;
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp, contract};
use std::collections::BTreeSet;

#[test]
fn the_table_has_every_key_of_the_document() {
    let schemas = ["IcpPatch", "LeadProviderCriterion", "CustomFilter", "CrmFilters", "CrmCondition"];
    let mut documented = BTreeSet::new();
    for schema in schemas {
        let properties = &contract::DOCUMENT["components"]["schemas"][schema]["properties"];
        let keys = properties.as_object().unwrap_or_else(|| panic!("{schema} is not in the document"));
        documented.extend(keys.keys().map(|key| (schema, key.as_str())));
    }
    let table = table();
    let covered: BTreeSet<(&str, &str)> = table.iter().map(|key| (key.schema, key.key)).collect();
    assert_eq!(covered, documented);
}

#[tokio::test]
async fn every_key_in_every_state() {
    let app = TestApp::start().await;
    // An admin, because some of the values take the caller out of userIds.
    let admin = app.admin();
    let path = new_icp_path(&admin, json!({})).await;
    let start = admin.get(&path).await.json();
    for key in table() {
        let _ = admin.patch(&path, &start).await.expect(200);
        let mut refused: Vec<(Option<Value>, Value, String)> = Vec::new();
        let mut accepted: Vec<Option<Value>> = key.good.iter().cloned().map(Some).collect();
        match key.absent {
            Some(message) => refused.push((None, json!([]), message.to_owned())),
            None => accepted.push(None),
        }
        match key.null {
            Some(message) => refused.push((Some(Value::Null), json!([]), message.to_owned())),
            None => accepted.push(Some(Value::Null)),
        }
        refused.extend(
            key.bad.iter().map(|(value, below, text)| (Some(value.clone()), below.clone(), text.clone())),
        );
        for (value, below, message) in refused {
            let before = admin.get(&path).await.bytes;
            let body = key.body(value);
            let reply = admin.patch(&path, &body).await;
            let expected = json!([{"path": key.path(&below), "message": message}]);
            let shown: String = body.to_string().chars().take(300).collect();
            assert_eq!(reply.details(), expected, "{shown}");
            assert_eq!(admin.get(&path).await.bytes, before, "nothing is stored: {shown}");
        }
        for value in accepted {
            let body = key.body(value);
            let reply = admin.patch(&path, &body).await;
            assert_eq!(reply.status.as_u16(), 200, "{body}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn a_key_of_another_filter_type_is_not_recognised() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    for (filter, key) in [
        (json!({"type": "maxPeoplePerCompany", "value": 1, "prompt": "p"}), "prompt"),
        (json!({"type": "website", "prompt": "p", "extractionPrompt": "p"}), "extractionPrompt"),
        (json!({"type": "webscraping", "prompt": "p"}), "prompt"),
        (json!({"type": "ai", "entityType": "person", "prompt": "p", "provider": "x"}), "provider"),
        (json!({"type": "matchFieldWithRegex", "field": "firstName", "regex": "x", "value": 1}), "value"),
    ] {
        let details = app.member().patch(&path, &json!({"customFilterCriteria": [filter]})).await.details();
        let expected = format!("Unrecognized key: '{key}'");
        assert_eq!(details, json!([{"path": ["customFilterCriteria", 0, key], "message": expected}]));
    }
}

#[tokio::test]
async fn several_faults_come_at_once_in_document_order() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let body = json!({
        "zeta": 1,
        "crmFilters": {"filters": [{"mode": "in", "value": "x", "extra": 1}, 7]},
        "leadsPerList": "50",
        "customFilterCriteria": [
            {"type": "maxPeoplePerCompany", "value": 5},
            {"type": "nonsense", "value": 5},
            {"value": -1, "type": "minDaysUntilReuse"},
            {"type": "matchFieldWithRegex", "regex": "(", "field": "nope"}
        ],
        "leadProviderCriteria": [{"type": "robot", "filters": {"job_title": [1, ""], "what": 1}}],
        "userIds": [1, "ok", null],
        "name": null
    });
    let details = app.member().patch(&path, &body).await.details();
    insta::assert_json_snapshot!(details, @r#"
    [
      {
        "path": [
          "zeta"
        ],
        "message": "Unrecognized key: 'zeta'"
      },
      {
        "path": [
          "crmFilters",
          "filters",
          0,
          "value"
        ],
        "message": "Expected array, received string"
      },
      {
        "path": [
          "crmFilters",
          "filters",
          0,
          "extra"
        ],
        "message": "Unrecognized key: 'extra'"
      },
      {
        "path": [
          "crmFilters",
          "filters",
          0,
          "path"
        ],
        "message": "Required"
      },
      {
        "path": [
          "crmFilters",
          "filters",
          1
        ],
        "message": "Expected object, received number"
      },
      {
        "path": [
          "crmFilters",
          "provider"
        ],
        "message": "Required"
      },
      {
        "path": [
          "leadsPerList"
        ],
        "message": "Expected number, received string"
      },
      {
        "path": [
          "customFilterCriteria",
          1,
          "type"
        ],
        "message": "Invalid enum value. Expected 'website' | 'webscraping' | 'ai' | 'maxPeoplePerCompany' | 'maxPercentFromCRM' | 'minDaysUntilReuse' | 'matchFieldWithRegex', received 'nonsense'"
      },
      {
        "path": [
          "customFilterCriteria",
          2,
          "value"
        ],
        "message": "Number must be greater than or equal to 0"
      },
      {
        "path": [
          "customFilterCriteria",
          3,
          "regex"
        ],
        "message": "Invalid regex: unclosed group"
      },
      {
        "path": [
          "customFilterCriteria",
          3,
          "field"
        ],
        "message": "Unknown field path: 'nope'"
      },
      {
        "path": [
          "leadProviderCriteria",
          0,
          "type"
        ],
        "message": "Invalid enum value. Expected 'person' | 'company', received 'robot'"
      },
      {
        "path": [
          "leadProviderCriteria",
          0,
          "filters",
          "job_title",
          0
        ],
        "message": "Expected string, received number"
      },
      {
        "path": [
          "leadProviderCriteria",
          0,
          "filters",
          "job_title",
          1
        ],
        "message": "String must contain at least 1 character(s)"
      },
      {
        "path": [
          "leadProviderCriteria",
          0,
          "filters",
          "what"
        ],
        "message": "Unrecognized key: 'what'"
      },
      {
        "path": [
          "leadProviderCriteria",
          0,
          "provider"
        ],
        "message": "Required"
      },
      {
        "path": [
          "userIds",
          0
        ],
        "message": "Expected string, received number"
      },
      {
        "path": [
          "userIds",
          2
        ],
        "message": "Expected string, received null"
      },
      {
        "path": [
          "name"
        ],
        "message": "Expected string, received null"
      }
    ]
    "#);
}

#[tokio::test]
async fn thousands_of_faults_are_cut_at_a_thousand() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let body = json!({"userIds": vec![1; 999], "leadProviderCriteria": vec![json!({"x": 1}); 100]});
    let details = app.member().patch(&path, &body).await.details();
    assert_eq!(details.as_array().map(Vec::len), Some(1_000));
    assert_eq!(details[999]["path"], json!(["leadProviderCriteria", 0, "x"]));
}
