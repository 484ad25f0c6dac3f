//! The texts at one path of a value, without writing the rest of it out.

use serde::Serialize;
use serde::ser::{
    Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};
use serde_json::Number;
use std::fmt::Display;

/// All values at `path` as text: strings as they are, numbers and booleans written out; lists are walked through.
/// Missing and null values yield nothing.
#[must_use]
pub fn texts<T: Serialize + ?Sized>(value: &T, path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let path: Vec<&str> = path.split('.').collect();
    // What has no form in JSON has no text either.
    let _ = value.serialize(Picker { path: &path, out: &mut out });
    out
}

/// Takes in one value and goes on with the part of it that the path names.
struct Picker<'p> {
    path: &'p [&'p str],
    out: &'p mut Vec<String>,
}

impl Picker<'_> {
    fn leaf(self, text: impl Display) -> Result<(), Nothing> {
        if self.path.is_empty() {
            self.out.push(text.to_string());
        }
        Ok(())
    }

    fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Nothing> {
        match self.path.split_first() {
            Some((first, rest)) if *first == key => value.serialize(Picker { path: rest, out: self.out }),
            _ => Ok(()),
        }
    }
}

/// The value has no form in JSON.
type Nothing = serde_json::Error;

fn nothing<T>() -> Result<T, Nothing> {
    Err(Nothing::custom("no form in JSON"))
}

macro_rules! leaves {
    ($($method:ident $type:ty,)+) => {$(
        fn $method(self, value: $type) -> Result<(), Nothing> {
            self.leaf(value)
        }
    )+};
}

impl<'p> Serializer for Picker<'p> {
    type Ok = ();
    type Error = Nothing;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Impossible<(), Nothing>;
    type SerializeTupleVariant = Impossible<(), Nothing>;
    type SerializeMap = Members<'p>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Nothing>;

    leaves! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_char char, serialize_str &str,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Nothing> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Nothing> {
        match Number::from_f64(value) {
            Some(number) => self.leaf(number),
            None => Ok(()),
        }
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Nothing> {
        nothing()
    }

    fn serialize_none(self) -> Result<(), Nothing> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Nothing> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Nothing> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Nothing> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Nothing> {
        self.leaf(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Nothing> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Nothing> {
        self.member(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Nothing> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Nothing> {
        Ok(self)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Nothing> {
        nothing()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Nothing> {
        nothing()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'p>, Nothing> {
        Ok(Members { picker: self, key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Nothing> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Nothing> {
        nothing()
    }
}

impl SerializeSeq for Picker<'_> {
    type Ok = ();
    type Error = Nothing;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Nothing> {
        value.serialize(Picker { path: self.path, out: self.out })
    }

    fn end(self) -> Result<(), Nothing> {
        Ok(())
    }
}

impl SerializeTuple for Picker<'_> {
    type Ok = ();
    type Error = Nothing;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Nothing> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Nothing> {
        Ok(())
    }
}

impl SerializeStruct for Picker<'_> {
    type Ok = ();
    type Error = Nothing;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Nothing> {
        self.member(key, value)
    }

    fn end(self) -> Result<(), Nothing> {
        Ok(())
    }
}

/// The members of a map, whose keys come by themselves.
struct Members<'p> {
    picker: Picker<'p>,
    key: String,
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Nothing;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Nothing> {
        let mut keys = Vec::new();
        key.serialize(Picker { path: &[], out: &mut keys })?;
        self.key = keys.pop().unwrap_or_default();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Nothing> {
        self.picker.member(&self.key, value)
    }

    fn end(self) -> Result<(), Nothing> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::texts;
    use crate::{Company, Lead, Person};
    use serde_json::{Value, json};

    #[test]
    fn walks_through_lists_and_skips_what_is_missing() {
        let value = json!({"a": [{"b": "x"}, {"b": null}, {"b": 3}, {}, [{"b": 1.50}]], "c": {"d": true}});
        assert_eq!(texts(&value, "a.b"), ["x", "3", "1.5"]);
        assert_eq!(texts(&value, "c.d"), ["true"]);
        assert!(
            texts(&value, "a.z").is_empty() && texts(&value, "a").is_empty() && texts(&value, "").is_empty()
        );
    }

    /// Every path of a lead gives what the lead as JSON has there.
    #[test]
    fn is_the_same_as_writing_all_out_and_looking_there() {
        let company: Company = serde_json::from_value(json!({
            "name": "Acme", "employees": 12, "keywords": ["a", "b"], "domain": "acme.example",
            "location": {"headquarter": {"country": "Germany", "coordinates": {"lat": 1.5, "lon": -2.0}}}
        }))
        .unwrap();
        let person: Person = serde_json::from_value(json!({
            "firstName": "Ann", "skills": ["Rust", "SQL"], "followers": 7,
            "workExperiences": [{"company": {"name": "Acme"}}, {"company": {"name": "Other"}}]
        }))
        .unwrap();
        let lead = Lead::from_catalog(person, Some(company));
        let written = serde_json::to_value(&lead).unwrap();
        let mut paths = 0;
        walk(&written, &mut Vec::new(), &mut |path| {
            assert_eq!(texts(&lead, path), texts(&written, path), "{path}");
            paths += 1;
        });
        assert!(paths > 60, "{paths}");
        assert_eq!(texts(&lead, "workExperiences.company.name"), ["Acme", "Other"]);
        assert_eq!(texts(&lead, "company.location.headquarter.coordinates.lat"), ["1.5"]);
    }

    fn walk(value: &Value, path: &mut Vec<String>, each: &mut impl FnMut(&str)) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    path.push(key.clone());
                    each(&path.join("."));
                    walk(value, path, each);
                    path.pop();
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, path, each)),
            _ => {}
        }
    }
}
