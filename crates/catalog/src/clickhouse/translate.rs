//! From the tests of a filter to SQL.

use super::columns::{EDGE, VALUE, piece, whole};
use super::sql::{Sql, all_quoted, quoted};
use crate::facts::{Condition, Needle, NumberField, TermField, Test, TextField};
use sluice_model::filter::Wrapper;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// As many terms stand in the text; more of them go beside it, where looking one up costs the same for any number.
const MOST_TERMS: usize = 32;
/// As many texts are looked for one by one; more of them at once.
const MOST_TEXTS: usize = 8;
/// As many texts stand in one regular expression.
const PATTERNS: usize = 100;

/// What must hold, in SQL. `first` is cheap and true wherever the whole is: the engine may check it first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    pub first: Vec<String>,
    pub all: Vec<String>,
}

/// The conditions of a filter, for the rows of one kind.
pub fn conditions(conditions: &[Condition], sql: &mut Sql) -> Conditions {
    let mut out = Conditions::default();
    for Condition { wrapper, values } in conditions {
        let joined = if wrapper.is_all() { all_of(values, sql) } else { any_of(values, sql) };
        if wrapper.is_exclude() {
            out.all.push(format!("({joined}) = 0"));
            continue;
        }
        if *wrapper == Wrapper::AnyInclude
            && let Some(loose) = candidates(values, sql)
        {
            out.first.push(loose);
        }
        out.all.push(joined);
    }
    out
}

/// How many of the values that are asked for by any.include a record has.
pub fn relevance(conditions: &[Condition], sql: &mut Sql) -> String {
    let wanted = conditions.iter().filter(|condition| condition.wrapper == Wrapper::AnyInclude);
    let hits: Vec<String> = wanted
        .flat_map(|condition| &condition.values)
        .map(|value| format!("({})", test(value, sql)))
        .collect();
    if hits.is_empty() { "toUInt64(0)".to_owned() } else { format!("toUInt64({})", hits.join(" + ")) }
}

/// SQL for one test: 1 or 0. There is no `NOT` in it: 18.16 sends `(NOT a) + b` to its shards as `NOT a + b`.
fn test(wanted: &Test, sql: &mut Sql) -> String {
    match wanted {
        Test::Text { field, needle } => text(&column(*field, needle), needle),
        Test::Any { field, terms } => any_term(*field, &terms.iter().map(String::as_str).collect(), sql),
        Test::Within { field, bands } => {
            let number = format!("number_{}", field.name());
            within(&has(*field), bands, &number, &number)
        }
        Test::Overlaps { from, to, bands } => {
            let known = format!("{} AND {}", has(*from), has(*to));
            within(&known, bands, &format!("number_{}", to.name()), &format!("number_{}", from.name()))
        }
        Test::Has(field) => has(*field),
        Test::Near { centre, most } => near(*centre, *most),
        Test::AnyOf(tests) => any_of(tests, sql),
        Test::AllOf(tests) => all_of(tests, sql),
        Test::Not(inner) => format!("({}) = 0", test(inner, sql)),
    }
}

fn all_of(tests: &[Test], sql: &mut Sql) -> String {
    joined(tests.iter().map(|wanted| test(wanted, sql)).collect(), " AND ", "1")
}

/// Tests of the same field are put together where one look answers them all.
fn any_of(tests: &[Test], sql: &mut Sql) -> String {
    let mut terms: BTreeMap<TermField, BTreeSet<&str>> = BTreeMap::new();
    let mut tokens: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut texts: BTreeMap<String, Vec<&Needle>> = BTreeMap::new();
    let mut out = Vec::new();
    for wanted in tests {
        match wanted {
            Test::Any { field, terms: own } => {
                terms.entry(*field).or_default().extend(own.iter().map(String::as_str));
            }
            Test::Text { field, needle: Needle::Tokens(own) } if own.len() == 1 => {
                let column = format!("tokens_{}", field.name());
                tokens.entry(column).or_default().extend(own.iter().map(String::as_str));
            }
            Test::Text { field, needle } => texts.entry(column(*field, needle)).or_default().push(needle),
            wanted => out.push(test(wanted, sql)),
        }
    }
    out.extend(terms.iter().map(|(field, terms)| any_term(*field, terms, sql)));
    out.extend(tokens.iter().map(|(column, tokens)| any_token(column, tokens, sql)));
    out.extend(texts.iter().map(|(column, needles)| any_text(column, needles)));
    joined(out, " OR ", "0")
}

fn joined(mut tests: Vec<String>, by: &str, none: &str) -> String {
    match tests.len() {
        0 => none.to_owned(),
        1 => tests.remove(0),
        _ => format!("({})", tests.join(by)),
    }
}

/// What is true of every record that has one of many texts: one of their words, looked for by one look. `None` when
/// it would not pay.
fn candidates(tests: &[Test], sql: &mut Sql) -> Option<String> {
    let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for value in tests {
        let Test::Text { field, needle } = value else { return None };
        let (Needle::Tokens(parts) | Needle::Words(parts)) = needle else { return None };
        let longest = parts.iter().max_by_key(|part| part.len())?;
        wanted.entry(column(*field, needle)).or_default().insert(longest);
    }
    if tests.len() <= MOST_TEXTS {
        return None;
    }
    let looks = wanted.iter().map(|(column, tokens)| any_token(column, tokens, sql)).collect();
    Some(joined(looks, " OR ", "0"))
}

/// Where a needle is looked for.
fn column(field: TextField, needle: &Needle) -> String {
    let part = match needle {
        Needle::Tokens(_) => "tokens",
        Needle::Words(_) => "words",
        Needle::Whole(_) => "whole",
    };
    format!("{part}_{}", field.name())
}

fn any_text(column: &str, needles: &[&Needle]) -> String {
    if needles.len() <= MOST_TEXTS {
        return joined(needles.iter().map(|needle| text(column, needle)).collect(), " OR ", "0");
    }
    let patterns: Vec<String> = needles.iter().map(|needle| pattern(needle)).collect();
    let looks = patterns.chunks(PATTERNS).map(|patterns| matches(column, &patterns.join("|"))).collect();
    joined(looks, " OR ", "0")
}

fn text(column: &str, needle: &Needle) -> String {
    match needle {
        Needle::Tokens(tokens) if tokens.len() > 1 => matches(column, &pattern(needle)),
        Needle::Tokens(parts) | Needle::Words(parts) => contains(column, &piece(parts)),
        Needle::Whole(text) => contains(column, &whole(text)),
    }
}

/// A regular expression of what is looked for. The tokens of a value are in order.
fn pattern(needle: &Needle) -> String {
    match needle {
        Needle::Words(words) => escaped(&piece(words)),
        Needle::Whole(text) => escaped(&whole(text)),
        Needle::Tokens(tokens) => {
            let tokens: BTreeSet<&String> = tokens.iter().collect();
            let further = format!("(?:[^{VALUE}]*{EDGE})?");
            let tokens: Vec<String> =
                tokens.iter().map(|token| escaped(piece(&[token]).trim_start_matches(EDGE))).collect();
            format!("{EDGE}{}", tokens.join(&further))
        }
    }
}

/// A text of which every character stands for itself in a regular expression. Marks stand there as they are: 18.16
/// looks for the `1f` of `\x1f` as if it were text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn matches(column: &str, pattern: &str) -> String {
    format!("match({column}, {})", quoted(pattern))
}

fn contains(column: &str, piece: &str) -> String {
    format!("position({column}, {}) > 0", quoted(piece))
}

fn any_token(column: &str, tokens: &BTreeSet<&str>, sql: &mut Sql) -> String {
    if tokens.len() <= MOST_TEXTS {
        return joined(tokens.iter().map(|token| contains(column, &piece(&[token]))).collect(), " OR ", "0");
    }
    let own = format!("splitByChar({}, {column})", quoted(&EDGE.to_string()));
    format!("arrayExists(own -> own IN {}, {own})", set(tokens, sql))
}

fn any_term(field: TermField, terms: &BTreeSet<&str>, sql: &mut Sql) -> String {
    let column = format!("terms_{}", field.name());
    if terms.is_empty() {
        return "0".to_owned();
    }
    if terms.len() <= MOST_TERMS {
        return format!("hasAny({column}, [{}])", all_quoted(terms.iter().copied()));
    }
    format!("arrayExists(own -> own IN {}, {column})", set(terms, sql))
}

fn set(values: &BTreeSet<&str>, sql: &mut Sql) -> String {
    if values.len() <= 2_000 {
        return format!("({})", all_quoted(values.iter().copied()));
    }
    sql.texts(values.iter().copied())
}

fn has(field: NumberField) -> String {
    format!("has_{} = 1", field.name())
}

/// Whether the stretch between two columns, or the number of one, has something in common with a band.
fn within(known: &str, bands: &[(u64, u64)], upper: &str, lower: &str) -> String {
    let bands: Vec<String> =
        bands.iter().map(|(start, end)| format!("({upper} >= {start} AND {lower} <= {end})")).collect();
    let mut out = format!("({known} AND ");
    let _ = write!(out, "{})", joined(bands, " OR ", "0"));
    out
}

/// The squared distance fits: two places on the globe are at most its diameter apart.
fn near(centre: [u64; 3], most: u64) -> String {
    let axes = [NumberField::GlobeX, NumberField::GlobeY, NumberField::GlobeZ];
    let squares: Vec<String> = axes
        .iter()
        .zip(centre)
        .map(|(axis, centre)| {
            let apart = format!("(toInt64(number_{}) - {centre})", axis.name());
            format!("{apart} * {apart}")
        })
        .collect();
    let known: Vec<String> = axes.iter().map(|axis| has(*axis)).collect();
    format!("({} AND {} <= {most})", known.join(" AND "), squares.join(" + "))
}

#[cfg(test)]
mod tests {
    use super::super::sql::Sql;
    use super::{Conditions, conditions, relevance};
    use crate::facts::{Condition, Needle, NumberField, TermField, Test, TextField};
    use sluice_model::filter::Wrapper;

    fn tokens(field: TextField, tokens: &[&str]) -> Test {
        Test::Text { field, needle: Needle::Tokens(tokens.iter().map(|token| (*token).to_owned()).collect()) }
    }

    fn term(term: &str) -> Test {
        Test::Any { field: TermField::Domain, terms: vec![term.to_owned()] }
    }

    fn sql_of(wrapper: Wrapper, values: Vec<Test>) -> (Conditions, Sql) {
        let mut sql = Sql::default();
        (conditions(&[Condition { wrapper, values }], &mut sql), sql)
    }

    #[test]
    fn each_test_has_its_sql() {
        let near = Test::Near { centre: [1, 2, 3], most: 9 };
        for (test, expected) in [
            (tokens(TextField::Skill, &["c'"]), r"position(tokens_skill, '\x1fc\'\x1f') > 0"),
            (
                tokens(TextField::FullName, &["l+e", "ann"]),
                r"match(tokens_full_name, '\x1fann\x1f(?:[^\x1e]*\x1f)?l\\+e\x1f')",
            ),
            (
                Test::Text { field: TextField::Skill, needle: Needle::Words(vec!["a".into(), "b".into()]) },
                r"position(words_skill, '\x1fa\x1fb\x1f') > 0",
            ),
            (
                Test::Text { field: TextField::Skill, needle: Needle::Whole("a b".into()) },
                r"position(whole_skill, '\x1ea b\x1e') > 0",
            ),
            (term("a.com"), "hasAny(terms_domain, ['a.com'])"),
            (
                Test::Within { field: NumberField::Revenue, bands: vec![(1, 2), (5, u64::MAX)] },
                "(has_revenue = 1 AND ((number_revenue >= 1 AND number_revenue <= 2) OR (number_revenue >= 5 AND number_revenue <= 18446744073709551615)))",
            ),
            (Test::Not(Box::new(Test::Has(NumberField::Revenue))), "(has_revenue = 1) = 0"),
            (Test::AnyOf(Vec::new()), "0"),
            (Test::AllOf(Vec::new()), "1"),
            (
                near,
                "(has_globe_x = 1 AND has_globe_y = 1 AND has_globe_z = 1 AND (toInt64(number_globe_x) - 1) * (toInt64(number_globe_x) - 1) + (toInt64(number_globe_y) - 2) * (toInt64(number_globe_y) - 2) + (toInt64(number_globe_z) - 3) * (toInt64(number_globe_z) - 3) <= 9)",
            ),
        ] {
            let (found, sql) = sql_of(Wrapper::AllInclude, vec![test]);
            assert_eq!(found, Conditions { first: Vec::new(), all: vec![expected.to_owned()] });
            assert!(sql.lists.is_empty());
        }
    }

    #[test]
    fn wrappers_join_values() {
        let both = || vec![term("a"), term("b")];
        for (wrapper, expected) in [
            (Wrapper::AnyInclude, "hasAny(terms_domain, ['a','b'])"),
            (Wrapper::AnyExclude, "(hasAny(terms_domain, ['a','b'])) = 0"),
            (Wrapper::AllInclude, "(hasAny(terms_domain, ['a']) AND hasAny(terms_domain, ['b']))"),
            (Wrapper::AllExclude, "((hasAny(terms_domain, ['a']) AND hasAny(terms_domain, ['b']))) = 0"),
        ] {
            assert_eq!(sql_of(wrapper, both()).0.all, [expected], "{wrapper:?}");
        }
        let mut sql = Sql::default();
        let wanted = [
            Condition { wrapper: Wrapper::AnyInclude, values: both() },
            Condition { wrapper: Wrapper::AnyExclude, values: both() },
        ];
        let expected = "toUInt64((hasAny(terms_domain, ['a'])) + (hasAny(terms_domain, ['b'])))";
        assert_eq!(relevance(&wanted, &mut sql), expected);
        assert_eq!(relevance(&wanted[1..], &mut sql), "toUInt64(0)");
    }

    #[test]
    fn many_values_cost_one_look() {
        let domains: Vec<Test> = (0..3_000).map(|number| term(&format!("d{number}"))).collect();
        let (found, sql) = sql_of(Wrapper::AnyInclude, domains);
        assert_eq!(found.all, ["arrayExists(own -> own IN _list0, terms_domain)"]);
        assert_eq!(sql.lists.len(), 1);
        let titles: Vec<Test> =
            (0..9).map(|number| tokens(TextField::LatestTitle, &["of", &format!("title{number}")])).collect();
        let (found, sql) = sql_of(Wrapper::AnyInclude, titles);
        let list: Vec<String> = (0..9).map(|number| format!("'title{number}'")).collect();
        assert_eq!(
            found.first,
            [format!(
                r"arrayExists(own -> own IN ({}), splitByChar('\x1f', tokens_latest_title))",
                list.join(",")
            )]
        );
        assert_eq!((found.all.len(), sql.lists.len()), (1, 0));
    }
}
