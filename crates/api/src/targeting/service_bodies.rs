//! How the bodies are read that have to do with outside services, and how the document describes them.

use crate::http::ReadBody;
use serde_json::Value;
use sluice_model::connector::{ConnectorKind, ConnectorPut};
use sluice_model::credit::NewCredits;
use sluice_model::enrichment::{EnrichmentBatch, EnrichmentBulk, EnrichmentField, EnrichmentTask};
use sluice_model::export::Export;
use sluice_model::{EntityKind, Fault, Node};
use utoipa::ToSchema;
use uuid::Uuid;

/// For bodies that may carry 100 000 ids.
const LARGE: usize = 8 << 20;

impl ReadBody for ConnectorPut {
    const LIMIT: usize = 64 << 10;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

impl ReadBody for NewCredits {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

/// How a connector is to be.
#[derive(ToSchema)]
#[schema(as = ConnectorPut, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct ConnectorSchema {
    kind: ConnectorKind,
    /// By kind: `baseUrl` (`enrichment`, `leads`; elsewhere where the service is, if not at its usual place), `order`
    /// (`enrichment`: smaller is asked first), `dialect` and `model` (`model`), `credits` (what a call costs),
    /// `concurrency` (`model`: calls at once), `maxSteps` (`browserUse`), `provider` (`crm`).
    #[schema(value_type = Object)]
    settings: Value,
    /// The credential. Left out: the one it has stays. Null: there is none.
    #[schema(min_length = 1, max_length = 8192)]
    api_key: Option<String>,
}

/// Credits to be added.
#[derive(ToSchema)]
#[schema(as = NewCredits)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewCreditsSchema {
    #[schema(minimum = 1, maximum = 1000000000)]
    amount: i64,
    /// Why, for people.
    #[schema(min_length = 1, max_length = 1000)]
    description: Option<String>,
}

impl ReadBody for EnrichmentBatch {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

impl ReadBody for EnrichmentBulk {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

impl ReadBody for Export {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

/// What is asked about.
pub struct EnrichmentTasks(pub Vec<EnrichmentTask>);

impl ReadBody for EnrichmentTasks {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        EnrichmentTask::read_all(node).map(Self)
    }
}

/// Which people an operation is for: by id, or a window of a search.
#[derive(ToSchema)]
#[schema(as = Selection, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct SelectionSchema {
    #[schema(pattern = "^(manual|bulk)$")]
    mode: String,
    /// For `manual`: ids of the organisation's people or of catalog people.
    #[schema(nullable = false)]
    included_ids: Option<Vec<Uuid>>,
    /// For `bulk`: a person search.
    #[schema(nullable = false, value_type = Option<Object>)]
    filters: Option<Value>,
    /// For `bulk`: where in the results to begin.
    #[schema(nullable = false, minimum = 0, default = 0)]
    start_index: Option<i64>,
    /// For `bulk`: how many results to take.
    #[schema(nullable = false, minimum = 1, maximum = 1000)]
    target_count: Option<i64>,
    /// For `bulk`: results to leave out.
    #[schema(nullable = false)]
    excluded_ids: Option<Vec<Uuid>>,
}

/// One field of some people.
#[derive(ToSchema)]
#[schema(as = EnrichmentBatch, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct EnrichmentBatchSchema {
    #[schema(min_items = 1, max_items = 100)]
    person_ids: Vec<Uuid>,
    /// `phones` or `emails`.
    #[schema(pattern = "^(phones|emails)$")]
    field: String,
}

/// One field of the people of a selection.
#[derive(ToSchema)]
#[schema(as = EnrichmentBulk)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct EnrichmentBulkSchema {
    selection: SelectionSchema,
    /// `phones` or `emails`.
    #[schema(pattern = "^(phones|emails)$")]
    field: String,
}

/// A lookup that is asked about.
#[derive(ToSchema)]
#[schema(as = EnrichmentTask, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct EnrichmentTaskSchema {
    entity_id: Uuid,
    field: EnrichmentField,
    entity_type: EntityKind,
}

/// Lookups that are asked about; the array alone will do.
#[derive(ToSchema)]
#[schema(as = EnrichmentTasks)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct EnrichmentTasksSchema {
    #[schema(min_items = 1, max_items = 200)]
    tasks: Vec<EnrichmentTaskSchema>,
}

/// Who is exported, and what of them.
#[derive(ToSchema)]
#[schema(as = Export, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct ExportSchema {
    selection: SelectionSchema,
    /// Paths of fields, such as `firstName` and `company.domain`, in the order of the columns.
    #[schema(nullable = false, min_items = 1, max_items = 200)]
    export_fields: Option<Vec<String>>,
}
