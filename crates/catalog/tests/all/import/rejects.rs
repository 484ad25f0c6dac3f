//! Rows that cannot be used, and files that cannot.

use super::{Lab, gzip, outcome, zstandard};
use sluice_catalog::import::{ImportOptions, Input, Rejects, import};
use sluice_model::EntityKind;

#[test]
fn every_reason_names_its_line_and_the_rest_is_imported() {
    let mut bytes = "first_name,last_name,email\nÄnn,Lee,ann@example.com\n,,x@example.com\nBob,,b@example.com\n,Ray,r@example.com\nonly,two\na,b,c,d\n".as_bytes().to_vec();
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
        import(lab.writer.as_mut().unwrap(), &options, input, &mut rejects, &mut |_| {}).unwrap();
        assert_eq!(path.exists(), made);
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "line,reason,row,file\n2,\"the row has 3 values, the header has 2 columns\",\"\"\"A, b\"\",c,d\",bad.csv\n"
    );
}

#[test]
fn files_that_are_not_read() {
    let cases: [(&str, &[u8], &str); 17] = [
        ("empty.csv", b"", "the first line must name the columns"),
        ("blank.csv", b"\n\n", "the first line must name the columns"),
        ("empty.parquet", b"", "empty.parquet is empty"),
        ("empty.xlsx", b"", "empty.xlsx is empty"),
        ("x.csv", b"a,b\n1,2\n", "no column holds the company's name (name); the columns are a, b"),
        ("x.parquet", b"PAR1....", "cannot be read to its end"),
        ("x.parquet", b"name\nAcme\n", "is named as Parquet but is none"),
        ("x.csv.zst", b"name\nAcme\n", "named .zst but not zstd data"),
        ("x.csv.zst", b"\x28\xb5\x2f\xfd....", "cannot be read to its end"),
        ("x.xlsx", b"PK\x03\x04....", "cannot be read to its end"),
        ("x.xls", b"\xd0\xcf\x11\xe0....", "an old spreadsheet (.xls), or one with a password"),
        ("x.csv", b"%PDF-1.7 ...", "is a PDF document"),
        ("x.csv", b"\x7fELF\x02\x01\x01\0\0\0\x80\xff", "is binary data, not text"),
        ("x.json", b"[{\"name\":\"a\"}]", "one JSON array"),
        ("x.csv.gz", b"name\nAcme\n", "named .gz but not gzip data"),
        ("x.csv.gz", b"", "the first line must name the columns"),
        ("x.csv.bz2", b"BZh91AY", "is bzip2-compressed"),
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
        ("-", zstandard(b"name;domain\nAcme;acme.com\n")),
        ("x.tsv.zst", zstandard(b"name\tdomain\nAcme\tacme.com\n")),
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
