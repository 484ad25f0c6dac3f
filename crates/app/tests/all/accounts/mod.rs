//! The accounts API below HTTP: races, merges, pages while rows are written, and the bridge from targeting. Each test
//! ends with the checker: what is counted is what is there.

mod bridge;
mod checker;
mod identity;
mod merging;
mod paging;
mod racing;

use crate::stage::Stage;
use serde_json::{Value, json};
use sluice_app::accounts::{account, account_log, keys, prospect_log};
use sluice_app::{Context, Result, admin};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_model::Node;
use sluice_model::accounts::{
    Account, AccountLogReceipt, KeyActor, NewAccount, NewAccountLog, NewApiKey, NewProspectLog,
    ProspectLogReceipt, Scopes,
};
use sluice_model::raw::RawJson;
use std::sync::Arc;

/// The application with an organisation, and a key that may do everything.
struct Office {
    stage: Stage,
    key: KeyActor,
}

impl Office {
    async fn new() -> Self {
        let stage = Stage::on(Arc::new(ReferenceCatalog::default())).await;
        admin::create_organisation(&stage.context, "org_acme", "Acme").await.expect("an organisation");
        let key = key(&stage.context, "org_acme").await;
        Self { stage, key }
    }

    fn context(&self) -> &Context {
        &self.stage.context
    }

    async fn log(&self, body: Value) -> Result<(bool, ProspectLogReceipt)> {
        prospect_log::create(self.context(), &self.key, prospect_log_of(body)).await
    }

    async fn account_log(&self, body: Value) -> Result<(bool, AccountLogReceipt)> {
        let payload = RawJson::of(&body["payload"]);
        let new = NewAccountLog::read(&Node::root(&body), Some(payload)).expect("a log");
        account_log::create(self.context(), &self.key, new).await
    }

    async fn account(&self, domain: &str) -> Account {
        let new = NewAccount { domain: domain.to_owned(), name: None };
        account::create(self.context(), &self.key, new).await.expect("an account").1
    }
}

pub async fn key(context: &Context, organisation: &str) -> KeyActor {
    let new = NewApiKey { name: None, scopes: Scopes::ALL, rate_per_minute: None };
    let made = keys::create_for(context, organisation, None, new).await.expect("a key");
    keys::authenticate(context, &made.key).await.expect("a valid key")
}

/// A log with this body; source and payload are filled in.
pub fn prospect_log_of(mut body: Value) -> NewProspectLog {
    let fields = body.as_object_mut().expect("an object");
    fields.entry("source").or_insert_with(|| json!("test"));
    fields.entry("payload").or_insert_with(|| json!({"n": 1}));
    let payload = RawJson::of(&body["payload"]);
    NewProspectLog::read(&Node::root(&body), Some(payload))
        .unwrap_or_else(|faults| panic!("{body}: {faults:?}"))
}
