//! Change events and QActions, rule by rule, where a few assertions say more than a whole trace.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use adit::engine::effect::LogLevel;
use adit::engine::qaction::{QAction, QActionFuture};
use adit::engine::saved::Saved;
use adit::engine::sl_protocol::SlProtocol;
use adit::model::id::{ParamId, TriggerId};
use adit::model::moment::Span;
use adit::model::value::Value;
use adit::testing::Setup;

/// A parameter of a definition: `read text 10`, `write number 20 save="true"`.
fn param(words: &str) -> String {
    let mut words = words.splitn(4, ' ');
    let (kind, stored, id, more) = (words.next(), words.next(), words.next(), words.next());
    let interprete = match stored.unwrap() {
        "number" => "<RawType>numeric text</RawType><Type>double</Type>",
        _ => "<RawType>other</RawType><Type>string</Type>",
    };
    let (kind, id, more) = (kind.unwrap(), id.unwrap(), more.unwrap_or_default());
    format!(
        "<Param id=\"{id}\" {more}><Name>P{id}</Name><Description>P{id}</Description><Type>{kind}</Type>\
         <Interprete>{interprete}</Interprete><Display><RTDisplay>true</RTDisplay></Display></Param>"
    )
}

/// A definition of these parameters, and the rest as it stands.
fn definition(params: &[&str], rest: &str) -> String {
    let params: String = params.iter().map(|words| param(words)).collect();
    format!("<Params>{params}</Params>{rest}")
}

/// A trigger on the change of a parameter that counts in parameter 90.
const COUNT: &str = r#"
<Triggers><Trigger id="9"><On id="20">parameter</On><Time>change</Time><Type>action</Type><Content><Id>90</Id></Content></Trigger>
<Trigger id="1"><On id="1">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>
<Actions><Action id="90"><On id="90">parameter</On><Type>increment</Type></Action>
<Action id="1"><On id="20">parameter</On><Type id="10">copy</Type></Action></Actions>"#;

/// Says what runs and what triggered it.
fn note(protocol: &SlProtocol) -> QActionFuture<'_> {
    Box::pin(async move {
        let facts = protocol.facts();
        let line = format!(
            "{} on {} by {:?}",
            facts.qaction, facts.trigger_parameter, facts.entry_point
        );
        protocol.log(LogLevel::Info, line).await;
        Ok(())
    })
}

#[test]
fn chg_4_act_9_got_29_an_equal_set_or_copy_tells_on_a_write() {
    let xml = definition(
        &["write text 1", "read text 10", "write text 20", "read number 90"],
        COUNT,
    );
    let mut element = Setup::new(&xml).start();
    element.set(20, "same").set(20, "same").expect(90, 2.0);
    element.set(1, "copy").expect(90, 2.0);
    assert_eq!(element.get(20), "same".into(), "a source without a value is not copied");
}

#[test]
fn chg_6_chg_8_act_8_gop_2_a_copy_onto_a_read_tells_what_differs_as_it_is_stored() {
    let xml = definition(
        &["write text 1", "read text 10", "read text 20", "read number 90"],
        COUNT,
    );
    let xml = xml + "<QActions><QAction id=\"1\" triggers=\"1\" /></QActions>";
    let mut element = Setup::new(&xml)
        .qaction(1, |protocol| {
            Box::pin(async move {
                for text in ["a", "a", "A"] {
                    protocol.set(ParamId(10), text).await;
                    protocol.check_trigger(TriggerId(1)).await;
                }
                protocol.set(ParamId(20), "A").await;
                Ok(())
            })
        })
        .start();
    // Copies of "a" and of "A" differ, the copy between them does not; the set by the QAction tells all the same.
    element.set(1, "go").expect(90, 3.0);
}

#[test]
fn chg_9_chg_10_chg_14_got_67_gop_31_gop_32_elm_4_what_is_there_at_the_start_tells_nothing() {
    let saved = r#"read text 20 save="true""#;
    let rest = format!("{COUNT}<QActions><QAction id=\"1\" triggers=\"20;30\" /></QActions>");
    let xml = definition(
        &["write text 1", "read text 10", saved, "read number 90", "read text 30"],
        &rest,
    );
    let default = "<Type>string</Type><DefaultValue>default</DefaultValue>";
    let (head, tail) = xml.split_once("<Name>P30</Name>").unwrap();
    let xml = format!(
        "{head}<Name>P30</Name>{}",
        tail.replacen("<Type>string</Type>", default, 1)
    );
    let saved = Saved {
        params: vec![(ParamId(20), "kept".into())],
        ..Saved::default()
    };
    let mut element = Setup::new(&xml).saved(saved).qaction(1, note).start();
    element
        .expect(20, "kept")
        .expect(30, "default")
        .expect(90, Value::Uninitialised);
    assert!(element.log().is_empty(), "{:?}", element.log());
    assert!(
        !element.told().contains("save "),
        "nothing is saved again: {}",
        element.told()
    );
}

#[test]
fn chg_19_gop_28_dsp_36_each_press_of_a_button_acts() {
    let button = "<Measurement><Type>button</Type><Discreets><Discreet><Display>Go</Display><Value>1</Value>\
                  </Discreet></Discreets></Measurement></Param>";
    let xml = definition(
        &["write text 1"],
        "<QActions><QAction id=\"1\" triggers=\"1\" /></QActions>",
    );
    let mut element = Setup::new(&xml.replacen("</Param>", button, 1))
        .qaction(1, note)
        .start();
    element.set(1, "1").set(1, "1");
    assert_eq!(element.log().len(), 2);
}

#[test]
fn chg_21_par_24_element_information_is_there_before_any_logic_and_tells_nothing() {
    let kinds = [
        "elementname",
        "elementid",
        "elementdmaid",
        "ip",
        "pollingip",
        "bus",
        "dataminer info",
    ];
    let params: Vec<String> = kinds
        .iter()
        .zip(10..)
        .map(|(kind, id)| {
            let read = param(&format!("read text {id}"));
            read.replace("<Type>read</Type>", &format!("<Type>{kind}</Type>"))
        })
        .collect();
    let xml = format!(
        "<Params>{}</Params><PortSettings><BusAddress><DefaultValue>ByPassProxy</DefaultValue></BusAddress></PortSettings>\
         <QActions><QAction id=\"1\" triggers=\"10;11;12;13;14;15;16\" /></QActions>",
        params.concat()
    );
    let element = Setup::new(&xml).name("Encoder").qaction(1, note).start();
    let values: Vec<String> = (10..16).map(|id| element.get(id).to_string()).collect();
    assert_eq!(
        values,
        ["Encoder", "1", "1/1", "device.test:80", "device.test", "ByPassProxy"]
    );
    assert!(element.get(16).to_string().starts_with("1;"), "{}", element.get(16));
    assert!(element.log().is_empty());
}

#[test]
fn chg_22_qap_17_the_user_travels_with_the_chain_and_not_with_the_groups_it_queues() {
    let rest = r#"
<QActions><QAction id="1" triggers="1" /><QAction id="2" triggers="10" /></QActions>
<Groups><Group id="1"><Type>poll action</Type><Content><Action>2</Action></Content></Group></Groups>
<Triggers><Trigger id="1"><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>
<Actions><Action id="1"><On id="1">group</On><Type>execute</Type></Action>
<Action id="2"><On id="10">parameter</On><Type>run actions</Type></Action></Actions>"#;
    let who = |protocol: &SlProtocol| format!("{} for {:?}", protocol.qaction_id(), protocol.user());
    let mut element = Setup::new(&definition(&["write text 1", "read text 10"], rest))
        .qaction(1, move |protocol| {
            Box::pin(async move {
                protocol.log(LogLevel::Info, who(protocol)).await;
                protocol.set(ParamId(10), "x").await;
                protocol.check_trigger(TriggerId(1)).await;
                Ok(())
            })
        })
        .qaction(2, move |protocol| {
            Box::pin(async move {
                protocol.log(LogLevel::Info, who(protocol)).await;
                Ok(())
            })
        })
        .start();
    element.set(1, "go").advance("1s");
    assert_eq!(
        element.log(),
        ["Info: 1 for \"user\"", "Info: 2 for \"user\"", "Info: 2 for \"\""]
    );
}

#[test]
fn qa_1_qa_5_qa_6_qa_30_act_7_each_trigger_has_its_entry_point_and_run_actions_too() {
    let rest = r#"
<QActions><QAction id="1" triggers="10;20" entryPoint="First;Second" /><QAction id="2" triggers="10" />
<QAction id="3" /></QActions>
<Triggers><Trigger id="1"><On id="1">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>
<Actions><Action id="1"><On id="20">parameter</On><Type>run actions</Type></Action></Actions>"#;
    let setup = Setup::new(&definition(&["write text 1", "write text 10", "read text 20"], rest));
    let mut element = setup.qaction(1, note).qaction(2, note).qaction(3, note).start();
    element.set(10, "x").set(1, "go");
    let expected = ["1 on 10 by \"First\"", "2 on 10 by \"Run\"", "1 on 20 by \"Second\""];
    assert_eq!(element.log(), expected.map(|line| format!("Info: {line}")));
    element.expect(20, Value::Uninitialised);
}

#[test]
fn qa_3_qa_4_each_condition_is_looked_at_directly_before_its_run() {
    let rest = r#"<QActions>
<QAction id="2" triggers="1" />
<QAction id="1" triggers="1"><Condition>id:10 == "on"</Condition></QAction>
<QAction id="3" triggers="1"><Condition>id:10 == "off"</Condition></QAction>
<QAction id="4" triggers="1" /></QActions>"#;
    let mut element = Setup::new(&definition(&["write text 1", "read text 10"], rest))
        .qaction(1, note)
        .qaction(2, |protocol| {
            Box::pin(async move {
                protocol.set(ParamId(10), "on").await;
                Ok(())
            })
        })
        .qaction(3, note)
        .qaction(4, note)
        .start();
    element.set(1, "go");
    assert_eq!(element.log(), ["Info: 1 on 1 by \"Run\"", "Info: 4 on 1 by \"Run\""]);
}

/// Counts its runs in parameter 10.
struct Counter(Arc<AtomicU32>);

impl QAction for Counter {
    fn run<'a>(&'a self, protocol: &'a SlProtocol) -> QActionFuture<'a> {
        Box::pin(async move {
            let runs = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            protocol.set(ParamId(10), f64::from(runs)).await;
            Ok(())
        })
    }
}

#[test]
fn qa_7_qa_8_an_instance_is_kept_between_runs_and_goes_with_its_element() {
    let state = Arc::new(AtomicU32::new(0));
    let rest = "<QActions><QAction id=\"1\" triggers=\"1\" /></QActions>";
    let setup = Setup::new(&definition(&["write text 1", "read number 10"], rest));
    let mut element = setup.qaction_code(1, Counter(Arc::clone(&state))).start();
    element.set(1, "go").set(1, "go").expect(10, 2.0);
    drop(element);
    assert_eq!(Arc::strong_count(&state), 1, "nothing holds the instance any more");
}

#[test]
fn qa_11_qap_20_http_35_binary_input_is_the_bytes_as_they_came() {
    let rest = r#"
<QActions><QAction id="1" triggers="10" inputParameters="10" options="binary" /></QActions>
<HTTP><Session id="1"><Connection id="1"><Request url="/" /><Response><Content pid="10" /></Response></Connection></Session></HTTP>
<Groups><Group id="1"><Content><Session>1</Session></Content></Group></Groups>
<Timers><Timer id="1"><Time initial="true">10000</Time><Content><Group>1</Group></Content></Timer></Timers>"#;
    let element = Setup::new(&definition(&["read text 10"], rest))
        .device("GET / -> 200 [Content-Type: text/plain; charset=iso-8859-1] é")
        .qaction(1, |protocol| {
            Box::pin(async move {
                let (bytes, text) = (protocol.input_bytes(0), protocol.get_text(ParamId(10)).await);
                protocol
                    .log(LogLevel::Info, format!("{bytes:?} {text:?} {:?}", protocol.input(0)))
                    .await;
                Ok(())
            })
        })
        .start();
    // The device sends two bytes; as Latin-1, which the response claims they are, they are two characters.
    assert_eq!(element.log(), ["Info: Some([195, 169]) \"Ã©\" Uninitialised"]);
}

#[test]
fn qa_16_qa_17_runs_of_a_queued_qaction_overlap() {
    let rest = "<QActions><QAction id=\"1\" triggers=\"1\" options=\"queued\" /></QActions>";
    let mut element = Setup::new(&definition(&["write text 1"], rest))
        .qaction(1, |protocol| {
            Box::pin(async move {
                protocol.log(LogLevel::Info, "begin").await;
                protocol.sleep(Span::seconds(5)).await;
                protocol.log(LogLevel::Info, "end").await;
                Ok(())
            })
        })
        .start();
    element.set(1, "a").advance("1s").set(1, "b").advance("10s");
    assert_eq!(
        element.log(),
        ["begin", "begin", "end", "end"].map(|line| format!("Info: {line}"))
    );
}

#[test]
fn qa_25_row_without_a_table_runs_without_a_row() {
    let rest = "<QActions><QAction id=\"1\" triggers=\"1\" row=\"true\" /></QActions>";
    let mut element = Setup::new(&definition(&["write text 1"], rest))
        .qaction(1, |protocol| {
            Box::pin(async move {
                let row = (protocol.row_key(), protocol.row_index().await, protocol.new_row());
                protocol.log(LogLevel::Info, format!("{row:?}")).await;
                Ok(())
            })
        })
        .start();
    assert!(element.findings().concat().contains("W362"), "{:?}", element.findings());
    element.set(1, "go");
    assert_eq!(element.log(), ["Info: (\"\", 0, None)"]);
}

#[test]
fn qa_26_qa_27_a_column_without_row_runs_once_a_cell_and_a_table_by_run_actions_only() {
    let table = r#"<Param id="1000"><Name>T</Name><Description>T</Description><Type>array</Type><ArrayOptions index="0">
<ColumnOption idx="0" pid="1001" type="retrieved" /><ColumnOption idx="1" pid="1002" type="retrieved" /></ArrayOptions></Param>"#;
    let rest = r#"
<QActions><QAction id="1" triggers="1" /><QAction id="2" triggers="1002" /><QAction id="3" triggers="1000" /></QActions>
<Triggers><Trigger id="1"><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>
<Actions><Action id="1"><On id="1000">parameter</On><Type>run actions</Type></Action></Actions>"#;
    let xml = definition(&["write text 1", "read text 1001", "read text 1002"], rest);
    let mut element = Setup::new(&xml.replacen("<Params>", &format!("<Params>{table}"), 1))
        .qaction(1, |protocol| {
            Box::pin(async move {
                for key in ["a", "b"] {
                    protocol.add_row(ParamId(1000), vec![key.into(), "x".into()]).await;
                }
                protocol.check_trigger(TriggerId(1)).await;
                Ok(())
            })
        })
        .qaction(2, |protocol| {
            Box::pin(async move {
                protocol
                    .log(LogLevel::Info, format!("cell, row {:?}", protocol.row_key()))
                    .await;
                Ok(())
            })
        })
        .qaction(3, note)
        .start();
    assert!(element.findings().concat().contains("W361"), "{:?}", element.findings());
    element.set(1, "go");
    let cell = "Info: cell, row \"\"";
    assert_eq!(element.log(), [cell, cell, "Info: 3 on 1000 by \"Run\""]);
}

#[test]
fn qa_2_chg_2_qa_31_qa_13_triggers_are_done_before_qactions_and_code_that_is_missing_is_told_once() {
    let rest =
        format!("{COUNT}<QActions><QAction id=\"1\" triggers=\"20\" /><QAction id=\"2\" triggers=\"20\" /></QActions>");
    let mut element = Setup::new(&definition(
        &["write text 1", "read text 10", "write text 20", "read number 90"],
        &rest,
    ))
    .qaction(1, |protocol| {
        Box::pin(async move {
            let count = protocol.get_number(ParamId(90)).await;
            protocol.log(LogLevel::Info, format!("counted {count}")).await;
            Ok(())
        })
    })
    .start();
    element.set(20, "x").set(20, "x");
    let missing = "Warning: QAction 2 has no Rust implementation: its events do nothing";
    assert_eq!(element.log(), ["Info: counted 1", missing, "Info: counted 2"]);
    assert_eq!(element.trace().matches("\"missing\":true").count(), 2);
}

#[test]
fn apx_1_apx_3_nt_134_log_2_gq_17_got_4_a_qaction_sends_by_way_of_a_trigger_and_a_group() {
    let rest = r#"
<QActions><QAction id="1" triggers="1" /></QActions>
<HTTP><Session id="1"><Connection id="1"><Request pid="10" /><Response><Content pid="11" /></Response></Connection></Session></HTTP>
<Groups><Group id="1"><Content><Session>1</Session></Content></Group></Groups>
<Triggers><Trigger id="1"><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>
<Actions><Action id="1"><On id="1">group</On><Type>execute next</Type></Action></Actions>"#;
    let mut element = Setup::new(&definition(&["write text 1", "read text 10", "read text 11"], rest))
        .device("GET /a -> A")
        .device("GET /b -> B")
        .qaction(1, |protocol| {
            Box::pin(async move {
                for url in ["/a", "/b"] {
                    protocol.set(ParamId(10), url).await;
                    protocol.check_trigger(TriggerId(1)).await;
                }
                let empty = protocol.is_empty(ParamId(11)).await;
                protocol
                    .log(LogLevel::Info, format!("nothing is sent within the run: {empty}"))
                    .await;
                Ok(())
            })
        })
        .start();
    element.set(1, "go").advance("1s").expect(11, "A");
    assert_eq!(element.log(), ["Info: nothing is sent within the run: true"]);
    insta::assert_snapshot!(element.text());
}

#[test]
fn vrt_1_vrt_2_a_virtual_connector_runs_without_settings() {
    let rest = r#"
<QActions><QAction id="1" triggers="10" /></QActions>
<Groups><Group id="1"><Type>poll action</Type><Content><Action>1</Action></Content></Group></Groups>
<Timers><Timer id="1"><Time initial="true">1000</Time><Content><Group>1</Group></Content></Timer></Timers>
<Actions><Action id="1"><On id="10">parameter</On><Type>increment</Type><Condition>id:10 &lt; 2</Condition></Action></Actions>"#;
    let xml = format!("<Type>virtual</Type>{}", definition(&["read number 10"], rest));
    let mut element = Setup::new(&xml).host("").qaction(1, note).start();
    element.advance("10s").expect(10, 2.0);
    assert_eq!(element.log().len(), 2);
    assert!(!element.text().contains("timeout"), "{}", element.text());
}
