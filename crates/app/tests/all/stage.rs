//! The application on a fresh database, with a clock that stands still until it is moved.

use sluice_app::runs::{DecisionFilter, Preview};
use sluice_app::system::SystemClock;
use sluice_app::{Context, admin, icps, runs, worker};
use sluice_catalog::Catalog;
use sluice_model::id::Random;
use sluice_model::run::GenerateRequest;
use sluice_model::time::{Clock, DAY_MS};
use sluice_model::{Actor, Decision, Icp, IcpCreate, Node, Role, Run, Time};
use sluice_store::ops::job::{JobCounts, job_counts};
use sluice_store::ops::record::{company_list, person_list, record_set_in_crm};
use sluice_store::{Durability, Options, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

/// A clock that is moved by hand.
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn advance_days(&self, days: i64) {
        self.advance(days * DAY_MS);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Counts instead of drawing.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, part)| *byte = *part);
    }
}

/// A database, a catalog, a clock.
pub struct Stage {
    pub context: Context,
    pub clock: Arc<HandClock>,
    folder: TempDir,
}

impl Stage {
    /// With a clock that stands still until [`Stage::clock`] is moved.
    pub async fn on(catalog: Arc<dyn Catalog>) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(1_760_000_000_000)));
        Self::with(catalog, clock.clone(), clock).await
    }

    /// With the clock of the machine.
    pub async fn live(catalog: Arc<dyn Catalog>) -> Self {
        Self::with(catalog, Arc::new(SystemClock), Arc::new(HandClock(AtomicI64::new(0)))).await
    }

    async fn with(catalog: Arc<dyn Catalog>, clock: Arc<dyn Clock>, hand: Arc<HandClock>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&folder).await;
        let context = Context::new(store, catalog, clock, Arc::new(Counting::default()));
        Self { context, clock: hand, folder }
    }

    /// A further handle on the same database, as another process has it.
    pub async fn second(&self, catalog: Arc<dyn Catalog>) -> Context {
        let Context { clock, random, .. } = self.context.clone();
        Context::new(open(&self.folder).await, catalog, clock, random)
    }

    /// How many jobs there are: ready, running, done, dead.
    pub async fn jobs(&self) -> [u64; 4] {
        let counts = self.context.store.read_system::<_, StoreError, _>(|tx| Box::pin(job_counts(tx)));
        let JobCounts { ready, running, done, dead } = counts.await.expect("the queue");
        [ready, running, done, dead]
    }

    /// A new organisation and its admin.
    pub async fn organisation(&self, id: &str) -> Actor {
        admin::create_organisation(&self.context, id, "Test").await.expect("an organisation");
        admin::create_user(&self.context, id, "user_admin", Role::Admin, None).await.expect("an admin");
        Actor { organisation: id.to_owned(), user: "user_admin".to_owned(), role: Role::Admin }
    }

    pub async fn icp(&self, actor: &Actor, body: &serde_json::Value) -> Icp {
        let new = IcpCreate::read(&Node::root(body)).unwrap_or_else(|faults| panic!("{body}: {faults:?}"));
        let created = icps::create(&self.context, actor, None, new).await;
        created.unwrap_or_else(|error| panic!("{body}: {error:?}")).value
    }

    pub async fn generate(&self, actor: &Actor, icp: &Icp, dry_run: bool) -> Run {
        let request = GenerateRequest { dry_run, ..GenerateRequest::default() };
        runs::generate(&self.context, actor, None, icp.id, request).await.expect("a run").value
    }

    /// Works until no job is due; each time `stopping` says so, the job is handed back and taken up again.
    pub async fn work(&self, stopping: &(dyn Fn() -> bool + Sync)) {
        while worker::work_once(&self.context, worker::Options::default(), stopping).await.expect("work") {}
    }

    pub async fn run(&self, actor: &Actor, id: Uuid) -> Run {
        runs::get(&self.context, actor, id).await.expect("the run").value
    }

    /// What would come of it, with all leads and all decisions.
    pub async fn preview(&self, actor: &Actor, icp: &Icp) -> (Preview, Vec<Decision>) {
        let request = GenerateRequest::default();
        let plan = runs::plan(icp.clone(), 1, &request, self.context.now()).expect("a plan");
        runs::preview_plan(&self.context, actor, &plan, usize::MAX).await.expect("a preview")
    }

    /// All decisions of a run, page by page.
    pub async fn decisions(&self, actor: &Actor, run: Uuid) -> Vec<Decision> {
        let mut all: Vec<Decision> = Vec::new();
        loop {
            let after = all.last().map_or(0, |decision| decision.sequence);
            let filter = DecisionFilter { after, ..DecisionFilter::default() };
            let page = runs::decisions(&self.context, actor, run, filter, 1_000).await.expect("decisions");
            all.extend(page.items);
            if page.next_cursor.is_none() {
                return all;
            }
        }
    }

    /// The organisation's id and the catalog's id of everything on a list, in order.
    pub async fn listed(&self, actor: &Actor, list: Uuid) -> Vec<(Uuid, Uuid)> {
        let records = self.context.store.read_long(&actor.organisation, move |tx| {
            Box::pin(async move {
                Ok::<_, StoreError>((person_list(tx, list).await?, company_list(tx, list).await?))
            })
        });
        let (people, companies) = records.await.expect("a list");
        let people = people.into_iter().map(|lead| (lead.person.id, lead.base_provider_id));
        let companies = companies.into_iter().map(|company| (company.id, company.base_provider_id));
        let copied = |(id, base): (Uuid, Option<Uuid>)| (id, base.expect("copied from the catalog"));
        people.chain(companies).map(copied).collect()
    }

    /// Marks a record as in the CRM.
    pub async fn put_in_crm(&self, actor: &Actor, record: Uuid) {
        let put = self.context.store.write(&actor.organisation, move |tx| {
            Box::pin(async move { record_set_in_crm(tx, record, true).await })
        });
        put.await.expect("the record");
    }
}

async fn open(folder: &TempDir) -> Store {
    let options = Options::Sqlite { path: folder.path().join("sluice.db"), durability: Durability::Process };
    Store::open(options).await.expect("a database")
}
