//! `Timer@options`: what makes a timer multithreaded.
//!
//! Rules: MTT-1 to MTT-3, MTT-6, MTT-8, MTT-9, MTT-12, MTT-13, MTT-15, MTT-23, MTT-24.

use std::collections::BTreeMap;

use crate::model::id::{ParamId, QActionId};
use crate::model::moment::Span;
use crate::model::timer::{MultiThreaded, PollingRate, PoolStatistics};
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::{Field, word_list};
use crate::schema::tree::Node;

/// The options there are. `ping` and `instance` are reported as not run (MTT-24).
const NAMES: &[&str] = &[
    "ip",
    "each",
    "threadPool",
    "pollingRate",
    "dynamicThreadPool",
    "ignoreIf",
    "qaction",
    "qactionBefore",
    "qactionAfter",
    "ping",
    "instance",
];

/// The options by name as in [`NAMES`]; the value is what stands behind the first colon.
type Options<'t> = BTreeMap<&'static str, Field<'t>>;

/// The timer is meant to be multithreaded and cannot be; why was reported.
#[derive(Debug)]
pub(super) struct Unusable {
    /// The table whose rows it is for, if that can be read.
    pub(super) table: Option<ParamId>,
}

/// What makes a timer multithreaded; nothing when it is an ordinary one.
pub(super) fn multithreaded(cx: &mut Lowering<'_>, timer: Node<'_>) -> Result<Option<MultiThreaded>, Unusable> {
    let Some(field) = timer.attribute("options").filter(|field| !field.is_empty()) else {
        return Ok(None);
    };
    let options = split(cx, field);
    if options.is_empty() {
        return Ok(None);
    }
    // Each is looked at before the first missing one ends it, so that all are reported.
    let source = required(cx, &options, field, "ip", &codes::TIMER_IP_MISSING).and_then(|ip| driving_table(cx, ip));
    let each = required(cx, &options, field, "each", &codes::TIMER_EACH_MISSING).and_then(|each| period(cx, each));
    let pool = pool(cx, &options, field);
    let table = source.map(|(table, _)| table);
    let polling_rate = options.get("pollingRate").and_then(|&rate| polling_rate(cx, rate));
    let dynamic_pool = options
        .get("dynamicThreadPool")
        .and_then(|&pid| cx.param(pid, &codes::TIMER_DYNAMIC_POOL));
    let ignore_if = options.get("ignoreIf").and_then(|&value| ignore_if(cx, value, table));
    let before = options
        .get("qactionBefore")
        .and_then(|&id| cx.qaction(id, &codes::TIMER_OPTION_UNKNOWN_ID));
    let after = options
        .get("qactionAfter")
        .and_then(|&id| cx.qaction(id, &codes::TIMER_OPTION_UNKNOWN_ID));
    let each_row = options.get("qaction").and_then(|&id| each_row(cx, id));
    let (Some((table, address_column)), Some(each), Some((pool_size, queue_size, statistics))) = (source, each, pool)
    else {
        return Err(Unusable { table });
    };
    Ok(Some(MultiThreaded {
        table,
        address_column,
        each,
        pool_size,
        queue_size,
        statistics,
        polling_rate,
        dynamic_pool,
        ignore_if,
        before,
        after,
        each_row,
        group_column: None,
    }))
}

/// `name:value;name:value`, names in any casing, blanks around them trimmed (MTT-1).
fn split<'t>(cx: &mut Lowering<'_>, field: Field<'t>) -> Options<'t> {
    let mut options = Options::new();
    for part in field.parts(';').filter(|part| !part.is_empty()) {
        let (name, value) = part
            .split_once(':')
            .unwrap_or((part, part.part(&part.raw()[part.raw().len()..])));
        let Some(&known) = NAMES.iter().find(|known| name.is(known)) else {
            let message = format!("a timer has no option `{}`; it is ignored", name.text());
            let hint = format!("use {}", word_list(NAMES.iter().copied()));
            cx.report(Diagnostic::new(&codes::TIMER_OPTION_UNKNOWN, name.span(), message).hint(hint));
            continue;
        };
        if known == "ping" {
            let message = "the option `ping` is not run here, and a ping counts as answered: an ICMP echo needs rights \
                           that this program does not ask for";
            cx.report(Diagnostic::new(&codes::NOT_RUN, name.span(), message));
        }
        if known == "instance" {
            let message = "the option `instance` is not run here: SNMP is not supported";
            cx.report(Diagnostic::new(&codes::NOT_RUN, name.span(), message));
        }
        if options.contains_key(known) {
            let message = format!("the option `{}` is given twice; the first one counts", name.text());
            cx.report(Diagnostic::new(&codes::TIMER_OPTION_TWICE, name.span(), message).hint("remove one of them"));
            continue;
        }
        options.insert(known, value);
    }
    options
}

fn required<'t>(
    cx: &mut Lowering<'_>,
    options: &Options<'t>,
    field: Field<'t>,
    name: &str,
    missing: &'static Code,
) -> Option<Field<'t>> {
    let option = options.get(name).copied();
    if option.is_none() {
        let message = format!("a timer with options needs the option `{name}`; the timer is left out");
        let hint = "a multithreaded timer has `ip`, `each` and `threadPool`";
        cx.report(Diagnostic::new(missing, field.span(), message).hint(hint));
    }
    option
}

/// `ip:<table>,<column>` (MTT-2).
fn driving_table(cx: &mut Lowering<'_>, ip: Field<'_>) -> Option<(ParamId, usize)> {
    let Some((table, column)) = ip.split_once(',') else {
        return unreadable(cx, &codes::TIMER_IP, ip, "ip:1000,3");
    };
    let id = cx.param(table, &codes::TIMER_OPTION_UNKNOWN_ID)?;
    let Some(columns) = cx.tables.get(&id).map(Vec::len) else {
        let message = format!("parameter {id} is not a table");
        cx.report(
            Diagnostic::new(&codes::TIMER_IP, table.span(), message).hint("name the table that drives the timer"),
        );
        return None;
    };
    Some((id, column_of(cx, id, columns, column)?))
}

/// A 0-based column of a table.
fn column_of(cx: &mut Lowering<'_>, table: ParamId, columns: usize, field: Field<'_>) -> Option<usize> {
    let column = field.digits().filter(|&column| column < columns);
    if column.is_none() {
        let message = format!("table {table} has no column `{}`", field.text());
        let hint = format!("columns count from 0; the table has {columns}");
        cx.report(Diagnostic::new(&codes::TIMER_COLUMN, field.span(), message).hint(hint));
    }
    column
}

/// `each:<ms>` (MTT-3).
fn period(cx: &mut Lowering<'_>, each: Field<'_>) -> Option<Span> {
    match each.digits().filter(|&milliseconds| milliseconds > 0) {
        Some(milliseconds) => Some(Span(milliseconds)),
        None => unreadable(cx, &codes::TIMER_EACH, each, "each:10000"),
    }
}

type Pool = (u32, u32, Option<PoolStatistics>);

/// `threadPool`; one row after the other when only `qaction` is given (MTT-6, MTT-23).
fn pool<'t>(cx: &mut Lowering<'_>, options: &Options<'t>, field: Field<'t>) -> Option<Pool> {
    if !options.contains_key("threadPool") && options.contains_key("qaction") {
        return Some((1, 10, None));
    }
    let pool = required(cx, options, field, "threadPool", &codes::TIMER_POOL_MISSING)?;
    let parts: Vec<Field<'t>> = pool.parts(',').collect();
    let Some(given) = parts
        .first()
        .and_then(|size| size.digits::<u32>())
        .filter(|&size| size > 0)
    else {
        return unreadable(cx, &codes::TIMER_POOL, pool, "threadPool:10");
    };
    // `qaction` runs row after row, whatever the pool has room for (MTT-23).
    let size = if options.contains_key("qaction") { 1 } else { given };
    let queue = match parts.get(7) {
        None => given.saturating_mul(10),
        Some(queue) => match queue.digits() {
            Some(queue) => queue,
            None => return unreadable(cx, &codes::TIMER_POOL, *queue, "threadPool:10,-1,-1,-1,-1,-1,-1,500"),
        },
    };
    Some((size, queue, statistics(cx, &parts)))
}

/// The parameters of `threadPool`; -1 stands for none, and for no statistics at all as their interval.
fn statistics(cx: &mut Lowering<'_>, parts: &[Field<'_>]) -> Option<PoolStatistics> {
    let given = |index: usize| {
        parts
            .get(index)
            .copied()
            .filter(|part| !part.is("-1") && !part.is_empty())
    };
    let interval = given(1)?;
    let Some(seconds) = interval.digits().filter(|&seconds| seconds > 0) else {
        return unreadable(cx, &codes::TIMER_POOL, interval, "threadPool:10,5,205,206,207,208,209");
    };
    let mut param = |index| given(index).and_then(|pid| cx.param(pid, &codes::TIMER_OPTION_UNKNOWN_ID));
    Some(PoolStatistics {
        every: Span::seconds(seconds),
        usage: param(2),
        waiting: param(3),
        max_duration: param(4),
        avg_duration: param(5),
        counter: param(6),
    })
}

/// `pollingRate:<interval>,<max>,<release>` (MTT-8).
fn polling_rate(cx: &mut Lowering<'_>, rate: Field<'_>) -> Option<PollingRate> {
    let mut numbers = rate.parts(',').map(|part| part.digits::<u32>());
    let interval = numbers.next().flatten().filter(|&interval| interval >= 15);
    let (max, release) = (numbers.next().unwrap_or(Some(10)), numbers.next().unwrap_or(Some(10)));
    let (Some(interval), Some(max), Some(release)) = (interval, max, release) else {
        return unreadable(cx, &codes::TIMER_POLLING_RATE, rate, "pollingRate:15,3,3");
    };
    Some(PollingRate {
        interval: Span(interval.into()),
        max,
        release,
    })
}

/// `ignoreIf:<column>,<value>`, also with a colon between them (MTT-13).
fn ignore_if(cx: &mut Lowering<'_>, field: Field<'_>, table: Option<ParamId>) -> Option<(usize, f64)> {
    let Some((column, value)) = field.split_once(',').or_else(|| field.split_once(':')) else {
        return unreadable(cx, &codes::TIMER_IGNORE_IF, field, "ignoreIf:6,-1");
    };
    let value = value.number(.., &mut cx.diagnostics)?;
    let table = table?;
    let columns = cx.tables.get(&table).map_or(0, Vec::len);
    Some((column_of(cx, table, columns, column)?, value))
}

/// `qaction:<id>`, which works but is obsolete (MTT-23).
fn each_row(cx: &mut Lowering<'_>, id: Field<'_>) -> Option<QActionId> {
    let message = "`qaction` runs row after row and is obsolete";
    cx.report(Diagnostic::new(&codes::TIMER_QACTION_OBSOLETE, id.span(), message).hint("use `qactionBefore`"));
    cx.qaction(id, &codes::TIMER_OPTION_UNKNOWN_ID)
}

fn unreadable<T>(cx: &mut Lowering<'_>, code: &'static Code, field: Field<'_>, example: &str) -> Option<T> {
    let message = format!("`{}` cannot be read here", field.text());
    cx.report(Diagnostic::new(code, field.span(), message).hint(format!("write it like `{example}`")));
    None
}
