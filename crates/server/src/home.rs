//! The data folder and what lives in it.

use anyhow::{Context as _, Result};
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_app::{Context, Error};
use sluice_catalog::embedded::EmbeddedCatalog;
use sluice_store::{Durability, Options, Store};
use std::path::Path;
use std::sync::Arc;

/// An opened data folder.
pub struct Home {
    pub context: Context,
    pub catalog: Arc<EmbeddedCatalog>,
}

/// Opens the data folder and makes it when it is absent. Works beside a running server.
pub async fn open(dir: &Path) -> Result<Home> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the data folder {}", dir.display()))?;
    let options = Options { path: dir.join("sluice.db"), durability: Durability::Full };
    let store = Store::open(options)
        .await
        .with_context(|| format!("cannot open {}", dir.join("sluice.db").display()))?;
    let catalog = open_catalog(dir)?;
    let context = Context::new(store, catalog.clone(), Arc::new(SystemClock), Arc::new(SystemRandom));
    Ok(Home { context, catalog })
}

/// Opens only the catalog of the data folder.
pub fn open_catalog(dir: &Path) -> Result<Arc<EmbeddedCatalog>> {
    let path = dir.join("catalog");
    std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
    let catalog = EmbeddedCatalog::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Arc::new(catalog))
}

/// An error for the person at the terminal: faults one a line, causes in brackets.
pub fn explain(error: &anyhow::Error) -> String {
    if let Some(Error::Invalid(faults)) = error.downcast_ref::<Error>() {
        let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        return format!("invalid\n{}", lines.join("\n"));
    }
    format!("{error:#}")
}
