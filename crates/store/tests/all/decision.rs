use crate::harness::{ACME, Check, assert_fails, on_each, read, write};
use crate::samples::{decision, id, run};
use serde_json::json;
use sluice_model::{Decision, Stage, Verdict};
use sluice_store::ops::decision::{
    DecisionFilter, DecisionTrace, NewDecision, UnknownCandidate, decision_insert, decision_list,
    decision_traces, decision_unknown,
};
use sluice_store::ops::run::run_insert;
use sluice_store::{Store, StoreError};

async fn some_decisions(store: &Store) -> Check {
    let run = run(1, id(50));
    write!(store, ACME, [run], |tx| run_insert(tx, &run, "{}"))?;
    for (sequence, verdict, stage) in [
        (2_u64, Verdict::Dropped, Stage::Rules),
        (1, Verdict::Accepted, Stage::Accept),
        (4, Verdict::Unknown, Stage::Evidence),
        (3, Verdict::Dropped, Stage::Caps),
        (5, Verdict::Accepted, Stage::Accept),
    ] {
        let keys = vec![sequence.to_le_bytes()[0]; 16];
        let new = vec![NewDecision::of(&decision(sequence, verdict, stage), keys)?];
        write!(store, ACME, [new], |tx| decision_insert(tx, id(1), new))?;
    }
    Ok(())
}

#[tokio::test]
async fn decisions_come_in_the_order_of_work_and_as_filtered() {
    on_each(async |db| {
        some_decisions(&db.store).await?;
        let any = DecisionFilter::default();
        let dropped = DecisionFilter { verdict: Some(Verdict::Dropped), ..any };
        let cases: [(DecisionFilter, usize, &[u64]); 8] = [
            (any, 10, &[1, 2, 3, 4, 5]),
            (any, 2, &[1, 2]),
            (DecisionFilter { after: 2, ..any }, 2, &[3, 4]),
            (DecisionFilter { after: 5, ..any }, 2, &[]),
            (dropped, 10, &[2, 3]),
            (DecisionFilter { stage: Some(Stage::Caps), ..dropped }, 10, &[3]),
            (DecisionFilter { candidate: Some(id(1_004)), ..any }, 10, &[4]),
            (DecisionFilter { candidate: Some(id(1_004)), ..dropped }, 10, &[]),
        ];
        for (filter, limit, expected) in cases {
            let found = read!(db.store, ACME, |tx| decision_list(tx, id(1), filter, limit))?;
            let sequences: Vec<u64> = found.iter().map(|decision| decision.sequence).collect();
            assert_eq!(sequences, expected, "{filter:?}");
        }
        let first = read!(db.store, ACME, |tx| decision_list(tx, id(1), any, 1))?;
        assert_eq!(first, [decision(1, Verdict::Accepted, Stage::Accept)]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_sequence_number_is_used_once_and_only_in_a_run() {
    on_each(async |db| {
        some_decisions(&db.store).await?;
        let new = |sequence| NewDecision::of(&decision(sequence, Verdict::Accepted, Stage::Accept), vec![]);
        let both = vec![new(6)?, new(3)?];
        let taken = write!(db.store, ACME, [both], |tx| decision_insert(tx, id(1), both));
        assert_fails!(taken, StoreError::Duplicate(_));
        let after = DecisionFilter { after: 5, ..DecisionFilter::default() };
        assert_eq!(read!(db.store, ACME, |tx| decision_list(tx, id(1), after, 9))?, []);
        let again = vec![new(3)?];
        let nowhere = write!(db.store, ACME, [again], |tx| decision_insert(tx, id(2), again));
        assert_fails!(nowhere, StoreError::RowCount { operation: "decision_insert", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn traces_hold_what_later_candidates_are_compared_with() {
    on_each(async |db| {
        some_decisions(&db.store).await?;
        let all = read!(db.store, ACME, |tx| decision_traces(tx, id(1), 0, 10))?;
        assert_eq!(all.iter().map(|trace| trace.sequence).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let accepted: Vec<u64> =
            all.iter().filter(|trace| trace.accepted).map(|trace| trace.sequence).collect();
        assert_eq!(accepted, [1, 5]);
        let page = read!(db.store, ACME, |tx| decision_traces(tx, id(1), 3, 1))?;
        let expected =
            DecisionTrace { sequence: 4, candidate: id(1_004), accepted: false, keys: vec![4; 16] };
        assert_eq!(page, [expected]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn unknown_candidates_come_with_the_record_that_was_kept() {
    on_each(async |db| {
        some_decisions(&db.store).await?;
        let kept = decision(6, Verdict::Unknown, Stage::Evidence);
        let record = json!({"firstName": "Ann", "deep": [{"er": null}], "number": 1.5});
        let new = vec![NewDecision::with_record(&kept, vec![6; 8], &record)?];
        write!(db.store, ACME, [new], |tx| decision_insert(tx, id(1), new))?;
        let unknown = |sequence, record| {
            let Decision { candidate, sources, .. } = decision(sequence, Verdict::Unknown, Stage::Evidence);
            UnknownCandidate { sequence, candidate: candidate.id, sources, record }
        };
        let (plain, with_record) = (unknown(4, None), unknown(6, Some(record.to_string())));
        for (after, limit, expected) in [
            (0, 10, vec![plain.clone(), with_record.clone()]),
            (0, 1, vec![plain]),
            (4, 10, vec![with_record]),
            (6, 10, vec![]),
        ] {
            assert_eq!(read!(db.store, ACME, |tx| decision_unknown(tx, id(1), after, limit))?, expected);
        }
        // Nobody else sees the record.
        let filter = DecisionFilter { after: 5, ..DecisionFilter::default() };
        assert_eq!(read!(db.store, ACME, |tx| decision_list(tx, id(1), filter, 9))?, [kept]);
        Ok(())
    })
    .await;
}
