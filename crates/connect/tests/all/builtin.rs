//! The built-in scraper on the sample web.

use crate::support::{client, names, quick};
use sluice_connect::web::{Builtin, Page, PageLink, Scraper as _, site_url};
use sluice_connect::{ClientOptions, ConnectError};
use sluice_fakes::Fault;
use sluice_fakes::web::{Behaviour, Charset, Language, SampleWeb, SiteBook, SiteSpec};
use std::time::{Duration, Instant};
use url::Url;

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A web of these sites, and a scraper that reads it.
pub async fn web(sites: &[(&str, SiteSpec)]) -> (SampleWeb, Builtin) {
    let book = sites.iter().fold(SiteBook::new(), |book, (host, site)| book.with(host, site.clone()));
    let web = SampleWeb::start(book).await.unwrap();
    let options = ClientOptions { sample_web: Some(web.address()), ..quick() };
    let builtin = Builtin::new(client(options, names(&[])));
    (web, builtin)
}

fn acme() -> SiteSpec {
    SiteSpec::new("Acme & Söhne")
        .industry("Logistics")
        .city("Köln")
        .headcount(120)
        .products(&["Fleet Planner", "Cold Chain <Monitor>"])
        .hiring("/careers", &["Account Executive", "Data Engineer"])
        .says("/", "We are hiring.")
        .says("/legal", "Managing director: Ann Lee")
}

fn behaving(behaviour: Behaviour) -> SiteSpec {
    acme().behaving(behaviour)
}

/// The page of a site whose home page is this HTML.
async fn raw(html: &str) -> Page {
    let (_web, builtin) = web(&[("a.example", behaving(Behaviour::Raw(html.to_owned())))]).await;
    builtin.page(&url("http://a.example/")).await.unwrap()
}

async fn text(html: &str) -> String {
    raw(html).await.text
}

#[tokio::test]
async fn a_page_is_its_main_part_then_the_rest_without_menus_and_banners() {
    let (_web, builtin) = web(&[("acme.example", acme())]).await;
    let link = |path: &str, text: &str| PageLink {
        url: url("https://acme.example/").join(path).unwrap(),
        text: Some(text.to_owned()),
    };
    assert_eq!(
        builtin.page(&url("https://acme.example/products")).await,
        Ok(Page {
            url: url("https://acme.example/products"),
            status: 200,
            title: Some("Products – Acme & Söhne".to_owned()),
            text: "# Products\n\nWhat Acme & Söhne offers:\n\n- Fleet Planner\n- Cold Chain <Monitor>\n\n\
                   © Acme & Söhne, Köln\n\nLegal notice"
                .to_owned(),
            links: vec![
                link("/", "Home"),
                link("/about", "About us"),
                link("/contact", "Contact"),
                link("/careers", "Careers"),
                link("/legal", "More"),
            ],
        })
    );
    let missing = builtin.page(&url("https://acme.example/nowhere")).await.unwrap();
    assert_eq!((missing.status, missing.text.as_str()), (404, "# Page not found"));
}

#[tokio::test]
async fn what_is_not_shown_is_not_read() {
    for (html, expected) in [
        ("a<script>b</script>c<style>d</style>e<noscript>f</noscript>g<template>h</template>i", "acegi"),
        ("a<svg><text>b</text><title>t</title></svg>c<svg/>d<math><mi>x</mi></math>e", "acde"),
        (
            "a<select><option>b</select>c<textarea>d</textarea>e<iframe>f</iframe>g<canvas>h</canvas>i",
            "acegi",
        ),
        ("a<p hidden>b</p><p>c</p>", "a\n\nc"),
        ("a<p hidden>b<div>c</div>", "a\n\nc"),
        ("<p hidden=until-found>b", "b"),
        ("a<span style='color: red; Display : NONE !important'>b</span>c", "ac"),
        (
            "a<span style=visibility:hidden>b</span><i style='font-size:0'>c</i><i style='opacity:0;x:y'>d</i>e",
            "ae",
        ),
        ("a<span style='opacity:0.5;display:block'>b</span>c", "abc"),
        ("a<span aria-hidden=true>b</span><dialog>c</dialog><dialog open>d</dialog>", "a\n\nd"),
        ("<i>a<div hidden></i>b</div>c", "a\n\nc"),
        ("<a href=x>a<div hidden><a href=y>b</div>c", "a\n\nc"),
        ("<table><tr><td><div hidden>a<td>b</table>c", "b\n\nc"),
        ("<svg><foreignObject><div>a</svg>b", "b"),
        ("a<!-- b -->c<!doctype html>d", "acd"),
        ("ex\u{200b}am\u{ad}ple\u{202e} \u{e0041}x", "example x"),
        ("<div class='cookie-consent'>We use cookies<p>OK</div>a", "a"),
        ("<body class=cookie-free><main class=cookies>a</main></body>", "a"),
        ("<nav>Menu</nav><div role=navigation>More</div>a", "a"),
        ("<nav>Only a menu</nav>", "Only a menu"),
    ] {
        assert_eq!(text(html).await, expected, "{html}");
    }
}

#[tokio::test]
async fn text_is_light_markdown_in_the_order_of_what_matters() {
    for (html, expected) in [
        ("<h1>A</h1><p>b\n  c</p><h3>D <b>e</b></h3>f<br>g", "# A\n\nb c\n\n### D e\n\nf\n\ng"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "- a\n- b\n  - c\n- d\n\ne"),
        ("<ol><li><p>a</p><p>b</p></li><li></li><li>c</ol>", "- a\n  b\n- c"),
        ("<table><tr><th>a<th>b<tr><td>c<td><td>d</table>", "a | b\n\nc | d"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "a\n\nb\n\nc"),
        ("<pre>a\n  b\n\nc</pre>", "a\n\nb\n\nc"),
        ("<p>a<p>b</p></p>c", "a\n\nb\n\nc"),
        ("<b>a<i>b</b>c</i>d", "abcd"),
        ("</div>a</p>b<div></span>c</div>", "ab\n\nc"),
        (
            "<footer>f</footer><aside>s</aside><div>b</div><main>m<footer>of m</footer></main>",
            "m\n\nof m\n\nb\n\nf\n\ns",
        ),
        ("<div role=main>m</div><div role=contentinfo>f</div>b", "m\n\nb\n\nf"),
        ("&lt;b&gt; caf&eacute; &amp;amp; &#8364;&nbsp;5", "<b> café &amp; € 5"),
        ("<meta name=Description content='What &amp; who'><div id=app></div>", "What & who"),
        ("<meta name=description content=x>a", "a"),
        ("a<b", "a"),
        ("", ""),
    ] {
        assert_eq!(text(html).await, expected, "{html}");
    }
}

#[tokio::test]
async fn links_are_absolute_once_and_in_order() {
    let page = raw(
        "<base href='/sub/'><base href='/not/'><title> A\n<b> &amp; B</title>\
         <a href=x#part>X</a> <a href=' ../y?a=1&amp;b=2 '>Y <b>bold</b></a><a href='x'>X again</a>\
         <a href='//b.example/'><img alt='B site'></a><a href=z aria-label=Zed></a><a href=w></a>\
         <a href='mailto:a@b.example'>m</a><a href='javascript:alert(1)'>j</a><a>none</a><a href='http://['>bad</a>\
         <a href='/'>home</a><area href=map alt=Map><a href=block><h3>One</h3><p>Two</p></a>\
         <a href=open1>first<a href=open2>second<div aria-hidden=true><a href=menu>M</a></div>\
         <div style='display:none'><a href=trap>T</a></div><template><a href=t>t</a></template>",
    )
    .await;
    let links: Vec<(&str, Option<&str>)> =
        page.links.iter().map(|link| (link.url.as_str(), link.text.as_deref())).collect();
    assert_eq!(
        links,
        [
            ("http://a.example/sub/x", Some("X")),
            ("http://a.example/y?a=1&b=2", Some("Y bold")),
            ("http://b.example/", Some("B site")),
            ("http://a.example/sub/z", Some("Zed")),
            ("http://a.example/sub/w", None),
            ("http://a.example/sub/map", Some("Map")),
            ("http://a.example/sub/block", Some("One Two")),
            ("http://a.example/sub/open1", Some("first")),
            ("http://a.example/sub/open2", Some("second")),
            ("http://a.example/sub/menu", None),
        ]
    );
    assert_eq!(page.title.as_deref(), Some("A <b> & B"));
}

#[tokio::test]
async fn of_many_links_those_of_the_site_are_kept() {
    let mut html = String::new();
    for number in 0..600 {
        html.push_str(&format!("<a href='http://other{number}.example/'>o</a>"));
    }
    for number in 0..450 {
        html.push_str(&format!("<a href='/{number}'>s</a>"));
    }
    let links = raw(&html).await.links;
    assert_eq!(links.len(), 500);
    assert_eq!(links.iter().filter(|link| link.url.host_str() == Some("a.example")).count(), 450);
    assert_eq!(links[0].url.as_str(), "http://other0.example/", "in the order of the page");
}

#[tokio::test]
async fn pages_of_any_shape_are_read_in_time_and_without_a_deep_stack() {
    let begun = Instant::now();
    for (open, text) in [
        ("<div>".repeat(100_000), "deep"),
        ("<b><p>".repeat(100_000), "deep"),
        ("<ul><li>".repeat(50_000), "deep"),
        ("<a href=x>".repeat(100_000), "deep"),
        ("<table><tr><td>".repeat(30_000), "deep"),
        ("</x>".repeat(200_000), "deep"),
        ("<b>".repeat(100_000) + &"</x>".repeat(100_000), "deep"),
        (format!("<p {}>", "a ".repeat(500_000)), "deep"),
        ("<script></".repeat(100_000) + "</script>", "deep"),
        ("<!--".repeat(100_000) + "-->", "deep"),
        ("<".repeat(1_000) + "<b>", "deep"),
        ("&".repeat(100), "deep"),
        (
            "<select><button><selectedcontent></selectedcontent></button><option selected>".to_owned()
                + &"<div>".repeat(50_000)
                + "</select>",
            "deep",
        ),
    ] {
        let page = raw(&format!("{open}{text}")).await;
        assert!(
            page.text.ends_with("deep") || page.text.is_empty(),
            "{:?}",
            &page.text[page.text.len() - 20..]
        );
    }
    // Far more than it takes, far less than what grows with the square of the length would.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    let long = text(&"word ".repeat(400_000)).await;
    assert!(long.len() <= 256 << 10, "{}", long.len());
}

#[tokio::test]
async fn letters_are_read_as_they_were_written() {
    for charset in [Charset::Latin1InHeader, Charset::Latin1InPage, Charset::Latin1Unsaid, Charset::Utf16] {
        let (_web, builtin) = web(&[("a.example", behaving(Behaviour::Charset(charset)))]).await;
        let page = builtin.page(&url("http://a.example/about")).await.unwrap();
        let expected =
            "# About us\n\n120 people work at Acme & Söhne in Köln.\n\n© Acme & Söhne, Köln\n\nLegal notice";
        assert_eq!(page.text, expected, "{charset:?}");
    }
}

#[tokio::test]
async fn what_is_no_page_and_what_is_too_large_is_refused() {
    let refused = |text: &str| Err(ConnectError::BadRequest(text.to_owned()));
    for (behaviour, expected) in [
        (
            Behaviour::Type("application/pdf"),
            refused("a.example answered with application/pdf, which is no page"),
        ),
        (Behaviour::Type("image/png; x=y"), refused("a.example answered with image/png, which is no page")),
        (Behaviour::Huge(6 << 20), refused("a.example answered with more than 5242880 bytes")),
        (Behaviour::Type("Text/HTML"), Ok(200)),
        (Behaviour::Type("application/xhtml+xml"), Ok(200)),
        (Behaviour::Type("text/plain"), Ok(200)),
        (Behaviour::Huge(4 << 20), Ok(200)),
    ] {
        let (_web, builtin) = web(&[("a.example", behaving(behaviour.clone()))]).await;
        let outcome = builtin.page(&url("http://a.example/")).await.map(|page| page.status);
        assert_eq!(outcome, expected, "{behaviour:?}");
    }
}

#[tokio::test]
async fn each_status_of_a_page_is_told_apart() {
    for (status, expected) in [
        (404, Ok(404)),
        (410, Ok(410)),
        (401, Err(ConnectError::Forbidden("a.example answered 401".to_owned()))),
        (403, Err(ConnectError::Forbidden("a.example answered 403".to_owned()))),
        (451, Err(ConnectError::Forbidden("a.example answered 451".to_owned()))),
        (429, Err(ConnectError::RateLimited { after: None })),
        (400, Err(ConnectError::BadRequest("a.example answered 400".to_owned()))),
        (500, Err(ConnectError::Unavailable("a.example answered 500".to_owned()))),
        (503, Err(ConnectError::Unavailable("a.example answered 503".to_owned()))),
    ] {
        let (_web, builtin) = web(&[("a.example", behaving(Behaviour::Status(status)))]).await;
        let outcome = builtin.page(&url("http://a.example/")).await.map(|page| page.status);
        assert_eq!(outcome, expected, "{status}");
    }
    let (_web, builtin) = web(&[("a.example", behaving(Behaviour::Down))]).await;
    let outcome = builtin.page(&url("https://a.example/")).await;
    assert!(matches!(outcome, Err(ConnectError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn redirects_are_followed_by_the_rules_of_each_site() {
    let to = |url: &str| behaving(Behaviour::Redirect(url.to_owned()));
    let closed = Behaviour::Robots("User-agent: *\nDisallow: /\n".to_owned());
    let (web, builtin) = web(&[
        ("a.example", to("http://b.example/about")),
        ("b.example", acme()),
        ("w.example", behaving(Behaviour::ToWww)),
        ("c.example", to("http://closed.example/")),
        ("closed.example", behaving(closed)),
        ("d.example", to("http://10.0.0.1/")),
        ("e.example", to("/")),
    ])
    .await;
    let get = async |from: &str| builtin.page(&url(from)).await.map(|page| page.url.to_string());
    let forbidden = |text: &str| Err(ConnectError::Forbidden(text.to_owned()));
    assert_eq!(get("http://a.example/").await, Ok("http://b.example/about".to_owned()));
    assert_eq!(get("https://w.example/about").await, Ok("https://www.w.example/about".to_owned()));
    let disallowed = ConnectError::Disallowed("/ of closed.example".to_owned());
    assert_eq!(get("http://c.example/").await, Err(disallowed));
    assert_eq!(web.visits("closed.example"), ["/robots.txt"]);
    assert_eq!(get("http://d.example/").await, forbidden("10.0.0.1 is an address within"));
    assert_eq!(get("http://e.example/").await, forbidden("too many redirects"));
}

#[tokio::test]
async fn a_site_without_https_is_read_by_http() {
    let (_web, builtin) = web(&[("a.example", behaving(Behaviour::PlainOnly))]).await;
    let get = async |at: &str| builtin.page(&url(at)).await.map(|page| page.url.to_string());
    assert_eq!(get("https://a.example/about").await, Ok("http://a.example/about".to_owned()));
    let other_port = get("https://a.example:8443/").await;
    assert!(
        matches!(other_port, Err(ConnectError::Unavailable(_))),
        "what speaks TLS at this port, if anything?"
    );
}

#[tokio::test]
async fn passing_faults_are_repeated() {
    let (web, builtin) = web(&[("a.example", acme())]).await;
    for fault in
        [Fault::Status(503, None), Fault::Status(500, None), Fault::LostAnswer, Fault::Status(429, Some(0))]
    {
        web.faults().next(fault.clone());
        let outcome = builtin.page(&url("http://a.example/")).await.map(|page| page.status);
        assert_eq!(outcome, Ok(200), "{fault:?}");
    }
}

fn found(links: Result<Vec<PageLink>, ConnectError>) -> Vec<String> {
    links.unwrap().into_iter().map(|link| link.url.to_string()).collect()
}

#[tokio::test]
async fn pages_of_a_site_are_found_by_its_home_page_and_its_map() {
    let german = SiteSpec::new("Müller")
        .languages(&[Language::German])
        .hiring("/karriere", &["Vertrieb"])
        .says("/verborgen", "Nur im Plan");
    let (web, builtin) = web(&[("a.example", acme()), ("b.example", german)]).await;
    let all =
        ["about", "products", "contact", "careers", "legal"].map(|path| format!("https://a.example/{path}"));
    assert_eq!(found(builtin.links(&url("https://a.example/"), None, 10).await), all);
    assert_eq!(found(builtin.links(&url("https://a.example/"), None, 2).await), all[..2]);
    let careers = found(builtin.links(&url("https://a.example/"), Some("open jobs"), 1).await);
    assert_eq!(careers, ["https://a.example/careers"]);
    let karriere = found(builtin.links(&url("https://b.example/"), Some("find the careers page"), 1).await);
    assert_eq!(karriere, ["https://b.example/karriere"]);
    assert!(web.visits("a.example").contains(&"/sitemap.xml".to_owned()));
    assert!(
        builtin.links(&url("https://a.example/nowhere"), None, 10).await.is_ok(),
        "a page that is not there"
    );
}

#[tokio::test]
async fn maps_name_pages_that_nobody_links_to_and_only_of_the_site() {
    use sluice_fakes::Server;
    use sluice_fakes::axum::Router;
    use sluice_fakes::axum::http::StatusCode;
    use sluice_fakes::axum::http::Uri;
    use sluice_fakes::axum::response::{Html, IntoResponse as _};
    let answer = |uri: Uri| async move {
        match uri.path() {
            "/" => Html("<a href=/home-link>h</a><a href='http://other.example/'>o</a>").into_response(),
            "/robots.txt" => "Sitemap: http://a.example/index.xml\nSitemap: http://evil.example/x.xml".into_response(),
            "/index.xml" => "<sitemapindex><loc>http://a.example/posts.xml</loc><loc>http://www.a.example/jobs.xml</loc>\
                <loc>http://other.example/1.xml</loc><loc>http://a.example/3.xml</loc><loc>http://a.example/4.xml</loc>\
                </sitemapindex>"
                .into_response(),
            "/posts.xml" => "<loc>http://a.example/post</loc><loc>http://other.example/post</loc>".into_response(),
            "/jobs.xml" => "<loc>http://www.a.example/home-link/</loc><loc>http://a.example/jobs/1</loc>".into_response(),
            "/3.xml" => "<sitemapindex><loc>http://a.example/deeper.xml</loc></sitemapindex>".into_response(),
            "/4.xml" => "<loc>http://a.example/fourth</loc>".into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let server = Server::start(Router::new().fallback(answer)).await.unwrap();
    let options = ClientOptions { sample_web: Some(server.address()), ..quick() };
    let builtin = Builtin::new(client(options, names(&[])));
    let links = found(builtin.links(&url("http://a.example/"), None, 10).await);
    assert_eq!(links, ["http://a.example/home-link", "http://a.example/post", "http://a.example/jobs/1"]);
    let links = found(builtin.links(&url("http://a.example/"), Some("jobs"), 1).await);
    assert_eq!(links, ["http://a.example/jobs/1"]);
}

#[test]
fn a_site_is_known_by_a_domain_or_a_url() {
    for (text, expected) in [
        ("acme.example", Some("https://acme.example/")),
        (" ACME.example ", Some("https://acme.example/")),
        ("www.acme.example/about?x#y", Some("https://www.acme.example/about?x")),
        ("http://acme.example", Some("http://acme.example/")),
        ("//acme.example", Some("https://acme.example/")),
        ("müller.example", Some("https://xn--mller-kva.example/")),
        ("acme.example:8080", Some("https://acme.example:8080/")),
        ("", None),
        ("acme", None),
        ("localhost", None),
        ("10.0.0.1", None),
        ("[::1]", None),
        ("ftp://acme.example", None),
        ("user@acme.example", None),
        ("not a domain", None),
        ("http://", None),
    ] {
        assert_eq!(site_url(text).as_ref().map(Url::as_str), expected, "{text}");
    }
}

#[tokio::test]
async fn every_unknown_host_has_a_site_the_same_each_time() {
    let (_web, builtin) = web(&[]).await;
    let book = SiteBook::new();
    let (mut up, mut down, mut hiring, mut german) = (0, 0, 0, 0);
    for number in 0..200 {
        let host = format!("company-{number}.example");
        let address = url(&format!("https://{host}/"));
        match (builtin.page(&address).await, book.page(&address)) {
            (Ok(page), Some(sample)) => {
                assert_eq!((page.status, page.title), (200, Some(sample.title)), "{host}");
                assert!(page.text.starts_with(&sample.markdown), "{host}");
                up += 1;
                hiring +=
                    usize::from(page.text.contains("We are hiring") || page.text.contains("Wir stellen ein"));
                german += usize::from(page.text.contains("Unternehmen"));
            }
            // Its robots.txt forbids what others may show.
            (Err(ConnectError::Disallowed(_)), Some(_)) | (Err(ConnectError::Unavailable(_)), _) => down += 1,
            (outcome, sample) => panic!("{host}: {outcome:?} {sample:?}"),
        }
    }
    assert_eq!((up + down, up > 160, down > 5, hiring > 30, german > 10), (200, true, true, true, true));
}
