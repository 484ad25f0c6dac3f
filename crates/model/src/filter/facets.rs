//! The facets of the long dialect: where each stands, what it looks like, and what it is for. One table is
//! read by the reader and by the description, so that neither knows a facet that the other does not.

use super::bands::{self, Band, Range};
use super::shapes;
use super::terms;
use super::tree::{
    AccountFacet, COMPANY_TYPES, Circle, CompanySource, ContactFacet, Days, Graduation, Level, PersonSource,
    SENIORITIES, Text,
};
use crate::fault::{Faults, Node};
use serde_json::Value;

/// One facet of the long dialect.
pub(super) struct Entry<F: 'static> {
    /// The keys from the part (`contact`, `account`) to the facet.
    pub path: &'static [&'static str],
    pub shape: Shape<F>,
    /// What it is about, for the description.
    pub about: &'static str,
    /// A value at the path, as JSON.
    pub example: &'static str,
}

/// What stands at a facet, and the clause it becomes.
pub(super) enum Shape<F: 'static> {
    Text(fn(Text) -> F),
    Plain(Set, fn(Vec<String>) -> F),
    /// The names of the sources, and the reader.
    Keyword(&'static [&'static str], fn(&Node<'_>, &mut Faults) -> Option<F>),
    Range(fn(Range) -> F),
    /// `{min,max}` in years and months.
    Months(fn(Band) -> F),
    Years(fn(Graduation) -> F),
    Days(fn(Days) -> F),
    Circle(fn(Circle) -> F),
    Flag(fn(bool) -> F),
    /// A number of days.
    Count(fn(u32) -> F),
    /// Part of the language, but no catalog has it.
    NoData,
}

/// What the values of a plain facet can be.
#[derive(Clone, Copy)]
pub(super) enum Set {
    /// Any text.
    Free,
    /// Ids, domains or names, of which there can be many.
    Ids,
    Of(&'static [&'static str]),
    /// [`super::NETWORKS`], in any letter case.
    Networks,
    /// Codes of two to six digits.
    Naics,
}

impl<F> Shape<F> {
    /// Whether the value can be in a wrapper.
    pub(super) const fn is_wrapped(&self) -> bool {
        !matches!(self, Self::Flag(_) | Self::Count(_) | Self::NoData)
    }

    /// Whether the value can stand for itself, which is an any.include.
    pub(super) const fn can_be_bare(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Plain(..) | Self::Keyword(..))
    }

    /// Whether this value does.
    pub(super) fn is_bare(&self, value: &Value) -> bool {
        let wrapper = |value: &Value| value.get("any").is_some() || value.get("all").is_some();
        self.can_be_bare() && !(self.is_wrapped() && (wrapper(value) || !value.is_object()))
    }

    /// Reads the value, without its wrapper.
    pub(super) fn read(&self, node: &Node<'_>, faults: &mut Faults) -> Option<F> {
        match self {
            Self::Text(make) => terms::text(node, faults).map(make),
            Self::Plain(set, make) => set.read(node, faults).map(make),
            Self::Keyword(_, read) => read(node, faults),
            Self::Range(make) => bands::read(node, faults).flatten().map(make),
            Self::Months(make) => shapes::months(node, faults).map(make),
            Self::Years(make) => shapes::years(node, faults).map(make),
            Self::Days(make) => shapes::days(node, faults).map(make),
            Self::Circle(make) => shapes::circle(node, faults).map(make),
            Self::Flag(make) => node.boolean(faults).map(make),
            Self::Count(make) => {
                let count = node.integer(faults, 1, shapes::MAX_DAYS)?;
                u32::try_from(count).ok().map(make)
            }
            Self::NoData => {
                node.fault(faults, NO_DATA);
                None
            }
        }
    }
}

/// What is said of facets that no catalog has.
pub(super) const NO_DATA: &str = "The catalog has no such data";

impl Set {
    fn read(self, node: &Node<'_>, faults: &mut Faults) -> Option<Vec<String>> {
        match self {
            Self::Free => terms::strings(node, faults, terms::MAX_VALUES),
            Self::Ids => terms::strings(node, faults, terms::MAX_IDS),
            Self::Of(names) => terms::names(node, faults, names),
            Self::Networks => terms::list(node, faults, terms::MAX_VALUES, shapes::network),
            Self::Naics => terms::list(node, faults, terms::MAX_VALUES, shapes::naics),
        }
    }
}

const fn entry<F>(
    path: &'static [&'static str],
    shape: Shape<F>,
    about: &'static str,
    example: &'static str,
) -> Entry<F> {
    Entry { path, shape, about, example }
}

/// The `contact` part.
pub(super) static CONTACT: [Entry<ContactFacet>; 31] = [
    entry(
        &["fullName"],
        Shape::Text(ContactFacet::FullName),
        "First and last name.",
        r#"{"any":{"include":["Ada Lovelace"]}}"#,
    ),
    entry(
        &["seniority"],
        Shape::Plain(Set::Of(&SENIORITIES), ContactFacet::Seniority),
        "Rank of the current position.",
        r#"{"any":{"include":["c_suite","vp"]}}"#,
    ),
    entry(
        &["departmentAndFunction"],
        Shape::Plain(Set::Free, ContactFacet::Department),
        "Department, sub-department or function.",
        r#"{"any":{"include":["engineering"]}}"#,
    ),
    entry(
        &["experience", "latest", "title"],
        Shape::Text(ContactFacet::LatestTitle),
        "Title of the latest position, whether or not it goes on.",
        r#"{"any":{"include":["Chief Technology Officer"]}}"#,
    ),
    entry(
        &["experience", "current", "title"],
        Shape::Text(ContactFacet::CurrentTitle),
        "Title of a position that goes on.",
        r#"{"any":{"include":["VP Engineering"],"exclude":{"mode":"WORD","content":["assistant to"]}}}"#,
    ),
    entry(
        &["experience", "previous", "title"],
        Shape::Text(ContactFacet::PreviousTitle),
        "Title of a position that has ended.",
        r#"{"any":{"include":{"mode":"STRICT","content":["Consultant"]}}}"#,
    ),
    entry(
        &["experience", "current", "duration", "currentCompany"],
        Shape::Months(ContactFacet::CompanyMonths),
        "How long the person has been in the present company.",
        r#"{"min":{"year":1,"month":6}}"#,
    ),
    entry(
        &["experience", "current", "duration", "currentJob"],
        Shape::Months(ContactFacet::JobMonths),
        "How long the person has been in the present position.",
        r#"{"max":{"month":6}}"#,
    ),
    entry(
        &["experience", "current", "duration", "total"],
        Shape::Months(ContactFacet::ExperienceMonths),
        "How long the person has worked in all; jobs at the same time count once.",
        r#"{"min":{"year":10},"max":{"year":20}}"#,
    ),
    entry(
        &["company", "latest"],
        Shape::Plain(Set::Ids, ContactFacet::LatestCompany),
        "Company of the latest position, by id, domain or name.",
        r#"{"any":{"include":["acme.example","Globex"]}}"#,
    ),
    entry(
        &["company", "current"],
        Shape::Plain(Set::Ids, ContactFacet::CurrentCompany),
        "Company of a position that goes on, by id, domain or name.",
        r#"{"any":{"include":["acme.example"]}}"#,
    ),
    entry(
        &["company", "previous"],
        Shape::Plain(Set::Ids, ContactFacet::PreviousCompany),
        "Company of a position that has ended, by id, domain or name.",
        r#"{"any":{"exclude":["Globex"]}}"#,
    ),
    entry(
        &["location"],
        Shape::Plain(Set::Free, |values| ContactFacet::Location(Level::Any, values)),
        "Where the person lives: city, state, country, ISO code or region.",
        r#"{"any":{"include":["DACH","Milan"]}}"#,
    ),
    entry(
        &["skill"],
        Shape::Text(ContactFacet::Skill),
        "Skills.",
        r#"{"all":{"include":["Rust","PostgreSQL"]}}"#,
    ),
    entry(
        &["certification"],
        Shape::Text(ContactFacet::Certification),
        "Certifications.",
        r#"{"any":{"include":["PMP"]}}"#,
    ),
    entry(
        &["keyword"],
        Shape::Keyword(&PersonSource::NAMES, |node, faults| {
            terms::keyword(node, faults, &PersonSource::NAMES, &PersonSource::ALL).map(ContactFacet::Keyword)
        }),
        "Words in several parts of the profile at once.",
        r#"{"any":{"include":{"sources":[{"mode":"WORD","source":"HEADLINE"}],"content":["machine learning"]}}}"#,
    ),
    entry(
        &["language"],
        Shape::Text(ContactFacet::Language),
        "Languages spoken.",
        r#"{"all":{"include":["German","French"]}}"#,
    ),
    entry(
        &["language", "range"],
        Shape::Range(ContactFacet::LanguageCount),
        "How many languages are spoken.",
        r#"{"type":"RANGE","range":[{"start":2}]}"#,
    ),
    entry(
        &["education", "school"],
        Shape::Text(ContactFacet::School),
        "Schools and universities.",
        r#"{"any":{"include":["ETH Zurich"]}}"#,
    ),
    entry(
        &["education", "degree"],
        Shape::Text(ContactFacet::Degree),
        "Degrees.",
        r#"{"any":{"include":["Master","MBA"]}}"#,
    ),
    entry(
        &["education", "fieldOfStudy"],
        Shape::Text(ContactFacet::FieldOfStudy),
        "Fields of study.",
        r#"{"any":{"include":["Computer Science"]}}"#,
    ),
    entry(
        &["education", "date"],
        Shape::Years(ContactFacet::Graduation),
        "Year in which an education ended; with `present`, what still goes on fits, too.",
        r#"{"start":2010,"end":"2014-06","present":true}"#,
    ),
    entry(
        &["linkedin"],
        Shape::Plain(Set::Free, ContactFacet::Linkedin),
        "Addresses of LinkedIn profiles.",
        r#"{"any":{"include":["https://www.linkedin.com/in/ada-lovelace"]}}"#,
    ),
    entry(
        &["socialMediaLink"],
        Shape::Plain(Set::Free, ContactFacet::SocialLink),
        "Addresses of pages in any network.",
        r#"{"any":{"include":["https://github.com/ada"]}}"#,
    ),
    entry(
        &["socialMedia"],
        Shape::Plain(Set::Networks, ContactFacet::Network),
        "Networks in which the person has a page.",
        r#"{"all":{"include":["GITHUB","x"]}}"#,
    ),
    entry(
        &["profileBadge"],
        Shape::Plain(Set::Free, ContactFacet::Badge),
        "Badges of the profile.",
        r#"{"any":{"include":["OPEN_TO_WORK"]}}"#,
    ),
    entry(
        &["socialMediaFollower", "linkedin", "followers"],
        Shape::Range(ContactFacet::Followers),
        "Followers on LinkedIn.",
        r#"{"type":"RANGE","range":[{"start":1000,"end":5000},{"start":50000}]}"#,
    ),
    entry(
        &["socialMediaFollower", "linkedin", "connections"],
        Shape::Range(ContactFacet::Connections),
        "Connections on LinkedIn.",
        r#"{"start":500}"#,
    ),
    entry(&["hasEmail"], Shape::Flag(ContactFacet::HasEmail), "Whether an e-mail address is known.", "true"),
    entry(&["hasPhone"], Shape::Flag(ContactFacet::HasPhone), "Whether a phone number is known.", "false"),
    entry(
        &["updatedWithinDays"],
        Shape::Count(ContactFacet::UpdatedWithinDays),
        "Seen by the source at most so many days ago.",
        "90",
    ),
];

/// The `account` part.
pub(super) static ACCOUNT: [Entry<AccountFacet>; 28] = [
    entry(
        &["nameOrDomain"],
        Shape::Text(AccountFacet::NameOrDomain),
        "Name or domain.",
        r#"{"any":{"include":["Acme","globex.example"]}}"#,
    ),
    entry(
        &["name"],
        Shape::Text(AccountFacet::Name),
        "Name.",
        r#"{"any":{"include":{"mode":"STRICT","content":["Acme"]}}}"#,
    ),
    entry(
        &["url"],
        Shape::Text(AccountFacet::Url),
        "Address of the web site.",
        r#"{"any":{"include":["https://www.acme.example"]}}"#,
    ),
    entry(
        &["domain"],
        Shape::Plain(Set::Ids, AccountFacet::Domain),
        "Domain.",
        r#"{"any":{"include":["acme.example"]}}"#,
    ),
    entry(
        &["linkedin"],
        Shape::Plain(Set::Free, AccountFacet::Linkedin),
        "Addresses of LinkedIn pages.",
        r#"{"any":{"include":["https://www.linkedin.com/company/acme"]}}"#,
    ),
    entry(
        &["socialMediaLink"],
        Shape::Plain(Set::Free, AccountFacet::SocialLink),
        "Addresses of pages in any network.",
        r#"{"any":{"include":["https://x.com/acme"]}}"#,
    ),
    entry(
        &["phoneNumber"],
        Shape::Plain(Set::Free, AccountFacet::Phone),
        "Phone numbers.",
        r#"{"any":{"include":["+41 44 668 18 00"]}}"#,
    ),
    entry(
        &["location"],
        Shape::Plain(Set::Free, |values| AccountFacet::Location(Level::Any, values)),
        "Where the headquarters are: city, state, country, ISO code or region.",
        r#"{"any":{"include":["Europe"],"exclude":["GB"]}}"#,
    ),
    entry(
        &["industry"],
        Shape::Text(AccountFacet::Industry),
        "Industry. Also written `industries`.",
        r#"{"any":{"include":["Software"]}}"#,
    ),
    entry(
        &["industries"],
        Shape::Text(AccountFacet::Industry),
        "The same as `industry`.",
        r#"{"any":{"exclude":["Banking"]}}"#,
    ),
    entry(
        &["employeeSize"],
        Shape::Range(AccountFacet::EmployeeSize),
        "Number of employees. A company of which only a band such as 51-200 is known fits when the bands overlap.",
        r#"{"type":"RANGE","range":[{"start":51,"end":200},{"start":1000}]}"#,
    ),
    entry(
        &["revenue"],
        Shape::Range(AccountFacet::Revenue),
        "Revenue in US dollars a year.",
        r#"{"type":"RANGE","range":[{"start":10000000}]}"#,
    ),
    entry(
        &["retailSize"],
        Shape::Range(AccountFacet::RetailSize),
        "Number of shops.",
        r#"{"any":{"include":{"type":"RANGE","range":[{"start":10,"end":500}]}}}"#,
    ),
    entry(
        &["foundedYear"],
        Shape::Range(AccountFacet::FoundedYear),
        "Year of foundation.",
        r#"{"start":2010,"end":2020}"#,
    ),
    entry(
        &["type"],
        Shape::Plain(Set::Of(&COMPANY_TYPES), AccountFacet::Type),
        "Kind of company.",
        r#"{"any":{"include":["PRIVATELY_HELD","PUBLIC_COMPANY"]}}"#,
    ),
    entry(
        &["technologies"],
        Shape::Text(AccountFacet::Technology),
        "Technologies in use. Also written `technology`.",
        r#"{"all":{"include":["Kubernetes","PostgreSQL"]}}"#,
    ),
    entry(
        &["technology"],
        Shape::Text(AccountFacet::Technology),
        "The same as `technologies`.",
        r#"{"any":{"include":["Salesforce"]}}"#,
    ),
    entry(
        &["productAndServices"],
        Shape::Text(AccountFacet::Product),
        "Products and services.",
        r#"{"any":{"include":["payroll"]}}"#,
    ),
    entry(
        &["keyword"],
        Shape::Keyword(&CompanySource::NAMES, |node, faults| {
            terms::keyword(node, faults, &CompanySource::NAMES, &CompanySource::ALL)
                .map(AccountFacet::Keyword)
        }),
        "Words in several parts of the record at once.",
        r#"{"any":{"include":{"mode":"WORD","content":["supply chain"]}}}"#,
    ),
    entry(
        &["language"],
        Shape::Plain(Set::Free, AccountFacet::Language),
        "Languages of the company.",
        r#"{"any":{"include":["German"]}}"#,
    ),
    entry(
        &["funding", "type"],
        Shape::Plain(Set::Free, AccountFacet::FundingType),
        "Kind of the last round of funding.",
        r#"{"any":{"include":["Series A","Seed"]}}"#,
    ),
    entry(
        &["funding", "totalAmount"],
        Shape::Range(AccountFacet::FundingTotal),
        "Funding in all, in US dollars.",
        r#"{"start":1000000,"end":50000000}"#,
    ),
    entry(
        &["funding", "lastAmount"],
        Shape::Range(AccountFacet::FundingLast),
        "The last round of funding, in US dollars.",
        r#"{"start":1000000}"#,
    ),
    entry(
        &["funding", "duration"],
        Shape::Days(AccountFacet::FundingDate),
        "Day of the last round of funding.",
        r#"{"start":"2023-01-01","end":"2024-06-30"}"#,
    ),
    entry(
        &["geoLocation"],
        Shape::Circle(AccountFacet::Near),
        "Headquarters within a radius around a point.",
        r#"{"position":{"lat":48.137,"lng":11.575},"radius":50,"unit":"km"}"#,
    ),
    entry(
        &["naics"],
        Shape::Plain(Set::Naics, AccountFacet::Naics),
        "Codes of the North American Industry Classification System; a shorter code stands for all that begin with it.",
        r#"{"any":{"include":["5415","52"]}}"#,
    ),
    entry(&["metric", "employee"], Shape::NoData, "Number of employees over time.", "[]"),
    entry(&["metric", "growth"], Shape::NoData, "Growth over time.", "[]"),
];
