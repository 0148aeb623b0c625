//! QActions for fixtures: a line is a call.
//!
//! ```text
//! set P VALUE        SetParameter; VALUE may be $P (the value of P), $key, $trigger, $status (of a timer's result)
//! product P A B      SetParameter(P, A * B)
//! text P             logs the value of P
//! sleep 5s, check N, action N, clear P, empty P, fail TEXT, panic, forever
//! row T key v v …    AddRow; setrow T key v - v … (- keeps); cell T key idx v; delete T key; fill T k,k v,v; keys T
//! further calls on rows: see `script_rows`
//! request M URL BODY URL… the requests of a multithreaded timer; result logs what came of them
//! reset TIMER, pool TIMER true|false
//! element ID|NAME activate|pause|stop|restart
//! schedule TIMER key, state C true|false; input logs the input parameters
//! ```

use adit::engine::effect::LogLevel;
use adit::engine::qaction::{
    CellAction, Fill, KeyType, QAction, QActionError, QActionFuture, QActionResult, TimerCertificate, TimerPath,
    TimerRequest, TimerResult,
};
use adit::engine::sl_protocol::SlProtocol;
use adit::engine::to_element::{ElementRef, StateRequest};
use adit::model::id::{ActionId, ConnectionId, ParamId, TimerId, TriggerId};
use adit::model::moment::Span;
use adit::model::value::Value;

use crate::support::fixture::moment;
use crate::support::script_rows;

/// A QAction made of lines.
pub(crate) struct ScriptQAction {
    lines: Vec<String>,
}

impl ScriptQAction {
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self {
            lines: lines.map(str::to_owned).collect(),
        }
    }
}

impl QAction for ScriptQAction {
    fn run<'a>(&'a self, protocol: &'a SlProtocol) -> QActionFuture<'a> {
        Box::pin(async move {
            for line in &self.lines {
                call(line, protocol).await?;
            }
            Ok(())
        })
    }
}

async fn call(line: &str, protocol: &SlProtocol) -> QActionResult {
    let words: Vec<&str> = line.split(' ').collect();
    let id = |at: usize| ParamId(words[at].parse().expect("a parameter id"));
    let number = |at: usize| words[at].parse::<u32>().expect("a number");
    match words[0] {
        "set" => {
            let value = value(&words[2..].join(" "), protocol).await;
            protocol.set(id(1), value).await;
        }
        "product" => {
            let product = protocol.get_number(id(2)).await * protocol.get_number(id(3)).await;
            protocol.set(id(1), product).await;
        }
        "text" => {
            let text = format!("{} is \"{}\"", words[1], protocol.get_text(id(1)).await);
            protocol.log(LogLevel::Info, text).await;
        }
        "empty" => {
            let empty = protocol.is_empty(id(1)).await;
            protocol
                .log(LogLevel::Info, format!("{} is empty: {empty}", words[1]))
                .await;
        }
        "sleep" => protocol.sleep(Span(moment(words[1]).0)).await,
        "check" => protocol.check_trigger(TriggerId(number(1))).await,
        "action" => protocol.run_action(ActionId(number(1))).await,
        "clear" => {
            protocol.clear(id(1)).await;
        }
        "row" => {
            let cells = words[2..].iter().map(|&word| Value::from(word)).collect();
            protocol.add_row(id(1), cells).await;
        }
        "setrow" => {
            let mut cells = vec![CellAction::Leave];
            cells.extend(
                words[3..]
                    .iter()
                    .map(|&word| if word == "-" { CellAction::Leave } else { word.into() }),
            );
            let flags = protocol.set_row(id(1), words[2], cells).await;
            protocol.log(LogLevel::Info, format!("changed: {flags:?}")).await;
        }
        "cell" => {
            let changed = protocol.set_cell(id(1), words[2], number(3) as usize, words[4]).await;
            protocol.log(LogLevel::Info, format!("changed: {changed}")).await;
        }
        "delete" => {
            let left = protocol.delete_rows(id(1), vec![words[2].into()]).await;
            protocol.log(LogLevel::Info, format!("left: {left}")).await;
        }
        "fill" => {
            let column = |word: &&str| word.split(',').map(CellAction::from).collect::<Vec<_>>();
            let filled = protocol
                .fill_array(id(1), words[2..].iter().map(column).collect(), Fill::Full)
                .await;
            protocol.log(LogLevel::Info, format!("filled: {filled}")).await;
        }
        "keys" => {
            let keys = protocol.keys(id(1), KeyType::Index).await;
            protocol.log(LogLevel::Info, format!("keys: {keys:?}")).await;
        }
        "request" => {
            let url = words[2].replace("$key", protocol.row_key());
            let body = words.get(3).copied().unwrap_or_default().as_bytes().into();
            let (method, headers) = (words[1].to_owned(), Vec::new());
            let further = words.get(4..).unwrap_or_default().iter().map(|url| TimerPath {
                url: url.replace("$key", protocol.row_key()),
                body: [].into(),
            });
            protocol
                .return_request(TimerRequest {
                    method,
                    url,
                    headers,
                    body,
                    timeout: None,
                    certificate: TimerCertificate::default(),
                    further: further.collect(),
                })
                .await;
        }
        "result" => {
            let text = match &protocol.facts().result {
                TimerResult::NotPolled => "not polled".to_owned(),
                TimerResult::Response(response) => format!("{} {}", response.status_line(), response.text()),
                TimerResult::Responses(responses) => responses
                    .iter()
                    .map(|response| format!("{} {}", response.status_line(), response.text()))
                    .collect::<Vec<_>>()
                    .join(", "),
                TimerResult::Failed(error) => error.to_string(),
            };
            protocol
                .log(LogLevel::Info, format!("{}: {text}", protocol.row_key()))
                .await;
        }
        "input" => {
            let texts: Vec<String> = protocol
                .facts()
                .input
                .iter()
                .map(|input| format!("{input:?}"))
                .collect();
            protocol
                .log(LogLevel::Info, format!("input: {}", texts.join(", ")))
                .await;
        }
        "schedule" => {
            let queued = protocol.schedule_row(TimerId(number(1)), words[2]).await;
            protocol.log(LogLevel::Info, format!("queued: {queued}")).await;
        }
        "reset" => protocol.reset_thread_pool(TimerId(number(1))).await,
        "pool" => {
            protocol
                .set_thread_pool_state(TimerId(number(1)), words[2] == "true")
                .await;
        }
        "state" => {
            let connection = ConnectionId(words[1].parse().expect("a connection"));
            protocol.communication_state(connection, words[2] == "true").await;
        }
        "element" => {
            let command = match words[2] {
                "activate" => StateRequest::Activate,
                "pause" => StateRequest::Pause,
                "stop" => StateRequest::Stop,
                "restart" => StateRequest::Restart,
                other => panic!("{other} is no command of an element"),
            };
            let element = words[1]
                .parse()
                .map_or_else(|_| ElementRef::from(words[1]), ElementRef::Id);
            protocol.set_element_state(element, command).await;
        }
        "forever" => loop {
            protocol.is_active().await;
        },
        "fail" => return Err(QActionError(words[1..].join(" "))),
        "panic" => panic!("on purpose"),
        _ if script_rows::call(&words, protocol).await => {}
        other => panic!("a QAction of a fixture cannot {other:?}"),
    }
    Ok(())
}

async fn value(text: &str, protocol: &SlProtocol) -> Value {
    let facts = protocol.facts();
    match text.strip_prefix('$') {
        None => text.into(),
        Some("key") => Value::Text(std::sync::Arc::clone(protocol.row_key())),
        Some("trigger") => Value::from(f64::from(facts.trigger_parameter.0)),
        Some("user") => Value::Text(std::sync::Arc::clone(&facts.user)),
        Some(id) => protocol
            .get(ParamId(id.parse().expect("a parameter id")))
            .await
            .unwrap_or_default(),
    }
}
