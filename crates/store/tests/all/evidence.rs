use crate::harness::{ACME, on_each, read, write, write_system};
use crate::samples::at;
use sluice_store::ops::evidence::{StoredEvidence, evidence_expire, evidence_get, evidence_put};

fn piece(text: &str) -> StoredEvidence {
    StoredEvidence { data: text.to_owned(), created_at: at(1) }
}

#[tokio::test]
async fn evidence_is_found_by_kind_and_key_until_it_expires() {
    on_each(async |db| {
        for (kind, key, text) in [("page", 1_u8, "{}"), ("page", 2, "[2]"), ("verdict", 1, "\"…\"")] {
            let piece = piece(text);
            write!(db.store, ACME, [piece], |tx| evidence_put(tx, kind, &[key; 32], &piece, at(100)))?;
        }
        for (kind, key, now, found) in [
            ("page", 1_u8, 0, Some("{}")),
            ("page", 2, 99, Some("[2]")),
            ("verdict", 1, 99, Some("\"…\"")),
            ("verdict", 2, 0, None),
            ("visit", 1, 0, None),
            ("page", 1, 100, None),
        ] {
            let got = read!(db.store, ACME, |tx| evidence_get(tx, kind, &[key; 32], at(now)))?;
            assert_eq!(got, found.map(piece), "{kind} {key} at {now}");
        }
        let newer = StoredEvidence { data: "new".to_owned(), created_at: at(150) };
        write!(db.store, ACME, [newer], |tx| evidence_put(tx, "page", &[1; 32], &newer, at(200)))?;
        let got = read!(db.store, ACME, |tx| evidence_get(tx, "page", &[1; 32], at(160)))?;
        assert_eq!(got, Some(newer), "the newer one replaces it");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn expired_evidence_goes_a_few_at_a_time() {
    on_each(async |db| {
        for key in 1..=5_u8 {
            let (piece, end) = (piece("{}"), at(i64::from(key) * 10));
            write!(db.store, ACME, [piece], |tx| evidence_put(tx, "page", &[key; 32], &piece, end))?;
        }
        for (before, limit, removed) in [(9, 9, 0), (30, 2, 2), (30, 2, 1), (30, 2, 0)] {
            assert_eq!(write_system!(db.store, [], |tx| evidence_expire(tx, at(before), limit))?, removed);
        }
        for (key, there) in [(1_u8, false), (3, false), (4, true), (5, true)] {
            let got = read!(db.store, ACME, |tx| evidence_get(tx, "page", &[key; 32], at(0)))?;
            assert_eq!(got.is_some(), there, "{key}");
        }
        Ok(())
    })
    .await;
}
