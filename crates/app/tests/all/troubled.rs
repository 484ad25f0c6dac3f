//! A catalog in memory that is slow, fails or panics when told so.

use crate::world::{companies, example_companies};
use async_trait::async_trait;
use sluice_catalog::reference::ReferenceCatalog;
use sluice_catalog::{
    Catalog, CatalogError, CompanyHit, Count, FacetCounts, Page, PersonHit, Search, Window, sample,
};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

/// What happens at a search before it is answered.
pub enum Trouble {
    Takes(Duration),
    Fails,
    Panics,
    Does(Pin<Box<dyn Future<Output = ()> + Send>>),
}

/// A catalog of so many made-up people.
pub struct Troubled {
    pub calm: Arc<ReferenceCatalog>,
    next: Mutex<VecDeque<Trouble>>,
    always: Option<Duration>,
    pages: Mutex<usize>,
}

impl Troubled {
    pub fn with_people(count: usize) -> Arc<Self> {
        Self::slow(count, None)
    }

    /// Each search takes so long.
    pub fn slow(count: usize, always: Option<Duration>) -> Arc<Self> {
        let companies = companies(&example_companies());
        let calm = Arc::new(ReferenceCatalog::new());
        for person in sample::people(&companies, count, 3) {
            calm.put_person(person);
        }
        companies.into_iter().for_each(|company| calm.put_company(company));
        Arc::new(Self { calm, next: Mutex::default(), always, pages: Mutex::default() })
    }

    /// Troubles the searches to come, one each.
    pub fn trouble(&self, next: impl IntoIterator<Item = Trouble>) {
        self.next.lock().expect("not poisoned").extend(next);
    }

    /// How many pages were asked for in all.
    pub fn pages(&self) -> usize {
        *self.pages.lock().expect("not poisoned")
    }

    async fn before(&self) -> Result<(), CatalogError> {
        *self.pages.lock().expect("not poisoned") += 1;
        if let Some(always) = self.always {
            tokio::time::sleep(always).await;
        }
        let next = self.next.lock().expect("not poisoned").pop_front();
        match next {
            None => {}
            Some(Trouble::Takes(time)) => tokio::time::sleep(time).await,
            Some(Trouble::Fails) => return Err(CatalogError::Unavailable("a disk with a name".to_owned())),
            Some(Trouble::Panics) => panic!("as the test wants"),
            Some(Trouble::Does(what)) => what.await,
        }
        Ok(())
    }
}

#[async_trait]
impl Catalog for Troubled {
    async fn search_people(&self, search: Search) -> Result<Page<PersonHit>, CatalogError> {
        if matches!(search.window, Window::Below { .. }) {
            self.before().await?;
        }
        self.calm.search_people(search).await
    }

    async fn search_companies(&self, search: Search) -> Result<Page<CompanyHit>, CatalogError> {
        self.calm.search_companies(search).await
    }

    async fn people(&self, ids: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError> {
        self.calm.people(ids).await
    }

    async fn companies(&self, ids: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError> {
        self.calm.companies(ids).await
    }

    async fn companies_at(&self, urls: &[String]) -> Result<Vec<Uuid>, CatalogError> {
        self.calm.companies_at(urls).await
    }

    async fn count(&self, wanted: Count) -> Result<(u64, FacetCounts), CatalogError> {
        self.calm.count(wanted).await
    }

    async fn size(&self) -> Result<(u64, u64), CatalogError> {
        self.calm.size().await
    }
}
