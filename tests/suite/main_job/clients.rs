//! Clients that were written without adit, against the emulated platform: Opsgenie's own SDKs, tygenie, Apprise and
//! Prometheus Alertmanager. `.ci/clients` installs them, and `bash .ci/test` runs these tests too.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use adit::emulator::opsgenie::pending::Pending;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

use super::api::DEADLINE;
use super::platform::Site;
use super::running::KEY;

/// A file of `tests/clients`.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// What `.ci/clients` installed.
pub(super) fn installed(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients").join(name);
    assert!(path.exists(), "{} is missing: run .ci/clients first", path.display());
    path
}

/// Runs a client to its end, without error, and gives the lines that it wrote.
async fn lines(mut command: Command) -> String {
    let output = timeout(DEADLINE, command.kill_on_drop(true).output());
    let output = output.await.expect("it ends in time").unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}\n{lines}\n{errors}", output.status);
    lines
}

fn python(script: &str, site: &Site) -> Command {
    let mut command = Command::new(installed("python/bin/python"));
    command.arg(source("python").join(script)).args([&site.url(), KEY]);
    command
}

/// A platform that processes at once, as clients expect that ask for the verdict only once.
async fn prompt_site() -> Site {
    let site = Site::up().await;
    site.platform.set_pending(Pending::Millis(0));
    site
}

#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn the_official_python_sdk_lives_through_an_alert() {
    let site = prompt_site().await;
    insta::assert_snapshot!(lines(python("official.py", &site)).await);
}

/// It knows a pending request only as 200 without success; the 404 of the real platform ends it (complaint 2).
#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn the_official_python_sdk_ends_at_the_404_of_a_pending_request() {
    let site = Site::up().await;
    site.platform.set_pending(Pending::Never);
    let output = timeout(DEADLINE, python("official.py", &site).output()).await.unwrap();
    let errors = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(errors.contains("RequestNotProcessed"), "{errors}");
}

#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn the_client_generated_from_the_api_definition_reads_teams_and_alerts() {
    let site = prompt_site().await;
    insta::assert_snapshot!(lines(python("teams.py", &site)).await);
}

/// A notification to a team and a user is two creates with one alias: the second only counts.
#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn apprise_notifies() {
    let site = prompt_site().await;
    lines(python("notify.py", &site)).await;
    let alerts = site.platform.alerts();
    let told = |alert: &Value| json!([alert["alias"], alert["message"], alert["priority"], alert["count"]]);
    assert_eq!(
        alerts.iter().map(told).collect::<Vec<_>>(),
        [json!(["dm-apprise", "Encoder 12", "P5", 2])]
    );
}

#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn the_official_node_sdk_lives_through_an_alert() {
    let site = prompt_site().await;
    let mut command = Command::new("node");
    command.arg(source("node/official.js")).args([&site.url(), KEY]);
    command.env("NODE_PATH", installed("node/node_modules"));
    insta::assert_snapshot!(lines(command).await);
}

fn go(site: &Site) -> Command {
    let mut command = Command::new(installed("go-official"));
    command.args([&format!("127.0.0.1:{}", site.port), KEY]);
    command
}

#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn the_official_go_sdk_lives_through_an_alert() {
    let site = prompt_site().await;
    insta::assert_snapshot!(lines(go(&site)).await);
}

#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn the_official_go_sdk_asks_again_while_a_request_is_pending() {
    let site = Site::up().await;
    site.platform.set_pending(Pending::Millis(500));
    let mut command = go(&site);
    command.arg("create only");
    let told = lines(command).await;
    assert!(told.contains(r#""status":"Created alert""#), "{told}");
    let journal = site.platform.journal();
    let polls = journal.iter().filter(|entry| entry.operation == Some("status"));
    let answers: Vec<_> = polls.map(|entry| entry.status).collect();
    assert_eq!(answers, [Some(404), Some(200)]);
}

/// Prometheus Alertmanager on a free port, which notifies at once.
struct Alertmanager {
    _child: Child,
    _folder: tempfile::TempDir,
    address: String,
}

impl Alertmanager {
    async fn start(site: &Site) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("alertmanager.yml");
        let receiver = json!({
            "api_url": format!("{}/", site.url()), "api_key": KEY, "update_alerts": true, "priority": "P1",
            "message": "{{ .CommonLabels.alertname }}: {{ .CommonAnnotations.summary }}"
        });
        // JSON is YAML, too.
        let text = json!({
            "route": {"receiver": "opsgenie", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"},
            "receivers": [{"name": "opsgenie", "opsgenie_configs": [receiver]}]
        });
        std::fs::write(&config, text.to_string()).unwrap();
        let mut command = Command::new("prometheus-alertmanager");
        command.arg(format!("--config.file={}", config.display()));
        command.args(["--web.listen-address=127.0.0.1:0", "--cluster.listen-address="]);
        command.arg(format!("--storage.path={}", folder.path().join("data").display()));
        let mut child = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = timeout(DEADLINE, async {
            loop {
                let line = log.next_line().await.unwrap().expect("it listens before it ends");
                if let Some((_, address)) = line.split_once("msg=\"Listening on\" address=") {
                    break address.to_owned();
                }
            }
        });
        let address = address.await.expect("it listens in time");
        // It must not block on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self {
            _child: child,
            _folder: folder,
            address,
        }
    }

    /// Tells it of an alert, which ends at a time in the past or is still there.
    async fn tell(&self, ends: Option<&str>) {
        let labels = json!({"alertname": "SignalLost", "element": "Encoder 12/3"});
        let mut alert = json!({"labels": labels, "annotations": {"summary": "é😀 ".repeat(60)}});
        if let Some(ends) = ends {
            alert["startsAt"] = json!("2026-01-01T00:00:00Z");
            alert["endsAt"] = json!(ends);
        }
        let body = json!([alert]).to_string();
        let request = format!(
            "POST /api/v2/alerts HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

/// Looks at the platform until it is as asked for.
async fn until(site: &Site, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut ticks = interval(std::time::Duration::from_millis(20));
    let looked = timeout(DEADLINE, async {
        loop {
            ticks.tick().await;
            let alerts = site.platform.alerts();
            if wanted(&alerts) {
                break alerts;
            }
        }
    });
    match looked.await {
        Ok(alerts) => alerts,
        Err(_) => panic!(
            "waited in vain: {:#?}\n{:#?}",
            site.platform.alerts(),
            site.platform.journal()
        ),
    }
}

/// It sends create, message and description back to back: they are processed in order of arrival (complaint 5 for 429).
#[tokio::test]
#[ignore = "needs the clients that .ci/clients installs"]
async fn alertmanager_raises_updates_and_closes_also_when_it_is_throttled() {
    let site = Site::up().await;
    site.platform.set_faults(vec!["create:429@2".parse().unwrap()]);
    let manager = Alertmanager::start(&site).await;
    manager.tell(None).await;
    let updated = |alerts: &[Value]| alerts.len() == 1 && alerts[0]["description"] != "";
    let alerts = until(&site, updated).await;
    let message = alerts[0]["message"].as_str().unwrap();
    assert_eq!(
        (message.chars().count(), message.ends_with('…')),
        (130, true),
        "{message}"
    );
    assert_eq!(alerts[0]["priority"], "P1");

    manager.tell(Some("2026-01-02T00:00:00Z")).await;
    let alerts = until(&site, |alerts| alerts[0]["status"] == "closed").await;
    assert_eq!(alerts.len(), 1);
    let journal = site.platform.journal();
    let throttled = journal.iter().filter(|entry| entry.status == Some(429)).count();
    assert_eq!(throttled, 2);
}
