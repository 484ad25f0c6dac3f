//! The work of a lookup: those who can be asked, one after the other, until one knows. What was found, its price and
//! the end of the record are committed together, so that a kill in between costs a question more, never a credit.

use super::ENRICHMENT_JOB;
use super::merge::{merge, sound, subject, wanted};
use crate::credits::{self, Charge};
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome};
use sluice_connect::enrich::{Enricher, Subject};
use sluice_model::enrichment::{Enrichment, EnrichmentField, EnrichmentStatus};
use sluice_model::{Actor, Role, Time};
use sluice_store::Tx;
use sluice_store::ops::enrichment::{enrichment_end, enrichment_next};
use sluice_store::ops::job::{job_extend, job_finish, job_note_progress};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use uuid::Uuid;

/// A lookup that is not done so long after it was asked for, in milliseconds, is not done any more.
const DEADLINE_MS: i64 = 3_600_000;
/// What a success costs.
const CREDITS: u64 = 1;

/// What is to be done next.
enum Next {
    Look { record: Box<Enrichment>, subject: Option<Subject>, can_pay: bool },
    Done,
    Lost,
}

/// How a lookup went.
enum Looked {
    Found { values: Vec<String>, by: String },
    Nothing,
    Failed(String),
    Timeout,
    Cancelled(&'static str),
}

/// Works on the records of a claimed job until none is left, the lease is lost, or it is to stop.
pub(crate) async fn run_enrichment(claimed: &Claimed<'_>) -> Result<Outcome> {
    let organisation = claimed.job.organisation.clone();
    let connected = claimed.context.connectors.of(claimed.context, &organisation).await?;
    let actor = Actor { organisation, user: String::new(), role: Role::Admin };
    loop {
        if (claimed.stopping)() {
            return Ok(Outcome::Stopped);
        }
        let (record, looked) = match next(claimed, &actor).await? {
            Next::Lost => return Ok(Outcome::Lost),
            Next::Done => return Ok(Outcome::Done),
            Next::Look { record, subject, can_pay } => {
                let looked = look(claimed, &record, subject, can_pay, &connected.enrichers).await;
                (*record, looked)
            }
        };
        if !commit(claimed, &actor, record, looked).await? {
            return Ok(Outcome::Lost);
        }
        claimed.got_on.store(true, Ordering::SeqCst);
    }
}

/// The next record of the job; when there is none the job is done.
async fn next(claimed: &Claimed<'_>, actor: &Actor) -> Result<Next> {
    let (job, lease, now) = (claimed.job.id, claimed.lease(), claimed.context.now());
    claimed
        .context
        .write(actor, move |tx| {
            Box::pin(async move {
                if !job_extend(tx, job, lease).await? {
                    return Ok(Next::Lost);
                }
                let Some(record) = enrichment_next(tx, job).await? else {
                    job_finish(tx, job, lease.owner, now).await?;
                    return Ok(Next::Done);
                };
                let subject = subject(tx, record.field, record.entity_id).await?;
                let can_pay = credits::available(tx).await?.is_none_or(|balance| balance >= CREDITS);
                Ok::<_, Error>(Next::Look { record: Box::new(record), subject, can_pay })
            })
        })
        .await
}

async fn look(
    claimed: &Claimed<'_>,
    record: &Enrichment,
    subject: Option<Subject>,
    can_pay: bool,
    enrichers: &[Arc<dyn Enricher>],
) -> Looked {
    let Some(subject) = subject else { return Looked::Cancelled("The record is gone") };
    if !can_pay {
        return Looked::Cancelled("Insufficient credits");
    }
    let left = DEADLINE_MS - (claimed.context.now().millis() - record.created_at.millis());
    let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
    if left.is_zero() {
        return Looked::Timeout;
    }
    let asked = ask_in_turn(enrichers, &subject, record.field);
    tokio::time::timeout(left, asked).await.unwrap_or(Looked::Timeout)
}

/// The waterfall: the next one is asked when one knows nothing, or does not answer.
async fn ask_in_turn(enrichers: &[Arc<dyn Enricher>], subject: &Subject, field: EnrichmentField) -> Looked {
    let mut failures = Vec::new();
    for enricher in enrichers {
        match enricher.look_up(subject, wanted(field)).await {
            Ok(findings) => {
                let values = sound(field, findings);
                if !values.is_empty() {
                    return Looked::Found { values, by: enricher.name().to_owned() };
                }
            }
            Err(error) => failures.push(format!("{}: {error}", enricher.name())),
        }
    }
    if enrichers.is_empty() {
        return Looked::Failed("Nobody can be asked: no connector of kind 'enrichment'".to_owned());
    }
    if failures.is_empty() { Looked::Nothing } else { Looked::Failed(failures.join("; ")) }
}

/// Ends the record. Returns whether the job was still ours.
async fn commit(claimed: &Claimed<'_>, actor: &Actor, record: Enrichment, looked: Looked) -> Result<bool> {
    let (job, lease, ctx) = (claimed.job.id, claimed.lease(), claimed.context.clone());
    let looked = Arc::new(looked);
    claimed
        .context
        .write(actor, move |tx| {
            Box::pin(async move {
                if !job_extend(tx, job, lease).await? {
                    return Ok(false);
                }
                let mut ended = record;
                let now = ctx.now();
                ended.updated_at = now.max(ended.updated_at);
                match &*looked {
                    Looked::Found { values, by } => {
                        let paid = pay(tx, &ctx, &ended, by).await?;
                        let merged = match paid {
                            Some(_) => merge(tx, ended.field, ended.entity_id, values.clone(), now).await?,
                            None => false,
                        };
                        match paid {
                            None => {
                                end(&mut ended, EnrichmentStatus::Cancelled, Some("Insufficient credits"))
                            }
                            Some(_) if !merged => {
                                return Err(Error::Internal("a record vanished".to_owned()));
                            }
                            Some(transaction) => {
                                ended.credit_transaction_id = transaction;
                                ended.data_found = Some(true);
                                end(&mut ended, EnrichmentStatus::Finished, None);
                            }
                        }
                    }
                    Looked::Nothing => {
                        ended.data_found = Some(false);
                        end(&mut ended, EnrichmentStatus::Finished, None);
                    }
                    Looked::Failed(text) => end(&mut ended, EnrichmentStatus::Failed, Some(text)),
                    Looked::Timeout => {
                        end(&mut ended, EnrichmentStatus::Timeout, Some("It was not done within an hour"));
                    }
                    Looked::Cancelled(text) => end(&mut ended, EnrichmentStatus::Cancelled, Some(text)),
                }
                enrichment_end(tx, &ended).await?;
                job_note_progress(tx, job).await?;
                Ok(true)
            })
        })
        .await
}

fn end(record: &mut Enrichment, status: EnrichmentStatus, error: Option<&str>) {
    record.status = status;
    record.error = error.map(str::to_owned);
}

/// Pays for a success: the transaction, if there was one; nothing when it cannot be paid for.
async fn pay(
    tx: &mut Tx<'_>,
    context: &crate::Context,
    record: &Enrichment,
    by: &str,
) -> Result<Option<Option<Uuid>>> {
    let charge = Charge {
        amount: CREDITS,
        operation_type: ENRICHMENT_JOB,
        source: by.to_owned(),
        reference_id: record.id.to_string(),
        description: Some(format!(
            "{} of {} {}",
            record.field.name(),
            record.entity_type.name(),
            record.entity_id
        )),
        metadata: None,
    };
    match credits::consume(tx, context, &charge).await {
        Ok(charged) => Ok(Some(charged.transaction())),
        Err(Error::InsufficientCredits(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Notes on the records of a job that it was given up.
pub(crate) async fn enrichment_given_up(tx: &mut Tx<'_>, job: Uuid, now: Time) -> Result<()> {
    while let Some(mut record) = enrichment_next(tx, job).await? {
        record.updated_at = now.max(record.updated_at);
        // The text may name internals: it is in the log and on the job.
        end(&mut record, EnrichmentStatus::Failed, Some("The lookup failed after several attempts"));
        enrichment_end(tx, &record).await?;
    }
    Ok(())
}
