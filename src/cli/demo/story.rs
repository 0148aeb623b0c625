//! The story: what is done to the element, and what happens, told as it happens. Afterwards it goes on telling.

use std::env;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::cli::demo::narrator::Narrator;
use crate::cli::demo::{ELEMENT, FILE};
use crate::cli::output::{columns, member, print, printable};
use crate::element::view::ElementEvent;
use crate::element::{Element, SetTarget};
use crate::emulator::opsgenie::Platform;
use crate::emulator::opsgenie::keys::DEMO_KEY;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// Who makes the sets.
const USER: &str = "demo";

/// How long a step is waited for. Where nothing is put in its way it takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// The messages: what is said before, the key of the row, and the message as it is set.
const MESSAGES: [(&str, &str, &str); 3] = [
    (
        "A correlation rule would set an alert message on the parameter Message:",
        "demo-1",
        r#"{"op":"create","id":"demo-1","alias":"encoder-7","message":"Encoder 7: no input signal","priority":"P2"}"#,
    ),
    (
        "Somebody takes the alarm over:",
        "demo-2",
        r#"{"op":"acknowledge","id":"demo-2","alias":"encoder-7","user":"jane","note":"On it"}"#,
    ),
    (
        "A message that the platform refuses, since there is no priority P9:",
        "demo-3",
        r#"{"op":"create","id":"demo-3","alias":"encoder-8","message":"Encoder 8: no input signal","priority":"P9"}"#,
    ),
];

/// What the story is about.
pub(super) struct Story {
    pub(super) api: SocketAddr,
    pub(super) platform_address: SocketAddr,
    pub(super) platform: Platform,
    pub(super) protocol: Arc<Protocol>,
}

/// The changes of the element, and what was told of them.
struct Telling {
    changes: Receiver<ElementEvent>,
    narrator: Narrator,
    begun: Instant,
}

impl Story {
    /// Tells the story, then whatever else happens.
    pub(super) async fn tell(&self, element: &Element) -> anyhow::Result<()> {
        let mut telling = Telling {
            changes: element.follow(),
            narrator: Narrator::new(Arc::clone(&self.protocol)),
            begun: Instant::now(),
        };
        self.say_where_things_are()?;
        say("The element gets the API key and reads the teams:")?;
        self.set(element, "ApiKey", &format!("GenieKey {DEMO_KEY}")).await?;
        telling.until(Narrator::has_teams).await?;

        for (what, key, message) in MESSAGES {
            say(&format!("{what}\n  {message}"))?;
            self.set(element, "Message", message).await?;
            telling.until(|narrator| narrator.has_ended(key)).await?;
        }
        self.say_what_the_platform_has()?;
        say("Completed messages leave the table after 10 s; the refused one stays, with its reason:")?;
        telling.until(Narrator::has_cleared).await?;
        self.say_what_to_try()?;
        telling.on().await
    }

    async fn set(&self, element: &Element, name: &str, value: &str) -> anyhow::Result<()> {
        let Some(param) = self.protocol.param_to_set(name) else {
            return say(&format!("there is no parameter {name}"));
        };
        let target = SetTarget {
            param: param.id,
            key: None,
        };
        match element.set(target, Value::from(value), USER).await {
            Ok(()) => Ok(()),
            Err(refused) => say(&format!("{name} was not set: {refused}")),
        }
    }

    fn say_where_things_are(&self) -> anyhow::Result<()> {
        let platform = self.platform_address;
        let (name, version) = (self.protocol.name(), self.protocol.version());
        print(&format!(
            "  local API and page of the element {ELEMENT} ({name} {version}, {FILE})\n\
             emulated Opsgenie platform on http://{platform}\n  \
             its alerts as a page; nobody is paged, and nothing leaves this machine\n"
        ))?;
        Ok(())
    }

    fn say_what_the_platform_has(&self) -> anyhow::Result<()> {
        say("What the platform has now:")?;
        let alerts = self.platform.alerts();
        let rows: Vec<Vec<String>> = alerts.iter().map(row).collect();
        for line in columns(&rows).lines() {
            print(&format!("  {line}\n"))?;
        }
        Ok(())
    }

    fn say_what_to_try(&self) -> anyhow::Result<()> {
        let Self {
            api, platform_address, ..
        } = self;
        let adit = env::args().next().unwrap_or_else(|| "adit".to_owned());
        // The commands find the default address by themselves.
        let url = match api.to_string().as_str() {
            "127.0.0.1:8420" => String::new(),
            other => format!(" --url http://{other}"),
        };
        say(&format!(
            "Try next, in another terminal:\n  \
             {adit} table {ELEMENT} OpsgenieTeams{url}\n  \
             {adit} table {ELEMENT} OpsgenieOperations{url}\n  \
             {adit} set {ELEMENT} Message '{{\"op\":\"close\",\"alias\":\"encoder-7\"}}'{url}\n  \
             {adit} set {ELEMENT} ClearTable 1{url}\n  \
             {adit} watch {ELEMENT}{url}\n  \
             curl http://{api}/api/elements/{ELEMENT}/parameters\n  \
             curl -X PUT http://{platform_address}/emulator/faults -d '{{\"faults\":[\"create:503@2\"]}}'\n  \
             curl http://{platform_address}/emulator/journal\n\
             Whatever happens is told here, until Ctrl-C."
        ))
    }
}

impl Telling {
    /// Tells what happens until it has come so far, or nothing more is to be expected.
    async fn until(&mut self, done: impl Fn(&Narrator) -> bool) -> anyhow::Result<()> {
        let so_far = async {
            while !done(&self.narrator) {
                self.next().await?;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(PATIENCE, so_far).await {
            Ok(told) => told,
            Err(_) => say(&format!("nothing more within {} s", PATIENCE.as_secs())),
        }
    }

    /// Tells what happens, without end.
    async fn on(&mut self) -> anyhow::Result<()> {
        loop {
            self.next().await?;
        }
    }

    /// Waits for a change, and tells it.
    async fn next(&mut self) -> anyhow::Result<()> {
        let line = match self.changes.recv().await {
            Ok(change) => self.narrator.tell(&change),
            Err(RecvError::Lagged(missed)) => Some(format!("{missed} changes went by too fast to be told")),
            // The element is gone with its last change, and so is the program soon.
            Err(RecvError::Closed) => std::future::pending().await,
        };
        if let Some(line) = line {
            print(&format!("  {:>5.1} s  {line}\n", self.begun.elapsed().as_secs_f64()))?;
        }
        Ok(())
    }
}

/// A new part of the story.
fn say(text: &str) -> anyhow::Result<()> {
    print(&format!("\n{text}\n"))?;
    Ok(())
}

/// An alert of the platform, as columns.
fn row(alert: &Json) -> Vec<String> {
    let acknowledged = match alert["acknowledged"].as_bool() {
        Some(true) => "acknowledged",
        Some(false) | None => "",
    };
    let status = format!("{} {acknowledged}", member(alert, "status"));
    let mut row = vec![format!("#{}", member(alert, "tinyId")), status];
    row.extend(["priority", "alias", "message"].map(|name| printable(&member(alert, name))));
    row
}
