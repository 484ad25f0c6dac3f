//! Everything that engines index of a record.

use super::dates::{self, Work};
use super::{Employers, NumberField, TermField, TextField, globe, links};
use crate::text;
use rustc_hash::FxHashMap;
use sluice_model::filter::{CompanySource, PersonSource};
use sluice_model::person::Employer;
use sluice_model::{Company, Person, canon};
use std::sync::Arc;

/// Takes what a record says.
pub trait Sink {
    /// One of the values of a text field.
    fn text(&mut self, field: TextField, value: &str);
    /// One of the terms of a field; each at most once.
    fn term(&mut self, field: TermField, term: &str);
    /// The place where a person lives or a company has its head office, as it is written; for suggestions.
    fn place(&mut self, _city: Option<&str>, _state: Option<&str>, _country: Option<&str>) {}
    /// The number of a field, at most one.
    fn number(&mut self, field: NumberField, number: u64);
}

/// The most answers that are remembered.
const KEPT: usize = 100_000;
/// Between the parts of a remembered question.
const PART: char = '\u{1f}';

/// Tells what records say, and remembers the answers that come again and again.
#[derive(Default)]
pub struct Teller {
    places: FxHashMap<String, Arc<Vec<String>>>,
    employers: FxHashMap<String, Arc<Vec<String>>>,
    countries: FxHashMap<String, Option<String>>,
    key: String,
}

/// Answers from `known`, or asks and remembers.
fn remembered<T: Clone>(known: &mut FxHashMap<String, T>, key: &str, ask: impl FnOnce() -> T) -> T {
    if let Some(answer) = known.get(key) {
        return answer.clone();
    }
    if known.len() >= KEPT {
        known.clear();
    }
    let answer = ask();
    known.insert(key.to_owned(), answer.clone());
    answer
}

impl Teller {
    fn key<'k>(key: &'k mut String, parts: [&Option<String>; 3]) -> Option<&'k str> {
        key.clear();
        for part in parts {
            key.push_str(part.as_deref().unwrap_or_default());
            key.push(PART);
        }
        (key.matches(PART).count() == 3).then_some(key)
    }

    fn place(&mut self, person: &Person) -> Arc<Vec<String>> {
        let ask = || Arc::new(super::person_place(person));
        match Self::key(&mut self.key, [&person.country, &person.state, &person.city]) {
            Some(key) => remembered(&mut self.places, key, ask),
            None => ask(),
        }
    }

    fn employer(&mut self, employer: &Employer) -> Arc<Vec<String>> {
        let ask = || Arc::new(super::employer(employer));
        match Self::key(&mut self.key, [&employer.id, &employer.domain, &employer.name]) {
            Some(key) => remembered(&mut self.employers, key, ask),
            None => ask(),
        }
    }

    /// The country of a person as counts show it.
    pub fn country(&mut self, person: &Person) -> Option<String> {
        let name = person.country.as_deref()?;
        remembered(&mut self.countries, name, || super::person_facet(person, None, "country"))
    }

    /// Tells everything about a person.
    pub fn person(&mut self, person: &Person, sink: &mut impl Sink) {
        sink.text(TextField::FullName, &person.full_name());
        super::latest_title(person).into_iter().for_each(|title| sink.text(TextField::LatestTitle, title));
        super::current_titles(person).into_iter().for_each(|title| sink.text(TextField::CurrentTitle, title));
        super::previous_titles(person)
            .into_iter()
            .for_each(|title| sink.text(TextField::PreviousTitle, title));
        for (source, field) in PERSON_SOURCES {
            super::person_texts(person, source).into_iter().for_each(|text| sink.text(field, text));
        }
        for language in &person.languages {
            sink.text(TextField::Spoken, &language.language);
        }
        for education in &person.educations {
            for (field, value) in super::education_texts(education) {
                sink.text(field, value);
            }
        }
        sink.place(person.city.as_deref(), person.state.as_deref(), person.country.as_deref());
        self.person_terms(person, sink);
        person_numbers(person, sink);
    }

    fn person_terms(&mut self, person: &Person, sink: &mut impl Sink) {
        if let Some(seniority) = &person.seniority {
            sink.term(TermField::Seniority, &text::fold(seniority));
        }
        super::departments(person).iter().for_each(|name| sink.term(TermField::Department, name));
        self.place(person).iter().for_each(|token| sink.term(TermField::Place, token));
        let employers = Employers::of(person, |employer| self.employer(employer));
        for (field, list) in [
            (TermField::LatestEmployer, &employers.latest),
            (TermField::CurrentEmployer, &employers.current),
            (TermField::PreviousEmployer, &employers.previous),
        ] {
            Employers::each(list).into_iter().for_each(|name| sink.term(field, name));
        }
        if let Some(page) = person.linkedin_url.as_deref().and_then(canon::linkedin_person) {
            sink.term(TermField::Linkedin, &page);
        }
        links::of_person(person).tell(sink);
        super::folded(&person.badges).iter().for_each(|badge| sink.term(TermField::Badge, badge));
        super::graduations(person).iter().for_each(|year| sink.term(TermField::Graduation, year));
        for (name, known) in [("email", super::has_email(person)), ("phone", super::has_phone(person))] {
            if known {
                sink.term(TermField::Reach, name);
            }
        }
    }

    /// Tells everything about a company.
    pub fn company(&mut self, company: &Company, sink: &mut impl Sink) {
        for (source, field) in COMPANY_SOURCES {
            super::company_texts(company, source).into_iter().for_each(|text| sink.text(field, text));
        }
        if let Some(url) = super::company_url(company) {
            sink.text(TextField::Url, &url);
        }
        company.technologies.iter().for_each(|name| sink.text(TextField::Technology, name));
        company.products_and_services.iter().for_each(|name| sink.text(TextField::Product, name));
        super::company_domain(company).iter().for_each(|domain| sink.term(TermField::Domain, domain));
        if let Some(page) = company.linkedin_url.as_deref().and_then(canon::linkedin_company) {
            sink.term(TermField::Linkedin, &page);
        }
        links::of_company(company).tell(sink);
        super::phones(&company.phones).iter().for_each(|phone| sink.term(TermField::Phone, phone));
        super::company_place(company).iter().for_each(|token| sink.term(TermField::Place, token));
        if let Some(name) = super::company_type(company) {
            sink.term(TermField::CompanyType, &name);
        }
        super::folded(&company.languages).iter().for_each(|name| sink.term(TermField::CompanyLanguage, name));
        if let Some(round) = company.funding.as_ref().and_then(|funding| funding.round.as_deref()) {
            sink.term(TermField::FundingType, &text::fold(round));
        }
        super::naics(company).iter().for_each(|code| sink.term(TermField::Naics, code));
        let [city, state, country] = super::company_place_names(company);
        sink.place(city, state, country);
        company_numbers(company, sink);
    }
}

fn person_numbers(person: &Person, sink: &mut impl Sink) {
    let languages = u64::try_from(person.languages.len()).ok().filter(|count| *count > 0);
    let (since, months) = match dates::work(person) {
        Some(Work::Since(month)) => (Some(month), None),
        Some(Work::Months(months)) => (None, Some(months)),
        None => (None, None),
    };
    for (field, number) in [
        (NumberField::Followers, person.followers),
        (NumberField::Connections, person.connections),
        (NumberField::Languages, languages),
        (NumberField::JobSince, dates::job_since(person)),
        (NumberField::CompanySince, dates::company_since(person)),
        (NumberField::WorkSince, since),
        (NumberField::WorkMonths, months),
        (NumberField::Observed, super::observed_day(person)),
    ] {
        if let Some(number) = number {
            sink.number(field, number);
        }
    }
}

fn company_numbers(company: &Company, sink: &mut impl Sink) {
    let size = super::company_size(company);
    let funding = company.funding.as_ref();
    for (field, number) in [
        (NumberField::SizeFrom, size.map(|size| size.start.unwrap_or(0))),
        (NumberField::SizeTo, size.map(|size| size.end.unwrap_or(u64::MAX))),
        (NumberField::Revenue, company.revenue),
        (NumberField::RetailSize, company.retail_size),
        (NumberField::Founded, super::founded(company)),
        (NumberField::FundingTotal, funding.and_then(|funding| funding.total_amount)),
        (NumberField::FundingLast, funding.and_then(|funding| funding.last_amount)),
        (NumberField::FundingDay, super::funding_day(company)),
    ] {
        if let Some(number) = number {
            sink.number(field, number);
        }
    }
    if let Some(point) = super::company_point(company) {
        let [x, y, z] = globe::place(point);
        sink.number(NumberField::GlobeX, x);
        sink.number(NumberField::GlobeY, y);
        sink.number(NumberField::GlobeZ, z);
    }
}

/// The sources of keywords and the fields that they are.
pub(crate) const PERSON_SOURCES: [(PersonSource, TextField); 6] = [
    (PersonSource::Headline, TextField::Headline),
    (PersonSource::Summary, TextField::Summary),
    (PersonSource::Skill, TextField::Skill),
    (PersonSource::Certification, TextField::Certification),
    (PersonSource::Course, TextField::Course),
    (PersonSource::Projects, TextField::Project),
];

/// The sources of keywords and the fields that they are.
pub(crate) const COMPANY_SOURCES: [(CompanySource, TextField); 5] = [
    (CompanySource::Name, TextField::CompanyName),
    (CompanySource::Keyword, TextField::Keyword),
    (CompanySource::Seo, TextField::Seo),
    (CompanySource::Description, TextField::Description),
    (CompanySource::Industry, TextField::Industry),
];
