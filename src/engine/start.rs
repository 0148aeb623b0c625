//! The start of an element: what it knows before any logic runs, then the after-startup triggers, then timers and lanes.
//!
//! Rules: ELM-3 to ELM-9, ELM-15, CHG-9, CHG-21, SAV-13, TRG-13 to TRG-15, PAR-24, PAR-64, PAR-68.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::chain::{Frame, Gating, Next};
use crate::engine::convert::to_kind;
use crate::engine::effect::{Effect, LogLevel, Origin, RowChange, RowChangeKind, Step, TracedState};
use crate::engine::gate::GateId;
use crate::engine::life::Life;
use crate::engine::saved::{Paused, Saved};
use crate::engine::trigger::{Item, fire};
use crate::model::interprete::Interprete;
use crate::model::param::{Param, ParamKind};
use crate::model::reactions::Fired;
use crate::model::value::{Value, ValueKind};

/// The start, until timers and lanes are active.
pub(super) struct StartupFrame {
    fired: bool,
}

impl StartupFrame {
    pub(super) fn step(&mut self, engine: &mut Engine) -> Next {
        if std::mem::replace(&mut self.fired, true) {
            let is_to_pause = engine.life == Life::StartingPaused;
            engine.life = Life::Running;
            engine.activate_timers();
            if is_to_pause {
                engine.pause();
            }
            return Next::Done;
        }
        // Without any group the event does not exist (TRG-15).
        let triggers = match engine.protocol.parts().groups.is_empty() {
            true => &[],
            false => engine.protocol.triggers_on(Fired::AfterStartup),
        };
        fire(triggers, Item::None)
    }
}

impl Engine {
    /// Fills memory and starts the start's own chain. Nothing here raises a change event (CHG-9).
    pub(super) fn start(&mut self, mut saved: Saved, unix_ms: i64) {
        self.started_unix_ms = unix_ms;
        self.life = match saved.paused {
            Paused::No => Life::Starting,
            // It stays paused over a restart of the host (ELM-15).
            Paused::Yes => Life::StartingPaused,
        };
        self.inform_state("Started");
        self.restore_alarms(std::mem::take(&mut saved.alarms));
        self.trace(Step::State(TracedState::Active));
        let protocol = Arc::clone(&self.protocol);
        for param in &protocol.parts().params {
            if let Some(value) = self.element_information(param).or_else(|| fixed_value(param)) {
                self.put(param.id, value, Origin::Default, true);
            }
        }
        self.restore(saved);
        for param in protocol.parts().params.iter().filter(|param| param.is_standalone()) {
            let default = param
                .interprete
                .default
                .as_ref()
                .filter(|_| !self.params.get(param.id).is_initialised());
            if let Some(value) = default.and_then(|value| to_kind(&param.interprete, value)) {
                self.put(param.id, value, Origin::Default, true);
            }
        }
        self.take_first_targets();
        self.start_chain(
            GateId::MAIN,
            Gating::Whole,
            Arc::from(""),
            Frame::Startup(StartupFrame { fired: false }),
        );
    }

    /// Saved values, those of the load sequence first (PAR-112), then rows.
    fn restore(&mut self, saved: Saved) {
        let protocol = Arc::clone(&self.protocol);
        let sequence = &protocol.parts().load_sequence;
        let mut values = saved.params;
        values.sort_by_key(|(id, _)| sequence.iter().position(|first| first == id).unwrap_or(usize::MAX));
        for (id, value) in values {
            // What the definition no longer has, or no longer saves, is discarded (SAV-15).
            let Some(param) = protocol.param(id).filter(|param| param.is_standalone()) else {
                continue;
            };
            // A type that changed says something else with the same value (SAV-15).
            let is_of_its_type = match param.interprete.kind {
                ValueKind::Number => value.as_number().is_some(),
                ValueKind::Text => value.as_text().is_some(),
            };
            match to_kind(&param.interprete, &value).filter(|_| is_of_its_type) {
                Some(value) => self.put(id, value, Origin::Store, true),
                None => self.log(
                    LogLevel::Warning,
                    format!("the saved value of parameter {id} is of another type: discarded"),
                ),
            }
        }
        for row in saved.rows {
            let Some(table) = self.tables.get_mut(&row.table) else {
                continue;
            };
            for column in table.restore(&row) {
                self.log(
                    LogLevel::Warning,
                    format!("a saved cell of column {column} is of another type: discarded"),
                );
            }
        }
        self.tell_restored_rows();
    }

    fn tell_restored_rows(&mut self) {
        let protocol = Arc::clone(&self.protocol);
        for param in protocol.tables() {
            let (Some(definition), Some(rows)) = (&param.table, self.tables.get(&param.id)) else {
                continue;
            };
            for (key, position, cells) in rows.rows() {
                let initialised = definition
                    .columns
                    .iter()
                    .zip(cells)
                    .filter(|(_, cell)| cell.is_initialised());
                self.effects.push(Effect::Row(RowChange {
                    table: param.id,
                    key: Arc::clone(key),
                    position,
                    change: RowChangeKind::Added,
                    cells: initialised.map(|(column, cell)| (column.pid, cell.clone())).collect(),
                    times: Vec::new(),
                    by: Origin::Store,
                }));
            }
        }
    }

    /// The value of a parameter that the runtime fills itself (PAR-24).
    fn element_information(&self, param: &Param) -> Option<Value> {
        let settings = &self.settings;
        let each = |text: fn(&crate::engine::settings::ConnectionSettings) -> String| {
            Value::from(settings.connections.iter().map(text).collect::<Vec<_>>().join(";"))
        };
        let value = match param.kind {
            ParamKind::ElementName => Value::from(settings.name.as_str()),
            ParamKind::ElementId => Value::from(settings.id.to_string()),
            ParamKind::ElementDmaId => Value::from(format!("1/{}", settings.id)),
            ParamKind::DataMinerInfo => Value::from("1;adit;127.0.0.1;"),
            ParamKind::Ip => each(|connection| match connection.host.as_str() {
                "" => String::new(),
                host => format!("{host}:{}", connection.port),
            }),
            ParamKind::PollingIp => each(|connection| connection.host.clone()),
            ParamKind::Bus => each(|connection| connection.bus_address.clone()),
            ParamKind::Read
            | ParamKind::Write
            | ParamKind::Array
            | ParamKind::Fixed
            | ParamKind::Dummy
            | ParamKind::Unsupported => return None,
        };
        to_kind(&param.interprete, &value)
    }
}

/// The content of a constant or of a fixed-length parameter, which is never uninitialised (PAR-64, PAR-65, ELM-6).
fn fixed_value(param: &Param) -> Option<Value> {
    if !param.is_standalone() {
        return None;
    }
    let Interprete {
        initial,
        fixed_length,
        kind,
        ..
    } = &param.interprete;
    if let Some(value) = initial {
        return to_kind(&param.interprete, value);
    }
    let length = usize::try_from((*fixed_length)?).ok()?;
    Some(match kind {
        ValueKind::Number => Value::Number(0.0),
        ValueKind::Text => Value::from(" ".repeat(length)),
    })
}
