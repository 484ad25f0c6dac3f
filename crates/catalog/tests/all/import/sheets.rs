//! Spreadsheets: sheets, cells of every kind, damage.

use super::{Lab, gzip, outcome};
use sluice_model::EntityKind;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A workbook of sheets: name, whether it is hidden, rows of XML.
fn workbook(sheets: &[(&str, bool, &str)]) -> Vec<u8> {
    let mut parts = vec![(
        "xl/styles.xml".to_owned(),
        format!(
            "<styleSheet xmlns=\"{SHEET}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
        ),
    )];
    let (mut names, mut relations) = (String::new(), String::new());
    for (at, (name, hidden, rows)) in sheets.iter().enumerate() {
        let state = if *hidden { " state=\"hidden\"" } else { "" };
        names.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{}\"{state} r:id=\"r{at}\"/>", at + 1));
        relations.push_str(&format!(
            "<Relationship Id=\"r{at}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/s{at}.xml\"/>"
        ));
        parts.push((
            format!("xl/worksheets/s{at}.xml"),
            format!("<worksheet xmlns=\"{SHEET}\"><sheetData>{rows}</sheetData></worksheet>"),
        ));
    }
    let names =
        format!("<workbook xmlns=\"{SHEET}\" xmlns:r=\"{RELATIONS}\"><sheets>{names}</sheets></workbook>");
    parts.push(("xl/workbook.xml".to_owned(), names));
    let styles = format!("<Relationship Id=\"styles\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/>");
    let relations = format!("<Relationships xmlns=\"{PACKAGE}\">{relations}{styles}</Relationships>");
    let book =
        format!("<Relationship Id=\"b\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/>");
    parts.push((
        "_rels/.rels".to_owned(),
        format!("<Relationships xmlns=\"{PACKAGE}\">{book}</Relationships>"),
    ));
    parts.push(("xl/_rels/workbook.xml.rels".to_owned(), relations));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A row of cells, which are given as XML after their reference.
fn row(number: u32, cells: &[(&str, &str)]) -> String {
    let cells: String =
        cells.iter().map(|(column, cell)| format!("<c r=\"{column}{number}\" {cell}</c>")).collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

fn text(value: &str) -> String {
    format!("t=\"inlineStr\"><is><t>{value}</t></is>")
}

/// Row 1 is empty, row 2 the header, row 5 has no name.
fn companies() -> Vec<u8> {
    let header =
        ["Firma", "Domain", "Mitarbeiter", "Gründungsjahr", "Funding date", "Umsatz", "Telefon", "Telefon"];
    let columns = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let header: Vec<(&str, String)> = columns.into_iter().zip(header.map(text)).collect();
    let header: Vec<(&str, &str)> = header.iter().map(|(column, cell)| (*column, cell.as_str())).collect();
    let (acme, tel, other) = (text("Acme &amp; Söhne"), text("+49 30 1"), text("+49 30 2"));
    let (domain, beta, lost, stray) = (text("acme.de"), text("Beta\nGmbH"), text("none.de"), text("stray"));
    let rows = [
        row(2, &header),
        row(
            3,
            &[
                ("A", &acme),
                ("B", &domain),
                ("C", "><v>250</v>"),
                ("D", "><v>1999</v>"),
                ("E", "s=\"1\"><v>45292</v>"),
                ("F", "><f>2*1500000</f><v>3000000</v>"),
                ("G", &tel),
                ("H", &other),
            ],
        ),
        row(5, &[("B", &lost)]),
        row(6, &[("A", &beta), ("C", "t=\"e\"><v>#N/A</v>"), ("D", "><f>YEAR(X1)</f>"), ("AB", &stray)]),
    ];
    workbook(&[("Alt", true, ""), ("Kunden", false, &rows.concat()), ("Leer", false, "")])
}

#[test]
fn the_first_sheet_that_is_shown_is_read() {
    for (name, bytes) in [("k.xlsx", companies()), ("k.xlsx.gz", gzip(&companies()))] {
        let mut lab = Lab::new();
        let report = lab.try_file(EntityKind::Company, name, &bytes).unwrap();
        assert_eq!(outcome(&report), [2, 0, 0, 1]);
        assert_eq!(lab.rejected(), [(5, "no name".to_owned())]);
        assert_eq!(report.mapping.unmapped, ["column AB"]);
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
        let acme = lab.company("dom:acme.de").unwrap();
        assert_eq!((acme.name.as_deref(), acme.employees), (Some("Acme & Söhne"), Some(250)));
        assert_eq!((acme.founded_year, acme.revenue), (Some(1999), Some(3_000_000)));
        assert_eq!(acme.funding.unwrap().date.as_deref(), Some("2024-01-01"));
        assert_eq!(acme.phones, ["+49 30 1", "+49 30 2"]);
    }
}

#[test]
fn another_sheet_is_read_by_name() {
    let mut lab = Lab::new();
    lab.sheet = Some("Leer".to_owned());
    let error = lab.try_file(EntityKind::Company, "k.xlsx", &companies()).unwrap_err().to_string();
    assert_eq!(error, "k.xlsx is empty: the first line must name the columns");
    lab.sheet = Some("Nope".to_owned());
    let error = lab.try_file(EntityKind::Company, "k.xlsx", &companies()).unwrap_err().to_string();
    assert_eq!(error, "k.xlsx has no sheet \"Nope\"; its sheets are Alt, Kunden, Leer");
    lab.sheet = Some("Kunden".to_owned());
    assert_eq!(outcome(&lab.try_file(EntityKind::Company, "k.xlsx", &companies()).unwrap()), [2, 0, 0, 1]);
}

#[test]
fn a_damaged_workbook_leaves_nothing_and_never_ends_the_program() {
    let whole = companies();
    let mut lab = Lab::new();
    for length in (4..whole.len() - 1).step_by(whole.len() / 60) {
        let error = lab.try_file(EntityKind::Company, "k.xlsx", &whole[..length]).unwrap_err().to_string();
        assert!(error.starts_with("k.xlsx cannot be read to its end: "), "{length}: {error}");
    }
    for at in (4..whole.len()).step_by(31) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        match lab.try_file(EntityKind::Company, "k.xlsx", &bytes) {
            Ok(_) => lab = Lab::new(),
            Err(error) => assert!(lab.company("dom:acme.de").is_none(), "{at}: {error}"),
        }
    }
}
