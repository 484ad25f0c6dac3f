//! CRMs.

mod bullhorn_login;
mod bullhorn_search;
mod bullhorn_write;
mod close;
mod contract;

use sluice_connect::crm::{
    Bullhorn, BullhornSettings, Close, CloseSettings, CompanyDraft, ContactsAsk, Crm, CrmContact, CrmRef,
    PersonDraft,
};
use sluice_connect::http::HostLimits;
use sluice_connect::{Client, ClientOptions, SecretString};
use sluice_fakes::bullhorn::BullhornFake;
use sluice_fakes::close::CloseFake;

/// A client that may call loopback as often as it likes, and gives up at once.
pub fn client() -> Client {
    let options = ClientOptions::default();
    let service_limits = HostLimits {
        at_once: 64,
        per_second: 1_000_000,
        burst: 1_000_000,
        failures: u32::MAX,
        ..options.service_limits
    };
    Client::new(ClientOptions { allow_private_hosts: true, retries: 0, service_limits, ..options }).unwrap()
}

pub fn bullhorn_settings(fake: &BullhornFake) -> BullhornSettings {
    let settings = BullhornSettings::parse(&SecretString::from(fake.api_key())).unwrap();
    settings.with_login_base(fake.login_base()).with_calls_per_minute(0)
}

pub fn bullhorn(fake: &BullhornFake) -> Bullhorn {
    Bullhorn::new(client(), bullhorn_settings(fake))
}

pub fn close(fake: &CloseFake) -> Close {
    let settings = CloseSettings::parse(&SecretString::from(fake.api_key())).unwrap();
    Close::new(client(), settings.with_base(fake.base()))
}

pub fn reference(entity: &str, id: impl ToString) -> CrmRef {
    CrmRef { entity: entity.to_owned(), id: id.to_string() }
}

pub fn acme() -> CompanyDraft {
    CompanyDraft {
        external_id: "company-1".to_owned(),
        name: "The Acme Rockets Group, Inc.".to_owned(),
        domain: Some("acme.example".to_owned()),
        website_url: Some("https://acme.example".to_owned()),
        phones: vec!["+49 30 12345678".to_owned()],
        industry: Some("Rockets".to_owned()),
    }
}

pub fn ann() -> PersonDraft {
    PersonDraft {
        external_id: "0190b4a1-7c1e-7000-8000-000000000001".to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Müller".to_owned(),
        emails: vec!["ann@acme.example".to_owned()],
        phones: vec!["+49 40 1234567".to_owned()],
        linkedin_url: Some("https://www.linkedin.com/in/ann-mueller".to_owned()),
        job_title: Some("CTO".to_owned()),
        city: Some("Kiel".to_owned()),
        postal_code: Some("24103".to_owned()),
        country: Some("Germany".to_owned()),
        company: Some(acme()),
    }
}

/// All pages, and how many there were.
pub async fn read_all(crm: &dyn Crm, ask: ContactsAsk) -> (Vec<CrmContact>, usize) {
    let (mut all, mut pages, mut ask) = (Vec::new(), 0, ask);
    loop {
        let page = crm.contacts(&ask).await.unwrap();
        pages += 1;
        all.extend(page.contacts);
        match page.next {
            Some(next) => ask.after = Some(next),
            None => return (all, pages),
        }
    }
}
