//! Firecrawl: what is sent, what is read, and each way to fail.

use crate::support::{client_of, quick};
use serde_json::{Value, json};
use sluice_connect::http::HostLimits;
use sluice_connect::web::{Firecrawl, Page, PageLink, Scraper as _};
use sluice_connect::{Client, ClientOptions, ConnectError, SecretString};
use sluice_fakes::axum::http::StatusCode;
use sluice_fakes::axum::routing::post;
use sluice_fakes::axum::{Json, Router};
use sluice_fakes::firecrawl::FirecrawlFake;
use sluice_fakes::web::{Behaviour, SiteBook, SiteSpec};
use sluice_fakes::{Fault, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn acme() -> SiteSpec {
    SiteSpec::new("Acme").hiring("/careers", &["Data Engineer"]).says("/", "We are hiring.")
}

/// Firecrawl over these sites, and a client of it with this key.
async fn of(sites: &[(&str, SiteSpec)], key: &str) -> (FirecrawlFake, Firecrawl) {
    let book = sites.iter().fold(SiteBook::new(), |book, (host, site)| book.with(host, site.clone()));
    let fake = FirecrawlFake::start(Arc::new(book), "fc-right").await.unwrap();
    let client = client_of(fake.server());
    let firecrawl = Firecrawl::new(client, fake.server().url(), SecretString::from(key));
    (fake, firecrawl)
}

#[tokio::test]
async fn a_page_is_read_there() {
    let (fake, firecrawl) = of(&[("acme.example", acme())], "fc-right").await;
    let page = firecrawl.page(&url("https://acme.example/careers")).await.unwrap();
    assert_eq!(
        (page.url.as_str(), page.status, page.title.as_deref()),
        ("https://acme.example/careers", 200, Some("Careers – Acme"))
    );
    let says = "# Careers\n\nWork at Acme in Berlin: these positions are open.\n\n- Data Engineer";
    assert!(page.text.starts_with(says), "{}", page.text);
    // Those of the menu are among them: the way to a careers page most often leads through it.
    let links: Vec<&str> = page.links.iter().map(|link| link.url.path()).collect();
    assert_eq!(links, ["/", "/about", "/products", "/contact", "/legal"]);
    let asked = json!({
        "url": "https://acme.example/careers",
        "formats": ["rawHtml", "markdown"],
        "onlyMainContent": false,
        "maxAge": 86_400_000,
        "timeout": 30_000,
    });
    assert_eq!(fake.asked(), [("scrape", asked)]);
    assert_eq!((firecrawl.name(), firecrawl.credits()), ("firecrawl", 1));
    let fresh = firecrawl.max_age(Duration::ZERO);
    fresh.page(&url("https://acme.example/")).await.unwrap();
    assert_eq!(fake.asked()[1].1["maxAge"], 0);
}

#[tokio::test]
async fn pages_of_a_site_are_found_there() {
    let (fake, firecrawl) = of(&[("acme.example", acme())], "fc-right").await;
    let site = url("https://acme.example/");
    let link =
        |path: &str, text: &str| PageLink { url: site.join(path).unwrap(), text: Some(text.to_owned()) };
    assert_eq!(
        firecrawl.links(&site, Some("careers"), 2).await,
        Ok(vec![link("/careers", "Careers"), link("/about", "About us")])
    );
    assert_eq!(firecrawl.links(&site, None, 1).await, Ok(vec![link("/about", "About us")]));
    let asked = json!({"url": "https://acme.example/", "limit": 3, "search": "careers"});
    assert_eq!(fake.asked()[0], ("map", asked));
    assert_eq!(fake.asked()[1], ("map", json!({"url": "https://acme.example/", "limit": 2})));
}

#[tokio::test]
async fn what_the_page_answered_counts_and_not_that_there_was_an_answer() {
    let status = |status| SiteSpec::new("S").behaving(Behaviour::Status(status));
    let (_fake, firecrawl) = of(
        &[
            ("gone.example", status(410)),
            ("closed.example", status(403)),
            ("busy.example", status(429)),
            ("broken.example", status(500)),
            ("down.example", SiteSpec::new("S").behaving(Behaviour::Down)),
            ("www.moved.example", SiteSpec::new("S").behaving(Behaviour::ToWww)),
        ],
        "fc-right",
    )
    .await;
    let get = async |host: &str| {
        let page = firecrawl.page(&url(&format!("https://{host}/"))).await;
        page.map(|page| (page.status, page.url.to_string()))
    };
    assert_eq!(get("gone.example").await, Ok((410, "https://gone.example/".to_owned())));
    assert_eq!(get("moved.example").await, Ok((200, "https://www.moved.example/".to_owned())));
    let closed = "closed.example answered 403".to_owned();
    assert_eq!(get("closed.example").await, Err(ConnectError::Forbidden(closed)));
    assert_eq!(get("busy.example").await, Err(ConnectError::RateLimited { after: None }));
    let broken = "broken.example answered 500".to_owned();
    assert_eq!(get("broken.example").await, Err(ConnectError::Unavailable(broken)));
    let down = "Firecrawl: DNS resolution failed for hostname".to_owned();
    assert_eq!(get("down.example").await, Err(ConnectError::Unavailable(down)));
}

#[tokio::test]
async fn each_status_of_the_service_is_an_error_of_its_own() {
    let host = || "127.0.0.1".to_owned();
    let answered = |status: u16| format!("Firecrawl answered {status}");
    let unavailable = |status: u16| ConnectError::Unavailable(format!("127.0.0.1 answered {status}"));
    for (status, after, expected) in [
        (401, None, ConnectError::Unauthorized(host())),
        (402, None, ConnectError::PaymentRequired(answered(402))),
        (400, None, ConnectError::BadRequest(answered(400))),
        (403, None, ConnectError::BadRequest(answered(403))),
        (404, None, ConnectError::BadRequest(answered(404))),
        (422, None, ConnectError::BadRequest(answered(422))),
        (429, Some(120), ConnectError::RateLimited { after: Some(Duration::from_secs(120)) }),
        (408, None, unavailable(408)),
        (500, None, unavailable(500)),
        (502, None, unavailable(502)),
        (503, None, unavailable(503)),
    ] {
        let (fake, firecrawl) = of(&[], "fc-right").await;
        let both = async || {
            fake.faults().clear();
            for _ in 0..3 {
                fake.faults().next(Fault::Status(status, after));
            }
            fake.faults()
        };
        both().await;
        let page = firecrawl.page(&url("https://acme.example/")).await;
        both().await;
        let links = firecrawl.links(&url("https://acme.example/"), None, 5).await;
        assert_eq!((page, links), (Err(expected.clone()), Err(expected)), "{status}");
    }
    let (_fake, firecrawl) = of(&[], "fc-wrong").await;
    let page = firecrawl.page(&url("https://acme.example/")).await;
    assert_eq!(page, Err(ConnectError::Unauthorized(host())));
}

#[tokio::test]
async fn passing_failures_of_the_service_are_repeated() {
    let (fake, firecrawl) = of(&[("acme.example", acme())], "fc-right").await;
    for fault in
        [Fault::Status(429, Some(0)), Fault::Status(408, None), Fault::Status(500, None), Fault::LostAnswer]
    {
        fake.faults().next(fault.clone());
        let page = firecrawl.page(&url("https://acme.example/")).await.map(|page| page.status);
        assert_eq!(page, Ok(200), "{fault:?}");
    }
}

/// What becomes of this reply to a scrape and of this one to a map.
async fn answering(reply: Value) -> (Result<Page, ConnectError>, Result<Vec<PageLink>, ConnectError>) {
    let answer = move || {
        let reply = reply.clone();
        async move { Json(reply) }
    };
    let router =
        Router::new().route("/base/v2/scrape", post(answer.clone())).route("/base/v2/map", post(answer));
    let server = Server::start(router).await.unwrap();
    let base = server.url().join("/base/").unwrap();
    let firecrawl = Firecrawl::new(client_of(&server), base, SecretString::from("fc-right"));
    let site = url("https://acme.example/");
    (firecrawl.page(&site).await, firecrawl.links(&site, None, 10).await)
}

#[tokio::test]
async fn odd_replies_are_no_pages() {
    let unsaid = || ConnectError::Unavailable("Firecrawl does not say what it read".to_owned());
    let failed = |text: &str| ConnectError::Unavailable(text.to_owned());
    for (reply, expected) in [
        (json!({"success": false, "error": "All engines failed"}), failed("Firecrawl: All engines failed")),
        (json!({"success": false}), failed("Firecrawl answered 200")),
        (json!({"success": true}), failed("Firecrawl answered 200")),
        (json!({}), failed("Firecrawl answered 200")),
        (
            json!({"success": false, "data": {"metadata": {"statusCode": 200, "url": "http://a.example/"}}}),
            failed("Firecrawl answered 200"),
        ),
        (json!({"success": true, "data": {"markdown": "x"}}), unsaid()),
        (json!({"success": true, "data": {"metadata": {"statusCode": 200}}}), unsaid()),
        (json!({"success": true, "data": {"metadata": {"url": "http://a.example/"}}}), unsaid()),
        (
            json!({"success": true, "data": {"metadata": {"statusCode": 200, "url": "chrome-error://chromewebdata/"}}}),
            unsaid(),
        ),
        (
            json!({"success": false, "error": "x".repeat(1000)}),
            failed(&format!("Firecrawl: {}", "x".repeat(200))),
        ),
    ] {
        assert_eq!(answering(reply.clone()).await.0, Err(expected), "{reply}");
    }
    for reply in [
        json!([]),
        json!("x"),
        json!({"success": "yes"}),
        json!({"success": true, "data": {"metadata": {"statusCode": "200"}}}),
    ] {
        let (page, _) = answering(reply.clone()).await;
        assert!(matches!(page, Err(ConnectError::Unavailable(_))), "{reply}: {page:?}");
    }
    // A document that is no HTML is read from what the service made of it.
    let (page, _) = answering(json!({"success": true, "data": {"metadata":
        {"statusCode": 200, "sourceURL": "http://a.example/", "title": ["One", "Two"]},
        "rawHtml": " ", "markdown": "crypto **trading**, [more](/more) of C\\_x"}}))
    .await;
    let expected = Page {
        url: url("http://a.example/"),
        status: 200,
        title: Some("One".to_owned()),
        text: "crypto trading, more of C_x".to_owned(),
        links: vec![],
    };
    assert_eq!(page, Ok(expected));
    let (_, links) = answering(json!({"success": true, "links": [
        "https://acme.example/a", {"url": "https://www.acme.example/b", "description": "B"}, {"title": "no url"}, {"url": "ftp://acme.example/"},
        "https://other.example/", "https://acme.example/", {"url": "https://acme.example/c", "title": ""}]}))
    .await;
    let link = |at: &str, text: Option<&str>| PageLink { url: url(at), text: text.map(str::to_owned) };
    assert_eq!(
        links,
        Ok(vec![
            link("https://acme.example/a", None),
            link("https://www.acme.example/b", Some("B")),
            link("https://acme.example/c", None),
        ])
    );
}

#[tokio::test]
async fn a_page_of_very_many_links_is_read_in_time() {
    use std::fmt::Write as _;
    let mut html = "<title>Many</title><p>Text</p>".to_owned();
    for number in 0..60_000 {
        write!(html, "<a href=/{number}>{number}</a>").unwrap();
    }
    let reply = json!({"success": true, "data": {
        "metadata": {"statusCode": 200, "url": "http://a.example/"}, "rawHtml": html}});
    let page = answering(reply).await.0.unwrap();
    assert_eq!((page.title.as_deref(), page.links.len()), (Some("Many"), 500));
}

#[tokio::test]
async fn sites_that_cannot_be_read_are_no_fault_of_the_service() {
    let fault = || async {
        let body = json!({"success": false, "code": "SCRAPE_SSL_ERROR", "error": "bad certificate"});
        (StatusCode::INTERNAL_SERVER_ERROR, Json(body))
    };
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let router = Router::new().route(
        "/v2/scrape",
        post(move || {
            count.fetch_add(1, Ordering::SeqCst);
            fault()
        }),
    );
    let server = Server::start(router).await.unwrap();
    let limits = HostLimits { failures: 2, ..quick().service_limits };
    let options = ClientOptions { allowed: vec![server.address()], service_limits: limits, ..quick() };
    let firecrawl = Firecrawl::new(Client::new(options).unwrap(), server.url(), SecretString::from("k"));
    for _ in 0..5 {
        let page = firecrawl.page(&url("https://acme.example/")).await;
        assert_eq!(page, Err(ConnectError::Unavailable("Firecrawl: bad certificate".to_owned())));
    }
    // Each was asked once, and the service was not left alone.
    assert_eq!(asked.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn no_address_within_is_handed_to_it() {
    let client = Client::new(quick()).unwrap();
    let firecrawl = Firecrawl::new(client, url("http://127.0.0.1:1/"), SecretString::from("k"));
    for at in ["http://10.0.0.1/", "http://localhost/"] {
        let page = firecrawl.page(&url(at)).await;
        assert!(matches!(page, Err(ConnectError::Forbidden(_))), "{page:?}");
        let links = firecrawl.links(&url(at), None, 1).await;
        assert!(matches!(links, Err(ConnectError::Forbidden(_))), "{links:?}");
    }
    let options = ClientOptions { retries: 0, ..quick() };
    let firecrawl =
        Firecrawl::new(Client::new(options).unwrap(), url("http://127.0.0.1:1/"), SecretString::from("k"));
    let page = firecrawl.page(&url("https://acme.example/")).await;
    assert_eq!(
        page,
        Err(ConnectError::Forbidden("127.0.0.1 is an address within".to_owned())),
        "one's own, not allowed"
    );
}
