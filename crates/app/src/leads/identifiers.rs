//! The identifiers by which two records are known to be the same, strongest first.

use crate::crm::keys::crm_key;
use sluice_model::canon;
use sluice_model::{Company, Lead};

/// The kinds of identifier, strongest first (3-pipeline: catalog id, LinkedIn URL, e-mail, name and company).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    Linkedin,
    Email,
    Domain,
    Name,
}

impl IdentifierKind {
    /// How a sentence names it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Linkedin => "LinkedIn URL",
            Self::Email => "e-mail address",
            Self::Domain => "domain",
            Self::Name => "name and company",
        }
    }

    /// How the funnel groups it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Linkedin => "same LinkedIn URL",
            Self::Email => "same e-mail",
            Self::Domain => "same domain",
            Self::Name => "same name and company",
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Linkedin => "li",
            Self::Email => "em",
            Self::Domain => "dom",
            Self::Name => "nc",
        }
    }
}

/// One identifier in its canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identifier {
    pub kind: IdentifierKind,
    pub value: String,
}

impl Identifier {
    /// The identifier as one text, such as `em:ann@example.com`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind.prefix(), self.value)
    }
}

fn identifier(kind: IdentifierKind, value: Option<String>) -> Option<Identifier> {
    value.map(|value| Identifier { kind, value })
}

/// A person's identifiers: LinkedIn URL, e-mail addresses, name with company.
#[must_use]
pub fn of_person(lead: &Lead) -> Vec<Identifier> {
    let person = &lead.person;
    let linkedin = person.linkedin_url.as_deref().and_then(canon::linkedin_person);
    let mut out: Vec<Identifier> = identifier(IdentifierKind::Linkedin, linkedin).into_iter().collect();
    out.extend(
        person.emails.iter().filter_map(|email| identifier(IdentifierKind::Email, canon::email(email))),
    );
    if let (Some(name), Some(company)) =
        (canon::person_name(&person.first_name, &person.last_name), employer_key(lead))
    {
        out.push(Identifier { kind: IdentifierKind::Name, value: format!("{name}|{company}") });
    }
    out
}

/// What tells a person's company from others: its id, else its domain, else its normalised name.
#[must_use]
pub fn employer_key(lead: &Lead) -> Option<String> {
    let company = lead.company.as_ref();
    let id = company.map(|company| company.base_provider_id.unwrap_or(company.id)).or(lead.person.company_id);
    if let Some(id) = id.filter(|id| !id.is_nil()) {
        return Some(id.to_string());
    }
    let job = lead.person.work_experiences.first().map(|job| &job.company)?;
    job.domain
        .as_deref()
        .and_then(canon::domain)
        .or_else(|| job.name.as_deref().and_then(canon::company_name))
}

/// A company's identifiers: LinkedIn page, domain, name with country.
#[must_use]
pub fn of_company(company: &Company) -> Vec<Identifier> {
    let linkedin = company.linkedin_url.as_deref().and_then(canon::linkedin_company);
    let mut out: Vec<Identifier> = identifier(IdentifierKind::Linkedin, linkedin).into_iter().collect();
    out.extend(identifier(IdentifierKind::Domain, company.domain.as_deref().and_then(canon::domain)));
    if let Some(name) = company.name.as_deref().and_then(canon::company_name) {
        let country = company.country.as_deref().map(sluice_model::text::fold).unwrap_or_default();
        out.push(Identifier { kind: IdentifierKind::Name, value: format!("{name}|{country}") });
    }
    out
}

/// The keys under which an organisation's copy of a person is found again. A name is too weak for that.
#[must_use]
pub fn record_keys_of_person(lead: &Lead) -> Vec<String> {
    let base = lead.base_provider_id.map(|id| format!("bp:{id}"));
    let crm = lead.crm_id.as_ref().or(lead.bullhorn_id.as_ref());
    let crm = crm.and_then(|id| crm_key(id, &lead.person.last_name));
    let strong = of_person(lead).into_iter().filter(|identifier| identifier.kind != IdentifierKind::Name);
    base.into_iter().chain(crm).chain(strong.map(|identifier| identifier.key())).collect()
}

/// The keys under which an organisation's copy of a company is found again.
#[must_use]
pub fn record_keys_of_company(company: &Company) -> Vec<String> {
    let base = company.base_provider_id.map(|id| format!("bp:{id}"));
    let all = of_company(company);
    let has_strong = base.is_some() || all.iter().any(|identifier| identifier.kind != IdentifierKind::Name);
    let kept = all.into_iter().filter(|identifier| !has_strong || identifier.kind != IdentifierKind::Name);
    base.into_iter().chain(kept.map(|identifier| identifier.key())).collect()
}

#[cfg(test)]
mod tests {
    use super::{IdentifierKind, employer_key, of_person, record_keys_of_company, record_keys_of_person};
    use sluice_model::person::{Employer, WorkExperience};
    use sluice_model::{Company, Lead};

    fn lead() -> Lead {
        let mut lead = Lead::default();
        lead.person.first_name = "Ann".to_owned();
        lead.person.last_name = "Lee".to_owned();
        lead
    }

    #[test]
    fn identifiers_come_strongest_first() {
        let mut lead = lead();
        lead.person.linkedin_url = Some("linkedin.com/in/Ann".to_owned());
        lead.person.emails = vec!["ANN@example.com".to_owned(), "broken".to_owned()];
        let company = Employer { name: Some("The Acme Inc.".to_owned()), ..Employer::default() };
        lead.person.work_experiences.push(WorkExperience { company, ..WorkExperience::default() });
        let keys: Vec<String> = of_person(&lead).iter().map(super::Identifier::key).collect();
        assert_eq!(keys, ["li:https://www.linkedin.com/in/ann", "em:ann@example.com", "nc:ann lee|acme"]);
    }

    #[test]
    fn a_name_without_company_identifies_nobody() {
        let lead = lead();
        assert_eq!(employer_key(&lead), None);
        assert!(of_person(&lead).iter().all(|identifier| identifier.kind != IdentifierKind::Name));
    }

    #[test]
    fn two_of_one_number_in_the_crm_are_two_people() {
        let mut ann = lead();
        ann.crm_id = Some("7".to_owned());
        let mut bob = ann.clone();
        bob.person.last_name = "Stone".to_owned();
        assert_eq!(record_keys_of_person(&ann), ["crm:7:lee"]);
        assert_eq!(record_keys_of_person(&bob), ["crm:7:stone"]);
    }

    #[test]
    fn a_company_is_found_by_name_only_when_nothing_stronger_is_known() {
        let mut company = Company { name: Some("Acme Ltd".to_owned()), ..Company::default() };
        assert_eq!(record_keys_of_company(&company), ["nc:acme|"]);
        company.domain = Some("acme.io".to_owned());
        assert_eq!(record_keys_of_company(&company), ["dom:acme.io"]);
    }
}
