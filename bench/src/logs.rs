//! `bench logs`: logs of prospects as they come in, and pages of a long activity, over HTTP against the real binary.

use crate::api::{Server, row};
use crate::{load, machine};
use anyhow::Result;
use sluice_app::accounts::{account, keys};
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_app::{Context, admin};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::accounts::{AccountId, Cursor, ListKind, LogContent, NewAccount, NewApiKey, Scopes, ulid};
use sluice_model::raw::RawJson;
use sluice_store::ops::account::account_count_log;
use sluice_store::ops::activity::{Subject, activity_insert};
use sluice_store::{Durability, Options, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const ORGANISATION: &str = "org_bench";
const DOMAIN: &str = "long.example";
/// Prospects that half of the logs are about.
const KNOWN: u64 = 1_000;
/// Logs written in one unit of work when the long activity is made.
const BATCH: usize = 10_000;

#[derive(clap::Args)]
pub struct Args {
    /// Seconds per measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Numbers of clients.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64, 256])]
    clients: Vec<usize>,
    /// Logs of the account whose activity is read.
    #[arg(long, default_value_t = 1_000_000)]
    logs: usize,
    /// Where the data folder is made; default: the folder for temporary files.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// What was made before the server starts.
struct Prepared {
    key: String,
    account: AccountId,
    /// The logs' 26 characters, oldest first.
    logs: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let data = match &args.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    let prepared = prepare(data.path(), args.logs)?;
    let bytes = machine::size(data.path())?;
    let server = Server::start(data.path(), &["--key-rate", "0"])?;
    println!(
        "{}; a 4 KiB append with sync takes {} ms there.",
        machine::line(),
        machine::ms(machine::sync_time(data.path())?)
    );
    println!(
        "Server and load generator share the machine; `synchronous=FULL`; half of the logs are about one of {KNOWN} \
         prospects, half about somebody new; the activity has {} logs, 20 a page.\n",
        args.logs
    );
    println!("They take {} bytes each in the database.\n", bytes / args.logs.max(1) as u64);
    println!("| request | clients | requests/s | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|");
    let time = Duration::from_secs(args.seconds);
    for (name, query) in pages(&prepared.logs) {
        let target = format!("/v0/accounts/{}/activity?{query}", prepared.account);
        let request = format!("GET {target} HTTP/1.1\r\nHost: bench\r\nx-api-key: {}\r\n\r\n", prepared.key)
            .into_bytes();
        let get = move |_: usize, _: u64| request.clone();
        row(&format!("GET activity, {name}"), 1, &load::run(server.address, 1, time, get)?);
    }
    for &clients in &args.clients {
        let key = prepared.key.clone();
        let post = move |client: usize, number: u64| {
            let who = match number % 2 {
                0 => format!("known-{}", (number / 2 + client as u64 * 31) % KNOWN),
                _ => format!("new-{clients}-{client}-{number}"),
            };
            let body = format!(
                "{{\"source\":\"bench\",\"type\":\"page-view\",\"email\":\"{who}@acme.example\",\
                 \"payload\":{{\"path\":\"/pricing\",\"seconds\":{number}}}}}"
            );
            format!(
                "POST /v0/prospect_logs HTTP/1.1\r\nHost: bench\r\nx-api-key: {key}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        };
        row("POST prospect_logs", clients, &load::run(server.address, clients, time, post)?);
    }
    Ok(())
}

/// The first, the middle and the last page of the activity, by offset and by cursor, as queries.
fn pages(logs: &[String]) -> Vec<(&'static str, String)> {
    let cursor = |behind: usize| {
        let anchor = logs.last().cloned().unwrap_or_default();
        let id = logs.len().checked_sub(behind + 1).and_then(|at| logs.get(at)).cloned().unwrap_or_default();
        format!("cursor={}", Cursor { anchor, latest: String::new(), id }.to_text(ListKind::Activity))
    };
    let (middle, last) = (logs.len() / 2, logs.len().saturating_sub(21));
    vec![
        ("first page", "offset=0".to_owned()),
        ("middle page, offset", format!("offset={middle}")),
        ("last page, offset", format!("offset={last}")),
        ("middle page, cursor", cursor(middle)),
        ("last page, cursor", cursor(last)),
    ]
}

fn prepare(dir: &Path, logs: usize) -> Result<Prepared> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = Options::Sqlite { path: dir.join("sluice.db"), durability: Durability::Process };
        let store = Store::open(options).await?;
        let catalog = Arc::new(ReferenceCatalog::new());
        let context = Context::new(store, catalog, Arc::new(SystemClock), Arc::new(SystemRandom));
        admin::create_organisation(&context, ORGANISATION, "Bench").await?;
        let new = NewApiKey { name: None, scopes: Scopes::ALL, rate_per_minute: None };
        let key = keys::create_for(&context, ORGANISATION, None, new).await?.key;
        let caller = keys::authenticate(&context, &key).await?;
        let new = NewAccount { domain: DOMAIN.to_owned(), name: None };
        let account = account::create(&context, &caller, new).await?.1.account_id;
        // In the past, so that what comes over HTTP is newer.
        let begin = context.now().plus_days(-1);
        let ids: Vec<String> = (0..logs).map(|number| ulid::encode(begin, number as u128)).collect();
        for batch in ids.chunks(BATCH) {
            write(&context, &account, batch.to_vec()).await?;
        }
        Ok(Prepared { key, account, logs: ids })
    })
}

async fn write(context: &Context, account: &AccountId, ids: Vec<String>) -> Result<(), StoreError> {
    let subject = Subject::Account(account.clone());
    let content = LogContent {
        source: "bench".to_owned(),
        kind: "page-view".to_owned(),
        payload: RawJson::of(&serde_json::json!({"path": "/pricing", "seconds": 12})),
        idempotency_key: None,
        request_hash: None,
    };
    context
        .store
        .write(ORGANISATION, move |tx| {
            Box::pin(async move {
                for id in &ids {
                    activity_insert(tx, id, &subject, Some(DOMAIN), &content).await?;
                    account_count_log(tx, DOMAIN, id, true).await?;
                }
                Ok(())
            })
        })
        .await
}
