//! The rows of the definition itself and of its connections (engine-execution.md A.1, A.2).

use crate::schema::support::{Tag, ignored, many, once, reported};

const DVE: &str = "dynamic virtual elements are not supported";
const EPM: &str = "the page does not show it";
const NOT_HTTP: &str = "it has no meaning for an HTTP or virtual connection";
const EDITING: &str = "the defaults may be changed freely";
const WEBSOCKET: &str = "WebSockets are not supported";
const DCF: &str = "connectivity is not supported";
const SERIAL: &str = "it belongs to serial devices";

pub(super) static TAGS: &[Tag] = &[
    once("Protocol", "").reports("baseFor"),
    once("Protocol/Name", ""),
    once("Protocol/Version", ""),
    once("Protocol/Type", "advanced communicationOptions options relativeTimers")
        .reports("overrideTimeoutDVE")
        .ignores("databaseOptions"),
    // What describes the definition.
    ignored("Protocol/Description"),
    ignored("Protocol/IntegrationID"),
    ignored("Protocol/Provider"),
    ignored("Protocol/Vendor"),
    ignored("Protocol/VendorOID"),
    ignored("Protocol/DeviceOID"),
    ignored("Protocol/ElementType"),
    ignored("Protocol/VersionHistory"),
    ignored("Protocol/Compliancies"),
    ignored("Protocol/Copyright"),
    ignored("Protocol/MinimumRequiredVersion"),
    ignored("Protocol/Icon"),
    ignored("Protocol/App"),
    ignored("Protocol/Ownership"),
    ignored("Protocol/SystemOptions"),
    ignored("Protocol/ElementOptions"),
    ignored("Protocol/Swarming"),
    // What other parts of DataMiner read.
    reported("Protocol/SNMP", "SNMP is not supported"),
    reported("Protocol/Mib", "SNMP is not supported"),
    reported("Protocol/DVEs", DVE),
    reported("Protocol/ExportRules", DVE),
    reported("Protocol/TreeControls", "the tables are shown instead"),
    reported("Protocol/Topologies", EPM),
    reported("Protocol/Topology", EPM),
    reported("Protocol/Chains", EPM),
    reported("Protocol/SearchChains", EPM),
    reported("Protocol/RCA", EPM),
    reported("Protocol/ProcessAutomation", EPM),
    reported("Protocol/SeverityBubbleUp", "alarming does not read it yet"),
    reported("Protocol/AlarmLevelLinks", "alarming does not read it yet"),
    once("Protocol/Relations", ""),
    many("Protocol/Relations/Relation", "name path").reports("options"),
    reported("Protocol/ParameterGroups", DCF),
    reported(
        "Protocol/GeneralParameters",
        "of the general parameters there is the timer base only, which every definition with timers has",
    ),
    reported("Protocol/Advanced", SERIAL),
    reported("Protocol/Commands", SERIAL),
    reported("Protocol/Responses", SERIAL),
    // Timeouts that do not count.
    once("Protocol/NoTimeouts", ""),
    many("Protocol/NoTimeouts/NoTimeout", ""),
    many("Protocol/NoTimeout", ""),
    once("Protocol/Options", ""),
    once("Protocol/Options/NoTimeouts", ""),
    many("Protocol/Options/NoTimeouts/NoTimeout", ""),
    // Connections.
    once("Protocol/Connections", ""),
    many("Protocol/Connections/Connection", "id name"),
    once("Protocol/Connections/Connection/Type", ""),
    once("Protocol/Connections/Connection/Virtual", ""),
    once("Protocol/Connections/Connection/Http", ""),
    once("Protocol/Connections/Connection/Http/UserSettings", ""),
    once("Protocol/Connections/Connection/Http/UserSettings/BusAddress", ""),
    once(
        "Protocol/Connections/Connection/Http/UserSettings/BusAddress/DefaultValue",
        "",
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/BusAddress/Disabled",
        EDITING,
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/BusAddress/Range",
        EDITING,
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/BusAddress/Values",
        EDITING,
    ),
    once("Protocol/Connections/Connection/Http/UserSettings/IPport", ""),
    once(
        "Protocol/Connections/Connection/Http/UserSettings/IPport/DefaultValue",
        "",
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/IPport/Disabled",
        EDITING,
    ),
    once("Protocol/Connections/Connection/Http/UserSettings/TimeoutTime", ""),
    once(
        "Protocol/Connections/Connection/Http/UserSettings/TimeoutTime/DefaultValue",
        "",
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/TimeoutTime/Disabled",
        EDITING,
    ),
    once("Protocol/Connections/Connection/Http/UserSettings/Retries", ""),
    once(
        "Protocol/Connections/Connection/Http/UserSettings/Retries/DefaultValue",
        "",
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/Retries/Disabled",
        EDITING,
    ),
    once(
        "Protocol/Connections/Connection/Http/UserSettings/TimeoutTimeElement",
        "",
    ),
    once(
        "Protocol/Connections/Connection/Http/UserSettings/TimeoutTimeElement/DefaultValue",
        "",
    ),
    reported(
        "Protocol/Connections/Connection/Http/UserSettings/TimeoutTimeElement/Disabled",
        EDITING,
    ),
    once("Protocol/Connections/Connection/Http/CommunicationOptions", ""),
    once(
        "Protocol/Connections/Connection/Http/CommunicationOptions/RedundantPolling",
        "",
    ),
    reported(
        "Protocol/Connections/Connection/Http/CommunicationOptions/WebSocket",
        WEBSOCKET,
    ),
    reported(
        "Protocol/Connections/Connection/Http/CommunicationOptions/WebSocketHandshake",
        WEBSOCKET,
    ),
    reported(
        "Protocol/Connections/Connection/Http/CommunicationOptions/NotifyConnectionPIDs",
        NOT_HTTP,
    ),
    reported(
        "Protocol/Connections/Connection/Http/CommunicationOptions/MakeCommandByProtocol",
        NOT_HTTP,
    ),
    reported("Protocol/Connections/Connection/Snmp", NOT_HTTP),
    reported("Protocol/Connections/Connection/SnmpV2", NOT_HTTP),
    reported("Protocol/Connections/Connection/SnmpV3", NOT_HTTP),
    reported("Protocol/Connections/Connection/Serial", NOT_HTTP),
    reported("Protocol/Connections/Connection/SmartSerial", NOT_HTTP),
    reported("Protocol/Connections/Connection/Gpib", NOT_HTTP),
    reported("Protocol/Connections/Connection/Opc", NOT_HTTP),
    // The settings of connection 0, then those of the connections that follow.
    once("Protocol/PortSettings", "name"),
    once("Protocol/Ports", ""),
    many("Protocol/Ports/PortSettings", "name").ignores("visibleInUi"),
];

/// The rows below `PortSettings`, which stands in two places.
pub(super) static PORT_SETTINGS: &[Tag] = &[
    once("BusAddress", ""),
    once("BusAddress/DefaultValue", ""),
    reported("BusAddress/Disabled", EDITING),
    reported("BusAddress/Range", EDITING),
    reported("BusAddress/Value", EDITING),
    once("IPport", ""),
    once("IPport/DefaultValue", ""),
    reported("IPport/Disabled", EDITING),
    once("TimeoutTime", ""),
    once("TimeoutTime/DefaultValue", ""),
    reported("TimeoutTime/Disabled", EDITING),
    once("Retries", ""),
    once("Retries/DefaultValue", ""),
    reported("Retries/Disabled", EDITING),
    once("TimeoutTimeElement", ""),
    once("TimeoutTimeElement/DefaultValue", ""),
    reported("TimeoutTimeElement/Disabled", EDITING),
    once("SkipCertificateVerification", ""),
    once("SkipCertificateVerification/DefaultValue", ""),
    reported("SkipCertificateVerification/Disabled", EDITING),
    once("SlowPoll", ""),
    once("SlowPoll/DefaultValue", ""),
    reported("SlowPoll/Disabled", EDITING),
    reported("SlowPoll/Value", EDITING),
    once("SlowPollBase", ""),
    once("SlowPollBase/DefaultValue", ""),
    reported("SlowPollBase/Disabled", EDITING),
    reported("SlowPollBase/Value", EDITING),
    once("PingInterval", ""),
    once("PingInterval/DefaultValue", ""),
    reported("PingInterval/Disabled", EDITING),
    ignored("Type"),
    ignored("PortTypeIP"),
    ignored("PortTypeUDP"),
    ignored("PortTypeSerial"),
    reported("LocalIPport", NOT_HTTP),
    reported("FlushPerDatagram", NOT_HTTP),
    reported("Baudrate", NOT_HTTP),
    reported("Databits", NOT_HTTP),
    reported("Flowcontrol", NOT_HTTP),
    reported("Parity", NOT_HTTP),
    reported("Stopbits", NOT_HTTP),
    reported("GetCommunity", NOT_HTTP),
    reported("SetCommunity", NOT_HTTP),
    reported("SSH", NOT_HTTP),
];
