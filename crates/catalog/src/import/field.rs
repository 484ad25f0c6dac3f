//! The fields that a column can feed, and the spellings of columns that are known for each.

use rustc_hash::FxHashMap;
use sluice_model::text;

/// A field of a kind of record.
pub(super) trait Field: Copy + PartialEq + Send + 'static {
    /// Every field with its name, as `--map column=field` takes it.
    const ALL: &'static [(&'static str, Self)];
    /// The table of spellings: `field <tab> spelling; spelling; …`.
    const SPELLINGS: &'static str;

    /// The name of the field.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }

    /// Reads a name; case, spaces and punctuation do not count.
    fn from_name(name: &str) -> Option<Self> {
        let wanted = squeeze(name);
        Self::ALL.iter().find(|(name, _)| squeeze(name) == wanted).map(|(_, field)| *field)
    }
}

macro_rules! fields {
    ($(#[$doc:meta])* $name:ident from $table:literal { $($variant:ident $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($variant),+ }

        impl Field for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];
            const SPELLINGS: &'static str = include_str!($table);
        }
    };
}

fields! {
    /// Fields of a company's row.
    CompanyField from "../../data/import/companies.tsv" {
        Id "id",
        Name "name",
        LegalName "legal_name",
        Website "website",
        Domain "domain",
        LinkedIn "linkedin",
        Description "description",
        Summary "summary",
        Headcount "headcount",
        Employees "employees",
        Industry "industry",
        Sector "sector",
        Phone "phone",
        Street "street",
        PostalCode "postal_code",
        City "city",
        State "state",
        Country "country",
        Continent "continent",
        RawAddress "raw_address",
        Latitude "latitude",
        Longitude "longitude",
        Logo "logo",
        FoundedYear "founded_year",
        Revenue "revenue",
        Type "type",
        Keywords "keywords",
        Technologies "technologies",
        Naics "naics",
        ProductsAndServices "products_and_services",
        FundingType "funding_type",
        FundingLastAmount "funding_last_amount",
        FundingTotalAmount "funding_total_amount",
        FundingDate "funding_date",
        Languages "languages",
        SocialLinks "social_links",
        SeoTexts "seo_texts",
        RetailSize "retail_size",
        MarketCap "market_cap",
        Isin "isin",
        CrmId "crm_id",
        BullhornId "bullhorn_id",
        Source "source",
        ObservedAt "observed_at",
    }
}

fields! {
    /// Fields of a person's row; those from `company_id` on describe the employer.
    PersonField from "../../data/import/people.tsv" {
        Id "id",
        FirstName "first_name",
        LastName "last_name",
        FullName "full_name",
        JobTitle "job_title",
        Seniority "seniority",
        Headline "headline",
        Summary "summary",
        City "city",
        PostalCode "postal_code",
        State "state",
        Country "country",
        LinkedIn "linkedin",
        Phone "phone",
        Email "email",
        BirthDate "birth_date",
        Gender "gender",
        Departments "departments",
        SubDepartments "sub_departments",
        Functions "functions",
        Skills "skills",
        Certifications "certifications",
        Badges "badges",
        Courses "courses",
        Projects "projects",
        SocialLinks "social_links",
        Languages "languages",
        Followers "followers",
        Connections "connections",
        School "education_school",
        Degree "education_degree",
        FieldOfStudy "education_field",
        EducationStart "education_start",
        EducationEnd "education_end",
        Industry "industry",
        CompanyId "company_id",
        CompanyName "company_name",
        CompanyDomain "company_domain",
        CompanyWebsite "company_website",
        CompanyLinkedIn "company_linkedin",
        CompanyCountry "company_country",
        CompanyCity "company_city",
        CompanyState "company_state",
        CompanyIndustry "company_industry",
        CompanyHeadcount "company_headcount",
        CompanyPhone "company_phone",
        Source "source",
        ObservedAt "observed_at",
    }
}

/// A column's name for comparison: folded, letters and digits alone (`E-Mail Adresse` → `emailadresse`).
pub(super) fn squeeze(column: &str) -> String {
    text::fold(column).chars().filter(|c| c.is_alphanumeric() || *c == '#').collect()
}

/// Known spellings of the columns of one kind.
pub(super) struct Spellings<F> {
    fields: FxHashMap<String, F>,
}

impl<F: Field> Spellings<F> {
    /// Reads the built-in table.
    pub fn new() -> Self {
        let mut fields = FxHashMap::default();
        for (name, field) in F::ALL {
            fields.insert(squeeze(name), *field);
        }
        for line in F::SPELLINGS.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, spellings)) = line.split_once('\t') else { continue };
            let Some(field) = F::from_name(name) else { continue };
            for spelling in spellings.split(';') {
                fields.entry(squeeze(spelling)).or_insert(field);
            }
        }
        Self { fields }
    }

    /// The field that a column of this name feeds. A number at its end is ignored (`Phone 2` → phone).
    pub fn field(&self, column: &str) -> Option<F> {
        let name = squeeze(column);
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        self.fields.get(&name).or_else(|| self.fields.get(stem)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{CompanyField, Field, PersonField, Spellings, squeeze};

    fn every_line_is_used<F: Field>() {
        let mut seen = std::collections::HashMap::new();
        for line in F::SPELLINGS.lines().filter(|line| !line.starts_with('#')) {
            let (name, spellings) = line.split_once('\t').unwrap();
            assert!(F::from_name(name).is_some(), "unknown field {name}");
            for spelling in spellings.split(';') {
                let spelling = squeeze(spelling);
                assert!(!spelling.is_empty(), "empty spelling of {name}");
                let other = seen.insert(spelling.clone(), name).filter(|other| *other != name);
                assert_eq!(other, None, "{spelling} stands for two fields: {name}");
            }
        }
    }

    #[test]
    fn the_tables_name_known_fields_and_no_spelling_twice() {
        every_line_is_used::<CompanyField>();
        every_line_is_used::<PersonField>();
    }

    #[test]
    fn case_spaces_and_punctuation_do_not_count() {
        let people = Spellings::<PersonField>::new();
        for (column, field) in [
            ("First Name", Some(PersonField::FirstName)),
            ("first_name", Some(PersonField::FirstName)),
            ("VORNAME", Some(PersonField::FirstName)),
            ("Nachname ", Some(PersonField::LastName)),
            ("E-Mail 2", Some(PersonField::Email)),
            ("E-Mail-Adresse", Some(PersonField::Email)),
            ("Firma", Some(PersonField::CompanyName)),
            ("PLZ", Some(PersonField::PostalCode)),
            ("Favourite colour", None),
        ] {
            assert_eq!(people.field(column), field, "{column}");
        }
        let companies = Spellings::<CompanyField>::new();
        for (column, field) in [
            ("Firma", CompanyField::Name),
            ("Straße", CompanyField::Street),
            ("Gründungsjahr", CompanyField::FoundedYear),
            ("Gruendungsjahr", CompanyField::FoundedYear),
            ("# Employees", CompanyField::Employees),
            ("websiteUrl", CompanyField::Website),
        ] {
            assert_eq!(companies.field(column), Some(field), "{column}");
        }
    }
}
