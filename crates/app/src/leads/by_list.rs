use crate::crm::show_contacts;
use crate::{Context, Result, access};
use serde::Serialize;
use sluice_model::{Actor, Company, EntityKind, Lead};
use sluice_store::ops::record::{company_list, person_list};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a list holds, as a bare array.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ListRecords {
    /// Of a person list. Leads whose company has no name are left out.
    People(Vec<Lead>),
    /// Of a company list.
    Companies(Vec<Company>),
}

/// The leads, or the companies, of a list.
///
/// # Errors
/// Not found, or forbidden for those who are neither among its users nor admins.
pub async fn by_list(context: &Context, actor: &Actor, id: Uuid) -> Result<ListRecords> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let list = access::own_lead_list(tx, &by, id).await?.list;
                Ok(match list.kind {
                    EntityKind::Person => {
                        let mut leads = person_list(tx, id).await?;
                        leads.retain(|lead| {
                            lead.company.as_ref().is_none_or(|company| {
                                company.name.as_deref().is_some_and(|name| !name.trim().is_empty())
                            })
                        });
                        show_contacts(tx, &mut leads).await?;
                        ListRecords::People(leads)
                    }
                    EntityKind::Company => ListRecords::Companies(company_list(tx, id).await?),
                })
            })
        })
        .await
}
