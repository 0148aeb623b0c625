//! Any text in every place that has a grammar of its own inside an attribute or a tag: one line of the input each, and
//! the last line for all places behind it.
#![no_main]

use adit::model::id::ParamId;
use adit::model::value::Value;
use adit_fuzz::{definition, escaped, param};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n').map(escaped);
    let mut last = String::new();
    let mut next = || {
        if let Some(line) = lines.next() {
            last = line;
        }
        last.clone()
    };
    let (array, column, timer, kind) = (next(), next(), next(), next());
    let (measurement, action, action_id, communication) = (next(), next(), next(), next());
    let (time, pages, url, naming) = (next(), next(), next(), next());
    let measured = |kind: &str| format!("<Measurement><Type options=\"{measurement}\">{kind}</Type></Measurement>");
    let sections = format!(
        "<Params>{a}{b}{c}{d}{e}{f}\
         <Param id=\"1000\"><Name>T</Name><Description>T</Description><Type options=\"{kind}\">array</Type>\
         <ArrayOptions index=\"0\" options=\"{array}\"><NamingFormat>{naming}</NamingFormat>\
         <ColumnOption idx=\"0\" pid=\"1001\" type=\"retrieved\"/>\
         <ColumnOption idx=\"1\" pid=\"1002\" type=\"retrieved\" options=\"{column}\"/></ArrayOptions>\
         <Display><RTDisplay>true</RTDisplay></Display>{table}</Param></Params>\
         <Display defaultPage=\"A\" pageOrder=\"{pages}\"/>\
         <PortSettings><Type>http</Type></PortSettings>\
         <HTTP><Session id=\"1\"><Connection id=\"1\"><Request verb=\"GET\" url=\"{url}\"/>\
         <Response statusCode=\"10\"><Content pid=\"12\"/></Response></Connection></Session></HTTP>\
         <Groups><Group id=\"1\"><Content><Session>1</Session></Content></Group></Groups>\
         <Timers><Timer id=\"1\" options=\"{timer}\"><Time initial=\"true\">10000</Time><Content><Group>1</Group></Content></Timer></Timers>\
         <Triggers><Trigger id=\"1\"><On id=\"11\">parameter</On><Time>{time}</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger>\
         <Trigger id=\"2\"><On id=\"13\">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1;2</Id></Content></Trigger></Triggers>\
         <Actions><Action id=\"1\"><On id=\"{action_id}\">parameter</On><Type options=\"{action}\">replace data</Type></Action>\
         <Action id=\"2\"><On id=\"12\">parameter</On><Type options=\"{action}\" value=\"{action}\" id=\"10\">{action_id}</Type></Action></Actions>",
        a = param(10, "read", "double", &measured("number")),
        b = param(11, "write", "double", &measured("number")),
        c = param(12, "read", "string", &measured("string")),
        d = param(13, "write", "string", &measured("string")),
        e = param(1001, "read", "string", ""),
        f = param(1002, "read", "string", ""),
        table = measured("table"),
    );
    let text = definition(&sections).replace(
        "<Type>http</Type><Params>",
        &format!("<Type communicationOptions=\"{communication}\">http</Type><Params>"),
    );
    let Some(protocol) = adit_fuzz::load(&text) else { return };
    let sets = [(ParamId(11), Value::Number(5.0)), (ParamId(13), Value::from("a-.b"))];
    adit_fuzz::run(&protocol, &sets, adit_fuzz::answers("body"));
});
