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
    MORE_ERRORS "E006" Reject "more findings than are listed, some of which refuse the definition";
    MORE_FINDINGS "W007" Warn "more findings than are listed";

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

    PROTOCOL_NAME_MISSING "1.2.1" Reject "a protocol without a name";
    PROTOCOL_NAME_EMPTY "1.2.2" Reject "a protocol with an empty name";
    PROTOCOL_VERSION_MISSING "1.6.1" Reject "a protocol without a version";
    PROTOCOL_VERSION_EMPTY "1.6.2" Reject "a protocol with an empty version";
    PROTOCOL_TYPE_MISSING "1.8.1" Reject "a protocol without a type";
    PROTOCOL_TYPE_EMPTY "1.8.2" Reject "a protocol with an empty type";
    PROTOCOL_TYPE_INVALID "1.8.3" Reject "a protocol of an unknown type";
    DEFAULT_PAGE_UNKNOWN "1.21.3" Warn "a default page that does not exist";
    PAGE_ORDER_POPUP "1.22.4" Warn "a popup page in the page order";
    PAGE_ORDER_MISSING "1.22.5" Warn "a page that the page order leaves out";
    PAGE_ORDER_UNKNOWN "1.22.8" Warn "a page in the page order that does not exist";
    PAGE_ORDER_DUPLICATE "1.22.9" Warn "a page that the page order names twice";
    PAGE_ORDER_ID_UNKNOWN "1.22.11" Warn "a web page with an unknown parameter";
    PAGE_ORDER_RTDISPLAY "1.22.12" Warn "a web page with a parameter that is not displayed";
    CONNECTION_COUNT "1.23.5" Warn "port settings that fit no connection";
    CONNECTION_SYNTAX_MIXED "1.23.6" Warn "connections declared in two ways";
    CONNECTION_UNSUPPORTED "W200" Warn "a connection of a type that does not run";
    COMMUNICATION_OPTION "I201" Note "a communication option that has no effect";

    // Params: identity.
    RAW_TYPE_DUPLICATE "1.31.1" Warn "two RawType tags, the last one counts";
    PARAM_ID_MISSING "2.1.1" Reject "a parameter without an id";
    PARAM_ID_EMPTY "2.1.2" Reject "a parameter with an empty id";
    PARAM_ID_INVALID "2.1.3" Reject "a parameter whose id is not a number";
    PARAM_ID_OUT_OF_RANGE "2.1.5" Reject "a parameter id out of range";
    PARAM_ID_SPECTRUM "2.1.6" Warn "a parameter id of spectrum protocols";
    PARAM_ID_MEDIATION "2.1.7" Warn "a parameter id of mediation layers";
    PARAM_ID_MODULES "2.1.8" Warn "a parameter id of DataMiner modules";
    PARAM_ID_DUPLICATE "2.1.11" Reject "two parameters with the same id";
    PARAM_ID_UNTRIMMED "2.1.13" Warn "blanks around a parameter id";
    PARAM_NAME_MISSING "2.2.1" Reject "a parameter without a name";
    PARAM_NAME_EMPTY "2.2.2" Reject "a parameter with an empty name";
    PARAM_NAME_UNTRIMMED "2.2.3" Warn "blanks around a parameter name";
    PARAM_NAME_CHARACTERS "2.2.4" Warn "characters that do not belong in a name";
    PARAM_NAME_RESERVED "2.2.5" Reject "a parameter name that DataMiner keeps for itself";
    PARAM_NAME_DUPLICATE "2.2.6" Reject "two parameters with the same name";
    CONTEXT_MENU_RTDISPLAY "2.2.10" Warn "a context menu that is not displayed";
    FEEDBACK_RTDISPLAY "2.2.11" Warn "a QAction feedback that is not displayed";
    DESCRIPTION_MISSING "2.14.4" Warn "a displayed parameter without a description";
    PARAM_TYPE_MISSING "2.61.1" Reject "a parameter without a type";
    PARAM_TYPE_EMPTY "2.61.2" Reject "a parameter with an empty type";
    PARAM_TYPE_UNTRIMMED "2.61.3" Warn "blanks around a parameter type";
    PARAM_TYPE_INVALID "2.61.4" Reject "a parameter of an unknown type";
    PARAM_KIND_UNSUPPORTED "W210" Warn "a parameter of a kind that does not run";
    LOAD_SEQUENCE_UNKNOWN "2.56.3" Warn "an unknown parameter in the load sequence";
    SETTER_WITHOUT_READ "W211" Warn "a setter without a read parameter of its name";
    WRITE_WITHOUT_READ "W212" Warn "a write in a table that has no read of its name";
    CONTEXT_MENU_WITHOUT_TABLE "W213" Warn "a context menu without its table";
    ELEMENT_NAME_REPEATED "W214" Warn "a second parameter of type elementname";
    TYPE_OPTION_NOT_RUN "I215" Note "an option of a parameter type that is not run";
    DYNAMIC_IP "E216" Drop "a dynamic ip option that cannot be used";

    // Interprete.
    INTERPRETE_TYPE "W220" Warn "an Interprete type that is not run";
    RAW_TYPE "W221" Warn "a RawType that is not run";
    LENGTH_TYPE_MISSING "2.73.1" Warn "a missing LengthType";
    LENGTH_TYPE_INVALID "2.73.3" Warn "an unknown LengthType";
    LENGTH_MISSING "2.74.1" Warn "a fixed length that is not given";
    DEFAULT_UNSUPPORTED "2.68.1" Drop "a default value on a type that has none";
    DEFAULT_ON_COLUMN "2.68.2" Drop "a default value on a column";
    DEFAULT_INVALID "2.68.3" Drop "a default value that does not fit the type";
    VALUE_INVALID "E222" Drop "a fixed value that does not fit the type";
    EXCEPTIONS_ON_TYPE "2.36.4" Drop "exceptions on a type that has none";
    EXCEPTION_VALUE_MISSING "2.70.1" Drop "an exception without its value";
    EXCEPTION_VALUE_INVALID "2.70.2" Drop "an exception that does not fit the type";
    EXCEPTION_MAPPED_MISSING "2.71.1" Drop "an exception without the value it is recorded as";
    EXCEPTION_MAPPED_INVALID "2.71.3" Drop "an exception recorded as a value that does not fit the type";
    EXCEPTION_DISPLAY_MISSING "2.40.2" Drop "an exception without a text";
    EXCEPTION_DISPLAY_DUPLICATE "2.40.5" Warn "two exceptions with the same text";
    EXCEPTION_ID_DUPLICATE "W223" Warn "two exceptions with the same id";

    // Display.
    RTDISPLAY_INVALID "2.7.3" Warn "an RTDisplay that is neither true nor false";
    RTDISPLAY_ON_POSITION "2.57.2" Warn "a positioned parameter that is not displayed";
    RANGE_EMPTY "2.11.3" Warn "an empty range";
    RANGE_ORDER "2.11.4" Drop "a range whose low end is not below its high end";
    RANGE_LOW_INVALID "2.32.4" Drop "the low end of a range is not a number";
    RANGE_HIGH_INVALID "2.33.4" Drop "the high end of a range is not a number";
    RANGE_LOW_DIFFERS "2.32.7" Warn "a write and its read have different low ends";
    RANGE_HIGH_DIFFERS "2.33.7" Warn "a write and its read have different high ends";
    POSITION_PAGE_MISSING "2.22.2" Drop "a position without a page";
    POSITION_PAGE_EMPTY "2.22.3" Drop "a position with an empty page";
    POSITION_PAGE_DUPLICATE "2.22.5" Warn "a parameter that is on a page twice";
    POSITION_ROW_MISSING "2.43.1" Drop "a position without a row";
    POSITION_ROW_EMPTY "2.43.2" Drop "a position with an empty row";
    POSITION_ROW_INVALID "2.43.3" Drop "a position whose row is not a number";
    POSITION_COLUMN_MISSING "2.44.1" Drop "a position without a column";
    POSITION_COLUMN_EMPTY "2.44.2" Drop "a position with an empty column";
    POSITION_COLUMN_INVALID "2.44.3" Drop "a position whose column is not a number";
    POSITION_COLUMN_HIGH "2.44.5" Warn "more than two columns on a page";
    POSITION_TAKEN "W230" Warn "two parameters at the same place of a page";

    // Measurement.
    MEASUREMENT_WRONG_PARAM "2.37.9" Drop "a measurement that does not fit the parameter's type";
    MEASUREMENT_EMPTY "2.37.10" Drop "an empty measurement";
    MEASUREMENT_INVALID "2.37.11" Drop "an unknown measurement";
    MEASUREMENT_NOT_RUN "W240" Warn "a measurement that is shown as text";
    MEASUREMENT_OPTION_UNKNOWN "W241" Warn "an unknown option of a measurement, ignored";
    MEASUREMENT_OPTION_NOT_RUN "I242" Note "an option of a measurement that is not run";
    DISCREETS_MISSING "2.51.1" Drop "a measurement without its discreets";
    DISCREET_MISSING "2.52.1" Drop "an empty list of discreets";
    DISCREET_DISPLAY_MISSING "2.13.3" Warn "a discreet without a text";
    DISCREET_DUPLICATE "2.13.6" Warn "two discreets with the same text or value";
    DISCREET_VALUE_INVALID "W243" Warn "the value of a discreet does not fit the type";
    TOGGLE_DISCREETS "W244" Warn "a togglebutton without exactly two discreets";
    DEPENDENCY_EMPTY "2.54.1" Drop "an empty dependencyId";
    DEPENDENCY_INVALID "2.54.3" Drop "a dependencyId that is not a number";
    DEPENDENCY_UNKNOWN "2.54.4" Drop "a dependencyId that nothing declares";
    DEPENDENCY_WRONG_TYPE "2.54.5" Drop "a dependencyId of a parameter without a value";
    DEPENDENCY_RTDISPLAY "2.54.6" Warn "a dependencyId of a parameter that is not displayed";
    DEPENDENCY_VALUES_UNKNOWN "2.59.3" Drop "a context menu that asks for an unknown parameter";
    TITLE_CONNECT "W245" Warn "an obsolete option of a title";
    TIME_RANGE "W246" Warn "a time with only one end of a range";

    // Tables.
    TYPE_ID_UNKNOWN "2.62.5" Reject "an unknown column in the type of a table";
    INDEX_MISSING "2.46.1" Reject "a table without the index of its primary key";
    INDEX_EMPTY "2.46.2" Reject "a table with an empty index";
    INDEX_INVALID "2.46.3" Reject "a table whose index is not a number";
    INDEX_UNKNOWN "2.46.4" Reject "a table whose index is no column";
    INDEX_UNUSUAL "2.46.5" Warn "a primary key that is not the first column";
    INDEX_INTERPRETE "2.46.7" Warn "a primary key that is not a text";
    INDEX_MEASUREMENT "2.46.8" Warn "a primary key that is not shown as text or number";
    INDEX_TYPE "2.46.9" Reject "a primary key that is not a read";
    COLUMN_PID_MISSING "2.63.1" Reject "a column without its parameter";
    COLUMN_PID_EMPTY "2.63.2" Reject "a column with an empty parameter";
    COLUMN_PID_UNKNOWN "2.63.4" Reject "a column with an unknown parameter";
    COLUMN_WRONG_TYPE "2.64.1" Reject "a column whose parameter cannot be one";
    COLUMN_IDX_INVALID "E250" Reject "a column without a usable idx";
    COLUMN_IDX_DUPLICATE "E251" Reject "two columns with the same idx";
    COLUMN_IDX_GAP "E252" Reject "a gap between the columns";
    COLUMN_TYPE_INVALID "W254" Warn "an unknown type of a column";
    COLUMN_TYPE_NOT_RUN "W255" Warn "a column that nothing fills";
    AUTOINCREMENT_NOT_KEY "E256" Drop "an autoincrement column that is not the primary key";
    COLUMN_IN_TWO_TABLES "W257" Warn "a parameter that is a column of two tables";
    COLUMN_OPTION_UNKNOWN "W258" Warn "an unknown option of a column, ignored";
    COLUMN_OPTION_NOT_RUN "I259" Note "an option of a column that is not run";
    TABLE_OPTION_UNKNOWN "W260" Warn "an unknown option of a table, ignored";
    TABLE_OPTION_NOT_RUN "I261" Note "an option of a table that is not run";
    ARRAY_OPTIONS_ON_TYPE "W262" Warn "ArrayOptions on a parameter that is no table";
    NAMING_EMPTY "2.17.3" Drop "an empty naming";
    NAMING_UNKNOWN "2.17.4" Drop "a naming with an unknown parameter";
    NAMING_FORMAT_EMPTY "2.65.1" Drop "an empty NamingFormat";
    NAMING_FORMAT_UNKNOWN "2.65.3" Drop "a NamingFormat with an unknown parameter";
    NAMING_FORMAT_STATIC "2.65.4" Drop "a NamingFormat without a parameter";
    NAMING_OTHER_TABLE "W263" Warn "a display key made of another table's columns";
    DISPLAY_KEY_TWICE "2.39.1" Warn "a display key defined in several ways";
    DISPLAY_COLUMN_IS_KEY "2.39.2" Warn "a displayColumn that is the primary key";
    DISPLAY_COLUMN_UNUSUAL "2.39.3" Warn "a displayColumn where a NamingFormat is better";
    DISPLAY_COLUMN_INVALID "E264" Drop "a displayColumn that is no column";
    DISPLAY_KEY_INTERPRETE "2.39.6" Drop "a displaykey column that is not a text";
    DISPLAY_KEY_MEASUREMENT "2.39.7" Drop "a displaykey column that is not shown as text";
    DISPLAY_KEY_TYPE "2.39.8" Drop "a displaykey column that is not a read";
    DISPLAY_KEY_MISSING "2.39.9" Warn "a table with a naming but without a displaykey column";
    DISPLAY_KEY_DUPLICATE "2.39.11" Drop "two displaykey columns";
    DISPLAY_KEY_NOT_LAST "E265" Drop "a displaykey column that is not the last";
    VIEW_INVALID "2.17.7" Drop "a view of something that is no table";
    COLUMN_VIEW_SYNTAX "2.38.1" Drop "a column view that cannot be read";
    COLUMN_VIEW_UNKNOWN "2.38.2" Drop "a column view of an unknown column";
    FOREIGN_KEY_INTERPRETE "2.38.7" Drop "a foreign key that is not a text";
    FOREIGN_KEY_TYPE "2.38.9" Drop "a foreign key that is not a read";
    FOREIGN_KEY_TARGET "E266" Drop "a foreign key to something that is no table";
    VOLATILE_COLUMN "2.78.3" Warn "a saved column in a volatile table";
    VOLATILE_TARGET "2.78.4" Warn "a foreign key to a volatile table";
    PARTIAL_INVALID "W267" Warn "a partial option that cannot be read";
    TAB_COLUMN_UNKNOWN "W268" Warn "a shown column that the table does not have";
    TAB_INVALID "W269" Warn "a tab option that cannot be read";

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
