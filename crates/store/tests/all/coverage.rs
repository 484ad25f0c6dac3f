//! No operation without a test: names are taken from the sources.

use std::fs;
use std::path::Path;

/// The public operations: name, and whether one organisation's transaction carries it.
fn operations() -> Vec<(String, bool)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
    let mut found = Vec::new();
    for file in fs::read_dir(directory).expect("the operations' folder") {
        let source = fs::read_to_string(file.expect("an entry").path()).expect("a source file");
        for declaration in source.split("pub async fn ").skip(1) {
            let signature = declaration.split('{').next().unwrap_or_default();
            let name = signature.split(['(', '<']).next().unwrap_or_default();
            found.push((name.to_owned(), signature.contains("&mut Tx<")));
        }
    }
    assert!(found.len() > 40, "the sources were not found: {found:?}");
    found
}

fn uncovered(names: impl Iterator<Item = String>, tests: &str) -> Vec<String> {
    // Imports and declarations end in `,` or `;`; a call has its parenthesis.
    names.filter(|name| !calls(tests, name)).collect()
}

fn calls(tests: &str, name: &str) -> bool {
    tests.match_indices(&format!("{name}(")).any(|(at, _)| {
        let before = &tests[..at];
        !before.ends_with("fn ") && !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn every_operation_is_in_the_suite() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all");
    let mut tests = String::new();
    for file in fs::read_dir(directory).expect("the suite's folder") {
        let path = file.expect("an entry").path();
        if !path.ends_with("isolation.rs") && !path.ends_with("coverage.rs") {
            tests.push_str(&fs::read_to_string(path).expect("a test file"));
        }
    }
    let missing = uncovered(operations().into_iter().map(|(name, _)| name), &tests);
    assert!(missing.is_empty(), "operations without a test: {missing:?}");
}

#[test]
fn every_operation_of_an_organisation_is_tried_from_another() {
    let tenants = operations().into_iter().filter(|(_, tenant)| *tenant).map(|(name, _)| name);
    let missing = uncovered(tenants, include_str!("isolation.rs"));
    assert!(missing.is_empty(), "operations without a test between organisations: {missing:?}");
}

#[test]
fn a_call_is_told_from_a_longer_name_and_a_declaration() {
    assert!(calls("tx| icp_get(tx, id)", "icp_get"));
    assert!(!calls("async fn icp_get(tx)", "icp_get"));
    assert!(!calls("my_icp_get(tx)", "icp_get"));
    assert!(!calls("use ops::icp_get;", "icp_get"));
}
