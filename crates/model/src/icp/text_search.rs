//! `crmFilters.textSearch`: a part of Lucene's query syntax, matched against an occupation.

use crate::text;

/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 32;

/// A parsed text search. `a b` is `a OR b`; `NOT` binds tighter than `AND`, which binds tighter than `OR`. What is
/// negated among alternatives is taken away from them, as Lucene does: `Head NOT Assistant` finds heads who are no
/// assistants. Case and accents do not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextSearch {
    /// As it was written.
    text: String,
    /// None when nothing is asked for: everything fits.
    root: Option<Query>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Query {
    /// Words one after the other; the last one may be the beginning of a word.
    Words {
        words: Vec<String>,
        prefix: bool,
    },
    /// `*` alone: any word.
    AnyWord,
    Not(Box<Self>),
    All(Vec<Self>),
    /// One of those that are not negated, if there are such, and none of those that are.
    Any(Vec<Self>),
}

impl TextSearch {
    /// Parses a search.
    ///
    /// # Errors
    /// What is wrong with it, for the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0 };
        let root = parser.alternatives(0)?;
        match parser.peek() {
            None => Ok(Self { text: text.to_owned(), root }),
            Some(token) => Err(format!("Unexpected {} at character {}", token.name(), parser.place())),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a text fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.root.as_ref().is_none_or(|root| root.matches(&text::words(text)))
    }
}

impl Query {
    fn matches(&self, found: &[String]) -> bool {
        match self {
            Self::Words { words, prefix } => stand_in(found, words, *prefix),
            Self::AnyWord => !found.is_empty(),
            Self::Not(inner) => !inner.matches(found),
            Self::All(parts) => parts.iter().all(|part| part.matches(found)),
            Self::Any(parts) => {
                let wanted = |part: &&Self| !matches!(part, Self::Not(_));
                let mut positive = parts.iter().filter(wanted).peekable();
                parts.iter().filter(|part| !wanted(part)).all(|part| part.matches(found))
                    && (positive.peek().is_none() || positive.any(|part| part.matches(found)))
            }
        }
    }
}

/// Whether the words stand next to each other in this order.
fn stand_in(found: &[String], words: &[String], prefix: bool) -> bool {
    let Some((last, before)) = words.split_last() else { return true };
    found.windows(words.len()).any(|window| {
        window.split_last().is_some_and(|(end, start)| {
            start == before && if prefix { end.starts_with(last.as_str()) } else { end == last }
        })
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// None when it has neither letter nor digit, and so says nothing.
    Term(Option<Query>),
}

impl Token {
    const fn name(&self) -> &'static str {
        match self {
            Self::Open => "'('",
            Self::Close => "')'",
            Self::And => "AND",
            Self::Or => "OR",
            Self::Not => "NOT",
            Self::Term(_) => "word",
        }
    }
}

/// Splits the text; each token comes with the place of its first character, from 1.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.next() {
        let token = match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '!' => Token::Not,
            '-' if chars.peek().is_some_and(|(_, next)| !next.is_whitespace()) => Token::Not,
            '+' => return Err(unsupported('+', at)),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match chars.next() {
                        Some((_, '"')) => break,
                        Some((_, '\\')) => quoted.extend(chars.next().map(|(_, escaped)| escaped)),
                        Some((_, c)) => quoted.push(c),
                        None => return Err(format!("Quote at character {} is not closed", at + 1)),
                    }
                }
                Token::Term(phrase(&quoted, false))
            }
            first => {
                let mut word = String::new();
                let mut prefix = false;
                let mut next = Some((at, first));
                while let Some((place, c)) = next {
                    match c {
                        _ if prefix => {
                            return Err(format!("Only a word's end may be '*' (character {place})"));
                        }
                        '*' => prefix = true,
                        '?' | '~' | '^' | '[' | ']' | '{' | '}' => return Err(unsupported(c, place)),
                        '\\' => word.extend(chars.next().map(|(_, escaped)| escaped)),
                        c => word.push(c),
                    }
                    next = chars.next_if(|(_, c)| !c.is_whitespace() && !matches!(c, '(' | ')' | '"'));
                }
                match (word.as_str(), prefix) {
                    ("AND" | "&&", false) => Token::And,
                    ("OR" | "||", false) => Token::Or,
                    ("NOT", false) => Token::Not,
                    ("", true) => Token::Term(Some(Query::AnyWord)),
                    (word, prefix) => Token::Term(phrase(word, prefix)),
                }
            }
        };
        out.push((at + 1, token));
    }
    Ok(out)
}

fn unsupported(c: char, at: usize) -> String {
    format!("'{c}' is not supported here (character {})", at + 1)
}

fn phrase(text: &str, prefix: bool) -> Option<Query> {
    let words = text::words(text);
    (!words.is_empty()).then_some(Query::Words { words, prefix })
}

struct Parser<'t> {
    tokens: &'t [(usize, Token)],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |(place, _)| *place)
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Parts joined by `OR`, or by nothing.
    fn alternatives(&mut self, depth: usize) -> Result<Option<Query>, String> {
        let mut parts = Vec::new();
        while self.peek().is_some_and(|token| *token != Token::Close) {
            parts.extend(self.conjunction(depth)?);
            if self.take(&Token::Or) && matches!(self.peek(), None | Some(Token::Close)) {
                return Err("Expected a word after OR".to_owned());
            }
        }
        Ok(match parts.len() {
            0 => None,
            1 if !matches!(parts.first(), Some(Query::Not(_))) => parts.pop(),
            _ => Some(Query::Any(parts)),
        })
    }

    /// Parts joined by `AND`.
    fn conjunction(&mut self, depth: usize) -> Result<Option<Query>, String> {
        let mut parts: Vec<Query> = self.part(depth)?.into_iter().collect();
        while self.take(&Token::And) {
            parts.extend(self.part(depth)?);
        }
        Ok(if parts.len() > 1 { Some(Query::All(parts)) } else { parts.pop() })
    }

    fn part(&mut self, depth: usize) -> Result<Option<Query>, String> {
        if depth > MAX_DEPTH {
            return Err(format!("More than {MAX_DEPTH} levels of NOT and parentheses"));
        }
        let place = self.place();
        match self.peek().cloned() {
            Some(Token::Not) => {
                self.at += 1;
                let inner = self.part(depth + 1)?;
                Ok(inner.map(|inner| Query::Not(Box::new(inner))))
            }
            Some(Token::Open) => {
                self.at += 1;
                if self.peek() == Some(&Token::Close) {
                    return Err(format!("Nothing between the parentheses at character {place}"));
                }
                let inner = self.alternatives(depth + 1)?;
                if !self.take(&Token::Close) {
                    return Err(format!("Parenthesis at character {place} is not closed"));
                }
                Ok(inner)
            }
            Some(Token::Term(term)) => {
                self.at += 1;
                Ok(term)
            }
            Some(token) => Err(format!("Unexpected {} at character {place}", token.name())),
            None => {
                let before = self.tokens.last().map_or("the beginning", |(_, token)| token.name());
                Err(format!("Expected a word after {before}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TextSearch;
    use proptest::prelude::{Strategy, prop};
    use proptest::test_runner::{Config, RngSeed};
    use proptest::{prop_assert, prop_assert_eq, proptest};

    fn config() -> Config {
        Config { rng_seed: RngSeed::Fixed(6), failure_persistence: None, ..Config::default() }
    }

    fn parsed(text: &str) -> TextSearch {
        TextSearch::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn searches_find_what_lucene_would() {
        for (search, occupation, found) in [
            ("", "anything", true),
            ("", "", true),
            ("Head OR Leit* OR Direktor", "Head of Sales", true),
            ("Head OR Leit* OR Direktor", "Leiterin Vertrieb", true),
            ("Head OR Leit* OR Direktor", "Stellvertretender Leiter", true),
            ("Head OR Leit* OR Direktor", "Direktorin", false),
            ("Head OR Leit* OR Direktor", "", false),
            ("geschäftsführer", "GESCHAFTSFUHRER", true),
            ("sales manager", "Sales Director", true),
            ("\"sales manager\"", "Sales Director", false),
            ("\"sales manager\"", "Senior Sales Manager EMEA", true),
            ("sales AND manager", "Manager, Sales", true),
            ("sales AND manager", "Sales Director", false),
            ("sales OR head AND marketing", "Sales", true),
            ("sales OR head AND marketing", "Head of Sales", true),
            ("(sales OR head) AND marketing", "Head of Sales", false),
            ("Head NOT Assistant", "Head of Sales", true),
            ("Head NOT Assistant", "Assistant to the Head", false),
            ("Head NOT Assistant", "Engineer", false),
            ("Head OR NOT Assistant", "Engineer", false),
            ("Head AND NOT Assistant", "Assistant to the Head", false),
            ("NOT Assistant", "Engineer", true),
            ("NOT Assistant", "", true),
            ("-Assistant", "Assistant", false),
            ("!(Intern OR Trainee)", "Trainee", false),
            ("NOT NOT Head", "Head", true),
            ("*", "Engineer", true),
            ("*", "", false),
            ("R&D", "Head of R&D", true),
            ("R&D", "D and R", false),
            ("Leiter:in", "Leiter:in Einkauf", true),
            ("\"vice pres\"", "Vice President", false),
            ("vice-pres*", "Vice President", true),
            ("C++", "C++ Engineer", true),
            ("or", "Alpha or omega", true),
            ("Head - Sales", "Sales", true),
            ("\\(head\\)", "Head", true),
        ] {
            assert_eq!(parsed(search).matches(occupation), found, "{search} in {occupation}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (search, message) in [
            ("\"sales", "Quote at character 1 is not closed"),
            ("(sales", "Parenthesis at character 1 is not closed"),
            ("sales)", "Unexpected ')' at character 6"),
            ("a ()", "Nothing between the parentheses at character 3"),
            ("sales AND", "Expected a word after AND"),
            ("sales OR", "Expected a word after OR"),
            ("(sales OR) x", "Expected a word after OR"),
            ("OR sales", "Unexpected OR at character 1"),
            ("a AND OR b", "Unexpected OR at character 7"),
            ("NOT", "Expected a word after NOT"),
            ("le*ter", "Only a word's end may be '*' (character 3)"),
            ("lei?er", "'?' is not supported here (character 4)"),
            ("sales~2", "'~' is not supported here (character 6)"),
            ("+sales", "'+' is not supported here (character 1)"),
        ] {
            assert_eq!(TextSearch::parse(search).map(|_| ()), Err(message.to_owned()), "{search}");
        }
        let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
        let error = TextSearch::parse(&deep).map(|_| ());
        assert_eq!(error, Err("More than 32 levels of NOT and parentheses".to_owned()));
    }

    fn any_word() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["head", "sales", "lead", "leader", "of", "vp"])
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn no_text_makes_the_parser_panic(text in "[a-c\"()*! &|+-]{0,40}|\\PC{0,40}", occupation in "\\PC{0,40}") {
            if let Ok(search) = TextSearch::parse(&text) {
                let _ = search.matches(&occupation);
            }
        }

        #[test]
        fn operators_are_those_of_logic(
            left in any_word(), right in any_word(), words in prop::collection::vec(any_word(), 0..6)
        ) {
            let occupation = words.join(" ");
            let has = |word: &str| words.contains(&word);
            let fits = |text: String| parsed(&text).matches(&occupation);
            prop_assert_eq!(fits(format!("{left} OR {right}")), has(left) || has(right));
            prop_assert_eq!(fits(format!("{left} {right}")), has(left) || has(right));
            prop_assert_eq!(fits(format!("{left} AND {right}")), has(left) && has(right));
            prop_assert_eq!(fits(format!("{left} NOT {right}")), has(left) && !has(right));
            prop_assert_eq!(fits(format!("NOT ({left} OR {right})")), !(has(left) || has(right)));
            let starts = words.iter().any(|word| word.starts_with(left));
            prop_assert_eq!(fits(format!("{left}*")), starts);
            let adjacent = words.windows(2).any(|pair| pair == [left, right]);
            prop_assert_eq!(fits(format!("\"{left} {right}\"")), adjacent);
        }

        #[test]
        fn a_text_in_quotes_finds_itself(text in "\\PC{0,40}") {
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            prop_assert!(parsed(&quoted).matches(&text));
        }
    }
}
