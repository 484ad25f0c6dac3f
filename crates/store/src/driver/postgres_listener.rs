//! Hears of jobs that other processes queue.

use super::postgres_pool::explain;
use super::postgres_tls::Tls;
use futures_util::future::{Either, select};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Config, Error};

/// How long to wait before listening again after the connection broke.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens on a connection of its own, from the first question on.
pub(super) struct Listener {
    way: (Config, Tls),
    heard: Arc<Notify>,
    task: OnceLock<JoinHandle<()>>,
}

impl Listener {
    pub fn new(way: (Config, Tls)) -> Self {
        Self { way, heard: Arc::default(), task: OnceLock::new() }
    }

    /// Ends when a job was queued after this call.
    pub fn next(&self) -> Notified<'_> {
        self.task.get_or_init(|| tokio::spawn(keep_listening(self.way.clone(), self.heard.clone())));
        self.heard.notified()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

async fn keep_listening(way: (Config, Tls), heard: Arc<Notify>) {
    loop {
        if let Err(error) = listen(&way, &heard).await {
            tracing::warn!(error = explain(&error), "cannot listen for jobs: they are found by looking");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen((config, tls): &(Config, Tls), heard: &Notify) -> Result<(), Error> {
    let (client, mut connection) = config.connect(tls.clone()).await?;
    let asked = pin!(async {
        client.batch_execute("LISTEN sluice_job").await?;
        // Something may have been queued while nobody listened.
        heard.notify_waiters();
        pending().await
    });
    let messages = pin!(async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(_) = message? {
                heard.notify_waiters();
            }
        }
        Ok(())
    });
    match select(asked, messages).await {
        Either::Left((ended, _)) | Either::Right((ended, _)) => ended,
    }
}
