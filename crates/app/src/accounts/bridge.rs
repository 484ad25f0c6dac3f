//! The bridge from targeting: leads become prospects, their companies accounts.

use super::account::find_or_make;
use super::identity::{Named, resolve};
use super::prospect_log::append;
use crate::context::Context;
use crate::error::Result;
use serde_json::json;
use sha2::{Digest, Sha256};
use sluice_model::accounts::{Identifiers, LogContent};
use sluice_model::raw::RawJson;
use sluice_model::{Company, Decision, Lead, Run, canon};
use sluice_store::Tx;
use sluice_store::ops::activity::activity_told;
use sluice_store::ops::lead_list::lead_list_get;
use sluice_store::ops::prospect::{IdentifierKind, prospect_find};
use uuid::Uuid;

/// The longest name of an account or a prospect.
const LONGEST_NAME: usize = 255;

/// What a batch of a run put on its list.
pub(crate) struct Accepted<'b> {
    pub run: &'b Run,
    /// Of a list of people; each with the decision at the same position.
    pub leads: &'b [Lead],
    /// Of a list of companies.
    pub companies: &'b [Company],
    pub decisions: Vec<&'b Decision>,
}

/// Makes or finds the account of each company and the prospect of each person, and writes one log per lead and list.
/// Done again it changes nothing. A list that was deleted meanwhile has no leads.
pub(crate) async fn sync(tx: &mut Tx<'_>, context: &Context, accepted: &Accepted<'_>) -> Result<()> {
    let Some(list) = accepted.run.lead_list_id else { return Ok(()) };
    if lead_list_get(tx, list).await?.is_none() {
        return Ok(());
    }
    for company in accepted.companies {
        make_account(tx, context, company.domain.as_deref(), company.name.as_deref()).await?;
    }
    for (lead, decision) in accepted.leads.iter().zip(&accepted.decisions) {
        sync_lead(tx, context, accepted.run, list, lead, decision).await?;
    }
    Ok(())
}

async fn sync_lead(
    tx: &mut Tx<'_>,
    context: &Context,
    run: &Run,
    list: Uuid,
    lead: &Lead,
    decision: &Decision,
) -> Result<()> {
    let job = lead.person.work_experiences.first().map(|job| &job.company);
    let company = lead.company.as_ref();
    let domain = company.and_then(|company| company.domain.as_deref());
    let domain = domain.or_else(|| job.and_then(|employer| employer.domain.as_deref()));
    let name = company.and_then(|company| company.name.as_deref());
    let name = name.or_else(|| job.and_then(|employer| employer.name.as_deref()));
    let domain = make_account(tx, context, domain, name).await?;
    let identifiers = undisputed(tx, identifiers(lead)).await?;
    let key = format!("lead-list:{list}:{}", decision.candidate.id);
    if identifiers.is_empty() || activity_told(tx, true, &key).await?.is_some() {
        return Ok(());
    }
    let reasons = [&decision.sentence];
    let payload = json!({"leadListId": list, "runId": run.id, "icpId": run.icp_id, "reasons": reasons});
    let content = LogContent {
        source: "lead-list".to_owned(),
        kind: "lead-added".to_owned(),
        request_hash: Some(Sha256::digest(payload.to_string()).into()),
        payload: RawJson::of(&payload),
        idempotency_key: Some(key),
    };
    let resolved = resolve(tx, None, &identifiers).await?;
    let name = format!("{} {}", lead.person.first_name, lead.person.last_name);
    // The prospect is linked to the company, whatever the host of the e-mail address.
    let named = Named { identifiers, name: shortened(&name), domain };
    append(tx, context, resolved, named, content).await.map(drop)
}

/// The account of a company, by its domain; the domain.
async fn make_account(
    tx: &mut Tx<'_>,
    context: &Context,
    domain: Option<&str>,
    name: Option<&str>,
) -> Result<Option<String>> {
    let domain = domain.and_then(canon::domain).filter(|domain| !canon::is_free_mail(domain));
    if let Some(domain) = &domain {
        let name = name.and_then(shortened);
        find_or_make(tx, context, domain, name.as_deref()).await?;
    }
    Ok(domain)
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
