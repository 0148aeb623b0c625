//! Any text as a condition of a trigger, evaluated on a number, a text and a table of every filling.
#![no_main]

use adit::model::id::ParamId;
use adit::model::value::Value;
use adit_fuzz::{definition, escaped, param};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let sections = format!(
        "<Params>{}{}{}{}\
         <Param id=\"1000\"><Name>T</Name><Description>T</Description><Type>array</Type>\
         <ArrayOptions index=\"0\"><ColumnOption idx=\"0\" pid=\"1001\" type=\"retrieved\"/></ArrayOptions></Param>{}</Params>\
         <Triggers><Trigger id=\"1\"><On id=\"each\">parameter</On><Time>change</Time><Condition>{}</Condition>\
         <Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>\
         <Actions><Action id=\"1\"><On id=\"14\">parameter</On><Type>increment</Type></Action></Actions>",
        param(10, "read", "double", ""),
        param(11, "write", "double", "<Measurement><Type>number</Type></Measurement>"),
        param(12, "read", "string", ""),
        param(13, "write", "string", "<Measurement><Type>string</Type></Measurement>"),
        param(1001, "read", "string", ""),
        escaped(text),
    );
    let sections = sections.replace("</Params>", &format!("{}</Params>", param(14, "read", "double", "")));
    let Some(protocol) = adit_fuzz::load(&definition(&sections)) else {
        return;
    };
    let sets = [
        (ParamId(11), Value::Number(70.5)),
        (ParamId(13), Value::from("def")),
        (ParamId(13), Value::from("-11")),
        (ParamId(11), Value::Number(0.0)),
        (ParamId(13), Value::from("")),
    ];
    adit_fuzz::run(&protocol, &sets, adit_fuzz::answers(""));
});
