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
    VISIBILITY_PID_MISSING "1.27.1" Drop "a page visibility without its parameter";
    VISIBILITY_PID_EMPTY "1.27.2" Drop "a page visibility with an empty parameter";
    VISIBILITY_PID_UNKNOWN "1.27.4" Drop "a page visibility with an unknown parameter";
    VISIBILITY_RTDISPLAY "1.27.5" Drop "a page visibility with a parameter that is not displayed";
    PAGE_UNKNOWN "W270" Warn "something said about a page that does not exist";
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
    SLOW_POLL_WITHOUT_PING "W202" Warn "slow poll without a ping group";
    CONNECTIONS_NONE "W204" Warn "no connection is declared";
    REDUNDANT_POLLING "W203" Warn "redundant polling without exactly two HTTP connections";
    ELEMENT_TIMEOUT_SHORT "W205" Warn "an element timeout of less than a second";

    // Params: identity.
    RAW_TYPE_DUPLICATE "1.31.1" Warn "two RawType tags, the last one counts";
    PARAM_ID_MISSING "2.1.1" Reject "a parameter without an id";
    PARAM_ID_EMPTY "2.1.2" Reject "a parameter with an empty id";
    PARAM_ID_INVALID "2.1.3" Reject "a parameter whose id is not a number";
    PARAM_ID_OUT_OF_RANGE "2.1.5" Reject "a parameter id out of range";
    PARAM_ID_SPECTRUM "2.1.6" Warn "a parameter id of spectrum protocols";
    PARAM_ID_MEDIATION "2.1.7" Warn "a parameter id of mediation layers";
    PARAM_ID_MODULES "2.1.8" Warn "a parameter id of DataMiner modules";
    PARAM_ID_SERVICE "2.1.9" Warn "a parameter id of enhanced services";
    PARAM_ID_SLA "2.1.10" Warn "a parameter id of service level agreements";
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
    DEPENDENCIES_UNKNOWN "2.67.3" Drop "a dependency of a set that nothing declares";
    DEPENDENCIES_HIDDEN "2.67.4" Warn "dependencies of a parameter that is not displayed";
    DEPENDENCIES_ON_HIDDEN "2.67.5" Warn "a dependency of a set that is not displayed";
    SETTER_WITHOUT_READ "W211" Warn "a setter without a read parameter of its name";
    WRITE_WITHOUT_READ "W212" Warn "a write in a table that has no read of its name";
    CONTEXT_MENU_WITHOUT_TABLE "W213" Warn "a parameter named after a table that does not exist";
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
    MONITORED_MISSING "2.24.2" Drop "an alarm that does not say whether it is monitored";
    MONITORED_EMPTY "2.24.3" Drop "an empty Monitored";
    MONITORED_INVALID "2.24.4" Drop "a Monitored that is neither true nor false";
    MONITORED_NOT_SHOWN "2.24.6" Warn "a monitored parameter that is not shown";
    MONITORED_ON_TYPE "W282" Warn "a monitored parameter of a type that does not alarm";
    VOLATILE_DCF "2.78.6" Warn "a parameter group of the rows of a volatile table";
    MONITORED_VOLATILE "2.78.5" Warn "a monitored column of a volatile table";
    NO_THRESHOLD "2.5.1" Warn "a monitored parameter without thresholds";
    THRESHOLD_INVALID "E283" Drop "a threshold that is not a number, left out";
    THRESHOLD_LOW "W285" Warn "a low threshold on a text, left out";
    ALARM_PARAM_UNKNOWN "2.34.6" Drop "an alarm that names an unknown parameter";
    ALARM_OPTION_RTDISPLAY "2.34.7" Warn "an option of an alarm with a parameter that is not displayed";
    ALARM_OPTION_UNKNOWN "W284" Warn "an unknown option of an alarm, ignored";
    DISABLED_IF_EMPTY "2.72.1" Drop "an empty disabledIf";
    DISABLED_IF_INVALID "2.72.3" Drop "a disabledIf that cannot be read";
    DISABLED_IF_UNKNOWN "2.72.4" Drop "a disabledIf that names an unknown parameter";
    DISABLED_IF_RTDISPLAY "2.72.6" Warn "a disabledIf with a parameter that is not displayed";
    DISABLED_IF_TABLE "2.72.5" Drop "a disabledIf that names a parameter it cannot look at";

    EXCEPTIONS_ON_TYPE "2.36.4" Drop "exceptions on a type that has none";
    EXCEPTION_VALUE_MISSING "2.70.1" Drop "an exception without its value";
    EXCEPTION_VALUE_INVALID "2.70.2" Drop "an exception that does not fit the type";
    EXCEPTION_MAPPED_MISSING "2.71.1" Drop "an exception without the value it is recorded as";
    EXCEPTION_MAPPED_INVALID "2.71.3" Drop "an exception recorded as a value that does not fit the type";
    EXCEPTION_DISPLAY_MISSING "2.40.2" Drop "an exception without a text";
    EXCEPTION_DISPLAY_DUPLICATE "2.40.5" Warn "two exceptions with the same text";
    OTHER_UNUSABLE "E224" Drop "an Other that cannot be used";
    EXCEPTION_ID_DUPLICATE "W223" Warn "two exceptions with the same id";

    // Display.
    RTDISPLAY_EXPECTED "2.7.4" Warn "a parameter that something shown needs is not displayed";
    RTDISPLAY_INVALID "2.7.3" Warn "an RTDisplay that is neither true nor false";
    RTDISPLAY_ON_POSITION "2.57.2" Warn "a positioned parameter that is not displayed";
    TRENDING_RTDISPLAY "2.8.4" Warn "a trended parameter that is not displayed";
    RANGE_EMPTY "2.11.3" Warn "an empty range";
    RANGE_ORDER "2.11.4" Drop "a range whose low end is not below its high end";
    RANGE_LOW_INVALID "2.32.4" Drop "the low end of a range is not a number";
    RANGE_HIGH_INVALID "2.33.4" Drop "the high end of a range is not a number";
    LOGARITHMIC_LOW "2.32.6" Warn "a logarithmic trend whose range has no low end above 0";
    LOGARITHMIC_HIGH "2.33.6" Warn "a logarithmic trend whose range has no high end above 0";
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
    POPUP_DEPTH "2.37.13" Warn "popup pages opened from popup pages of popup pages";
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
    DEPENDENCY_VALUES_RTDISPLAY "2.59.4" Warn "a context menu that asks for a parameter that is not displayed";
    DISCREET_OPTION_UNKNOWN "W247" Warn "an unknown option of a discreet, ignored";
    DISCREET_OPTION_NOT_RUN "I248" Note "an option of a discreet that is not run";
    DISCREET_AVAILABILITY "E249" Drop "an option of a discreet that names an unknown parameter";
    DISABLE_WRITE "E247" Drop "a disableWrite option that cannot be used";
    TITLE_CONNECT "W245" Warn "an obsolete option of a title";
    TIME_RANGE "W246" Warn "a time with only one end of a range";

    // Tables.
    TYPE_ID_PARAM "2.62.3" Reject "an unknown parameter in a type";
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
    VIEW_FILTER_COLUMN "2.17.8" Warn "a filterChange with a column that the table does not have";
    VIEW_DIRECT_COLUMN "2.17.9" Warn "a directView with an unknown column";
    COLUMN_VIEW_SYNTAX "2.38.1" Drop "a column view that cannot be read";
    COLUMN_VIEW_UNKNOWN "2.38.2" Drop "a column view of an unknown column";
    FOREIGN_KEY_RELATION "2.38.4" Warn "a foreign key without a relation";
    COLUMN_OPTION_RTDISPLAY "2.38.5" Warn "an option for clients on a column that is not displayed";
    FOREIGN_KEY_RTDISPLAY "2.38.6" Warn "a foreign key to a primary key that is not displayed";
    FOREIGN_KEY_INTERPRETE "2.38.7" Drop "a foreign key that is not a text";
    FOREIGN_KEY_TYPE "2.38.9" Drop "a foreign key that is not a read";
    FOREIGN_KEY_TARGET "E266" Drop "a foreign key to something that is no table";
    VOLATILE_TABLE "2.78.2" Warn "a volatile table whose contents are needed after a restart";
    VOLATILE_COLUMN "2.78.3" Warn "a saved column in a volatile table";
    VOLATILE_TARGET "2.78.4" Warn "a foreign key to a volatile table";
    VIEW_OF_ITSELF "E291" Drop "a view that shows itself";
    DELTA_INVALID "E292" Drop "a delta that cannot be written";
    DUPLICATE_AS_INVALID "E293" Drop "a duplicate that cannot be made";
    RELATION_UNKNOWN "13.2.1" Drop "a relation with an unknown table";
    RELATION_PATH_MISSING "13.2.2" Drop "a relation without a path";
    RELATION_PATH_INVALID "13.2.3" Drop "a relation whose path cannot be read";
    RELATION_PATH_EMPTY "13.2.4" Drop "a relation with an empty path";
    RELATION_FOREIGN_KEY "13.2.5" Warn "a relation between tables without a foreign key";
    RELATION_NO_TABLE "13.2.7" Drop "a relation with a parameter that is no table";
    RELATION_RTDISPLAY "13.2.8" Warn "a relation with a table that is not shown";
    RELATION_DUPLICATE "13.2.9" Warn "a relation given twice";
    RELATION_REVERSED "I294" Note "a relation whose parent has the foreign key";
    PARTIAL_INVALID "W267" Warn "a partial option that cannot be read";
    TAB_RTDISPLAY "2.31.10" Warn "a shown column whose parameter is not displayed";
    TAB_COLUMN_UNKNOWN "W268" Warn "a shown column that the table does not have";
    TAB_INVALID "W269" Warn "a tab option that cannot be read";

    // QActions.
    QACTION_ID_MISSING "3.31.1" Reject "a QAction without an id";
    QACTION_ID_EMPTY "3.31.2" Reject "a QAction with an empty id";
    QACTION_ID_INVALID "3.31.4" Reject "a QAction whose id is not a number";
    QACTION_ID_DUPLICATE "3.31.5" Reject "two QActions with the same id";

    // Conditions, by the kind of item.
    QACTION_CONDITION "3.35.1" Drop "a condition of a QAction that cannot be read";
    QACTION_CONDITION_PARAM "3.35.2" Drop "a condition of a QAction names a parameter that does not exist";
    GROUP_CONDITION "4.9.1" Drop "a condition of a group that cannot be read";
    GROUP_CONDITION_PARAM "4.9.2" Drop "a condition of a group names a parameter that does not exist";
    TRIGGER_CONDITION "5.5.1" Drop "a condition of a trigger that cannot be read";
    TRIGGER_CONDITION_PARAM "5.5.2" Drop "a condition of a trigger names a parameter that does not exist";
    ACTION_CONDITION "6.4.1" Drop "a condition of an action that cannot be read";
    ACTION_CONDITION_PARAM "6.4.2" Drop "a condition of an action names a parameter that does not exist";
    TIMER_CONDITION "7.4.1" Drop "a condition of a timer that cannot be read";
    TIMER_CONDITION_PARAM "7.4.2" Drop "a condition of a timer names a parameter that does not exist";

    // HTTP.
    HTTP_PASSWORD_UNKNOWN "8.4.1" Warn "a password looks like the id of a parameter that does not exist";
    HTTP_USER_UNKNOWN "8.5.1" Warn "a user name looks like the id of a parameter that does not exist";
    HTTP_PROXY_SERVER_UNKNOWN "8.6.1" Warn "a proxy looks like the id of a parameter that does not exist";
    HTTP_PROXY_USER_UNKNOWN "8.7.1" Warn "a proxy user looks like the id of a parameter that does not exist";
    HTTP_PROXY_PASSWORD_UNKNOWN "8.8.1" Warn "a proxy password looks like the id of a parameter that does not exist";
    HTTP_VERB "W301" Warn "a verb that is no word, GET is sent";
    HTTP_URL_AND_PID "W302" Warn "a request with a url and a pid, the url is used";
    HTTP_DATA_AND_PARAMETERS "W303" Warn "a request with data and parameters, the parameters are used";
    HTTP_KEY_MISSING "8.3.3" Drop "a header or parameter without a key";
    HTTP_KEY_EMPTY "8.3.4" Drop "a header or parameter with an empty key";
    HTTP_HEADER_NAME "E304" Drop "a header name that cannot be sent";
    HTTP_HEADER_REDUNDANT "8.3.6" Warn "a header that is computed for every request";
    HTTP_REQUEST_PID "8.9.1" Drop "the parameter of a url does not exist";
    HTTP_DATA_PID "8.10.1" Drop "the parameter of a body does not exist";
    HTTP_HEADER_PID "8.11.1" Drop "the parameter of a request header does not exist";
    HTTP_PARAMETER_PID "8.12.1" Drop "the parameter of a request parameter does not exist";
    HTTP_STATUS_PID "8.13.1" Drop "the parameter for the status line does not exist";
    HTTP_CONTENT_PID "8.14.1" Drop "the parameter for the content does not exist";
    HTTP_RESPONSE_HEADER_PID "8.15.1" Drop "the parameter for a response header does not exist";

    // Threads.
    THREAD_WITHOUT_ID "W310" Warn "a thread without an id beside threads with one, ignored";
    THREAD_CONNECTION_TAKEN "W311" Warn "a connection of two threads, the first one has it";

    // Groups.
    GROUP_PING_KIND "1.26.1" Drop "the ping group is not a poll group";
    GROUP_CONNECTION "E320" Drop "a group names a connection that does not exist";
    GROUP_CONNECTION_DYNAMIC "W321" Warn "a group's connection from a parameter, beside a dynamic IP";
    GROUP_ID "W322" Warn "an id of a group that DataMiner keeps for itself";
    GROUP_CONNECTION_PID "4.7.3" Drop "the parameter for a group's connection does not exist";
    GROUP_ACTION "4.3.1" Drop "a group names an action that does not exist";
    GROUP_SESSION "4.5.1" Drop "a group names a session that does not exist";
    GROUP_TRIGGER "4.6.1" Drop "a group names a trigger that does not exist";
    GROUP_CONTENT "4.10.1" Drop "a group's content does not fit its type";
    GROUP_MIXED "4.10.2" Drop "a group holds items of different kinds";

    // Timers.
    TIMER_TIME_MISSING "7.1.1" Drop "a timer without a time";
    TIMER_TIME_EMPTY "7.1.2" Drop "a timer with an empty time";
    TIMER_TIME_INVALID "7.1.4" Drop "a timer whose time is no number";
    TIMER_TIME_TOO_LONG "7.1.5" Warn "a timer longer than 24 days";
    TIMER_INITIAL "W330" Warn "a first tick that cannot be read";
    TIMER_GROUP "7.5.2" Drop "a timer names a group that does not exist";
    TIMER_GROUP_INVALID "7.5.4" Drop "a timer's group that cannot be read";
    TIMER_OPTION_UNKNOWN_ID "7.3.2" Drop "an option of a timer names something that does not exist";
    TIMER_IP_MISSING "7.3.6" Drop "a multithreaded timer without its table";
    TIMER_IGNORE_IF "7.3.7" Drop "the option ignoreIf cannot be read";
    TIMER_EACH "7.3.8" Drop "the option each cannot be read";
    TIMER_IP "7.3.11" Drop "the option ip cannot be read";
    TIMER_POLLING_RATE "7.3.12" Drop "the option pollingRate cannot be read";
    TIMER_POOL "7.3.16" Drop "the option threadPool cannot be read";
    TIMER_EACH_MISSING "7.3.17" Drop "a multithreaded timer without its period";
    TIMER_POOL_MISSING "7.3.18" Drop "a multithreaded timer without its pool";
    TIMER_DYNAMIC_POOL "7.3.19" Drop "the parameter of dynamicThreadPool does not exist";
    TIMER_OPTION_UNKNOWN "7.3.22" Warn "an option a timer does not have";
    TIMER_OPTION_TWICE "7.3.23" Warn "an option given twice";
    TIMER_QACTION_OBSOLETE "7.3.28" Warn "the option qaction is obsolete";
    TIMER_COLUMN "7.3.29" Drop "an option of a timer names a column that does not exist";

    // Triggers.
    TRIGGER_ON_ID_MISSING "5.1.1" Warn "a trigger for every item of a kind";
    TRIGGER_ON_ID_EXCESSIVE "5.1.2" Warn "an id where a trigger has none";
    TRIGGER_ON_ID_MULTIPLE "5.1.4" Drop "a trigger for several ids";
    TRIGGER_ON_ID "5.1.6" Drop "a trigger for an item that does not exist";
    TRIGGER_EVENT "5.6.1" Drop "an On and a Time that do not go together";
    TRIGGER_CONTENT_ID "5.10.5" Drop "a trigger runs something that does not exist";
    TRIGGER_COMPARISON "E340" Drop "a comparison of a trigger that cannot be read";
    TRIGGER_TYPE "E341" Drop "a trigger of no type";

    // Actions.
    ACTION_ON_ID "6.3.5" Drop "an action on an item that does not exist";
    ACTION_TYPE_MISSING "6.5.1" Drop "an action without a type";
    ACTION_TYPE "6.5.4" Drop "an action of an unknown type";
    ACTION_ON_MISSING "6.6.1" Drop "an action on nothing";
    ACTION_ON "6.6.4" Drop "an action on an unknown kind of item";
    ACTION_PAIR "6.7.1" Drop "an On and a Type that do not go together";
    ACTION_ON_ID_MISSING "6.7.2" Drop "an action that has to name its item";
    ACTION_TYPE_ID "6.7.5" Drop "an action names a parameter that does not exist";
    ACTION_ID_AND_VALUE "6.7.7" Warn "an action with an id and a value, the id is used";
    ACTION_OPTIONS "E350" Drop "options of an action that cannot be read";
    ACTION_TYPE_ID_MISSING "E351" Drop "an action that has to name a parameter";

    // QActions, what runs them.
    QACTION_TRIGGER "3.2.4" Reject "a QAction for a parameter that does not exist";
    GET_PARAMETER_UNKNOWN "3.6.1" Warn "a GetParameter of a parameter that does not exist";
    SET_PARAMETER_UNKNOWN "3.7.1" Warn "a SetParameter of a parameter that does not exist";
    SET_ROW_UNKNOWN "3.8.1" Warn "a SetRow of a table that does not exist";
    FILL_ARRAY_UNKNOWN "3.9.1" Warn "a FillArray of a table that does not exist";
    FILL_NO_DELETE_UNKNOWN "3.10.1" Warn "a FillArrayNoDelete of a table that does not exist";
    FILL_COLUMN_TABLE "3.11.1" Warn "a FillArrayWithColumn of a table that does not exist";
    FILL_COLUMN_UNKNOWN "3.11.2" Warn "a FillArrayWithColumn of a column that does not exist";
    GET_PARAMETERS_UNKNOWN "3.33.2" Warn "a GetParameters with a parameter that does not exist";
    QACTION_ENTRY_POINTS "E360" Drop "entry points that do not belong to the triggers";
    QACTION_TABLE "W361" Warn "a QAction for a table";
    QACTION_ROW "W362" Warn "a row QAction for a parameter outside a table";

    // The whole protocol.
    ENDLESS_LOOP "1.24.1" Warn "something causes itself";
    AFTER_STARTUP_TYPE "5.7.3" Warn "the after-startup trigger runs no actions";
    AFTER_STARTUP_ON "5.7.4" Warn "an after-startup action queues no group";
    AFTER_STARTUP_EXECUTE "5.7.5" Warn "an after-startup action queues its group behind others";
    AFTER_STARTUP_GROUP "5.7.6" Warn "an after-startup group is not of a poll type";
    AFTER_STARTUP_SEVERAL "5.3.1" Warn "several after-startup triggers";
    TIMER_LOAD "W370" Warn "a timer's groups take longer than its time";
    TIMER_LAST_GROUP "7.5.5" Warn "a timer waits for a group that does not run in the queue";
    UNREACHABLE "W371" Warn "something that nothing starts";
    UNTARGETED "W372" Warn "an action without an item, that no trigger gives one";
    QACTION_NOT_REGISTERED "W373" Warn "a QAction that no code is registered for";
    QACTION_NOT_DECLARED "W374" Warn "code registered for a QAction that is not declared";
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
