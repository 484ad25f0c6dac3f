use crate::harness::{ACME, on_each, read, write};
use crate::samples::{at, connector, id};
use sluice_store::ops::connector::{connector_delete, connector_get, connector_list, connector_put};

#[tokio::test]
async fn a_connector_comes_back_changes_and_goes() {
    on_each(async |db| {
        let first = connector("leadsource", 2);
        let second = connector("another", 1);
        for stored in [&first, &second] {
            write!(db.store, ACME, [stored], |tx| connector_put(tx, &stored))?;
        }
        assert_eq!(read!(db.store, ACME, |tx| connector_get(tx, "leadsource"))?, Some(first.clone()));
        assert_eq!(read!(db.store, ACME, |tx| connector_get(tx, "Leadsource"))?, None);
        assert_eq!(read!(db.store, ACME, |tx| connector_list(tx))?, [second.clone(), first.clone()]);
        let mut changed = first.clone();
        changed.secret = None;
        changed.masked = None;
        changed.revision = id(77);
        changed.updated_at = at(9);
        changed.updated_by = "user_bob".to_owned();
        // When it was made does not change.
        let mut written = changed.clone();
        written.created_at = at(9);
        write!(db.store, ACME, [written], |tx| connector_put(tx, &written))?;
        assert_eq!(read!(db.store, ACME, |tx| connector_list(tx))?, [second, changed]);
        assert!(write!(db.store, ACME, [], |tx| connector_delete(tx, "leadsource"))?);
        assert!(!write!(db.store, ACME, [], |tx| connector_delete(tx, "leadsource"))?);
        assert_eq!(read!(db.store, ACME, |tx| connector_list(tx))?.len(), 1);
        Ok(())
    })
    .await;
}
