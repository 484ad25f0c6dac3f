//! Values on their way to and from PostgreSQL.

use crate::value::Value;
use std::borrow::Cow;
use std::error::Error;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Failure = Box<dyn Error + Sync + Send>;

/// PostgreSQL takes no NUL in a text, JSON may bring one. It is kept as this character with a `0` behind it, and
/// the character itself, which stands for nothing in Unicode, with a `1`.
const ESCAPE: char = '\u{10FFFE}';

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => escaped.extend([ESCAPE, '0']),
            ESCAPE => escaped.extend([ESCAPE, '1']),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

fn unescape(text: &str) -> String {
    if !text.contains(ESCAPE) {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        // What somebody else wrote with the character and without a digit comes back as it is.
        match (c, chars.as_str().chars().next()) {
            (ESCAPE, Some('0')) => plain.push('\0'),
            (ESCAPE, Some('1')) => plain.push(ESCAPE),
            (c, _) => {
                plain.push(c);
                continue;
            }
        }
        chars.next();
    }
    plain
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(value), &Type::INT8) => value.to_sql(kind, out),
            // A placeholder that is compared with a literal takes the literal's type.
            (Self::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(kind, out),
            (Self::Text(text), &(Type::TEXT | Type::VARCHAR)) => escape(text).to_sql(kind, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.to_sql(kind, out),
            (value, kind) => Err(format!("a placeholder of type {kind} was given {value:?}").into()),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(kind, raw).map(|value| Self::Int(value.into())),
            Type::BYTEA => <&[u8]>::from_sql(kind, raw).map(|bytes| Self::Blob(bytes.to_vec())),
            _ => <&str>::from_sql(kind, raw).map(|text| Self::Text(unescape(text))),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        <Self as ToSql>::accepts(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape};

    #[test]
    fn every_text_comes_back_and_none_has_a_nul_on_its_way() {
        for (text, kept) in [
            ("", ""),
            ("plain", "plain"),
            ("\0", "\u{10FFFE}0"),
            ("a\0b\0", "a\u{10FFFE}0b\u{10FFFE}0"),
            ("\u{10FFFE}", "\u{10FFFE}1"),
            ("\u{10FFFE}0\u{10FFFE}1", "\u{10FFFE}10\u{10FFFE}11"),
        ] {
            assert_eq!(escape(text), kept);
            assert_eq!(unescape(kept), text);
        }
        assert_eq!(unescape("x\u{10FFFE}"), "x\u{10FFFE}", "written by somebody else");
    }
}
