//! Whether this process can do its work.

use crate::{Context, Error};
use serde::Serialize;
use sluice_store::ops::system::ping;
use std::time::Duration;

/// How long a part may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is needed to answer requests and to work on runs, part by part: `ok`, or what is wrong in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    pub database: &'static str,
    pub catalog: &'static str,
    /// `ok`, or `stopping` from the moment on that the process was told to end.
    pub process: &'static str,
}

impl Readiness {
    /// Whether every part is.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        [self.database, self.catalog, self.process].iter().all(|part| *part == OK)
    }
}

const OK: &str = "ok";

/// Asks the database and the catalog for something small.
pub async fn readiness(context: &Context) -> Readiness {
    let database = context.store.read_system(|tx| Box::pin(async move { Ok::<_, Error>(ping(tx).await?) }));
    let catalog = async { context.catalog.size().await.map_err(Error::from) };
    let (database, catalog) =
        tokio::join!(tokio::time::timeout(PATIENCE, database), tokio::time::timeout(PATIENCE, catalog));
    Readiness {
        database: told("database", database.map(|answer| answer.map(drop))),
        catalog: told("catalog", catalog.map(|answer| answer.map(drop))),
        process: if context.stop.has_begun() { "stopping" } else { OK },
    }
}

fn told(part: &str, answer: Result<crate::Result<()>, tokio::time::error::Elapsed>) -> &'static str {
    match answer {
        Ok(Ok(())) => OK,
        Ok(Err(error)) => {
            tracing::warn!(part, error = %error, "not ready");
            "unavailable"
        }
        Err(_) => "slow",
    }
}
