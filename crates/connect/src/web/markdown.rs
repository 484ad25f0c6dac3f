//! Markdown of others as plain text: words are found and quoted as a reader sees them.

/// The longest text or target of a link, in bytes.
const MOST_LINK: usize = 1000;

/// The text without marks of emphasis and code, without backslashes before punctuation, and with the texts of links and
/// images in their places. Headings and lists stay as they are.
pub(super) fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '\\' if after.starts_with(|next: char| next.is_ascii_punctuation()) => {
                out.extend(after.chars().next());
                after.get(1..).unwrap_or_default()
            }
            '!' if after.starts_with('[') => after,
            '[' => match link(after) {
                Some((text, beyond)) => {
                    // A link round an image has its text once.
                    out.push_str(&plain(text));
                    beyond
                }
                None => {
                    out.push(c);
                    after
                }
            },
            '`' => after,
            '*' | '_' => {
                let beyond = after.trim_start_matches(c);
                if !is_mark(c, &out, beyond) {
                    out.push_str(rest.get(..rest.len() - beyond.len()).unwrap_or_default());
                }
                beyond
            }
            c => {
                out.push(c);
                after
            }
        };
    }
    out
}

/// Whether stars or low lines only mark words: a bullet stands before a space, `snake_case` between letters.
fn is_mark(mark: char, before: &str, after: &str) -> bool {
    let next = after.chars().next();
    let last = before.chars().next_back();
    if mark == '_' && last.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric) {
        return false;
    }
    let opens = next.is_some_and(|next| !next.is_whitespace());
    let closes = last.is_some_and(|last| !last.is_whitespace());
    opens || closes
}

/// The text of a link whose bracket is open, and what comes after its target.
fn link(text: &str) -> Option<(&str, &str)> {
    let end = matching(text, '[', ']')?;
    let (inner, after) = (text.get(..end)?, text.get(end + 1..)?);
    let target = after.strip_prefix('(')?;
    let end = matching(target, '(', ')')?;
    Some((inner, target.get(end + 1..)?))
}

/// Where what is open is closed again, on the same line and not too far.
fn matching(text: &str, open: char, close: char) -> Option<usize> {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, c) in text.char_indices().take_while(|(at, c)| *at < MOST_LINK && *c != '\n') {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == open => depth += 1,
            c if c == close && depth == 0 => return Some(at),
            c if c == close => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn words_are_as_a_reader_sees_them() {
        for (markdown, text) in [
            ("# Careers\n\n- Data **Engineer**\n* Cook", "# Careers\n\n- Data Engineer\n* Cook"),
            ("crypto **trading** and _more_ `code`", "crypto trading and more code"),
            ("C\\_x, 3\\. \\[x\\] and snake_case_x", "C_x, 3. [x] and snake_case_x"),
            ("[crypto](/x \"t\") trading ![a logo](/l.png) [b](</y (z)>)", "crypto trading a logo b"),
            ("[![Acme](/logo.png)](/) home", "Acme home"),
            ("[no link] [half](and", "[no link] [half](and"),
            ("5 * 3 ** 2", "5 * 3 ** 2"),
            ("***both*** __x__", "both x"),
            ("a\\", "a\\"),
            ("Zürich – *Größe*", "Zürich – Größe"),
        ] {
            assert_eq!(plain(markdown), text, "{markdown}");
        }
    }

    #[test]
    fn any_text_is_read_in_time_and_keeps_its_letters() {
        for text in ["[".repeat(200_000), "![".repeat(100_000), "[a](".repeat(50_000), "*".repeat(100_000)] {
            let read = plain(&text);
            assert_eq!(read.matches('a').count(), text.matches('a').count());
        }
    }
}
