//! How the bodies are read that have to do with outside services, and how the document describes them.

use crate::http::ReadBody;
use serde_json::Value;
use sluice_model::connector::{ConnectorKind, ConnectorPut};
use sluice_model::credit::NewCredits;
use sluice_model::{Fault, Node};
use utoipa::ToSchema;

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
    /// `maxSteps` (`browserUse`), `provider` (`crm`).
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
