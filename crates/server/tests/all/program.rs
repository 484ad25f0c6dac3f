//! The program as a script or a person uses it: commands that end, and a server that is stopped when the test is over,
//! however it ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take before the test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a command that ended left behind.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Standard output of a command that was to succeed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Standard error of a command that was to end with this code, and to print nothing.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        self.stderr
    }
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(args);
    for variable in [
        "DATA",
        "LOG",
        "LEASE_SECONDS",
        "DATABASE",
        "DATABASE_REPLICA",
        "DRAIN_SECONDS",
        "SECRET_KEY",
        "CONNECTORS",
    ] {
        command.env_remove(format!("SLUICE_{variable}"));
    }
    command
}

/// Runs a command to its end.
pub fn sluice(args: &[&str]) -> Ended {
    ended(program(args), "")
}

/// Runs a command with this text on standard input.
pub fn sluice_reading(args: &[&str], input: &str) -> Ended {
    ended(program(args), input)
}

/// Runs a command with `SLUICE_DATA` set.
pub fn sluice_with_data(data: &Path, args: &[&str]) -> Ended {
    let mut command = program(args);
    command.env("SLUICE_DATA", data);
    ended(command, "")
}

fn ended(mut command: Command, input: &str) -> Ended {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that does not read its input has closed it, which is no fault.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A command that goes on until it is stopped. Dropping it kills the process.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    errors: PathBuf,
    _folder: TempDir,
}

impl Running {
    /// Starts a command.
    pub fn start(args: &[&str]) -> Self {
        Self::spawn(program(args))
    }

    /// Starts a command whose files may not grow beyond so many bytes: writes fail then, as on a full disk.
    pub fn limited(args: &[&str], bytes: u64) -> Self {
        let program = program(args);
        let mut command = Command::new("sh");
        // The signal at the limit would end the program.
        let script = format!("trap '' XFSZ; exec prlimit --fsize={bytes}:unlimited \"$0\" \"$@\"");
        command.arg("-c").arg(script).arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let errors = folder.path().join("stderr");
        let file = std::fs::File::create(&errors).expect("a file for standard error");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("its output");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, errors, _folder: folder }
    }

    /// The next line of standard output; `None` when there will be no more.
    pub fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no output in time; {}", self.errors()),
        }
    }

    /// Everything on standard error so far.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Waits for the end and tells the exit code; `None` after a signal.
    pub fn wait(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status.code();
            }
            assert!(begun.elapsed() < PATIENCE, "does not end; {}", self.errors());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that this test started.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.to_string()]).output();
    assert!(sent.expect("kill runs").status.success(), "cannot signal {process}");
}

/// A server and where it listens.
pub struct Server {
    pub running: Running,
    pub address: String,
}

impl Server {
    /// Serves a data folder on a free port.
    pub fn start(data: &Path, more: &[&str]) -> Self {
        let mut args = vec!["serve", "--data", text(data), "--listen", "127.0.0.1:0"];
        args.extend_from_slice(more);
        Self::of(Running::start(&args))
    }

    /// A command that serves, once it listens.
    pub fn of(mut running: Running) -> Self {
        let Some(line) = running.line() else { panic!("does not listen: {}", running.errors()) };
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}"));
        Self { address: address.to_owned(), running }
    }

    /// Stops it as an operating system does, and waits for a clean end.
    #[track_caller]
    pub fn stop(mut self) {
        self.running.signal("TERM");
        assert_eq!(self.running.wait(), Some(0), "{}", self.running.errors());
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Writes a file into a folder.
pub fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path
}

/// A data folder with the demo's catalog and organisation, made once; each caller gets a copy of its own.
pub fn demo_copy() -> TempDir {
    static DEMO: OnceLock<TempDir> = OnceLock::new();
    let demo = DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let begun = Instant::now();
        sluice(&["demo", "--no-serve", "--data", text(folder.path())]).ok();
        println!("the demo took {:.1} s", begun.elapsed().as_secs_f64());
        folder
    });
    let copy = tempfile::tempdir().expect("a folder");
    copy_folder(demo.path(), copy.path());
    copy
}

/// Copies a folder that nobody writes.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
