//! The portal's answers, read from JSON.
//!
//! Serde lets a struct also be an array of its fields, and derives the code for that with each struct: of a browser app,
//! some kilobytes that no answer needs. Here a struct is an object, at any depth, and that code is left out.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads all of a text. For JSON of their own, too, programs that have this code anyway need no other.
///
/// # Errors
/// What `serde_json` says.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Objects(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// Around each part of a reader that meets another reader on its way down.
struct Objects<T>(T);

/// What has nothing in it, or is to be looked at first and read afterwards.
macro_rules! plain {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method(visitor)
        })+
    };
}

/// What has more in it.
macro_rules! nested {
    ($($method:ident($($name:ident: $type:ty),*))+) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method($($name,)* Objects(visitor))
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    plain! {
        deserialize_any         deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    nested! {
        deserialize_option()
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }

    /// As serde has it: what is in a variant is read without us.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Objects<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Objects(some))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Objects(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(entries))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(reader))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::from_slice;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Outer {
        name: String,
        count: u32,
        share: Option<f64>,
        inner: Option<Inner>,
        more: Vec<Inner>,
        by_name: BTreeMap<String, Inner>,
        pair: (bool, Wrapped),
        kind: Kind,
        anything: serde_json::Value,
    }

    #[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
    struct Inner {
        id: i64,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Wrapped(Inner);

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    enum Kind {
        #[default]
        None,
        Some(Inner),
    }

    #[test]
    fn what_was_written_is_read() {
        let inner = Inner { id: -7 };
        let full = Outer {
            name: "Blue \"Bakery\"".to_owned(),
            count: 3,
            share: Some(0.5),
            inner: Some(inner.clone()),
            more: vec![inner.clone(), Inner::default()],
            by_name: BTreeMap::from([("seven".to_owned(), inner.clone())]),
            pair: (true, Wrapped(inner.clone())),
            kind: Kind::Some(inner),
            anything: serde_json::json!({ "list": [1, "two", null] }),
        };
        for value in [full, Outer::default()] {
            let json = serde_json::to_vec(&value).unwrap();
            assert_eq!(from_slice::<Outer>(&json).unwrap(), value);
        }
    }

    #[test]
    fn a_struct_is_an_object_at_any_depth() {
        assert_eq!(from_slice::<Inner>(br#"{"id": 1, "unknown": [2]}"#).unwrap(), Inner { id: 1 });
        assert!(from_slice::<Inner>(b"[1]").is_err());
        assert!(from_slice::<Vec<Inner>>(b"[[1]]").is_err());
        assert!(from_slice::<Option<Wrapped>>(b"[1]").is_err());
    }

    #[test]
    fn what_follows_a_value_is_refused() {
        assert!(from_slice::<Inner>(br#"{"id": 1} {"id": 2}"#).is_err());
        assert!(from_slice::<Inner>(br#"{"id": 1"#).is_err());
    }
}
