//! Alarms as an operator meets them: by the thresholds of the definition, over the API and its events.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::running::Place;

const DEFINITION: &str = r#"<Protocol>
  <Name>Level Meter</Name>
  <Version>1.0.0.1</Version>
  <Type>virtual</Type>
  <Params>
    <Param id="1">
      <Name>Level</Name>
      <Description>Level</Description>
      <Type>read</Type>
      <Interprete><RawType>numeric text</RawType><Type>double</Type><LengthType>next param</LengthType></Interprete>
      <Display>
        <RTDisplay>true</RTDisplay>
        <Positions><Position><Page>General</Page><Row>0</Row><Column>0</Column></Position></Positions>
      </Display>
      <Measurement><Type>number</Type></Measurement>
      <Alarm><Monitored>true</Monitored><WaH>80</WaH><CH>95</CH></Alarm>
    </Param>
    <Param id="2" setter="true">
      <Name>Level</Name>
      <Description>Level</Description>
      <Type>write</Type>
      <Interprete><RawType>numeric text</RawType><Type>double</Type><LengthType>next param</LengthType></Interprete>
      <Display><RTDisplay>true</RTDisplay></Display>
      <Measurement><Type>number</Type></Measurement>
    </Param>
  </Params>
</Protocol>
"#;

/// Writes the definition, and the agent file with an element that has this line too.
fn configure(place: &Place, line: &str) {
    std::fs::write(place.file("protocol.xml"), DEFINITION).unwrap();
    let config =
        format!("store = \"store.sqlite\"\n[[element]]\nname = \"Opsgenie\"\nprotocol = \"protocol.xml\"\n{line}\n");
    std::fs::write(place.file("adit.toml"), config).unwrap();
}

/// `adit run` with that agent file.
fn run(place: &Place) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_adit"));
    command.args(["run", "--config", "adit.toml", "--listen", "127.0.0.1:0"]);
    command.current_dir(place.file(""));
    command
}

/// An alarm without its time, which differs from run to run.
fn timeless(mut alarms: Value) -> Value {
    for alarm in alarms.as_array_mut().unwrap() {
        let time = alarm.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    }
    alarms
}

#[tokio::test]
async fn alm_3_alm_40_alm_41_alm_42_alm_43_alm_46_alm_49_dsp_114_an_alarm_is_listed_until_it_is_over() {
    let place = Place::new();
    let definition = place.file("protocol.xml");
    std::fs::write(&definition, DEFINITION).unwrap();
    let running = place.start(place.run(&definition)).await;
    let api = &running.api;
    let state = async || api.get("/api/elements/1").await["alarm"].clone();
    assert_eq!(
        (api.get("/api/alarms").await, state().await),
        (json!([]), json!("undefined"))
    );
    let mut events = api.follow().await;

    api.set("Level", 50).await;
    assert_eq!(state().await, "normal");
    api.set("Level", 85).await;
    api.set("Level", 96).await;
    assert_eq!(state().await, "critical");
    assert_eq!(api.get("/api/elements/1/parameters/Level").await["alarm"], "critical");
    let expected = json!([{
        "id": 2, "rootId": 1, "element": "Opsgenie", "parameter": 1, "key": null, "severity": "critical",
        "value": 96, "status": "Escalated from Warning"
    }]);
    assert_eq!(timeless(api.get("/api/alarms?element=Opsgenie").await), expected);
    assert_eq!(timeless(api.get("/api/elements/1/alarms").await), expected);
    // ALM-46: one of them, by its first or its last record, with all that is recorded.
    let record = api.get("/api/elements/1/alarms/1").await;
    let said = ["previousId", "description", "displayKey", "display", "category"].map(|name| record[name].clone());
    assert_eq!(said, [json!(1), json!("Level"), json!(null), json!("96"), json!("")]);
    assert_eq!(api.get("/api/elements/1/alarms/2").await, record);
    // ALM-3, ALM-42, ALM-43: the numbers of records.
    let numbers = ["severityId", "severityRangeId", "typeId", "statusId"].map(|name| record[name].clone());
    assert_eq!(numbers, [1, 6, 35, 12]);
    let words = ["owner", "userStatus", "source"].map(|name| record[name].clone());
    assert_eq!(words, ["System", "Not Assigned", "DataMiner System"]);
    assert_eq!(api.get("/api/elements/1/latch-state").await["latchState"], "critical");
    let time = |name: &str| -> jiff::Timestamp { record[name].as_str().unwrap().parse().unwrap() };
    assert!(time("rootTime") <= time("time"));
    // DSP-114: the page it stands on is as bad.
    assert_eq!(api.get("/api/elements/1/pages").await[0]["alarm"], "critical");

    api.set("Level", 5).await;
    assert_eq!(
        (api.get("/api/alarms").await, state().await),
        (json!([]), json!("normal"))
    );
    let mut told = String::new();
    while !told.contains("\"Cleared\"") {
        let mut some = [0; 4096];
        let length = events.read(&mut some).await.unwrap();
        assert_ne!(length, 0, "the events ended: {told}");
        told.push_str(std::str::from_utf8(&some[..length]).unwrap());
    }
    assert_eq!(told.matches("event: alarm\n").count(), 3, "{told}");
}

#[tokio::test]
async fn alm_50_dsp_95_information_events_are_a_stream_of_their_own() {
    let place = Place::new();
    let definition = place.file("protocol.xml");
    std::fs::write(&definition, DEFINITION).unwrap();
    let running = place.start(place.run(&definition)).await;
    let api = &running.api;
    api.set("Level", 50).await;
    let events = timeless(api.get("/api/elements/1/information").await);
    assert_eq!(timeless(api.get("/api/information?element=Opsgenie").await), events);
    let said = |name: &str| -> Vec<Value> {
        let events = events.as_array().unwrap().iter();
        events.map(|event| event[name].clone()).collect()
    };
    assert_eq!(said("id"), [1, 2]);
    assert_eq!(said("parameter"), [64502, 2]);
    assert_eq!(said("description"), ["Element state", "Level"]);
    assert_eq!(said("severity"), ["information", "information"]);
    assert_eq!(said("display")[0], "Started");
    let set = said("display")[1].as_str().unwrap().to_owned();
    assert!(set.starts_with("Set by ") && set.ends_with(" to 50"), "{set}");
    let numbers = ["severityId", "severityRangeId", "typeId", "statusId"].map(|name| said(name)[1].clone());
    assert_eq!(numbers, [13, 5, 10, 11]);
    // They affect no state, and are no alarms.
    assert_eq!(api.get("/api/alarms").await, json!([]));
    assert_eq!(api.get("/api/elements/1").await["alarm"], "normal");
}

const NIGHT: &str = r#"
[[entry]]
parameter = "Level"
MaH = 60
auto_clear = false
"#;

#[tokio::test]
async fn alm_30_alm_33_alm_45_alm_48_a_template_of_a_file_is_assigned_and_its_alarms_outlive_the_process() {
    let place = Place::new();
    std::fs::write(place.file("night.toml"), NIGHT).unwrap();
    configure(&place, "alarm_template = \"night.toml\"");
    let running = place.start(run(&place)).await;
    let api = &running.api;
    let template = "/api/elements/1/alarm-template";
    assert_eq!(api.get(template).await, json!({"template": "night"}));
    api.set("Level", 70).await;
    let raised = api.get("/api/alarms").await;
    assert_eq!(
        (raised[0]["severity"].clone(), raised[0]["status"].clone()),
        (json!("major"), json!("New Alarm"))
    );

    // ALM-48: a crash later it is open still, and nothing is raised again.
    running.kill();
    let running = place.start(run(&place)).await;
    let api = &running.api;
    assert_eq!(timeless(api.get("/api/alarms").await), timeless(raised));
    assert_eq!(api.get("/api/elements/1").await["alarm"], "major");
    assert!(api.get("/api/elements/1/alarms/1").await["rootTime"].is_string());

    // ALM-45: it waits when it is over, and only then can be cleared.
    let (status, answer) = api.exchange("DELETE", "/api/elements/1/alarms/1", None).await.unwrap();
    assert_eq!(status, 409, "{answer}");
    api.set("Level", 10).await;
    let waiting = api.get("/api/alarms").await;
    assert_eq!(
        (waiting[0]["status"].clone(), waiting[0]["rootId"].clone()),
        (json!("Clearable"), json!(1))
    );
    let (status, answer) = api.exchange("DELETE", "/api/elements/1/alarms/1", None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(api.get("/api/alarms").await, json!([]));

    // ALM-33: with the thresholds of the definition the same value is a warning at once.
    api.set("Level", 85).await;
    let assign = async |name: &str| {
        api.exchange("PUT", template, Some(&json!({ "template": name })))
            .await
            .unwrap()
    };
    assert_eq!(assign("protocol-defaults").await.0, 200);
    let moved = api.get("/api/alarms").await;
    assert_eq!(
        (moved[0]["severity"].clone(), moved[0]["status"].clone()),
        (json!("warning"), json!("Threshold changed"))
    );
    assert_eq!(assign("none").await.0, 200);
    assert_eq!(api.get("/api/alarms").await, json!([]));
    assert_eq!(api.get(template).await, json!({"template": "none"}));
    assert_eq!(assign("house").await.0, 404);
    let events = api.get("/api/elements/1/information").await;
    assert_eq!(events.as_array().unwrap().last().unwrap()["display"], "none");
}

#[tokio::test]
async fn sav_17_trd_1_trd_2_trends_and_information_events_outlive_the_process() {
    let place = Place::new();
    configure(&place, "trend_template = [\"Level\"]");
    let running = place.start(run(&place)).await;
    let api = &running.api;
    for level in [5, 6, 6, 7] {
        api.set("Level", level).await;
    }
    let trend = "/api/elements/1/trend/Level";
    let found = api.get(trend).await;
    assert_eq!(found["avg"], json!([5.0, 6.0, 7.0]));
    let lengths = ["avg", "min", "max", "timestamps"].map(|name| found[name].as_array().unwrap().len());
    assert_eq!(lengths, [3, 3, 3, 3]);
    assert_eq!(
        (found["noData"].clone(), found["type"].clone()),
        (json!(false), json!("average"))
    );
    // TRD-3: the first average equals the value.
    let average = api.get(&format!("{trend}?window=5")).await;
    assert_eq!(
        (average["avg"].clone(), average["max"].clone()),
        (json!([5.0]), json!([5.0]))
    );
    let (status, _) = api.exchange("GET", "/api/elements/1/trend/2", None).await.unwrap();
    assert_eq!(status, 404, "a write is not trended");
    running.terminate().await;

    let running = place.start(run(&place)).await;
    let api = &running.api;
    let kept = api.get(trend).await;
    for name in ["avg", "min", "max", "timestamps"] {
        assert_eq!(kept[name], found[name], "{name}");
    }
    let events = api.get("/api/elements/1/information").await;
    let said: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["display"].as_str().unwrap())
        .collect();
    assert_eq!((said[0], said.len()), ("Started", 7));
    assert_eq!(said[5..], ["Stopped", "Started"]);
}
