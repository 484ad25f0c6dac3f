//! The peers that come as Python packages, in a virtual environment of the benchmark's own.

use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// Runs the script of a peer and returns its report.
///
/// # Errors
/// When Python, pip or the package cannot be had, or the script fails.
pub fn report(peer: &str, dir: &Path, target: &Path) -> Result<Vec<u8>> {
    let venv = target.join("venv");
    install(&venv)?;
    let output = Command::new(venv.join("bin/python"))
        // No compiled scripts beside the sources.
        .arg("-B")
        .arg(Path::new(SCRIPTS).join(format!("{peer}_peer.py")))
        .arg(dir)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "its script ended with {}", output.status);
    Ok(output.stdout)
}

/// Makes the environment unless it holds these very packages.
fn install(venv: &Path) -> Result<()> {
    let requirements = Path::new(SCRIPTS).join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)?;
    let mark = venv.join("installed.txt");
    if std::fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(venv).stdout(Stdio::null()).status();
    ensure!(made.context("there is no python3")?.success(), "python3 makes no virtual environment");
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    let installed = pip.arg(&requirements).stdout(Stdio::null()).status()?;
    ensure!(installed.success(), "pip cannot install it");
    std::fs::write(mark, wanted)?;
    Ok(())
}
