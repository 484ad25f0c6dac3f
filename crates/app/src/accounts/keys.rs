//! API keys.

use crate::{Context, Result};
use sluice_model::Actor;
use sluice_model::accounts::{ApiKey, ApiKeyId, CreatedApiKey, KeyActor, NewApiKey};

/// Who a key belongs to, and what it may do now. Its form is checked before anything is looked up.
pub async fn authenticate(context: &Context, key: &str) -> Result<KeyActor> {
    todo!()
}
/// Makes a key for an admin.
pub async fn create(context: &Context, actor: &Actor, new: NewApiKey) -> Result<CreatedApiKey> {
    todo!()
}
/// Makes a key on the command line, for a user or for nobody.
pub async fn create_for(
    context: &Context,
    organisation: &str,
    user: Option<&str>,
    new: NewApiKey,
) -> Result<CreatedApiKey> {
    todo!()
}
/// The organisation's keys, newest first, for an admin.
pub async fn list(context: &Context, actor: &Actor) -> Result<Vec<ApiKey>> {
    todo!()
}
/// Revokes a key at once, for an admin.
pub async fn revoke(context: &Context, actor: &Actor, id: &ApiKeyId) -> Result<()> {
    todo!()
}
/// Revokes a key given whole, on the command line.
pub async fn revoke_key(context: &Context, key: &str) -> Result<()> {
    todo!()
}
/// A new id of a request.
pub fn request_id(context: &Context) -> sluice_model::accounts::RequestId {
    todo!()
}
