//! Text that is not UTF-8.

use super::{Lab, gzip, outcome};
use sluice_model::EntityKind;

const TEXT: &str = "Vorname;Nachname;E-Mail;Firma\nJürgen;Müller;j.mueller@example.com;Weiß & Söhne\n";
const UTF_16: &str = "the file is UTF-16 and was read as such";
const WINDOWS: &str = "the file is not UTF-8, it was read as Windows-1252";

fn utf_16(text: &str, mark: bool, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = if mark { unit(0xfeff).to_vec() } else { Vec::new() };
    mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect()
}

#[test]
fn text_of_a_spreadsheet_is_read_whatever_its_encoding() {
    let latin: Vec<u8> = TEXT.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for (bytes, note) in [
        (TEXT.as_bytes().to_vec(), None),
        ([b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), None),
        (utf_16(TEXT, true, u16::to_le_bytes), Some(UTF_16)),
        (utf_16(TEXT, true, u16::to_be_bytes), Some(UTF_16)),
        (utf_16(TEXT, false, u16::to_le_bytes), Some(UTF_16)),
        (latin.clone(), Some(WINDOWS)),
        (gzip(&latin), Some(WINDOWS)),
    ] {
        for file in [true, false] {
            let mut lab = Lab::new();
            let report = if file {
                lab.try_file(EntityKind::Person, "kunden.csv", &bytes)
            } else {
                lab.try_import(EntityKind::Person, "-", 0, &bytes)
            };
            let report = report.unwrap();
            assert_eq!(outcome(&report), [1, 0, 0, 0], "{note:?}");
            assert_eq!(report.warnings.keys().copied().collect::<Vec<_>>(), Vec::from_iter(note));
            let person = lab.person("em:j.mueller@example.com").unwrap();
            assert_eq!(
                (person.full_name(), person.company_name()),
                ("Jürgen Müller".to_owned(), Some("Weiß & Söhne"))
            );
        }
    }
}

#[test]
fn a_late_letter_decides_for_the_whole_file() {
    // The first of them is far behind what is looked at when a stream is opened.
    let mut bytes = b"name,domain\n".to_vec();
    for number in 0..5_000 {
        bytes.extend(format!("Company {number},company-{number}.com\n").into_bytes());
    }
    bytes.extend(b"Gr\xfcn,gruen.de\n");
    let mut lab = Lab::new();
    assert_eq!(outcome(&lab.try_file(EntityKind::Company, "c.csv", &bytes).unwrap()), [5_001, 0, 0, 0]);
    assert_eq!(lab.company("dom:gruen.de").unwrap().name.as_deref(), Some("Grün"));
    let mut lab = Lab::new();
    assert_eq!(outcome(&lab.try_import(EntityKind::Company, "-", 0, &bytes).unwrap()), [5_000, 0, 0, 1]);
    assert_eq!(lab.rejected(), [(5_002, "the row is not valid UTF-8".to_owned())]);
}
