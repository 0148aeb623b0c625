//! What readers see of an element: the shown store (DataMiner's SLElement) and the stream of its changes.
//!
//! Only the element's task writes it; readers take a short look under a read lock, never across an await.
//!
//! Rules: DSP-1, DSP-5, PAR-107, PAR-108, TBL-87.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::engine::effect::{ParameterChange, RowChange};
use crate::model::id::ParamId;
use crate::model::value::Value;

/// The shown values of an element.
#[derive(Debug, Default)]
pub struct View {
    /// Whether it runs.
    pub state: ElementState,
    /// Whether it is in timeout; the reason when it is.
    pub timeout: Option<String>,
    /// The standalone parameters that have a value.
    pub params: BTreeMap<ParamId, ShownValue>,
    /// The tables that have rows.
    pub tables: BTreeMap<ParamId, ShownTable>,
}

/// The state of an element (ELM-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ElementState {
    /// It runs.
    Active,
    /// It waits.
    Paused,
    /// It does nothing.
    #[default]
    Stopped,
    /// It could not go on: the definition or the store failed (ELM-16).
    Error,
}

/// A shown value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShownValue {
    /// The raw value.
    pub value: Value,
    /// When it last really changed, in milliseconds since 1970 (PAR-108).
    pub changed: i64,
}

/// The rows of a table in ascending position.
#[derive(Debug, Default)]
pub struct ShownTable {
    /// The rows by position.
    pub rows: BTreeMap<u64, ShownRow>,
    /// The position of each key.
    pub positions: HashMap<Arc<str>, u64>,
}

/// A row: one cell a column, by idx.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownRow {
    /// The primary key.
    pub key: Arc<str>,
    /// The cells by idx of the table.
    pub cells: Vec<Value>,
    /// When it last changed, in milliseconds since 1970.
    pub changed: i64,
}

/// A change as followers receive it.
#[derive(Debug, Clone)]
pub enum ElementEvent {
    /// A shown parameter changed.
    Parameter(ParameterChange),
    /// A row changed.
    Row(RowChange),
    /// The element's state or timeout changed.
    State(ElementState, bool),
}
