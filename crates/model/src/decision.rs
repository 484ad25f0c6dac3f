//! Decisions: for every candidate of a run, why it is in or out.

use crate::crm::{CrmMatch, CrmProvider, CrmReference};
use crate::evidence::Evidence;
use crate::funnel::{Stage, Verdict};
use crate::kind::EntityKind;
use crate::run::Cost;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which search of the ICP found a candidate: one of `leadProviderCriteria`, or `crmFilters`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub provider: String,
    /// Position in `leadProviderCriteria`. Left out for `crmFilters`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub criterion: Option<usize>,
    /// The contact that `crmFilters` found. Left out for searches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<CrmReference>,
}

impl Source {
    /// A search, by its position in `leadProviderCriteria`.
    #[must_use]
    pub fn search(provider: String, criterion: usize) -> Self {
        Self { provider, criterion: Some(criterion), reference: None }
    }

    /// A contact of the CRM that `crmFilters` found.
    #[must_use]
    pub fn crm(provider: CrmProvider, reference: CrmReference) -> Self {
        Self { provider: provider.name().to_owned(), criterion: None, reference: Some(reference) }
    }
}

/// A candidate as its decision names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CandidateRef {
    /// Id of the catalog record; one made from the contact's reference for whom only the CRM knows.
    pub id: Uuid,
    #[serde(rename = "type")]
    pub kind: EntityKind,
    pub name: String,
    #[schema(required)]
    pub job_title: Option<String>,
    #[schema(required)]
    pub company: Option<String>,
}

/// What was decided on one candidate, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Position in the order of work, from 1.
    pub sequence: u64,
    pub candidate: CandidateRef,
    /// The searches that found it.
    pub sources: Vec<Source>,
    pub verdict: Verdict,
    /// The stage that decided; `accept` when none objected.
    pub stage: Stage,
    /// Short name of the reason, by which the funnel groups; null when accepted.
    #[schema(required)]
    pub reason: Option<String>,
    /// Position in `customFilterCriteria` of the filter that decided.
    #[schema(required)]
    pub filter_index: Option<usize>,
    #[schema(required)]
    pub filter_type: Option<String>,
    pub icp_version: i64,
    /// What was found on the candidate.
    #[schema(required, value_type = Option<Value>)]
    pub observed: Option<Value>,
    /// What it was held against.
    #[schema(required, value_type = Option<Value>)]
    pub threshold: Option<Value>,
    /// The reason as a sentence for people.
    pub sentence: String,
    /// What outside checks saw, in the order in which they were made; also of those that were passed.
    pub evidence: Vec<Evidence>,
    /// What these checks cost. What another candidate's check had paid for costs nothing again.
    pub cost: Cost,
    /// The contact of the CRM that is this person. Left out when none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub crm_match: Option<CrmMatch>,
}
