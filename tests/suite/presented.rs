//! Pages and tables of a definition, as the API presents them.

use std::fmt::Write;
use std::sync::Arc;

use adit::api::ApiOptions;
use adit::element::Element;
use adit::element::config::ElementConfig;
use adit::model::alarm::Severity;
use adit::model::id::{ElementId, ParamId};
use serde_json::Value as Json;

use crate::support::served::Served;
use crate::support::shown::put_row;

/// Two parameters on one place and one above them; table 100 in an order, with names and a sort of its own.
const DEFINITION: &str = r#"<Protocol><Name>Presented</Name><Version>1.0.0.1</Version><Type>virtual</Type><Params>
  <Param id="3"><Name>Third</Name><Description>Third</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay><Positions><Position><Page>P</Page><Row>10</Row><Column>0</Column></Position></Positions></Display>
    <Measurement><Type>string</Type></Measurement></Param>
  <Param id="2"><Name>Second</Name><Description>Second</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay><Positions><Position><Page>P</Page><Row>10</Row><Column>0</Column></Position></Positions></Display>
    <Measurement><Type>string</Type></Measurement></Param>
  <Param id="1"><Name>First</Name><Description>First</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay><Positions><Position><Page>P</Page><Row>2</Row><Column>0</Column></Position></Positions></Display>
    <Measurement><Type>string</Type></Measurement></Param>
  <Param id="100"><Name>Jobs</Name><Description>Jobs</Description><Type>array</Type>
    <ArrayOptions index="0"><NamingFormat>,State: ,102</NamingFormat>
      <ColumnOption idx="0" pid="101" type="retrieved"/><ColumnOption idx="1" pid="102" type="retrieved"/>
      <ColumnOption idx="2" pid="103" type="retrieved"/><ColumnOption idx="3" pid="104" type="retrieved"/>
      <ColumnOption idx="4" pid="105" type="retrieved"/><ColumnOption idx="5" pid="106" type="retrieved"/></ArrayOptions>
    <Display><RTDisplay>true</RTDisplay></Display>
    <Measurement><Type options="tab=columns:102|1-106|5-103|2-101|0,lines:7,width:100-50-0-80,sort:STRING-STRING-INT|DESC|0-STRING,filter:true">table</Type></Measurement></Param>
  <Param id="101"><Name>Job</Name><Description>Job</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
  <Param id="102"><Name>Job State</Name><Description>Job State</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
  <Param id="103"><Name>Tries</Name><Description>Tries</Description><Type>read</Type>
    <Interprete><RawType>numeric text</RawType><Type>double</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>number</Type></Measurement></Param>
  <Param id="104"><Name>Token</Name><Description>Token</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
  <Param id="105"><Name>Spare</Name><Description>Spare</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
  <Param id="106"><Name>Internal</Name><Description>Internal</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
    <Display><RTDisplay>false</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
</Params></Protocol>"#;

/// The element with three rows: `a` is done after 2 tries, `b` failed after 10, `c` after 9.
async fn served() -> Served {
    let protocol = adit::schema::load("presented.xml", DEFINITION)
        .protocol
        .expect("it loads");
    let (element, commands) = Element::new(ElementConfig::prefilled(ElementId(1), "Device", Arc::new(protocol)));
    // Nothing is set here: nobody has to answer.
    drop(commands);
    let rows = |view: &mut adit::element::view::View| {
        put_row(view, 1, "a", "Done", 2.0);
        put_row(view, 2, "b", "Error", 10.0);
        put_row(view, 3, "c", "Late", 9.0);
    };
    element.publish(rows, []);
    Served::start(vec![element], ApiOptions::default()).await
}

async fn get(served: &Served, path: &str) -> (u16, Json) {
    use http_body_util::BodyExt;
    let answer = served.send("GET", path, None, &[]).await;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn dsp_5_tbl_117_tbl_118_tbl_119_a_table_has_the_columns_and_the_order_it_asks_for() {
    let (_, table) = get(&served().await, "/api/elements/1/tables/Jobs").await;
    let mut text = String::new();
    for column in table["columns"].as_array().expect("columns") {
        writeln!(text, "column {} {}", column["id"], column["name"]).expect("a string");
    }
    for row in table["rows"].as_array().expect("rows") {
        let cells = row["cells"].as_array().expect("cells").iter();
        let cells: Vec<String> = cells.map(|cell| cell["display"].to_string()).collect();
        writeln!(text, "row {} {}: {}", row["key"], row["displayKey"], cells.join(" ")).expect("a string");
    }
    assert_eq!(
        text,
        r#"column 102 "Job State"
column 103 "Tries"
column 101 "Job"
row "b" "State: Error": "Error" "10" "b"
row "c" "State: Late": "Late" "9" "c"
row "a" "State: Done": "Done" "2" "a"
"#
    );
}

#[tokio::test]
async fn api_5_api_9_a_row_is_asked_for_by_its_key_and_not_by_its_display_key() {
    let served = served().await;
    let (status, cell) = get(&served, "/api/elements/1/tables/Jobs/rows/b/102").await;
    assert_eq!((status, &cell["value"]), (200, &Json::from("Error")));
    let (status, refused) = get(&served, "/api/elements/1/tables/Jobs/rows/State:%20Error/102").await;
    assert_eq!((status, &refused["code"]), (404, &Json::from("row_missing")));
}

#[tokio::test]
async fn dsp_102_dsp_103_rows_are_numbers_and_what_shares_a_place_stays_in_the_order_of_the_definition() {
    let (_, pages) = get(&served().await, "/api/elements/1/pages").await;
    let items = pages[0]["items"].as_array().expect("items").iter();
    let items: Vec<&str> = items.map(|item| item["name"].as_str().expect("a name")).collect();
    assert_eq!(items, ["First", "Third", "Second"]);
}

#[tokio::test]
async fn dsp_40_dsp_108_a_bar_goes_from_0_to_100_and_the_address_of_a_page_is_filled_in() {
    let definition = r#"<Protocol><Name>Card</Name><Version>1.0.0.1</Version><Type>virtual</Type>
      <Display defaultPage="P" pageOrder="P;Web#http://[polling ip]/a?b=[id:2]"/><Params>
      <Param id="1"><Name>Load</Name><Description>Load</Description><Type>read</Type>
        <Interprete><RawType>numeric text</RawType><Type>double</Type><LengthType>next param</LengthType></Interprete>
        <Display><RTDisplay>true</RTDisplay><Positions><Position><Page>P</Page><Row>0</Row><Column>0</Column></Position></Positions></Display>
        <Measurement><Type>progress</Type></Measurement></Param>
      <Param id="2"><Name>Session</Name><Description>Session</Description><Type>read</Type>
        <Interprete><RawType>other</RawType><Type>string</Type><LengthType>next param</LengthType></Interprete>
        <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>
    </Params></Protocol>"#;
    let protocol = adit::schema::load("card.xml", definition).protocol.expect("it loads");
    let mut config = ElementConfig::prefilled(ElementId(1), "Device", Arc::new(protocol));
    for connection in &mut config.settings.connections {
        "10.1.2.3".clone_into(&mut connection.host);
    }
    let (element, commands) = Element::new(config);
    drop(commands);
    let session = adit::element::view::ShownValue {
        value: "x".into(),
        changed: 0,
    };
    element.publish(
        |view| {
            view.params.insert(adit::model::id::ParamId(2), session);
        },
        [],
    );
    let served = Served::start(vec![element], ApiOptions::default()).await;
    let (status, pages) = get(&served, "/api/elements/1/pages").await;
    let text = pages.to_string();
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("http://10.1.2.3/a?b=x"), "{text}");
    assert!(text.contains(r#""control":"progress""#), "{text}");
    assert!(text.contains(r#""low":0.0,"high":100.0"#), "{text}");
}

/// The element, with another definition put in the place of its own and a value of parameter 1.
async fn redefined(definition: &str) -> Served {
    let load = |text: &str| Arc::new(adit::schema::load("presented.xml", text).protocol.expect("it loads"));
    let (element, commands) = Element::new(ElementConfig::prefilled(ElementId(1), "Device", load(DEFINITION)));
    drop(commands);
    let changed = load(definition);
    element.publish(|view| view.definition = Some(changed), []);
    Served::start(vec![element], ApiOptions::default()).await
}

#[tokio::test]
async fn dsp_96_clients_are_told_a_definition_as_it_was_changed() {
    let served = redefined(
        &DEFINITION
            .replace("<Description>First</Description>", "<Description>Main</Description>")
            .replace(
                "<Description>Tries</Description>",
                "<Description>Attempts</Description>",
            ),
    )
    .await;
    let (_, parameter) = get(&served, "/api/elements/1/parameters/First").await;
    assert_eq!(parameter["description"], "Main");
    let (_, listed) = get(&served, "/api/elements/1/parameters").await;
    assert_eq!(listed[2]["description"], "Main");
    let (_, pages) = get(&served, "/api/elements/1/pages").await;
    assert_eq!(pages[0]["items"][0]["description"], "Main");
    let (_, table) = get(&served, "/api/elements/1/tables/Jobs").await;
    assert_eq!(table["columns"][1]["description"], "Attempts");
}

#[tokio::test]
async fn tbl_141_the_column_with_the_display_keys_is_named() {
    let on_page = DEFINITION.replace(
        "<Display><RTDisplay>true</RTDisplay></Display>\n    <Measurement><Type options=\"tab",
        "<Display><RTDisplay>true</RTDisplay><Positions><Position><Page>P</Page><Row>0</Row><Column>0</Column>\
         </Position></Positions></Display>\n    <Measurement><Type options=\"tab",
    );
    let key_column = async |definition: &str| {
        let (_, pages) = get(&redefined(definition).await, "/api/elements/1/pages").await;
        pages[0]["items"][0]["keyColumn"].clone()
    };
    // A format of several parts is no column: the first shown one stands for it.
    assert_eq!(key_column(&on_page).await, 102);
    let named = |naming: &str| on_page.replace("<NamingFormat>,State: ,102</NamingFormat>", naming);
    assert_eq!(key_column(&named("")).await, 101);
    let with_column = named("").replace(r#"pid="106" type="retrieved""#, r#"pid="106" type="displaykey""#);
    assert_eq!(key_column(&with_column).await, 101, "that column is not shown");
    let shown = with_column.replace("<RTDisplay>false</RTDisplay>", "<RTDisplay>true</RTDisplay>");
    assert_eq!(key_column(&shown).await, 106);
}

#[tokio::test]
async fn tbl_37_a_severity_column_shows_how_bad_its_row_is() {
    let column = r#"idx="2" pid="103" type="retrieved""#;
    let definition = DEFINITION.replace(column, &format!(r#"{column} options="severity""#));
    let protocol = adit::schema::load("presented.xml", &definition).protocol;
    let config = ElementConfig::prefilled(ElementId(1), "Device", Arc::new(protocol.expect("it loads")));
    let (element, commands) = Element::new(config);
    drop(commands);
    let rows = |view: &mut adit::element::view::View| {
        put_row(view, 1, "a", "Done", 2.0);
        put_row(view, 2, "b", "Error", 10.0);
        let table = view.tables.get_mut(&ParamId(100)).expect("a table with rows");
        let row = table.rows.get_mut(&2).expect("row b");
        row.severities = vec![None, Some(Severity::Major), None, Some(Severity::Warning), None, None];
    };
    element.publish(rows, []);
    let served = Served::start(vec![element], ApiOptions::default()).await;
    for (key, value) in [("a", Json::Null), ("b", "Major".into())] {
        let (_, cell) = get(&served, &format!("/api/elements/1/tables/Jobs/rows/{key}/103")).await;
        assert_eq!(cell["value"], value);
    }
}
