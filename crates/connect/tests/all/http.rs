//! The guarded client: time, size, repeats, redirects, and what goes along.

use crate::support::{client, client_of, names, quick, text_server};
use sluice_connect::http::{Call, HostLimits, Reply};
use sluice_connect::{Client, ClientOptions, ConnectError, SecretString};
use sluice_fakes::axum::Router;
use sluice_fakes::axum::body::Bytes;
use sluice_fakes::axum::extract::Request;
use sluice_fakes::axum::http::{HeaderMap, Method, StatusCode, Uri};
use sluice_fakes::axum::middleware::from_fn_with_state;
use sluice_fakes::axum::response::{IntoResponse as _, Response};
use sluice_fakes::axum::routing::any;
use sluice_fakes::faults::meet;
use sluice_fakes::{Fault, Faults, Server};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

fn url(server: &Server, path: &str) -> Url {
    server.url().join(path).unwrap()
}

fn unavailable<T>(text: &str) -> Result<T, ConnectError> {
    Err(ConnectError::Unavailable(text.to_owned()))
}

async fn text(client: &Client, call: Call) -> Result<String, ConnectError> {
    client.send(call).await.map(|reply| String::from_utf8(reply.body).unwrap())
}

/// A server that answers with what it was asked: method, path, the headers that matter, and the body.
async fn echo() -> Server {
    async fn answer(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> String {
        let names =
            ["host", "user-agent", "authorization", "x-key", "accept", "content-type", "referer", "cookie"];
        let said = names.iter().filter_map(|name| {
            let value = headers.get(*name)?.to_str().unwrap();
            Some(format!("{name}={}", if *name == "host" { "…" } else { value }))
        });
        let said: Vec<String> = said.collect();
        format!("{method} {uri} {} {}", said.join(" "), String::from_utf8_lossy(&body))
    }
    Server::start(Router::new().fallback(answer)).await.unwrap()
}

const WHO: &str = "host=… user-agent=Sluice/0.1 (self-hosted prospecting engine)";

#[tokio::test]
async fn a_call_says_who_we_are_and_what_was_given() {
    let server = echo().await;
    let client = client_of(&server);
    let get = Call::new("GET", url(&server, "/a?b=c")).bearer(&SecretString::from("secret"));
    assert_eq!(
        text(&client, get).await.unwrap(),
        format!("GET /a?b=c {WHO} authorization=Bearer secret accept=*/* ")
    );
    let post = Call::new("POST", url(&server, "/a")).json(&serde_json::json!({"a": 1})).unwrap();
    assert_eq!(
        text(&client, post).await.unwrap(),
        format!("POST /a {WHO} accept=*/* content-type=application/json {{\"a\":1}}")
    );
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_credential() {
    let server = echo().await;
    let secret = SecretString::from("hidden");
    let to = url(&server, "/a?token=hidden#hidden");
    let call =
        Call::new("POST", to).bearer(&secret).json(&serde_json::json!({"password": "hidden"})).unwrap();
    assert_eq!(
        format!("{call:?}"),
        format!("Call {{ method: \"POST\", url: \"{}\", traffic: Service, .. }}", url(&server, "/a"))
    );
    let reply = client_of(&server).send(call).await.unwrap();
    assert!(reply.body.ends_with(b"{\"password\":\"hidden\"}"));
    assert_eq!(
        format!("{reply:?}"),
        format!("Reply {{ status: 200, url: \"{}\", bytes: {}, .. }}", url(&server, "/a"), reply.body.len())
    );
    let port = server.address().port();
    drop(server);
    let gone = Url::parse(&format!("http://127.0.0.1:{port}/?token=hidden")).unwrap();
    let options = ClientOptions { allow_private_hosts: true, retries: 0, ..quick() };
    let error = client(options, names(&[])).send(Call::new("GET", gone)).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hidden"), "{error:?}");
}

/// A server that answers `done` to what gets through its faults.
async fn faulty() -> (Server, Faults) {
    let faults = Faults::default();
    let router = Router::new().fallback(|| async { "done" }).layer(from_fn_with_state(faults.clone(), meet));
    (Server::start(router).await.unwrap(), faults)
}

/// What a call becomes when it meets these faults first, and how many requests it took.
async fn met(call: impl Fn(Url) -> Call, first: &[Fault]) -> (Result<(u16, Vec<u8>), ConnectError>, u64) {
    let (server, faults) = faulty().await;
    for fault in first {
        faults.next(fault.clone());
    }
    let outcome = client_of(&server).send(call(url(&server, "/"))).await;
    (outcome.map(|reply| (reply.status, reply.body)), faults.requests())
}

#[tokio::test]
async fn passing_failures_are_repeated_where_that_does_no_harm() {
    let get: fn(Url) -> Call = |url| Call::new("GET", url);
    let page: fn(Url) -> Call = Call::page;
    let post: fn(Url) -> Call = |url| Call::new("POST", url);
    let put: fn(Url) -> Call = |url| Call::new("PUT", url);
    let safe_post: fn(Url) -> Call = |url| Call::new("POST", url).repeatable();
    let done = || Ok((200, b"done".to_vec()));
    let is = |status| Ok((status, Vec::new()));
    let status = |status| Fault::Status(status, None);
    for status_code in [408, 425, 429, 500, 502, 503, 504, 520] {
        assert_eq!(met(get, &[status(status_code)]).await, (done(), 2), "{status_code}");
    }
    assert_eq!(met(page, &[status(503), status(500)]).await, (done(), 3));
    assert_eq!(met(safe_post, &[status(500)]).await, (done(), 2));
    // Three attempts in all, then the reply as it is.
    assert_eq!(met(get, &[status(500), status(503), status(502), status(500)]).await, (is(502), 3));
    for status_code in [400, 401, 402, 403, 404, 409, 410, 412, 422, 501, 505] {
        assert_eq!(met(get, &[status(status_code)]).await, (is(status_code), 1), "{status_code}");
    }
    // Nothing was done by these, so that anything may be repeated.
    for call in [post, put] {
        assert_eq!(met(call, &[status(429)]).await, (done(), 2));
        assert_eq!(met(call, &[status(503)]).await, (done(), 2));
        assert_eq!(met(call, &[status(529)]).await, (done(), 2));
        for status_code in [408, 500, 502, 504] {
            assert_eq!(met(call, &[status(status_code)]).await, (is(status_code), 1), "{status_code}");
        }
    }
    // An answer that breaks off tells nothing of what was done.
    assert_eq!(met(get, &[Fault::LostAnswer]).await, (done(), 2));
    let (outcome, requests) = met(post, &[Fault::LostAnswer]).await;
    assert!(matches!(outcome, Err(ConnectError::Unavailable(_))), "{outcome:?}");
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_time_out_ends_an_attempt_and_repeats_only_what_may_be() {
    for fault in [Fault::Slow(Duration::from_secs(60)), Fault::SlowBody(Duration::from_secs(60))] {
        let short: fn(Url) -> Call = |url| Call::new("GET", url).timeout(Duration::from_millis(200));
        assert_eq!(met(short, std::slice::from_ref(&fault)).await, (Ok((200, b"done".to_vec())), 2));
        let post: fn(Url) -> Call = |url| Call::new("POST", url).timeout(Duration::from_millis(200));
        assert_eq!(met(post, &[fault]).await, (unavailable("127.0.0.1 took more than 0.2 s"), 1));
    }
}

#[tokio::test]
async fn a_host_that_says_when_is_not_called_before_or_not_at_all() {
    let (server, faults) = faulty().await;
    let client = client_of(&server);
    faults.next(Fault::Status(429, Some(1)));
    let begun = std::time::Instant::now();
    assert_eq!(client.send(Call::new("POST", url(&server, "/"))).await.unwrap().status, 200);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    faults.next(Fault::Status(429, Some(61)));
    let reply = client.send(Call::new("GET", url(&server, "/"))).await.unwrap();
    assert_eq!(faults.requests(), 3, "not repeated");
    let after = Some(Duration::from_secs(61));
    assert_eq!(reply.success().unwrap_err(), ConnectError::RateLimited { after });
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let wait = |headers: &[(&str, &str)]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let url = Url::parse("http://a.example/").unwrap();
        Reply { status: 429, url, headers, body: Vec::new() }.retry_after().map(|wait| wait.as_secs())
    };
    let date = ("date", "Sat, 21 Nov 2026 22:00:00 GMT");
    assert_eq!(wait(&[]), None);
    assert_eq!(wait(&[("retry-after", "7")]), Some(7));
    assert_eq!(wait(&[("retry-after", " 7 ")]), Some(7));
    assert_eq!(wait(&[date, ("retry-after", "Sat, 21 Nov 2026 22:01:30 GMT")]), Some(90));
    assert_eq!(wait(&[date, ("retry-after", "Sun, 22 Nov 2026 00:00:00 GMT")]), Some(7200));
    assert_eq!(wait(&[date, ("retry-after", "Sat, 21 Nov 2026 21:00:00 GMT")]), Some(0), "past");
    assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 22:01:30 GMT")]), None, "from when?");
    for odd in ["", "soon", "-1", "1.5", "Sat, 31 Feb 2026 22:01:30 GMT", "99999999999999999999"] {
        assert_eq!(wait(&[date, ("retry-after", odd)]), None, "{odd:?}");
    }
}

#[tokio::test]
async fn each_status_is_an_error_of_its_own() {
    let error = async |status| {
        let (server, faults) = faulty().await;
        faults.next(Fault::Status(status, (status == 429).then_some(600)));
        let options = ClientOptions { retries: 0, allow_private_hosts: true, ..quick() };
        let reply = client(options, names(&[])).send(Call::new("GET", url(&server, "/"))).await.unwrap();
        reply.success().unwrap_err()
    };
    let host = || "127.0.0.1".to_owned();
    assert_eq!(error(401).await, ConnectError::Unauthorized(host()));
    assert_eq!(error(403).await, ConnectError::Forbidden("127.0.0.1 answered 403".to_owned()));
    assert_eq!(error(402).await, ConnectError::PaymentRequired(host()));
    for status in [404, 410] {
        assert_eq!(error(status).await, ConnectError::NotFound(host()));
    }
    assert_eq!(error(429).await, ConnectError::RateLimited { after: Some(Duration::from_secs(600)) });
    for status in [408, 425, 500, 502, 503, 504] {
        let answered = format!("127.0.0.1 answered {status}");
        assert_eq!(error(status).await, ConnectError::Unavailable(answered));
    }
    for status in [300, 304, 400, 405, 409, 412, 422] {
        let answered = format!("127.0.0.1 answered {status}");
        assert_eq!(error(status).await, ConnectError::BadRequest(answered));
    }
}

#[tokio::test]
async fn bodies_are_bounded_whether_or_not_they_say_their_length() {
    async fn answer(uri: Uri) -> Response {
        let bytes = vec![b'x'; uri.query().unwrap().parse().unwrap()];
        if uri.path() == "/said" {
            return bytes.into_response();
        }
        let parts = bytes.chunks(100).map(|part| Ok::<_, std::io::Error>(part.to_vec())).collect::<Vec<_>>();
        let parts = futures_util::stream::iter(parts);
        Response::new(sluice_fakes::axum::body::Body::from_stream(parts))
    }
    let server = Server::start(Router::new().fallback(answer)).await.unwrap();
    let options = ClientOptions { max_body: 1000, allow_private_hosts: true, ..quick() };
    let client = client(options, names(&[]));
    for path in ["/said", "/unsaid"] {
        let length = async |bytes: usize, call: fn(Call) -> Call| {
            let to = url(&server, &format!("{path}?{bytes}"));
            client.send(call(Call::new("GET", to))).await.map(|reply| reply.body.len())
        };
        let too_large =
            |most| Err(ConnectError::BadRequest(format!("127.0.0.1 answered with more than {most} bytes")));
        assert_eq!(length(1000, |call| call).await, Ok(1000));
        assert_eq!(length(1001, |call| call).await, too_large(1000));
        assert_eq!(length(1001, |call| call.max_body(2000)).await, Ok(1001));
        assert_eq!(length(11, |call| call.max_body(10)).await, too_large(10));
    }
}

#[tokio::test]
async fn an_encoding_that_was_not_asked_for_is_refused() {
    let router = Router::new()
        .route("/gzip", any(|| async { ([("content-encoding", "gzip")], "bomb") }))
        .route("/identity", any(|| async { ([("content-encoding", "identity")], "plain") }));
    let server = Server::start(router).await.unwrap();
    let client = client_of(&server);
    let get = async |path| text(&client, Call::page(url(&server, path))).await;
    let refused = "127.0.0.1 answered in an encoding that was not asked for".to_owned();
    assert_eq!(get("/gzip").await, Err(ConnectError::BadRequest(refused)));
    assert_eq!(get("/identity").await, Ok("plain".to_owned()));
}

/// A server that leads to `location` with this status, and one that says what reached it.
async fn leading(status: u16, location: String) -> Server {
    let answer =
        move || async move { (StatusCode::from_u16(status).unwrap(), [("location", location)], "moved") };
    Server::start(Router::new().fallback(answer)).await.unwrap()
}

fn of_both(servers: [&Server; 2]) -> Client {
    let allowed = servers.map(Server::address).to_vec();
    client(ClientOptions { allowed, ..quick() }, names(&[]))
}

fn secret_call(method: &'static str, url: Url) -> Call {
    Call::new(method, url)
        .header("x-key", SecretString::from("secret"))
        .header("accept", SecretString::from("text/html"))
}

#[tokio::test]
async fn redirects_keep_or_change_the_method_and_drop_credentials_on_the_way_to_others() {
    let end = echo().await;
    for (status, method, after) in [
        (301, "GET", "GET"),
        (302, "GET", "GET"),
        (303, "GET", "GET"),
        (307, "GET", "GET"),
        (308, "GET", "GET"),
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (307, "DELETE", "DELETE"),
        (308, "POST", "POST"),
    ] {
        let start = leading(status, url(&end, "/end").into()).await;
        let reply = of_both([&start, &end]).send(secret_call(method, url(&start, "/"))).await.unwrap();
        assert_eq!(reply.url, url(&end, "/end"));
        let said = String::from_utf8(reply.body).unwrap();
        assert_eq!(said, format!("{after} /end {WHO} accept=text/html "), "{status} {method}");
    }
    for status in [300, 304, 305, 306] {
        let start = leading(status, url(&end, "/end").into()).await;
        let reply = of_both([&start, &end]).send(secret_call("GET", url(&start, "/"))).await.unwrap();
        assert_eq!((reply.status, reply.url), (status, url(&start, "/")), "not followed");
    }
}

/// A server that leads from `/start` to `/end`, where it answers with what reached it.
async fn within_one(status: u16) -> Server {
    async fn end(method: Method, headers: HeaderMap, body: Bytes) -> String {
        let of = |name| headers.get(name).map_or("", |value| value.to_str().unwrap());
        format!("{method} {} {} {}", of("x-key"), of("content-type"), String::from_utf8_lossy(&body))
    }
    let lead = move || async move { (StatusCode::from_u16(status).unwrap(), [("location", "end")]) };
    Server::start(Router::new().route("/start", any(lead)).route("/end", any(end))).await.unwrap()
}

#[tokio::test]
async fn within_an_origin_credentials_go_along_and_bodies_where_the_method_stays() {
    for (status, said) in [
        (302, "GET secret  "),
        (303, "GET secret  "),
        (307, "POST secret application/json {\"a\":1}"),
        (308, "POST secret application/json {\"a\":1}"),
    ] {
        let server = within_one(status).await;
        let call = secret_call("POST", url(&server, "/start")).json(&serde_json::json!({"a": 1})).unwrap();
        assert_eq!(text(&client_of(&server), call).await, Ok(said.to_owned()), "{status}");
    }
}

#[tokio::test]
async fn a_body_goes_to_others_only_where_they_are_trusted() {
    let end = echo().await;
    let start = leading(307, url(&end, "/end").into()).await;
    let client = of_both([&start, &end]);
    let call = || secret_call("POST", url(&start, "/")).json(&serde_json::json!({"a": 1})).unwrap();
    let refused = ConnectError::Forbidden("a redirect of a body to another host".to_owned());
    assert_eq!(text(&client, call()).await, Err(refused.clone()));
    assert_eq!(text(&client, call().trusting("7.0.0.1")).await, Err(refused), "no half of a label");
    let said =
        format!("POST /end {WHO} x-key=secret accept=text/html content-type=application/json {{\"a\":1}}");
    assert_eq!(text(&client, call().trusting("127.0.0.1")).await, Ok(said.clone()));
    assert_eq!(text(&client, call().trusting("0.0.1")).await, Ok(said), "hosts below it too");
}

#[tokio::test]
async fn a_redirect_can_be_the_reply() {
    let start = leading(302, "http://elsewhere.example/?code=1".to_owned()).await;
    let reply = client_of(&start).send(Call::new("GET", url(&start, "/")).show_redirects()).await.unwrap();
    assert_eq!((reply.status, reply.header("location")), (302, Some("http://elsewhere.example/?code=1")));
    assert_eq!(reply.body, b"moved");
}

#[tokio::test]
async fn redirects_lead_nowhere_that_may_not_be_called() {
    let forbidden = |text: &str| Err(ConnectError::Forbidden(text.to_owned()));
    for (location, outcome) in [
        ("http://127.0.0.1/", forbidden("127.0.0.1 is an address within")),
        ("http://169.254.169.254/latest/", forbidden("169.254.169.254 is an address within")),
        ("//10.0.0.1/", forbidden("10.0.0.1 is an address within")),
        ("http://metadata.google.internal/", forbidden("metadata.google.internal leads within")),
        ("http://inside.example/", forbidden("inside.example leads to an address within")),
        ("http://user:password@a.example/", forbidden("a URL with a user or a password")),
        ("file:///etc/passwd", forbidden("only http and https, not file")),
        ("gopher://a.example/", forbidden("only http and https, not gopher")),
        ("http://a.example:22/", forbidden("port 22 for a page")),
        ("/", forbidden("too many redirects")),
        ("http://gone.example/", unavailable("gone.example cannot be looked up")),
        ("http://[", unavailable("a redirect to what is no URL")),
    ] {
        let start = leading(302, location.to_owned()).await;
        let options = ClientOptions { allowed: vec![start.address()], ..quick() };
        let client = client(options, names(&[("inside.example", "192.168.0.1")]));
        assert_eq!(text(&client, Call::page(url(&start, "/"))).await, outcome, "{location}");
    }
    // Without an address, it is a reply like others.
    let answer = || async { (StatusCode::FOUND, "nowhere") };
    let server = Server::start(Router::new().fallback(answer)).await.unwrap();
    assert_eq!(text(&client_of(&server), Call::page(url(&server, "/"))).await, Ok("nowhere".to_owned()));
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_a_connection_and_checked_there() {
    let server = text_server("inside").await;
    let port = server.address().port();
    // Its first answer is harmless, each further one is not.
    let table = [
        ("rebinding.example", "93.184.216.34"),
        ("rebinding.example", "127.0.0.1"),
        ("mixed.example", "127.0.0.1"),
    ];
    let options = || ClientOptions { connect_timeout: Duration::from_millis(100), retries: 0, ..quick() };
    let lookup = names(&table);
    let client_1 = client(options(), lookup.clone());
    let call = || Call::new("GET", Url::parse(&format!("http://rebinding.example:{port}/")).unwrap());
    // Nothing is called but the address of the first answer, which is nowhere here.
    let first = client_1.send(call()).await.unwrap_err();
    assert!(matches!(first, ConnectError::Unavailable(_)), "{first:?}");
    for _ in 0..3 {
        let error = client_1.send(call()).await.unwrap_err();
        let within = "rebinding.example leads to an address within".to_owned();
        assert_eq!(error, ConnectError::Forbidden(within));
    }
}

#[tokio::test]
async fn pages_come_from_the_sample_web_and_services_never_do() {
    async fn answer(request: Request) -> Response {
        let host = request.headers()["host"].to_str().unwrap().to_owned();
        match (host.as_str(), request.uri().path()) {
            ("a.example", "/moved") => {
                (StatusCode::FOUND, [("location", "https://b.example/x?y")]).into_response()
            }
            ("a.example", "/inside") => {
                (StatusCode::FOUND, [("location", "http://10.0.0.1/")]).into_response()
            }
            (_, path) => format!("{host} {path}").into_response(),
        }
    }
    let sample = Server::start(Router::new().fallback(answer)).await.unwrap();
    let options = ClientOptions { sample_web: Some(sample.address()), ..quick() };
    let client = client(options, names(&[]));
    let get = async |url: &str| {
        let reply = client.send(Call::page(Url::parse(url).unwrap())).await;
        reply.map(|reply| (reply.url.to_string(), String::from_utf8(reply.body).unwrap()))
    };
    let is = |url: &str, said: &str| Ok((url.to_owned(), said.to_owned()));
    assert_eq!(get("https://a.example/").await, is("https://a.example/", "a.example /"));
    assert_eq!(get("http://a.example:8080/p").await, is("http://a.example:8080/p", "a.example:8080 /p"));
    assert_eq!(get("http://a.example/moved").await, is("https://b.example/x?y", "b.example /x"));
    let within = |text: &str| Err(ConnectError::Forbidden(text.to_owned()));
    assert_eq!(get("http://a.example/inside").await, within("10.0.0.1 is an address within"));
    assert_eq!(get("http://127.0.0.1/").await, within("127.0.0.1 is an address within"));
    let service = Call::new("GET", Url::parse("http://a.example/").unwrap());
    assert_eq!(text(&client, service).await, unavailable("a.example cannot be looked up"));
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_left_alone() {
    let (server, faults) = faulty().await;
    let limits = HostLimits { failures: 4, pause: Duration::from_secs(3600), ..quick().page_limits };
    let options = ClientOptions { allow_private_hosts: true, service_limits: limits, ..quick() };
    let client = client(options, names(&[]));
    for _ in 0..4 {
        faults.next(Fault::Status(500, None));
    }
    let get = async || client.send(Call::new("GET", url(&server, "/"))).await.map(|reply| reply.status);
    assert_eq!(get().await, Ok(500), "three attempts");
    assert_eq!(get().await, unavailable("127.0.0.1 failed too often: not called for 3600 s"));
    assert_eq!(faults.requests(), 4);
}

/// What a client makes of these bytes, and of a connection that ends after them.
async fn raw(bytes: &'static [u8]) -> Result<(u16, Vec<u8>), ConnectError> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    let options = ClientOptions { allowed: vec![address], retries: 0, ..quick() };
    let to = Url::parse(&format!("http://{address}/")).unwrap();
    let outcome = client(options, names(&[])).send(Call::page(to)).await;
    server.abort();
    outcome.map(|reply| (reply.status, reply.body))
}

#[tokio::test]
async fn hosts_that_speak_badly_are_unavailable() {
    assert_eq!(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await, Ok((200, b"hi".to_vec())));
    for bytes in [
        &b""[..],
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
    ] {
        let outcome = raw(bytes).await;
        assert!(matches!(outcome, Err(ConnectError::Unavailable(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_fresh_process_makes_a_client_and_trusts_only_known_authorities() {
    // No provider of TLS is installed in this process, nor is one afterwards.
    let plain = text_server("no TLS").await;
    let client = Client::new(ClientOptions { allow_private_hosts: true, retries: 0, ..quick() }).unwrap();
    let port = plain.address().port();
    let error = client.send(Call::page(Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap())).await;
    assert!(matches!(error, Err(ConnectError::Unavailable(_))), "{error:?}");
    assert!(tokio_rustls::rustls::crypto::CryptoProvider::get_default().is_none());
}

#[tokio::test]
async fn seen_requests_are_those_that_were_sent() {
    // Proxies of the environment play no part: the variables would be read when the client is made.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = seen.clone();
    let answer = move |request: Request| {
        record.lock().unwrap().push(request.uri().to_string());
        async { "ok" }
    };
    let server = Server::start(Router::new().fallback(answer)).await.unwrap();
    assert_eq!(text(&client_of(&server), Call::page(url(&server, "/one"))).await, Ok("ok".to_owned()));
    assert_eq!(*seen.lock().unwrap(), ["/one"], "in origin form");
}
