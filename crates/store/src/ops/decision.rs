//! Decisions of runs.

use crate::error::StoreError;
use crate::row::{Columns, to_json};
use crate::tx::{SystemTx, Tx, exactly_one};
use crate::value::{Value, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sluice_model::decision::Source;
use sluice_model::{Decision, Stage, Time, Verdict};
use uuid::Uuid;

/// Which decisions are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    pub verdict: Option<Verdict>,
    pub stage: Option<Stage>,
    /// Id of the candidate's catalog record.
    pub candidate: Option<Uuid>,
    /// Only those after this sequence number.
    pub after: u64,
}

/// What later candidates are compared with after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionTrace {
    pub sequence: u64,
    pub candidate: Uuid,
    pub accepted: bool,
    /// Eight bytes for each identifier.
    pub keys: Vec<u8>,
}

/// A candidate that a run could not tell.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownCandidate {
    pub sequence: u64,
    pub candidate: Uuid,
    pub sources: Vec<Source>,
    /// Its record as JSON, when it was kept.
    pub record: Option<String>,
}

/// A decision as it is written out, with a record that decisions do not show.
#[derive(Serialize)]
struct WithRecord<'d, R> {
    #[serde(flatten)]
    decision: &'d Decision,
    record: &'d R,
}

/// What is read again of a decision with its record.
#[derive(Deserialize)]
struct Unknown {
    sequence: u64,
    candidate: Named,
    sources: Vec<Source>,
    #[serde(default)]
    record: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

/// A decision ready to be kept. Made before the transaction, which writing it out would hold up.
#[derive(Clone, Debug)]
pub struct NewDecision {
    sequence: u64,
    verdict: Verdict,
    stage: Stage,
    candidate: Uuid,
    keys: Vec<u8>,
    data: String,
}

impl NewDecision {
    /// A decision with the hashes of its candidate's identifiers.
    ///
    /// # Errors
    /// [`StoreError::Internal`] when it cannot be written out.
    pub fn of(decision: &Decision, keys: Vec<u8>) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: decision.sequence,
            verdict: decision.verdict,
            stage: decision.stage,
            candidate: decision.candidate.id,
            keys,
            data: to_json(decision)?,
        })
    }

    /// As [`NewDecision::of`]; the record is kept as well, for a later run that cannot find it by itself.
    ///
    /// # Errors
    /// As [`NewDecision::of`].
    pub fn with_record<R: Serialize>(
        decision: &Decision,
        keys: Vec<u8>,
        record: &R,
    ) -> Result<Self, StoreError> {
        let data = to_json(&WithRecord { decision, record })?;
        Ok(Self { data, ..Self::of(decision, keys)? })
    }
}

/// Adds decisions to a run.
///
/// # Errors
/// [`StoreError::Duplicate`] when the run has a decision of one of these sequence numbers,
/// [`StoreError::RowCount`] when the organisation has no such run.
pub async fn decision_insert(
    tx: &mut Tx<'_>,
    run: Uuid,
    decisions: Vec<NewDecision>,
) -> Result<(), StoreError> {
    let known = tx
        .query("SELECT 1 FROM run WHERE id = $1 AND organisation_id = $2", params![run, tx.organisation()])
        .await?;
    exactly_one("decision_insert", known.len())?;
    for new in decisions {
        let sql = "INSERT INTO decision (run_id, sequence, verdict, stage, candidate_id, keys, data)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (verdict, stage) = (new.verdict.name(), new.stage.name());
        let params = params![run, new.sequence, verdict, stage, new.candidate, new.keys, new.data];
        tx.execute(sql, params).await?;
    }
    Ok(())
}

/// The first `limit` decisions that fit, in the order of work. The run must be the organisation's.
pub async fn decision_list(
    tx: &mut Tx<'_>,
    run: Uuid,
    filter: DecisionFilter,
    limit: usize,
) -> Result<Vec<Decision>, StoreError> {
    let mut sql = "SELECT d.data FROM decision d JOIN run r ON r.id = d.run_id
                   WHERE d.run_id = $1 AND r.organisation_id = $2 AND d.sequence > $3"
        .to_owned();
    let mut params: Vec<Value> = vec![run.into(), tx.tenant(), filter.after.into()];
    let mut also = |column: &str, value: Option<Value>| {
        if let Some(value) = value {
            params.push(value);
            sql.push_str(&format!(" AND d.{column} = ${}", params.len()));
        }
    };
    also("verdict", filter.verdict.map(|verdict| verdict.name().into()));
    also("stage", filter.stage.map(|stage| stage.name().into()));
    also("candidate_id", filter.candidate.map(Value::from));
    params.push(limit.into());
    sql.push_str(&format!(" ORDER BY d.sequence LIMIT ${}", params.len()));
    let rows = tx.query(&sql, &params).await?;
    rows.into_iter().map(|row| Columns::of("decision", row).json("data")).collect()
}

/// The first `limit` candidates after sequence number `after` that the run could not tell, in the order of work. The run
/// must be the organisation's.
pub async fn decision_unknown(
    tx: &mut Tx<'_>,
    run: Uuid,
    after: u64,
    limit: usize,
) -> Result<Vec<UnknownCandidate>, StoreError> {
    let sql = "SELECT d.data FROM decision d JOIN run r ON r.id = d.run_id
               WHERE d.run_id = $1 AND r.organisation_id = $2 AND d.sequence > $3 AND d.verdict = $4
               ORDER BY d.sequence LIMIT $5";
    let verdict = Verdict::Unknown.name();
    let rows = tx.query(sql, params![run, tx.organisation(), after, verdict, limit]).await?;
    let read = |row| {
        let Unknown { sequence, candidate, sources, record } = Columns::of("decision", row).json("data")?;
        let record = record.map(|record| record.get().to_owned());
        Ok(UnknownCandidate { sequence, candidate: candidate.id, sources, record })
    };
    rows.into_iter().map(read).collect()
}

/// What the run considered so far, in the order of work: at most `limit` after sequence number `after`.
pub async fn decision_traces(
    tx: &mut Tx<'_>,
    run: Uuid,
    after: u64,
    limit: usize,
) -> Result<Vec<DecisionTrace>, StoreError> {
    let sql = "SELECT d.sequence, d.candidate_id, d.verdict, d.keys FROM decision d JOIN run r ON r.id = d.run_id
               WHERE d.run_id = $1 AND r.organisation_id = $2 AND d.sequence > $3 ORDER BY d.sequence LIMIT $4";
    let rows = tx.query(sql, params![run, tx.organisation(), after, limit]).await?;
    let read = |row| {
        let mut columns = Columns::of("decision", row);
        Ok(DecisionTrace {
            sequence: columns.count("sequence")?,
            candidate: columns.uuid("candidate_id")?,
            accepted: columns.named("verdict", Verdict::from_name)? == Verdict::Accepted,
            keys: columns.blob("keys")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Removes at most `limit` decisions of one run that ended at `before` or earlier and whose list was deleted, of all
/// organisations. Returns how many, and nothing when there is no such run any more.
pub async fn decision_expire(
    tx: &mut SystemTx<'_>,
    before: Time,
    limit: usize,
) -> Result<Option<usize>, StoreError> {
    let sql = "SELECT id FROM run WHERE list_deleted = 1 AND finished_at <= $1 ORDER BY finished_at LIMIT 1";
    let Some(row) = tx.query_one(sql, params![before]).await? else { return Ok(None) };
    let run = Columns::of("run", row).uuid("id")?;
    let sql = "DELETE FROM decision WHERE run_id = $1 AND sequence IN
                   (SELECT sequence FROM decision WHERE run_id = $1 ORDER BY sequence LIMIT $2)";
    let removed = tx.execute(sql, params![run, limit]).await?;
    if removed < limit {
        tx.execute("UPDATE run SET list_deleted = 2 WHERE id = $1", params![run]).await?;
    }
    Ok(Some(removed))
}
