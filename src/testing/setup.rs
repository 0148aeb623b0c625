//! What a test begins with: a definition, who answers, and the QActions.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::file::FileError;
use crate::engine::qaction::{QAction, QActionFuture, QActionSet};
use crate::engine::saved::Saved;
use crate::engine::settings::ElementSettings;
use crate::engine::sl_protocol::SlProtocol;
use crate::model::alarm_template::AlarmTemplate;
use crate::model::id::{ElementId, QActionId};
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::schema::diagnostic::Severity;
use crate::simulate::cassette::Cassette;
use crate::simulate::replay::Replay;
use crate::simulate::scenario::{Device, Files, Scenario};
use crate::testing::TestElement;
use crate::testing::device::ScriptedDevice;
use crate::testing::seen::Seen;

/// The wall clock at the start: 2026-01-01T00:00:00Z.
const STARTED_UNIX_MS: i64 = 1_767_225_600_000;

/// Makes an alarm template for the definition.
type MakeTemplate = Box<dyn FnOnce(&Protocol) -> AlarmTemplate>;

/// What a test begins with.
pub struct Setup {
    definition: String,
    name: String,
    host: String,
    script: ScriptedDevice,
    cassette: Option<Cassette>,
    files: BTreeMap<String, Arc<[u8]>>,
    qactions: QActionSet,
    saved: Saved,
    alarm_template: Option<MakeTemplate>,
}

impl Setup {
    /// A definition: a whole `protocol.xml`, or the children of its `Protocol`. Name, version and type of a fragment are
    /// made up, unless it begins with its `Type`.
    #[must_use]
    pub fn new(definition: &str) -> Self {
        Self {
            definition: whole(definition),
            name: "Device".to_owned(),
            host: "device.test".to_owned(),
            script: ScriptedDevice::default(),
            cassette: None,
            files: BTreeMap::new(),
            qactions: QActionSet::default(),
            saved: Saved::default(),
            alarm_template: None,
        }
    }

    /// The element's name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The host of connections for which the definition gives none.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// An answer of the device: `GET /a -> after 2s 404 [Name: value] body`. Delay, status (200) and headers may be left
    /// out; `refused`, `timeout`, `reset` and `tls` are failures. Several answers to one request come in their order, the
    /// last one repeats. What has no answer is refused.
    ///
    /// # Panics
    ///
    /// When the line is written differently.
    #[must_use]
    pub fn device(mut self, line: &str) -> Self {
        self.script.add(line);
        self
    }

    /// Lets a cassette (HAR 1.2) answer instead of the device.
    ///
    /// # Panics
    ///
    /// When that is no cassette.
    #[must_use]
    pub fn cassette(mut self, har: &str) -> Self {
        self.cassette = Some(Cassette::parse(har).unwrap_or_else(|error| panic!("no cassette: {error}")));
        self
    }

    /// A file that the element may read.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.files.insert(path.to_owned(), bytes.into());
        self
    }

    /// The code of a QAction, as a closure.
    #[must_use]
    pub fn qaction<F>(mut self, id: u32, code: F) -> Self
    where
        F: for<'a> Fn(&'a SlProtocol) -> QActionFuture<'a> + Send + Sync + 'static,
    {
        self.qactions.add(QActionId(id), code);
        self
    }

    /// The code of a QAction.
    #[must_use]
    pub fn qaction_code(mut self, id: u32, code: impl QAction + 'static) -> Self {
        self.qactions.insert(QActionId(id), Arc::new(code));
        self
    }

    /// The QActions of a connector, in place of those given before.
    #[must_use]
    pub fn qactions(mut self, qactions: QActionSet) -> Self {
        self.qactions = qactions;
        self
    }

    /// What was saved of the element before this start.
    #[must_use]
    pub fn saved(mut self, saved: Saved) -> Self {
        self.saved = saved;
        self
    }

    /// The alarm template of the element, made for its definition.
    #[must_use]
    pub fn alarm_template(mut self, make: impl FnOnce(&Protocol) -> AlarmTemplate + 'static) -> Self {
        self.alarm_template = Some(Box::new(make));
        self
    }

    /// Starts the element, and lets happen what follows at moment zero but for what is planned for it.
    ///
    /// # Panics
    ///
    /// When the definition is refused, with all that was found.
    #[must_use]
    pub fn start(self) -> TestElement {
        let mut element = self.begin();
        element.run_until(Moment::START);
        element
    }

    /// Starts the element; what follows waits until time passes, behind what is planned for moment zero.
    ///
    /// # Panics
    ///
    /// When the definition is refused, with all that was found.
    #[must_use]
    pub fn begin(self) -> TestElement {
        let loaded = crate::schema::load("protocol.xml", &self.definition);
        let findings = loaded
            .diagnostics
            .iter()
            .filter(|finding| finding.severity() != Severity::Info);
        let findings: Vec<String> = findings
            .map(|finding| format!("{} {}", finding.code.number, finding.message))
            .collect();
        let Some(protocol) = loaded.protocol else {
            panic!("the definition is refused: {findings:#?}")
        };
        let protocol = Arc::new(protocol);
        let seen = Arc::new(Mutex::new(Seen::new(&protocol)));
        let observer = {
            let seen = Arc::clone(&seen);
            Box::new(move |at, effect: &_| seen.lock().take(at, effect))
        };
        let mut settings = settings(&self.name, &self.host, &protocol);
        if let Some(make) = self.alarm_template {
            settings.alarm_template = make(&protocol);
        }
        let device: Device = match self.cassette {
            Some(cassette) => {
                let mut replay = Replay::new(cassette);
                Box::new(move |request| replay.answer(request))
            }
            None => self.script.into_device(),
        };
        let mut scenario = Scenario::new(Arc::clone(&protocol), settings, self.qactions, device, observer);
        scenario.open_files(files(self.files));
        scenario.start(self.saved, STARTED_UNIX_MS);
        TestElement {
            protocol,
            scenario,
            seen,
            now: Moment::START,
            findings,
        }
    }
}

fn settings(name: &str, host: &str, protocol: &Protocol) -> ElementSettings {
    let mut settings = ElementSettings::prefilled(ElementId(1), name, protocol);
    for connection in settings
        .connections
        .iter_mut()
        .filter(|connection| connection.host.is_empty())
    {
        host.clone_into(&mut connection.host);
    }
    settings
}

/// A fragment as a whole definition.
fn whole(xml: &str) -> String {
    let text = xml.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("<?xml") || text.starts_with("<Protocol") {
        return xml.to_owned();
    }
    let kind = if xml.starts_with("<Type") {
        ""
    } else {
        "<Type>http</Type>\n"
    };
    format!("<Protocol>\n<Name>Fixture</Name>\n<Version>1.0.0.1</Version>\n{kind}{xml}</Protocol>\n")
}

/// Reads of the files that the test gives.
fn files(files: BTreeMap<String, Arc<[u8]>>) -> Files {
    Box::new(move |read| {
        let Some(bytes) = files.get(&*read.path) else {
            return Err(FileError(format!("there is no file {}", read.path)));
        };
        let (offset, count) = (usize::try_from(read.offset), read.count.map(usize::try_from));
        let rest = offset.ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
        let count = count.and_then(Result::ok).unwrap_or(usize::MAX);
        Ok(rest.iter().take(count).copied().collect())
    })
}
