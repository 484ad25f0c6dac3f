//! Setting connectors up: admins, for their organisation.

use super::Connected;
use super::build::told;
use crate::context::Context;
use crate::error::{Error, Result};
use serde::Serialize;
use serde_json::Value;
use sluice_connect::{ConnectError, SecretString};
use sluice_model::connector::{ConnectorKind, ConnectorPut, is_name, mask};
use sluice_model::raw::RawJson;
use sluice_model::{Actor, Fault, Time};
use sluice_store::Tx;
use sluice_store::ops::audit::{AuditEntry, audit_insert};
use sluice_store::ops::connector::{
    StoredConnector, connector_delete, connector_get, connector_list, connector_put,
};
use utoipa::ToSchema;

/// Whose a connector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectorOwner {
    Organisation,
    /// Set up by the operator for all organisations. Its settings are not shown.
    Instance,
}

/// A connector as it is shown: never with its credential.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connector {
    pub name: String,
    pub kind: ConnectorKind,
    pub owner: ConnectorOwner,
    #[schema(value_type = Object)]
    pub settings: RawJson,
    /// Stars and the end of the key; null when there is none.
    #[schema(required)]
    pub api_key_masked: Option<String>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    #[schema(required)]
    pub updated_by: Option<String>,
}

/// How a test went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tested {
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

impl Tested {
    /// The outcome of a call.
    #[must_use]
    pub fn of(result: std::result::Result<(), ConnectError>) -> Self {
        let error = result.err().map(|error| error.to_string());
        Self { success: error.is_none(), error }
    }
}

/// The message for a connector that is not there.
#[must_use]
pub fn connector_not_found(name: &str) -> Error {
    Error::NotFound(format!("Connector not found: {name}"))
}

fn admins_only(actor: &Actor) -> Result<()> {
    if actor.is_admin() {
        return Ok(());
    }
    Err(Error::Forbidden("Only admins set up connectors".to_owned()))
}

fn shown(stored: StoredConnector) -> Connector {
    Connector {
        name: stored.name,
        kind: stored.kind,
        owner: ConnectorOwner::Organisation,
        settings: stored.settings,
        api_key_masked: stored.masked,
        created_at: Some(stored.created_at),
        updated_at: Some(stored.updated_at),
        updated_by: Some(stored.updated_by),
    }
}

fn shown_default(name: String, kind: ConnectorKind) -> Connector {
    Connector {
        name,
        kind,
        owner: ConnectorOwner::Instance,
        settings: RawJson::of(&Value::Object(serde_json::Map::new())),
        api_key_masked: None,
        created_at: None,
        updated_at: None,
        updated_by: None,
    }
}

/// The connectors that the organisation can use: its own, oldest first, then those of the installation. Admins only.
///
/// # Errors
/// Forbidden.
pub async fn list(context: &Context, actor: &Actor) -> Result<Vec<Connector>> {
    admins_only(actor)?;
    let rows: Vec<StoredConnector> =
        context.read(actor, |tx| Box::pin(async move { Ok::<_, Error>(connector_list(tx).await?) })).await?;
    let mut out: Vec<Connector> = rows.into_iter().map(shown).collect();
    let own = out.len();
    for (name, kind) in context.connectors.defaults() {
        let hidden = out.iter().take(own).any(|connector| connector.name == name);
        if !hidden {
            out.push(shown_default(name, kind));
        }
    }
    Ok(out)
}

/// Sets a connector up, or changes it. Without a key in `put` the one it has stays, as long as it goes where it went.
/// Admins only.
///
/// # Errors
/// Forbidden; [`Error::NotFound`] for a name that is none; [`Error::Invalid`].
pub async fn put(context: &Context, actor: &Actor, name: &str, put: ConnectorPut) -> Result<Connector> {
    if !is_name(name) {
        return Err(connector_not_found(name));
    }
    admins_only(actor)?;
    if put.kind == ConnectorKind::Crm {
        // It comes with a mirror of its contacts, which has to be filled.
        let fault =
            Fault::new(vec!["kind".into()], "A CRM is connected by PUT /api/v1/operations/crm/settings");
        return Err(Error::Invalid(vec![fault]));
    }
    ConnectorPut::check_name(put.kind, name).map_err(|fault| Error::Invalid(vec![fault]))?;
    let (by, ctx, name) = (actor.clone(), context.clone(), name.to_owned());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let before = connector_get(tx, &name).await?;
                let (secret, masked) = credential(&ctx, &by, &name, &put, before.as_ref())?;
                let key = plain_key(&ctx, &by, &name, &put, before.as_ref())?;
                let usable = ctx.connectors.check(&name, put.kind, &put.settings, key);
                usable.map_err(|error| Error::Invalid(vec![unusable(error, &put)]))?;
                let now = ctx.now();
                let stored = StoredConnector {
                    name,
                    kind: put.kind,
                    settings: RawJson::of(&Value::Object(put.settings)),
                    secret,
                    masked,
                    revision: ctx.new_id(),
                    created_at: before.as_ref().map_or(now, |before| before.created_at),
                    updated_at: before.map_or(now, |before| now.max(before.updated_at)),
                    updated_by: by.user.clone(),
                };
                connector_put(tx, &stored).await?;
                note(tx, &by, "connector.put", &stored.name, now).await?;
                Ok(shown(stored))
            })
        })
        .await
}

/// The sealed credential of a connector after a change, and how it is shown.
fn credential(
    context: &Context,
    actor: &Actor,
    name: &str,
    put: &ConnectorPut,
    before: Option<&StoredConnector>,
) -> Result<(Option<Vec<u8>>, Option<String>)> {
    let required = |text: &str| Error::Invalid(vec![Fault::new(vec!["apiKey".into()], text)]);
    match &put.api_key {
        Some(Some(key)) => {
            let secret = SecretString::from(key.expose().to_owned());
            let sealed = context.vault()?.seal(&*context.random, &actor.organisation, name, &secret)?;
            Ok((Some(sealed), Some(mask(key.expose()))))
        }
        None if before.is_some_and(|before| before.secret.is_some()) => {
            let goes_on = before.is_some_and(|before| {
                before.kind == put.kind && where_to(&before.settings.to_value()) == where_to_put(put)
            });
            if !goes_on {
                // Or whoever may change settings could have a key sent to themselves.
                return Err(required("Required: a key is kept only while it goes to the same place"));
            }
            Ok(before.map(|before| (before.secret.clone(), before.masked.clone())).unwrap_or_default())
        }
        _ if put.kind.needs_key() => Err(required("Required")),
        _ => Ok((None, None)),
    }
}

/// The credential that a connector will have after a change.
fn plain_key(
    context: &Context,
    actor: &Actor,
    name: &str,
    put: &ConnectorPut,
    before: Option<&StoredConnector>,
) -> Result<Option<SecretString>> {
    if let Some(key) = &put.api_key {
        return Ok(key.as_ref().map(|key| SecretString::from(key.expose().to_owned())));
    }
    let Some(sealed) = before.and_then(|before| before.secret.as_ref()) else { return Ok(None) };
    let opened = context.vault()?.open(&actor.organisation, name, sealed);
    let closed = |_| {
        let text = "Required: the key that is kept cannot be opened";
        Error::Invalid(vec![Fault::new(vec!["apiKey".into()], text)])
    };
    opened.map(Some).map_err(closed)
}

/// Why a connector could not be used, at the field that is to blame.
fn unusable(error: ConnectError, put: &ConnectorPut) -> Fault {
    let text = told(error);
    match text.split_once(": ") {
        Some(("key" | "apiKey", why)) => Fault::new(vec!["apiKey".into()], format!("Required: {why}")),
        Some((setting, why)) if put.settings.contains_key(setting) => {
            Fault::new(vec!["settings".into(), setting.into()], why)
        }
        _ => Fault::new(vec!["settings".into()], text),
    }
}

/// What decides where a key is sent.
fn where_to(settings: &Value) -> [Option<Value>; 3] {
    ["baseUrl", "provider", "dialect"].map(|name| settings.get(name).cloned())
}

fn where_to_put(put: &ConnectorPut) -> [Option<Value>; 3] {
    ["baseUrl", "provider", "dialect"].map(|name| put.settings.get(name).cloned())
}

/// Removes a connector with its credential. Admins only.
///
/// # Errors
/// Forbidden, not found; [`Error::Conflict`] for the CRM.
pub async fn remove(context: &Context, actor: &Actor, name: &str) -> Result<()> {
    admins_only(actor)?;
    if name == ConnectorKind::Crm.name() {
        let text = "A CRM is disconnected by DELETE /api/v1/operations/crm/settings";
        return Err(Error::Conflict(text.to_owned()));
    }
    let (by, name, now) = (actor.clone(), name.to_owned(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                if !connector_delete(tx, &name).await? {
                    return Err(connector_not_found(&name));
                }
                note(tx, &by, "connector.remove", &name, now).await
            })
        })
        .await
}

/// Makes a light call that needs valid credentials. Admins only.
///
/// # Errors
/// Forbidden, not found; [`Error::Conflict`] for a kind that has no light call.
pub async fn test(context: &Context, actor: &Actor, name: &str) -> Result<Tested> {
    admins_only(actor)?;
    let wanted = name.to_owned();
    let row = context
        .read(actor, move |tx| Box::pin(async move { Ok::<_, Error>(connector_get(tx, &wanted).await?) }))
        .await?;
    let default = || context.connectors.defaults().into_iter().find(|(known, _)| known == name);
    let kind = row.map(|row| row.kind).or_else(|| default().map(|(_, kind)| kind));
    let kind = kind.ok_or_else(|| connector_not_found(name))?;
    let connected = context.connectors.of(context, &actor.organisation).await?;
    if let Some(text) = connected.unusable.get(name) {
        return Ok(Tested { success: false, error: Some(text.clone()) });
    }
    call(&connected, kind, name).await
}

async fn call(connected: &Connected, kind: ConnectorKind, name: &str) -> Result<Tested> {
    let unused = || Error::Conflict(format!("Connector '{name}' is not in use"));
    let result = match kind {
        ConnectorKind::Enrichment => {
            let enricher = connected.enrichers.iter().find(|enricher| enricher.name() == name);
            enricher.ok_or_else(unused)?.test().await
        }
        ConnectorKind::Leads => connected.lead_providers.get(name).ok_or_else(unused)?.test().await,
        ConnectorKind::Crm => connected.crm.as_ref().ok_or_else(unused)?.test().await,
        ConnectorKind::Firecrawl
        | ConnectorKind::BrowserUse
        | ConnectorKind::Model
        | ConnectorKind::Chromium => {
            let text = format!("A connector of kind '{}' has no call that costs nothing", kind.name());
            return Err(Error::Conflict(text));
        }
    };
    Ok(Tested::of(result))
}

async fn note(tx: &mut Tx<'_>, by: &Actor, action: &str, name: &str, at: Time) -> Result<()> {
    let entry =
        AuditEntry { user: by.user.clone(), action: action.to_owned(), entity_id: name.to_owned(), at };
    Ok(audit_insert(tx, &entry).await?)
}
