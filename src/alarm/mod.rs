//! Alarms: values in, alarm records out. Pure: no clock, no I/O, no order that depends on a hash.
//!
//! ```text
//! value of a monitored parameter ─▶ threshold.rs: how bad is it? ─▶ monitor.rs: what does that change? ─▶ record
//! ```
//! The thresholds are those of the definition (ALM-2).

mod information;
mod monitor;
mod record;
mod threshold;

pub use crate::alarm::information::{
    ALARM_TEMPLATE, COMMUNICATION_STATE, ELEMENT_STATE, InformationEvent, InformationWatch, general_description,
};
pub use crate::alarm::monitor::Monitor;
pub use crate::alarm::record::{AlarmChange, AlarmRecord, Cell, RecordKind};
