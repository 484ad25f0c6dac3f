//! The app under test.

use crate::callers::{
    ACME, Admin, Anonymous, GLOBEX, Machine, MalformedToken, Member, OtherOrganisation, OutsideMember,
    RevokedToken, users,
};
use crate::clock::{CountingRandom, TestClock};
use crate::database::Database;
use crate::records;
use axum::Router;
use sluice_app::accounts::keys;
use sluice_app::vault::Vault;
use sluice_app::{Context, admin, worker};
use sluice_catalog::Catalog;
use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::Role;
use sluice_model::accounts::{NewApiKey, Scopes};
use sluice_store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A router on a fresh database, with two organisations and their users. Cloning gives a further handle. When the
/// last one goes, no job may be left in the queue, unless `leave_jobs` was called.
#[derive(Clone)]
pub struct TestApp(Arc<App>);

/// What a [`TestApp`] is made of.
pub struct App {
    pub context: Context,
    pub clock: Arc<TestClock>,
    random: Arc<CountingRandom>,
    catalog: Arc<ReferenceCatalog>,
    router: Router,
    tokens: Tokens,
    jobs_may_stay: AtomicBool,
    // Last, so that the files go after those who use them.
    database: Database,
}

/// A valid token of each user, and one that was revoked.
#[derive(Default)]
pub(crate) struct Tokens {
    pub admin: String,
    pub member: String,
    pub outside: String,
    pub other: String,
    pub revoked: String,
    /// Keys with all scopes that were made for nobody.
    pub key: String,
    pub other_key: String,
}

impl std::ops::Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}

impl TestApp {
    /// An app with the records of [`records::fill`] in its catalog.
    pub async fn start() -> Self {
        let catalog = Arc::new(ReferenceCatalog::new());
        records::fill(&catalog);
        Self::build(catalog.clone(), catalog).await
    }

    /// An app with an empty catalog, for tests that bring their own records.
    pub async fn start_empty() -> Self {
        let catalog = Arc::new(ReferenceCatalog::new());
        Self::build(catalog.clone(), catalog).await
    }

    /// An app on this catalog.
    pub async fn start_on(catalog: Arc<dyn Catalog>) -> Self {
        Self::build(catalog, Arc::default()).await
    }

    /// An app with the records of [`records::fill`] in its catalog, its context completed by `complete`.
    pub async fn start_with(complete: impl FnOnce(Context) -> Context) -> Self {
        let catalog = Arc::new(ReferenceCatalog::new());
        records::fill(&catalog);
        Self::build_with(catalog.clone(), catalog, complete).await
    }

    async fn build(searched: Arc<dyn Catalog>, catalog: Arc<ReferenceCatalog>) -> Self {
        Self::build_with(searched, catalog, |context| context).await
    }

    async fn build_with(
        searched: Arc<dyn Catalog>,
        catalog: Arc<ReferenceCatalog>,
        complete: impl FnOnce(Context) -> Context,
    ) -> Self {
        let database = Database::fresh().await;
        let (clock, random) = (Arc::new(TestClock::default()), Arc::new(CountingRandom::default()));
        let context = Context::new(database.store.clone(), searched, clock.clone(), random.clone());
        let context = complete(context.with_vault(Vault::new(&[[7; 32]])));
        let tokens = populate(&context).await.expect("organisations, users and tokens");
        random.restart();
        let limit = sluice_api::RateLimit { elapsed: clock.clone().elapsed(), ..Default::default() };
        Self(Arc::new(App {
            router: sluice_api::router(context.clone(), limit, Router::new()),
            context,
            clock,
            random,
            catalog,
            tokens,
            jobs_may_stay: AtomicBool::new(false),
            database,
        }))
    }

    /// Nobody.
    #[must_use]
    pub fn anonymous(&self) -> Anonymous {
        Anonymous(self.clone())
    }

    /// Somebody with a token that never was one.
    #[must_use]
    pub fn malformed_token(&self) -> MalformedToken {
        MalformedToken(self.clone())
    }

    /// Somebody with a token that was valid once.
    #[must_use]
    pub fn revoked_token(&self) -> RevokedToken {
        RevokedToken(self.clone())
    }

    /// An admin.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin(self.clone())
    }

    /// A member.
    #[must_use]
    pub fn member(&self) -> Member {
        Member(self.clone())
    }

    /// A member who stands in no `userIds`.
    #[must_use]
    pub fn outside_member(&self) -> OutsideMember {
        OutsideMember(self.clone())
    }

    /// An admin of another organisation.
    #[must_use]
    pub fn other_organisation(&self) -> OtherOrganisation {
        OtherOrganisation(self.clone())
    }

    /// A machine of the organisation whose key has all scopes.
    #[must_use]
    pub fn machine(&self) -> Machine {
        self.machine_with(&self.tokens.key)
    }

    /// A machine of another organisation.
    #[must_use]
    pub fn other_machine(&self) -> Machine {
        self.machine_with(&self.tokens.other_key)
    }

    /// A machine with this key.
    #[must_use]
    pub fn machine_with(&self, key: &str) -> Machine {
        Machine { app: self.clone(), key: key.to_owned() }
    }

    /// Works until no job is due.
    pub async fn work(&self) {
        while self.work_once(|| false).await {}
    }

    /// Works on the next job until `stopping` says so, as when the program ends. Returns whether there was one.
    pub async fn work_once(&self, stopping: impl Fn() -> bool + Sync) -> bool {
        let worked = worker::work_once(&self.context, worker::Options::default(), &stopping).await;
        worked.expect("the queue can be read")
    }
}

impl App {
    /// The database, for what has to be arranged past the API.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.context.store
    }

    /// The catalog, to put records in. Not the one searched when the app was started on another.
    #[must_use]
    pub fn catalog(&self) -> &ReferenceCatalog {
        &self.catalog
    }

    /// The files of the database with all that is in them; none of a server's.
    #[must_use]
    pub fn database_files(&self) -> Option<Vec<u8>> {
        self.database.files()
    }

    /// Counts ids from the beginning again.
    pub fn restart_ids(&self) {
        self.random.restart();
    }

    /// Jobs may be left when the test ends.
    pub fn leave_jobs(&self) {
        self.jobs_may_stay.store(true, Ordering::SeqCst);
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if std::thread::panicking() || self.jobs_may_stay.load(Ordering::SeqCst) {
            return;
        }
        let jobs = self.database.jobs().expect("the queue can be read");
        assert_eq!(
            (jobs.ready, jobs.running, jobs.dead),
            (0, 0, 0),
            "jobs are left in the queue: work on them, or say leave_jobs()"
        );
    }
}

async fn populate(context: &Context) -> sluice_app::Result<Tokens> {
    admin::create_organisation(context, ACME, "Acme").await?;
    admin::create_organisation(context, GLOBEX, "Globex").await?;
    for (organisation, user, role) in [
        (ACME, users::ADMIN, Role::Admin),
        (ACME, users::MEMBER, Role::Member),
        (ACME, users::OUTSIDE, Role::Member),
        (GLOBEX, users::OTHER, Role::Admin),
    ] {
        admin::create_user(context, organisation, user, role, None).await?;
    }
    let all = || NewApiKey { name: None, scopes: Scopes::ALL, rate_per_minute: None };
    let tokens = Tokens {
        admin: admin::create_token(context, ACME, users::ADMIN).await?,
        member: admin::create_token(context, ACME, users::MEMBER).await?,
        outside: admin::create_token(context, ACME, users::OUTSIDE).await?,
        other: admin::create_token(context, GLOBEX, users::OTHER).await?,
        revoked: admin::create_token(context, ACME, users::MEMBER).await?,
        key: keys::create_for(context, ACME, None, all()).await?.key,
        other_key: keys::create_for(context, GLOBEX, None, all()).await?.key,
    };
    admin::revoke_token(context, &tokens.revoked).await?;
    Ok(tokens)
}
