//! Checks of runs are paid from the ledger.

use super::{Charge, consume};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::{self, Purse};
use async_trait::async_trait;
use sluice_model::credit::{CreditKind, CreditTransaction};
use sluice_model::raw::RawJson;
use sluice_store::ops::credit::{credit_add, credit_taken};

/// The purse that is the organisation's ledger; of one that has none, nothing is asked.
pub struct Ledger;

#[async_trait]
impl Purse for Ledger {
    async fn take(&self, context: &Context, organisation: &str, charge: &evidence::Charge) -> Result<bool> {
        let (ctx, charge) = (context.clone(), of_check(charge));
        let taken = context
            .store
            .write(organisation, move |tx| Box::pin(async move { consume(tx, &ctx, &charge).await }));
        match taken.await {
            Ok(_) => Ok(true),
            Err(Error::InsufficientCredits(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn give_back(
        &self,
        context: &Context,
        organisation: &str,
        charge: &evidence::Charge,
        credits: u64,
    ) -> Result<()> {
        if credits == 0 {
            return Ok(());
        }
        let (ctx, charge) = (context.clone(), of_check(charge));
        let given = context.store.write(organisation, move |tx| {
            Box::pin(async move {
                // Nothing is given back that was not taken.
                if credit_taken(tx, charge.operation_type, &charge.reference_id).await?.is_none() {
                    return Ok(());
                }
                let now = ctx.now();
                let back = CreditTransaction {
                    id: ctx.new_id(),
                    organization_id: tx.organisation().to_owned(),
                    kind: CreditKind::CreditAdded,
                    amount: credits.min(charge.amount),
                    operation_type: "refund".to_owned(),
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
fn of_check(charge: &evidence::Charge) -> Charge {
    let reference = serde_json::json!({"referenceId": charge.reference});
    Charge {
        amount: charge.credits,
        operation_type: charge.operation,
        source: charge.source.clone(),
        reference_id: charge.id.to_string(),
        description: None,
        metadata: Some(RawJson::of(&reference)),
    }
}
