//! What sites ask of robots.

use crate::builtin::{url, web};
use sluice_connect::ConnectError;
use sluice_connect::web::Scraper as _;
use sluice_fakes::Fault;
use sluice_fakes::web::{Behaviour, SiteSpec};
use std::time::{Duration, Instant};

fn with(robots: &str) -> SiteSpec {
    SiteSpec::new("Acme").behaving(Behaviour::Robots(robots.to_owned()))
}

fn with_status(status: u16) -> SiteSpec {
    SiteSpec::new("Acme").behaving(Behaviour::RobotsStatus(status))
}

#[tokio::test]
async fn pages_are_read_as_robots_txt_says() {
    let allowed = Ok(200);
    let forbidden = || Err(ConnectError::Disallowed("/about of a.example".to_owned()));
    for (robots, expected) in [
        ("", allowed.clone()),
        ("User-agent: *\nDisallow:", allowed.clone()),
        ("User-agent: *\nDisallow: /contact", allowed.clone()),
        ("User-agent: *\nDisallow: /", forbidden()),
        ("User-agent: *\nDisallow: /ab*t$", forbidden()),
        ("User-agent: *\nDisallow: /\nAllow: /about", allowed.clone()),
        ("User-agent: other\nDisallow: /", allowed.clone()),
        ("User-agent: sluice\nDisallow: /about\n\nUser-agent: *\nAllow: /", forbidden()),
        ("User-agent: Sluice\nAllow: /\n\nUser-agent: *\nDisallow: /", allowed.clone()),
        ("<html><body>no such page</body></html>", allowed.clone()),
    ] {
        let (web, builtin) = web(&[("a.example", with(robots))]).await;
        let outcome = builtin.page(&url("http://a.example/about")).await.map(|page| page.status);
        assert_eq!(outcome, expected, "{robots}");
        let pages = if expected.is_ok() { &["/robots.txt", "/about"][..] } else { &["/robots.txt"] };
        assert_eq!(web.visits("a.example"), pages, "{robots}");
    }
}

#[tokio::test]
async fn without_a_robots_txt_all_is_allowed_and_without_an_answer_nothing() {
    for status in [400, 401, 403, 404, 410] {
        let (_web, builtin) = web(&[("a.example", with_status(status))]).await;
        let outcome = builtin.page(&url("http://a.example/")).await.map(|page| page.status);
        assert_eq!(outcome, Ok(200), "{status}");
    }
    for status in [429, 500, 502, 503] {
        let (web, builtin) = web(&[("a.example", with_status(status))]).await;
        let outcome = builtin.page(&url("http://a.example/")).await.map(|page| page.status);
        let answered = format!("robots.txt of a.example answered {status}");
        assert_eq!(outcome, Err(ConnectError::Unavailable(answered)), "{status}");
        assert!(web.visits("a.example").iter().all(|path| path == "/robots.txt"));
    }
}

#[tokio::test]
async fn a_site_is_asked_once_however_many_pages_are_read() {
    let (web, builtin) = web(&[("a.example", with("User-agent: *\nAllow: /"))]).await;
    let address = url("http://a.example/");
    let pages = (0..20).map(|_| builtin.page(&address));
    for page in futures_util::future::join_all(pages).await {
        assert_eq!(page.unwrap().status, 200);
    }
    let asked = web.visits("a.example").iter().filter(|path| *path == "/robots.txt").count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_site_that_could_not_be_asked_is_not_asked_for_each_page() {
    let (web, builtin) = web(&[("a.example", with(""))]).await;
    for _ in 0..3 {
        web.faults().next(Fault::Status(503, None));
    }
    for _ in 0..5 {
        let outcome = builtin.page(&url("http://a.example/")).await;
        assert!(matches!(outcome, Err(ConnectError::Unavailable(_))), "{outcome:?}");
    }
    assert_eq!(web.faults().requests(), 3, "one call and its repeats");
}

#[tokio::test]
async fn a_pause_between_pages_is_granted() {
    let (_web, builtin) = web(&[("a.example", with("User-agent: *\nCrawl-delay: 1"))]).await;
    let address = url("http://a.example/");
    let begun = Instant::now();
    for _ in 0..2 {
        builtin.page(&address).await.unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(1000), "{:?}", begun.elapsed());
}
