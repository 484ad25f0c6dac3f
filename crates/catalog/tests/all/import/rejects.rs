//! Rows that cannot be used, and files that cannot.

use super::{Lab, outcome};
use flate2::Compression;
use flate2::write::GzEncoder;
use sluice_catalog::import::{ImportError, ImportOptions, Input, Rejects, import};
use sluice_model::EntityKind;
use std::io::{Read, Write};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_reason_names_its_line_and_the_rest_is_imported() {
    let mut bytes = b"first_name,last_name,email\nAnn,Lee,ann@example.com\n,,x@example.com\nBob,,b@example.com\n,Ray,r@example.com\nonly,two\na,b,c,d\n".to_vec();
    bytes.extend(b"L\xe9a,Groot,l@example.com\n");
    bytes.extend(b"N\0,Ul,n@example.com\n");
    bytes.extend(b"\n\r\n");
    bytes.extend(format!("{},Long,x@example.com\n", "x".repeat(1 << 20)).into_bytes());
    bytes.extend(b"\"Multi\nLine\",Name,multi@example.com\n");
    bytes.extend(b"\"Open,Quote,o@example.com\n");
    bytes.extend(b"Zoe,Last,zoe@example.com");
    let mut lab = Lab::new();
    let report = lab.try_import(EntityKind::Person, "p.csv", 0, &bytes).unwrap();
    assert_eq!(outcome(&report), [3, 0, 0, 9]);
    let expected = [
        (3, "no name"),
        (4, "no last name"),
        (5, "no first name"),
        (6, "the row has 2 values, the header has 3 columns"),
        (7, "the row has 4 values, the header has 3 columns"),
        (8, "the row is not valid UTF-8"),
        (9, "the row holds a NUL character"),
        (12, "the row is longer than 1 MiB"),
        (15, "a quote opens and never closes"),
    ];
    assert_eq!(lab.rejected(), expected.map(|(line, reason)| (line, reason.to_owned())));
    assert!(lab.person("em:zoe@example.com").is_some() && lab.person("em:multi@example.com").is_some());
}

#[test]
fn a_forgotten_quote_does_not_swallow_the_next_rows() {
    let mut lab = Lab::new();
    let report = lab.companies(
        "c.csv",
        0,
        "name,city\n\"Acme,Paris\nBeta,Rome\n\"Gamma\",Oslo\nDelta,\"Bern\nEta,Wien\n",
    );
    assert_eq!(outcome(&report), [3, 0, 0, 2]);
    let lines: Vec<u64> = lab.rejected().iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 5]);
}

#[test]
fn json_reasons() {
    let mut lab = Lab::new();
    let text = concat!(
        "{\"name\":\"Acme\"}\n",
        "{\"name\":\n",
        "[1]\n",
        "{\"city\":\"Paris\"}\n",
        "{\"name\":\"X\",\"location\":{\"headquarter\":7}}\n",
        "\n",
        "{\"name\":\"Beta\"} \r\n",
    );
    let report = lab.companies("c.ndjson", 0, text);
    assert_eq!(outcome(&report), [2, 0, 0, 4]);
    let rejected = lab.rejected();
    assert_eq!(rejected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert!(rejected[0].1.starts_with("invalid JSON: EOF"), "{}", rejected[0].1);
    assert_eq!(rejected[1].1, "not a JSON object");
    assert_eq!(rejected[2].1, "no name");
    assert!(rejected[3].1.contains("invalid type"), "{}", rejected[3].1);
}

#[test]
fn the_rejects_file_holds_the_raw_rows_and_is_made_only_when_needed() {
    let mut lab = Lab::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rejects.csv");
    let options = ImportOptions::new(EntityKind::Company, super::day(0), lab.random.clone());
    let mut rejects = Rejects::to_file(&path);
    for (name, text, made) in
        [("good.csv", "name\nAcme\n", false), ("bad.csv", "name,city\n\"A, b\",c,d\n", true)]
    {
        let input = Input::reader(name, Box::new(text.as_bytes()));
        import(&mut lab.writer, &options, input, &mut rejects, &mut |_| {}).unwrap();
        assert_eq!(path.exists(), made);
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "line,reason,row,file\n2,\"the row has 3 values, the header has 2 columns\",\"\"\"A, b\"\",c,d\",bad.csv\n"
    );
}

#[test]
fn a_truncated_gzip_is_an_error_and_running_again_is_harmless() {
    let mut text = "name,domain\n".to_owned();
    for number in 0..5_000 {
        text.push_str(&format!("Company {number},company-{number}.com\n"));
    }
    let whole = gzip(text.as_bytes());
    let mut lab = Lab::new();
    let error = lab.try_import(EntityKind::Company, "c.csv.gz", 0, &whole[..whole.len() / 2]).unwrap_err();
    let ImportError::Read { name, line, counts, .. } = &error else { panic!("{error}") };
    assert_eq!(name, "c.csv.gz");
    assert!(*line > 100 && counts.created > 100 && counts.created < 5_000, "{error}");
    assert!(error.to_string().contains("cannot be read beyond line"), "{error}");
    let before = counts.created;
    // Without its last bytes all rows are there, but not the proof that they are.
    let error = lab.try_import(EntityKind::Company, "c.csv.gz", 0, &whole[..whole.len() - 4]).unwrap_err();
    assert!(matches!(error, ImportError::Read { .. }), "{error}");
    let report = lab.try_import(EntityKind::Company, "c.csv.gz", 0, &whole).unwrap();
    assert_eq!(outcome(&report), [0, 0, 5_000, 0], "{before} were there");
}

#[test]
fn files_that_are_not_read() {
    let cases: [(&str, &[u8], &str); 9] = [
        ("empty.csv", b"", "the first line must name the columns"),
        ("blank.csv", b"\n\n", "the first line must name the columns"),
        ("x.csv", b"a,b\n1,2\n", "no column holds the company's name (name); the columns are a, b"),
        ("x.parquet", b"PAR1....", "is a Parquet file"),
        ("x.csv.zst", b"\x28\xb5\x2f\xfd....", "is zstd-compressed"),
        ("x.xlsx", b"PK\x03\x04....", "a spreadsheet"),
        ("x.csv", b"\xff\xfen\0a\0", "UTF-16"),
        ("x.json", b"[{\"name\":\"a\"}]", "one JSON array"),
        ("x.csv.gz", b"name\nAcme\n", "named .gz but not gzip data"),
    ];
    for (name, bytes, wanted) in cases {
        let mut lab = Lab::new();
        let error = lab.try_import(EntityKind::Company, name, 0, bytes).unwrap_err().to_string();
        assert!(error.contains(wanted) && error.contains(name), "{name}: {error}");
    }
    assert!(Input::file(std::path::Path::new("/nowhere/at/all.csv")).is_err());
}

#[test]
fn the_format_is_found_without_a_name() {
    for (name, bytes) in [
        ("-", b"name,domain\nAcme,acme.com\n".to_vec()),
        ("-", b"{\"name\":\"Acme\",\"domain\":\"acme.com\"}\n".to_vec()),
        ("-", gzip(b"name;domain\nAcme;acme.com\n")),
        ("x.csv", gzip(b"sep=;\nname;domain\nAcme;acme.com\n")),
        ("x.ndjson.gz", gzip(b"{\"name\":\"Acme\",\"domain\":\"acme.com\"}")),
    ] {
        let mut lab = Lab::new();
        let report = lab.try_import(EntityKind::Company, name, 0, &bytes).unwrap();
        assert_eq!(outcome(&report), [1, 0, 0, 0], "{name}");
        assert!(lab.company("dom:acme.com").is_some());
    }
    let mut lab = Lab::new();
    let report = lab.try_import(EntityKind::Company, "empty.ndjson", 0, b"").unwrap();
    assert_eq!(report.counts.read, 0);
}

/// An input that fails after its bytes.
struct Failing(&'static [u8]);

impl Read for Failing {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() { Err(std::io::Error::other("the disk is gone")) } else { self.0.read(bytes) }
    }
}

#[test]
fn an_input_that_fails_keeps_the_rows_before() {
    let mut lab = Lab::new();
    let options = ImportOptions::new(EntityKind::Company, super::day(0), lab.random.clone());
    let long = concat!(
        "name,domain\nAcme,acme.com\nBeta,beta.com\nGamma Gamma Gamma,gamma.com\n",
        "Delta Delta,delta.com\nEp"
    );
    for text in ["name,domain\nAcme,acme.com\n", long] {
        let input = Input::reader("net.csv", Box::new(Failing(text.as_bytes())));
        let result = import(&mut lab.writer, &options, input, &mut Rejects::discard(), &mut |_| {});
        assert!(result.unwrap_err().to_string().contains("the disk is gone"));
    }
    assert!(lab.company("dom:delta.com").is_some());
}

#[test]
fn mapping_by_hand() {
    let text = "Bezeichnung,Seite,Notiz\nAcme,acme.com,x\n";
    let map = |column: &str, field: &str| (column.to_owned(), field.to_owned());
    let mut lab = Lab::new();
    lab.map = vec![map("bezeichnung", "name"), map("Seite", "Web-Site"), map("Notiz", "-")];
    let report = lab.companies("c.csv", 0, text);
    assert_eq!(report.mapping.mapped, [("Bezeichnung".to_owned(), "name"), ("Seite".to_owned(), "website")]);
    assert_eq!(report.mapping.unmapped, ["Notiz"]);
    assert!(lab.company("dom:acme.com").is_some());

    lab.map = vec![map("Colour", "name")];
    let error = lab.try_import(EntityKind::Company, "c.csv", 0, text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("\"Colour\"") && error.contains("Bezeichnung, Seite, Notiz"), "{error}");
    lab.map = vec![map("Seite", "colour")];
    let error = lab.try_import(EntityKind::Company, "c.csv", 0, text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("no field \"colour\"") && error.contains("name, legal_name, website"), "{error}");
}
