//! Opening what is imported: its format, and whether it is compressed.

use super::error::ImportError;
use flate2::bufread::MultiGzDecoder;
use sluice_model::Time;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated (or semicolon, tab, bar: the header line tells), with a header line.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

/// Something to import: a name, which tells the format and the source, and bytes.
pub struct Input {
    /// File name, or any name for what is no file.
    pub name: String,
    /// When the file was last changed, if it is one: a good time of observation, since it stays the same
    /// when the same file is imported again.
    pub modified: Option<Time>,
    pub(super) bytes: Box<dyn Read + Send>,
}

impl Input {
    /// Opens a file. Errors: [`ImportError::Open`].
    pub fn file(path: &Path) -> Result<Self, ImportError> {
        let fail = |cause| ImportError::Open { name: path.display().to_string(), cause };
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_dir() {
            return Err(fail(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let modified = metadata
            .modified()
            .ok()
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .map(Time::from_millis);
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        Ok(Self { name, modified, bytes: Box::new(file) })
    }

    /// Takes bytes from anywhere, such as standard input (call that `-`).
    #[must_use]
    pub fn reader(name: impl Into<String>, bytes: Box<dyn Read + Send>) -> Self {
        Self { name: name.into(), modified: None, bytes }
    }

    /// The file name without folder and endings (`leads.csv.gz` → `leads`): the source unless another is given.
    #[must_use]
    pub fn stem(&self) -> &str {
        let mut stem = self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name);
        for ending in [".gz", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json"] {
            let Some(at) = stem.len().checked_sub(ending.len()).filter(|at| *at > 0) else { continue };
            if stem.is_char_boundary(at) && stem[at..].eq_ignore_ascii_case(ending) {
                stem = &stem[..at];
            }
        }
        if stem == "-" { "stdin" } else { stem }
    }

    /// Finds format and compression, and returns the plain bytes. A gzip header counts more than the name.
    pub(super) fn open(
        self,
        format: Option<Format>,
    ) -> Result<(String, Format, Box<dyn Read + Send>), ImportError> {
        let name = self.name;
        let mut bytes = self.bytes;
        let read = |cause| ImportError::Open { name: name.clone(), cause };
        let head = head(&mut bytes, 6).map_err(read)?;
        let gzip = head.starts_with(&[0x1f, 0x8b]);
        let lower = name.to_ascii_lowercase();
        if let Some(what) = foreign(&head) {
            return Err(ImportError::Unsupported { name, what });
        }
        let plain = lower.strip_suffix(".gz");
        if plain.is_some() && !gzip && !head.is_empty() {
            return Err(ImportError::Unsupported { name, what: "named .gz but not gzip data" });
        }
        let bytes: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(bytes));
        let mut bytes: Box<dyn Read + Send> = if gzip {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(256 * 1024, bytes)))
        } else {
            bytes
        };
        let by_name = match plain.unwrap_or(&lower).rsplit_once('.').map(|(_, ending)| ending) {
            Some("csv" | "tsv" | "txt" | "tab") => Some(Format::Csv),
            Some("ndjson" | "jsonl" | "json") => Some(Format::Ndjson),
            _ => None,
        };
        let start = self::head(&mut bytes, 64).map_err(read)?;
        if gzip && let Some(what) = foreign(&start) {
            return Err(ImportError::Unsupported { name, what });
        }
        let first = start.trim_ascii_start().first();
        let json = first == Some(&b'{');
        if first == Some(&b'[') && by_name != Some(Format::Csv) {
            return Err(ImportError::Unsupported { name, what: "one JSON array, not one object per line" });
        }
        let format = format.or(by_name).unwrap_or(if json { Format::Ndjson } else { Format::Csv });
        Ok((name, format, Box::new(Cursor::new(start).chain(bytes))))
    }
}

/// The first `length` bytes, fewer at the end of the input.
fn head(bytes: &mut dyn Read, length: u64) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    bytes.take(length).read_to_end(&mut head)?;
    Ok(head)
}

/// Names the formats that people try and that are not read, by their first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 7] = [
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed"),
        (b"PAR1", "a Parquet file"),
        (b"PK\x03\x04", "a ZIP archive or a spreadsheet (.xlsx)"),
        (&[0xd0, 0xcf, 0x11, 0xe0], "an old spreadsheet (.xls)"),
        (&[0xff, 0xfe], "UTF-16 text, save it as UTF-8"),
        (&[0xfe, 0xff], "UTF-16 text, save it as UTF-8"),
        (b"BZh", "bzip2-compressed"),
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
            ("-", "stdin"),
            (".csv", ".csv"),
            ("people", "people"),
        ] {
            assert_eq!(Input::reader(name, Box::new(std::io::empty())).stem(), stem);
        }
    }
}
