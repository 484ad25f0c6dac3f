//! The accounts API: accounts, prospects, what happened to them, and the keys of the machines that tell.

pub mod account;
pub mod activity;
pub mod ids;
pub mod key;
pub mod log;
pub mod page;
pub mod prospect;
mod read;
pub mod slug;
pub mod ulid;

pub use account::{Account, AccountPatch, AccountQuery, NewAccount};
pub use activity::{Activity, ActivityQuery, ActivityType};
pub use ids::{
    AccountId, AccountLogId, ActivityId, ApiKeyId, ProspectId, ProspectLogId, RequestId, TenantId,
};
pub use key::{ApiKey, CreatedApiKey, KeyActor, NewApiKey, Scope, Scopes};
pub use log::{
    AccountLog, AccountLogReceipt, LogContent, LogQuery, NewAccountLog, NewProspectLog, ProspectLog,
    ProspectLogReceipt,
};
pub use page::{Cursor, ListKind, Page, PageRequest, Start};
pub use prospect::{Change, Identifiers, NewProspect, Prospect, ProspectPatch, ProspectQuery, read_merge};
