//! `/v0/persons` and `/v0/person_logs`: the later names of prospects and their logs. The same handlers; only the keys of
//! the replies have other names.

use super::{prospect, prospect_log};
use crate::http::ApiError;
use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use sluice_app::Context;
use std::fmt;

pub(super) fn routes() -> Router<Context> {
    let person = get(prospect::get::get_prospect)
        .patch(prospect::update::update_prospect)
        .delete(prospect::delete::delete_prospect);
    let persons = get(prospect::list::list_prospects).post(prospect::create::create_prospect);
    let log = get(prospect_log::get::get_prospect_log).delete(prospect_log::delete::delete_prospect_log);
    Router::new()
        .route("/v0/persons", persons)
        .route("/v0/persons/{prospect_id}", person)
        .route("/v0/persons/{prospect_id}/restore", post(prospect::restore::restore_prospect))
        .route("/v0/persons/{prospect_id}/merge", post(prospect::merge::merge_prospect))
        .route("/v0/persons/{prospect_id}/activity", get(prospect::activity::prospect_activity))
        .route("/v0/persons/{prospect_id}/logs", get(prospect_log::list::list_prospect_logs))
        .route("/v0/persons/{prospect_id}/logs/{prospect_log_id}", log)
        .route("/v0/person_logs", post(prospect_log::create::create_prospect_log))
        .layer(middleware::map_response(rename))
}

/// The later name of a key.
pub(super) fn later(key: &str) -> Option<String> {
    match key {
        "createdProspect" => Some("createdPerson".to_owned()),
        _ => key.strip_prefix("prospect").map(|rest| format!("person{rest}")),
    }
}

async fn rename(response: Response) -> Response {
    let json = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
    if !json || !response.status().is_success() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else { return ApiError::internal().into_response() };
    let bytes = body.to_bytes();
    let renamed = serde_json::from_slice::<Keys>(&bytes).and_then(|keys| serde_json::to_vec(&keys));
    let Ok(renamed) = renamed else { return ApiError::internal().into_response() };
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(renamed))
}

/// An object of a reply. Its values stay as they are written, a payload above all; only a page's items have keys of
/// ours in them.
struct Keys<'t>(Vec<(String, &'t RawValue)>);

impl<'t: 'de, 'de: 't> Deserialize<'de> for Keys<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Self)
    }
}

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            let items =
                if key == "items" { serde_json::from_str::<Vec<Keys>>(value.get()).ok() } else { None };
            match items {
                Some(items) => map.serialize_entry(key, &items)?,
                None => map.serialize_entry(&later(key).unwrap_or_else(|| key.clone()), value)?,
            }
        }
        map.end()
    }
}
