use crate::{Context, Result, access};
use serde::Serialize;
use sluice_model::{Actor, Decision};
use sluice_store::ops::decision::{DecisionFilter, decision_list};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of decisions.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecisionPage {
    /// In the order of work.
    pub items: Vec<Decision>,
    /// To be sent as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// The decisions of a run, in the order of work.
///
/// # Errors
/// Not found, or forbidden.
pub async fn decisions(
    context: &Context,
    actor: &Actor,
    run: Uuid,
    filter: DecisionFilter,
    limit: usize,
) -> Result<DecisionPage> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                access::run(tx, &by, run).await?;
                let mut items = decision_list(tx, run, filter, limit + 1).await?;
                let more = items.len() > limit;
                items.truncate(limit);
                let last = items.last().map(|decision| decision.sequence.to_string());
                Ok(DecisionPage { next_cursor: last.filter(|_| more), items })
            })
        })
        .await
}
