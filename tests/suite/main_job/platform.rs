//! The emulated platform on a port that stays the same while it goes down and comes up again.

use adit::emulator::opsgenie::journal::JournalEntry;
use adit::emulator::opsgenie::pending::Pending;
use adit::emulator::opsgenie::seed::Seed;
use adit::emulator::opsgenie::{Options, Platform, serve};
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::running::KEY;

/// A socket that has a port, and does not listen.
fn reserve(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], port).into()).unwrap();
    socket
}

/// A platform with the demo's teams and the one key.
pub(super) struct Site {
    pub(super) platform: Platform,
    pub(super) port: u16,
    /// Keeps the port while nobody listens at it: who connects is refused, and nobody else gets it.
    reserved: Option<TcpSocket>,
    serving: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Site {
    /// It answers at once, and processes soon.
    pub(super) async fn up() -> Self {
        Self::with_faults(&[]).await
    }

    pub(super) async fn with_faults(rules: &[&str]) -> Self {
        let mut site = Self::down(rules);
        site.come_up().await;
        site
    }

    /// Nobody listens at its port yet.
    pub(super) fn down(rules: &[&str]) -> Self {
        let reserved = reserve(0);
        let port = reserved.local_addr().unwrap().port();
        let options = Options {
            keys: vec![KEY.to_owned()],
            seed: Seed::demo(),
            pending: Pending::Millis(50),
            faults: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
            ..Options::default()
        };
        Self {
            platform: Platform::new(&options).unwrap(),
            port,
            reserved: Some(reserved),
            serving: None,
        }
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) async fn come_up(&mut self) {
        let listener: TcpListener = self.reserved.take().unwrap().listen(1024).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(serve(listener, self.platform.clone(), shutdown));
        self.serving = Some((stop, serving));
    }

    pub(super) async fn go_down(&mut self) {
        let (stop, serving) = self.serving.take().unwrap();
        drop(stop);
        serving.await.unwrap();
        self.reserved = Some(reserve(self.port));
    }

    /// The requests about alerts that came so far, questions left out.
    pub(super) fn writes(&self) -> Vec<JournalEntry> {
        let journal = self.platform.journal().into_iter();
        journal.filter(|entry| entry.method != "GET").collect()
    }

    /// The alerts with an alias.
    pub(super) fn alerts(&self, alias: &str) -> Vec<Value> {
        let alerts = self.platform.alerts().into_iter();
        alerts.filter(|alert| alert["alias"] == alias).collect()
    }
}
