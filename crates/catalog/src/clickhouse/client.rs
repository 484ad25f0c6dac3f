//! Questions to ClickHouse over HTTP.

use super::sql::{List, Sql};
use super::target::Target;
use crate::CatalogError;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a question may take; the servers give up a little earlier and say so.
const ANSWER: Duration = Duration::from_secs(120);
/// How long a statement that writes may take.
const WRITE: Duration = Duration::from_secs(600);
/// The longest reply that is read: a page of the largest records stays far below.
const MAX_REPLY: usize = 512 << 20;
/// Connections kept for later.
const IDLE: usize = 16;
/// For every question. The reply is complete before its first byte is sent, so that a failure is never behind a
/// status of success; a shard that is down is an error, never a smaller number; texts of filters may be long.
const ASKING: &str = "wait_end_of_query=1&skip_unavailable_shards=0&readonly=2&max_query_size=268435456\
     &max_ast_elements=10000000&max_expanded_ast_elements=10000000&max_execution_time=110";
/// For every insertion: it is on all its shards when it is answered, each shard's part in one piece.
const TELLING: &str = "wait_end_of_query=1&insert_distributed_sync=1&max_insert_block_size=1048576";

type Connection = SendRequest<Full<Bytes>>;

/// A cluster to ask. Clones share the connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    /// What tells the questions of this client from those of others.
    mark: u64,
    /// How many questions were asked; each begins at another host.
    turn: AtomicUsize,
    idle: Mutex<Vec<(String, Connection)>>,
}

/// Why a host gave no answer.
enum Failure {
    /// It cannot be reached: another may.
    Away(String),
    /// It refused, or stopped in the middle.
    Refused(String),
}

impl Client {
    pub fn new(target: Target) -> Self {
        let mark = RandomState::new().hash_one(std::process::id());
        Self { shared: Arc::new(Shared { target, mark, turn: AtomicUsize::new(0), idle: Mutex::default() }) }
    }

    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// A number that no other client has.
    pub fn mark(&self) -> u64 {
        self.shared.mark
    }

    /// Asks any server. A question that nobody waits for any longer is stopped there too.
    pub async fn ask(&self, sql: &Sql) -> Result<Bytes, CatalogError> {
        let first = self.shared.turn.fetch_add(1, Ordering::Relaxed);
        let query = format!("sluice-{:016x}-{first}", self.shared.mark);
        let mut stop = Stop { client: self.clone(), query, on: None };
        let mut path = format!("/?query_id={}&{ASKING}", stop.query);
        let (kind, body) = sql.body(&mut path);
        let hosts = &self.shared.target.hosts;
        let mut told = String::new();
        for host in (0..hosts.len()).filter_map(|number| hosts.get(first.wrapping_add(number) % hosts.len()))
        {
            stop.on = Some(host.clone());
            let reply = self.send(host, &path, kind.as_deref(), body.clone(), ANSWER, true).await;
            stop.on = None;
            match reply {
                Ok(reply) => return Ok(reply),
                Err(Failure::Away(error)) => told = error,
                Err(Failure::Refused(error)) => return Err(refused(&error)),
            }
        }
        Err(refused(&told))
    }

    /// Sends rows into a table of the cluster, or has a statement without rows insert some.
    pub async fn insert(&self, sql: &str, rows: Vec<u8>) -> Result<(), CatalogError> {
        let mut path = format!("/?{TELLING}{}", self.quorum());
        let rows = if rows.is_empty() {
            sql.as_bytes().to_vec()
        } else {
            let _ = write!(path, "&query={}", encoded(sql));
            rows
        };
        let rows = Bytes::from(rows);
        let mut told = String::new();
        for host in &self.shared.target.hosts {
            match self.send(host, &path, None, rows.clone(), WRITE, false).await {
                Ok(_) => return Ok(()),
                Err(Failure::Away(error)) => told = error,
                Err(Failure::Refused(error)) => return Err(refused(&error)),
            }
        }
        Err(refused(&told))
    }

    /// All replicas have a row before it counts, so that each of them gives the same answer.
    fn quorum(&self) -> String {
        match self.shared.target.replicas {
            1 => String::new(),
            replicas => format!("&insert_quorum={replicas}"),
        }
    }

    /// Runs a statement on one server; its answer, or what it says against it.
    pub async fn run_on(&self, host: &str, sql: &str) -> Result<Bytes, String> {
        let body = Bytes::from(sql.to_owned());
        match self.send(host, "/?wait_end_of_query=1", None, body, WRITE, false).await {
            Ok(reply) => Ok(reply),
            Err(Failure::Away(error) | Failure::Refused(error)) => Err(error),
        }
    }

    async fn send(
        &self,
        host: &str,
        path: &str,
        kind: Option<&str>,
        body: Bytes,
        limit: Duration,
        reuse: bool,
    ) -> Result<Bytes, Failure> {
        let exchange = async {
            // A connection that was kept may have been closed meanwhile: a question goes out once more then.
            while let Some(mut kept) = reuse.then(|| self.kept(host)).flatten() {
                let sent = self.exchange(&mut kept, host, path, kind, body.clone()).await;
                if let Err(Failure::Away(_)) = sent {
                    continue;
                }
                self.keep(host, kept);
                return sent;
            }
            let mut fresh = connect(host).await?;
            let reply = self.exchange(&mut fresh, host, path, kind, body.clone()).await;
            self.keep(host, fresh);
            // Whether a server that had the request acted on it is not known.
            reply.map_err(|failure| match failure {
                Failure::Away(error) if !reuse => Failure::Refused(error),
                failure => failure,
            })
        };
        match tokio::time::timeout(limit, exchange).await {
            Ok(reply) => reply,
            Err(_) => Err(Failure::Refused(format!("{host}: no answer within {} s", limit.as_secs()))),
        }
    }

    async fn exchange(
        &self,
        connection: &mut Connection,
        host: &str,
        path: &str,
        kind: Option<&str>,
        body: Bytes,
    ) -> Result<Bytes, Failure> {
        let away = |error: &dyn std::fmt::Display| Failure::Away(format!("{host}: {error}"));
        let Target { user, password, database, .. } = &self.shared.target;
        let mut request = Request::builder().method(Method::POST).uri(path);
        request = request.header("host", host).header("x-clickhouse-user", user);
        request = request.header("x-clickhouse-key", password);
        request = request.header("x-clickhouse-database", database);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let request = request.body(Full::new(body)).map_err(|error| Failure::Refused(error.to_string()))?;
        connection.ready().await.map_err(|error| away(&error))?;
        let reply = connection.send_request(request).await.map_err(|error| away(&error))?;
        let status = reply.status();
        let body = Limited::new(reply.into_body(), MAX_REPLY).collect().await;
        let body = body.map_err(|error| Failure::Refused(format!("{host}: {error}")))?.to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        let text: String = String::from_utf8_lossy(&body).chars().take(500).collect();
        Err(Failure::Refused(format!("{host}: {status}: {}", text.trim())))
    }

    fn kept(&self, host: &str) -> Option<Connection> {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, connection)| !connection.is_closed());
        let at = idle.iter().rposition(|(of, _)| of == host)?;
        Some(idle.swap_remove(at).1)
    }

    fn keep(&self, host: &str, connection: Connection) {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !connection.is_closed() && idle.len() < IDLE {
            idle.push((host.to_owned(), connection));
        }
    }
}

async fn connect(host: &str) -> Result<Connection, Failure> {
    let away = |error: &dyn std::fmt::Display| Failure::Away(format!("{host}: {error}"));
    let stream = match tokio::time::timeout(CONNECT, TcpStream::connect(host)).await {
        Ok(stream) => stream.map_err(|error| away(&error))?,
        Err(_) => return Err(away(&"no connection within 3 s")),
    };
    stream.set_nodelay(true).map_err(|error| away(&error))?;
    let (connection, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| away(&error))?;
    tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a connection to ClickHouse ended");
        }
    });
    Ok(connection)
}

/// The servers' own words go to the log: they have pieces of filters and names of hosts in them.
fn refused(error: &str) -> CatalogError {
    tracing::warn!(error, "ClickHouse gave no answer");
    CatalogError::Unavailable("the ClickHouse cluster gave no answer".to_owned())
}

/// Stops a question on its server when it is dropped while it runs.
struct Stop {
    client: Client,
    query: String,
    on: Option<String>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        let (Some(host), Ok(runtime)) = (self.on.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (client, sql) =
            (self.client.clone(), format!("KILL QUERY WHERE query_id = '{}' ASYNC", self.query));
        runtime.spawn(async move {
            if let Err(error) = client.run_on(&host, &sql).await {
                tracing::warn!(error, "cannot stop a question that nobody waits for");
            }
        });
    }
}

impl Sql {
    /// The body of a request and its content type; what else it needs is added to `path`.
    fn body(&self, path: &mut String) -> (Option<String>, Bytes) {
        if self.lists.is_empty() {
            return (None, Bytes::from(self.text.clone()));
        }
        let edge = self.edge();
        let mut body = Vec::new();
        let mut part = |name: &str, file: &str, bytes: &[u8]| {
            body.extend_from_slice(
                format!("--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        };
        part("query", "", self.text.as_bytes());
        for List { name, column, rows } in &self.lists {
            let _ = write!(path, "&{name}_format=RowBinary&{name}_structure={}", encoded(column));
            part(name, &format!("; filename=\"{name}\""), rows);
        }
        body.extend_from_slice(format!("--{edge}--\r\n").as_bytes());
        (Some(format!("multipart/form-data; boundary={edge}")), Bytes::from(body))
    }

    /// What stands between the parts of the body, and nowhere in them.
    fn edge(&self) -> String {
        let mut edge = "sluice".to_owned();
        let finds = |edge: &str, part: &[u8]| memchr::memmem::find(part, edge.as_bytes()).is_some();
        while finds(&edge, self.text.as_bytes()) || self.lists.iter().any(|list| finds(&edge, &list.rows)) {
            edge.push('-');
        }
        edge
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
