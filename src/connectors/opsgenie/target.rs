//! The alert that an operation is about: by alias, by id or by tiny id.
//!
//! The platform takes an identifier for an id unless `identifierType` says otherwise, so every call says it; otherwise
//! a close by alias is accepted and comes to nothing.

/// The alert that an operation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// What kind of identifier it is.
    pub(super) kind: Identifier,
    /// The identifier.
    pub(super) value: String,
}

/// The kinds of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identifier {
    /// The client's own; finds an open alert only.
    Alias,
    /// The platform's.
    Id,
    /// The platform's short one.
    Tiny,
}

impl Identifier {
    /// `identifierType` as the platform writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Id => "id",
            Self::Tiny => "tiny",
        }
    }

    /// The identifier type of that name, in any casing.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Alias, Self::Id, Self::Tiny]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name.trim()))
    }
}

impl Target {
    /// An alert by its alias.
    pub(super) fn alias(value: impl Into<String>) -> Self {
        Self {
            kind: Identifier::Alias,
            value: value.into(),
        }
    }

    /// The path of the alert: one segment, whatever the identifier contains.
    pub(super) fn path(&self) -> String {
        format!("/v2/alerts/{}", segment(&self.value))
    }

    /// The query that says what the identifier is.
    pub(super) fn query(&self) -> String {
        format!("?identifierType={}", self.kind.name())
    }

    /// What messages about the same alert have in common: they go one after the other.
    pub(super) fn lane(&self) -> String {
        format!("{}:{}", self.kind.name(), self.value)
    }
}

/// A text as one segment of a path, or one value of a query: all but letters, digits and `-._~` is escaped.
pub(super) fn segment(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// A text as an alias that needs no escaping: only letters, digits and `._-`.
pub(super) fn plain_alias(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => character,
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Identifier, Target, plain_alias, segment};

    #[test]
    fn an_alias_is_one_segment_whatever_it_contains() {
        let target = Target::alias("dm/1/2 é?#%+😀");
        assert_eq!(target.path(), "/v2/alerts/dm%2F1%2F2%20%C3%A9%3F%23%25%2B%F0%9F%98%80");
        assert_eq!(target.query(), "?identifierType=alias");
        assert_eq!(segment("dm-dms1.1_2~"), "dm-dms1.1_2~");
    }

    #[test]
    fn identifier_types_are_read_in_any_casing() {
        let read = ["alias", "ID", " tiny ", "name", ""].map(Identifier::named);
        let expected = [
            Some(Identifier::Alias),
            Some(Identifier::Id),
            Some(Identifier::Tiny),
            None,
            None,
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_made_alias_has_only_characters_that_need_no_escaping() {
        assert_eq!(plain_alias("dms1/1/2 é"), "dms1-1-2--");
    }
}
