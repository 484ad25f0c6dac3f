//! What the demo calls instead of the web and of services that want an account: they speak the real wire on loopback,
//! and end with the program.

use super::actor;
use crate::cli::HomeArgs;
use crate::home::{self, Home};
use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};
use sluice_app::connectors::Way;
use sluice_app::{Context, connectors, crm, worker};
use sluice_connect::ClientOptions;
use sluice_fakes::Server;
use sluice_fakes::browser_use::BrowserUseFake;
use sluice_fakes::bullhorn::BullhornFake;
use sluice_fakes::enrichment::EnrichmentFake;
use sluice_fakes::firecrawl::FirecrawlFake;
use sluice_fakes::model::ModelFake;
use sluice_fakes::web::{SampleWeb, SiteBook};
use sluice_model::connector::ConnectorPut;
use sluice_model::crm::{CrmCredentials, CrmProvider};
use sluice_model::{Lead, Node};
use std::time::Duration;

/// The key that all of them want.
const KEY: &str = "demo-key-not-a-secret-0000abc1";
/// Contacts that the CRM has beside those of the catalog, all in Germany.
const CONTACTS: [(&str, &str, &str, &str, &str); 6] = [
    ("Ulrike", "Brandt", "Leiterin Vertrieb", "Hamburg", "Hafenlicht Software GmbH"),
    ("Jonas", "Keller", "Head of Sales", "Berlin", "Nordwind Analytics GmbH"),
    ("Sabine", "Vogt", "Direktor Marketing", "Köln", "Rheinbogen Systeme GmbH"),
    ("Milan", "Petrov", "Software Engineer", "Berlin", "Nordwind Analytics GmbH"),
    ("Carla", "Weiss", "Head of Sales", "Wien", "Donauwerk GmbH"),
    ("Theo", "Lang", "Leiter Vertrieb", "München", "Isarkreis Daten GmbH"),
];

/// The services, as long as this lives.
pub struct StandIns {
    web: SampleWeb,
    firecrawl: FirecrawlFake,
    model: Server,
    agent: Server,
    enrichment: Server,
    bullhorn: BullhornFake,
}

impl StandIns {
    /// Starts them on free ports.
    pub async fn start() -> Result<Self> {
        let web = SampleWeb::start(SiteBook::new()).await?;
        let pages = web.book().clone();
        let agent = BrowserUseFake::new(KEY, move |url| {
            pages.page(url).filter(|page| page.status < 400).map(|page| (page.title, page.markdown))
        });
        agent.looks(0);
        let enrichment = EnrichmentFake::default();
        enrichment.expect_key(KEY);
        Ok(Self {
            firecrawl: FirecrawlFake::start(web.book().clone(), KEY).await?,
            model: Server::start(ModelFake::new(Some(KEY)).router()).await?,
            agent: Server::start(agent.router()).await?,
            enrichment: Server::start(enrichment.router()).await?,
            bullhorn: BullhornFake::start().await?,
            web,
        })
    }

    /// Opens the data folder so that only these services are called, whatever an ICP names.
    pub async fn home(&self, args: &HomeArgs) -> Result<Home> {
        let mut allowed = args.outside.allow_host.clone();
        let servers = [self.firecrawl.server(), &self.model, &self.agent, &self.enrichment];
        allowed.extend(servers.map(Server::address));
        allowed.extend(self.bullhorn.addresses());
        let sample_web = Some(self.web.address());
        let options = ClientOptions { allowed, sample_web, ..ClientOptions::default() };
        let mut way: Way = home::way(options)?;
        way.crm_base.insert(CrmProvider::Bullhorn, self.bullhorn.login_base());
        home::open_with(args, way).await
    }

    /// Connects them for the demo's organisation.
    pub async fn connect(&self, context: &Context) -> Result<()> {
        let settings = |server: &Server, path: &str| json!({"baseUrl": join(server, path)});
        let mut model = settings(&self.model, "v1");
        model["dialect"] = json!("openai");
        model["model"] = json!("stand-in");
        let all = [
            ("firecrawl", "firecrawl", settings(self.firecrawl.server(), "")),
            ("browserUse", "browserUse", settings(&self.agent, "api/v2")),
            ("model", "model", model),
            ("phonebook", "enrichment", settings(&self.enrichment, "")),
        ];
        for (name, kind, settings) in all {
            let body: Value = json!({"kind": kind, "settings": settings, "apiKey": KEY});
            let put = ConnectorPut::read(&Node::root(&body)).map_err(sluice_app::Error::Invalid)?;
            connectors::put(context, &actor(), name, put).await?;
        }
        Ok(())
    }

    /// Fills the CRM with contacts of its own and with some of these people, connects it, and reads its contacts.
    pub async fn connect_crm(&self, context: &Context, known: &[Lead]) -> Result<()> {
        for (first, last, occupation, city, company) in CONTACTS {
            self.add_contact(first, last, occupation, city, company, None);
        }
        for lead in known {
            let person = &lead.person;
            let company = person.company_name().unwrap_or("Unknown");
            let (title, city) = (person.job_title.as_deref(), person.city.as_deref());
            let (title, city) = (title.unwrap_or_default(), city.unwrap_or_default());
            let email = person.emails.first().map(String::as_str);
            self.add_contact(&person.first_name, &person.last_name, title, city, company, email);
        }
        let api_key = self.bullhorn.api_key();
        let credentials = CrmCredentials { provider: CrmProvider::Bullhorn, api_key, verify: true };
        crm::settings::put(context, &actor(), credentials).await?;
        for _ in 0..600 {
            worker::work_once(context, worker::Options::default(), &|| false).await?;
            let sync = crm::sync_status(context, &actor()).await?;
            if let Some(error) = sync.error {
                bail!("the contacts of the CRM cannot be read: {error}");
            }
            if sync.mirror_at.is_some() {
                eprintln!("crm: {} contacts", sync.contacts);
                return Ok(());
            }
            // A worker of another process beside this one may read them.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(anyhow!("the contacts of the CRM were not read in time"))
    }

    fn add_contact(
        &self,
        first: &str,
        last: &str,
        occupation: &str,
        city: &str,
        company: &str,
        email: Option<&str>,
    ) {
        let plain = |text: &str| -> String {
            text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
        };
        let made_up = format!("{}.{}@{}.example", plain(first), plain(last), plain(company));
        let corporation =
            self.bullhorn.add("ClientCorporation", json!({"name": company, "status": "Active"}));
        let contact = self.bullhorn.add(
            "ClientContact",
            json!({
                "firstName": first, "lastName": last, "name": format!("{first} {last}"), "occupation": occupation,
                "email": email.unwrap_or(&made_up), "status": "Active", "address": {"city": city},
                "clientCorporation": {"id": corporation, "name": company},
            }),
        );
        self.bullhorn.add_task(json!({"clientContact": {"id": contact}, "subject": "Call again in spring"}));
    }
}

fn join(server: &Server, path: &str) -> String {
    server.url().join(path).map_or_else(|_| server.url().to_string(), |url| url.to_string())
}
