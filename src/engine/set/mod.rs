//! A set from outside: is it allowed, and which value does it mean?
//!
//! Rules: PAR-50, PAR-102, PAR-103, DSP-1, DSP-3, DSP-32 to DSP-37, DSP-62, DSP-70 to DSP-79, DSP-90 to DSP-94, TBL-100,
//! TBL-130, API-12. Levels (PAR-47) refuse nothing: the local API is level 0, the most privileged.

use std::fmt;

use crate::engine::set::value::Set;
use crate::model::id::ParamId;
use crate::model::measurement::{Measurement, MeasurementKind};
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::{Value, ValueKind};

mod choices;
mod value;

pub(crate) use choices::{Offered, shown as offered};

/// Why a set was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRefused {
    /// The reason, for programs.
    pub reason: RefusedReason,
    /// The reason, for people: names the parameter, the rule and the way out.
    pub detail: String,
}

/// The reasons for which a set is refused (API-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedReason {
    /// There is no such parameter.
    UnknownPid,
    /// It is not available from outside (DSP-1).
    NotDisplayed,
    /// It is no write, and has none.
    NotWritable,
    /// The user's level does not allow it.
    Level,
    /// A dependency is not filled.
    Dependency,
    /// It cannot be read as the parameter's type.
    Format,
    /// The text is too short or too long.
    Length,
    /// It is out of range.
    Range,
    /// It is between two steps.
    Step,
    /// It is none of the choices.
    NotInList,
    /// There is no such row.
    RowMissing,
    /// The element is stopped.
    NotActive,
    /// Too much is waiting.
    QueueFull,
    /// It could not be stored; the element stopped.
    NotStored,
}

impl fmt::Display for SetRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for SetRefused {}

/// What the check of a set needs to know of the element.
pub(crate) trait SetFacts {
    /// The value of a parameter in memory; of a column, the cell in the row that is set.
    fn value(&self, id: ParamId) -> Value;
}

/// The value that a set of this write parameter stores, or why it is refused. The first rule broken counts (DSP-90).
pub(crate) fn check(
    protocol: &Protocol,
    param: &Param,
    value: &Value,
    facts: &impl SetFacts,
) -> Result<Value, SetRefused> {
    check_displayed(param)?;
    check_writable(param)?;
    let partner = param.partner.and_then(|id| protocol.param(id));
    let plain;
    let measurement = match (
        &param.measurement,
        partner.and_then(|partner| partner.measurement.as_ref()),
    ) {
        (Some(measurement), _) | (None, Some(measurement)) => measurement,
        (None, None) => {
            plain = Measurement::plain(match param.interprete.kind {
                ValueKind::Number => MeasurementKind::Number,
                ValueKind::Text => MeasurementKind::Text,
            });
            &plain
        }
    };
    check_enabled(protocol, param, measurement, partner, facts)?;
    check_dependencies(protocol, param, facts)?;
    let set = Set {
        param,
        measurement,
        input: value,
        is_secret: param.is_secret() || measurement.password || partner.is_some_and(Param::is_secret),
    };
    match measurement.kind {
        MeasurementKind::Discreet | MeasurementKind::Button | MeasurementKind::ToggleButton => {
            set.choice(protocol, facts)
        }
        // What is entered in hexadecimal digits is kept as that text (DSP-18).
        MeasurementKind::Number if measurement.hex && param.interprete.kind == ValueKind::Text => set.text(),
        MeasurementKind::Number | MeasurementKind::Progress | MeasurementKind::Analog => set.number(),
        MeasurementKind::Text
        | MeasurementKind::PageButton
        | MeasurementKind::Table
        | MeasurementKind::Title(_)
        | MeasurementKind::Chart
        | MeasurementKind::Unsupported => match param.interprete.kind {
            ValueKind::Number => set.number(),
            ValueKind::Text => set.text(),
        },
    }
}

/// The write parameter that a set of this parameter goes to: itself, or the write of the same name (DSP-91). The key is
/// given when a cell is set. Whether the row exists is not asked here.
pub(crate) fn resolve_target<'a>(
    protocol: &'a Protocol,
    id: ParamId,
    key: Option<&str>,
) -> Result<&'a Param, SetRefused> {
    // A set of a duplicate in a view is one of the parameter it copies (TBL-130).
    let Some(named) = protocol.param(protocol.original(id)) else {
        return Err(SetRefused {
            reason: RefusedReason::UnknownPid,
            detail: format!("there is no parameter {id} in {}", protocol.name()),
        });
    };
    check_displayed(named)?;
    if named.table.is_some() {
        return Err(refused(
            named,
            RefusedReason::NotWritable,
            "is a table: set a cell of one of its rows",
        ));
    }
    let write = if named.is_write() {
        named
    } else {
        named
            .partner
            .and_then(|partner| protocol.param(partner))
            .unwrap_or(named)
    };
    check_displayed(write)?;
    check_writable(write)?;
    match (write.column_of, key) {
        (Some(_), None) => {
            let way_out = "belongs to a table: name the row by its primary key";
            Err(refused(write, RefusedReason::RowMissing, way_out))
        }
        (None, Some(_)) => {
            let way_out = "belongs to no table: set it without naming a row";
            Err(refused(write, RefusedReason::RowMissing, way_out))
        }
        (Some(_), Some(_)) | (None, None) => Ok(write),
    }
}

/// Whether the parameter is available from outside (DSP-1).
fn check_displayed(param: &Param) -> Result<(), SetRefused> {
    if param.display.rtdisplay {
        return Ok(());
    }
    let way_out = "is not available from outside: only a parameter with RTDisplay true is";
    Err(refused(param, RefusedReason::NotDisplayed, way_out))
}

/// Whether the parameter takes a value from outside.
fn check_writable(param: &Param) -> Result<(), SetRefused> {
    if !param.is_write() {
        let way_out = "cannot be set: there is no write parameter of that name";
        return Err(refused(param, RefusedReason::NotWritable, way_out));
    }
    let kind = param.measurement.as_ref().map(|measurement| measurement.kind);
    if kind == Some(MeasurementKind::PageButton) {
        return Err(refused(
            param,
            RefusedReason::NotWritable,
            "opens a page and takes no value",
        ));
    }
    Ok(())
}

/// Whether the row lets its cell be set: `disableWrite` of the write or of its read (DSP-62).
fn check_enabled(
    protocol: &Protocol,
    param: &Param,
    measurement: &Measurement,
    partner: Option<&Param>,
    facts: &impl SetFacts,
) -> Result<(), SetRefused> {
    let of_read = partner.and_then(|read| read.measurement.as_ref());
    let rules = [Some(measurement), of_read].into_iter().flatten();
    let mut forbidding = rules.filter_map(|measurement| measurement.disable_write.as_ref());
    match forbidding.find(|(column, value)| facts.value(*column) == *value) {
        None => Ok(()),
        Some((column, _)) => {
            let name = protocol.param(*column).map_or("", |column| column.name.as_str());
            let what = format!("cannot be set in this row: the value of {name} ({column}) forbids it");
            Err(refused(param, RefusedReason::NotWritable, &what))
        }
    }
}

/// Whether everything that belongs to the set is filled (PAR-50).
fn check_dependencies(protocol: &Protocol, param: &Param, facts: &impl SetFacts) -> Result<(), SetRefused> {
    let mut needed = param.dependencies.iter().filter(|dependency| !dependency.post_set);
    let Some(empty) = needed.find(|dependency| !facts.value(dependency.param).is_initialised()) else {
        return Ok(());
    };
    let id = empty.param;
    let name = protocol.param(id).map_or("", |param| param.name.as_str());
    let what = format!("needs {name} ({id}), which is not initialized: fill that first");
    Err(refused(param, RefusedReason::Dependency, &what))
}

/// A refusal that begins with the parameter's name and id.
pub(super) fn refused(param: &Param, reason: RefusedReason, what: &str) -> SetRefused {
    SetRefused {
        reason,
        detail: format!("{} ({}) {what}", param.name, param.id),
    }
}

#[cfg(test)]
mod tests {
    use super::{RefusedReason, SetRefused, resolve_target};
    use crate::model::display_text::tests::param;
    use crate::model::id::ParamId;
    use crate::model::measurement::{Measurement, MeasurementKind};
    use crate::model::param::{ColumnOf, Param, ParamKind};
    use crate::model::protocol::{Parts, Protocol};
    use crate::model::table::TableDef;
    use crate::model::value::ValueKind::Text;

    fn protocol() -> Protocol {
        let read = Param {
            partner: Some(ParamId(11)),
            ..param(10, "Name", ParamKind::Read, Text)
        };
        let write = Param {
            partner: Some(ParamId(10)),
            ..param(11, "Name", ParamKind::Write, Text)
        };
        let lonely = param(12, "Lonely", ParamKind::Read, Text);
        let mut hidden = param(13, "Hidden", ParamKind::Write, Text);
        hidden.display.rtdisplay = false;
        let mut page = param(14, "Page", ParamKind::Write, Text);
        page.measurement = Some(Measurement::plain(MeasurementKind::PageButton));
        let table = Param {
            table: Some(Box::new(TableDef::plain(Vec::new()))),
            ..param(1000, "Table", ParamKind::Array, Text)
        };
        let cell = Param {
            column_of: Some(ColumnOf {
                table: ParamId(1000),
                idx: 1,
            }),
            ..param(1052, "Cell", ParamKind::Write, Text)
        };
        Protocol::build(Parts {
            name: "Test".to_owned(),
            params: vec![read, write, lonely, hidden, page, table, cell],
            ..Parts::default()
        })
    }

    fn target(id: u32, key: Option<&str>) -> Result<u32, SetRefused> {
        resolve_target(&protocol(), ParamId(id), key).map(|param| param.id.0)
    }

    fn refused(id: u32, key: Option<&str>) -> (RefusedReason, String) {
        let refused = target(id, key).unwrap_err();
        (refused.reason, refused.detail)
    }

    #[test]
    fn dsp_91_gop_43_a_set_of_a_read_goes_to_its_write() {
        assert_eq!(target(11, None), Ok(11));
        assert_eq!(target(10, None), Ok(11));
        assert_eq!(target(1052, Some("a")), Ok(1052));
    }

    #[test]
    fn dsp_90_api_12_what_cannot_be_set_is_refused_with_its_reason() {
        let refusals = [
            (
                refused(99, None),
                RefusedReason::UnknownPid,
                "there is no parameter 99 in Test",
            ),
            (
                refused(13, None),
                RefusedReason::NotDisplayed,
                "Hidden (13) is not available from outside: only a parameter with RTDisplay true is",
            ),
            (
                refused(12, None),
                RefusedReason::NotWritable,
                "Lonely (12) cannot be set: there is no write parameter of that name",
            ),
            (
                refused(14, None),
                RefusedReason::NotWritable,
                "Page (14) opens a page and takes no value",
            ),
            (
                refused(1000, Some("a")),
                RefusedReason::NotWritable,
                "Table (1000) is a table: set a cell of one of its rows",
            ),
            (
                refused(1052, None),
                RefusedReason::RowMissing,
                "Cell (1052) belongs to a table: name the row by its primary key",
            ),
            (
                refused(11, Some("a")),
                RefusedReason::RowMissing,
                "Name (11) belongs to no table: set it without naming a row",
            ),
        ];
        for ((reason, detail), expected_reason, expected_detail) in refusals {
            assert_eq!((reason, detail.as_str()), (expected_reason, expected_detail));
        }
    }
}
