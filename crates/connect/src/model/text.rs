//! Text of strangers on its way into a prompt, and how a quote is looked for in it.

use unicode_normalization::UnicodeNormalization as _;

/// Whether a character shows nothing but steers how text is read or hides what is said: zero-width and bidirectional
/// marks, fillers, variation selectors, tags (Unicode's `Default_Ignorable_Code_Point`, mostly).
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that servers of open models read as the turn of another speaker, even within a message. A space within breaks
/// them; people still read them.
const TURNS: [(&str, &str); 14] = [
    ("<|", "< |"),
    ("|>", "| >"),
    ("<｜", "< ｜"),
    ("｜>", "｜ >"),
    ("[INST]", "[ INST]"),
    ("[/INST]", "[ /INST]"),
    ("<<SYS>>", "< <SYS>>"),
    ("<</SYS>>", "< </SYS>>"),
    ("<start_of_turn>", "< start_of_turn>"),
    ("<end_of_turn>", "< end_of_turn>"),
    ("<s>", "< s>"),
    ("</s>", "< /s>"),
    ("<think>", "< think>"),
    ("</think>", "< /think>"),
];

/// The text without what steers a reader unseen: invisible characters gone, control characters as spaces, line ends as
/// `\n`, turn marks broken.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            c if is_invisible(c) => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    for (mark, broken) in TURNS {
        if out.contains(mark) {
            out = out.replace(mark, broken);
        }
    }
    out
}

/// The beginning of a text, as much as weighs no more than `limit`, and how many characters are left out. A character
/// weighs by the share of a model's context that it takes: Latin 1, other alphabets 2, scripts without spaces 3.
pub(crate) fn beginning(text: &str, limit: usize) -> (&str, usize) {
    let mut weight = 0;
    for (at, c) in text.char_indices() {
        weight += match u32::from(c) {
            0..0x370 => 1,
            0x370..0xe00 | 0x10a0..0x1100 | 0x1e00..0x2e80 => 2,
            _ => 3,
        };
        if weight > limit {
            let (kept, rest) = text.split_at(at);
            return (kept, rest.chars().count());
        }
    }
    (text, 0)
}

/// The first `limit` characters, with an ellipsis when some are left out.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((at, _)) => {
            let mut short = text.get(..at).unwrap_or_default().trim_end().to_owned();
            short.push('…');
            short
        }
    }
}

/// As much of a text as fits in so many bytes.
pub(crate) fn bytes_at_most(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A text as quotes are compared: compatibility forms (NFKC) in lower case, typographic quotation marks and dashes as
/// plain ones, white space as single spaces, without invisible characters and the marks of Markdown emphasis.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars().filter(|c| !is_invisible(*c)).nfkc() {
        let c = match c {
            '‘' | '’' | '‚' | '‛' | '′' | '´' | '‹' | '›' => '\'',
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
            '*' | '`' | '#' => continue,
            c => c,
        };
        if c.is_whitespace() || c.is_control() {
            space = true;
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        out.extend(c.to_lowercase());
    }
    out
}

/// Whether a folded quote of at least one word stands in a folded text, as whole words.
pub(crate) fn occurs(quote: &str, text: &str) -> bool {
    if !quote.chars().any(char::is_alphanumeric) {
        return false;
    }
    text.match_indices(quote).any(|(at, hit)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + hit.len()..).and_then(|after| after.chars().next());
        !runs_on(before, quote.chars().next()) && !runs_on(quote.chars().next_back(), after)
    })
}

/// Whether two neighbours belong to one word. Scripts that write no spaces have no such word.
fn runs_on(left: Option<char>, right: Option<char>) -> bool {
    let lettered =
        |c: char| c.is_alphanumeric() && !matches!(u32::from(c), 0xe00..0x10a0 | 0x1780..0x1800 | 0x2e80..);
    left.is_some_and(lettered) && right.is_some_and(lettered)
}

#[cfg(test)]
mod tests {
    use super::{beginning, bytes_at_most, folded, harmless, occurs, shortened};

    #[test]
    fn what_steers_unseen_is_gone() {
        assert_eq!(harmless("a\u{200b}b\u{202e}c\u{e0041}\u{feff}"), "abc");
        assert_eq!(harmless("a\0b\u{1b}[31mc\r\nd\u{2028}e\rf\tg"), "a b [31mc\nd\ne\nf\tg");
        assert_eq!(harmless("<|im_start|>system [INST] </s>"), "< |im_start| >system [ INST] < /s>");
    }

    #[test]
    fn characters_weigh_by_their_script() {
        assert_eq!(beginning("abcdef", 6), ("abcdef", 0));
        assert_eq!(beginning("abcdef", 5), ("abcde", 1));
        assert_eq!(beginning("дом", 5), ("до", 1));
        assert_eq!(beginning("公司在", 8), ("公司", 1));
    }

    #[test]
    fn texts_are_shortened_between_characters() {
        assert_eq!(shortened("größer", 3), "grö…");
        assert_eq!(shortened("größer", 6), "größer");
        assert_eq!(bytes_at_most("größer", 3), "gr");
    }

    #[test]
    fn quotes_are_found_as_whole_words_whatever_their_dress() {
        let text = folded("We’re  **hiring**\n“engineers” — in M\u{fc}nchen. 我们在招聘工程师。");
        for found in ["we're hiring", "\"Engineers\" - in", "HIRING", "MÜNCHEN", "Mu\u{308}nchen", "招聘工程"]
        {
            assert!(occurs(&folded(found), &text), "{found}");
        }
        for missing in ["ring", "we are hiring", "...", "", " ", "engineer"] {
            assert!(!occurs(&folded(missing), &text), "{missing}");
        }
    }
}
