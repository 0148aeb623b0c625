//! The table of diagnostic codes: number, level, title.
//!
//! A number with dots is that of Skyline's protocol validator, whose meaning it keeps. Numbers of our own begin with the
//! letter of their severity: `E`, `W`, or `I` for information; 0xx is the XML, 1xx what holds for every tag,
//! 2xx parameters and pages, 3xx what runs (sessions, groups, timers, triggers, actions, QActions, conditions).

use crate::schema::diagnostic::Level::{self, Drop, Note, Reject, Warn};

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The number it is looked up by.
    pub number: &'static str,
    /// What it means for the definition.
    pub level: Level,
    /// What it is about, without the particulars.
    pub title: &'static str,
}

macro_rules! codes {
    ($($name:ident $number:literal $level:ident $title:literal;)*) => {
        $(
            #[doc = $title]
            pub(crate) static $name: Code = Code { number: $number, level: $level, title: $title };
        )*

        /// Every code.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    // The XML.
    XML_NOT_WELL_FORMED "E001" Reject "the file is not well-formed XML";
    XML_DOCTYPE "E002" Reject "a DOCTYPE is not allowed";
    XML_ENTITY "E003" Reject "an unknown entity";
    XML_TOO_DEEP "E004" Reject "elements are nested too deeply";
    XML_TOO_LARGE "E005" Reject "the file is too large";

    // What holds for every tag.
    TAG_UNKNOWN "W101" Warn "an unknown tag, ignored";
    ATTRIBUTE_UNKNOWN "W102" Warn "an unknown attribute, ignored";
    CASING "W103" Warn "a tag or attribute in the wrong casing";
    TAG_REPEATED "W104" Warn "a tag that may occur once occurs again";
    TEXT_STRAY "W105" Warn "text where only tags belong, ignored";
    NOT_A_BOOLEAN "W106" Warn "not true or false, the default is used";
    NOT_A_NUMBER "W107" Warn "not a number in range, the default is used";
    NOT_IN_LIST "W108" Warn "not one of the values allowed, the default is used";
    REFERENCE_UNKNOWN "E109" Drop "an id that nothing declares";
    ID_MISSING "E110" Drop "an item without a usable id, left out";
    ID_DUPLICATE "E111" Drop "an id used twice, the later item is left out";
    NOT_RUN "I112" Note "read but not run here";

    // Protocol.
    PROTOCOL_MISSING "1.1.1" Reject "no Protocol tag";

    // Params: identity.
    PARAM_ID_MISSING "2.1.1" Reject "a parameter without an id";
    PARAM_ID_EMPTY "2.1.2" Reject "a parameter with an empty id";
    PARAM_ID_INVALID "2.1.3" Reject "a parameter whose id is not a number";
    PARAM_ID_DUPLICATE "2.1.11" Reject "two parameters with the same id";

    // QActions.
    QACTION_ID_MISSING "3.31.1" Reject "a QAction without an id";
    QACTION_ID_EMPTY "3.31.2" Reject "a QAction with an empty id";
    QACTION_ID_INVALID "3.31.4" Reject "a QAction whose id is not a number";
    QACTION_ID_DUPLICATE "3.31.5" Reject "two QActions with the same id";
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::schema::diagnostic::Severity;

    #[test]
    fn numbers_are_unique_and_our_own_begin_with_the_letter_of_their_severity() {
        for (index, code) in ALL.iter().enumerate() {
            assert!(
                ALL[..index].iter().all(|earlier| earlier.number != code.number),
                "{} stands twice",
                code.number
            );
            let expected = match code.level.severity() {
                Severity::Error => 'E',
                Severity::Warning => 'W',
                Severity::Info => 'I',
            };
            let first = code.number.chars().next();
            assert!(
                first == Some(expected) || first.is_some_and(|first| first.is_ascii_digit()),
                "{}",
                code.number
            );
        }
    }
}
