//! Importing: cleaning, identity, merging, rejects, and files as a whole.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, its helpers too")]

mod cleaning;
mod damaged;
mod encodings;
mod files;
mod identity;
mod merging;
mod parquet;
mod rejects;
mod shared;
mod sheets;

use flate2::Compression;
use flate2::write::GzEncoder;
use sluice_catalog::import::{Counts, ImportError, ImportOptions, ImportReport, Input, Rejects, import};
use sluice_catalog::{CatalogWriter, EmbeddedCatalog};
use sluice_model::id::Random;
use sluice_model::{Company, EntityKind, Person, Time};
use std::io::{Cursor, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Randomness that counts, so that ids differ and runs are alike.
pub struct Counting(pub AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (at, byte) in bytes.iter_mut().rev().enumerate() {
            *byte = number[7 - at % 8];
        }
    }
}

/// A place that rejects are written to and read from.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A new catalog, and the state that imports into it share.
struct Lab {
    /// Opened anew after a failure, which forgets what was not committed.
    writer: Option<CatalogWriter>,
    random: Arc<Counting>,
    map: Vec<(String, String)>,
    rejected: Shared,
    sheet: Option<String>,
    check: bool,
    commit_rows: u64,
    catalog: EmbeddedCatalog,
    folder: tempfile::TempDir,
}

fn day(day: i64) -> Time {
    Time::parse("2026-01-01").unwrap().plus_days(day)
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = EmbeddedCatalog::open(folder.path()).unwrap();
        Self {
            writer: Some(catalog.writer().unwrap()),
            random: Arc::new(Counting(AtomicU64::new(1))),
            map: Vec::new(),
            rejected: Shared::default(),
            sheet: None,
            check: true,
            commit_rows: 200_000,
            catalog,
            folder,
        }
    }

    /// Imports bytes that were seen on the `seen`th day of the year, one day later, as standard input would.
    fn try_import(
        &mut self,
        kind: EntityKind,
        name: &str,
        seen: i64,
        bytes: &[u8],
    ) -> Result<ImportReport, ImportError> {
        self.try_input(kind, seen, Input::reader(name, Box::new(Cursor::new(bytes.to_vec()))))
    }

    /// The same, from a file.
    fn try_file(&mut self, kind: EntityKind, name: &str, bytes: &[u8]) -> Result<ImportReport, ImportError> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        self.try_input(kind, 0, Input::file(&path)?)
    }

    fn try_input(&mut self, kind: EntityKind, seen: i64, input: Input) -> Result<ImportReport, ImportError> {
        let mut options = ImportOptions::new(kind, day(seen + 1), self.random.clone());
        options.map.clone_from(&self.map);
        options.sheet.clone_from(&self.sheet);
        options.scratch_max = 1 << 20;
        (options.check, options.commit_rows) = (self.check, self.commit_rows);
        options.observed_at = Some(day(seen));
        let mut rejects = Rejects::to_writer(Box::new(self.rejected.clone())).unwrap();
        let mut last = Counts::default();
        let writer = self.writer.as_mut().unwrap();
        let result = import(writer, &options, input, &mut rejects, &mut |counts| last = *counts);
        rejects.flush().unwrap();
        match &result {
            Ok(ImportReport { counts, .. }) => {
                assert_eq!(counts.read, counts.created + counts.updated + counts.unchanged + counts.rejected);
                assert!(counts.read == 0 || last.read > 0, "progress was told");
            }
            Err(_) => {
                self.writer = None;
                self.writer = Some(self.catalog.writer().unwrap());
            }
        }
        result
    }

    fn writer(&self) -> &CatalogWriter {
        self.writer.as_ref().unwrap()
    }

    fn companies(&mut self, name: &str, seen: i64, text: &str) -> ImportReport {
        self.try_import(EntityKind::Company, name, seen, text.as_bytes()).unwrap()
    }

    fn people(&mut self, name: &str, seen: i64, text: &str) -> ImportReport {
        self.try_import(EntityKind::Person, name, seen, text.as_bytes()).unwrap()
    }

    /// The company that carries this identity key.
    fn company(&self, key: &str) -> Option<Company> {
        let id = self.writer().find(EntityKind::Company, &[key.to_owned()])[0]?;
        Some(self.writer().get_company(id).unwrap().unwrap())
    }

    /// The person that carries this identity key.
    fn person(&self, key: &str) -> Option<Person> {
        let id = self.writer().find(EntityKind::Person, &[key.to_owned()])[0]?;
        Some(self.writer().get_person(id).unwrap().unwrap())
    }

    /// Line and reason of what was rejected.
    fn rejected(&self) -> Vec<(u64, String)> {
        let bytes = self.rejected.0.lock().unwrap().clone();
        csv::Reader::from_reader(bytes.as_slice())
            .records()
            .map(Result::unwrap)
            .filter(|row| &row[0] != "line")
            .map(|row| (row[0].parse().unwrap(), row[1].to_owned()))
            .collect()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).unwrap()
}

/// Created, updated, unchanged, rejected.
fn outcome(report: &ImportReport) -> [u64; 4] {
    let counts = report.counts;
    [counts.created, counts.updated, counts.unchanged, counts.rejected]
}
