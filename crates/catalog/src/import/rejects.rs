//! Where rows go that cannot be used: a CSV of line, reason, raw row and file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Bytes of a raw row that are kept in the rejects file; an over-long row is cut there.
const RAW_KEPT: usize = 64 * 1024;

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reject {
    /// Line of the file on which the row starts, from 1.
    pub line: u64,
    pub reason: String,
    pub raw: Vec<u8>,
}

/// The rejects of one or more imports. A file is made when the first row is rejected, so that a clean
/// import leaves none; an older file of that name is replaced then.
pub struct Rejects {
    sink: Sink,
}

enum Sink {
    Discard,
    Path(PathBuf),
    Open(Box<csv::Writer<Box<dyn Write + Send>>>),
}

impl Rejects {
    /// Only counts the rejected rows.
    #[must_use]
    pub fn discard() -> Self {
        Self { sink: Sink::Discard }
    }

    /// Writes to a file.
    #[must_use]
    pub fn to_file(path: impl Into<PathBuf>) -> Self {
        Self { sink: Sink::Path(path.into()) }
    }

    /// Writes to `out`. Errors: the header cannot be written.
    pub fn to_writer(out: Box<dyn Write + Send>) -> io::Result<Self> {
        Ok(Self { sink: Sink::Open(start(out)?) })
    }

    pub(super) fn write(&mut self, file: &str, reject: &Reject) -> io::Result<()> {
        if let Sink::Path(path) = &self.sink {
            let out = BufWriter::new(File::create(path)?);
            self.sink = Sink::Open(start(Box::new(out))?);
        }
        let Sink::Open(out) = &mut self.sink else { return Ok(()) };
        let raw = &reject.raw[..reject.raw.len().min(RAW_KEPT)];
        // A spreadsheet opens this file: invalid UTF-8 and NUL would keep it from doing so.
        let raw = String::from_utf8_lossy(raw).replace('\0', "\u{fffd}");
        out.write_record([&reject.line.to_string(), &reject.reason, &raw, file])?;
        Ok(())
    }

    /// Writes out what is buffered. Errors: the disk is full or gone.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Open(out) => out.flush(),
            Sink::Discard | Sink::Path(_) => Ok(()),
        }
    }
}

fn start(out: Box<dyn Write + Send>) -> io::Result<Box<csv::Writer<Box<dyn Write + Send>>>> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["line", "reason", "row", "file"])?;
    Ok(Box::new(out))
}
