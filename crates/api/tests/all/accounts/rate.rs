//! So many requests per minute and key.

use super::support::{ACCOUNTS, error, new_key};
use sluice_model::accounts::{Scope, Scopes};
use sluice_testkit::{Caller, TestApp};

fn fields(reply: &sluice_testkit::Reply) -> [Option<&str>; 3] {
    ["ratelimit-policy", "ratelimit", "retry-after"].map(|name| reply.header(name))
}

#[tokio::test]
async fn each_reply_tells_where_the_key_stands() {
    let app = TestApp::start().await;
    let first = app.machine().get(ACCOUNTS).await.expect(200);
    assert_eq!(fields(&first), [Some("\"key\";q=6000;w=60"), Some("\"key\";r=5999;t=1"), None]);
    let second = app.machine().get(&format!("{ACCOUNTS}/x")).await.expect(404);
    assert_eq!(
        fields(&second),
        [Some("\"key\";q=6000;w=60"), Some("\"key\";r=5998;t=1"), None],
        "errors too"
    );
    assert_eq!(fields(&app.anonymous().get(ACCOUNTS).await.expect(401)), [None; 3]);
    let reply = app.other_machine().get(ACCOUNTS).await.expect(200);
    assert_eq!(reply.header("ratelimit"), Some("\"key\";r=5999;t=1"), "each key counts for itself");
}

#[tokio::test]
async fn a_key_of_its_own_rate_is_refused_beyond_it() {
    let app = TestApp::start().await;
    let machine = new_key(&app, None, Scopes::of(&[Scope::AccountsRead]), Some(3)).await;
    for (remaining, reset) in [(2, 20), (1, 40), (0, 60)] {
        let reply = machine.get(ACCOUNTS).await.expect(200);
        let standing = format!("\"key\";r={remaining};t={reset}");
        assert_eq!(fields(&reply), [Some("\"key\";q=3;w=60"), Some(standing.as_str()), None]);
    }
    let reply = machine.get(ACCOUNTS).await.expect(429);
    assert_eq!(reply.json(), error("RATE_LIMITED", "More than 3 requests per minute"));
    assert_eq!(fields(&reply), [Some("\"key\";q=3;w=60"), Some("\"key\";r=0;t=20"), Some("20")]);
    let written = machine.post(ACCOUNTS, &serde_json::json!({})).await;
    assert_eq!(written.status.as_u16(), 429, "the rate comes before the scope and the body");
    let _ = app.machine().get(ACCOUNTS).await.expect(200);
    app.clock.advance(19_999);
    assert_eq!(fields(&machine.get(ACCOUNTS).await.expect(429))[2], Some("1"));
    app.clock.advance(1);
    let _ = machine.get(ACCOUNTS).await.expect(200);
    let _ = machine.get(ACCOUNTS).await.expect(429);
    app.clock.advance(60_000);
    for _ in 0..3 {
        let _ = machine.get(ACCOUNTS).await.expect(200);
    }
    let _ = machine.get(ACCOUNTS).await.expect(429);
}
