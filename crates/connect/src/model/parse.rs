//! What a model wrote, read strictly: one JSON object of the form asked for, whatever stands around it.

use super::Says;
use super::text::bytes_at_most;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How much of an answer is looked at, in bytes.
const ANSWER_LIMIT: usize = 64 << 10;
/// How many openings of an object are tried.
const TRIES: usize = 32;

/// A verdict as a model writes it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictForm {
    pub verdict: Says,
    pub reason: String,
    pub quote: String,
}

/// A verdict of an agent, which also says where its quote stands.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitForm {
    pub verdict: Says,
    pub reason: String,
    pub quote: String,
    pub url: String,
}

/// A choice of pages.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct PagesForm {
    pub pages: Vec<i64>,
}

/// Reads an answer of this form, whose object has this key.
///
/// # Errors
/// What is wrong with it, in words of ours: nothing that the model wrote comes back to it.
pub(crate) fn read<T: DeserializeOwned>(answer: &str, key: &str) -> Result<T, &'static str> {
    let object = object(answer, key)?;
    serde_json::from_str(object)
        .map_err(|_| "it has other keys, other types or other values than those asked for")
}

/// The only object with this key: an answer that holds two different ones does not say which counts.
fn object<'a>(answer: &'a str, key: &str) -> Result<&'a str, &'static str> {
    let mut rest = after_thoughts(bytes_at_most(answer, ANSWER_LIMIT));
    let mut found: Option<(&str, Value)> = None;
    for _ in 0..TRIES {
        let Some(start) = rest.find('{') else { break };
        rest = rest.get(start..).unwrap_or_default();
        let Some(end) = balanced(rest) else {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        };
        let (text, after) = rest.split_at(end);
        match serde_json::from_str::<Value>(text) {
            Ok(value) if value.get(key).is_some() => {
                if found.as_ref().is_some_and(|(_, known)| *known != value) {
                    return Err("it holds more than one object");
                }
                found = Some((text, value));
                rest = after;
            }
            Ok(_) => rest = after,
            Err(_) => rest = rest.get(1..).unwrap_or_default(),
        }
    }
    found.map(|(text, _)| text).ok_or("it holds no JSON object of the form asked for")
}

/// What comes after the thoughts that some models write down first.
fn after_thoughts(answer: &str) -> &str {
    let answer = answer.trim_start();
    // Some servers write the opening mark into the prompt: the answer has the closing one alone.
    if !answer.starts_with("<think>") && answer.contains("<think>") {
        return answer;
    }
    match answer.rsplit_once("</think>") {
        Some((thoughts, said)) if thoughts.starts_with("<think>") || said.contains('{') => said,
        // Within an object it is a part of what is said.
        _ => answer,
    }
}

/// Where the object that a text begins with ends.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{PagesForm, VerdictForm, read};
    use crate::model::Says;

    const NONE: &str = "it holds no JSON object of the form asked for";
    const FORM: &str = "it has other keys, other types or other values than those asked for";

    fn verdict(answer: &str) -> Result<VerdictForm, &'static str> {
        read(answer, "verdict")
    }

    #[test]
    fn an_object_is_found_in_whatever_surrounds_it() {
        let object = r#"{"verdict":"yes","reason":"a {b} \"c\" }","quote":"q"}"#;
        let form = VerdictForm { verdict: Says::Yes, reason: "a {b} \"c\" }".into(), quote: "q".into() };
        for answer in [
            object.to_owned(),
            format!("```json\n{object}\n```"),
            format!("Sure! Here {{it}} is: {object} Anything else?"),
            format!("<think>maybe {{\"verdict\":\"no\"}}</think>\n{object}"),
            format!("maybe {{\"verdict\":\"no\"}}</think>\n{object}"),
            format!("{object}\n{object}"),
            format!("{{\"note\":1}} {object}"),
            format!("}}}} {object}"),
        ] {
            assert_eq!(verdict(&answer).as_ref(), Ok(&form), "{answer}");
        }
    }

    #[test]
    fn anything_but_the_form_is_named() {
        let long = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        for (answer, fault) in [
            ("", NONE),
            ("yes", NONE),
            ("{\"verdict\":\"yes\"", NONE),
            ("[\"verdict\"]", NONE),
            (long.as_str(), NONE),
            (r#"{"verdict":"YES","reason":"","quote":""}"#, FORM),
            (r#"{"verdict":"yes","reason":"","quote":null}"#, FORM),
            (r#"{"verdict":"yes","reason":""}"#, FORM),
            (r#"{"verdict":true,"reason":"","quote":""}"#, FORM),
            (r#"{"verdict":"yes","reason":"","quote":"","system":"x"}"#, FORM),
            (r#"{"verdict":"no","verdict":"yes","reason":"","quote":""}"#, FORM),
            (
                r#"{"verdict":"no","reason":"","quote":""} {"verdict":"yes","reason":"","quote":""}"#,
                "it holds more than one object",
            ),
        ] {
            assert_eq!(verdict(answer), Err(fault), "{}", answer.get(..80).unwrap_or(answer));
        }
    }

    #[test]
    fn pages_are_whole_numbers() {
        assert_eq!(read(r#"{"pages":[3,-1]}"#, "pages"), Ok(PagesForm { pages: vec![3, -1] }));
        assert_eq!(read::<PagesForm>(r#"{"pages":["3"]}"#, "pages"), Err(FORM));
        assert_eq!(read::<PagesForm>(r#"{"pages":[1.5]}"#, "pages"), Err(FORM));
    }
}
