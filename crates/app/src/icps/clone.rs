use super::{FIELDS, audit};
use crate::answer::once;
use crate::{Context, IdempotencyKey, Result, Versioned, access};
use sluice_model::{Actor, Icp};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::icp::icp_insert;
use uuid::Uuid;

/// Makes a copy of an ICP under a new id, named `<name> (copy)`, without its schedule: a copy runs by
/// itself only when somebody says so. The caller is added to its users.
///
/// # Errors
/// Not found, or forbidden.
pub async fn clone(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
) -> Result<Versioned<Icp>> {
    let (by, new_id, now) = (actor.clone(), context.new_id(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            let original = access::icp(tx, &by, id).await?.icp;
            let mut icp = Icp {
                id: new_id,
                created_at: now,
                updated_at: now,
                name: copy_name(&original.name),
                schedule: None,
                ..original
            };
            if !icp.lists_user(&by.user) {
                icp.user_ids.insert(0, by.user.clone());
            }
            icp_insert(tx, &icp, &by.user, &FIELDS).await?;
            audit_insert(tx, &audit(&by, "icp.clone", icp.id, now)).await?;
            Ok(Versioned { version: 1, value: icp })
        })
    })
    .await
}

/// The name of a copy, kept within the 255 characters that a name may have.
fn copy_name(name: &str) -> String {
    let suffix = " (copy)";
    let kept: String = name.chars().take(255 - suffix.len()).collect();
    format!("{kept}{suffix}")
}
