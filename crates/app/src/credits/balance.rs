use crate::{Context, Result};
use serde::Serialize;
use sluice_model::Actor;
use sluice_store::ops::credit::credit_balance;
use utoipa::ToSchema;

/// What an organisation can still spend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// The sum of the ledger; never negative.
    pub balance: u64,
    pub organization_id: String,
    /// Whether a ledger was begun. If not, nothing is refused for want of credits.
    pub metered: bool,
}

/// The organisation's balance.
///
/// # Errors
/// The store's.
pub async fn balance(context: &Context, actor: &Actor) -> Result<Balance> {
    let organization_id = actor.organisation.clone();
    context
        .read(actor, move |tx| {
            Box::pin(async move {
                let balance = credit_balance(tx).await?;
                let metered = balance.is_some();
                Ok(Balance { balance: balance.unwrap_or_default(), organization_id, metered })
            })
        })
        .await
}
