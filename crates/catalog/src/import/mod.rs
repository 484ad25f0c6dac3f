//! Import: files of companies or people into the catalog.
//!
//! A file is read through before its first row is taken, so that one that is cut off leaves the catalog as it was.
//! One thread reads, decompresses, splits and cleans rows; the calling thread finds the record of each row,
//! merges, and hands it to the index, whose own threads write. Memory stays bounded by a few batches of rows.
//! Identity is described in `identity.rs`, merging in `merge.rs`, the spellings of columns lie in
//! `data/import/*.tsv`.

mod apply;
mod cells;
mod clean;
mod company_row;
mod encoding;
mod error;
mod field;
mod guard;
mod identity;
mod input;
mod lines;
mod mapping;
mod merge;
mod parquet;
mod person_row;
mod reader;
mod records;
mod rejects;
mod report;
mod row;
mod sheet;

pub use encoding::Encoding;
pub use error::ImportError;
pub use input::{Format, Input};
pub use records::{company_of, person_of};
pub use rejects::Rejects;
pub use report::{Counts, ImportReport, Mapping, Preview, Warning, Warnings};

use crate::{CatalogError, Writer};
use apply::Applier;
use company_row::CompanyRow;
use field::Field;
use input::Opening;
use person_row::{PersonInput, PersonRow};
use reader::{Batch, Reader};
use row::{Defaults, Row};
use sluice_model::id::Random;
use sluice_model::{Company, EntityKind, Time};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// Rows that are read, looked up and written together.
const CHUNK: usize = 500;
/// Rows of a chunk where looking up costs some milliseconds, whatever is asked for.
const LARGE_CHUNK: usize = 5_000;
/// Chunks that wait between the reading and the writing thread.
const WAITING: usize = 32;

/// Bytes of a file that is unpacked to be read: 16 GiB.
const SCRATCH_MAX: u64 = 16 << 30;

/// How to import.
#[derive(Clone)]
pub struct ImportOptions {
    /// What the rows are.
    pub kind: EntityKind,
    /// Who saw the data; `None`: [`Input::stem`]. A row's own `source` counts more.
    pub source: Option<String>,
    /// When the data was seen; `None`: [`Input::modified`], else `now`. A row's own `observed_at` counts more.
    /// Importing a file again changes nothing as long as this is the same.
    pub observed_at: Option<Time>,
    /// Column and field, which beat the built-in spellings; the field `-` leaves the column out.
    pub map: Vec<(String, String)>,
    /// How the rows are written; `None`: the first bytes tell, else the name.
    pub format: Option<Format>,
    /// How the characters of text are written; `None`: the bytes tell.
    pub encoding: Option<Encoding>,
    /// The sheet of a spreadsheet; `None`: the first that is shown.
    pub sheet: Option<String>,
    /// Reads a file through before its first row is taken, so that one that is cut off leaves nothing. A stream
    /// cannot be.
    pub check: bool,
    /// Where copies are put of what must be read out of order and cannot; `None`: the system's place for that.
    pub scratch: Option<PathBuf>,
    /// Bytes that such a copy may have.
    pub scratch_max: u64,
    /// Rows between two commits: what a crash can lose, and what a search sees at once.
    pub commit_rows: u64,
    /// The time now, for `createdAt`, `updatedAt` and new ids.
    pub now: Time,
    /// Randomness for new ids.
    pub random: Arc<dyn Random>,
}

impl ImportOptions {
    /// Imports `kind` with everything else left to the file; commits every 200 000 rows.
    #[must_use]
    pub fn new(kind: EntityKind, now: Time, random: Arc<dyn Random>) -> Self {
        Self {
            kind,
            source: None,
            observed_at: None,
            map: Vec::new(),
            format: None,
            encoding: None,
            sheet: None,
            check: true,
            scratch: None,
            scratch_max: SCRATCH_MAX,
            commit_rows: 200_000,
            now,
            random,
        }
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            format: self.format,
            encoding: self.encoding,
            sheet: self.sheet.as_deref(),
            check: self.check,
            scratch: self.scratch.as_deref(),
            scratch_max: self.scratch_max,
        }
    }

    fn defaults(&self, input: &Input) -> Defaults {
        Defaults {
            source: self.source.clone().unwrap_or_else(|| input.stem().to_owned()),
            observed_at: self.observed_at.or(input.modified).or(Some(self.now)),
        }
    }
}

/// The names of the fields that rows of a kind can have, as `--map column=field` takes them.
#[must_use]
pub fn fields(kind: EntityKind) -> Vec<&'static str> {
    match kind {
        EntityKind::Company => field::CompanyField::ALL.iter().map(|(name, _)| *name).collect(),
        EntityKind::Person => field::PersonField::ALL.iter().map(|(name, _)| *name).collect(),
    }
}

/// Imports all rows of `input`; `progress` is told the counts after each chunk of rows.
///
/// A bad row goes to `rejects` and the import goes on. When an error ends the import, what was committed stays,
/// which nothing is of a file that was checked; drop the writer to forget the rest. Importing the same input again
/// is harmless.
///
/// # Errors
/// Every [`ImportError`]; before the first row for what is wrong with the file or the mapping.
pub fn import(
    writer: &mut dyn Writer,
    options: &ImportOptions,
    input: Input,
    rejects: &mut Rejects,
    progress: &mut dyn FnMut(&Counts),
) -> Result<ImportReport, ImportError> {
    match options.kind {
        EntityKind::Company => run::<CompanyRow>(
            writer,
            options,
            input,
            rejects,
            progress,
            |applier, rows: Vec<Company>, counts| applier.companies(rows, counts),
        ),
        EntityKind::Person => run::<PersonRow>(
            writer,
            options,
            input,
            rejects,
            progress,
            |applier, rows: Vec<PersonInput>, counts| applier.people(rows, counts),
        ),
    }
}

/// Shows what an import would make of the first `rows` rows, and writes nothing.
///
/// # Errors
/// Those of [`import`] that come from the file or the mapping.
pub fn preview(options: &ImportOptions, input: Input, rows: usize) -> Result<Preview, ImportError> {
    match options.kind {
        EntityKind::Company => show::<CompanyRow>(options, input, rows, serde_json::to_value),
        EntityKind::Person => show::<PersonRow>(options, input, rows, |row| serde_json::to_value(row.person)),
    }
}

fn show<R: Row>(
    options: &ImportOptions,
    input: Input,
    rows: usize,
    record: impl Fn(R::Output) -> serde_json::Result<serde_json::Value>,
) -> Result<Preview, ImportError> {
    let defaults = options.defaults(&input);
    // What is looked at is only the beginning.
    let opened = input.open(&Opening { check: false, ..options.opening() })?;
    let mut reader = Reader::<R>::start(opened, &options.map, defaults)?;
    let (batch, end) = reader.batch(rows);
    if let Err(cause) = end {
        return Err(reader.read_error(cause, 0));
    }
    let mut records = Vec::with_capacity(batch.rows.len());
    for row in batch.rows {
        let mut value = record(row).map_err(|error| CatalogError::Corrupt(error.to_string()))?;
        // Ids are given when the record is stored.
        if let Some(object) = value.as_object_mut()
            && object
                .get("id")
                .and_then(|id| id.as_str())
                .is_some_and(|id| id == uuid::Uuid::nil().to_string())
        {
            object.shift_remove("id");
        }
        records.push(value);
    }
    let rejected = batch.rejects.into_iter().map(|reject| (reject.line, reject.reason)).collect();
    Ok(Preview { mapping: reader.mapping(), records, rejected, warnings: batch.warnings })
}

/// What the reading thread says.
enum Message<T> {
    Rows(Batch<T>),
    /// The last; a failure with the line before it.
    End {
        mapping: Mapping,
        failure: Option<(u64, io::Error)>,
    },
}

fn run<R: Row>(
    writer: &mut dyn Writer,
    options: &ImportOptions,
    input: Input,
    rejects: &mut Rejects,
    progress: &mut dyn FnMut(&Counts),
    apply: impl Fn(&mut Applier<'_>, Vec<R::Output>, &mut Counts) -> Result<(), CatalogError>,
) -> Result<ImportReport, ImportError> {
    let defaults = options.defaults(&input);
    let opened = input.open(&options.opening())?;
    let name = opened.name.clone();
    let mut reader = Reader::<R>::start(opened, &options.map, defaults)?;
    let chunk = if writer.looks_ahead() { LARGE_CHUNK } else { CHUNK };
    let mut applier = Applier::new(writer, options.now, options.random.as_ref());
    let mut report = ImportReport::default();
    let (sender, receiver) = sync_channel::<Message<R::Output>>(WAITING * CHUNK / chunk);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                let (batch, end) = reader.batch(chunk);
                // A closed channel: the other side failed and says so.
                if sender.send(Message::Rows(batch)).is_err() {
                    return;
                }
                let failure = match end {
                    Ok(false) => continue,
                    Ok(true) => None,
                    Err(cause) => Some((reader.line(), cause)),
                };
                let _ = sender.send(Message::End { mapping: reader.mapping(), failure });
                return;
            }
        });
        let (mut uncommitted, mut kept) = (0, 0);
        for message in receiver {
            match message {
                Message::Rows(batch) => {
                    for reject in &batch.rejects {
                        rejects.write(&name, reject).map_err(ImportError::Rejects)?;
                    }
                    let counts = &mut report.counts;
                    counts.read += batch.read;
                    counts.rejected += batch.rejects.len() as u64;
                    report::add_warnings(&mut report.warnings, batch.warnings);
                    apply(&mut applier, batch.rows, counts)?;
                    uncommitted += batch.read;
                    if uncommitted >= options.commit_rows {
                        applier.commit()?;
                        uncommitted = 0;
                        kept = report.counts.read;
                    }
                    progress(&report.counts);
                }
                Message::End { failure: Some((line, cause)), .. } => {
                    return Err(ImportError::Read { name: name.clone(), line, cause, kept });
                }
                Message::End { mapping, failure: None } => {
                    applier.commit()?;
                    rejects.flush().map_err(ImportError::Rejects)?;
                    report.mapping = mapping;
                    return Ok(report);
                }
            }
        }
        // The reading thread ended without a word: it panicked.
        let cause = io::Error::other("reading stopped");
        Err(ImportError::Read { name: name.clone(), line: 0, cause, kept })
    })
}
