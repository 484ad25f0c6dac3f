//! The company of a contact that is to be made: found, or made once.

use crate::error::{Error, Result};
use crate::jobs::kinds::Claimed;
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
    claimed: &'c Claimed<'c>,
    crm: Arc<dyn Crm>,
    turns: Mutex<HashMap<String, Turn>>,
}

/// Those of one key take turns.
type Turn = Arc<tokio::sync::Mutex<Known>>;

/// What is known of the companies of one key.
#[derive(Default)]
struct Known {
    /// By our ids: two of ours may share a name.
    found: HashMap<String, CrmRef>,
    /// Those that this export made: a search may not show them yet.
    made: Vec<(CompanyDraft, CrmRef)>,
}

/// Why a record, or its company, has not come to its outcome.
pub(super) enum Failure {
    Crm(ConnectError),
    /// A call that makes something was not answered: perhaps it did.
    Unanswered(ConnectError),
    /// The job is not ours any more.
    Lost,
    Ours(Error),
}

impl Failure {
    /// Of a call that makes something.
    pub fn of_making(error: ConnectError) -> Self {
        match error {
            ConnectError::Unavailable(_) => Self::Unanswered(error),
            error => Self::Crm(error),
        }
    }
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
    pub fn new(claimed: &'c Claimed<'c>, crm: Arc<dyn Crm>) -> Self {
        Self { claimed, crm, turns: Mutex::default() }
    }

    fn turn(&self, draft: &CompanyDraft) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(turn_of(draft)).or_default().clone()
    }

    /// The CRM's record of this company.
    pub async fn of(&self, draft: &CompanyDraft) -> std::result::Result<Company, Failure> {
        let turn = self.turn(draft);
        let mut known = turn.lock().await;
        if let Some(found) = known.found.get(&draft.external_id) {
            return Ok(Company::Is(found.clone()));
        }
        if let Some(noted) = self.noted(draft).await? {
            known.found.insert(draft.external_id.clone(), noted.clone());
            return Ok(Company::Is(noted));
        }
        let mut there = self.crm.find_companies(draft).await?;
        if there.is_empty() {
            let same = known.made.iter().filter(|(other, _)| self.crm.is_same_company(draft, other));
            there.extend(same.map(|(_, company)| company.clone()));
        }
        if there.len() > 1 {
            return Ok(Company::Ambiguous(there.len()));
        }
        let company = match there.pop() {
            Some(company) => company,
            None => {
                // When its answer is lost, the next attempt finds what was made.
                let made = self.crm.create_company(draft).await.map_err(Failure::of_making)?;
                known.made.push((draft.clone(), made.clone()));
                made
            }
        };
        self.note(draft, &company).await?;
        known.found.insert(draft.external_id.clone(), company.clone());
        Ok(Company::Is(company))
    }

    /// Forgets a company that the CRM refuses: it may be gone there, and the next record looks for it again. One that
    /// was made just now is there, whatever was refused.
    pub async fn forget(&self, draft: &CompanyDraft) -> Result<()> {
        let turn = self.turn(draft);
        let mut known = turn.lock().await;
        let found = known.found.get(&draft.external_id);
        if found.is_some_and(|found| known.made.iter().any(|(_, made)| made == found)) {
            return Ok(());
        }
        known.found.remove(&draft.external_id);
        let (provider, key) = (self.crm.provider(), draft.external_id.clone());
        let Claimed { context, job, .. } = *self.claimed;
        let write = context.store.write(&job.organisation, move |tx| {
            Box::pin(async move {
                Ok::<_, Error>(crm_identity_delete(tx, provider, EntityKind::Company, &key).await?)
            })
        });
        write.await
    }

    async fn noted(&self, draft: &CompanyDraft) -> Result<Option<CrmRef>> {
        let (provider, keys) = (self.crm.provider(), vec![draft.external_id.clone()]);
        let Claimed { context, job, .. } = *self.claimed;
        let read = context.store.read(&job.organisation, move |tx| {
            Box::pin(async move {
                Ok::<_, Error>(crm_identity_get(tx, provider, EntityKind::Company, &keys).await?)
            })
        });
        Ok(read.await?.remove(&draft.external_id))
    }

    async fn note(&self, draft: &CompanyDraft, company: &CrmRef) -> Result<()> {
        let Claimed { context, job, .. } = *self.claimed;
        let (provider, now) = (self.crm.provider(), context.now());
        let (key, company) = (draft.external_id.clone(), company.clone());
        let write = context.store.write(&job.organisation, move |tx| {
            Box::pin(async move {
                let kind = EntityKind::Company;
                Ok::<_, Error>(crm_identity_put(tx, provider, kind, &key, &company, now).await?)
            })
        });
        write.await
    }
}
