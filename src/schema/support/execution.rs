//! The rows of what runs: sessions, groups, timers, triggers, actions, QActions, threads (engine-execution.md A.3–A.8).
//! Which values of an action's or trigger's tags run is told by the tables in `lower::actions` and `lower::triggers`.

use crate::schema::support::{Tag, ignored, many, once, reported};

const SNMP: &str = "SNMP is not supported, the item is skipped";
const SERIAL: &str = "serial commands and responses are not supported";

pub(super) static TAGS: &[Tag] = &[
    // Sessions.
    once("Protocol/HTTP", ""),
    many(
        "Protocol/HTTP/Session",
        "id name timeout ignoreTimeout keepAlive loginMethod userName password proxyServer proxyUser proxyPassword",
    ),
    many("Protocol/HTTP/Session/Connection", "id name timeout ignoreTimeout"),
    once("Protocol/HTTP/Session/Connection/Request", "verb url pid"),
    once("Protocol/HTTP/Session/Connection/Request/Headers", ""),
    many("Protocol/HTTP/Session/Connection/Request/Headers/Header", "key pid"),
    once("Protocol/HTTP/Session/Connection/Request/Data", "pid"),
    once("Protocol/HTTP/Session/Connection/Request/Parameters", ""),
    many(
        "Protocol/HTTP/Session/Connection/Request/Parameters/Parameter",
        "key pid",
    ),
    once("Protocol/HTTP/Session/Connection/Response", "statusCode"),
    once("Protocol/HTTP/Session/Connection/Response/Headers", ""),
    many("Protocol/HTTP/Session/Connection/Response/Headers/Header", "key pid"),
    once("Protocol/HTTP/Session/Connection/Response/Content", "pid"),
    // Groups.
    once("Protocol/Groups", ""),
    many("Protocol/Groups/Group", "id connection connectionPID threadId ping"),
    once("Protocol/Groups/Group/Name", ""),
    ignored("Protocol/Groups/Group/Description"),
    once("Protocol/Groups/Group/Type", ""),
    once("Protocol/Groups/Group/Condition", ""),
    once("Protocol/Groups/Group/Content", "").reports("multipleGet"),
    many("Protocol/Groups/Group/Content/Action", "next"),
    many("Protocol/Groups/Group/Content/Trigger", "next"),
    many("Protocol/Groups/Group/Content/Session", "connection next"),
    reported("Protocol/Groups/Group/Content/Param", SNMP),
    reported("Protocol/Groups/Group/Content/Pair", SERIAL),
    // Threads.
    once("Protocol/Threads", ""),
    many("Protocol/Threads/Thread", "id connection").ignores("name"),
    // Timers.
    once("Protocol/Timers", "relativeTimers"),
    many("Protocol/Timers/Timer", "id options fixedTimer"),
    once("Protocol/Timers/Timer/Name", ""),
    once("Protocol/Timers/Timer/Time", "initial dataDisplay"),
    once("Protocol/Timers/Timer/Interval", ""),
    once("Protocol/Timers/Timer/Condition", ""),
    once("Protocol/Timers/Timer/Content", ""),
    many("Protocol/Timers/Timer/Content/Group", ""),
    // Triggers.
    once("Protocol/Triggers", ""),
    many("Protocol/Triggers/Trigger", "id"),
    once("Protocol/Triggers/Trigger/Name", ""),
    once("Protocol/Triggers/Trigger/On", "id"),
    once("Protocol/Triggers/Trigger/Time", "case id nr value"),
    once("Protocol/Triggers/Trigger/Condition", ""),
    once("Protocol/Triggers/Trigger/Type", ""),
    once("Protocol/Triggers/Trigger/Content", ""),
    many("Protocol/Triggers/Trigger/Content/Id", "else"),
    // Actions.
    once("Protocol/Actions", ""),
    many("Protocol/Actions/Action", "id"),
    once("Protocol/Actions/Action/Name", ""),
    once("Protocol/Actions/Action/Condition", ""),
    once("Protocol/Actions/Action/On", "id").reports("nr"),
    once(
        "Protocol/Actions/Action/Type",
        "id nr value options regex startoffset endoffset returnValue reschedule",
    )
    .reports("allowed arguments scale script sequence"),
    // QActions.
    once("Protocol/QActions", ""),
    many(
        "Protocol/QActions/QAction",
        "id name triggers row inputParameters entryPoint options encoding",
    )
    .ignores("dllImport include"),
    once("Protocol/QActions/QAction/Condition", ""),
    // What only other kinds of connections have.
    reported("Protocol/Pairs", SERIAL),
    ignored("Protocol/InternalLicenses"),
];
