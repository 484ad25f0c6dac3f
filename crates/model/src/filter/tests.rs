//! What is read, and what is refused with which words and where.

mod described;
mod facets;
mod properties;

use super::{
    AccountFacet, Band, Clause, CompanySource, ContactFacet, Filter, Keyword, Level, Mode, PersonSource,
    Range, Text, Wrapper,
};
use crate::fault::{Faults, Node};
use crate::kind::EntityKind;
use serde_json::{Value, json};
use uuid::Uuid;

fn read(value: &Value, kind: EntityKind) -> Result<Filter, Value> {
    let mut faults = Faults::new();
    let filter = Filter::read(&Node::root(value), &mut faults, kind);
    assert_eq!(filter.is_some(), faults.is_empty(), "a filter comes exactly when nothing is wrong");
    faults.finish(filter).map_err(|faults| json!(faults))
}

fn person(value: &Value) -> Filter {
    read(value, EntityKind::Person).unwrap_or_else(|faults| panic!("{value}: {faults}"))
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn any<F>(facet: F) -> Clause<F> {
    Clause { wrapper: Wrapper::AnyInclude, facet }
}

fn smart(values: &[&str]) -> Text {
    Text { mode: Mode::Smart, values: strings(values) }
}

#[test]
fn the_long_dialect_becomes_clauses() {
    let filter = person(&json!({
        "contact": {
            "experience": {"current": {"title": {
                "any": {"include": ["CTO"], "exclude": {"mode": "WORD", "content": ["assistant to"]}},
                "all": {"include": [], "exclude": {"content": ["a", "b"]}}
            }}},
            "seniority": {"any": {"include": ["c_suite", "vp"]}},
            "keyword": {"any": {"include": {"sources": [{"mode": "STRICT", "source": "HEADLINE"}], "content": ["x"]}}}
        },
        "account": {
            "employeeSize": {"type": "RANGE", "range": [{"start": 11, "end": 50}, {"start": 1000}]},
            "industries": {"any": {"exclude": ["Banking"]}},
            "location": {"any": {"include": ["DACH"]}}
        },
        "lists": {"company_id": {"exclude": ["00000000-0000-0000-0000-000000000001"]}}
    }));
    let clause = |wrapper: Wrapper, mode: Mode, values: &[&str]| Clause {
        wrapper,
        facet: ContactFacet::CurrentTitle(Text { mode, values: strings(values) }),
    };
    assert_eq!(
        filter.contact,
        [
            clause(Wrapper::AnyInclude, Mode::Smart, &["CTO"]),
            clause(Wrapper::AnyExclude, Mode::Word, &["assistant to"]),
            clause(Wrapper::AllExclude, Mode::Smart, &["a", "b"]),
            any(ContactFacet::Seniority(strings(&["c_suite", "vp"]))),
            any(ContactFacet::Keyword(Keyword {
                sources: vec![(PersonSource::Headline, Mode::Strict)],
                values: strings(&["x"]),
            })),
        ]
    );
    assert_eq!(
        filter.account,
        [
            any(AccountFacet::EmployeeSize(Range::Bands(vec![
                Band { start: Some(11), end: Some(50) },
                Band { start: Some(1000), end: None },
            ]))),
            Clause { wrapper: Wrapper::AnyExclude, facet: AccountFacet::Industry(smart(&["Banking"])) },
            any(AccountFacet::Location(Level::Any, strings(&["DACH"]))),
        ]
    );
    assert_eq!(filter.lists.companies.iter().copied().collect::<Vec<_>>(), [Uuid::from_u128(1)]);
    let stored = serde_json::to_value(&filter).expect("serialises");
    assert_eq!(serde_json::from_value::<Filter>(stored).expect("reads back"), filter);
}

#[test]
fn the_short_dialect_becomes_the_same_clauses() {
    let filter = person(&json!({
        "job_title": "VP Engineering",
        "job_titles": ["CTO"],
        "seniority": ["director"],
        "skills": ["Rust"],
        "location": {"country": ["Germany"], "state": ["CA"], "city": ["Berlin"]},
        "company_size": ["501-1000", "5001+"],
        "company": {
            "employee_size": {"min": 10, "max": null},
            "size": ["1-10"], "industry": ["Software"], "keywords": ["SaaS"], "name": ["Acme"], "domain": ["acme.com"]
        }
    }));
    assert_eq!(
        filter.contact,
        [
            any(ContactFacet::CurrentTitle(smart(&["VP Engineering"]))),
            any(ContactFacet::CurrentTitle(smart(&["CTO"]))),
            any(ContactFacet::Seniority(strings(&["director"]))),
            any(ContactFacet::Skill(smart(&["Rust"]))),
            any(ContactFacet::Location(Level::Country, strings(&["Germany"]))),
            any(ContactFacet::Location(Level::State, strings(&["CA"]))),
            any(ContactFacet::Location(Level::City, strings(&["Berlin"]))),
        ]
    );
    let bands = |bands: &[(u64, Option<u64>)]| {
        let bands = bands.iter().map(|(start, end)| Band { start: Some(*start), end: *end }).collect();
        any(AccountFacet::EmployeeSize(Range::Bands(bands)))
    };
    assert_eq!(
        filter.account,
        [
            bands(&[(501, Some(1000)), (5001, None)]),
            bands(&[(10, None)]),
            bands(&[(1, Some(10))]),
            any(AccountFacet::Industry(smart(&["Software"]))),
            any(AccountFacet::Keyword(Keyword {
                sources: CompanySource::ALL.map(|source| (source, Mode::Smart)).to_vec(),
                values: strings(&["SaaS"]),
            })),
            any(AccountFacet::Name(smart(&["Acme"]))),
            any(AccountFacet::Domain(strings(&["acme.com"]))),
        ]
    );
    let filter = read(&json!({"location": {"city": "Berlin"}, "company_size": "1-10"}), EntityKind::Company)
        .expect("companies have places");
    assert_eq!(filter.contact, []);
    assert_eq!(filter.account.len(), 2);
}

#[test]
fn what_is_empty_is_not_given() {
    for value in [
        json!({}),
        json!({"contact": {}, "account": {}, "lists": {}}),
        json!({"contact": {"skill": {"any": {"include": [], "exclude": []}, "all": {}}}}),
        json!({"contact": {"skill": {"any": {"include": {"mode": "WORD", "content": []}}}}}),
        json!({"account": {"employeeSize": {"type": "RANGE", "range": []}}}),
        json!({"job_titles": [], "company_size": [], "company": {"employee_size": {}}, "location": {"city": []}}),
        json!({"lists": {"person_id": {"exclude": []}}}),
    ] {
        let filter = person(&value);
        assert!(filter.is_empty(), "{value}");
        assert_eq!(filter, Filter::default());
    }
}

#[test]
fn ranges_are_read_bare_and_wrapped() {
    for (value, clauses) in [
        (json!({"type": "ALL"}), vec![(Wrapper::AnyInclude, Range::Present)]),
        (json!({"type": "NONE", "range": []}), vec![(Wrapper::AnyInclude, Range::Absent)]),
        (
            json!({"any": {"include": {"type": "ALL"}, "exclude": {"type": "RANGE", "range": [{"end": 5}]}}}),
            vec![
                (Wrapper::AnyInclude, Range::Present),
                (Wrapper::AnyExclude, Range::Bands(vec![Band { start: None, end: Some(5) }])),
            ],
        ),
    ] {
        let expected: Vec<_> = clauses
            .into_iter()
            .map(|(wrapper, range)| Clause { wrapper, facet: AccountFacet::EmployeeSize(range) })
            .collect();
        assert_eq!(person(&json!({"account": {"employeeSize": value}})).account, expected);
    }
}

#[test]
fn bands_in_text() {
    for (text, band) in [
        ("501-1000", Some((501, Some(1000)))),
        ("5001+", Some((5001, None))),
        ("10,001+", Some((10_001, None))),
        ("1 – 10", Some((1, Some(10)))),
        ("7", Some((7, Some(7)))),
        ("1K-5K", Some((1_000, Some(5_000)))),
        ("1.5k – 2,5k", Some((1_500, Some(2_500)))),
        ("10k+", Some((10_000, None))),
        ("2M", Some((2_000_000, Some(2_000_000)))),
        ("51 to 200", Some((51, Some(200)))),
        ("51 bis 200 Mitarbeiter", Some((51, Some(200)))),
        ("between 51 and 200", Some((51, Some(200)))),
        ("> 1000", Some((1_001, None))),
        (">=1000", Some((1_000, None))),
        ("über 1.000 Beschäftigte", Some((1_001, None))),
        ("more than 50 employees", Some((51, None))),
        ("500 or more", Some((500, None))),
        ("about 200", Some((200, Some(200)))),
        ("ca. 1 200 Mitarbeiter", Some((1_200, Some(1_200)))),
        ("bis 50", Some((0, Some(50)))),
        ("up to 50", Some((0, Some(50)))),
        ("< 50", Some((0, Some(49)))),
        ("moins de 10 salariés", Some((0, Some(9)))),
        ("50 employees", Some((50, Some(50)))),
        ("10001+ employees", Some((10_001, None))),
        ("10-1", None),
        ("employees", None),
        ("about", None),
        ("< 0", None),
        ("k", None),
        ("1.2.3k", None),
        ("to 50", None),
        ("many", None),
        ("-5", None),
        ("", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(Band::parse(text).map(|band| (band.start.unwrap_or(0), band.end)), band, "{text}");
    }
}

#[test]
fn each_wrong_shape_is_refused_at_its_path() {
    let title = |x: Value| json!({"contact": {"experience": {"latest": {"title": {"any": {"include": x}}}}}});
    let title_path = ["contact", "experience", "latest", "title", "any", "include"];
    let at = |more: &[Value]| {
        json!(title_path.iter().map(|key| json!(key)).chain(more.iter().cloned()).collect::<Vec<Value>>())
    };
    let seniorities = "'founder' | 'owner' | 'partner' | 'c_suite' | 'vp' | 'director' | 'head' | 'manager' | 'senior' | \
                       'mid-level' | 'entry' | 'intern'";
    for (value, path, message) in [
        (json!([]), json!([]), "Expected object, received array"),
        (json!(null), json!([]), "Expected object, received null"),
        (json!({"foo": 1}), json!(["foo"]), "Unrecognized key: 'foo'"),
        (json!({"contact": null}), json!(["contact"]), "Expected object, received null"),
        (json!({"contact": {"foo": {}}}), json!(["contact", "foo"]), "Unrecognized key: 'foo'"),
        (
            json!({"contact": {"experience": {"next": {}}}}),
            json!(["contact", "experience", "next"]),
            "Unrecognized key: 'next'",
        ),
        (
            json!({"contact": {"experience": {"latest": {"name": 1}}}}),
            json!(["contact", "experience", "latest", "name"]),
            "Unrecognized key: 'name'",
        ),
        (
            json!({"contact": {"skill": ["a"]}}),
            json!(["contact", "skill"]),
            "Expected object, received array",
        ),
        (
            json!({"contact": {"skill": {"some": {}}}}),
            json!(["contact", "skill", "some"]),
            "Unrecognized key: 'some'",
        ),
        (
            json!({"contact": {"skill": {"any": {"only": []}}}}),
            json!(["contact", "skill", "any", "only"]),
            "Unrecognized key: 'only'",
        ),
        (title(json!("CTO")), at(&[]), "Expected array, received string"),
        (title(json!(["a", 1])), at(&[json!(1)]), "Expected string, received number"),
        (title(json!([""])), at(&[json!(0)]), "String must contain at least 1 character(s)"),
        (title(json!({"mode": "WORD"})), at(&[json!("content")]), "Required"),
        (
            title(json!({"mode": "FUZZY", "content": []})),
            at(&[json!("mode")]),
            "Invalid enum value. Expected 'SMART' | 'WORD' | 'STRICT', received 'FUZZY'",
        ),
        (title(json!({"content": [], "boost": 2})), at(&[json!("boost")]), "Unrecognized key: 'boost'"),
        (
            title(json!({"sources": [], "content": []})),
            at(&[json!("sources")]),
            "Unrecognized key: 'sources'",
        ),
        (
            title(json!(["x".repeat(10_001)])),
            at(&[json!(0)]),
            "String must contain at most 10000 character(s)",
        ),
        (title(json!(vec!["x"; 2001])), at(&[]), "Array must contain at most 2000 element(s)"),
        (
            title(json!({"content": [["x"]]})),
            at(&[json!("content"), json!(0)]),
            "Expected string, received array",
        ),
        (
            title(json!({"content": [[[]]]})),
            at(&[json!("content"), json!(0), json!(0)]),
            "Nested deeper than 8 levels",
        ),
        (
            json!({"contact": {"seniority": {"any": {"include": ["vp", "boss"]}}}}),
            json!(["contact", "seniority", "any", "include", 1]),
            &format!("Invalid enum value. Expected {seniorities}, received 'boss'"),
        ),
        (
            json!({"contact": {"keyword": {"any": {"include": {"sources": [{"mode": "WORD"}], "content": ["x"]}}}}}),
            json!(["contact", "keyword", "any", "include", "sources", 0, "source"]),
            "Required",
        ),
        (
            json!({"account": {"keyword": {"any": {"include": {"sources": [{"source": "SKILL"}], "content": ["x"]}}}}}),
            json!(["account", "keyword", "any", "include", "sources", 0, "source"]),
            "Invalid enum value. Expected 'NAME' | 'KEYWORD' | 'SEO' | 'DESCRIPTION' | 'INDUSTRY', received 'SKILL'",
        ),
        (
            json!({"account": {"keyword": {"any": {"include": {"mode": "WORD", "sources": [], "content": ["x"]}}}}}),
            json!(["account", "keyword", "any", "include", "mode"]),
            "'mode' and 'sources' exclude each other",
        ),
        (
            json!({"account": {"domain": {"any": {"include": vec!["a.com"; 100_001]}}}}),
            json!(["account", "domain", "any", "include"]),
            "Array must contain at most 100000 element(s)",
        ),
        (
            json!({"account": {"employeeSize": {"type": "RANGE"}}}),
            json!(["account", "employeeSize", "range"]),
            "Required",
        ),
        (
            json!({"account": {"employeeSize": {"range": []}}}),
            json!(["account", "employeeSize", "type"]),
            "Required",
        ),
        (
            json!({"account": {"employeeSize": {"type": "RANGE", "range": [{"start": 5, "end": 4}]}}}),
            json!(["account", "employeeSize", "range", 0]),
            "'start' must not be greater than 'end'",
        ),
        (
            json!({"account": {"employeeSize": {"type": "RANGE", "range": [{"start": -1}]}}}),
            json!(["account", "employeeSize", "range", 0, "start"]),
            "Number must be greater than or equal to 0",
        ),
        (
            json!({"account": {"employeeSize": {"type": "RANGE", "range": [{"from": 1}]}}}),
            json!(["account", "employeeSize", "range", 0, "from"]),
            "Unrecognized key: 'from'",
        ),
        (
            json!({"account": {"employeeSize": {"type": "SOME", "range": []}}}),
            json!(["account", "employeeSize", "type"]),
            "Invalid enum value. Expected 'RANGE' | 'ALL' | 'NONE', received 'SOME'",
        ),
        (json!({"job_title": 7}), json!(["job_title"]), "Expected array, received number"),
        (json!({"job_titles": ["a", null]}), json!(["job_titles", 1]), "Expected string, received null"),
        (json!({"location": {"zip": ["1"]}}), json!(["location", "zip"]), "Unrecognized key: 'zip'"),
        (
            json!({"company_size": ["big"]}),
            json!(["company_size", 0]),
            "Invalid range. Expected a form like '501-1000' or '5001+'",
        ),
        (
            json!({"company": {"employee_size": {"min": 1.5}}}),
            json!(["company", "employee_size", "min"]),
            "Expected integer, received float",
        ),
        (
            json!({"company": {"employee_size": {"min": 9, "max": 8}}}),
            json!(["company", "employee_size"]),
            "'min' must not be greater than 'max'",
        ),
        (
            json!({"company": {"size": "big"}}),
            json!(["company", "size"]),
            "Invalid range. Expected a form like '501-1000' or '5001+'",
        ),
        (
            json!({"lists": {"person_id": {"include": []}}}),
            json!(["lists", "person_id", "include"]),
            "Unrecognized key: 'include'",
        ),
        (
            json!({"lists": {"person_id": {"exclude": ["x"]}}}),
            json!(["lists", "person_id", "exclude", 0]),
            "Invalid uuid",
        ),
    ] {
        assert_eq!(
            read(&value, EntityKind::Person).expect_err("is refused"),
            json!([{"path": path, "message": message}]),
            "{}",
            value.to_string().chars().take(200).collect::<String>()
        );
    }
}

#[test]
fn a_search_for_companies_knows_no_persons() {
    for (value, path, message) in [
        (json!({"contact": {}}), json!(["contact"]), "A search for companies takes no 'contact' part"),
        (json!({"job_title": "CTO"}), json!(["job_title"]), "Unrecognized key: 'job_title'"),
        (json!({"skills": []}), json!(["skills"]), "Unrecognized key: 'skills'"),
        (
            json!({"lists": {"person_id": {"exclude": []}}}),
            json!(["lists", "person_id"]),
            "Unrecognized key: 'person_id'",
        ),
    ] {
        assert_eq!(
            read(&value, EntityKind::Company).expect_err("is refused"),
            json!([{"path": path, "message": message}])
        );
    }
}

#[test]
fn all_faults_come_at_once_in_document_order() {
    let value = json!({"job_title": 1, "x": 2, "account": {"name": {"any": {"include": [3]}}}});
    assert_eq!(
        read(&value, EntityKind::Person).expect_err("is refused"),
        json!([
            {"path": ["job_title"], "message": "Expected array, received number"},
            {"path": ["x"], "message": "Unrecognized key: 'x'"},
            {"path": ["account", "name", "any", "include", 0], "message": "Expected string, received number"},
        ])
    );
}

#[test]
fn a_hundred_thousand_ids_are_read() {
    let ids: Vec<String> = (0..100_000).map(|number| Uuid::from_u128(number).to_string()).collect();
    assert_eq!(person(&json!({"lists": {"person_id": {"exclude": ids}}})).lists.people.len(), 100_000);
}
