use crate::answer::once;
use crate::{Context, Error, IdempotencyKey, Result};
use sluice_model::credit::{CreditKind, CreditTransaction, NewCredits};
use sluice_model::{Actor, Role};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::credit::credit_add;

/// Adds credits to the organisation's ledger; the first ones begin it. Admins only.
///
/// # Errors
/// Forbidden; [`Error::Conflict`] when the `Idempotency-Key` was used for another request.
pub async fn add(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    new: NewCredits,
) -> Result<CreditTransaction> {
    if !actor.is_admin() {
        return Err(Error::Forbidden("Only admins add credits".to_owned()));
    }
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            let added = CreditTransaction {
                id: ctx.new_id(),
                organization_id: by.organisation.clone(),
                kind: CreditKind::CreditAdded,
                amount: new.amount,
                operation_type: "top_up".to_owned(),
                source: by.user.clone(),
                reference_id: None,
                description: new.description,
                metadata: None,
                created_at: now,
                updated_at: now,
            };
            credit_add(tx, &added).await?;
            audit_insert(tx, &crate::icps::audit(&by, "credits.add", added.id, now)).await?;
            Ok(added)
        })
    })
    .await
}

/// As [`add`], for the operator.
///
/// # Errors
/// [`Error::NotFound`] without the organisation.
pub async fn add_for(context: &Context, organisation: &str, new: NewCredits) -> Result<CreditTransaction> {
    crate::admin::organisation_name(context, organisation).await?;
    let user = "operator".to_owned();
    let operator = Actor { organisation: organisation.to_owned(), user, role: Role::Admin };
    add(context, &operator, None, new).await
}
