//! A table of 1,005,000 rows and 18 columns in a running element: filled by a QAction, read page by page over the API.
//!
//! Beside it stands the same table in SQLite, in memory, asked for the same pages in turns: compare the two, not the
//! times. Medians of five; the fill is done once.

use std::sync::Arc;
use std::time::Instant;

use adit::agent::Agent;
use adit::api::{ApiOptions, serve};
use adit::element::SetTarget;
use adit::element::config::ElementConfig;
use adit::model::id::{ElementId, ParamId};
use adit::model::value::Value;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::net::{TcpListener, TcpStream};

use crate::definition::loaded;
use crate::definition::loopback::loopback;
use crate::definition::nothing::Nothing;
use crate::definition::wide::{COLUMNS, FILL, cell, filling, wide};
use crate::figures::{median, on_two_cores, resident, tell};

mod definition;
mod figures;

const ROWS: u32 = 1_005_000;
const ROUNDS: usize = 5;
const LIMIT: u32 = 100;

/// A page: what the API is asked, and what SQLite is.
const PAGES: [(&str, &str, &str); 5] = [
    ("the first page", "", "order by place limit 100"),
    (
        "a page in the middle",
        "&offset=500000",
        "order by place limit 100 offset 500000",
    ),
    (
        "sorted, the first page",
        "&sort=1002:desc",
        "order by c1 desc limit 100",
    ),
    (
        "sorted, a page in the middle",
        "&sort=1002:desc&offset=500000",
        "order by c1 desc limit 100 offset 500000",
    ),
    (
        "filtered, sorted",
        "&sort=1002:desc&filter=1018%3C1000",
        "where c17 < 1000 order by c1 desc limit 100",
    ),
];

fn main() {
    on_two_cores().block_on(compare());
}

async fn compare() {
    let database = database();
    let before = resident();
    let agent = started();
    agent.activate().await;
    for round in ["the first fill", "a fill that changes 14 columns"] {
        let begin = Instant::now();
        fill(&agent).await;
        let took = begin.elapsed().as_secs_f64();
        tell(&format!(
            "{round}, shown: {took:.1} s, {:.1} million cells a second",
            f64::from(COLUMNS * ROWS) / took / 1e6
        ));
    }
    tell(&format!(
        "{} bytes a row",
        resident().saturating_sub(before) / ROWS as usize
    ));

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(serve(
        listener,
        Arc::new(agent),
        ApiOptions::default(),
        std::future::pending(),
    ));
    let mut sender = connected(port).await;
    for (what, query, statement) in PAGES {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begin = Instant::now();
            page(&mut sender, query).await;
            ours.push(begin.elapsed().as_secs_f64() * 1e3);
            let begin = Instant::now();
            select(&database, statement);
            theirs.push(begin.elapsed().as_secs_f64() * 1e3);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        tell(&format!(
            "{what}: {ours:.1} ms, SQLite {theirs:.1} ms, ratio {:.2}",
            ours / theirs
        ));
    }
}

fn started() -> Agent {
    let protocol = loaded(&wide());
    let mut config = ElementConfig::prefilled(ElementId(1), "Wide", protocol);
    config.qactions = Arc::new(|| filling(ROWS));
    Agent::spawn(vec![config], &loopback(Arc::new(Nothing)))
}

/// Lets the QAction fill the table: its cells depend on what is set.
async fn fill(agent: &Agent) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ROUND: AtomicU32 = AtomicU32::new(1);
    let target = SetTarget {
        param: ParamId(FILL),
        key: None,
    };
    let round = Value::Number(ROUND.fetch_add(1, Ordering::Relaxed).into());
    let set = agent.elements()[0].set(target, round, "bench").await;
    set.expect("the set is allowed");
}

async fn connected(port: u16) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the API listens");
    let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP is spoken");
    tokio::spawn(connection);
    sender
}

/// Reads a page; it has as many rows as it should.
async fn page(sender: &mut SendRequest<Empty<Bytes>>, query: &str) {
    let request = hyper::Request::get(format!("/api/elements/1/tables/1000?limit={LIMIT}{query}"))
        .header("Host", "127.0.0.1")
        .body(Empty::new())
        .expect("a sound request");
    sender.ready().await.expect("the connection is kept");
    let answer = sender.send_request(request).await.expect("an answer comes");
    let body = answer.into_body().collect().await.expect("its body comes").to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).expect("it is JSON");
    assert_eq!(
        body["rows"].as_array().map(Vec::len),
        Some(LIMIT as usize),
        "{query}: {body}"
    );
}

/// The same table in SQLite.
fn database() -> Connection {
    let database = Connection::open_in_memory().expect("SQLite opens");
    let columns: Vec<String> = (1..COLUMNS).map(|column| format!("c{column} real")).collect();
    let create = format!(
        "create table wide (place integer primary key, c0 text, {})",
        columns.join(", ")
    );
    database.execute_batch(&create).expect("the table is made");
    let marks = vec!["?"; COLUMNS as usize + 1].join(", ");
    let mut insert = database
        .prepare(&format!("insert into wide values ({marks})"))
        .expect("the statement is sound");
    database.execute_batch("begin").expect("a transaction begins");
    for row in 0..ROWS {
        let place = [rusqlite::types::Value::from(row)];
        let cells = (0..COLUMNS).map(|column| match cell(1.0, column, row) {
            Value::Number(number) => number.into(),
            other => other.to_text().to_string().into(),
        });
        let line = rusqlite::params_from_iter(place.into_iter().chain(cells));
        insert.execute(line).expect("the row fits");
    }
    database.execute_batch("commit").expect("it is done");
    drop(insert);
    database
}

fn select(database: &Connection, end: &str) {
    let mut query = database
        .prepare_cached(&format!("select * from wide {end}"))
        .expect("the statement is sound");
    let mut found = query.query([]).expect("it runs");
    let mut rows = 0;
    while let Some(row) = found.next().expect("it goes on") {
        std::hint::black_box(row.get_ref(COLUMNS as usize).expect("the last column"));
        rows += 1;
    }
    assert_eq!(rows, LIMIT, "{end}");
}
