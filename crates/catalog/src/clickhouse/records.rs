//! Reading records by their ids.

use super::schema::Table;
use super::search::Question;
use super::sql::{Sql, some_ids};
use super::wire::Reply;
use crate::embedded::record;
use crate::{CatalogError, CompanyHit, PersonHit, rank};
use serde::de::DeserializeOwned;
use sluice_model::{Company, EntityKind, Person};
use std::collections::HashMap;
use uuid::Uuid;

/// Ids asked for at once.
const BATCH: usize = 2_000;

impl Question {
    /// The newest of each record, by id.
    async fn records<T: DeserializeOwned>(
        &self,
        kind: EntityKind,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, T>, CatalogError> {
        let mut out = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(BATCH) {
            let sql = format!(
                "SELECT id, record FROM {} WHERE id IN ({}) AND {} ORDER BY id, version DESC LIMIT 1 BY id \
                 FORMAT RowBinary",
                self.table(Table::Records(kind)),
                some_ids(ids),
                self.snapshot.inserted()
            );
            let bytes = self.client.ask(&Sql::of(sql)).await?;
            let mut reply = Reply::new(&bytes);
            while !reply.is_done() {
                let id = reply.id()?;
                out.insert(id, record::decode(reply.bytes()?)?);
            }
        }
        Ok(out)
    }

    /// The people with these ids and their companies, in the order of `ids`.
    pub async fn people(&self, ids: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError> {
        let people: HashMap<Uuid, Person> = self.records(EntityKind::Person, ids).await?;
        let mut employers: Vec<Uuid> = people.values().filter_map(|person| person.company_id).collect();
        employers.sort_unstable();
        employers.dedup();
        let companies: HashMap<Uuid, Company> = self.records(EntityKind::Company, &employers).await?;
        let hit = |person: &Person| PersonHit {
            rank: rank::rank_of_person(person),
            person: person.clone(),
            company: person.company_id.and_then(|id| companies.get(&id)).cloned(),
        };
        Ok(ids.iter().filter_map(|id| people.get(id)).map(hit).collect())
    }

    /// The companies with these ids, in their order.
    pub async fn companies(&self, ids: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError> {
        let companies: HashMap<Uuid, Company> = self.records(EntityKind::Company, ids).await?;
        let hit =
            |company: &Company| CompanyHit { rank: rank::rank_of_company(company), company: company.clone() };
        Ok(ids.iter().filter_map(|id| companies.get(id)).map(hit).collect())
    }
}
