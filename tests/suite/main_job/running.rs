//! `adit run` as a process of its own, and the folder in which it keeps what it keeps.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::api::Api;

/// The definition that is shipped.
pub(super) const DEFINITION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/protocol/opsgenie/protocol.xml");

/// A key, in the form the platform's keys have.
pub(super) const KEY: &str = "5ec2e7ab-1d3a-4c1e-9f00-c0ffee123456";

/// A folder with the store and the log of one element. Another process in the same place goes on where the first ended.
pub(super) struct Place {
    folder: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The definition with the shortest element timeout there is, as another protocol.xml.
    pub(super) fn impatient_definition(&self) -> PathBuf {
        let text = fs::read_to_string(DEFINITION).unwrap();
        let (before, limit) = text.split_once("<TimeoutTimeElement>").unwrap();
        let limit = limit.replacen("30000", "1000", 1);
        let path = self.file("protocol.xml");
        fs::write(&path, format!("{before}<TimeoutTimeElement>{limit}")).unwrap();
        path
    }

    /// `adit run` with a definition, the store of this place and a free port for the API.
    pub(super) fn run(&self, definition: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
        command.arg("run").arg(definition);
        command.args(["--name", "Opsgenie", "--listen", "127.0.0.1:0"]);
        command.arg("--store").arg(self.file("store.sqlite"));
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env_remove("ADIT_LOG");
        command
    }

    /// `adit run` of the shipped definition, whose platform is at a port of this machine.
    pub(super) fn element(&self, port: u16) -> Command {
        let mut command = self.run(DEFINITION);
        command.args(["--host", "http://127.0.0.1", "--port", &port.to_string()]);
        command
    }

    /// The same, with the key.
    pub(super) fn element_with_key(&self, port: u16) -> Command {
        let mut command = self.element(port);
        command.arg("--set").arg(format!("ApiKey=GenieKey {KEY}"));
        command
    }

    /// Starts a command, and waits until its element is active.
    pub(super) async fn start(&self, mut command: Command) -> Running {
        let log = self.file("log");
        let stderr = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        command.stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let (listens, first) = oneshot::channel();
        let stdout = Arc::new(Mutex::new(String::new()));
        let rest = Arc::clone(&stdout);
        std::thread::spawn(move || {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            rest.lock().push_str(&line);
            // A test that has ended does not listen any more.
            let _ = listens.send(line);
            let mut others = String::new();
            lines.read_to_string(&mut others).unwrap();
            rest.lock().push_str(&others);
        });
        let first = first.await.unwrap();
        let Some(address) = first.strip_prefix("listening on http://") else {
            panic!("{first:?}\n{}", fs::read_to_string(&log).unwrap());
        };
        let address = address.trim_end().parse().unwrap();
        let running = Running {
            child,
            api: Api { address, log },
            stdout,
        };
        // The API is there before the element is.
        running.api.until_element(|element| element["state"] == "active").await;
        running
    }

    /// The log of all processes so far.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }

    /// Every byte that is kept here, file by file.
    pub(super) fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(self.folder.path()).unwrap();
        let read = |path: PathBuf| {
            let mut bytes = Vec::new();
            File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
            (path, bytes)
        };
        files.map(|file| read(file.unwrap().path())).collect()
    }
}

/// A process that runs; killed when the test is done with it.
pub(super) struct Running {
    child: Child,
    pub(super) api: Api,
    stdout: Arc<Mutex<String>>,
}

impl Running {
    /// Ends it as a crash does: nothing is finished, nothing is written any more.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order; how it ended, and what it wrote to stdout.
    pub(super) async fn terminate(mut self) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        let stdout = Arc::clone(&self.stdout);
        let status = tokio::task::spawn_blocking(move || self.child.wait().unwrap())
            .await
            .unwrap();
        let stdout = stdout.lock().clone();
        (status, stdout)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
