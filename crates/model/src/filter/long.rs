//! The long dialect: `contact` and `account`.

use super::bands::Range;
use super::terms;
use super::tree::{
    AccountFacet, Clause, CompanySource, ContactFacet, Level, PersonSource, SENIORITIES, Text,
};
use crate::fault::{Faults, Node};

type Contact = Vec<Clause<ContactFacet>>;
type Account = Vec<Clause<AccountFacet>>;

/// Reads the `contact` part.
pub(super) fn contact(node: &Node<'_>, faults: &mut Faults, out: &mut Contact) {
    node.object(faults, &[], |key, child, faults| {
        match key {
            "fullName" => text(child, faults, out, ContactFacet::FullName),
            "seniority" => terms::wrapped(child, faults, out, |node, faults| {
                terms::names(node, faults, &SENIORITIES).map(ContactFacet::Seniority)
            }),
            "experience" => experience(child, faults, out),
            "company" => company(child, faults, out),
            "location" => terms::wrapped(child, faults, out, |node, faults| {
                terms::strings(node, faults, terms::MAX_VALUES)
                    .map(|values| ContactFacet::Location(Level::Any, values))
            }),
            "skill" => text(child, faults, out, ContactFacet::Skill),
            "keyword" => terms::wrapped(child, faults, out, |node, faults| {
                terms::keyword(node, faults, &PersonSource::NAMES, &PersonSource::ALL)
                    .map(ContactFacet::Keyword)
            }),
            _ => return false,
        }
        true
    });
}

fn experience(node: &Node<'_>, faults: &mut Faults, out: &mut Contact) {
    node.object(faults, &[], |key, child, faults| {
        let make = match key {
            "latest" => ContactFacet::LatestTitle,
            "current" => ContactFacet::CurrentTitle,
            _ => return false,
        };
        child.object(faults, &[], |key, child, faults| {
            if key == "title" {
                text(child, faults, out, make);
            }
            key == "title"
        });
        true
    });
}

fn company(node: &Node<'_>, faults: &mut Faults, out: &mut Contact) {
    node.object(faults, &[], |key, child, faults| {
        let make = match key {
            "latest" => ContactFacet::LatestCompany,
            "current" => ContactFacet::CurrentCompany,
            _ => return false,
        };
        terms::wrapped(child, faults, out, |node, faults| {
            terms::strings(node, faults, terms::MAX_IDS).map(make)
        });
        true
    });
}

/// Reads the `account` part.
pub(super) fn account(node: &Node<'_>, faults: &mut Faults, out: &mut Account) {
    node.object(faults, &[], |key, child, faults| {
        match key {
            "nameOrDomain" => text(child, faults, out, AccountFacet::NameOrDomain),
            "name" => text(child, faults, out, AccountFacet::Name),
            "domain" => terms::wrapped(child, faults, out, |node, faults| {
                terms::strings(node, faults, terms::MAX_IDS).map(AccountFacet::Domain)
            }),
            "location" => terms::wrapped(child, faults, out, |node, faults| {
                terms::strings(node, faults, terms::MAX_VALUES)
                    .map(|values| AccountFacet::Location(Level::Any, values))
            }),
            "industry" | "industries" => text(child, faults, out, AccountFacet::Industry),
            "employeeSize" => terms::range(child, faults, out, AccountFacet::EmployeeSize as fn(Range) -> _),
            "keyword" => terms::wrapped(child, faults, out, |node, faults| {
                terms::keyword(node, faults, &CompanySource::NAMES, &CompanySource::ALL)
                    .map(AccountFacet::Keyword)
            }),
            _ => return false,
        }
        true
    });
}

fn text<F>(node: &Node<'_>, faults: &mut Faults, out: &mut Vec<Clause<F>>, make: fn(Text) -> F) {
    terms::wrapped(node, faults, out, |node, faults| terms::text(node, faults).map(make));
}
