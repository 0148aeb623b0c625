//! The agent file (`adit.toml`): which elements there are, where they connect, where values are kept.
//!
//! ```toml
//! listen = "127.0.0.1:8420"
//! store = "adit.sqlite"                  # or "memory"; beside this file unless absolute
//!
//! [[element]]
//! id = 1                                 # its place in the file unless given
//! name = "Opsgenie"
//! protocol = "protocol/opsgenie/protocol.xml"
//! set = ["ApiKey=GenieKey 0ad1…"]        # after the start, in this order, as a user
//!
//! [[element.connection]]                 # in the order of the definition; what is not given is prefilled by it
//! host = "https://api.opsgenie.com"
//! port = 443
//! bus_address = "ByPassProxy"
//! timeout = "10s"
//! retries = 3
//! skip_certificate_verification = false
//! ```
//!
//! Values are kept by id: before elements change places in the file, they need their ids in it. A faulty file is
//! refused with the line; nothing of it is used.
//!
//! Rules: PRT-5 to PRT-8.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::engine::settings::{ConnectionSettings, ElementSettings};
use crate::model::id::{ElementId, ParamId};
use crate::model::moment::Span;
use crate::model::param::Param;
use crate::model::protocol::Protocol;

/// The time limits of one attempt that are allowed (PRT-8).
const TIMEOUTS: std::ops::RangeInclusive<Span> = Span(10)..=Span(120_000);

/// The most retries that are allowed (PRT-8).
const MOST_RETRIES: u8 = 10;

/// The agent file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// Where the local API listens.
    pub listen: Option<SocketAddr>,
    /// Where values are kept.
    pub store: Option<StorePlace>,
    /// The elements, in order.
    #[serde(rename = "element", default)]
    pub elements: Vec<ElementPlan>,
}

/// Where values are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// Nowhere: they are gone when the process ends.
    Memory,
    /// In this file.
    File(PathBuf),
}

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

/// A set that is planned: `PARAM=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSet {
    /// The name or id of the parameter.
    pub param: String,
    /// The value as written.
    pub value: String,
}

impl AgentConfig {
    /// Reads the file's text. Paths in it start from the folder of the file.
    ///
    /// # Errors
    /// What is wrong, with file, line and column.
    pub fn parse(file: &Path, text: &str) -> Result<Self, String> {
        let at = |offset: usize, message: &str| {
            let before = text.get(..offset).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&char| char != '\n').count() + 1;
            format!("{}:{line}:{column}: {message}", file.display())
        };
        let mut config: Self = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            at(offset, error.message())
        })?;

        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (element, id) in config.with_ids() {
            let name = element.name.get_ref();
            let offset = element.name.span().start;
            if name.trim().is_empty() {
                return Err(at(offset, "an element needs a name"));
            }
            if !names.insert(name.to_lowercase()) {
                return Err(at(offset, &format!("there is another element named `{name}` above")));
            }
            if !ids.insert(id) {
                return Err(at(offset, &format!("there is another element with the id {id} above")));
            }
        }

        let folder = file.parent().unwrap_or(Path::new(""));
        if let Some(StorePlace::File(path)) = &mut config.store {
            *path = folder.join(&path);
        }
        for element in &mut config.elements {
            element.protocol = folder.join(&element.protocol);
        }
        Ok(config)
    }

    /// The elements in order, with their ids.
    pub fn with_ids(&self) -> impl Iterator<Item = (&ElementPlan, ElementId)> {
        (1..)
            .zip(&self.elements)
            .map(|(place, element)| (element, ElementId(element.id.unwrap_or(place))))
    }
}

impl ElementPlan {
    /// The settings of the element: what the definition prefills, with what the operator chose.
    ///
    /// # Errors
    /// There are more connections than the definition has.
    pub fn settings(&self, id: ElementId, protocol: &Protocol) -> Result<ElementSettings, String> {
        let mut settings = ElementSettings::prefilled(id, self.name.get_ref(), protocol);
        let (planned, defined) = (self.connections.len(), settings.connections.len());
        if planned > defined {
            return Err(format!(
                "{}: {planned} connections are set up, but {} has {defined}",
                self.name.get_ref(),
                self.protocol.display()
            ));
        }
        for (plan, connection) in self.connections.iter().zip(&mut settings.connections) {
            plan.apply(connection);
        }
        Ok(settings)
    }
}

impl ConnectionPlan {
    fn apply(&self, connection: &mut ConnectionSettings) {
        if let Some(host) = &self.host {
            connection.host.clone_from(host);
        }
        if let Some(bus_address) = &self.bus_address {
            connection.bus_address.clone_from(bus_address);
        }
        connection.port = self.port.unwrap_or(connection.port);
        connection.timeout = self.timeout.unwrap_or(connection.timeout);
        connection.retries = self.retries.unwrap_or(connection.retries);
        connection.skip_certificate_verification = self
            .skip_certificate_verification
            .unwrap_or(connection.skip_certificate_verification);
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

/// Reads `PARAM=VALUE`; the value may be empty and may hold further `=`.
impl std::str::FromStr for PlannedSet {
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

/// Reads `memory`, or the path of a file.
impl From<&str> for StorePlace {
    fn from(text: &str) -> Self {
        match text {
            "memory" => Self::Memory,
            path => Self::File(path.into()),
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

impl<'de> Deserialize<'de> for StorePlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{AgentConfig, ElementPlan, PlannedSet, StorePlace};
    use crate::model::connection::{Connection, ConnectionKind};
    use crate::model::id::{ConnectionId, ElementId};
    use crate::model::moment::Span;
    use crate::model::protocol::{Parts, Protocol};

    const FULL: &str = r#"
        listen = "127.0.0.1:0"
        store = "values/adit.sqlite"

        [[element]]
        name = "Opsgenie"
        protocol = "opsgenie/protocol.xml"
        set = ["ApiKey=GenieKey a=b", "Mode="]

        [[element.connection]]
        host = "https://localhost"
        port = 8443
        bus_address = "ByPassProxy"
        timeout = "10s"
        retries = 0
        skip_certificate_verification = true

        [[element]]
        name = "Second"
        protocol = "/elsewhere/protocol.xml"
    "#;

    fn parse(text: &str) -> Result<AgentConfig, String> {
        AgentConfig::parse(Path::new("house/adit.toml"), text)
    }

    fn element(lines: &str) -> String {
        format!("[[element]]\nname = \"a\"\nprotocol = \"p.xml\"\n{lines}")
    }

    /// A definition with one connection.
    fn protocol() -> Protocol {
        Protocol::build(Parts {
            connections: vec![Connection::new(ConnectionId(0), ConnectionKind::Http)],
            ..Parts::default()
        })
    }

    fn plan(config: &str) -> ElementPlan {
        parse(config).unwrap().elements.remove(0)
    }

    #[test]
    fn paths_start_from_the_folder_of_the_file() {
        let config = parse(FULL).unwrap();
        assert_eq!(
            config.store,
            Some(StorePlace::File(PathBuf::from("house/values/adit.sqlite")))
        );
        let protocols: Vec<_> = config
            .elements
            .iter()
            .map(|element| element.protocol.as_path())
            .collect();
        assert_eq!(
            protocols,
            [
                Path::new("house/opsgenie/protocol.xml"),
                Path::new("/elsewhere/protocol.xml")
            ]
        );
    }

    #[test]
    fn a_set_is_cut_at_its_first_equals_sign() {
        let set = |param: &str, value: &str| PlannedSet {
            param: param.to_owned(),
            value: value.to_owned(),
        };
        assert_eq!(plan(FULL).sets, [set("ApiKey", "GenieKey a=b"), set("Mode", "")]);
    }

    #[test]
    fn prt_6_what_is_not_chosen_is_prefilled_by_the_definition() {
        let protocol = protocol();
        let settings = plan(FULL).settings(ElementId(1), &protocol).unwrap();
        let chosen = &settings.connections[0];
        assert_eq!(
            (chosen.host.as_str(), chosen.port, chosen.retries),
            ("https://localhost", 8443, 0)
        );
        assert_eq!(
            (chosen.timeout, chosen.skip_certificate_verification),
            (Span(10_000), true)
        );

        let settings = plan(&element("")).settings(ElementId(1), &protocol).unwrap();
        let prefilled = &settings.connections[0];
        assert_eq!(
            (prefilled.port, prefilled.timeout, prefilled.retries),
            (80, Span(1500), 3)
        );
    }

    #[test]
    fn err_more_connections_than_the_definition_has() {
        let two = element("[[element.connection]]\nport = 1\n[[element.connection]]\nport = 2\n");
        let refused = plan(&two).settings(ElementId(1), &protocol()).unwrap_err();
        assert_eq!(refused, "a: 2 connections are set up, but house/p.xml has 1");
    }

    #[test]
    fn err_a_faulty_file_is_refused_with_its_line() {
        let cases = [
            "listne = \"x\"",
            "listen = \"here\"",
            "[[element]]\nname = \"a\"",
            &element("colour = \"red\""),
            &element("set = [\"not-told-since-it-may-be-secret\"]"),
            &element("[[element.connection]]\ntimeout = \"1ms\""),
            &element("[[element.connection]]\nretries = 11"),
            &element("[[element.connection]]\nport = 70000"),
            &format!("{}{}", element(""), element("").replace("\"a\"", "\"A\"")),
            &format!("{}{}", element("id = 2\n"), element("").replace("\"a\"", "\"b\"")),
            &element("").replace("\"a\"", "\" \""),
        ];
        let refusals = cases.map(|text| parse(text).unwrap_err());
        insta::assert_snapshot!(refusals.join("\n"), @r"
        house/adit.toml:1:1: unknown field `listne`, expected one of `listen`, `store`, `element`
        house/adit.toml:1:10: invalid socket address syntax
        house/adit.toml:1:1: missing field `protocol`
        house/adit.toml:4:1: unknown field `colour`, expected one of `id`, `name`, `protocol`, `connection`, `set`
        house/adit.toml:4:7: a set is written PARAM=VALUE
        house/adit.toml:5:11: a timeout of 1ms is not allowed: from 10ms to 120s
        house/adit.toml:5:11: 11 retries are not allowed: from 0 to 10
        house/adit.toml:5:8: invalid value: integer `70000`, expected u16
        house/adit.toml:5:8: there is another element named `A` above
        house/adit.toml:6:8: there is another element with the id 2 above
        house/adit.toml:2:8: an element needs a name
        ");
    }
}
