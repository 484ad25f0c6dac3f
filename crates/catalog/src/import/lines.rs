//! Cutting the input into rows with bounded memory: lines, or CSV rows whose quoted values hold line breaks.

use std::io::{self, Read};

/// Bytes of one row. More is rejected, however long it is, without being held in memory.
pub(super) const ROW_MAX: usize = 1 << 20;
const CHUNK: usize = 256 * 1024;

/// One row as it stands in the file, without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// A whole row. `lines` is how many lines of the file it spans.
    Row { line: u64, lines: u64, bytes: &'a [u8] },
    /// A row of more than [`ROW_MAX`] bytes; `head` is its beginning.
    TooLong { line: u64, head: &'a [u8] },
    /// A quote opens that does not close before the end, or not within [`ROW_MAX`]: the one line it is on.
    OpenQuote { line: u64, bytes: &'a [u8] },
}

/// Cuts bytes into rows.
pub(super) struct Frames<R> {
    input: R,
    buffer: Vec<u8>,
    /// Start of the row to come, in `buffer`.
    start: usize,
    /// Line of the file on which it starts, from 1.
    line: u64,
    ended: bool,
    /// The separator of CSV values; `None`: a row is a line, quotes mean nothing.
    separator: Option<u8>,
    /// Start and line of the row last returned.
    last: (usize, u64),
}

enum End {
    /// The row's bytes end here; the next row starts at the second place, that many lines later.
    At {
        end: usize,
        next: usize,
        lines: u64,
    },
    NeedMore,
    TooLong,
    OpenQuote,
}

impl<R: Read> Frames<R> {
    /// Rows are lines until [`Self::set_separator`] says otherwise.
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::with_capacity(2 * CHUNK),
            start: 0,
            line: 1,
            ended: false,
            separator: None,
            last: (0, 1),
        }
    }

    /// From the next row on, quoted values between `separator`s may hold line breaks.
    pub fn set_separator(&mut self, separator: u8) {
        self.separator = Some(separator);
    }

    /// The line on which the next row starts.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Goes back to the row last returned. Valid directly after [`Self::next`] returned a row.
    pub fn again(&mut self) {
        (self.start, self.line) = self.last;
    }

    /// Goes back to the second line of the row last returned. Valid directly after [`Self::next`] returned
    /// a row of several lines. Returns the first line.
    pub fn again_from_second_line(&mut self) -> &[u8] {
        let (start, line) = self.last;
        let length = find(&self.buffer[start..], b'\n').unwrap_or(self.buffer.len() - start);
        self.start = (start + length + 1).min(self.buffer.len());
        self.line = line + 1;
        trim_return(&self.buffer[start..start + length])
    }

    /// The next row, `None` at the end. Errors: the input cannot be read on.
    pub fn next(&mut self) -> io::Result<Option<Frame<'_>>> {
        loop {
            let end = match self.separator {
                None => self.scan_line(),
                Some(separator) => scan_csv(&self.buffer[self.start..], separator, self.ended),
            };
            let (start, line) = (self.start, self.line);
            match end {
                End::NeedMore => {
                    if self.ended {
                        return Ok(None);
                    }
                    self.fill()?;
                }
                End::At { end, next, lines } => {
                    self.last = (start, line);
                    self.start += next;
                    self.line += lines;
                    let bytes = trim_return(&self.buffer[start..start + end]);
                    return Ok(Some(Frame::Row { line, lines, bytes }));
                }
                End::TooLong => {
                    let head = self.buffer[start..start + 1024].to_vec();
                    self.skip_line()?;
                    self.line = line + 1;
                    self.last = (self.start, self.line);
                    // The head is put before the next row, so that a borrow of the buffer can be returned.
                    let at = self.start;
                    self.buffer.splice(at..at, head.iter().copied());
                    self.start += head.len();
                    return Ok(Some(Frame::TooLong { line, head: &self.buffer[at..at + head.len()] }));
                }
                End::OpenQuote => {
                    self.last = (start, line);
                    let bytes = self.again_from_second_line();
                    return Ok(Some(Frame::OpenQuote { line, bytes }));
                }
            }
        }
    }

    fn scan_line(&self) -> End {
        let rest = &self.buffer[self.start..];
        match find(rest, b'\n') {
            Some(end) if end <= ROW_MAX => End::At { end, next: end + 1, lines: 1 },
            None if rest.len() <= ROW_MAX && !self.ended => End::NeedMore,
            None if rest.is_empty() => End::NeedMore,
            None if rest.len() <= ROW_MAX => End::At { end: rest.len(), next: rest.len(), lines: 1 },
            Some(_) | None => End::TooLong,
        }
    }

    /// Reads on; what lies before the row to come is dropped.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let read = loop {
            match self.input.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(filled + read.as_ref().copied().unwrap_or(0));
        self.ended = read? == 0;
        Ok(())
    }

    /// Drops bytes up to the next line break, never holding more than a chunk.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(end) = find(&self.buffer[self.start..], b'\n') {
                self.start += end + 1;
                return Ok(());
            }
            self.start = self.buffer.len();
            if self.ended {
                return Ok(());
            }
            self.fill()?;
        }
    }
}

/// Finds the end of a CSV row (RFC 4180, with `""` for a quote): a quote opens only at the start of a value, so
/// that a stray inch sign inside one swallows nothing.
fn scan_csv(bytes: &[u8], separator: u8, ended: bool) -> End {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Start,
        Plain,
        Quoted,
        QuoteSeen,
    }
    // Most rows have no quote: two quick searches find their end.
    if let Some(end) = find(bytes, b'\n')
        && end <= ROW_MAX
        && bytes.get(..end).is_some_and(|row| find(row, b'"').is_none())
    {
        return End::At { end, next: end + 1, lines: 1 };
    }
    let mut state = State::Start;
    let mut lines = 1;
    for (at, byte) in bytes.iter().copied().enumerate() {
        if at > ROW_MAX {
            let first_line_fits = find(&bytes[..ROW_MAX], b'\n').is_some();
            return if state == State::Quoted && first_line_fits { End::OpenQuote } else { End::TooLong };
        }
        state = match (state, byte) {
            (State::Quoted, b'"') => State::QuoteSeen,
            (State::Quoted, b'\n') => {
                lines += 1;
                State::Quoted
            }
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') => return End::At { end: at, next: at + 1, lines },
            (State::Start | State::QuoteSeen, b'"') => State::Quoted,
            (_, byte) if byte == separator => State::Start,
            (_, _) => State::Plain,
        };
    }
    match state {
        _ if !ended || bytes.is_empty() => End::NeedMore,
        State::Quoted => End::OpenQuote,
        _ => End::At { end: bytes.len(), next: bytes.len(), lines },
    }
}

fn find(bytes: &[u8], wanted: u8) -> Option<usize> {
    memchr::memchr(wanted, bytes)
}

fn trim_return(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Frame, Frames, ROW_MAX};

    fn rows(text: &str, separator: Option<u8>) -> Vec<(u64, String)> {
        let mut frames = Frames::new(text.as_bytes());
        if let Some(separator) = separator {
            frames.set_separator(separator);
        }
        let mut out = Vec::new();
        while let Some(frame) = frames.next().unwrap() {
            out.push(match frame {
                Frame::Row { line, bytes, .. } => (line, String::from_utf8_lossy(bytes).into_owned()),
                Frame::TooLong { line, head } => (line, format!("too long: {}", head.len())),
                Frame::OpenQuote { line, bytes } => {
                    (line, format!("open: {}", String::from_utf8_lossy(bytes)))
                }
            });
        }
        out
    }

    #[test]
    fn lines_and_quoted_line_breaks() {
        assert_eq!(
            rows("a\r\nb\n\nc", None),
            [(1, "a".into()), (2, "b".into()), (3, String::new()), (4, "c".into())]
        );
        let text = "a,\"x\ny\",b\n5\" pipe,c\n\"say \"\"hi\"\"\",d\n";
        assert_eq!(
            rows(text, Some(b',')),
            [(1, "a,\"x\ny\",b".into()), (3, "5\" pipe,c".into()), (4, "\"say \"\"hi\"\"\",d".into())]
        );
        assert_eq!(rows("", Some(b',')), []);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        assert_eq!(
            rows("a,\"b\nc,d\ne,f", Some(b',')),
            [(1, "open: a,\"b".into()), (2, "c,d".into()), (3, "e,f".into())]
        );
    }

    #[test]
    fn an_overlong_row_is_skipped() {
        for length in [ROW_MAX + 1, 3 * ROW_MAX] {
            let text = format!("a\n{}\nb\n", "x".repeat(length));
            for separator in [None, Some(b',')] {
                let out = rows(&text, separator);
                assert_eq!(out, [(1, "a".into()), (2, "too long: 1024".into()), (3, "b".into())]);
            }
        }
        assert_eq!(rows(&format!("{}\nb", "x".repeat(ROW_MAX)), Some(b',')).len(), 2);
    }
}
