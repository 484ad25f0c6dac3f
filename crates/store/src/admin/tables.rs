//! The tables, and how to go through one from its first row to its last.

use crate::driver::{Connection, Dialect};
use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::value::{Value, params};

/// Every table but the list of migrations; those that others refer to come first.
pub const TABLES: [&str; 42] = [
    "organisation",
    "member",
    "token",
    "api_key",
    "icp",
    "icp_user",
    "icp_version",
    "schedule",
    "record",
    "record_key",
    "lead_list",
    "lead_list_user",
    "lead_list_item",
    "listing",
    "run",
    "decision",
    "evidence",
    "suppression",
    "job",
    "job_share",
    "chore",
    "idempotency",
    "audit",
    "account",
    "prospect",
    "prospect_identifier",
    "prospect_slug",
    "activity",
    "connector",
    "credit_account",
    "credit_transaction",
    "enrichment",
    "crm_mirror",
    "crm_contact",
    "crm_contact_key",
    "crm_identity",
    "crm_export",
    "crm_export_record",
    "webhook",
    "webhook_event",
    "webhook_delivery",
    "webhook_attempt",
];

/// The rows of the first page; those after it are as long as they may be.
const FIRST_PAGE: usize = 100;
/// The most rows of a page.
const LONGEST_PAGE: usize = 5_000;
/// About how much a page may take, in bytes.
const PAGE_BYTES: usize = 4 << 20;

/// A table with its columns, as the database has them.
pub struct Table {
    pub name: &'static str,
    /// In the order of their names, which is the same everywhere; in quotes.
    pub columns: Vec<String>,
    /// Where in `columns` those of the primary key are.
    key: Vec<usize>,
}

impl Table {
    /// Asks the database.
    pub async fn describe(connection: &mut Connection<'_>, name: &'static str) -> Result<Self, StoreError> {
        // The order of columns differs where migrations added some: names decide.
        let sql = match connection.dialect() {
            Dialect::Sqlite => "SELECT name, pk FROM pragma_table_info($1) ORDER BY name",
            Dialect::Postgres => {
                "SELECT a.attname::TEXT, COALESCE(array_position(p.conkey, a.attnum), 0)::BIGINT
                 FROM pg_attribute a LEFT JOIN pg_constraint p ON p.conrelid = a.attrelid AND p.contype = 'p'
                 WHERE a.attrelid = $1::TEXT::regclass AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY a.attname::TEXT COLLATE \"C\""
            }
        };
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        for (at, row) in connection.query(sql, params![name]).await?.into_iter().enumerate() {
            let mut row = Columns::of("the schema", row);
            columns.push(format!("\"{}\"", row.text("name")?));
            let place = row.int("pk")?;
            if place > 0 {
                key.push((place, at));
            }
        }
        key.sort_unstable();
        if key.is_empty() {
            return Err(StoreError::Internal(format!("table {name} is missing, or has no primary key")));
        }
        Ok(Self { name, columns, key: key.into_iter().map(|(_, at)| at).collect() })
    }

    /// Starts at the first row.
    pub fn pages(&self) -> Pages<'_> {
        Pages { table: self, after: Vec::new(), limit: FIRST_PAGE, ended: false }
    }

    fn key_columns(&self) -> String {
        let names: Vec<&str> =
            self.key.iter().filter_map(|at| self.columns.get(*at)).map(String::as_str).collect();
        names.join(",")
    }
}

/// The way through a table, in the order of its primary key.
pub struct Pages<'t> {
    table: &'t Table,
    /// The key of the last row that was read.
    after: Vec<Value>,
    limit: usize,
    ended: bool,
}

impl Pages<'_> {
    /// The next rows; none at the end.
    pub async fn next(&mut self, connection: &mut Connection<'_>) -> Result<Vec<Row>, StoreError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let (key, marks) = (self.table.key_columns(), self.after.len());
        let after = if marks == 0 {
            String::new()
        } else {
            let marks: Vec<String> = (1..=marks).map(|at| format!("${at}")).collect();
            format!(" WHERE ({key}) > ({})", marks.join(","))
        };
        let columns = self.table.columns.join(",");
        let table = self.table.name;
        let sql = format!("SELECT {columns} FROM {table}{after} ORDER BY {key} LIMIT ${}", marks + 1);
        let mut values = std::mem::take(&mut self.after);
        values.push(self.limit.into());
        let rows = connection.query(&sql, &values).await?;
        self.ended = rows.len() < self.limit;
        if let Some(last) = rows.last() {
            self.after = self.table.key.iter().filter_map(|at| last.get(*at)).cloned().collect();
            self.limit = next_limit(&rows);
        }
        Ok(rows)
    }
}

/// How many rows as long as these make a page.
fn next_limit(rows: &[Row]) -> usize {
    let size = |value: &Value| match value {
        Value::Null | Value::Int(_) => 8,
        Value::Text(text) => text.len() + 24,
        Value::Blob(bytes) => bytes.len() + 24,
    };
    let bytes: usize = rows.iter().flatten().map(size).sum();
    (rows.len() * PAGE_BYTES / bytes.max(1)).clamp(1, LONGEST_PAGE)
}
