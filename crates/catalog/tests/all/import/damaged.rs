//! Files that end too early, and what they leave: nothing when they were checked, the rows committed before when not.

use super::{Lab, day, gzip, outcome, zstandard};
use sluice_catalog::import::{ImportError, ImportOptions, Input, Rejects, import};
use sluice_model::EntityKind;
use std::io::Read;

const ROWS: usize = 5_000;

fn companies() -> String {
    let rows = (0..ROWS).map(|number| format!("Company {number},company-{number}.com\n"));
    std::iter::once("name,domain\n".to_owned()).chain(rows).collect()
}

fn is_untouched(lab: &Lab) -> bool {
    lab.company("dom:company-0.com").is_none() && lab.company("dom:old.com").is_some()
}

#[test]
fn a_truncated_file_leaves_the_catalog_as_it_was() {
    let text = companies();
    for (name, whole) in [("c.csv.gz", gzip(text.as_bytes())), ("c.csv.zst", zstandard(text.as_bytes()))] {
        let mut lab = Lab::new();
        lab.commit_rows = 1_000;
        lab.companies("old.csv", 0, "name,domain\nOld,old.com\n");
        // Without its last bytes all rows are there, but not the proof that they are.
        for length in [whole.len() / 2, whole.len() - 4, 20] {
            let error = lab.try_file(EntityKind::Company, name, &whole[..length]).unwrap_err();
            assert!(matches!(error, ImportError::Damaged { .. }), "{error}");
            let text = error.to_string();
            assert!(text.starts_with(&format!("{name} cannot be read to its end: ")), "{text}");
            assert!(text.ends_with(". Nothing of it is imported"), "{text}");
            assert!(is_untouched(&lab), "{name}, {length} bytes");
        }
        let report = lab.try_file(EntityKind::Company, name, &whole).unwrap();
        assert_eq!(outcome(&report), [5_000, 0, 0, 0]);
    }
}

/// An input that fails after its bytes.
struct Failing(std::io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(bytes)? {
            0 => Err(std::io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_stream_that_breaks_keeps_what_was_committed_and_says_so() {
    for (commit_rows, said) in [
        (10_000, ". Nothing of it is imported"),
        (1_000, ". The first 4000 rows are imported and stay; importing it again is harmless"),
    ] {
        let mut lab = Lab::new();
        lab.commit_rows = commit_rows;
        lab.companies("old.csv", 0, "name,domain\nOld,old.com\n");
        let text = companies();
        // The failure comes in the middle of row 4 500.
        let cut = text.find("Company 4500,").unwrap() + 5;
        let bytes = std::io::Cursor::new(text.as_bytes()[..cut].to_vec());
        let input = Input::reader("-", Box::new(Failing(bytes)));
        let error = lab.try_input(EntityKind::Company, 0, input).unwrap_err().to_string();
        assert_eq!(error, format!("- cannot be read beyond line 4501: the disk is gone{said}"));
        assert_eq!(is_untouched(&lab), commit_rows == 10_000);
        assert_eq!(lab.company("dom:company-3999.com").is_some(), commit_rows == 1_000);
        assert!(lab.company("dom:company-4000.com").is_none());
        // And again, whole.
        let again = lab.companies("-", 0, &text);
        let kept = if commit_rows == 1_000 { 4_000 } else { 0 };
        assert_eq!(outcome(&again), [5_000 - kept, 0, kept, 0]);
    }
}

#[test]
fn a_file_that_is_not_checked_is_read_as_a_stream_is() {
    let whole = gzip(companies().as_bytes());
    let mut lab = Lab::new();
    (lab.check, lab.commit_rows) = (false, 500);
    let error = lab.try_file(EntityKind::Company, "c.csv.gz", &whole[..whole.len() - 4]).unwrap_err();
    let ImportError::Read { kept, .. } = error else { panic!("{error}") };
    assert_eq!(kept, 5_000);
    assert!(lab.company("dom:company-0.com").is_some());
}

/// A header, one line of `length` bytes without an end in sight, and a row.
fn long_line(length: u64) -> Box<dyn Read + Send> {
    let line = std::io::repeat(b'x').take(length);
    Box::new((&b"name,domain\nAcme,acme.com\n"[..]).chain(line).chain(&b"\nBeta,beta.com\n"[..]))
}

/// Bytes of this process that were in memory at once, as far as the system tells.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) << 10
}

#[test]
fn a_line_of_a_gibibyte_is_set_aside_without_being_held() {
    const GIB: u64 = 1 << 30;
    let mut lab = Lab::new();
    let options = ImportOptions::new(EntityKind::Company, day(0), lab.random.clone());
    let mut rejects = Rejects::to_writer(Box::new(lab.rejected.clone())).unwrap();
    let input = Input::reader("long.csv", long_line(GIB));
    let before = peak_memory();
    let report = import(lab.writer.as_mut().unwrap(), &options, input, &mut rejects, &mut |_| {}).unwrap();
    rejects.flush().unwrap();
    assert_eq!(outcome(&report), [2, 0, 0, 1]);
    assert_eq!(lab.rejected(), [(3, "the row is longer than 1 MiB".to_owned())]);
    // Other tests run beside this one; the line alone would be more.
    assert!(peak_memory() - before < GIB, "{before} before, {} after", peak_memory());
}

#[test]
fn a_copy_to_read_out_of_order_has_a_limit() {
    let mut lab = Lab::new();
    let bytes = [&b"PAR1"[..], &vec![0; 2 << 20]].concat();
    let error = lab.try_import(EntityKind::Company, "-", 0, &bytes).unwrap_err().to_string();
    assert_eq!(
        error,
        "- has to be unpacked before it can be read and is larger than 1 MiB: unpack it into a file first"
    );
}
