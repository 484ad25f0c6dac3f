//! Where the catalog is: in the data folder, or in a cluster.

use crate::cli::CatalogArgs;
use crate::home::CATALOG;
use anyhow::{Context as _, Result, ensure};
use sluice_catalog::clickhouse::Target;
use sluice_catalog::{Catalog, ClickHouseCatalog, EmbeddedCatalog, Writer};
use std::path::Path;
use std::sync::Arc;

/// The catalog of an installation.
#[derive(Clone)]
pub enum Engine {
    Embedded(Arc<EmbeddedCatalog>),
    ClickHouse(ClickHouseCatalog),
}

impl Engine {
    /// Opens the catalog that the arguments name, else the one of the data folder.
    pub fn open(dir: &Path, args: &CatalogArgs) -> Result<Self> {
        if let Some(cluster) = cluster(args)? {
            return Ok(Self::ClickHouse(cluster));
        }
        let path = dir.join(CATALOG);
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        let catalog =
            EmbeddedCatalog::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self::Embedded(Arc::new(catalog)))
    }

    /// What searches go to.
    pub fn searched(&self) -> Arc<dyn Catalog> {
        match self {
            Self::Embedded(catalog) => catalog.clone(),
            Self::ClickHouse(catalog) => Arc::new(catalog.clone()),
        }
    }

    /// What imports go to. Blocks.
    pub fn writer(&self) -> Result<Box<dyn Writer>> {
        Ok(match self {
            Self::Embedded(catalog) => Box::new(catalog.writer()?),
            Self::ClickHouse(catalog) => Box::new(catalog.writer()?),
        })
    }
}

/// The cluster that the arguments name, if they name one.
pub fn cluster(args: &CatalogArgs) -> Result<Option<ClickHouseCatalog>> {
    let Some(url) = &args.catalog else { return Ok(None) };
    // Not by clap, which would show the URL with its password.
    ensure!(Target::is_meant(url), "the catalog's URL must begin with clickhouse://");
    Ok(Some(ClickHouseCatalog::new(url)?))
}
