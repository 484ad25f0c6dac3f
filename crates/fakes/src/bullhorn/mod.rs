//! Bullhorn as it answers on the wire: log-in, two data centres, sessions, search, records.

mod login;
mod lucene;
mod table;
mod wire;

use crate::faults::{Faults, meet};
use crate::made_up::{self, MadeUp};
use crate::server::Server;
use axum::Router;
use serde_json::{Map, Value, json};
use sluice_model::Time;
use sluice_model::time::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use table::{ENTITIES, Table};
use url::Url;

/// The first time of a fake whose clock nobody set: 2026-01-01T00:00:00Z.
const BEGINNING: i64 = 1_767_225_600_000;

/// The credentials that a fake accepts.
pub const USERNAME: &str = "api.acme";
pub const PASSWORD: &str = "bullhorn-password";
pub const CLIENT_ID: &str = "bullhorn-client";
pub const CLIENT_SECRET: &str = "bullhorn-secret";

/// A write that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// `INSERT` or `UPDATE`.
    pub kind: &'static str,
    pub entity: String,
    pub id: u64,
}

/// A running Bullhorn. Cloning gives a further handle; it ends with the last.
#[derive(Clone, Debug)]
pub struct BullhornFake(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    faults: Faults,
    centres: OnceLock<[Server; 2]>,
}

#[derive(Default)]
struct State {
    tables: BTreeMap<&'static str, Table>,
    tasks: BTreeMap<u64, Map<String, Value>>,
    last_id: u64,
    clock: Option<Arc<dyn Clock>>,
    ticks: i64,
    writes: Vec<Write>,
    calls: BTreeMap<String, u64>,
    /// Codes, access tokens, refresh tokens and sessions that are accepted.
    secrets: BTreeSet<String>,
    issued: u64,
    logins: u64,
    /// Records that searches do not show before.
    hidden: BTreeMap<u64, Instant>,
    /// Records that are there and cannot be shown.
    broken: BTreeSet<u64>,
    switches: Switches,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Switches {
    home: usize,
    lose_tokens: u64,
    over_quota: bool,
    no_refresh: bool,
    terms_open: bool,
    no_leads: bool,
    archived_contacts: bool,
    hold_login: Option<Duration>,
    index_lag: Option<Duration>,
    lose_answers: u64,
    refuse_writes: u64,
    fail_on: Option<String>,
}

impl BullhornFake {
    /// Serves an empty Bullhorn on two free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When there are none.
    pub async fn start() -> std::io::Result<Self> {
        let tables = ENTITIES.map(|entity| (entity, Table::default()));
        let state = State { tables: BTreeMap::from(tables), last_id: 100, ..State::default() };
        let inner = Inner { state: Mutex::new(state), faults: Faults::default(), centres: OnceLock::new() };
        let fake = Self(Arc::new(inner));
        let centres = [Server::start(fake.router(0)).await?, Server::start(fake.router(1)).await?];
        // Set nowhere else.
        let _ = fake.0.centres.set(centres);
        Ok(fake)
    }

    /// The routes hold the state weakly, or a fake would never end.
    fn router(&self, centre: usize) -> Router {
        let inner = Arc::downgrade(&self.0);
        let routes = Router::new().fallback(move |request| wire::answer(inner.clone(), centre, request));
        routes.layer(axum::middleware::from_fn_with_state(self.0.faults.clone(), meet))
    }

    /// Where log-ins begin.
    #[must_use]
    pub fn login_base(&self) -> Url {
        self.0.base(0)
    }

    /// Where both data centres listen.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.0.centres.get().into_iter().flatten().map(Server::address).collect()
    }

    /// The credentials as the API's `apiKey`.
    #[must_use]
    pub fn api_key(&self) -> String {
        json!({"username": USERNAME, "password": PASSWORD, "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET})
            .to_string()
    }

    /// Its faults; every request of a log-in or of the interface may meet one.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.0.faults.clone()
    }

    /// Adds a record of `Candidate`, `ClientContact`, `Lead` or `ClientCorporation` as a user would, and returns its
    /// number. What is not given is filled in.
    pub fn add(&self, entity: &str, fields: Value) -> u64 {
        let mut state = self.0.lock();
        let fields = fields.as_object().cloned().unwrap_or_default();
        state.insert(entity, fields)
    }

    /// Adds so many people: candidates, client contacts and leads in turn, one company for every ten.
    pub fn fill(&self, count: usize, seed: u64) {
        let mut state = self.0.lock();
        let companies: Vec<u64> = (0..count / 10 + 1)
            .map(|number| {
                let (name, domain) = made_up::company(number);
                let fields = json!({"name": name, "companyURL": domain, "status": "Active"});
                state.insert("ClientCorporation", fields.as_object().cloned().unwrap_or_default())
            })
            .collect();
        let from = usize::try_from(state.last_id).unwrap_or_default();
        for (number, person) in made_up::people(from, count, companies.len(), seed).enumerate() {
            let company = companies.get(person.company).copied().unwrap_or_default();
            let entity = ["Candidate", "ClientContact", "Lead"].get(number % 3).copied().unwrap_or_default();
            state.insert(entity, made_up(entity, &person, company));
            // Several of one moment, as after an import.
            if number % 7 != 0 {
                state.ticks -= 1;
            }
        }
        state.ticks += 1;
    }

    /// Changes fields of a record, as a user would.
    pub fn set(&self, entity: &str, id: u64, fields: Value) {
        let mut state = self.0.lock();
        let now = state.now();
        let mut fields = fields.as_object().cloned().unwrap_or_default();
        fields.insert("dateLastModified".to_owned(), json!(now));
        if let Some(table) = state.tables.get_mut(entity) {
            table.put(id, fields);
        }
    }

    /// Changes a record's date of change and nothing else.
    pub fn touch(&self, entity: &str, id: u64) {
        self.set(entity, id, json!({}));
    }

    /// Marks a record as deleted.
    pub fn delete(&self, entity: &str, id: u64) {
        self.set(entity, id, json!({"isDeleted": true}));
    }

    /// Adds a task; `fields` names whose: `{"clientContact": {"id": 5}}`.
    pub fn add_task(&self, fields: Value) -> u64 {
        let mut state = self.0.lock();
        state.last_id += 1;
        let id = state.last_id;
        let mut task =
            json!({"id": id, "isCompleted": false, "isDeleted": false, "type": "Call", "subject": ""});
        if let (Some(task), Value::Object(fields)) = (task.as_object_mut(), fields) {
            task.extend(fields);
            state.tasks.insert(id, task.clone());
        }
        id
    }

    /// All records of an entity, by number.
    #[must_use]
    pub fn records(&self, entity: &str) -> Vec<Value> {
        let state = self.0.lock();
        let table = state.tables.get(entity);
        table.into_iter().flat_map(Table::values).cloned().map(Value::Object).collect()
    }

    /// One record.
    #[must_use]
    pub fn record(&self, entity: &str, id: u64) -> Option<Value> {
        self.0.lock().tables.get(entity)?.get(id).cloned().map(Value::Object)
    }

    /// What was written over the wire, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.0.lock().writes.clone()
    }

    /// How many calls came of a kind: `loginInfo`, `authorize`, `token`, `login`, `ping`, `search`, `query`, `entity`.
    #[must_use]
    pub fn calls(&self, kind: &str) -> u64 {
        self.0.lock().calls.get(kind).copied().unwrap_or_default()
    }

    /// How many sessions were opened.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.0.lock().logins
    }

    /// From now on records are dated by this clock; else by one that ticks with every change.
    pub fn set_clock(&self, clock: Arc<dyn Clock>) {
        self.0.lock().clock = Some(clock);
    }

    /// Ends every session and access token; refresh tokens stay.
    pub fn expire_sessions(&self) {
        self.0.lock().secrets.retain(|secret| secret.starts_with("refresh"));
    }

    /// Ends everything that was issued.
    pub fn revoke(&self) {
        self.0.lock().secrets.clear();
    }

    /// The next calls of the interface are answered as if they had no token: 412.
    pub fn lose_tokens(&self, calls: u64) {
        self.0.lock().switches.lose_tokens = calls;
    }

    /// Moves the organisation to the other data centre: the first answers 307 from now on.
    pub fn move_away(&self) {
        let mut state = self.0.lock();
        state.switches.home = 1 - state.switches.home;
    }

    /// Whether the monthly quota is used up: 429 for every call of the interface.
    pub fn set_over_quota(&self, over: bool) {
        self.0.lock().switches.over_quota = over;
    }

    /// Whether log-ins issue no refresh tokens.
    pub fn set_no_refresh(&self, none: bool) {
        self.0.lock().switches.no_refresh = none;
    }

    /// Whether the user has terms of service to accept before anything else.
    pub fn set_terms_open(&self, open: bool) {
        self.0.lock().switches.terms_open = open;
    }

    /// Whether the installation has no leads.
    pub fn set_no_leads(&self, none: bool) {
        self.0.lock().switches.no_leads = none;
    }

    /// Whether a company that is made gets an archived contact, as the real one does.
    pub fn set_archived_contacts(&self, made: bool) {
        self.0.lock().switches.archived_contacts = made;
    }

    /// Log-ins take so long.
    pub fn hold_logins(&self, time: Duration) {
        self.0.lock().switches.hold_login = Some(time);
    }

    /// Searches show a record that is made over the wire so long after it was made. It is read by its number, and found
    /// by a query of the database, at once.
    pub fn set_index_lag(&self, time: Duration) {
        self.0.lock().switches.index_lag = Some(time);
    }

    /// So many records are made without an answer: the connection breaks off.
    pub fn lose_answers(&self, writes: u64) {
        self.0.lock().switches.lose_answers = writes;
    }

    /// So many records are not made: 429.
    pub fn refuse_writes(&self, writes: u64) {
        self.0.lock().switches.refuse_writes = writes;
    }

    /// From now on every record that is to be made with this text in it is met with 500.
    pub fn fail_on(&self, text: &str) {
        self.0.lock().switches.fail_on = Some(text.to_owned());
    }

    /// A record that is there, and of which a row says `_error` in the place of its fields.
    pub fn break_record(&self, id: u64) {
        self.0.lock().broken.insert(id);
    }

    /// By how many hours the index's clock is behind UTC.
    pub fn set_index_behind(&self, hours: i64) {
        for table in self.0.lock().tables.values_mut() {
            table.index_behind = hours * 3_600_000;
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn base(&self, centre: usize) -> Url {
        let server = self.centres.get().and_then(|centres| centres.get(centre));
        server.map_or_else(|| unreachable!("started"), Server::url)
    }
}

impl State {
    fn now(&mut self) -> i64 {
        self.ticks += 1;
        match &self.clock {
            Some(clock) => clock.now().millis(),
            None => Time::from_millis(BEGINNING).plus_millis(self.ticks * 250).millis(),
        }
    }

    fn insert(&mut self, entity: &str, fields: Map<String, Value>) -> u64 {
        let now = self.now();
        self.last_id += 1;
        let id = self.last_id;
        let mut record = json!({"id": id, "dateAdded": now, "dateLastModified": now});
        if let Some(record) = record.as_object_mut() {
            if entity != "ClientCorporation" {
                record.insert("isDeleted".to_owned(), json!(false));
                record.insert("massMailOptOut".to_owned(), json!(false));
                record.insert("owner".to_owned(), json!({"id": 1, "firstName": "Rea", "lastName": "Cruit"}));
                let part = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
                let name = [part("firstName"), part("lastName")].join(" ");
                record.insert("name".to_owned(), json!(name.trim()));
            }
            record.extend(fields);
            if let Some(table) = self.tables.get_mut(entity) {
                table.put(id, record.clone());
            }
        }
        id
    }

    fn issue(&mut self, kind: &str) -> String {
        self.issued += 1;
        let secret = format!("{kind}-{}", self.issued);
        self.secrets.insert(secret.clone());
        secret
    }
}

fn made_up(entity: &str, person: &MadeUp, company: u64) -> Map<String, Value> {
    let mut fields = json!({
        "firstName": person.first, "lastName": person.last, "occupation": person.title, "email": person.email,
        "phone": person.phone, "status": "Active", "address": {"city": person.city},
    });
    if let Some(fields) = fields.as_object_mut() {
        if entity != "Candidate" {
            fields.insert("clientCorporation".to_owned(), json!({"id": company}));
        }
        if entity != "ClientContact" {
            fields.insert("companyURL".to_owned(), json!(person.linkedin));
            fields.insert("companyName".to_owned(), json!(made_up::company(person.company).0));
        }
    }
    fields.as_object().cloned().unwrap_or_default()
}
