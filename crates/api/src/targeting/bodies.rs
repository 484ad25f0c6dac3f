//! How the bodies of this API are read, and how the document describes them.

use crate::http::ReadBody;
use serde_json::Value;
use sluice_app::prospects::FACETS;
use sluice_model::accounts::NewApiKey;
use sluice_model::icp::criteria::LeadProviderCriterionSchema;
use sluice_model::icp::crm_filters::CrmFiltersSchema;
use sluice_model::icp::custom_filter::CustomFilterSchema;
use sluice_model::lead_list::{LeadListCreate, LeadListPatch, MAX_LIST_SIZE, without_duplicate_ids};
use sluice_model::prospect_body::AddProspects;
use sluice_model::run::{GenerateRequest, PreviewRequest, read_keep_partial};
use sluice_model::search_body::{CountBody, SearchBody};
use sluice_model::suppression::{NewSuppression, SuppressionKind, read_new};
use sluice_model::{EntityKind, Fault, Faults, IcpCreate, IcpPatch, Node};
use utoipa::ToSchema;
use uuid::Uuid;

/// For bodies that may carry 100 000 ids.
const LARGE: usize = 8 << 20;

macro_rules! read_body {
    ($($type:ty),* $(,)?) => { $(impl ReadBody for $type {
        fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
            Self::read(node)
        }
    })* };
}

read_body!(IcpCreate, IcpPatch, LeadListCreate, AddProspects, GenerateRequest, PreviewRequest, NewApiKey);

impl ReadBody for LeadListPatch {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read(node)
    }
}

/// A search of people.
pub struct PersonSearch(pub SearchBody);
/// A search of companies.
pub struct CompanySearch(pub SearchBody);
/// A count of people.
pub struct PersonCount(pub CountBody);
/// A count of companies.
pub struct CompanyCount(pub CountBody);

impl ReadBody for PersonSearch {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        SearchBody::read(node, EntityKind::Person).map(Self)
    }
}

impl ReadBody for CompanySearch {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        SearchBody::read(node, EntityKind::Company).map(Self)
    }
}

impl ReadBody for PersonCount {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        CountBody::read(node, EntityKind::Person, &FACETS).map(Self)
    }
}

impl ReadBody for CompanyCount {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        // Companies have no seniority and no title.
        CountBody::read(node, EntityKind::Company, &FACETS[2..]).map(Self)
    }
}

/// Companies for a list.
pub struct AddCompanies(pub Vec<Uuid>);

impl ReadBody for AddCompanies {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut ids: Option<Vec<Uuid>> = None;
        let read = node.object(&mut faults, &["companyIds"], |key, child, faults| {
            if key == "companyIds" {
                ids = child.array(faults, MAX_LIST_SIZE, |id, faults| id.uuid(faults));
                if child.value().as_array().is_some_and(Vec::is_empty) {
                    child.fault(faults, "Array must contain at least 1 element(s)");
                }
            }
            key == "companyIds"
        });
        faults.finish(read.and(ids)).map(|ids| Self(without_duplicate_ids(ids)))
    }
}

/// Entries for the suppression list.
pub struct NewSuppressions(pub Vec<NewSuppression>);

impl ReadBody for NewSuppressions {
    const LIMIT: usize = LARGE;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        read_new(node).map(|(entries, _)| Self(entries))
    }
}

/// What to do with what a run accepted before it was cancelled.
pub struct Cancel {
    pub keep_partial: bool,
}

impl ReadBody for Cancel {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        read_keep_partial(node).map(|keep_partial| Self { keep_partial })
    }
}

/// No body, or an empty object.
pub struct Nothing;

impl ReadBody for Nothing {
    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let read = node.object(&mut faults, &[], |_, _, _| false);
        faults.finish(read.map(|()| Self))
    }
}

// ---- The same bodies for the document ----

/// Fields to change. Fields that are left out stay as they are.
#[derive(ToSchema)]
#[schema(as = IcpPatch, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct IcpPatchSchema {
    /// Display name.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Description of the target profile; null clears it.
    #[schema(max_length = 10000)]
    description: Option<String>,
    /// Users who have access. Replaces the list.
    #[schema(nullable = false)]
    user_ids: Option<Vec<String>>,
    /// Default number of leads per list.
    #[schema(nullable = false, minimum = 1, maximum = 10000)]
    leads_per_list: Option<i64>,
    /// When the ICP expires; null: never.
    #[schema(format = DateTime)]
    active_until: Option<String>,
    /// Searches. Replaces the array.
    #[schema(nullable = false)]
    lead_provider_criteria: Option<Vec<LeadProviderCriterionSchema>>,
    /// Rules. Replaces the array.
    #[schema(nullable = false)]
    custom_filter_criteria: Option<Vec<CustomFilterSchema>>,
    /// CRM filters; null removes them.
    crm_filters: Option<CrmFiltersSchema>,
    /// When runs start by themselves: a cron expression of five fields, or `@hourly`, `@daily`, `@weekly`, `@monthly`,
    /// `@yearly`, in UTC; null: never.
    #[schema(min_length = 1, max_length = 100)]
    schedule: Option<String>,
}

/// A new ICP.
#[derive(ToSchema)]
#[schema(as = IcpCreate, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct IcpCreateSchema {
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    #[schema(max_length = 10000)]
    description: Option<String>,
    /// The creator is always added.
    #[schema(nullable = false)]
    user_ids: Option<Vec<String>>,
    #[schema(nullable = false, minimum = 1, maximum = 10000, default = 10)]
    leads_per_list: Option<i64>,
    #[schema(format = DateTime)]
    active_until: Option<String>,
    lead_provider_criteria: Vec<LeadProviderCriterionSchema>,
    #[schema(nullable = false)]
    custom_filter_criteria: Option<Vec<CustomFilterSchema>>,
    crm_filters: Option<CrmFiltersSchema>,
    /// When runs start by themselves: a cron expression of five fields, in UTC.
    #[schema(min_length = 1, max_length = 100)]
    schedule: Option<String>,
}

/// A new lead list.
#[derive(ToSchema)]
#[schema(as = LeadListCreate, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct LeadListCreateSchema {
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    #[schema(format = DateTime)]
    start_date: String,
    #[schema(format = DateTime)]
    end_date: String,
    #[schema(rename = "type", nullable = false)]
    kind: Option<EntityKind>,
    icp_id: Option<Uuid>,
    /// For person lists: ids of the organisation's people or of catalog people, which are copied.
    #[schema(nullable = false)]
    person_ids: Option<Vec<Uuid>>,
    /// For company lists.
    #[schema(nullable = false)]
    company_ids: Option<Vec<Uuid>>,
    /// The creator is always added.
    #[schema(nullable = false)]
    user_ids: Option<Vec<String>>,
}

/// Changes of a lead list. Ids replace what the list holds.
#[derive(ToSchema)]
#[schema(as = LeadListPatch, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct LeadListPatchSchema {
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// For person lists.
    #[schema(nullable = false)]
    person_ids: Option<Vec<Uuid>>,
    /// For company lists.
    #[schema(nullable = false)]
    company_ids: Option<Vec<Uuid>>,
}

/// People for a list: `prospects`, or a selection (`mode` with its fields).
#[derive(ToSchema)]
#[schema(as = AddProspects, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct AddProspectsSchema {
    /// People written out; `firstName` and `lastName` are required.
    #[schema(nullable = false, value_type = Option<Vec<Object>>)]
    prospects: Option<Vec<Value>>,
    /// `manual` or `bulk`.
    #[schema(nullable = false, pattern = "^(manual|bulk)$")]
    mode: Option<String>,
    /// For `manual`.
    #[schema(nullable = false)]
    included_ids: Option<Vec<Uuid>>,
    /// For `bulk`: a person search.
    #[schema(nullable = false, value_type = Option<Object>)]
    filters: Option<Value>,
    /// For `bulk`: where in the results to begin.
    #[schema(nullable = false, minimum = 0, default = 0)]
    start_index: Option<i64>,
    /// For `bulk`: how many results to take.
    #[schema(nullable = false, minimum = 1, maximum = 1000)]
    target_count: Option<i64>,
    /// For `bulk`: results to leave out.
    #[schema(nullable = false)]
    excluded_ids: Option<Vec<Uuid>>,
}

/// Companies for a list.
#[derive(ToSchema)]
#[schema(as = AddCompanies, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct AddCompaniesSchema {
    #[schema(min_items = 1)]
    company_ids: Vec<Uuid>,
}

/// A search of people.
#[derive(ToSchema)]
#[schema(as = PersonSearch)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct PersonSearchSchema {
    /// Zero-based.
    #[schema(nullable = false, minimum = 0, default = 0)]
    page: Option<i64>,
    /// 0 only counts.
    #[schema(nullable = false, minimum = 0, maximum = 100, default = 10)]
    size: Option<i64>,
    /// `nextCursor` of the page before, in place of `page`: the way beyond the 10 000th record.
    cursor: Option<String>,
    /// `rank` (stable) or `relevance` (text score).
    #[schema(nullable = false, pattern = "^(rank|relevance)$", default = "rank")]
    sort: Option<String>,
    /// What must hold of the person; `GET /api/v1/operations/filters` describes it.
    #[schema(nullable = false, value_type = Option<Object>)]
    contact: Option<Value>,
    /// What must hold of their company.
    #[schema(nullable = false, value_type = Option<Object>)]
    account: Option<Value>,
    /// Known records to leave out: `{"person_id":{"exclude":[…]},"company_id":{"exclude":[…]}}`.
    #[schema(nullable = false, value_type = Option<Object>)]
    lists: Option<Value>,
}

/// A search of companies.
#[derive(ToSchema)]
#[schema(as = CompanySearch)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CompanySearchSchema {
    /// Sites or LinkedIn pages to look up.
    #[schema(nullable = false)]
    url: Option<Vec<String>>,
    /// Zero-based.
    #[schema(nullable = false, minimum = 0, default = 0)]
    page: Option<i64>,
    /// 0 only counts.
    #[schema(nullable = false, minimum = 0, maximum = 100, default = 10)]
    size: Option<i64>,
    /// `nextCursor` of the page before, in place of `page`: the way beyond the 10 000th record.
    cursor: Option<String>,
    /// `rank` (stable) or `relevance` (text score).
    #[schema(nullable = false, pattern = "^(rank|relevance)$", default = "rank")]
    sort: Option<String>,
    /// What must hold of the company.
    #[schema(nullable = false, value_type = Option<Object>)]
    account: Option<Value>,
    /// Known records to leave out.
    #[schema(nullable = false, value_type = Option<Object>)]
    lists: Option<Value>,
}

/// A filter to be counted.
#[derive(ToSchema)]
#[schema(as = Count)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CountSchema {
    /// Facets whose values are counted as well: `seniority` and `title` (people), `industry`, `country`, `employeeSize`.
    #[schema(nullable = false)]
    facets: Option<Vec<String>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    contact: Option<Value>,
    #[schema(nullable = false, value_type = Option<Object>)]
    account: Option<Value>,
    #[schema(nullable = false, value_type = Option<Object>)]
    lists: Option<Value>,
}

/// What a run shall do.
#[derive(ToSchema)]
#[schema(as = GenerateRequest, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct GenerateSchema {
    /// Name of the list; default `<ICP name> – <date>`.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Leads wanted; default the ICP's `leadsPerList`.
    #[schema(nullable = false, minimum = 1, maximum = 10000)]
    leads: Option<i64>,
    /// Default: now.
    #[schema(nullable = false, format = DateTime)]
    start_date: Option<String>,
    /// Default: 30 days after the start.
    #[schema(nullable = false, format = DateTime)]
    end_date: Option<String>,
    /// Whether decisions are recorded without making a list.
    #[schema(nullable = false, default = false)]
    dry_run: Option<bool>,
    /// Whether each lead becomes a prospect of the accounts API, and its company an account.
    #[schema(nullable = false, default = false)]
    sync_accounts: Option<bool>,
    /// What outside checks may cost; where it says nothing, the server's default.
    #[schema(nullable = false)]
    budget: Option<BudgetSchema>,
    /// An earlier run of this ICP whose unknown candidates are taken first. Also as a parameter of the query.
    #[schema(nullable = false)]
    retry_unknown: Option<Uuid>,
}

/// What a run may spend outside at most. When it is spent, the run ends with what it has.
#[derive(ToSchema)]
#[schema(as = Budget)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct BudgetSchema {
    /// Calls to outside services.
    #[schema(nullable = false, minimum = 0, maximum = 1000000000)]
    calls: Option<u64>,
    /// Credits of the organisation.
    #[schema(nullable = false, minimum = 0, maximum = 1000000000)]
    credits: Option<u64>,
}

/// What a preview shall do.
#[derive(ToSchema)]
#[schema(as = PreviewRequest)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct PreviewSchema {
    /// Whether paid checks are made.
    #[schema(nullable = false, default = false)]
    evaluate: Option<bool>,
    /// On how many of the candidates that reach them; the others pass unchecked. Default 10.
    #[schema(nullable = false, minimum = 1, maximum = 1000)]
    sample: Option<i64>,
    /// Leads wanted; default the ICP's `leadsPerList`.
    #[schema(nullable = false, minimum = 1, maximum = 10000)]
    leads: Option<i64>,
}

/// What to do with what was accepted so far.
#[derive(ToSchema)]
#[schema(as = CancelRequest, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CancelSchema {
    /// Whether it stays.
    #[schema(nullable = false, default = false)]
    keep_partial: Option<bool>,
}

/// One entry, or `{"entries":[…]}` of up to 10 000.
#[derive(ToSchema)]
#[schema(as = NewSuppression, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewSuppressionSchema {
    kind: SuppressionKind,
    /// A person: record id or LinkedIn profile; a company: id or name.
    #[schema(min_length = 1, max_length = 2000)]
    value: String,
    #[schema(max_length = 1000)]
    reason: Option<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Several entries at once.
#[derive(ToSchema)]
#[schema(as = NewSuppressions)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewSuppressionsSchema {
    #[schema(max_items = 10000)]
    entries: Vec<NewSuppressionSchema>,
}

/// One entry, or several.
#[derive(ToSchema)]
#[schema(as = SuppressionBody)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub enum SuppressionBodySchema {
    #[schema(title = "one")]
    One(NewSuppressionSchema),
    #[schema(title = "several")]
    Several(NewSuppressionsSchema),
}

/// A key for the accounts API.
#[derive(ToSchema)]
#[schema(as = NewApiKey, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewApiKeySchema {
    /// For people.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Of `accounts:read`, `accounts:write`, `prospects:read`, `prospects:write`, `logs:read`, `logs:write`; default: all.
    #[schema(nullable = false, min_items = 1)]
    scopes: Option<Vec<String>>,
    /// Default: that of the program.
    #[schema(nullable = false, minimum = 1, maximum = 10000000)]
    rate_per_minute: Option<i64>,
}
