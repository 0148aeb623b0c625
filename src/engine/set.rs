//! A set from outside: is it allowed, and which value does it mean?
//!
//! Rules: DSP-90 to DSP-94, DSP-32 to DSP-36, DSP-72 to DSP-76, PAR-102, PAR-103, API-12.

use std::fmt;

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

// STAND-IN until the checks land.
pub(crate) fn check(
    _: &crate::model::protocol::Protocol,
    _param: &crate::model::param::Param,
    value: &crate::model::value::Value,
) -> Result<crate::model::value::Value, SetRefused> {
    Ok(value.clone())
}
pub(crate) fn resolve_target(
    protocol: &crate::model::protocol::Protocol,
    id: crate::model::id::ParamId,
    _cell: bool,
) -> Result<&crate::model::param::Param, SetRefused> {
    let param = protocol.param(id).ok_or_else(|| SetRefused {
        reason: RefusedReason::UnknownPid,
        detail: String::new(),
    })?;
    Ok(if param.is_write() {
        param
    } else {
        param.partner.and_then(|id| protocol.param(id)).unwrap_or(param)
    })
}
