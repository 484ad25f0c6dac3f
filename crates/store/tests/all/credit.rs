use crate::harness::{ACME, assert_fails, on_each, read, write};
use crate::samples::{at, credits, id};
use sluice_model::credit::CreditKind::{CreditAdded, CreditConsumed};
use sluice_store::StoreError;
use sluice_store::ops::credit::{
    credit_add, credit_balance, credit_consume, credit_history, credit_returned, credit_taken,
};

#[tokio::test]
async fn the_balance_is_the_sum_of_the_ledger_and_never_negative() {
    on_each(async |db| {
        let store = &db.store;
        let early = credits(1, CreditConsumed, 1);
        assert!(!write!(store, ACME, [early], |tx| credit_consume(tx, &early))?, "no ledger was begun");
        assert_eq!(read!(store, ACME, |tx| credit_balance(tx))?, None);
        let (first, second) = (credits(2, CreditAdded, 5), credits(3, CreditAdded, 2));
        write!(store, ACME, [first], |tx| credit_add(tx, &first))?;
        write!(store, ACME, [second], |tx| credit_add(tx, &second))?;
        let (third, fourth) = (credits(4, CreditConsumed, 6), credits(5, CreditConsumed, 2));
        assert!(write!(store, ACME, [third], |tx| credit_consume(tx, &third))?);
        assert!(!write!(store, ACME, [fourth], |tx| credit_consume(tx, &fourth))?, "one is left");
        assert_eq!(read!(store, ACME, |tx| credit_balance(tx))?, Some(1));
        let all = read!(store, ACME, |tx| credit_history(tx, (None, None), 9, 0))?;
        assert_eq!(all, (vec![third.clone(), second.clone(), first], 3));
        let some = read!(store, ACME, |tx| credit_history(tx, (Some(at(3)), Some(at(4))), 9, 0))?;
        assert_eq!(some, (vec![second.clone()], 1));
        let page = read!(store, ACME, |tx| credit_history(tx, (None, None), 1, 1))?;
        assert_eq!(page, (vec![second], 3));
        assert_eq!(read!(store, ACME, |tx| credit_taken(tx, "enrichment", "4"))?, Some(id(4)));
        assert_eq!(read!(store, ACME, |tx| credit_taken(tx, "enrichment", "5"))?, None);
        let mut again = credits(6, CreditConsumed, 1);
        again.reference_id = third.reference_id;
        let twice = write!(store, ACME, [again], |tx| credit_consume(tx, &again));
        assert_fails!(twice, StoreError::Duplicate(_));
        assert_eq!(
            read!(store, ACME, |tx| credit_balance(tx))?,
            Some(1),
            "the unit that failed left nothing"
        );
        for number in [7, 8] {
            let mut refund = credits(number, CreditAdded, number);
            refund.operation_type = "refund".to_owned();
            refund.reference_id = Some("4".to_owned());
            write!(store, ACME, [refund], |tx| credit_add(tx, &refund))?;
        }
        assert_eq!(read!(store, ACME, |tx| credit_returned(tx, "refund", "4"))?, 15);
        assert_eq!(read!(store, ACME, |tx| credit_returned(tx, "refund", "5"))?, 0);
        assert_eq!(read!(store, ACME, |tx| credit_returned(tx, "enrichment", "4"))?, 0);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_take_no_more_than_there_is() {
    on_each(async |db| {
        let top_up = credits(1, CreditAdded, 10);
        write!(db.store, ACME, [top_up], |tx| credit_add(tx, &top_up))?;
        let mut takers = Vec::new();
        for number in 10..50 {
            // Half of them as another process.
            let store = if number % 2 == 0 { db.store.clone() } else { db.second_handle().await? };
            takers.push(tokio::spawn(async move {
                let taken = credits(number, CreditConsumed, 1);
                write!(store, ACME, [taken], |tx| credit_consume(tx, &taken))
            }));
        }
        let mut paid = 0;
        for taker in takers {
            paid += u64::from(taker.await.expect("no panic")?);
        }
        assert_eq!(paid, 10);
        assert_eq!(read!(db.store, ACME, |tx| credit_balance(tx))?, Some(0));
        let (lines, count) = read!(db.store, ACME, |tx| credit_history(tx, (None, None), 99, 0))?;
        let sum = |kind| lines.iter().filter(|line| line.kind == kind).map(|line| line.amount).sum::<u64>();
        assert_eq!((count, sum(CreditAdded), sum(CreditConsumed)), (11, 10, 10));
        Ok(())
    })
    .await;
}
