//! Elements of HTML: which part of a page they make, and what they hide.

use super::tokens::Tag;

/// Which part of a page something stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// What the page itself calls its main part.
    Main,
    Body,
    /// Footers and what stands aside.
    Aside,
    /// Menus and cookie banners: what stands on every page.
    Menu,
}

/// What holds within an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Within {
    pub part: Part,
    /// 1 to 6 within a heading.
    pub heading: u8,
    /// How many lists deep.
    pub lists: u8,
    /// Whether its text is not shown.
    pub is_hidden: bool,
    /// Whether its links lead nowhere that a reader goes.
    pub is_dead: bool,
    pub is_preformatted: bool,
}

/// What holds outside of all elements.
pub(super) const OUTSIDE: Within = Within {
    part: Part::Body,
    heading: 0,
    lists: 0,
    is_hidden: false,
    is_dead: false,
    is_preformatted: false,
};

/// What holds within an element, by what holds round it.
pub(super) fn inside(outer: Within, tag: &Tag<'_>) -> Within {
    let mut within = outer;
    let role = tag.attribute("role").unwrap_or_default();
    match tag.name.as_str() {
        "main" => within.part = Part::Main,
        "nav" | "menu" => within.part = Part::Menu,
        "footer" | "aside" if outer.part == Part::Body => within.part = Part::Aside,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            within.heading = tag.name.as_bytes().get(1).map_or(1, |digit| digit - b'0');
        }
        "ul" | "ol" => within.lists = outer.lists.saturating_add(1),
        "pre" => within.is_preformatted = true,
        "dialog" if tag.attribute("open").is_none() => within.is_hidden = true,
        "template" | "script" | "style" => {
            within.is_hidden = true;
            within.is_dead = true;
        }
        name if is_never_shown(name) => within.is_hidden = true,
        _ => {}
    }
    match role {
        "main" => within.part = Part::Main,
        "navigation" | "menu" | "menubar" => within.part = Part::Menu,
        "contentinfo" | "complementary" if outer.part == Part::Body => within.part = Part::Aside,
        _ => {}
    }
    if is_cookie_banner(tag) {
        within.part = Part::Menu;
    }
    if tag.attribute("hidden").is_some_and(|how| !how.eq_ignore_ascii_case("until-found"))
        || is_styled_away(tag)
    {
        within.is_hidden = true;
        within.is_dead = true;
    }
    // Decoration; menus that open when they are pointed at have links in them all the same.
    within.is_hidden |=
        tag.attribute("aria-hidden").is_some_and(|hidden| hidden.eq_ignore_ascii_case("true"));
    within
}

fn is_styled_away(tag: &Tag<'_>) -> bool {
    let declarations =
        tag.attribute("style").unwrap_or_default().split(';').filter_map(|one| one.split_once(':'));
    declarations.into_iter().any(|(name, value)| {
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase());
        let value = value.trim_end_matches("!important").trim_end();
        match name.as_str() {
            "display" => value == "none",
            "visibility" => value == "hidden",
            "opacity" => value == "0",
            "font-size" => matches!(value, "0" | "0px" | "0pt" | "0em" | "0%"),
            _ => false,
        }
    })
}

fn is_cookie_banner(tag: &Tag<'_>) -> bool {
    if matches!(tag.name.as_str(), "html" | "body" | "main" | "article" | "header") {
        return false;
    }
    ["id", "class"].iter().filter_map(|name| tag.attribute(name)).any(|value| {
        value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
            ["cookie", "cookies", "cookiebanner", "cookieconsent", "cookiebot", "consent", "gdpr", "onetrust"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
        })
    })
}

/// Elements whose content is no text of the page.
pub(super) fn is_never_shown(name: &str) -> bool {
    matches!(
        name,
        "noscript"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "canvas"
            | "audio"
            | "video"
            | "select"
            | "datalist"
            | "textarea"
            | "noembed"
            | "noframes"
            | "title"
            | "progress"
            | "meter"
    )
}

/// Elements without content.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements that stand on lines of their own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
    )
}
