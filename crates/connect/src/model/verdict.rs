//! From what a model wrote to a verdict that counts: a quote that stands in the text, and nothing of our own words.

use super::parse::VerdictForm;
use super::text::{bytes_at_most, folded, harmless, occurs, shortened};
use super::{Says, prompt};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The longest raw answer that is kept, in bytes.
const RAW_LIMIT: usize = 4 << 10;
/// The longest reason, in characters.
const REASON_LIMIT: usize = 500;
/// The longest quote that is kept, in characters; a longer one is checked whole and kept in part.
const QUOTE_LIMIT: usize = 300;
/// So many words in a row as our instructions have them are no coincidence.
const LEAK_WORDS: usize = 12;

/// Why an answer that repeats the instructions does not count.
pub(crate) const LEAKED: &str =
    "The answer repeats the instructions of the check instead of following them; it is withheld.";

/// A verdict that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub says: Says,
    pub reason: String,
    pub quote: String,
}

impl Settled {
    /// Unknown, for this reason.
    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self { says: Says::Unknown, reason: reason.into(), quote: String::new() }
    }
}

/// The text that quotes must stand in.
pub(crate) struct Grounds {
    /// Folded; a quote must stand in all of them.
    texts: Vec<String>,
    /// Of a record: its members as `name: value`, folded, and its values.
    record: Option<(String, Vec<String>)>,
    /// As it is, to tell which links it has.
    plain: String,
}

impl Grounds {
    /// A text as it was sent, and the subject that it is from.
    pub(crate) fn new(sent: &str, source: &str, subject: &str) -> Self {
        let record = matches!(source, "person" | "company")
            .then(|| serde_json::from_str::<Value>(subject).ok())
            .flatten()
            .map(|value| {
                let (mut lines, mut values) = (String::new(), Vec::new());
                members("", &value, &mut lines, &mut values);
                (folded(&lines), values)
            });
        let texts = vec![folded(sent), folded(subject)];
        Self { texts, record, plain: format!("{source}\n{subject}") }
    }

    /// A page's text.
    pub(crate) fn page(text: &str, url: &str) -> Self {
        Self { texts: vec![folded(text)], record: None, plain: format!("{url}\n{text}") }
    }

    /// Whether a quote stands in the text: in a record, among its values.
    pub(crate) fn bear(&self, quote: &str) -> bool {
        let quote = folded(quote);
        let stands = self.texts.iter().all(|text| occurs(&quote, text));
        match &self.record {
            None => stands,
            Some((lines, values)) => {
                // A value in part or whole, perhaps with the name of its member before it.
                let said = quote.split_once(':').map_or(quote.as_str(), |(_, said)| said);
                let said = said.trim_matches([' ', '"']);
                let touches =
                    |value: &String| occurs(&quote, value) || occurs(value, &quote) || occurs(said, value);
                (stands || occurs(&quote, lines)) && values.iter().any(touches)
            }
        }
    }
}

/// The members of a record, each on a line.
fn members(name: &str, value: &Value, lines: &mut String, values: &mut Vec<String>) {
    let text = match value {
        Value::Object(object) => {
            return object.iter().for_each(|(name, value)| members(name, value, lines, values));
        }
        Value::Array(array) => {
            return array.iter().for_each(|value| members(name, value, lines, values));
        }
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    for part in [name, ": ", &text, "\n"] {
        lines.push_str(part);
    }
    values.push(folded(&text));
}

/// What a verdict of the right form is worth.
pub(crate) fn settle(form: &VerdictForm, grounds: &Grounds) -> Settled {
    if [&form.reason, &form.quote].iter().any(|text| leaks(text)) {
        return Settled::unknown(LEAKED);
    }
    let reason = reason(&form.reason, grounds);
    if form.verdict == Says::Unknown {
        return Settled::unknown(reason);
    }
    let word = if form.verdict == Says::Yes { "yes" } else { "no" };
    let quote = bare(&form.quote);
    if quote.is_empty() {
        return Settled::unknown(format!("The model answered {word} and quoted nothing."));
    }
    if !grounds.bear(&quote) {
        return Settled::unknown(format!(
            "The model answered {word}, but what it quotes does not stand in the text."
        ));
    }
    Settled { says: form.verdict, reason, quote: shortened(&quote, QUOTE_LIMIT) }
}

/// A quote on one line, without the marks that models put around it.
pub(crate) fn bare(quote: &str) -> String {
    let quote = harmless(quote);
    let marks = |c: char| c.is_whitespace() || "\"'“”„‟‘’‚«»‹›…`".contains(c);
    let bare =
        quote.trim_matches(marks).trim_end_matches("...").trim_start_matches("...").trim_matches(marks);
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A reason on one line, without links that the text does not have: an answer must not carry anything anywhere.
fn reason(text: &str, grounds: &Grounds) -> String {
    let text = harmless(text);
    let words = text.split_whitespace().map(|word| {
        let lower = word.to_lowercase();
        let Some(at) = ["http:", "https:", "www.", "data:", "javascript:"]
            .iter()
            .filter_map(|start| lower.find(start))
            .min()
        else {
            return word.to_owned();
        };
        let link = word.get(at..).unwrap_or(word);
        let link = link.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '/');
        if grounds.plain.split_whitespace().any(|known| known.contains(link) && ends(known, link)) {
            return word.to_owned();
        }
        "[link left out]".to_owned()
    });
    shortened(&words.collect::<Vec<_>>().join(" "), REASON_LIMIT)
}

/// Whether a known word goes on after a link with nothing that belongs to it.
fn ends(known: &str, link: &str) -> bool {
    known.rsplit_once(link).is_some_and(|(_, after)| !after.chars().any(char::is_alphanumeric))
}

/// A raw answer as it is kept.
pub(crate) fn raw(answer: &str) -> String {
    if leaks(answer) {
        return String::new();
    }
    harmless(bytes_at_most(answer, RAW_LIMIT))
}

/// Whether a text repeats our instructions: they are no secret, but a model that recites them does what a page told it.
pub(crate) fn leaks(text: &str) -> bool {
    static OURS: LazyLock<HashSet<String>> =
        LazyLock::new(|| prompt::instructions().iter().flat_map(|text| runs(&words(text))).collect());
    runs(&words(text)).iter().any(|run| OURS.contains(run))
}

/// The words of a text, folded; escapes of JSON between them do not count.
fn words(text: &str) -> Vec<String> {
    let plain = text.replace("\\n", " ").replace("\\\"", " ");
    folded(&plain)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// All runs of so many words.
fn runs(words: &[String]) -> Vec<String> {
    words.windows(LEAK_WORDS).map(|run| run.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::parse::VerdictForm;
    use super::{Grounds, LEAKED, Says, Settled, bare, leaks, raw, settle};

    fn form(verdict: Says, reason: &str, quote: &str) -> VerdictForm {
        VerdictForm { verdict, reason: reason.into(), quote: quote.into() }
    }

    #[test]
    fn a_verdict_needs_a_quote_that_stands_there() {
        let page = Grounds::page("We make **pumps** in Kiel.", "https://a.example/");
        let yes = |quote: &str| Settled { says: Says::Yes, reason: "r".into(), quote: quote.into() };
        let unknown = |reason: &str| Settled::unknown(reason);
        assert_eq!(settle(&form(Says::Yes, "r", "pumps in  kiel"), &page), yes("pumps in kiel"));
        assert_eq!(settle(&form(Says::Yes, "r", " “We make pumps…” "), &page), yes("We make pumps"));
        assert_eq!(
            settle(&form(Says::Yes, "r", "valves"), &page),
            unknown("The model answered yes, but what it quotes does not stand in the text.")
        );
        assert_eq!(
            settle(&form(Says::No, "r", ""), &page),
            unknown("The model answered no and quoted nothing.")
        );
        assert_eq!(
            settle(&form(Says::No, "r", "…"), &page),
            unknown("The model answered no and quoted nothing.")
        );
        assert_eq!(settle(&form(Says::Unknown, "r", "pumps"), &page), unknown("r"));
    }

    #[test]
    fn a_record_is_quoted_by_its_values() {
        let record = r#"{"jobTitle":"Head of \"Sales\"","company":{"headcount":120,"remote":true}}"#;
        let grounds = Grounds::new(record, "person", record);
        for stands in [
            "Head of \"Sales\"",
            "headcount: 120",
            "\"headcount\":120",
            "120",
            "jobTitle: Head of",
            "remote: true",
        ] {
            assert!(grounds.bear(stands), "{stands}");
        }
        for missing in ["headcount", "\"jobTitle\":", "Sales Manager", "12", "{", ""] {
            assert!(!grounds.bear(missing), "{missing}");
        }
    }

    #[test]
    fn a_reason_carries_no_links_but_those_of_the_text() {
        let page = Grounds::page("See https://a.example/jobs.", "https://a.example/");
        let said = "As https://a.example/jobs says, ![x](https://evil.example/?q=a) www.evil.example";
        assert_eq!(
            settle(&form(Says::Unknown, said, ""), &page).reason,
            "As https://a.example/jobs says, [link left out] [link left out]"
        );
        assert_eq!(
            settle(&form(Says::Unknown, "https://a.example/job", ""), &page).reason,
            "[link left out]"
        );
    }

    #[test]
    fn our_own_words_do_not_come_back() {
        let ours =
            "Sure: you examine one text for a research tool\\nand answer one QUESTION about it with yes.";
        assert!(leaks(ours));
        assert_eq!(raw(ours), "");
        assert_eq!(raw("{\"a\":\u{202e}1}"), "{\"a\":1}");
        assert!(!leaks("The source states or clearly shows that the answer is no."));
        let page = Grounds::page("text", "https://a.example/");
        assert_eq!(settle(&form(Says::Yes, ours, "text"), &page), Settled::unknown(LEAKED));
    }

    #[test]
    fn quotes_lose_their_marks() {
        assert_eq!(bare("\"...We\n make pumps...\""), "We make pumps");
        assert_eq!(bare("“”"), "");
    }
}
