//! HTML as a sequence of tags and text, read as browsers do as far as text and links need it (the tokenisation of the
//! HTML standard, without its escapes within scripts).

/// Attributes of one tag that are looked at.
const MOST_ATTRIBUTES: usize = 100;

/// A tag or a piece of text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Entities are not decoded yet.
    Text(&'a str),
    Start(Tag<'a>),
    /// The name of what ends, in lower case.
    End(String),
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// In lower case.
    pub name: String,
    attributes: Vec<(&'a str, &'a str)>,
    /// Whether it ends with `/>`.
    pub is_closed: bool,
}

impl<'a> Tag<'a> {
    /// The value of an attribute, entities not decoded.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// The tokens of a document.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The element whose content is text, whatever it looks like.
    raw: Option<String>,
}

impl<'a> Tokens<'a> {
    pub const fn new(html: &'a str) -> Self {
        Self { rest: html, raw: None }
    }

    /// Takes so many bytes of the rest, which must end at a letter's end.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Leaves out what stands before this, and it; everything when it does not occur.
    fn skip_past(&mut self, end: &str) {
        let to = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(to);
    }

    fn name(&mut self) -> String {
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        let to = self.rest.find(is_end).unwrap_or(self.rest.len());
        self.take(to).to_ascii_lowercase()
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
    }

    /// The rest of a start tag whose `<` has been taken; none when the document ends within.
    fn tag(&mut self) -> Option<Tag<'a>> {
        let mut tag = Tag { name: self.name(), attributes: Vec::new(), is_closed: false };
        loop {
            self.skip_space();
            match self.rest.chars().next()? {
                '>' => {
                    self.take(1);
                    return Some(tag);
                }
                '/' => {
                    self.take(1);
                    tag.is_closed = self.rest.starts_with('>');
                }
                _ => {
                    let attribute = self.attribute();
                    if tag.attributes.len() < MOST_ATTRIBUTES {
                        tag.attributes.push(attribute);
                    }
                }
            }
        }
    }

    fn attribute(&mut self) -> (&'a str, &'a str) {
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=');
        // A name may begin with `=`, but is never empty.
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let others = self.rest.get(first..).unwrap_or_default();
        let name = self.take(first + others.find(is_end).unwrap_or(others.len()));
        self.skip_space();
        if !self.rest.starts_with('=') {
            return (name, "");
        }
        self.take(1);
        self.skip_space();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else {
            let to = self.rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(self.rest.len());
            return (name, self.take(to));
        };
        self.take(1);
        let to = self.rest.find(quote).unwrap_or(self.rest.len());
        let value = self.take(to);
        self.take(1);
        (name, value)
    }

    /// The text of an element that holds nothing but text.
    fn raw_text(&mut self, name: &str) -> &'a str {
        if name == "plaintext" {
            return self.take(self.rest.len());
        }
        let mut from = 0;
        while let Some(at) = self.rest.get(from..).and_then(|rest| rest.find("</")) {
            let tag = self.rest.get(from + at + 2..).unwrap_or_default();
            let is_name = tag.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
            let after = tag.get(name.len()..).and_then(|tag| tag.chars().next());
            if is_name && after.is_none_or(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>')) {
                return self.take(from + at);
            }
            from += at + 2;
        }
        self.take(self.rest.len())
    }
}

/// Whether an element holds nothing but text.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "title" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes" | "plaintext"
    )
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            let text = self.raw_text(&name);
            if !text.is_empty() {
                return Some(Token::Text(text));
            }
        }
        loop {
            let mut letters = self.rest.chars();
            if letters.next()? != '<' {
                let to = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Token::Text(self.take(to)));
            }
            match letters.next() {
                Some(c) if c.is_ascii_alphabetic() => {
                    self.take(1);
                    let tag = self.tag()?;
                    self.raw = is_raw(&tag.name).then(|| tag.name.clone());
                    return Some(Token::Start(tag));
                }
                Some('/') => match letters.next() {
                    Some(c) if c.is_ascii_alphabetic() => {
                        self.take(2);
                        return Some(Token::End(self.tag()?.name));
                    }
                    _ => self.skip_past(">"),
                },
                Some('!') if self.rest.starts_with("<!--") => {
                    // `<!-->` is a whole comment.
                    self.take(2);
                    self.skip_past("-->");
                }
                Some('!' | '?') => self.skip_past(">"),
                _ => return Some(Token::Text(self.take(1))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, Tokens};

    fn tokens(html: &str) -> Vec<String> {
        let shown = |token| match token {
            Token::Text(text) => format!("{text:?}"),
            Token::Start(tag) => {
                let attributes = tag.attributes.iter().map(|(name, value)| format!(" {name}={value:?}"));
                let end = if tag.is_closed { "/" } else { "" };
                format!("<{}{}{end}>", tag.name, attributes.collect::<String>())
            }
            Token::End(name) => format!("</{name}>"),
        };
        Tokens::new(html).map(shown).collect()
    }

    #[test]
    fn tags_text_and_what_is_neither() {
        for (html, expected) in [
            ("a<b>c</b>d", &["\"a\"", "<b>", "\"c\"", "</b>", "\"d\""][..]),
            (
                "<A HREF=x Class='y z' id=\"w\" hidden>",
                &["<a HREF=\"x\" Class=\"y z\" id=\"w\" hidden=\"\">"],
            ),
            ("<a href = x/y>", &["<a href=\"x/y\">"]),
            ("<br/><img src=a />", &["<br/>", "<img src=\"a\"/>"]),
            ("<a / b>", &["<a b=\"\">"]),
            ("<a =b c==d>", &["<a =b=\"\" c=\"=d\">"]),
            (
                "1 < 2 <3 << <b>",
                &["\"1 \"", "\"<\"", "\" 2 \"", "\"<\"", "\"3 \"", "\"<\"", "\"<\"", "\" \"", "<b>"],
            ),
            (
                "<!doctype html>a<!-- <b> -->c<!-->d<!--->e<?xml?>f</>g</ x>h<![CDATA[i]]>j",
                &["\"a\"", "\"c\"", "\"d\"", "\"e\"", "\"f\"", "\"g\"", "\"h\"", "\"j\""],
            ),
            ("<!-- open", &[]),
            ("a<b c='d", &["\"a\""]),
            ("a<b c", &["\"a\""]),
            ("a</b", &["\"a\""]),
            (
                "<script>if (a<b) '</p>' </SCRIPT >x",
                &["<script>", "\"if (a<b) '</p>' \"", "</script>", "\"x\""],
            ),
            ("<style></style>x", &["<style>", "</style>", "\"x\""]),
            ("<title>a<b></scripts></title>", &["<title>", "\"a<b></scripts>\"", "</title>"]),
            ("<script>a</scripty></script", &["<script>", "\"a</scripty>\""]),
            ("<plaintext>a</plaintext>", &["<plaintext>", "\"a</plaintext>\""]),
            ("é<ü>ß</ß>", &["\"é\"", "\"<\"", "\"ü>ß\""]),
            ("", &[]),
        ] {
            assert_eq!(tokens(html), expected, "{html}");
        }
    }
}
