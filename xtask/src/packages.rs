//! What the tests need from Debian.

use crate::process;
use anyhow::Result;
use std::process::Command;

/// Names of Debian packages.
const NEEDED: &[&str] = &["chromium", "clickhouse-server", "postgresql"];

/// Installs the packages that are absent. On another system they are taken to be there: a test that misses
/// one says so.
///
/// # Errors
/// When the installation fails.
pub fn install() -> Result<()> {
    if !process::succeeds(Command::new("dpkg-query").arg("--version")) {
        return Ok(());
    }
    let absent: Vec<&str> = NEEDED.iter().copied().filter(|package| !is_installed(package)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let is_root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    for arguments in [vec!["update"], [vec!["install", "--yes", "--no-install-recommends"], absent].concat()]
    {
        let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root {
            command.arg("apt-get");
        }
        process::run(command.arg("--quiet").args(arguments))?;
    }
    stop_services(is_root);
    Ok(())
}

/// Tests start servers of their own. Where no services are run there is none to stop, which is no failure.
fn stop_services(is_root: bool) {
    let mut command = if is_root { Command::new("systemctl") } else { Command::new("sudo") };
    if !is_root {
        command.arg("systemctl");
    }
    process::succeeds(command.args(["disable", "--now", "clickhouse-server"]));
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${Status}", package]);
    query.output().is_ok_and(|output| output.stdout.ends_with(b"ok installed"))
}
