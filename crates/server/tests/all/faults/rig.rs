//! The program as several processes over one database.

use crate::http::{Client, Reply};
use crate::program::{PATIENCE, Running, Server, demo_copy, sluice, text};
use std::io::Result;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The lease of a dead worker must run out before its run goes on.
const LEASE: [&str; 2] = ["--lease-seconds", "1"];
pub const ORGANISATION: &str = "org_faults";

/// Where the server is at present, and who asks it.
#[derive(Clone)]
pub struct Line {
    address: Arc<Mutex<String>>,
    pub token: String,
    pub key: String,
}

impl Line {
    fn client(&self, token: &str) -> Client {
        let address = self.address.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Client { address, token: token.to_owned() }
    }

    /// The targeting API.
    pub fn targeting(&self) -> Client {
        self.client(&self.token)
    }

    /// The accounts API.
    pub fn accounts(&self) -> Client {
        self.client(&self.key)
    }
}

/// A server and its workers.
pub struct Rig {
    folder: TempDir,
    places: Vec<String>,
    pub line: Line,
    server: Option<Server>,
    workers: Vec<Running>,
}

impl Rig {
    /// A server over the demo's catalog with `workers` processes that only work; records in `database`, or else in
    /// the data folder. The server works itself when nobody else does.
    pub fn start(database: Option<&str>, workers: usize) -> Self {
        Self::start_with(database, &[], workers)
    }

    /// As [`Rig::start`], with further arguments that say where records are.
    pub fn start_with(database: Option<&str>, more: &[&str], workers: usize) -> Self {
        let folder = demo_copy();
        let mut places = vec!["--data".to_owned(), text(folder.path()).to_owned()];
        if let Some(database) = database {
            places.extend(["--database".to_owned(), database.to_owned()]);
        }
        let run = |args: &[&str]| {
            let places = places.iter().map(String::as_str);
            sluice(&args.iter().copied().chain(places).collect::<Vec<_>>()).ok().trim().to_owned()
        };
        run(&["org", "create", "--id", ORGANISATION, "--name", "Faults"]);
        run(&["user", "create", "--org", ORGANISATION, "--id", "user_ann", "--role", "admin"]);
        let token = run(&["token", "create", "--org", ORGANISATION, "--user", "user_ann"]);
        let key = run(&["key", "create", "--org", ORGANISATION]);
        places.extend(more.iter().map(|&argument| argument.to_owned()));
        let line = Line { address: Arc::default(), token, key };
        let mut rig = Self { folder, places, line, server: None, workers: Vec::new() };
        rig.start_server(if workers == 0 { "2" } else { "0" });
        rig.add_workers(workers);
        rig
    }

    fn run(&self, command: &str, more: &[&str]) -> Running {
        let places = self.places.iter().map(String::as_str);
        let args = [command].into_iter().chain(places).chain(LEASE).chain(more.iter().copied());
        Running::start(&args.collect::<Vec<_>>())
    }

    /// One more server, which leaves the work to others unless `workers` says so.
    pub fn serve(&self, workers: &str) -> Server {
        Server::of(self.run("serve", &["--listen", "127.0.0.1:0", "--workers", workers, "--key-rate", "0"]))
    }

    fn start_server(&mut self, workers: &str) {
        let server = self.serve(workers);
        server.address.clone_into(&mut self.line.address.lock().unwrap_or_else(PoisonError::into_inner));
        self.server = Some(server);
    }

    /// One more worker.
    pub fn worker(&self) -> Running {
        self.run("worker", &[])
    }

    /// How many processes there are.
    pub fn processes(&self) -> usize {
        1 + self.workers.len()
    }

    /// The folder with the catalog.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Kills a process as nothing can prevent, and starts another in its place: the server, or one of the workers.
    pub fn kill(&mut self, process: usize) {
        match process.checked_sub(1) {
            None => {
                if let Some(mut server) = self.server.take() {
                    server.running.signal("KILL");
                    server.running.wait();
                }
                self.start_server(if self.workers.is_empty() { "2" } else { "0" });
            }
            Some(worker) => {
                let next = self.worker();
                let mut dead = std::mem::replace(&mut self.workers[worker], next);
                dead.signal("KILL");
                dead.wait();
            }
        }
    }

    /// Stops the workers; what they were at is handed back.
    pub fn stop_workers(&mut self) {
        for mut worker in self.workers.drain(..) {
            worker.signal("TERM");
            assert_eq!(worker.wait(), Some(0), "{}", worker.errors());
        }
    }

    /// Starts so many workers.
    pub fn add_workers(&mut self, workers: usize) {
        for _ in 0..workers {
            let worker = self.worker();
            self.workers.push(worker);
        }
    }

    /// Stops all processes as an operating system does.
    #[track_caller]
    pub fn stop(mut self) {
        self.stop_workers();
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}

/// Asks until there is an answer that is none of a fault's: no reply, or 503, which says to try again.
pub fn insist<T>(mut ask: impl FnMut() -> Result<Reply>, read: impl Fn(Reply) -> T) -> T {
    let begun = Instant::now();
    loop {
        match ask() {
            Ok(reply) if reply.status != 503 => return read(reply),
            other => assert!(begun.elapsed() < PATIENCE, "no answer: {other:?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until something holds.
#[track_caller]
pub fn wait(patience: Duration, mut holds: impl FnMut() -> bool, what: &str) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < patience, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
