//! A value in the form in which it is kept: a number, a text, or a secret that is sealed for its place.
//!
//! Rules: SAV-2, SAV-14, DSP-60.

use std::borrow::Cow;

use rusqlite::types::{FromSqlError, ToSqlOutput, ValueRef};

use crate::model::value::Value;
use crate::store::secret::{Key, SecretError};

/// A value in the form in which it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kept<'a> {
    /// A number, all 64 bits of it.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A secret, sealed.
    Sealed(Cow<'a, [u8]>),
}

impl<'a> Kept<'a> {
    /// The form of a value; none of an uninitialised one, which is kept by its absence.
    pub(super) fn new(
        value: &'a Value,
        secret: bool,
        key: &Key,
        place: impl FnOnce() -> String,
    ) -> Result<Option<Self>, SecretError> {
        Ok(match value {
            Value::Uninitialised => None,
            Value::Number(_) | Value::Text(_) if secret => Some(Self::Sealed(key.seal(&place(), value)?.into())),
            Value::Number(number) => Some(Self::Number(*number)),
            Value::Text(text) => Some(Self::Text(text)),
        })
    }

    /// The value, and whether it was a secret.
    pub(super) fn value(&self, key: &Key, place: impl FnOnce() -> String) -> Result<(Value, bool), SecretError> {
        Ok(match self {
            Self::Number(number) => (Value::Number(*number), false),
            Self::Text(text) => (Value::text(*text), false),
            Self::Sealed(sealed) => (key.open(&place(), sealed)?, true),
        })
    }
}

impl rusqlite::ToSql for Kept<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Number(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Sealed(sealed) => ValueRef::Blob(sealed),
        }))
    }
}

impl<'a> TryFrom<ValueRef<'a>> for Kept<'a> {
    type Error = FromSqlError;

    fn try_from(kept: ValueRef<'a>) -> Result<Self, FromSqlError> {
        match kept {
            ValueRef::Real(number) => Ok(Self::Number(number)),
            ValueRef::Text(_) => Ok(Self::Text(kept.as_str()?)),
            ValueRef::Blob(sealed) => Ok(Self::Sealed(sealed.into())),
            // Neither is ever written.
            ValueRef::Integer(_) | ValueRef::Null => Err(FromSqlError::InvalidType),
        }
    }
}
