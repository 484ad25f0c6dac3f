//! One record on its way to the CRM.
//!
//! Found by what was noted at an earlier export, then by our id there, then by the CRM's own duplicate rule. Before a
//! contact is made that is written down, so that after a kill or a lost answer it is known that there may be one.

use super::company::{Companies, Company, Failure};
use super::draft::draft_of;
use crate::crm::keys::{keys_of_lead, may_be};
use crate::error::{Error, Result};
use crate::jobs::kinds::Claimed;
use sluice_connect::ConnectError;
use sluice_connect::crm::{Crm, CrmContact, CrmRef, PersonDraft, changes};
use sluice_model::crm::{Duplicates, ExportOutcome, ExportResult};
use sluice_model::{EntityKind, Lead};
use sluice_store::ops::crm_export::{OpenRecord, crm_export_intend};
use sluice_store::ops::crm_identity::crm_identity_get;
use sluice_store::ops::job::job_extend;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What an export needs for each of its records.
pub(super) struct Desk<'c> {
    /// The job, which has the id of its export.
    claimed: &'c Claimed<'c>,
    pub crm: Arc<dyn Crm>,
    companies: Companies<'c>,
    duplicates: Duplicates,
    /// The contacts that this export made, by the keys that others may share: a search may not show them yet.
    made: Mutex<HashMap<String, Vec<CrmRef>>>,
}

/// A record's outcome, and the contact that it is.
pub(super) struct Settled {
    pub result: ExportResult,
    pub contact: Option<CrmRef>,
}

/// The contact that a record is.
enum Found {
    /// Known to be ours: noted at an export, or with our id in it.
    Ours {
        contact: Box<CrmContact>,
        just_made: bool,
    },
    /// By the duplicate rule.
    Duplicate(Box<CrmContact>),
    Several(usize),
    Nobody,
    /// There may be one, and there is no telling which: duplicates are wanted, and nobody carries our id.
    Untraceable,
}

impl<'c> Desk<'c> {
    /// For the export of this job, to this CRM.
    pub fn new(claimed: &'c Claimed<'c>, crm: Arc<dyn Crm>, duplicates: Duplicates) -> Self {
        let companies = Companies::new(claimed, crm.clone());
        Self { claimed, crm, companies, duplicates, made: Mutex::default() }
    }

    /// Brings a record to its outcome. May be tried again after any failure.
    pub async fn settle(&self, open: OpenRecord, lead: &Lead) -> std::result::Result<Settled, Failure> {
        let draft = draft_of(lead);
        match self.find(open, lead, &draft).await? {
            Found::Several(count) => {
                let text = format!("{count} contacts of the CRM could be this person");
                Ok(outcome(open, ExportOutcome::Ambiguous, None, Some(text)))
            }
            Found::Untraceable => Ok(untraceable(open)),
            Found::Ours { contact, just_made: true } => Ok(self.created(open, &draft, contact.reference)),
            Found::Ours { contact, .. } => self.bring_up_to_date(open, &draft, *contact).await,
            Found::Duplicate(contact) if self.duplicates != Duplicates::Create => {
                self.bring_up_to_date(open, &draft, *contact).await
            }
            Found::Duplicate(_) | Found::Nobody => self.make(open, &draft).await,
        }
    }

    async fn find(
        &self,
        open: OpenRecord,
        lead: &Lead,
        draft: &PersonDraft,
    ) -> std::result::Result<Found, Failure> {
        if let Some(reference) = self.noted(lead).await?
            && let Some(contact) = self.crm.person(&reference).await?
            && (self.crm.carries(&contact, &draft.external_id)
                || may_be(&contact, &lead.person.last_name, &keys_of_lead(lead)))
        {
            return Ok(Found::Ours { contact: Box::new(contact), just_made: false });
        }
        if open.intent && self.is_untraceable() {
            return Ok(Found::Untraceable);
        }
        let mut found = self.crm.find_people(draft).await?;
        let ours = found.iter().filter(|contact| self.crm.carries(contact, &draft.external_id)).count();
        if ours > 0 {
            found.retain(|contact| self.crm.carries(contact, &draft.external_id));
        } else if self.duplicates != Duplicates::Create {
            self.add_made(draft, &mut found).await?;
        }
        // Where no id of ours is kept: whom we were about to make when nobody was known is the one that is there now.
        let keeps_ids = self.crm.keeps_external_ids();
        let made = open.intent && (ours > 0 || (!keeps_ids && self.duplicates != Duplicates::Create));
        let count = found.len();
        Ok(match (found.pop(), count) {
            (None, _) => Found::Nobody,
            (Some(contact), 1) if ours > 0 || made => {
                Found::Ours { contact: Box::new(contact), just_made: made }
            }
            (Some(contact), 1) => Found::Duplicate(Box::new(contact)),
            (Some(_), _) if self.duplicates == Duplicates::Create && ours == 0 => Found::Nobody,
            (Some(_), count) => Found::Several(count),
        })
    }

    /// Whether a contact that was made cannot be told from others.
    fn is_untraceable(&self) -> bool {
        self.duplicates == Duplicates::Create && !self.crm.keeps_external_ids()
    }

    /// Adds those whom this export made of other records, and whom the CRM's rule takes for this person.
    async fn add_made(
        &self,
        draft: &PersonDraft,
        found: &mut Vec<CrmContact>,
    ) -> std::result::Result<(), Failure> {
        let mut made: Vec<CrmRef> = {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            let keys = self.crm.shared_keys(draft);
            keys.iter().filter_map(|key| made.get(key)).flatten().cloned().collect()
        };
        made.sort();
        made.dedup();
        made.retain(|made| !found.iter().any(|contact| contact.reference == *made));
        for reference in made {
            let contact = self.crm.person(&reference).await?;
            found.extend(contact.filter(|contact| self.crm.is_same_person(draft, contact)));
        }
        Ok(())
    }

    /// The outcome of a record that was made.
    fn created(&self, open: OpenRecord, draft: &PersonDraft, contact: CrmRef) -> Settled {
        let fields = self.crm.person_fields(draft, &contact.entity);
        {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            for key in self.crm.shared_keys(draft) {
                made.entry(key).or_default().push(contact.clone());
            }
        }
        let mut settled = outcome(open, ExportOutcome::Created, Some(contact), None);
        settled.result.changed_fields = fields.keys().cloned().collect();
        settled
    }

    /// The contact that was noted for this person.
    async fn noted(&self, lead: &Lead) -> Result<Option<CrmRef>> {
        let key = lead.person.id.to_string();
        let (provider, keys) = (self.crm.provider(), vec![key.clone()]);
        let Claimed { context, job, .. } = *self.claimed;
        let read = context.store.read(&job.organisation, move |tx| {
            Box::pin(async move {
                Ok::<_, Error>(crm_identity_get(tx, provider, EntityKind::Person, &keys).await?)
            })
        });
        Ok(read.await?.remove(&key))
    }

    /// Does with a contact that is there what was asked for.
    async fn bring_up_to_date(
        &self,
        open: OpenRecord,
        draft: &PersonDraft,
        contact: CrmContact,
    ) -> std::result::Result<Settled, Failure> {
        let only_empty = match self.duplicates {
            Duplicates::Skip => {
                return Ok(outcome(open, ExportOutcome::Skipped, Some(contact.reference), None));
            }
            Duplicates::Create => {
                let text = "Exported before".to_owned();
                return Ok(outcome(open, ExportOutcome::Skipped, Some(contact.reference), Some(text)));
            }
            Duplicates::Update => false,
            Duplicates::FillEmpty => true,
        };
        let wanted = self.crm.person_fields(draft, &contact.reference.entity);
        let changed = changes(&wanted, &contact.fields, only_empty);
        if changed.is_empty() {
            return Ok(outcome(open, ExportOutcome::Noop, Some(contact.reference), None));
        }
        self.crm.update_person(&contact.reference, &changed).await?;
        let mut settled = outcome(open, ExportOutcome::Updated, Some(contact.reference), None);
        settled.result.changed_fields = changed.into_iter().map(|(name, _)| name).collect();
        Ok(settled)
    }

    async fn make(&self, open: OpenRecord, draft: &PersonDraft) -> std::result::Result<Settled, Failure> {
        let company = match &draft.company {
            None => None,
            Some(company) => match self.companies.of(company).await? {
                Company::Is(reference) => Some(reference),
                Company::Ambiguous(count) => {
                    let text = format!("{count} companies of the CRM could be {}", company.name);
                    return Ok(outcome(open, ExportOutcome::Ambiguous, None, Some(text)));
                }
            },
        };
        if !open.intent {
            self.intend(open, true).await?;
        }
        match self.crm.create_person(draft, company.as_ref()).await {
            Ok(reference) => Ok(self.created(open, draft, reference)),
            Err(ConnectError::Unavailable(_)) if self.is_untraceable() => Ok(untraceable(open)),
            Err(error @ ConnectError::Unavailable(_)) => Err(Failure::Unanswered(error)),
            Err(error) => {
                // An answer that says no: nobody was made, at least not now.
                if !open.intent {
                    self.intend(open, false).await?;
                }
                let refused = matches!(error, ConnectError::BadRequest(_) | ConnectError::NotFound(_));
                if let Some(company) = draft.company.as_ref().filter(|_| refused) {
                    self.companies.forget(company).await?;
                }
                Err(Failure::Crm(error))
            }
        }
    }

    /// Writes down whether the CRM may have made this record from here on, as long as the job is ours.
    async fn intend(&self, open: OpenRecord, intended: bool) -> std::result::Result<(), Failure> {
        let Claimed { context, job, .. } = *self.claimed;
        let (export, lease, position) = (job.id, self.claimed.lease(), open.position);
        let write = context.store.write(&job.organisation, move |tx| {
            Box::pin(async move {
                if !job_extend(tx, export, lease).await? {
                    return Ok(false);
                }
                crm_export_intend(tx, export, position, intended).await?;
                Ok::<_, Error>(true)
            })
        });
        if write.await? { Ok(()) } else { Err(Failure::Lost) }
    }
}

fn outcome(
    open: OpenRecord,
    outcome: ExportOutcome,
    contact: Option<CrmRef>,
    message: Option<String>,
) -> Settled {
    let crm_id = contact.as_ref().map(|contact| contact.id.clone());
    let changed_fields = Vec::new();
    Settled {
        result: ExportResult { person_id: open.record, outcome, crm_id, message, changed_fields },
        contact,
    }
}

/// The outcome of a record that the CRM may have made without an answer, where that cannot be found out.
fn untraceable(open: OpenRecord) -> Settled {
    failed(
        open,
        "The CRM did not answer: it may have made the contact. Look before exporting it again".to_owned(),
    )
}

/// The outcome of a record that cannot be exported, for this reason.
pub(super) fn failed(open: OpenRecord, message: String) -> Settled {
    outcome(open, ExportOutcome::Failed, None, Some(message))
}
