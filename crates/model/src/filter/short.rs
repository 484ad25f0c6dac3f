//! The short dialect of the documented ICP samples. Each list means "any of these", several keys "and".

use super::bands::{self, Band, Range};
use super::describe::Key;
use super::terms;
use super::tree::{
    AccountFacet, Clause, CompanySource, ContactFacet, Filter, Keyword, Level, Mode, SENIORITIES, Text,
    Wrapper,
};
use crate::fault::{Faults, Node};
use crate::kind::EntityKind;

const fn key(path: &'static str, is_about_people: bool, about: &'static str, example: &'static str) -> Key {
    Key { path, about, is_about_people, example }
}

/// The dialect for its description.
pub(super) static KEYS: [Key; 14] = [
    key("job_title", true, "Title of a position that goes on: a list, or one text.", r#""VP Engineering""#),
    key("job_titles", true, "The same as `job_title`.", r#"["CTO","Head of Engineering"]"#),
    key("seniority", true, "As `contact.seniority`.", r#"["director","vp"]"#),
    key("skills", true, "As `contact.skill`.", r#"["Rust"]"#),
    key(
        "location.country",
        false,
        "Country or region: the person's, in a search for companies theirs.",
        r#"["Germany"]"#,
    ),
    key("location.state", false, "State or province.", r#"["Bavaria"]"#),
    key("location.city", false, "City.", r#"["Munich"]"#),
    key("company_size", false, "Number of employees as bands.", r#"["501-1000","5001+"]"#),
    key("company.employee_size", false, "Number of employees.", r#"{"min":50,"max":500}"#),
    key("company.size", false, "The same as `company_size`.", r#"["11-50"]"#),
    key("company.industry", false, "As `account.industry`.", r#"["Software"]"#),
    key("company.keywords", false, "As `account.keyword`, everywhere.", r#"["payments"]"#),
    key("company.name", false, "As `account.name`.", r#"["Acme"]"#),
    key("company.domain", false, "As `account.domain`.", r#"["acme.example"]"#),
];

/// Reads one top-level key and returns whether it belongs to this dialect for searches of `kind`.
/// A search for companies takes the keys that tell of companies; there `location` is the company's place.
pub(super) fn field(
    key: &str,
    node: &Node<'_>,
    faults: &mut Faults,
    filter: &mut Filter,
    kind: EntityKind,
) -> bool {
    let person = kind == EntityKind::Person;
    match key {
        "job_title" | "job_titles" if person => {
            contact(filter, text(node, faults).map(ContactFacet::CurrentTitle));
        }
        "seniority" if person => {
            contact(filter, terms::names(node, faults, &SENIORITIES).map(ContactFacet::Seniority));
        }
        "skills" if person => contact(filter, text(node, faults).map(ContactFacet::Skill)),
        "location" => location(node, faults, filter, person),
        "company_size" => size(node, faults, filter),
        "company" => company(node, faults, filter),
        _ => return false,
    }
    true
}

fn contact(filter: &mut Filter, facet: Option<ContactFacet>) {
    filter.contact.extend(facet.map(|facet| Clause { wrapper: Wrapper::AnyInclude, facet }));
}

fn account(filter: &mut Filter, facet: Option<AccountFacet>) {
    filter.account.extend(facet.map(|facet| Clause { wrapper: Wrapper::AnyInclude, facet }));
}

/// Reads a list of strings, or one string alone.
fn values(node: &Node<'_>, faults: &mut Faults, max: usize) -> Option<Vec<String>> {
    if node.value().is_string() {
        return node.text(faults, 1, terms::MAX_VALUE_CHARS).map(|value| vec![value.to_owned()]);
    }
    terms::strings(node, faults, max)
}

fn text(node: &Node<'_>, faults: &mut Faults) -> Option<Text> {
    values(node, faults, terms::MAX_VALUES).map(|values| Text { mode: Mode::Smart, values })
}

fn location(node: &Node<'_>, faults: &mut Faults, filter: &mut Filter, person: bool) {
    node.object(faults, &[], |key, child, faults| {
        let level = match key {
            "country" => Level::Country,
            "state" => Level::State,
            "city" => Level::City,
            _ => return false,
        };
        let values = values(child, faults, terms::MAX_VALUES);
        if person {
            contact(filter, values.map(|values| ContactFacet::Location(level, values)));
        } else {
            account(filter, values.map(|values| AccountFacet::Location(level, values)));
        }
        true
    });
}

fn size(node: &Node<'_>, faults: &mut Faults, filter: &mut Filter) {
    let bands: Option<Vec<Band>> = if node.value().is_string() {
        bands::text(node, faults).map(|band| vec![band])
    } else {
        node.array(faults, terms::MAX_VALUES, bands::text)
    };
    let bands = bands.filter(|bands| !bands.is_empty());
    account(filter, bands.map(|bands| AccountFacet::EmployeeSize(Range::Bands(bands))));
}

fn company(node: &Node<'_>, faults: &mut Faults, filter: &mut Filter) {
    node.object(faults, &[], |key, child, faults| {
        match key {
            "employee_size" => {
                let band = bands::pair(child, faults, "min", "max").filter(|band| *band != Band::default());
                account(filter, band.map(|band| AccountFacet::EmployeeSize(Range::Bands(vec![band]))));
            }
            "size" => size(child, faults, filter),
            "industry" => account(filter, text(child, faults).map(AccountFacet::Industry)),
            "keywords" => {
                let values = values(child, faults, terms::MAX_VALUES);
                let sources = CompanySource::ALL.map(|source| (source, Mode::Smart)).to_vec();
                account(filter, values.map(|values| AccountFacet::Keyword(Keyword { sources, values })));
            }
            "name" => account(filter, text(child, faults).map(AccountFacet::Name)),
            "domain" => account(filter, values(child, faults, terms::MAX_IDS).map(AccountFacet::Domain)),
            _ => return false,
        }
        true
    });
}
