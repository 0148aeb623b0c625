//! The JSON of an element.
//!
//! Rules: ELM-1, DSP-107, DSP-112.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::json::alarm::AlarmStateJson;
use crate::api::rest::pages;
use crate::element::Element;
use crate::element::view::{ElementState, View};
use crate::engine::settings::ConnectionSettings;
use crate::model::connection::ConnectionKind;
use crate::model::page::{Page, PageKind};

/// The state of an element.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = State)]
pub(in crate::api) enum StateJson {
    /// It runs.
    Active,
    /// It waits.
    Paused,
    /// It does nothing.
    Stopped,
    /// It could not go on.
    Error,
}

impl From<ElementState> for StateJson {
    fn from(state: ElementState) -> Self {
        match state {
            ElementState::Active => Self::Active,
            ElementState::Paused => Self::Paused,
            ElementState::Stopped => Self::Stopped,
            ElementState::Error => Self::Error,
        }
    }
}

/// An element.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Element)]
pub(in crate::api) struct ElementJson {
    /// Its id.
    id: u32,
    /// Its name.
    name: String,
    /// Its state.
    state: StateJson,
    /// Whether it is in timeout.
    timeout: bool,
    /// Its alarm state.
    alarm: AlarmStateJson,
    /// The definition it runs.
    protocol: ProtocolJson,
}

/// A definition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Protocol)]
struct ProtocolJson {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
}

/// An element with its connections and pages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ElementDetail)]
pub(in crate::api) struct ElementDetailJson {
    #[serde(flatten)]
    element: ElementJson,
    /// Its connections, main one first.
    connections: Vec<ConnectionJson>,
    /// The names of the pages that are shown, in display order.
    pages: Vec<String>,
}

/// A connection of an element.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
struct ConnectionJson {
    /// Its id; 0 is the main one.
    id: i32,
    /// `http`, `virtual`, or `unsupported`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The host.
    host: String,
    /// The port.
    port: u16,
    /// The bus address.
    bus_address: String,
}

impl ElementJson {
    pub(in crate::api) fn of(element: &Element) -> Self {
        let config = element.config();
        let (state, timeout, alarm) =
            element.look(|view| (view.state, view.timeout.is_some(), AlarmStateJson::of(view)));
        Self {
            id: config.settings.id.0,
            name: config.settings.name.clone(),
            state: state.into(),
            timeout,
            alarm,
            protocol: ProtocolJson {
                name: config.protocol.name().to_owned(),
                version: config.protocol.version().to_owned(),
            },
        }
    }
}

impl ElementDetailJson {
    pub(in crate::api) fn of(element: &Element) -> Self {
        let config = element.config();
        let connections = config.settings.connections.iter().map(ConnectionJson::from).collect();
        let named = |view: &View| {
            let pages = pages::visible(&config.protocol, view).filter(|page| is_listed(page));
            pages.map(|page| page.name.clone()).collect()
        };
        Self {
            element: ElementJson::of(element),
            connections,
            pages: element.look(named),
        }
    }
}

/// Whether a page is one of the page list: separators are no pages, popups open from a button (DSP-107).
const fn is_listed(page: &Page) -> bool {
    match page.kind {
        PageKind::Data | PageKind::Web(_) => true,
        PageKind::Separator | PageKind::Popup => false,
    }
}

impl From<&ConnectionSettings> for ConnectionJson {
    fn from(connection: &ConnectionSettings) -> Self {
        Self {
            id: connection.id.0,
            kind: match connection.kind {
                ConnectionKind::Http => "http",
                ConnectionKind::Virtual => "virtual",
                ConnectionKind::Unsupported => "unsupported",
            },
            host: connection.host.clone(),
            port: connection.port,
            bus_address: connection.bus_address.clone(),
        }
    }
}
