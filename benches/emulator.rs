//! How fast the emulated platform is, and how much memory it needs. Run with `cargo bench --bench emulator`, or with
//! `cargo bench --bench emulator -- memory 10000000` for so many requests.
//!
//! The first stands beside a bare axum handler that gives the same answer to the same bodies, over the same connections
//! and clients: compare the two, not the numbers. Where `.ci/clients` installed Prism and `ADIT_OPSGENIE_OPENAPI` names
//! the API definition, Prism's mock of it takes the same load in the same run. The second sends the life of alerts (create, count up, note, close) and
//! prints the memory of this process, clients included, ten times on the way.

#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]

use std::future::Future;
use std::process::Stdio;
use std::time::{Duration, Instant};

use adit::emulator::opsgenie::keys::DEMO_KEY;
use adit::emulator::opsgenie::pending::Pending;
use adit::emulator::opsgenie::seed::Seed;
use adit::emulator::opsgenie::{Options, Platform, serve};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;

use crate::figures::resident;

mod figures;

/// How many connections send at once.
const CONNECTIONS: usize = 16;

/// How many requests of each server are timed, and how often.
const TIMED: usize = 100_000;
const ROUNDS: usize = 3;

/// How many of them Prism gets a round: it takes its time.
const TIMED_OF_PRISM: usize = 4_000;

/// The answer of the bare handler: as long as the platform's.
const ANSWER: &str =
    r#"{"result":"Request will be processed","took":0.004,"requestId":"43a29c5c-3dbf-4fa4-9c26-f4f71023e120"}"#;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let runtime = Runtime::new().expect("a runtime starts");
    match words.as_slice() {
        [] => runtime.block_on(speed()),
        [what, count] if what == "memory" => {
            runtime.block_on(memory(count.parse().expect("a number of requests follows memory")));
        }
        _ => eprintln!("emulator [memory REQUESTS]"),
    }
}

async fn speed() {
    let platform = listening(|listener| serve(listener, platform(), std::future::pending())).await;
    let bare = listening(|listener| async {
        let handler = async |_: Bytes| (StatusCode::ACCEPTED, [("content-type", "application/json")], ANSWER);
        let served = axum::serve(listener, Router::new().route("/v2/alerts", post(handler)));
        served.await.expect("the bare handler is served");
    })
    .await;
    let prism = prism().await;
    let mut servers = vec![
        ("bare axum handler", bare, TIMED),
        ("emulated platform", platform, TIMED),
    ];
    servers.extend(prism.as_ref().map(|(_, port)| ("Prism", *port, TIMED_OF_PRISM)));
    let mut best = [0.0_f64; 3];
    for round in 1..=ROUNDS {
        for (best, &(name, port, requests)) in best.iter_mut().zip(&servers) {
            let began = Instant::now();
            load(port, requests, create).await;
            let rate = requests as f64 / began.elapsed().as_secs_f64();
            *best = best.max(rate);
            println!("round {round}: {name:<17} {rate:>7.0} requests/s");
        }
    }
    let [bare, ours, theirs] = best;
    println!(
        "best of {ROUNDS}: the platform reaches {:.2} of the bare handler",
        ours / bare
    );
    if prism.is_some() {
        println!(
            "best of {ROUNDS}: it answers {:.0} times as often as Prism",
            ours / theirs
        );
    }
}

/// Prism's mock of the API definition and its port, once it answers; none where either is missing.
async fn prism() -> Option<(Child, u16)> {
    let program = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/clients/node/node_modules/.bin/prism"
    );
    let definition = std::env::var("ADIT_OPSGENIE_OPENAPI").ok()?;
    let listener = TcpListener::bind("127.0.0.1:0").await.ok()?;
    let port = listener.local_addr().ok()?.port();
    drop(listener);
    let mut command = Command::new(program);
    command
        .args(["mock", &definition, "--host", "127.0.0.1", "--port"])
        .arg(port.to_string());
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let child = command.spawn().ok()?;
    for _ in 0..300 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Some((child, port));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

async fn memory(requests: usize) {
    let port = listening(|listener| serve(listener, platform(), std::future::pending())).await;
    println!("{:>12} requests {:>8} kB", 0, resident() / 1024);
    let began = Instant::now();
    for part in 1..=10 {
        load(port, requests / 10, life).await;
        let rate = (requests / 10 * part) as f64 / began.elapsed().as_secs_f64();
        println!(
            "{:>12} requests {:>8} kB {rate:>8.0} requests/s",
            requests / 10 * part,
            resident() / 1024
        );
    }
}

fn platform() -> Platform {
    let options = Options {
        seed: Seed::demo(),
        pending: Pending::Millis(0),
        ..Options::default()
    };
    Platform::new(&options).expect("the demo's seed is sound")
}

/// Runs a server; its port.
async fn listening<F: Future<Output = ()> + Send + 'static>(server: impl FnOnce(TcpListener) -> F) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("a listener has an address").port();
    tokio::spawn(server(listener));
    port
}

/// Sends so many requests over all connections, each connection one after the other.
async fn load(port: u16, requests: usize, make: fn(usize) -> (Method, String, String)) {
    static BEGUN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let first = BEGUN.fetch_add(requests, std::sync::atomic::Ordering::Relaxed);
    let clients = (0..CONNECTIONS).map(|connection| {
        tokio::spawn(async move {
            let mut sender = connected(port).await;
            let share = requests / CONNECTIONS;
            for number in 0..share {
                let (method, path, body) = make(first + connection * share + number);
                let request = Request::builder()
                    .method(method)
                    .uri(path)
                    .header("host", "platform.test")
                    .header("content-type", "application/json")
                    .header("authorization", format!("GenieKey {DEMO_KEY}"))
                    .body(Full::new(Bytes::from(body)))
                    .expect("the request is sound");
                let answer = sender.send_request(request).await.expect("an answer comes");
                assert_eq!(answer.status(), StatusCode::ACCEPTED);
                answer.into_body().collect().await.expect("its body comes");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("a client ends in order");
    }
}

async fn connected(port: u16) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the server accepts");
    stream.set_nodelay(true).expect("the socket takes options");
    let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP is spoken");
    tokio::spawn(connection);
    sender
}

fn create(number: usize) -> (Method, String, String) {
    let body = format!(
        r#"{{"message":"Encoder {number}: no input signal","alias":"dm-1-2-{number}","priority":"P2","source":"DataMiner","tags":["Critical","dma:207"],"details":{{"element":"Encoder {number}","value":"12.5"}},"entity":"Encoder {number}","responders":[{{"type":"team","name":"NOC"}}]}}"#
    );
    (Method::POST, "/v2/alerts".to_owned(), body)
}

/// One step in the life of an alert.
fn life(number: usize) -> (Method, String, String) {
    let alert = number / 4;
    let on_alert = |what: &str, body: &str| {
        let path = format!("/v2/alerts/dm-1-2-{alert}/{what}?identifierType=alias");
        (Method::POST, path, body.to_owned())
    };
    match number % 4 {
        0 | 1 => create(alert),
        2 => on_alert("notes", r#"{"note":"Card swapped","user":"ann"}"#),
        _ => on_alert("close", ""),
    }
}
