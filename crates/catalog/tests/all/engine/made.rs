//! Made records and filters: few words, so that much matches.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::{select, subsequence};
use sluice_model::company::{Address, CompanyLocation, Coordinates, Funding};
use sluice_model::filter::{
    AccountFacet, Band, COMPANY_TYPES, Circle, Clause, CompanySource, ContactFacet, Days, Exclusions, Filter,
    Graduation, Keyword, Level, Mode, NETWORKS, PersonSource, Range, SENIORITIES, Text, Wrapper,
};
use sluice_model::person::{
    DateSpan, Education, Employer, Institution, LanguageSkill, Position, WorkExperience,
};
use sluice_model::{Company, Person, Time};
use uuid::Uuid;

/// Ids are few, so that records are put again. The first half of the companies have records.
pub const PEOPLE: u128 = 60;
pub const COMPANIES: u128 = 16;

const TITLES: [&str; 16] = [
    "VP Engineering",
    "Vice President of Engineering",
    "Assistant to the VP",
    "Chief Technology Officer",
    "CTO & Co-Founder",
    "Head of Sales",
    "Vertriebsleiter",
    "Geschäftsführer",
    "Senior Software Engineer",
    "Software Engineer",
    "Engineer, Software Sales",
    "Sales Director",
    "sales director",
    "Directeur Commercial",
    "new new engineer",
    "…",
];
const SKILLS: [&str; 8] =
    ["Machine Learning", "learning design", "C++", "C", "Sales", "machine design", "New York New", "Rust"];
const TEXTS: [&str; 6] = [
    "Builds machines and sells software",
    "Machine learning for sales",
    "Software, sold by machines.",
    "C++ and Rust",
    "new york new york",
    "",
];
const NAMES: [&str; 6] = ["Ann", "Lee", "Müller", "Muller", "O'Brien", "Jones"];
const COMPANY_NAMES: [&str; 6] = ["Acme Inc.", "ACME", "Beta GmbH", "Beta Software", "Software AG", "Gamma"];
const DOMAINS: [&str; 4] = ["acme.com", "beta.de", "www.acme.com", "gamma.io"];
const PLACES: [(&str, &str, &str); 9] = [
    ("Germany", "Bavaria", "Munich"),
    ("DE", "", "München"),
    ("Deutschland", "Berlin", "Berlin"),
    ("United States", "CA", "Fresno"),
    ("US", "New York", "New York"),
    ("France", "", "Paris"),
    ("Austria", "Wien", "Vienna"),
    ("Atlantis", "Deep", "Below"),
    ("", "", ""),
];
const PLACE_VALUES: [&str; 14] = [
    "Germany",
    "DACH",
    "de",
    "Bavaria",
    "München",
    "CA",
    "Fresno, CA",
    "New York",
    "USA",
    "Europe",
    "Atlantis",
    "Paris",
    "Berlin, Germany",
    "?",
];
const SIZES: [&str; 4] = ["1-10", "51-200", "201-500", "10001+"];
const INDUSTRIES: [&str; 4] = ["Software Development", "Computer Software", "Banking", "Machine Building"];

fn text(list: &'static [&'static str]) -> BoxedStrategy<Option<String>> {
    option::weighted(0.8, select(list).prop_map(str::to_owned)).boxed()
}

fn texts(list: &'static [&'static str]) -> BoxedStrategy<Vec<String>> {
    subsequence(list, 0..=3).prop_map(|list| list.into_iter().map(str::to_owned).collect()).boxed()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub fn person_id() -> impl Strategy<Value = Uuid> {
    (1..=PEOPLE).prop_map(Uuid::from_u128)
}

pub fn company_id() -> impl Strategy<Value = Uuid> {
    // Ids that differ in their high half only are ids too.
    (1..=COMPANIES).prop_map(|number| Uuid::from_u128(number << 64))
}

fn day() -> impl Strategy<Value = Option<Time>> {
    option::of((0_i64..3).prop_map(|day| Time::from_millis(1_700_000_000_000).plus_days(day)))
}

/// The time at which searches are made.
pub fn now() -> Time {
    Time::from_millis(1_700_000_000_000).plus_days(3)
}

const DATES: [&str; 8] = ["2014", "2016-05", "2018-02-03", "2020", "2021-11-30", "2023-08", "2025", "never"];
const LINKS: [&str; 6] = [
    "https://www.linkedin.com/in/ann-lee/",
    "linkedin.com/in/lee",
    "https://x.com/acme",
    "http://www.facebook.com/Acme?x=1",
    "https://github.com/acme/",
    "",
];
const PHONES: [&str; 4] = ["+49 30 123456", "+4930123456", "030 12 34 56", "n/a"];
const LANGUAGES: [&str; 4] = ["German", "english", "Français", "New York English"];
const SCHOOLS: [&str; 4] = ["University of New York", "TU München", "Sales School", "new york university"];
const DEPARTMENTS: [&str; 4] = ["Sales", "sales", "Engineering", "Qualität"];
const ROUNDS: [&str; 3] = ["Series A", "seed", "SERIES A"];
const CODES: [&str; 5] = ["541511", "541512", "5415", "31", "x"];

fn date() -> impl Strategy<Value = Option<String>> {
    option::weighted(0.8, select(&DATES).prop_map(str::to_owned))
}

fn number() -> impl Strategy<Value = Option<u64>> {
    option::weighted(0.7, prop_oneof![0_u64..600, Just(u64::MAX)])
}

fn points() -> impl Strategy<Value = Option<Coordinates>> {
    let near = (-10_i32..10, -10_i32..10).prop_map(|(lat, lng)| Coordinates {
        lat: 52.0 + f64::from(lat) / 10.0,
        lng: 13.0 + f64::from(lng) / 10.0,
    });
    let odd = select(&[(95.0, 0.0), (-90.0, 180.0), (0.0, -180.0)][..])
        .prop_map(|(lat, lng)| Coordinates { lat, lng });
    option::weighted(0.7, prop_oneof![4 => near, 1 => odd])
}

fn education() -> impl Strategy<Value = Education> {
    (text(&SCHOOLS), text(&TITLES), text(&SKILLS), date(), date()).prop_map(
        |(name, degree_name, field_of_study, start, end)| Education {
            institution: Institution { name, ..Institution::default() },
            degree_name,
            field_of_study,
            dates: DateSpan { start, end },
            ..Education::default()
        },
    )
}

fn job() -> impl Strategy<Value = WorkExperience> {
    let span = || (date(), option::weighted(0.4, select(&DATES).prop_map(str::to_owned)));
    (
        text(&TITLES),
        text(&TITLES),
        span(),
        span(),
        text(&COMPANY_NAMES),
        text(&DOMAINS),
        option::of(company_id()),
    )
        .prop_map(|(first, second, (start, end), (first_start, first_end), name, domain, id)| {
            let position = |title: Option<String>, start: Option<String>, end: Option<String>| Position {
                title,
                dates: DateSpan { start, end },
                ..Position::default()
            };
            WorkExperience {
                company: Employer { id: id.map(|id| id.to_string()), name, domain, ..Employer::default() },
                dates: DateSpan { start, end },
                profile_positions: vec![
                    position(first, first_start, first_end),
                    position(second, None, None),
                ],
            }
        })
}

pub fn person() -> impl Strategy<Value = Person> {
    let who = (person_id(), select(&NAMES), select(&NAMES), option::weighted(0.8, company_id()), day());
    let work = (text(&TITLES), option::of(select(&SENIORITIES[..5])), vec(job(), 0..3), select(&PLACES));
    let about = (texts(&SKILLS), text(&TEXTS), text(&TITLES), texts(&SKILLS), any::<bool>());
    let more =
        (texts(&LANGUAGES), vec(education(), 0..3), texts(&DEPARTMENTS), texts(&DEPARTMENTS), texts(&LINKS));
    let rest =
        (text(&LINKS), texts(&PHONES), number(), number(), texts(&SKILLS), texts(&TEXTS), texts(&SKILLS));
    (who, work, about, more, rest).prop_map(|(who, work, about, more, rest)| Person {
        languages: more.0.into_iter().map(|language| LanguageSkill { language, level: None }).collect(),
        educations: more.1,
        departments: more.2,
        functions: more.3,
        social_links: more.4,
        linkedin_url: rest.0,
        phones: rest.1,
        followers: rest.2,
        connections: rest.3,
        badges: rest.4,
        courses: rest.5,
        projects: rest.6,
        id: who.0,
        first_name: who.1.to_owned(),
        last_name: who.2.to_owned(),
        company_id: who.3,
        observed_at: who.4,
        job_title: work.0,
        seniority: work.1.map(str::to_owned),
        work_experiences: work.2,
        country: some(work.3.0),
        state: some(work.3.1),
        city: some(work.3.2),
        skills: about.0,
        summary: about.1,
        headline: about.2,
        certifications: about.3,
        emails: if about.4 { vec!["a@example.com".to_owned()] } else { Vec::new() },
        ..Person::default()
    })
}

pub fn company() -> impl Strategy<Value = Company> {
    let id = (1..=COMPANIES / 2).prop_map(|number| Uuid::from_u128(number << 64));
    let who = (id, text(&COMPANY_NAMES), text(&COMPANY_NAMES), text(&DOMAINS), day());
    let what =
        (text(&INDUSTRIES), text(&SIZES), option::weighted(0.3, 0_u64..600), texts(&SKILLS), text(&TEXTS));
    let funding =
        (text(&ROUNDS), number(), number(), date()).prop_map(|(round, last_amount, total_amount, date)| {
            Funding { round, last_amount, total_amount, date }
        });
    let more = (
        number(),
        number(),
        option::of(-5_i64..600),
        option::of(select(&COMPANY_TYPES)),
        option::of(funding),
    );
    let lists =
        (texts(&SKILLS), texts(&SKILLS), texts(&LANGUAGES), texts(&CODES), texts(&PHONES), texts(&LINKS));
    let rest = (points(), text(&DOMAINS), texts(&TEXTS));
    (who, what, select(&PLACES), any::<bool>(), more, lists, rest).prop_map(
        |(who, what, place, office, more, lists, rest)| {
            let address = Address {
                coordinates: rest.0,
                country: some(place.0),
                state: some(place.1),
                city: some(place.2),
                ..Address::default()
            };
            let mut company = Company {
                id: who.0,
                name: who.1,
                legal_name: who.2,
                domain: who.3,
                observed_at: who.4,
                industry: what.0,
                headcount: what.1,
                employees: what.2,
                keywords: what.3,
                description: what.4,
                linkedin_url: Some(format!(
                    "https://www.linkedin.com/company/c{}",
                    who.0.as_u128() >> 64 & 3
                )),
                revenue: more.0,
                retail_size: more.1,
                founded_year: more.2,
                company_type: more.3.map(str::to_owned),
                funding: more.4.filter(|funding| *funding != Funding::default()),
                technologies: lists.0,
                products_and_services: lists.1,
                languages: lists.2,
                naics: lists.3,
                phones: lists.4,
                social_links: lists.5,
                website_url: rest.1,
                seo_texts: rest.2,
                ..Company::default()
            };
            if office {
                company.location = CompanyLocation { headquarter: address, locations: Vec::new() };
            } else {
                company.country = some(place.0);
                company.location.locations = vec![address];
            }
            company
        },
    )
}

fn wrapper() -> impl Strategy<Value = Wrapper> {
    prop_oneof![
        4 => Just(Wrapper::AnyInclude),
        1 => Just(Wrapper::AnyExclude),
        1 => Just(Wrapper::AllInclude),
        1 => Just(Wrapper::AllExclude),
    ]
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![3 => Just(Mode::Smart), 2 => Just(Mode::Word), 1 => Just(Mode::Strict)]
}

const WORDS: [&str; 12] = [
    "engineer",
    "machine learning",
    "learning machine",
    "sales",
    "software",
    "VP",
    "CTO",
    "new york",
    "new new",
    "c++",
    "of",
    "!",
];

/// Values out of a list, parts of them, and words that stand in many texts.
fn values(list: &'static [&'static str]) -> BoxedStrategy<Vec<String>> {
    let part = select(list).prop_map(|text| text.split(' ').next().unwrap_or(text).to_owned());
    // Words that stand next to each other only across two values.
    let across = (select(list), select(list)).prop_map(|(first, second)| {
        let (last, next) = (first.rsplit(' ').next(), second.split(' ').next());
        format!("{} {}", last.unwrap_or(first), next.unwrap_or(second))
    });
    let value = prop_oneof![
        3 => select(list).prop_map(str::to_owned),
        1 => part,
        2 => across,
        2 => select(&WORDS).prop_map(str::to_owned),
    ];
    vec(value, 1..4).boxed()
}

fn wanted(list: &'static [&'static str]) -> impl Strategy<Value = Text> {
    (mode(), values(list)).prop_map(|(mode, values)| Text { mode, values })
}

fn keyword<S: Copy + std::fmt::Debug + 'static>(
    sources: &'static [S],
    list: &'static [&'static str],
) -> impl Strategy<Value = Keyword<S>> {
    (vec((select(sources), mode()), 1..4), values(list))
        .prop_map(|(sources, values)| Keyword { sources, values })
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::Any), Just(Level::Country), Just(Level::State), Just(Level::City)]
}

fn places() -> impl Strategy<Value = Vec<String>> {
    vec(select(&PLACE_VALUES).prop_map(str::to_owned), 1..4)
}

fn company_values() -> impl Strategy<Value = Vec<String>> {
    let value = prop_oneof![
        company_id().prop_map(|id| id.to_string().to_uppercase()),
        select(&COMPANY_NAMES).prop_map(str::to_owned),
        select(&DOMAINS).prop_map(|domain| format!("https://{domain}/x")),
    ];
    vec(value, 1..4)
}

fn range() -> impl Strategy<Value = Range> {
    let band =
        (option::of(0_u64..600), option::of(100_u64..20_000)).prop_map(|(start, end)| Band { start, end });
    prop_oneof![4 => vec(band, 1..3).prop_map(Range::Bands), 1 => Just(Range::Present), 1 => Just(Range::Absent)]
}

fn months() -> impl Strategy<Value = Band> {
    (option::of(0_u64..60), option::of(0_u64..200)).prop_map(|(start, end)| Band { start, end })
}

fn some_of(list: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(list).prop_map(str::to_owned), 1..3)
}

fn contact_more() -> BoxedStrategy<ContactFacet> {
    let year = || option::of(2012_u16..2026);
    prop_oneof![
        some_of(&DEPARTMENTS).prop_map(ContactFacet::Department),
        wanted(&TITLES).prop_map(ContactFacet::PreviousTitle),
        months().prop_map(ContactFacet::CompanyMonths),
        months().prop_map(ContactFacet::JobMonths),
        months().prop_map(ContactFacet::ExperienceMonths),
        company_values().prop_map(ContactFacet::PreviousCompany),
        wanted(&SKILLS).prop_map(ContactFacet::Certification),
        wanted(&LANGUAGES).prop_map(ContactFacet::Language),
        range().prop_map(ContactFacet::LanguageCount),
        wanted(&SCHOOLS).prop_map(ContactFacet::School),
        wanted(&TITLES).prop_map(ContactFacet::Degree),
        wanted(&SKILLS).prop_map(ContactFacet::FieldOfStudy),
        (year(), year(), any::<bool>())
            .prop_map(|(start, end, present)| ContactFacet::Graduation(Graduation { start, end, present })),
        some_of(&LINKS).prop_map(ContactFacet::Linkedin),
        some_of(&LINKS).prop_map(ContactFacet::SocialLink),
        some_of(&NETWORKS).prop_map(ContactFacet::Network),
        some_of(&SKILLS).prop_map(ContactFacet::Badge),
        range().prop_map(ContactFacet::Followers),
        range().prop_map(ContactFacet::Connections),
        any::<bool>().prop_map(ContactFacet::HasEmail),
        any::<bool>().prop_map(ContactFacet::HasPhone),
        (0_u32..6).prop_map(ContactFacet::UpdatedWithinDays),
    ]
    .boxed()
}

fn account_more() -> BoxedStrategy<AccountFacet> {
    let day = || option::of(16_000_i32..20_500);
    let circle = (51_000_000_i32..53_000_000, 12_000_000_i32..14_000_000, 1_u32..20_000_000)
        .prop_map(|(lat, lng, radius)| Circle { lat, lng, radius: radius / 100 });
    prop_oneof![
        wanted(&DOMAINS).prop_map(AccountFacet::Url),
        some_of(&LINKS).prop_map(AccountFacet::SocialLink),
        vec(
            select(&["linkedin.com/company/c1", "https://www.linkedin.com/company/C2/", "x"][..])
                .prop_map(str::to_owned),
            1..3
        )
        .prop_map(AccountFacet::Linkedin),
        some_of(&PHONES).prop_map(AccountFacet::Phone),
        range().prop_map(AccountFacet::Revenue),
        range().prop_map(AccountFacet::RetailSize),
        range().prop_map(AccountFacet::FoundedYear),
        some_of(&COMPANY_TYPES).prop_map(AccountFacet::Type),
        wanted(&SKILLS).prop_map(AccountFacet::Technology),
        wanted(&SKILLS).prop_map(AccountFacet::Product),
        some_of(&LANGUAGES).prop_map(AccountFacet::Language),
        some_of(&ROUNDS).prop_map(AccountFacet::FundingType),
        range().prop_map(AccountFacet::FundingTotal),
        range().prop_map(AccountFacet::FundingLast),
        (day(), day()).prop_map(|(start, end)| AccountFacet::FundingDate(Days { start, end })),
        circle.prop_map(AccountFacet::Near),
        some_of(&CODES).prop_map(AccountFacet::Naics),
    ]
    .boxed()
}

fn contact() -> impl Strategy<Value = Clause<ContactFacet>> {
    let facet = prop_oneof![
        wanted(&NAMES).prop_map(ContactFacet::FullName),
        subsequence(&SENIORITIES[..6], 1..4)
            .prop_map(|names| ContactFacet::Seniority(names.into_iter().map(str::to_owned).collect())),
        wanted(&TITLES).prop_map(ContactFacet::LatestTitle),
        wanted(&TITLES).prop_map(ContactFacet::CurrentTitle),
        company_values().prop_map(ContactFacet::LatestCompany),
        company_values().prop_map(ContactFacet::CurrentCompany),
        (level(), places()).prop_map(|(level, places)| ContactFacet::Location(level, places)),
        wanted(&SKILLS).prop_map(ContactFacet::Skill),
        keyword(&PersonSource::ALL, &TEXTS[..5]).prop_map(ContactFacet::Keyword),
    ];
    let facet = prop_oneof![1 => facet, 1 => contact_more()];
    (wrapper(), facet).prop_map(|(wrapper, facet)| Clause { wrapper, facet })
}

fn account() -> impl Strategy<Value = Clause<AccountFacet>> {
    let domains = || vec(select(&DOMAINS).prop_map(str::to_owned), 1..3);
    let facet = prop_oneof![
        wanted(&COMPANY_NAMES).prop_map(AccountFacet::NameOrDomain),
        (mode(), domains()).prop_map(|(mode, values)| AccountFacet::NameOrDomain(Text { mode, values })),
        domains().prop_map(AccountFacet::Domain),
        wanted(&COMPANY_NAMES).prop_map(AccountFacet::Name),
        (level(), places()).prop_map(|(level, places)| AccountFacet::Location(level, places)),
        wanted(&INDUSTRIES).prop_map(AccountFacet::Industry),
        range().prop_map(AccountFacet::EmployeeSize),
        keyword(&CompanySource::ALL, &INDUSTRIES).prop_map(AccountFacet::Keyword),
    ];
    let facet = prop_oneof![1 => facet, 1 => account_more()];
    (wrapper(), facet).prop_map(|(wrapper, facet)| Clause { wrapper, facet })
}

pub fn filter() -> impl Strategy<Value = Filter> {
    let lists = prop_oneof![
        3 => Just(Exclusions::default()),
        1 => (vec(person_id(), 0..20), vec(company_id(), 0..5))
            .prop_map(|(people, companies)| Exclusions { people: people.into(), companies: companies.into() }),
    ];
    (vec(contact(), 0..3), vec(account(), 0..3), lists).prop_map(|(contact, account, lists)| Filter {
        contact,
        account,
        lists,
    })
}
