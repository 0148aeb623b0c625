//! `Measurement` and `Display`: how a person sees a parameter and what a person may enter.
//!
//! Rules: DSP-10 to DSP-105. The conversion of a value to what is shown, and back, is in `display_text` and `engine::set`.

use crate::model::id::ParamId;
use crate::model::interprete::Range;
use crate::model::value::Value;

/// `Measurement`: the kind of control and its choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// `Type`.
    pub kind: MeasurementKind,
    /// `Type@options` `date`, `time` …: how a number that is a time is shown.
    pub time: Option<TimeFormat>,
    /// `Type@options` `password`: a secret, never shown or written down (DSP-60).
    pub password: bool,
    /// `Type@hex`.
    pub hex: bool,
    /// `Type@case`.
    pub case: Option<Case>,
    /// `Type@lines` of a text box.
    pub lines: Option<u32>,
    /// `Type@width` of a button, in pixels.
    pub width: Option<u32>,
    /// `Type@scientificNotation`.
    pub scientific: Option<Scientific>,
    /// `Discreets`, in document order.
    pub discreets: Vec<Discreet>,
    /// `Discreets@dependencyId`.
    pub dependency: Option<ParamId>,
    /// `Type@options` `number`: a text of digits only.
    pub digits_only: bool,
    /// `Type@options` `custom=disableWrite:pid=value`: no cell is set in a row where that column holds this (DSP-62).
    pub disable_write: Option<(ParamId, Value)>,
    /// Options that are hints to a client: `hscroll`, `fixedfont`, `tab=n`.
    pub hints: Vec<String>,
}

impl Measurement {
    /// A measurement of the given kind without any option.
    #[must_use]
    pub const fn plain(kind: MeasurementKind) -> Self {
        Self {
            kind,
            time: None,
            password: false,
            hex: false,
            case: None,
            lines: None,
            width: None,
            scientific: None,
            discreets: Vec::new(),
            dependency: None,
            digits_only: false,
            disable_write: None,
            hints: Vec::new(),
        }
    }
}

/// `Measurement/Type` (DSP-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasurementKind {
    /// `number`.
    Number,
    /// `string`.
    Text,
    /// `discreet`: one of a list.
    Discreet,
    /// `button`: each discreet is a button.
    Button,
    /// `togglebutton`: two discreets, offers the other one.
    ToggleButton,
    /// `pagebutton`: opens a popup page, sets nothing.
    PageButton,
    /// `table`.
    Table,
    /// `title`: a heading.
    Title(Title),
    /// `progress`: a bar.
    Progress,
    /// `analog`: a level bar.
    Analog,
    /// `chart`.
    Chart,
    /// `matrix`, `digital threshold`: loaded and reported, shown as text.
    Unsupported,
}

/// What a title does (DSP-39).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Title {
    /// A heading line.
    Heading,
    /// Opens a group box.
    Begin,
    /// Closes a group box.
    End,
}

/// How a number that is a time is shown (DSP-51 to DSP-56).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// `time`: a duration in seconds.
    Seconds,
    /// `time:minute`: a duration in minutes.
    Minutes,
    /// `time:hour`: a duration in hours.
    Hours,
    /// `time;timeofday`: seconds since midnight.
    TimeOfDay,
    /// `time:minute;timeofday`: minutes since midnight.
    MinuteOfDay,
    /// `date`: an OLE Automation date, shown without the time.
    Date,
    /// `datetime`.
    DateTime,
    /// `datetime:minute`.
    DateTimeMinute,
}

/// `Type@case` (DSP-19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Input becomes upper case.
    Upper,
    /// Input becomes lower case.
    Lower,
}

/// `Type@scientificNotation` (DSP-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scientific {
    /// One integer digit: `1.235E+004`.
    Universal,
    /// An exponent that is a multiple of three: `12.345E+003`.
    Engineering,
}

/// One choice of a discreet, a button, a toggle button or a page button.
#[derive(Debug, Clone, PartialEq)]
pub struct Discreet {
    /// `Value`: what is set.
    pub value: Value,
    /// `Display`: what a person reads.
    pub display: String,
    /// `Display@state` is `disabled`: the counterpart of an exception on a write (DSP-76).
    pub disabled: bool,
    /// `@dependencyValues`: offered only while the dependency shows one of these (DSP-72); on a context menu the
    /// items to fill (TBL-113).
    pub dependency_values: Option<Vec<String>>,
    /// `@options` `level=`: the least privileged access level it is shown to, 1 being the highest (DSP-77).
    pub level: Option<u32>,
    /// `@options` `disabled=` or `enabled=`: for which values of another parameter it can be chosen (DSP-78).
    pub availability: Option<Availability>,
    /// The other `@options`, split: `confirm:…`, `table:selection`, `separator` … (DSP-77).
    pub options: Vec<String>,
    /// `Value@type`: what choosing it does (DSP-79).
    pub effect: ChoiceEffect,
    /// `Tooltip`.
    pub tooltip: Option<String>,
}

impl Discreet {
    /// A choice without any option.
    #[must_use]
    pub fn plain(value: Value, display: &str) -> Self {
        Self {
            value,
            display: display.to_owned(),
            disabled: false,
            dependency_values: None,
            level: None,
            availability: None,
            options: Vec::new(),
            effect: ChoiceEffect::Set,
            tooltip: None,
        }
    }
}

/// For which values of another parameter a choice can be made (DSP-78).
#[derive(Debug, Clone, PartialEq)]
pub struct Availability {
    /// The other parameter; of a column, the cell in the same row.
    pub param: ParamId,
    /// Its raw values; `\empty` stands for uninitialised.
    pub values: Vec<Value>,
    /// Whether the choice can be made for these values, or for all others.
    pub listed: Listed,
}

/// What the values of an [`Availability`] do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// `enabled=`: only for these values.
    Enables,
    /// `disabled=`: not for these values.
    Disables,
}

/// What choosing a discreet does (DSP-79).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceEffect {
    /// It sets the value.
    Set,
    /// `open`: the client opens the value as a link; nothing is set.
    Opens,
    /// `setvar`, `dll` …: the client does something that ours does not; nothing is set.
    Nothing,
}

/// `Display`: where and how a parameter is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Display {
    /// `RTDisplay`: the parameter reaches the shown store (DSP-1).
    pub rtdisplay: bool,
    /// `Positions`.
    pub positions: Vec<Position>,
    /// `Decimals` shown, padded (DSP-13).
    pub decimals: Option<u8>,
    /// `Units`; empty when none.
    pub units: String,
    /// `Range` a person may enter; of a text, its length (DSP-32).
    pub range: Range,
    /// `Steps` between values a person may enter.
    pub step: Option<f64>,
    /// `DynamicUnits`: further units of the same family (DSP-16).
    pub dynamic_units: Vec<DynamicUnit>,
}

/// `DynamicUnits/Unit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicUnit {
    /// The unit.
    pub unit: String,
    /// `@decimals` shown with it.
    pub decimals: Option<u8>,
}

/// Where a parameter is shown: a place on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The page's name.
    pub page: String,
    /// The 0-based row.
    pub row: u32,
    /// The column: 0 or 1.
    pub column: u32,
    /// `Page@measType`: another kind of control on this page only (DSP-105).
    pub measurement: Option<MeasurementKind>,
}
