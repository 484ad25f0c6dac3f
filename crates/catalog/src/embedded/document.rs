//! What a record becomes in the index.

use super::encode::{self, Texts, ValueField};
use super::record;
use super::schema::{CommonFields, CompanyFields, PersonFields, ValueFields};
use super::values::Numbering;
use crate::facts::{NumberField, Sink, Teller, TermField, TextField};
use crate::text::Profile;
use crate::{CatalogError, Rank, facts, rank};
use serde::Serialize;
use sluice_model::{Company, Person};
use tantivy::schema::Field;
use tantivy::{Searcher, TantivyDocument};
use uuid::Uuid;

/// Room for a usual document from the start.
const DOCUMENT_BYTES: usize = 2 << 10;

/// Makes documents of records.
#[derive(Default)]
pub(super) struct Maker {
    teller: Teller,
    /// By direct field, in the order of the schema.
    texts: Vec<Texts>,
    latest: Vec<String>,
    buffer: Vec<u8>,
}

/// The values that documents refer to.
pub(super) struct Values<'v> {
    pub numbering: &'v mut Numbering,
    pub committed: &'v Searcher,
    pub fields: &'v ValueFields,
}

/// Writes what a record says into its document.
struct Document<'d, 'v> {
    out: TantivyDocument,
    fields: &'d CommonFields,
    values: &'d mut Values<'v>,
    texts: &'d mut Vec<Texts>,
    /// Terms of the latest employer that wait to be told whether they are of a present one, too.
    latest: &'d mut Vec<String>,
    buffer: &'d mut Vec<u8>,
    failed: Option<CatalogError>,
}

impl Sink for Document<'_, '_> {
    fn text(&mut self, field: TextField, value: &str) {
        if field.is_common() {
            self.value(ValueField::Text(field), value);
        } else if let Some(at) = self.fields.direct.iter().position(|(own, _)| *own == field) {
            if self.texts.len() <= at {
                self.texts.resize(at + 1, Texts::default());
            }
            if let Some(texts) = self.texts.get_mut(at) {
                texts.add(field.profile(), value, None);
            }
        }
    }

    fn term(&mut self, field: TermField, term: &str) {
        if field == TermField::LatestEmployer {
            self.latest.push(term.to_owned());
            return;
        }
        let both = field == TermField::CurrentEmployer
            && match self.latest.iter().position(|latest| latest == term) {
                Some(at) => {
                    self.latest.swap_remove(at);
                    true
                }
                None => false,
            };
        encode::write_term((!both).then_some(field), term, self.buffer);
        self.out.add_bytes(self.fields.terms, self.buffer);
    }

    fn place(&mut self, city: Option<&str>, state: Option<&str>, country: Option<&str>) {
        for (field, name) in
            [(ValueField::City, city), (ValueField::State, state), (ValueField::Country, country)]
        {
            if let Some(name) = name {
                self.value(field, name);
            }
        }
    }

    fn number(&mut self, field: NumberField, number: u64) {
        if let Some((_, own)) = self.fields.numbers.iter().find(|(own, _)| *own == field) {
            self.out.add_u64(*own, number);
        }
    }
}

impl Values<'_> {
    fn number(&mut self, profile: Profile, value: &str) -> Result<u32, CatalogError> {
        self.numbering.number(self.committed, self.fields, profile, value)
    }
}

impl Document<'_, '_> {
    fn value(&mut self, field: ValueField, value: &str) {
        match self.values.number(field.profile(), value) {
            Ok(number) => self.out.add_bytes(self.fields.terms, &field.value(number)),
            Err(error) => self.failed = Some(error),
        }
    }

    fn finish(mut self) -> Result<TantivyDocument, CatalogError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        for term in self.latest.drain(..) {
            self.out.add_bytes(self.fields.terms, &encode::term_of(TermField::LatestEmployer, &term));
        }
        for ((_, field), texts) in self.fields.direct.iter().zip(self.texts.iter_mut()) {
            if !texts.is_empty() {
                self.out.add_text(field.tokens, &texts.tokens);
                self.out.add_text(field.words, &texts.words);
                texts.clear();
            }
        }
        Ok(self.out)
    }
}

/// Who the record is, and where it stands in the order.
fn add_identity(document: &mut TantivyDocument, fields: &CommonFields, id: Uuid, rank: Rank, keys: &[u64]) {
    let (high, low) = id.as_u64_pair();
    document.add_bytes(fields.id, id.as_bytes());
    document.add_u64(fields.id_high, high);
    document.add_u64(fields.id_low, low);
    document.add_u64(fields.rank, rank.0);
    for key in keys {
        document.add_u64(fields.keys, *key);
    }
}

fn add_facets(
    document: &mut TantivyDocument,
    facets: &[(&'static str, Field)],
    mut value: impl FnMut(&str) -> Option<String>,
) {
    for (name, field) in facets {
        if let Some(value) = value(name) {
            document.add_text(*field, value);
        }
    }
}

impl Maker {
    /// A person as a document, and the stored bytes. `company` is the sequence number of their company, `keys`
    /// the numbers of their identity keys.
    pub fn person(
        &mut self,
        fields: &PersonFields,
        person: &Person,
        company: Option<u32>,
        keys: &[u64],
        mut values: Values<'_>,
    ) -> Result<(TantivyDocument, Vec<u8>), CatalogError> {
        let mut out = TantivyDocument::with_capacity(DOCUMENT_BYTES);
        add_identity(&mut out, &fields.common, person.id, rank::rank_of_person(person), keys);
        out.add_u64(fields.company, company.map_or(0, |seq| u64::from(seq) + 1));
        add_facets(&mut out, &fields.facets, |facet| match facet {
            "country" => self.teller.country(person),
            _ => facts::person_facet(person, None, facet),
        });
        self.finish(out, &fields.common, person, &mut values, |teller, sink| teller.person(person, sink))
    }

    /// A company as a document, and the stored bytes; `seq` is its sequence number.
    pub fn company(
        &mut self,
        fields: &CompanyFields,
        company: &Company,
        seq: u32,
        keys: &[u64],
        mut values: Values<'_>,
    ) -> Result<(TantivyDocument, Vec<u8>), CatalogError> {
        let mut out = TantivyDocument::with_capacity(DOCUMENT_BYTES);
        add_identity(&mut out, &fields.common, company.id, rank::rank_of_company(company), keys);
        out.add_u64(fields.seq, u64::from(seq));
        out.add_text(fields.live, "1");
        add_facets(&mut out, &fields.facets, |facet| facts::company_facet(company, facet));
        self.finish(out, &fields.common, company, &mut values, |teller, sink| teller.company(company, sink))
    }

    /// Adds the record itself and what `tell` says of it; returns the stored bytes as well.
    fn finish<T: Serialize>(
        &mut self,
        mut out: TantivyDocument,
        fields: &CommonFields,
        record: &T,
        values: &mut Values<'_>,
        tell: impl FnOnce(&mut Teller, &mut Document<'_, '_>),
    ) -> Result<(TantivyDocument, Vec<u8>), CatalogError> {
        let Self { teller, texts, latest, buffer } = self;
        latest.clear();
        texts.iter_mut().for_each(Texts::clear);
        let bytes = record::encode(record)?;
        out.add_bytes(fields.record, &bytes);
        let mut sink = Document { out, fields, values, texts, latest, buffer, failed: None };
        tell(teller, &mut sink);
        Ok((sink.finish()?, bytes))
    }
}

/// A document that only reserves the sequence number of a company whose record is not known yet.
pub(super) fn reserved(fields: &CompanyFields, id: Uuid, seq: u32) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    add_identity(&mut document, &fields.common, id, Rank(0), &[]);
    document.add_u64(fields.seq, u64::from(seq));
    document
}
