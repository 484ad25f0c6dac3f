use crate::{Context, Result};
use serde::Serialize;
use sluice_catalog::Count;
use sluice_model::EntityKind;
use sluice_model::search_body::CountBody;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The facets whose values can be counted.
pub const FACETS: [&str; 5] = ["seniority", "title", "industry", "country", "employeeSize"];
/// How many values of a facet are given.
const TOP: usize = 50;

/// Exact counts for a filter.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProspectCount {
    pub total_elements: u64,
    /// For each facet asked for, its most frequent values.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    pub value: String,
    pub count: u64,
}

/// Counts what fits, exactly.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn count(context: &Context, kind: EntityKind, body: &CountBody) -> Result<ProspectCount> {
    let CountBody { filter, facets, .. } = body.clone();
    let wanted = Count { kind, filter, now: context.clock.now(), facets, top: TOP };
    let (total_elements, counts) = context.catalog.count(wanted).await?;
    let values = |values: Vec<(String, u64)>| {
        values.into_iter().map(|(value, count)| FacetValue { value, count }).collect()
    };
    let facets = counts.into_iter().map(|(facet, counted)| (facet, values(counted))).collect();
    Ok(ProspectCount { total_elements, facets })
}
