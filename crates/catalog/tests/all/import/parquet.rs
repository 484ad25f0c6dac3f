//! Parquet files: types, nesting, compression, damage.

use super::{Lab, gzip, outcome, zstandard};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use sluice_model::EntityKind;
use std::sync::Arc;

const COMPANIES: &str = "message companies {
    optional binary name (UTF8);
    optional binary domain;
    optional double employees;
    optional int32 founded_year;
    optional int64 revenue;
    optional int32 funding_date (DATE);
    optional int64 observed_at (TIMESTAMP(NANOS,true));
    optional group hq { optional binary city (UTF8); }
    optional group keywords (LIST) { repeated group list { optional binary element (UTF8); } }
    optional binary note (UTF8);
}";

fn texts(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[&str],
    definition: &[i16],
    repetition: Option<&[i16]>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    let values: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(*value)).collect();
    column.typed::<ByteArrayType>().write_batch(&values, Some(definition), repetition).unwrap();
    column.close().unwrap();
}

macro_rules! numbers {
    ($group:expr, $type:ty, $values:expr, $definition:expr) => {{
        let mut column = $group.next_column().unwrap().unwrap();
        column.typed::<$type>().write_batch(&$values, Some(&$definition), None).unwrap();
        column.close().unwrap();
    }};
}

/// Three rows, of which the last has no name.
fn companies(compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(COMPANIES).unwrap());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    texts(&mut group, &["Acme", "Beta \"B\""], &[1, 1, 0], None);
    texts(&mut group, &["acme.com", "beta.com", "none.com"], &[1, 1, 1], None);
    numbers!(group, DoubleType, [250.0, 12.0], [1, 0, 1]);
    numbers!(group, Int32Type, [1999, 2004], [1, 1, 0]);
    numbers!(group, Int64Type, [5_000_000_000_i64], [1, 0, 0]);
    numbers!(group, Int32Type, [19_723], [1, 0, 0]);
    numbers!(group, Int64Type, [1_704_067_200_123_456_789_i64], [1, 0, 0]);
    texts(&mut group, &["Paris"], &[2, 1, 0], None);
    texts(&mut group, &["tools", "glue; tape"], &[3, 3, 0, 0], Some(&[0, 1, 0, 0]));
    texts(&mut group, &["x"], &[1, 0, 0], None);
    group.close().unwrap();
    file.into_inner().unwrap()
}

#[test]
fn numbers_dates_lists_and_groups_are_read() {
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1).unwrap());
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::LZ4_RAW,
        zstd,
    ] {
        let mut lab = Lab::new();
        lab.map = vec![("hq.city".to_owned(), "city".to_owned())];
        let report = lab.try_file(EntityKind::Company, "c.parquet", &companies(compression)).unwrap();
        assert_eq!(outcome(&report), [2, 0, 0, 1], "{compression:?}");
        assert_eq!(lab.rejected(), [(3, "no name".to_owned())]);
        assert_eq!(report.mapping.unmapped, ["note"]);
        let fields: Vec<&str> = report.mapping.mapped.iter().map(|(_, field)| *field).collect();
        assert_eq!(
            fields,
            [
                "name",
                "domain",
                "employees",
                "founded_year",
                "revenue",
                "funding_date",
                "observed_at",
                "city",
                "keywords"
            ]
        );
        let acme = lab.company("dom:acme.com").unwrap();
        assert_eq!((acme.employees, acme.headcount.as_deref()), (Some(250), Some("201-500")));
        assert_eq!((acme.founded_year, acme.revenue), (Some(1999), Some(5_000_000_000)));
        assert_eq!(acme.funding.unwrap().date.as_deref(), Some("2024-01-01"));
        assert_eq!(acme.observed_at.unwrap().to_string(), "2024-01-01T00:00:00.123Z");
        assert_eq!(
            (acme.city.as_deref(), acme.keywords),
            (Some("Paris"), vec!["tools".to_owned(), "glue; tape".to_owned()])
        );
        let beta = lab.company("dom:beta.com").unwrap();
        assert_eq!((beta.name.as_deref(), beta.employees, beta.funding), (Some("Beta \"B\""), None, None));
    }
}

#[test]
fn packed_and_piped_files_are_read_too() {
    let bytes = companies(Compression::SNAPPY);
    for (name, bytes) in [
        ("c.parquet.gz", gzip(&bytes)),
        ("c.parquet.zst", zstandard(&bytes)),
        ("-", bytes.clone()),
        ("wrong.csv", bytes.clone()),
    ] {
        let mut lab = Lab::new();
        let report = lab.try_import(EntityKind::Company, name, 0, &bytes).unwrap();
        assert_eq!(outcome(&report), [2, 0, 0, 1], "{name}");
    }
}

#[test]
fn other_columns_and_other_types_are_named() {
    let mut lab = Lab::new();
    let bytes = companies(Compression::UNCOMPRESSED);
    lab.map = vec![("name".to_owned(), "-".to_owned())];
    let error = lab.try_file(EntityKind::Person, "c.parquet", &bytes).unwrap_err().to_string();
    assert_eq!(
        error,
        "c.parquet: no column holds the person's names (first_name and last_name, or full_name); the columns are \
         name, domain, employees, founded_year, revenue, funding_date, observed_at, hq.city, keywords, note. \
         Name one with --map column=field"
    );
    lab.map = vec![("nope".to_owned(), "name".to_owned())];
    let error = lab.try_file(EntityKind::Company, "c.parquet", &bytes).unwrap_err().to_string();
    assert!(error.contains("no column \"nope\"") && error.contains("hq.city, keywords, note"), "{error}");
    // A date where an amount is wanted, a list where a text is: the row stays, the value is noted.
    lab.map =
        vec![("funding_date".to_owned(), "revenue".to_owned()), ("keywords".to_owned(), "name".to_owned())];
    let report = lab.try_file(EntityKind::Company, "c.parquet", &bytes).unwrap();
    assert_eq!(outcome(&report), [2, 0, 0, 1]);
    assert_eq!(report.warnings.keys().copied().collect::<Vec<_>>(), ["revenue: not a number"]);
}

#[test]
fn a_damaged_file_leaves_nothing_and_never_ends_the_program() {
    let whole = companies(Compression::SNAPPY);
    let mut lab = Lab::new();
    for length in (4..whole.len()).step_by(whole.len() / 60) {
        let error = lab.try_file(EntityKind::Company, "c.parquet", &whole[..length]).unwrap_err().to_string();
        assert!(error.starts_with("c.parquet cannot be read to its end: "), "{length}: {error}");
    }
    // A byte that is another: an error, or other values, or rows set aside; but an answer.
    for at in (4..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        match lab.try_file(EntityKind::Company, "c.parquet", &bytes) {
            Ok(_) => lab = Lab::new(),
            Err(error) => assert!(lab.company("dom:acme.com").is_none(), "{at}: {error}"),
        }
    }
}
