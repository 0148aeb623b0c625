//! The general parameters that are kept here: the timer base. A definition does not declare them; every element has
//! them, and what a definition does with them is what it does with parameters of its own.
//!
//! Rules: TIM-15, TIM-17, CON-25.

use std::ops::RangeInclusive;

use crate::model::id::ParamId;
use crate::model::interprete::{Interprete, Range};
use crate::model::measurement::{Display, Measurement, MeasurementKind};
use crate::model::param::{Param, ParamKind};
use crate::model::protocol::Parts;
use crate::model::timer::{TIMER_BASE, TIMER_BASE_WRITE};
use crate::model::value::ValueKind;

/// The general parameters every element of a DataMiner System has, which no definition declares (CON-25).
pub(super) const GENERAL_PARAMS: RangeInclusive<u32> = 64_300..=69_999;

/// Whether a general parameter is kept here.
pub(super) fn is_kept(id: ParamId) -> bool {
    id == TIMER_BASE || id == TIMER_BASE_WRITE
}

/// Adds the timer base to a definition with timers, unless it declares these ids itself.
pub(super) fn add_timer_base(parts: &mut Parts) {
    let is_declared = parts.params.iter().any(|param| is_kept(param.id));
    if parts.timers.is_empty() || is_declared {
        return;
    }
    let read = Param {
        save: true,
        ..timer_base(TIMER_BASE, ParamKind::Read, TIMER_BASE_WRITE)
    };
    let write = Param {
        setter: true,
        ..timer_base(TIMER_BASE_WRITE, ParamKind::Write, TIMER_BASE)
    };
    parts.params.extend([read, write]);
}

fn timer_base(id: ParamId, kind: ParamKind, partner: ParamId) -> Param {
    let (name, range) = (
        "[Timer base]",
        Range {
            low: Some(0.0),
            high: Some(10.0),
        },
    );
    Param {
        partner: Some(partner),
        interprete: Interprete {
            kind: ValueKind::Number,
            ..Interprete::text()
        },
        measurement: Some(Measurement::plain(MeasurementKind::Number)),
        display: Display {
            rtdisplay: true,
            decimals: Some(2),
            range,
            ..Display::default()
        },
        level: 0,
        line: 0,
        ..Param::plain(id, name, kind)
    }
}
