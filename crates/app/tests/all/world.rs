//! A catalog of made-up people at real companies, with the troubles of real data: the same person twice, companies
//! that are only named, addresses that are none.

use crate::dice::Dice;
use sluice_catalog::import::{ImportOptions, Input, preview};
use sluice_catalog::{EmbeddedCatalog, sample};
use sluice_model::id::Random;
use sluice_model::{Company, EntityKind, Person, Time};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

/// All records, beside the catalog that serves them.
pub struct World {
    pub people: Vec<Person>,
    pub companies: Vec<Company>,
    pub by_id: HashMap<Uuid, usize>,
    pub catalog: Arc<EmbeddedCatalog>,
    _folder: TempDir,
}

impl World {
    /// A world of `people` people, some of them twice, at the companies of the examples.
    pub fn small(people: usize, seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let mut companies = companies(&example_companies());
        trouble_companies(&mut companies, &mut dice);
        let mut people: Vec<Person> = sample::people(&companies, people, seed).collect();
        trouble_people(&mut people, &companies, &mut dice);
        let folder = tempfile::tempdir().expect("a folder");
        let catalog = fill(folder.path(), &companies, people.iter().cloned());
        let by_id = companies.iter().enumerate().map(|(at, company)| (company.id, at)).collect();
        Self { people, companies, by_id, catalog, _folder: folder }
    }

    /// The record of a person's company.
    pub fn company_of(&self, person: &Person) -> Option<&Company> {
        person.company_id.and_then(|id| self.by_id.get(&id)).map(|at| &self.companies[*at])
    }
}

/// The extract that comes with the project.
pub fn example_companies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/companies.csv")
}

/// Makes a catalog of these records in `folder`.
pub fn fill(
    folder: &Path,
    companies: &[Company],
    people: impl Iterator<Item = Person>,
) -> Arc<EmbeddedCatalog> {
    let catalog = EmbeddedCatalog::open(folder).expect("a catalog");
    let mut writer = catalog.writer().expect("a writer");
    for company in companies {
        writer.put_company(company, &[]).expect("a company is put");
    }
    for (at, person) in people.enumerate() {
        writer.put_person(&person, &[]).expect("a person is put");
        if at % 50_000 == 49_999 {
            writer.commit().expect("a commit");
        }
    }
    writer.commit().expect("the last commit");
    Arc::new(catalog)
}

/// Reads companies as an import would, and gives them ids and sizes.
pub fn companies(path: &Path) -> Vec<Company> {
    let options =
        ImportOptions::new(EntityKind::Company, Time::from_millis(1_700_000_000_000), Arc::new(Nothing));
    let input = Input::file(path).expect("a file of companies");
    let read = preview(&options, input, 30_000).expect("companies");
    let company = |(number, record)| {
        let company: Company = serde_json::from_value(record).expect("a company");
        let id = Uuid::from_u128(0xc0 << 120 | 0x4000_8000_u128 << 64 | number);
        // The file's date is that of the checkout: not the same on every machine.
        let observed_at = Some(Time::from_millis(1_700_000_000_000));
        sample::with_synthetic_headcount(Company { id, observed_at, ..company })
    };
    (1..).zip(read.records).map(company).collect()
}

struct Nothing;

impl Random for Nothing {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn trouble_companies(companies: &mut Vec<Company>, dice: &mut Dice) {
    for at in 0..companies.len() {
        if dice.percent(6) {
            let mut twin = companies[at].clone();
            twin.id = Uuid::from_u128(twin.id.as_u128() | 0xff << 96);
            match dice.below(4) {
                // The same site under another name.
                0 => twin.name = Some(format!("{} Holding", twin.name.unwrap_or_default())),
                // The same name and country, without a site.
                1 => twin.domain = None,
                2 => twin.country = None,
                _ => twin.name = None,
            }
            companies.push(twin);
        } else if dice.percent(10) {
            let page = format!("https://www.linkedin.com/company/c{}", dice.below(20));
            companies[at].linkedin_url = Some(page);
        }
    }
}

fn trouble_people(people: &mut Vec<Person>, companies: &[Company], dice: &mut Dice) {
    for at in 0..people.len() {
        match dice.below(40) {
            0..4 => {
                let twin = twin(&people[at], dice);
                people.push(twin);
            }
            // A company that is only named.
            4 => people[at].company_id = None,
            // A company that the catalog does not have.
            5 => people[at].company_id = Some(Uuid::from_u128(dice.bits() | 1)),
            6 => {
                people[at].company_id = None;
                people[at].work_experiences.clear();
            }
            7 => people[at].emails.insert(0, "not an address".to_owned()),
            8 => {
                let domain = dice.pick(companies).domain.clone().unwrap_or_else(|| "acme.example".to_owned());
                people[at].emails.push(format!("Info{}@Mail.{domain}", dice.below(3)));
            }
            9 => people[at].first_name = people[at].first_name.to_uppercase(),
            _ => {}
        }
    }
}

/// The same person as another source has them: alike in one thing only.
fn twin(person: &Person, dice: &mut Dice) -> Person {
    let mut twin = person.clone();
    twin.id = Uuid::from_u128(dice.bits());
    let (keeps_profile, keeps_address, keeps_name) = match dice.below(4) {
        0 => (true, false, false),
        1 => (false, true, false),
        2 => (false, false, true),
        _ => (true, true, true),
    };
    if !keeps_profile {
        twin.linkedin_url = None;
    } else if let Some(url) = &mut twin.linkedin_url {
        *url =
            format!("{}/en?x=1", url.to_uppercase().replace("HTTPS://", "http://").replace("/IN/", "/in/"));
    }
    if !keeps_address {
        twin.emails.clear();
    } else {
        twin.emails.iter_mut().for_each(|email| *email = email.to_uppercase());
    }
    if !keeps_name {
        twin.first_name = format!("{}-{}", twin.first_name, dice.below(1_000));
    }
    if dice.percent(50) {
        twin.phones.clear();
    }
    twin
}
