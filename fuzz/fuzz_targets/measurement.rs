//! Any text as the `Measurement` and the `Display` of a parameter, and any value set to it. The input is the kind on the
//! first line, the value on the second, then the content of both tags, with `---` between them.
#![no_main]

use adit::model::id::ParamId;
use adit::model::value::Value;
use adit_fuzz::{definition, param};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, '\n');
    let (Some(kind), Some(value), Some(content)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let interprete = if kind.contains('d') { "double" } else { "string" };
    let (measurement, display) = content.split_once("---").unwrap_or((content, ""));
    let display = format!("<RTDisplay>true</RTDisplay>{display}");
    let of = |id, kind: &str| {
        let measurement = format!("<Measurement>{measurement}</Measurement>");
        param(id, kind, interprete, &measurement).replace("<RTDisplay>true</RTDisplay>", &display)
    };
    let sections = format!(
        "<Params>{}{}</Params>\
         <Triggers><Trigger id=\"1\"><On id=\"11\">parameter</On><Time>change</Time><Type>action</Type><Content><Id>1</Id></Content></Trigger></Triggers>\
         <Actions><Action id=\"1\"><On id=\"10\">parameter</On><Type id=\"11\">copy</Type></Action></Actions>",
        of(10, "read"),
        of(11, "write"),
    );
    let Some(protocol) = adit_fuzz::load(&definition(&sections)) else {
        return;
    };
    let mut sets = vec![(ParamId(11), Value::from(value))];
    sets.extend(
        value
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(|number| (ParamId(11), Value::Number(number))),
    );
    adit_fuzz::run(&protocol, &sets, adit_fuzz::answers(""));
});
