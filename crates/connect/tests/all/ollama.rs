//! Ollama's own dialect.

use crate::setup::{Desk, KEY, question};
use serde_json::json;
use sluice_connect::ConnectError;
use sluice_connect::model::{ModelDialect, Says};
use sluice_fakes::Fault;
use sluice_fakes::model::MISSING_MODEL;
use std::time::Duration;

const PAGE: &str = "We are hiring engineers.";

async fn error(desk: &Desk) -> ConnectError {
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap_err().error
}

#[tokio::test]
async fn a_request_has_the_form_of_the_server() {
    let desk = Desk::new(ModelDialect::Ollama).await;
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    let asked = desk.fake.asked().remove(0);
    assert_eq!(asked.path, "/api/chat");
    let schema = json!({
        "type": "object",
        "properties": {
            "verdict": {"type": "string", "enum": ["yes", "no", "unknown"]},
            "reason": {"type": "string"},
            "quote": {"type": "string"}
        },
        "required": ["verdict", "reason", "quote"],
        "additionalProperties": false
    });
    assert_eq!(
        asked.body,
        json!({
            "model": "test-model",
            "messages": [{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}],
            "stream": false, "options": {"temperature": 0, "num_predict": 4096, "num_ctx": 16384}, "format": schema
        })
    );
}

#[tokio::test]
async fn a_server_that_knows_no_schema_is_asked_without() {
    let desk = Desk::new(ModelDialect::Ollama).await;
    desk.fake.refuse("format");
    for calls in 1..=2 {
        assert_eq!(
            desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap().says,
            Says::Yes
        );
        assert_eq!(desk.fake.faults().requests(), 2 + calls);
    }
    assert_eq!(desk.fake.asked()[1].body.get("format"), None);
}

#[tokio::test]
async fn every_status_says_what_to_do_next() {
    let desk = Desk::new(ModelDialect::Ollama).await;
    for (status, after, expected) in [
        (400, None, ConnectError::BadRequest("127.0.0.1: ".into())),
        (401, None, ConnectError::Unauthorized("127.0.0.1".into())),
        (404, None, ConnectError::NotFound("127.0.0.1 has no model test-model".into())),
        (429, Some(3), ConnectError::RateLimited { after: Some(Duration::from_secs(3)) }),
        (500, None, ConnectError::Unavailable("127.0.0.1 answered 500".into())),
    ] {
        desk.fake.faults().next(Fault::Status(status, after));
        assert_eq!(error(&desk).await, expected, "{status}");
    }
    let missing = Desk::with(ModelDialect::Ollama, MISSING_MODEL, KEY).await;
    assert_eq!(error(&missing).await, ConnectError::NotFound("127.0.0.1 has no model missing-model".into()));
}
