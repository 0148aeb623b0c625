//! STAND-IN for schema, connectors, http and api, with the faces that `cli::run` calls; not for main.
#![allow(
    missing_docs,
    clippy::unused_async,
    clippy::missing_errors_doc,
    clippy::needless_pass_by_value
)]

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
