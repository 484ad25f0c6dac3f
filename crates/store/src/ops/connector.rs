//! What an organisation has connected: settings, and credentials as sealed bytes.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::Tx;
use crate::value::params;
use sluice_model::Time;
use sluice_model::connector::ConnectorKind;
use sluice_model::raw::RawJson;
use uuid::Uuid;

const COLUMNS: &str =
    "SELECT name, kind, settings, secret, masked, revision, created_at, updated_at, updated_by FROM connector
     WHERE organisation_id = $1";

/// A connector of an organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredConnector {
    pub name: String,
    pub kind: ConnectorKind,
    /// A JSON object.
    pub settings: RawJson,
    /// The credential, sealed.
    pub secret: Option<Vec<u8>>,
    /// The credential as it may be shown.
    pub masked: Option<String>,
    /// New at each change.
    pub revision: Uuid,
    pub created_at: Time,
    pub updated_at: Time,
    pub updated_by: String,
}

fn read(row: Row) -> Result<StoredConnector, StoreError> {
    let mut columns = Columns::of("connector", row);
    Ok(StoredConnector {
        name: columns.text("name")?,
        kind: columns.named("kind", ConnectorKind::from_name)?,
        settings: columns.raw_json("settings")?,
        secret: columns.optional_blob("secret")?,
        masked: columns.optional_text("masked")?,
        revision: columns.uuid("revision")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
        updated_by: columns.text("updated_by")?,
    })
}

/// Adds a connector, or replaces the one of that name but for the time it was made.
pub async fn connector_put(tx: &mut Tx<'_>, stored: &StoredConnector) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO connector (organisation_id, name, kind, settings, secret, masked, revision, created_at,
                   updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (organisation_id, name) DO UPDATE SET kind = excluded.kind,
                   settings = excluded.settings, secret = excluded.secret, masked = excluded.masked,
                   revision = excluded.revision, updated_at = excluded.updated_at,
                   updated_by = excluded.updated_by";
    let params = params![
        tx.organisation(),
        stored.name.as_str(),
        stored.kind.name(),
        stored.settings.as_str(),
        stored.secret.clone(),
        stored.masked.as_deref(),
        stored.revision,
        stored.created_at,
        stored.updated_at,
        stored.updated_by.as_str()
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Looks a connector up.
pub async fn connector_get(tx: &mut Tx<'_>, name: &str) -> Result<Option<StoredConnector>, StoreError> {
    let sql = [COLUMNS, " AND name = $2"].concat();
    tx.query_one(&sql, params![tx.organisation(), name]).await?.map(read).transpose()
}

/// All connectors of the organisation, oldest first.
pub async fn connector_list(tx: &mut Tx<'_>) -> Result<Vec<StoredConnector>, StoreError> {
    let sql = [COLUMNS, " ORDER BY created_at, name"].concat();
    tx.query(&sql, params![tx.organisation()]).await?.into_iter().map(read).collect()
}

/// Removes a connector with its credential. Returns whether there was one.
pub async fn connector_delete(tx: &mut Tx<'_>, name: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM connector WHERE organisation_id = $1 AND name = $2";
    Ok(tx.execute(sql, params![tx.organisation(), name]).await? == 1)
}
