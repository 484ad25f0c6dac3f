//! Lead lists: people or companies to contact in a span of time.

use crate::company::Company;
use crate::fault::{Fault, Faults, Node};
use crate::icp::patch::without_duplicates;
use crate::kind::EntityKind;
use crate::lead::Lead;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most people or companies that one list holds.
pub const MAX_LIST_SIZE: usize = 100_000;

/// A lead list as the targeting API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeadList {
    pub id: Uuid,
    /// The ICP that it came from; null for lists made by hand, and when the ICP was deleted.
    #[schema(required)]
    pub icp_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// What the list holds; never changes.
    #[serde(rename = "type")]
    pub kind: EntityKind,
    #[schema(value_type = String, format = DateTime)]
    pub start_date: Time,
    #[schema(value_type = String, format = DateTime)]
    pub end_date: Time,
    /// Ids of the organisation's records, in the order of the list. Empty for company lists.
    pub person_ids: Vec<Uuid>,
    /// Ids of the organisation's records, in the order of the list. Empty for person lists.
    pub company_ids: Vec<Uuid>,
    pub user_ids: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

/// A lead list with the records it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HydratedLeadList {
    #[serde(flatten)]
    pub list: LeadList,
    /// The people of a person list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub persons: Option<Vec<Lead>>,
    /// The companies of a company list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub companies: Option<Vec<Company>>,
}

/// The body of a create.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadListCreate {
    pub icp_id: Option<Uuid>,
    pub name: String,
    pub kind: EntityKind,
    pub start_date: Time,
    pub end_date: Time,
    /// Ids of the organisation's records or of catalog records.
    pub ids: Vec<Uuid>,
    pub user_ids: Vec<String>,
}

impl LeadListCreate {
    /// Reads the body of a create.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let kind = node.value().get("type").and_then(|kind| EntityKind::from_name(kind.as_str()?));
        let kind = kind.unwrap_or(EntityKind::Person);
        let (mut icp_id, mut name, mut start, mut end) = (Some(None), None, None, None);
        let mut ids = Some(Vec::new());
        let mut user_ids = Some(Vec::new());
        let read = node.object(&mut faults, &["name", "startDate", "endDate"], |key, child, faults| {
            match key {
                "id" | "createdAt" | "updatedAt" => {}
                "icpId" => icp_id = child.nullable(faults, Node::uuid),
                "name" => name = child.trimmed(faults, 255),
                "type" => drop(child.one_of(faults, &EntityKind::NAMES)),
                "startDate" => start = child.time(faults),
                "endDate" => {
                    end = child.time(faults);
                    // Compared as soon as both are known, so that the fault stands in document order.
                    let begin = node.value().get("startDate").and_then(|text| Time::parse(text.as_str()?));
                    check_span(child, begin, end, faults);
                }
                "personIds" => read_ids(child, kind == EntityKind::Person, kind, &mut ids, faults),
                "companyIds" => read_ids(child, kind == EntityKind::Company, kind, &mut ids, faults),
                "userIds" => {
                    user_ids = child
                        .array(faults, 1_000, |item, faults| item.text(faults, 1, 255).map(str::to_owned));
                }
                _ => return false,
            }
            true
        });
        let value = read.and_then(|()| {
            Some(Self {
                icp_id: icp_id?,
                name: name?,
                kind,
                start_date: start?,
                end_date: end?,
                ids: without_duplicate_ids(ids?),
                user_ids: without_duplicates(user_ids?),
            })
        });
        faults.finish(value)
    }
}

fn check_span(node: &Node<'_>, start: Option<Time>, end: Option<Time>, faults: &mut Faults) {
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        node.fault(faults, "endDate must not be before startDate");
    }
}

/// Reads ids into `ids` when this list holds them; ids of the other kind must be absent or empty.
fn read_ids(
    node: &Node<'_>,
    wanted: bool,
    kind: EntityKind,
    ids: &mut Option<Vec<Uuid>>,
    faults: &mut Faults,
) {
    let read = node.array(faults, MAX_LIST_SIZE, |item, faults| item.uuid(faults));
    if wanted {
        *ids = read;
    } else if read.is_some_and(|read| !read.is_empty()) {
        node.fault(faults, other_kind(kind));
    }
}

fn other_kind(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Person => "A person list takes no companyIds",
        EntityKind::Company => "A company list takes no personIds",
    }
}

/// The ids in their order, each once.
#[must_use]
pub fn without_duplicate_ids(ids: Vec<Uuid>) -> Vec<Uuid> {
    let mut seen = std::collections::HashSet::with_capacity(ids.len());
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// The body of a PATCH, before it is known what kind of list it is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadListPatch {
    pub name: Option<String>,
    pub person_ids: Option<Vec<Uuid>>,
    pub company_ids: Option<Vec<Uuid>>,
}

impl LeadListPatch {
    /// Reads the body of a PATCH: `name`, and the ids of the list's kind.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut patch = Self::default();
        let ids = |node: &Node<'_>, faults: &mut Faults| {
            node.array(faults, MAX_LIST_SIZE, |item, faults| item.uuid(faults)).map(without_duplicate_ids)
        };
        let read = node.object(&mut faults, &[], |key, child, faults| {
            match key {
                "id" | "createdAt" | "updatedAt" => {}
                "name" => patch.name = child.trimmed(faults, 255),
                "personIds" => patch.person_ids = ids(child, faults),
                "companyIds" => patch.company_ids = ids(child, faults),
                "type" => child.fault(faults, "The type of a list cannot be changed"),
                _ => return false,
            }
            true
        });
        faults.finish(read.map(|()| patch))
    }

    /// The ids that replace those of a list of this kind, if any are given.
    ///
    /// # Errors
    /// When ids of the other kind are given.
    pub fn ids_for(&self, kind: EntityKind) -> Result<Option<&Vec<Uuid>>, Vec<Fault>> {
        let (own, other, key) = match kind {
            EntityKind::Person => (&self.person_ids, &self.company_ids, "companyIds"),
            EntityKind::Company => (&self.company_ids, &self.person_ids, "personIds"),
        };
        if other.is_some() {
            return Err(vec![Fault::new(vec![key.into()], other_kind(kind))]);
        }
        Ok(own.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::{LeadListCreate, LeadListPatch};
    use crate::fault::Node;
    use crate::kind::EntityKind;
    use serde_json::json;

    #[test]
    fn create_names_every_fault() {
        let body = json!({"name": " ", "type": "company", "startDate": "2024-02-01", "endDate": "2024-01-01",
            "personIds": ["550e8400-e29b-41d4-a716-446655440000"], "companyIds": ["x"], "foo": 1});
        let faults = LeadListCreate::read(&Node::root(&body)).expect_err("faulty");
        assert_eq!(
            json!(faults),
            json!([
                {"path":["name"],"message":"String must contain at least 1 character(s)"},
                {"path":["endDate"],"message":"endDate must not be before startDate"},
                {"path":["personIds"],"message":"A company list takes no personIds"},
                {"path":["companyIds",0],"message":"Invalid uuid"},
                {"path":["foo"],"message":"Unrecognized key: 'foo'"},
            ])
        );
    }

    #[test]
    fn patch_takes_the_ids_of_its_kind_only() {
        let body = json!({"companyIds": []});
        let patch = LeadListPatch::read(&Node::root(&body)).expect("valid");
        assert!(patch.ids_for(EntityKind::Company).expect("own kind").is_some());
        let faults = patch.ids_for(EntityKind::Person).expect_err("other kind");
        assert_eq!(
            json!(faults),
            json!([{"path":["companyIds"],"message":"A person list takes no companyIds"}])
        );
    }
}
