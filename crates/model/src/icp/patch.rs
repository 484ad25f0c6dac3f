//! Reading the bodies of create and PATCH, and applying them.

use super::{
    CrmFilters, CustomFilter, DEFAULT_LEADS_PER_LIST, Icp, LeadProviderCriterion, MAX_LEADS_PER_LIST,
    Schedule,
};
use super::{criteria, crm_filters, custom_filter};
use crate::fault::{Fault, Faults, Node};
use crate::kind::EntityKind;
use crate::raw::RawJson;
use crate::time::Time;
use uuid::Uuid;

/// What a client sent, as text, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent<T> {
    pub raw: RawJson,
    pub parsed: T,
}

impl<T> Sent<T> {
    fn read(
        node: &Node<'_>,
        faults: &mut Faults,
        read: impl FnOnce(&Node<'_>, &mut Faults) -> Option<T>,
    ) -> Option<Self> {
        read(node, faults).map(|parsed| Self { raw: RawJson::of(node.value()), parsed })
    }
}

/// The fields that a PATCH changes. `None` leaves a field as it is; for the nullable fields
/// `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IcpPatch {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub user_ids: Option<Vec<String>>,
    pub leads_per_list: Option<i64>,
    pub active_until: Option<Option<Time>>,
    pub lead_provider_criteria: Option<Sent<Vec<LeadProviderCriterion>>>,
    pub custom_filter_criteria: Option<Sent<Vec<CustomFilter>>>,
    pub crm_filters: Option<Option<Sent<CrmFilters>>>,
    pub schedule: Option<Option<Schedule>>,
}

impl IcpPatch {
    /// Reads the body of a PATCH. The read-only keys `id`, `createdAt` and `updatedAt` are ignored, so that
    /// a client may send back what it read.
    ///
    /// # Errors
    /// All faults of the body, in document order.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read_with(node, &[])
    }

    fn read_with(node: &Node<'_>, required: &[&str]) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut patch = Self::default();
        let read =
            node.object(&mut faults, required, |key, child, faults| patch.read_field(key, child, faults));
        faults.finish(read.map(|()| patch))
    }

    fn read_field(&mut self, key: &str, node: &Node<'_>, faults: &mut Faults) -> bool {
        match key {
            "id" | "createdAt" | "updatedAt" => {}
            "name" => self.name = node.trimmed(faults, 255),
            "description" => {
                self.description =
                    node.nullable(faults, |node, faults| node.text(faults, 0, 10_000).map(str::to_owned));
            }
            "userIds" => self.user_ids = read_user_ids(node, faults),
            "leadsPerList" => self.leads_per_list = node.integer(faults, 1, MAX_LEADS_PER_LIST),
            "activeUntil" => self.active_until = node.nullable(faults, Node::time),
            "leadProviderCriteria" => {
                self.lead_provider_criteria = Sent::read(node, faults, criteria::read_all);
            }
            "customFilterCriteria" => {
                self.custom_filter_criteria = Sent::read(node, faults, custom_filter::read_all);
            }
            "crmFilters" => {
                self.crm_filters =
                    node.nullable(faults, |node, faults| Sent::read(node, faults, crm_filters::read));
            }
            "schedule" => self.schedule = node.nullable(faults, Schedule::read),
            _ => return false,
        }
        true
    }

    /// The ICP after this patch, and the names of the fields that it changes. Fields set to the value
    /// they have already do not count. When nothing changes, `updatedAt` stays; else it becomes
    /// `now`, or a millisecond more than it was should the clock not have moved on.
    ///
    /// # Errors
    /// Faults of the whole that no field shows alone: an ICP that mixes people and companies, or a
    /// field path that its kind of record does not have.
    pub fn apply(&self, icp: &Icp, now: Time) -> Result<(Icp, Vec<&'static str>), Vec<Fault>> {
        let mut next = icp.clone();
        let mut changed = Vec::new();
        set(&mut next.name, self.name.as_ref(), "name", &mut changed);
        set(&mut next.description, self.description.as_ref(), "description", &mut changed);
        set(&mut next.user_ids, self.user_ids.as_ref(), "userIds", &mut changed);
        set(&mut next.leads_per_list, self.leads_per_list.as_ref(), "leadsPerList", &mut changed);
        set(&mut next.active_until, self.active_until.as_ref(), "activeUntil", &mut changed);
        let searches = self.lead_provider_criteria.as_ref().map(|sent| &sent.raw);
        set(&mut next.lead_provider_criteria, searches, "leadProviderCriteria", &mut changed);
        let rules = self.custom_filter_criteria.as_ref().map(|sent| &sent.raw);
        set(&mut next.custom_filter_criteria, rules, "customFilterCriteria", &mut changed);
        let crm = self.crm_filters.as_ref().map(|sent| sent.as_ref().map(|sent| sent.raw.clone()));
        set(&mut next.crm_filters, crm.as_ref(), "crmFilters", &mut changed);
        set(&mut next.schedule, self.schedule.as_ref(), "schedule", &mut changed);
        if searches.is_some() || rules.is_some() {
            check_whole(&next)?;
        }
        if !changed.is_empty() {
            next.updated_at = now.max(icp.updated_at.plus_millis(1));
        }
        Ok((next, changed))
    }
}

fn set<T: Clone + PartialEq>(
    field: &mut T,
    value: Option<&T>,
    name: &'static str,
    changed: &mut Vec<&'static str>,
) {
    if let Some(value) = value
        && *field != *value
    {
        *field = value.clone();
        changed.push(name);
    }
}

fn read_user_ids(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let ids = node.array(faults, 1_000, |item, faults| item.text(faults, 1, 255).map(str::to_owned))?;
    Some(without_duplicates(ids))
}

/// The items in their order, each once.
#[must_use]
pub fn without_duplicates<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut out: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        if !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

/// Checks what only the whole ICP shows.
fn check_whole(icp: &Icp) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::new();
    let kinds = criteria::kinds(&icp.lead_provider_criteria.to_value());
    let kind = kinds.first().copied().unwrap_or(EntityKind::Person);
    for (index, other) in kinds.iter().enumerate() {
        if *other != kind {
            let path = vec!["leadProviderCriteria".into(), index.into(), "type".into()];
            faults.push(Fault::new(path, "An ICP searches either people or companies, not both"));
        }
    }
    for (index, rule) in icp.custom_filter_criteria.to_value().as_array().into_iter().flatten().enumerate() {
        let Some(field) = rule.get("field").and_then(serde_json::Value::as_str) else { continue };
        if !crate::lead::has_field(kind, field) {
            let path = vec!["customFilterCriteria".into(), index.into(), "field".into()];
            let message = format!("Unknown field path for a {} search: '{field}'", kind.name());
            faults.push(Fault::new(path, message));
        }
    }
    faults.finish(Some(()))
}

/// The body of a create.
#[derive(Clone, Debug, PartialEq)]
pub struct IcpCreate(IcpPatch);

impl IcpCreate {
    /// Reads the body of a create: `name` and `leadProviderCriteria` are required.
    ///
    /// # Errors
    /// All faults of the body, in document order, then what is missing.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        IcpPatch::read_with(node, &["name", "leadProviderCriteria"]).map(Self)
    }

    /// The new ICP. `creator` is always among its users, first when not listed.
    ///
    /// # Errors
    /// Faults of the whole, as for [`IcpPatch::apply`].
    pub fn into_icp(self, id: Uuid, creator: &str, now: Time) -> Result<Icp, Vec<Fault>> {
        let blank = Icp {
            id,
            name: String::new(),
            description: None,
            created_at: now,
            updated_at: now,
            user_ids: Vec::new(),
            leads_per_list: DEFAULT_LEADS_PER_LIST,
            active_until: None,
            lead_provider_criteria: RawJson::empty_array(),
            custom_filter_criteria: RawJson::empty_array(),
            crm_filters: None,
            schedule: None,
        };
        let (mut icp, _) = self.0.apply(&blank, now)?;
        icp.updated_at = now;
        if !icp.lists_user(creator) {
            icp.user_ids.insert(0, creator.to_owned());
        }
        Ok(icp)
    }
}
