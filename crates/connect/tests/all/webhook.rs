//! Messages to webhooks: what arrives, and what comes back.

use crate::support::quick;
use sluice_connect::webhook::{Answer, Message, Sender};
use sluice_connect::{ClientOptions, ConnectError, SecretString};
use sluice_fakes::axum::Router;
use sluice_fakes::axum::http::StatusCode;
use sluice_fakes::axum::response::Redirect;
use sluice_fakes::axum::routing::post;
use sluice_fakes::webhook::{Received, WebhookFake};
use sluice_fakes::{Fault, Server};
use std::time::Duration;

/// Of the published example.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn message(secrets: &[SecretString]) -> Message<'_> {
    Message {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: 1_614_265_330,
        body: r#"{"test": 2432232314}"#,
        secrets,
    }
}

fn sender(server: &Server, timeout: Duration) -> Sender {
    let options = ClientOptions { allowed: vec![server.address()], timeout, ..quick() };
    Sender::new(&options).expect("a sender")
}

async fn send(sender: &Sender, server: &Server, path: &str) -> Result<Answer, ConnectError> {
    let secrets = [SecretString::from(SECRET)];
    sender.send(&server.url().join(path).expect("a URL"), &message(&secrets)).await
}

#[tokio::test]
async fn a_message_arrives_signed_and_byte_for_byte() {
    let fake = WebhookFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let sender = sender(&server, Duration::from_secs(9));
    let answer = send(&sender, &server, "hook?x=1").await.expect("an answer");
    assert_eq!(answer, Answer { status: 200, body: b"thanks".to_vec(), retry_after: None });
    let expected = Received {
        path: "/hook".to_owned(),
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
        timestamp: "1614265330".to_owned(),
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned(),
        body: r#"{"test": 2432232314}"#.to_owned(),
    };
    assert_eq!(fake.received(), [expected]);
}

#[tokio::test]
async fn every_status_is_an_answer_and_none_is_asked_for_twice() {
    let fake = WebhookFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let sender = sender(&server, Duration::from_secs(9));
    for (requests, (status, after)) in (1..).zip([
        (204, None),
        (302, None),
        (400, None),
        (410, None),
        (429, Some(7)),
        (500, None),
        (503, Some(3)),
    ]) {
        fake.faults.next(Fault::Status(status, after));
        let answer = send(&sender, &server, "").await.expect("an answer");
        let retry_after = after.map(Duration::from_secs);
        assert_eq!(answer, Answer { status, body: Vec::new(), retry_after });
        assert_eq!(fake.faults.requests(), requests);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let fake = WebhookFake::default();
    let target = Server::start(fake.router()).await.expect("a port");
    let url = target.url().to_string();
    let router = Router::new().route("/", post(move || async move { Redirect::temporary(&url) }));
    let server = Server::start(router).await.expect("a port");
    let options = ClientOptions { allowed: vec![server.address(), target.address()], ..quick() };
    let answer = send(&Sender::new(&options).expect("a sender"), &server, "").await.expect("an answer");
    assert_eq!((answer.status, fake.received().len()), (307, 0));
}

#[tokio::test]
async fn of_a_long_or_odd_answer_the_beginning_is_kept() {
    let long = || async { "x".repeat(1 << 20) };
    let odd = || async { ([("content-encoding", "gzip")], [0_u8, 255, 1]) };
    let router = Router::new().route("/long", post(long)).route("/odd", post(odd));
    let server = Server::start(router).await.expect("a port");
    let sender = sender(&server, Duration::from_secs(9));
    let answer = send(&sender, &server, "long").await.expect("an answer");
    assert_eq!((answer.status, answer.body), (200, vec![b'x'; 1_024]));
    let answer = send(&sender, &server, "odd").await.expect("an answer");
    assert_eq!((answer.status, answer.body), (200, vec![0, 255, 1]));
}

#[tokio::test]
async fn a_success_whose_body_does_not_come_is_one() {
    let fake = WebhookFake::default();
    fake.faults.next(Fault::SlowBody(Duration::from_secs(60)));
    let server = Server::start(fake.router()).await.expect("a port");
    let sender = sender(&server, Duration::from_secs(30));
    let answer = send(&sender, &server, "").await.expect("an answer");
    assert_eq!((answer.status, answer.body), (StatusCode::OK.as_u16(), Vec::new()));
}

#[tokio::test]
async fn who_does_not_answer_in_time_or_is_within_is_told_apart() {
    let fake = WebhookFake::default();
    fake.set_silent(true);
    let server = Server::start(fake.router()).await.expect("a port");
    let slow = send(&sender(&server, Duration::from_millis(200)), &server, "").await;
    assert_eq!(slow, Err(ConnectError::Unavailable("127.0.0.1 took more than 0.2 s".to_owned())));
    assert_eq!(fake.received().len(), 1);
    let within = send(&Sender::new(&quick()).expect("a sender"), &server, "").await;
    assert_eq!(within, Err(ConnectError::Forbidden("127.0.0.1 is an address within".to_owned())));
    let closed = send(&Sender::closed(), &server, "").await;
    assert_eq!(closed, Err(ConnectError::Forbidden("webhooks are not sent from here".to_owned())));
}
