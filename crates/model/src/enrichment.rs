//! Enrichment: phones, e-mail addresses and summaries that are looked up outside.

use crate::fault::{Fault, Faults, Node};
use crate::kind::EntityKind;
use crate::lead_list::without_duplicate_ids;
use crate::names::names;
use crate::prospect_body::{Selection, read_selection};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most people of one batch.
pub const MAX_BATCH: usize = 100;
/// The most tasks that are asked about at once.
pub const MAX_TASKS: usize = 200;

/// What is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnrichmentField {
    Phones,
    Emails,
    /// Of a company.
    Summary,
}

names!(EnrichmentField { Phones = "phones", Emails = "emails", Summary = "summary" });

impl EnrichmentField {
    /// What has this field.
    #[must_use]
    pub const fn of(self) -> EntityKind {
        match self {
            Self::Phones | Self::Emails => EntityKind::Person,
            Self::Summary => EntityKind::Company,
        }
    }
}

/// How far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EnrichmentStatus {
    Pending,
    /// All who were asked have answered, or one of them knew it.
    Finished,
    /// Not all who were asked have answered, and none of those who did knew it.
    Failed,
    /// It was not done in time.
    Timeout,
    /// It could not be paid for, or the record it was for is gone.
    Cancelled,
}

names!(EnrichmentStatus {
    Pending = "pending",
    Finished = "finished",
    Failed = "failed",
    Timeout = "timeout",
    Cancelled = "cancelled",
});

/// One field of one person or company, looked up once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enrichment {
    pub id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    /// The organisation's person or company.
    pub entity_id: Uuid,
    pub entity_type: EntityKind,
    pub field: EnrichmentField,
    pub status: EnrichmentStatus,
    #[schema(required)]
    pub error: Option<String>,
    /// Whether something was found; null until it is finished.
    #[schema(required)]
    pub data_found: Option<bool>,
    pub created_by: String,
    pub org_id: String,
    /// Always null: what one organisation found is not given to another.
    #[schema(required)]
    pub global_enrichment_id: Option<Uuid>,
    /// The line of the ledger that paid for it; null when nothing was found, or no ledger was begun.
    #[schema(required)]
    pub credit_transaction_id: Option<Uuid>,
}

impl Enrichment {
    /// Whether it need not be asked for again.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(self.status, EnrichmentStatus::Pending | EnrichmentStatus::Finished)
    }
}

/// The body of a batch: one field of up to [`MAX_BATCH`] people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrichmentBatch {
    pub person_ids: Vec<Uuid>,
    pub field: EnrichmentField,
}

/// The body of a bulk: one field of a selection of people.
#[derive(Clone, Debug, PartialEq)]
pub struct EnrichmentBulk {
    pub selection: Selection,
    pub field: EnrichmentField,
}

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrichmentTask {
    pub entity_id: Uuid,
    pub entity_type: EntityKind,
    pub field: EnrichmentField,
}

/// The names of the fields that people have.
pub const PERSON_FIELDS: [&str; 2] = ["phones", "emails"];

fn person_field(node: &Node<'_>, faults: &mut Faults) -> Option<EnrichmentField> {
    let at = node.one_of(faults, &PERSON_FIELDS)?;
    EnrichmentField::ALL.get(at).copied()
}

impl EnrichmentBatch {
    /// Reads `{personIds[], field}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut ids, mut field) = (None, None);
        let read = node.object(&mut faults, &["personIds", "field"], |key, child, faults| {
            match key {
                "personIds" => ids = some_of(child, faults, MAX_BATCH, |id, faults| id.uuid(faults)),
                "field" => field = person_field(child, faults),
                _ => return false,
            }
            true
        });
        let batch = || Some(Self { person_ids: without_duplicate_ids(ids?), field: field? });
        faults.finish(read.and_then(|()| batch()))
    }
}

impl EnrichmentBulk {
    /// Reads `{selection, field}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut selection, mut field) = (None, None);
        let read = node.object(&mut faults, &["selection", "field"], |key, child, faults| {
            match key {
                "selection" => selection = read_selection(child, faults),
                "field" => field = person_field(child, faults),
                _ => return false,
            }
            true
        });
        let bulk = || Some(Self { selection: selection?, field: field? });
        faults.finish(read.and_then(|()| bulk()))
    }
}

impl EnrichmentTask {
    /// Reads `{tasks:[{entityId, field, entityType}]}`, or the array alone.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read_all(node: &Node<'_>) -> Result<Vec<Self>, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut tasks = None;
        let read = if node.value().is_array() {
            tasks = some_of(node, &mut faults, MAX_TASKS, Self::read_one);
            Some(())
        } else {
            node.object(&mut faults, &["tasks"], |key, child, faults| {
                if key == "tasks" {
                    tasks = some_of(child, faults, MAX_TASKS, Self::read_one);
                }
                key == "tasks"
            })
        };
        faults.finish(read.and(tasks))
    }

    fn read_one(node: &Node<'_>, faults: &mut Faults) -> Option<Self> {
        let (mut entity_id, mut field, mut entity_type) = (None, None, None);
        node.object(faults, &["entityId", "field", "entityType"], |key, child, faults| {
            match key {
                "entityId" => entity_id = child.uuid(faults),
                "field" => field = child.one_of(faults, &EnrichmentField::NAMES),
                "entityType" => entity_type = child.one_of(faults, &EntityKind::NAMES),
                _ => return false,
            }
            true
        })?;
        Some(Self {
            entity_id: entity_id?,
            field: EnrichmentField::ALL.get(field?).copied()?,
            entity_type: EntityKind::ALL.get(entity_type?).copied()?,
        })
    }
}

/// An array of at least one item.
fn some_of<T>(
    node: &Node<'_>,
    faults: &mut Faults,
    max: usize,
    read: impl FnMut(&Node<'_>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    let items = node.array(faults, max, read)?;
    if node.value().as_array().is_some_and(Vec::is_empty) {
        node.fault(faults, "Array must contain at least 1 element(s)");
    }
    Some(items)
}
