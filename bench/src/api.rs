//! `bench api`: the heart of the targeting API under load, over HTTP, against the real binary.

use crate::{load, machine, sample};
use anyhow::{Context as _, Result, bail};
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_app::{Context, admin, icps};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::{Actor, IcpCreate, Node, Role};
use sluice_store::{Durability, Options, Store};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// ICPs that are patched and read.
const ICPS: usize = 256;

#[derive(clap::Args)]
pub struct Args {
    /// Seconds per measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Numbers of clients.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64, 256])]
    clients: Vec<usize>,
    /// Where the data folder is made; default: the folder for temporary files.
    #[arg(long)]
    dir: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<()> {
    let data = match &args.dir {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    let (token, ids) = prepare(data.path())?;
    let server = Server::start(data.path(), &[])?;
    println!(
        "{}; a 4 KiB append with sync takes {} ms there.",
        machine::line(),
        machine::ms(machine::sync_time(data.path())?)
    );
    println!("Server and load generator share the machine; `synchronous=FULL`; {ICPS} ICPs.\n");
    println!("| request | clients | requests/s | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|");
    let time = Duration::from_secs(args.seconds);
    let ids = Arc::new(ids);
    for &clients in &args.clients {
        let (token, ids) = (token.clone(), ids.clone());
        let patch = move |client: usize, number: u64| {
            let body =
                format!("{{\"name\":\"Name {client}-{number}\",\"leadsPerList\":{}}}", 1 + number % 100);
            format!(
                "PATCH /api/v1/entities/icps/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                ids[client % ICPS],
                body.len()
            )
            .into_bytes()
        };
        row("PATCH icps/{id}", clients, &load::run(server.address, clients, time, patch)?);
    }
    for &clients in &args.clients {
        let (token, ids) = (token.clone(), ids.clone());
        let get = move |client: usize, number: u64| {
            let at = (client + usize::try_from(number).unwrap_or(0)) % ICPS;
            format!(
                "GET /api/v1/entities/icps/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n",
                ids[at]
            )
            .into_bytes()
        };
        row("GET icps/{id}", clients, &load::run(server.address, clients, time, get)?);
    }
    Ok(())
}

pub fn row(name: &str, clients: usize, measured: &load::Measured) {
    let at = |share| machine::ms(machine::percentile(&measured.latencies, share));
    let rate = machine::rate(measured.requests, measured.elapsed);
    println!("| {name} | {clients} | {rate} | {} | {} |", at(0.5), at(0.99));
}

/// Makes an organisation with an admin and ICPs of a usual size, before the server starts.
fn prepare(dir: &Path) -> Result<(String, Vec<uuid::Uuid>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = Options::Sqlite { path: dir.join("sluice.db"), durability: Durability::Process };
        let store = Store::open(options).await?;
        let catalog = Arc::new(ReferenceCatalog::new());
        let context = Context::new(store, catalog, Arc::new(SystemClock), Arc::new(SystemRandom));
        admin::create_organisation(&context, "org_bench", "Bench").await?;
        admin::create_user(&context, "org_bench", "user_bench", Role::Admin, None).await?;
        let token = admin::create_token(&context, "org_bench", "user_bench").await?;
        let actor = Actor { organisation: "org_bench".into(), user: "user_bench".into(), role: Role::Admin };
        let body = sample::icp("Technology leaders");
        let mut ids = Vec::new();
        for _ in 0..ICPS {
            let Ok(new) = IcpCreate::read(&Node::root(&body)) else {
                bail!("the benchmark's ICP is invalid")
            };
            ids.push(icps::create(&context, &actor, None, new).await?.value.id);
        }
        Ok((token, ids))
    })
}

/// The real binary, stopped when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Serves the data folder, with these further arguments.
    pub fn start(data: &Path, more: &[&str]) -> Result<Self> {
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        let built =
            Command::new(cargo).args(["build", "--release", "--quiet", "--package", "sluice"]).status()?;
        if !built.success() {
            bail!("the server does not build");
        }
        let binary = std::env::current_exe()?.with_file_name("sluice");
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no standard output")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://").context("the server did not start")?;
        Ok(Self { address: address.parse()?, child })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
