//! Folding of text, so that case and accents never keep two spellings apart.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds `text` for comparison: compatibility decomposition, combining marks removed, lower case, the
/// letters that Unicode does not decompose spelt out (`ß` → `ss`, `ø` → `o`, `ł` → `l`, `æ` → `ae`,
/// `đ` → `d`, `ı` → `i`), runs of white space made one space, ends trimmed.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        for byte in text.bytes() {
            match byte {
                b'\t'..=b'\r' | b' ' => {
                    if !out.is_empty() && !out.ends_with(' ') {
                        out.push(' ');
                    }
                }
                byte => out.push(char::from(byte.to_ascii_lowercase())),
            }
        }
    } else {
        for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
            if !is_combining_mark(c) {
                push_folded(&mut out, c);
            }
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

fn push_folded(out: &mut String, c: char) {
    match c {
        'ß' => out.push_str("ss"),
        'ø' => out.push('o'),
        'ł' => out.push('l'),
        'đ' | 'ð' => out.push('d'),
        'ı' => out.push('i'),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        c if c.is_whitespace() => {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        }
        c => out.push(c),
    }
}

/// The words of `text`: folded, split at everything that is neither letter nor digit. `+` and `#` stay
/// inside a word (`c++`, `c#`), and a dot or an apostrophe between letters vanishes (`node.js` → `nodejs`).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    words_of(&fold(text))
}

/// The [`words`] of a text that is folded already.
#[must_use]
pub fn words_of(folded: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || (matches!(c, '+' | '#') && !word.is_empty()) {
            word.push(c);
        } else if matches!(c, '.' | '\'' | '’')
            && !word.is_empty()
            && chars.peek().is_some_and(|next| next.is_alphanumeric())
        {
            // inside a word: drop it and go on
        } else if !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{fold, words};

    #[test]
    fn folding_joins_spellings() {
        for (text, folded) in [
            ("  Geschäftsführer\tGroß ", "geschaftsfuhrer gross"),
            ("ÉCOLE", "ecole"),
            ("İstanbul", "istanbul"),
            ("Łódź Ørsted Æther", "lodz orsted aether"),
            ("ﬁn", "fin"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
            assert_eq!(fold(&fold(text)), folded, "folding twice changes nothing");
        }
    }

    #[test]
    fn words_keep_what_names_languages() {
        assert_eq!(words("C++ / C# & Node.js, R&D (U.S.)"), ["c++", "c#", "nodejs", "r", "d", "us"]);
        assert_eq!(words("O'Brien – VP, Sales"), ["obrien", "vp", "sales"]);
    }
}
