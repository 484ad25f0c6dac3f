//! Activity: the logs of an account and of its linked prospects, or of a prospect, in one list.

use super::ids::{AccountId, AccountLogId, ActivityId, ProspectId, ProspectLogId};
use super::page::PageRequest;
use crate::raw::RawJson;
use crate::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// Whose log an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub enum ActivityType {
    #[serde(rename = "account-log-entry")]
    AccountLogEntry,
    #[serde(rename = "prospect-log-entry")]
    ProspectLogEntry,
}

/// An entry of an activity list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    #[schema(value_type = String, pattern = "^activity_[a-z0-9]{26}$")]
    pub activity_id: ActivityId,
    pub activity_type: ActivityType,
    /// The account: that of the log, or the one that the prospect is linked to; null when there is none.
    #[schema(required, value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    #[schema(required, value_type = Option<String>)]
    pub account_log_id: Option<AccountLogId>,
    #[schema(required, value_type = Option<String>)]
    pub prospect_id: Option<ProspectId>,
    #[schema(required, value_type = Option<String>)]
    pub prospect_log_id: Option<ProspectLogId>,
    #[schema(required)]
    pub prospect_name: Option<String>,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[schema(value_type = Object)]
    pub payload: RawJson,
    #[schema(required)]
    pub idempotency_key: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Null while nothing was changed.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Time>,
}

/// Which activity is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    pub page: PageRequest,
    /// Whether the logs of linked prospects are there too; without meaning for a prospect's own activity.
    pub include_prospect_activity: bool,
    /// Whether deleted logs are there too.
    pub include_deleted: bool,
}
