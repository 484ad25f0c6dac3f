//! Browser Use, version 2 of its API: tasks that take a few looks to finish, answered from pages that are handed in.

use crate::faults::{Faults, meet};
use crate::model::judge;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// The title and text of a page; none when there is no such page.
pub type Pages = dyn Fn(&Url) -> Option<(String, String)> + Send + Sync;

/// How a task goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// It is answered from the pages.
    Answered,
    /// It finishes with this output.
    Says(String),
    /// It finishes without an output.
    Silent,
    /// It is stopped from elsewhere.
    Stopped,
    /// It never ends.
    Endless,
    /// It is not taken: the account has no credits.
    Unpaid,
    /// It is not taken: too many sessions.
    Crowded,
}

/// The fake. Cloning gives a further handle.
#[derive(Clone)]
pub struct BrowserUseFake(Arc<Shared>);

struct Shared {
    key: String,
    faults: Faults,
    pages: Box<Pages>,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    looks: u32,
    script: VecDeque<Task>,
    tasks: BTreeMap<String, Running>,
    bodies: Vec<Value>,
    stopped: Vec<String>,
}

struct Running {
    task: Task,
    body: Value,
    looks: u32,
    stopped: bool,
}

impl BrowserUseFake {
    /// One that wants this key and visits these pages.
    pub fn new(key: &str, pages: impl Fn(&Url) -> Option<(String, String)> + Send + Sync + 'static) -> Self {
        let state = Inner { looks: 2, ..Inner::default() };
        Self(Arc::new(Shared {
            key: key.to_owned(),
            faults: Faults::default(),
            pages: Box::new(pages),
            state: Mutex::new(state),
        }))
    }

    /// Its endpoints, below `/api/v2`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/api/v2/tasks", post(create))
            .route("/api/v2/tasks/{id}", get(read).patch(update))
            .route("/api/v2/tasks/{id}/status", get(status))
            .layer(axum::middleware::from_fn_with_state(self.0.faults.clone(), meet))
            .with_state(self.clone())
    }

    /// Its faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The next task goes like this, after those queued before.
    pub fn next(&self, task: Task) {
        self.lock().script.push_back(task);
    }

    /// From now on a task is running for so many looks at its status.
    pub fn looks(&self, looks: u32) {
        self.lock().looks = looks;
    }

    /// What was asked for, one by one.
    #[must_use]
    pub fn bodies(&self) -> Vec<Value> {
        self.lock().bodies.clone()
    }

    /// The tasks that were stopped by call.
    #[must_use]
    pub fn stopped(&self) -> Vec<String> {
        self.lock().stopped.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        headers.get("x-browser-use-api-key").is_some_and(|key| key.as_bytes() == self.0.key.as_bytes())
    }

    /// The output of a task, from the pages of its site.
    fn answer(&self, body: &Value) -> String {
        let task = body.get("task").and_then(Value::as_str).unwrap_or_default();
        let question = task.rsplit_once("Question: ").map_or(task, |(_, question)| question);
        let start = body.get("startUrl").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
        let mut last =
            json!({"verdict": "unknown", "reason": "The site could not be read.", "quote": "", "url": ""});
        let Some(start) = start else { return last.to_string() };
        for path in ["", "/about", "/careers", "/karriere", "/products"] {
            let Ok(url) = start.join(path) else { continue };
            let Some((_, text)) = (self.0.pages)(&url) else { continue };
            let mut verdict = judge::verdict(&judge::message(question, &text));
            if let Some(verdict) = verdict.as_object_mut() {
                verdict.insert("url".into(), url.as_str().into());
            }
            let says =
                |verdict: &Value, word: &str| verdict.get("verdict").and_then(Value::as_str) == Some(word);
            if says(&verdict, "yes") {
                return verdict.to_string();
            }
            if says(&last, "unknown") {
                last = verdict;
            }
        }
        last.to_string()
    }
}

async fn create(State(fake): State<BrowserUseFake>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !fake.knows(&headers) {
        return error(StatusCode::UNAUTHORIZED, "Invalid API key");
    }
    if let Some(fault) = fault(&body) {
        return error(StatusCode::UNPROCESSABLE_ENTITY, fault);
    }
    let mut state = fake.lock();
    let task = state.script.pop_front().unwrap_or(Task::Answered);
    match task {
        Task::Unpaid => return error(StatusCode::PAYMENT_REQUIRED, "Insufficient credits"),
        Task::Crowded => return error(StatusCode::TOO_MANY_REQUESTS, "Too many concurrent active sessions"),
        _ => {}
    }
    let id = format!("00000000-0000-4000-8000-{:012}", state.bodies.len() + 1);
    let looks = state.looks;
    state.bodies.push(body.clone());
    state.tasks.insert(id.clone(), Running { task, body, looks, stopped: false });
    (StatusCode::ACCEPTED, Json(json!({"id": id, "sessionId": id}))).into_response()
}

/// What is wrong with a request for a task.
fn fault(body: &Value) -> Option<&'static str> {
    let task = body.get("task").and_then(Value::as_str).unwrap_or_default();
    if task.is_empty() || task.chars().count() > 50_000 {
        return Some("task: 1 to 50000 characters");
    }
    if let Some(schema) = body.get("structuredOutput")
        && schema.as_str().is_none_or(|schema| serde_json::from_str::<Value>(schema).is_err())
    {
        return Some("structuredOutput: a string that holds a JSON schema");
    }
    let steps = body.get("maxSteps").map(Value::as_u64);
    (steps.is_some_and(|steps| !steps.is_some_and(|steps| (1..=10_000).contains(&steps))))
        .then_some("maxSteps: 1 to 10000")
}

/// The status of a task after a look at it.
fn looked_at(running: &mut Running) -> &'static str {
    if running.stopped {
        return "stopped";
    }
    if running.task == Task::Endless {
        return "started";
    }
    if running.looks > 0 {
        running.looks -= 1;
        return "started";
    }
    if running.task == Task::Stopped { "stopped" } else { "finished" }
}

async fn status(State(fake): State<BrowserUseFake>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !fake.knows(&headers) {
        return error(StatusCode::UNAUTHORIZED, "Invalid API key");
    }
    match fake.lock().tasks.get_mut(&id) {
        None => error(StatusCode::NOT_FOUND, "Task not found"),
        Some(running) => {
            let status = looked_at(running);
            Json(json!({"id": id, "status": status, "output": null, "cost": null})).into_response()
        }
    }
}

async fn read(State(fake): State<BrowserUseFake>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !fake.knows(&headers) {
        return error(StatusCode::UNAUTHORIZED, "Invalid API key");
    }
    let state = fake.lock();
    let Some(running) = state.tasks.get(&id) else { return error(StatusCode::NOT_FOUND, "Task not found") };
    let (task, body) = (running.task.clone(), running.body.clone());
    let done = !running.stopped && running.looks == 0;
    drop(state);
    let output = match task {
        Task::Answered if done => json!(fake.answer(&body)),
        Task::Says(text) if done => json!(text),
        _ => Value::Null,
    };
    Json(json!({
        "id": id, "sessionId": id, "llm": "browser-use-2.0", "task": body.get("task"),
        "status": if done { "finished" } else { "started" }, "createdAt": "2026-01-01T00:00:00",
        "steps": [], "outputFiles": [], "isSuccess": !output.is_null(), "output": output, "cost": "0.02"
    }))
    .into_response()
}

async fn update(
    State(fake): State<BrowserUseFake>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    if !fake.knows(&headers) {
        return error(StatusCode::UNAUTHORIZED, "Invalid API key");
    }
    let action = body.get("action").and_then(Value::as_str).unwrap_or_default();
    if !matches!(action, "stop" | "stop_task_and_session") {
        return error(StatusCode::UNPROCESSABLE_ENTITY, "action: stop or stop_task_and_session");
    }
    let mut state = fake.lock();
    let Some(running) = state.tasks.get_mut(&id) else {
        return error(StatusCode::NOT_FOUND, "Task not found");
    };
    running.stopped = true;
    state.stopped.push(id.clone());
    Json(json!({"id": id, "status": "stopped"})).into_response()
}

fn error(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({"detail": detail}))).into_response()
}
