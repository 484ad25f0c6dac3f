//! The plain in-memory evaluation: what a filter means, said once and without any cleverness. Engines are
//! proved against it.

use crate::facts::{self, Employers, TextField, dates, globe, links};
use crate::text::{self, Profile};
use sluice_model::filter::{
    AccountFacet, Band, Clause, CompanySource, ContactFacet, Filter, Graduation, Keyword, Level, Mode, Range,
    Text, Wrapper,
};
use sluice_model::{Company, Person, Time, canon};
use std::sync::Arc;

mod catalog;

pub use crate::rank::{rank_of_company, rank_of_person};
pub use catalog::ReferenceCatalog;
pub(crate) use catalog::most_frequent;

/// Whether a person fits; `company` is the record with [`Person::company_id`]. Without one nothing that asks for
/// a company holds, and everything that excludes companies does. `now` is what durations count to.
#[must_use]
pub fn person_matches(filter: &Filter, person: &Person, company: Option<&Company>, now: Time) -> bool {
    !filter.lists.people.contains(&person.id)
        && !person.company_id.is_some_and(|id| filter.lists.companies.contains(&id))
        && filter.contact.iter().all(|clause| contact(clause, person, now))
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
pub fn person_relevance(filter: &Filter, person: &Person, now: Time) -> u64 {
    let wanted = filter.contact.iter().filter(|clause| clause.wrapper == Wrapper::AnyInclude);
    wanted.map(|clause| hits(contact_values(&clause.facet, person, now))).sum()
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

fn contact(clause: &Clause<ContactFacet>, person: &Person, now: Time) -> bool {
    joined(clause.wrapper, &contact_values(&clause.facet, person, now))
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
fn contact_values(facet: &ContactFacet, person: &Person, now: Time) -> Vec<bool> {
    let month = dates::this_month(now);
    let since = |band: &Band, start: Option<u64>| {
        vec![start.is_some_and(|start| holds(band, month.saturating_sub(start)))]
    };
    match facet {
        ContactFacet::FullName(wanted) => texts(wanted, TextField::FullName, &[&person.full_name()]),
        ContactFacet::Seniority(names) => {
            let own = person.seniority.as_deref().map(text::fold);
            names.iter().map(|name| own.as_ref() == Some(&text::fold(name))).collect()
        }
        ContactFacet::Department(names) => {
            each(names, |name| facts::departments(person).contains(&facts::department(name)))
        }
        ContactFacet::LatestTitle(wanted) => {
            let own: Vec<&str> = facts::latest_title(person).into_iter().collect();
            texts(wanted, TextField::LatestTitle, &own)
        }
        ContactFacet::CurrentTitle(wanted) => {
            texts(wanted, TextField::CurrentTitle, &facts::current_titles(person))
        }
        ContactFacet::PreviousTitle(wanted) => {
            texts(wanted, TextField::PreviousTitle, &facts::previous_titles(person))
        }
        ContactFacet::CompanyMonths(band) => since(band, dates::company_since(person)),
        ContactFacet::JobMonths(band) => since(band, dates::job_since(person)),
        ContactFacet::ExperienceMonths(band) => {
            vec![dates::work(person).is_some_and(|work| holds(band, work.until(month)))]
        }
        ContactFacet::LatestCompany(values) => companies(values, &employers(person).latest),
        ContactFacet::CurrentCompany(values) => companies(values, &employers(person).current),
        ContactFacet::PreviousCompany(values) => companies(values, &employers(person).previous),
        ContactFacet::Location(level, values) => places(*level, values, &facts::person_place(person)),
        ContactFacet::Skill(wanted) => listed(wanted, TextField::Skill, &person.skills),
        ContactFacet::Certification(wanted) => {
            listed(wanted, TextField::Certification, &person.certifications)
        }
        ContactFacet::Keyword(wanted) => {
            keywords(wanted, |source| (facts::person_source(source), facts::person_texts(person, source)))
        }
        ContactFacet::Language(wanted) => {
            let own: Vec<&str> = person.languages.iter().map(|own| own.language.as_str()).collect();
            texts(wanted, TextField::Spoken, &own)
        }
        ContactFacet::LanguageCount(wanted) => {
            let count = person.languages.len() as u64;
            vec![in_range(wanted, (count > 0).then_some(count))]
        }
        ContactFacet::School(wanted) => studied(wanted, TextField::School, person),
        ContactFacet::Degree(wanted) => studied(wanted, TextField::Degree, person),
        ContactFacet::FieldOfStudy(wanted) => studied(wanted, TextField::FieldOfStudy, person),
        ContactFacet::Graduation(wanted) => vec![graduated(*wanted, person)],
        ContactFacet::Linkedin(values) => {
            let own = person.linkedin_url.as_deref().and_then(canon::linkedin_person);
            each(values, |url| own.is_some() && canon::linkedin_person(url) == own)
        }
        ContactFacet::SocialLink(values) => linked(values, &links::of_person(person)),
        ContactFacet::Network(names) => {
            each(names, |name| links::of_person(person).networks.contains(&name.as_str()))
        }
        ContactFacet::Badge(names) => each(names, |name| has_folded(&person.badges, name)),
        ContactFacet::Followers(wanted) => vec![in_range(wanted, person.followers)],
        ContactFacet::Connections(wanted) => vec![in_range(wanted, person.connections)],
        ContactFacet::HasEmail(wanted) => vec![facts::has_email(person) == *wanted],
        ContactFacet::HasPhone(wanted) => vec![facts::has_phone(person) == *wanted],
        ContactFacet::UpdatedWithinDays(days) => {
            let today = u64::try_from(now.day()).unwrap_or(0);
            vec![facts::observed_day(person).is_some_and(|day| day + u64::from(*days) >= today)]
        }
    }
}

/// For each value of the facet whether the company has it.
fn account_values(facet: &AccountFacet, company: &Company) -> Vec<bool> {
    let funding = company.funding.as_ref();
    match facet {
        AccountFacet::NameOrDomain(wanted) => {
            let names = sourced(wanted, CompanySource::Name, company);
            let domains = domains(&wanted.values, company);
            names.into_iter().zip(domains).map(|(name, domain)| name || domain).collect()
        }
        AccountFacet::Domain(values) => domains(values, company),
        AccountFacet::Name(wanted) => sourced(wanted, CompanySource::Name, company),
        AccountFacet::Url(wanted) => {
            let values = wanted.values.iter().map(|url| links::address(url).unwrap_or_default()).collect();
            let own: Vec<String> = facts::company_url(company).into_iter().collect();
            listed(&Text { mode: wanted.mode, values }, TextField::Url, &own)
        }
        AccountFacet::Linkedin(values) => {
            let own = company.linkedin_url.as_deref().and_then(canon::linkedin_company);
            each(values, |url| own.is_some() && canon::linkedin_company(url) == own)
        }
        AccountFacet::SocialLink(values) => linked(values, &links::of_company(company)),
        AccountFacet::Phone(values) => {
            let own = facts::phones(&company.phones);
            each(values, |number| facts::phone(number).is_some_and(|number| own.contains(&number)))
        }
        AccountFacet::Location(level, values) => places(*level, values, &facts::company_place(company)),
        AccountFacet::Industry(wanted) => sourced(wanted, CompanySource::Industry, company),
        AccountFacet::EmployeeSize(range) => vec![size_in_range(range, facts::company_size(company))],
        AccountFacet::Revenue(wanted) => vec![in_range(wanted, company.revenue)],
        AccountFacet::RetailSize(wanted) => vec![in_range(wanted, company.retail_size)],
        AccountFacet::FoundedYear(wanted) => vec![in_range(wanted, facts::founded(company))],
        AccountFacet::Type(names) => {
            each(names, |name| facts::company_type(company) == Some(text::fold(name)))
        }
        AccountFacet::Technology(wanted) => listed(wanted, TextField::Technology, &company.technologies),
        AccountFacet::Product(wanted) => listed(wanted, TextField::Product, &company.products_and_services),
        AccountFacet::Keyword(wanted) => {
            keywords(wanted, |source| (facts::company_source(source), facts::company_texts(company, source)))
        }
        AccountFacet::Language(names) => each(names, |name| has_folded(&company.languages, name)),
        AccountFacet::FundingType(names) => {
            let own = funding.and_then(|funding| funding.round.as_deref()).map(text::fold);
            each(names, |name| own.as_ref() == Some(&text::fold(name)))
        }
        AccountFacet::FundingTotal(wanted) => {
            vec![in_range(wanted, funding.and_then(|funding| funding.total_amount))]
        }
        AccountFacet::FundingLast(wanted) => {
            vec![in_range(wanted, funding.and_then(|funding| funding.last_amount))]
        }
        AccountFacet::FundingDate(days) => vec![facts::funding_day(company).is_some_and(|day| {
            let bound = |day: i32| u64::try_from(day).unwrap_or(0);
            days.start.is_none_or(|start| day >= bound(start)) && days.end.is_none_or(|end| day <= bound(end))
        })],
        AccountFacet::Near(circle) => {
            let (centre, most) = globe::circle(*circle);
            let point = facts::company_point(company);
            vec![point.is_some_and(|point| globe::distance(globe::place(point), centre) <= most)]
        }
        AccountFacet::Naics(codes) => each(codes, |code| facts::naics(company).contains(code)),
    }
}

fn each(values: &[String], has: impl Fn(&String) -> bool) -> Vec<bool> {
    values.iter().map(has).collect()
}

fn has_folded(own: &[String], wanted: &str) -> bool {
    let wanted = text::fold(wanted);
    !wanted.is_empty() && own.iter().any(|own| text::fold(own) == wanted)
}

fn linked(values: &[String], own: &links::Links) -> Vec<bool> {
    each(values, |url| links::address(url).is_some_and(|url| own.addresses.contains(&url)))
}

fn sourced(wanted: &Text, source: CompanySource, company: &Company) -> Vec<bool> {
    texts(wanted, facts::company_source(source), &facts::company_texts(company, source))
}

fn studied(wanted: &Text, field: TextField, person: &Person) -> Vec<bool> {
    let own: Vec<&str> = person
        .educations
        .iter()
        .flat_map(facts::education_texts)
        .filter(|(own, _)| *own == field)
        .map(|(_, value)| value)
        .collect();
    texts(wanted, field, &own)
}

fn graduated(wanted: Graduation, person: &Person) -> bool {
    let bounded = wanted.start.is_some() || wanted.end.is_some();
    facts::graduations(person).iter().any(|year| match year.parse::<u16>() {
        Ok(year) => {
            bounded
                && wanted.start.is_none_or(|start| year >= start)
                && wanted.end.is_none_or(|end| year <= end)
        }
        Err(_) => wanted.present,
    })
}

fn domains(values: &[String], company: &Company) -> Vec<bool> {
    let own = facts::company_domain(company);
    each(values, |value| own.is_some() && canon::domain(value) == own)
}

fn employers(person: &Person) -> Employers {
    Employers::of(person, |company| Arc::new(facts::employer(company)))
}

fn companies(values: &[String], own: &[Arc<Vec<String>>]) -> Vec<bool> {
    let own = Employers::each(own);
    each(values, |value| facts::company_query(value).iter().any(|wanted| own.contains(&wanted.as_str())))
}

fn places(level: Level, values: &[String], own: &[String]) -> Vec<bool> {
    each(values, |value| text::place_query(level, value).fits(own))
}

fn listed(wanted: &Text, field: TextField, own: &[String]) -> Vec<bool> {
    texts(wanted, field, &own.iter().map(String::as_str).collect::<Vec<_>>())
}

fn texts(wanted: &Text, field: TextField, own: &[&str]) -> Vec<bool> {
    each(&wanted.values, |value| own.iter().any(|own| text_matches(wanted.mode, field.profile(), value, own)))
}

fn keywords<'r, S: Copy>(wanted: &Keyword<S>, own: impl Fn(S) -> (TextField, Vec<&'r str>)) -> Vec<bool> {
    each(&wanted.values, |value| {
        wanted.sources.iter().any(|(source, mode)| {
            let (field, texts) = own(*source);
            texts.iter().any(|text| text_matches(*mode, field.profile(), value, text))
        })
    })
}

fn holds(band: &Band, number: u64) -> bool {
    band.start.is_none_or(|start| number >= start) && band.end.is_none_or(|end| number <= end)
}

fn in_range(range: &Range, number: Option<u64>) -> bool {
    match range {
        Range::Bands(bands) => number.is_some_and(|number| bands.iter().any(|band| holds(band, number))),
        Range::Present => number.is_some(),
        Range::Absent => number.is_none(),
    }
}

fn size_in_range(range: &Range, size: Option<Band>) -> bool {
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
