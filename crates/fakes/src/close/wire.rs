//! The interface.

use super::query::kind_of;
use super::{API_KEY, Inner, State, Write, number};
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use serde_json::{Map, Value, json};
use std::sync::Weak;
use std::time::Instant;

/// The most objects of a search's reply, and the most that one cursor walks over.
const MOST: usize = 200;
const MOST_WALKED: usize = 10_000;

struct Asked {
    method: String,
    path: Vec<String>,
    pairs: Vec<(String, String)>,
    authorization: Option<String>,
    body: Value,
}

impl Asked {
    fn query(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }
}

fn fault(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}

fn wrong_field(field: &str, message: &str) -> Response {
    let body = json!({"errors": [], "field-errors": {field: message}});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

pub(super) async fn answer(fake: Weak<Inner>, request: Request) -> Response {
    let Some(fake) = fake.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let path = parts.uri.path();
    let asked = Asked {
        method: parts.method.as_str().to_owned(),
        path: path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect(),
        pairs: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        authorization: parts
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    if !path.ends_with('/') {
        return (StatusCode::MOVED_PERMANENTLY, [("location", [path, "/"].concat())]).into_response();
    }
    let mut state = fake.lock();
    let mut response = state.interface(&asked);
    if let Some((remaining, reset)) = state.announced {
        let text = format!("limit=100, remaining={remaining}, reset={reset}");
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert("ratelimit", value);
        }
    }
    response
}

impl State {
    fn interface(&mut self, asked: &Asked) -> Response {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        let ["api", "v1", kind, rest @ ..] = path.as_slice() else {
            return fault(StatusCode::NOT_FOUND, "no such path");
        };
        *self.calls.entry((*kind).to_owned()).or_default() += 1;
        let pair = base64::engine::general_purpose::STANDARD.encode([API_KEY, ":"].concat());
        if asked.authorization.as_deref() != Some(&["Basic ", &pair].concat()) {
            return fault(StatusCode::UNAUTHORIZED, "The API key is not valid.");
        }
        if self.refuse > 0 {
            self.refuse -= 1;
            let body =
                json!({"error": {"rate_reset": 1.5, "rate_limit": 100, "message": "API call rate exceeded"}});
            return (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
        }
        match (asked.method.as_str(), *kind, rest) {
            ("GET", "me", []) => {
                Json(json!({"id": "user_1", "organizations": [{"id": "orga_1"}]})).into_response()
            }
            ("POST", "data", ["search"]) => self.search(&asked.body),
            ("GET", "contact", []) => self.list(asked),
            ("GET", "task", []) => self.tasks(asked),
            ("GET", "event", []) => self.events(asked),
            ("POST", "contact" | "lead", []) => self.create(kind, &asked.body),
            ("GET", "contact" | "lead", [id]) => self.read(kind, id, asked),
            ("PUT", "contact" | "lead", [id]) => self.change(kind, id, &asked.body),
            _ => fault(StatusCode::NOT_FOUND, "no such path"),
        }
    }

    fn search(&mut self, body: &Value) -> Response {
        let limit = body.get("_limit").and_then(Value::as_u64).unwrap_or(100);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if limit > MOST {
            return wrong_field("_limit", "Must be at most 200.");
        }
        let query = body.get("query").unwrap_or(&Value::Null);
        let Some(kind) = kind_of(query) else { return wrong_field("query", "No object type.") };
        let (found, start) = match body.get("cursor").and_then(Value::as_str) {
            None => match self.find(kind, query) {
                Some(mut found) => {
                    let now = Instant::now();
                    found.retain(|id| self.hidden.get(id).is_none_or(|until| *until <= now));
                    (self.sorted(kind, found, body), 0)
                }
                None => return wrong_field("query", "Not understood."),
            },
            Some(cursor) => match self.cursors.remove(cursor) {
                Some(place) => place,
                None => return wrong_field("cursor", "Invalid or expired."),
            },
        };
        let names = body.get("_fields").and_then(|fields| fields.get(kind)?.as_array());
        let names: Option<Vec<&str>> = names.map(|names| names.iter().filter_map(Value::as_str).collect());
        let page: Vec<u64> = found.iter().skip(start).take(limit).copied().collect();
        let data: Vec<Value> = page
            .iter()
            .filter_map(|id| self.objects(kind)?.get(id))
            .map(|object| {
                let mut shown = selected(object, names.as_deref().unwrap_or(&["id"]));
                shown.insert("__object_type".to_owned(), json!(kind));
                Value::Object(shown)
            })
            .collect();
        let end = start + page.len();
        let total = found.len();
        let cursor = (end < total && end < MOST_WALKED).then(|| {
            let cursor = format!("cursor-{}-{end}", self.cursors.len());
            self.cursors.insert(cursor.clone(), (found, end));
            cursor
        });
        let mut reply = json!({"data": data, "cursor": cursor});
        if body.get("include_counts").and_then(Value::as_bool) == Some(true)
            && let Some(reply) = reply.as_object_mut()
        {
            reply.insert("count".to_owned(), json!({"limited": total.min(MOST_WALKED), "total": total}));
        }
        Json(reply).into_response()
    }

    fn sorted(&self, kind: &str, mut found: Vec<u64>, body: &Value) -> Vec<u64> {
        let sort = body.get("sort").and_then(|sort| sort.get(0));
        let field = sort.and_then(|sort| sort.get("field")?.get("field_name")?.as_str());
        if let (Some(field), Some(objects)) = (field, self.objects(kind)) {
            let key =
                |id: &u64| objects.get(id).and_then(|object| object.get(field)?.as_str()).unwrap_or_default();
            found.sort_by(|one, other| key(one).cmp(key(other)));
            if sort.and_then(|sort| sort.get("direction")?.as_str()) == Some("desc") {
                found.reverse();
            }
        }
        found
    }

    fn list(&self, asked: &Asked) -> Response {
        let lead = asked.query("lead_id");
        let theirs = |contact: &&Map<String, Value>| {
            lead.is_none_or(|lead| contact.get("lead_id").and_then(Value::as_str) == Some(lead))
        };
        page(self.contacts.values().filter(theirs).cloned().map(Value::Object).collect(), asked)
    }

    fn tasks(&self, asked: &Asked) -> Response {
        let lead = asked.query("lead_id");
        let theirs =
            |task: &&Value| lead.is_none_or(|lead| task.get("lead_id").and_then(Value::as_str) == Some(lead));
        page(self.tasks.iter().filter(theirs).cloned().collect(), asked)
    }

    fn events(&self, asked: &Asked) -> Response {
        let wanted = |event: &&Value| {
            let text = |name: &str| event.get(name).and_then(Value::as_str);
            asked.query("object_type").is_none_or(|kind| text("object_type") == Some(kind))
                && asked.query("action").is_none_or(|action| text("action") == Some(action))
                && asked.query("date_updated__gte").is_none_or(|from| {
                    let time = |text: &str| sluice_model::Time::parse(text);
                    text("date_updated").and_then(time) >= time(from)
                })
        };
        // Newest first.
        let found: Vec<&Value> = self.events.iter().rev().filter(wanted).collect();
        let start = asked.query("_cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let limit = asked.number("_limit").unwrap_or(50).min(50);
        let data: Vec<&&Value> = found.iter().skip(start).take(limit).collect();
        let end = start + data.len();
        let next = (end < found.len()).then(|| end.to_string());
        Json(json!({"data": data, "cursor_next": next, "cursor_previous": null})).into_response()
    }

    fn read(&self, kind: &str, id: &str, asked: &Asked) -> Response {
        let Some(object) = number(id).and_then(|number| self.objects(kind)?.get(&number)) else {
            return fault(StatusCode::NOT_FOUND, "Does not exist.");
        };
        let names: Option<Vec<&str>> = asked.query("_fields").map(|names| names.split(',').collect());
        let shown = names.map_or_else(|| object.clone(), |names| selected(object, &names));
        Json(Value::Object(shown)).into_response()
    }

    fn create(&mut self, kind: &str, body: &Value) -> Response {
        let mut fields = body.as_object().cloned().unwrap_or_default();
        if let Some(response) = self.wrong(kind, &fields) {
            return response;
        }
        if kind == "contact" && !fields.contains_key("lead_id") {
            // As Close does: a contact without a lead gets one of its own name.
            let name = fields.get("name").cloned().unwrap_or_default();
            let lead = self.insert("lead", Map::from_iter([("name".to_owned(), name)]));
            fields.insert("lead_id".to_owned(), json!(lead));
        }
        let id = self.insert(kind, fields);
        if let (Some(lag), Some(number)) = (self.index_lag, number(&id)) {
            self.hidden.insert(number, Instant::now() + lag);
        }
        self.wrote("POST", kind, &id)
    }

    fn change(&mut self, kind: &str, id: &str, body: &Value) -> Response {
        let fields = body.as_object().cloned().unwrap_or_default();
        if let Some(response) = self.wrong(kind, &fields) {
            return response;
        }
        if !self.update(kind, id, fields) {
            return fault(StatusCode::NOT_FOUND, "Does not exist.");
        }
        self.wrote("PUT", kind, id)
    }

    fn wrote(&mut self, method: &'static str, kind: &str, id: &str) -> Response {
        self.writes.push(Write { method, kind: kind.to_owned(), id: id.to_owned() });
        let object = number(id).and_then(|number| self.objects(kind)?.get(&number)).cloned();
        Json(Value::Object(object.unwrap_or_default())).into_response()
    }

    fn wrong(&self, kind: &str, fields: &Map<String, Value>) -> Option<Response> {
        if let Some(lead) = fields.get("lead_id") {
            let known = lead.as_str().and_then(number).is_some_and(|number| self.leads.contains_key(&number));
            if kind == "contact" && !known {
                return Some(wrong_field("lead_id", "This lead doesn't exist."));
            }
        }
        for (list, member) in [("emails", "email"), ("phones", "phone"), ("urls", "url")] {
            let Some(entries) = fields.get(list) else { continue };
            let entries = entries.as_array().map_or(&[][..], Vec::as_slice);
            let good = |entry: &Value| {
                let text = entry.get(member).and_then(Value::as_str).unwrap_or_default();
                entry.get("type").is_some() && !text.is_empty() && (member != "email" || text.contains('@'))
            };
            if !entries.iter().all(good) {
                return Some(wrong_field(list, "Invalid value."));
            }
        }
        None
    }
}

/// These fields of an object; `custom` stands for all custom fields.
fn selected(object: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let wanted =
        |name: &str| names.contains(&name) || (names.contains(&"custom") && name.starts_with("custom."));
    object
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn page(all: Vec<Value>, asked: &Asked) -> Response {
    let (skip, limit) = (asked.number("_skip").unwrap_or(0), asked.number("_limit").unwrap_or(100).min(100));
    let has_more = all.len() > skip + limit;
    let data: Vec<Value> = all.into_iter().skip(skip).take(limit).collect();
    Json(json!({"data": data, "has_more": has_more})).into_response()
}
