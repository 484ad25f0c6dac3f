//! Made-up people for the fakes, the same for the same seed.

/// A made-up person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MadeUp {
    pub(crate) first: &'static str,
    pub(crate) last: String,
    pub(crate) title: &'static str,
    pub(crate) city: &'static str,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) linkedin: String,
    /// Which company.
    pub(crate) company: usize,
}

const FIRST: [&str; 16] = [
    "Ann", "Bernd", "Chloé", "Dilan", "Eva", "Farid", "Greta", "Hugo", "Ines", "Jörg", "Kemal", "Lena",
    "Mats", "Nadia", "Oskar", "Paula",
];
const LAST: [&str; 16] = [
    "Abel", "Berger", "Cordes", "Dietz", "Ehlers", "Falk", "Günther", "Hansen", "Iwanow", "Jansen", "Köhler",
    "Lorenz", "Meyer", "Nowak", "Öztürk", "Petersen",
];
const TITLES: [&str; 8] = [
    "Head of Sales",
    "Leiter Einkauf",
    "CTO",
    "Geschäftsführer",
    "Software Engineer",
    "Direktor Personal",
    "VP Marketing",
    "Recruiter",
];
const CITIES: [&str; 8] = ["Berlin", "Kiel", "Hamburg", "München", "Köln", "London", "Paris", "Boston"];
const NAMES: [&str; 12] = [
    "Nordwind",
    "Silbersee",
    "Falkenberg",
    "Grünfeld",
    "Hafenlicht",
    "Ostertal",
    "Quellwerk",
    "Rheinbogen",
    "Sturmbach",
    "Tannhof",
    "Ufermann",
    "Weidenau",
];

/// The name and domain of the company with this number.
pub(crate) fn company(number: usize) -> (String, String) {
    let name = pick(&NAMES, number);
    let plain = name.to_lowercase().replace('ü', "ue");
    (
        format!("{name} {} GmbH", number / NAMES.len() + 1),
        format!("{plain}{}.example", number / NAMES.len() + 1),
    )
}

/// So many people of these companies; number `from` is the first.
pub(crate) fn people(from: usize, count: usize, companies: usize, seed: u64) -> impl Iterator<Item = MadeUp> {
    (from..from + count).map(move |number| {
        let drawn = scattered(seed, number as u64);
        let at = |shift: u32, of: usize| usize::try_from(drawn >> shift).unwrap_or_default() % of.max(1);
        let company_number = at(24, companies);
        let first = pick(&FIRST, at(0, FIRST.len()));
        let last = format!("{}-{number}", pick(&LAST, at(8, LAST.len())));
        MadeUp {
            first,
            title: pick(&TITLES, at(12, TITLES.len())),
            city: pick(&CITIES, at(16, CITIES.len())),
            email: format!("person.{number}@{}", company(company_number).1),
            phone: format!("+4940{:07}", number % 10_000_000),
            linkedin: format!("https://www.linkedin.com/in/person-{number}"),
            company: company_number,
            last,
        }
    })
}

fn pick(from: &[&'static str], at: usize) -> &'static str {
    from.get(at % from.len().max(1)).copied().unwrap_or_default()
}

/// A number drawn for another: the finisher of SplitMix64.
fn scattered(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
