//! Background work, as those see it who look after it.

use crate::names::names;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Ready,
    Running,
    Done,
    Dead,
}

names!(JobState { Ready = "ready", Running = "running", Done = "done", Dead = "dead" });

/// A job as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub id: Uuid,
    /// What is to be done: `run`.
    pub kind: String,
    pub state: JobState,
    /// How often it was begun since it last got on.
    pub attempts: i64,
    /// Why it was given up. What exactly went wrong is in the log.
    #[schema(required)]
    pub error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it is, or was, to be begun.
    #[schema(value_type = String, format = DateTime)]
    pub run_at: Time,
    /// When it was done or given up.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    #[schema(required)]
    pub run_id: Option<Uuid>,
    #[schema(required)]
    pub icp_id: Option<Uuid>,
}
