//! The local API of one process, over a plain socket of its own for each request.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long anything may take that a test waits for. Far longer than it takes, since tests share the machine.
pub(super) const DEADLINE: Duration = Duration::from_secs(60);

/// A row as text: by the name of the column, without that of the table.
pub(super) type Row = BTreeMap<String, String>;

/// The API of the only element of a process.
#[derive(Debug, Clone)]
pub(super) struct Api {
    pub(super) address: SocketAddr,
    /// Where the process writes its log, to show what happened when a wait was in vain.
    pub(super) log: PathBuf,
}

impl Api {
    /// One exchange, as text. An error when the process goes away meanwhile.
    pub(super) async fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<(u16, String)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let answer = String::from_utf8(answer).map_err(io::Error::other)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or(io::ErrorKind::InvalidData)?, body.to_owned()))
    }

    /// What is at a path, which is there.
    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.exchange("GET", path, None).await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Sets a parameter; the status, and the answer.
    pub(super) async fn put(&self, parameter: &str, value: impl Into<Value>) -> io::Result<(u16, Value)> {
        let path = format!("/api/elements/1/parameters/{parameter}");
        let body = json!({ "value": value.into() });
        let (status, body) = self.exchange("PUT", &path, Some(&body)).await?;
        Ok((status, serde_json::from_str(&body).map_err(io::Error::other)?))
    }

    /// Sets a parameter, which is allowed.
    pub(super) async fn set(&self, parameter: &str, value: impl Into<Value>) {
        let (status, answer) = self.put(parameter, value).await.unwrap();
        assert_eq!(status, 200, "{parameter}: {answer}");
    }

    /// Hands over a message, which is accepted.
    pub(super) async fn send(&self, message: &Value) {
        self.set("Message", message.to_string()).await;
    }

    /// What an operator sees of a parameter.
    pub(super) async fn shown(&self, parameter: &str) -> String {
        display(&self.get(&format!("/api/elements/1/parameters/{parameter}")).await)
    }

    /// The rows of a table.
    pub(super) async fn rows(&self, table: &str) -> Vec<Row> {
        rows(&self.get(&path_of(table)).await)
    }

    /// The queue.
    pub(super) async fn operations(&self) -> Vec<Row> {
        self.rows("OpsgenieOperations").await
    }

    /// Waits until a parameter shows what is asked for; gives what it shows.
    pub(super) async fn until_shown(&self, parameter: &str, wanted: impl Fn(&str) -> bool) -> String {
        let path = format!("/api/elements/1/parameters/{parameter}");
        display(&self.until(&path, |value| wanted(&display(value))).await)
    }

    /// Waits until the rows of the queue are as asked for; gives them.
    pub(super) async fn until_operations(&self, wanted: impl Fn(&[Row]) -> bool) -> Vec<Row> {
        let path = path_of("OpsgenieOperations");
        rows(&self.until(&path, |table| wanted(&rows(table))).await)
    }

    /// Waits until the element is as asked for.
    pub(super) async fn until_element(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.until("/api/elements/1", wanted).await
    }

    /// Looks at a path after every change of the element until it holds what is asked for.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let looked = timeout(DEADLINE, async {
            let mut events = self.follow().await;
            loop {
                last = self.get(path).await;
                if wanted(&last) {
                    break;
                }
                let mut some = vec![0; 65_536];
                assert_ne!(events.read(&mut some).await.unwrap(), 0, "the events have ended");
            }
        });
        if looked.await.is_err() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            panic!("waited in vain; {path} is {last:#}\n{log}");
        }
        last
    }

    /// The stream of events, its head read: every change from now on is in it.
    pub(super) async fn follow(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 200 "));
        stream
    }
}

/// Whether the queue is the one row with this state.
pub(super) fn is_one(state: &str) -> impl Fn(&[Row]) -> bool {
    move |rows| rows.len() == 1 && rows[0]["State"] == state
}

fn path_of(table: &str) -> String {
    format!("/api/elements/1/tables/{table}?limit=1000")
}

fn display(parameter: &Value) -> String {
    parameter["display"].as_str().unwrap_or_default().to_owned()
}

fn rows(table: &Value) -> Vec<Row> {
    let name = table["name"].as_str().unwrap();
    let columns = table["columns"].as_array().unwrap();
    let columns: Vec<&str> = columns
        .iter()
        .map(|column| {
            let column = column["name"].as_str().unwrap();
            column.strip_prefix(name).unwrap_or(column)
        })
        .collect();
    let row = |row: &Value| {
        let cells = row["cells"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| match &cell["value"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
        columns.iter().map(|&column| column.to_owned()).zip(cells).collect()
    };
    table["rows"].as_array().unwrap().iter().map(row).collect()
}
