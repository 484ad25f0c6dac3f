use crate::harness::{ACME, on_each, read, write};
use crate::samples::at;
use sluice_store::ops::audit::{AuditEntry, audit_insert, audit_list};

#[tokio::test]
async fn the_trail_is_read_backwards() {
    on_each(async |db| {
        let entry = |number: i64| AuditEntry {
            user: "user_ann".to_owned(),
            action: "icp.delete".to_owned(),
            entity_id: number.to_string(),
            // The clock went back: the order is that of writing.
            at: at(10 - number),
        };
        for number in 1..=3 {
            let entry = entry(number);
            write!(db.store, ACME, [entry], |tx| audit_insert(tx, &entry))?;
        }
        assert_eq!(read!(db.store, ACME, |tx| audit_list(tx, 2))?, [entry(3), entry(2)]);
        assert_eq!(read!(db.store, ACME, |tx| audit_list(tx, 9))?.len(), 3);
        Ok(())
    })
    .await;
}
