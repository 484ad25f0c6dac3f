//! One clause of a filter on one segment.

use super::bits::Bits;
use super::encode::{self, EmployerTerm};
use super::schema::{CompanyFields, PersonFields, TextField, column, failure};
use super::segment::Segment;
use crate::text::{self, Profile};
use crate::{CatalogError, facts};
use sluice_model::canon;
use sluice_model::filter::{
    AccountFacet, Band, Clause, CompanySource, ContactFacet, Keyword, Level, PersonSource, Range, Text,
    Wrapper,
};
use tantivy::schema::Field;

type Done = Result<(), CatalogError>;
type Seen<'s> = Option<&'s mut Vec<Bits>>;

/// Keeps the people for whom all clauses hold. Clauses that are cheap to answer come first.
pub(super) fn contact(
    segment: &mut Segment<'_>,
    fields: &PersonFields,
    clauses: &[Clause<ContactFacet>],
    mut seen: Seen<'_>,
) -> Done {
    let text = |clause: &&Clause<ContactFacet>| {
        !matches!(
            clause.facet,
            ContactFacet::Seniority(_)
                | ContactFacet::Location(..)
                | ContactFacet::LatestCompany(_)
                | ContactFacet::CurrentCompany(_)
        )
    };
    for clause in clauses.iter().filter(|clause| !text(clause)).chain(clauses.iter().filter(text)) {
        if segment.within.is_empty() {
            return Ok(());
        }
        person_clause(segment, fields, clause, seen.as_deref_mut())?;
    }
    Ok(())
}

fn person_clause(
    segment: &mut Segment<'_>,
    fields: &PersonFields,
    clause: &Clause<ContactFacet>,
    seen: Seen<'_>,
) -> Done {
    let wrapper = clause.wrapper;
    match &clause.facet {
        ContactFacet::FullName(wanted) => texts(segment, wrapper, fields.name, Profile::Name, wanted, seen),
        ContactFacet::LatestTitle(wanted) => {
            texts(segment, wrapper, fields.latest_title, Profile::Title, wanted, seen)
        }
        ContactFacet::CurrentTitle(wanted) => {
            texts(segment, wrapper, fields.current_title, Profile::Title, wanted, seen)
        }
        ContactFacet::Skill(wanted) => texts(segment, wrapper, fields.skill, Profile::Text, wanted, seen),
        ContactFacet::Seniority(names) => segment.clause(wrapper, names, seen, |segment, name| {
            segment.any_term(fields.seniority, &[text::fold(name)])
        }),
        ContactFacet::LatestCompany(values) => {
            companies(segment, wrapper, fields.employer, EmployerTerm::Latest, values, seen)
        }
        ContactFacet::CurrentCompany(values) => {
            companies(segment, wrapper, fields.employer, EmployerTerm::Current, values, seen)
        }
        ContactFacet::Location(level, values) => {
            places(segment, wrapper, fields.common.place, *level, values, seen)
        }
        ContactFacet::Keyword(wanted) => keywords(segment, wrapper, wanted, seen, |source| {
            let field = match source {
                PersonSource::Headline => fields.headline,
                PersonSource::Summary => fields.summary,
                PersonSource::Skill => fields.skill,
                PersonSource::Certification => fields.certification,
                PersonSource::Course | PersonSource::Projects => return None,
            };
            Some((field, facts::person_profile(source)))
        }),
    }
}

/// Keeps the companies for which all clauses hold. Clauses that are cheap to answer come first.
pub(super) fn account(
    segment: &mut Segment<'_>,
    fields: &CompanyFields,
    clauses: &[Clause<AccountFacet>],
    mut seen: Seen<'_>,
) -> Done {
    let text = |clause: &&Clause<AccountFacet>| {
        !matches!(
            clause.facet,
            AccountFacet::Domain(_) | AccountFacet::Location(..) | AccountFacet::EmployeeSize(_)
        )
    };
    for clause in clauses.iter().filter(|clause| !text(clause)).chain(clauses.iter().filter(text)) {
        if segment.within.is_empty() {
            return Ok(());
        }
        company_clause(segment, fields, clause, seen.as_deref_mut())?;
    }
    Ok(())
}

fn company_clause(
    segment: &mut Segment<'_>,
    fields: &CompanyFields,
    clause: &Clause<AccountFacet>,
    seen: Seen<'_>,
) -> Done {
    let wrapper = clause.wrapper;
    match &clause.facet {
        AccountFacet::NameOrDomain(wanted) => {
            segment.clause(wrapper, &wanted.values, seen, |segment, value| {
                let mut found = segment.text(fields.name, Profile::Company, wanted.mode, value)?;
                found.or(&domain(segment, fields, value)?);
                Ok(found)
            })
        }
        AccountFacet::Name(wanted) => texts(segment, wrapper, fields.name, Profile::Company, wanted, seen),
        AccountFacet::Domain(values) => {
            segment.clause(wrapper, values, seen, |segment, value| domain(segment, fields, value))
        }
        AccountFacet::Location(level, values) => {
            places(segment, wrapper, fields.common.place, *level, values, seen)
        }
        AccountFacet::Industry(wanted) => {
            texts(segment, wrapper, fields.industry, Profile::Industry, wanted, seen)
        }
        AccountFacet::EmployeeSize(wanted) => {
            segment.clause(wrapper, std::slice::from_ref(wanted), seen, range)
        }
        AccountFacet::Keyword(wanted) => keywords(segment, wrapper, wanted, seen, |source| {
            let field = match source {
                CompanySource::Name => fields.name,
                CompanySource::Keyword => fields.keyword,
                CompanySource::Description => fields.description,
                CompanySource::Industry => fields.industry,
                CompanySource::Seo => return None,
            };
            Some((field, facts::company_profile(source)))
        }),
    }
}

fn domain(segment: &Segment<'_>, fields: &CompanyFields, value: &str) -> Result<Bits, CatalogError> {
    let wanted: Vec<String> = canon::domain(value).map(|domain| format!("d:{domain}")).into_iter().collect();
    segment.any_term(fields.site, &wanted)
}

fn texts(
    segment: &mut Segment<'_>,
    wrapper: Wrapper,
    field: TextField,
    profile: Profile,
    wanted: &Text,
    seen: Seen<'_>,
) -> Done {
    segment.clause(wrapper, &wanted.values, seen, |segment, value| {
        segment.text(field, profile, wanted.mode, value)
    })
}

fn companies(
    segment: &mut Segment<'_>,
    wrapper: Wrapper,
    field: Field,
    when: EmployerTerm,
    values: &[String],
    seen: Seen<'_>,
) -> Done {
    segment.clause(wrapper, values, seen, |segment, value| {
        segment.any_term(field, &encode::employer_query(when, &facts::company_query(value)))
    })
}

fn places(
    segment: &mut Segment<'_>,
    wrapper: Wrapper,
    field: Field,
    level: Level,
    values: &[String],
    seen: Seen<'_>,
) -> Done {
    segment.clause(wrapper, values, seen, |segment, value| {
        let wanted = text::place_query(level, value);
        let mut found = segment.any_term(field, &wanted.any)?;
        if let Some((first, rest)) = wanted.parts.split_first() {
            let mut all = segment.any_term(field, first)?;
            for part in rest {
                all.and(&segment.any_term(field, part)?);
            }
            found.or(&all);
        }
        Ok(found)
    })
}

fn keywords<S: Copy>(
    segment: &mut Segment<'_>,
    wrapper: Wrapper,
    wanted: &Keyword<S>,
    seen: Seen<'_>,
    field: impl Fn(S) -> Option<(TextField, Profile)>,
) -> Done {
    segment.clause(wrapper, &wanted.values, seen, |segment, value| {
        let mut found = segment.none();
        for (source, mode) in &wanted.sources {
            if let Some((field, profile)) = field(*source) {
                found.or(&segment.text(field, profile, *mode, value)?);
            }
        }
        Ok(found)
    })
}

/// Documents in question whose number of employees lies in the range.
fn range(segment: &Segment<'_>, range: &Range) -> Result<Bits, CatalogError> {
    let columns = segment.reader.fast_fields();
    let from = columns.u64(column::SIZE_FROM).map_err(failure)?;
    let to = columns.u64(column::SIZE_TO).map_err(failure)?;
    let mut found = segment.within.clone();
    found.retain(|doc| {
        let size = from.first(doc).zip(to.first(doc));
        match range {
            Range::Present => size.is_some(),
            Range::Absent => size.is_none(),
            Range::Bands(bands) => size.is_some_and(|(from, to)| {
                let size = Band { start: Some(from), end: Some(to) };
                bands.iter().any(|band| band.overlaps(&size))
            }),
        }
    });
    Ok(found)
}
