//! Every check and every test, the cheap ones first. All of them run, whatever fails before.

use crate::summary::Counts;
use crate::{directions, file_size, packages, process, root};
use anyhow::{Context, Result, ensure};
use sluice_testdb::{Server, VARIABLE};
use std::process::Command;
use std::time::Instant;

/// Runs all steps.
///
/// # Errors
/// Names the steps that failed.
pub fn run() -> Result<()> {
    let mut failed = Vec::new();
    let mut step = |name: &'static str, work: &mut dyn FnMut() -> Result<()>| {
        println!("── {name}");
        let begun = Instant::now();
        let done = work();
        let seconds = begun.elapsed().as_secs_f64();
        match done {
            Ok(()) => println!("── {name}: done in {seconds:.1} s\n"),
            Err(error) => {
                println!("── {name}: FAILED after {seconds:.1} s: {error:#}\n");
                failed.push(name);
            }
        }
    };
    let mut counts = Counts::default();
    step("packages", &mut packages::install);
    step("crate directions", &mut crate_directions);
    step("file sizes", &mut || no_faults(file_size::faults(&root())?));
    step("format", &mut || process::run(&mut process::cargo(&["fmt", "--all", "--check"])));
    step("lints", &mut lints);
    step("documentation", &mut documentation);
    step("licences", &mut licences);
    step("tests", &mut || tests(&mut counts));
    step("documentation tests", &mut || documentation_tests(&mut counts));
    println!("{counts}");
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

fn no_faults(faults: Vec<String>) -> Result<()> {
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

fn crate_directions() -> Result<()> {
    let mut metadata = process::cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = serde_json::from_str(&process::output(&mut metadata)?).context("cargo metadata")?;
    no_faults(directions::faults(&metadata))
}

fn lints() -> Result<()> {
    let arguments =
        ["clippy", "--quiet", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    process::run(&mut process::cargo(&arguments))
}

fn documentation() -> Result<()> {
    let arguments = ["doc", "--quiet", "--workspace", "--no-deps", "--all-features"];
    process::run(process::cargo(&arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Advisories are left out: their database has to be fetched from the network.
fn licences() -> Result<()> {
    if !process::succeeds(&mut process::cargo(&["deny", "--version"])) {
        println!("cargo-deny is not installed: licences and bans are not checked");
        return Ok(());
    }
    process::run(&mut process::cargo(&["deny", "check", "bans", "licenses", "sources"]))
}

/// All tests, and those of the API once more on PostgreSQL. One server serves them all, and ends with this process.
fn tests(counts: &mut Counts) -> Result<()> {
    let server = Server::start().context("a PostgreSQL server for the tests")?;
    let nextest = process::succeeds(&mut process::cargo(&["nextest", "--version"]));
    let all = run_tests(nextest, &["--workspace"], &[(VARIABLE, server.folder())]);
    let environment = [(VARIABLE, server.folder()), ("SLUICE_TEST_DATABASE", "postgres")];
    println!("the API on PostgreSQL:");
    // Chosen from the whole workspace: a package by itself is built with other features, so all anew.
    let api: &[&str] =
        if nextest { &["--workspace", "-E", "package(sluice-api)"] } else { &["--package", "sluice-api"] };
    let again = run_tests(nextest, api, &environment).map(|found| Counts { skipped: 0, ..found });
    let mut faults = Vec::new();
    for found in [all, again] {
        match found {
            Ok(found) => {
                *counts += found;
                if found.failed > 0 || found.passed == 0 {
                    faults.push(found.to_string());
                }
            }
            Err(error) => faults.push(error.to_string()),
        }
    }
    no_faults(faults)
}

/// Runs tests and counts them.
///
/// # Errors
/// When they did not run, or the runner failed although none of them did.
fn run_tests(nextest: bool, which: &[&str], environment: &[(&str, &str)]) -> Result<Counts> {
    let program: &[&str] = if nextest { &["nextest", "run"] } else { &["test", "--all-targets"] };
    let mut command = process::cargo(program);
    command.args(which).args(["--all-features", "--no-fail-fast"]).envs(environment.iter().copied());
    let (text, passed) = tee(&mut command)?;
    let found = if nextest {
        Counts::of_nextest(&text).context("no closing line of nextest: the tests did not run")?
    } else {
        println!("cargo-nextest is not installed: cargo test was used");
        Counts::of_libtest(&text)
    };
    ensure!(passed || found.failed > 0, "the runner failed: {found}");
    Ok(found)
}

fn documentation_tests(counts: &mut Counts) -> Result<()> {
    if !file_size::any_doc_test(&root())? {
        println!("there are none");
        return Ok(());
    }
    let arguments = ["test", "--doc", "--workspace", "--all-features", "--no-fail-fast"];
    let (text, passed) = tee(&mut process::cargo(&arguments))?;
    let found = Counts::of_libtest(&text);
    *counts += found;
    ensure!(passed && found.failed == 0, "{found}");
    Ok(())
}

fn tee(command: &mut Command) -> Result<(String, bool)> {
    // No colours: the closing line is read again.
    process::tee(command.env("CARGO_TERM_COLOR", "never"))
}
