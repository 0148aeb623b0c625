//! The rows of parameters, pages and tables (engine-parameters.md appendix (a)).

use crate::schema::support::{Tag, ignored, many, once, reported};

const SERIAL: &str = "it belongs to serial devices";
const SNMP: &str = "SNMP is not supported";
const CARD: &str = "the page does not use it";
const LOGGER: &str = "a logger table is kept like any other table";

pub(super) static TAGS: &[Tag] = &[
    once("Protocol/Params", "loadSequence"),
    many(
        "Protocol/Params/Param",
        "id save setter level historySet trending saveInterval duplicateAs confirmPopup",
    )
    .reports("pollingInterval verificationTimeout export snmpSetAndGet options snapshot")
    .ignores("backup template"),
    once("Protocol/Params/Param/Name", ""),
    once("Protocol/Params/Param/Description", ""),
    once("Protocol/Params/Param/Type", "id options alarmRegistration")
        .reports("distribution dynamicSnmpGet relativeTimers times virtual"),
    once("Protocol/Params/Param/Message", ""),
    once("Protocol/Params/Param/Information", ""),
    once("Protocol/Params/Param/Information/Text", ""),
    once("Protocol/Params/Param/Information/Subtext", ""),
    once("Protocol/Params/Param/Information/AlarmDescription", ""),
    once("Protocol/Params/Param/Information/Category", ""),
    once("Protocol/Params/Param/Information/CorrectiveAction", ""),
    ignored("Protocol/Params/Param/Information/Includes"),
    once("Protocol/Params/Param/Dependencies", ""),
    many("Protocol/Params/Param/Dependencies/Id", "postSet"),
    once("Protocol/Params/Param/Alarm", "type options activeTime"),
    once("Protocol/Params/Param/Alarm/Monitored", "disabledIf"),
    once("Protocol/Params/Param/Alarm/CL", ""),
    once("Protocol/Params/Param/Alarm/MaL", ""),
    once("Protocol/Params/Param/Alarm/MiL", ""),
    once("Protocol/Params/Param/Alarm/WaL", ""),
    once("Protocol/Params/Param/Alarm/Normal", ""),
    once("Protocol/Params/Param/Alarm/WaH", ""),
    once("Protocol/Params/Param/Alarm/MiH", ""),
    once("Protocol/Params/Param/Alarm/MaH", ""),
    once("Protocol/Params/Param/Alarm/CH", ""),
    once("Protocol/Params/Param/Alarm/Info", ""),
    reported("Protocol/Params/Param/CRC", SERIAL),
    reported("Protocol/Params/Param/Length", SERIAL),
    reported("Protocol/Params/Param/SNMP", SNMP),
    reported("Protocol/Params/Param/Replication", "replication is not supported"),
    reported("Protocol/Params/Param/Matrix", "a matrix is not supported"),
    reported("Protocol/Params/Param/Database", LOGGER),
    ignored("Protocol/Params/Param/HyperLinks"),
    ignored("Protocol/Params/Param/Icon"),
    ignored("Protocol/Params/Param/Mediation"),
    ignored("Protocol/Params/Param/CrossDriverOptions"),
    ignored("Protocol/Params/Param/Dashboard"),
    // Interprete.
    once("Protocol/Params/Param/Interprete", ""),
    many("Protocol/Params/Param/Interprete/RawType", ""),
    once("Protocol/Params/Param/Interprete/Type", "trim filter"),
    once("Protocol/Params/Param/Interprete/LengthType", "").reports("id times"),
    once("Protocol/Params/Param/Interprete/Length", ""),
    once("Protocol/Params/Param/Interprete/Value", ""),
    once("Protocol/Params/Param/Interprete/Decimals", ""),
    once("Protocol/Params/Param/Interprete/Rounding", ""),
    once("Protocol/Params/Param/Interprete/DefaultValue", ""),
    once("Protocol/Params/Param/Interprete/Exceptions", ""),
    many("Protocol/Params/Param/Interprete/Exceptions/Exception", "id value"),
    once("Protocol/Params/Param/Interprete/Exceptions/Exception/Display", "state"),
    once("Protocol/Params/Param/Interprete/Exceptions/Exception/Value", ""),
    once("Protocol/Params/Param/Interprete/Range", ""),
    once("Protocol/Params/Param/Interprete/Range/Low", ""),
    once("Protocol/Params/Param/Interprete/Range/High", ""),
    once("Protocol/Params/Param/Interprete/Others", ""),
    many("Protocol/Params/Param/Interprete/Others/Other", "id"),
    once("Protocol/Params/Param/Interprete/Others/Other/Display", "state"),
    once("Protocol/Params/Param/Interprete/Others/Other/Value", ""),
    reported(
        "Protocol/Params/Param/Interprete/Sequence",
        "values are stored as they come",
    ),
    reported(
        "Protocol/Params/Param/Interprete/Scale",
        "values are stored as they come",
    ),
    reported("Protocol/Params/Param/Interprete/Factor", SERIAL),
    reported("Protocol/Params/Param/Interprete/OffSet", SERIAL),
    reported("Protocol/Params/Param/Interprete/Bits", SERIAL),
    reported("Protocol/Params/Param/Interprete/ByteOffset", SERIAL),
    reported("Protocol/Params/Param/Interprete/NbrOfBits", SERIAL),
    reported("Protocol/Params/Param/Interprete/StartPosition", SERIAL),
    reported("Protocol/Params/Param/Interprete/Alignment", SERIAL),
    reported("Protocol/Params/Param/Interprete/Endian", SERIAL),
    reported("Protocol/Params/Param/Interprete/Base", SERIAL),
    // Display.
    once("Protocol/Params/Param/Display", ""),
    once("Protocol/Params/Param/Display/RTDisplay", "").reports("onAppLevel"),
    once("Protocol/Params/Param/Display/Positions", ""),
    many("Protocol/Params/Param/Display/Positions/Position", ""),
    once("Protocol/Params/Param/Display/Positions/Position/Page", "measType"),
    once("Protocol/Params/Param/Display/Positions/Position/Row", ""),
    once("Protocol/Params/Param/Display/Positions/Position/Column", ""),
    once("Protocol/Params/Param/Display/Decimals", ""),
    once("Protocol/Params/Param/Display/Units", ""),
    once("Protocol/Params/Param/Display/Range", ""),
    once("Protocol/Params/Param/Display/Range/Low", ""),
    once("Protocol/Params/Param/Display/Range/High", ""),
    once("Protocol/Params/Param/Display/Steps", ""),
    once("Protocol/Params/Param/Display/DynamicUnits", ""),
    many("Protocol/Params/Param/Display/DynamicUnits/Unit", "decimals"),
    reported("Protocol/Params/Param/Display/ParametersView", CARD),
    once("Protocol/Params/Param/Display/Trending", "logarithmic"),
    once("Protocol/Params/Param/Display/Trending/Type", "operations"),
    // Measurement.
    once("Protocol/Params/Param/Measurement", ""),
    once(
        "Protocol/Params/Param/Measurement/Type",
        "options case hex lines width scientificNotation",
    )
    .reports("link verificationDeviation continuous number"),
    once("Protocol/Params/Param/Measurement/Discreets", "dependencyId").ignores("matrixLayout"),
    many(
        "Protocol/Params/Param/Measurement/Discreets/Discreet",
        "dependencyValues options",
    )
    .reports("displayIconAndLabel iconRef export"),
    once("Protocol/Params/Param/Measurement/Discreets/Discreet/Display", "state"),
    once("Protocol/Params/Param/Measurement/Discreets/Discreet/Value", "type").reports("location"),
    once("Protocol/Params/Param/Measurement/Discreets/Discreet/Tooltip", ""),
    reported("Protocol/Params/Param/Measurement/Threshold", CARD),
    // ArrayOptions.
    once(
        "Protocol/Params/Param/ArrayOptions",
        "index options displayColumn partial",
    )
    .reports("deleteRow snmpIndex"),
    once("Protocol/Params/Param/ArrayOptions/NamingFormat", ""),
    many(
        "Protocol/Params/Param/ArrayOptions/ColumnOption",
        "idx pid type options",
    )
    .reports("value")
    .ignores("pollingRate cpeAlignment"),
    // Pages.
    once("Protocol/Display", "defaultPage pageOrder wideColumnPages").reports("pageOptions type"),
    once("Protocol/Display/Pages", ""),
    many("Protocol/Display/Pages/Page", ""),
    once("Protocol/Display/Pages/Page/Name", ""),
    once("Protocol/Display/Pages/Page/Visibility", "default overridePID value"),
];
