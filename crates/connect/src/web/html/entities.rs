//! Character references: those of HTML 4, which is what pages are written with, and any number.

use std::borrow::Cow;

/// Letters that have a name in HTML 4 (§24), by code point from 160 on without a gap.
const LATIN_1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn \
    sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde \
    Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde \
    Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
    egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
    uacute ucirc uuml yacute thorn yuml";

/// Those elsewhere, and what HTML 5 added that is in use.
const OTHERS: &str = "quot \" amp & lt < gt > apos ' OElig Œ oelig œ Scaron Š scaron š Yuml Ÿ fnof ƒ circ ˆ tilde ˜ \
    Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο \
    Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ Phi Φ Chi Χ Psi Ψ Omega Ω alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η \
    theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ omicron ο pi π rho ρ sigmaf ς sigma σ tau τ upsilon υ phi φ chi χ \
    psi ψ omega ω thetasym ϑ upsih ϒ piv ϖ ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ dagger † \
    Dagger ‡ bull • hellip … permil ‰ prime ′ Prime ″ lsaquo ‹ rsaquo › oline ‾ frasl ⁄ euro € image ℑ weierp ℘ real ℜ \
    trade ™ alefsym ℵ larr ← uarr ↑ rarr → darr ↓ harr ↔ crarr ↵ lArr ⇐ uArr ⇑ rArr ⇒ dArr ⇓ hArr ⇔ forall ∀ part ∂ \
    exist ∃ empty ∅ nabla ∇ isin ∈ notin ∉ ni ∋ prod ∏ sum ∑ minus − lowast ∗ radic √ prop ∝ infin ∞ ang ∠ and ∧ or ∨ \
    cap ∩ cup ∪ int ∫ there4 ∴ sim ∼ cong ≅ asymp ≈ ne ≠ equiv ≡ le ≤ ge ≥ sub ⊂ sup ⊃ nsub ⊄ sube ⊆ supe ⊇ oplus ⊕ \
    otimes ⊗ perp ⊥ sdot ⋅ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lang ⟨ rang ⟩ loz ◊ spades ♠ clubs ♣ hearts ♥ diams ♦ \
    check ✓ star ☆ phone ☎ num # excl ! quest ? comma , period . colon : semi ; lpar ( rpar ) commat @ hyphen ‐ dash ‐ \
    percnt % dollar $ sol / bsol \\ lowbar _ plus + equals = ast * vert | lsqb [ rsqb ] lcub { rcub }";

/// Invisible ones, which could not be told apart in a list.
const INVISIBLE: [(&str, &str); 9] = [
    ("ensp", "\u{2002}"),
    ("emsp", "\u{2003}"),
    ("thinsp", "\u{2009}"),
    ("zwnj", "\u{200c}"),
    ("zwj", "\u{200d}"),
    ("lrm", "\u{200e}"),
    ("rlm", "\u{200f}"),
    ("Tab", "\t"),
    ("NewLine", "\n"),
];

/// What Windows-1252 has where Unicode has control characters, 128 to 159: references by number mean these.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The longest name.
const LONGEST: usize = 8;

/// Text with its character references replaced by what they stand for. What is none stays as it is.
pub(in crate::web) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let reference = from.get(1..).unwrap_or_default();
        let read = match reference.strip_prefix('#') {
            Some(number) => numbered(number, &mut out).map(|length| length + 2),
            None => named(reference, &mut out).map(|length| length + 1),
        };
        if read.is_none() {
            out.push('&');
        }
        rest = from.get(read.unwrap_or(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Puts down what a number stands for; how long it is with its semicolon.
fn numbered(reference: &str, out: &mut String) -> Option<usize> {
    let (radix, digits) = match reference.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, reference),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let number = digits.get(..length).filter(|digits| !digits.is_empty())?;
    let code = u32::from_str_radix(number, radix).unwrap_or(u32::MAX);
    let windows = code.checked_sub(128).and_then(|at| WINDOWS_1252.get(at as usize));
    let letter = windows.copied().or_else(|| char::from_u32(code)).filter(|letter| *letter != '\0');
    out.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
    let prefix = usize::from(radix == 16);
    Some(prefix + length + usize::from(digits.as_bytes().get(length) == Some(&b';')))
}

/// Puts down what a name stands for; how long it is with its semicolon, which only the oldest may lack.
fn named(reference: &str, out: &mut String) -> Option<usize> {
    let length = reference.bytes().take(LONGEST + 1).take_while(u8::is_ascii_alphanumeric).count();
    let name = reference.get(..length)?;
    let after = reference.as_bytes().get(length);
    let may_lack_it = matches!(name, "amp" | "lt" | "gt" | "quot" | "nbsp" | "copy" | "reg");
    if after != Some(&b';') && (!may_lack_it || after == Some(&b'=')) {
        return None;
    }
    if let Some(at) = LATIN_1.split_ascii_whitespace().position(|known| known == name) {
        out.push(char::from_u32(160 + u32::try_from(at).ok()?)?);
    } else if let Some((_, text)) = INVISIBLE.iter().find(|(known, _)| *known == name) {
        out.push_str(text);
    } else {
        let mut others = OTHERS.split_ascii_whitespace();
        while others.next()? != name {
            others.next();
        }
        out.push_str(others.next()?);
    }
    Some(length + usize::from(after == Some(&b';')))
}

#[cfg(test)]
mod tests {
    use super::{LATIN_1, OTHERS, decode};

    #[test]
    fn references_are_decoded_and_what_is_none_stays() {
        for (text, expected) in [
            ("a &amp; b", "a & b"),
            ("&lt;b&gt; &quot;c&quot; &apos;d&apos;", "<b> \"c\" 'd'"),
            ("M&uuml;ller &szlig; &Aring; &yuml; &nbsp;.", "Müller ß Å ÿ \u{a0}."),
            ("&euro;5 &ndash; &rsquo; &hellip; &trade; &rarr;", "€5 – ’ … ™ →"),
            ("&#65;&#x42;&#X43;&#228;&#128512;", "ABCä😀"),
            ("&#65 &#x42g", "A Bg"),
            (
                "&#150; &#x80; &#0; &#xD800; &#x110000; &#99999999999;",
                "– € \u{fffd} \u{fffd} \u{fffd} \u{fffd}",
            ),
            ("AT&T, R&D &unknown; &; &# &#x; &", "AT&T, R&D &unknown; &; &# &#x; &"),
            ("a?b=c&copy=d&lang=e&amp", "a?b=c&copy=d&lang=e&"),
            ("&thetasym;&zwj;&Tab;", "ϑ\u{200d}\t"),
            ("&amp;amp;", "&amp;"),
            ("&é;", "&é;"),
            ("none", "none"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(LATIN_1.split_ascii_whitespace().count(), 96);
        let others: Vec<&str> = OTHERS.split_ascii_whitespace().collect();
        assert_eq!(others.len() % 2, 0);
        for pair in others.chunks(2) {
            assert!(pair[0].len() <= super::LONGEST, "{pair:?}");
            assert_eq!(pair[1].chars().count(), 1, "{pair:?}");
        }
    }
}
