//! Serving until told to stop: first softly (requests finish, jobs are handed back), then hard.

use crate::cli::WorkArgs;
use crate::home::Home;
use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::serve::ListenerExt as _;
use sluice_api::{RateLimit, accounts, targeting};
use sluice_app::{Context, Stop, worker};
use sluice_ui::Api;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

/// How long requests and jobs may take to finish after a signal to stop.
const SOFT: Duration = Duration::from_secs(25);

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

/// How the API is served.
pub struct Serving {
    pub workers: worker::Options,
    /// Requests per minute of a key without a rate of its own.
    pub key_rate: u32,
    /// For how long requests are accepted after a signal to stop.
    pub drain: Duration,
}

/// Serves the API and works on runs until a signal says stop.
pub async fn serve(home: &Home, listener: TcpListener, serving: Serving) -> Result<()> {
    let mut signals = Signals::listen()?;
    let address = listener.local_addr()?;
    let router = router(&home.context, RateLimit::per_minute(serving.key_rate))?;
    let worker = worker::start(&home.context, serving.workers);
    let server = Listening::start(listener, router);
    println!("listening on http://{address}");
    std::io::stdout().flush()?;
    signals.next().await;
    tracing::info!("stopping");
    let drain = serving.drain;
    soft_stop(&home.context, signals, worker, drain + SOFT, async move {
        tokio::time::sleep(drain).await;
        server.stop().await
    })
    .await
}

/// Works on runs until a signal says stop, and tells on `health` how it does.
pub async fn work(home: &Home, health: Option<TcpListener>, workers: worker::Options) -> Result<()> {
    let mut signals = Signals::listen()?;
    let worker = worker::start(&home.context, workers);
    let mut server = None;
    if let Some(listener) = health {
        eprintln!("health on http://{}", listener.local_addr()?);
        server = Some(Listening::start(listener, sluice_api::health::router(home.context.clone())));
    }
    eprintln!("working on runs");
    signals.next().await;
    tracing::info!("stopping");
    soft_stop(&home.context, signals, worker, SOFT, async move {
        match server {
            Some(server) => server.stop().await,
            None => Ok(()),
        }
    })
    .await
}

/// Hands jobs back at once and lets requests finish. A second signal, or too much time, ends it hard.
async fn soft_stop(
    context: &Context,
    mut signals: Signals,
    worker: worker::Handle,
    patience: Duration,
    server: impl Future<Output = Result<()>>,
) -> Result<()> {
    // Readiness says so from now on, and streams that would go on for ever end with the server.
    context.stop.begin();
    let soft = async { tokio::join!(worker.stop(), server).1 };
    tokio::select! {
        ended = soft => ended,
        () = tokio::time::sleep(patience) => bail!("stopped hard: requests or jobs did not finish in time"),
        () = signals.next() => bail!("stopped hard by a second signal"),
    }
}

/// A server that accepts requests until it is stopped.
struct Listening {
    task: JoinHandle<std::io::Result<()>>,
    stop: Stop,
}

impl Listening {
    fn start(listener: TcpListener, router: Router) -> Self {
        let stop = Stop::default();
        let soft = stop.clone();
        // Replies are small: waiting for more to send would only delay them.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move { soft.begun().await });
        Self { task: tokio::spawn(async move { serve.await }), stop }
    }

    /// Accepts no more and waits for the requests in flight.
    async fn stop(self) -> Result<()> {
        self.stop.begin();
        Ok(self.task.await??)
    }
}

/// How workers behave, as told on the command line.
pub fn workers(concurrency: usize, work: WorkArgs) -> worker::Options {
    worker::Options {
        concurrency,
        lease: Duration::from_secs(work.lease_seconds),
        per_organisation: work.per_organisation,
        keep_days: work.keep_days,
        ..worker::Options::default()
    }
}

/// The signals to stop, heard from the making of this on: none is lost between two waits.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
