//! STAND-IN for schema, connectors, http and api, with the faces that `cli::run` calls; not for main.
#![allow(
    missing_docs,
    clippy::unused_async,
    clippy::missing_errors_doc,
    clippy::needless_pass_by_value
)]

pub mod schema {
    use crate::model::connection::{Connection, ConnectionKind};
    use crate::model::id::ConnectionId;
    use crate::model::protocol::{Parts, Protocol};

    pub mod diagnostic {
        #[derive(Debug)]
        pub struct Diagnostic {
            pub code: &'static super::codes::Code,
            pub span: super::source::Span,
            pub message: String,
            pub hint: Option<String>,
        }
        #[derive(Debug, Clone, Copy)]
        pub enum Level {
            Reject,
        }
        impl Level {
            pub fn severity(self) -> Severity {
                Severity
            }
        }
        #[derive(Debug)]
        pub struct Severity;
        impl Severity {
            pub fn word(self) -> &'static str {
                "error"
            }
        }
    }
    pub mod codes {
        #[derive(Debug)]
        pub struct Code {
            pub number: &'static str,
            pub level: super::diagnostic::Level,
        }
        pub static CODE: Code = Code {
            number: "E001",
            level: super::diagnostic::Level::Reject,
        };
    }
    pub mod source {
        #[derive(Debug, Clone, Copy)]
        pub struct Span;
        pub struct Place {
            pub line: u32,
            pub column: u32,
        }
        #[derive(Debug)]
        pub struct Source(pub String);
        impl Source {
            pub fn file(&self) -> &str {
                &self.0
            }
            pub fn place(&self, _: Span) -> Place {
                Place { line: 1, column: 1 }
            }
        }
    }

    pub struct Loaded {
        pub protocol: Option<Protocol>,
        pub diagnostics: Vec<diagnostic::Diagnostic>,
        pub source: source::Source,
    }

    pub fn load(file: &str, text: &str) -> Loaded {
        let protocol = text.starts_with('<').then(|| {
            Protocol::build(Parts {
                name: "House".to_owned(),
                connections: vec![Connection::new(ConnectionId(0), ConnectionKind::Http)],
                ..Parts::default()
            })
        });
        let finding = || diagnostic::Diagnostic {
            code: &codes::CODE,
            span: source::Span,
            message: "no XML".to_owned(),
            hint: None,
        };
        Loaded {
            diagnostics: protocol.is_none().then(finding).into_iter().collect(),
            protocol,
            source: source::Source(file.to_owned()),
        }
    }
}

pub mod connectors {
    use crate::engine::qaction::QActionSet;
    use crate::model::protocol::Protocol;
    use std::sync::Arc;

    pub type QActionFactory = Arc<dyn Fn() -> QActionSet + Send + Sync>;

    pub fn qactions_for(_: &Protocol) -> Option<QActionFactory> {
        None
    }
}

pub mod http {
    use std::path::PathBuf;
    use std::sync::Arc;

    use crate::element::world::{Network, Transport};
    use crate::model::id::ElementId;

    #[derive(Default)]
    pub struct HttpOptions {
        pub extra_ca: Vec<PathBuf>,
    }
    pub struct HttpNetwork;
    impl HttpNetwork {
        pub fn new(_: &HttpOptions) -> Result<Self, std::io::Error> {
            Ok(Self)
        }
    }
    impl Network for HttpNetwork {
        fn transport(&self, _: ElementId) -> Arc<dyn Transport> {
            struct Nowhere;
            impl Transport for Nowhere {
                fn send(
                    &self,
                    _: crate::engine::exchange::Request,
                ) -> crate::element::world::WorldFuture<
                    Result<crate::engine::exchange::Response, crate::engine::exchange::ExchangeError>,
                > {
                    Box::pin(std::future::pending())
                }
                fn close(&self, _: crate::engine::exchange::TransportId) {}
            }
            Arc::new(Nowhere)
        }
    }
}

pub mod api {
    use std::future::Future;
    use std::io;
    use std::sync::Arc;

    use crate::agent::Agent;

    pub mod auth {
        use std::{io, net::SocketAddr, path::Path};
        #[derive(Clone)]
        pub struct Secret;
        impl Secret {
            pub fn from_file(path: &Path) -> io::Result<Self> {
                std::fs::read_to_string(path).map(|_| Self)
            }
        }
        pub fn may_listen(address: SocketAddr, token: Option<&Secret>) -> Result<(), String> {
            if address.ip().is_loopback() || token.is_some() {
                return Ok(());
            }
            Err(format!(
                "{address} can be reached from other machines: give a token with --token-file, or listen on 127.0.0.1"
            ))
        }
    }

    #[derive(Default)]
    pub struct ApiOptions {
        pub token: Option<auth::Secret>,
    }

    pub async fn serve(
        _: tokio::net::TcpListener,
        _: Arc<Agent>,
        _: ApiOptions,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        shutdown.await;
        Ok(())
    }
}
