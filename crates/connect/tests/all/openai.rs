//! The dialect of chat completions.

use crate::setup::{Desk, KEY, client, question};
use serde_json::json;
use sluice_connect::model::{Failure, ModelDialect, ModelSettings, Says, connect};
use sluice_connect::{ConnectError, SecretString};
use sluice_fakes::Fault;
use sluice_fakes::model::{Conduct, MISSING_MODEL};
use std::time::Duration;

const PAGE: &str = "We are hiring engineers.";

async fn desk() -> Desk {
    Desk::new(ModelDialect::OpenAi).await
}

async fn error(desk: &Desk) -> ConnectError {
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap_err().error
}

#[tokio::test]
async fn a_request_has_the_form_of_the_vendor() {
    let desk = desk().await;
    desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    let asked = desk.fake.asked().remove(0);
    assert_eq!(asked.path, "/v1/chat/completions");
    assert!(asked.headers.contains(&("authorization".into(), format!("Bearer {KEY}"))));
    let format = json!({"type": "json_schema", "json_schema": {
        "name": "verdict", "description": "The verdict on the source.", "strict": true,
        "schema": {
            "type": "object",
            "properties": {
                "verdict": {"type": "string", "enum": ["yes", "no", "unknown"]},
                "reason": {"type": "string"},
                "quote": {"type": "string"}
            },
            "required": ["verdict", "reason", "quote"],
            "additionalProperties": false
        }
    }});
    assert_eq!(
        asked.body,
        json!({
            "model": "test-model",
            "messages": [{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}],
            "stream": false, "max_tokens": 4096, "temperature": 0, "response_format": format
        })
    );
}

#[tokio::test]
async fn what_a_server_refuses_is_left_out_and_stays_out() {
    let desk = desk().await;
    for word in ["json_schema", "json_object", "temperature", "max_tokens"] {
        desk.fake.refuse(word);
    }
    for calls in 1..=2 {
        let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
        assert_eq!((answer.says, answer.calls), (Says::Yes, 1));
        assert_eq!(desk.fake.calls(), calls);
        // Four refusals and an answer; later only the answer.
        assert_eq!(desk.fake.faults().requests(), 4 + calls);
    }
    let body = desk.fake.asked().remove(1).body;
    let keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["model", "messages", "stream", "max_completion_tokens"]);
}

#[tokio::test]
async fn a_refusal_is_unknown() {
    let desk = desk().await;
    desk.fake.conduct(Conduct::Refusing);
    let answer = desk.model.judge(&question("Is the company hiring?", PAGE)).await.unwrap();
    assert_eq!(
        (answer.says, answer.reason.as_str(), answer.raw.as_str(), answer.calls),
        (Says::Unknown, "The model declined to answer.", "I cannot help with that.", 1)
    );
    let failure = desk.model.choose("Hiring?", &["a".into()], 1).await.unwrap_err();
    let error = ConnectError::BadRequest("the model declined to choose pages".into());
    assert_eq!(failure, Failure { error, calls: 1 });
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
        (429, None, ConnectError::RateLimited { after: None }),
        (500, None, ConnectError::Unavailable("127.0.0.1 answered 500".into())),
        (503, None, ConnectError::Unavailable("127.0.0.1 answered 503".into())),
        (529, Some(9), ConnectError::RateLimited { after: Some(Duration::from_secs(9)) }),
    ] {
        desk.fake.faults().next(Fault::Status(status, after));
        assert_eq!(error(&desk).await, expected, "{status}");
    }
    desk.fake.faults().next(Fault::LostAnswer);
    assert!(matches!(error(&desk).await, ConnectError::Unavailable(_)));
}

#[tokio::test]
async fn a_wrong_key_and_a_missing_model_are_named_without_the_key() {
    let wrong = Desk::with(ModelDialect::OpenAi, "test-model", "sk-wrong").await;
    assert_eq!(error(&wrong).await, ConnectError::Unauthorized("127.0.0.1".into()));
    let missing = Desk::with(ModelDialect::OpenAi, MISSING_MODEL, KEY).await;
    assert_eq!(error(&missing).await.to_string(), "not found: 127.0.0.1 has no model missing-model");
}

#[tokio::test]
async fn settings_that_lead_nowhere_are_refused() {
    let desk = desk().await;
    let settings = |dialect, base: &str, model: &str, key: Option<&str>| {
        let settings = ModelSettings {
            dialect,
            base_url: crate::setup::url(base),
            model: model.into(),
            key: key.map(SecretString::from),
            credits_per_call: 1,
            at_once: 16,
        };
        assert!(!format!("{settings:?}").contains(KEY));
        connect(settings, client(&desk.server)).err().map(|error| error.to_string())
    };
    let base = "https://models.example/v1";
    assert_eq!(settings(ModelDialect::OpenAi, base, "m", None), None);
    assert_eq!(settings(ModelDialect::Ollama, base, "m", Some(KEY)), None);
    for (refusal, expected) in [
        (settings(ModelDialect::OpenAi, base, " ", None), "refused: model: a name is needed"),
        (
            settings(ModelDialect::OpenAi, "file:///etc/passwd", "m", None),
            "refused: baseUrl: an http or https URL is needed",
        ),
        (settings(ModelDialect::Anthropic, base, "m", None), "refused: key: this dialect needs one"),
    ] {
        assert_eq!(refusal.as_deref(), Some(expected));
    }
}

/// A server that answers one body whatever it is asked.
async fn answering(
    body: serde_json::Value,
) -> (sluice_fakes::Server, std::sync::Arc<dyn sluice_connect::model::Model>) {
    let router = sluice_fakes::model::fixed(body);
    let server = sluice_fakes::Server::start(router).await.unwrap();
    let settings = ModelSettings {
        dialect: ModelDialect::OpenAi,
        base_url: server.url(),
        model: "m".into(),
        key: None,
        credits_per_call: 1,
        at_once: 16,
    };
    let model = connect(settings, client(&server)).unwrap();
    (server, model)
}

#[tokio::test]
async fn odd_replies_are_read_or_named() {
    let yes = r#"{"verdict":"yes","reason":"r","quote":"hiring"}"#;
    for (body, says) in [
        (json!({"choices": [{"message": {"content": yes}, "finish_reason": null}]}), Says::Yes),
        (json!({"choices": [{"message": {"content": [{"type": "text", "text": yes}]}}]}), Says::Yes),
        (
            json!({"choices": [{"message": {"content": yes}, "finish_reason": "content_filter"}]}),
            Says::Unknown,
        ),
        (json!({"choices": [{"message": {"content": yes}, "finish_reason": "length"}]}), Says::Unknown),
        (json!({"choices": [{"message": {"content": null}}]}), Says::Unknown),
        (json!({"choices": [{"message": {"content": 7, "refusal": ""}}]}), Says::Unknown),
        (json!({"choices": [{"message": {"content": yes, "refusal": "no"}}]}), Says::Unknown),
    ] {
        let (_server, model) = answering(body.clone()).await;
        assert_eq!(model.judge(&question("Hiring?", PAGE)).await.unwrap().says, says, "{body}");
    }
    for (body, expected) in [
        (json!({"choices": []}), "unavailable: the model's reply holds no choice"),
        (json!({}), "unavailable: the model's reply holds no choice"),
        (json!({"choices": [{"finish_reason": "stop"}]}), "unavailable: the model's reply holds no choice"),
    ] {
        let (_server, model) = answering(body.clone()).await;
        let error = model.judge(&question("Hiring?", PAGE)).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{body}");
    }
    let (_server, model) = answering(json!([1])).await;
    let error = model.judge(&question("Hiring?", PAGE)).await.unwrap_err();
    assert!(error.to_string().starts_with("unavailable: unreadable reply"), "{error}");
}
