//! Exact counts by facet.

use super::bits::Bits;
use super::query::Query;
use super::schema::{PERSON_COLUMNS, column, failure};
use crate::reference::most_frequent;
use crate::{CatalogError, Count, FacetCounts, Search, Sort, Window};
use sluice_model::EntityKind;
use std::collections::BTreeMap;
use tantivy::SegmentReader;

type Counts = BTreeMap<String, BTreeMap<String, u64>>;

impl Query<'_> {
    pub fn count(&self, wanted: &Count) -> Result<(u64, FacetCounts), CatalogError> {
        let search = Search {
            filter: wanted.filter.clone(),
            ids: None,
            window: Window::Page { offset: 0, limit: 0 },
            count: true,
            sort: Sort::Rank,
            now: wanted.now,
        };
        let facets: Vec<&str> = wanted.known_facets().into_iter().collect();
        let (total, counts) = match wanted.kind {
            EntityKind::Person => self.count_people(&search, &facets)?,
            EntityKind::Company => self.count_companies(&search, &facets)?,
        };
        Ok((
            total,
            counts.into_iter().map(|(facet, values)| (facet, most_frequent(values, wanted.top))).collect(),
        ))
    }

    fn count_people(&self, search: &Search, facets: &[&str]) -> Result<(u64, Counts), CatalogError> {
        let wanted = self.people(search)?;
        let own: Vec<&str> = facets.iter().copied().filter(|facet| PERSON_COLUMNS.contains(facet)).collect();
        let of_company: Vec<&str> = facets.iter().copied().filter(|facet| !own.contains(facet)).collect();
        let companies = self.snapshot.addresses()?.len();
        let parts = self.each(&self.snapshot.people, |_, reader| {
            let mut answer = self.people_in(reader, &wanted)?;
            answer.settle();
            let mut by_company: Vec<u32> = Vec::new();
            if !of_company.is_empty() {
                by_company.resize(companies + 1, 0);
                let company =
                    reader.fast_fields().u64(column::COMPANY).map_err(failure)?.first_or_default_col(0);
                for doc in answer.fits.iter() {
                    let at = usize::try_from(company.get_val(doc)).unwrap_or(0);
                    if let Some(count) = by_company.get_mut(at) {
                        *count += 1;
                    }
                }
            }
            Ok((answer.fits.count(), facet_counts(reader, &answer.fits, &own)?, by_company))
        })?;
        let mut counts = empty(facets);
        // By the value of the company column: the sequence number plus one.
        let mut by_company: Vec<u64> = vec![0; companies + 1];
        let mut total = 0;
        for (part, values, companies) in parts {
            total += part;
            merge(&mut counts, values);
            for (sum, count) in by_company.iter_mut().zip(companies) {
                *sum += u64::from(count);
            }
        }
        if !of_company.is_empty() {
            for reader in self.snapshot.companies.segment_readers() {
                let seq = reader.fast_fields().u64(column::SEQ).map_err(failure)?.first_or_default_col(0);
                let segment = self.companies_in(reader, None)?;
                let weight = |doc: u32| {
                    let at = usize::try_from(seq.get_val(doc) + 1).unwrap_or(usize::MAX);
                    by_company.get(at).copied().unwrap_or(0)
                };
                merge(&mut counts, weighted(reader, &segment.within, &of_company, weight)?);
            }
        }
        Ok((total, counts))
    }

    fn count_companies(&self, search: &Search, facets: &[&str]) -> Result<(u64, Counts), CatalogError> {
        let wanted = self.companies(search);
        let parts = self.each(&self.snapshot.companies, |_, reader| {
            let mut answer = self.companies_fitting(reader, &wanted)?;
            answer.settle();
            Ok((answer.fits.count(), facet_counts(reader, &answer.fits, facets)?))
        })?;
        let mut counts = empty(facets);
        let mut total = 0;
        for (part, values) in parts {
            total += part;
            merge(&mut counts, values);
        }
        Ok((total, counts))
    }
}

fn empty(facets: &[&str]) -> Counts {
    facets.iter().map(|facet| ((*facet).to_owned(), BTreeMap::new())).collect()
}

fn merge(counts: &mut Counts, part: Counts) {
    for (facet, values) in part {
        let own = counts.entry(facet).or_default();
        for (value, count) in values {
            *own.entry(value).or_default() += count;
        }
    }
}

fn facet_counts(reader: &SegmentReader, docs: &Bits, facets: &[&str]) -> Result<Counts, CatalogError> {
    weighted(reader, docs, facets, |_| 1)
}

/// For each facet its values with the sum of the weights of their documents.
fn weighted(
    reader: &SegmentReader,
    docs: &Bits,
    facets: &[&str],
    weight: impl Fn(u32) -> u64,
) -> Result<Counts, CatalogError> {
    let mut out = Counts::new();
    for facet in facets {
        let Some(values) = reader.fast_fields().str(&format!("{}{facet}", column::FACET)).map_err(failure)?
        else {
            continue;
        };
        let mut sums = vec![0_u64; values.num_terms()];
        for doc in docs.iter() {
            let ord = values.ords().first(doc).and_then(|ord| usize::try_from(ord).ok());
            if let Some(sum) = ord.and_then(|ord| sums.get_mut(ord)) {
                *sum += weight(doc);
            }
        }
        let counts = out.entry((*facet).to_owned()).or_default();
        let mut name = String::new();
        for (ord, sum) in (0..).zip(sums).filter(|(_, sum)| *sum > 0) {
            name.clear();
            values.ord_to_str(ord, &mut name)?;
            counts.insert(name.clone(), sum);
        }
    }
    Ok(out)
}
