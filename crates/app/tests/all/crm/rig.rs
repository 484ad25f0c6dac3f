//! An organisation with a Bullhorn of its own.

use crate::stage::Stage;
use sluice_app::connectors::{Connected, Fixed};
use sluice_app::crm::settings;
use sluice_app::vault::Vault;
use sluice_app::{Error, crm, worker};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_connect::crm::{Bullhorn, BullhornSettings, Crm};
use sluice_connect::http::HostLimits;
use sluice_connect::{Client, ClientOptions, SecretString};
use sluice_fakes::bullhorn::BullhornFake;
use sluice_model::crm::{CrmCredentials, CrmProvider, CrmReference, CrmSync};
use sluice_model::{Actor, Company, EntityKind, Lead, Person, Time};
use sluice_store::ops::crm_identity::{crm_identity_get, crm_identity_put};
use sluice_store::ops::record::{company_insert, person_get, person_insert};
use std::sync::Arc;
use uuid::Uuid;

pub struct Rig {
    pub stage: Stage,
    pub fake: BullhornFake,
    pub actor: Actor,
    pub crm: Arc<dyn Crm>,
}

impl Rig {
    /// Nothing is connected yet.
    pub async fn on(catalog: Arc<ReferenceCatalog>) -> Self {
        Self::with(catalog, |settings| settings).await
    }

    /// With other settings than usual.
    pub async fn with(
        catalog: Arc<ReferenceCatalog>,
        change: impl FnOnce(BullhornSettings) -> BullhornSettings,
    ) -> Self {
        let fake = BullhornFake::start().await.expect("a fake");
        let mut stage = Stage::on(catalog).await;
        fake.set_clock(stage.clock.clone());
        // The fake is spared nothing: what is tried here is the export.
        let usual = ClientOptions::default();
        let service_limits =
            HostLimits { per_second: 100_000, burst: 100_000, failures: u32::MAX, ..usual.service_limits };
        let options = ClientOptions { allow_private_hosts: true, retries: 0, service_limits, ..usual };
        let client = Client::new(options).expect("a client");
        let settings = BullhornSettings::parse(&SecretString::from(fake.api_key())).expect("settings");
        let settings = change(settings.with_login_base(fake.login_base()).with_calls_per_minute(0));
        let crm: Arc<dyn Crm> = Arc::new(Bullhorn::new(client, settings));
        let connected = Fixed(Connected { crm: Some(crm.clone()), ..Connected::default() });
        let context = stage.context.clone().with_vault(Vault::new(&[[7; 32]]));
        stage.context = context.with_connectors(Arc::new(connected));
        let actor = stage.organisation("org_acme").await;
        Self { stage, fake, actor, crm }
    }

    pub fn credentials(&self) -> CrmCredentials {
        CrmCredentials { provider: CrmProvider::Bullhorn, api_key: self.fake.api_key(), verify: true }
    }

    /// Connects, without reading contacts.
    pub async fn connect(&self) {
        settings::put(&self.stage.context, &self.actor, self.credentials()).await.expect("connected");
    }

    /// Connects and reads all contacts.
    pub async fn mirror(&self) {
        self.connect().await;
        self.work().await;
    }

    /// Works until no job is due.
    pub async fn work(&self) {
        self.stage.work(&|| false).await;
    }

    pub async fn work_once(&self, stopping: &(dyn Fn() -> bool + Sync)) -> bool {
        worker::work_once(&self.stage.context, worker::Options::default(), stopping).await.expect("work")
    }

    pub async fn sync(&self) -> CrmSync {
        crm::sync_status(&self.stage.context, &self.actor).await.expect("a sync")
    }

    /// Puts people with their companies into the organisation.
    pub async fn own(&self, companies: Vec<Company>, people: Vec<Lead>) {
        for chunk in companies.chunks(1_000) {
            let chunk = chunk.to_vec();
            let put = self.stage.context.store.write(&self.actor.organisation, move |tx| {
                Box::pin(async move {
                    for company in &chunk {
                        company_insert(tx, company, &[]).await?;
                    }
                    Ok::<_, Error>(())
                })
            });
            put.await.expect("companies");
        }
        for chunk in people.chunks(1_000) {
            let chunk = chunk.to_vec();
            let put = self.stage.context.store.write(&self.actor.organisation, move |tx| {
                Box::pin(async move {
                    for lead in &chunk {
                        person_insert(tx, lead, &[]).await?;
                    }
                    Ok::<_, Error>(())
                })
            });
            put.await.expect("people");
        }
    }

    /// Notes which record of the CRM is this one of the organisation.
    pub async fn note(&self, kind: EntityKind, ours: u128, entity: &'static str, id: u64) {
        let put = self.stage.context.store.write(&self.actor.organisation, move |tx| {
            Box::pin(async move {
                let theirs = CrmReference { entity: entity.to_owned(), id: id.to_string() };
                let (provider, key) = (CrmProvider::Bullhorn, Uuid::from_u128(ours).to_string());
                crm_identity_put(tx, provider, kind, &key, &theirs, Time::from_millis(1)).await?;
                Ok::<_, Error>(())
            })
        });
        put.await.expect("noted");
    }

    /// What was noted of a record of the organisation.
    pub async fn noted(&self, kind: EntityKind, ours: Uuid) -> Option<CrmReference> {
        let key = ours.to_string();
        let read = self.stage.context.store.read(&self.actor.organisation, move |tx| {
            Box::pin(async move {
                let keys = [key];
                let mut found = crm_identity_get(tx, CrmProvider::Bullhorn, kind, &keys).await?;
                let [key] = keys;
                Ok::<_, Error>(found.remove(&key))
            })
        });
        read.await.expect("the store")
    }

    /// Puts a person into the organisation who is found by this key.
    pub async fn own_by(&self, lead: Lead, key: &str) {
        let key = key.to_owned();
        let put = self.stage.context.store.write(&self.actor.organisation, move |tx| {
            Box::pin(async move {
                person_insert(tx, &lead, &[key]).await?;
                Ok::<_, Error>(())
            })
        });
        put.await.expect("a person");
    }

    pub async fn person(&self, id: Uuid) -> Lead {
        let read = self.stage.context.store.read(&self.actor.organisation, move |tx| {
            Box::pin(async move { Ok::<_, Error>(person_get(tx, id).await?) })
        });
        read.await.expect("the store").expect("the person")
    }
}

/// A person of the organisation, at a company of it.
pub fn lead(number: u128, last: &str, company: Option<u128>) -> Lead {
    let person = Person {
        id: Uuid::from_u128(number),
        first_name: "Ann".to_owned(),
        last_name: last.to_owned(),
        emails: vec![format!("ann.{}@acme.example", last.to_lowercase())],
        job_title: Some("CTO".to_owned()),
        company_id: company.map(Uuid::from_u128),
        ..Person::default()
    };
    Lead { person, ..Lead::default() }
}

pub fn company(number: u128, name: &str) -> Company {
    Company { id: Uuid::from_u128(number), name: Some(name.to_owned()), ..Company::default() }
}
