//! Checks of runs are paid from the ledger.

use super::{Charge, available, consume};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::{self, Purse};
use async_trait::async_trait;
use sluice_model::credit::{CreditKind, CreditTransaction};
use sluice_model::raw::RawJson;
use sluice_store::ops::credit::{credit_add, credit_returned, credit_taken};
use uuid::Uuid;

/// The operation of what is given back.
const REFUND: &str = "refund";

/// The purse that is the organisation's ledger; of one that has none, nothing is asked.
pub struct Ledger;

#[async_trait]
impl Purse for Ledger {
    async fn take(
        &self,
        context: &Context,
        organisation: &str,
        charge: &evidence::Charge,
    ) -> Result<Option<Uuid>> {
        let (ctx, wanted) = (context.clone(), charge.clone());
        let taken = context.store.write(organisation, move |tx| {
            Box::pin(async move {
                let is_metered = available(tx).await?.is_some();
                let mut given_back = 0;
                loop {
                    let payment = wanted.payment(given_back);
                    let charge = of_check(&wanted, payment);
                    let is_void = is_metered
                        && credit_taken(tx, charge.operation_type, &charge.reference_id).await?.is_some()
                        && credit_returned(tx, REFUND, &charge.reference_id).await? >= charge.amount;
                    if !is_void {
                        consume(tx, &ctx, &charge).await?;
                        return Ok::<_, Error>(payment);
                    }
                    given_back += 1;
                }
            })
        });
        match taken.await {
            Ok(payment) => Ok(Some(payment)),
            Err(Error::InsufficientCredits(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn give_back(
        &self,
        context: &Context,
        organisation: &str,
        charge: &evidence::Charge,
        payment: Uuid,
        credits: u64,
    ) -> Result<()> {
        if credits == 0 {
            return Ok(());
        }
        let (ctx, charge) = (context.clone(), of_check(charge, payment));
        let given = context.store.write(organisation, move |tx| {
            Box::pin(async move {
                // Nothing is given back that was not taken, and nothing twice.
                if credit_taken(tx, charge.operation_type, &charge.reference_id).await?.is_none() {
                    return Ok(());
                }
                let returned = credit_returned(tx, REFUND, &charge.reference_id).await?;
                let due = credits.min(charge.amount).saturating_sub(returned);
                if due == 0 {
                    return Ok(());
                }
                let now = ctx.now();
                let back = CreditTransaction {
                    id: ctx.new_id(),
                    organization_id: tx.organisation().to_owned(),
                    kind: CreditKind::CreditAdded,
                    amount: due,
                    operation_type: REFUND.to_owned(),
                    source: charge.source,
                    reference_id: Some(charge.reference_id),
                    description: charge.description,
                    metadata: charge.metadata,
                    created_at: now,
                    updated_at: now,
                };
                Ok::<_, Error>(credit_add(tx, &back).await?)
            })
        });
        given.await
    }
}

/// A check as the ledger names it.
fn of_check(charge: &evidence::Charge, payment: Uuid) -> Charge {
    let reference = serde_json::json!({"referenceId": charge.reference});
    Charge {
        amount: charge.credits,
        operation_type: charge.operation,
        source: charge.source.clone(),
        reference_id: payment.to_string(),
        description: None,
        metadata: Some(RawJson::of(&reference)),
    }
}
