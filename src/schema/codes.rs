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
    NOT_RUN_YET "W113" Warn "loaded, not run yet";

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
    ACTION_TYPE_ID_MISSING "6.7.3" Drop "an action that has to name a parameter";
    ACTION_TYPE_ID "6.7.5" Drop "an action names a parameter that does not exist";
    ACTION_ID_AND_VALUE "6.7.7" Warn "an action with an id and a value, the id is used";
    ACTION_OPTIONS "E350" Drop "options of an action that cannot be read";

    // QActions, what runs them.
    QACTION_TRIGGER "3.2.4" Reject "a QAction for a parameter that does not exist";
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
