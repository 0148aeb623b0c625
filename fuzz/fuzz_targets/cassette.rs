//! Any text as a HAR file: what is in it answers an element that asks for `/a` and follows redirects, cookies and logins.
#![no_main]

use std::sync::Arc;
use std::sync::LazyLock;

use adit::model::id::ParamId;
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::simulate::cassette::Cassette;
use adit::simulate::replay::Replay;
use adit_fuzz::{definition, param};
use libfuzzer_sys::fuzz_target;

static POLLS: LazyLock<Option<Arc<Protocol>>> = LazyLock::new(|| {
    let sections = format!(
        "<Params>{}{}{}{}</Params>\
         <HTTP><Session id=\"1\" loginMethod=\"credentials\" userName=\"2\" password=\"4\"><Connection id=\"1\"><Request verb=\"GET\" url=\"/a\"/>\
         <Response statusCode=\"6\"><Headers><Header key=\"Content-Type\" pid=\"8\"/></Headers><Content pid=\"8\"/></Response></Connection></Session></HTTP>\
         <Groups><Group id=\"1\"><Content><Session>1</Session></Content></Group></Groups>\
         <Timers><Timer id=\"1\"><Time initial=\"true\">5000</Time><Content><Group>1</Group></Content></Timer></Timers>",
        param(2, "read", "string", "").replace("<LengthType>", "<DefaultValue>u</DefaultValue><LengthType>"),
        param(4, "read", "string", "").replace("<LengthType>", "<DefaultValue>p</DefaultValue><LengthType>"),
        param(6, "read", "string", ""),
        param(8, "read", "string", ""),
    );
    adit_fuzz::load(&definition(&sections))
});

fuzz_target!(|text: &str| {
    let Ok(cassette) = Cassette::parse(text) else { return };
    let Some(protocol) = &*POLLS else { return };
    let mut replay = Replay::new(cassette);
    let sets = [(ParamId(2), Value::from("user"))];
    adit_fuzz::run(protocol, &sets, move |request| replay.answer(request));
});
