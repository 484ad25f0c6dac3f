//! Small records to store.

use sluice_model::accounts::{AccountId, Identifiers, LogContent, ProspectId};
use sluice_model::connector::ConnectorKind;
use sluice_model::credit::{CreditKind, CreditTransaction};
use sluice_model::decision::CandidateRef;
use sluice_model::enrichment::{Enrichment, EnrichmentField, EnrichmentStatus};
use sluice_model::raw::RawJson;
use sluice_model::run::{Cost, Progress, RunCost};
use sluice_model::suppression::SuppressionKind;
use sluice_model::{
    Company, Decision, EntityKind, Funnel, Icp, Lead, LeadList, Person, Run, RunStatus, Stage, Suppression,
    Time, Verdict,
};
use sluice_store::ops::connector::StoredConnector;
use sluice_store::ops::prospect::StoredProspect;
use sluice_store::ops::suppression::StoredSuppression;
use uuid::Uuid;

/// The id with this number. Greater numbers sort later.
pub fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number)
}

/// A time, `seconds` after some day's start.
pub fn at(seconds: i64) -> Time {
    Time::from_millis(1_767_225_600_000 + seconds * 1_000)
}

/// An ICP of `user_ann`, made `number` seconds after the first.
pub fn icp(number: u64) -> Icp {
    let made = at(number.cast_signed());
    Icp {
        id: id(number),
        name: format!("ICP {number}"),
        description: Some("Zoë's “ideal” customer; 客户".to_owned()),
        created_at: made,
        updated_at: made,
        user_ids: vec!["user_ann".to_owned()],
        leads_per_list: 10,
        active_until: None,
        lead_provider_criteria: raw(r#"[{"provider":"baseProvider","filters":{"z":1,"a":1.50}}]"#),
        custom_filter_criteria: RawJson::empty_array(),
        crm_filters: None,
        schedule: None,
    }
}

/// JSON as a client wrote it.
pub fn raw(text: &str) -> RawJson {
    RawJson::parse(text.to_owned()).expect("valid JSON")
}

/// A list of people for `user_ann`, made `number` seconds after the first.
pub fn list(number: u64, people: &[Uuid]) -> LeadList {
    let made = at(number.cast_signed());
    LeadList {
        id: id(number),
        icp_id: None,
        name: format!("List {number}"),
        kind: EntityKind::Person,
        start_date: at(0),
        end_date: at(86_400),
        person_ids: people.to_vec(),
        company_ids: Vec::new(),
        user_ids: vec!["user_ann".to_owned()],
        created_at: made,
        updated_at: made,
    }
}

/// A person without company.
pub fn person(number: u64) -> Lead {
    let person = Person {
        id: id(number),
        created_at: Some(at(0)),
        updated_at: Some(at(0)),
        first_name: "Ann".to_owned(),
        last_name: format!("Lee {number}"),
        emails: vec![format!("ann{number}@acme.example")],
        ..Person::default()
    };
    Lead { person, base_provider_id: Some(id(number + 1_000_000)), ..Lead::default() }
}

/// A company.
pub fn company(number: u64) -> Company {
    Company {
        id: id(number),
        created_at: Some(at(0)),
        updated_at: Some(at(0)),
        name: Some(format!("Acme {number}")),
        domain: Some(format!("acme{number}.example")),
        ..Company::default()
    }
}

/// A queued run of an ICP, made `number` seconds after the first.
pub fn run(number: u64, icp: Uuid) -> Run {
    let made = at(number.cast_signed());
    Run {
        id: id(number),
        icp_id: icp,
        icp_version: 1,
        status: RunStatus::Queued,
        stage: "queued".to_owned(),
        progress: Progress { considered: 0, accepted: 0, target: 10 },
        funnel: Funnel::default(),
        lead_list_id: None,
        dry_run: false,
        cost: RunCost::default(),
        stopped_by: None,
        error: None,
        created_by: "user_ann".to_owned(),
        created_at: made,
        updated_at: made,
        started_at: None,
        finished_at: None,
        scheduled_for: None,
        crm: None,
    }
}

/// The decision on candidate number `1000 + sequence`.
pub fn decision(sequence: u64, verdict: Verdict, stage: Stage) -> Decision {
    Decision {
        sequence,
        candidate: CandidateRef {
            id: id(1_000 + sequence),
            kind: EntityKind::Person,
            name: format!("Ann Lee {sequence}"),
            job_title: None,
            company: None,
        },
        sources: Vec::new(),
        verdict,
        stage,
        reason: (verdict != Verdict::Accepted).then(|| "duplicate".to_owned()),
        filter_index: None,
        filter_type: None,
        icp_version: 1,
        observed: None,
        threshold: None,
        sentence: "Because.".to_owned(),
        evidence: Vec::new(),
        cost: Cost::default(),
        crm_match: None,
    }
}

/// An entry for an address, made `number` seconds after the first.
pub fn suppression(organisation: &str, number: u64, expires_at: Option<Time>) -> StoredSuppression {
    let value = format!("ann{number}@acme.example");
    let hash = SuppressionKind::Email.hash(organisation, &value).to_vec();
    let entry = Suppression {
        id: id(number),
        kind: SuppressionKind::Email,
        value: Some(value),
        reason: Some("asked".to_owned()),
        expires_at,
        created_at: at(number.cast_signed()),
        created_by: "user_ann".to_owned(),
        removed_at: None,
        removed_by: None,
        erased_at: None,
    };
    StoredSuppression { entry, hash }
}

/// An account's id. Greater numbers sort later, those of logs included.
pub fn account_id(number: u64) -> AccountId {
    AccountId::from_bare(log_id(number))
}

/// A prospect's id.
pub fn prospect_id(number: u64) -> ProspectId {
    ProspectId::from_bare(log_id(number))
}

/// A log's id.
pub fn log_id(number: u64) -> String {
    format!("l{number:025}")
}

/// A prospect at acme.example, changed `number` seconds after the first.
pub fn prospect(number: u64) -> StoredProspect {
    StoredProspect {
        id: prospect_id(number),
        name: Some(format!("Prospect {number}")),
        identifiers: Identifiers { email: Some(format!("p{number}@acme.example")), ..Identifiers::default() },
        domain: Some("acme.example".to_owned()),
        domain_set: false,
        slug: format!("prospect-{number}"),
        updated_at: at(number.cast_signed()),
        deleted_at: None,
        merged_into: None,
        latest_log: String::new(),
        logs: 0,
        logs_deleted: 0,
    }
}

/// What a log says.
pub fn content(key: Option<&str>) -> LogContent {
    LogContent {
        source: "crm".to_owned(),
        kind: "webhook".to_owned(),
        payload: raw(r#"{"n":1e400}"#),
        idempotency_key: key.map(str::to_owned),
        request_hash: key.map(|_| [7; 32]),
    }
}

/// A connector with a credential, made `number` seconds after the first.
pub fn connector(name: &str, number: u64) -> StoredConnector {
    let made = at(number.cast_signed());
    StoredConnector {
        name: name.to_owned(),
        kind: ConnectorKind::Leads,
        settings: raw(r#"{"baseUrl":"https://leads.example/"}"#),
        secret: Some(vec![0, 255, 7]),
        masked: Some("********************abc1".to_owned()),
        revision: id(number),
        created_at: made,
        updated_at: made,
        updated_by: "user_ann".to_owned(),
    }
}

/// A line of the ledger, made `number` seconds after the first.
pub fn credits(number: u64, kind: CreditKind, amount: u64) -> CreditTransaction {
    let made = at(number.cast_signed());
    CreditTransaction {
        id: id(number),
        organization_id: crate::harness::ACME.to_owned(),
        kind,
        amount,
        operation_type: "enrichment".to_owned(),
        source: "finder".to_owned(),
        reference_id: (kind == CreditKind::CreditConsumed).then(|| number.to_string()),
        description: None,
        metadata: Some(raw(r#"{"field":"emails"}"#)),
        created_at: made,
        updated_at: made,
    }
}

/// A lookup of a person's addresses that waits, made `number` seconds after the first.
pub fn enrichment(number: u64, entity: Uuid) -> Enrichment {
    let made = at(number.cast_signed());
    Enrichment {
        id: id(number),
        created_at: made,
        updated_at: made,
        entity_id: entity,
        entity_type: EntityKind::Person,
        field: EnrichmentField::Emails,
        status: EnrichmentStatus::Pending,
        error: None,
        data_found: None,
        created_by: "user_ann".to_owned(),
        org_id: crate::harness::ACME.to_owned(),
        global_enrichment_id: None,
        credit_transaction_id: None,
    }
}
