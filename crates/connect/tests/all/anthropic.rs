//! The dialect of messages with a forced tool.

use crate::setup::{Desk, KEY, question};
use serde_json::json;
use sluice_connect::ConnectError;
use sluice_connect::model::{ModelDialect, Says};
use sluice_fakes::Fault;
use sluice_fakes::model::{Conduct, MISSING_MODEL};
use std::time::Duration;

const PAGE: &str = "We are hiring engineers.";

async fn desk() -> Desk {
    Desk::new(ModelDialect::Anthropic).await
}

async fn error(desk: &Desk) -> ConnectError {
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap_err().error
}

#[tokio::test]
async fn a_request_has_the_form_of_the_vendor() {
    let desk = desk().await;
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    let asked = desk.fake.asked().remove(0);
    assert_eq!(asked.path, "/v1/messages");
    assert!(asked.headers.contains(&("x-api-key".into(), KEY.into())));
    assert!(asked.headers.contains(&("anthropic-version".into(), "2023-06-01".into())));
    assert!(!asked.headers.iter().any(|(name, _)| name == "authorization"));
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
            "model": "test-model", "max_tokens": 4096, "system": asked.system,
            "messages": [{"role": "user", "content": asked.user}],
            "tools": [{"name": "verdict", "description": "The verdict on the source.", "input_schema": schema}],
            "tool_choice": {"type": "tool", "name": "verdict", "disable_parallel_tool_use": true},
            "temperature": 0
        })
    );
}

#[tokio::test]
async fn a_base_may_name_the_version() {
    let desk = desk().await;
    let mut base_url = desk.server.url();
    base_url.set_path("/v1/");
    let settings = sluice_connect::model::ModelSettings {
        dialect: ModelDialect::Anthropic,
        base_url,
        model: "m".into(),
        key: Some(KEY.into()),
        credits_per_call: 1,
        at_once: 16,
    };
    let model = sluice_connect::model::connect(settings, crate::setup::client(&desk.server)).unwrap();
    assert_eq!(model.judge(&question("Is the company hiring?", PAGE)).await.unwrap().says, Says::Yes);
}

#[tokio::test]
async fn what_a_model_refuses_is_left_out_and_stays_out() {
    let desk = desk().await;
    desk.fake.refuse("temperature");
    for calls in 1..=2 {
        assert_eq!(
            desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap().says,
            Says::Yes
        );
        assert_eq!(desk.fake.faults().requests(), 1 + calls);
    }
    assert_eq!(desk.fake.asked()[0].body.get("temperature"), None);
}

#[tokio::test]
async fn a_refusal_is_unknown_and_a_cut_answer_is_repaired() {
    let desk = desk().await;
    desk.fake.conduct(Conduct::Refusing);
    let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    assert_eq!((answer.says, answer.reason.as_str()), (Says::Unknown, "The model declined to answer."));
    desk.fake.conduct(Conduct::Truncated);
    let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    assert_eq!((answer.says, answer.calls), (Says::Unknown, 2));
}

#[tokio::test]
async fn every_status_says_what_to_do_next() {
    let desk = desk().await;
    let host = || "127.0.0.1".to_owned();
    for (status, after, expected) in [
        (400, None, ConnectError::BadRequest("127.0.0.1: ".into())),
        (401, None, ConnectError::Unauthorized(host())),
        (402, None, ConnectError::PaymentRequired(host())),
        (403, None, ConnectError::Forbidden("127.0.0.1 answered 403".to_owned())),
        (404, None, ConnectError::NotFound("127.0.0.1 has no model test-model".into())),
        (413, None, ConnectError::BadRequest("127.0.0.1: ".into())),
        (429, Some(7), ConnectError::RateLimited { after: Some(Duration::from_secs(7)) }),
        (500, None, ConnectError::Unavailable("127.0.0.1 answered 500".into())),
        (529, None, ConnectError::RateLimited { after: None }),
    ] {
        desk.fake.faults().next(Fault::Status(status, after));
        assert_eq!(error(&desk).await, expected, "{status}");
    }
    let wrong = Desk::with(ModelDialect::Anthropic, "test-model", "sk-wrong").await;
    assert_eq!(error(&wrong).await, ConnectError::Unauthorized(host()));
    let missing = Desk::with(ModelDialect::Anthropic, MISSING_MODEL, KEY).await;
    assert_eq!(error(&missing).await, ConnectError::NotFound("127.0.0.1 has no model missing-model".into()));
}
