//! The agent file (`adit.toml`): which elements there are, where they connect, where values are kept.
//!
//! ```toml
//! listen = "127.0.0.1:8420"
//! store = "adit.sqlite"                  # or "memory"; beside this file unless absolute
//! client_certificate = "agent.pem"       # for sessions that log in with a certificate; with its key, or
//! client_key = "agent.key"               # that in a file of its own
//!
//! [[element]]
//! id = 1                                 # its place in the file unless given
//! name = "Opsgenie"
//! protocol = "protocol/opsgenie/protocol.xml"
//! set = ["ApiKey=GenieKey 0ad1…"]        # after the start, in this order, as a user
//! element_timeout = "30s"                # how long without success until it is in timeout
//! slow_poll = "60s"                      # in timeout; or the number of timeouts, "3"; or "off"
//! ping_interval = "30s"
//! alarm_template = "protocol-defaults"   # the thresholds of the definition; "none": nothing alarms; or a file, "night.toml"
//! read_only = false                      # true: nothing of it can be set from outside, by `set` neither
//! read_folders = ["lists"]               # what the action `read file` may read; nothing unless given
//!
//! [[element.connection]]                 # in the order of the definition; what is not given is prefilled by it
//! host = "https://api.opsgenie.com"
//! port = 443
//! bus_address = "ByPassProxy"
//! timeout = "10s"
//! retries = 3
//! skip_certificate_verification = false
//! include_timeout = true                 # whether it can put the element in timeout
//! ```
//!
//! Values are kept by id: before elements change places in the file, they need their ids in it. A faulty file is
//! refused with the line; nothing of it is used.
//!
//! Rules: PRT-5, PRT-6, HTTP-64.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::agent::plan::{ElementPlan, TemplateChoice};
use crate::model::id::ElementId;

/// The agent file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// Where the local API listens.
    pub listen: Option<SocketAddr>,
    /// Where values are kept.
    pub store: Option<StorePlace>,
    /// The certificate that sessions with `loginMethod="certificate"` show.
    pub client_certificate: Option<PathBuf>,
    /// Its key, when that is in another file.
    pub client_key: Option<PathBuf>,
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
        for path in [&mut config.client_certificate, &mut config.client_key]
            .into_iter()
            .flatten()
        {
            *path = folder.join(&path);
        }
        for element in &mut config.elements {
            element.protocol = folder.join(&element.protocol);
            if let Some(TemplateChoice::File(path)) = &mut element.alarm_template {
                *path = folder.join(&path);
            }
            for readable in &mut element.read_folders {
                *readable = folder.join(&readable);
            }
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

/// Reads `memory`, or the path of a file.
impl FromStr for StorePlace {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "" => Err("a store is the path of a file, or memory"),
            "memory" => Ok(Self::Memory),
            path => Ok(Self::File(path.into())),
        }
    }
}

impl<'de> Deserialize<'de> for StorePlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use super::{AgentConfig, StorePlace};
    use crate::agent::plan::{ElementPlan, PlannedSet};
    use crate::model::alarm_template::AlarmTemplate;
    use crate::model::connection::{Connection, ConnectionKind, SlowPoll, SlowPollBegin};
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
    fn protocol() -> Arc<Protocol> {
        Arc::new(Protocol::build(Parts {
            connections: vec![Connection::new(ConnectionId(0), ConnectionKind::Http)],
            ..Parts::default()
        }))
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
        let reading = plan(&element("read_folders = [\"lists\"]"));
        assert_eq!(reading.read_folders, [PathBuf::from("house/lists")]);
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
    fn prt_5_prt_6_what_is_not_chosen_is_prefilled_by_the_definition() {
        let full = plan(FULL).element(ElementId(1), protocol()).unwrap();
        let chosen = &full.settings.connections[0];
        assert_eq!(
            (chosen.host.as_str(), chosen.port, chosen.retries),
            ("https://localhost", 8443, 0)
        );
        assert_eq!(
            (chosen.timeout, chosen.skip_certificate_verification),
            (Span(10_000), true)
        );

        let bare = plan(&element("")).element(ElementId(1), protocol()).unwrap();
        let prefilled = &bare.settings.connections[0];
        assert_eq!(
            (prefilled.port, prefilled.timeout, prefilled.retries),
            (80, Span(1500), 3)
        );
    }

    #[test]
    fn prt_5_tmo_6_tmo_7_tmo_19_the_patience_of_an_element_is_chosen_once_for_all_its_connections() {
        let mut parts = Parts::default();
        let connection = |id| Connection::new(ConnectionId(id), ConnectionKind::Http);
        parts.connections = vec![connection(0), connection(1)];
        let lines = "element_timeout = \"60s\"\nslow_poll = \"3\"\nping_interval = \"5s\"\n\
                     [[element.connection]]\n[[element.connection]]\ninclude_timeout = false\n";
        let protocol = Arc::new(Protocol::build(parts));
        let settings = plan(&element(lines)).element(ElementId(1), protocol).unwrap().settings;
        let timeouts: Vec<_> = settings
            .connections
            .iter()
            .map(|connection| connection.element_timeout)
            .collect();
        assert_eq!(timeouts, [Some(Span::seconds(60)), None]);
        let begins = Some(SlowPollBegin::Times(3));
        let ping_interval = Span::seconds(5);
        assert_eq!(settings.slow_poll, SlowPoll { begins, ping_interval });
    }

    #[test]
    fn alm_2_an_element_has_the_thresholds_of_the_definition_or_none() {
        let template = |lines| {
            let element = plan(&element(lines)).element(ElementId(1), protocol()).unwrap();
            element.settings.alarm_template
        };
        assert_eq!(template(""), AlarmTemplate::ProtocolDefaults);
        assert_eq!(
            template("alarm_template = \"protocol-defaults\""),
            AlarmTemplate::ProtocolDefaults
        );
        assert_eq!(template("alarm_template = \"none\""), AlarmTemplate::None);
    }

    #[test]
    fn elm_17_an_element_is_read_only_where_the_file_says_so() {
        let read_only = |lines| {
            let element = plan(&element(lines)).element(ElementId(1), protocol()).unwrap();
            element.settings.read_only
        };
        assert!(!read_only(""));
        assert!(read_only("read_only = true"));
    }

    #[test]
    fn err_more_connections_than_the_definition_has() {
        let two = element("[[element.connection]]\nport = 1\n[[element.connection]]\nport = 2\n");
        let refused = plan(&two).element(ElementId(1), protocol()).err();
        assert_eq!(
            refused.as_deref(),
            Some("a: 2 connections are set up, but house/p.xml has 1")
        );
    }

    #[test]
    fn err_a_faulty_file_is_refused_with_its_line() {
        let cases = [
            "listne = \"x\"",
            "listen = \"here\"",
            "store = \"\"",
            "[[element]]\nname = \"a\"",
            &element("colour = \"red\""),
            &element("set = [\"not-told-since-it-may-be-secret\"]"),
            &element("[[element.connection]]\ntimeout = \"1ms\""),
            &element("[[element.connection]]\nretries = 11"),
            &element("element_timeout = \"25h\""),
            &element("slow_poll = \"often\""),
            &element("ping_interval = \"0s\""),
            &element("alarm_template = \"house\""),
            &element("[[element.connection]]\nport = 70000"),
            &format!("{}{}", element(""), element("").replace("\"a\"", "\"A\"")),
            &format!("{}{}", element("id = 2\n"), element("").replace("\"a\"", "\"b\"")),
            &element("").replace("\"a\"", "\" \""),
        ];
        let refusals = cases.map(|text| parse(text).unwrap_err());
        insta::assert_snapshot!(refusals.join("\n"), @r"
        house/adit.toml:1:1: unknown field `listne`, expected one of `listen`, `store`, `client_certificate`, `client_key`, `element`
        house/adit.toml:1:10: invalid socket address syntax
        house/adit.toml:1:9: a store is the path of a file, or memory
        house/adit.toml:1:1: missing field `protocol`
        house/adit.toml:4:1: unknown field `colour`, expected one of `id`, `name`, `protocol`, `element_timeout`, `slow_poll`, `ping_interval`, `alarm_template`, `read_only`, `connection`, `read_folders`, `set`
        house/adit.toml:4:7: a set is written PARAM=VALUE
        house/adit.toml:5:11: a timeout of 1ms is not allowed: from 10ms to 120s
        house/adit.toml:5:11: 11 retries are not allowed: from 0 to 10
        house/adit.toml:4:19: an element timeout of 25h is not allowed: up to 24h
        house/adit.toml:4:13: a slow poll of often is not allowed: off, from 1s to 300s, or from 1 to 500 timeouts
        house/adit.toml:4:17: a ping interval of 0s is not allowed: from 1s to 300s
        house/adit.toml:4:18: `house` is no alarm template: protocol-defaults, none, or a file that ends in .toml
        house/adit.toml:5:8: invalid value: integer `70000`, expected u16
        house/adit.toml:5:8: there is another element named `A` above
        house/adit.toml:6:8: there is another element with the id 2 above
        house/adit.toml:2:8: an element needs a name
        ");
    }
}
