//! What QActions call, each rule by a QAction of its own: `SlProtocol` as test authors use it.

use std::sync::Arc;

use adit::engine::effect::LogLevel;
use adit::engine::place::{ColumnAt, RowAt};
use adit::engine::qaction::{
    CELL_CHANGED, CellAction, Fill, INVALID_VALUE, KeyType, NOT_FOUND, QActionError, QActionFuture, S_OK,
};
use adit::engine::sl_protocol::{MissingRow, Named, SlProtocol};
use adit::model::id::ParamId;
use adit::model::value::Value;
use adit::testing::{Setup, TestElement};

/// Reads and writes of both kinds, a pair that shares its name, a table of a key and three columns.
const DEFINITION: &str = r#"
<Params>
  <Param id="1"><Name>Go</Name><Description>Go</Description><Type>write</Type>
    <Interprete><RawType>other</RawType><Type>string</Type></Interprete><Display><RTDisplay>true</RTDisplay></Display></Param>
  <Param id="10"><Name>Number</Name><Description>A number</Description><Type>read</Type>
    <Interprete><RawType>numeric text</RawType><Type>double</Type></Interprete></Param>
  <Param id="11"><Name>Text</Name><Description>A text</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type></Interprete></Param>
  <Param id="12" historySet="true"><Name>History</Name><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type></Interprete></Param>
  <Param id="20"><Name>Pair</Name><Description>Pair</Description><Type>read</Type>
    <Interprete><RawType>other</RawType><Type>string</Type></Interprete></Param>
  <Param id="21"><Name>Pair</Name><Description>Pair</Description><Type>write</Type>
    <Interprete><RawType>other</RawType><Type>string</Type></Interprete></Param>
  <Param id="30"><Name>Fixed</Name><Type>read</Type><Interprete><RawType>other</RawType><Type>string</Type>
    <LengthType>fixed</LengthType><Length>3</Length></Interprete></Param>
  <Param id="1000"><Name>Table</Name><Description>Table</Description><Type>array</Type>
    <ArrayOptions index="0" options=";preserve state">
      <ColumnOption idx="0" pid="1001" type="retrieved" />
      <ColumnOption idx="1" pid="1002" type="retrieved" options=";indexColumn" />
      <ColumnOption idx="2" pid="1003" type="custom" />
    </ArrayOptions><Measurement><Type>table</Type></Measurement></Param>
  <Param id="1001"><Name>Key</Name><Type>read</Type><Interprete><RawType>other</RawType><Type>string</Type></Interprete>
    <Measurement><Type>string</Type></Measurement></Param>
  <Param id="1002"><Name>Colour</Name><Type>read</Type><Interprete><RawType>other</RawType><Type>string</Type></Interprete></Param>
  <Param id="1003" historySet="true"><Name>Level</Name><Type>read</Type>
    <Interprete><RawType>numeric text</RawType><Type>double</Type></Interprete><Display><Units>dB</Units></Display></Param>
</Params>
<QActions>
  <QAction id="1" triggers="1" inputParameters="10;1000" />
  <QAction id="2" triggers="1003" row="true" />
  <QAction id="3" triggers="10;20;21" />
</QActions>
"#;

const NUMBER: ParamId = ParamId(10);
const TEXT: ParamId = ParamId(11);
const TABLE: ParamId = ParamId(1000);
const COLOUR: ParamId = ParamId(1002);
const LEVEL: ParamId = ParamId(1003);

/// Runs the code once, as QAction 1, caused by a user.
fn run<F>(code: F) -> TestElement
where
    F: for<'a> Fn(&'a SlProtocol) -> QActionFuture<'a> + Send + Sync + 'static,
{
    let mut element = Setup::new(DEFINITION).qaction(1, code).qaction(3, note).start();
    element.set(1, "go");
    let failed = element.log().into_iter().find(|line| line.contains("QAction 1 "));
    assert_eq!(failed, None);
    element
}

/// A QAction that says what triggered it.
fn note(protocol: &SlProtocol) -> QActionFuture<'_> {
    Box::pin(async move {
        let line = format!("event of {}", protocol.trigger_parameter());
        protocol.log(LogLevel::Info, line).await;
        Ok(())
    })
}

/// An assertion within a QAction: what does not hold is its error.
fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), QActionError> {
    if found == expected {
        return Ok(());
    }
    Err(QActionError(format!("{found:?} is not {expected:?}")))
}

fn row(key: &str, colour: &str, level: f64) -> Vec<Value> {
    vec![key.into(), colour.into(), level.into()]
}

fn events(element: &TestElement) -> Vec<String> {
    element
        .log()
        .into_iter()
        .filter(|line| line.contains("event of"))
        .collect()
}

#[test]
fn qap_1_qap_4_qap_32_par_101_gop_1_nt_73_what_is_uninitialised_is_0_or_empty_and_what_is_unknown_null() {
    let element = run(|protocol| {
        Box::pin(async move {
            let values = protocol.get_many(&[NUMBER, TEXT, ParamId(99), TABLE, COLOUR]).await;
            same(&values, &vec![Some(0.0.into()), Some("".into()), None, None, None])?;
            protocol.add_row(TABLE, vec!["a".into()]).await;
            same(&protocol.get_cell(TABLE, "a", LEVEL).await, &Some(Value::Uninitialised))
        })
    });
    let failed = |id: u32| format!("Error: NT_GET_PARAMETER for [{id}] failed. 0x80040239");
    assert_eq!(element.log(), [failed(99), failed(1000), failed(1002)]);
}

#[test]
fn qap_2_qap_33_par_103_par_114_nt_84_a_set_gives_a_number_that_says_what_came_of_it() {
    let element = run(|protocol| {
        Box::pin(async move {
            same(&protocol.set(NUMBER, "2.5").await, &S_OK)?;
            same(&protocol.set(NUMBER, Value::Uninitialised).await, &S_OK)?;
            same(&protocol.set(NUMBER, "abc").await, &INVALID_VALUE)?;
            same(&protocol.set(NUMBER, f64::NAN).await, &INVALID_VALUE)?;
            same(&protocol.set(ParamId(99), 1.0).await, &NOT_FOUND)?;
            same(&protocol.set(TABLE, 1.0).await, &NOT_FOUND)?;
            same(&protocol.set(COLOUR, "red").await, &NOT_FOUND)
        })
    });
    assert_eq!(element.get(10), Value::from(2.5));
    assert_eq!(events(&element), ["Info: event of 10"], "what is refused tells nothing");
}

#[test]
fn qap_3_chg_17_several_sets_come_one_after_the_other_each_with_its_event() {
    let element = run(|protocol| {
        Box::pin(async move {
            let sets = vec![
                (ParamId(20), "a".into()),
                (ParamId(99), "b".into()),
                (NUMBER, 1.0.into()),
            ];
            same(&protocol.set_many(sets).await, &vec![S_OK, NOT_FOUND, S_OK])
        })
    });
    assert_eq!(events(&element), ["Info: event of 20", "Info: event of 10"]);
}

#[test]
fn qap_5_chg_18_gop_33_nt_85_a_name_means_the_write_unless_the_read_is_asked_for() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.set_by_name("pair", "w").await;
            protocol.set_read_by_name("PAIR", "r").await;
            same(&protocol.get_by_name("Pair").await, &Some("w".into()))?;
            same(&protocol.get_read_by_name("Pair").await, &Some("r".into()))?;
            same(&protocol.find("Number", Named::Write).await, &None)?;
            same(&protocol.set_by_name("nobody", 1.0).await, &NOT_FOUND)?;
            same(&protocol.set_write_by_name("Number", 1.0).await, &NOT_FOUND)?;
            let both = protocol.set_many_by_name(Named::Any, vec![("Text", "t".into()), ("Number", 7.0.into())]);
            same(&both.await, &vec![S_OK, S_OK])
        })
    });
    assert_eq!([element.get(21), element.get(20)], ["w", "r"].map(Value::from));
    assert_eq!(element.get(10), Value::from(7.0));
}

#[test]
fn qap_6_chg_15_got_32_nt_177_bytes_are_stored_without_any_event() {
    let element = run(|protocol| {
        Box::pin(async move {
            same(&protocol.set_binary(ParamId(20), [0xE9, 0x00]).await, &S_OK)?;
            let bytes = protocol.get_data(ParamId(20)).await.unwrap_or_default();
            same(&bytes.as_ref(), &[0xE9, 0x00].as_slice())?;
            same(&protocol.set_binary(ParamId(99), b"x").await, &NOT_FOUND)
        })
    });
    assert_eq!(element.get(20), Value::from("é\0"));
    assert!(events(&element).is_empty());
}

#[test]
fn qap_7_tbl_8_gop_13_rows_and_columns_are_counted_as_the_call_says() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            protocol.add_row(TABLE, row("b", "blue", 2.0)).await;
            let blue = Some(Value::from("blue"));
            same(
                &protocol.get_cell(TABLE, RowAt::Number(2), ColumnAt::Number(2)).await,
                &blue,
            )?;
            same(
                &protocol.get_cell(TABLE, RowAt::Index(1), ColumnAt::Idx(1)).await,
                &blue,
            )?;
            same(&protocol.get_cell(TABLE, "b", COLOUR).await, &blue)?;
            for row in [RowAt::Number(0), RowAt::Number(3), RowAt::Index(2)] {
                same(&protocol.get_cell(TABLE, row, COLOUR).await, &None)?;
            }
            for column in [ColumnAt::Number(0), ColumnAt::Number(4), ColumnAt::Pid(NUMBER)] {
                same(&protocol.get_cell(TABLE, "a", column).await, &None)?;
            }
            same(&protocol.get_cell(TABLE, "zz", COLOUR).await, &None)?;
            same(&protocol.get_cell(ParamId(99), "a", COLOUR).await, &None)
        })
    });
    let log = element.log().join("\n");
    assert_eq!(log.matches("0x80040244").count(), 6, "out of bounds: {log}");
    assert_eq!(log.matches("0x80040221").count(), 2, "no such table or row: {log}");
}

#[test]
fn qap_8_tbl_79_cells_are_all_stored_before_the_first_event() {
    let mut element = Setup::new(DEFINITION)
        .qaction(1, |protocol| {
            Box::pin(async move {
                for key in ["a", "b"] {
                    protocol.add_row(TABLE, row(key, "red", 1.0)).await;
                }
                let cell = |key: &str, value: f64| (RowAt::from(key), ColumnAt::Pid(LEVEL), Value::from(value));
                let cells = vec![cell("a", 5.0), cell("b", 1.0), cell("zz", 9.0)];
                let results = protocol.set_cells(TABLE, cells).await;
                same(&results, &vec![CELL_CHANGED, S_OK, 0x8004_0221])?;
                same(&protocol.set_cell(TABLE, "a", LEVEL, 5.0).await, &false)?;
                same(&protocol.set_cell(TABLE, RowAt::Number(1), LEVEL, 6.0).await, &true)
            })
        })
        .qaction(2, |protocol| {
            Box::pin(async move {
                let levels = protocol.get_columns(TABLE, &[2]).await;
                protocol
                    .log(LogLevel::Info, format!("{} sees {levels:?}", protocol.row_key()))
                    .await;
                Ok(())
            })
        })
        .start();
    element.set(1, "go");
    insta::assert_snapshot!(element.log().join("\n"));
}

#[test]
fn qap_9_a_missing_row_has_empty_cells_and_a_missing_table_none() {
    run(|protocol| {
        Box::pin(async move {
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            same(
                &protocol.get_row(TABLE, RowAt::Index(0)).await,
                &Some(row("a", "red", 1.0)),
            )?;
            let empty = Some(vec![Value::Uninitialised; 3]);
            same(&protocol.get_row(TABLE, "zz").await, &empty)?;
            same(&protocol.get_row(TABLE, RowAt::Index(7)).await, &empty)?;
            same(&protocol.get_row(ParamId(99), "a").await, &None)
        })
    });
}

#[test]
fn qap_10_gop_19_display_keys_need_rtdisplay() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            same(&protocol.keys(TABLE, KeyType::Index).await, &vec![Arc::from("a")])?;
            same(&protocol.keys(TABLE, KeyType::DisplayKey).await, &Vec::new())
        })
    });
    assert!(element.log().concat().contains("RTDisplay"), "{:?}", element.log());
}

#[test]
fn qap_11_gop_16_nt_196_nt_411_an_index_has_no_case_unless_asked_for() {
    run(|protocol| {
        Box::pin(async move {
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            protocol.add_row(TABLE, row("b", "RED", 1.0)).await;
            let keys = |keys: &[&str]| keys.iter().map(|&key| Arc::from(key)).collect::<Vec<Arc<str>>>();
            same(&protocol.keys_for_index(COLOUR, "Red").await, &keys(&["a", "b"]))?;
            same(&protocol.keys_for_index_cased(COLOUR, "RED").await, &keys(&["b"]))?;
            same(&protocol.keys_for_index(LEVEL, 1.0).await, &keys(&[]))?;
            same(&protocol.exists(TABLE, "A").await, &false)
        })
    });
}

#[test]
fn qap_12_qap_13_qa_12_gop_14_gop_15_nt_321_positions_counts_and_empty_columns() {
    run(|protocol| {
        Box::pin(async move {
            same(&protocol.get_columns(TABLE, &[0, 2]).await, &Some(vec![vec![], vec![]]))?;
            same(&protocol.get_columns(TABLE, &[9]).await, &None)?;
            same(&protocol.input_column(1, 0), &None)?;
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            same(&protocol.key_position(TABLE, "a").await, &1)?;
            same(&protocol.key_position(TABLE, "zz").await, &0)?;
            same(
                &[protocol.row_count(TABLE).await, protocol.row_count(NUMBER).await],
                &[1, -1],
            )
        })
    });
}

#[test]
fn qap_14_tbl_70_gop_9_nt_240_rows_are_added_filled_and_deleted() {
    run(|protocol| {
        Box::pin(async move {
            same(&protocol.add_row(TABLE, row("a", "red", 1.0)).await, &1)?;
            same(&protocol.add_row(TABLE, row("b", "red", 1.0)).await, &2)?;
            same(&protocol.add_row(TABLE, row("a", "blue", 9.0)).await, &1)?;
            same(&protocol.get_cell(TABLE, "a", COLOUR).await, &Some("red".into()))?;
            same(&protocol.add_row(TABLE, row("", "red", 1.0)).await, &0)?;
            same(
                &protocol.add_row_return_key(TABLE, row("c", "red", 1.0)).await,
                &Some("c".into()),
            )?;
            same(&protocol.delete_row(TABLE, RowAt::Index(0)).await, &2)?;
            same(&protocol.delete_rows(TABLE, vec!["zz".into()]).await, &2)?;
            same(&protocol.set_row(TABLE, "zz", vec![]).await, &None)?;
            same(&protocol.clear_all_keys(TABLE).await, &0)?;
            same(&protocol.clear_all_keys(TABLE).await, &-1)?;
            same(&protocol.clear_all_keys(NUMBER).await, &1)
        })
    });
}

#[test]
fn tbl_80_tbl_85_tbl_89_tbl_90_nt_193_nt_220_nt_336_fills_by_columns_by_rows_and_of_some_columns() {
    let element = run(|protocol| {
        Box::pin(async move {
            let text = |text: &str| CellAction::from(text);
            let rows = vec![vec![text("a"), text("red")], vec![text("b"), text("blue")]];
            same(&protocol.fill_rows(TABLE, rows, Fill::Full).await, &true)?;
            let uneven = vec![vec![text("c"), text("red")], vec![text("d")]];
            same(&protocol.fill_rows(TABLE, uneven, Fill::Full).await, &false)?;
            let keys = vec![Arc::from("a"), Arc::from("b")];
            let columns = vec![
                (COLOUR, vec![text("green")]),
                (LEVEL, vec![CellAction::from(1.0), CellAction::from(2.0)]),
            ];
            same(&protocol.fill_columns(TABLE, columns, keys.clone()).await, &true)?;
            let unknown = vec![(NUMBER, vec![text("x")])];
            same(&protocol.fill_columns(TABLE, unknown, keys).await, &false)
        })
    });
    assert_eq!(element.cell(1002, "b"), "green".into());
    assert_eq!(
        [element.cell(1003, "a"), element.cell(1003, "b")],
        [1.0, 2.0].map(Value::from)
    );
}

#[test]
fn qap_17_qap_19_qa_9_a_run_knows_who_and_what_caused_it() {
    run(|protocol| {
        Box::pin(async move {
            same(&protocol.trigger_parameter(), &ParamId(1))?;
            same(&protocol.qaction_id().0, &1)?;
            same(&(protocol.dataminer_id(), protocol.element_id()), &(1, 1))?;
            same(
                &(protocol.element_name(), protocol.protocol_name()),
                &("Device", "Fixture"),
            )?;
            same(&(protocol.protocol_version(), protocol.user()), &("1.0.0.1", "user"))?;
            same(&protocol.is_active().await, &true)?;
            same(&protocol.row_key().as_ref(), &"")?;
            same(&protocol.row_index().await, &0)?;
            same(&(protocol.new_row(), protocol.old_row()), &(None, None))
        })
    });
}

#[test]
fn qap_18_qa_24_got_69_new_rows_name_what_was_set_and_old_rows_what_was() {
    let mut element = Setup::new(DEFINITION)
        .qaction(1, |protocol| {
            Box::pin(async move {
                protocol.add_row(TABLE, row("a", "red", 1.0)).await;
                protocol
                    .set_row(TABLE, "a", vec![CellAction::Leave, CellAction::Leave, 2.0.into()])
                    .await;
                let of_a_time = CellAction::SetAt(3.0.into(), 1_767_225_000_000);
                let cells = vec![CellAction::Leave, CellAction::Leave, of_a_time];
                protocol.set_row(TABLE, "a", cells).await;
                Ok(())
            })
        })
        .qaction(2, |protocol| {
            Box::pin(async move {
                let (new, old) = (protocol.new_row(), protocol.old_row());
                let index = protocol.row_index().await;
                let line = format!("row {index} {}: {new:?} was {old:?}", protocol.row_key());
                protocol.log(LogLevel::Info, line).await;
                for cell in protocol
                    .new_row_details()
                    .await
                    .unwrap_or_default()
                    .into_iter()
                    .flatten()
                {
                    protocol.log(LogLevel::Info, format!("{cell:?}")).await;
                }
                Ok(())
            })
        })
        .start();
    element.set(1, "go");
    insta::assert_snapshot!(element.log().join("\n"));
}

#[test]
fn qap_21_qap_23_par_64_nt_60_is_empty_tells_uninitialised_from_empty() {
    let element = run(|protocol| {
        Box::pin(async move {
            same(&protocol.is_empty(TEXT).await, &true)?;
            protocol.set(TEXT, "").await;
            same(&protocol.is_empty(TEXT).await, &false)?;
            for id in [ParamId(30), TABLE, COLOUR, ParamId(99)] {
                same(&protocol.is_empty(id).await, &false)?;
            }
            same(&protocol.get_data(ParamId(99)).await, &None)?;
            same(&protocol.get_data(TEXT).await.as_deref(), &Some(b"".as_slice()))
        })
    });
    let log = element.log().join("\n");
    assert_eq!(log.matches("NT_GET_DATA for [").count(), 4, "{log}");
}

#[test]
fn qap_22_chg_23_nt_123_nt_307_what_is_sent_to_the_display_raises_no_event() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.set(NUMBER, 1.0).await;
            protocol.send_to_display(NUMBER).await;
            protocol.invalidate(&[NUMBER]);
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            protocol.send_rows_to_display(TABLE, &["a", "zz"]).await;
            Ok(())
        })
    });
    assert_eq!(events(&element).len(), 1);
    assert!(element.told().contains("show 10 Number(1.0)"), "{}", element.told());
    assert_eq!(element.log().iter().filter(|line| line.contains("\"zz\"")).count(), 1);
}

#[test]
fn qap_24_par_105_nt_474_clear_takes_parameters_and_tables_and_no_columns() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.set(TEXT, "x").await;
            protocol.add_row(TABLE, row("a", "red", 1.0)).await;
            same(&protocol.clear(TEXT).await, &S_OK)?;
            same(&protocol.is_empty(TEXT).await, &true)?;
            same(&protocol.clear(TABLE).await, &S_OK)?;
            same(&protocol.row_count(TABLE).await, &0)?;
            same(
                &[protocol.clear(COLOUR).await, protocol.clear(ParamId(99)).await],
                &[NOT_FOUND; 2],
            )
        })
    });
    assert!(element.keys(1000).is_empty());
}

#[test]
fn qap_25_a_log_line_is_cut_and_stays_one_record() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.log(LogLevel::Info, "one\ntwo").await;
            protocol.log(LogLevel::Debug, "x".repeat(6000)).await;
            Ok(())
        })
    });
    let log = element.log();
    assert_eq!(log[0], "Info: one\ntwo");
    assert_eq!(log[1].len(), "Debug: ".len() + 5120);
}

#[test]
fn qap_27_nt_127_a_description_is_changed_until_the_element_stops() {
    run(|protocol| {
        Box::pin(async move {
            same(&protocol.description(NUMBER).await, &Some("A number".into()))?;
            same(&protocol.set_description(NUMBER, "Speed").await, &S_OK)?;
            same(&protocol.description(NUMBER).await, &Some("Speed".into()))?;
            same(&protocol.description(ParamId(99)).await, &None)?;
            same(&protocol.set_description(ParamId(99), "x").await, &NOT_FOUND)
        })
    });
}

#[test]
fn qap_29_what_is_not_supported_says_so_once_and_names_the_way_out() {
    let element = run(|protocol| {
        Box::pin(async move {
            for _ in 0..2 {
                protocol.notify_protocol(321).await;
                protocol.notify_dataminer(5).await;
            }
            let script = protocol.execute_script("Restart").await;
            same(
                &script.to_string(),
                &"ExecuteScript of \"Restart\" is not supported".to_owned(),
            )?;
            same(&protocol.bitrate_delta(adit::model::id::GroupId(1)).await, &None)?;
            protocol.user_connection().await;
            protocol.connectivity().await;
            let other = protocol.get_element(2, NUMBER).await;
            same(&other.is_err(), &true)
        })
    });
    insta::assert_snapshot!(element.log().join("\n"));
}

#[test]
fn apx_2_nt_50_nt_69_nt_167_a_set_of_the_own_element_waits_for_its_turn() {
    let element = run(|protocol| {
        Box::pin(async move {
            let (pair, own) = (ParamId(21), protocol.element_id());
            protocol.set_element(own, pair, None, "later").await;
            same(&protocol.get_element(own, pair).await, &Ok(Some("".into())))
        })
    });
    assert!(
        element.log().concat().contains("Pair (21)"),
        "a parameter that is not displayed is refused as from outside"
    );
}

#[test]
fn nt_256_par_44_a_time_counts_with_history_set_only() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.set_at(ParamId(12), "then", 1_000).await;
            protocol.set_at(TEXT, "now", 1_000).await;
            protocol.set_at(TEXT, "again", 1_000).await;
            Ok(())
        })
    });
    assert_eq!([element.get(12), element.get(11)], ["then", "again"].map(Value::from));
    assert_eq!(element.log().len(), 1, "told once: {:?}", element.log());
}

#[test]
fn nt_374_windows_are_closed_of_what_has_history_set_only() {
    let element = run(|protocol| {
        Box::pin(async move {
            protocol.close_trend_windows(LEVEL, Some("a"), 5).await;
            protocol.close_trend_windows(COLOUR, Some("a"), 5).await;
            protocol.close_trend_windows(ParamId(99), None, 5).await;
            Ok(())
        })
    });
    assert!(element.told().contains("close the trend of 1003 [a] at 5"));
    assert_eq!(
        element.log(),
        [
            "Error: trend windows are not closed: parameter Colour (1002) is not marked for history sets",
            "Error: trend windows are not closed: there is no parameter 99",
        ]
    );
}

#[test]
fn qap_31_qa_19_what_was_set_before_an_error_stays() {
    let mut element = Setup::new(DEFINITION)
        .qaction(1, |protocol| {
            Box::pin(async move {
                protocol.set(TEXT, "kept").await;
                Err(QActionError("out of luck".to_owned()))
            })
        })
        .start();
    element.set(1, "go").expect(11, "kept");
    assert_eq!(element.log(), ["Error: QAction 1 failed: out of luck"]);
}

/// A QAction that has a message for whoever caused it.
fn message(protocol: &SlProtocol) -> QActionFuture<'_> {
    Box::pin(async move {
        protocol.show_information_message("done").await;
        protocol.set(NUMBER, 1.0).await;
        Ok(())
    })
}

#[test]
fn qa_33_qap_26_a_message_goes_to_the_client_that_caused_the_run() {
    let mut element = Setup::new(DEFINITION).qaction(1, message).qaction(3, message).start();
    element.set(1, "go");
    let log = element.log();
    assert_eq!(log[0], "Info: message to user: done");
    assert_eq!(log[1], "Info: information: done (QAction 3)", "nested: {log:?}");
}

#[test]
fn nt_377_elm_9_a_start_is_complete_when_timers_and_lanes_run() {
    let element = run(|protocol| Box::pin(async move { same(&protocol.is_started().await, &true) }));
    assert!(element.log().is_empty());
}

#[test]
fn qap_15_qap_16_a_table_object_fails_on_a_missing_row_unless_it_is_to_add_it() {
    run(|protocol| {
        Box::pin(async move {
            let table = protocol.table(TABLE);
            let missing = table.set_row("a", row("a", "red", 1.0), MissingRow::Fail).await;
            same(&missing, &Err(QActionError("table 1000 has no row \"a\"".to_owned())))?;
            same(&protocol.row_count(TABLE).await, &0)?;
            same(
                &table.set_row("a", row("a", "red", 1.0), MissingRow::Create).await,
                &Ok(()),
            )?;
            same(
                &table.set_row("a", row("a", "blue", 1.0), MissingRow::Fail).await,
                &Ok(()),
            )?;
            same(&table.column(1).await, &Some(vec!["blue".into()]))?;
            same(
                &table
                    .set_columns(vec![(COLOUR, vec!["green".into()])], table.keys(KeyType::Index).await)
                    .await,
                &true,
            )?;
            let rows = vec![vec!["b".into(), "red".into(), CellAction::from(1.0)]];
            same(&table.fill(rows, Fill::NoDelete).await, &true)?;
            same(&table.column(1).await, &Some(vec!["green".into(), "red".into()]))
        })
    });
}

#[test]
fn qap_30_a_row_qaction_may_change_its_own_table() {
    let mut element = Setup::new(DEFINITION)
        .qaction(1, |protocol| {
            Box::pin(async move {
                protocol.add_row(TABLE, row("a", "red", 1.0)).await;
                protocol.set_cell(TABLE, "a", LEVEL, 5.0).await;
                Ok(())
            })
        })
        // The cell that it sets triggers it again, until there is nothing left to count down.
        .qaction(2, |protocol| {
            Box::pin(async move {
                let level = protocol.get_cell(TABLE, protocol.row_key(), LEVEL).await;
                let level = level.and_then(|level| level.as_number()).unwrap_or_default();
                if level > 0.0 {
                    protocol.set_cell(TABLE, protocol.row_key(), LEVEL, level - 1.0).await;
                    protocol
                        .add_row(TABLE, row(&format!("made at {level}"), "blue", 0.0))
                        .await;
                }
                Ok(())
            })
        })
        .start();
    element.set(1, "go");
    element.expect_cell(1003, "a", 0.0);
    let keys = ["a", "made at 1", "made at 2", "made at 3", "made at 4", "made at 5"].map(Arc::from);
    assert_eq!(element.keys(1000), keys);
}
