//! The peers that come as Python packages, in a virtual environment of the benchmark's own.

use super::finish;
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::Command;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// Runs the script of a peer and returns its report.
///
/// # Errors
/// When Python, pip or the package cannot be had, or the script fails.
pub fn report(peer: &str, dir: &Path, target: &Path) -> Result<Vec<u8>> {
    let venv = target.join("venv");
    install(&venv)?;
    let mut python = Command::new(venv.join("bin/python"));
    // No compiled scripts beside the sources.
    python.arg("-B").arg(Path::new(SCRIPTS).join(format!("{peer}_peer.py"))).arg(dir);
    finish(&mut python)
}

/// Makes the environment unless it holds these very packages.
fn install(venv: &Path) -> Result<()> {
    let requirements = Path::new(SCRIPTS).join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)?;
    let mark = venv.join("installed.txt");
    if std::fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    finish(Command::new("python3").args(["-m", "venv"]).arg(venv)).context("no virtual environment")?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    finish(pip.arg(&requirements)).context("pip cannot install it")?;
    std::fs::write(mark, wanted)?;
    Ok(())
}
