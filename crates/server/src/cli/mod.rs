//! The command line.

mod outside;

pub use outside::OutsideArgs;

use crate::commands::backup::{BackupArgs, RestoreArgs};
use crate::commands::connectors::ConnectorCommand;
use crate::commands::credits::CreditsCommand;
use crate::commands::doctor::DoctorArgs;
use crate::commands::migrate::MigrateArgs;
use crate::commands::webhooks::WebhooksCommand;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sluice_catalog::import::{Encoding, Format as ImportFormat};
use sluice_model::accounts::key::MAX_RATE;
use sluice_model::accounts::{Scope, Scopes};
use sluice_model::{EntityKind, JobState, Role, Time};
use std::net::SocketAddr;
use std::path::PathBuf;
use uuid::Uuid;

/// The open, self-hosted prospecting engine: from an Ideal Customer Profile to a lead list with reasons.
#[derive(Parser)]
#[command(name = "sluice", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// What is logged to standard error, e.g. `info` or `sluice_app=debug`.
    #[arg(long, global = true, env = "SLUICE_LOG", default_value = "warn", value_name = "FILTER")]
    pub log: String,
}

/// The folder that holds everything, but for records that are kept elsewhere.
#[derive(Args, Clone)]
pub struct DataArgs {
    /// The data folder; made when absent.
    #[arg(long = "data", env = "SLUICE_DATA", default_value = "./sluice-data", value_name = "DIR")]
    pub dir: PathBuf,
}

/// The data folder, and where records are.
#[derive(Args, Clone)]
pub struct HomeArgs {
    #[command(flatten)]
    pub folder: DataArgs,
    /// Where records are: `postgres://user:password@host/name`, 13 or later; default: SQLite in the data folder.
    #[arg(long, env = "SLUICE_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// A replica of that server, for reads that may be a little behind.
    #[arg(
        long,
        env = "SLUICE_DATABASE_REPLICA",
        hide_env_values = true,
        requires = "database",
        value_name = "URL"
    )]
    pub database_replica: Option<String>,
    #[command(flatten)]
    pub catalog: CatalogArgs,
    #[command(flatten)]
    pub outside: OutsideArgs,
}

/// Where the people and companies are that can be found.
#[derive(Args, Clone)]
pub struct CatalogArgs {
    /// Where the catalog is: `clickhouse://user:password@host,host/database?cluster=name`, all servers named; default:
    /// in the data folder.
    #[arg(long, env = "SLUICE_CATALOG", hide_env_values = true, value_name = "URL")]
    pub catalog: Option<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Sets up a sample catalog, an organisation, users and ICPs, shows a first run, then serves.
    Demo(DemoArgs),
    /// Serves the API and its page, and works on runs.
    Serve(ServeArgs),
    /// Works on runs only, beside any number of others that do.
    Worker(WorkerArgs),
    /// The queue behind the runs, over all organisations.
    Jobs {
        #[command(subcommand)]
        command: JobsCommand,
    },
    /// Organisations.
    Org {
        #[command(subcommand)]
        command: OrgCommand,
    },
    /// Users of an organisation.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Tokens for the targeting API.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Keys for the accounts API.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Outside services that an organisation uses.
    Connector {
        #[command(subcommand)]
        command: ConnectorCommand,
    },
    /// URLs of an organisation that are told of what happens.
    Webhooks {
        #[command(subcommand)]
        command: WebhooksCommand,
    },
    /// What an organisation may spend outside.
    Credits {
        #[command(subcommand)]
        command: CreditsCommand,
    },
    /// Imports companies or people into the catalog.
    Import(ImportArgs),
    /// The catalog in a cluster.
    Catalog {
        #[command(subcommand)]
        command: CatalogCommand,
    },
    /// Writes synthetic people over given companies, as NDJSON.
    Sample(SampleArgs),
    /// Checks, previews and runs ICPs from files, without a server.
    Icp {
        #[command(subcommand)]
        command: IcpCommand,
    },
    /// Shows the schema of the database, brings it up to date, or copies an installation to another database.
    Migrate(MigrateArgs),
    /// Writes a backup of the records and of the catalog, beside a running server.
    Backup(BackupArgs),
    /// Restores a backup into a new data folder.
    Restore(RestoreArgs),
    /// Checks the installation and says what to do.
    Doctor(DoctorArgs),
    /// Prints the OpenAPI document of an API.
    Openapi {
        /// Which API.
        #[arg(value_enum)]
        api: Api,
    },
    /// Prints a completion script for a shell.
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Ends after the first run.
    #[arg(long)]
    pub no_serve: bool,
    #[command(flatten)]
    pub keys: KeyArgs,
}

#[derive(Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Runs worked on at once; 0 leaves them to `sluice worker`.
    #[arg(long, visible_alias = "worker-concurrency", default_value_t = 2, value_name = "N")]
    pub workers: usize,
    /// Leaves runs, schedules and clean-up to `sluice worker`.
    #[arg(long, conflicts_with = "workers")]
    pub no_worker: bool,
    /// Seconds between a signal to stop, from which on `/readyz` says 503, and the end of accepting requests.
    #[arg(long, env = "SLUICE_DRAIN_SECONDS", default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_seconds: u64,
    #[command(flatten)]
    pub keys: KeyArgs,
    #[command(flatten)]
    pub work: WorkArgs,
}

#[derive(Args)]
pub struct WorkerArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// Runs worked on at once.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub concurrency: u16,
    /// Where to answer `/healthz` and `/readyz`; default: nowhere.
    #[arg(long, value_name = "ADDRESS")]
    pub health_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub work: WorkArgs,
}

/// How often keys may call the accounts API.
#[derive(Args, Clone, Copy)]
pub struct KeyArgs {
    /// Requests per minute of an API key that has no rate of its own; 0: without limit.
    #[arg(long, env = "SLUICE_KEY_RATE", default_value_t = 6000, value_name = "N")]
    pub key_rate: u32,
}

/// How runs are worked on.
#[derive(Args, Clone, Copy)]
pub struct WorkArgs {
    /// Seconds without a sign of life after which a run is taken from its worker, as after a crash.
    #[arg(long, visible_alias = "lease", env = "SLUICE_LEASE_SECONDS", default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub lease_seconds: u64,
    /// The most runs of one organisation at once, over all processes; default: no bound.
    #[arg(long, env = "SLUICE_PER_ORGANISATION", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub per_organisation: Option<u64>,
    /// Days for which jobs that were done, and decisions of runs whose list was deleted, are kept.
    #[arg(long, env = "SLUICE_KEEP_DAYS", default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub keep_days: u32,
}

#[derive(Subcommand)]
pub enum JobsCommand {
    /// Prints jobs, newest first: id, state, organisation, kind, attempts, time of making, and the last error, with
    /// tabs between.
    List {
        #[command(flatten)]
        data: HomeArgs,
        /// ready, running, done or dead, which is: given up.
        #[arg(long, default_value = "dead", value_parser = job_state, value_name = "STATE")]
        state: JobState,
        /// At most so many.
        #[arg(long, default_value_t = 1000, value_name = "N")]
        limit: usize,
    },
    /// Queues a job again that was given up, and prints its id. Its run goes on where it was.
    Retry {
        #[command(flatten)]
        data: HomeArgs,
        id: Uuid,
    },
}

#[derive(Subcommand)]
pub enum OrgCommand {
    /// Adds an organisation and prints its id.
    Create {
        #[command(flatten)]
        data: HomeArgs,
        /// Id, such as `org_acme`.
        #[arg(long)]
        id: String,
        /// Name for people.
        #[arg(long)]
        name: String,
    },
}

#[derive(Subcommand)]
pub enum UserCommand {
    /// Adds a user to an organisation and prints their id.
    Create {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        /// Id, such as `user_ann`.
        #[arg(long)]
        id: String,
        #[arg(long, value_parser = role, value_name = "admin|member")]
        role: Role,
        #[arg(long)]
        email: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Makes a token for a user and prints it. It is shown this once only.
    Create {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        /// The user's id.
        #[arg(long)]
        user: String,
    },
    /// Revokes a token at once.
    Revoke {
        #[command(flatten)]
        data: HomeArgs,
        /// The token, or `-` to read it from standard input.
        token: String,
    },
}

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Makes a key and prints it. It is shown this once only.
    Create {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        /// The user whose rights bound those of the key; default: nobody, and the key has its own.
        #[arg(long)]
        user: Option<String>,
        /// What it may do, with commas between, such as `accounts:read,logs:write`; default: everything.
        #[arg(long, value_parser = scopes, value_name = "SCOPES")]
        scopes: Option<Scopes>,
        /// Requests per minute; default: that of the server.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_RATE))]
        rate: Option<u32>,
        /// Name for people.
        #[arg(long)]
        name: Option<String>,
    },
    /// Revokes a key at once.
    Revoke {
        #[command(flatten)]
        data: HomeArgs,
        /// The key, or `-` to read it from standard input.
        key: String,
    },
}

#[derive(Subcommand)]
pub enum CatalogCommand {
    /// Makes the tables on every server of a ClickHouse cluster; what is there stays.
    Init {
        #[command(flatten)]
        catalog: CatalogArgs,
    },
}

#[derive(Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub catalog: CatalogArgs,
    /// What the rows are.
    #[arg(long, value_parser = kind, value_name = "company|person")]
    pub kind: EntityKind,
    /// Reads a column as a field, whatever its name; the field `-` leaves it out. May be repeated.
    #[arg(long, value_parser = pair, value_name = "COLUMN=FIELD")]
    pub map: Vec<(String, String)>,
    /// Who saw the data; default: the file's name.
    #[arg(long)]
    pub source: Option<String>,
    /// When the data was seen; default: when the file was last changed.
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub observed_at: Option<Time>,
    /// Shows how columns are understood and the first rows, and writes nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Rows between two commits: what is lost when the import is killed, and what searches see at once.
    #[arg(long, default_value_t = 200_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub commit_rows: u64,
    /// Where rows go that cannot be used; default: `<file>.rejects.csv` beside the data folder's catalog.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Takes rows from a file without reading it through first: half the reading, but what is read of a file that
    /// turns out to be cut off may stay.
    #[arg(long)]
    pub no_check: bool,
    /// How the rows are written, when neither name nor content tells: csv, ndjson, parquet or xlsx.
    #[arg(long, value_parser = import_format, value_name = "FORMAT")]
    pub format: Option<ImportFormat>,
    /// How the characters of text are written: utf-8, utf-16le, utf-16be or windows-1252; default: the bytes tell.
    #[arg(long, value_parser = encoding, value_name = "ENCODING")]
    pub encoding: Option<Encoding>,
    /// The sheet of a spreadsheet; default: the first that is shown.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// CSV, TSV, NDJSON, Parquet or XLSX, plain or compressed with gzip or zstd; a folder of such; `-` is standard
    /// input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

#[derive(Args)]
pub struct SampleArgs {
    /// How many people.
    #[arg(long, value_name = "N")]
    pub people: usize,
    /// Companies they work at, in any format that is imported.
    #[arg(long, value_name = "FILE")]
    pub companies: PathBuf,
    /// Writes the companies here as NDJSON too, with synthetic sizes and founding years where they have none: those
    /// that the people are made for.
    #[arg(long, value_name = "FILE")]
    pub companies_output: Option<PathBuf>,
    /// The day after the last observation; what people did lies before it.
    #[arg(long, value_parser = time, default_value = "2026-10-01", value_name = "TIME")]
    pub as_of: Time,
    /// The same seed gives the same people.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Where to write; `-` is standard output.
    #[arg(short, long, default_value = "-", value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Subcommand)]
pub enum IcpCommand {
    /// Checks an ICP and names every fault with its path.
    Validate {
        /// JSON, as the body of a create; `-` is standard input.
        file: PathBuf,
    },
    /// Shows the funnel and the first ten leads.
    Preview(IcpArgs),
    /// Gives the whole lead list.
    Run(IcpArgs),
}

#[derive(Args)]
pub struct IcpArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// JSON, as the body of a create; `-` is standard input.
    pub file: PathBuf,
    /// Leads wanted; default: the ICP's `leadsPerList`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=10_000))]
    pub leads: Option<i64>,
    /// How the leads are printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Honours the suppression list and the earlier lists of this organisation.
    #[arg(long)]
    pub org: Option<String>,
    /// Writes the decision on every candidate here, as NDJSON.
    #[arg(long, value_name = "FILE")]
    pub decisions: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Api {
    /// `/api/v1`.
    Targeting,
    /// `/v0`.
    Accounts,
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| "expected admin or member".to_owned())
}

fn job_state(text: &str) -> Result<JobState, String> {
    JobState::from_name(text).ok_or_else(|| format!("expected one of {}", JobState::NAMES.join(", ")))
}

fn scopes(text: &str) -> Result<Scopes, String> {
    let expected = || format!("expected some of {}", Scope::NAMES.join(", "));
    Scopes::parse(text).filter(|scopes| *scopes != Scopes::NONE).ok_or_else(expected)
}

fn kind(text: &str) -> Result<EntityKind, String> {
    EntityKind::from_name(text).ok_or_else(|| "expected company or person".to_owned())
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "expected an ISO 8601 time such as 2026-01-31T12:00:00Z".to_owned())
}

fn import_format(text: &str) -> Result<ImportFormat, String> {
    ImportFormat::of_name(&format!(".{text}"))
        .ok_or_else(|| "expected csv, ndjson, parquet or xlsx".to_owned())
}

fn encoding(text: &str) -> Result<Encoding, String> {
    let known = Encoding::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    let names = || Encoding::ALL.map(|(name, _)| name).join(", ");
    known.map(|(_, encoding)| *encoding).ok_or_else(|| format!("expected one of {}", names()))
}

pub fn pair(text: &str) -> Result<(String, String), String> {
    let (column, field) = text.split_once('=').ok_or("expected COLUMN=FIELD")?;
    Ok((column.to_owned(), field.to_owned()))
}
