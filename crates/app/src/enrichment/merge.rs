//! What was found becomes part of the organisation's record.

use crate::error::Result;
use crate::leads::identifiers::record_keys_of_person;
use sluice_connect::enrich::{Findings, Subject, Wanted};
use sluice_model::canon;
use sluice_model::enrichment::EnrichmentField;
use sluice_model::{Company, EntityKind, Lead, Time};
use sluice_store::Tx;
use sluice_store::ops::record::{company_get, person_get, record_add_keys};
use sluice_store::ops::record_change::{company_save, person_save};
use std::collections::HashSet;
use uuid::Uuid;

/// The most values that a record keeps of one kind.
const MAX_KEPT: usize = 100;
/// The fewest and the most digits of a number that is kept without its country's code.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=20;

/// Who is looked up, as far as the organisation knows them; none when it has no such record.
pub(super) async fn subject(tx: &mut Tx<'_>, field: EnrichmentField, id: Uuid) -> Result<Option<Subject>> {
    Ok(match field.of() {
        EntityKind::Person => person_get(tx, id).await?.as_ref().map(of_person),
        EntityKind::Company => company_get(tx, id).await?.as_ref().map(of_company),
    })
}

fn of_person(lead: &Lead) -> Subject {
    let (person, company) = (&lead.person, lead.company.as_ref());
    let job = person.work_experiences.first().map(|job| &job.company);
    let text = |text: &String| (!text.is_empty()).then(|| text.clone());
    Subject {
        kind: EntityKind::Person.name().to_owned(),
        first_name: text(&person.first_name),
        last_name: text(&person.last_name),
        linkedin_url: person.linkedin_url.clone(),
        emails: person.emails.clone(),
        company_name: company.and_then(|company| company.name.clone()).or_else(|| job?.name.clone()),
        company_domain: company.and_then(|company| company.domain.clone()).or_else(|| job?.domain.clone()),
    }
}

fn of_company(company: &Company) -> Subject {
    Subject {
        kind: EntityKind::Company.name().to_owned(),
        linkedin_url: company.linkedin_url.clone(),
        company_name: company.name.clone(),
        company_domain: company.domain.clone(),
        ..Subject::default()
    }
}

/// What a field is called outside.
pub(super) const fn wanted(field: EnrichmentField) -> Wanted {
    match field {
        EnrichmentField::Phones => Wanted::Phones,
        EnrichmentField::Emails => Wanted::Emails,
        EnrichmentField::Summary => Wanted::Summary,
    }
}

/// What can be kept of findings, canonical and each value once; empty when nothing was found.
pub(super) fn sound(field: EnrichmentField, findings: Findings) -> Vec<String> {
    let mut seen = HashSet::new();
    let values: Vec<String> = match field {
        EnrichmentField::Phones => findings.phones.iter().filter_map(|text| phone(text)).collect(),
        EnrichmentField::Emails => findings.emails.iter().filter_map(|text| canon::email(text)).collect(),
        EnrichmentField::Summary => findings.summary.into_iter().collect(),
    };
    values.into_iter().filter(|value| seen.insert(value.clone())).collect()
}

/// In international form where the number says its country, else as it was written.
fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let written = text.chars().all(|c| c.is_ascii_digit() || " ()-./+".contains(c));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    canon::phone(text).or_else(|| (written && DIGITS.contains(&digits)).then(|| text.to_owned()))
}

/// Puts values after those that the record has, each once. Returns whether there is such a record.
pub(super) async fn merge(
    tx: &mut Tx<'_>,
    field: EnrichmentField,
    id: Uuid,
    values: Vec<String>,
    now: Time,
) -> Result<bool> {
    match field {
        EnrichmentField::Phones | EnrichmentField::Emails => {
            let Some(mut lead) = person_get(tx, id).await? else { return Ok(false) };
            let person = &mut lead.person;
            let list = if field == EnrichmentField::Phones { &mut person.phones } else { &mut person.emails };
            if !add(field, list, values) {
                return Ok(true);
            }
            person.updated_at = Some(person.updated_at.map_or(now, |before| now.max(before)));
            person_save(tx, &lead).await?;
            record_add_keys(tx, EntityKind::Person, id, &record_keys_of_person(&lead)).await?;
        }
        EnrichmentField::Summary => {
            let Some(mut company) = company_get(tx, id).await? else { return Ok(false) };
            company.summary = values.into_iter().next().or(company.summary);
            company.updated_at = Some(company.updated_at.map_or(now, |before| now.max(before)));
            company_save(tx, &company).await?;
        }
    }
    Ok(true)
}

/// Adds what the list does not have in any spelling. Returns whether it grew.
fn add(field: EnrichmentField, list: &mut Vec<String>, values: Vec<String>) -> bool {
    let same = |text: &str| match field {
        EnrichmentField::Phones => canon::phone(text).unwrap_or_else(|| text.to_owned()),
        _ => canon::email(text).unwrap_or_else(|| text.to_owned()),
    };
    let mut known: HashSet<String> = list.iter().map(|text| same(text)).collect();
    let before = list.len();
    for value in values {
        if list.len() < MAX_KEPT && known.insert(same(&value)) {
            list.push(value);
        }
    }
    list.len() > before
}

#[cfg(test)]
mod tests {
    use super::{add, sound};
    use sluice_connect::enrich::Findings;
    use sluice_model::enrichment::EnrichmentField::{Emails, Phones};

    #[test]
    fn findings_become_canonical_and_join_what_is_known() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
        let phones = texts(&["+49 (30) 1234-5678", "call me", "030 12345678", "+493012345678", "12"]);
        let found = sound(Phones, Findings { phones, ..Findings::default() });
        assert_eq!(found, ["+493012345678", "030 12345678"]);
        let emails = texts(&["Ann@Example.com", "nobody", " ann@example.com", "=cmd|x"]);
        let found = sound(Emails, Findings { emails, ..Findings::default() });
        assert_eq!(found, ["ann@example.com"]);
        let mut known = texts(&["ANN@example.com"]);
        assert!(!add(Emails, &mut known, found));
        assert_eq!(known, ["ANN@example.com"]);
        let mut known = texts(&["+49 30 12345678"]);
        assert!(add(Phones, &mut known, texts(&["+493012345678", "+4930999999"])));
        assert_eq!(known, ["+49 30 12345678", "+4930999999"]);
    }
}
