//! What an operator plans for an element: its definition, where it connects, what is set at its start.
//!
//! Rules: ALM-2, PRT-5, PRT-6, TMO-6, TMO-7, TMO-19, DSP-91, ACT-15.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::agent::alarm_template;
use crate::agent::folders::Folders;
use crate::agent::range::{
    self, SlowPollChoice, allowed_element_timeout, allowed_ping_interval, allowed_retries, allowed_slow_poll,
    allowed_timeout,
};
use crate::element::config::ElementConfig;
use crate::model::alarm_template::AlarmTemplate;
use crate::model::connection::ELEMENT_TIMEOUT;
use crate::model::id::{ElementId, ParamId};
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::protocol::Protocol;

/// An element as an operator plans it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElementPlan {
    /// Its id; its place in the file, from 1, unless given.
    #[serde(default)]
    pub id: Option<u32>,
    /// Its name.
    pub name: Spanned<String>,
    /// Its definition.
    pub protocol: PathBuf,
    /// How long without success until it is in timeout.
    #[serde(default, deserialize_with = "element_timeout")]
    pub element_timeout: Option<Span>,
    /// When slow poll begins.
    #[serde(default, deserialize_with = "slow_poll")]
    pub slow_poll: Option<SlowPollChoice>,
    /// How long between two pings in slow poll.
    #[serde(default, deserialize_with = "ping_interval")]
    pub ping_interval: Option<Span>,
    /// Its alarm template: `protocol-defaults` unless given, `none`, or a file (ALM-2).
    #[serde(default, deserialize_with = "alarm_template")]
    pub alarm_template: Option<TemplateChoice>,
    /// Whether nothing of it can be set from outside (ELM-17).
    #[serde(default)]
    pub read_only: bool,
    /// Its connections, in the order of the definition.
    #[serde(rename = "connection", default)]
    pub connections: Vec<ConnectionPlan>,
    /// The folders that its action `read file` may read; none unless given (ACT-15).
    #[serde(default)]
    pub read_folders: Vec<PathBuf>,
    /// What is set after its start, in order.
    #[serde(rename = "set", default)]
    pub sets: Vec<PlannedSet>,
}

/// The alarm template that an operator chooses (ALM-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateChoice {
    /// The thresholds of the definition.
    ProtocolDefaults,
    /// None: nothing alarms.
    None,
    /// That in this file.
    File(PathBuf),
}

/// What an operator chooses of a connection; the rest is prefilled by the definition (PRT-6).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionPlan {
    /// Host, optionally with `http://` or `https://`.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Bus address.
    pub bus_address: Option<String>,
    /// The time limit of one attempt.
    #[serde(default, deserialize_with = "timeout")]
    pub timeout: Option<Span>,
    /// Attempts after the first.
    #[serde(default, deserialize_with = "retries")]
    pub retries: Option<u8>,
    /// Whether certificates are accepted unseen.
    pub skip_certificate_verification: Option<bool>,
    /// Whether the connection can put the element in timeout.
    pub include_timeout: Option<bool>,
}

/// A set that is planned: `PARAM=VALUE`. Its `Debug` does not show the value, which may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PlannedSet {
    /// The name or id of the parameter.
    pub param: String,
    /// The value as written.
    pub value: String,
}

impl ElementPlan {
    /// The element: what the definition prefills, with what the operator chose. It has no QActions yet.
    ///
    /// # Errors
    /// There are more connections than the definition has, or the alarm template cannot be used.
    pub fn element(&self, id: ElementId, protocol: Arc<Protocol>) -> Result<ElementConfig, String> {
        let mut element = ElementConfig::prefilled(id, self.name.get_ref(), protocol);
        let connections = &mut element.settings.connections;
        if self.connections.len() > connections.len() {
            return Err(format!(
                "{}: {} connections are set up, but {} has {}",
                self.name.get_ref(),
                self.connections.len(),
                self.protocol.display(),
                connections.len()
            ));
        }
        // The value of the main connection is that of the element (TMO-7).
        let prefilled = connections.first().and_then(|main| main.element_timeout);
        let element_timeout = self.element_timeout.or(prefilled).unwrap_or(ELEMENT_TIMEOUT);
        let counting = connections
            .iter_mut()
            .filter_map(|connection| connection.element_timeout.as_mut());
        counting.for_each(|after| *after = element_timeout);
        for (plan, connection) in self.connections.iter().zip(connections) {
            choose(&mut connection.host, plan.host.as_ref());
            choose(&mut connection.port, plan.port.as_ref());
            choose(&mut connection.bus_address, plan.bus_address.as_ref());
            choose(&mut connection.timeout, plan.timeout.as_ref());
            choose(&mut connection.retries, plan.retries.as_ref());
            choose(
                &mut connection.skip_certificate_verification,
                plan.skip_certificate_verification.as_ref(),
            );
            if let Some(include) = plan.include_timeout {
                connection.element_timeout = include.then_some(element_timeout);
            }
        }
        let slow_poll = &mut element.settings.slow_poll;
        choose(&mut slow_poll.ping_interval, self.ping_interval.as_ref());
        match self.slow_poll {
            Some(SlowPollChoice::On(begin)) => slow_poll.begins = Some(begin),
            Some(SlowPollChoice::Off) => slow_poll.begins = None,
            None => {}
        }
        match &self.alarm_template {
            Some(TemplateChoice::ProtocolDefaults) | None => {}
            Some(TemplateChoice::None) => element.settings.alarm_template = AlarmTemplate::None,
            Some(TemplateChoice::File(path)) => {
                let template = alarm_template::load(path, &element.protocol)?;
                element.settings.alarm_template = AlarmTemplate::Own(template);
            }
        }
        element.settings.read_only = self.read_only;
        if !self.read_folders.is_empty() {
            element.files = Arc::new(Folders::new(self.read_folders.clone()));
        }
        Ok(element)
    }
}

/// What was chosen replaces what was prefilled.
fn choose<T: Clone>(prefilled: &mut T, chosen: Option<&T>) {
    if let Some(chosen) = chosen {
        prefilled.clone_from(chosen);
    }
}

impl PlannedSet {
    /// The parameter that is meant: by id, or by name, the write where a read shares it.
    ///
    /// # Errors
    /// There is none.
    pub fn target<'a>(&self, protocol: &'a Protocol) -> Result<&'a Param, String> {
        let by_id = self.param.parse().ok().and_then(|id| protocol.param(ParamId(id)));
        by_id
            .or_else(|| protocol.param_to_set(&self.param))
            .ok_or_else(|| format!("{} has no parameter `{}`", protocol.name(), self.param))
    }
}

impl fmt::Debug for PlannedSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=***", self.param)
    }
}

/// Reads `PARAM=VALUE`; the value may be empty and may hold further `=`.
impl FromStr for PlannedSet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((param, value)) if !param.trim().is_empty() => Ok(Self {
                param: param.trim().to_owned(),
                value: value.to_owned(),
            }),
            // The text is not repeated: it may be a secret.
            Some(_) | None => Err("a set is written PARAM=VALUE".to_owned()),
        }
    }
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    range::read(deserializer, allowed_timeout)
}

fn retries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let retries = u8::deserialize(deserializer)?;
    allowed_retries(retries).map(Some).map_err(serde::de::Error::custom)
}

fn element_timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    range::read(deserializer, allowed_element_timeout)
}

fn slow_poll<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SlowPollChoice>, D::Error> {
    range::read(deserializer, allowed_slow_poll)
}

fn alarm_template<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TemplateChoice>, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "protocol-defaults" => Ok(Some(TemplateChoice::ProtocolDefaults)),
        "none" => Ok(Some(TemplateChoice::None)),
        file if Path::new(file).extension().is_some_and(|extension| extension == "toml") => {
            Ok(Some(TemplateChoice::File(file.into())))
        }
        other => Err(serde::de::Error::custom(format!(
            "`{other}` is no alarm template: protocol-defaults, none, or a file that ends in .toml"
        ))),
    }
}

fn ping_interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    range::read(deserializer, allowed_ping_interval)
}

impl<'de> Deserialize<'de> for PlannedSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
