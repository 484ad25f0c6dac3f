//! Pages of accounts and of prospects, newest activity first, as the order was at the *anchor*: the greatest id that
//! existed when the listing began. Rows that were made since are not in it; rows that moved up since keep
//! the place that they had, so that no page repeats or leaves out a row while others are being written.

use crate::driver::Dialect;
use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::Tx;
use crate::value::{Value, params};
use sluice_model::Time;

/// Which table is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Accounts,
    Prospects,
}

/// Which rows: those that meet all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingFilter {
    /// The row with this id.
    pub id: Option<String>,
    pub domain: Option<String>,
    /// A folded part of the row's text.
    pub search: Option<String>,
    pub updated_since: Option<Time>,
}

/// The place of a row in a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The row's newest log at the anchor; empty for none.
    pub latest: String,
    pub id: String,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    Offset(u64),
    Behind(Place),
}

impl Listing {
    const fn table(self) -> &'static str {
        match self {
            Self::Accounts => "account",
            Self::Prospects => "prospect",
        }
    }

    /// The table by the right index. Without statistics SQLite would take the organisation's whole table for as
    /// short as the rows of a domain, or those that moved.
    fn indexed(self, dialect: Dialect, filter: &ListingFilter) -> String {
        let index = match (self, filter.id.is_some(), filter.domain.is_some()) {
            (Self::Accounts, false, false) => Some("account_by_activity"),
            (Self::Accounts, ..) | (Self::Prospects, true, _) => None,
            (Self::Prospects, false, true) => Some("prospect_by_domain"),
            (Self::Prospects, false, false) => Some("prospect_by_activity"),
        };
        let hint = index.map(|index| dialect.indexed_by(index)).unwrap_or_default();
        [self.table(), " AS t", &hint].concat()
    }

    /// The newest log of a row at an anchor that follows.
    const fn latest_at(self) -> &'static str {
        match self {
            Self::Accounts => {
                "SELECT a.id FROM activity a WHERE a.organisation_id = t.organisation_id AND a.domain = t.domain"
            }
            Self::Prospects => {
                "SELECT a.id FROM activity a WHERE a.organisation_id = t.organisation_id AND a.prospect_id = t.id"
            }
        }
    }
}

/// A statement whose placeholders are numbered as they are written.
struct Statement {
    sql: String,
    params: Vec<Value>,
}

impl Statement {
    fn new(sql: String) -> Self {
        Self { sql, params: Vec::new() }
    }

    fn sql(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    fn with(&mut self, sql: &str, value: impl Into<Value>) {
        self.params.push(value.into());
        self.sql.push_str(sql);
        self.sql.push_str(&format!("${}", self.params.len()));
    }

    /// The rows that were there at the anchor and meet the filter.
    fn rows(&mut self, tx: &Tx<'_>, filter: &ListingFilter, anchor: &str) {
        self.with(" WHERE t.deleted_at IS NULL AND t.organisation_id = ", tx.organisation());
        self.with(" AND t.id <= ", anchor);
        if let Some(id) = &filter.id {
            self.with(" AND t.id = ", id);
        }
        if let Some(domain) = &filter.domain {
            self.with(" AND t.domain = ", domain);
        }
        if let Some(search) = &filter.search {
            // The same function under two names.
            self.sql(match tx.dialect() {
                Dialect::Sqlite => " AND instr",
                Dialect::Postgres => " AND strpos",
            });
            self.with("(t.search, ", search);
            self.sql(") > 0");
        }
        if let Some(since) = filter.updated_since {
            self.with(" AND t.updated_at >= ", since);
        }
    }
}

/// The greatest id that exists in what this listing shows.
pub async fn listing_anchor(tx: &mut Tx<'_>, listing: Listing) -> Result<String, StoreError> {
    let table = listing.table();
    let sql = format!(
        "SELECT COALESCE((SELECT MAX(id) FROM {table} WHERE organisation_id = $1), ''),
                COALESCE((SELECT latest_log FROM {table} WHERE organisation_id = $1 AND deleted_at IS NULL
                          ORDER BY latest_log DESC LIMIT 1), '')"
    );
    let Some(row) = tx.query_one(&sql, params![tx.organisation()]).await? else { return Ok(String::new()) };
    let mut columns = Columns::of(table, row);
    let row = columns.text("id")?;
    Ok(row.max(columns.text("latest_log")?))
}

/// How many rows the whole listing has.
pub async fn listing_total(
    tx: &mut Tx<'_>,
    listing: Listing,
    filter: &ListingFilter,
    anchor: &str,
) -> Result<u64, StoreError> {
    let table = listing.table();
    let mut statement =
        Statement::new(format!("SELECT COUNT(*) FROM {}", listing.indexed(tx.dialect(), filter)));
    statement.rows(tx, filter, anchor);
    let row = tx.query_one(&statement.sql, &statement.params).await?;
    row.map_or(Ok(0), |row| Columns::of(table, row).count("count"))
}

/// The places of up to `limit` rows.
pub async fn listing_page(
    tx: &mut Tx<'_>,
    listing: Listing,
    filter: &ListingFilter,
    anchor: &str,
    begin: &Begin,
    limit: usize,
) -> Result<Vec<Place>, StoreError> {
    let moved = moved(tx, listing, filter, anchor).await?;
    match begin {
        Begin::Behind(place) => {
            let mut found = still(tx, listing, filter, anchor, Some(place), limit, 0).await?;
            found.extend(moved.into_iter().filter(|moved| moved < place));
            found.sort_by(|a, b| b.cmp(a));
            found.truncate(limit);
            Ok(found)
        }
        Begin::Offset(offset) => {
            // Of the rows before the page between none and all moved ones: begin so much earlier, and look.
            let offset = usize::try_from(*offset).unwrap_or(usize::MAX);
            let earlier = offset.saturating_sub(moved.len());
            let wanted = limit.saturating_add(moved.len());
            let mut found = still(tx, listing, filter, anchor, None, wanted, earlier).await?;
            let first = found.first().cloned();
            let (before, within): (Vec<Place>, Vec<Place>) = moved
                .into_iter()
                .partition(|moved| earlier > 0 && first.as_ref().is_some_and(|first| moved > first));
            found.extend(within);
            found.sort_by(|a, b| b.cmp(a));
            let skipped = earlier.saturating_add(before.len());
            Ok(found.into_iter().skip(offset.saturating_sub(skipped)).take(limit).collect())
        }
    }
}

/// Rows that did not move since the anchor, in order, straight from the index.
async fn still(
    tx: &mut Tx<'_>,
    listing: Listing,
    filter: &ListingFilter,
    anchor: &str,
    behind: Option<&Place>,
    limit: usize,
    offset: usize,
) -> Result<Vec<Place>, StoreError> {
    let mut statement =
        Statement::new(format!("SELECT t.latest_log, t.id FROM {}", listing.indexed(tx.dialect(), filter)));
    statement.rows(tx, filter, anchor);
    statement.with(" AND t.latest_log <= ", anchor);
    if let Some(place) = behind {
        statement.with(" AND (t.latest_log, t.id) < (", &place.latest);
        statement.with(", ", &place.id);
        statement.sql(")");
    }
    statement.with(" ORDER BY t.latest_log DESC, t.id DESC LIMIT ", limit);
    statement.with(" OFFSET ", offset);
    places(tx, listing, &statement).await
}

/// Rows that moved up since the anchor, each at the place that it had.
async fn moved(
    tx: &mut Tx<'_>,
    listing: Listing,
    filter: &ListingFilter,
    anchor: &str,
) -> Result<Vec<Place>, StoreError> {
    let mut statement = Statement::new("SELECT COALESCE((".to_owned());
    statement.sql(listing.latest_at());
    statement.with(" AND a.gone = 0 AND a.id <= ", anchor);
    statement.sql(&format!(
        " ORDER BY a.id DESC LIMIT 1), ''), t.id FROM {}",
        listing.indexed(tx.dialect(), filter)
    ));
    statement.rows(tx, filter, anchor);
    statement.with(" AND t.latest_log > ", anchor);
    places(tx, listing, &statement).await
}

async fn places(tx: &mut Tx<'_>, listing: Listing, statement: &Statement) -> Result<Vec<Place>, StoreError> {
    let rows = tx.query(&statement.sql, &statement.params).await?;
    let read = |row| {
        let mut columns = Columns::of(listing.table(), row);
        Ok(Place { latest: columns.text("latest_log")?, id: columns.text("id")? })
    };
    rows.into_iter().map(read).collect()
}
