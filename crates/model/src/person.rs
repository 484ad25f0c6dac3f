//! A person of the catalog, or of an organisation's own records.
//!
//! The keys up to `workExperiences` are those of the targeting API's Person and are always present on
//! the wire; the ones after it are the catalog's own and appear when known.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person with their present job, and the history that is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Person {
    /// Id of the record.
    #[schema(required)]
    pub id: Uuid,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    #[schema(required)]
    pub first_name: String,
    #[schema(required)]
    pub last_name: String,
    /// Title of the latest job.
    #[schema(required)]
    pub job_title: Option<String>,
    #[schema(required)]
    pub city: Option<String>,
    #[schema(required)]
    pub postal_code: Option<String>,
    #[schema(required)]
    pub country: Option<String>,
    #[schema(required)]
    pub linkedin_url: Option<String>,
    #[schema(required)]
    pub phones: Vec<String>,
    #[schema(required)]
    pub emails: Vec<String>,
    /// Id of the current company's record.
    #[schema(required)]
    pub company_id: Option<Uuid>,
    /// One of the seniority names of the filter language: founder, owner, partner, c_suite, vp,
    /// director, head, manager, senior, mid-level, entry, intern.
    #[schema(required)]
    pub seniority: Option<String>,
    #[schema(required)]
    pub industry: Option<String>,
    /// Calendar date, `1980-05-31`.
    #[schema(required)]
    pub birth_date: Option<String>,
    #[schema(required)]
    pub departments: Vec<String>,
    #[schema(required)]
    pub sub_departments: Vec<String>,
    #[schema(required)]
    pub functions: Vec<String>,
    #[schema(required)]
    pub skills: Vec<String>,
    #[schema(required)]
    pub languages: Vec<LanguageSkill>,
    #[schema(required)]
    pub educations: Vec<Education>,
    /// Jobs, the latest first.
    #[schema(required)]
    pub work_experiences: Vec<WorkExperience>,

    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub headline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub summary: Option<String>,
    /// State, province or region of residence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub gender: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certifications: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub badges: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub courses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// Addresses of pages in social networks; the LinkedIn profile stands in `linkedinUrl`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub social_links: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub followers: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub connections: Option<u64>,
    /// Where the record came from. `synthetic` marks a person made by `sluice sample`, not a real one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source: Option<String>,
    /// When the source saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Time>,
    /// The source's own id, when it is no UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub external_id: Option<String>,
    /// For fields that another source than `source` gave: who, and when.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provenance: BTreeMap<String, Provenance>,
}

impl Person {
    /// First and last name with one space between.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// Name of the current company: the first job's.
    #[must_use]
    pub fn company_name(&self) -> Option<&str> {
        self.work_experiences.first().and_then(|job| job.company.name.as_deref())
    }
}

/// Which source gave a field, and when it saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Provenance {
    #[schema(required)]
    pub source: String,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<Time>,
}

/// A language and how well it is spoken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LanguageSkill {
    #[schema(required)]
    pub language: String,
    #[schema(required)]
    pub level: Option<String>,
}

/// First and last day (or month, or year) of something; an open end means it goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DateSpan {
    /// `2019`, `2019-04` or `2019-04-01`.
    #[schema(required)]
    pub start: Option<String>,
    #[schema(required)]
    pub end: Option<String>,
}

/// A school, or any body that is only named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Institution {
    #[schema(required)]
    pub id: Option<String>,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub logo_url: Option<String>,
    #[schema(required)]
    pub linkedin_url: Option<String>,
}

/// One education.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Education {
    #[schema(required)]
    pub institution: Institution,
    #[schema(required)]
    pub degree_name: Option<String>,
    #[schema(required)]
    pub field_of_study: Option<String>,
    #[schema(required)]
    pub grade: Option<String>,
    #[schema(required)]
    pub dates: DateSpan,
}

/// Exact or banded number of employees; an absent end is an open one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct EmployeeRange {
    #[schema(required)]
    pub start: Option<u64>,
    #[schema(required)]
    pub end: Option<u64>,
}

/// The employer of one job, as the person's history names it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Employer {
    /// Id of the company's catalog record, when it is known.
    #[schema(required)]
    pub id: Option<String>,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub logo_url: Option<String>,
    #[schema(required)]
    pub linkedin_url: Option<String>,
    #[schema(required)]
    pub employees: Option<EmployeeRange>,
    /// Registrable domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub domain: Option<String>,
}

/// One stay at a company, with the positions held there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkExperience {
    #[schema(required)]
    pub company: Employer,
    #[schema(required)]
    pub dates: DateSpan,
    #[schema(required)]
    pub profile_positions: Vec<Position>,
}

/// One position within a stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Position {
    #[schema(required)]
    pub company: Option<String>,
    #[schema(required)]
    pub description: Option<String>,
    #[schema(required)]
    pub title: Option<String>,
    #[schema(required)]
    pub dates: DateSpan,
}
