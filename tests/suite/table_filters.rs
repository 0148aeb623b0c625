//! The filters of a table as DataMiner writes them, over the API: keys, columns, foreign keys, full filters.

use std::sync::Arc;

use adit::api::ApiOptions;
use adit::element::Element;
use adit::element::config::ElementConfig;
use adit::element::view::{ElementState, ShownRow, View};
use adit::model::id::{ElementId, ParamId};
use adit::model::value::Value;

use crate::support::served::Served;

const SITES: u32 = 1000;
const RACKS: u32 = 2000;
const CARDS: u32 = 3000;

/// A site has racks, a rack has cards.
fn definition() -> String {
    let column = |id: u32, name: &str, kind: &str| {
        format!(
            "<Param id=\"{id}\"><Name>{name}</Name><Description>{name}</Description><Type>read</Type><Interprete>\
             <RawType>other</RawType><Type>{kind}</Type><LengthType>next param</LengthType></Interprete><Display>\
             <RTDisplay>true</RTDisplay></Display><Measurement><Type>{}</Type></Measurement></Param>",
            if kind == "double" { "number" } else { "string" }
        )
    };
    let table = |id: u32, name: &str, foreign: &str, columns: &[(&str, &str)]| {
        let ids = (1..).zip(columns);
        let options: String = ids
            .clone()
            .map(|(idx, _)| {
                let to = if idx == 2 { foreign } else { "" };
                format!(
                    "<ColumnOption idx=\"{}\" pid=\"{}\" type=\"retrieved\" options=\"{to}\"/>",
                    idx - 1,
                    id + idx
                )
            })
            .collect();
        let columns: String = ids.map(|(idx, (name, kind))| column(id + idx, name, kind)).collect();
        format!(
            "<Param id=\"{id}\"><Name>{name}</Name><Description>{name}</Description><Type>array</Type>\
             <ArrayOptions index=\"0\" options=\";naming=/{}\">{options}</ArrayOptions><Display><RTDisplay>true</RTDisplay></Display>\
             <Measurement><Type>table</Type></Measurement></Param>{columns}",
            id + 1
        )
    };
    let tables = [
        table(SITES, "Sites", "", &[("SiteKey", "string"), ("SiteName", "string")]),
        table(
            RACKS,
            "Racks",
            ";foreignKey=1000",
            &[("RackKey", "string"), ("RackSite", "string")],
        ),
        table(
            CARDS,
            "Cards",
            ";foreignKey=2000",
            &[
                ("CardKey", "string"),
                ("CardRack", "string"),
                ("CardState", "string"),
                ("CardLoad", "double"),
            ],
        ),
    ];
    format!(
        "<Protocol><Name>Racks</Name><Version>1.0.0.1</Version><Type>virtual</Type><Params>{}</Params>\
         <Relations><Relation path=\"1000;2000;3000\"/></Relations></Protocol>",
        tables.concat()
    )
}

fn put(view: &mut View, table: u32, position: u64, cells: Vec<Value>) {
    let table = view.tables.entry(ParamId(table)).or_default();
    let key: Arc<str> = cells[0].to_text();
    table.positions.insert(Arc::clone(&key), position);
    let row = ShownRow {
        key,
        cells,
        changed: 0,
        severities: Vec::new(),
    };
    table.rows.insert(position, row);
}

fn element() -> Element {
    let loaded = adit::schema::load("racks.xml", &definition());
    let protocol = loaded.protocol.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let config = ElementConfig::prefilled(ElementId(1), "Racks", Arc::new(protocol));
    let (element, _) = Element::new(config);
    element.publish(
        |view| {
            view.state = ElementState::Active;
            put(view, SITES, 1, vec!["ghent".into(), "Ghent".into()]);
            put(view, SITES, 2, vec!["lyon".into(), "Lyon".into()]);
            put(view, RACKS, 1, vec!["r1".into(), "ghent".into()]);
            put(view, RACKS, 2, vec!["r2".into(), "lyon".into()]);
            put(
                view,
                CARDS,
                1,
                vec!["c1".into(), "r1".into(), "Error".into(), 5.0.into()],
            );
            put(
                view,
                CARDS,
                2,
                vec!["c2".into(), "r1".into(), "Done; late".into(), 7.0.into()],
            );
            put(
                view,
                CARDS,
                3,
                vec!["c3".into(), "r2".into(), "Error".into(), 9.0.into()],
            );
            put(
                view,
                CARDS,
                4,
                vec!["c4".into(), "none".into(), "Waiting".into(), Value::Uninitialised],
            );
        },
        [],
    );
    element
}

#[tokio::test]
async fn tbl_140_filters_of_dataminer_name_keys_columns_and_foreign_keys() {
    let served = Served::start(vec![element()], ApiOptions::default()).await;
    let mut text = String::new();
    for filter in [
        "pk=c2",
        "PK=C2",
        "dk='c3'",
        "value=PK == c1",
        "value=DK != c1",
        "value=3003 == Error",
        "value=3003 == 'Done; late'",
        "value=3003 == Error;value=3004 > 5",
        "value=3004 IN_RANGE 5/7",
        "value=3004 OUT_RANGE 6/8",
        "fk=2000 == r1",
        "fk=2001 == r2",
        "fk=1000 == ghent",
        "fk=1000 == 'lyon';value=3003 == Error",
        "fullFilter=((3003 == 'Error') AND (3004 > 5 OR PK == c1))",
        "fullFilter=3003 == Error AND 3004 > 5 OR PK == c4",
        "fullfilter=(3003 == 'Done; late' or 3004 in_range 9/9)",
        "value=5",
        "fullFilter=(3003 == Error",
        "fullFilter=3003 ~~ Error",
        "value=9999 == 1",
        "fk=3000 == c1",
        "fk=77 == a",
        "value=3004 IN_RANGE 5",
    ] {
        let query = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
        let (status, keys, body) = served.rows("Cards", &format!("filter={query}")).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        text += &format!("{filter}\n    {status} {keys:?} {detail}\n");
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn err_tbl_140_a_filter_of_brackets_without_end_is_refused() {
    let served = Served::start(vec![element()], ApiOptions::default()).await;
    let path = format!("/api/elements/1/tables/Cards?filter=fullFilter={}", "(".repeat(4000));
    assert_eq!(served.send("GET", &path, None, &[]).await.status().as_u16(), 400);
}
