//! The distributed engine, on a cluster of two shards.

mod alike;
mod imports;
mod writing;

use sluice_catalog::ClickHouseCatalog;
use sluice_testdb::clickhouse::Cluster;

/// A cluster of two shards and an empty catalog in it.
async fn start() -> (Cluster, ClickHouseCatalog) {
    let cluster = Cluster::start(2).expect("a ClickHouse cluster for the tests");
    let catalog = open(&cluster, "people").await;
    (cluster, catalog)
}

/// An empty catalog in a database of its own.
async fn open(cluster: &Cluster, database: &str) -> ClickHouseCatalog {
    let catalog = ClickHouseCatalog::new(&cluster.url(database)).expect("the cluster's URL");
    catalog.init().await.expect("tables");
    catalog
}
