//! Made-up people: the same on every machine, plausible, and nobody's data.

use sluice_catalog::sample::{people, with_synthetic_headcount};
use sluice_catalog::text;
use sluice_model::{Company, Person, Time, canon};
use std::collections::{BTreeMap, HashSet};

fn companies() -> Vec<Company> {
    let places = [
        ("Germany", "Köln", "Mega Cap"),
        ("France", "Lyon", "Small Cap"),
        ("United States", "Austin", "Large Cap"),
        ("Japan", "Osaka", "Nano Cap"),
        ("United Kingdom", "Leeds", "Micro Cap"),
    ];
    (0..200_u128)
        .map(|number| {
            let (country, city, cap) = places[number as usize % places.len()];
            Company {
                id: uuid::Uuid::from_u128(number + 1),
                name: Some(format!("Company {number}")),
                domain: Some(format!("company-{number}.com")),
                country: Some(country.to_owned()),
                city: Some(city.to_owned()),
                industry: Some("Machinery".to_owned()),
                market_cap: Some(cap.to_owned()),
                ..Company::default()
            }
        })
        .collect()
}

/// A hash of what tells people apart: FNV-1a.
fn fingerprint(people: &[Person]) -> u64 {
    let line = |person: &Person| {
        let Person { id, first_name, last_name, job_title, emails, skills, observed_at, company_id, .. } =
            person;
        format!(
            "{id} {first_name} {last_name} {job_title:?} {emails:?} {skills:?} {observed_at:?} {company_id:?}"
        )
    };
    people
        .iter()
        .flat_map(|person| line(person).into_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn the_seed_decides_and_the_count_does_not() {
    let companies = companies();
    let first: Vec<Person> = people(&companies, 1_000, 7).collect();
    assert_eq!(first, people(&companies, 1_000, 7).collect::<Vec<_>>());
    assert_eq!(first[..10], people(&companies, 10, 7).collect::<Vec<_>>()[..]);
    assert_ne!(first[..10], people(&companies, 10, 8).collect::<Vec<_>>()[..]);
    assert_eq!(fingerprint(&first), FINGERPRINT, "the same on every machine; change it only on purpose");
    assert_eq!(people(&[], 10, 1).count(), 0);
}

const FINGERPRINT: u64 = 9_993_533_504_547_319_292;

#[test]
fn people_are_plausible_and_marked() {
    let companies: Vec<Company> = companies().into_iter().map(with_synthetic_headcount).collect();
    let people: Vec<Person> = people(&companies, 20_000, 1).collect();
    let share = |fits: &dyn Fn(&Person) -> bool| {
        people.iter().filter(|person| fits(person)).count() * 100 / people.len()
    };
    assert_eq!(people.len(), 20_000);
    assert_eq!(people.iter().map(|person| person.id).collect::<HashSet<_>>().len(), 20_000);
    let (from, to) = (Time::parse("2024-10-01").unwrap(), Time::parse("2026-10-01").unwrap());
    for person in &people {
        assert_eq!(person.source.as_deref(), Some("synthetic"));
        assert!(!person.first_name.is_empty() && !person.last_name.is_empty());
        let seen = person.observed_at.unwrap();
        assert!(from <= seen && seen < to, "{seen}");
        for email in &person.emails {
            assert!(
                email.ends_with("@example.com") && canon::email(email).as_deref() == Some(email),
                "{email}"
            );
        }
        if let Some(url) = &person.linkedin_url {
            assert!(
                url.contains("/in/synthetic-") && canon::linkedin_person(url).as_ref() == Some(url),
                "{url}"
            );
        }
        let job = &person.work_experiences[0];
        assert_eq!((job.company.name.as_deref(), job.dates.end.as_ref()), (person.company_name(), None));
        assert_eq!(job.profile_positions[0].title, person.job_title);
        for pair in person.work_experiences.windows(2) {
            assert!(pair[1].dates.end <= pair[0].dates.start && pair[1].dates.start < pair[1].dates.end);
        }
    }
    let seniority = |name: &'static str| share(&move |person| person.seniority.as_deref() == Some(name));
    assert!(
        seniority("mid-level") > 25 && seniority("founder") < 3 && (1..6).contains(&seniority("c_suite"))
    );
    assert!((70..90).contains(&share(&|person| !person.emails.is_empty())));
    assert!((25..45).contains(&share(&|person| !person.phones.is_empty())));
    assert!(share(&|person| person.birth_date.is_some()) < 10);
    let german = |person: &Person| {
        person.country.as_deref() == Some("Germany")
            && person.job_title.as_deref().is_some_and(|title| title.contains("Vertrieb"))
    };
    assert!(people.iter().any(german));

    // A few companies have many people, most have few.
    let mut sizes: BTreeMap<uuid::Uuid, usize> = BTreeMap::new();
    for person in &people {
        *sizes.entry(person.company_id.unwrap()).or_default() += 1;
    }
    let mut sizes: Vec<usize> = sizes.into_values().collect();
    sizes.sort_unstable();
    let top: usize = sizes.iter().rev().take(40).sum();
    assert!(top > 12_000, "the largest fifth employs {top} of 20 000");
}

#[test]
fn titles_say_what_the_seniority_says() {
    let companies = companies();
    let mut wrong: BTreeMap<String, (String, Option<&str>)> = BTreeMap::new();
    let mut count = 0;
    for person in people(&companies, 20_000, 3) {
        let title = person.job_title.unwrap();
        let read = text::seniority_of(&title);
        let said = person.seniority.unwrap();
        if read.is_some() && read != Some(said.as_str()) {
            count += 1;
            wrong.insert(title, (said, read));
        }
    }
    assert!(count < 20_000 / 50, "{count} of 20 000: {wrong:#?}");
}

#[test]
fn a_made_up_size_is_marked_and_a_known_one_stays() {
    let known = Company { headcount: Some("11-50".to_owned()), ..Company::default() };
    assert_eq!(with_synthetic_headcount(known.clone()), known);
    let mega = with_synthetic_headcount(companies().remove(0));
    assert_eq!(mega, with_synthetic_headcount(companies().remove(0)));
    assert_eq!(mega.provenance["headcount"].source, "synthetic");
    assert!(["1001-5000", "5001-10000", "10001+"].contains(&mega.headcount.as_deref().unwrap()));
}
