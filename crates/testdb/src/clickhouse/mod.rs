//! A ClickHouse cluster for tests: one server per shard, each with a folder and loopback ports of its own, gone with
//! the process that started them.

mod shard;

use shard::{Ports, Shard};
use std::io::Result;

/// The user of the servers and their password.
pub const USER: &str = "sluice";
pub const PASSWORD: &str = "secret";
/// The name of the cluster in the servers' settings.
pub const CLUSTER: &str = "test";

/// Running servers, one per shard, without replicas: these need a ZooKeeper.
#[derive(Debug)]
pub struct Cluster {
    shards: Vec<Shard>,
}

impl Cluster {
    /// Starts a cluster and waits until all its servers answer.
    ///
    /// # Errors
    /// When ClickHouse is not installed, or a server does not start.
    pub fn start(shards: usize) -> Result<Self> {
        let ports = (0..shards).map(|_| Ports::free()).collect::<Result<Vec<_>>>()?;
        let started = (0..shards).map(|number| Shard::start(number, &ports));
        let cluster = Self { shards: started.collect::<Result<_>>()? };
        cluster.shards.iter().try_for_each(Shard::wait_until_ready)?;
        Ok(cluster)
    }

    /// The address of each server, for HTTP.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        self.shards.iter().map(Shard::host).collect()
    }

    /// Where a catalog in this database of the cluster is to be found.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("clickhouse://{USER}:{PASSWORD}@{}/{database}?cluster={CLUSTER}", self.hosts().join(","))
    }

    /// Runs SQL on a server behind the back of who else uses it.
    ///
    /// # Panics
    /// When there is no such shard, or it refuses.
    pub fn run(&self, number: usize, sql: &str) {
        self.shards[number].post(sql).expect("the server takes it");
    }

    /// Ends a server as a crash does; its files stay.
    ///
    /// # Panics
    /// When there is no such shard, or its folder cannot be written.
    pub fn stop_shard(&mut self, number: usize) {
        self.shards[number].stop();
    }

    /// Starts a server that was stopped, and waits until it answers.
    ///
    /// # Errors
    /// When it does not start.
    ///
    /// # Panics
    /// When there is no such shard.
    pub fn start_shard(&mut self, number: usize) -> Result<()> {
        self.shards[number].run()?;
        self.shards[number].wait_until_ready()
    }
}
