//! Text, title and links of a page.

use super::decode;
use super::elements::{OUTSIDE, Part, Within, inside, is_block, is_never_shown, is_void};
use super::tokens::{Tag, Token, Tokens};
use std::collections::HashSet;
use url::Url;

/// The most bytes of text that are kept of a page.
const MOST_TEXT: usize = 256 << 10;
/// The most links that are read of a page.
const MOST_LINKS: usize = 2000;
/// The most letters of the text of a link.
const MOST_LINK_TEXT: usize = 200;
/// How far up an end tag looks for what it ends.
const LOOK_UP: usize = 64;
/// The most elements that are open at once; deeper ones are read as a part of the one round them. Browsers stop at 512
/// as well.
const MOST_OPEN: usize = 512;

/// What a page says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::web) struct Readable {
    pub title: Option<String>,
    pub text: String,
    /// Where links lead, as absolute URLs without fragments, and their texts; each once, in the order of the page.
    pub links: Vec<(Url, Option<String>)>,
}

#[derive(Debug)]
struct Open {
    name: String,
    within: Within,
}

#[derive(Debug)]
struct Block {
    part: Part,
    is_item: bool,
    text: String,
}

/// Reads a page that came from `url`.
pub(in crate::web) fn read(html: &str, url: &Url) -> Readable {
    let mut reader = Reader::new(url);
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => reader.text(text),
            Token::Start(tag) => reader.start(&tag),
            Token::End(name) => reader.end(&name),
        }
    }
    reader.finish()
}

struct Reader {
    page: Url,
    base: Url,
    has_base: bool,
    open: Vec<Open>,
    /// The text since the last break, and where it stands.
    line: String,
    line_within: Within,
    /// Whether the next line begins an item of a list.
    begins_item: bool,
    blocks: Vec<Block>,
    bytes: usize,
    title: Option<String>,
    in_title: bool,
    description: Option<String>,
    link: Option<Link>,
    links: Vec<(Url, Option<String>)>,
    linked: HashSet<Url>,
}

/// A link whose end has not come yet.
struct Link {
    url: Url,
    text: String,
    /// Read when there is no text.
    label: String,
}

impl Reader {
    fn new(url: &Url) -> Self {
        Self {
            page: url.clone(),
            base: url.clone(),
            has_base: false,
            open: Vec::new(),
            line: String::new(),
            line_within: OUTSIDE,
            begins_item: false,
            blocks: Vec::new(),
            bytes: 0,
            title: None,
            in_title: false,
            description: None,
            link: None,
            links: Vec::new(),
            linked: HashSet::new(),
        }
    }

    fn within(&self) -> Within {
        self.open.last().map_or(OUTSIDE, |open| open.within)
    }

    fn text(&mut self, text: &str) {
        let text = decode(text);
        if self.in_title {
            self.title.get_or_insert_default().push_str(&text);
            return;
        }
        let within = self.within();
        if within.is_hidden {
            return;
        }
        if let Some(link) = &mut self.link {
            push_folded(&mut link.text, &text, MOST_LINK_TEXT);
        }
        if self.line.is_empty() {
            self.line_within = within;
        }
        if within.is_preformatted {
            for (number, line) in text.split('\n').enumerate() {
                if number > 0 {
                    self.break_line();
                    self.line_within = within;
                }
                push_folded(&mut self.line, line, MOST_TEXT);
            }
        } else {
            push_folded(&mut self.line, &text, MOST_TEXT);
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        self.close_implied(&tag.name);
        match tag.name.as_str() {
            "title" => self.in_title = self.title.is_none() && !self.within().is_hidden,
            "base" => self.set_base(tag),
            "meta" => self.describe(tag),
            "br" | "hr" => self.break_line(),
            "img" => self.image(tag),
            "a" | "area" => self.begin_link(tag),
            "td" | "th" => self.begin_cell(),
            "li" => {
                self.break_line();
                self.begins_item = true;
            }
            name if is_block(name) => self.break_line(),
            _ => {}
        }
        let is_empty = tag.is_closed && matches!(tag.name.as_str(), "svg" | "math");
        if !is_void(&tag.name) && !is_empty {
            let within = inside(self.within(), tag);
            if self.open.len() >= MOST_OPEN {
                self.open.pop();
            }
            self.open.push(Open { name: tag.name.clone(), within });
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "title" => self.in_title = false,
            "a" => self.end_link(),
            "br" => self.break_line(),
            _ => {}
        }
        // What only marks words ends nothing round it that is more than that.
        let ends_blocks = is_block(name) || is_never_shown(name) || matches!(name, "td" | "th" | "template");
        let from = self.open.len().saturating_sub(LOOK_UP);
        for at in (from..self.open.len()).rev() {
            let Some(open) = self.open.get(at).map(|open| open.name.as_str()) else { break };
            if open == name {
                self.close(at);
                break;
            }
            if !ends_blocks && is_block(open) {
                break;
            }
        }
        if name == "li" {
            self.begins_item = false;
        }
    }

    /// Ends the elements from this one on.
    fn close(&mut self, at: usize) {
        if self.open.iter().skip(at).any(|open| is_block(&open.name)) {
            self.break_line();
        }
        self.open.truncate(at);
    }

    /// Ends what a start tag of this name ends without saying so.
    fn close_implied(&mut self, name: &str) {
        let (ended, bounds): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table"]),
            name if is_block(name) => (&["p"], &[]),
            _ => return,
        };
        let from = self.open.len().saturating_sub(LOOK_UP);
        for at in (from..self.open.len()).rev() {
            let Some(open) = self.open.get(at).map(|open| open.name.as_str()) else { return };
            if ended.contains(&open) {
                return self.close(at);
            }
            let is_bound = if bounds.is_empty() { is_block(open) } else { bounds.contains(&open) };
            if is_bound {
                return;
            }
        }
    }

    fn begin_cell(&mut self) {
        self.line.truncate(self.line.trim_end().len());
        if !self.line.is_empty() {
            self.line.push_str(if self.line.ends_with('|') { " " } else { " | " });
        }
    }

    fn set_base(&mut self, tag: &Tag<'_>) {
        let base = tag.attribute("href").and_then(|href| self.page.join(&decode(href)).ok());
        if let Some(base) = base.filter(|_| !self.has_base) {
            self.base = base;
            self.has_base = true;
        }
    }

    fn describe(&mut self, tag: &Tag<'_>) {
        let kind = tag.attribute("name").or_else(|| tag.attribute("property")).unwrap_or_default();
        let is_description =
            ["description", "og:description"].iter().any(|name| kind.eq_ignore_ascii_case(name));
        if let Some(content) =
            tag.attribute("content").filter(|_| is_description && self.description.is_none())
        {
            let mut text = String::new();
            push_folded(&mut text, &decode(content), MOST_TEXT);
            self.description = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        }
    }

    /// An image in a link without text is read by what it shows.
    fn image(&mut self, tag: &Tag<'_>) {
        if let (Some(link), Some(shows)) = (&mut self.link, tag.attribute("alt"))
            && link.label.is_empty()
        {
            push_folded(&mut link.label, &decode(shows), MOST_LINK_TEXT);
        }
    }

    fn begin_link(&mut self, tag: &Tag<'_>) {
        self.end_link();
        let Some(href) = tag.attribute("href") else { return };
        let Ok(mut url) = self.base.join(decode(href).trim()) else { return };
        url.set_fragment(None);
        if !matches!(url.scheme(), "http" | "https") || inside(self.within(), tag).is_dead {
            return;
        }
        let mut label = String::new();
        let said = ["aria-label", "title", "alt"].iter().find_map(|name| tag.attribute(name));
        push_folded(&mut label, &decode(said.unwrap_or_default()), MOST_LINK_TEXT);
        self.link = Some(Link { url, text: String::new(), label });
        if tag.name == "area" {
            self.end_link();
        }
    }

    fn end_link(&mut self) {
        let Some(Link { url, text, label }) = self.link.take() else { return };
        if self.links.len() < MOST_LINKS && url != self.page && self.linked.insert(url.clone()) {
            let text = if text.trim().is_empty() { label } else { text };
            self.links.push((url, Some(text.trim().to_owned()).filter(|text| !text.is_empty())));
        }
    }

    fn break_line(&mut self) {
        if let Some(link) = &mut self.link {
            push_folded(&mut link.text, " ", MOST_LINK_TEXT);
        }
        let line = std::mem::take(&mut self.line);
        let line = line.trim().trim_end_matches('|').trim_end();
        if line.is_empty() || self.bytes + line.len() > MOST_TEXT {
            return;
        }
        self.bytes += line.len();
        let Within { part, heading, lists, .. } = self.line_within;
        let is_item = heading == 0 && lists > 0;
        let mut text = String::new();
        if heading > 0 {
            text.extend(std::iter::repeat_n('#', heading.into()));
            text.push(' ');
        } else if is_item {
            text.extend(std::iter::repeat_n("  ", usize::from(lists.min(6)) - 1));
            text.push_str(if std::mem::take(&mut self.begins_item) { "- " } else { "  " });
        }
        text.push_str(line);
        self.blocks.push(Block { part, is_item, text });
    }

    fn finish(mut self) -> Readable {
        self.end_link();
        self.break_line();
        let has_text = self.blocks.iter().any(|block| block.part != Part::Menu);
        if has_text {
            self.blocks.retain(|block| block.part != Part::Menu);
        }
        // Within a part, in the order of the page.
        self.blocks.sort_by_key(|block| block.part);
        let mut text = String::with_capacity(self.bytes + 2 * self.blocks.len());
        let mut after_item = false;
        for block in &self.blocks {
            if !text.is_empty() {
                text.push_str(if after_item && block.is_item { "\n" } else { "\n\n" });
            }
            text.push_str(&block.text);
            after_item = block.is_item;
        }
        if text.is_empty() {
            // Pages that only a script fills say what they are about for search engines.
            text = self.description.unwrap_or_default();
        }
        let title = self.title.map(|title| {
            let mut folded = String::new();
            push_folded(&mut folded, &title, MOST_LINK_TEXT);
            folded.trim().to_owned()
        });
        Readable { title: title.filter(|title| !title.is_empty()), text, links: self.links }
    }
}

/// Adds text with its white space folded, up to so many bytes in all.
fn push_folded(out: &mut String, text: &str, most: usize) {
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) && out.len() < most {
            out.push(c);
        }
    }
}

/// Letters that are not seen, and would only keep words from being found.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
}
