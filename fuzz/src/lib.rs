//! What the fuzz targets share: a definition is loaded, and an element runs it for a minute of virtual time. No target asks for a result; none may panic, hang or grow without bound.

use std::fmt::Write;
use std::sync::Arc;

use adit::engine::exchange::{Request, Response};
use adit::engine::qaction::QActionSet;
use adit::engine::saved::Saved;
use adit::engine::settings::ElementSettings;
use adit::model::display_text::display_text;
use adit::model::id::{ElementId, ParamId};
use adit::model::moment::{Moment, Span};
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::schema::render::{self, Paint};
use adit::simulate::scenario::{Answer, Scenario};
use adit::simulate::trace::TraceWriter;

/// How long an element runs.
pub const MINUTE: Span = Span::seconds(60);

/// What happens at most in a run: a definition may tick every millisecond.
const MOST_STEPS: usize = 200;

/// Loads a definition.
#[must_use]
pub fn load(text: &str) -> Option<Arc<Protocol>> {
    adit::schema::load("fuzz.xml", text).protocol.map(Arc::new)
}

/// Loads a definition, and prints what was found in it in every format.
#[must_use]
pub fn load_and_print(text: &str) -> Option<Arc<Protocol>> {
    let loaded = adit::schema::load("fuzz.xml", text);
    let _ = render::human(&loaded, Paint::Plain);
    let all = [loaded];
    let _ = render::json(&all);
    let _ = render::sarif(&all);
    let [loaded] = all;
    loaded.protocol.map(Arc::new)
}

/// Runs an element for a minute, with sets a second apart, against a device that answers at once. The trace is written,
/// and every value that changes is put into words.
pub fn run(
    protocol: &Arc<Protocol>,
    sets: &[(ParamId, Value)],
    device: impl FnMut(&Request) -> Answer + Send + 'static,
) {
    let settings = ElementSettings::prefilled(ElementId(1), "Fuzz", protocol);
    let mut writer = TraceWriter::new(Arc::clone(protocol));
    let shown = Arc::clone(protocol);
    let observer = move |at, effect: &_| {
        let _ = writer.line(at, effect);
        if let adit::engine::effect::Effect::Parameter(change) = effect
            && let Some(param) = shown.param(change.id)
        {
            let _ = display_text(param, &change.value);
        }
    };
    let (device, observer) = (Box::new(device), Box::new(observer));
    let mut scenario = Scenario::new(Arc::clone(protocol), settings, QActionSet::default(), device, observer);
    scenario.start(Saved::default(), 1_700_000_000_000);
    for ((param, value), second) in sets.iter().zip(1..) {
        scenario.set_at(Moment::START + Span::seconds(second), *param, None, value.clone());
    }
    let mut steps = 0;
    while steps < MOST_STEPS && scenario.step(Moment::START + MINUTE) {
        steps += 1;
    }
}

/// A device whose body is always the same.
pub fn answers(body: &str) -> impl FnMut(&Request) -> Answer + Send + 'static {
    let body: Arc<[u8]> = body.as_bytes().into();
    move |_| {
        let response = Response {
            version: "HTTP/1.1".to_owned(),
            status: 200,
            reason: "OK".to_owned(),
            headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
            body: Arc::clone(&body),
        };
        (Span(20), Ok(response))
    }
}

/// A definition with these sections.
#[must_use]
pub fn definition(sections: &str) -> String {
    format!("<Protocol><Name>Fuzz</Name><Version>1.0.0.1</Version><Type>http</Type>{sections}</Protocol>")
}

/// A parameter; `rest` stands behind its `Display`.
#[must_use]
pub fn param(id: u32, kind: &str, interprete: &str, rest: &str) -> String {
    format!(
        "<Param id=\"{id}\"><Name>P{}</Name><Description>P</Description><Type>{kind}</Type>\
         <Interprete><RawType>other</RawType><Type>{interprete}</Type><LengthType>next param</LengthType></Interprete>\
         <Display><RTDisplay>true</RTDisplay></Display>{rest}</Param>",
        id - id % 2
    )
}

/// A text as it stands between two tags or two quotes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // No text of XML can hold these, so no option or condition can either.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('?'),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(char));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
