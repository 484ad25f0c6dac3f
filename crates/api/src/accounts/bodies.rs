//! How the bodies of this API are read, and how the document describes them.

use crate::http::{ApiError, ParseBody, ReadBody};
use serde_json::Value;
use sluice_model::accounts::log::MAX_PAYLOAD;
use sluice_model::accounts::{
    Account, AccountLog, AccountPatch, Activity, NewAccount, NewAccountLog, NewProspect, NewProspectLog,
    Prospect, ProspectId, ProspectLog, ProspectPatch, read_merge,
};
use sluice_model::{Fault, Node, json_payload};
use utoipa::ToSchema;

/// The largest body: twice the largest payload.
const LIMIT: usize = 512 << 10;

macro_rules! read_body {
    ($($type:ty),* $(,)?) => { $(impl ReadBody for $type {
        const LIMIT: usize = LIMIT;

        fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
            Self::read(node)
        }
    })* };
}

read_body!(AccountPatch, NewAccount, NewProspect, ProspectPatch);

/// With whom a prospect is merged.
pub struct Merge(pub ProspectId);

impl ReadBody for Merge {
    const LIMIT: usize = LIMIT;

    fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        read_merge(node).map(Self)
    }
}

/// A log, whose payload keeps its spelling.
pub struct Log<T>(pub T);

macro_rules! parse_log {
    ($($type:ty),*) => { $(impl ParseBody for Log<$type> {
        const LIMIT: usize = LIMIT;

        fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
            let (value, payload) = json_payload::parse(bytes).map_err(|fault| ApiError::invalid_body(vec![fault]))?;
            if payload.as_ref().is_some_and(|payload| payload.as_str().len() > MAX_PAYLOAD) {
                let text = format!("The payload is larger than {} KiB", MAX_PAYLOAD >> 10);
                return Err(ApiError::too_large(text));
            }
            <$type>::read(&Node::root(&value), payload).map(Self).map_err(ApiError::invalid_body)
        }
    })* };
}

parse_log!(NewAccountLog, NewProspectLog);

// ---- The same bodies for the document ----

/// The new name of an account.
#[derive(ToSchema)]
#[schema(as = UpdateAccount)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct AccountPatchSchema {
    /// New account name
    #[schema(min_length = 1, max_length = 255)]
    name: String,
}

/// An account to find or make.
#[derive(ToSchema)]
#[schema(as = NewAccount)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewAccountSchema {
    /// A domain, host or URL; the registrable domain counts.
    #[schema(min_length = 1)]
    domain: String,
    /// For an account that has to be made.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
}

/// A log of an account, named by `accountId`, `domain`, or both when they agree.
#[derive(ToSchema)]
#[schema(as = NewAccountLog, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewAccountLogSchema {
    #[schema(nullable = false, pattern = "^account_[a-z0-9]{26}$")]
    account_id: Option<String>,
    /// An unknown domain makes an account.
    #[schema(nullable = false, min_length = 1)]
    domain: Option<String>,
    /// The name of an account that has to be made.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// 1 to 100 characters, such as `hubspot`.
    #[schema(min_length = 1, max_length = 100)]
    source: String,
    #[schema(rename = "type", nullable = false, min_length = 1, max_length = 100, default = "webhook")]
    kind: Option<String>,
    /// At most 256 KiB; comes back as it was sent.
    #[schema(value_type = Object)]
    payload: Value,
    /// The same key with the same content gives the same reply; with other content 409.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// A log of a prospect, named by at least one identifier. The strongest that is known wins: `prospectId`,
/// `linkedinProfileUrl`, `email`, `phoneNumber`. When none is known, a prospect is made.
#[derive(ToSchema)]
#[schema(as = NewProspectLog, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewProspectLogSchema {
    #[schema(nullable = false, pattern = "^prospect_[a-z0-9]{26}$")]
    prospect_id: Option<String>,
    #[schema(nullable = false)]
    linkedin_profile_url: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false, pattern = "^\\+[1-9]\\d{1,14}$")]
    phone_number: Option<String>,
    /// For a prospect without a name.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// 1 to 100 characters, such as `hubspot`.
    #[schema(min_length = 1, max_length = 100)]
    source: String,
    #[schema(rename = "type", nullable = false, min_length = 1, max_length = 100, default = "webhook")]
    kind: Option<String>,
    /// At most 256 KiB; comes back as it was sent.
    #[schema(value_type = Object)]
    payload: Value,
    /// The same key with the same content gives the same reply; with other content 409.
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// A prospect to find or make, with at least one of `linkedinProfileUrl`, `email`, `phoneNumber`.
#[derive(ToSchema)]
#[schema(as = NewProspect, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct NewProspectSchema {
    #[schema(nullable = false)]
    linkedin_profile_url: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false, pattern = "^\\+[1-9]\\d{1,14}$")]
    phone_number: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// Default: that of the e-mail address, unless anybody can have a mailbox there.
    #[schema(nullable = false, min_length = 1)]
    domain: Option<String>,
}

/// Changes of a prospect. Fields that are left out stay as they are; null clears.
#[derive(ToSchema)]
#[schema(as = UpdateProspect, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct ProspectPatchSchema {
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    email: Option<String>,
    #[schema(pattern = "^\\+[1-9]\\d{1,14}$")]
    phone_number: Option<String>,
    linkedin_profile_url: Option<String>,
    #[schema(min_length = 1)]
    domain: Option<String>,
}

/// Who survives a merge.
#[derive(ToSchema)]
#[schema(as = MergeProspect)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct MergeSchema {
    #[schema(pattern = "^prospect_[a-z0-9]{26}$")]
    into: String,
}

macro_rules! pages {
    ($($name:ident as $wire:ident of $item:ty;)*) => { $(
        /// A page of a list.
        #[derive(ToSchema)]
        #[schema(as = $wire, rename_all = "camelCase")]
        #[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
        pub struct $name {
            items: Vec<$item>,
            /// Items of the whole list.
            #[schema(minimum = 0)]
            total_count: i64,
            has_more: bool,
            /// The `offset` of the next page; null on the last, and on pages by `cursor`.
            #[schema(required, minimum = 0)]
            next_offset: Option<i64>,
            /// The `cursor` of the next page; null on the last.
            #[schema(required)]
            next_cursor: Option<String>,
        }
    )* };
}

pages! {
    AccountPageSchema as AccountPage of Account;
    ProspectPageSchema as ProspectPage of Prospect;
    ActivityPageSchema as ActivityPage of Activity;
    AccountLogPageSchema as AccountLogPage of AccountLog;
    ProspectLogPageSchema as ProspectLogPage of ProspectLog;
}
