//! The JSON object of a body: its fields, each taken out once.
//!
//! A body has few fields, so that a list is faster than a map.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// The fields of a JSON object. Of two with one name the last one counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Object {
    fields: Vec<(String, Value)>,
}

/// Why a body is no JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoObject {
    /// It is other JSON.
    Other,
    /// It is no JSON at all, and what is wrong with it.
    Malformed(String),
}

impl Object {
    /// Reads a body. An empty one has no fields.
    pub(super) fn read(body: &[u8]) -> Result<Self, NoObject> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(body).map_err(|error| {
            if error.is_data() {
                NoObject::Other
            } else {
                NoObject::Malformed(error.to_string())
            }
        })
    }

    /// Whether there is such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Takes a field out.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.fields.iter().rposition(|(field, _)| field == name)?;
        Some(self.fields.remove(place).1)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object { fields })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{NoObject, Object};

    #[test]
    fn a_field_is_taken_once_and_the_last_of_a_name_counts() {
        let mut object = Object::read(br#"{"b":[true],"a":1,"c":null,"a":"x"}"#).unwrap();
        assert_eq!(
            ["b", "a", "d"].map(|name| object.take(name)),
            [Some(json!([true])), Some(json!("x")), None]
        );
        assert!(object.has("c") && !object.has("b"));
    }

    #[test]
    fn err_what_is_no_object_is_told_apart_from_what_is_no_json() {
        assert_eq!(Object::read(b" "), Ok(Object::default()));
        assert_eq!(Object::read(b"[]"), Err(NoObject::Other));
        assert_eq!(Object::read(b"null"), Err(NoObject::Other));
        for body in ["{", "{}}", "\u{feff}{}", "x"] {
            let Err(NoObject::Malformed(_)) = Object::read(body.as_bytes()) else {
                panic!("{body} was read");
            };
        }
    }
}
