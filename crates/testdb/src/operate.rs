//! What operators and accidents do to a server.

use super::server::{Server, as_owner, bin};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// How a server is stopped before it starts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Connections are cut, then everything is written: an operator's restart.
    Fast,
    /// As after a crash: the server replays its log when it starts.
    Immediate,
}

impl Server {
    /// Makes a database and returns its URL.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn database(&self, name: &str) -> String {
        self.run("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        self.url(name)
    }

    /// The URL of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        super::url(self.folder(), database)
    }

    /// Runs SQL in a database.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn run(&self, database: &str, sql: &str) {
        super::psql(self.folder(), database, sql);
    }

    /// Runs SQL in a database; tells whether it succeeded.
    ///
    /// # Panics
    /// When psql is not installed.
    #[must_use]
    pub fn try_run(&self, database: &str, sql: &str) -> bool {
        super::try_psql(self.folder(), database, sql).is_ok()
    }

    /// One of PostgreSQL's programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        bin().map_or_else(|| PathBuf::from(name), |bin| bin.join(name))
    }

    /// Stops the server and starts it again with the same settings; returns when it answers.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn restart(&self, how: Restart) {
        let mode = match how {
            Restart::Fast => "fast",
            Restart::Immediate => "immediate",
        };
        let folder = Path::new(self.folder());
        let mut command = as_owner(&self.program("pg_ctl")).expect("the owner of processes is known");
        command
            .arg("restart")
            .arg("--pgdata")
            .arg(folder.join("data"))
            .args(["--silent", "--wait", "--mode", mode]);
        let log = || std::fs::OpenOptions::new().append(true).open(folder.join("log")).expect("its log");
        command.current_dir(folder).stdin(std::process::Stdio::null()).stdout(log()).stderr(log());
        assert!(command.status().expect("pg_ctl runs").success(), "the server does not restart");
    }

    /// A server that follows this one.
    ///
    /// # Errors
    /// When it does not start.
    pub fn replica(&self) -> Result<Self> {
        let follower = Self::start_with(None, &[("primary", self.folder())], &[])?;
        if follower.try_run("postgres", "SELECT 1 / pg_is_in_recovery()::INT") {
            Ok(follower)
        } else {
            Err(Error::other("the server follows nobody"))
        }
    }
}
