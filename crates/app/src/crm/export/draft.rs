//! A person of the organisation as the CRM is to have them.

use sluice_connect::crm::{CompanyDraft, PersonDraft};
use sluice_model::{Lead, canon};
use uuid::Uuid;

/// The draft of a person.
pub(super) fn draft_of(lead: &Lead) -> PersonDraft {
    let person = &lead.person;
    PersonDraft {
        external_id: person.id.to_string(),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        emails: person.emails.clone(),
        phones: person.phones.clone(),
        linkedin_url: person.linkedin_url.clone(),
        job_title: person.job_title.clone(),
        city: person.city.clone(),
        postal_code: person.postal_code.clone(),
        country: person.country.clone(),
        company: company_of(lead),
    }
}

fn company_of(lead: &Lead) -> Option<CompanyDraft> {
    if let Some(company) = &lead.company {
        let name = company.name.clone().or_else(|| company.domain.clone())?;
        return Some(CompanyDraft {
            external_id: company.id.to_string(),
            name,
            domain: company.domain.clone(),
            website_url: company.website_url.clone(),
            phones: company.phones.clone(),
            industry: company.industry.clone(),
        });
    }
    let job = lead.person.work_experiences.first().map(|job| &job.company)?;
    let name = job.name.clone()?;
    // A company without a record of its own is told by its name.
    let external_id = canon::company_name(&name)?;
    Some(CompanyDraft { external_id, name, domain: job.domain.clone(), ..CompanyDraft::default() })
}

/// Why a record that is gone cannot be exported.
pub(super) fn missing(id: Uuid) -> String {
    format!("The record {id} is no longer there")
}
