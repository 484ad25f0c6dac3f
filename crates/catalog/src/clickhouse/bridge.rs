//! Waiting for the cluster from code that does not.

use crate::CatalogError;
use std::future::Future;
use std::sync::mpsc;
use tokio::runtime::{Builder, Runtime};

/// A thread that works for one that waits.
pub struct Bridge {
    /// There until the bridge is dropped.
    runtime: Option<Runtime>,
}

impl Bridge {
    pub fn new() -> Result<Self, CatalogError> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("clickhouse").enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// What the work comes to; blocks.
    pub fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, CatalogError>> + Send + 'static,
    ) -> Result<T, CatalogError> {
        let (sender, receiver) = mpsc::channel();
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move {
                // A closed channel: whoever waited is gone.
                let _ = sender.send(work.await);
            });
        }
        receiver
            .recv()
            .unwrap_or_else(|_| Err(CatalogError::Unavailable("the writer's thread ended".to_owned())))
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // Not waited for: this may be a thread that must not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
