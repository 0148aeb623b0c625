//! What a test sees of its element: memory, and everything that was told, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alarm::{AlarmRecord, Cell, InformationEvent};
use crate::engine::effect::{Effect, RowChangeKind, Seen as Where};
use crate::engine::event::SetId;
use crate::engine::exchange::Request;
use crate::engine::saved::Record;
use crate::engine::set::SetRefused;
use crate::engine::to_element::ToElement;
use crate::model::id::ParamId;
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::model::value::Value;
use crate::simulate::trace::TraceWriter;
use crate::simulate::trace_text;

/// The cells of the rows of one table.
type Rows = BTreeMap<Arc<str>, BTreeMap<ParamId, Value>>;

/// What a test sees.
pub(super) struct Seen {
    pub(super) params: BTreeMap<ParamId, Value>,
    pub(super) rows: BTreeMap<ParamId, Rows>,
    pub(super) replies: BTreeMap<SetId, Result<(), SetRefused>>,
    pub(super) trace: Vec<String>,
    pub(super) text: Vec<String>,
    pub(super) told: Vec<String>,
    pub(super) log: Vec<String>,
    pub(super) information: Vec<String>,
    pub(super) alarm_records: Vec<String>,
    pub(super) requests: Vec<Request>,
    protocol: Arc<Protocol>,
    writer: TraceWriter,
    text_writer: TraceWriter,
}

impl Seen {
    pub(super) fn new(protocol: &Arc<Protocol>) -> Self {
        Self {
            params: BTreeMap::new(),
            rows: BTreeMap::new(),
            replies: BTreeMap::new(),
            trace: Vec::new(),
            text: Vec::new(),
            told: Vec::new(),
            log: Vec::new(),
            information: Vec::new(),
            alarm_records: Vec::new(),
            requests: Vec::new(),
            protocol: Arc::clone(protocol),
            writer: TraceWriter::new(Arc::clone(protocol)),
            text_writer: TraceWriter::new(Arc::clone(protocol)),
        }
    }

    /// Takes in an effect.
    pub(super) fn take(&mut self, at: Moment, effect: &Effect) {
        match self.writer.line(at, effect) {
            Some(line) => {
                self.trace.push(line.clone());
                self.told.push(line);
                self.told.extend(times_of(at, effect));
            }
            None => self.told.extend(told(at, effect)),
        }
        self.text.extend(trace_text::line(&mut self.text_writer, at, effect));
        match effect {
            Effect::Parameter(change) if change.seen != Where::ShownOnly => {
                self.params.insert(change.id, change.value.clone());
            }
            Effect::Row(change) => {
                let rows = self.rows.entry(change.table).or_default();
                match change.change {
                    RowChangeKind::Removed => {
                        rows.remove(&change.key);
                    }
                    RowChangeKind::Added | RowChangeKind::Updated => {
                        rows.entry(Arc::clone(&change.key))
                            .or_default()
                            .extend(change.cells.iter().cloned());
                    }
                }
            }
            Effect::Reply(id, reply) => {
                self.replies.insert(*id, reply.clone());
            }
            Effect::Send(_, request) => self.requests.push((**request).clone()),
            Effect::Log(entry) => self.log.push(format!("{:?}: {}", entry.level, entry.text)),
            Effect::Alarm(change) => self.alarm_records.extend(change.record.as_ref().map(alarm_record)),
            Effect::Information(information) => {
                let event = information.in_words(&self.protocol);
                self.information.push(shown(&event));
            }
            _ => {}
        }
    }
}

/// `1000 64502 Started`, with the row in brackets, its display key behind its key.
fn shown(event: &InformationEvent) -> String {
    let row = row(&event.cell, event.display_key.as_deref());
    format!("{} {}{row} {}", event.at.0, event.cell.param, event.text)
}

/// `2000 2 1 1 Escalated from Major: critical 1002 [a = North] = 95 {Type: x}`.
fn alarm_record(record: &AlarmRecord) -> String {
    let row = row(&record.cell, record.display_key.as_deref());
    let AlarmRecord {
        at, id, root, previous, ..
    } = record;
    let properties = record.properties.iter().map(|(name, text)| format!("{name}: {text}"));
    let properties = properties.collect::<Vec<_>>().join(", ");
    let properties = if properties.is_empty() {
        properties
    } else {
        format!(" {{{properties}}}")
    };
    let (kind, severity) = (record.kind.name(), record.severity.name());
    let (param, value) = (record.cell.param, &record.value);
    format!("{at} {id} {root} {previous} {kind}: {severity} {param}{row} = {value}{properties}")
}

/// The row of a cell, with what people call it.
fn row(cell: &Cell, display_key: Option<&str>) -> String {
    match (&cell.key, display_key) {
        (Some(key), Some(display_key)) => format!(" [{key} = {display_key}]"),
        (Some(key), None) => format!(" [{key}]"),
        (None, _) => String::new(),
    }
}

/// The times of the values of a row, which are no part of the trace.
fn times_of(at: Moment, effect: &Effect) -> Option<String> {
    let Effect::Row(change) = effect else { return None };
    let times = change.times.iter().map(|(column, of)| format!("{column} of {of}"));
    let times = times.collect::<Vec<_>>().join(", ");
    (!times.is_empty()).then(|| format!("     {} times: {times}", at.0))
}

/// What an element is asked, without the value of a set, which may be a secret.
fn asked_of(asked: &ToElement) -> String {
    match asked {
        ToElement::State(command) => format!("{command:?}"),
        ToElement::Set { param, key, .. } => format!("set {param} {}", key.as_deref().unwrap_or_default()),
    }
}

/// Effects that are no part of the trace, but that a rule may be about.
fn told(at: Moment, effect: &Effect) -> Option<String> {
    let at = at.0;
    match effect {
        Effect::Reply(id, Ok(())) => Some(format!("     {at} reply {} ok", id.0)),
        Effect::Reply(id, Err(refused)) => Some(format!("     {at} reply {} {:?}: {refused}", id.0, refused.reason)),
        Effect::Log(entry) => Some(format!("     {at} log {:?}: {}", entry.level, entry.text)),
        Effect::Save(Record::Alarm { .. } | Record::AlarmCleared { .. }) => None,
        Effect::Save(record) => Some(format!("     {at} save {record:?}")),
        Effect::ReadFile(_, read) => Some(format!("     {at} read {read:?}")),
        Effect::Cancel(id) => Some(format!("     {at} cancel {}", id.0)),
        Effect::CloseTrend(id, key, of) => {
            let row = key.as_ref().map_or_else(String::new, |key| format!(" [{key}]"));
            Some(format!("     {at} close the trend of {id}{row} at {of}"))
        }
        Effect::Redefined(_) => Some(format!("     {at} redefined")),
        Effect::ToElement(of, asked) => Some(format!("     {at} to {of}: {}", asked_of(asked))),
        Effect::Tested(id, outcome) => Some(format!("     {at} tested {}: {outcome:?}", id.0)),
        Effect::Close(id) => Some(format!("     {at} close {}", id.0)),
        Effect::Parameter(change) => Some(format!("     {at} show {} {:?}", change.id, change.value)),
        Effect::Row(_)
        | Effect::Alarm(_)
        | Effect::Information(_)
        | Effect::Send(..)
        | Effect::Timeout(_)
        | Effect::Trace(_) => None,
    }
}
