//! Alarms: values in, alarm records out. Pure: no clock, no I/O, no order that depends on a hash.
//!
//! ```text
//! value of a monitored parameter ─▶ entries.rs: which entry of the template decides?
//!                                   threshold.rs: how bad is it?   hysteresis.rs: for long enough?
//!                                   life.rs: what does that change? ─▶ record
//! ```
//! The thresholds are those of the definition, or of a template (ALM-2). What is worth telling and no alarm is an
//! information event (`information.rs`).

mod entries;
mod hysteresis;
mod information;
mod life;
mod monitor;
mod record;
mod restart;
mod threshold;

pub use crate::alarm::information::{
    ALARM_TEMPLATE, COMMUNICATION_STATE, ELEMENT_STATE, Information, InformationEvent, InformationWatch, Says,
    general_description,
};
pub use crate::alarm::monitor::{Monitor, Surroundings};
pub use crate::alarm::record::{AlarmChange, AlarmRecord, Cell, RecordKind};
pub use crate::alarm::restart::cleared;
