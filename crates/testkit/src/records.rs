//! People and companies for tests, with ids that can be told by eye.

use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::person::{Employer, WorkExperience};
use sluice_model::{Company, Person, Time};
use uuid::Uuid;

/// The catalog id of the `number`th person.
#[must_use]
pub fn person_id(number: u32) -> Uuid {
    Uuid::from_u128(0x0a00_0000_0000_4000_8000_0000_0000_0000 | u128::from(number))
}

/// The catalog id of the `number`th company.
#[must_use]
pub fn company_id(number: u32) -> Uuid {
    Uuid::from_u128(0x0c00_0000_0000_4000_8000_0000_0000_0000 | u128::from(number))
}

/// Records with lower numbers were seen later, and so rank first among equally complete ones.
fn observed(number: u32) -> Option<Time> {
    Some(Time::from_millis(0).plus_days(19_000 - i64::from(number)))
}

/// Makes a company.
#[derive(Clone, Debug)]
pub struct CompanyBuilder(Company);

impl CompanyBuilder {
    /// A company with name and domain.
    #[must_use]
    pub fn new(number: u32, name: &str, domain: &str) -> Self {
        Self(Company {
            id: company_id(number),
            name: Some(name.to_owned()),
            domain: Some(domain.to_owned()),
            website_url: Some(format!("https://www.{domain}")),
            headcount: Some("501-1000".to_owned()),
            industry: Some("Software".to_owned()),
            country: Some("Germany".to_owned()),
            observed_at: observed(number),
            ..Company::default()
        })
    }

    /// Changes anything else.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Company)) -> Self {
        change(&mut self.0);
        self
    }

    /// The company.
    #[must_use]
    pub fn build(self) -> Company {
        self.0
    }
}

/// Makes a person.
#[derive(Clone, Debug)]
pub struct PersonBuilder(Person);

impl PersonBuilder {
    /// A CTO with an e-mail address and a LinkedIn profile made of their name.
    #[must_use]
    pub fn new(number: u32, first: &str, last: &str) -> Self {
        let slug = format!("{first}-{last}").to_lowercase();
        Self(
            Person {
                id: person_id(number),
                first_name: first.to_owned(),
                last_name: last.to_owned(),
                linkedin_url: Some(format!("https://www.linkedin.com/in/{slug}")),
                emails: vec![format!("{slug}@mail.example")],
                seniority: Some("c_suite".to_owned()),
                country: Some("Germany".to_owned()),
                observed_at: observed(number),
                ..Person::default()
            }
            .with_title("CTO"),
        )
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.0 = self.0.with_title(title);
        self
    }

    /// Sets the employer.
    #[must_use]
    pub fn at(mut self, company: &Company) -> Self {
        self.0.company_id = Some(company.id);
        let job = self.0.work_experiences.first_mut().expect("a builder's person has a job");
        job.company = Employer {
            id: Some(company.id.to_string()),
            name: company.name.clone(),
            domain: company.domain.clone(),
            ..Employer::default()
        };
        self
    }

    /// Changes anything else.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Person)) -> Self {
        change(&mut self.0);
        self
    }

    /// The person.
    #[must_use]
    pub fn build(self) -> Person {
        self.0
    }
}

trait Titled {
    fn with_title(self, title: &str) -> Self;
}

impl Titled for Person {
    fn with_title(mut self, title: &str) -> Self {
        self.job_title = Some(title.to_owned());
        let position = sluice_model::person::Position { title: Some(title.to_owned()), ..Default::default() };
        match self.work_experiences.first_mut() {
            Some(job) => job.profile_positions = vec![position],
            None => self
                .work_experiences
                .push(WorkExperience { profile_positions: vec![position], ..WorkExperience::default() }),
        }
        self
    }
}

/// The records that most tests work with. In rank order: Ada (1, CTO at Acme), Bob (2, VP Engineering at Acme),
/// Cid (3, CTO at Globex), Dee (4, Designer at Globex), Eve (5, CTO at Initech), Fay (6, CTO at a company whose name
/// nobody knows), Ada again (7, same e-mail address as 1).
pub fn fill(catalog: &ReferenceCatalog) {
    let acme = CompanyBuilder::new(1, "Acme GmbH", "acme.example").build();
    let globex = CompanyBuilder::new(2, "Globex", "globex.example")
        .with(|company| company.headcount = Some("1001-5000".to_owned()))
        .build();
    let initech = CompanyBuilder::new(3, "Initech", "initech.example")
        .with(|company| {
            company.headcount = Some("11-50".to_owned());
            company.country = Some("Austria".to_owned());
            company.industry = Some("Banking".to_owned());
        })
        .build();
    let nameless = CompanyBuilder::new(4, "", "nameless.example").with(|company| company.name = None).build();
    for person in [
        PersonBuilder::new(1, "Ada", "Lee").at(&acme),
        PersonBuilder::new(2, "Bob", "Stone").title("VP Engineering").at(&acme),
        PersonBuilder::new(3, "Cid", "Marsh").at(&globex),
        PersonBuilder::new(4, "Dee", "Quinn").title("Designer").at(&globex),
        PersonBuilder::new(5, "Eve", "Frost").at(&initech).with(|person| {
            person.country = Some("Austria".to_owned());
        }),
        PersonBuilder::new(6, "Fay", "Holt").at(&nameless),
        PersonBuilder::new(7, "Ada", "Lee-Marsh").at(&globex).with(|person| {
            person.emails = vec!["ada-lee@mail.example".to_owned()];
        }),
    ] {
        catalog.put_person(person.build());
    }
    for company in [acme, globex, initech, nameless] {
        catalog.put_company(company);
    }
}
