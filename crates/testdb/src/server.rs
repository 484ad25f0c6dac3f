//! Starting and stopping a server.

use std::fs;
use std::io::{Error, Result};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);

/// Runs a program as the owner of the server's files: PostgreSQL does not run as root.
const AS_OWNER: [&str; 4] = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"];

/// A running server. It stops with the value, or with the process, whichever is first.
#[derive(Debug)]
pub struct Server {
    guardian: Child,
    folder: String,
}

impl Server {
    /// Makes a server in a folder of its own and waits until it answers.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        Self::start_with(None, &[], &[])
    }

    /// As [`Self::start`], on a port too, with files in its folder, which only the server can read, and further
    /// settings. In these, `{folder}` is the folder.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(port: Option<u16>, files: &[(&str, &str)], settings: &[&str]) -> Result<Self> {
        let bin = bin().ok_or_else(|| Error::other("PostgreSQL is not installed: no initdb was found"))?;
        let folder = new_folder()?;
        let log = fs::File::create(folder.join("log"))?;
        let here = folder.to_string_lossy();
        let mut settings: String =
            settings.iter().map(|setting| format!("-c {} ", setting.replace("{folder}", &here))).collect();
        if let Some(port) = port {
            settings.push_str(&format!("-c listen_addresses=127.0.0.1 -c port={port}"));
        }
        fs::write(folder.join("settings"), settings)?;
        for (name, text) in files {
            fs::write(folder.join(name), text)?;
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600))?;
        }
        let mut command = Command::new("sh");
        command.arg("-c").arg(include_str!("guardian.sh")).arg("guardian").arg(&folder).arg(&bin);
        if is_root()? {
            let done = Command::new("chown").args(["-R", "postgres"]).arg(&folder).status()?;
            if !done.success() {
                return Err(Error::other("there is no user postgres to run the server as"));
            }
            command.args(AS_OWNER);
        }
        // A group of its own: an interrupt of the tests must not end the guardian before its work is done.
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let guardian = command.current_dir(&folder).spawn()?;
        let server = Self { guardian, folder: folder.to_string_lossy().into_owned() };
        server.wait_until_ready(&bin, port)?;
        Ok(server)
    }

    /// The folder that its socket is in.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    fn wait_until_ready(&self, bin: &Path, port: Option<u16>) -> Result<()> {
        let begun = Instant::now();
        let mut ready = Command::new(bin.join("pg_isready"));
        ready.args(["--quiet", "--host", &self.folder]);
        ready.args(port.map(|port| format!("--port={port}")));
        while !ready.status()?.success() {
            if begun.elapsed() > START {
                let log = fs::read_to_string(Path::new(&self.folder).join("log")).unwrap_or_default();
                return Err(Error::other(format!("the server does not start: {log}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}

/// A command of a program that works on the server's files.
pub(crate) fn as_owner(program: &Path) -> Result<Command> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let [first, rest @ ..] = AS_OWNER;
    let mut command = Command::new(first);
    command.args(rest).arg(program);
    Ok(command)
}

/// The programs of the newest version that is installed.
pub(crate) fn bin() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &Path| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let bins = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    bins.filter(|bin| bin.join("initdb").exists()).max_by_key(|bin| number(bin))
}

fn new_folder() -> Result<PathBuf> {
    for number in 0..1_000 {
        let folder = std::env::temp_dir().join(format!("sluice-postgres-{}-{number}", std::process::id()));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
    Err(Error::other("no free name for the server's folder"))
}

fn is_root() -> Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}
