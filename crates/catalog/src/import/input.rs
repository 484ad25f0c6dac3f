//! Opening what is imported: its compression, format and encoding, and whether it can be read to its end.

use super::encoding::{Encoding, Evidence, is_binary};
use super::error::ImportError;
use super::{parquet, sheet};
use flate2::bufread::MultiGzDecoder;
use sluice_model::Time;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

/// Bytes that tell what an input is.
const HEAD: u64 = 64 * 1024;
const BUFFER: usize = 256 * 1024;

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated (or semicolon, tab, bar: the header line tells), with a header line.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// A Parquet file.
    Parquet,
    /// A spreadsheet of Excel 2007 or later.
    Xlsx,
}

impl Format {
    /// Every ending of a file's name that stands for a format.
    const ENDINGS: [(&'static str, Self); 11] = [
        ("csv", Self::Csv),
        ("tsv", Self::Csv),
        ("tab", Self::Csv),
        ("txt", Self::Csv),
        ("ndjson", Self::Ndjson),
        ("jsonl", Self::Ndjson),
        ("json", Self::Ndjson),
        ("parquet", Self::Parquet),
        ("pq", Self::Parquet),
        ("xlsx", Self::Xlsx),
        ("xlsm", Self::Xlsx),
    ];

    /// The format that a file's name stands for, whether or not it also ends in `.gz` or `.zst`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let plain = Compression::ALL.iter().find_map(|(ending, _)| lower.strip_suffix(ending));
        let (_, ending) = plain.unwrap_or(&lower).rsplit_once('.')?;
        Self::ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, format)| *format)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    const ALL: [(&'static str, Self); 2] = [(".gz", Self::Gzip), (".zst", Self::Zstd)];

    fn of_head(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0x1f, 0x8b]) {
            Some(Self::Gzip)
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Some(Self::Zstd)
        } else {
            None
        }
    }
}

/// Something to import: a name, which tells the format and the source, and bytes.
pub struct Input {
    /// File name, or any name for what is no file.
    pub name: String,
    /// When the file was last changed, if it is one: a good time of observation, since it stays the same
    /// when the same file is imported again.
    pub modified: Option<Time>,
    bytes: Bytes,
    position: Arc<AtomicU64>,
}

enum Bytes {
    /// Can be read twice.
    File(File),
    Stream(Box<dyn Read + Send>),
}

/// What an input is opened with.
pub(super) struct Opening<'a> {
    pub format: Option<Format>,
    pub encoding: Option<Encoding>,
    pub sheet: Option<&'a str>,
    pub check: bool,
    pub scratch: Option<&'a Path>,
    pub scratch_max: u64,
}

/// An open input.
pub(super) struct Opened {
    pub name: String,
    /// Whether each line is a JSON object; else CSV.
    pub json: bool,
    /// The columns, of a format that names them apart from its rows.
    pub columns: Option<Vec<String>>,
    /// What the report says about the whole file.
    pub note: Option<&'static str>,
    pub bytes: Box<dyn Read + Send>,
}

/// Decompressed bytes, and the first of them.
struct Unpacked {
    head: Vec<u8>,
    compressed: bool,
    bytes: Box<dyn Read + Send>,
}

impl Input {
    /// Opens a file. Errors: [`ImportError::Open`].
    pub fn file(path: &Path) -> Result<Self, ImportError> {
        let fail = |cause| ImportError::Open { name: path.display().to_string(), cause };
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(fail(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let modified = metadata
            .modified()
            .ok()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .map(Time::from_millis);
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        // A named pipe can be read once, and has no time of its own.
        if metadata.is_file() {
            Ok(Self { name, modified, bytes: Bytes::File(file), position: Arc::default() })
        } else {
            Ok(Self::reader(name, Box::new(file)))
        }
    }

    /// Takes bytes from anywhere, such as standard input (call that `-`). They are read once, and so not checked
    /// before the first row is taken.
    #[must_use]
    pub fn reader(name: impl Into<String>, bytes: Box<dyn Read + Send>) -> Self {
        Self { name: name.into(), modified: None, bytes: Bytes::Stream(bytes), position: Arc::default() }
    }

    /// How many bytes of the input were read so far, from the start of the reading that goes on.
    #[must_use]
    pub fn position(&self) -> Arc<AtomicU64> {
        self.position.clone()
    }

    /// The file name without folder and endings (`leads.csv.gz` → `leads`): the source unless another is given.
    #[must_use]
    pub fn stem(&self) -> &str {
        let mut stem = self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name);
        let packed = Compression::ALL.iter().map(|(ending, _)| ending.trim_start_matches('.'));
        for ending in packed.chain(Format::ENDINGS.iter().map(|(ending, _)| *ending)) {
            if let Some((before, last)) = stem.rsplit_once('.')
                && !before.is_empty()
                && last.eq_ignore_ascii_case(ending)
            {
                stem = before;
            }
        }
        if stem == "-" { "stdin" } else { stem }
    }

    /// Finds compression, format and encoding, and returns the rows as lines. What the bytes say counts more than
    /// the name.
    pub(super) fn open(mut self, how: &Opening<'_>) -> Result<Opened, ImportError> {
        let unpacked = self.unpack()?;
        match self.format(how.format, &unpacked)? {
            format @ (Format::Csv | Format::Ndjson) => self.open_text(format, unpacked, how),
            Format::Parquet => {
                let file = self.seekable(unpacked, how)?;
                let (columns, rows) = parquet::open(&self.name, &file, how.check)?;
                Ok(self.rows(columns, Box::new(rows)))
            }
            Format::Xlsx => {
                let file = self.seekable(unpacked, how)?;
                let (columns, rows) = sheet::unfold(&self.name, file, how.sheet, self.scratch(how)?)?;
                Ok(self.rows(columns, Box::new(rows)))
            }
        }
    }

    fn rows(self, columns: Vec<String>, bytes: Box<dyn Read + Send>) -> Opened {
        Opened { name: self.name, json: true, columns: Some(columns), note: None, bytes }
    }

    fn open_text(
        mut self,
        format: Format,
        mut unpacked: Unpacked,
        how: &Opening<'_>,
    ) -> Result<Opened, ImportError> {
        let mut evidence = Evidence::of(&unpacked.head);
        let marked = how.encoding.or_else(|| Encoding::of_head(&unpacked.head));
        if how.check && matches!(self.bytes, Bytes::File(_)) {
            self.read_through(unpacked.bytes, &mut evidence)?;
            unpacked = self.unpack()?;
        }
        let encoding = marked.unwrap_or_else(|| evidence.encoding());
        Ok(Opened {
            name: self.name,
            json: format == Format::Ndjson,
            columns: None,
            note: encoding.note(),
            bytes: encoding.decode(Box::new(Cursor::new(unpacked.head).chain(unpacked.bytes))),
        })
    }

    /// Reads to the end, which tells whether there is one.
    fn read_through(
        &self,
        mut bytes: Box<dyn Read + Send>,
        evidence: &mut Evidence,
    ) -> Result<(), ImportError> {
        let mut buffer = vec![0; BUFFER];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => evidence.add(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(ImportError::Damaged { name: self.name.clone(), cause }),
            }
        }
    }

    /// The bytes from the start, decompressed. A stream can be read once.
    fn unpack(&mut self) -> Result<Unpacked, ImportError> {
        let name = self.name.clone();
        let fail = |cause| ImportError::Open { name: name.clone(), cause };
        self.position.store(0, Ordering::Relaxed);
        let bytes: Box<dyn Read + Send> = match &mut self.bytes {
            Bytes::File(file) => {
                file.rewind().map_err(fail)?;
                Box::new(file.try_clone().map_err(fail)?)
            }
            Bytes::Stream(bytes) => std::mem::replace(bytes, Box::new(io::empty())),
        };
        let mut bytes = Counting { bytes, position: self.position.clone() };
        let start = head(&mut bytes, 6).map_err(fail)?;
        let compression = Compression::of_head(&start);
        let lower = name.to_ascii_lowercase();
        if !start.is_empty() {
            for (ending, named) in Compression::ALL {
                if lower.ends_with(ending) && compression != Some(named) {
                    let what = if named == Compression::Gzip {
                        "named .gz but not gzip data"
                    } else {
                        "named .zst but not zstd data"
                    };
                    return Err(ImportError::Unsupported { name, what });
                }
            }
        }
        let whole = BufReader::with_capacity(BUFFER, Cursor::new(start).chain(bytes));
        let mut bytes: Box<dyn Read + Send> = match compression {
            Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(whole)),
            Some(Compression::Zstd) => {
                Box::new(zstd::stream::read::Decoder::with_buffer(whole).map_err(fail)?)
            }
            None => Box::new(whole),
        };
        let head = head(&mut bytes, HEAD).map_err(|cause| {
            if compression.is_some() {
                ImportError::Damaged { name: name.clone(), cause }
            } else {
                fail(cause)
            }
        })?;
        Ok(Unpacked { head, compressed: compression.is_some(), bytes })
    }

    /// The format: that of the bytes, else the given one, else that of the name.
    fn format(&self, given: Option<Format>, unpacked: &Unpacked) -> Result<Format, ImportError> {
        let unsupported = |what| ImportError::Unsupported { name: self.name.clone(), what };
        let head = unpacked.head.as_slice();
        let by_name = given.or_else(|| Format::of_name(&self.name));
        if head.starts_with(b"PAR1") {
            return Ok(Format::Parquet);
        }
        if head.starts_with(b"PK\x03\x04") {
            return Ok(Format::Xlsx);
        }
        if let Some(what) = foreign(head) {
            return Err(unsupported(what));
        }
        match by_name {
            Some(Format::Parquet | Format::Xlsx) if head.is_empty() => {
                return Err(ImportError::Empty { name: self.name.clone() });
            }
            Some(Format::Parquet) => return Err(unsupported("named as Parquet but is none")),
            Some(Format::Xlsx) => return Err(unsupported("named as a spreadsheet but is none")),
            Some(Format::Csv | Format::Ndjson) | None => {}
        }
        let marked = matches!(Encoding::of_head(head), Some(Encoding::Utf16Le | Encoding::Utf16Be));
        if !marked && is_binary(head.get(..512).unwrap_or(head)) {
            return Err(unsupported("binary data, not text"));
        }
        let first = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().first();
        if first == Some(&b'[') && by_name != Some(Format::Csv) {
            return Err(unsupported("one JSON array, not one object per line"));
        }
        let json = first == Some(&b'{');
        Ok(by_name.unwrap_or(if json { Format::Ndjson } else { Format::Csv }))
    }

    /// A file that can be read from any place: this one, or a copy of what can only be read in order.
    fn seekable(&mut self, unpacked: Unpacked, how: &Opening<'_>) -> Result<File, ImportError> {
        let fail = |cause| ImportError::Damaged { name: self.name.clone(), cause };
        if let (Bytes::File(file), false) = (&mut self.bytes, unpacked.compressed) {
            file.rewind().map_err(fail)?;
            return file.try_clone().map_err(fail);
        }
        let mut file = self.scratch(how)?;
        let mut bytes =
            Cursor::new(unpacked.head).chain(unpacked.bytes).take(how.scratch_max.saturating_add(1));
        let copied = io::copy(&mut bytes, &mut file).map_err(fail)?;
        if copied > how.scratch_max {
            return Err(ImportError::TooLarge { name: self.name.clone(), limit: how.scratch_max >> 20 });
        }
        file.rewind().map_err(fail)?;
        Ok(file)
    }

    /// A file that is gone when it is closed.
    fn scratch(&self, how: &Opening<'_>) -> Result<File, ImportError> {
        let folder = how.scratch.map_or_else(std::env::temp_dir, PathBuf::from);
        tempfile::tempfile_in(&folder).map_err(|cause| ImportError::Open {
            name: format!("a copy of {} in {}", self.name, folder.display()),
            cause,
        })
    }
}

/// Counts the bytes that are read.
struct Counting {
    bytes: Box<dyn Read + Send>,
    position: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(out)?;
        self.position.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The first `length` bytes, fewer at the end of the input.
fn head(bytes: &mut dyn Read, length: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    bytes.take(length).read_to_end(&mut head)?;
    Ok(head)
}

/// Names the formats that people try and that are not read, by their first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 8] = [
        (&[0xd0, 0xcf, 0x11, 0xe0], "an old spreadsheet (.xls), or one with a password; save it as .xlsx"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"BZh", "bzip2-compressed"),
        (b"\xfd7zXZ\0", "xz-compressed"),
        (b"%PDF", "a PDF document"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"ORC", "an ORC file"),
        (b"Obj\x01", "an Avro file"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::Input;

    #[test]
    fn the_stem_names_the_source() {
        for (name, stem) in [
            ("leads.csv.gz", "leads"),
            ("a/b/Leads 2026.NDJSON", "Leads 2026"),
            ("part-1.parquet.zst", "part-1"),
            ("Kunden.XLSX", "Kunden"),
            ("-", "stdin"),
            (".csv", ".csv"),
            ("people", "people"),
        ] {
            assert_eq!(Input::reader(name, Box::new(std::io::empty())).stem(), stem);
        }
    }
}
