//! Counts by facet.

use super::schema::{self, Table};
use super::search::{Looked, Question};
use super::sql::Sql;
use super::wire::Reply;
use crate::{CatalogError, Count, FacetCounts};
use sluice_model::EntityKind;

impl Question {
    /// How many records fit, and the most frequent values of each facet.
    pub async fn count(&self, wanted: &Count) -> Result<(u64, FacetCounts), CatalogError> {
        let Count { kind, top, .. } = *wanted;
        let looked = self.looked(kind, &wanted.filter, wanted.now, None);
        let total = self.total(&looked).await?;
        let mut out = FacetCounts::new();
        for facet in wanted.known_facets() {
            let values = if top == 0 || total == 0 {
                Vec::new()
            } else {
                self.values(self.by_facet(kind, facet, &looked, top)).await?
            };
            out.insert(facet.to_owned(), values);
        }
        Ok((total, out))
    }

    fn by_facet(&self, kind: EntityKind, facet: &str, looked: &Looked, top: usize) -> Sql {
        let order = format!("ORDER BY hits DESC, facet_value LIMIT {top}");
        let column = format!("facet_{facet}");
        if schema::facets(kind).contains(&facet) {
            let rest = format!("AND {column} != '' GROUP BY facet_value {order}");
            return looked.ask(&format!("{column} AS facet_value, count() AS hits"), &rest);
        }
        // What people's companies say: counted by company first, where a company's people are many.
        let text = format!(
            "SELECT facet_value, sum(people) AS hits FROM (SELECT company, count() AS people {} GROUP BY company) AS counted \
             ANY INNER JOIN (SELECT id AS company, {column} AS facet_value FROM {} WHERE {} AND {column} != '') AS employers \
             USING company GROUP BY facet_value {order} FORMAT RowBinary",
            looked.tail,
            self.table(Table::Rows(EntityKind::Company)),
            self.snapshot.visible(&self.client, EntityKind::Company)
        );
        Sql { text, lists: looked.sql.lists.clone() }
    }

    async fn values(&self, sql: Sql) -> Result<Vec<(String, u64)>, CatalogError> {
        let bytes = self.client.ask(&sql).await?;
        let mut reply = Reply::new(&bytes);
        let mut out = Vec::new();
        while !reply.is_done() {
            out.push((reply.text()?, reply.number()?));
        }
        Ok(out)
    }
}
