//! `Param`: one parameter, table or column.
//!
//! Rules: PAR-1 to PAR-51. Equal names are the only link between a read and its write (PAR-7); the loader resolves it.

use crate::model::id::{ConnectionId, ParamId};
use crate::model::interprete::Interprete;
use crate::model::measurement::{Display, Measurement};
use crate::model::table::TableDef;

use crate::model::value::ValueKind;

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// `@id`.
    pub id: ParamId,
    /// `Name`.
    pub name: String,
    /// `Description`; the name when there is none (PAR-10).
    pub description: String,
    /// `Type`.
    pub kind: ParamKind,
    /// `@save`.
    pub save: bool,
    /// `@setter`: a set is copied to the read of the same name (PAR-42).
    pub setter: bool,
    /// The write of a read, or the read of a write, by equal name.
    pub partner: Option<ParamId>,
    /// `Interprete`.
    pub interprete: Interprete,
    /// `Measurement`; none where the definition gives none (DSP-11).
    pub measurement: Option<Measurement>,
    /// `Display`.
    pub display: Display,
    /// `ArrayOptions`, of an `array` only.
    pub table: Option<Box<TableDef>>,
    /// The table and idx this parameter is a column of.
    pub column_of: Option<ColumnOf>,
    /// `Type@options` `dynamic ip`: the connection whose target this overrides (PRT-10).
    pub dynamic_ip: Option<ConnectionId>,
    /// `@level`; 0 is the most privileged (PAR-47).
    pub level: u32,
    /// `@historySet`.
    pub history_set: bool,
    /// `@trending`, as far as it can have an effect (PAR-43).
    pub trending: bool,
    /// `Information`, where there is any.
    pub information: Option<Box<Information>>,
    /// `Dependencies`: what a set from outside needs (PAR-50).
    pub dependencies: Vec<Dependency>,
    /// `Message`: the question a client asks before a set (PAR-13).
    pub message: Option<String>,
    /// `@confirmPopup`: whether a client asks before a set; none where the definition leaves that open (PAR-48).
    pub confirm_popup: Option<ConfirmPopup>,
    /// The line of the definition.
    pub line: u32,
}

/// `@confirmPopup` (PAR-48).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmPopup {
    /// `always`.
    Always,
    /// `never`.
    Never,
    /// `dm`: as the settings of the client say.
    AsSettings,
}

/// `Information`: what an operator is told about a parameter (PAR-12).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Information {
    /// `Text`: the title of the tooltip.
    pub title: String,
    /// `Subtext`: the body of the tooltip.
    pub tooltip: String,
    /// `AlarmDescription`: what its alarms are called.
    pub alarm_description: String,
    /// `Category` of its alarms.
    pub category: String,
    /// `CorrectiveAction` against its alarms.
    pub corrective_action: String,
}

/// `Dependencies/Id`: a parameter that belongs to a set of another one (PAR-50).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// The parameter.
    pub param: ParamId,
    /// `@postSet`: it is to be looked at afterwards, and does not hold the set back.
    pub post_set: bool,
}

/// Which table a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnOf {
    /// The table's parameter.
    pub table: ParamId,
    /// The 0-based idx in the table. For a write of a column: that of its read.
    pub idx: usize,
}

/// `Param/Type` (PAR-20 to PAR-27).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// `read`.
    Read,
    /// `write`.
    Write,
    /// `array`: a table.
    Array,
    /// `fixed`: a constant, or a title.
    Fixed,
    /// `dummy`: triggers QActions, the value is of no interest.
    Dummy,
    /// `elementname`.
    ElementName,
    /// `elementid`.
    ElementId,
    /// `elementdmaid`.
    ElementDmaId,
    /// `ip`: `host:port` of each connection.
    Ip,
    /// `pollingip`: the host of each connection.
    PollingIp,
    /// `bus`: the bus address of each connection.
    Bus,
    /// `dataminer info`.
    DataMinerInfo,
    /// A serial-only kind: loaded, reported, and otherwise a read without communication (PAR-27).
    Unsupported,
}

impl ParamKind {
    /// Whether the runtime fills it in: the element's name, id, addresses (PAR-24).
    #[must_use]
    pub const fn is_element_information(self) -> bool {
        match self {
            Self::ElementName
            | Self::ElementId
            | Self::ElementDmaId
            | Self::Ip
            | Self::PollingIp
            | Self::Bus
            | Self::DataMinerInfo => true,
            Self::Read | Self::Write | Self::Array | Self::Fixed | Self::Dummy | Self::Unsupported => false,
        }
    }
}

impl Param {
    /// A parameter of which nothing else is known: a text that is not shown.
    #[must_use]
    pub fn plain(id: ParamId, name: &str, kind: ParamKind) -> Self {
        Self {
            id,
            name: name.to_owned(),
            description: name.to_owned(),
            kind,
            save: false,
            setter: false,
            partner: None,
            interprete: Interprete::text(),
            measurement: None,
            display: Display::default(),
            table: None,
            column_of: None,
            dynamic_ip: None,
            level: u32::MAX,
            history_set: false,
            trending: false,
            information: None,
            dependencies: Vec::new(),
            message: None,
            confirm_popup: None,
            line: 1,
        }
    }

    /// Whether its values can be trended: numbers that are shown, unless the definition says otherwise (TRD-1, TRD-7).
    #[must_use]
    pub fn is_trended(&self) -> bool {
        self.trending && self.interprete.kind == ValueKind::Number && self.table.is_none() && !self.is_secret()
    }

    /// Whether the value is a secret that may not leave the element: a password, or the other half of one (DSP-60).
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.measurement
            .as_ref()
            .is_some_and(|measurement| measurement.password)
    }

    /// Whether the parameter is neither a table, nor a column, nor the write of a column.
    #[must_use]
    pub const fn is_standalone(&self) -> bool {
        self.table.is_none() && self.column_of.is_none()
    }

    /// Whether a set from outside can name it (a write), whatever its place.
    #[must_use]
    pub const fn is_write(&self) -> bool {
        matches!(self.kind, ParamKind::Write)
    }

    /// Whether every element has it, whatever its definition declares: it is no part of the definition's pages and lists.
    #[must_use]
    pub const fn is_general(&self) -> bool {
        self.id.0 >= 64_300 && self.id.0 <= 69_999
    }

    /// Whether it is the context menu of a table: a choice from it is not a set (CHG-20).
    #[must_use]
    pub fn is_context_menu(&self) -> bool {
        self.is_write() && self.name_ends_with(b"_contextmenu")
    }

    /// Whether it takes messages for one client (TBL-115).
    #[must_use]
    pub fn is_feedback(&self) -> bool {
        self.name_ends_with(b"_qactionfeedback")
    }

    fn name_ends_with(&self, end: &[u8]) -> bool {
        let name = self.name.as_bytes();
        let found = name.len().checked_sub(end.len()).map(|at| &name[at..]);
        found.is_some_and(|found| found.eq_ignore_ascii_case(end))
    }
}
