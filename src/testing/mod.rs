//! For authors of tests: an element on virtual time, against a scripted device or a cassette, with QActions of their own.
//!
//! Nothing waits and nothing is random: [`advance`](TestElement::advance) lets hours pass in moments, and the same test
//! gives the same trace, byte for byte. What does not hold ends the test with a message that says what was there instead.
//!
//! ```
//! use adit::model::id::ParamId;
//! use adit::testing::Setup;
//!
//! // The children of `Protocol`; a whole definition will do as well.
//! let definition = r#"
//!   <Params>
//!     <Param id="10"><Name>Factor</Name><Description>Factor</Description><Type>write</Type>
//!       <Interprete><RawType>numeric text</RawType><Type>double</Type></Interprete>
//!       <Display><RTDisplay>true</RTDisplay></Display></Param>
//!     <Param id="11"><Name>Status</Name><Description>Status</Description><Type>read</Type>
//!       <Interprete><RawType>other</RawType><Type>string</Type></Interprete></Param>
//!     <Param id="12"><Name>Product</Name><Description>Product</Description><Type>read</Type>
//!       <Interprete><RawType>numeric text</RawType><Type>double</Type></Interprete></Param>
//!   </Params>
//!   <QActions><QAction id="1" triggers="10" /></QActions>
//!   <HTTP><Session id="1"><Connection id="1">
//!     <Request verb="GET" url="/status" /><Response><Content pid="11" /></Response></Connection></Session></HTTP>
//!   <Groups><Group id="1"><Content><Session>1</Session></Content></Group></Groups>
//!   <Timers><Timer id="1"><Time initial="true">10000</Time><Content><Group>1</Group></Content></Timer></Timers>"#;
//!
//! let mut element = Setup::new(definition)
//!     .device("GET /status -> starting")
//!     .device("GET /status -> after 90ms running")
//!     .qaction(1, |protocol| {
//!         Box::pin(async move {
//!             let factor = protocol.get_number(ParamId(10)).await;
//!             protocol.set(ParamId(12), factor * 2.0).await;
//!             Ok(())
//!         })
//!     })
//!     .start();
//!
//! element.expect(11, "starting");
//! element.set(10, 21.0).expect(12, 42.0);
//! element.advance("10s").expect(11, "starting");
//! element.advance("90ms").expect(11, "running");
//! assert!(element.text().contains("GET http://device.test/status"));
//! ```
//!
//! With `insta`, a whole course of events is one line: `insta::assert_snapshot!(element.text())`.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::event::{Event, MenuEntries};
use crate::engine::exchange::Request;
use crate::engine::pending_calls::PendingCall;
use crate::engine::set::SetRefused;
use crate::model::id::ParamId;
use crate::model::moment::{Moment, Span};
use crate::model::protocol::Protocol;
use crate::model::value::Value;
use crate::simulate::scenario::Scenario;

mod setup;

mod device;
mod seen;

pub use setup::Setup;

use seen::Seen;

/// An element under test, started at moment zero.
pub struct TestElement {
    protocol: Arc<Protocol>,
    scenario: Scenario,
    seen: Arc<Mutex<Seen>>,
    now: Moment,
    findings: Vec<String>,
}

impl TestElement {
    /// What the definition's load found, but for what is only worth knowing: `CODE message` each.
    #[must_use]
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// Sets a parameter as from outside, now, and lets happen what follows from it now.
    ///
    /// # Panics
    ///
    /// When the set is refused.
    pub fn set(&mut self, id: u32, value: impl Into<Value>) -> &mut Self {
        if let Err(refused) = self.try_set(id, None, value) {
            panic!("the set of {} was refused: {refused}", self.name(id));
        }
        self
    }

    /// Sets a cell as from outside, by its write and the key of its row.
    ///
    /// # Panics
    ///
    /// When the set is refused.
    pub fn set_cell(&mut self, id: u32, key: &str, value: impl Into<Value>) -> &mut Self {
        if let Err(refused) = self.try_set(id, Some(key), value) {
            panic!("the set of {} in row {key:?} was refused: {refused}", self.name(id));
        }
        self
    }

    /// Sets a parameter or a cell as from outside. A set that is not done at once, because it waits for its turn or for
    /// what it causes, counts as taken; what becomes of it is in the trace.
    ///
    /// # Errors
    ///
    /// Why the set was refused.
    pub fn try_set(&mut self, id: u32, key: Option<&str>, value: impl Into<Value>) -> Result<(), SetRefused> {
        let set = self
            .scenario
            .set_at(self.now, ParamId(id), key.map(Arc::from), value.into());
        self.scenario.run_until(self.now);
        self.seen.lock().replies.remove(&set).unwrap_or(Ok(()))
    }

    /// Plans a set as from outside; at that moment it comes before ticks that are due then.
    pub fn set_at(&mut self, at: Moment, id: u32, key: Option<&str>, value: impl Into<Value>) -> &mut Self {
        self.scenario.set_at(at, ParamId(id), key.map(Arc::from), value.into());
        self
    }

    /// Plans a choice from the context menu of a table (CHG-20).
    pub fn choose_at(&mut self, at: Moment, menu: u32, item: impl Into<Value>, entries: MenuEntries) -> &mut Self {
        self.scenario.choose_at(at, ParamId(menu), item.into(), entries);
        self
    }

    /// Plans any other event, such as a pause or a stop.
    pub fn event_at(&mut self, at: Moment, event: Event) -> &mut Self {
        self.scenario.event_at(at, event);
        self
    }

    /// Pauses the element now (ELM-10).
    pub fn pause(&mut self) -> &mut Self {
        self.happen(Event::Pause)
    }

    /// Resumes the element now.
    pub fn resume(&mut self) -> &mut Self {
        self.happen(Event::Resume)
    }

    /// Stops the element now (ELM-12).
    pub fn stop(&mut self) -> &mut Self {
        self.happen(Event::Stop)
    }

    fn happen(&mut self, event: Event) -> &mut Self {
        self.scenario.event_at(self.now, event);
        self.scenario.run_until(self.now);
        self
    }

    /// Lets time pass: `500ms`, `10s`, `5m`, `24h`.
    ///
    /// # Panics
    ///
    /// When that is no time.
    pub fn advance(&mut self, time: &str) -> &mut Self {
        let span: Span = time.parse().unwrap_or_else(|wrong| panic!("cannot advance: {wrong}"));
        self.run_until(self.now + span)
    }

    /// Lets time pass up to and including a moment.
    pub fn run_until(&mut self, end: Moment) -> &mut Self {
        self.scenario.run_until(end);
        self.now = self.now.max(end);
        self
    }

    /// What memory holds for a parameter.
    #[must_use]
    pub fn get(&self, id: u32) -> Value {
        self.seen.lock().params.get(&ParamId(id)).cloned().unwrap_or_default()
    }

    /// What memory holds for a cell, by its column's parameter; uninitialised where there is no such row.
    #[must_use]
    pub fn cell(&self, column: u32, key: &str) -> Value {
        let table = self.protocol.param(ParamId(column)).and_then(|param| param.column_of);
        let seen = self.seen.lock();
        let row = table.and_then(|place| seen.rows.get(&place.table)?.get(key));
        row.and_then(|cells| cells.get(&ParamId(column)).cloned())
            .unwrap_or_default()
    }

    /// The keys of a table's rows, sorted.
    #[must_use]
    pub fn keys(&self, table: u32) -> Vec<Arc<str>> {
        let seen = self.seen.lock();
        let rows = seen.rows.get(&ParamId(table));
        rows.into_iter().flat_map(|rows| rows.keys().cloned()).collect()
    }

    /// Asserts what memory holds for a parameter.
    ///
    /// # Panics
    ///
    /// When it holds something else: with its name, what it holds, and how it came to it.
    #[track_caller]
    pub fn expect(&mut self, id: u32, value: impl Into<Value>) -> &mut Self {
        let (found, expected) = (self.get(id), value.into());
        assert!(
            found == expected,
            "at {} {} is {found:?}, not {expected:?}\n{}",
            Span(self.now.0),
            self.name(id),
            self.text()
        );
        self
    }

    /// Asserts what memory holds for a cell.
    ///
    /// # Panics
    ///
    /// When it holds something else.
    #[track_caller]
    pub fn expect_cell(&mut self, column: u32, key: &str, value: impl Into<Value>) -> &mut Self {
        let (found, expected) = (self.cell(column, key), value.into());
        assert!(
            found == expected,
            "at {} {} of row {key:?} is {found:?}, not {expected:?}\n{}",
            Span(self.now.0),
            self.name(column),
            self.text()
        );
        self
    }

    /// The execution trace so far, a JSON object a line: that of `adit replay`.
    #[must_use]
    pub fn trace(&self) -> String {
        self.seen.lock().trace.join("\n")
    }

    /// The execution trace so far for people: that of `adit replay --trace text`.
    #[must_use]
    pub fn text(&self) -> String {
        self.seen.lock().text.join("\n")
    }

    /// The execution trace so far, and between its lines what else the element asked for and told: replies, log lines,
    /// what is saved and shown.
    #[must_use]
    pub fn told(&self) -> String {
        self.seen.lock().told.join("\n")
    }

    /// The timers, groups, QActions and sets that are at work now.
    #[must_use]
    pub fn pending_calls(&self) -> Vec<PendingCall> {
        self.scenario.pending_calls()
    }

    /// The element log so far.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.seen.lock().log.clone()
    }

    /// The information events so far: when, of which parameter and row, what.
    #[must_use]
    pub fn information(&self) -> Vec<String> {
        self.seen.lock().information.clone()
    }

    /// The records of alarms so far: when, id, root, previous, what happened, how bad, of which parameter and row, and the
    /// properties.
    #[must_use]
    pub fn alarm_records(&self) -> Vec<String> {
        self.seen.lock().alarm_records.clone()
    }

    /// Its definition.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The requests so far, as they were sent: with what the trace leaves out, such as the proxy and the time limit.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().requests.clone()
    }

    fn name(&self, id: u32) -> String {
        let param = self.protocol.param(ParamId(id));
        param.map_or_else(
            || format!("parameter {id}, which does not exist,"),
            |param| format!("{} ({id})", param.name),
        )
    }
}
