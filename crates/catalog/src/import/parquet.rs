//! Parquet: its rows as lines of JSON, so that everything behind is shared with NDJSON.

use super::error::ImportError;
use super::guard::guarded;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use sluice_model::Time;
use std::fs::File;
use std::io::{self, Read, Write as _};

const DAY: i64 = 86_400_000;

/// Opens a Parquet file: the names of its columns, and its rows. `check`: reads every row once before, so that a
/// damaged page is found before the first row is taken.
pub(super) fn open(name: &str, file: &File, check: bool) -> Result<(Vec<String>, ParquetRows), ImportError> {
    let damaged = |cause| ImportError::Damaged { name: name.to_owned(), cause };
    let mut columns = Vec::new();
    let again = || file.try_clone().and_then(|file| guarded(|| ParquetRows::open(file)));
    let rows = again().map_err(damaged)?;
    for field in rows.schema.get_fields() {
        name_columns(field, "", &mut columns);
    }
    if check {
        for row in again().map_err(damaged)? {
            row.map_err(damaged)?;
        }
    }
    Ok((columns, rows))
}

/// The names of a column: of a group those of its parts, joined as those of nested JSON objects are.
fn name_columns(field: &Type, before: &str, columns: &mut Vec<String>) {
    let name = if before.is_empty() { field.name().to_owned() } else { format!("{before}.{}", field.name()) };
    let plain = matches!(field.get_basic_info().converted_type(), ConvertedType::NONE);
    if field.is_group() && plain && field.get_basic_info().logical_type_ref().is_none() {
        field.get_fields().iter().for_each(|part| name_columns(part, &name, columns));
    } else {
        columns.push(name);
    }
}

/// The rows of a Parquet file, one line of JSON each.
pub(super) struct ParquetRows {
    rows: RowIter<'static>,
    schema: std::sync::Arc<Type>,
    /// Columns of nanoseconds, which the library hands out as bare numbers.
    nanoseconds: Vec<String>,
    line: Vec<u8>,
    at: usize,
}

impl ParquetRows {
    fn open(file: File) -> io::Result<Self> {
        let reader = SerializedFileReader::new(file).map_err(|error| io::Error::other(error.to_string()))?;
        let schema = reader.metadata().file_metadata().schema_descr().root_schema_ptr();
        let is_nanoseconds = |field: &&std::sync::Arc<Type>| {
            matches!(
                field.get_basic_info().logical_type_ref(),
                Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS
            )
        };
        let nanoseconds =
            schema.get_fields().iter().filter(is_nanoseconds).map(|field| field.name().to_owned()).collect();
        Ok(Self { rows: reader.into_iter(), schema, nanoseconds, line: Vec::new(), at: 0 })
    }

    fn write(&mut self, row: &Row) -> io::Result<()> {
        self.line.clear();
        self.at = 0;
        for (count, (name, field)) in row.get_column_iter().enumerate() {
            self.line.push(if count == 0 { b'{' } else { b',' });
            serde_json::to_writer(&mut self.line, name)?;
            self.line.push(b':');
            match field {
                Field::Long(value) if self.nanoseconds.contains(name) => {
                    write_time(&mut self.line, value.div_euclid(1_000_000))?;
                }
                field => write_field(&mut self.line, field)?,
            }
        }
        self.line.extend(if self.line.is_empty() { &b"{}\n"[..] } else { &b"}\n"[..] });
        Ok(())
    }
}

impl Iterator for ParquetRows {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<io::Result<Row>> {
        // The library panics on types it does not know and on some damaged pages.
        let row = guarded(|| Ok(self.rows.next()));
        match row {
            Ok(row) => row.map(|row| row.map_err(|error| io::Error::other(error.to_string()))),
            Err(error) => Some(Err(error)),
        }
    }
}

impl Read for ParquetRows {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            let Some(row) = self.next() else { return Ok(0) };
            self.write(&row?)?;
        }
        let read = self.line.get(self.at..).unwrap_or_default().read(out)?;
        self.at += read;
        Ok(read)
    }
}

fn write_field(out: &mut Vec<u8>, field: &Field) -> io::Result<()> {
    match field {
        Field::Bool(value) => write!(out, "{value}"),
        Field::Byte(value) => write!(out, "{value}"),
        Field::Short(value) => write!(out, "{value}"),
        Field::Int(value) => write!(out, "{value}"),
        Field::Long(value) => write!(out, "{value}"),
        Field::UByte(value) => write!(out, "{value}"),
        Field::UShort(value) => write!(out, "{value}"),
        Field::UInt(value) => write!(out, "{value}"),
        Field::ULong(value) => write!(out, "{value}"),
        Field::Float16(value) => write_number(out, f64::from(value.to_f32())),
        Field::Float(value) => write_number(out, f64::from(*value)),
        Field::Double(value) => write_number(out, *value),
        Field::Str(value) => Ok(serde_json::to_writer(out, value)?),
        // Old writers do not say that bytes are text.
        Field::Bytes(value) => match std::str::from_utf8(value.data()) {
            Ok(text) => Ok(serde_json::to_writer(out, text)?),
            Err(_) => out.write_all(b"null"),
        },
        Field::Date(days) => {
            let date = Time::from_millis(i64::from(*days).saturating_mul(DAY)).date();
            Ok(serde_json::to_writer(out, &date)?)
        }
        Field::TimestampMillis(value) => write_time(out, *value),
        Field::TimestampMicros(value) => write_time(out, value.div_euclid(1_000)),
        Field::Decimal(_) | Field::TimeMillis(_) | Field::TimeMicros(_) => {
            Ok(serde_json::to_writer(out, &field.to_string())?)
        }
        Field::Null => out.write_all(b"null"),
        Field::Group(row) => {
            let pairs = row.get_column_iter().map(|(name, field)| (name.clone(), field));
            write_object(out, pairs)
        }
        Field::ListInternal(list) => write_list(out, list.elements()),
        Field::MapInternal(map) => {
            let key = |key: &Field| match key {
                Field::Str(text) => text.clone(),
                other => other.to_string(),
            };
            write_object(out, map.entries().iter().map(|(name, field)| (key(name), field)))
        }
    }
}

fn write_object<'a>(out: &mut Vec<u8>, pairs: impl Iterator<Item = (String, &'a Field)>) -> io::Result<()> {
    out.push(b'{');
    for (count, (name, field)) in pairs.enumerate() {
        if count > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, &name)?;
        out.push(b':');
        write_field(out, field)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_list(out: &mut Vec<u8>, fields: &[Field]) -> io::Result<()> {
    out.push(b'[');
    for (count, field) in fields.iter().enumerate() {
        if count > 0 {
            out.push(b',');
        }
        write_field(out, field)?;
    }
    out.push(b']');
    Ok(())
}

/// A number; a whole one without a fraction, so that a column of years with gaps, which many tools store as
/// floating point, reads as years.
fn write_number(out: &mut Vec<u8>, value: f64) -> io::Result<()> {
    if !value.is_finite() {
        out.write_all(b"null")
    } else if value.fract() == 0.0 && value.abs() < 9e15 {
        write!(out, "{value:.0}")
    } else {
        Ok(serde_json::to_writer(out, &value)?)
    }
}

fn write_time(out: &mut Vec<u8>, millis: i64) -> io::Result<()> {
    // Outside of the years 1 to 9999 there is no text for it.
    if (-62_135_596_800_000..253_402_300_800_000).contains(&millis) {
        Ok(serde_json::to_writer(out, &Time::from_millis(millis))?)
    } else {
        out.write_all(b"null")
    }
}
