//! Parameters in the path, the query and the headers.

use super::error::ApiError;
use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use serde_json::Value;
use sluice_app::{Context, Error, Precondition};
use sluice_model::fault::Place;
use sluice_model::id::parse_uuid;
use sluice_model::{Fault, Faults, Node, Time};
use uuid::Uuid;

/// The parameters of the path as text. They are looked at after the body was read.
pub struct PathParams(Vec<(String, String)>);

impl FromRequestParts<Context> for PathParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, context).await;
        // Only a path that is no UTF-8 is refused: nothing can have such an id.
        let params = params.map_err(|_| ApiError::not_found("No such object"))?;
        Ok(Self(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

impl PathParams {
    /// A parameter as text.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The id in the path; one that is no UUID is not found.
    pub fn id(&self, not_found: impl FnOnce(&str) -> Error) -> Result<Uuid, ApiError> {
        let text = self.text("id");
        parse_uuid(text).ok_or_else(|| not_found(text).into())
    }
}

/// The parameters of the query, each read with the rules of bodies.
pub struct QueryParams {
    path: String,
    pairs: Vec<(String, String)>,
    faults: Faults,
}

impl FromRequestParts<Context> for QueryParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, context).await;
        let Query(pairs) = pairs.map_err(|_| {
            ApiError::invalid_parameters(vec![Fault::new(Vec::new(), "The query is malformed")])
        })?;
        Ok(Self { path: parts.uri.path().to_owned(), pairs, faults: Faults::new() })
    }
}

impl QueryParams {
    /// A parameter's text; empty text counts as not given.
    pub fn text(&self, name: &str) -> Option<String> {
        let pair = self.pairs.iter().find(|(known, value)| known == name && !value.is_empty());
        pair.map(|(_, value)| value.clone())
    }

    /// The path and all parameters but those of these names, as one text.
    pub fn without(&self, names: &[&str]) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        kept.fold(self.path.clone(), |text, (name, value)| format!("{text}\n{name}={value}"))
    }

    fn read<T>(
        &mut self,
        name: &str,
        as_value: impl FnOnce(String) -> Value,
        read: impl FnOnce(&Node<'_>, &mut Faults) -> Option<T>,
    ) -> Option<T> {
        let value = as_value(self.text(name)?);
        read(&Node::at(&value, Place::Key(&Place::Root, name)), &mut self.faults)
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let number = |text: String| text.parse::<i64>().map_or(Value::String(text), Value::from);
        self.read(name, number, |node, faults| node.integer(faults, min, max))
    }

    /// A whole number, brought within bounds.
    pub fn clamped(&mut self, name: &str, min: i64, max: i64, default: i64) -> usize {
        let number = self.integer(name, i64::MIN, i64::MAX).unwrap_or(default).clamp(min, max);
        usize::try_from(number).unwrap_or_default()
    }

    /// How many of a list are wanted: `limit`, at most `most`.
    pub fn limit(&mut self, most: i64, default: usize) -> usize {
        self.integer("limit", 1, most).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default)
    }

    /// `true` or `false`; false when not given.
    pub fn flag(&mut self, name: &str) -> bool {
        self.read(name, Value::String, |node, faults| node.one_of(faults, &["false", "true"])) == Some(1)
    }

    /// One of some names, by position.
    pub fn one_of(&mut self, name: &str, names: &[&str]) -> Option<usize> {
        self.read(name, Value::String, |node, faults| node.one_of(faults, names))
    }

    /// Notes a parameter that has to be given and is not.
    pub fn require(&mut self, name: &str) {
        if self.text(name).is_none() {
            self.fault(Some(name), "Required");
        }
    }

    /// A text of at most `max` characters.
    pub fn limited(&mut self, name: &str, max: usize) -> Option<String> {
        self.read(name, Value::String, |node, faults| node.text(faults, 1, max).map(str::to_owned))
    }

    /// A UUID.
    pub fn uuid(&mut self, name: &str) -> Option<Uuid> {
        self.read(name, Value::String, |node, faults| node.uuid(faults))
    }

    /// A time.
    pub fn time(&mut self, name: &str) -> Option<Time> {
        self.read(name, Value::String, |node, faults| node.time(faults))
    }

    /// A value in its canonical spelling.
    pub fn canonical(
        &mut self,
        name: &str,
        message: &str,
        canonical: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        self.read(name, Value::String, |node, faults| {
            let out = node.string(faults).and_then(canonical);
            if out.is_none() {
                node.fault(faults, message);
            }
            out
        })
    }

    /// Notes a fault of the parameters as a whole, or of one of them.
    pub fn fault(&mut self, name: Option<&str>, message: &str) {
        let path = name.map(|name| vec![name.into()]).unwrap_or_default();
        self.faults.push(Fault::new(path, message));
    }

    /// Fails when any parameter read so far is wrong.
    pub fn check(self) -> Result<(), ApiError> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid_parameters(self.faults.into_vec()))
        }
    }
}

/// The `If-Match` header (RFC 9110 §13.1.1).
pub struct IfMatch(pub Option<Precondition>);

impl FromRequestParts<Context> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, ApiError> {
        if !parts.headers.contains_key(IF_MATCH) {
            return Ok(Self(None));
        }
        // A value that is no ASCII is none of our tags, but still a condition.
        let values = parts.headers.get_all(IF_MATCH).iter().filter_map(|value| value.to_str().ok());
        let tags: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
        if tags.contains(&"*") {
            return Ok(Self(Some(Precondition::Exists)));
        }
        // If-Match compares strongly, character by character: a weak tag, or one that is none of ours, matches
        // nothing.
        let version = |tag: &&str| {
            let text = tag.strip_prefix('"')?.strip_suffix('"')?;
            text.parse().ok().filter(|version: &i64| version.to_string() == text)
        };
        Ok(Self(Some(Precondition::Versions(tags.iter().filter_map(version).collect()))))
    }
}
