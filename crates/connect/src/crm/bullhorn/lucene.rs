//! Lucene's query language, as far as it is written here.
//!
//! The index splits texts into words and matches loosely: what comes back is compared again.

use sluice_model::text;

/// A phrase in a field. `None` for a text without a letter or digit, which finds nothing.
pub(super) fn phrase(field: &str, value: &str) -> Option<String> {
    if !value.chars().any(char::is_alphanumeric) {
        return None;
    }
    let mut out = String::with_capacity(field.len() + value.len() + 4);
    out.push_str(field);
    out.push_str(":\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    Some(out)
}

/// A value as it is written, or with case and accents folded: which of both the index keeps is the installation's
/// business.
pub(super) fn spelt(field: &str, value: &str) -> Option<String> {
    let folded = text::fold(value);
    if folded == value.to_lowercase() {
        return phrase(field, value);
    }
    any([phrase(field, value), phrase(field, &folded)])
}

/// Words that begin with these letters. `None` when there is none. Whatever means something to Lucene is ASCII.
pub(super) fn prefix(field: &str, start: &str) -> Option<String> {
    let start: String =
        start.chars().filter(|c| c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace())).collect();
    (!start.is_empty()).then(|| [field, ":", &start, "*"].concat())
}

/// A value from this one on.
pub(super) fn from(field: &str, least: &str) -> String {
    [field, ":[", least, " TO *]"].concat()
}

/// All of these. `None` when one of them is.
pub(super) fn all(clauses: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let clauses: Vec<String> = clauses.into_iter().collect::<Option<_>>()?;
    joined(clauses, " AND ")
}

/// At least one of those that are there.
pub(super) fn any(clauses: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    joined(clauses.into_iter().flatten().collect(), " OR ")
}

fn joined(mut clauses: Vec<String>, by: &str) -> Option<String> {
    match clauses.len() {
        0 => None,
        1 => clauses.pop(),
        _ => Some(["(", &clauses.join(by), ")"].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::{all, any, from, phrase, prefix, spelt};

    #[test]
    fn queries_are_written_safely() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(phrase("name", r#"a" OR id:[1 TO *] \"#), some(r#"name:"a\" OR id:[1 TO *] \\""#));
        assert_eq!(phrase("name", "a\nb"), some(r#"name:"a b""#));
        assert_eq!(phrase("name", "–*?"), None);
        assert_eq!(spelt("lastName", "Müller"), some(r#"(lastName:"Müller" OR lastName:"muller")"#));
        assert_eq!(spelt("lastName", "Lee"), some(r#"lastName:"Lee""#));
        assert_eq!(prefix("firstName", "j* OR"), some("firstName:jOR*"));
        assert_eq!(prefix("firstName", "*"), None);
        assert_eq!(from("id", "17"), "id:[17 TO *]");
        assert_eq!(all([some("a:1"), None]), None);
        assert_eq!(all([some("a:1"), some("b:2")]), some("(a:1 AND b:2)"));
        assert_eq!(any([None, some("b:2")]), some("b:2"));
        assert_eq!(any([None, None]), None);
    }
}
