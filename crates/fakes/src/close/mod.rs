//! Close as it answers on the wire.

mod query;
mod wire;

use crate::faults::{Faults, meet};
use crate::made_up;
use crate::server::Server;
use crate::tokens::TokenIndex;
use axum::Router;
use serde_json::{Map, Value, json};
use sluice_model::Time;
use sluice_model::time::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// The first time of a fake whose clock nobody set: 2026-01-01T00:00:00Z.
const BEGINNING: i64 = 1_767_225_600_000;

/// The key that a fake accepts.
pub const API_KEY: &str = "api_close.fake";

/// A write that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// `contact` or `lead`.
    pub kind: String,
    pub id: String,
}

/// A running Close. Cloning gives a further handle; it ends with the last.
#[derive(Clone, Debug)]
pub struct CloseFake(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    faults: Faults,
    server: OnceLock<Server>,
}

#[derive(Default)]
struct State {
    leads: BTreeMap<u64, Map<String, Value>>,
    contacts: BTreeMap<u64, Map<String, Value>>,
    contacts_of: BTreeMap<String, BTreeSet<u64>>,
    tasks: Vec<Value>,
    events: Vec<Value>,
    index: TokenIndex,
    last_id: u64,
    clock: Option<Arc<dyn Clock>>,
    ticks: i64,
    writes: Vec<Write>,
    calls: BTreeMap<String, u64>,
    cursors: BTreeMap<String, (Vec<u64>, usize)>,
    refuse: u64,
    announced: Option<(u32, f64)>,
    index_lag: Option<Duration>,
    /// Objects that searches do not show before.
    hidden: BTreeMap<u64, Instant>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

impl CloseFake {
    /// Serves an empty Close on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> std::io::Result<Self> {
        let inner = Inner { state: Mutex::default(), faults: Faults::default(), server: OnceLock::new() };
        let fake = Self(Arc::new(inner));
        let weak = Arc::downgrade(&fake.0);
        let routes = Router::new().fallback(move |request| wire::answer(weak.clone(), request));
        let routes = routes.layer(axum::middleware::from_fn_with_state(fake.0.faults.clone(), meet));
        // Set nowhere else.
        let _ = fake.0.server.set(Server::start(routes).await?);
        Ok(fake)
    }

    /// The address of the interface, `http://127.0.0.1:…/api/v1`.
    #[must_use]
    pub fn base(&self) -> Url {
        let mut url = self.0.server.get().map_or_else(|| unreachable!("started"), Server::url);
        url.set_path("/api/v1");
        url
    }

    /// The key that it accepts.
    #[must_use]
    pub fn api_key(&self) -> String {
        API_KEY.to_owned()
    }

    /// Its faults; every request may meet one.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.0.faults.clone()
    }

    /// Adds a lead as a user would, and returns its id.
    pub fn add_lead(&self, fields: Value) -> String {
        self.0.lock().insert("lead", fields.as_object().cloned().unwrap_or_default())
    }

    /// Adds a contact to a lead as a user would, and returns its id.
    pub fn add_contact(&self, lead: &str, fields: Value) -> String {
        let mut fields = fields.as_object().cloned().unwrap_or_default();
        fields.insert("lead_id".to_owned(), json!(lead));
        self.0.lock().insert("contact", fields)
    }

    /// Adds so many contacts, one lead for every ten.
    pub fn fill(&self, count: usize, seed: u64) {
        let mut state = self.0.lock();
        let leads: Vec<String> = (0..count / 10 + 1)
            .map(|number| {
                let (name, domain) = made_up::company(number);
                let url = ["https://", &domain].concat();
                let fields = json!({"name": name, "url": url, "status_label": "Potential"});
                state.insert("lead", fields.as_object().cloned().unwrap_or_default())
            })
            .collect();
        let from = usize::try_from(state.last_id).unwrap_or_default();
        for (number, person) in made_up::people(from, count, leads.len(), seed).enumerate() {
            let name = [person.first, " ", &person.last].concat();
            let fields = json!({
                "name": name, "title": person.title,
                "lead_id": leads.get(person.company),
                "emails": [{"type": "office", "email": person.email}],
                "phones": [{"type": "office", "phone": person.phone}],
                "urls": [{"type": "url", "url": person.linkedin}],
            });
            state.insert("contact", fields.as_object().cloned().unwrap_or_default());
            // Several of one moment, as after an import.
            if number % 7 != 0 {
                state.ticks -= 1;
            }
        }
        state.ticks += 1;
    }

    /// Changes fields of a contact or lead, as a user would.
    pub fn set(&self, id: &str, fields: Value) {
        let mut state = self.0.lock();
        let kind = if id.starts_with("lead") { "lead" } else { "contact" };
        state.update(kind, id, fields.as_object().cloned().unwrap_or_default());
    }

    /// Changes a date of change and nothing else.
    pub fn touch(&self, id: &str) {
        self.set(id, json!({}));
    }

    /// Deletes a contact, which leaves an event.
    pub fn delete_contact(&self, id: &str) {
        self.0.lock().remove_contact(id);
    }

    /// Adds a task to a lead: `{"lead_id": …, "contact_id": …, "text": …}`.
    pub fn add_task(&self, fields: Value) -> String {
        let mut state = self.0.lock();
        state.last_id += 1;
        let id = format!("task_{}", state.last_id);
        let mut task = json!({"id": id, "_type": "lead", "is_complete": false, "contact_id": null});
        if let (Some(task), Value::Object(fields)) = (task.as_object_mut(), fields) {
            task.extend(fields);
        }
        state.tasks.push(task);
        id
    }

    /// All contacts or leads, in the order in which they were made.
    #[must_use]
    pub fn records(&self, kind: &str) -> Vec<Value> {
        let state = self.0.lock();
        state.objects(kind).into_iter().flat_map(BTreeMap::values).cloned().map(Value::Object).collect()
    }

    /// One contact or lead.
    #[must_use]
    pub fn record(&self, id: &str) -> Option<Value> {
        let state = self.0.lock();
        let kind = if id.starts_with("lead") { "lead" } else { "contact" };
        state.objects(kind)?.get(&number(id)?).cloned().map(Value::Object)
    }

    /// What was written over the wire, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.0.lock().writes.clone()
    }

    /// How many calls came of a kind, the first part of the path: `me`, `contact`, `lead`, `data`, `task`, `event`.
    #[must_use]
    pub fn calls(&self, kind: &str) -> u64 {
        self.0.lock().calls.get(kind).copied().unwrap_or_default()
    }

    /// From now on objects are dated by this clock; else by one that ticks with every change.
    pub fn set_clock(&self, clock: Arc<dyn Clock>) {
        self.0.lock().clock = Some(clock);
    }

    /// Ends all cursors, as 30 seconds do.
    pub fn expire_cursors(&self) {
        self.0.lock().cursors.clear();
    }

    /// The next calls are refused with 429, the wait told in the body alone.
    pub fn refuse(&self, calls: u64) {
        self.0.lock().refuse = calls;
    }

    /// Searches show what is made over the wire so long after it was made; it is read by its id at once.
    pub fn set_index_lag(&self, time: Duration) {
        self.0.lock().index_lag = Some(time);
    }

    /// Every reply tells that so many calls are left until the limit is reset in so many seconds.
    pub fn announce(&self, remaining: u32, reset: f64) {
        self.0.lock().announced = Some((remaining, reset));
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number in an id: `cont_17`.
fn number(id: &str) -> Option<u64> {
    id.split_once('_')?.1.parse().ok()
}

impl State {
    fn objects(&self, kind: &str) -> Option<&BTreeMap<u64, Map<String, Value>>> {
        match kind {
            "contact" => Some(&self.contacts),
            "lead" => Some(&self.leads),
            _ => None,
        }
    }

    /// A time as Close writes it.
    fn now(&mut self) -> String {
        self.ticks += 1;
        let time = match &self.clock {
            Some(clock) => clock.now(),
            None => Time::from_millis(BEGINNING).plus_millis(self.ticks * 250),
        };
        time.to_string().replace('Z', "000+00:00")
    }

    fn insert(&mut self, kind: &str, fields: Map<String, Value>) -> String {
        let now = self.now();
        self.last_id += 1;
        let number = self.last_id;
        let prefix = if kind == "lead" { "lead_" } else { "cont_" };
        let id = format!("{prefix}{number}");
        let mut object = json!({"id": id, "date_created": now, "date_updated": now, "name": ""});
        if let Some(object) = object.as_object_mut() {
            if kind == "lead" {
                object.extend([
                    ("url".to_owned(), Value::Null),
                    ("status_label".to_owned(), json!("Potential")),
                ]);
            } else {
                for list in ["emails", "phones", "urls"] {
                    object.insert(list.to_owned(), json!([]));
                }
                object.insert("title".to_owned(), json!(""));
            }
            object.extend(fields);
            self.keep(kind, number, object.clone());
        }
        id
    }

    fn update(&mut self, kind: &str, id: &str, fields: Map<String, Value>) -> bool {
        let Some((number, mut object)) =
            number(id).and_then(|number| Some((number, self.objects(kind)?.get(&number)?.clone())))
        else {
            return false;
        };
        let now = self.now();
        self.unindex(kind, number, &object);
        object.extend(fields);
        object.insert("date_updated".to_owned(), json!(now));
        self.keep(kind, number, object);
        true
    }

    fn keep(&mut self, kind: &str, number: u64, mut object: Map<String, Value>) {
        let name = object.get("name").cloned().unwrap_or_default();
        object.insert("display_name".to_owned(), name);
        for (field, text) in indexed(&object) {
            self.index.insert(number, &[kind, ".", field.as_str()].concat(), &text);
        }
        if kind == "lead" {
            self.leads.insert(number, object);
        } else {
            if let Some(lead) = object.get("lead_id").and_then(Value::as_str) {
                self.contacts_of.entry(lead.to_owned()).or_default().insert(number);
            }
            self.contacts.insert(number, object);
        }
    }

    fn unindex(&mut self, kind: &str, number: u64, object: &Map<String, Value>) {
        for (field, text) in indexed(object) {
            self.index.remove(number, &[kind, ".", field.as_str()].concat(), &text);
        }
    }

    fn remove_contact(&mut self, id: &str) {
        let Some((number, object)) =
            number(id).and_then(|number| Some((number, self.contacts.remove(&number)?)))
        else {
            return;
        };
        self.unindex("contact", number, &object);
        if let Some(theirs) = object.get("lead_id").and_then(|lead| self.contacts_of.get_mut(lead.as_str()?))
        {
            theirs.remove(&number);
        }
        let now = self.now();
        self.events.push(json!({
            "id": format!("ev_{}", self.events.len()), "object_type": "contact", "action": "deleted", "object_id": id,
            "lead_id": object.get("lead_id"), "date_updated": now,
        }));
    }
}

/// The texts by which an object is found, under the names that queries use for them.
fn indexed(object: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, value) in object {
        match value {
            Value::String(text) => out.push((name.trim_start_matches("custom.").to_owned(), text.clone())),
            Value::Array(entries) => {
                let member = name.trim_end_matches('s');
                let texts = entries.iter().filter_map(|entry| entry.get(member)?.as_str());
                out.extend(texts.map(|text| (member.to_owned(), text.to_owned())));
            }
            _ => {}
        }
    }
    out
}
