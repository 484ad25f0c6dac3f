//! The project's tasks: `cargo xtask help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool speaks through its output")]

mod directions;
mod file_size;
mod packages;
mod process;
mod summary;
mod test;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test               every check and every test; what CI runs
cargo xtask bench NAME [ARG…]  a benchmark of bench/, built for release
cargo xtask generate           writes docs/generated anew from the code
cargo xtask help               this text";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["test"] => test::run(),
        ["bench", name, rest @ ..] => bench(name, rest),
        ["generate"] => generate(),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

fn bench(name: &str, rest: &[&str]) -> Result<()> {
    let fixed = ["run", "--release", "--package", "sluice-bench", "--", name];
    process::run(process::cargo(&fixed).args(rest))
}

/// Each file of docs/generated with the command that prints it.
const GENERATED: [(&str, &[&str]); 2] =
    [("openapi.json", &["openapi", "targeting"]), ("openapi-accounts.json", &["openapi", "accounts"])];

fn generate() -> Result<()> {
    let directory = root().join("docs/generated");
    std::fs::create_dir_all(&directory)?;
    for (file, command) in GENERATED {
        let mut cargo = process::cargo(&["run", "--quiet", "--package", "sluice", "--"]);
        let text = process::output(cargo.args(command))?;
        if text.trim().is_empty() {
            bail!("`sluice {}` printed nothing", command.join(" "));
        }
        let path = directory.join(file);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("docs/generated/{file}");
    }
    Ok(())
}
