use crate::harness::{ACME, assert_fails, on_each, read, write};
use crate::samples::{at, company, person};
use sluice_store::StoreError;
use sluice_store::ops::record::{company_get, company_insert, person_get, person_get_many, person_insert};
use sluice_store::ops::record_change::{company_save, person_save};

#[tokio::test]
async fn people_and_companies_are_written_anew() {
    on_each(async |db| {
        let store = &db.store;
        let mut acme = company(1);
        write!(store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        let mut ann = person(2);
        ann.person.company_id = Some(acme.id);
        write!(store, ACME, [ann], |tx| person_insert(tx, &ann, &[]))?;
        acme.summary = Some("Makes anvils.".to_owned());
        acme.updated_at = Some(at(5));
        write!(store, ACME, [acme], |tx| company_save(tx, &acme))?;
        ann.person.phones = vec!["+4930123456".to_owned()];
        ann.company = Some(acme.clone());
        write!(store, ACME, [ann], |tx| person_save(tx, &ann))?;
        let acme_id = acme.id;
        assert_eq!(read!(store, ACME, |tx| company_get(tx, acme_id))?, Some(acme));
        let id = ann.person.id;
        assert_eq!(read!(store, ACME, |tx| person_get(tx, id))?, Some(ann.clone()));
        let many = read!(store, ACME, |tx| person_get_many(tx, &[acme_id, id, id]))?;
        assert_eq!(many, [ann.clone()]);
        let (nobody, nothing) = (person(8), company(9));
        let saved = write!(store, ACME, [nobody], |tx| person_save(tx, &nobody));
        assert_fails!(saved, StoreError::RowCount { operation: "person_save", rows: 0 });
        let saved = write!(store, ACME, [nothing], |tx| company_save(tx, &nothing));
        assert_fails!(saved, StoreError::RowCount { operation: "company_save", rows: 0 });
        Ok(())
    })
    .await;
}
