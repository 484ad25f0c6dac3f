//! How the bodies of the CRM's part are read, and how the document describes them.

use super::service_bodies::SelectionSchema;
use crate::http::ReadBody;
use sluice_model::crm::{CrmCredentials, CrmProvider, Duplicates, ExportRequest};
use sluice_model::{Fault, Node};
use utoipa::ToSchema;
use uuid::Uuid;

/// A CRM to be connected.
pub struct ConnectCrm(pub CrmCredentials);
/// A key to be tried.
pub struct TryCrm(pub CrmCredentials);

impl ReadBody for ConnectCrm {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        CrmCredentials::read(node, true).map(Self)
    }
}

impl ReadBody for TryCrm {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        CrmCredentials::read(node, false).map(Self)
    }
}

impl ReadBody for ExportRequest {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

/// A CRM and the key to it.
#[derive(ToSchema)]
#[schema(as = CrmCredentials, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmCredentialsSchema {
    provider: CrmProvider,
    /// Close: the API key. Bullhorn: a JSON object with `username`, `password`, `clientId` and `clientSecret`, as text.
    api_key: String,
    /// Whether the key is tried before it is kept; default true.
    #[schema(nullable = false)]
    verify: Option<bool>,
}

/// A CRM and a key to be tried.
#[derive(ToSchema)]
#[schema(as = CrmKey, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmKeySchema {
    provider: CrmProvider,
    /// As for the settings.
    api_key: String,
}

/// Who is exported, and how: `selection` or `leadListId`, and `options`.
#[derive(ToSchema)]
#[schema(as = CrmExportRequest, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmExportSchema {
    #[schema(nullable = false)]
    selection: Option<SelectionSchema>,
    /// All people of this list, in the background.
    #[schema(nullable = false)]
    lead_list_id: Option<Uuid>,
    options: CrmExportOptionsSchema,
}

/// How people are exported.
#[derive(ToSchema)]
#[schema(as = CrmExportOptions, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmExportOptionsSchema {
    /// The CRM that is connected.
    provider: CrmProvider,
    /// What happens to those whom the CRM has already; default `skip`.
    #[schema(nullable = false)]
    duplicates: Option<Duplicates>,
}
