//! What a record becomes in the index.

use super::encode::{self, Analyser};
use super::record;
use super::schema::{CommonFields, CompanyFields, PersonFields, TextField};
use crate::text::{self, Profile};
use crate::{CatalogError, Rank, facts, rank};
use sluice_model::filter::{CompanySource, PersonSource};
use sluice_model::{Company, Person};
use tantivy::TantivyDocument;
use tantivy::schema::Field;
use uuid::Uuid;

/// Room for a usual document from the start.
const DOCUMENT_BYTES: usize = 3 << 10;

/// Adds the values of a text facet.
fn add_text(
    document: &mut TantivyDocument,
    field: TextField,
    profile: Profile,
    values: &[&str],
    analyser: &mut Analyser,
) {
    if values.is_empty() {
        return;
    }
    let (tokens, words) = analyser.values(profile, values);
    document.add_text(field.tokens, tokens);
    document.add_text(field.words, words);
}

fn add_terms(document: &mut TantivyDocument, field: Field, terms: &[String]) {
    for term in terms {
        document.add_text(field, encode::term(term));
    }
}

/// Who the record is, and where it stands in the order.
pub(super) fn add_identity(
    document: &mut TantivyDocument,
    fields: &CommonFields,
    id: Uuid,
    rank: Rank,
    keys: &[u64],
) {
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

/// A person as a document, and the stored bytes. `company` is the sequence number of their company, `keys` the
/// numbers of their identity keys.
pub(super) fn person(
    fields: &PersonFields,
    person: &Person,
    company: Option<u32>,
    keys: &[u64],
    analyser: &mut Analyser,
) -> Result<(TantivyDocument, Vec<u8>), CatalogError> {
    let mut document = TantivyDocument::with_capacity(DOCUMENT_BYTES);
    let out = &mut document;
    add_identity(out, &fields.common, person.id, rank::rank_of_person(person), keys);
    out.add_u64(fields.company, company.map_or(0, |seq| u64::from(seq) + 1));
    add_terms(out, fields.common.place, &analyser.place(person));
    add_terms(out, fields.employer, &encode::employer_terms(person, analyser));
    if let Some(seniority) = &person.seniority {
        out.add_text(fields.seniority, encode::term(&text::fold(seniority)));
    }
    add_text(out, fields.name, Profile::Name, &[&person.full_name()], analyser);
    let latest: Vec<&str> = facts::latest_title(person).into_iter().collect();
    add_text(out, fields.latest_title, Profile::Title, &latest, analyser);
    add_text(out, fields.current_title, Profile::Title, &facts::current_titles(person), analyser);
    for (field, source) in [
        (fields.skill, PersonSource::Skill),
        (fields.headline, PersonSource::Headline),
        (fields.summary, PersonSource::Summary),
        (fields.certification, PersonSource::Certification),
    ] {
        add_text(out, field, facts::person_profile(source), &facts::person_texts(person, source), analyser);
    }
    add_facets(out, &fields.facets, |facet| match facet {
        "country" => analyser.country(person),
        _ => facts::person_facet(person, None, facet),
    });
    let bytes = record::encode(person)?;
    out.add_bytes(fields.common.record, &bytes);
    Ok((document, bytes))
}

/// A company as a document, and the stored bytes; `seq` is its sequence number.
pub(super) fn company(
    fields: &CompanyFields,
    company: &Company,
    seq: u32,
    keys: &[u64],
    analyser: &mut Analyser,
) -> Result<(TantivyDocument, Vec<u8>), CatalogError> {
    let mut document = TantivyDocument::with_capacity(DOCUMENT_BYTES);
    let out = &mut document;
    add_identity(out, &fields.common, company.id, rank::rank_of_company(company), keys);
    out.add_u64(fields.seq, u64::from(seq));
    out.add_text(fields.live, "1");
    add_terms(out, fields.site, &facts::company_sites(company));
    add_terms(out, fields.common.place, &facts::company_place(company));
    for (field, source) in [
        (fields.name, CompanySource::Name),
        (fields.industry, CompanySource::Industry),
        (fields.keyword, CompanySource::Keyword),
        (fields.description, CompanySource::Description),
    ] {
        add_text(
            out,
            field,
            facts::company_profile(source),
            &facts::company_texts(company, source),
            analyser,
        );
    }
    if let Some(size) = facts::company_size(company) {
        out.add_u64(fields.size_from, size.start.unwrap_or(0));
        out.add_u64(fields.size_to, size.end.unwrap_or(u64::MAX));
    }
    add_facets(out, &fields.facets, |facet| facts::company_facet(company, facet));
    let bytes = record::encode(company)?;
    out.add_bytes(fields.common.record, &bytes);
    Ok((document, bytes))
}

/// A document that only reserves the sequence number of a company whose record is not known yet.
pub(super) fn reserved(fields: &CompanyFields, id: Uuid, seq: u32) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    add_identity(&mut document, &fields.common, id, Rank(0), &[]);
    document.add_u64(fields.seq, u64::from(seq));
    document
}
