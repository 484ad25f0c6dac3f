//! Credits: the budget of what costs money outside.

use crate::fault::{Fault, Faults, Node};
use crate::names::names;
use crate::raw::RawJson;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most credits that are added at once.
pub const MAX_CREDITS: i64 = 1_000_000_000;

/// Which way credits went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    CreditAdded,
    CreditConsumed,
}

names!(CreditKind { CreditAdded = "credit_added", CreditConsumed = "credit_consumed" });

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditTransaction {
    pub id: Uuid,
    pub organization_id: String,
    #[serde(rename = "type")]
    pub kind: CreditKind,
    /// Never negative: `type` tells which way.
    #[schema(minimum = 1)]
    pub amount: u64,
    /// What they were for, such as `enrichment`; `top_up` for those that were added.
    pub operation_type: String,
    /// Who supplied it, such as the connector's name.
    pub source: String,
    /// What it was for, such as the id of an enrichment. Nothing is paid for twice.
    #[schema(required)]
    pub reference_id: Option<String>,
    #[schema(required)]
    pub description: Option<String>,
    #[schema(required)]
    pub metadata: Option<RawJson>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

/// Credits to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredits {
    pub amount: u64,
    /// Why, for people.
    pub description: Option<String>,
}

impl NewCredits {
    /// Reads `{amount, description?}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut amount, mut description) = (None, Some(None));
        let read = node.object(&mut faults, &["amount"], |key, child, faults| {
            match key {
                "amount" => amount = child.integer(faults, 1, MAX_CREDITS),
                "description" => {
                    description =
                        child.nullable(faults, |node, faults| node.text(faults, 1, 1_000).map(str::to_owned));
                }
                _ => return false,
            }
            true
        });
        let new = || Some(Self { amount: u64::try_from(amount?).ok()?, description: description? });
        faults.finish(read.and_then(|()| new()))
    }
}
