//! Actions on the suppression list.

mod add;
mod explain;
pub(crate) mod find;
mod list;
mod remove;

pub use add::{Added, add};
pub use explain::{Explanation, SuppressionMatch, Whom, explain};
pub use list::{SuppressionPage, list};
pub use remove::{erase, remove};
