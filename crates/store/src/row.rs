//! Reading rows, column by column, with errors that name table and column.

use crate::error::StoreError;
use crate::value::Value;
use serde::de::DeserializeOwned;
use sluice_model::Time;
use sluice_model::raw::RawJson;
use uuid::Uuid;

/// A row of a result.
pub type Row = Vec<Value>;

/// Takes the columns of a row in their order.
pub struct Columns {
    table: &'static str,
    values: std::vec::IntoIter<Value>,
}

impl Columns {
    /// The columns of `row`, which comes from `table`.
    pub fn of(table: &'static str, row: Row) -> Self {
        Self { table, values: row.into_iter() }
    }

    fn bad(&self, column: &'static str, reason: impl ToString) -> StoreError {
        StoreError::Corrupt { table: self.table, column, reason: reason.to_string() }
    }

    fn next(&mut self, column: &'static str) -> Result<Value, StoreError> {
        self.values.next().ok_or_else(|| self.bad(column, "missing from the result"))
    }

    /// A text column that may be null.
    pub fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, StoreError> {
        match self.next(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(self.bad(column, format!("expected text, found {other:?}"))),
        }
    }

    /// A text column.
    pub fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        self.optional_text(column)?.ok_or_else(|| self.bad(column, "null"))
    }

    /// An integer column that may be null.
    pub fn optional_int(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.next(column)? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            other => Err(self.bad(column, format!("expected an integer, found {other:?}"))),
        }
    }

    /// An integer column.
    pub fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.optional_int(column)?.ok_or_else(|| self.bad(column, "null"))
    }

    /// An integer column that is never negative.
    pub fn count(&mut self, column: &'static str) -> Result<u64, StoreError> {
        let value = self.int(column)?;
        u64::try_from(value).map_err(|error| self.bad(column, error))
    }

    /// A column of bytes that may be null.
    pub fn optional_blob(&mut self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.next(column)? {
            Value::Null => Ok(None),
            Value::Blob(bytes) => Ok(Some(bytes)),
            other => Err(self.bad(column, format!("expected bytes, found {other:?}"))),
        }
    }

    /// A column of bytes.
    pub fn blob(&mut self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        match self.next(column)? {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(self.bad(column, format!("expected bytes, found {other:?}"))),
        }
    }

    /// A UUID column.
    pub fn uuid(&mut self, column: &'static str) -> Result<Uuid, StoreError> {
        let text = self.text(column)?;
        Uuid::try_parse(&text).map_err(|error| self.bad(column, error))
    }

    /// A UUID column that may be null.
    pub fn optional_uuid(&mut self, column: &'static str) -> Result<Option<Uuid>, StoreError> {
        let text = self.optional_text(column)?;
        text.map(|text| Uuid::try_parse(&text).map_err(|error| self.bad(column, error))).transpose()
    }

    /// A time column.
    pub fn time(&mut self, column: &'static str) -> Result<Time, StoreError> {
        self.int(column).map(Time::from_millis)
    }

    /// A time column that may be null.
    pub fn optional_time(&mut self, column: &'static str) -> Result<Option<Time>, StoreError> {
        Ok(self.optional_int(column)?.map(Time::from_millis))
    }

    /// A boolean, kept as 0 or 1.
    pub fn boolean(&mut self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// A JSON column as text.
    pub fn raw_json(&mut self, column: &'static str) -> Result<RawJson, StoreError> {
        let text = self.text(column)?;
        RawJson::parse(text).map_err(|error| self.bad(column, error))
    }

    /// A JSON column as text that may be null.
    pub fn optional_raw_json(&mut self, column: &'static str) -> Result<Option<RawJson>, StoreError> {
        let text = self.optional_text(column)?;
        text.map(|text| RawJson::parse(text).map_err(|error| self.bad(column, error))).transpose()
    }

    /// A JSON column as a typed value.
    pub fn json<T: DeserializeOwned>(&mut self, column: &'static str) -> Result<T, StoreError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|error| self.bad(column, error))
    }

    /// A column that holds one of a closed set of names.
    pub fn named<T>(
        &mut self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let text = self.text(column)?;
        read(&text).ok_or_else(|| self.bad(column, format!("unknown name '{text}'")))
    }
}

/// Writes a typed value as JSON for a column.
pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}
