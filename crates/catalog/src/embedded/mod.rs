//! The embedded engine: three tantivy indexes in the data folder, nothing to install.
//!
//! Each value of a filter becomes a set of documents of a segment, which is remembered; the sets are joined by bit
//! operations. Values that many records have, such as titles and skills, are analysed and searched once, in an index
//! of their own; records refer to them by number.
//! Documents lie in the order of their rank, so a page is the first bits of what is left. What a person's company
//! must be like is answered on the companies first, as a set of their sequence numbers: a changed company needs
//! no rewrite of its people.

mod bits;
mod cache;
mod counts;
mod dictionary;
mod docs;
mod document;
mod encode;
pub mod files;
mod keys;
mod pick;
mod query;
pub(crate) mod record;
mod schema;
mod segment;
mod snapshot;
mod suggest;
mod tester;
mod values;
mod writer;

pub use keys::Key;
pub(crate) use schema::ANALYSIS;
pub use writer::CatalogWriter;

use crate::facts;
use crate::search::{Suggest, Suggestion};
use crate::{Catalog, CatalogError, CompanyHit, Count, FacetCounts, Page, PersonHit, Search};
use async_trait::async_trait;
use query::Query;
use sluice_model::{Company, Person};
use snapshot::{Indexes, Snapshot};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tantivy::Executor;
use uuid::Uuid;

/// How many threads one search may use.
const SEARCH_THREADS: usize = 2;

/// A catalog in a folder of this machine. Clones share it.
#[derive(Clone)]
pub struct EmbeddedCatalog {
    indexes: Arc<Indexes>,
    executor: Arc<Executor>,
}

impl EmbeddedCatalog {
    /// Opens the catalog in `dir`, an empty one when there is none. Reading takes no lock: it goes on beside a
    /// writer in this process or another, and a search sees what was committed before it began.
    ///
    /// # Errors
    /// When the folder or the indexes in it cannot be read or made.
    pub fn open(dir: &Path) -> Result<Self, CatalogError> {
        let executor = Executor::multi_thread(SEARCH_THREADS, "catalog-").map_err(schema::failure)?;
        Ok(Self { indexes: Arc::new(Indexes::open(dir)?), executor: Arc::new(executor) })
    }

    /// Opens the write side.
    ///
    /// # Errors
    /// [`CatalogError::Locked`] when another writer is open, in this process or another.
    pub fn writer(&self) -> Result<CatalogWriter, CatalogError> {
        CatalogWriter::open(Arc::clone(&self.indexes))
    }

    /// Hands every person to `each`, in no particular order; blocks.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn each_person(&self, mut each: impl FnMut(Person)) -> Result<(), CatalogError> {
        let snapshot = self.indexes.snapshot()?;
        let field = self.indexes.person_fields.common.record;
        for (ord, reader) in (0..).zip(snapshot.people.segment_readers()) {
            for doc in reader.doc_ids_alive() {
                let address = tantivy::DocAddress::new(ord, doc);
                snapshot::read(&snapshot.people, field, address)?.into_iter().for_each(&mut each);
            }
        }
        Ok(())
    }

    /// Hands every company to `each`, in no particular order; blocks.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn each_company(&self, mut each: impl FnMut(Company)) -> Result<(), CatalogError> {
        let snapshot = self.indexes.snapshot()?;
        let field = self.indexes.company_fields.common.record;
        for (ord, reader) in (0..).zip(snapshot.companies.segment_readers()) {
            for doc in reader.doc_ids_alive() {
                let address = tantivy::DocAddress::new(ord, doc);
                snapshot::read(&snapshot.companies, field, address)?.into_iter().for_each(&mut each);
            }
        }
        Ok(())
    }

    /// Asks on a thread that may block.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Query<'_>) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, CatalogError> {
        let this = self.clone();
        let cancelled = Cancel::default();
        let flag = Arc::clone(&cancelled.0);
        let task = tokio::task::spawn_blocking(move || {
            let snapshot: Arc<Snapshot> = this.indexes.snapshot()?;
            question(&Query {
                indexes: &this.indexes,
                snapshot: &snapshot,
                executor: &this.executor,
                cancelled: &flag,
            })
        });
        task.await.map_err(|error| CatalogError::Unavailable(error.to_string()))?
    }
}

/// Cancels the question when the answer is no longer waited for.
#[derive(Default)]
struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Catalog for EmbeddedCatalog {
    async fn search_people(&self, search: Search) -> Result<Page<PersonHit>, CatalogError> {
        self.ask(move |query| query.search_people(&search)).await
    }

    async fn search_companies(&self, search: Search) -> Result<Page<CompanyHit>, CatalogError> {
        self.ask(move |query| query.search_companies(&search)).await
    }

    async fn people(&self, ids: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError> {
        let ids = ids.to_vec();
        self.ask(move |query| {
            let field = query.indexes.person_fields.common.id;
            query.person_hits(query.located(&query.snapshot.people, field, &ids)?)
        })
        .await
    }

    async fn companies(&self, ids: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError> {
        let ids = ids.to_vec();
        self.ask(move |query| {
            let field = query.indexes.company_fields.common.id;
            let mut hits = Vec::new();
            for found in query.located(&query.snapshot.companies, field, &ids)? {
                let company = query.company(found.address)?;
                hits.extend(company.map(|company| CompanyHit { rank: found.rank, company }));
            }
            Ok(hits)
        })
        .await
    }

    async fn companies_at(&self, urls: &[String]) -> Result<Vec<Uuid>, CatalogError> {
        let sites: Vec<_> = urls.iter().filter_map(|url| facts::site_query(url)).collect();
        self.ask(move |query| query.companies_at(&sites)).await
    }

    async fn count(&self, wanted: Count) -> Result<(u64, FacetCounts), CatalogError> {
        self.ask(move |query| query.count(&wanted)).await
    }

    async fn suggest(
        &self,
        what: Suggest,
        text: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Page<Suggestion>, CatalogError> {
        let text = text.to_owned();
        self.ask(move |query| query.suggest(what, &text, offset, limit)).await
    }

    async fn size(&self) -> Result<(u64, u64), CatalogError> {
        self.ask(|query| {
            let mut companies = 0;
            for reader in query.snapshot.companies.segment_readers() {
                companies += query.companies_in(reader, None)?.within.count();
            }
            Ok((query.snapshot.people.num_docs(), companies))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::EmbeddedCatalog;
    use crate::search::{Search, Sort, Window};
    use crate::{Catalog as _, CatalogError};
    use sluice_model::filter::Filter;
    use sluice_model::{Person, Time};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;
    use std::time::Duration;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_ends() {
        let folder = tempfile::tempdir().expect("folder");
        let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog");
        let (ended, end) = channel();
        let question = catalog.ask(move |query| {
            while !query.cancelled.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
            }
            ended.send(()).expect("the test waits");
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), question).await.is_err());
        assert!(end.recv_timeout(Duration::from_secs(30)).is_ok());
    }

    #[tokio::test]
    async fn a_cancelled_search_finds_nothing() {
        let folder = tempfile::tempdir().expect("folder");
        let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog");
        let mut writer = catalog.writer().expect("writer");
        let person = Person { id: Uuid::from_u128(1), first_name: "Ann".to_owned(), ..Person::default() };
        writer.put_person(&person, &[]).expect("put");
        writer.commit().expect("commit");
        let search = Search {
            filter: Filter::default(),
            ids: None,
            window: Window::Page { offset: 0, limit: 10 },
            count: true,
            sort: Sort::Rank,
            now: Time::from_millis(0),
        };
        assert_eq!(catalog.search_people(search.clone()).await.expect("page").total, Some(1));
        let snapshot = catalog.indexes.snapshot().expect("snapshot");
        let query = super::Query {
            indexes: &catalog.indexes,
            snapshot: &snapshot,
            executor: &catalog.executor,
            cancelled: &AtomicBool::new(true),
        };
        assert!(matches!(query.search_people(&search), Err(CatalogError::Cancelled)));
    }
}
