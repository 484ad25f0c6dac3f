//! `/api/v1/entities/icps`, endpoint by endpoint. PATCH has its own files.

use crate::support::{ICPS, NOBODY, icp_body, new_icp, new_icp_path, new_list};
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp, users};

#[tokio::test]
async fn create() {
    let app = TestApp::start().await;
    let reply = app.member().post(ICPS, &icp_body()).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 201,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000001",
        "name": "CTOs",
        "description": null,
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z",
        "userIds": [
          "user_abc123"
        ],
        "leadsPerList": 10,
        "activeUntil": null,
        "leadProviderCriteria": [
          {
            "provider": "baseProvider",
            "filters": {
              "job_title": [
                "CTO"
              ]
            }
          }
        ],
        "customFilterCriteria": [],
        "crmFilters": null
      }
    }
    "#);
}

#[tokio::test]
async fn create_with_everything() {
    let app = TestApp::start().await;
    let body = json!({
        "crmFilters": {"provider": "bullhorn"},
        "customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 2}],
        "leadProviderCriteria": [{"filters": {"company": {"industry": ["Software"]}}, "type": "company", "provider": "baseProvider"}],
        "activeUntil": "2024-12-31T23:59:59.9999+02:00",
        "leadsPerList": 25.0,
        "userIds": ["user_2", "user_abc123", "user_2"],
        "description": "",
        "name": "  Machine builders \n",
        "id": NOBODY, "createdAt": 1, "updatedAt": null
    });
    let reply = app.member().post(ICPS, &body).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 201,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000001",
        "name": "Machine builders",
        "description": "",
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z",
        "userIds": [
          "user_2",
          "user_abc123"
        ],
        "leadsPerList": 25,
        "activeUntil": "2024-12-31T21:59:59.999Z",
        "leadProviderCriteria": [
          {
            "filters": {
              "company": {
                "industry": [
                  "Software"
                ]
              }
            },
            "type": "company",
            "provider": "baseProvider"
          }
        ],
        "customFilterCriteria": [
          {
            "type": "maxPeoplePerCompany",
            "value": 2
          }
        ],
        "crmFilters": {
          "provider": "bullhorn"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn create_names_every_fault() {
    let app = TestApp::start().await;
    let body = json!({"name": "", "leadsPerList": 0, "userIds": "me", "description": 5, "owner": "me"});
    let reply = app.member().post(ICPS, &body).await;
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
                "name"
              ],
              "message": "String must contain at least 1 character(s)"
            },
            {
              "path": [
                "leadsPerList"
              ],
              "message": "Number must be greater than or equal to 1"
            },
            {
              "path": [
                "userIds"
              ],
              "message": "Expected array, received string"
            },
            {
              "path": [
                "description"
              ],
              "message": "Expected string, received number"
            },
            {
              "path": [
                "owner"
              ],
              "message": "Unrecognized key: 'owner'"
            },
            {
              "path": [
                "leadProviderCriteria"
              ],
              "message": "Required"
            }
          ]
        }
      }
    }
    "#);
    assert_eq!(app.member().get(ICPS).await.json(), json!([]), "nothing is stored");
}

#[tokio::test]
async fn create_adds_the_creator_to_the_users() {
    let app = TestApp::start().await;
    let reply = new_icp(&app.member(), json!({"userIds": ["user_2"]})).await;
    assert_eq!(reply.at("/userIds"), json!([users::MEMBER, "user_2"]));
}

#[tokio::test]
async fn get() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let reply = app.member().get(&path).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000001",
        "name": "CTOs",
        "description": null,
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z",
        "userIds": [
          "user_abc123"
        ],
        "leadsPerList": 10,
        "activeUntil": null,
        "leadProviderCriteria": [
          {
            "provider": "baseProvider",
            "filters": {
              "job_title": [
                "CTO"
              ]
            }
          }
        ],
        "customFilterCriteria": [],
        "crmFilters": null
      }
    }
    "#);
    let head = app.member().request(axum::http::Method::HEAD, &path).await;
    assert_eq!((head.status.as_u16(), head.header("etag")), (200, Some("\"1\"")));
}

#[tokio::test]
async fn list_is_a_bare_array_newest_first() {
    let app = TestApp::start().await;
    let names = |reply: Value| -> Vec<Value> {
        reply.as_array().expect("a bare array").iter().map(|icp| icp["name"].clone()).collect()
    };
    assert_eq!(app.member().get(ICPS).await.expect(200).json(), json!([]));
    for name in ["a", "b", "c"] {
        new_icp(&app.member(), json!({"name": name})).await;
        app.clock.advance(1);
    }
    new_icp(&app.outside_member(), json!({"name": "d"})).await;
    new_icp(&app.other_organisation(), json!({"name": "e"})).await;
    let list = app.member().get(ICPS).await.expect(200);
    assert_eq!(names(list.json()), ["c", "b", "a"], "those whose userIds has the caller");
    assert_eq!(names(app.admin().get(ICPS).await.json()), Vec::<Value>::new(), "for admins too");
    assert_eq!(names(app.admin().get(&format!("{ICPS}?all=true")).await.json()), ["d", "c", "b", "a"]);
    assert_eq!(names(app.admin().get(&format!("{ICPS}?all=false")).await.json()), Vec::<Value>::new());
    let member = app.member().get(&format!("{ICPS}?all=true")).await.expect(200);
    assert_eq!(names(member.json()), ["c", "b", "a"], "all is for admins only");
    let reply = app.admin().get(&format!("{ICPS}?all=yes")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "BAD_REQUEST",
          "message": "Invalid request parameters",
          "details": [
            {
              "path": [
                "all"
              ],
              "message": "Invalid enum value. Expected 'false' | 'true', received 'yes'"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn delete() {
    let app = TestApp::start().await;
    let member = app.member();
    let icp = new_icp(&member, json!({})).await.id();
    let list = new_list(&member, json!({"icpId": icp})).await;
    assert_eq!(list.at("/icpId"), json!(icp));
    let path = format!("{ICPS}/{icp}");
    let reply = member.delete(&path).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 204
    }
    "#);
    let _ = member.get(&path).await.expect(404);
    let _ = member.delete(&path).await.expect(404);
    let list = member.get(&format!("/api/v1/entities/leadlists/{}", list.id())).await.expect(200);
    assert_eq!(list.at("/icpId"), Value::Null, "its lists stay, without ICP");
}

#[tokio::test]
async fn clone() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({"description": "d", "userIds": ["user_2"]})).await;
    app.clock.advance(5);
    let reply = app.admin().post_empty(&format!("{path}/clone")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 201,
      "etag": "\"1\"",
      "body": {
        "id": "018d3fe6-b225-7000-8000-000000000002",
        "name": "CTOs (copy)",
        "description": "d",
        "createdAt": "2024-01-25T09:15:00.005Z",
        "updatedAt": "2024-01-25T09:15:00.005Z",
        "userIds": [
          "user_admin",
          "user_abc123",
          "user_2"
        ],
        "leadsPerList": 10,
        "activeUntil": null,
        "leadProviderCriteria": [
          {
            "provider": "baseProvider",
            "filters": {
              "job_title": [
                "CTO"
              ]
            }
          }
        ],
        "customFilterCriteria": [],
        "crmFilters": null
      }
    }
    "#);
    let long = new_icp_path(&app.member(), json!({"name": "ü".repeat(255)})).await;
    let copy = app.member().post(&format!("{long}/clone"), &json!({})).await.expect(201);
    assert_eq!(copy.text_at("/name"), format!("{} (copy)", "ü".repeat(248)));
    let details = app.member().post(&format!("{long}/clone"), &json!({"name": "x"})).await.details();
    assert_eq!(details, json!([{"path": ["name"], "message": "Unrecognized key: 'name'"}]));
}

#[tokio::test]
async fn versions() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    app.clock.advance(1_000);
    let changed = json!({"leadsPerList": 20, "name": "Chiefs", "description": null});
    let _ = app.admin().patch(&path, &changed).await.expect(200);
    let reply = app.member().get(&format!("{path}/versions")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": [
        {
          "version": 2,
          "userId": "user_admin",
          "createdAt": "2024-01-25T09:15:01.000Z",
          "changed": [
            "name",
            "leadsPerList"
          ],
          "icp": {
            "id": "018d3fe6-b220-7000-8000-000000000001",
            "name": "Chiefs",
            "description": null,
            "createdAt": "2024-01-25T09:15:00.000Z",
            "updatedAt": "2024-01-25T09:15:01.000Z",
            "userIds": [
              "user_abc123"
            ],
            "leadsPerList": 20,
            "activeUntil": null,
            "leadProviderCriteria": [
              {
                "provider": "baseProvider",
                "filters": {
                  "job_title": [
                    "CTO"
                  ]
                }
              }
            ],
            "customFilterCriteria": [],
            "crmFilters": null
          }
        },
        {
          "version": 1,
          "userId": "user_abc123",
          "createdAt": "2024-01-25T09:15:00.000Z",
          "changed": [
            "name",
            "description",
            "userIds",
            "leadsPerList",
            "activeUntil",
            "leadProviderCriteria",
            "customFilterCriteria",
            "crmFilters",
            "schedule"
          ],
          "icp": {
            "id": "018d3fe6-b220-7000-8000-000000000001",
            "name": "CTOs",
            "description": null,
            "createdAt": "2024-01-25T09:15:00.000Z",
            "updatedAt": "2024-01-25T09:15:00.000Z",
            "userIds": [
              "user_abc123"
            ],
            "leadsPerList": 10,
            "activeUntil": null,
            "leadProviderCriteria": [
              {
                "provider": "baseProvider",
                "filters": {
                  "job_title": [
                    "CTO"
                  ]
                }
              }
            ],
            "customFilterCriteria": [],
            "crmFilters": null
          }
        }
      ]
    }
    "#);
    let first = app.member().get(&format!("{path}/versions/1")).await.expect(200);
    assert_eq!(first.json(), reply.json()[1]);
    assert!(first.header("etag").is_some_and(|tag| tag.starts_with('"') && tag.ends_with('"')));
    let second = app.member().get(&format!("{path}/versions/2")).await.expect(200);
    assert_eq!(second.json(), reply.json()[0]);
}

#[tokio::test]
async fn versions_come_by_the_page() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_icp_path(&member, json!({})).await;
    for leads in 11..35 {
        let _ = member.patch(&path, &json!({"leadsPerList": leads})).await.expect(200);
    }
    let numbers = async |query: &str| -> Vec<i64> {
        let reply = member.get(&format!("{path}/versions{query}")).await.expect(200).json();
        let versions = reply.as_array().expect("a bare array");
        versions.iter().map(|version| version["version"].as_i64().expect("a number")).collect()
    };
    assert_eq!(numbers("").await, (6..=25).rev().collect::<Vec<_>>());
    assert_eq!(numbers("?limit=2&before=6").await, [5, 4]);
    assert_eq!(numbers("?limit=100").await.len(), 25);
    let reply = member.get(&format!("{path}/versions?limit=0&before=x")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "BAD_REQUEST",
          "message": "Invalid request parameters",
          "details": [
            {
              "path": [
                "before"
              ],
              "message": "Expected number, received string"
            },
            {
              "path": [
                "limit"
              ],
              "message": "Number must be greater than or equal to 1"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_version_that_is_not_there() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let reply = app.member().get(&format!("{path}/versions/2")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 404,
      "body": {
        "error": {
          "code": "NOT_FOUND",
          "message": "ICP version not found: 018d3fe6-b220-7000-8000-000000000001/2"
        }
      }
    }
    "#);
    for number in ["0", "-1", "01", "+1", "1.0", "x", "99999999999999999999"] {
        let _ = app.member().get(&format!("{path}/versions/{number}")).await.expect(404);
    }
    let _ = app.outside_member().get(&format!("{path}/versions/x")).await.expect(403);
    let _ = app.other_organisation().get(&format!("{path}/versions/x")).await.expect(404);
}
