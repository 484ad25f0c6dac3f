//! Ids on the wire: a prefix and 26 characters `[a-z0-9]`. Tables keep the 26 alone.

use super::ulid;
use crate::time::Time;
use serde::{Serialize, Serializer};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What ids of this kind begin with.
            pub const PREFIX: &'static str = $prefix;

            /// Reads the id with its prefix.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let bare = text.strip_prefix(Self::PREFIX)?;
                ulid::is_bare(bare).then(|| Self(bare.to_owned()))
            }

            /// The id whose 26 characters are these.
            #[must_use]
            pub fn from_bare(bare: impl Into<String>) -> Self {
                Self(bare.into())
            }

            /// The 26 characters.
            #[must_use]
            pub fn bare(&self) -> &str {
                &self.0
            }

            /// When the id was made; the epoch for an id that is not ours.
            #[must_use]
            pub fn time(&self) -> Time {
                ulid::time_of(&self.0).unwrap_or(Time::from_millis(0))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", Self::PREFIX, self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )* };
}

ids! {
    /// An account.
    AccountId = "account_";
    /// A prospect.
    ProspectId = "prospect_";
    /// A log of an account.
    AccountLogId = "accountlog_";
    /// A log of a prospect.
    ProspectLogId = "prospectlog_";
    /// An entry of an activity list; its 26 characters are those of the log.
    ActivityId = "activity_";
    /// A tenant: an organisation.
    TenantId = "tenant_";
    /// A request.
    RequestId = "req_";
    /// An API key.
    ApiKeyId = "key_";
}

#[cfg(test)]
mod tests {
    use super::{AccountId, ProspectId};

    #[test]
    fn only_the_documented_pattern_is_an_id() {
        let bare = "01hmzydch00000000000000001";
        let id = AccountId::parse(&format!("account_{bare}")).expect("an id");
        assert_eq!((id.bare(), id.to_string()), (bare, format!("account_{bare}")));
        assert_eq!(id.time().to_string(), "2024-01-25T09:15:00.000Z");
        assert!(
            AccountId::parse("account_zzzzzzzzzzuuuuuiiiilllooo0").is_some(),
            "not a ULID, but the pattern"
        );
        for text in [
            "",
            bare,
            "account_",
            "account_01hmzydch0000000000000000",
            "account_01hmzydch000000000000000011",
            "account_01HMZYDCH00000000000000001",
            "account_01hmzydch0000000000000000é",
            "prospect_01hmzydch00000000000000001",
        ] {
            assert_eq!(AccountId::parse(text), None, "{text}");
        }
        assert!(ProspectId::parse("prospect_01hmzydch00000000000000001").is_some());
    }
}
