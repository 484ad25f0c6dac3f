//! The CRM of an organisation: its settings, its mirror, and what was written to it.

use crate::fault::{Fault, Faults, Node};
use crate::names::names;
use crate::prospect_body::{Selection, read_selection};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CrmProvider {
    Bullhorn,
    Close,
}

names!(CrmProvider { Bullhorn = "bullhorn", Close = "close" });

/// A record of the CRM: its entity (`ClientContact`, `Candidate`, `Lead`; `Contact` in Close) and its id there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct CrmReference {
    pub entity: String,
    pub id: String,
}

/// By what a contact of the CRM was recognised, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum CrmKey {
    /// The id that the organisation's record has of it.
    CrmId,
    Linkedin,
    Email,
    NameAndCompany,
    NameAndPhone,
}

impl CrmKey {
    /// How a sentence names it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CrmId => "CRM id",
            Self::Linkedin => "LinkedIn URL",
            Self::Email => "e-mail address",
            Self::NameAndCompany => "name and company",
            Self::NameAndPhone => "name and phone number",
        }
    }
}

/// The contact of the CRM that a candidate is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrmMatch {
    pub provider: CrmProvider,
    pub entity: String,
    pub id: String,
    #[schema(required)]
    pub name: Option<String>,
    /// By what it was recognised.
    pub key: CrmKey,
}

/// How old the copy of the CRM is that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrmMirror {
    pub provider: CrmProvider,
    /// The mirror has all that changed in the CRM before this time; null while it was never filled.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub mirror_at: Option<Time>,
}

/// What is connected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrmSettings {
    pub connected: bool,
    #[schema(required)]
    pub provider: Option<CrmProvider>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub connected_at: Option<Time>,
    /// The last characters of the key.
    #[schema(required, example = "********************abc1")]
    pub api_key_masked: Option<String>,
}

/// What the sync of the mirror is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SyncState {
    /// Nothing; the last one, if any, is complete.
    Idle,
    Queued,
    Running,
    /// The CRM asked to wait, or cannot be reached: it goes on where it was.
    Waiting,
    /// It was given up; the next one goes on where it was.
    Failed,
}

names!(SyncState {
    Idle = "idle",
    Queued = "queued",
    Running = "running",
    Waiting = "waiting",
    Failed = "failed",
});

/// The sync of the mirror as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrmSync {
    pub provider: CrmProvider,
    pub state: SyncState,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
    /// Contacts read by this sync.
    pub contacts: u64,
    /// How many there are to be read, when the CRM says.
    #[schema(required)]
    pub total: Option<u64>,
    /// Only what changed since this time is read; null when everything is.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub since: Option<Time>,
    /// Why it waits, or was given up.
    #[schema(required)]
    pub error: Option<String>,
    /// The mirror has all that changed in the CRM before this time; null while it was never filled.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub mirror_at: Option<Time>,
    /// When the next one begins by itself.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Time>,
}

/// The body that connects a CRM, or tries a key.
#[derive(Clone, PartialEq, Eq)]
pub struct CrmCredentials {
    pub provider: CrmProvider,
    /// A secret: never to be shown.
    pub api_key: String,
    /// Whether the key is tried before it is kept.
    pub verify: bool,
}

impl CrmCredentials {
    /// Reads the body: `{provider, apiKey}`, and `verify` where `may_skip` says so.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, may_skip: bool) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut provider, mut api_key, mut verify) = (None, None, Some(true));
        let read = node.object(&mut faults, &["provider", "apiKey"], |key, child, faults| {
            match key {
                "provider" => provider = child.one_of(faults, &CrmProvider::NAMES),
                "apiKey" => api_key = child.trimmed(faults, 10_000),
                "verify" if may_skip => verify = child.boolean(faults),
                _ => return false,
            }
            true
        });
        let provider = provider.and_then(|at| CrmProvider::ALL.get(at).copied());
        let all = read.zip(provider).zip(api_key).zip(verify);
        faults.finish(all.map(|((((), provider), api_key), verify)| Self { provider, api_key, verify }))
    }
}

/// What happens to a record that the CRM has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Duplicates {
    /// It stays as it is.
    Skip,
    /// Our values replace others.
    Update,
    /// Our values go where the CRM has none.
    FillEmpty,
    /// A further contact is made, unless this record was exported before.
    Create,
}

names!(Duplicates { Skip = "skip", Update = "update", FillEmpty = "fillEmpty", Create = "create" });

/// Whom an export is for.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportOf {
    Selection(Selection),
    /// All people of a lead list.
    List(Uuid),
}

/// The body of an export.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportRequest {
    pub of: ExportOf,
    pub provider: CrmProvider,
    pub duplicates: Duplicates,
}

impl ExportRequest {
    /// Reads the body: `{selection, options}`, or `{leadListId, options}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut selection, mut list, mut options) = (None, None, None);
        let of_list = node.value().get("leadListId").is_some();
        let required: &[&str] = if of_list { &["leadListId", "options"] } else { &["selection", "options"] };
        let read = node.object(&mut faults, required, |key, child, faults| {
            match key {
                "leadListId" => list = child.uuid(faults).map(ExportOf::List),
                "selection" if of_list => child.fault(faults, "Give either selection or leadListId"),
                "selection" => selection = read_selection(child, faults).map(ExportOf::Selection),
                "options" => options = read_options(child, faults),
                _ => return false,
            }
            true
        });
        let all = read.zip(list.or(selection)).zip(options);
        let request = all.map(|(((), of), (provider, duplicates))| Self { of, provider, duplicates });
        faults.finish(request)
    }
}

fn read_options(node: &Node<'_>, faults: &mut Faults) -> Option<(CrmProvider, Duplicates)> {
    let (mut provider, mut duplicates) = (None, Some(Duplicates::Skip));
    node.object(faults, &["provider"], |key, child, faults| {
        match key {
            "provider" => {
                let at = child.one_of(faults, &CrmProvider::NAMES);
                provider = at.and_then(|at| CrmProvider::ALL.get(at).copied());
            }
            "duplicates" => {
                let at = child.one_of(faults, &Duplicates::NAMES);
                duplicates = at.and_then(|at| Duplicates::ALL.get(at).copied());
            }
            _ => return false,
        }
        true
    })?;
    provider.zip(duplicates)
}

/// What became of one record of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportOutcome {
    Created,
    Updated,
    /// The CRM had all of it.
    Noop,
    /// The CRM had the person, and was to be left as it is.
    Skipped,
    /// Several contacts could be this person: nothing was written.
    Ambiguous,
    Failed,
}

names!(ExportOutcome {
    Created = "created",
    Updated = "updated",
    Noop = "noop",
    Skipped = "skipped",
    Ambiguous = "ambiguous",
    Failed = "failed",
});

/// One record of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportResult {
    /// Id of the organisation's record.
    pub person_id: Uuid,
    pub outcome: ExportOutcome,
    /// Id of the CRM's contact.
    #[schema(required)]
    pub crm_id: Option<String>,
    #[schema(required)]
    pub message: Option<String>,
    /// The fields that were written, as the CRM names them.
    pub changed_fields: Vec<String>,
}

/// What became of a whole export. `total` is the sum of the five counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    /// Whether no record failed.
    pub success: bool,
    pub total: u64,
    pub created: u64,
    pub updated: u64,
    /// Those that were left as they are: skipped, ambiguous, or with nothing to change.
    pub skipped: u64,
    pub failed: u64,
    pub results: Vec<ExportResult>,
    /// What went wrong, each message once.
    pub errors: Vec<String>,
}

impl ExportReport {
    /// Adds up the results of an export.
    #[must_use]
    pub fn of(results: Vec<ExportResult>) -> Self {
        let mut report = Self { total: results.len() as u64, ..Self::default() };
        for result in &results {
            match result.outcome {
                ExportOutcome::Created => report.created += 1,
                ExportOutcome::Updated => report.updated += 1,
                ExportOutcome::Noop | ExportOutcome::Skipped | ExportOutcome::Ambiguous => {
                    report.skipped += 1
                }
                ExportOutcome::Failed => report.failed += 1,
            }
            if let Some(message) = result.message.as_ref().filter(|_| result.outcome == ExportOutcome::Failed)
                && !report.errors.contains(message)
                && report.errors.len() < MAX_ERRORS
            {
                report.errors.push(message.clone());
            }
        }
        report.success = report.failed == 0;
        report.results = results;
        report
    }
}

/// The most messages that one report lists.
const MAX_ERRORS: usize = 20;

/// Where an export is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportStatus {
    Queued,
    Running,
    /// Every record has an outcome.
    Done,
    /// It was given up; records without an outcome were not written.
    Failed,
}

names!(ExportStatus { Queued = "queued", Running = "running", Done = "done", Failed = "failed" });

/// An export as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrmExport {
    pub id: Uuid,
    pub status: ExportStatus,
    pub provider: CrmProvider,
    pub duplicates: Duplicates,
    /// Records to be exported.
    pub records: u64,
    /// Records that have their outcome.
    pub done: u64,
    #[schema(required)]
    pub error: Option<String>,
    pub created_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
}

/// The contact of the CRM that a lead is, as leads show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientContact {
    pub provider: CrmProvider,
    pub entity: String,
    pub id: String,
    #[schema(required)]
    pub name: Option<String>,
    #[schema(required)]
    pub status: Option<String>,
    /// Who looks after the contact, as the CRM says it.
    #[schema(required, value_type = Option<Object>)]
    pub owner: Option<Value>,
    #[schema(required)]
    pub occupation: Option<String>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub modified_at: Option<Time>,
    /// The tasks on the contact, open ones first, as of `tasksAt`.
    #[schema(value_type = Vec<Object>)]
    pub tasks: Vec<Value>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub tasks_at: Option<Time>,
}

#[cfg(test)]
mod tests {
    use super::{CrmCredentials, Duplicates, ExportOf, ExportReport, ExportRequest, ExportResult};
    use crate::crm::{CrmProvider, ExportOutcome};
    use crate::fault::Node;
    use serde_json::{Value, json};
    use uuid::Uuid;

    #[test]
    fn counts_add_up_to_the_total() {
        let results: Vec<ExportResult> = ExportOutcome::ALL
            .into_iter()
            .chain([ExportOutcome::Failed])
            .map(|outcome| ExportResult {
                person_id: Uuid::nil(),
                outcome,
                crm_id: None,
                message: Some("no name".to_owned()),
                changed_fields: Vec::new(),
            })
            .collect();
        let report = ExportReport::of(results);
        assert_eq!(report.total, report.created + report.updated + report.skipped + report.failed);
        assert_eq!((report.created, report.updated, report.skipped, report.failed), (1, 1, 3, 2));
        assert_eq!((report.success, report.errors), (false, vec!["no name".to_owned()]));
        assert!(ExportReport::of(Vec::new()).success);
    }

    fn faults(body: &Value) -> Value {
        json!(ExportRequest::read(&Node::root(body)).err().unwrap_or_default())
    }

    #[test]
    fn an_export_is_of_a_selection_or_of_a_list() {
        let id = "550e8400-e29b-41d4-a716-446655440999";
        let body = json!({"leadListId": id, "options": {"provider": "close"}});
        let request = ExportRequest::read(&Node::root(&body)).unwrap();
        let of = ExportOf::List(Uuid::try_parse(id).unwrap());
        assert_eq!(request, ExportRequest { of, provider: CrmProvider::Close, duplicates: Duplicates::Skip });
        for (body, expected) in [
            (
                json!({}),
                json!([{"path": ["selection"], "message": "Required"}, {"path": ["options"], "message": "Required"}]),
            ),
            (
                json!({"leadListId": id, "selection": {}, "options": {"provider": "sap", "duplicates": "all"}}),
                json!([
                    {"path": ["selection"], "message": "Give either selection or leadListId"},
                    {"path": ["options", "provider"],
                     "message": "Invalid enum value. Expected 'bullhorn' | 'close', received 'sap'"},
                    {"path": ["options", "duplicates"],
                     "message": "Invalid enum value. Expected 'skip' | 'update' | 'fillEmpty' | 'create', received 'all'"},
                ]),
            ),
        ] {
            assert_eq!(faults(&body), expected, "{body}");
        }
    }

    #[test]
    fn only_who_saves_may_skip_the_test_of_a_key() {
        let body = json!({"provider": "close", "apiKey": " k ", "verify": false});
        let read = CrmCredentials::read(&Node::root(&body), true).map_err(|faults| json!(faults));
        let read = read.map(|read| (read.provider, read.api_key, read.verify));
        assert_eq!(read, Ok((CrmProvider::Close, "k".to_owned(), false)));
        let read =
            CrmCredentials::read(&Node::root(&body), false).map(|_| ()).map_err(|faults| json!(faults));
        assert_eq!(read, Err(json!([{"path": ["verify"], "message": "Unrecognized key: 'verify'"}])));
    }
}
