//! A PostgreSQL server for tests: its own folder, its own socket in it and no port, gone with the process that
//! started it. One server serves a whole run when `SLUICE_TEST_POSTGRES` names it (`cargo xtask test` sees to
//! that); else each process of tests starts its own when the first test asks. Beside it a ClickHouse cluster.

pub mod clickhouse;
mod operate;
mod server;

pub use operate::Restart;
pub use server::Server;

use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names the folder of a running server.
pub const VARIABLE: &str = "SLUICE_TEST_POSTGRES";

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// The folder of the server of this run.
fn folder() -> &'static str {
    static FOLDER: OnceLock<String> = OnceLock::new();
    // Kept, not dropped: its end is the end of the process.
    static OWN: OnceLock<Server> = OnceLock::new();
    FOLDER.get_or_init(|| {
        given().unwrap_or_else(|| {
            let own = OWN.get_or_init(|| Server::start().expect("a PostgreSQL server for the tests"));
            own.folder().to_owned()
        })
    })
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line of their own")]
fn given() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

/// An empty database; it goes away with the value.
#[derive(Debug)]
pub struct Database(String);

impl Database {
    /// A new database.
    ///
    /// # Panics
    /// When no server can be started, or it refuses.
    #[must_use]
    pub fn fresh() -> Self {
        Self::encoded("UTF8")
    }

    /// A new database for texts in this encoding.
    ///
    /// # Panics
    /// As [`Database::fresh`].
    #[must_use]
    pub fn encoded(encoding: &str) -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let database = Self(format!("test_{}_{number}", std::process::id()));
        administer(&format!("CREATE DATABASE {} TEMPLATE template0 ENCODING '{encoding}'", database.0));
        database
    }

    /// Where it is to be found.
    #[must_use]
    pub fn url(&self) -> String {
        url(folder(), &self.0)
    }

    /// Runs SQL behind the back of who else uses it.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn run(&self, sql: &str) {
        psql(folder(), &self.0, sql);
    }

    /// As [`Self::run`]; tells whether it succeeded.
    ///
    /// # Panics
    /// When psql is not installed.
    #[must_use]
    pub fn try_run(&self, sql: &str) -> bool {
        try_psql(folder(), &self.0, sql).is_ok()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // With those who are still connected: tests do not wait for their connections to close.
        administer(&format!("DROP DATABASE {} WITH (FORCE)", self.0));
    }
}

fn url(folder: &str, database: &str) -> String {
    format!("postgres://postgres@{}/{database}", folder.replace('/', "%2F"))
}

fn administer(sql: &str) {
    psql(folder(), "postgres", sql);
}

fn psql(folder: &str, database: &str, sql: &str) {
    if let Err(error) = try_psql(folder, database, sql)
        && !std::thread::panicking()
    {
        panic!("{sql}: {error}");
    }
}

fn try_psql(folder: &str, database: &str, sql: &str) -> Result<(), String> {
    let arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres", "--host"];
    let mut command = Command::new("psql");
    command.args(arguments).arg(folder).args(["--dbname", database, "--command", sql]);
    let output = command.output().expect("psql is installed");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
