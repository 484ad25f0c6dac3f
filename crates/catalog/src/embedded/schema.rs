//! The fields of the three indexes.

use super::encode::{ValueTokenizer, WordTokenizer};
use crate::CatalogError;
use crate::facts::{NumberField, TextField};
use sluice_model::EntityKind;
use std::path::Path;
use tantivy::directory::MmapDirectory;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};
use tantivy::{Index, IndexSettings, IndexSortByField, Order, TantivyError};

/// A text that is searched where it stands: tokens and whole values in one field, words with their places in
/// another.
#[derive(Clone, Copy)]
pub(super) struct DirectField {
    pub tokens: Field,
    pub words: Field,
    /// Whether a document can have several values: then tokens have the number of their value as position.
    pub multi: bool,
}

/// What both kinds of records have.
pub(super) struct CommonFields {
    /// The 16 bytes of the id.
    pub id: Field,
    pub id_high: Field,
    pub id_low: Field,
    pub rank: Field,
    /// For each identity key two numbers, see `keys.rs`.
    pub keys: Field,
    pub record: Field,
    /// Terms, and the numbers of common values; see `encode::term_of` and `encode::ValueField`.
    pub terms: Field,
    /// Texts that are not common.
    pub direct: Vec<(TextField, DirectField)>,
    pub numbers: Vec<(NumberField, Field)>,
}

impl CommonFields {
    pub fn direct(&self, wanted: TextField) -> Option<DirectField> {
        self.direct.iter().find(|(field, _)| *field == wanted).map(|(_, own)| *own)
    }
}

/// The facets that stand in columns, by name.
pub(super) type Facets = Vec<(&'static str, Field)>;

pub(super) struct PersonFields {
    pub facets: Facets,
    pub common: CommonFields,
    /// The sequence number of the company plus one; 0 without a company.
    pub company: Field,
}

pub(super) struct CompanyFields {
    pub facets: Facets,
    pub common: CommonFields,
    /// The sequence number, which never changes.
    pub seq: Field,
    /// Has the term `1` unless the record only reserves a sequence number.
    pub live: Field,
}

/// The values that stand in many records, each once. Nothing is ever taken out.
pub(super) struct ValueFields {
    /// Profile and value as they came, see `encode::value_key`.
    pub key: Field,
    /// The number that stands for the value in the documents of records.
    pub number: Field,
    pub text: DirectField,
}

/// Names of columns.
pub(super) mod column {
    pub const ID_HIGH: &str = "id_high";
    pub const ID_LOW: &str = "id_low";
    pub const RANK: &str = "rank";
    pub const KEYS: &str = "keys";
    pub const COMPANY: &str = "company";
    pub const SEQ: &str = "seq";
    pub const NUMBER: &str = "number";
    /// Before the names of facets that are counted.
    pub const FACET: &str = "facet_";
}

/// A column without values, by whose name an index of another analysis of texts is told from this one: what was
/// indexed would not be found. The number goes up when the tables of `data` change what values become.
pub(crate) const ANALYSIS: &str = "analysis_1";

struct Builder(SchemaBuilder);

impl Builder {
    fn number(&mut self, name: &str) -> Field {
        self.0.add_u64_field(name, NumericOptions::default().set_fast())
    }

    /// Bytes that are looked up as they are.
    fn bytes(&mut self, name: &str) -> Field {
        self.0.add_bytes_field(name, BytesOptions::default().set_indexed())
    }

    fn indexed(&mut self, name: &str, tokenizer: &str, option: IndexRecordOption) -> Field {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(option)
            .set_fieldnorms(false);
        self.0.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
    }

    fn direct(&mut self, name: &str, multi: bool) -> DirectField {
        let option = if multi { IndexRecordOption::WithFreqsAndPositions } else { IndexRecordOption::Basic };
        DirectField {
            tokens: self.indexed(name, "values", option),
            words: self.indexed(&format!("{name}_words"), "words", IndexRecordOption::WithFreqsAndPositions),
            multi,
        }
    }

    fn facets(&mut self, names: &[&'static str]) -> Facets {
        let mut add = |name: &'static str| {
            let options = TextOptions::default().set_fast("raw");
            (name, self.0.add_text_field(&format!("{}{name}", column::FACET), options))
        };
        names.iter().map(|name| add(name)).collect()
    }

    fn common(&mut self, kind: EntityKind) -> CommonFields {
        self.number(ANALYSIS);
        let own = TextField::ALL.iter().filter(|field| field.kind() == kind && !field.is_common());
        let numbers = NumberField::ALL.iter().filter(|field| field.kind() == kind);
        CommonFields {
            id: self.bytes("id"),
            id_high: self.number(column::ID_HIGH),
            id_low: self.number(column::ID_LOW),
            rank: self.number(column::RANK),
            keys: self.number(column::KEYS),
            record: self.0.add_bytes_field("record", BytesOptions::default().set_stored()),
            terms: self.bytes("terms"),
            direct: own.map(|field| (*field, self.direct(field.name(), has_several(*field)))).collect(),
            numbers: numbers.map(|field| (*field, self.number(field.name()))).collect(),
        }
    }
}

/// Whether a record can have several values of a text that is not common.
fn has_several(field: TextField) -> bool {
    !matches!(field, TextField::FullName | TextField::Headline | TextField::Summary | TextField::Url)
}

/// The facets of people that stand in columns of their own; the others are their companies'.
pub(super) const PERSON_COLUMNS: [&str; 3] = ["seniority", "title", "country"];

/// The schema of the people's index.
pub(super) fn people() -> (Schema, PersonFields) {
    let mut builder = Builder(Schema::builder());
    let fields = PersonFields {
        facets: builder.facets(&PERSON_COLUMNS),
        common: builder.common(EntityKind::Person),
        company: builder.number(column::COMPANY),
    };
    (builder.0.build(), fields)
}

/// The schema of the companies' index.
pub(super) fn companies() -> (Schema, CompanyFields) {
    let mut builder = Builder(Schema::builder());
    let fields = CompanyFields {
        facets: builder.facets(&crate::facts::COMPANY_FACETS),
        common: builder.common(EntityKind::Company),
        seq: builder.number(column::SEQ),
        live: builder.indexed("live", "raw", IndexRecordOption::Basic),
    };
    (builder.0.build(), fields)
}

/// The schema of the index of common values.
pub(super) fn values() -> (Schema, ValueFields) {
    let mut builder = Builder(Schema::builder());
    let fields = ValueFields {
        key: builder.bytes("key"),
        number: builder.number(column::NUMBER),
        text: builder.direct("text", false),
    };
    (builder.0.build(), fields)
}

/// Opens the index in `dir`, a new one when there is none. With `ranked` documents lie in the order of their
/// rank, the best first, so that a page of hits is a stretch of a segment.
pub(super) fn open(dir: &Path, schema: Schema, ranked: bool) -> Result<Index, CatalogError> {
    std::fs::create_dir_all(dir)?;
    let directory = MmapDirectory::open(dir).map_err(|error| failure(TantivyError::from(error)))?;
    let settings = IndexSettings {
        sort_by_field: ranked
            .then(|| IndexSortByField { field: column::RANK.to_owned(), order: Order::Desc }),
        // Handing each block to another thread costs more than compressing it.
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    };
    let exists = Index::exists(&directory)
        .map_err(|error| CatalogError::Unavailable(format!("{}: {error}", dir.display())))?;
    let index = if exists {
        let index = Index::open(directory).map_err(failure)?;
        if index.schema() != schema {
            return Err(CatalogError::Corrupt(format!("{} was made by another version", dir.display())));
        }
        index
    } else {
        Index::create(directory, schema, settings).map_err(failure)?
    };
    index.tokenizers().register("values", ValueTokenizer);
    index.tokenizers().register("words", WordTokenizer);
    Ok(index)
}

/// An error of the engine as the catalog's.
pub(super) fn failure(error: TantivyError) -> CatalogError {
    match error {
        TantivyError::LockFailure(..) => CatalogError::Locked,
        TantivyError::DataCorruption(error) => CatalogError::Corrupt(format!("{error:?}")),
        TantivyError::IoError(error) => {
            CatalogError::Io(std::io::Error::new(error.kind(), error.to_string()))
        }
        error => CatalogError::Unavailable(error.to_string()),
    }
}
