//! Serving until told to stop: first softly (requests finish, jobs are handed back), then hard.

use crate::cli::LeaseArgs;
use crate::home::Home;
use anyhow::{Context as _, Result};
use axum::Router;
use axum::serve::ListenerExt as _;
use sluice_api::{RateLimit, accounts, targeting};
use sluice_app::{Context, worker};
use sluice_ui::Api;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long requests and jobs may take to finish after a signal to stop.
const SOFT: Duration = Duration::from_secs(10);

/// All routes: the APIs, their pages, and JSON errors for the rest.
fn router(context: &Context, limit: RateLimit) -> Result<Router> {
    let targeting = Api {
        page: "/docs",
        document_path: "/api/v1/openapi.json",
        document: serde_json::to_value(targeting::openapi())?,
    };
    let accounts =
        Api { page: "/docs/accounts", document_path: "/v0/openapi.json", document: accounts::openapi() };
    Ok(sluice_api::router(context.clone(), limit, sluice_ui::router(&[targeting, accounts])))
}

/// Takes the port. Separate from [`serve`], so that its address can be told before serving begins.
pub async fn bind(listen: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))
}

/// Serves the API and works on runs until a signal says stop.
pub async fn serve(
    home: &Home,
    listener: TcpListener,
    workers: worker::Options,
    key_rate: u32,
) -> Result<()> {
    let address = listener.local_addr()?;
    let router = router(&home.context, RateLimit::per_minute(key_rate))?;
    let worker = worker::start(&home.context, workers);
    let (stop, mut stopped) = watch::channel(false);
    let soft = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    // Replies are small: waiting for more to send would only delay them.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let server =
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(soft).await });
    println!("listening on http://{address}");
    std::io::stdout().flush()?;
    wait_for_signal().await?;
    tracing::info!("stopping");
    let _ = stop.send(true);
    let soft_stop = async {
        worker.stop().await;
        server.await
    };
    tokio::select! {
        ended = soft_stop => Ok(ended??),
        () = tokio::time::sleep(SOFT) => {
            tracing::warn!("stopping hard: requests or jobs did not finish in time");
            Ok(())
        }
        again = wait_for_signal() => again,
    }
}

/// Works on runs until a signal says stop.
pub async fn work(home: &Home, workers: worker::Options) -> Result<()> {
    let worker = worker::start(&home.context, workers);
    eprintln!("working on runs");
    wait_for_signal().await?;
    tokio::select! {
        () = worker.stop() => Ok(()),
        () = tokio::time::sleep(SOFT) => Ok(()),
    }
}

/// How workers behave, as told on the command line.
pub fn workers(concurrency: usize, lease: LeaseArgs) -> worker::Options {
    let lease = Duration::from_secs(lease.lease_seconds);
    worker::Options { concurrency, lease, ..worker::Options::default() }
}

async fn wait_for_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
