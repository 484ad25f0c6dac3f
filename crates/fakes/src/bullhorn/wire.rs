//! The REST interface.

use super::table::{ENTITIES, longest};
use super::{Inner, State, Write, login, lucene};
use crate::faults::broken_off;
use crate::tokens::tokens;
use axum::Json;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use std::sync::Weak;
use std::time::Instant;

/// The most records of one reply.
const MOST: usize = 500;
/// Longer queries than this are refused in a URL.
const LONGEST_QUERY: usize = 7_500;

/// A request taken apart.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: Vec<String>,
    pairs: Vec<(String, String)>,
    token: Option<String>,
    body: Value,
}

impl Asked {
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }
}

/// An error as Bullhorn writes it.
pub(super) fn fault(status: StatusCode, message: &str) -> Response {
    let body =
        json!({"errorMessage": message, "errorMessageKey": "errors.fake", "errorCode": status.as_u16()});
    (status, Json(body)).into_response()
}

pub(super) async fn answer(fake: Weak<Inner>, centre: usize, request: Request) -> Response {
    let Some(fake) = fake.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let decoded = |segment: &str| {
        url::form_urlencoded::parse(segment.replace('+', "%2B").as_bytes())
            .next()
            .map(|(name, _)| name.into_owned())
            .unwrap_or_default()
    };
    let asked = Asked {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().split('/').filter(|segment| !segment.is_empty()).map(decoded).collect(),
        pairs: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        token: parts.headers.get("bhresttoken").and_then(|token| token.to_str().ok()).map(str::to_owned),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let hold = fake.lock().switches.hold_login.filter(|_| asked.path.iter().any(|part| part == "login"));
    if let Some(time) = hold {
        tokio::time::sleep(time).await;
    }
    if let Some(response) = login::answer(&fake, &asked) {
        return response;
    }
    let home = fake.lock().switches.home;
    if home != centre {
        let mut to = fake.base(home);
        to.set_path(parts.uri.path());
        to.set_query(parts.uri.query());
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, String::from(to))]).into_response();
    }
    fake.lock().interface(&asked)
}

impl State {
    pub(super) fn count(&mut self, kind: &str) {
        *self.calls.entry(kind.to_owned()).or_default() += 1;
    }

    fn interface(&mut self, asked: &Asked) -> Response {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        let ["rest-services", "e999", kind, rest @ ..] = path.as_slice() else {
            return fault(StatusCode::NOT_FOUND, "no such path");
        };
        self.count(kind);
        if self.switches.over_quota {
            return fault(StatusCode::TOO_MANY_REQUESTS, "the monthly limit of calls is reached");
        }
        if self.switches.lose_tokens > 0 {
            self.switches.lose_tokens -= 1;
            return fault(StatusCode::PRECONDITION_FAILED, "no BhRestToken");
        }
        match &asked.token {
            None => return fault(StatusCode::PRECONDITION_FAILED, "no BhRestToken"),
            Some(token) if !(token.starts_with("session-") && self.secrets.contains(token)) => {
                return fault(StatusCode::UNAUTHORIZED, "bad or expired BhRestToken");
            }
            Some(_) => {}
        }
        match (asked.method.as_str(), *kind, rest) {
            ("GET", "ping", []) => Json(json!({"sessionExpires": self.now()})).into_response(),
            ("GET" | "POST", "search", [entity]) => self.search(entity, asked),
            ("GET", "query", ["Task"]) => self.tasks(asked),
            ("GET", "query", [entity]) => self.query(entity, asked),
            ("PUT", "entity", [entity]) => self.create(entity, asked),
            ("GET", "entity", [entity, id]) => self.read(entity, id, asked),
            ("POST", "entity", [entity, id]) => self.update(entity, id, asked),
            _ => fault(StatusCode::NOT_FOUND, "no such path"),
        }
    }

    fn has(&self, entity: &str) -> bool {
        ENTITIES.contains(&entity) && !(entity == "Lead" && self.switches.no_leads)
    }

    fn search(&self, entity: &str, asked: &Asked) -> Response {
        let Some(table) = self.tables.get(entity).filter(|_| self.has(entity)) else {
            return fault(StatusCode::NOT_FOUND, "no such entity");
        };
        let in_url = asked.query("query");
        if in_url.is_some_and(|query| query.chars().count() > LONGEST_QUERY) {
            return fault(StatusCode::URI_TOO_LONG, "too long for a URL");
        }
        let Some(query) = in_url.or_else(|| asked.body.get("query")?.as_str()).and_then(lucene::parse) else {
            return fault(StatusCode::BAD_REQUEST, "the query cannot be parsed");
        };
        let fields = match fields_of(entity, asked) {
            Ok(fields) => fields,
            Err(response) => return *response,
        };
        let mut found = query.find(table);
        let now = Instant::now();
        found.retain(|id| self.hidden.get(id).is_none_or(|until| *until <= now));
        match asked.query("sort").unwrap_or("id") {
            "id" => {}
            "-id" => found.reverse(),
            sort => {
                let (name, back) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
                found.sort_by_key(|id| table.get(*id).and_then(|record| record.get(name)?.as_i64()));
                if back {
                    found.reverse();
                }
            }
        }
        let start = asked.number("start").unwrap_or_default();
        let count = asked.number("count").unwrap_or(20).min(MOST);
        let page = found.iter().skip(start).take(count).filter_map(|id| table.get(*id));
        let data: Vec<Value> = page.map(|record| self.shown(record, &fields, true)).collect();
        Json(json!({"total": found.len(), "start": start, "count": data.len(), "data": data})).into_response()
    }

    /// A record with these fields; a link shows the fields that are asked for of it.
    fn shown(&self, record: &Map<String, Value>, fields: &[String], scored: bool) -> Value {
        let mut out = Map::new();
        let id = record.get("id").and_then(Value::as_u64).unwrap_or_default();
        if self.broken.contains(&id) {
            return json!({"id": id, "_error": "the record cannot be read"});
        }
        for field in fields {
            let mut value = record.get(field).cloned().unwrap_or(Value::Null);
            if field == "clientCorporation" {
                let company = value.get("id").and_then(Value::as_u64).and_then(|id| {
                    let company = self.tables.get("ClientCorporation")?.get(id)?;
                    Some(json!({"id": id, "name": company.get("name")}))
                });
                value = company.unwrap_or(Value::Null);
            }
            out.insert(field.clone(), value);
        }
        if scored {
            out.insert("_score".to_owned(), json!(1.0));
        }
        Value::Object(out)
    }

    fn read(&self, entity: &str, id: &str, asked: &Asked) -> Response {
        let table = self.tables.get(entity).filter(|_| self.has(entity));
        let Some(record) = id.parse().ok().and_then(|id| table?.get(id)) else {
            return fault(StatusCode::NOT_FOUND, "no such record");
        };
        match fields_of(entity, asked) {
            Ok(fields) => Json(json!({"data": self.shown(record, &fields, false)})).into_response(),
            Err(response) => *response,
        }
    }

    fn create(&mut self, entity: &str, asked: &Asked) -> Response {
        let Some(fields) = asked.body.as_object().filter(|_| self.has(entity)) else {
            return fault(StatusCode::NOT_FOUND, "no such entity");
        };
        let needed: &[&str] = match entity {
            "ClientContact" => &["firstName", "lastName", "name", "email", "status", "clientCorporation"],
            "ClientCorporation" => &["name", "status"],
            _ => &["firstName", "lastName", "name", "status"],
        };
        let lacking = needed.iter().filter(|name| fields.get(**name).is_none_or(Value::is_null));
        let mut faults: Vec<(String, &str)> =
            lacking.map(|name| ((*name).to_owned(), "is required")).collect();
        faults.extend(self.faults_of(entity, fields));
        if !faults.is_empty() {
            return refused("error persisting an entity of type: ", entity, &faults);
        }
        if self.switches.refuse_writes > 0 {
            self.switches.refuse_writes -= 1;
            return fault(StatusCode::TOO_MANY_REQUESTS, "too many calls");
        }
        let fails = self.switches.fail_on.as_deref();
        if fails.is_some_and(|text| fields.values().any(|value| value.as_str() == Some(text))) {
            return fault(StatusCode::INTERNAL_SERVER_ERROR, "something broke");
        }
        let id = self.insert(entity, fields.clone());
        if let Some(lag) = self.switches.index_lag {
            self.hidden.insert(id, Instant::now() + lag);
        }
        if entity == "ClientCorporation" && self.switches.archived_contacts {
            let contact = json!({
                "firstName": "Default", "lastName": "Contact", "status": "Archive", "clientCorporation": {"id": id},
            });
            self.insert("ClientContact", contact.as_object().cloned().unwrap_or_default());
        }
        let answer = self.wrote("INSERT", entity, id);
        if self.switches.lose_answers == 0 {
            return answer;
        }
        self.switches.lose_answers -= 1;
        broken_off()
    }

    fn update(&mut self, entity: &str, id: &str, asked: &Asked) -> Response {
        let known = |id: &u64| self.tables.get(entity).is_some_and(|table| table.get(*id).is_some());
        let (Some(id), Some(fields)) = (id.parse().ok().filter(known), asked.body.as_object()) else {
            return fault(StatusCode::NOT_FOUND, "no such record");
        };
        let faults = self.faults_of(entity, fields);
        if !faults.is_empty() {
            return refused("error updating an entity of type: ", entity, &faults);
        }
        let mut fields = fields.clone();
        fields.insert("dateLastModified".to_owned(), json!(self.now()));
        if let Some(table) = self.tables.get_mut(entity) {
            table.put(id, fields);
        }
        self.wrote("UPDATE", entity, id)
    }

    fn wrote(&mut self, kind: &'static str, entity: &str, id: u64) -> Response {
        self.writes.push(Write { kind, entity: entity.to_owned(), id });
        Json(json!({"changedEntityType": entity, "changedEntityId": id, "changeType": kind})).into_response()
    }

    fn faults_of(&self, entity: &str, fields: &Map<String, Value>) -> Vec<(String, &'static str)> {
        let mut faults = Vec::new();
        for (name, value) in fields {
            let fault = match longest(entity, name) {
                None => Some("is no field"),
                Some(_) if matches!(name.as_str(), "id" | "dateLastModified") => Some("is read-only"),
                Some(most) if value.as_str().is_some_and(|text| text.chars().count() > most) => {
                    Some("is too long")
                }
                Some(_) if name == "clientCorporation" => {
                    let company = value.get("id").and_then(Value::as_u64);
                    let there = company.and_then(|id| self.tables.get("ClientCorporation")?.get(id));
                    there.is_none().then_some("does not exist")
                }
                Some(_) => None,
            };
            faults.extend(fault.map(|fault| (name.clone(), fault)));
        }
        faults
    }

    /// Understands `externalID = '<text>'`. Candidates and leads cannot be asked for like this.
    fn query(&self, entity: &str, asked: &Asked) -> Response {
        let known = matches!(entity, "ClientContact" | "ClientCorporation");
        let Some(table) = self.tables.get(entity).filter(|_| known) else {
            return fault(StatusCode::NOT_FOUND, "no such entity");
        };
        let wanted = asked.query("where").and_then(|condition| {
            condition.strip_prefix("externalID = '")?.strip_suffix('\'').filter(|text| !text.contains('\''))
        });
        let Some(wanted) = wanted else { return fault(StatusCode::BAD_REQUEST, "not understood") };
        let fields = match fields_of(entity, asked) {
            Ok(fields) => fields,
            Err(response) => return *response,
        };
        let found = table.index.with("externalID", &tokens(wanted));
        let found = found.into_iter().filter_map(|id| table.get(id));
        let found = found.filter(|record| record.get("externalID").and_then(Value::as_str) == Some(wanted));
        let data: Vec<Value> = found.map(|record| self.shown(record, &fields, false)).collect();
        Json(json!({"start": 0, "count": data.len(), "data": data})).into_response()
    }

    /// Understands `<link>.id = <number>`, joined by `AND` with `isDeleted = false`.
    fn tasks(&self, asked: &Asked) -> Response {
        let condition = asked.query("where").unwrap_or_default();
        let mut wanted: Option<(&str, u64)> = None;
        for clause in condition.split(" AND ") {
            match clause.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                Some(("isDeleted", "false")) => {}
                Some((name, value)) if name.ends_with(".id") => {
                    let Ok(id) = value.parse() else {
                        return fault(StatusCode::BAD_REQUEST, "not understood");
                    };
                    wanted = Some((name.trim_end_matches(".id"), id));
                }
                _ => return fault(StatusCode::BAD_REQUEST, "not understood"),
            }
        }
        let Some((link, id)) =
            wanted.filter(|(link, _)| matches!(*link, "candidate" | "clientContact" | "lead"))
        else {
            return fault(StatusCode::BAD_REQUEST, "not understood");
        };
        let theirs = |task: &&Map<String, Value>| {
            task.get(link).and_then(|link| link.get("id")?.as_u64()) == Some(id)
                && task.get("isDeleted") != Some(&Value::Bool(true))
        };
        let data: Vec<&Map<String, Value>> = self.tasks.values().filter(theirs).collect();
        Json(json!({"start": 0, "count": data.len(), "data": data})).into_response()
    }
}

/// The fields that are asked for. An entity has no others.
fn fields_of(entity: &str, asked: &Asked) -> Result<Vec<String>, Box<Response>> {
    let mut fields = Vec::new();
    let mut depth = 0_u32;
    let mut name = String::new();
    for c in asked.query("fields").unwrap_or("id").chars().chain([',']) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => fields.push(std::mem::take(&mut name)),
            c if depth == 0 => name.push(c),
            _ => {}
        }
    }
    match fields.iter().find(|field| longest(entity, field).is_none()) {
        Some(field) => Err(Box::new(fault(StatusCode::NOT_FOUND, &["no such field: ", field].concat()))),
        None => Ok(fields),
    }
}

fn refused(what: &str, entity: &str, faults: &[(String, &str)]) -> Response {
    let errors: Vec<Value> = faults
        .iter()
        .map(|(name, fault)| json!({"propertyName": name, "detailMessage": fault, "severity": "ERROR"}))
        .collect();
    let message = [what, entity].concat();
    (StatusCode::BAD_REQUEST, Json(json!({"errorMessage": message, "errorCode": 400, "errors": errors})))
        .into_response()
}
