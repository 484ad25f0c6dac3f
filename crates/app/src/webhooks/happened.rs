//! What happened, as webhooks tell it.

use crate::error::Result;
use serde::Serialize;
use serde_json::json;
use sluice_model::accounts::{AccountId, AccountLogId, LogContent, ProspectId, ProspectLogId};
use sluice_model::raw::RawJson;
use sluice_model::webhook::WebhookEvent;
use sluice_model::{EntityKind, LeadList, Run, RunStatus, Time};
use sluice_store::ops::account::StoredAccount;
use sluice_store::ops::prospect::StoredProspect;
use uuid::Uuid;

/// The most ids that one message tells.
const MAX_IDS: usize = 500;
/// The longest payload of a log that goes along, in bytes: messages stay below 64 KiB.
const MAX_PAYLOAD: usize = 48 << 10;

/// Something that happened.
pub(crate) enum Happened<'a> {
    /// A run succeeded, or was given up.
    RunEnded(&'a Run),
    LeadListCreated {
        list: &'a LeadList,
        run: Option<Uuid>,
    },
    LeadsAdded {
        list: Uuid,
        kind: EntityKind,
        ids: &'a [Uuid],
        run: Option<Uuid>,
    },
    AccountCreated(&'a StoredAccount),
    ProspectCreated(&'a StoredProspect),
    AccountLog {
        account: &'a AccountId,
        log: &'a str,
        content: &'a LogContent,
    },
    ProspectLog {
        prospect: &'a ProspectId,
        log: &'a str,
        content: &'a LogContent,
    },
}

#[derive(Serialize)]
struct Message<T> {
    #[serde(rename = "type")]
    kind: WebhookEvent,
    timestamp: Time,
    data: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogData<'a> {
    account_id: Option<&'a AccountId>,
    account_log_id: Option<AccountLogId>,
    prospect_id: Option<&'a ProspectId>,
    prospect_log_id: Option<ProspectLogId>,
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    created_at: Time,
    /// Null when it is too long to go along.
    payload: Option<&'a RawJson>,
    payload_omitted: bool,
}

/// A message of this form.
pub(super) fn message<T: Serialize>(kind: WebhookEvent, timestamp: Time, data: T) -> Result<String> {
    Ok(serde_json::to_string(&Message { kind, timestamp, data })?)
}

impl Happened<'_> {
    /// The event that it is.
    pub fn event(&self) -> WebhookEvent {
        match self {
            Self::RunEnded(run) if run.status == RunStatus::Failed => WebhookEvent::RunFailed,
            Self::RunEnded(_) => WebhookEvent::RunSucceeded,
            Self::LeadListCreated { .. } => WebhookEvent::LeadListCreated,
            Self::LeadsAdded { .. } => WebhookEvent::LeadAdded,
            Self::AccountCreated(_) => WebhookEvent::AccountCreated,
            Self::ProspectCreated(_) => WebhookEvent::ProspectCreated,
            Self::AccountLog { .. } | Self::ProspectLog { .. } => WebhookEvent::LogCreated,
        }
    }

    /// The messages that tell it: one, but for many ids.
    pub fn messages(&self, at: Time) -> Result<Vec<String>> {
        let kind = self.event();
        let one = |text: Result<String>| text.map(|text| vec![text]);
        match self {
            Self::RunEnded(run) => one(message(kind, at, run)),
            Self::LeadListCreated { list, run } => one(message(
                kind,
                at,
                json!({
                    "leadListId": list.id, "icpId": list.icp_id, "runId": run, "name": list.name, "type": list.kind,
                    "startDate": list.start_date, "endDate": list.end_date, "createdAt": list.created_at,
                }),
            )),
            Self::LeadsAdded { list, kind: of, ids, run } => {
                let (people, companies) = match of {
                    EntityKind::Person => (*ids, &[][..]),
                    EntityKind::Company => (&[][..], *ids),
                };
                let tell = |people: &[Uuid], companies: &[Uuid]| {
                    let data = json!({
                        "leadListId": list, "runId": run, "type": of, "personIds": people, "companyIds": companies,
                    });
                    message(kind, at, data)
                };
                let people = people.chunks(MAX_IDS).map(|chunk| tell(chunk, &[]));
                people.chain(companies.chunks(MAX_IDS).map(|chunk| tell(&[], chunk))).collect()
            }
            Self::AccountCreated(account) => one(message(
                kind,
                at,
                json!({
                    "accountId": account.id, "domain": account.domain, "name": account.name,
                    "createdAt": account.id.time(), "updatedAt": account.updated_at,
                }),
            )),
            Self::ProspectCreated(prospect) => one(message(
                kind,
                at,
                json!({
                    "prospectId": prospect.id, "name": prospect.name, "email": prospect.identifiers.email,
                    "phoneNumber": prospect.identifiers.phone, "linkedinProfileUrl": prospect.identifiers.linkedin,
                    "domain": prospect.domain, "slug": prospect.slug, "createdAt": prospect.id.time(),
                    "updatedAt": prospect.updated_at,
                }),
            )),
            Self::AccountLog { account, log, content } => {
                let id = AccountLogId::from_bare(*log);
                let data = LogData { account_id: Some(account), ..log_data(content, id.time()) };
                one(message(kind, at, LogData { account_log_id: Some(id), ..data }))
            }
            Self::ProspectLog { prospect, log, content } => {
                let id = ProspectLogId::from_bare(*log);
                let data = LogData { prospect_id: Some(prospect), ..log_data(content, id.time()) };
                one(message(kind, at, LogData { prospect_log_id: Some(id), ..data }))
            }
        }
    }
}

fn log_data(content: &LogContent, created_at: Time) -> LogData<'_> {
    let payload = Some(&content.payload).filter(|payload| payload.as_str().len() <= MAX_PAYLOAD);
    LogData {
        account_id: None,
        account_log_id: None,
        prospect_id: None,
        prospect_log_id: None,
        source: &content.source,
        kind: &content.kind,
        created_at,
        payload,
        payload_omitted: payload.is_none(),
    }
}
