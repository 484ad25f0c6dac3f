//! The company of a contact that is to be made: found, or made once.

use crate::context::Context;
use crate::error::{Error, Result};
use sluice_connect::ConnectError;
use sluice_connect::crm::duplicates::company_key;
use sluice_connect::crm::{CompanyDraft, Crm, CrmRef};
use sluice_model::EntityKind;
use sluice_store::ops::crm_identity::{crm_identity_delete, crm_identity_get, crm_identity_put};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What became of the search for a company.
pub(super) enum Company {
    Is(CrmRef),
    /// Several could be it.
    Ambiguous(usize),
}

/// Finds companies, and makes those that the CRM does not have: each once, however many of its people are exported at
/// the same time.
pub(super) struct Companies<'c> {
    context: &'c Context,
    organisation: &'c str,
    crm: &'c Arc<dyn Crm>,
    turns: Mutex<HashMap<String, Turn>>,
}

/// What was found under a key; none while nobody has looked.
type Turn = Arc<tokio::sync::Mutex<Option<CrmRef>>>;

/// Why there is no company.
pub(super) enum Failure {
    Crm(ConnectError),
    Ours(Error),
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self::Crm(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// The CRM's rule may take two of our companies for one: those take turns as well.
fn turn_of(draft: &CompanyDraft) -> String {
    company_key(&draft.name).unwrap_or_else(|| draft.external_id.clone())
}

impl<'c> Companies<'c> {
    pub fn new(context: &'c Context, organisation: &'c str, crm: &'c Arc<dyn Crm>) -> Self {
        Self { context, organisation, crm, turns: Mutex::default() }
    }

    fn turn(&self, draft: &CompanyDraft) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(turn_of(draft)).or_default().clone()
    }

    /// The CRM's record of this company.
    pub async fn of(&self, draft: &CompanyDraft) -> std::result::Result<Company, Failure> {
        let turn = self.turn(draft);
        let mut found = turn.lock().await;
        if let Some(found) = &*found {
            return Ok(Company::Is(found.clone()));
        }
        if let Some(known) = self.noted(draft).await? {
            *found = Some(known.clone());
            return Ok(Company::Is(known));
        }
        let mut there = self.crm.find_companies(draft).await?;
        if there.len() > 1 {
            return Ok(Company::Ambiguous(there.len()));
        }
        let company = match there.pop() {
            Some(company) => company,
            // When its answer is lost, the next attempt finds what was made.
            None => self.crm.create_company(draft).await?,
        };
        self.note(draft, &company).await?;
        *found = Some(company.clone());
        Ok(Company::Is(company))
    }

    /// Forgets a company that the CRM refuses: it may be gone there, and the next export looks for it again.
    pub async fn forget(&self, draft: &CompanyDraft) -> Result<()> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).remove(&turn_of(draft));
        let (provider, key) = (self.crm.provider(), draft.external_id.clone());
        let write = self.context.store.write(self.organisation, move |tx| {
            Box::pin(async move {
                Ok::<_, Error>(crm_identity_delete(tx, provider, EntityKind::Company, &key).await?)
            })
        });
        write.await
    }

    async fn noted(&self, draft: &CompanyDraft) -> Result<Option<CrmRef>> {
        let (provider, keys) = (self.crm.provider(), vec![draft.external_id.clone()]);
        let read = self.context.store.read(self.organisation, move |tx| {
            Box::pin(async move {
                Ok::<_, Error>(crm_identity_get(tx, provider, EntityKind::Company, &keys).await?)
            })
        });
        Ok(read.await?.remove(&draft.external_id))
    }

    async fn note(&self, draft: &CompanyDraft, company: &CrmRef) -> Result<()> {
        let (provider, now) = (self.crm.provider(), self.context.now());
        let (key, company) = (draft.external_id.clone(), company.clone());
        let write = self.context.store.write(self.organisation, move |tx| {
            Box::pin(async move {
                let kind = EntityKind::Company;
                Ok::<_, Error>(crm_identity_put(tx, provider, kind, &key, &company, now).await?)
            })
        });
        write.await
    }
}
