//! A company's row.

use super::clean;
use super::field::CompanyField;
use super::row::{Defaults, Notes, Row, first, read, relax, tidy, tidy_list};
use memchr::memmem::Finder;
use sluice_model::company::{Coordinates, Funding};
use sluice_model::{Company, canon, id};
use std::sync::LazyLock;
use uuid::Uuid;

/// A company's row while it is read.
#[derive(Default)]
pub(super) struct CompanyRow {
    company: Company,
    domain_given: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl Row for CompanyRow {
    type Field = CompanyField;
    type Output = Company;

    fn check_columns(fields: &[CompanyField]) -> Result<(), &'static str> {
        if fields.contains(&CompanyField::Name) { Ok(()) } else { Err("the company's name (name)") }
    }

    fn set(&mut self, field: CompanyField, value: &str, split: bool, notes: &mut Notes<'_>) {
        let Some(value) = clean::present(value) else { return };
        let company = &mut self.company;
        let place = &mut company.location.headquarter;
        match field {
            CompanyField::Id => set_id(&mut company.id, &mut company.external_id, value),
            CompanyField::Name => first(&mut company.name, value),
            CompanyField::LegalName => first(&mut company.legal_name, value),
            CompanyField::Website => first(&mut company.website_url, value),
            CompanyField::Domain => first(&mut self.domain_given, value),
            CompanyField::LinkedIn => {
                read(
                    &mut company.linkedin_url,
                    canon::linkedin_company(value),
                    notes,
                    "linkedin: not a company page",
                );
            }
            CompanyField::Description => first(&mut company.description, value),
            CompanyField::Summary => first(&mut company.summary, value),
            CompanyField::Headcount | CompanyField::Employees => set_headcount(company, value, notes),
            CompanyField::Industry => first(&mut company.industry, value),
            CompanyField::Sector => first(&mut company.sector, value),
            CompanyField::Phone => clean::extend(&mut company.phones, value, split),
            CompanyField::Street => first(&mut place.street, value),
            CompanyField::PostalCode => first(&mut company.postal_code, value),
            CompanyField::City => first(&mut company.city, value),
            CompanyField::State => first(&mut place.state, value),
            CompanyField::Country => first(&mut company.country, value),
            CompanyField::Continent => first(&mut place.continent, value),
            CompanyField::RawAddress => first(&mut place.raw_address, value),
            CompanyField::Latitude => {
                read(&mut self.latitude, degrees(value, 90.0), notes, "latitude: not a number of degrees")
            }
            CompanyField::Longitude => {
                read(&mut self.longitude, degrees(value, 180.0), notes, "longitude: not a number of degrees");
            }
            CompanyField::Logo => first(&mut company.logo_url, value),
            CompanyField::FoundedYear => {
                read(&mut company.founded_year, clean::year(value), notes, "founded_year: not a year")
            }
            CompanyField::Revenue => {
                read(&mut company.revenue, clean::whole(value), notes, "revenue: not a number")
            }
            CompanyField::Type => {
                let known = clean::company_type(value).map(str::to_owned);
                read(&mut company.company_type, known, notes, "type: not a known company type");
            }
            CompanyField::Keywords => clean::extend_names(&mut company.keywords, value, split),
            CompanyField::Technologies => clean::extend_names(&mut company.technologies, value, split),
            CompanyField::Naics => clean::extend_names(&mut company.naics, value, split),
            CompanyField::ProductsAndServices => {
                clean::extend(&mut company.products_and_services, value, split)
            }
            CompanyField::FundingType => first(&mut funding(company).round, value),
            CompanyField::FundingLastAmount => {
                read(
                    &mut funding(company).last_amount,
                    clean::whole(value),
                    notes,
                    "funding_last_amount: not a number",
                );
            }
            CompanyField::FundingTotalAmount => {
                read(
                    &mut funding(company).total_amount,
                    clean::whole(value),
                    notes,
                    "funding_total_amount: not a number",
                );
            }
            CompanyField::FundingDate => {
                read(&mut funding(company).date, clean::date(value), notes, "funding_date: not a date")
            }
            CompanyField::Languages => clean::extend_names(&mut company.languages, value, split),
            CompanyField::SocialLinks => clean::extend(&mut company.social_links, value, split),
            CompanyField::SeoTexts => clean::extend(&mut company.seo_texts, value, false),
            CompanyField::RetailSize => {
                read(&mut company.retail_size, clean::whole(value), notes, "retail_size: not a number")
            }
            CompanyField::MarketCap => first(&mut company.market_cap, value),
            CompanyField::Isin => first(&mut company.isin, value),
            CompanyField::CrmId => first(&mut company.crm_id, value),
            CompanyField::BullhornId => first(&mut company.bullhorn_id, value),
            CompanyField::Source => first(&mut company.source, value),
            CompanyField::ObservedAt => {
                read(
                    &mut company.observed_at,
                    clean::observed(value),
                    notes,
                    "observed_at: not a date or time",
                );
            }
        }
    }

    fn finish(mut self, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<Company, String> {
        if let (Some(lat), Some(lng)) = (self.latitude, self.longitude) {
            self.company.location.headquarter.coordinates = Some(Coordinates { lat, lng });
        }
        self.company.domain = self.domain_given;
        complete(self.company, defaults, notes)
    }

    fn is_record(line: &str) -> bool {
        static KEY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"headquarter\""));
        KEY.find(line.as_bytes()).is_some()
    }

    fn from_record(line: &str, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<Company, String> {
        let company = match serde_json::from_str::<Company>(line) {
            Ok(company) => company,
            Err(_) => {
                let (value, external) = relax(line)?;
                let mut company: Company =
                    serde_json::from_value(value).map_err(|error| error.to_string())?;
                company.external_id = company.external_id.or(external);
                company
            }
        };
        complete(tidy_record(company, notes), defaults, notes)
    }
}

/// Holds a record from outside to what this catalog stores.
fn tidy_record(mut company: Company, notes: &mut Notes<'_>) -> Company {
    // These are the catalog's own, not the file's.
    (company.created_at, company.updated_at, company.base_provider_id) = (None, None, None);
    let place = &mut company.location.headquarter;
    for slot in [
        &mut company.name,
        &mut company.legal_name,
        &mut company.description,
        &mut company.summary,
        &mut company.industry,
        &mut company.sector,
        &mut company.website_url,
        &mut company.domain,
        &mut company.linkedin_url,
        &mut company.city,
        &mut company.postal_code,
        &mut company.country,
        &mut company.logo_url,
        &mut company.headcount,
        &mut company.company_type,
        &mut company.market_cap,
        &mut company.isin,
        &mut company.source,
        &mut company.external_id,
        &mut place.city,
        &mut place.country,
        &mut place.postal_code,
        &mut place.state,
        &mut place.street,
        &mut place.continent,
        &mut place.raw_address,
    ] {
        tidy(slot);
    }
    for list in [
        &mut company.phones,
        &mut company.keywords,
        &mut company.technologies,
        &mut company.naics,
        &mut company.products_and_services,
        &mut company.languages,
        &mut company.social_links,
        &mut company.seo_texts,
    ] {
        tidy_list(list);
    }
    company.city = company.city.or_else(|| place.city.clone());
    company.country = company.country.or_else(|| place.country.clone());
    company.postal_code = company.postal_code.or_else(|| place.postal_code.clone());
    if let Some(url) = company.linkedin_url.take() {
        company.linkedin_url = notes.or_warn(canon::linkedin_company(&url), "linkedin: not a company page");
    }
    if let Some(name) = company.company_type.take() {
        company.company_type =
            notes.or_warn(clean::company_type(&name).map(str::to_owned), "type: not a known company type");
    }
    if let Some(band) = company.headcount.take() {
        set_headcount(&mut company, &band, notes);
    }
    company
}

/// What every company goes through, from a row or a record.
fn complete(mut company: Company, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<Company, String> {
    if company.name.is_none() {
        return Err("no name".to_owned());
    }
    if let Some(given) = company.domain.take() {
        company.domain = notes.or_warn(canon::domain(&given), "domain: not a domain");
    }
    settle_website(&mut company, notes);
    if company.headcount.is_none() {
        company.headcount = company.employees.map(|employees| clean::band(employees).to_owned());
    }
    mirror_place(&mut company);
    settle_origin(&mut company.source, &mut company.observed_at, defaults);
    Ok(company)
}

/// Makes the web site a URL, and finds the domain and the LinkedIn page in it.
pub(super) fn settle_website(company: &mut Company, notes: &mut Notes<'_>) {
    let Some(website) = company.website_url.take() else { return };
    if canon::host(&website).is_none() {
        notes.warn("website: not a web address");
        return;
    }
    if company.linkedin_url.is_none() {
        company.linkedin_url = canon::linkedin_company(&website);
    }
    if company.domain.is_none() {
        company.domain = clean::own_domain(&website);
    }
    let scheme = website.contains("://");
    company.website_url =
        Some(if scheme { website } else { format!("https://{}", website.trim_start_matches('/')) });
}

/// The head office repeats city, country and postal code of the company.
pub(super) fn mirror_place(company: &mut Company) {
    let place = &mut company.location.headquarter;
    place.city.clone_from(&company.city);
    place.country.clone_from(&company.country);
    place.postal_code.clone_from(&company.postal_code);
}

/// Fills in who saw the row, and when.
pub(super) fn settle_origin(
    source: &mut Option<String>,
    observed_at: &mut Option<sluice_model::Time>,
    defaults: &Defaults,
) {
    if source.is_none() {
        *source = Some(defaults.source.clone());
    }
    if observed_at.is_none() {
        *observed_at = defaults.observed_at;
    }
}

/// A UUID is the record's id, anything else the source's own.
pub(super) fn set_id(record: &mut Uuid, external: &mut Option<String>, value: &str) {
    match id::parse_uuid(value) {
        Some(given) if record.is_nil() => *record = given,
        None => first(external, value),
        Some(_) => {}
    }
}

/// Band and exact number from either column; an exact number beats a band.
pub(super) fn set_headcount(company: &mut Company, value: &str, notes: &mut Notes<'_>) {
    match clean::headcount(value) {
        None => notes.warn("headcount: neither a number nor a band"),
        Some((band, None)) => {
            company.headcount.get_or_insert(band);
        }
        Some((band, Some(exact))) => {
            company.headcount.get_or_insert(band);
            company.employees.get_or_insert(exact);
        }
    }
}

fn funding(company: &mut Company) -> &mut Funding {
    company.funding.get_or_insert_default()
}

fn degrees(value: &str, most: f64) -> Option<f64> {
    // German decimal commas are read too; nothing here is in thousands.
    let degrees: f64 = value.replace(',', ".").parse().ok()?;
    (degrees.abs() <= most).then_some(degrees)
}
