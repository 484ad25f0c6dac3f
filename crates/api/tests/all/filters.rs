//! `/api/v1/operations/filters`.

use crate::document::assert_generated;
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

const FILTERS: &str = "/api/v1/operations/filters";

#[tokio::test]
async fn the_whole_language() {
    let app = TestApp::start().await;
    let reply = app.member().get(FILTERS).await.expect(200);
    let text = serde_json::to_string_pretty(&reply.json()).expect("JSON");
    assert_generated("filters.json", &format!("{text}\n"));
    let other = app.other_organisation().get(FILTERS).await.expect(200);
    assert_eq!(other.header("etag"), reply.header("etag"), "the language is the same for everybody");
}

#[tokio::test]
async fn every_example_of_the_reply_is_a_search() {
    let app = TestApp::start().await;
    let member = app.member();
    let language = member.get(FILTERS).await.expect(200).json();
    let described: Vec<&Value> =
        ["facets", "short"].iter().flat_map(|part| language[*part].as_array().expect("an array")).collect();
    assert!(described.len() > 60);
    for one in described {
        for kind in one["for"].as_array().expect("an array") {
            let path = format!("/api/v1/entities/prospects/{}", kind.as_str().expect("a kind"));
            let reply = member.post(&path, &one["example"]).await;
            assert_eq!(reply.status, 200, "{}: {}", one["path"], reply.text());
        }
    }
}

#[tokio::test]
async fn what_the_catalog_has_no_data_for_is_refused() {
    let app = TestApp::start().await;
    let body = json!({"account": {"metric": {"growth": [{"start": 10}], "employee": []}}});
    let reply = app.member().post("/api/v1/entities/prospects/company", &body).await;
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
                "account",
                "metric",
                "growth"
              ],
              "message": "The catalog has no such data"
            },
            {
              "path": [
                "account",
                "metric",
                "employee"
              ],
              "message": "The catalog has no such data"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn the_filters_among_the_examples_are_read() {
    let app = TestApp::start().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/filters");
    let mut read = 0;
    for file in std::fs::read_dir(folder).expect("the folder") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let kind = name.split('-').next().expect("a kind");
            let body: Value = serde_json::from_slice(&std::fs::read(&path).expect("the file")).expect("JSON");
            let reply = app.member().post(&format!("/api/v1/operations/prospects/{kind}/count"), &body).await;
            assert_eq!(reply.status, 200, "{name}: {}", reply.text());
            read += 1;
        }
    }
    assert!(read >= 7);
}
