//! A company of the catalog, or of an organisation's own records.
//!
//! The keys up to `location` are those of the targeting API's Company and always present on the wire;
//! the ones after it are the catalog's own and appear when known.

use crate::person::Provenance;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A company.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Company {
    /// Id of the record.
    #[schema(required)]
    pub id: Uuid,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub description: Option<String>,
    #[schema(required)]
    pub summary: Option<String>,
    /// Number of employees as a band, `201-500` or `10001+`.
    #[schema(required)]
    pub headcount: Option<String>,
    #[schema(required)]
    pub industry: Option<String>,
    #[schema(required)]
    pub phones: Vec<String>,
    #[schema(required)]
    pub linkedin_url: Option<String>,
    #[schema(required)]
    pub website_url: Option<String>,
    /// Registrable domain of the web site.
    #[schema(required)]
    pub domain: Option<String>,
    #[schema(required)]
    pub city: Option<String>,
    #[schema(required)]
    pub postal_code: Option<String>,
    #[schema(required)]
    pub country: Option<String>,
    #[schema(required)]
    pub logo_url: Option<String>,
    /// For a copy in an organisation: id of the catalog record it was copied from.
    #[schema(required)]
    pub base_provider_id: Option<Uuid>,
    #[schema(required)]
    pub bullhorn_id: Option<String>,
    #[schema(required)]
    pub crm_id: Option<String>,
    #[schema(required)]
    pub legal_name: Option<String>,
    #[schema(required)]
    pub founded_year: Option<i64>,
    /// Yearly revenue in US dollars.
    #[schema(required)]
    pub revenue: Option<u64>,
    #[schema(required)]
    pub location: CompanyLocation,

    /// PRIVATELY_HELD, PUBLIC_COMPANY, … as in the filter language.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub company_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub technologies: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub naics: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products_and_services: Vec<String>,
    /// Exact number of employees.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub employees: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub funding: Option<Funding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Addresses of pages in social networks; the LinkedIn page stands in `linkedinUrl`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub social_links: Vec<String>,
    /// Title and description of the web site, as it shows them to search engines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seo_texts: Vec<String>,
    /// Number of shops.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retail_size: Option<u64>,
    /// Band of the market value, as the source names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub market_cap: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub isin: Option<String>,
    /// Where the record came from.
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

/// Money that a company raised, amounts in US dollars.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Funding {
    #[serde(rename = "type")]
    #[schema(required)]
    pub round: Option<String>,
    #[schema(required)]
    pub last_amount: Option<u64>,
    #[schema(required)]
    pub total_amount: Option<u64>,
    #[schema(required)]
    pub date: Option<String>,
}

/// Head office and further places.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CompanyLocation {
    #[schema(required)]
    pub headquarter: Address,
    #[schema(required)]
    pub locations: Vec<Address>,
}

/// A postal address as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    #[schema(required)]
    pub continent: Option<String>,
    #[schema(required)]
    pub country: Option<String>,
    #[schema(required)]
    pub state: Option<String>,
    #[schema(required)]
    pub city: Option<String>,
    #[schema(required)]
    pub street: Option<String>,
    #[schema(required)]
    pub postal_code: Option<String>,
    #[schema(required)]
    pub raw_address: Option<String>,
    #[schema(required)]
    pub coordinates: Option<Coordinates>,
}

/// A point on the Earth, in degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Coordinates {
    #[schema(required)]
    pub lat: f64,
    #[schema(required)]
    pub lng: f64,
}
