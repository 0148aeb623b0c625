//! What an operator plans for an element: its definition, where it connects, what is set at its start.
//!
//! Rules: PRT-5 to PRT-8, DSP-91, ACT-15.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::agent::folders::Folders;
use crate::element::config::ElementConfig;
use crate::model::id::{ElementId, ParamId};
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::protocol::Protocol;

/// The time limits of one attempt that are allowed (PRT-8).
const TIMEOUTS: std::ops::RangeInclusive<Span> = Span(10)..=Span(120_000);

/// The most retries that are allowed (PRT-8).
const MOST_RETRIES: u8 = 10;

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
    /// There are more connections than the definition has.
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
        }
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

/// A time limit that is allowed (PRT-8).
///
/// # Errors
/// It is no duration, or is not allowed.
pub fn allowed_timeout(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    if TIMEOUTS.contains(&span) {
        return Ok(span);
    }
    Err(format!("a timeout of {text} is not allowed: from 10ms to 120s"))
}

/// A number of retries that is allowed (PRT-8).
///
/// # Errors
/// It is too large.
pub fn allowed_retries(retries: u8) -> Result<u8, String> {
    if retries <= MOST_RETRIES {
        return Ok(retries);
    }
    Err(format!("{retries} retries are not allowed: from 0 to {MOST_RETRIES}"))
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    let text = String::deserialize(deserializer)?;
    allowed_timeout(&text).map(Some).map_err(serde::de::Error::custom)
}

fn retries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let retries = u8::deserialize(deserializer)?;
    allowed_retries(retries).map(Some).map_err(serde::de::Error::custom)
}

impl<'de> Deserialize<'de> for PlannedSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
