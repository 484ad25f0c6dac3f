//! As much of Lucene's query language as a client writes: fields, phrases, words with a `*` at the end, ranges, `AND`,
//! `OR`, `NOT`, parentheses, escapes.

use super::table::Table;
use crate::tokens::{holds, tokens};
use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Query {
    Words(String, Vec<String>),
    Prefix(String, String),
    /// Both ends within; none for an open end.
    Range(String, Option<String>, Option<String>),
    All(Vec<Query>),
    Any(Vec<Query>),
    Not(Box<Query>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Field(String),
    /// A word, and whether a `*` ends it.
    Word(String, bool),
    Phrase(String),
    Range(String, String),
}

/// Reads a query. `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Query> {
    let tokens = scan(text)?;
    let mut parser = Parser { tokens: tokens.into_iter().peekable() };
    let query = parser.any("")?;
    parser.tokens.next().is_none().then_some(query)
}

fn scan(text: &str) -> Option<Vec<Token>> {
    let mut chars = text.chars().peekable();
    let mut out = Vec::new();
    while let Some(&c) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        let token = match c {
            '(' => Token::Open,
            ')' => Token::Close,
            '"' => {
                chars.next();
                out.push(Token::Phrase(quoted(&mut chars)?));
                continue;
            }
            '[' => {
                chars.next();
                out.push(range(&mut chars)?);
                continue;
            }
            '!' | '-' => Token::Not,
            '&' | '|' => {
                chars.next();
                (chars.next_if_eq(&c)).map(|_| ())?;
                out.push(if c == '&' { Token::And } else { Token::Or });
                continue;
            }
            '+' => {
                chars.next();
                continue;
            }
            ']' | '{' | '}' | '^' | '~' | '?' | ':' | '/' => return None,
            _ => {
                out.push(word(&mut chars)?);
                continue;
            }
        };
        chars.next();
        out.push(token);
    }
    Some(out)
}

fn quoted(chars: &mut Peekable<Chars>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
}

fn range(chars: &mut Peekable<Chars>) -> Option<Token> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            ']' => break,
            c => text.push(c),
        }
    }
    let (from, to) = text.split_once(" TO ")?;
    Some(Token::Range(from.trim().to_owned(), to.trim().to_owned()))
}

fn word(chars: &mut Peekable<Chars>) -> Option<Token> {
    let (mut text, mut wild, mut escaped) = (String::new(), false, false);
    while let Some(&c) = chars.peek() {
        match c {
            ':' => {
                chars.next();
                return (!wild && !text.is_empty()).then_some(Token::Field(text));
            }
            '*' => {
                wild = true;
                chars.next();
            }
            '\\' => {
                chars.next();
                text.push(chars.next()?);
                escaped = true;
            }
            c if c.is_whitespace() || "()[]{}\"!^~?/".contains(c) => break,
            // Only at the end is it understood.
            _ if wild => return None,
            c => {
                text.push(c);
                chars.next();
            }
        }
    }
    Some(match text.as_str() {
        "AND" if !escaped => Token::And,
        "OR" if !escaped => Token::Or,
        "NOT" if !escaped => Token::Not,
        _ => Token::Word(text, wild),
    })
}

struct Parser {
    tokens: Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    /// Clauses side by side are alternatives.
    fn any(&mut self, field: &str) -> Option<Query> {
        let mut clauses = vec![self.all(field)?];
        loop {
            match self.tokens.peek() {
                None | Some(Token::Close) => break,
                Some(Token::Or) => {
                    self.tokens.next();
                }
                Some(_) => {}
            }
            clauses.push(self.all(field)?);
        }
        if clauses.len() == 1 { clauses.pop() } else { Some(Query::Any(clauses)) }
    }

    fn all(&mut self, field: &str) -> Option<Query> {
        let mut clauses = vec![self.one(field)?];
        while self.tokens.next_if_eq(&Token::And).is_some() {
            clauses.push(self.one(field)?);
        }
        if clauses.len() == 1 { clauses.pop() } else { Some(Query::All(clauses)) }
    }

    fn one(&mut self, field: &str) -> Option<Query> {
        match self.tokens.next()? {
            Token::Not => Some(Query::Not(Box::new(self.one(field)?))),
            Token::Open => {
                let inner = self.any(field)?;
                self.tokens.next_if_eq(&Token::Close)?;
                Some(inner)
            }
            Token::Field(name) if field.is_empty() => self.one(&name),
            Token::Word(text, true) => Some(Query::Prefix(field.to_owned(), text.to_lowercase())),
            Token::Word(text, false) | Token::Phrase(text) => {
                Some(Query::Words(field.to_owned(), tokens(&text)))
            }
            Token::Range(from, to) => {
                let end = |text: String| (text != "*").then_some(text);
                Some(Query::Range(field.to_owned(), end(from), end(to)))
            }
            Token::Close | Token::And | Token::Or | Token::Field(_) => None,
        }
    }
}

impl Query {
    /// The records for which it holds, in the order of their numbers.
    pub(super) fn find(&self, table: &Table) -> Vec<u64> {
        match self.narrowed(table) {
            Some(ids) => ids.into_iter().filter(|id| self.holds(table, *id)).collect(),
            None => table.ids().filter(|id| self.holds(table, *id)).collect(),
        }
    }

    /// Some records, among them all for which it holds; none when the index does not help.
    fn narrowed(&self, table: &Table) -> Option<BTreeSet<u64>> {
        match self {
            Self::Words(field, words) if !field.is_empty() && table.is_text(field) => {
                Some(table.index.with(field, words))
            }
            Self::Prefix(field, start) if !field.is_empty() && !start.is_empty() && table.is_text(field) => {
                Some(table.index.starting(field, start))
            }
            Self::All(clauses) => {
                // Whole words tell more than beginnings, which many records have.
                let (starts, others): (Vec<&Self>, Vec<&Self>) =
                    clauses.iter().partition(|clause| matches!(clause, Self::Prefix(..)));
                let fewest = |clauses: Vec<&Self>| {
                    clauses.into_iter().filter_map(|clause| clause.narrowed(table)).min_by_key(BTreeSet::len)
                };
                fewest(others).or_else(|| fewest(starts))
            }
            Self::Any(clauses) => {
                let all: Option<Vec<_>> = clauses.iter().map(|clause| clause.narrowed(table)).collect();
                Some(all?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    fn holds(&self, table: &Table, id: u64) -> bool {
        match self {
            Self::Words(field, words) => table.texts(id, field).any(|text| holds(&text, words)),
            Self::Prefix(field, start) => {
                table.texts(id, field).any(|text| tokens(&text).iter().any(|word| word.starts_with(start)))
            }
            Self::Range(field, from, to) => table.is_between(id, field, from.as_deref(), to.as_deref()),
            Self::All(clauses) => clauses.iter().all(|clause| clause.holds(table, id)),
            Self::Any(clauses) => clauses.iter().any(|clause| clause.holds(table, id)),
            Self::Not(clause) => !clause.holds(table, id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, parse};

    fn words(field: &str, text: &str) -> Query {
        Query::Words(field.to_owned(), text.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn queries_are_read() {
        assert_eq!(parse("lastName:Smith"), Some(words("lastName", "smith")));
        assert_eq!(parse(r#"name:"A \"B\" c""#), Some(words("name", "a b c")));
        assert_eq!(
            parse("a:1 OR NOT b:2"),
            Some(Query::Any(vec![words("a", "1"), Query::Not(Box::new(words("b", "2")))]))
        );
        assert_eq!(
            parse("isDeleted:0 AND (x:y* OR id:[3 TO *])"),
            Some(Query::All(vec![
                words("isDeleted", "0"),
                Query::Any(vec![
                    Query::Prefix("x".to_owned(), "y".to_owned()),
                    Query::Range("id".to_owned(), Some("3".to_owned()), None),
                ]),
            ]))
        );
        assert_eq!(parse("id:(1 2)"), Some(Query::Any(vec![words("id", "1"), words("id", "2")])));
        for text in
            ["", "a:", "(a:1", "a:1)", "a:\"1", "a:[1", "AND", "a:b:c", "a*b", "a:1 AND", "/x/", "a:{1 TO 2}"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
