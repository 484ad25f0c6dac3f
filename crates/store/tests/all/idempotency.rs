use crate::harness::{ACME, OTHER, on_each, read, write, write_system};
use crate::samples::at;
use sluice_store::ops::idempotency::{KeptAnswer, idempotency_expire, idempotency_get, idempotency_put};

fn answer(number: u8) -> KeptAnswer {
    KeptAnswer { request_hash: vec![number; 32], response: format!(r#"{{"number":{number}}}"#) }
}

#[tokio::test]
async fn an_answer_is_kept_for_its_user_and_key() {
    on_each(async |db| {
        let (first, second) = (answer(1), answer(2));
        write!(db.store, ACME, [first], |tx| idempotency_put(tx, "user_ann", "k", &first, at(100)))?;
        write!(db.store, ACME, [second], |tx| idempotency_put(tx, "user_bob", "k", &second, at(100)))?;
        for (user, key, expected) in
            [("user_ann", "k", Some(first)), ("user_bob", "k", Some(second)), ("user_ann", "l", None)]
        {
            assert_eq!(read!(db.store, ACME, |tx| idempotency_get(tx, user, key, at(0)))?, expected);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_answer_expires_is_replaced_and_is_cleaned_away() {
    on_each(async |db| {
        let (first, second) = (answer(1), answer(2));
        write!(db.store, ACME, [first], |tx| idempotency_put(tx, "user_ann", "k", &first, at(100)))?;
        for (since, kept) in [(99, true), (100, false), (101, false)] {
            let found = read!(db.store, ACME, |tx| idempotency_get(tx, "user_ann", "k", at(since)))?;
            assert_eq!(found.is_some(), kept, "younger than {since}");
        }
        write!(db.store, ACME, [second], |tx| idempotency_put(tx, "user_ann", "k", &second, at(200)))?;
        write!(db.store, ACME, [first], |tx| idempotency_put(tx, "user_ann", "old", &first, at(100)))?;
        let found = read!(db.store, ACME, |tx| idempotency_get(tx, "user_ann", "k", at(150)))?;
        assert_eq!(found, Some(second));
        write!(db.store, OTHER, [first], |tx| idempotency_put(tx, "user_ann", "old", &first, at(90)))?;
        assert_eq!(write_system!(db.store, [], |tx| idempotency_expire(tx, at(89), 9))?, 0);
        assert_eq!(write_system!(db.store, [], |tx| idempotency_expire(tx, at(100), 1))?, 1, "the older one");
        assert!(read!(db.store, ACME, |tx| idempotency_get(tx, "user_ann", "old", at(0)))?.is_some());
        assert_eq!(write_system!(db.store, [], |tx| idempotency_expire(tx, at(100), 9))?, 1);
        assert_eq!(read!(db.store, ACME, |tx| idempotency_get(tx, "user_ann", "old", at(0)))?, None);
        assert!(read!(db.store, ACME, |tx| idempotency_get(tx, "user_ann", "k", at(0)))?.is_some());
        Ok(())
    })
    .await;
}
