//! Calls on rows in the QActions of fixtures, beyond the few of `script_qaction`. A cell is written as text, `null`, `clear`
//! (the sentinel), `leave` (the sentinel), `inf`, `-inf`, or `""`.
//!
//! ```text
//! fillall T k,k v,v …   FillArray; fillsome T k,k v,v … FillArrayNoDelete; none fills with no column at all
//! fillcolumn T P k,k v,v  FillArrayWithColumn; fillcolumns T P,P k,k v,v … NT 220
//! at UNIX_MS fillsome|fillcolumns|putrow|putcell|addrow …   the same, of a time; V@UNIX_MS: a cell of a time
//! addrow T v v …        AddRow, tells the key; putrow T key v v … SetRow from the first column; putcell T key idx v
//! get T key idx, getrow T key, columns T idx,idx, count T, exists T key, position T key, clearall T
//! redefine P description|unit|low|high|step V   NT 127; described P
//! names T               display keys; index P value GetKeysForIndex; rowcontext, menu
//! ```

use adit::engine::effect::LogLevel;
use adit::engine::qaction::{CellAction, Fill, KeyType, Redefined};
use adit::engine::sl_protocol::SlProtocol;
use adit::model::id::ParamId;
use adit::model::value::Value;

/// Makes the call of a line, and logs what it gave; false when it is none of these.
pub(crate) async fn call(words: &[&str], protocol: &SlProtocol) -> bool {
    let id = |at: usize| ParamId(words[at].parse().expect("a parameter id"));
    let key = |at: usize| if words[at] == "\"\"" { "" } else { words[at] };
    let idx = |text: &str| text.parse::<usize>().expect("an idx");
    let told = match words[0] {
        "at" => at(words[1].parse().expect("milliseconds"), &words[2..], protocol).await,
        "fillall" | "fillsome" => {
            let fill = if words[0] == "fillall" {
                Fill::Full
            } else {
                Fill::NoDelete
            };
            let columns = words[2..].iter().map(|word| list(word)).collect();
            format!("filled: {}", protocol.fill_array(id(1), columns, fill).await)
        }
        "fillcolumn" => {
            let keys = words[3].split(',').map(Into::into).collect();
            let filled = protocol.fill_column(id(1), id(2), keys, list(words[4])).await;
            format!("filled: {filled}")
        }
        "fillcolumns" => {
            let columns = words[2]
                .split(',')
                .map(|id| ParamId(id.parse().expect("a parameter id")));
            let keys = words[3].split(',').map(Into::into).collect();
            let columns = columns.zip(words[4..].iter().map(|word| list(word))).collect();
            let filled = protocol.fill_columns(id(1), columns, keys).await;
            format!("filled: {filled}")
        }
        "addrow" => {
            let cells = words[2..].iter().map(|word| value(word)).collect();
            format!("added: {:?}", protocol.add_row(id(1), cells).await)
        }
        "putrow" => {
            let cells = words[3..].iter().map(|word| cell(word)).collect();
            format!("changed: {:?}", protocol.set_row(id(1), key(2), cells).await)
        }
        "putcell" => {
            let changed = protocol.set_cell(id(1), key(2), idx(words[3]), value(words[4])).await;
            format!("changed: {changed}")
        }
        "get" => format!("cell: {:?}", protocol.get_cell(id(1), key(2), idx(words[3])).await),
        "getrow" => format!("row: {:?}", protocol.get_row(id(1), key(2)).await),
        "columns" => {
            let wanted: Vec<usize> = words[2].split(',').map(idx).collect();
            format!("columns: {:?}", protocol.get_columns(id(1), &wanted).await)
        }
        "count" => format!("count: {}", protocol.row_count(id(1)).await),
        "exists" => format!("exists: {}", protocol.exists(id(1), key(2)).await),
        "position" => format!("position: {}", protocol.key_position(id(1), key(2)).await),
        "clearall" => format!("cleared: {}", protocol.clear_all_keys(id(1)).await),
        "names" => format!("names: {:?}", protocol.keys(id(1), KeyType::DisplayKey).await),
        "index" => format!("keys: {:?}", protocol.keys_for_index(id(1), value(words[2])).await),
        "redefine" => {
            let text = words[3..].join(" ");
            let number = || text.parse().unwrap_or(f64::NAN);
            let update = match words[2] {
                "description" => Redefined::Description(text.as_str().into()),
                "unit" => Redefined::Unit(text.as_str().into()),
                "low" => Redefined::RangeLow(number()),
                "high" => Redefined::RangeHigh(number()),
                "step" => Redefined::Step(number()),
                other => panic!("{other} is nothing that can be redefined"),
            };
            let results = protocol.update_description(vec![(id(1), update)]).await;
            format!("results: {results:x?}")
        }
        "described" => format!("described: {:?}", protocol.description(id(1)).await),
        "menu" => format!("menu: {:?}", protocol.facts().menu),
        "rowcontext" => {
            let facts = protocol.facts();
            let (index, old, new) = (protocol.row_index().await, &facts.old_row, &facts.new_row);
            let key = &facts.row_key;
            format!("key {key:?}, index {index}, new {new:?}, old {old:?}")
        }
        _ => return false,
    };
    protocol.log(LogLevel::Info, told).await;
    true
}

/// A call whose values are of a time.
async fn at(unix_ms: i64, words: &[&str], protocol: &SlProtocol) -> String {
    let id = |at: usize| ParamId(words[at].parse().expect("a parameter id"));
    let rows = protocol.rows_of(unix_ms);
    match words[0] {
        "fillsome" => {
            let columns = words[2..].iter().map(|word| list(word)).collect();
            format!("filled: {}", rows.fill_array(id(1), columns, Fill::NoDelete).await)
        }
        "fillcolumns" => {
            let keys = words[3].split(',').map(Into::into).collect();
            let filled = rows.fill_columns(id(1), vec![(id(2), list(words[4]))], keys).await;
            format!("filled: {filled}")
        }
        "putrow" => {
            let cells = words[3..].iter().map(|word| cell(word)).collect();
            format!("changed: {:?}", rows.set_row(id(1), words[2], cells).await)
        }
        "putcell" => {
            let idx: usize = words[3].parse().expect("an idx");
            let changed = rows.set_cell(id(1), words[2], idx, value(words[4])).await;
            format!("changed: {changed}")
        }
        "addrow" => {
            let cells = words[2..].iter().map(|word| value(word)).collect();
            format!("added: {:?}", rows.add_row(id(1), cells).await)
        }
        other => panic!("{other} takes no time"),
    }
}

fn list(word: &str) -> Vec<CellAction> {
    match word {
        "none" => Vec::new(),
        _ => word.split(',').map(cell).collect(),
    }
}

fn cell(word: &str) -> CellAction {
    match word {
        "clear" => CellAction::Clear,
        "leave" => CellAction::Leave,
        _ if word.contains('@') => {
            let (text, of) = word.split_once('@').expect("it is there");
            CellAction::SetAt(value(text), of.parse().expect("milliseconds"))
        }
        _ => CellAction::Set(value(word)),
    }
}

fn value(word: &str) -> Value {
    match word {
        "null" => Value::Uninitialised,
        "inf" => Value::Number(f64::INFINITY),
        "-inf" => Value::Number(f64::NEG_INFINITY),
        "\"\"" => Value::from(""),
        _ => word.into(),
    }
}
