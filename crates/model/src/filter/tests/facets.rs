//! Each facet: what is read, and what is refused.

use super::{any, person, read, smart, strings};
use crate::filter::{
    AccountFacet, Band, Circle, Clause, CompanySource, ContactFacet, Days, Filter, Graduation, Keyword,
    Level, Mode, PersonSource, Range, Text, Wrapper,
};
use crate::kind::EntityKind;
use serde_json::{Value, json};

/// A filter with one value at a path.
fn at(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |value, key| json!({key: value}))
}

fn include(values: &[&str]) -> Value {
    json!({"any": {"include": values}})
}

fn bands(bands: &[(Option<u64>, Option<u64>)]) -> Range {
    Range::Bands(bands.iter().map(|(start, end)| Band { start: *start, end: *end }).collect())
}

#[test]
fn every_text_facet_of_a_person() {
    for (path, make) in [
        ("fullName", ContactFacet::FullName as fn(Text) -> _),
        ("experience.latest.title", ContactFacet::LatestTitle),
        ("experience.current.title", ContactFacet::CurrentTitle),
        ("experience.previous.title", ContactFacet::PreviousTitle),
        ("skill", ContactFacet::Skill),
        ("certification", ContactFacet::Certification),
        ("language", ContactFacet::Language),
        ("education.school", ContactFacet::School),
        ("education.degree", ContactFacet::Degree),
        ("education.fieldOfStudy", ContactFacet::FieldOfStudy),
    ] {
        assert_texts(&format!("contact.{path}"), |wrapper, text| Filter {
            contact: vec![Clause { wrapper, facet: make(text) }],
            ..Filter::default()
        });
    }
}

#[test]
fn every_text_facet_of_a_company() {
    for (path, make) in [
        ("nameOrDomain", AccountFacet::NameOrDomain as fn(Text) -> _),
        ("name", AccountFacet::Name),
        ("url", AccountFacet::Url),
        ("industry", AccountFacet::Industry),
        ("industries", AccountFacet::Industry),
        ("technology", AccountFacet::Technology),
        ("technologies", AccountFacet::Technology),
        ("productAndServices", AccountFacet::Product),
    ] {
        assert_texts(&format!("account.{path}"), |wrapper, text| Filter {
            account: vec![Clause { wrapper, facet: make(text) }],
            ..Filter::default()
        });
    }
}

/// Holds what is read at a facet of texts in each wrapper and mode against what `filter` makes.
fn assert_texts(path: &str, filter: impl Fn(Wrapper, Text) -> Filter) {
    for (wrapper, outer, inner) in [
        (Wrapper::AnyInclude, "any", "include"),
        (Wrapper::AnyExclude, "any", "exclude"),
        (Wrapper::AllInclude, "all", "include"),
        (Wrapper::AllExclude, "all", "exclude"),
    ] {
        let plain = at(path, json!({outer: {inner: ["a", "b"]}}));
        assert_eq!(person(&plain), filter(wrapper, smart(&["a", "b"])), "{path}");
        for (mode, name) in Mode::ALL.into_iter().zip(Mode::NAMES) {
            let value = at(path, json!({outer: {inner: {"mode": name, "content": ["a"]}}}));
            assert_eq!(person(&value), filter(wrapper, Text { mode, values: strings(&["a"]) }), "{path}");
        }
    }
}

#[test]
fn every_other_facet_of_a_person() {
    let words = |values: &[&str]| strings(values);
    let months = |start, end| Band { start, end };
    let duration = "experience.current.duration";
    for (path, value, facet) in [
        ("seniority", include(&["vp"]), ContactFacet::Seniority(words(&["vp"]))),
        ("departmentAndFunction", include(&["sales"]), ContactFacet::Department(words(&["sales"]))),
        ("company.latest", include(&["a.example"]), ContactFacet::LatestCompany(words(&["a.example"]))),
        ("company.current", include(&["Acme"]), ContactFacet::CurrentCompany(words(&["Acme"]))),
        ("company.previous", include(&["Acme"]), ContactFacet::PreviousCompany(words(&["Acme"]))),
        ("location", include(&["DE"]), ContactFacet::Location(Level::Any, words(&["DE"]))),
        ("linkedin", include(&["x"]), ContactFacet::Linkedin(words(&["x"]))),
        ("socialMediaLink", include(&["x"]), ContactFacet::SocialLink(words(&["x"]))),
        (
            "socialMedia",
            include(&["GitHub", "x", "TWITTER"]),
            ContactFacet::Network(words(&["GITHUB", "TWITTER", "TWITTER"])),
        ),
        ("profileBadge", include(&["OPEN_TO_WORK"]), ContactFacet::Badge(words(&["OPEN_TO_WORK"]))),
        (
            "keyword",
            include(&["x"]),
            ContactFacet::Keyword(Keyword {
                sources: PersonSource::ALL.map(|source| (source, Mode::Smart)).to_vec(),
                values: words(&["x"]),
            }),
        ),
        (
            &format!("{duration}.currentCompany"),
            json!({"min": {"year": 1, "month": 6}}),
            ContactFacet::CompanyMonths(months(Some(18), None)),
        ),
        (
            &format!("{duration}.currentJob"),
            json!({"any": {"include": {"min": null, "max": {"month": 6, "year": null}}}}),
            ContactFacet::JobMonths(months(None, Some(6))),
        ),
        (
            &format!("{duration}.total"),
            json!({"min": {"year": 10}, "max": {"year": 10, "month": 0}}),
            ContactFacet::ExperienceMonths(months(Some(120), Some(120))),
        ),
        (
            "language.range",
            json!({"type": "RANGE", "range": [{"start": 2}]}),
            ContactFacet::LanguageCount(bands(&[(Some(2), None)])),
        ),
        (
            "socialMediaFollower.linkedin.followers",
            json!({"any": {"include": {"type": "RANGE", "range": [{"start": 1, "end": 2}, {"start": 9}]}}}),
            ContactFacet::Followers(bands(&[(Some(1), Some(2)), (Some(9), None)])),
        ),
        (
            "socialMediaFollower.linkedin.connections",
            json!({"end": 500}),
            ContactFacet::Connections(bands(&[(None, Some(500))])),
        ),
        ("hasEmail", json!(true), ContactFacet::HasEmail(true)),
        ("hasPhone", json!(false), ContactFacet::HasPhone(false)),
        ("updatedWithinDays", json!(36_500), ContactFacet::UpdatedWithinDays(36_500)),
    ] {
        assert_eq!(
            person(&at(&format!("contact.{path}"), value)),
            Filter { contact: vec![any(facet)], ..Filter::default() },
            "{path}"
        );
    }
}

#[test]
fn graduations() {
    let years = |start, end, present| Graduation { start, end, present };
    for (value, expected) in [
        (json!({"start": 2010, "end": 2014}), years(Some(2010), Some(2014), false)),
        (json!({"start": "2010", "end": "2014-06"}), years(Some(2010), Some(2014), false)),
        (json!({"end": "2014-06-30"}), years(None, Some(2014), false)),
        // The day begins in the year before in UTC.
        (json!({"start": "2014-01-01T00:30:00+01:00"}), years(Some(2014), None, false)),
        (json!({"start": null, "present": true}), years(None, None, true)),
        (json!({"any": {"include": {"start": 2014, "end": 2014}}}), years(Some(2014), Some(2014), false)),
    ] {
        assert_eq!(
            person(&at("contact.education.date", value)).contact,
            [any(ContactFacet::Graduation(expected))]
        );
    }
}

#[test]
fn every_other_facet_of_a_company() {
    let words = |values: &[&str]| strings(values);
    let point = |lat, lng, radius| AccountFacet::Near(Circle { lat, lng, radius });
    for (path, value, facet) in [
        ("domain", include(&["a.example"]), AccountFacet::Domain(words(&["a.example"]))),
        ("linkedin", include(&["x"]), AccountFacet::Linkedin(words(&["x"]))),
        ("socialMediaLink", include(&["x"]), AccountFacet::SocialLink(words(&["x"]))),
        ("phoneNumber", include(&["+41 1"]), AccountFacet::Phone(words(&["+41 1"]))),
        ("location", include(&["DACH"]), AccountFacet::Location(Level::Any, words(&["DACH"]))),
        ("type", include(&["NON_PROFIT"]), AccountFacet::Type(words(&["NON_PROFIT"]))),
        ("language", include(&["German"]), AccountFacet::Language(words(&["German"]))),
        ("funding.type", include(&["Seed"]), AccountFacet::FundingType(words(&["Seed"]))),
        ("naics", include(&["52", "541512"]), AccountFacet::Naics(words(&["52", "541512"]))),
        (
            "keyword",
            json!({"any": {"include": {"mode": "WORD", "content": ["x"]}}}),
            AccountFacet::Keyword(Keyword {
                sources: CompanySource::ALL.map(|source| (source, Mode::Word)).to_vec(),
                values: words(&["x"]),
            }),
        ),
        ("employeeSize", json!({"type": "ALL"}), AccountFacet::EmployeeSize(Range::Present)),
        ("revenue", json!({"type": "NONE"}), AccountFacet::Revenue(Range::Absent)),
        ("retailSize", json!({"start": 3}), AccountFacet::RetailSize(bands(&[(Some(3), None)]))),
        (
            "foundedYear",
            json!({"start": 2010, "end": 2010}),
            AccountFacet::FoundedYear(bands(&[(Some(2010), Some(2010))])),
        ),
        (
            "funding.totalAmount",
            json!({"start": 1, "end": null}),
            AccountFacet::FundingTotal(bands(&[(Some(1), None)])),
        ),
        (
            "funding.lastAmount",
            json!({"any": {"include": {"end": 7}}}),
            AccountFacet::FundingLast(bands(&[(None, Some(7))])),
        ),
        (
            "funding.duration",
            json!({"start": "1970-01-02", "end": "1970-02-01T00:30:00+02:00"}),
            AccountFacet::FundingDate(Days { start: Some(1), end: Some(31) }),
        ),
        (
            "geoLocation",
            json!({"position": {"lat": 48.137_154, "lng": -11.5}, "radius": 2.5}),
            point(48_137_154, -11_500_000, 2_500),
        ),
        (
            "geoLocation",
            json!({"any": {"include": {"unit": "mi", "radius": 10, "position": {"lng": 180, "lat": -90}}}}),
            point(-90_000_000, 180_000_000, 16_093),
        ),
        (
            "geoLocation",
            json!({"position": {"lat": 0, "lng": 0}, "radius": 0.000_001, "unit": "km"}),
            point(0, 0, 1),
        ),
    ] {
        let value = at(&format!("account.{path}"), value);
        let expected = Filter { account: vec![any(facet)], ..Filter::default() };
        assert_eq!(person(&value), expected, "{path}");
        assert_eq!(read(&value, EntityKind::Company), Ok(expected), "{path}");
    }
}

#[test]
fn what_is_not_given_makes_no_clause() {
    for (path, value) in [
        ("contact.language", json!({"any": {"include": []}, "range": {}})),
        ("contact.education.date", json!({})),
        ("contact.education.date", json!({"start": null, "present": false})),
        ("contact.experience.current.duration.total", json!({"any": {}})),
        ("account.foundedYear", json!({})),
        ("account.foundedYear", json!({"start": null, "end": null})),
        ("account.funding.duration", json!({"start": null})),
        ("account.naics", json!({"all": {"include": []}})),
        ("account.geoLocation", json!({"any": {}})),
    ] {
        assert_eq!(person(&at(path, value)), Filter::default(), "{path}");
    }
}

#[test]
fn a_wrapper_and_what_stands_below_it() {
    let value = json!({"contact": {"language": {
        "range": {"any": {"exclude": {"start": 5}}},
        "any": {"include": ["German"]},
        "all": {"exclude": {"mode": "STRICT", "content": ["Latin"]}}
    }}});
    assert_eq!(
        person(&value).contact,
        [
            Clause {
                wrapper: Wrapper::AnyExclude,
                facet: ContactFacet::LanguageCount(bands(&[(Some(5), None)]))
            },
            any(ContactFacet::Language(smart(&["German"]))),
            Clause {
                wrapper: Wrapper::AllExclude,
                facet: ContactFacet::Language(Text { mode: Mode::Strict, values: strings(&["Latin"]) })
            },
        ]
    );
}

#[test]
fn each_wrong_value_is_refused_at_its_path() {
    let duration = "contact.experience.current.duration.currentJob";
    let year = "Invalid year. Expected a form like 2014, '2014-06' or '2014-06-30'";
    let day = "Invalid date. Expected a form like '2024-01-31'";
    let networks = "Invalid enum value. Expected 'LINKEDIN' | 'TWITTER' | 'FACEBOOK' | 'INSTAGRAM' | 'GITHUB' | 'XING' | \
                    'YOUTUBE' | 'TIKTOK' | 'MEDIUM' | 'STACKOVERFLOW', received 'MySpace'";
    let types = "Invalid enum value. Expected 'PRIVATELY_HELD' | 'PUBLIC_COMPANY' | 'SELF_OWNED' | 'SELF_EMPLOYED' | \
                 'PARTNERSHIP' | 'NON_PROFIT' | 'EDUCATIONAL' | 'GOVERNMENT_AGENCY', received 'public_company'";
    let circle = |lat: f64, lng: f64, radius: f64, unit: &str| json!({"position": {"lat": lat, "lng": lng}, "radius": radius, "unit": unit});
    let no_data = "The catalog has no such data";
    for (path, value, below, message) in [
        (duration, json!({}), json!([]), "Expected 'min' or 'max'"),
        (duration, json!({"min": null}), json!([]), "Expected 'min' or 'max'"),
        (duration, json!(5), json!([]), "Expected object, received number"),
        (duration, json!({"min": {}}), json!(["min"]), "Expected 'year' or 'month'"),
        (duration, json!({"min": 5}), json!(["min"]), "Expected object, received number"),
        (duration, json!({"min": {"month": 1, "day": 1}}), json!(["min", "day"]), "Unrecognized key: 'day'"),
        (
            duration,
            json!({"max": {"year": 101}}),
            json!(["max", "year"]),
            "Number must be less than or equal to 100",
        ),
        (
            duration,
            json!({"max": {"month": 1.5}}),
            json!(["max", "month"]),
            "Expected integer, received float",
        ),
        (
            duration,
            json!({"min": {"year": 1}, "max": {"month": 11}}),
            json!([]),
            "'min' must not be greater than 'max'",
        ),
        (duration, json!({"any": {"include": {}}}), json!(["any", "include"]), "Expected 'min' or 'max'"),
        ("contact.experience.current.duration.job", json!({}), json!([]), "Unrecognized key: 'job'"),
        ("contact.language.range", json!([]), json!([]), "Expected object, received array"),
        ("contact.language.some", json!({}), json!([]), "Unrecognized key: 'some'"),
        ("contact.language", json!(["German"]), json!([]), "Expected object, received array"),
        (
            "contact.education.date",
            json!({"start": 0}),
            json!(["start"]),
            "Number must be greater than or equal to 1",
        ),
        ("contact.education.date", json!({"start": "June"}), json!(["start"]), year),
        ("contact.education.date", json!({"end": "2014-13"}), json!(["end"]), year),
        ("contact.education.date", json!({"end": "0000"}), json!(["end"]), year),
        ("contact.education.date", json!({"end": "ééé"}), json!(["end"]), year),
        ("contact.education.date", json!({"end": true}), json!(["end"]), "Expected string, received boolean"),
        (
            "contact.education.date",
            json!({"present": "yes"}),
            json!(["present"]),
            "Expected boolean, received string",
        ),
        (
            "contact.education.date",
            json!({"start": 2015, "end": "2014"}),
            json!([]),
            "'start' must not be greater than 'end'",
        ),
        ("contact.socialMedia", include(&["MySpace"]), json!(["any", "include", 0]), networks),
        ("contact.hasEmail", json!("true"), json!([]), "Expected boolean, received string"),
        ("contact.hasPhone", json!({"any": {}}), json!([]), "Expected boolean, received object"),
        ("contact.updatedWithinDays", json!(0), json!([]), "Number must be greater than or equal to 1"),
        ("contact.updatedWithinDays", json!(36_501), json!([]), "Number must be less than or equal to 36500"),
        ("contact.socialMediaFollower.xing", json!({}), json!([]), "Unrecognized key: 'xing'"),
        (
            "contact.socialMediaFollower.linkedin.followers",
            json!({"from": 1}),
            json!(["from"]),
            "Unrecognized key: 'from'",
        ),
        (
            "account.foundedYear",
            json!({"start": 2020, "end": 2010}),
            json!([]),
            "'start' must not be greater than 'end'",
        ),
        (
            "account.foundedYear",
            json!({"start": "2020"}),
            json!(["start"]),
            "Expected number, received string",
        ),
        (
            "account.foundedYear",
            json!({"type": "ALL", "start": 1}),
            json!(["start"]),
            "Unrecognized key: 'start'",
        ),
        ("account.type", include(&["public_company"]), json!(["any", "include", 0]), types),
        ("account.funding.duration", json!({"start": "2024"}), json!(["start"]), day),
        ("account.funding.duration", json!({"end": "2024-02-30"}), json!(["end"]), day),
        (
            "account.funding.duration",
            json!({"end": 2024}),
            json!(["end"]),
            "Expected string, received number",
        ),
        (
            "account.funding.duration",
            json!({"start": "2024-02-02", "end": "2024-02-01"}),
            json!([]),
            "'start' must not be greater than 'end'",
        ),
        ("account.funding.rounds", json!({}), json!([]), "Unrecognized key: 'rounds'"),
        (
            "account.geoLocation",
            circle(90.1, 0.0, 1.0, "km"),
            json!(["position", "lat"]),
            "Number must be less than or equal to 90",
        ),
        (
            "account.geoLocation",
            circle(0.0, -181.0, 1.0, "km"),
            json!(["position", "lng"]),
            "Number must be greater than or equal to -180",
        ),
        (
            "account.geoLocation",
            circle(0.0, 0.0, 0.0, "km"),
            json!(["radius"]),
            "Number must be greater than 0",
        ),
        (
            "account.geoLocation",
            circle(0.0, 0.0, -1e300, "mi"),
            json!(["radius"]),
            "Number must be greater than 0",
        ),
        (
            "account.geoLocation",
            circle(0.0, 0.0, 20_100.5, "km"),
            json!(["radius"]),
            "Number must be less than or equal to 20100",
        ),
        (
            "account.geoLocation",
            circle(0.0, 0.0, 20_000.0, "mi"),
            json!(["radius"]),
            "Number must be less than or equal to 12489",
        ),
        (
            "account.geoLocation",
            circle(0.0, 0.0, 1.0, "m"),
            json!(["unit"]),
            "Invalid enum value. Expected 'km' | 'mi', received 'm'",
        ),
        ("account.geoLocation", json!({"position": {"lat": 1, "lng": 1}}), json!(["radius"]), "Required"),
        (
            "account.geoLocation",
            json!({"position": {"lat": 1}, "radius": 1}),
            json!(["position", "lng"]),
            "Required",
        ),
        ("account.naics", include(&["5"]), json!(["any", "include", 0]), "Expected 2 to 6 digits"),
        ("account.naics", include(&["5415120"]), json!(["any", "include", 0]), "Expected 2 to 6 digits"),
        ("account.naics", include(&["54x"]), json!(["any", "include", 0]), "Expected 2 to 6 digits"),
        ("account.metric.employee", json!([{"start": 1}]), json!([]), no_data),
        ("account.metric.growth", json!({"any": 1}), json!([]), no_data),
    ] {
        let mut whole: Vec<Value> = path.split('.').map(Value::from).collect();
        whole.extend(below.as_array().expect("an array").iter().cloned());
        assert_eq!(
            read(&at(path, value.clone()), EntityKind::Person).expect_err("is refused"),
            json!([{"path": whole, "message": message}]),
            "{path}: {value}"
        );
    }
}

#[test]
fn the_faults_of_several_facets_come_in_document_order() {
    let value = json!({
        "account": {"geoLocation": {"unit": "m", "radius": 0, "position": {"lat": 91}}, "metric": {"growth": []}},
        "contact": {"hasEmail": 1, "education": {"date": {"start": "x", "end": 0}}, "fullName": {"any": {"include": [1]}}}
    });
    let faults = read(&value, EntityKind::Person).expect_err("is refused");
    let paths: Vec<String> = faults
        .as_array()
        .expect("an array")
        .iter()
        .map(|fault| {
            let path = fault["path"].as_array().expect("a path").iter();
            path.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(".")
        })
        .collect();
    assert_eq!(
        paths,
        [
            "account.geoLocation.unit",
            "account.geoLocation.radius",
            "account.geoLocation.position.lat",
            "account.geoLocation.position.lng",
            "account.metric.growth",
            "contact.hasEmail",
            "contact.education.date.start",
            "contact.education.date.end",
            "contact.fullName.any.include.0",
        ]
    );
}
