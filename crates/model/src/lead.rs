//! A lead: a person as an organisation keeps them, with their company.

use crate::company::{Address, Company, Funding};
use crate::kind::EntityKind;
use crate::person::{Education, EmployeeRange, LanguageSkill, Person, Position, WorkExperience};
use crate::pick;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person with what only an organisation knows of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Lead {
    #[serde(flatten)]
    pub person: Person,
    /// Id of the catalog record that the lead was copied from.
    #[schema(required)]
    pub base_provider_id: Option<Uuid>,
    #[schema(required)]
    pub bullhorn_id: Option<String>,
    #[schema(required)]
    pub crm_id: Option<String>,
    #[schema(required)]
    pub lead_owner_id: Option<String>,
    #[schema(required)]
    pub consent_status: ConsentStatus,
    #[schema(required)]
    pub consent_source: Option<String>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub consent_updated_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Time>,
    #[schema(required)]
    pub company: Option<Company>,
    /// The CRM's record of this person, when a CRM is connected and has one.
    #[schema(required, value_type = Option<Object>)]
    pub client_contact: Option<Value>,
}

impl Lead {
    /// A catalog record as a lead: nothing of an organisation's own is known yet.
    #[must_use]
    pub fn from_catalog(person: Person, company: Option<Company>) -> Self {
        let base_provider_id = Some(person.id);
        Self { person, company, base_provider_id, ..Self::default() }
    }

    /// Whether the organisation's CRM has this person.
    #[must_use]
    pub fn is_in_crm(&self) -> bool {
        self.crm_id.is_some() || self.bullhorn_id.is_some()
    }
}

/// Whether the person agreed to be contacted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConsentStatus {
    #[default]
    Unknown,
}

/// Whether `path` names a field of a lead or of a company.
#[must_use]
pub fn is_field_path(path: &str) -> bool {
    has_field(EntityKind::Person, path) || has_field(EntityKind::Company, path)
}

/// Whether records of this kind have the field at `path`: for people the fields of a lead
/// (`firstName`, `company.headcount`), for companies those of a company, with or without `company.` before.
/// Arrays take no index: `skills`, `workExperiences.company.name`.
#[must_use]
pub fn has_field(kind: EntityKind, path: &str) -> bool {
    let names = |root: &Value, path: &str| {
        path.split('.')
            .try_fold(root, |value, key| value.as_array().map_or(value, |items| &items[0]).get(key))
            .is_some()
    };
    match kind {
        EntityKind::Person => names(&FULL_LEAD, path),
        EntityKind::Company => names(&FULL_LEAD["company"], path.strip_prefix("company.").unwrap_or(path)),
    }
}

/// All values at `path` of a record of this kind as text, as [`crate::pick::texts`] finds them. The fields of a
/// company go with or without `company.` before.
#[must_use]
pub fn field_texts<T: Serialize>(kind: EntityKind, record: &T, path: &str) -> Vec<String> {
    let path = if kind == EntityKind::Company { path.strip_prefix("company.").unwrap_or(path) } else { path };
    pick::texts(record, path)
}

/// A lead in which every field has a value: the map of all field paths.
static FULL_LEAD: LazyLock<Value> = LazyLock::new(|| {
    let text = Some(String::new());
    let place = Address {
        continent: text.clone(),
        country: text.clone(),
        state: text.clone(),
        city: text.clone(),
        street: text.clone(),
        postal_code: text.clone(),
        raw_address: text.clone(),
        coordinates: Some(crate::company::Coordinates::default()),
    };
    let mut company = Company {
        company_type: text.clone(),
        keywords: vec![String::new()],
        technologies: vec![String::new()],
        naics: vec![String::new()],
        products_and_services: vec![String::new()],
        employees: Some(0),
        funding: Some(Funding::default()),
        languages: vec![String::new()],
        market_cap: text.clone(),
        sector: text.clone(),
        isin: text.clone(),
        social_links: vec![String::new()],
        seo_texts: vec![String::new()],
        retail_size: Some(0),
        source: text.clone(),
        observed_at: Some(Time::from_millis(0)),
        external_id: text.clone(),
        ..Company::default()
    };
    company.location.headquarter = place.clone();
    company.location.locations = vec![place];
    let mut job =
        WorkExperience { profile_positions: vec![Position::default()], ..WorkExperience::default() };
    job.company.employees = Some(EmployeeRange::default());
    job.company.domain = text.clone();
    let person = Person {
        languages: vec![LanguageSkill::default()],
        educations: vec![Education::default()],
        work_experiences: vec![job],
        headline: text.clone(),
        summary: text.clone(),
        state: text.clone(),
        gender: text.clone(),
        certifications: vec![String::new()],
        badges: vec![String::new()],
        courses: vec![String::new()],
        projects: vec![String::new()],
        social_links: vec![String::new()],
        followers: Some(0),
        connections: Some(0),
        source: text.clone(),
        observed_at: Some(Time::from_millis(0)),
        external_id: text,
        ..Person::default()
    };
    let lead = Lead { person, company: Some(company), ..Lead::default() };
    serde_json::to_value(lead).unwrap_or(Value::Null)
});

#[cfg(test)]
mod tests {
    use super::has_field;
    use crate::kind::EntityKind::{Company, Person};

    #[test]
    fn knows_the_fields_of_each_kind() {
        for (kind, path, known) in [
            (Person, "firstName", true),
            (Person, "company.headcount", true),
            (Person, "workExperiences.company.name", true),
            (Person, "workExperiences.profilePositions.title", true),
            (Person, "headcount", false),
            (Person, "workExperiences.0.company", false),
            (Person, "first_name", false),
            (Person, "", false),
            (Company, "headcount", true),
            (Company, "company.headcount", true),
            (Company, "location.headquarter.coordinates.lat", true),
            (Company, "firstName", false),
        ] {
            assert_eq!(has_field(kind, path), known, "{kind:?} {path}");
        }
    }
}
