//! What an element shows: its task writes here, readers look at the view, follow the changes, read the log.
//!
//! Rules: DSP-1, PAR-107, TBL-87 (what one event changed appears at once), TBL-120.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::alarm::AlarmRecord;
use crate::element::alarms::ShownAlarm;
use crate::element::config::ElementConfig;
use crate::element::followers::Followers;
use crate::element::information::InformationEvents;
use crate::element::log::{ElementLog, LogLine};
use crate::element::trending::Trending;
use crate::element::view::{ElementEvent, ElementState, View, shows_parameter, shows_row};
use crate::element::world::Clock;
use crate::engine::effect::{Effect, LogLevel, RowChangeKind, TimeoutChange};
use crate::engine::saved::Record;
use crate::engine::set::SetRefused;
use crate::model::alarm_template::AlarmTemplate;
use crate::model::param::Param;
use crate::model::protocol::Protocol;

/// The writing side of what an element shows.
pub(super) struct Publisher {
    pub(super) config: Arc<ElementConfig>,
    /// Written here only. Locked for one stretch of changes; nothing is awaited meanwhile.
    pub(super) view: Arc<RwLock<View>>,
    pub(super) followers: Followers,
    pub(super) log: Arc<ElementLog>,
    pub(super) information: Arc<InformationEvents>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Publisher {
    /// The state it shows.
    pub(super) fn state(&self) -> ElementState {
        self.view.read().state
    }

    /// Why it is in error, when it is.
    pub(super) fn error(&self) -> Option<String> {
        self.view.read().error.clone()
    }

    /// Shows the changes among the effects, all at once. Gives what is to be kept of them beside what is saved.
    pub(super) fn changes<'a>(
        &self,
        effects: impl Iterator<Item = &'a Effect>,
        trending: &mut Option<Trending>,
    ) -> Vec<Record> {
        let protocol = &self.config.protocol;
        let now = self.clock.unix_ms();
        let mut shown = Vec::new();
        let mut kept = Vec::new();
        let mut view = self.view.write();
        for effect in effects {
            match effect {
                Effect::Parameter(change) if shows_parameter(change, protocol) => {
                    view.take_parameter(change, now);
                    if let Some(trending) = trending {
                        kept.extend(trending.parameter(change, now));
                    }
                    shown.push(ElementEvent::Parameter(change.clone()));
                }
                Effect::Row(change) if shows_row(change, protocol) => {
                    if let Some(trending) = trending.as_mut().filter(|_| change.change == RowChangeKind::Removed) {
                        kept.extend(trending.row(change, &view, now));
                    }
                    view.take_row(change, protocol, now);
                    if let Some(trending) = trending.as_mut().filter(|_| change.change != RowChangeKind::Removed) {
                        kept.extend(trending.row(change, &view, now));
                    }
                    shown.push(ElementEvent::Row(change.clone()));
                    let views = protocol.views_of(change.table);
                    let seen_there = views.filter_map(|table| view.change_in_view(protocol, table, change));
                    shown.extend(seen_there.map(ElementEvent::Row));
                }
                Effect::Alarm(change) => {
                    let worst = view.alarms.worst();
                    view.take_alarm(change, protocol, now);
                    let alarm = change.record.clone().map(|record| ShownAlarm { record, time: now });
                    shown.extend(alarm.map(ElementEvent::Alarm));
                    if view.alarms.worst() != worst {
                        shown.push(ElementEvent::State(view.state, view.timeout.is_some()));
                    }
                }
                Effect::CloseTrend(param, key, of) => {
                    let at = (*of).min(now);
                    let closed = trending
                        .as_mut()
                        .map(|trending| trending.close(*param, key.as_ref(), at, &view));
                    kept.extend(closed.into_iter().flatten());
                }
                Effect::Information(event) => {
                    let secret = protocol.param(event.cell.param).is_some_and(Param::is_secret);
                    let definition = view.definition.as_ref().unwrap_or(protocol);
                    let saved = self.information.add(event.in_words(definition), now, secret);
                    kept.push(Record::Information(saved));
                }
                Effect::Parameter(_)
                | Effect::Row(_)
                | Effect::Save(_)
                | Effect::Send(..)
                | Effect::ReadFile(..)
                | Effect::Cancel(_)
                | Effect::Close(_)
                | Effect::Tested(..)
                | Effect::Redefined(_)
                | Effect::ToElement(..)
                | Effect::Reply(..)
                | Effect::Timeout(_)
                | Effect::Log(_)
                | Effect::Trace(_) => {}
            }
        }
        drop(view);
        self.followers.tell(shown);
        kept
    }

    /// Shows the alarms of an earlier run that are still open (ALM-48), and the template that was assigned meanwhile.
    pub(super) fn restored(&self, records: &[AlarmRecord], template: Option<AlarmTemplate>) {
        let mut view = self.view.write();
        view.alarm_template = template;
        for record in records {
            view.alarms.restore(record.clone());
        }
    }

    /// Shows which alarm template was assigned.
    pub(super) fn assigned(&self, template: Option<AlarmTemplate>) {
        self.view.write().alarm_template = template;
    }

    /// Shows that it entered or left the timeout state.
    pub(super) fn timeout(&self, change: TimeoutChange) {
        let mut view = self.view.write();
        view.timeout = change.timeout.then_some(change.reason);
        if change.timeout {
            view.alarms.latch_timeout();
        }
        let event = ElementEvent::State(view.state, change.timeout);
        drop(view);
        self.followers.tell([event]);
    }

    /// Shows the definition as QActions changed it.
    pub(super) fn redefined(&self, protocol: Arc<Protocol>) {
        self.view.write().definition = Some(protocol);
    }

    /// Shows a state in which it runs.
    pub(super) fn running(&self, state: ElementState) {
        let mut view = self.view.write();
        view.state = state;
        view.error = None;
        let event = ElementEvent::State(state, view.timeout.is_some());
        drop(view);
        self.followers.tell([event]);
    }

    /// Shows that it no longer runs, and why when that is an error: it has no values then.
    pub(super) fn ended(&self, error: Option<String>) {
        let state = match &error {
            Some(reason) => {
                self.line(LogLevel::Error, format!("the element is in error: {reason}"));
                ElementState::Error
            }
            None => ElementState::Stopped,
        };
        let mut view = self.view.write();
        *view = View {
            state,
            error,
            alarm_template: view.alarm_template.take(),
            ..View::default()
        };
        drop(view);
        self.followers.tell([ElementEvent::State(state, false)]);
    }

    /// Tells of a set that was refused and that nobody waits for.
    pub(super) fn refused_of_nobody(&self, refused: &SetRefused) {
        let text = format!("a set that a QAction of another element asked for was refused: {refused}");
        self.line(LogLevel::Error, text);
    }

    /// Adds a line to the element log, and to that of the process.
    pub(super) fn line(&self, level: LogLevel, text: String) {
        let element = self.config.settings.name.as_str();
        match level {
            LogLevel::Debug => tracing::debug!(element, "{text}"),
            LogLevel::Info => tracing::info!(element, "{text}"),
            LogLevel::Warning => tracing::warn!(element, "{text}"),
            LogLevel::Error => tracing::error!(element, "{text}"),
        }
        let at = self.clock.unix_ms();
        self.log.add(LogLine { at, level, text });
    }
}
