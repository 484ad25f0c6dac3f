//! The fields of the two indexes.

use super::encode::{ValueTokenizer, WordTokenizer};
use crate::CatalogError;
use std::path::Path;
use tantivy::directory::MmapDirectory;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};
use tantivy::{Index, IndexSettings, IndexSortByField, Order, TantivyError};

/// A text facet: tokens and whole values in one field, words with their places in another.
#[derive(Clone, Copy)]
pub(super) struct TextField {
    pub tokens: Field,
    pub words: Field,
    /// Whether a record can have several values: then tokens have the number of their value as position.
    pub multi: bool,
}

/// What both kinds of records have.
#[derive(Clone, Copy)]
pub(super) struct CommonFields {
    /// The 16 bytes of the id.
    pub id: Field,
    pub id_high: Field,
    pub id_low: Field,
    pub rank: Field,
    /// For each identity key two numbers, see `keys.rs`.
    pub keys: Field,
    pub record: Field,
    pub place: Field,
}

/// The facets that stand in columns, by name.
pub(super) type Facets = Vec<(&'static str, Field)>;

pub(super) struct PersonFields {
    pub facets: Facets,
    pub common: CommonFields,
    /// The sequence number of the company plus one; 0 without a company.
    pub company: Field,
    pub seniority: Field,
    pub name: TextField,
    pub latest_title: TextField,
    pub current_title: TextField,
    pub skill: TextField,
    pub headline: TextField,
    pub summary: TextField,
    pub certification: TextField,
    /// Employers, see `encode::employer_terms`.
    pub employer: Field,
}

pub(super) struct CompanyFields {
    pub facets: Facets,
    pub common: CommonFields,
    /// The sequence number, which never changes.
    pub seq: Field,
    /// Has the term `1` unless the record only reserves a sequence number.
    pub live: Field,
    pub site: Field,
    pub name: TextField,
    pub industry: TextField,
    pub keyword: TextField,
    pub description: TextField,
    pub size_from: Field,
    pub size_to: Field,
}

/// Names of columns.
pub(super) mod column {
    pub const ID_HIGH: &str = "id_high";
    pub const ID_LOW: &str = "id_low";
    pub const RANK: &str = "rank";
    pub const KEYS: &str = "keys";
    pub const COMPANY: &str = "company";
    pub const SEQ: &str = "seq";
    pub const SIZE_FROM: &str = "size_from";
    pub const SIZE_TO: &str = "size_to";
    /// Before the names of facets that are counted.
    pub const FACET: &str = "facet_";
}

struct Builder(SchemaBuilder);

impl Builder {
    fn number(&mut self, name: &str) -> Field {
        self.0.add_u64_field(name, NumericOptions::default().set_fast())
    }

    /// Terms that are looked up as they are.
    fn terms(&mut self, name: &str) -> Field {
        self.indexed(name, "raw", IndexRecordOption::Basic)
    }

    fn indexed(&mut self, name: &str, tokenizer: &str, option: IndexRecordOption) -> Field {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(option)
            .set_fieldnorms(false);
        self.0.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
    }

    fn text(&mut self, name: &str, multi: bool) -> TextField {
        let option = if multi { IndexRecordOption::WithFreqsAndPositions } else { IndexRecordOption::Basic };
        TextField {
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

    fn common(&mut self) -> CommonFields {
        CommonFields {
            id: self.0.add_bytes_field("id", BytesOptions::default().set_indexed()),
            id_high: self.number(column::ID_HIGH),
            id_low: self.number(column::ID_LOW),
            rank: self.number(column::RANK),
            keys: self.number(column::KEYS),
            record: self.0.add_bytes_field("record", BytesOptions::default().set_stored()),
            place: self.terms("place"),
        }
    }
}

/// The facets of people that stand in columns of their own; the others are their companies'.
pub(super) const PERSON_COLUMNS: [&str; 3] = ["seniority", "title", "country"];

/// The schema of the people's index.
pub(super) fn people() -> (Schema, PersonFields) {
    let mut builder = Builder(Schema::builder());
    let fields = PersonFields {
        facets: builder.facets(&PERSON_COLUMNS),
        common: builder.common(),
        company: builder.number(column::COMPANY),
        seniority: builder.terms("seniority"),
        name: builder.text("name", false),
        latest_title: builder.text("latest_title", false),
        current_title: builder.text("current_title", true),
        skill: builder.text("skill", true),
        headline: builder.text("headline", false),
        summary: builder.text("summary", false),
        certification: builder.text("certification", true),
        employer: builder.terms("employer"),
    };
    (builder.0.build(), fields)
}

/// The schema of the companies' index.
pub(super) fn companies() -> (Schema, CompanyFields) {
    let mut builder = Builder(Schema::builder());
    let fields = CompanyFields {
        facets: builder.facets(&crate::facts::COMPANY_FACETS),
        common: builder.common(),
        seq: builder.number(column::SEQ),
        live: builder.terms("live"),
        site: builder.terms("site"),
        name: builder.text("name", true),
        industry: builder.text("industry", false),
        keyword: builder.text("keyword", true),
        description: builder.text("description", true),
        size_from: builder.number(column::SIZE_FROM),
        size_to: builder.number(column::SIZE_TO),
    };
    (builder.0.build(), fields)
}

/// Opens the index in `dir`, a new one when there is none. Documents lie in the order of their rank, the best
/// first, so that a page of hits is a stretch of a segment.
pub(super) fn open(dir: &Path, schema: Schema) -> Result<Index, CatalogError> {
    std::fs::create_dir_all(dir)?;
    let directory = MmapDirectory::open(dir).map_err(|error| failure(TantivyError::from(error)))?;
    let settings = IndexSettings {
        sort_by_field: Some(IndexSortByField { field: column::RANK.to_owned(), order: Order::Desc }),
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
