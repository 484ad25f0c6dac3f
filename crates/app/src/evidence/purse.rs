//! The organisation's credits, as far as checks need them.

use crate::context::Context;
use crate::credits;
use crate::error::{Error, Result};
use async_trait::async_trait;
use sluice_model::credit::{CreditKind, CreditTransaction};
use sluice_store::ops::credit::{credit_add, credit_taken};
use uuid::Uuid;

/// A call that is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Tells it from every other.
    pub id: Uuid,
    /// The type of the filter: `webscraping`, `ai`, `website`.
    pub operation: &'static str,
    /// Who is called: a provider, or the name of a model.
    pub source: String,
    /// The run that it is for, or the ICP that is previewed.
    pub reference: Uuid,
    /// Never 0.
    pub credits: u64,
}

/// Pays for calls. Never used within a unit of work.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Takes the credits of a call that is about to be made. `false`, and nothing taken, when there are not as many.
    ///
    /// # Errors
    /// The store's.
    async fn take(&self, context: &Context, organisation: &str, charge: &Charge) -> Result<bool>;

    /// Gives back so many of the credits that were taken for this call: it failed, or needed less.
    ///
    /// # Errors
    /// The store's.
    async fn give_back(
        &self,
        context: &Context,
        organisation: &str,
        charge: &Charge,
        credits: u64,
    ) -> Result<()>;
}

/// Pays from the organisation's ledger of credits; who has none is not metered. Each call is a line of its own, and what
/// is given back as well.
pub struct Ledger;

#[async_trait]
impl Purse for Ledger {
    async fn take(&self, context: &Context, organisation: &str, charge: &Charge) -> Result<bool> {
        let (ctx, taken) = (
            context.clone(),
            credits::Charge {
                amount: charge.credits,
                operation_type: charge.operation,
                source: charge.source.clone(),
                reference_id: charge.id.to_string(),
                description: Some(charge.description()),
                metadata: None,
            },
        );
        let taken = context.store.write(organisation, move |tx| {
            Box::pin(async move { credits::consume(tx, &ctx, &taken).await.map(drop) })
        });
        match taken.await {
            Ok(()) => Ok(true),
            Err(Error::InsufficientCredits(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn give_back(
        &self,
        context: &Context,
        organisation: &str,
        charge: &Charge,
        credits: u64,
    ) -> Result<()> {
        let now = context.now();
        let added = CreditTransaction {
            id: context.new_id(),
            organization_id: organisation.to_owned(),
            kind: CreditKind::CreditAdded,
            amount: credits,
            operation_type: "refund".to_owned(),
            source: charge.source.clone(),
            reference_id: Some(charge.id.to_string()),
            description: Some(charge.description()),
            metadata: None,
            created_at: now,
            updated_at: now,
        };
        let operation = charge.operation;
        let give = context.store.write(organisation, move |tx| {
            Box::pin(async move {
                // Who is not metered was not charged, and has no ledger to be begun by this.
                let reference = added.reference_id.clone().unwrap_or_default();
                if credit_taken(tx, operation, &reference).await?.is_some() {
                    credit_add(tx, &added).await?;
                }
                Ok::<_, Error>(())
            })
        });
        give.await
    }
}

impl Charge {
    fn description(&self) -> String {
        format!("For {}", self.reference)
    }
}
