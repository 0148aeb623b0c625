//! The test vectors of the parameter rules (section 12): a definition, a raw value, what a person reads of it.
//!
//! What happens on sets of QActions and in tables is shown by fixtures; here is what is only shown.

use adit::element::view::View;
use adit::model::display_key::display_key;
use adit::model::display_text::display_text;
use adit::model::param::Param;
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::schema::load;

/// A definition with these parameters; it has to load without a finding that loses something.
fn protocol(params: &str) -> Protocol {
    let text =
        format!("<Protocol><Name>P</Name><Version>1</Version><Type>virtual</Type><Params>{params}</Params></Protocol>");
    load("vectors.xml", &text).protocol.expect("the definition loads")
}

/// Parameter 1: its `Interprete`, `Display` and `Measurement` without what all have.
fn param(kind: &str, interprete: &str, display: &str, measurement: &str) -> Param {
    let raw = if kind == "double" { "numeric text" } else { "other" };
    let protocol = protocol(&format!(
        "<Param id='1'><Name>A</Name><Description>A</Description><Type>read</Type>\
         <Interprete><RawType>{raw}</RawType><LengthType>next param</LengthType><Type>{kind}</Type>{interprete}</Interprete>\
         <Display><RTDisplay>true</RTDisplay>{display}</Display><Measurement>{measurement}</Measurement></Param>"
    ));
    protocol.parts().params[0].clone()
}

fn number(interprete: &str, display: &str, attributes: &str) -> Param {
    param(
        "double",
        interprete,
        display,
        &format!("<Type {attributes}>number</Type>"),
    )
}

#[test]
fn the_vectors_of_section_12_are_shown_as_written_there() {
    let na =
        "<Exceptions><Exception id='1' value='-1'><Display>N/A</Display><Value>-1</Value></Exception></Exceptions>";
    let ok = "<Type>discreet</Type><Discreets><Discreet><Display>OK</Display><Value>1</Value></Discreet></Discreets>";
    let eight = "<Decimals>8</Decimals>";
    let none = Value::Uninitialised;
    let vectors: Vec<(Param, Value, &str)> = vec![
        (
            number("", "<Decimals>2</Decimals><Units>dB</Units>", ""),
            12.3.into(),
            "12.30 dB",
        ),
        (number("", "<Units>%</Units>", ""), 12.345_678.into(), "12.345678 %"),
        (number(na, "<Units>dB</Units>", ""), (-1.0).into(), "N/A"),
        (param("double", "", "", ok), 1.0.into(), "OK"),
        (param("double", "", "", ok), 7.0.into(), "7"),
        (param("double", "", "", ok), none, "Not initialized"),
        (number("", "", "options='time'"), 123.456.into(), "02m 03s"),
        (number("", "", "options='time'"), 0.0.into(), "00s"),
        (number("", "", "options='time'"), 60.0.into(), "01m 00s"),
        (number("", "", "options='time'"), 90_061.0.into(), "1 day 01h 01m 01s"),
        (number("", "", "options='time:minute'"), 123.456.into(), "02h 03m 27s"),
        (number("", "", "options='time:minute'"), 60.0.into(), "01h 00m"),
        (
            number("", "", "options='time:hour'"),
            123.456.into(),
            "5 days 03h 27m 21s",
        ),
        (number("", "", "options='time:hour'"), 1.0.into(), "01h"),
        (
            number(eight, eight, "options='datetime'"),
            45_000.437_5.into(),
            "2023-03-15 10:30:00",
        ),
        (
            number(eight, eight, "options='datetime:minute'"),
            45_000.437_5.into(),
            "2023-03-15 10:30",
        ),
        (
            param("string", "", "", "<Type options='password'>string</Type>"),
            "secret".into(),
            "********",
        ),
        (
            number("", "<Decimals>3</Decimals>", "scientificNotation='universal'"),
            12_345.0.into(),
            "1.235E+004",
        ),
        (
            number("", "<Decimals>3</Decimals>", "scientificNotation='scientific'"),
            12_345.0.into(),
            "12.345E+003",
        ),
    ];
    for (param, raw, expected) in vectors {
        assert_eq!(
            display_text(&param, &raw),
            expected,
            "{:?} of {raw:?}",
            param.measurement
        );
    }
}

#[test]
fn dsp_50_gop_34_options_are_written_in_any_casing_and_order() {
    for options in ["time;timeofday", ";TimeOfDay;TIME", " time ; timeofday ;"] {
        let param = number("", "", &format!("options='{options}'"));
        assert_eq!(display_text(&param, &45_296.0.into()), "12:34:56", "{options}");
    }
}

#[test]
fn dsp_10_gop_20_an_exception_comes_before_a_discreet() {
    let exception =
        "<Exceptions><Exception id='1' value='1'><Display>N/A</Display><Value>1</Value></Exception></Exceptions>";
    let choices =
        "<Type>discreet</Type><Discreets><Discreet><Display>OK</Display><Value>1</Value></Discreet></Discreets>";
    assert_eq!(
        display_text(&param("double", exception, "", choices), &1.0.into()),
        "N/A"
    );
}

/// The display key of a row of a table of three columns, with these parts of its `ArrayOptions`.
fn key_of((attributes, inside): (&str, &str), cells: &[Value]) -> String {
    let column = |id: u32| {
        format!(
            "<Param id='{id}'><Name>C{id}</Name><Description>C</Description><Type>read</Type><Interprete>\
             <RawType>other</RawType><LengthType>next param</LengthType><Type>string</Type></Interprete>\
             <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>string</Type></Measurement></Param>"
        )
    };
    let columns: String = [1001, 1005, 2004].map(column).concat();
    let options: String = [1001, 1005, 2004]
        .iter()
        .enumerate()
        .map(|(idx, pid)| format!("<ColumnOption idx='{idx}' pid='{pid}' type='retrieved'/>"))
        .collect();
    let protocol = protocol(&format!(
        "<Param id='1000'><Name>T</Name><Description>T</Description><Type>array</Type>\
         <ArrayOptions index='0' {attributes}>{inside}{options}</ArrayOptions>\
         <Display><RTDisplay>true</RTDisplay></Display><Measurement><Type>table</Type></Measurement></Param>{columns}"
    ));
    display_key(&protocol, &protocol.parts().params[0], cells, &View::default())
}

#[test]
fn the_display_keys_of_section_12() {
    let format = ("", "<NamingFormat>;Input;1005;TS;2004</NamingFormat>");
    assert_eq!(key_of(format, &["k".into(), "2".into(), "3".into()]), "Input2TS3");
    let naming = ("options=';naming=/1005,2004'", "");
    assert_eq!(key_of(naming, &["k".into(), "a".into(), "b".into()]), "a/b");
}
