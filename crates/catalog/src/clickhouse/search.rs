//! Searches on what was committed when they began.

use super::client::Client;
use super::columns;
use super::schema::{Table, TableName};
use super::snapshot::Snapshot;
use super::sql::{Sql, all_quoted};
use super::translate::{self, Conditions};
use super::wire::Reply;
use crate::facts::{self, TermField};
use crate::{CatalogError, Rank, Search, Sort, Window};
use sluice_model::filter::Filter;
use sluice_model::{EntityKind, Time};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One operation: everything it asks is answered from the same snapshot.
pub struct Question {
    pub client: Client,
    pub snapshot: Snapshot,
}

/// A record found, by its place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: Uuid,
    pub rank: Rank,
}

/// What is looked for, as the tail of a question.
pub struct Looked {
    /// From `FROM` to the last condition.
    pub tail: String,
    pub sql: Sql,
}

impl Looked {
    /// Asks for `columns`; `rest` is what follows the conditions.
    pub fn ask(&self, columns: &str, rest: &str) -> Sql {
        let text = format!("SELECT {columns} {} {rest} FORMAT RowBinary", self.tail);
        Sql { text, lists: self.sql.lists.clone() }
    }
}

impl Question {
    pub fn table(&self, table: Table) -> TableName<'_> {
        TableName { target: self.client.target(), table }
    }

    /// The rows of a kind that fit.
    pub fn looked(&self, kind: EntityKind, filter: &Filter, now: Time, ids: Option<&[Uuid]>) -> Looked {
        let mut sql = Sql::default();
        let mut wanted = match kind {
            EntityKind::Person => self.person_conditions(filter, now, &mut sql),
            EntityKind::Company => translate::conditions(&facts::company_conditions(filter), &mut sql),
        };
        let excluded = match kind {
            EntityKind::Person => &filter.lists.people,
            EntityKind::Company => &filter.lists.companies,
        };
        if !excluded.is_empty() {
            wanted.all.push(format!("id NOT IN {}", sql.ids(excluded)));
        }
        if let Some(ids) = ids {
            wanted.first.push(format!("id IN {}", sql.ids(ids)));
        }
        Looked { tail: self.tail(kind, wanted), sql }
    }

    fn tail(&self, kind: EntityKind, Conditions { first, mut all }: Conditions) -> String {
        all.insert(0, self.snapshot.visible(&self.client, kind));
        let table = self.table(Table::Rows(kind));
        let first =
            if first.is_empty() { String::new() } else { format!("PREWHERE {} ", first.join(" AND ")) };
        format!("FROM {table} {first}WHERE {}", all.join(" AND "))
    }

    /// What must hold for a person and their company. Who has no company's record fits when nothing but exclusions
    /// is asked of it.
    fn person_conditions(&self, filter: &Filter, now: Time, sql: &mut Sql) -> Conditions {
        let mut wanted = translate::conditions(&facts::person_conditions(filter, now), sql);
        if !filter.account.is_empty() {
            let company = translate::conditions(&facts::company_conditions(filter), sql);
            let orphans = filter.account.iter().all(|clause| clause.wrapper.is_exclude());
            if orphans {
                // Who is at an unknown company passes, so those are looked for who do not.
                let failing = format!("({}) = 0", company.all.join(" AND "));
                let tail =
                    self.tail(EntityKind::Company, Conditions { first: Vec::new(), all: vec![failing] });
                wanted.all.push(format!("company GLOBAL NOT IN (SELECT id {tail})"));
            } else {
                let tail = self.tail(EntityKind::Company, company);
                wanted.all.push(format!("company GLOBAL IN (SELECT id {tail})"));
            }
        }
        // Nobody's company is the nil id, which stands for none.
        let companies = || filter.lists.companies.iter().filter(|id| !id.is_nil());
        if companies().next().is_some() {
            wanted.all.push(format!("company NOT IN {}", sql.ids(companies())));
        }
        wanted
    }

    /// The hits of the window, and how many there are in all when the search wants to know.
    pub async fn search(
        &self,
        kind: EntityKind,
        search: &Search,
    ) -> Result<(Vec<Found>, Option<u64>), CatalogError> {
        if search.ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok((Vec::new(), search.count.then_some(0)));
        }
        let looked = self.looked(kind, &search.filter, search.now, search.ids.as_deref());
        let total = async { if search.count { self.total(&looked).await.map(Some) } else { Ok(None) } };
        let (hits, total) = tokio::join!(self.window(kind, search, &looked), total);
        Ok((hits?, total?))
    }

    /// How many rows fit.
    pub async fn total(&self, looked: &Looked) -> Result<u64, CatalogError> {
        let bytes = self.client.ask(&looked.ask("count()", "")).await?;
        Reply::new(&bytes).number()
    }

    pub async fn size(&self, kind: EntityKind) -> Result<u64, CatalogError> {
        let looked = Looked { tail: self.tail(kind, Conditions::default()), sql: Sql::default() };
        self.total(&looked).await
    }

    async fn window(
        &self,
        kind: EntityKind,
        search: &Search,
        looked: &Looked,
    ) -> Result<Vec<Found>, CatalogError> {
        match search.window {
            Window::Page { limit: 0, .. } | Window::Below { limit: 0, .. } => Ok(Vec::new()),
            Window::Page { offset, limit } => {
                let mut sql = looked.sql.clone();
                let order = match (search.sort, kind) {
                    (Sort::Rank, _) => String::new(),
                    (Sort::Relevance, EntityKind::Person) => {
                        let wanted = facts::person_conditions(&search.filter, search.now);
                        format!("{} DESC, ", translate::relevance(&wanted, &mut sql))
                    }
                    (Sort::Relevance, EntityKind::Company) => {
                        let wanted = facts::company_conditions(&search.filter);
                        format!("{} DESC, ", translate::relevance(&wanted, &mut sql))
                    }
                };
                let rest = format!("ORDER BY {order}order_key, id LIMIT {offset}, {limit}");
                self.found(Looked { tail: looked.tail.clone(), sql }.ask("id, order_key", &rest)).await
            }
            Window::Below { rank, limit } => self.below(looked, rank, limit).await,
        }
    }

    /// One hit more is asked for than wanted: when it shares its rank with the last, all that do are fetched.
    async fn below(
        &self,
        looked: &Looked,
        rank: Option<Rank>,
        limit: usize,
    ) -> Result<Vec<Found>, CatalogError> {
        let from =
            rank.map_or(String::new(), |rank| format!("AND order_key > {} ", columns::order_key(rank)));
        let rest = format!("{from}ORDER BY order_key, id LIMIT {}", limit.saturating_add(1));
        let mut found = self.found(looked.ask("id, order_key", &rest)).await?;
        let Some(next) = found.get(limit).map(|next| next.rank) else { return Ok(found) };
        found.truncate(limit);
        if found.last().is_some_and(|last| last.rank == next) {
            found.retain(|found| found.rank != next);
            let rest = format!("AND order_key = {} ORDER BY id", columns::order_key(next));
            found.extend(self.found(looked.ask("id, order_key", &rest)).await?);
        }
        Ok(found)
    }

    async fn found(&self, sql: Sql) -> Result<Vec<Found>, CatalogError> {
        let bytes = self.client.ask(&sql).await?;
        let mut reply = Reply::new(&bytes);
        let mut out = Vec::new();
        while !reply.is_done() {
            out.push(Found { id: reply.id()?, rank: columns::rank_at(reply.number()?) });
        }
        Ok(out)
    }

    /// The companies that are at one of these URLs, the best rank first.
    pub async fn companies_at(&self, urls: &[String]) -> Result<Vec<Uuid>, CatalogError> {
        let mut sites: BTreeMap<TermField, Vec<String>> = BTreeMap::new();
        for (field, site) in urls.iter().filter_map(|url| facts::site_query(url)) {
            sites.entry(field).or_default().push(site);
        }
        if sites.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::default();
        let mut looks = Vec::new();
        for (field, sites) in &sites {
            let set = if sites.len() > 2_000 {
                sql.texts(sites.iter().map(String::as_str))
            } else {
                format!("({})", all_quoted(sites.iter().map(String::as_str)))
            };
            looks.push(format!("arrayExists(own -> own IN {set}, terms_{})", field.name()));
        }
        let wanted = Conditions { first: Vec::new(), all: vec![format!("({})", looks.join(" OR "))] };
        let looked = Looked { tail: self.tail(EntityKind::Company, wanted), sql };
        let found = self.found(looked.ask("id, order_key", "ORDER BY order_key, id")).await?;
        Ok(found.into_iter().map(|found| found.id).collect())
    }
}
