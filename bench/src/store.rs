//! `bench store`: the store's operations beside the bare driver with the same statements, from the same clients.

mod bare;
mod pgbench;

use crate::{machine, sample};
use anyhow::Result;
use sluice_app::system::SystemClock;
use sluice_model::time::Clock as _;
use sluice_model::{Icp, IcpCreate, Node};
use sluice_store::ops::icp::{StoredIcp, icp_get, icp_insert, icp_save};
use sluice_store::{Durability, Options, Store, StoreError};
use sluice_testdb::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// ICPs that are read and saved.
const ICPS: u64 = 1_000;
const ORGANISATION: &str = "org_bench";

#[derive(clap::Args)]
pub struct Args {
    /// Seconds per measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Who works at the same time on SQLite.
    #[arg(long, default_value_t = 64)]
    clients: u64,
    /// Connections to PostgreSQL.
    #[arg(long, default_value_t = 16)]
    connections: u64,
    /// How often each pair is measured, one after the other; the median ratio is shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

pub fn run(args: &Args) -> Result<()> {
    println!("{}; {ICPS} ICPs; rates are the median of {} rounds.\n", machine::line(), args.rounds);
    println!(
        "| database | unit of work | clients | bare driver /s | store /s | ratio |\n|---|---|---:|---:|---:|---:|"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let time = Duration::from_secs(args.seconds);
    runtime.block_on(async {
        sqlite(args, time).await?;
        postgres(args, time).await
    })
}

async fn sqlite(args: &Args, time: Duration) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sluice.db");
    let store = Store::open(Options::Sqlite { path: path.clone(), durability: Durability::Full }).await?;
    fill(&store).await?;
    let (mut reads, mut saves) = (Vec::new(), Vec::new());
    for _ in 0..args.rounds {
        reads.push((
            bare::read(&path, args.clients, time).await?,
            ours(&store, args.clients, time, false).await?,
        ));
        saves.push((
            bare::save(&path, args.clients, time).await?,
            ours(&store, args.clients, time, true).await?,
        ));
    }
    row("SQLite", "read an ICP", args.clients, reads);
    row("SQLite, `synchronous=FULL`", "read and save an ICP, with its history", args.clients, saves);
    Ok(())
}

async fn postgres(args: &Args, time: Duration) -> Result<()> {
    let server = Server::start_with(None, &[], &["fsync=on", "full_page_writes=on"])?;
    let url = server.database("bench");
    let store = Store::open(Options::Postgres { url, replica: None }).await?;
    fill(&store).await?;
    let (mut reads, mut saves) = (Vec::new(), Vec::new());
    for _ in 0..args.rounds {
        let bare = |script| pgbench::rate(&server, "bench", script, args.connections, time);
        reads.push((bare(pgbench::READ)?, ours(&store, args.connections, time, false).await?));
        saves.push((bare(pgbench::SAVE)?, ours(&store, args.connections, time, true).await?));
    }
    row("PostgreSQL", "read an ICP", args.connections, reads);
    row("PostgreSQL, `fsync=on`", "read and save an ICP, with its history", args.connections, saves);
    Ok(())
}

fn row(database: &str, unit: &str, clients: u64, mut rounds: Vec<(f64, f64)>) {
    rounds.sort_by(|a, b| (a.1 / a.0).total_cmp(&(b.1 / b.0)));
    let (bare, store) = rounds[rounds.len() / 2];
    println!("| {database} | {unit} | {clients} | {bare:.0} | {store:.0} | {:.2} |", store / bare);
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | u128::from(number % ICPS))
}

/// An ICP of a usual size.
fn icp(number: u64) -> Result<Icp> {
    let body = sample::icp(&format!("Technology leaders {number}"));
    let invalid = || anyhow::anyhow!("the ICP is invalid");
    let new = IcpCreate::read(&Node::root(&body)).map_err(|_| invalid())?;
    new.into_icp(id(number), "user_bench", SystemClock.now()).map_err(|_| invalid())
}

async fn fill(store: &Store) -> Result<()> {
    for number in 0..ICPS {
        let icp = icp(number)?;
        store
            .write::<_, StoreError, _>(ORGANISATION, move |tx| {
                Box::pin(async move { icp_insert(tx, &icp, "user_bench", &["name"]).await })
            })
            .await?;
    }
    Ok(())
}

/// Runs `unit(number)` from so many clients, and tells how many were done a second.
async fn measure<F>(
    clients: u64,
    time: Duration,
    unit: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Result<f64>
where
    F: Future<Output = Result<()>> + Send,
{
    let (done, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..clients {
        let (unit, done, stop) = (unit.clone(), done.clone(), stop.clone());
        tasks.spawn(async move {
            // Each client goes its own way through the ICPs.
            let mut number = client * 7_919;
            while !stop.load(Ordering::Relaxed) {
                unit(number).await?;
                number += 13;
                done.fetch_add(1, Ordering::Relaxed);
                // Reads on SQLite never wait: let the others have their turn.
                tokio::task::yield_now().await;
            }
            Ok::<_, anyhow::Error>(())
        });
    }
    tokio::time::sleep(time / 4).await;
    let (begun, before) = (std::time::Instant::now(), done.load(Ordering::Relaxed));
    tokio::time::sleep(time).await;
    let (after, took) = (done.load(Ordering::Relaxed), begun.elapsed());
    stop.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    Ok((after - before) as f64 / took.as_secs_f64())
}

/// The store's own operations.
async fn ours(store: &Store, clients: u64, time: Duration, save: bool) -> Result<f64> {
    let store = store.clone();
    measure(clients, time, move |number| {
        let store = store.clone();
        async move { if save { save_one(&store, number).await } else { read_one(&store, number).await } }
    })
    .await
}

async fn read_one(store: &Store, number: u64) -> Result<()> {
    let found = store
        .read::<_, StoreError, _>(ORGANISATION, move |tx| {
            Box::pin(async move { icp_get(tx, id(number)).await })
        })
        .await?;
    anyhow::ensure!(found.is_some(), "an ICP is missing");
    Ok(())
}

async fn save_one(store: &Store, number: u64) -> Result<()> {
    store
        .write::<_, anyhow::Error, _>(ORGANISATION, move |tx| {
            Box::pin(async move {
                let found = icp_get(tx, id(number)).await?;
                let StoredIcp { mut icp, version } =
                    found.ok_or_else(|| anyhow::anyhow!("an ICP is missing"))?;
                icp.leads_per_list = 1 + i64::try_from(number % 100)?;
                icp_save(tx, &StoredIcp { icp, version: version + 1 }, "user_bench", &["leadsPerList"])
                    .await?;
                Ok(())
            })
        })
        .await
}
