use crate::{Context, Result};
use serde::Serialize;
use sluice_model::{Actor, Suppression};
use sluice_store::ops::suppression::suppression_list;
use utoipa::ToSchema;

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionPage {
    pub items: Vec<Suppression>,
    pub total_count: u64,
    pub has_more: bool,
}

/// The entries, newest first; tombstones only with `include_removed`.
pub async fn list(
    context: &Context,
    actor: &Actor,
    include_removed: bool,
    limit: usize,
    offset: usize,
) -> Result<SuppressionPage> {
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let (stored, total_count) = suppression_list(tx, include_removed, limit, offset).await?;
                let items: Vec<Suppression> = stored.into_iter().map(|stored| stored.entry).collect();
                let has_more = (offset + items.len()) as u64 != total_count && !items.is_empty();
                Ok(SuppressionPage { items, total_count, has_more })
            })
        })
        .await
}
