//! Clients that look names up in a table, and servers that do one thing.

use sluice_connect::http::{HostLimits, Resolver};
use sluice_connect::{Client, ClientOptions};
use sluice_fakes::Server;
use sluice_fakes::axum::Router;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Names by table; a name with several answers gives them in turn, the last one for ever.
#[derive(Debug)]
pub struct Names(Mutex<HashMap<String, Vec<IpAddr>>>);

#[async_trait::async_trait]
impl Resolver for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(name).ok_or_else(|| io::Error::other("no such name"))?;
        Ok(vec![if answers.len() > 1 { answers.remove(0) } else { answers[0] }])
    }
}

pub fn names(table: &[(&str, &str)]) -> Arc<Names> {
    let mut names: HashMap<String, Vec<IpAddr>> = HashMap::new();
    for (name, address) in table {
        names.entry((*name).to_owned()).or_default().push(address.parse().unwrap());
    }
    Arc::new(Names(Mutex::new(names)))
}

pub fn client(options: ClientOptions, names: Arc<dyn Resolver>) -> Client {
    Client::with_resolver(options, names).unwrap()
}

/// Options for tests: nobody waits long.
pub fn quick() -> ClientOptions {
    let limits = HostLimits {
        at_once: 8,
        per_second: 10_000,
        burst: 10_000,
        failures: 1000,
        pause: Duration::from_secs(30),
    };
    ClientOptions {
        allowed_for_pages: true,
        backoff: Duration::from_millis(1),
        page_limits: limits,
        service_limits: limits,
        ..ClientOptions::default()
    }
}

/// A client that may call this server, and looks up no name.
pub fn client_of(server: &Server) -> Client {
    client(ClientOptions { allowed: vec![server.address()], ..quick() }, names(&[]))
}

pub async fn text_server(text: &'static str) -> Server {
    Server::start(Router::new().fallback(move || async move { text })).await.unwrap()
}
