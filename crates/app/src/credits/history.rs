use crate::{Context, Result};
use serde::Serialize;
use sluice_model::credit::CreditTransaction;
use sluice_model::{Actor, Time};
use sluice_store::ops::credit::credit_history;
use utoipa::ToSchema;

/// A part of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditPage {
    /// Newest first.
    pub transactions: Vec<CreditTransaction>,
    /// How many there are in the span of time, on all pages.
    pub count: u64,
}

/// Lines of the ledger from `start` to before `end`.
///
/// # Errors
/// The store's.
pub async fn history(
    context: &Context,
    actor: &Actor,
    span: (Option<Time>, Option<Time>),
    limit: usize,
    offset: usize,
) -> Result<CreditPage> {
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let (transactions, count) = credit_history(tx, span, limit, offset).await?;
                Ok(CreditPage { transactions, count })
            })
        })
        .await
}
