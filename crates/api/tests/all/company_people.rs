//! `GET /api/v1/entities/prospects/company/{id}/people/search`.

use serde_json::{Value, json};
use sluice_model::Company;
use sluice_testkit::records::{CompanyBuilder, PersonBuilder, company_id};
use sluice_testkit::{Caller, TestApp};

const PEOPLE: &str = "/api/v1/entities/prospects/person";

fn path(number: u32, query: &str) -> String {
    format!("/api/v1/entities/prospects/company/{}/people/search{query}", company_id(number))
}

fn names(reply: &Value) -> Vec<&str> {
    let content = reply["content"].as_array().expect("an array");
    content.iter().map(|lead| lead["firstName"].as_str().expect("a name")).collect()
}

/// Three companies of one name: the first two share a LinkedIn page, the third has another domain.
async fn app() -> TestApp {
    let app = TestApp::start_empty().await;
    let page = |company: &mut Company| {
        company.linkedin_url = Some("https://www.linkedin.com/company/acme".to_owned())
    };
    let companies = [
        CompanyBuilder::new(1, "Acme", "acme.example").with(page).build(),
        CompanyBuilder::new(2, "Acme", "acme.test").with(page).build(),
        CompanyBuilder::new(3, "Acme", "acme.invalid").build(),
        CompanyBuilder::new(4, "Acme", "x.example").with(|company| company.domain = None).build(),
        Company { id: company_id(5), ..Company::default() },
    ];
    for (number, (name, company)) in (1..).zip(["Ann", "Bob", "Cid", "Dan"].into_iter().zip(&companies)) {
        app.catalog().put_person(PersonBuilder::new(number, name, "Lee").at(company).build());
    }
    companies.into_iter().for_each(|company| app.catalog().put_company(company));
    app
}

#[tokio::test]
async fn people_are_found_by_page_then_domain_then_name() {
    let app = app().await;
    for (number, expected) in
        [(1, &["Ann", "Bob"][..]), (2, &["Ann", "Bob"]), (3, &["Cid"]), (4, &["Ann", "Bob", "Cid", "Dan"])]
    {
        let reply = app.member().get(&path(number, "")).await.expect(200).json();
        assert_eq!(names(&reply), expected, "{number}");
    }
}

#[tokio::test]
async fn the_reply_is_that_of_a_search() {
    let app = app().await;
    let body =
        json!({"size": 25, "contact": {"company": {"current": {"any": {"include": ["acme.invalid"]}}}}});
    let search = app.member().post(PEOPLE, &body).await.expect(200).json();
    assert_eq!(names(&search), ["Cid"]);
    let reply = app.member().get(&path(3, "")).await.expect(200).json();
    assert_eq!(reply, search);
    let mut rest = reply;
    rest["content"] = json!([]);
    let envelope = json!({
        "content": [], "totalElements": 1, "totalPages": 1, "number": 0, "size": 25, "first": true, "last": true,
        "numberOfElements": 1, "empty": false,
    });
    assert_eq!(rest, envelope);
}

#[tokio::test]
async fn pages_are_brought_within_bounds() {
    let app = app().await;
    for (query, number, size, expected) in [
        ("?page=-3&size=1", 0, 1, &["Ann"][..]),
        ("?page=1&size=1", 1, 1, &["Bob"]),
        ("?page=7&size=1", 7, 1, &[]),
        ("?size=0", 0, 1, &["Ann"]),
        ("?size=1000", 0, 100, &["Ann", "Bob", "Cid", "Dan"]),
    ] {
        let reply = app.member().get(&path(4, query)).await.expect(200).json();
        assert_eq!((&reply["number"], &reply["size"]), (&json!(number), &json!(size)), "{query}");
        assert_eq!(names(&reply), expected, "{query}");
        assert_eq!(reply["totalElements"], json!(4));
    }
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused() {
    let app = app().await;
    let error = |code: &str, message: &str| json!({"error": {"code": code, "message": message}});
    let reply = app.member().get(&path(9, "")).await.expect(404).json();
    assert_eq!(reply, error("NOT_FOUND", &format!("Company not found: {}", company_id(9))));
    let reply = app.member().get(&path(5, "")).await.expect(400).json();
    assert_eq!(
        reply["error"]["details"],
        json!([{"path": [], "message": "Company has no LinkedIn URL, domain or name"}])
    );
    let reply = app.member().get(&path(1, "?page=one")).await.expect(400).json();
    assert_eq!(
        reply["error"]["details"],
        json!([{"path": ["page"], "message": "Expected number, received string"}])
    );
    let reply = app.member().get(&path(1, "?page=1000&size=100")).await.expect(400).json();
    assert_eq!(
        reply["error"]["details"],
        json!([{"path": ["page"], "message": "page × size must not be more than 10000"}])
    );
}
