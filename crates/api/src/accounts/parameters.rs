//! What the paths and queries of this API have in common.

use crate::http::{ApiError, PathParams, QueryParams};
use sluice_app::accounts::not_found;
use sluice_model::accounts::page::{DEFAULT_LIMIT, MAX_LIMIT};
use sluice_model::accounts::{
    AccountId, AccountLogId, ActivityQuery, LogQuery, PageRequest, ProspectId, ProspectLogId, Start,
};

/// The furthest offset.
const MAX_OFFSET: i64 = 1_000_000_000_000;
/// The longest text to search for.
const MAX_SEARCH: usize = 255;

macro_rules! ids {
    ($($function:ident -> $id:ident: $name:literal, $not_found:path;)*) => { $(
        #[doc = concat!("The id `", $name, "` in the path; one that is none is not found.")]
        pub fn $function(path: &PathParams) -> Result<$id, ApiError> {
            let text = path.text($name);
            $id::parse(text).ok_or_else(|| $not_found(text).into())
        }
    )* };
}

ids! {
    account_id -> AccountId: "account_id", not_found::account;
    account_log_id -> AccountLogId: "account_log_id", not_found::log;
    prospect_id -> ProspectId: "prospect_id", not_found::prospect;
    prospect_log_id -> ProspectLogId: "prospect_log_id", not_found::log;
}

/// `limit`, and one of `offset` and `cursor`.
pub fn page(query: &mut QueryParams) -> PageRequest {
    let most = i64::try_from(MAX_LIMIT).unwrap_or(i64::MAX);
    let limit = query.integer("limit", 1, most).and_then(|limit| usize::try_from(limit).ok());
    let offset = query.integer("offset", 0, MAX_OFFSET).and_then(|offset| u64::try_from(offset).ok());
    let cursor = query.text("cursor");
    if cursor.is_some() && query.text("offset").is_some() {
        query.fault(Some("cursor"), "Expected either offset or cursor, received both");
    }
    PageRequest {
        limit: limit.unwrap_or(DEFAULT_LIMIT),
        start: cursor.map_or(Start::Offset(offset.unwrap_or(0)), Start::Cursor),
        listing: query.without(&["limit", "offset", "cursor"]),
    }
}

/// `search`.
pub fn search(query: &mut QueryParams) -> Option<String> {
    let text = query.text("search")?;
    if text.chars().count() > MAX_SEARCH {
        query.fault(Some("search"), &format!("String must contain at most {MAX_SEARCH} character(s)"));
    }
    Some(text)
}

/// The query of an activity list.
pub fn activity(mut query: QueryParams) -> Result<ActivityQuery, ApiError> {
    let wanted = ActivityQuery {
        include_prospect_activity: query.flag("includeProspectActivity"),
        include_deleted: query.flag("includeDeleted"),
        page: page(&mut query),
    };
    query.check()?;
    Ok(wanted)
}

/// The query of a list of logs.
pub fn logs(mut query: QueryParams) -> Result<LogQuery, ApiError> {
    let wanted = LogQuery { include_deleted: query.flag("includeDeleted"), page: page(&mut query) };
    query.check()?;
    Ok(wanted)
}
