use crate::harness::{ACME, assert_fails, on_each, read, write};
use crate::samples::{at, enrichment, id};
use sluice_model::enrichment::{EnrichmentField, EnrichmentStatus};
use sluice_store::StoreError;
use sluice_store::ops::enrichment::{
    enrichment_end, enrichment_insert, enrichment_newest, enrichment_next, enrichment_pending,
};
use std::collections::HashMap;

const JOB: u64 = 90;

#[tokio::test]
async fn a_record_waits_for_its_job_and_ends_once() {
    on_each(async |db| {
        let store = &db.store;
        let (first, second) = (enrichment(1, id(11)), enrichment(2, id(12)));
        for new in [&first, &second] {
            write!(store, ACME, [new], |tx| enrichment_insert(tx, &new, id(JOB)))?;
        }
        let twice = enrichment(3, id(11));
        let refused = write!(store, ACME, [twice], |tx| enrichment_insert(tx, &twice, id(JOB)));
        assert_fails!(refused, StoreError::Duplicate(_));
        assert_eq!(read!(store, ACME, |tx| enrichment_pending(tx))?, 2);
        assert_eq!(read!(store, ACME, |tx| enrichment_next(tx, id(JOB)))?, Some(first.clone()));
        assert_eq!(read!(store, ACME, |tx| enrichment_next(tx, id(91)))?, None);

        let mut ended = first.clone();
        ended.status = EnrichmentStatus::Finished;
        ended.data_found = Some(true);
        ended.credit_transaction_id = Some(id(5));
        ended.updated_at = at(9);
        write!(store, ACME, [ended], |tx| enrichment_end(tx, &ended))?;
        let again = write!(store, ACME, [ended], |tx| enrichment_end(tx, &ended));
        assert_fails!(again, StoreError::RowCount { operation: "enrichment_end", rows: 0 });
        assert_eq!(read!(store, ACME, |tx| enrichment_next(tx, id(JOB)))?, Some(second.clone()));
        let refused = write!(store, ACME, [twice], |tx| enrichment_insert(tx, &twice, id(JOB)));
        assert_fails!(refused, StoreError::Duplicate(_));

        let mut failed = second.clone();
        failed.status = EnrichmentStatus::Failed;
        failed.error = Some("no answer".to_owned());
        write!(store, ACME, [failed], |tx| enrichment_end(tx, &failed))?;
        let anew = enrichment(4, id(12));
        write!(store, ACME, [anew], |tx| enrichment_insert(tx, &anew, id(JOB)))?;
        let ids = [id(11), id(12), id(13)];
        let newest = read!(store, ACME, |tx| enrichment_newest(tx, EnrichmentField::Emails, &ids))?;
        assert_eq!(newest, HashMap::from([(id(11), ended), (id(12), anew)]));
        let phones = read!(store, ACME, |tx| enrichment_newest(tx, EnrichmentField::Phones, &ids))?;
        assert!(phones.is_empty());
        Ok(())
    })
    .await;
}
