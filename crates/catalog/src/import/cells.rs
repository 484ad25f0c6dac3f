//! Splitting a CSV row into its cells.

/// The cells of one row. The buffers are used again for every row.
#[derive(Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
    stray: bool,
}

impl Cells {
    /// Splits a row as RFC 4180 says; the separator is an ASCII character. Lenient: text after a closing quote
    /// belongs to the cell, and a quote inside an unquoted cell is a character.
    pub fn split(&mut self, row: &str, separator: u8) {
        let separator = char::from(separator);
        self.text.clear();
        self.ends.clear();
        self.stray = false;
        let mut rest = row;
        loop {
            let quoted = rest.starts_with('"');
            if quoted {
                rest = self.unquote(&rest[1..]);
            }
            let (cell, next) = match rest.split_once(separator) {
                Some((cell, next)) => (cell, Some(next)),
                None => (rest, None),
            };
            self.stray |= quoted && !cell.is_empty();
            self.text.push_str(cell);
            self.ends.push(self.text.len());
            match next {
                Some(next) => rest = next,
                None => return,
            }
        }
    }

    /// Takes the text up to the closing quote, and returns what follows it.
    fn unquote<'a>(&mut self, mut rest: &'a str) -> &'a str {
        while let Some((text, after)) = rest.split_once('"') {
            self.text.push_str(text);
            if !after.starts_with('"') {
                return after;
            }
            self.text.push('"');
            rest = &after[1..];
        }
        self.text.push_str(rest);
        ""
    }

    /// Whether text follows a closing quote: in a row of several lines, a sign that the quote was opened by a
    /// later row.
    pub fn stray(&self) -> bool {
        self.stray
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = &self.text[start..*end];
            start = *end;
            cell
        })
    }
}

/// The separator of a header line: the one of `,` `;` tab `|` that parts it most often, outside quotes.
pub(super) fn separator(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in header {
        quoted ^= *byte == b'"';
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(separator, _)| separator == byte) {
            *count += 1;
        }
    }
    // The first of equals: the comma.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::{Cells, separator};

    #[test]
    fn cells_are_split_and_unquoted() {
        for (row, expected) in [
            ("a,b,c", vec!["a", "b", "c"]),
            ("a,,", vec!["a", "", ""]),
            ("", vec![""]),
            (r#""a,b","say ""hi""",c"#, vec!["a,b", "say \"hi\"", "c"]),
            (r#"5" pipe,"x"y,"#, vec!["5\" pipe", "xy", ""]),
            ("\"a\nb\",ü", vec!["a\nb", "ü"]),
        ] {
            let mut cells = Cells::default();
            cells.split(row, b',');
            assert_eq!(cells.iter().collect::<Vec<_>>(), expected, "{row}");
            assert_eq!(cells.len(), expected.len());
        }
    }

    #[test]
    fn the_header_tells_the_separator() {
        for (header, expected) in [
            ("a,b", b','),
            ("a;b;c", b';'),
            ("a\tb", b'\t'),
            ("a|b", b'|'),
            ("name", b','),
            ("\"a;b;c\",d", b','),
        ] {
            assert_eq!(separator(header.as_bytes()), expected, "{header}");
        }
    }
}
