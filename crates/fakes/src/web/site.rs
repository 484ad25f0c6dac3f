//! What the sites of a sample web are about, and how they behave.

use std::collections::BTreeMap;
use std::time::Duration;

/// The language of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

/// How the bytes of pages are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// ISO 8859-1, as the header says.
    Latin1InHeader,
    /// ISO 8859-1, as only the page itself says.
    Latin1InPage,
    /// ISO 8859-1, as nobody says.
    Latin1Unsaid,
    /// UTF-16, as its byte order mark says.
    Utf16,
}

/// What a site does when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It answers.
    Up,
    /// The connection breaks off.
    Down,
    /// By https the connection breaks off, by http it answers.
    PlainOnly,
    /// Every page has this status, `robots.txt` apart.
    Status(u16),
    /// Every page leads to this URL.
    Redirect(String),
    /// Every page leads to the same one below `www.`.
    ToWww,
    /// It answers, and its `robots.txt` is this.
    Robots(String),
    /// It answers, but `robots.txt` has this status.
    RobotsStatus(u16),
    /// Every page has about so many bytes.
    Huge(usize),
    /// Every page takes so long.
    Slow(Duration),
    /// Every page is said to be of this type.
    Type(&'static str),
    /// Its pages are written in this way.
    Charset(Charset),
    /// Its home page is this HTML.
    Raw(String),
}

/// Whom a company looks for, and where it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Careers {
    /// `/careers` or `/karriere`, for example.
    pub path: String,
    pub openings: Vec<String>,
}

/// One site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSpec {
    pub name: String,
    pub industry: String,
    pub city: String,
    pub headcount: u32,
    /// The first is that of its pages.
    pub languages: Vec<Language>,
    pub products: Vec<String>,
    pub careers: Option<Careers>,
    /// Sentences by the page that they stand on. A page that would not be there otherwise is made.
    pub sentences: BTreeMap<String, Vec<String>>,
    pub behaviour: Behaviour,
}

impl SiteSpec {
    /// A small site in English that looks for nobody.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            industry: "Software".to_owned(),
            city: "Berlin".to_owned(),
            headcount: 50,
            languages: vec![Language::English],
            products: Vec::new(),
            careers: None,
            sentences: BTreeMap::new(),
            behaviour: Behaviour::Up,
        }
    }

    /// The site that a host has when nothing is said of it: made of its name alone.
    #[must_use]
    pub fn generated(host: &str) -> Self {
        let host = bare(host);
        let mut chance = Chance::of(&host);
        let german = [".de", ".at", ".ch"].iter().any(|end| host.ends_with(end)) || chance.below(8) == 0;
        let language = if german { Language::German } else { Language::English };
        let mut spec = Self::new(name_of(&host));
        spec.industry = chance.one_of(&INDUSTRIES).to_owned();
        spec.city = chance.one_of(if german { &CITIES_DE } else { &CITIES_EN }).to_owned();
        spec.headcount = 3 + chance.below(40) * (1 + chance.below(60));
        spec.languages = vec![language];
        let first = chance.one_of(&PRODUCTS);
        let others = [chance.one_of(&PRODUCTS), chance.one_of(&PRODUCTS)];
        spec.products = vec![first.to_owned()];
        spec.products.extend(others.iter().filter(|other| **other != first).map(|other| (*other).to_owned()));
        spec.products.dedup();
        let (models, hiring) = match language {
            Language::English => (&MODELS_EN, "We are hiring."),
            Language::German => (&MODELS_DE, "Wir stellen ein."),
        };
        spec = spec.says("/", chance.one_of(models));
        if chance.below(3) == 0 {
            let path = if german { "/karriere" } else { "/careers" };
            let roles = [chance.one_of(&ROLES), chance.one_of(&ROLES)];
            spec = spec.hiring(path, &roles).says("/", hiring);
        }
        spec.behaviour = match chance.below(100) {
            0..4 => Behaviour::Down,
            4 => Behaviour::Status(500),
            5 | 6 => Behaviour::Robots("User-agent: *\nDisallow: /\n".to_owned()),
            7..15 => Behaviour::ToWww,
            _ => Behaviour::Up,
        };
        spec
    }

    /// With this sentence on the page at `path`.
    #[must_use]
    pub fn says(mut self, path: &str, sentence: impl Into<String>) -> Self {
        self.sentences.entry(path.to_owned()).or_default().push(sentence.into());
        self
    }

    /// Looks for people, and says so at `path`.
    #[must_use]
    pub fn hiring(mut self, path: &str, openings: &[&str]) -> Self {
        let openings = openings.iter().map(|opening| (*opening).to_owned()).collect();
        self.careers = Some(Careers { path: path.to_owned(), openings });
        self
    }

    /// In this industry.
    #[must_use]
    pub fn industry(mut self, industry: impl Into<String>) -> Self {
        self.industry = industry.into();
        self
    }

    /// In this city.
    #[must_use]
    pub fn city(mut self, city: impl Into<String>) -> Self {
        self.city = city.into();
        self
    }

    /// With so many people.
    #[must_use]
    pub fn headcount(mut self, headcount: u32) -> Self {
        self.headcount = headcount;
        self
    }

    /// With these products.
    #[must_use]
    pub fn products(mut self, products: &[&str]) -> Self {
        self.products = products.iter().map(|product| (*product).to_owned()).collect();
        self
    }

    /// With pages in these languages, above all the first.
    #[must_use]
    pub fn languages(mut self, languages: &[Language]) -> Self {
        self.languages = languages.to_vec();
        self
    }

    /// Which does this when it is asked.
    #[must_use]
    pub fn behaving(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    pub(super) fn language(&self) -> Language {
        self.languages.first().copied().unwrap_or(Language::English)
    }
}

/// Which host has which site.
#[derive(Clone, Debug, Default)]
pub struct SiteBook {
    sites: BTreeMap<String, SiteSpec>,
}

impl SiteBook {
    /// A book in which every host has the site that is made of its name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this site at this host and below its `www.`.
    #[must_use]
    pub fn with(mut self, host: &str, site: SiteSpec) -> Self {
        self.insert(host, site);
        self
    }

    /// Puts this site at this host and below its `www.`.
    pub fn insert(&mut self, host: &str, site: SiteSpec) {
        self.sites.insert(bare(host), site);
    }

    /// The site of a host.
    #[must_use]
    pub fn site(&self, host: &str) -> SiteSpec {
        self.sites.get(&bare(host)).cloned().unwrap_or_else(|| SiteSpec::generated(host))
    }
}

/// A host in lower case without port, final dot and `www.`.
fn bare(host: &str) -> String {
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    host.strip_prefix("www.").map_or(host.clone(), str::to_owned)
}

/// `acme-robotics.example` → `Acme Robotics`.
fn name_of(host: &str) -> String {
    let mut words = Vec::new();
    for word in host.split('.').next().unwrap_or_default().split(['-', '_']).filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        words.push(first.into_iter().chain(letters).collect::<String>());
    }
    words.join(" ")
}

/// What is drawn for a host: the same each time.
struct Chance(u64);

impl Chance {
    /// By the FNV-1a hash of its name.
    fn of(host: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(host.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
    }

    /// A number below `bound`, by the SplitMix64 sequence.
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((drawn >> 33) % u64::from(bound.max(1))).unwrap_or_default()
    }

    fn one_of(&mut self, from: &[&'static str]) -> &'static str {
        let at = self.below(u32::try_from(from.len()).unwrap_or(1));
        from.get(at as usize).copied().unwrap_or_default()
    }
}

const INDUSTRIES: [&str; 12] = [
    "Software",
    "Mechanical Engineering",
    "Logistics",
    "Medical Devices",
    "Construction",
    "Food Production",
    "Insurance",
    "Renewable Energy",
    "Telecommunications",
    "Chemicals",
    "Retail",
    "Professional Services",
];
const CITIES_EN: [&str; 8] =
    ["London", "Boston", "Manchester", "Chicago", "Dublin", "Toronto", "Austin", "Leeds"];
const CITIES_DE: [&str; 8] =
    ["Berlin", "München", "Köln", "Zürich", "Wien", "Düsseldorf", "Nürnberg", "Leipzig"];
const PRODUCTS: [&str; 10] = [
    "Inventory Cloud",
    "Packaging Line",
    "Fleet Planner",
    "Heat Pump Control",
    "Claims Desk",
    "Laboratory Scale",
    "Site Scanner",
    "Order Portal",
    "Cold Chain Monitor",
    "Payroll Suite",
];
const MODELS_EN: [&str; 5] = [
    "We are a B2B company and sell to manufacturers only.",
    "Our SaaS platform is used by teams all over Europe.",
    "We sell directly to consumers in our own shops.",
    "We work for public authorities and hospitals.",
    "We supply small businesses through partners.",
];
const MODELS_DE: [&str; 5] = [
    "Wir sind ein B2B-Unternehmen und beliefern nur Hersteller.",
    "Unsere SaaS-Plattform wird von Teams in ganz Europa genutzt.",
    "Wir verkaufen in eigenen Läden an Privatkunden.",
    "Wir arbeiten für Behörden und Krankenhäuser.",
    "Wir beliefern kleine Betriebe über Partner.",
];
const ROLES: [&str; 8] = [
    "Account Executive",
    "Software Engineer",
    "Head of Sales",
    "Service Technician",
    "Data Engineer",
    "Financial Controller",
    "Product Manager",
    "Warehouse Lead",
];
