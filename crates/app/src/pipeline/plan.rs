//! What a run has to do, fixed when it begins.

use crate::connectors::Connected;
use crate::error::{Error, Result};
use crate::evidence;
use regex::Regex;
use serde::{Deserialize, Serialize};
use sluice_model::crm::CrmMirror;
use sluice_model::fault::{Faults, Node};
use sluice_model::icp::custom_filter::{self, compile_regex};
use sluice_model::icp::{CrmFilters, CustomFilter, LeadProviderCriterion, criteria, crm_filters};
use sluice_model::raw::RawJson;
use sluice_model::run::Budget;
use sluice_model::{EntityKind, Icp, Time};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What was asked for, with the ICP as it was then. Stored as JSON with the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Version of this form, for runs that outlive an update of the program.
    pub format: u32,
    pub icp: Icp,
    pub icp_version: i64,
    /// Leads wanted.
    pub target: u64,
    pub list_name: String,
    pub start_date: Time,
    pub end_date: Time,
    /// The moment that rules on days are counted from.
    pub as_of: Time,
    /// Whether leads become prospects and accounts. Absent from plans that are older.
    #[serde(default)]
    pub sync_accounts: bool,
    /// What outside checks may cost. Absent from plans that are older.
    #[serde(default)]
    pub budget: Budget,
    /// The run whose unknown candidates are taken first. Absent from plans that are older.
    #[serde(default)]
    pub retry_unknown: Option<Uuid>,
}

/// The ICP of a plan, ready to be applied.
#[derive(Debug)]
pub struct Rules {
    pub kind: EntityKind,
    pub searches: Vec<LeadProviderCriterion>,
    /// Positions of searches that are not made: what a preview cannot ask, as it is not connected.
    pub left_out: BTreeSet<usize>,
    pub filters: Vec<CustomFilter>,
    /// Which contacts of the CRM are candidates as well. None for company lists: contacts are people.
    pub crm: Option<CrmFilters>,
    /// The compiled pattern of each `matchFieldWithRegex`, by position in `filters`.
    pub patterns: Vec<Option<Regex>>,
    pub icp_version: i64,
    pub target: u64,
    pub as_of: Time,
}

impl Rules {
    /// Leaves out the searches of providers that are not connected.
    pub fn leave_out_unconnected(&mut self, connected: &Connected) {
        let searches = self.searches.iter().enumerate();
        let asked = searches.filter(|(_, search)| !search.is_of_catalog());
        let missing = asked.filter(|(_, search)| !connected.lead_providers.contains_key(&search.provider));
        self.left_out = missing.map(|(at, _)| at).collect();
    }
}

impl Plan {
    /// The present form.
    pub const FORMAT: u32 = 1;

    /// Reads the stored criteria. They were validated when they were written.
    ///
    /// # Errors
    /// [`Error::Conflict`] when this version of the program no longer accepts them.
    pub fn rules(&self) -> Result<Rules> {
        let mut faults = Faults::new();
        let searches = self.icp.lead_provider_criteria.to_value();
        let searches = criteria::read_all(&Node::root(&searches), &mut faults);
        let filters = self.icp.custom_filter_criteria.to_value();
        let filters = custom_filter::read_all(&Node::root(&filters), &mut faults);
        let crm = self.icp.crm_filters.as_ref().map(RawJson::to_value);
        let crm = match &crm {
            Some(filters) => crm_filters::read(&Node::root(filters), &mut faults),
            None => None,
        };
        let (searches, filters) = faults.finish(searches.zip(filters)).map_err(|faults| {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            Error::Conflict(format!("The criteria of this ICP are no longer valid: {first}"))
        })?;
        let pattern = |filter: &CustomFilter| match filter {
            CustomFilter::MatchFieldWithRegex { regex, .. } => compile_regex(regex).map(Some),
            _ => Ok(None),
        };
        let patterns = filters.iter().map(pattern).collect::<std::result::Result<_, _>>();
        let kind = searches.first().map_or(EntityKind::Person, |search| search.kind);
        Ok(Rules {
            kind,
            crm: crm.filter(|_| kind == EntityKind::Person),
            searches,
            left_out: BTreeSet::new(),
            patterns: patterns.map_err(Error::Internal)?,
            filters,
            icp_version: self.icp_version,
            target: self.target,
            as_of: self.as_of,
        })
    }

    /// What has to be connected before this ICP can run and is not, each with what needs it; empty when nothing is
    /// missing. `crm` is the CRM that is connected.
    ///
    /// # Errors
    /// As [`Plan::rules`].
    pub fn missing_connectors(&self, connected: &Connected, crm: Option<CrmMirror>) -> Result<Vec<String>> {
        let rules = self.rules()?;
        let mut missing = evidence::missing(&rules.filters, connected);
        for search in rules.searches.iter().filter(|search| !search.is_of_catalog()) {
            if !connected.lead_providers.contains_key(&search.provider) {
                missing.push(connected.missing(&search.provider, &search.provider, "leadProviderCriteria"));
            }
        }
        if let Some(CrmFilters { provider, .. }) = &rules.crm {
            let connected = crm.filter(|crm| crm.provider.name() == provider);
            match connected {
                None => missing.push(format!("{provider} (for crmFilters)")),
                Some(CrmMirror { mirror_at: None, .. }) => {
                    missing.push(format!("{provider} (for crmFilters: its contacts have not been read yet)"));
                }
                Some(_) => {}
            }
        }
        let counts_crm = |filter: &CustomFilter| matches!(filter, CustomFilter::MaxPercentFromCrm { .. });
        if let Some(CrmMirror { provider, mirror_at: None }) = crm
            && rules.kind == EntityKind::Person
            && rules.filters.iter().any(counts_crm)
        {
            let name = provider.name();
            missing.push(format!("{name} (for maxPercentFromCRM: its contacts have not been read yet)"));
        }
        let mut seen = std::collections::HashSet::new();
        missing.retain(|connector| seen.insert(connector.clone()));
        Ok(missing)
    }
}
