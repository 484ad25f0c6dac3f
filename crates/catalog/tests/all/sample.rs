//! Made-up people: the same on every machine, plausible, and nobody's data.

use sluice_catalog::sample::{AS_OF, people, people_as_of, with_synthetic_facts, with_synthetic_headcount};
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

/// A hash of people as they are written: FNV-1a.
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, its helpers too")]
fn fingerprint(people: &[Person]) -> u64 {
    people
        .iter()
        .flat_map(|person| serde_json::to_vec(person).unwrap())
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

const FINGERPRINT: u64 = 17_891_548_475_067_751_581;

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
    let chiefs = people.iter().filter(|person| person.seniority.as_deref() == Some("c_suite")).count();
    assert!(
        seniority("mid-level") > 25 && seniority("founder") < 3 && (100..800).contains(&chiefs),
        "{chiefs}"
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

/// Months since year 0 of `2019-04`.
fn months(date: Option<&String>) -> Option<i64> {
    let (year, month) = date?.split_once('-')?;
    Some(12 * year.parse::<i64>().ok()? + month.parse::<i64>().ok()? - 1)
}

const STEPS: [&str; 9] =
    ["intern", "entry", "mid-level", "senior", "manager", "head", "director", "vp", "c_suite"];

#[test]
fn careers_lead_up_without_gaps_or_overlaps() {
    let companies = companies();
    let now = months(Some(&AS_OF.date()[..7].to_owned())).unwrap();
    let (mut longest, mut gaps, mut stays, mut promoted) = (0, 0, Vec::new(), 0);
    let (mut lower, mut higher, mut pairs) = (0, 0, 0);
    for person in people(&companies, 20_000, 5) {
        let positions: Vec<_> =
            person.work_experiences.iter().flat_map(|job| job.profile_positions.iter()).collect();
        assert!((1..=6).contains(&positions.len()));
        longest = longest.max(positions.len());
        promoted += usize::from(positions.len() > person.work_experiences.len());
        for job in &person.work_experiences {
            let (first, last) = (job.profile_positions.last().unwrap(), &job.profile_positions[0]);
            assert_eq!((&job.dates.start, &job.dates.end), (&first.dates.start, &last.dates.end));
        }
        let mut after = (now, STEPS.len() - 1);
        for (at, position) in positions.iter().enumerate() {
            let start = months(position.dates.start.as_ref()).unwrap();
            let end = months(position.dates.end.as_ref());
            assert_eq!(end.is_none(), at == 0);
            let end = end.unwrap_or(now);
            assert!(start < end && end <= after.0 && after.0 - end <= 12, "{start} {end} {after:?}");
            gaps += usize::from(after.0 > end);
            stays.push(end - start);
            let title = position.title.as_deref().unwrap();
            let said = if at == 0 { person.seniority.as_deref() } else { text::seniority_of(title) };
            // Roles without a word for it are of the middle.
            let step = said.map_or(2, |said| STEPS.iter().position(|step| *step == said).unwrap_or(8));
            if at > 0 && text::seniority_of(title).is_some() {
                pairs += 1;
                lower += usize::from(step < after.1);
                higher += usize::from(step > after.1);
            }
            after = (start, step);
        }
        // The first jobs of a long career are left out.
        if positions.len() == 6 {
            continue;
        }
        let school = person.educations.first().and_then(|education| education.dates.end.clone());
        let begun = after.0.div_euclid(12);
        if let Some(end) = school.filter(|_| person.seniority.as_deref() != Some("intern")) {
            assert!((begun - 1..=begun).contains(&end.parse().unwrap()), "{end} before {begun}");
        }
        if let Some(birth) = &person.birth_date {
            let born: i64 = birth[..4].parse().unwrap();
            assert!((19..=40).contains(&(begun - born)), "{birth} and a first job in {begun}");
        }
    }
    stays.sort_unstable();
    assert_eq!((longest, promoted > 5_000, gaps > 3_000), (6, true, true), "{promoted} {gaps}");
    // A few titles are read as of another step than the one they were drawn for: an `Abteilungsleiter` as a head.
    assert!(
        lower * 2 > pairs && higher * 20 < pairs,
        "of {pairs} earlier jobs {lower} are lower, {higher} higher"
    );
    let (median, mean) = (stays[stays.len() / 2], stays.iter().sum::<i64>() / stays.len() as i64);
    assert!((18..36).contains(&median) && mean > median, "median {median}, mean {mean}");
}

#[test]
fn another_day_moves_observations_and_careers() {
    let companies = companies();
    let as_of = Time::parse("2020-03-01").unwrap();
    let shown: Vec<Person> = people_as_of(&companies, 2_000, 7, as_of).collect();
    for (person, later) in shown.iter().zip(people(&companies, 2_000, 7)) {
        let seen = person.observed_at.unwrap();
        assert!(as_of.plus_days(-731) < seen && seen < as_of, "{seen}");
        assert!(person.work_experiences[0].dates.start.as_deref() < Some("2020-03"));
        assert_eq!((person.id, &person.job_title), (later.id, &later.job_title));
    }
}

#[test]
fn a_made_up_founding_year_is_marked_and_a_known_one_stays() {
    for company in companies() {
        let known = Company { founded_year: Some(1888), ..company.clone() };
        assert_eq!(with_synthetic_facts(known).founded_year, Some(1888));
        let made = with_synthetic_facts(company.clone());
        assert!((1800..2025).contains(&made.founded_year.unwrap()));
        assert_eq!(made.provenance["foundedYear"].source, "synthetic");
        assert_eq!(made, with_synthetic_facts(company));
    }
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
