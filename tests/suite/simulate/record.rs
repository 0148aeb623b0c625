//! Recording: what an element exchanges with a real server on loopback, as a cassette.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use adit::element::config::ElementConfig;
use adit::element::lifecycle::StateRequest;
use adit::element::neighbours::Neighbours;
use adit::element::world::{SystemClock, TraceSink, World};
use adit::element::{Element, task};
use adit::engine::effect::Effect;
use adit::http::{HttpNetwork, HttpOptions, SystemProxy};
use adit::model::id::ElementId;
use adit::model::moment::Moment;
use adit::model::protocol::Protocol;
use adit::simulate::cassette::Cassette;
use adit::simulate::record::Recorder;
use adit::simulate::trace::TraceWriter;
use adit::store::memory::MemoryStore;
use axum::Router;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::replayed;

/// What the element knows from its definition, and what the server makes up.
const KEY: &str = "s3cret/\"key\" é";
const TOKEN: &str = "t0ken+of\\session";

/// Logs in with the key, then asks for the status with both: as parameters of the URL, and in a body.
fn definition(token: &str) -> Arc<Protocol> {
    let param = |id: u32, name: &str, measurement: &str, value: &str| {
        format!(
            "<Param id=\"{id}\"><Name>{name}</Name><Description>{name}</Description><Type>read</Type><Interprete>\
             <RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType>{value}</Interprete>\
             <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type{measurement}>string</Type></Measurement></Param>"
        )
    };
    let key = format!("<DefaultValue>{KEY}</DefaultValue>");
    let params = [
        param(20, "Key", " options=\"password\"", &key),
        param(21, "Token", token, ""),
        param(22, "Status", "", ""),
    ];
    let xml = format!(
        r#"<Protocol><Name>Device</Name><Version>1.0.0.1</Version><Type>http</Type>
        <Params>{}</Params>
        <HTTP>
          <Session id="1" name="Login"><Connection id="1">
            <Request verb="POST" url="/login"><Headers><Header key="Authorization" pid="20"/></Headers><Data pid="20"/></Request>
            <Response><Content pid="21"/></Response>
          </Connection></Session>
          <Session id="2" name="Status"><Connection id="1">
            <Request verb="GET" url="/status?a=1"><Parameters><Parameter key="key" pid="20"/><Parameter key="token" pid="21"/></Parameters></Request>
            <Response><Content pid="22"/></Response>
          </Connection></Session>
        </HTTP>
        <Triggers><Trigger id="1"><Name>T</Name><On id="21">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>
        <Actions><Action id="1"><Name>A</Name><On id="2">group</On><Type>execute next</Type></Action></Actions>
        <Groups>
          <Group id="1"><Name>G1</Name><Description>G1</Description><Content><Session>1</Session></Content></Group>
          <Group id="2"><Name>G2</Name><Description>G2</Description><Content><Session>2</Session></Content></Group>
        </Groups>
        <Timers><Timer id="1"><Name>T</Name><Time initial="true">3600000</Time><Interval>0</Interval><Content><Group>1</Group></Content></Timer></Timers>
        </Protocol>"#,
        params.concat()
    );
    let loaded = adit::schema::load("protocol.xml", &xml);
    Arc::new(loaded.protocol.unwrap())
}

/// A device on loopback, as long as the set lives.
async fn device(serving: &mut JoinSet<()>) -> u16 {
    let status = format!("{{\"token\": {}, \"up\": true}}", Value::from(TOKEN));
    let router = Router::new()
        .route("/login", post(|| async { ([(SET_COOKIE, "session=c00kie")], TOKEN) }))
        .route(
            "/status",
            get(|| async move { ([(CONTENT_TYPE, "application/json")], status) }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

/// Sends each line of the trace.
struct Lines(TraceWriter, mpsc::UnboundedSender<String>);

impl TraceSink for Lines {
    fn record(&mut self, at: Moment, effect: &Effect) {
        if let Some(line) = self.0.line(at, effect) {
            // Nobody listens any more when everything has been seen.
            let _ = self.1.send(line);
        }
    }
}

/// Runs an element against the device until group 2 is done, and gives its trace.
async fn recorded(protocol: &Arc<Protocol>, port: u16, file: &Path) -> Vec<String> {
    let mut config = ElementConfig::prefilled(ElementId(1), "Device", Arc::clone(protocol));
    config.trace = true;
    "http://127.0.0.1".clone_into(&mut config.settings.connections[0].host);
    config.settings.connections[0].port = port;
    let network = HttpNetwork::new(&HttpOptions {
        system_proxy: SystemProxy::Off,
        ..HttpOptions::default()
    });
    let (told, mut lines) = mpsc::unbounded_channel();
    let traced = Arc::clone(protocol);
    let world = World {
        network: Arc::new(network.unwrap()),
        store: Arc::new(MemoryStore::default()),
        clock: Arc::new(SystemClock),
        trace: Some(Arc::new(move |_| {
            Box::new(Lines(TraceWriter::new(Arc::clone(&traced)), told.clone()))
        })),
    };
    let recorder = Recorder::create(file).unwrap();
    let world = recorder.around(world, BTreeMap::from([(ElementId(1), Arc::clone(protocol))]));
    let (element, commands) = Element::new(config);
    let mut running = JoinSet::new();
    running.spawn(task::run(
        &element,
        commands,
        world,
        Neighbours::of(std::slice::from_ref(&element)),
    ));
    element.request_state(StateRequest::Activate).await;
    let mut trace: Vec<String> = Vec::new();
    while !trace
        .last()
        .is_some_and(|line| line.contains(r#""kind":"group","id":2,"phase":"end""#))
    {
        trace.push(lines.recv().await.unwrap());
    }
    let recorded = recorder.recorded();
    assert_eq!((recorded.exchanges, recorded.ended), (2, None));
    trace
}

/// A line without its time.
fn timeless(line: &str) -> Value {
    let mut line: Value = serde_json::from_str(line).unwrap();
    line.as_object_mut().unwrap().remove("at");
    line
}

#[tokio::test]
async fn a_recorded_session_replays_to_the_same_trace() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.har");
    let mut serving = JoinSet::new();
    let port = device(&mut serving).await;
    let protocol = definition("");
    let recorded = recorded(&protocol, port, &file).await;

    let cassette = Cassette::parse(&fs::read_to_string(&file).unwrap()).unwrap();
    let replayed = replayed(&protocol, port, &cassette, &[], 60_000);
    let timeless = |lines: &[String]| lines.iter().map(|line| timeless(line)).collect::<Vec<_>>();
    assert_eq!(timeless(&replayed), timeless(&recorded));
    assert!(recorded.iter().any(|line| line.contains(r#""status":200"#)));
}

#[tokio::test]
async fn gop_44_no_secret_gets_into_a_cassette_even_one_that_is_learned_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("device.har");
    let mut serving = JoinSet::new();
    let port = device(&mut serving).await;
    let protocol = definition(" options=\"password\"");
    recorded(&protocol, port, &file).await;

    let text = fs::read_to_string(&file).unwrap();
    for part in ["s3cret", "t0ken", "c00kie", "session"] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    let har: Value = serde_json::from_str(&text).unwrap();
    let entries = &har["log"]["entries"];
    assert_eq!(har["log"]["version"], "1.2");
    assert_eq!(entries[0]["request"]["postData"]["text"], "***");
    assert_eq!(entries[0]["response"]["content"]["text"], "***");
    assert_eq!(
        entries[1]["request"]["url"],
        format!("http://127.0.0.1:{port}/status?a=1&key=***&token=***")
    );
    assert_eq!(
        entries[1]["request"]["queryString"][1],
        serde_json::json!({"name": "key", "value": "***"})
    );
    assert_eq!(
        entries[1]["response"]["content"]["text"],
        r#"{"token": "***", "up": true}"#
    );
    assert!(!folder.path().join("device.har.part").exists());

    // It still replays: what was masked stands for any text.
    let cassette = Cassette::parse(&text).unwrap();
    let trace = replayed(&protocol, port, &cassette, &[], 60_000).concat();
    assert!(
        trace.contains(r#""id":22,"value":"{\"token\": \"***\", \"up\": true}""#),
        "{trace}"
    );
}

#[test]
fn err_a_file_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Recorder::create(folder.path()).is_err());
    assert!(Recorder::create(&folder.path().join("missing/device.har")).is_err());
}
