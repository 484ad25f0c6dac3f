//! The Ideal Customer Profile: whom to reach, and by which rules.

pub mod criteria;
pub mod crm_filters;
pub mod custom_filter;
pub mod patch;
pub mod schedule;
pub mod text_search;
pub mod version;

pub use criteria::LeadProviderCriterion;
pub use crm_filters::CrmFilters;
pub use custom_filter::CustomFilter;
pub use patch::{IcpCreate, IcpPatch, Sent};
pub use schedule::Schedule;
pub use text_search::TextSearch;
pub use version::IcpVersion;

use crate::raw::RawJson;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Number of leads in a list when an ICP does not say.
pub const DEFAULT_LEADS_PER_LIST: i64 = 10;
/// The most leads that one list may ask for.
pub const MAX_LEADS_PER_LIST: i64 = 10_000;

/// An ICP as the targeting API shows it (`PATCH /api/v1/entities/icps/{id}`, response). All keys are always present, but
/// for `schedule`, which the documented replies do not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Icp {
    /// Unique identifier (UUID).
    pub id: Uuid,
    /// Display name.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// Description of the target profile.
    #[schema(required, max_length = 10000)]
    pub description: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Strictly grows with every change.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    /// Users who have access.
    pub user_ids: Vec<String>,
    /// Default number of leads per list.
    #[schema(minimum = 1, maximum = 10000)]
    pub leads_per_list: i64,
    /// When the ICP expires; null: never.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub active_until: Option<Time>,
    /// Searches, one after the other, as they were sent.
    #[schema(value_type = Vec<criteria::LeadProviderCriterionSchema>)]
    pub lead_provider_criteria: RawJson,
    /// Rules applied to what the searches find, as they were sent.
    #[schema(value_type = Vec<custom_filter::CustomFilterSchema>)]
    pub custom_filter_criteria: RawJson,
    /// Which contacts of the CRM are candidates as well.
    #[schema(required, value_type = Option<crm_filters::CrmFiltersSchema>)]
    pub crm_filters: Option<RawJson>,
    /// When runs start by themselves: a cron expression of five fields, in UTC. Left out when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100)]
    pub schedule: Option<Schedule>,
}

impl Icp {
    /// Whether the ICP has expired at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.active_until.is_some_and(|until| until <= now)
    }

    /// When the schedule is due next after `now`, if ever: not when the ICP will have expired.
    #[must_use]
    pub fn next_tick(&self, now: Time) -> Option<Time> {
        let next = self.schedule.as_ref()?.next_after(now)?;
        (!self.is_expired(next)).then_some(next)
    }

    /// Whether `user_id` is listed in `userIds`.
    #[must_use]
    pub fn lists_user(&self, user_id: &str) -> bool {
        self.user_ids.iter().any(|id| id == user_id)
    }
}
