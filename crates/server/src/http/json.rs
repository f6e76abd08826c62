//! JSON in which no object names a field twice: of two values, readers would disagree which one counts (RFC 8259 section 4).

use std::fmt;

use portal_api_types::ErrorCode;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::ApiError;

/// Parses a body.
///
/// # Errors
/// `malformed_json`, with the place.
pub fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    let parsed: Result<Unambiguous, serde_json::Error> = serde_json::from_slice(bytes);
    parsed.map(|Unambiguous(value)| value).map_err(|error| {
        let what = if error.is_data() { "names a field twice" } else { "is not valid JSON" };
        let detail = format!("The body {what}: line {}, column {}.", error.line(), error.column());
        ApiError::new(ErrorCode::MalformedJson, detail)
    })
}

struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unambiguous(value))) = fields.next_entry::<String, _>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a field is named twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any value, a few levels deep.
    pub(crate) fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            // Of longer fractions the last digit may not come back.
            any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            let fields = prop::collection::vec((any::<String>(), inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                fields.prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_and_a_field_that_comes_twice_is_not(
            value in values(),
            name in any::<String>(),
        ) {
            let text = value.to_string();
            prop_assert_eq!(&parse(text.as_bytes()).unwrap(), &value);
            let name = Value::from(name);
            let twice = format!("{{{name}:{text},{name}:{text}}}");
            prop_assert_eq!(parse(twice.as_bytes()).unwrap_err().code, ErrorCode::MalformedJson);
        }

        #[test]
        fn no_bytes_make_it_fail(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            text in "[\\[\\]{}\":,0-9eE.+\\\\u -]{0,80}",
        ) {
            for bytes in [&bytes[..], text.as_bytes()] {
                // Whoever reads it without our rule reads the same, or takes a field that comes twice.
                if let Ok(value) = parse(bytes) {
                    prop_assert_eq!(serde_json::from_slice::<Value>(bytes).unwrap(), value);
                }
            }
        }
    }
}
