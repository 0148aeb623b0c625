//! The arguments of an action: which items it works on, with which values.
//!
//! Rules: ACT-3, ACT-4, ACT-10, ACT-14, ACT-15, TIM-22.

use crate::model::action::{ActionKind, Amount, AppendHex, Targets};
use crate::model::id::{ParamId, TimerId};
use crate::model::moment::Span;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::lower::actions::aggregate::aggregate;
use crate::schema::lower::actions::table::Does;
use crate::schema::lower::definition::bytes_of_hex;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The tags of an action that hold its arguments.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'t> {
    pub(super) on: Node<'t>,
    pub(super) of_type: Node<'t>,
}

impl<'t> Arguments<'t> {
    /// What the action does; none when an argument it needs is missing, which is reported.
    pub(super) fn kind(self, cx: &mut Lowering<'_>, does: Does) -> Option<ActionKind> {
        Some(match does {
            Does::NotRun(_) => return None,
            Does::Aggregate => ActionKind::Aggregate(Box::new(aggregate(cx, self.of_type)?), self.params(cx)),
            Does::Execute(execute) => {
                ActionKind::ExecuteGroup(execute, self.targets(cx, |cx, id| cx.group(id, &codes::ACTION_ON_ID)))
            }
            Does::RunActions => ActionKind::RunActions(self.params(cx)),
            Does::Copy => ActionKind::Copy {
                from: self.optional_param(cx, "id")?,
                to: self.params(cx),
            },
            Does::CopyReverse => ActionKind::CopyReverse {
                from: self.optional_param(cx, "id")?,
                to: self.params(cx),
            },
            Does::Append => ActionKind::Append {
                from: self.param(cx, "id")?,
                to: self.params(cx),
                hex: self.hex(cx),
            },
            Does::AppendData => ActionKind::AppendData {
                from: self.param(cx, "id")?,
                to: self.params(cx),
            },
            Does::Increment => ActionKind::Increment(self.amount(cx)?, self.params(cx)),
            Does::Multiply => ActionKind::Multiply(self.amount(cx)?, self.params(cx)),
            Does::Pow => ActionKind::Pow(self.amount(cx)?, self.params(cx)),
            Does::Clear => ActionKind::Clear(self.params(cx)),
            Does::ClearOnDisplay => ActionKind::ClearOnDisplay(self.params(cx)),
            Does::Save => ActionKind::Save(self.params(cx)),
            Does::Go => ActionKind::Go(self.params(cx)),
            Does::ChangeLength => ActionKind::ChangeLength {
                length: self.param(cx, "id")?,
                to: self.params(cx),
            },
            Does::ReplaceData => self.replace_data(cx)?,
            Does::Sleep => ActionKind::Sleep(self.sleep(cx)),
            Does::ReadFile => ActionKind::ReadFile {
                path: self.param(cx, "id")?,
                count: self.optional_param(cx, "nr")?,
                offset: self.optional_param(cx, "startoffset")?,
                to: self.param(cx, "returnValue")?,
            },
            Does::SwapColumn => self.swap_column(cx)?,
            Does::StartTimer => ActionKind::StartTimer(self.timers(cx)?),
            Does::StopTimer => ActionKind::StopTimer(self.timers(cx)?),
            Does::RestartTimer => ActionKind::RestartTimer {
                timers: self.timers(cx)?,
                reschedule: self.of_type.flag("reschedule", &mut cx.diagnostics),
            },
            Does::RescheduleTimer => ActionKind::RescheduleTimer(self.timers(cx)?),
        })
    }

    /// `On@id`, a list (ACT-3); without it what fired the trigger (ACT-4).
    fn targets<Id>(
        self,
        cx: &mut Lowering<'_>,
        reference: impl Fn(&mut Lowering<'_>, Field<'t>) -> Option<Id>,
    ) -> Targets<Id> {
        match self.on.attribute("id").filter(|field| !field.is_empty()) {
            None => Targets::Triggering,
            Some(list) => {
                let parts = list.parts(';').filter(|part| !part.is_empty());
                Targets::Listed(parts.filter_map(|part| reference(cx, part)).collect())
            }
        }
    }

    fn params(self, cx: &mut Lowering<'_>) -> Targets<ParamId> {
        self.targets(cx, |cx, id| cx.param(id, &codes::ACTION_ON_ID))
    }

    /// Actions on timers have to name them (TIM-22).
    fn timers(self, cx: &mut Lowering<'_>) -> Option<Targets<TimerId>> {
        let targets = self.targets(cx, |cx, id| cx.timer(id, &codes::ACTION_ON_ID));
        if targets == Targets::Triggering {
            let message = "an action on a timer has to name it; it is left out";
            let hint = "write `<On id=\"1\">timer</On>`";
            cx.report(Diagnostic::new(&codes::ACTION_ON_ID_MISSING, self.on.name_span(), message).hint(hint));
            return None;
        }
        Some(targets)
    }

    /// An attribute of `Type` that has to name a parameter.
    fn param(self, cx: &mut Lowering<'_>, attribute: &str) -> Option<ParamId> {
        let Some(field) = self.of_type.attribute(attribute) else {
            let message = format!(
                "`{}` needs the parameter in `{attribute}`; the action is left out",
                self.name()
            );
            let hint = format!("write `<Type {attribute}=\"…\">`");
            cx.report(Diagnostic::new(&codes::ACTION_TYPE_ID_MISSING, self.of_type.name_span(), message).hint(hint));
            return None;
        };
        cx.param(field, &codes::ACTION_TYPE_ID)
    }

    /// An attribute of `Type` that may name a parameter; none only when it names one that does not exist.
    #[expect(
        clippy::option_option,
        reason = "the outer one ends the action, the inner one is an argument not given"
    )]
    fn optional_param(self, cx: &mut Lowering<'_>, attribute: &str) -> Option<Option<ParamId>> {
        match self.of_type.attribute(attribute) {
            None => Some(None),
            Some(field) => cx.param(field, &codes::ACTION_TYPE_ID).map(Some),
        }
    }

    /// The word of `Type`.
    fn name(self) -> &'t str {
        self.of_type.content().text()
    }

    /// `Type@id` wins over `@value`, 1 when neither is given (ACT-10).
    fn amount(self, cx: &mut Lowering<'_>) -> Option<Amount> {
        let value = self.of_type.attribute("value");
        if let Some(field) = self.of_type.attribute("id") {
            if let Some(value) = value {
                let message = "`value` is ignored, since `id` is given too";
                cx.report(
                    Diagnostic::new(&codes::ACTION_ID_AND_VALUE, value.span(), message).hint("remove one of them"),
                );
            }
            return cx.param(field, &codes::ACTION_TYPE_ID).map(Amount::Param);
        }
        let number = value.and_then(|field| field.number(f64::MIN..=f64::MAX, &mut cx.diagnostics));
        Some(Amount::Value(number.unwrap_or(1.0)))
    }

    /// `options="hex"` or `hex-8`.
    fn hex(self, cx: &mut Lowering<'_>) -> Option<AppendHex> {
        let options = self.options()?;
        if options.is("hex") {
            return Some(AppendHex { group: None });
        }
        let group = options
            .strip_prefix("hex-")
            .and_then(|size| size.digits())
            .filter(|&size: &usize| size > 0);
        if group.is_none() {
            let message = format!(
                "`{}` is no option of `append`; the text is appended as it is",
                options.text()
            );
            let hint = "use `hex`, or `hex-8` for groups of 8";
            cx.report(Diagnostic::new(&codes::NOT_IN_LIST, options.span(), message).hint(hint));
        }
        group.map(|group| AppendHex { group: Some(group) })
    }

    fn options(self) -> Option<Field<'t>> {
        self.of_type.attribute("options").filter(|field| !field.is_empty())
    }

    /// `value`: 5 s unless given, at least 15 ms.
    fn sleep(self, cx: &mut Lowering<'_>) -> Span {
        let value = self
            .of_type
            .attribute("value")
            .and_then(|field| field.number(0.., &mut cx.diagnostics));
        Span(value.unwrap_or(5000).max(15))
    }

    /// `old;new[;use_offset]`, several with hyphens (ACT-14).
    fn replace_data(self, cx: &mut Lowering<'_>) -> Option<ActionKind> {
        let options: Vec<Field<'t>> = self
            .options()
            .map(|field| field.parts(';').collect())
            .unwrap_or_default();
        let bytes = |field: &Field<'t>| field.parts('-').map(hex_bytes).collect::<Option<Vec<_>>>();
        let old = options.first().and_then(bytes);
        let new = options.get(1).and_then(bytes);
        let pairs = old.zip(new).filter(|(old, new)| old.len() == new.len());
        let Some((old, new)) = pairs else {
            let span = self.options().map_or(self.of_type.name_span(), Field::span);
            let message = "which bytes replace which cannot be read; the action is left out";
            let hint = "write as many old as new values: `0x090D-0A;0x49-20`";
            cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, span, message).hint(hint));
            return None;
        };
        let offset = |cx: &mut Lowering<'_>, name: &str| {
            let field = self.of_type.attribute(name);
            field
                .and_then(|field| field.number(0.., &mut cx.diagnostics))
                .unwrap_or_default()
        };
        Some(ActionKind::ReplaceData {
            replacements: old.into_iter().zip(new).collect(),
            start: offset(cx, "startoffset"),
            end: offset(cx, "endoffset"),
            select: options.get(2).is_some_and(|option| option.is("use_offset")),
            to: self.params(cx),
        })
    }

    /// `swap:table:source:destination`; columns by idx, or by the id of their parameter.
    fn swap_column(self, cx: &mut Lowering<'_>) -> Option<ActionKind> {
        let options: Vec<Field<'t>> = self
            .options()
            .map(|field| field.parts(':').collect())
            .unwrap_or_default();
        let [swap, table, from, to] = options[..] else {
            return self.unreadable_swap(cx);
        };
        if !swap.is("swap") {
            return self.unreadable_swap(cx);
        }
        let table = cx.param(table, &codes::ACTION_TYPE_ID)?;
        let columns = cx.tables.get(&table).cloned().unwrap_or_default();
        let mut column = |field: Field<'_>| {
            let number = field.digits::<u32>();
            let by_id = number.and_then(|id| columns.iter().position(|column| column.0 == id));
            let by_index = number
                .and_then(|idx| usize::try_from(idx).ok())
                .filter(|&idx| idx < columns.len());
            let found = by_id.or(by_index);
            if found.is_none() {
                let message = format!("table {table} has no column `{}`; the action is left out", field.text());
                let hint = "name it by its place, from 0, or by the id of its parameter";
                cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, field.span(), message).hint(hint));
            }
            found
        };
        Some(ActionKind::SwapColumn {
            table,
            from: column(from)?,
            to: column(to)?,
        })
    }

    fn unreadable_swap(self, cx: &mut Lowering<'_>) -> Option<ActionKind> {
        let span = self.options().map_or(self.of_type.name_span(), Field::span);
        let message = "which columns are swapped cannot be read; the action is left out";
        let hint = "write `options=\"swap:2200:17:20\"`: table, source, destination";
        cx.report(Diagnostic::new(&codes::ACTION_OPTIONS, span, message).hint(hint));
        None
    }
}

/// Bytes in hexadecimal, with or without `0x`.
fn hex_bytes(field: Field<'_>) -> Option<Vec<u8>> {
    bytes_of_hex(field.strip_prefix("0x").unwrap_or(field).text())
}
