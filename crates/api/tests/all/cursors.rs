//! Walking a search by cursor.

use serde_json::{Value, json};
use sluice_testkit::records::{CompanyBuilder, PersonBuilder};
use sluice_testkit::{Caller, TestApp};
use uuid::Uuid;

const PEOPLE: &str = "/api/v1/entities/prospects/person";
const COMPANIES: &str = "/api/v1/entities/prospects/company";

fn ids(reply: &Value) -> Vec<String> {
    let content = reply["content"].as_array().expect("an array");
    content.iter().map(|hit| hit["id"].as_str().expect("an id").to_owned()).collect()
}

/// Walks all pages of this size from the first, and returns the ids of each.
async fn walk(app: &TestApp, path: &str, body: &Value, size: usize) -> Vec<Vec<String>> {
    let mut body = body.clone();
    body["size"] = json!(size);
    let mut pages = Vec::new();
    loop {
        let reply = app.member().post(path, &body).await.expect(200).json();
        assert_eq!(reply["first"], json!(pages.is_empty()));
        assert_eq!(reply["last"], json!(reply.get("nextCursor").is_none()));
        assert_eq!(reply["numberOfElements"], json!(ids(&reply).len()));
        pages.push(ids(&reply));
        let Some(cursor) = reply.get("nextCursor") else { return pages };
        body["cursor"] = cursor.clone();
    }
}

#[tokio::test]
async fn a_walk_finds_each_record_once_in_the_order_of_pages() {
    let app = TestApp::start_empty().await;
    for number in 1..=23 {
        app.catalog().put_person(PersonBuilder::new(number, "Ann", &format!("Lee{number}")).build());
        app.catalog().put_company(CompanyBuilder::new(number, "Acme", "acme.example").build());
    }
    let people = json!({"contact": {"fullName": {"any": {"include": ["Ann"]}}}});
    for (path, body) in
        [(PEOPLE, people), (COMPANIES, json!({})), (COMPANIES, json!({"url": ["acme.example"]}))]
    {
        let mut whole = body.clone();
        whole["size"] = json!(100);
        let whole = ids(&app.member().post(path, &whole).await.expect(200).json());
        assert_eq!(whole.len(), 23);
        for size in [1, 2, 5, 22, 23, 24, 100] {
            let pages = walk(&app, path, &body, size).await;
            assert_eq!(pages.concat(), whole, "{path} by {size}");
            assert_eq!(pages.len(), 23_usize.div_ceil(size), "{path} by {size}");
        }
    }
}

/// Ids that differ and make the same rank, which takes of an id `high ^ mixed(low)`: the high half makes up for the
/// low one.
fn twins() -> [Uuid; 2] {
    let mixed = |number: u64| {
        let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    };
    [1_u64, 2].map(|low| Uuid::from_u64_pair(0x0a00_0000_0000_4000 ^ mixed(low), low))
}

#[tokio::test]
async fn records_of_equal_rank_are_neither_lost_nor_repeated() {
    let app = TestApp::start_empty().await;
    let mut expected = Vec::new();
    for number in 1..=6 {
        app.catalog().put_person(PersonBuilder::new(number, "Ann", "Lee").build());
    }
    for id in twins() {
        let twin = PersonBuilder::new(3, "Ann", "Lee").with(|person| person.id = id);
        app.catalog().put_person(twin.build());
    }
    let whole = app.member().post(PEOPLE, &json!({"size": 100})).await.expect(200).json();
    expected.extend(ids(&whole));
    assert_eq!(expected.len(), 8);
    for size in 1..=8 {
        assert_eq!(walk(&app, PEOPLE, &json!({}), size).await.concat(), expected, "by {size}");
    }
}

#[tokio::test]
async fn a_cursor_outlives_its_record_and_goes_on_from_any_page() {
    let app = TestApp::start().await;
    let member = app.member();
    let second = member.post(PEOPLE, &json!({"page": 1, "size": 2})).await.expect(200).json();
    let rest = json!({"cursor": second["nextCursor"], "size": 100});
    let rest = ids(&member.post(PEOPLE, &rest).await.expect(200).json());
    let all = ids(&member.post(PEOPLE, &json!({"size": 100})).await.expect(200).json());
    assert_eq!(rest, all[4..]);
    // As if the record had gone: a cursor between two records.
    let last = second["nextCursor"].as_str().expect("a cursor").to_owned();
    let gone = format!("{}{}", &last[..16], "f".repeat(32));
    let found = member.post(PEOPLE, &json!({"cursor": gone, "size": 100})).await.expect(200).json();
    assert_eq!(ids(&found), all[4..]);
}

#[tokio::test]
async fn a_page_by_cursor_has_the_whole_envelope() {
    let app = TestApp::start().await;
    let first = app.member().post(PEOPLE, &json!({"size": 3})).await.expect(200).json();
    let body = json!({"size": 3, "cursor": first["nextCursor"]});
    let mut reply = app.member().post(PEOPLE, &body).await.expect(200).json();
    reply.as_object_mut().expect("an object").shift_remove("content");
    insta::assert_json_snapshot!(reply, @r#"
    {
      "totalElements": 7,
      "totalPages": 3,
      "number": 0,
      "size": 3,
      "first": false,
      "last": false,
      "numberOfElements": 3,
      "empty": false,
      "nextCursor": "3d28ca8b6f520f850a000000000040008000000000000006"
    }
    "#);
    let counted = app.member().post(PEOPLE, &json!({"size": 0})).await.expect(200).json();
    assert_eq!(counted.get("nextCursor"), None);
}

#[tokio::test]
async fn what_a_cursor_cannot_go_with() {
    let app = TestApp::start().await;
    let sound = "0".repeat(48);
    for (body, path, message) in [
        (
            json!({"page": 101, "size": 100}),
            "page",
            "page × size must not be more than 10000; use a cursor for what lies beyond",
        ),
        (json!({"cursor": sound, "page": 1}), "cursor", "'cursor' and 'page' exclude each other"),
        (json!({"cursor": sound, "sort": "relevance"}), "cursor", "A cursor goes in the order of rank"),
        (json!({"cursor": "x"}), "cursor", "Invalid cursor. Expected the 'nextCursor' of a reply"),
        (json!({"cursor": "+".repeat(48)}), "cursor", "Invalid cursor. Expected the 'nextCursor' of a reply"),
        (json!({"cursor": "é".repeat(24)}), "cursor", "Invalid cursor. Expected the 'nextCursor' of a reply"),
        (json!({"cursor": 5}), "cursor", "Expected string, received number"),
    ] {
        for kind in [PEOPLE, COMPANIES] {
            let details = app.member().post(kind, &body).await.expect(400).details();
            assert_eq!(details, json!([{"path": [path], "message": message}]), "{body}");
        }
    }
    let reply = app.member().post(PEOPLE, &json!({"cursor": null, "page": 1})).await;
    assert_eq!(reply.expect(200).at("/number"), json!(1), "null is no cursor");
    let reply = app.member().post(PEOPLE, &json!({"sort": "relevance", "size": 1})).await.expect(200).json();
    assert_eq!(reply.get("nextCursor"), None);
}
