//! Reading rows: frames in, records and rejects out.

use super::cells::{Cells, separator};
use super::error::ImportError;
use super::input::Opened;
use super::lines::{Frame, Frames};
use super::mapping::Columns;
use super::rejects::Reject;
use super::report::{self, Mapping, Warnings};
use super::row::{Defaults, Notes, Row, json_reason};
use serde_json::Value;
use std::io::Read;

/// Levels of nested objects in a flat JSON row.
const NESTING_MAX: usize = 8;
const OPEN_QUOTE: &str = "a quote opens and never closes";

/// Rows that were read together.
pub(super) struct Batch<T> {
    pub rows: Vec<T>,
    pub rejects: Vec<Reject>,
    pub read: u64,
    pub warnings: Warnings,
}

impl<T> Batch<T> {
    fn new(rows: usize) -> Self {
        Self {
            rows: Vec::with_capacity(rows.min(10_000)),
            rejects: Vec::new(),
            read: 0,
            warnings: Warnings::new(),
        }
    }
}

/// Reads the rows of one input.
pub(super) struct Reader<R: Row> {
    name: String,
    /// Rows are JSON objects, else CSV.
    json: bool,
    /// What is to be said of the whole input, with the first batch.
    note: Option<&'static str>,
    frames: Frames<Box<dyn Read + Send>>,
    columns: Columns<R::Field>,
    header: Vec<Option<R::Field>>,
    separator: u8,
    cells: Cells,
    defaults: Defaults,
}

impl<R: Row> Reader<R> {
    /// Starts reading; of a CSV, reads the header.
    pub fn start(opened: Opened, map: &[(String, String)], defaults: Defaults) -> Result<Self, ImportError> {
        let mut reader = Self {
            name: opened.name,
            json: opened.json,
            note: opened.note,
            frames: Frames::new(opened.bytes),
            columns: Columns::new(map)?,
            header: Vec::new(),
            separator: b',',
            cells: Cells::default(),
            defaults,
        };
        match opened.columns {
            Some(columns) if columns.is_empty() => return Err(ImportError::NoHeader { name: reader.name }),
            // The columns of whole records are not mapped by name.
            Some(columns) if !is_record::<R>(&columns) => drop(reader.take_header(&columns)?),
            None if !reader.json => reader.read_header()?,
            Some(_) | None => {}
        }
        Ok(reader)
    }

    /// The columns and fields met so far.
    pub fn mapping(&self) -> Mapping {
        self.columns.mapping()
    }

    /// The last line that was read.
    pub fn line(&self) -> u64 {
        self.frames.line().saturating_sub(1)
    }

    /// The error of an input that cannot be read on, after `kept` rows were committed.
    pub fn read_error(&self, cause: std::io::Error, kept: u64) -> ImportError {
        ImportError::Read { name: self.name.clone(), line: self.line(), cause, kept }
    }

    fn read_header(&mut self) -> Result<(), ImportError> {
        let no_header = || ImportError::NoHeader { name: self.name.clone() };
        let mut given = None;
        loop {
            let frame = match self.frames.next() {
                Ok(frame) => frame,
                Err(cause) => return Err(self.read_error(cause, 0)),
            };
            let Some(Frame::Row { bytes, .. }) = frame else { return Err(no_header()) };
            let line = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            if line.trim_ascii().is_empty() {
                continue;
            }
            // A spreadsheet's own way to name the separator.
            if let [b's', b'e', b'p', b'=', separator] = line {
                given = Some(*separator);
                continue;
            }
            self.separator = given.unwrap_or_else(|| separator(line));
            break;
        }
        // Once more, now that quoted column names with line breaks can be told.
        self.frames.again();
        self.frames.set_separator(self.separator);
        let Ok(Some(Frame::Row { bytes, .. })) = self.frames.next() else { return Err(no_header()) };
        let line = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(line);
        self.cells.split(&text, self.separator);
        let columns: Vec<String> = self.cells.iter().map(|column| column.trim().to_owned()).collect();
        self.header = self.take_header(&columns)?;
        Ok(())
    }

    /// Maps the columns of a header, one of which must hold the name.
    fn take_header(&mut self, columns: &[String]) -> Result<Vec<Option<R::Field>>, ImportError> {
        let header = self.columns.header(&self.name, columns)?;
        let fields: Vec<R::Field> = header.iter().flatten().copied().collect();
        R::check_columns(&fields).map_err(|needed| ImportError::NoNameColumn {
            name: self.name.clone(),
            needed,
            columns: report::listed(columns),
        })?;
        Ok(header)
    }

    /// The next `size` rows or fewer, and whether that was the end. An error of the input comes with the rows
    /// that were read before it.
    pub fn batch(&mut self, size: usize) -> (Batch<R::Output>, Result<bool, std::io::Error>) {
        let mut batch = Batch::new(size);
        if let Some(note) = self.note.take() {
            report::warn(&mut batch.warnings, note, 1);
        }
        // Rejects count too: a file of nothing but bad rows must not pile up.
        while batch.read < size as u64 {
            match self.row(&mut batch) {
                Ok(true) => {}
                Ok(false) => return (batch, Ok(true)),
                Err(cause) => return (batch, Err(cause)),
            }
        }
        (batch, Ok(false))
    }

    /// Reads one row into the batch. `false` at the end.
    fn row(&mut self, batch: &mut Batch<R::Output>) -> std::io::Result<bool> {
        let Some(frame) = self.frames.next()? else { return Ok(false) };
        let (line, lines, bytes) = match frame {
            Frame::Row { line, lines, bytes } => (line, lines, bytes),
            Frame::TooLong { line, head } => {
                reject(batch, line, "the row is longer than 1 MiB", head);
                return Ok(true);
            }
            Frame::OpenQuote { line, bytes } => {
                reject(batch, line, OPEN_QUOTE, bytes);
                return Ok(true);
            }
        };
        let bytes = if line == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        if bytes.trim_ascii().is_empty() {
            return Ok(true);
        }
        let mut notes = Notes { warnings: &mut batch.warnings, line };
        let result = match check(bytes) {
            Err(reason) => Err(reason.to_owned()),
            Ok(text) if !self.json => {
                self.cells.split(text, self.separator);
                let (has, wants) = (self.cells.len(), self.header.len());
                let open_quote = lines > 1 && self.cells.stray();
                if has != wants || open_quote {
                    let reason = if open_quote {
                        OPEN_QUOTE.to_owned()
                    } else {
                        format!("the row has {has} values, the header has {wants} columns")
                    };
                    // A forgotten closing quote runs on into the next rows: give them back.
                    let bytes = if lines > 1 { self.frames.again_from_second_line() } else { bytes };
                    reject(batch, line, &reason, bytes);
                    return Ok(true);
                }
                let mut row = R::default();
                for (field, cell) in self.header.iter().zip(self.cells.iter()) {
                    if let Some(field) = field {
                        row.set(*field, cell, true, &mut notes);
                    }
                }
                row.finish(&self.defaults, &mut notes)
            }
            Ok(text) if R::is_record(text) => R::from_record(text, &self.defaults, &mut notes),
            Ok(text) => flat::<R>(text, &mut self.columns, &self.defaults, &mut notes),
        };
        match result {
            Ok(row) => {
                batch.read += 1;
                batch.rows.push(row);
            }
            Err(reason) => reject(batch, line, &reason, bytes),
        }
        Ok(true)
    }
}

/// Whether these are the columns of whole records.
fn is_record<R: Row>(columns: &[String]) -> bool {
    columns.iter().flat_map(|column| column.split('.')).any(|part| R::is_record(&format!("\"{part}\"")))
}

fn reject<T>(batch: &mut Batch<T>, line: u64, reason: &str, raw: &[u8]) {
    batch.read += 1;
    batch.rejects.push(Reject { line, reason: reason.to_owned(), raw: raw.to_vec() });
}

/// Text that a row may consist of.
fn check(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.contains(&0) {
        return Err("the row holds a NUL character");
    }
    std::str::from_utf8(bytes).map_err(|_| "the row is not valid UTF-8")
}

/// Reads a JSON object whose keys are columns; those of nested objects are joined (`company.name`).
pub(super) fn flat<R: Row>(
    line: &str,
    columns: &mut Columns<R::Field>,
    defaults: &Defaults,
    notes: &mut Notes<'_>,
) -> Result<R::Output, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| json_reason(&error))?;
    let Value::Object(object) = value else { return Err("not a JSON object".to_owned()) };
    let mut row = R::default();
    for (key, value) in &object {
        set::<R>(&mut row, key, value, columns, notes, NESTING_MAX);
    }
    row.finish(defaults, notes)
}

fn set<R: Row>(
    row: &mut R,
    key: &str,
    value: &Value,
    columns: &mut Columns<R::Field>,
    notes: &mut Notes<'_>,
    depth: usize,
) {
    match value {
        Value::Null => {}
        Value::Object(object) => {
            if depth == 0 {
                notes.warn("a value is nested too deep");
                return;
            }
            for (inner, value) in object {
                set::<R>(row, &format!("{key}.{inner}"), value, columns, notes, depth - 1);
            }
        }
        Value::Array(list) => {
            for value in list {
                match value {
                    Value::Array(_) | Value::Null => {}
                    Value::Object(_) => set::<R>(row, key, value, columns, notes, depth.min(1)),
                    Value::String(text) => scalar(row, key, text, false, columns, notes),
                    other => scalar(row, key, &other.to_string(), false, columns, notes),
                }
            }
        }
        Value::String(text) => scalar(row, key, text, true, columns, notes),
        other => scalar(row, key, &other.to_string(), true, columns, notes),
    }
}

fn scalar<R: Row>(
    row: &mut R,
    key: &str,
    text: &str,
    split: bool,
    columns: &mut Columns<R::Field>,
    notes: &mut Notes<'_>,
) {
    if let Some(field) = columns.field(key) {
        row.set(field, text, split, notes);
    }
}
