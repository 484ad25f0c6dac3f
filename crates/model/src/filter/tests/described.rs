//! The description tells of everything that can be read, and of nothing else.

use super::{any, person, read};
use crate::filter::{AccountFacet, ContactFacet, FilterLanguage, describe};
use crate::kind::EntityKind;
use serde_json::json;
use std::collections::BTreeSet;

/// Gives each variant of an enum its name, and lists the names: a variant that is missing does not compile.
macro_rules! variants {
    ($list:ident, $name:ident, $kind:ident: $($variant:ident),+ $(,)?) => {
        const $list: &[&str] = &[$(stringify!($variant)),+];

        fn $name(facet: &$kind) -> &'static str {
            match facet {
                $($kind::$variant { .. } => stringify!($variant),)+
            }
        }
    };
}

variants!(CONTACT, contact_name, ContactFacet:
    FullName, Seniority, Department, LatestTitle, CurrentTitle, PreviousTitle, CompanyMonths, JobMonths,
    ExperienceMonths, LatestCompany, CurrentCompany, PreviousCompany, Location, Skill, Certification, Keyword,
    Language, LanguageCount, School, Degree, FieldOfStudy, Graduation, Linkedin, SocialLink, Network, Badge, Followers,
    Connections, HasEmail, HasPhone, UpdatedWithinDays,
);
variants!(ACCOUNT, account_name, AccountFacet:
    NameOrDomain, Name, Url, Domain, Linkedin, SocialLink, Phone, Location, Industry, EmployeeSize, Revenue, RetailSize,
    FoundedYear, Type, Technology, Product, Keyword, Language, FundingType, FundingTotal, FundingLast, FundingDate, Near,
    Naics,
);

fn language() -> FilterLanguage {
    describe(vec!["DACH".to_owned()], vec!["sales".to_owned()])
}

#[test]
fn every_facet_is_described_with_an_example_that_is_read() {
    let (mut contact, mut account) = (BTreeSet::new(), BTreeSet::new());
    for facet in language().facets {
        let filter = person(&facet.example);
        let names: BTreeSet<&str> = (filter.contact.iter().map(|clause| contact_name(&clause.facet)))
            .chain(filter.account.iter().map(|clause| account_name(&clause.facet)))
            .collect();
        assert_eq!(names.len(), 1, "{}: {names:?}", facet.path);
        let pointer = format!("/{}", facet.path.replace('.', "/"));
        assert!(facet.example.pointer(&pointer).is_some(), "{}", facet.path);
        for kind in EntityKind::ALL {
            assert_eq!(read(&facet.example, kind).is_ok(), facet.searches.contains(&kind), "{}", facet.path);
        }
        contact.extend(filter.contact.iter().map(|clause| contact_name(&clause.facet)));
        account.extend(filter.account.iter().map(|clause| account_name(&clause.facet)));
    }
    assert_eq!(contact, CONTACT.iter().copied().collect());
    assert_eq!(account, ACCOUNT.iter().copied().collect());
}

#[test]
fn every_key_of_the_short_dialect_is_described_with_an_example_that_is_read() {
    for key in language().short {
        let filter = person(&key.example);
        assert!(!filter.is_empty(), "{}", key.path);
        for kind in EntityKind::ALL {
            assert_eq!(read(&key.example, kind).is_ok(), key.searches.contains(&kind), "{}", key.path);
        }
    }
}

#[test]
fn what_has_no_data_is_refused_as_described() {
    for part in language().unavailable {
        let keys: Vec<&str> = part.path.split('.').collect();
        let value = keys.iter().rev().fold(json!([]), |value, key| json!({*key: value}));
        assert_eq!(
            read(&value, EntityKind::Person).expect_err("is refused"),
            json!([{"path": keys, "message": part.message}])
        );
    }
}

#[test]
fn every_value_wrapper_and_mode_that_is_named_is_read() {
    let language = language();
    for facet in &language.facets {
        let at = |value: serde_json::Value| {
            let value = facet.path.rsplit('.').fold(value, |value, key| json!({key: value}));
            person(&value)
        };
        assert!(language.kinds.contains_key(&facet.kind), "{}", facet.path);
        if let Some(values) = &facet.values {
            let filter = at(json!({"any": {"include": values}}));
            assert_eq!(filter.contact.len() + filter.account.len(), 1, "{}", facet.path);
        }
        for mode in &facet.modes {
            assert!(language.modes.contains_key(mode));
            let _ = at(json!({"any": {"include": {"mode": mode, "content": ["x"]}}}));
        }
        for source in facet.sources.iter().flatten() {
            let _ = at(json!({"any": {"include": {"sources": [{"source": source}], "content": ["x"]}}}));
        }
        let bare = facet.example.pointer(&format!("/{}", facet.path.replace('.', "/"))).expect("the value");
        let bare = bare.pointer("/any/include").or(bare.pointer("/any/exclude")).unwrap_or(bare);
        let bare = bare.pointer("/all/include").unwrap_or(bare);
        for wrapper in &facet.wrappers {
            assert!(language.wrappers.contains_key(wrapper));
            let value = wrapper.rsplit('.').fold(bare.clone(), |value, key| json!({key: value}));
            let filter = at(value);
            assert_eq!(filter.contact.len() + filter.account.len(), 1, "{}", facet.path);
        }
    }
}

#[test]
fn one_facet_whole() {
    let language = json!(language());
    assert_eq!(
        language["facets"][1],
        json!({
            "path": "contact.seniority",
            "about": "Rank of the current position.",
            "for": ["person"],
            "kind": "plain",
            "wrappers": ["any.include", "any.exclude", "all.include", "all.exclude"],
            "bare": false,
            "modes": [],
            "values": crate::filter::SENIORITIES,
            "sources": null,
            "maxValues": 2000,
            "example": {"contact": {"seniority": {"any": {"include": ["c_suite", "vp"]}}}}
        })
    );
    assert_eq!(
        person(&language["facets"][1]["example"]).contact,
        [any(ContactFacet::Seniority(vec!["c_suite".to_owned(), "vp".to_owned()]))]
    );
}
