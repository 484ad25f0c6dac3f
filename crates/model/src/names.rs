//! Enums whose variants have names on the wire.

/// Gives an enum `NAMES`, `ALL`, `name` and `from_name`.
macro_rules! names {
    ($kind:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $kind {
            #[doc = concat!("The names on the wire, in the order of [`", stringify!($kind), "::ALL`].")]
            pub const NAMES: [&'static str; [$($name),+].len()] = [$($name),+];
            /// All of them, in their order.
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Reads the name on the wire.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use names;
