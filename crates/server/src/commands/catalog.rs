//! `sluice catalog`.

use crate::cli::CatalogCommand;
use crate::engine;
use anyhow::{Context as _, Result};

pub async fn run(command: CatalogCommand) -> Result<()> {
    match command {
        CatalogCommand::Init { catalog } => {
            let cluster = engine::cluster(&catalog)?.context(
                "name the cluster: --catalog clickhouse://USER:PASSWORD@HOST,HOST/DATABASE?cluster=NAME",
            )?;
            cluster.init().await?;
            eprintln!("the tables are on every server");
            Ok(())
        }
    }
}
