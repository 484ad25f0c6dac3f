//! What an organisation has connected, when some of it cannot be used.

use crate::ahead::few_companies;
use crate::stage::Stage;
use serde_json::{Value, json};
use sluice_app::connectors::{self, Stored, Tested, Way};
use sluice_app::runs;
use sluice_app::vault::Vault;
use sluice_connect::{Client, ClientOptions};
use sluice_model::connector::{ConnectorDefault, ConnectorKind};
use sluice_model::raw::RawJson;
use sluice_model::run::GenerateRequest;
use sluice_model::{Actor, Node};
use sluice_store::StoreError;
use sluice_store::ops::connector::{StoredConnector, connector_put};
use std::sync::Arc;

/// A connector as an older version of the program may have stored it.
async fn store(
    stage: &Stage,
    actor: &Actor,
    (name, kind, settings): (&str, ConnectorKind, Value),
    secret: Option<&[u8]>,
) {
    let now = stage.context.now();
    let stored = StoredConnector {
        name: name.to_owned(),
        kind,
        settings: RawJson::of(&settings),
        secret: secret.map(<[u8]>::to_vec),
        masked: None,
        revision: stage.context.new_id(),
        created_at: now,
        updated_at: now,
        updated_by: "user_admin".to_owned(),
    };
    let write = stage.context.store.write(&actor.organisation, move |tx| {
        Box::pin(async move { Ok::<_, StoreError>(connector_put(tx, &stored).await?) })
    });
    write.await.expect("it is stored");
}

#[tokio::test]
async fn what_cannot_be_used_is_told_and_hinders_nothing_else() {
    let mut stage = Stage::on(few_companies(5)).await;
    let defaults = json!({"connectors": {
        "model": {"kind": "model", "settings": {"dialect": "ollama", "model": "m"}},
    }});
    let defaults = ConnectorDefault::read_all(&Node::root(&defaults), |_| Err("no key".to_owned()));
    let client = Client::new(ClientOptions::default()).expect("a client");
    let stored = Stored::new(Way::new(client), defaults.expect("valid"));
    stage.context =
        stage.context.clone().with_vault(Vault::new(&[[7; 32]])).with_connectors(Arc::new(stored));
    let actor = stage.organisation("org_acme").await;
    let model = json!({"dialect": "anthropic", "model": "m"});
    store(&stage, &actor, ("model", ConnectorKind::Model, model), None).await;
    let finder = json!({"baseUrl": "https://finder.example"});
    store(&stage, &actor, ("finder", ConnectorKind::Enrichment, finder.clone()), None).await;
    store(&stage, &actor, ("locked", ConnectorKind::Enrichment, finder), Some(b"not sealed")).await;

    let connected = stage.context.connectors.of(&stage.context, &actor.organisation).await.expect("the rest");
    assert!(connected.model.is_none(), "that of the installation does not take its place");
    assert_eq!(connected.enrichers.len(), 1);
    let unusable: Vec<_> =
        connected.unusable.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let locked = "its credential cannot be opened: set it anew";
    assert_eq!(unusable, [("locked", locked), ("model", "key: this dialect needs one")]);

    let icp = json!({
        "name": "Judged",
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
        "customFilterCriteria": [{"type": "ai", "entityType": "person", "prompt": "Q"}],
    });
    let icp = stage.icp(&actor, &icp).await;
    let refused = runs::generate(&stage.context, &actor, None, icp.id, GenerateRequest::default()).await;
    let error = refused.expect_err("there is no model").to_string();
    assert_eq!(error, "Missing connector: model (key: this dialect needs one)");
    for (name, text) in [("locked", locked), ("model", "key: this dialect needs one")] {
        let tested = connectors::test(&stage.context, &actor, name).await.expect("a test");
        assert_eq!(tested, Tested { success: false, error: Some(text.to_owned()) });
    }
}
