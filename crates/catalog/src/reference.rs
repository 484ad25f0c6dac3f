//! The plain in-memory evaluation: what a filter means, said once and without any cleverness. Engines are
//! proved against it.

use crate::facts;
use crate::text::{self, Profile};
use sluice_model::filter::{
    AccountFacet, Band, Clause, ContactFacet, Filter, Keyword, Level, Mode, Range, Text, Wrapper,
};
use sluice_model::{Company, Person, canon};

mod catalog;

pub use crate::rank::{rank_of_company, rank_of_person};
pub use catalog::ReferenceCatalog;
pub(crate) use catalog::{known, most_frequent};

/// Whether a person fits; `company` is the record with [`Person::company_id`]. Without one nothing that asks for
/// a company holds, and everything that excludes companies does.
#[must_use]
pub fn person_matches(filter: &Filter, person: &Person, company: Option<&Company>) -> bool {
    !filter.lists.people.contains(&person.id)
        && !person.company_id.is_some_and(|id| filter.lists.companies.contains(&id))
        && filter.contact.iter().all(|clause| contact(clause, person))
        && filter.account.iter().all(|clause| match company {
            Some(company) => account(clause, company),
            None => clause.wrapper.is_exclude(),
        })
}

/// Whether a company fits: the `account` part and the excluded companies.
#[must_use]
pub fn company_matches(filter: &Filter, company: &Company) -> bool {
    !filter.lists.companies.contains(&company.id)
        && filter.account.iter().all(|clause| account(clause, company))
}

/// How many of the values that `contact` asks for by any.include a person has: the order of
/// [`crate::Sort::Relevance`].
#[must_use]
pub fn person_relevance(filter: &Filter, person: &Person) -> u64 {
    let wanted = filter.contact.iter().filter(|clause| clause.wrapper == Wrapper::AnyInclude);
    wanted.map(|clause| hits(contact_values(&clause.facet, person))).sum()
}

/// How many of the values that `account` asks for by any.include a company has.
#[must_use]
pub fn company_relevance(filter: &Filter, company: &Company) -> u64 {
    let wanted = filter.account.iter().filter(|clause| clause.wrapper == Wrapper::AnyInclude);
    wanted.map(|clause| hits(account_values(&clause.facet, company))).sum()
}

fn hits(values: Vec<bool>) -> u64 {
    values.into_iter().filter(|hit| *hit).count() as u64
}

fn contact(clause: &Clause<ContactFacet>, person: &Person) -> bool {
    joined(clause.wrapper, &contact_values(&clause.facet, person))
}

fn account(clause: &Clause<AccountFacet>, company: &Company) -> bool {
    joined(clause.wrapper, &account_values(&clause.facet, company))
}

fn joined(wrapper: Wrapper, values: &[bool]) -> bool {
    match wrapper {
        Wrapper::AnyInclude => values.contains(&true),
        Wrapper::AnyExclude => !values.contains(&true),
        Wrapper::AllInclude => !values.contains(&false),
        Wrapper::AllExclude => values.contains(&false),
    }
}

/// For each value of the facet whether the person has it.
fn contact_values(facet: &ContactFacet, person: &Person) -> Vec<bool> {
    match facet {
        ContactFacet::FullName(wanted) => texts(wanted, Profile::Name, &[&person.full_name()]),
        ContactFacet::Seniority(names) => {
            let own = person.seniority.as_deref().map(text::fold);
            names.iter().map(|name| own.as_ref() == Some(&text::fold(name))).collect()
        }
        ContactFacet::LatestTitle(wanted) => {
            texts(wanted, Profile::Title, &facts::latest_title(person).into_iter().collect::<Vec<_>>())
        }
        ContactFacet::CurrentTitle(wanted) => texts(wanted, Profile::Title, &facts::current_titles(person)),
        ContactFacet::LatestCompany(values) => companies(values, &facts::latest_company(person)),
        ContactFacet::CurrentCompany(values) => companies(values, &facts::current_companies(person)),
        ContactFacet::Location(level, values) => places(*level, values, &facts::person_place(person)),
        ContactFacet::Skill(wanted) => {
            texts(wanted, Profile::Text, &person.skills.iter().map(String::as_str).collect::<Vec<_>>())
        }
        ContactFacet::Keyword(wanted) => {
            keywords(wanted, |source| (facts::person_profile(source), facts::person_texts(person, source)))
        }
    }
}

/// For each value of the facet whether the company has it.
fn account_values(facet: &AccountFacet, company: &Company) -> Vec<bool> {
    use sluice_model::filter::CompanySource;
    match facet {
        AccountFacet::NameOrDomain(wanted) => {
            let names = names(wanted, company);
            let domains = domains(&wanted.values, company);
            names.into_iter().zip(domains).map(|(name, domain)| name || domain).collect()
        }
        AccountFacet::Domain(values) => domains(values, company),
        AccountFacet::Name(wanted) => names(wanted, company),
        AccountFacet::Location(level, values) => places(*level, values, &facts::company_place(company)),
        AccountFacet::Industry(wanted) => {
            texts(wanted, Profile::Industry, &facts::company_texts(company, CompanySource::Industry))
        }
        AccountFacet::EmployeeSize(range) => vec![in_range(range, facts::company_size(company))],
        AccountFacet::Keyword(wanted) => {
            keywords(wanted, |source| (facts::company_profile(source), facts::company_texts(company, source)))
        }
    }
}

fn names(wanted: &Text, company: &Company) -> Vec<bool> {
    use sluice_model::filter::CompanySource;
    texts(wanted, Profile::Company, &facts::company_texts(company, CompanySource::Name))
}

fn domains(values: &[String], company: &Company) -> Vec<bool> {
    let own = facts::company_domain(company);
    values.iter().map(|value| own.is_some() && canon::domain(value) == own).collect()
}

fn companies(values: &[String], own: &[String]) -> Vec<bool> {
    values.iter().map(|value| facts::company_query(value).iter().any(|wanted| own.contains(wanted))).collect()
}

fn places(level: Level, values: &[String], own: &[String]) -> Vec<bool> {
    values.iter().map(|value| text::place_query(level, value).fits(own)).collect()
}

fn texts(wanted: &Text, profile: Profile, own: &[&str]) -> Vec<bool> {
    let fits = |value: &String| own.iter().any(|own| text_matches(wanted.mode, profile, value, own));
    wanted.values.iter().map(fits).collect()
}

fn keywords<'r, S: Copy>(wanted: &Keyword<S>, own: impl Fn(S) -> (Profile, Vec<&'r str>)) -> Vec<bool> {
    let fits = |value: &String| {
        wanted.sources.iter().any(|(source, mode)| {
            let (profile, texts) = own(*source);
            texts.iter().any(|text| text_matches(*mode, profile, value, text))
        })
    };
    wanted.values.iter().map(fits).collect()
}

fn in_range(range: &Range, size: Option<Band>) -> bool {
    match range {
        Range::Bands(bands) => size.is_some_and(|size| bands.iter().any(|band| band.overlaps(&size))),
        Range::Present => size.is_some(),
        Range::Absent => size.is_none(),
    }
}

/// Whether one value of a record fits one value of a filter.
#[must_use]
pub fn text_matches(mode: Mode, profile: Profile, wanted: &str, own: &str) -> bool {
    match mode {
        Mode::Smart => {
            let (wanted, own) = (text::query_tokens(profile, wanted), text::record_tokens(profile, own));
            !wanted.is_empty() && wanted.iter().all(|token| own.contains(token))
        }
        Mode::Word => {
            let (wanted, own) = (text::words(wanted), text::words(own));
            !wanted.is_empty() && own.windows(wanted.len()).any(|words| words == wanted)
        }
        Mode::Strict => {
            let wanted = text::fold(wanted);
            !wanted.is_empty() && text::fold(own) == wanted
        }
    }
}
