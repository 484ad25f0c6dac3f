use crate::answer::once;
use crate::{Context, IdempotencyKey, Result};
use serde::{Deserialize, Serialize};
use sluice_model::suppression::NewSuppression;
use sluice_model::{Actor, Suppression};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::suppression::{StoredSuppression, suppression_find, suppression_insert};
use std::collections::HashSet;
use utoipa::ToSchema;

/// What became of the entries of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Added {
    pub added_count: usize,
    /// Entries whose value was on the list already.
    pub skipped_count: usize,
    /// The entries that now stand for the values sent, in their order, each once.
    pub entries: Vec<Suppression>,
}

/// Puts entries on the list. A value that is on it already is not put there twice.
///
/// # Errors
/// [`crate::Error::Conflict`] when the `Idempotency-Key` was used for another request.
pub async fn add(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    new: Vec<NewSuppression>,
) -> Result<Added> {
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            let hashes: Vec<[u8; 32]> =
                new.iter().map(|entry| entry.kind.hash(&by.organisation, &entry.value)).collect();
            let mut known = suppression_find(tx, &hashes, now).await?;
            let mut out = Added { added_count: 0, skipped_count: 0, entries: Vec::new() };
            let mut shown = HashSet::new();
            for (entry, hash) in new.into_iter().zip(hashes) {
                if let Some(there) = known.iter().find(|known| known.hash == hash) {
                    out.skipped_count += 1;
                    if shown.insert(there.entry.id) {
                        out.entries.push(there.entry.clone());
                    }
                    continue;
                }
                let entry = Suppression {
                    id: ctx.new_id(),
                    kind: entry.kind,
                    value: Some(entry.value),
                    reason: entry.reason,
                    expires_at: entry.expires_at,
                    created_at: now,
                    created_by: by.user.clone(),
                    removed_at: None,
                    removed_by: None,
                    erased_at: None,
                };
                let stored = StoredSuppression { entry: entry.clone(), hash: hash.to_vec() };
                suppression_insert(tx, &stored).await?;
                audit_insert(tx, &crate::icps::audit(&by, "suppression.add", entry.id, now)).await?;
                shown.insert(entry.id);
                out.added_count += 1;
                known.push(stored);
                out.entries.push(entry);
            }
            Ok(out)
        })
    })
    .await
}
