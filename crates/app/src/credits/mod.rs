//! Credits: what may still be spent outside. An organisation without a ledger is not metered; its first top-up begins
//! one, and from then on nothing is bought that the balance does not cover.

mod add;
mod balance;
mod history;
mod ledger;

pub use add::{add, add_for};
pub use balance::{Balance, balance};
pub use history::{CreditPage, history};
pub use ledger::Ledger;

use crate::context::Context;
use crate::error::{Error, Result};
use sluice_model::credit::{CreditKind, CreditTransaction};
use sluice_model::raw::RawJson;
use sluice_store::Tx;
use sluice_store::ops::credit::{credit_balance, credit_consume, credit_taken};
use uuid::Uuid;

/// What credits are taken for.
#[derive(Clone, Debug)]
pub struct Charge {
    pub amount: u64,
    /// What was done, such as `enrichment`.
    pub operation_type: &'static str,
    /// Who did it, such as the connector's name.
    pub source: String,
    /// What it was done for. The same operation for the same reference is paid for once.
    pub reference_id: String,
    pub description: Option<String>,
    pub metadata: Option<RawJson>,
}

/// What a charge came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// The organisation is not metered, or nothing was to be paid.
    Free,
    /// By this transaction; an earlier one when it was paid for before.
    Paid(Uuid),
}

impl Charged {
    /// The transaction that paid, if one did.
    #[must_use]
    pub const fn transaction(self) -> Option<Uuid> {
        match self {
            Self::Free => None,
            Self::Paid(id) => Some(id),
        }
    }
}

/// What the organisation can still spend; none when it is not metered.
///
/// # Errors
/// The store's.
pub async fn available(tx: &mut Tx<'_>) -> Result<Option<u64>> {
    Ok(credit_balance(tx).await?)
}

/// Fails when the organisation is metered and cannot pay so much.
///
/// # Errors
/// [`Error::InsufficientCredits`].
pub async fn require(tx: &mut Tx<'_>, amount: u64) -> Result<()> {
    match available(tx).await? {
        Some(balance) if balance < amount => Err(insufficient(amount, balance)),
        _ => Ok(()),
    }
}

/// The error of who cannot pay.
#[must_use]
pub fn insufficient(needed: u64, available: u64) -> Error {
    Error::InsufficientCredits(format!("Insufficient credits: {needed} needed, {available} available"))
}

/// Takes credits in the unit that keeps what they paid for: both are committed, or neither.
///
/// # Errors
/// [`Error::InsufficientCredits`], and nothing is taken.
pub async fn consume(tx: &mut Tx<'_>, context: &Context, charge: &Charge) -> Result<Charged> {
    if charge.amount == 0 {
        return Ok(Charged::Free);
    }
    let Some(balance) = credit_balance(tx).await? else { return Ok(Charged::Free) };
    if let Some(before) = credit_taken(tx, charge.operation_type, &charge.reference_id).await? {
        return Ok(Charged::Paid(before));
    }
    let now = context.now();
    let taken = CreditTransaction {
        id: context.new_id(),
        organization_id: tx.organisation().to_owned(),
        kind: CreditKind::CreditConsumed,
        amount: charge.amount,
        operation_type: charge.operation_type.to_owned(),
        source: charge.source.clone(),
        reference_id: Some(charge.reference_id.clone()),
        description: charge.description.clone(),
        metadata: charge.metadata.clone(),
        created_at: now,
        updated_at: now,
    };
    if credit_consume(tx, &taken).await? {
        return Ok(Charged::Paid(taken.id));
    }
    Err(insufficient(charge.amount, balance))
}
