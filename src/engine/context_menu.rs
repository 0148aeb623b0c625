//! A choice from the context menu of a table: no set, but a run of the QActions on the menu's parameter.
//!
//! The QAction gets a list of texts: who chooses, the item's value, what was entered for the parameters that the item
//! asks for, and the primary keys of the selected rows. Nothing is stored; no trigger and no setter runs.
//!
//! Rules: CHG-20, TBL-110 to TBL-114, TBL-116, DSP-90.

use std::sync::Arc;

use crate::alarm::Says;
use crate::engine::Engine;
use crate::engine::effect::LogLevel;
use crate::engine::event::SetRequest;
use crate::engine::set::{RefusedReason, SetRefused, check, refused};
use crate::engine::set_frame::FactsOfSet;
use crate::model::id::ParamId;
use crate::model::measurement::Discreet;
use crate::model::param::Param;
use crate::model::protocol::Protocol;
use crate::model::value::Value;

/// How many rows have to be selected for an item (TBL-112).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    /// Any number, which the QAction is not told.
    Free,
    /// `table:selection`.
    Some,
    /// `table:singleselection`.
    One,
}

/// A parameter that an item asks for (TBL-113): `pid`, `pid?`, `pid:default`, `pid?:default`.
#[derive(Debug, PartialEq)]
struct Dependency<'a> {
    param: ParamId,
    optional: bool,
    default: Option<&'a str>,
}

impl Engine {
    /// What the QActions on the menu get, or why the choice is refused.
    pub(super) fn choose(&mut self, menu: &Param, request: &SetRequest) -> Result<Vec<String>, SetRefused> {
        let protocol = Arc::clone(&self.protocol);
        let item = item(menu, &request.value)?;
        let table = table_of(&protocol, menu);
        let rows = self.selected(menu, item, table, request)?;
        let dependencies = self.dependencies(menu, item, table, request, &rows)?;
        let row = table
            .map(|table| protocol.table_with_rows(table.id))
            .zip(request.menu.rows.first());
        let display = self.fill_in(&item.display, row);
        self.tell_choice(menu, item, &display, request, &dependencies);
        let value = self.fill_in(&item.value.to_text(), row);
        let mut entries = vec![request.id.0.to_string(), value];
        entries.extend(dependencies);
        entries.extend(rows.iter().map(|key| key.to_string()));
        Ok(entries)
    }

    /// The selected rows that the item wants; they must exist.
    fn selected(
        &self,
        menu: &Param,
        item: &Discreet,
        table: Option<&Param>,
        request: &SetRequest,
    ) -> Result<Vec<Arc<str>>, SetRefused> {
        let rows = &request.menu.rows;
        let wanted = match selection(item) {
            Selection::Free => return Ok(Vec::new()),
            Selection::Some if rows.is_empty() => Some("at least one selected row"),
            Selection::One if rows.len() != 1 => Some("exactly one selected row"),
            Selection::Some | Selection::One => None,
        };
        if let Some(wanted) = wanted {
            let what = format!("takes {wanted} for `{}`", item.display);
            return Err(refused(menu, RefusedReason::RowMissing, &what));
        }
        let memory = table.and_then(|table| self.tables.get(&self.protocol.table_with_rows(table.id)));
        let missing = rows.iter().find(|key| !memory.is_some_and(|rows| rows.contains(key)));
        match missing {
            Some(key) => {
                let what = format!("belongs to a table that has no row \"{key}\"");
                Err(refused(menu, RefusedReason::RowMissing, &what))
            }
            None => Ok(rows.clone()),
        }
    }

    /// One entry for each parameter that the item asks for; an empty text for an optional one that was left open.
    fn dependencies(
        &self,
        menu: &Param,
        item: &Discreet,
        table: Option<&Param>,
        request: &SetRequest,
        rows: &[Arc<str>],
    ) -> Result<Vec<String>, SetRefused> {
        let asked: Vec<Dependency<'_>> = item
            .dependency_values
            .iter()
            .flatten()
            .filter_map(|text| dependency(text))
            .collect();
        let given = &request.menu.dependencies;
        if given.len() > asked.len() {
            let what = format!(
                "asks for {} values for `{}`, not {}",
                asked.len(),
                item.display,
                given.len()
            );
            return Err(refused(menu, RefusedReason::Format, &what));
        }
        let mut entries = Vec::new();
        for (place, asked) in asked.iter().enumerate() {
            let entered = given.get(place).filter(|text| !text.is_empty());
            let entry = match entered {
                Some(text) => self.checked(asked.param, text, rows)?,
                None => self.default_of(asked, table, rows),
            };
            if entry.is_empty() && !asked.optional {
                let name = self
                    .protocol
                    .param(asked.param)
                    .map_or("", |param| param.description.as_str());
                let what = format!("needs a value for {name} ({}) with `{}`", asked.param, item.display);
                return Err(refused(menu, RefusedReason::Dependency, &what));
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    /// What was entered, as the write of that name takes it (TBL-113).
    fn checked(&self, param: ParamId, text: &str, rows: &[Arc<str>]) -> Result<String, SetRefused> {
        let protocol = &self.protocol;
        let named = protocol.param(param);
        let write = named.and_then(|named| match named.is_write() {
            true => Some(named),
            false => named.partner.and_then(|partner| protocol.param(partner)),
        });
        let Some(write) = write.filter(|write| write.display.rtdisplay) else {
            return Ok(text.to_owned());
        };
        let facts = FactsOfSet {
            engine: self,
            key: rows.first().map(|key| &**key),
        };
        check(protocol, write, &text.into(), &facts).map(|value| value.to_string())
    }

    /// The default of a dependency: a text, or with `[value:pid]` a cell of the selected row.
    fn default_of(&self, asked: &Dependency<'_>, table: Option<&Param>, rows: &[Arc<str>]) -> String {
        let Some(default) = asked.default else {
            return String::new();
        };
        let cell = default.strip_prefix("[value:").and_then(|rest| rest.strip_suffix(']'));
        let Some(pid) = cell.and_then(|pid| pid.trim().parse().ok()).map(ParamId) else {
            return default.to_owned();
        };
        let found = || {
            let memory = self.tables.get(&self.protocol.table_with_rows(table?.id))?;
            memory.get_cell(rows.first()?, memory.idx(pid)?).ok()
        };
        found().map(Value::to_string).unwrap_or_default()
    }

    /// The information event of a choice (TBL-114).
    fn tell_choice(
        &mut self,
        menu: &Param,
        item: &Discreet,
        display: &str,
        request: &SetRequest,
        dependencies: &[String],
    ) {
        let asked = item
            .dependency_values
            .iter()
            .flatten()
            .filter_map(|text| dependency(text));
        let secret = |id| self.protocol.param(id).is_some_and(Param::is_secret);
        let entered = asked.zip(dependencies).map(|(asked, entry)| match secret(asked.param) {
            true => "\"***\"".to_owned(),
            false => format!("\"{entry}\""),
        });
        let entered: Vec<String> = entered.collect();
        let entered = if entered.is_empty() {
            String::new()
        } else {
            format!(": {}", entered.join("; "))
        };
        let to = format!("{display}{entered}");
        let text = format!("{}: Set by {} to {to}", menu.description, request.user);
        self.log(LogLevel::Info, text);
        let says = format!("Set by {} to {to}", request.user);
        self.inform_set(menu.id, None, Says::Text(says.into()));
    }
}

/// The table of a context menu: its name without the suffix (PAR-9).
fn table_of<'a>(protocol: &'a Protocol, menu: &Param) -> Option<&'a Param> {
    let end = menu.name.len().checked_sub("_ContextMenu".len())?;
    let name = menu.name.get(..end)?.to_lowercase();
    protocol.tables().find(|table| table.name.to_lowercase() == name)
}

/// The item with this value, else with this text. A separator is none, and a script is not run.
fn item<'a>(menu: &'a Param, chosen: &Value) -> Result<&'a Discreet, SetRefused> {
    let items = || menu.measurement.iter().flat_map(|measurement| &measurement.discreets);
    let text = chosen.to_string();
    let found = items()
        .find(|item| item.value.to_string() == text)
        .or_else(|| items().find(|item| item.display == text))
        .filter(|item| !has_option(item, "separator"));
    match found {
        Some(item) if item.options.iter().any(|option| begins(option, "script:")) => {
            let what = format!(
                "starts an automation script with `{}`, which is not supported",
                item.display
            );
            Err(refused(menu, RefusedReason::NotWritable, &what))
        }
        Some(item) => Ok(item),
        None => {
            let offered: Vec<&str> = items()
                .filter(|item| !has_option(item, "separator"))
                .map(|item| item.display.as_str())
                .collect();
            let what = format!("has no item `{text}`; it has {}", offered.join(", "));
            Err(refused(menu, RefusedReason::NotInList, &what))
        }
    }
}

fn selection(item: &Discreet) -> Selection {
    if has_option(item, "table:singleselection") {
        Selection::One
    } else if has_option(item, "table:selection") {
        Selection::Some
    } else {
        Selection::Free
    }
}

fn has_option(item: &Discreet, name: &str) -> bool {
    item.options
        .iter()
        .any(|option| option.trim().eq_ignore_ascii_case(name))
}

fn begins(option: &str, name: &str) -> bool {
    option
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn dependency(text: &str) -> Option<Dependency<'_>> {
    let (id, default) = text
        .split_once(':')
        .map_or((text, None), |(id, default)| (id, Some(default)));
    let id = id.trim();
    let optional = id.ends_with('?');
    let param = ParamId(id.trim_end_matches('?').parse().ok()?);
    Some(Dependency {
        param,
        optional,
        default,
    })
}

#[cfg(test)]
mod tests {
    use super::{Dependency, dependency};
    use crate::model::id::ParamId;

    #[test]
    fn tbl_113_a_dependency_may_be_optional_and_have_a_default() {
        let read = |optional, default| {
            Some(Dependency {
                param: ParamId(7),
                optional,
                default,
            })
        };
        assert_eq!(dependency("7"), read(false, None));
        assert_eq!(dependency("7?"), read(true, None));
        assert_eq!(dependency("7:a"), read(false, Some("a")));
        assert_eq!(dependency("7?:[value:9]"), read(true, Some("[value:9]")));
        assert_eq!(dependency("name"), None);
    }
}
