//! `POST {base}/v1/messages` with a forced tool, whose input is the answer.

use super::prompt::Shape;
use super::speaker::{Dialect, Said};
use super::wire::{ANSWER_TOKENS, Line, said};
use crate::error::Result;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(90);
const VERSION: &str = "2023-06-01";

pub(super) struct Anthropic {
    line: Line,
    /// Whether the model takes a temperature, and a tool that it must use; learnt from what it refuses.
    temperature: AtomicBool,
    forced: AtomicBool,
}

impl Anthropic {
    pub(super) const fn new(line: Line) -> Self {
        Self { line, temperature: AtomicBool::new(true), forced: AtomicBool::new(true) }
    }

    fn body(&self, system: &str, user: &str, shape: &Shape, temperature: bool, forced: bool) -> Value {
        let choice = if forced {
            json!({"type": "tool", "name": shape.name, "disable_parallel_tool_use": true})
        } else {
            json!({"type": "auto", "disable_parallel_tool_use": true})
        };
        let mut body = json!({
            "model": self.line.model,
            "max_tokens": ANSWER_TOKENS,
            "system": system,
            "messages": [{"role": "user", "content": user}],
            "tools": [{"name": shape.name, "description": shape.description, "input_schema": shape.schema}],
            "tool_choice": choice
        });
        if let (true, Some(body)) = (temperature, body.as_object_mut()) {
            body.insert("temperature".into(), 0.into());
        }
        body
    }

    /// The path below the base, which some write with the version.
    fn path(&self) -> &'static [&'static str] {
        if self.line.base.path().trim_end_matches('/').ends_with("/v1") {
            &["messages"]
        } else {
            &["v1", "messages"]
        }
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Vec<Block>,
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    name: Option<String>,
    input: Option<Value>,
}

/// The inputs of the tool, else the text.
fn answer(blocks: Vec<Block>, tool: &str) -> String {
    let inputs: Vec<String> = blocks
        .iter()
        .filter(|block| block.kind == "tool_use" && block.name.as_deref() == Some(tool))
        .filter_map(|block| block.input.as_ref().map(Value::to_string))
        .collect();
    if inputs.is_empty() {
        return blocks
            .into_iter()
            .filter(|block| block.kind == "text")
            .filter_map(|block| block.text)
            .collect();
    }
    inputs.join("\n")
}

#[async_trait]
impl Dialect for Anthropic {
    async fn ask(&self, system: &str, user: &str, shape: &Shape) -> Result<Said> {
        let mut temperature = self.temperature.load(Ordering::Relaxed);
        let mut forced = self.forced.load(Ordering::Relaxed);
        let reply = loop {
            let body = self.body(system, user, shape, temperature, forced);
            let mut call = self
                .line
                .post(self.path(), &body, TIMEOUT)?
                .header("anthropic-version", SecretString::from(VERSION));
            if let Some(key) = &self.line.key {
                call = call.header("x-api-key", key.clone());
            }
            let reply = self.line.client.send(call).await?;
            if (200..300).contains(&reply.status) {
                self.temperature.store(temperature, Ordering::Relaxed);
                self.forced.store(forced, Ordering::Relaxed);
                break reply;
            }
            let words = if reply.status == 400 { said(&reply).to_lowercase() } else { String::new() };
            if temperature && words.contains("temperature") {
                temperature = false;
            } else if forced && words.contains("tool_choice") {
                forced = false;
            } else {
                return Err(self.line.failure(reply));
            }
        };
        let message: Message = reply.json()?;
        let text = answer(message.content, shape.name);
        Ok(match message.stop_reason.as_deref() {
            Some("refusal") => Said::Refused(text),
            Some("max_tokens" | "model_context_window_exceeded") => Said::Cut(text),
            _ => Said::Text(text),
        })
    }
}
