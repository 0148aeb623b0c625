//! What commands that serve have in common: they take an address, tell it on their first line, and run until Ctrl-C.

use std::future::Future;
use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;

use crate::cli::output::{Reader, print};

/// Takes an address. `option` is the one that chooses another.
pub(super) async fn listen(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address} (give another address with {option}; port 0 picks a free one)")
    })
}

/// The first line on stdout.
pub(super) fn announce(address: SocketAddr) -> anyhow::Result<Reader> {
    print(&format!("listening on http://{address}\n"))
}

/// Done at Ctrl-C, and where there is one at the signal to terminate.
#[cfg(unix)]
pub(super) fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let begin = || -> std::io::Result<_> { Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)) };
    let (mut interrupt, mut terminate) = begin().context("signals cannot be received")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done at Ctrl-C.
#[cfg(not(unix))]
pub(super) fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
