//! The bridge from targeting: leads become prospects, their companies accounts.

use super::account::find_or_make;
use super::identity::{Named, resolve};
use super::prospect_log::append;
use crate::context::Context;
use crate::error::Result;
use crate::pipeline::Record;
use crate::webhooks::{Happened, Hooks};
use serde_json::json;
use sha2::{Digest, Sha256};
use sluice_model::accounts::{Identifiers, LogContent};
use sluice_model::raw::RawJson;
use sluice_model::{Decision, Lead, Run, canon};
use sluice_store::Tx;
use sluice_store::ops::activity::activity_told;
use sluice_store::ops::lead_list::lead_list_exists;
use sluice_store::ops::prospect::{IdentifierKind, prospect_find};
use uuid::Uuid;

/// The longest name of an account or a prospect.
const LONGEST_NAME: usize = 255;

/// What an accepted candidate becomes. Made before the transaction, which reading the identifiers would hold up.
#[derive(Clone)]
pub(crate) struct Synced {
    account: Option<NewAccount>,
    /// Of a person.
    prospect: Option<NewProspect>,
}

#[derive(Clone)]
struct NewAccount {
    domain: String,
    name: Option<String>,
}

#[derive(Clone)]
struct NewProspect {
    identifiers: Identifiers,
    name: Option<String>,
    candidate: Uuid,
    /// Why it is in.
    sentence: String,
}

impl Synced {
    /// The account of a company; of a person the one of their company, and the prospect.
    pub fn of(record: &Record, decision: &Decision) -> Self {
        match record {
            Record::Company(company) => {
                let account = NewAccount::of(company.domain.as_deref(), company.name.as_deref());
                Self { account, prospect: None }
            }
            Record::Person(lead) => Self::of_lead(lead, decision),
        }
    }

    fn of_lead(lead: &Lead, decision: &Decision) -> Self {
        let job = lead.person.work_experiences.first().map(|job| &job.company);
        let company = lead.company.as_ref();
        let domain = company.and_then(|company| company.domain.as_deref());
        let domain = domain.or_else(|| job.and_then(|employer| employer.domain.as_deref()));
        let name = company.and_then(|company| company.name.as_deref());
        let name = name.or_else(|| job.and_then(|employer| employer.name.as_deref()));
        let person = format!("{} {}", lead.person.first_name, lead.person.last_name);
        let prospect = NewProspect {
            identifiers: identifiers(lead),
            name: shortened(&person),
            candidate: decision.candidate.id,
            sentence: decision.sentence.clone(),
        };
        Self { account: NewAccount::of(domain, name), prospect: Some(prospect) }
    }
}

impl NewAccount {
    /// Nothing without the domain of a company.
    fn of(domain: Option<&str>, name: Option<&str>) -> Option<Self> {
        let domain = domain.and_then(canon::domain).filter(|domain| !canon::is_free_mail(domain))?;
        Some(Self { domain, name: name.and_then(shortened) })
    }
}

/// Makes or finds the account of each company and the prospect of each person, and writes one log per lead and list.
/// Done again it changes nothing. A list that was deleted meanwhile has no leads.
pub(crate) async fn sync(tx: &mut Tx<'_>, context: &Context, run: &Run, all: Vec<Synced>) -> Result<()> {
    let Some(list) = run.lead_list_id else { return Ok(()) };
    if !lead_list_exists(tx, list).await? {
        return Ok(());
    }
    let mut hooks = Hooks::of(tx).await?;
    for Synced { account, prospect } in all {
        let mut domain = None;
        if let Some(NewAccount { domain: its, name }) = account {
            let (made, account) = find_or_make(tx, context, &its, name.as_deref()).await?;
            if made {
                hooks.tell(tx, context, &Happened::AccountCreated(&account)).await?;
            }
            domain = Some(its);
        }
        if let Some(prospect) = prospect {
            sync_prospect(tx, context, &mut hooks, (run, list), prospect, domain).await?;
        }
    }
    Ok(())
}

async fn sync_prospect(
    tx: &mut Tx<'_>,
    context: &Context,
    hooks: &mut Hooks,
    (run, list): (&Run, Uuid),
    new: NewProspect,
    domain: Option<String>,
) -> Result<()> {
    let identifiers = undisputed(tx, new.identifiers).await?;
    let key = format!("lead-list:{list}:{}", new.candidate);
    if identifiers.is_empty() || activity_told(tx, true, &key).await?.is_some() {
        return Ok(());
    }
    let reasons = [new.sentence];
    let payload = json!({"leadListId": list, "runId": run.id, "icpId": run.icp_id, "reasons": reasons});
    let content = LogContent {
        source: "lead-list".to_owned(),
        kind: "lead-added".to_owned(),
        request_hash: Some(Sha256::digest(payload.to_string()).into()),
        payload: RawJson::of(&payload),
        idempotency_key: Some(key),
    };
    let resolved = resolve(tx, None, &identifiers).await?;
    // The prospect is linked to the company, whatever the host of the e-mail address.
    let named = Named { identifiers, name: new.name, domain };
    append(tx, context, hooks, resolved, named, content).await.map(drop)
}

fn shortened(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// The first of each kind that can be read.
fn identifiers(lead: &Lead) -> Identifiers {
    Identifiers {
        linkedin: lead.person.linkedin_url.as_deref().and_then(canon::linkedin_person),
        email: lead.person.emails.iter().find_map(|email| canon::email(email)),
        phone: lead.person.phones.iter().find_map(|phone| canon::phone(phone)),
    }
}

/// Leaves out identifiers that name another prospect than the strongest does: a run must not fail over them.
async fn undisputed(tx: &mut Tx<'_>, mut identifiers: Identifiers) -> Result<Identifiers> {
    let found = prospect_find(tx, &identifiers).await?;
    let Some((_, meant)) = found.first() else { return Ok(identifiers) };
    for (kind, other) in &found {
        if other.id != meant.id {
            match kind {
                IdentifierKind::Linkedin => identifiers.linkedin = None,
                IdentifierKind::Email => identifiers.email = None,
                IdentifierKind::Phone => identifiers.phone = None,
            }
        }
    }
    Ok(identifiers)
}
