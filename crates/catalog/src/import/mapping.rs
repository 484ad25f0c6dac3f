//! Which column feeds which field: the table of spellings, and what `--map` says.

use super::error::ImportError;
use super::field::{Field, Spellings, squeeze};
use super::report::Mapping;
use rustc_hash::FxHashMap;

/// Columns without a field that are listed; a file of objects may have any number of keys.
const UNMAPPED_LISTED: usize = 200;
/// Keys of objects whose field is remembered.
const KEYS_KEPT: usize = 10_000;

/// Finds the field of a column.
pub(super) struct Columns<F> {
    spellings: Spellings<F>,
    /// What `--map` says, by squeezed column; `None`: leave the column out.
    overrides: Vec<Override<F>>,
    known: FxHashMap<String, Option<F>>,
    mapping: Mapping,
}

struct Override<F> {
    column: String,
    field_name: String,
    squeezed: String,
    field: Option<F>,
}

impl<F: Field> Columns<F> {
    /// Reads the overrides, `(column, field)`; the field `-` leaves the column out.
    /// Errors: [`ImportError::UnknownField`].
    pub fn new(map: &[(String, String)]) -> Result<Self, ImportError> {
        let mut overrides = Vec::with_capacity(map.len());
        for (column, field_name) in map {
            let field = F::from_name(field_name);
            if field.is_none() && field_name.trim() != "-" {
                let fields = F::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                return Err(ImportError::UnknownField {
                    column: column.clone(),
                    field: field_name.clone(),
                    fields: format!("{fields}, or - to leave the column out"),
                });
            }
            overrides.push(Override {
                column: column.clone(),
                field_name: field_name.clone(),
                squeezed: squeeze(column),
                field,
            });
        }
        Ok(Self {
            spellings: Spellings::new(),
            overrides,
            known: FxHashMap::default(),
            mapping: Mapping::default(),
        })
    }

    /// Maps the header of a CSV, or the columns of a format that names them apart. Errors: [`ImportError::UnknownColumn`] for an override without its column.
    pub fn header(&mut self, file: &str, columns: &[String]) -> Result<Vec<Option<F>>, ImportError> {
        for wanted in &self.overrides {
            if !columns.iter().any(|column| *column == wanted.column || squeeze(column) == wanted.squeezed) {
                return Err(ImportError::UnknownColumn {
                    name: file.to_owned(),
                    column: wanted.column.clone(),
                    field: wanted.field_name.clone(),
                    columns: super::report::listed(columns),
                });
            }
        }
        let mut fields = Vec::with_capacity(columns.len());
        for column in columns {
            let field = self.find_and_note(column);
            if self.known.len() < KEYS_KEPT {
                self.known.insert(column.clone(), field);
            }
            fields.push(field);
        }
        Ok(fields)
    }

    /// The field of a key of an object, noted in the mapping on first sight.
    pub fn field(&mut self, key: &str) -> Option<F> {
        if let Some(field) = self.known.get(key) {
            return *field;
        }
        if self.known.len() >= KEYS_KEPT {
            return self.find(key);
        }
        let field = self.find_and_note(key);
        self.known.insert(key.to_owned(), field);
        field
    }

    /// Columns and fields so far.
    pub fn mapping(&self) -> Mapping {
        self.mapping.clone()
    }

    fn find(&self, column: &str) -> Option<F> {
        let squeezed = squeeze(column);
        let given = self.overrides.iter().rev().find(|o| o.column == column || o.squeezed == squeezed);
        given.map_or_else(|| self.spellings.field(column), |given| given.field)
    }

    fn find_and_note(&mut self, column: &str) -> Option<F> {
        let field = self.find(column);
        match field {
            Some(field) => self.mapping.mapped.push((column.to_owned(), field.name())),
            None if self.mapping.unmapped.len() < UNMAPPED_LISTED => {
                self.mapping.unmapped.push(column.to_owned())
            }
            None => {}
        }
        field
    }
}
