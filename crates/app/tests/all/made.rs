//! Random ICPs over the values that the records have.

use crate::dice::Dice;
use crate::oracle::Rule;
use crate::world::World;
use serde_json::{Map, Value, json};
use sluice_model::{Company, EntityKind, Person};

/// An ICP as it is sent, and its parts as the oracle takes them.
#[derive(Clone, Debug)]
pub struct Made {
    pub kind: EntityKind,
    pub body: Value,
    pub rules: Vec<Rule>,
    pub target: u64,
}

impl Made {
    /// The filters of its searches, as sent.
    pub fn filters(&self) -> Vec<Value> {
        let searches = self.body["leadProviderCriteria"].as_array().cloned().unwrap_or_default();
        searches.into_iter().map(|search| search["filters"].clone()).collect()
    }
}

/// A random ICP.
pub fn icp(dice: &mut Dice, world: &World) -> Made {
    let kind = if dice.percent(75) { EntityKind::Person } else { EntityKind::Company };
    let searches: Vec<Value> = (0..dice.between(1, 3))
        .map(|_| {
            let mut search = Map::from_iter([("provider".to_owned(), json!("baseProvider"))]);
            if kind == EntityKind::Company || dice.percent(50) {
                search.insert("type".to_owned(), json!(kind.name()));
            }
            search.insert("filters".to_owned(), filters(dice, world, kind));
            Value::Object(search)
        })
        .collect();
    with_rules(dice, world, kind, searches)
}

/// The same searches with other rules.
pub fn again(dice: &mut Dice, world: &World, before: &Made) -> Made {
    let searches = before.body["leadProviderCriteria"].as_array().cloned().unwrap_or_default();
    with_rules(dice, world, before.kind, searches)
}

fn with_rules(dice: &mut Dice, world: &World, kind: EntityKind, searches: Vec<Value>) -> Made {
    let rules: Vec<Rule> = (0..dice.below(4)).map(|_| rule(dice, world, kind)).collect();
    let target = [1, 5, 25, 60, 100, 300, 700, 10_000][dice.below(8)];
    let body = json!({
        "name": format!("ICP {}", dice.below(1_000)),
        "leadsPerList": target,
        "leadProviderCriteria": searches,
        "customFilterCriteria": rules.iter().map(to_json).collect::<Vec<_>>(),
    });
    Made { kind, body, rules, target }
}

pub fn to_json(rule: &Rule) -> Value {
    match rule {
        Rule::Matches { field, regex } => {
            json!({"type": "matchFieldWithRegex", "field": field, "regex": regex})
        }
        Rule::DaysUntilReuse(days) => json!({"type": "minDaysUntilReuse", "value": days}),
        Rule::PerCompany(most) => json!({"type": "maxPeoplePerCompany", "value": most}),
        Rule::FromCrm(hundredths) => {
            let percent: Value =
                serde_json::from_str(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
                    .expect("a number");
            json!({"type": "maxPercentFromCRM", "value": percent})
        }
    }
}

fn rule(dice: &mut Dice, world: &World, kind: EntityKind) -> Rule {
    match dice.below(10) {
        0..3 => matches(dice, world, kind),
        3..5 => Rule::DaysUntilReuse([0, 1, 7, 30, 90][dice.below(5)]),
        5..7 => Rule::PerCompany([0, 1, 1, 2, 5][dice.below(5)]),
        _ => Rule::FromCrm([0, 57, 69, 113, 1_000, 3_333, 5_000, 10_000][dice.below(8)]),
    }
}

fn matches(dice: &mut Dice, world: &World, kind: EntityKind) -> Rule {
    let company = dice.pick(&world.companies);
    let country = company.country.clone().unwrap_or_else(|| "Peru".to_owned());
    let of_company = [
        ("name", "(?i)^[a-m]".to_owned()),
        ("domain", r"\.(com|de|co\.jp)$".to_owned()),
        ("headcount", "^(1-10|11-50|51-200)$".to_owned()),
        ("location.headquarter.country", regex::escape(&country)),
        ("country", format!("^(Japan|United States|{})$", regex::escape(&country))),
        ("revenue", r"^\d+$".to_owned()),
    ];
    let of_person = [
        ("firstName", "^[A-M]".to_owned()),
        ("emails", "@".to_owned()),
        ("skills", "(?i)e.*a".to_owned()),
        ("workExperiences.profilePositions.title", "(?i)senior|head|chief".to_owned()),
        ("languages.language", "^(English|German)$".to_owned()),
        ("linkedinUrl", r"\w".to_owned()),
        ("jobTitle", "(?i)manager|engineer".to_owned()),
    ];
    let (field, regex) = if kind == EntityKind::Person && dice.percent(60) {
        dice.pick(&of_person).clone()
    } else {
        dice.pick(&of_company).clone()
    };
    // A company is reached with the prefix from a person, and with or without it from itself.
    let own = kind == EntityKind::Company && dice.percent(50);
    let of_person = of_person.iter().any(|(known, _)| *known == field);
    let field = if own || of_person { field.to_owned() } else { format!("company.{field}") };
    Rule::Matches { field, regex }
}

fn filters(dice: &mut Dice, world: &World, kind: EntityKind) -> Value {
    if dice.percent(5) {
        return json!({});
    }
    if kind == EntityKind::Person && dice.percent(15) {
        let person = dice.pick(&world.people);
        return json!({
            "seniority": some(dice, || ["c_suite", "vp", "director", "head", "manager", "senior"]),
            "location": {"country": [person.country, "United States"]},
            "company_size": ["51-200", "1001-5000", "10001+"],
        });
    }
    let mut out = Map::new();
    if kind == EntityKind::Person {
        let parts: Vec<(String, Value)> = (0..dice.between(0, 2)).map(|_| contact(dice, world)).collect();
        out.insert("contact".to_owned(), nest(parts));
    }
    let least = usize::from(kind == EntityKind::Company);
    let parts: Vec<(String, Value)> = (0..dice.between(least, 2)).map(|_| account(dice, world)).collect();
    out.insert("account".to_owned(), nest(parts));
    if dice.percent(15) {
        let people: Vec<_> = (0..5).map(|_| dice.pick(&world.people).id).collect();
        let companies: Vec<_> = (0..20).map(|_| dice.pick(&world.companies).id).collect();
        let mut lists = Map::from_iter([("company_id".to_owned(), json!({"exclude": companies}))]);
        if kind == EntityKind::Person {
            lists.insert("person_id".to_owned(), json!({"exclude": people}));
        }
        out.insert("lists".to_owned(), Value::Object(lists));
    }
    Value::Object(out)
}

/// Puts values at dotted paths; the last at a path counts.
fn nest(parts: Vec<(String, Value)>) -> Value {
    let mut out = json!({});
    for (path, value) in parts {
        let mut at = &mut out;
        for key in path.split('.') {
            at = &mut at[key];
        }
        *at = value;
    }
    out
}

fn some<const N: usize>(dice: &mut Dice, all: impl Fn() -> [&'static str; N]) -> Vec<&'static str> {
    let count = dice.between(2, N);
    let start = dice.below(N);
    all().into_iter().cycle().skip(start).take(count).collect()
}

fn wrapped(dice: &mut Dice, include: Value, exclude: Value) -> Value {
    match dice.below(10) {
        0..6 => json!({"any": {"include": include}}),
        6 => json!({"any": {"exclude": exclude}}),
        7 => json!({"any": {"include": include, "exclude": exclude}}),
        8 => json!({"all": {"include": [exclude[0]]}}),
        _ => json!({"all": {"exclude": exclude}}),
    }
}

fn with_mode(dice: &mut Dice, values: Vec<String>) -> Value {
    match dice.below(4) {
        0 => json!({"mode": "WORD", "content": values}),
        1 => json!({"mode": "SMART", "content": values}),
        _ => json!(values),
    }
}

/// Values of so many records.
fn values<T>(dice: &mut Dice, records: &[T], count: usize, of: impl Fn(&T) -> Option<String>) -> Vec<String> {
    let mut out: Vec<String> = (0..count * 3)
        .filter_map(|_| of(dice.pick(records)))
        .filter(|text| !text.trim().is_empty())
        .collect();
    out.dedup();
    out.truncate(count);
    if out.is_empty() { vec!["United States".to_owned()] } else { out }
}

fn last_word(text: &str) -> Option<String> {
    text.rsplit(' ').next().map(str::to_owned)
}

fn contact(dice: &mut Dice, world: &World) -> (String, Value) {
    let people = &world.people;
    let text = |dice: &mut Dice, count: usize, of: &dyn Fn(&Person) -> Option<String>| {
        let (include, exclude) = (values(dice, people, count, of), values(dice, people, 2, of));
        if dice.percent(80) {
            wrapped(dice, json!(include), json!(exclude))
        } else {
            json!({"any": {"include": with_mode(dice, include)}})
        }
    };
    match dice.below(7) {
        0 | 1 => {
            let all = || {
                ["founder", "c_suite", "vp", "director", "head", "manager", "senior", "mid-level", "entry"]
            };
            let (include, exclude) = (some(dice, all), some(dice, all));
            ("seniority".to_owned(), wrapped(dice, json!(include), json!(exclude)))
        }
        2 => ("location".to_owned(), text(dice, 8, &|person| person.country.clone())),
        3 => {
            let path = if dice.percent(50) { "experience.current.title" } else { "experience.latest.title" };
            (path.to_owned(), text(dice, 10, &|person| last_word(person.job_title.as_deref()?)))
        }
        4 => ("skill".to_owned(), text(dice, 12, &|person| person.skills.first().cloned())),
        5 => {
            let path = if dice.percent(50) { "company.current" } else { "company.latest" };
            let include = values(dice, &world.companies, 40, |company| company.name.clone());
            let exclude = values(dice, &world.companies, 40, |company| company.domain.clone());
            (path.to_owned(), wrapped(dice, json!(include), json!(exclude)))
        }
        _ => {
            let words = values(dice, people, 10, |person| last_word(person.headline.as_deref()?));
            let sources =
                json!([{"mode": "WORD", "source": "HEADLINE"}, {"mode": "SMART", "source": "SUMMARY"}]);
            ("keyword".to_owned(), json!({"any": {"include": {"sources": sources, "content": words}}}))
        }
    }
}

fn account(dice: &mut Dice, world: &World) -> (String, Value) {
    let companies = &world.companies;
    let text = |dice: &mut Dice, count: usize, of: fn(&Company) -> Option<String>| {
        let (include, exclude) = (values(dice, companies, count, of), values(dice, companies, 2, of));
        wrapped(dice, json!(include), json!(exclude))
    };
    match dice.below(6) {
        0 | 1 => {
            let of =
                if dice.percent(70) { |c: &Company| c.country.clone() } else { |c: &Company| c.city.clone() };
            ("location".to_owned(), text(dice, 8, of))
        }
        2 => {
            let words = |company: &Company| last_word(company.industry.as_deref()?);
            let of = if dice.percent(50) { |company: &Company| company.industry.clone() } else { words };
            ("industry".to_owned(), text(dice, 12, of))
        }
        3 => {
            let least = [0, 11, 51, 201, 1_001][dice.below(5)];
            let size = match dice.below(8) {
                0 => json!({"type": "ALL"}),
                1 => json!({"type": "NONE"}),
                2 => json!({"any": {"exclude": {"type": "RANGE", "range": [{"start": least}]}}}),
                3 => json!({"type": "RANGE", "range": [{"start": least, "end": least + 300}]}),
                _ => json!({"type": "RANGE", "range": [{"start": least}]}),
            };
            ("employeeSize".to_owned(), size)
        }
        4 => ("nameOrDomain".to_owned(), text(dice, 60, |company| last_word(company.name.as_deref()?))),
        _ => ("domain".to_owned(), text(dice, 80, |company| company.domain.clone())),
    }
}
