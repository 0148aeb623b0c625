//! Addresses that parameters give to connections while the element runs.
//!
//! Rules: PRT-10 to PRT-12, PRT-14, CHG-1 (step 2).

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::render::absolute_url;
use crate::engine::settings::ConnectionSettings;
use crate::model::id::ConnectionId;
use crate::model::param::{Param, ParamKind};

/// Where the requests of a connection go instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DynamicTarget {
    /// Scheme, host and path.
    host: String,
    /// That of the settings unless given.
    port: Option<u16>,
}

impl DynamicTarget {
    /// `[http(s)://]host[:port][/…]`; none for an empty value. The scheme is that of the value alone (PRT-12).
    fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let (scheme, rest) = match value.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, value),
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let (host, port) = split_port(authority);
        if host.is_empty() {
            return None;
        }
        let scheme = scheme.unwrap_or_else(|| if port == Some(443) { "https" } else { "http" }.to_owned());
        Some(Self {
            host: format!("{scheme}://{host}{path}"),
            port,
        })
    }

    /// The settings with this target.
    fn over(&self, settings: &ConnectionSettings) -> ConnectionSettings {
        ConnectionSettings {
            host: self.host.clone(),
            port: self.port.unwrap_or(settings.port),
            ..settings.clone()
        }
    }
}

/// The port behind the last colon; the colons of an IPv6 address without brackets are its own.
fn split_port(authority: &str) -> (&str, Option<u16>) {
    let is_address = authority.matches(':').count() > 1 && !authority.starts_with('[');
    let port = authority.rsplit_once(':').filter(|_| !is_address);
    match port.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

impl Engine {
    /// The absolute URL of a rendered one, at the target that its connection has now.
    pub(super) fn url_at(&self, settings: &ConnectionSettings, url: &str) -> String {
        match self.dynamic_targets.get(&settings.id) {
            Some(target) => absolute_url(url, &target.over(settings)),
            None => absolute_url(url, settings),
        }
    }

    /// The address to which the relative URLs of a connection go, without a slash at its end; none when there is no such
    /// connection.
    pub(super) fn address_of(&self, connection: ConnectionId) -> Option<Arc<str>> {
        let url = self.url_at(self.connection(connection)?, "/");
        Some(url.trim_end_matches('/').into())
    }

    /// Takes the value of a parameter as the target of its connection, when it is for that (PRT-10, PRT-11).
    pub(super) fn take_target(&mut self, param: &Param) {
        let Some(connection) = param.dynamic_ip.filter(|_| is_target(param)) else {
            return;
        };
        match DynamicTarget::parse(&self.params.get(param.id).to_text()) {
            Some(target) => self.dynamic_targets.insert(connection, target),
            None => self.dynamic_targets.remove(&connection),
        };
    }

    /// Takes the targets that are filled in at the start.
    pub(super) fn take_first_targets(&mut self) {
        self.dynamic_targets.clear();
        let protocol = Arc::clone(&self.protocol);
        let targets = protocol.parts().params.iter().filter(|param| is_target(param));
        for param in targets {
            if self.params.get(param.id).is_initialised() {
                self.take_target(param);
            }
        }
    }
}

/// Only a single read gives a target: the cells of a column are many.
const fn is_target(param: &Param) -> bool {
    param.dynamic_ip.is_some() && matches!(param.kind, ParamKind::Read) && param.is_standalone()
}

#[cfg(test)]
mod tests {
    use super::{ConnectionId, DynamicTarget};
    use crate::engine::render::absolute_url;
    use crate::engine::settings::ConnectionSettings;
    use crate::model::connection::{Connection, ConnectionKind};

    #[test]
    fn prt_12_the_scheme_comes_from_the_value_only() {
        let settings = ConnectionSettings {
            host: "https://configured.test".to_owned(),
            port: 443,
            ..ConnectionSettings::from(&Connection::new(ConnectionId(0), ConnectionKind::Http))
        };
        let url = |value| DynamicTarget::parse(value).map(|target| absolute_url("/a", &target.over(&settings)));
        let is = |value, expected: &str| assert_eq!(url(value).as_deref(), Some(expected));
        is("10.0.0.1", "http://10.0.0.1:443/a");
        is("10.0.0.1:443", "https://10.0.0.1/a");
        is("10.0.0.1:80", "http://10.0.0.1/a");
        is(" HTTPS://h.test ", "https://h.test/a");
        is("https://h.test:8443/base", "https://h.test:8443/base/a");
        is("http://h.test:443/", "http://h.test:443/a");
        is("::1", "http://[::1]:443/a");
        is("[::1]:8080", "http://[::1]:8080/a");
        assert_eq!((url(""), url(" "), url("https://")), (None, None, None));
    }
}
