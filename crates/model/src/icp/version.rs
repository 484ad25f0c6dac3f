//! The history of an ICP.

use super::Icp;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One change of an ICP: who made it, when, and how the ICP looked after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IcpVersion {
    /// 1 for the creation, then counting up by one.
    pub version: i64,
    /// User who made the change.
    pub user_id: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Names of the fields that changed; all fields for version 1.
    pub changed: Vec<String>,
    /// The whole ICP after the change.
    pub icp: Icp,
}
