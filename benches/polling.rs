//! Polling over loopback, beside a bare hyper client that asks the same server.
//!
//! Eight elements poll as fast as they may, a hundred exchanges a round on a connection that is kept; eight tasks with a
//! hyper client each send the same requests. Five rounds of each, in turns; the goal is a ratio of 0.8.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adit::agent::Agent;
use adit::element::config::ElementConfig;
use adit::model::id::ElementId;
use adit::store::memory::MemoryStore;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::definition::loopback::loopback;
use crate::definition::{definition, loaded, param};
use crate::figures::{median, on_two_cores, tell};

mod definition;
mod figures;

const ROUNDS: usize = 5;
const SIDE_BY_SIDE: u32 = 8;
const EXCHANGES: u32 = 100;
const ROUND: Duration = Duration::from_secs(2);

/// The requests that the server answered.
static ANSWERED: AtomicU64 = AtomicU64::new(0);

fn main() {
    on_two_cores().block_on(compare());
}

async fn compare() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let server = listener.local_addr().expect("it is bound");
    tokio::spawn(serve(listener));
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let clients: tokio::task::JoinSet<()> = (0..SIDE_BY_SIDE).map(|_| ask(server)).collect();
        bare.push(counted().await);
        drop(clients);
        let agent = Agent::spawn(elements(server), &loopback(Arc::new(MemoryStore::default())));
        agent.activate().await;
        ours.push(counted().await);
        agent.shutdown().await;
    }
    let (bare, ours) = (median(bare), median(ours));
    tell(&format!("bare hyper: {bare:.0} exchanges a second"));
    tell(&format!("elements: {ours:.0} exchanges a second"));
    tell(&format!("ratio: {:.2} (goal: 0.8)", ours / bare));
}

async fn serve(listener: TcpListener) {
    let answer = |_: hyper::Request<Incoming>| async {
        ANSWERED.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from_static(b"{\"a\":1}"))))
    };
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

/// Asks without end.
async fn ask(server: SocketAddr) {
    let stream = TcpStream::connect(server).await.expect("the server listens");
    let _ = stream.set_nodelay(true);
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.expect("the server speaks HTTP");
    let driver = tokio::spawn(connection);
    let host = server.to_string();
    loop {
        // What an element sends.
        let request = hyper::Request::get("/a")
            .header("Host", &host)
            .header("User-Agent", "DataMiner/1.0")
            .header("Accept-Encoding", "gzip, deflate")
            .header("Connection", "Keep-Alive");
        let request = request.body(Empty::<Bytes>::new()).expect("a sound request");
        let Ok(response) = sender.send_request(request).await else {
            break;
        };
        let _ = response.into_body().collect().await;
    }
    driver.abort();
}

/// The exchanges a second in one round, when it is on its way.
async fn counted() -> f64 {
    tokio::time::sleep(ROUND / 4).await;
    let before = ANSWERED.load(Ordering::Relaxed);
    let begin = tokio::time::Instant::now();
    tokio::time::sleep(ROUND).await;
    (ANSWERED.load(Ordering::Relaxed) - before) as f64 / begin.elapsed().as_secs_f64()
}

fn elements(server: SocketAddr) -> Vec<ElementConfig> {
    let exchanges: String = (1..=EXCHANGES)
        .map(|id| {
            format!(
                "<Connection id=\"{id}\"><Request verb=\"GET\" url=\"/a\"/><Response statusCode=\"1\"><Content pid=\"2\"/></Response></Connection>"
            )
        })
        .collect();
    let sections = format!(
        "<Params>{}{}</Params><HTTP><Session id=\"1\" keepAlive=\"true\">{exchanges}</Session></HTTP>\
         <Groups><Group id=\"1\"><Content><Session>1</Session></Content></Group></Groups>\
         <Timers><Timer id=\"1\"><Time initial=\"true\">loop</Time><Interval>0</Interval><Content><Group>1</Group></Content></Timer></Timers>",
        param(1, "read", "string", "string"),
        param(2, "read", "string", "string"),
    );
    let protocol = loaded(&definition(&sections));
    let config = |id| {
        let mut config = ElementConfig::prefilled(ElementId(id), &format!("Element {id}"), Arc::clone(&protocol));
        for connection in &mut config.settings.connections {
            connection.host = server.ip().to_string();
            connection.port = server.port();
        }
        config
    };
    (1..=SIDE_BY_SIDE).map(config).collect()
}
