//! The writer thread: it runs what is queued as savepoints of one transaction, commits once for all of
//! them (group commit), and only then answers each.

use super::Connection;
use super::erased::{Failure, Outcome, Work};
use super::sqlite::{SqliteConnection, poll_once};
use crate::error::StoreError;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Units that may wait before senders have to.
const QUEUE: usize = 8192;
/// The most units of one commit.
const BATCH: usize = 512;
/// A batch is closed after this time: callers of a batch that is committed send their next units while the next batch
/// is run, and a long unit does not keep those before it waiting.
const BATCH_TIME: Duration = Duration::from_millis(5);

/// A unit of work on its way through the writer.
struct Job {
    unit: Option<Box<dyn Work>>,
    result: Option<Outcome>,
    caller: oneshot::Sender<Outcome>,
}

impl Job {
    /// Runs it; returns whether its changes are to be kept.
    fn run(&mut self, connection: &SqliteConnection) -> bool {
        let Some(unit) = self.unit.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| poll_once(unit.run(Connection::Sqlite(connection)))))
            .unwrap_or_else(|_| Err(StoreError::Internal("a unit of work panicked".to_owned()).into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    /// Answers its caller: with its result when that was committed, else with the failure.
    fn answer(self, committed: Result<(), StoreError>) {
        let result = match (self.result, committed) {
            (Some(Ok(_)) | None, Err(error)) => Err(error.into()),
            (Some(result), _) => result,
            (None, Ok(())) => Err(StoreError::Internal("a unit of work was not run".to_owned()).into()),
        };
        // The caller may have gone; its unit is committed all the same.
        let _ = self.caller.send(result);
    }
}

pub(super) struct Writer {
    queue: Sender<Job>,
}

impl Writer {
    pub fn start(connection: SqliteConnection) -> Result<Self, StoreError> {
        let (queue, jobs) = bounded(QUEUE);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || work(&connection, &jobs))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { queue })
    }

    pub async fn run(&self, unit: Box<dyn Work>) -> Outcome {
        let (caller, answer) = oneshot::channel();
        let job = Job { unit: Some(unit), result: None, caller };
        let gone = || Failure::from(StoreError::Unavailable("the store's writer has stopped".to_owned()));
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => {
                let queue = self.queue.clone();
                let sent = tokio::task::spawn_blocking(move || queue.send(job).is_ok()).await;
                if !sent.unwrap_or(false) {
                    return Err(gone());
                }
            }
            Err(TrySendError::Disconnected(_)) => return Err(gone()),
        }
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn work(connection: &SqliteConnection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        if let Err(error) = connection.command("BEGIN IMMEDIATE") {
            tracing::error!(error = %error, "cannot begin a write transaction");
            first.answer(Err(error));
            continue;
        }
        let begun = Instant::now();
        let mut done = Vec::new();
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            let unit = run_unit(connection, &mut job);
            done.push((job, unit));
            // A full disk makes SQLite roll the whole transaction back by itself: what ran on from here would
            // be committed on its own, beside units that are lost.
            if connection.lost_transaction() {
                break;
            }
            if done.len() < BATCH && begun.elapsed() < BATCH_TIME {
                next = jobs.try_recv().ok();
            }
        }
        let committed = if connection.lost_transaction() {
            Err(StoreError::Unavailable("the database rolled the transaction back".to_owned()))
        } else {
            connection.command("COMMIT")
        };
        if let Err(error) = &committed {
            tracing::error!(error = %error, units = done.len(), "cannot commit");
            // Fails when the transaction is gone already, which is fine.
            let _ = connection.command("ROLLBACK");
        }
        for (job, unit) in done {
            job.answer(unit.and(committed.clone()));
        }
    }
}

fn run_unit(connection: &SqliteConnection, job: &mut Job) -> Result<(), StoreError> {
    connection.command("SAVEPOINT unit")?;
    if !job.run(connection) {
        connection.command("ROLLBACK TO unit")?;
    }
    connection.command("RELEASE unit")
}
