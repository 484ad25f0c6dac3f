//! What PATCH does to an ICP besides setting fields: versions, times, crowds, preconditions.

use crate::support::{fault, new_icp_path};
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp, users};

#[tokio::test]
async fn an_empty_patch_changes_nothing() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_icp_path(&member, json!({"leadsPerList": 7})).await;
    let before = member.get(&path).await;
    app.clock.advance(1_000);
    for body in [
        json!({}),
        json!({"leadsPerList": 7}),
        json!({"name": " CTOs "}),
        json!({"description": null}),
        json!({"id": 1, "createdAt": [], "updatedAt": "never"}),
        before.json(),
    ] {
        let reply = member.patch(&path, &body).await.expect(200);
        assert_eq!(reply.text(), before.text(), "{body}");
        assert_eq!(reply.header("etag"), before.header("etag"));
    }
    let versions = member.get(&format!("{path}/versions")).await.json();
    assert_eq!(versions.as_array().map(Vec::len), Some(1), "no version is made");
}

#[tokio::test]
async fn updated_at_strictly_grows_whatever_the_clock_does() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_icp_path(&member, json!({})).await;
    let mut seen = vec![member.get(&path).await.text_at("/updatedAt")];
    for (leads, step) in [(1, 0), (2, 0), (3, -86_400_000), (4, -5), (5, 0), (6, 2 * 86_400_000), (7, 0)] {
        app.clock.advance(step);
        let reply = member.patch(&path, &json!({"leadsPerList": leads})).await.expect(200);
        assert_eq!(reply.text_at("/createdAt"), "2024-01-25T09:15:00.000Z");
        seen.push(reply.text_at("/updatedAt"));
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted);
    assert_eq!(seen[5], "2024-01-25T09:15:00.005Z");
    assert_eq!(seen[7], "2024-01-26T09:14:59.996Z");
}

#[tokio::test]
async fn criteria_come_back_as_they_were_sent() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let sent = concat!(
        r#"{"leadProviderCriteria":[{"filters":{"company_size":["1,001 – 5,000","501-1000"],"#,
        r#""company":{"employee_size":{"max":50.0,"min":10}},"job_titles":["CTO","cto","Ingénieur \u0022x\u0022"]},"#,
        r#""provider":"baseProvider"}],"customFilterCriteria":[{"value":2.0,"type":"minDaysUntilReuse"},"#,
        r#"{"value":0.5,"type":"maxPercentFromCRM"}],"crmFilters":{"filters":[],"query":null,"provider":"bullhorn"}}"#
    );
    let request = app.member().request(axum::http::Method::PATCH, &path).raw_json(sent);
    let reply = request.await.expect(200);
    let got = reply.text();
    for part in [
        r#""leadProviderCriteria":[{"filters":{"company_size":["1,001 – 5,000","501-1000"],"company":{"employee_size":{"max":50.0,"min":10}},"job_titles":["CTO","cto","Ingénieur \"x\""]},"provider":"baseProvider"}]"#,
        r#""customFilterCriteria":[{"value":2.0,"type":"minDaysUntilReuse"},{"value":0.5,"type":"maxPercentFromCRM"}]"#,
        r#""crmFilters":{"filters":[],"query":null,"provider":"bullhorn"}"#,
    ] {
        assert!(got.contains(part), "{part}\nis not in\n{got}");
    }
    assert_eq!(app.member().get(&path).await.text(), got);
}

#[tokio::test]
async fn people_and_companies_do_not_mix() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_icp_path(&member, json!({})).await;
    let person = json!({"provider": "baseProvider", "filters": {}});
    let company = json!({"provider": "baseProvider", "type": "company", "filters": {}});
    let mixed = "An ICP searches either people or companies, not both";
    let body = json!({"leadProviderCriteria": [person, company, person, company]});
    let details = member.patch(&path, &body).await.details();
    assert_eq!(
        details,
        json!([
            {"path": ["leadProviderCriteria", 1, "type"], "message": mixed},
            {"path": ["leadProviderCriteria", 3, "type"], "message": mixed},
        ])
    );
    let _ = member.patch(&path, &json!({"leadProviderCriteria": [company, company]})).await.expect(200);
    let field = json!({"customFilterCriteria": [{"type": "matchFieldWithRegex", "field": "firstName", "regex": "A"}]});
    let details = member.patch(&path, &field).await.details();
    let expected = "Unknown field path for a company search: 'firstName'";
    assert_eq!(details, fault(json!(["customFilterCriteria", 0, "field"]), expected));
    let both =
        json!({"leadProviderCriteria": [person], "customFilterCriteria": field["customFilterCriteria"]});
    let _ = member.patch(&path, &both).await.expect(200);
    let details = member.patch(&path, &json!({"leadProviderCriteria": [company]})).await.details();
    assert_eq!(details[0]["path"], json!(["customFilterCriteria", 0, "field"]), "stored rules count too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_patches_of_different_fields_all_survive() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..64_u32 {
        let (member, path) = (app.member(), path.clone());
        let body = match number % 4 {
            0 => json!({"name": format!("name {number}")}),
            1 => json!({"description": format!("description {number}")}),
            2 => json!({"leadsPerList": number + 1}),
            _ => json!({"customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": number}]}),
        };
        tasks.spawn(async move { member.patch(&path, &body).await.expect(200) });
    }
    let replies = tasks.join_all().await;
    assert_eq!(replies.len(), 64);
    let last = app.member().get(&path).await;
    assert!(last.text_at("/name").starts_with("name "));
    assert!(last.text_at("/description").starts_with("description "));
    assert_ne!(last.at("/leadsPerList"), json!(10));
    assert_ne!(last.at("/customFilterCriteria"), json!([]));
    assert_eq!(last.header("etag"), Some("\"65\""), "each made a version");
    let versions = app.member().get(&format!("{path}/versions?limit=100")).await.json();
    let times: Vec<&str> = versions
        .as_array()
        .expect("an array")
        .iter()
        .map(|v| v["createdAt"].as_str().expect("a time"))
        .collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "updatedAt strictly grows: {times:?}");
    let mut tags: Vec<&str> = replies.iter().filter_map(|reply| reply.header("etag")).collect();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 64);
}

#[tokio::test]
async fn if_match() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_icp_path(&member, json!({})).await;
    let reply = member.patch(&path, &json!({"leadsPerList": 2})).if_match("\"7\"").await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 412,
      "body": {
        "error": {
          "code": "PRECONDITION_FAILED",
          "message": "The object is not at the version named by If-Match"
        }
      }
    }
    "#);
    let mut version = 1;
    for (header, passes) in [
        ("\"{}\"", true),
        ("*", true),
        ("\"0\", \"{}\"", true),
        ("\"x\" ,W/\"1\",\"{}\"", true),
        ("W/\"{}\"", false),
        ("{}", false),
        ("\"0{}\"", false),
        ("\"+{}\"", false),
        ("", false),
        ("\"999\"", false),
        ("nonsense", false),
    ] {
        let header = header.replace("{}", &version.to_string());
        let body = json!({"leadsPerList": 100 + version});
        let expected = if passes { 200 } else { 412 };
        let reply = member.patch(&path, &body).if_match(&header).await;
        assert_eq!(reply.status.as_u16(), expected, "If-Match: {header}");
        version += i64::from(passes);
    }
    let obscure =
        member.patch(&path, &json!({"leadsPerList": 3})).header_bytes("if-match", b"\"\xff\"").await;
    assert_eq!(obscure.status.as_u16(), 412, "a tag that is none of ours matches nothing");
    let first = member.patch(&path, &json!({"leadsPerList": 500})).if_match(&format!("\"{version}\"")).await;
    let second = member.patch(&path, &json!({"leadsPerList": 501})).if_match(&format!("\"{version}\"")).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 412), "the second is stale");
    let _ = member.delete(&path).if_match("\"1\"").await.expect(412);
    let tag = first.header("etag").expect("a tag").to_owned();
    let _ = app.outside_member().delete(&path).if_match("\"1\"").await.expect(403);
    let _ = member.delete(&path).if_match(&tag).await.expect(204);
}

#[tokio::test]
async fn versions_tell_who_when_and_what() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    for (by_admin, body) in [
        (true, json!({"name": "A", "crmFilters": {"provider": "bullhorn"}})),
        (false, json!({"userIds": [users::MEMBER, "user_2"], "name": "A"})),
        (false, json!({"customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 1}]})),
        (true, json!({"activeUntil": "2030-01-01", "description": "d", "leadsPerList": 3})),
        (true, json!({"leadProviderCriteria": []})),
    ] {
        app.clock.advance(60_000);
        let reply = if by_admin {
            app.admin().patch(&path, &body).await
        } else {
            app.member().patch(&path, &body).await
        };
        let _ = reply.expect(200);
    }
    let versions = app.member().get(&format!("{path}/versions")).await.expect(200).json();
    let told: Vec<Value> = versions
        .as_array()
        .expect("an array")
        .iter()
        .map(|v| json!([v["version"], v["userId"], v["createdAt"], v["changed"]]))
        .collect();
    insta::assert_json_snapshot!(told, @r#"
    [
      [
        6,
        "user_admin",
        "2024-01-25T09:20:00.000Z",
        [
          "leadProviderCriteria"
        ]
      ],
      [
        5,
        "user_admin",
        "2024-01-25T09:19:00.000Z",
        [
          "description",
          "leadsPerList",
          "activeUntil"
        ]
      ],
      [
        4,
        "user_abc123",
        "2024-01-25T09:18:00.000Z",
        [
          "customFilterCriteria"
        ]
      ],
      [
        3,
        "user_abc123",
        "2024-01-25T09:17:00.000Z",
        [
          "userIds"
        ]
      ],
      [
        2,
        "user_admin",
        "2024-01-25T09:16:00.000Z",
        [
          "name",
          "crmFilters"
        ]
      ],
      [
        1,
        "user_abc123",
        "2024-01-25T09:15:00.000Z",
        [
          "name",
          "description",
          "userIds",
          "leadsPerList",
          "activeUntil",
          "leadProviderCriteria",
          "customFilterCriteria",
          "crmFilters",
          "schedule"
        ]
      ]
    ]
    "#);
    for version in versions.as_array().expect("an array") {
        assert_eq!(version["icp"]["updatedAt"], version["createdAt"]);
    }
    assert_eq!(versions[0]["icp"], app.member().get(&path).await.json());
}

#[tokio::test]
async fn an_unlisted_user_loses_access_at_once() {
    let app = TestApp::start().await;
    let path = new_icp_path(&app.member(), json!({})).await;
    let body = json!({"userIds": []});
    let reply = app.member().patch(&path, &body).await.expect(200);
    assert_eq!(reply.at("/userIds"), json!([]), "PATCH replaces, also with nobody");
    let _ = app.member().get(&path).await.expect(403);
    let _ = app.admin().patch(&path, &json!({"userIds": ["b", "a", "b"]})).await.expect(200);
    assert_eq!(app.admin().get(&path).await.at("/userIds"), json!(["b", "a"]));
}
