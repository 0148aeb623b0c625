//! The `options` strings of tables and columns: a list with a separator of its own.
//!
//! Rules: TBL-5. A first character that is neither letter nor digit is the separator, otherwise `;` is.

use crate::schema::reader::Field;

/// One option: its name, and what follows `=` or `:`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'t> {
    /// The whole option, to point at.
    pub(super) field: Field<'t>,
    /// The name.
    pub(super) name: &'t str,
    /// What follows the name, when anything does.
    pub(super) value: Option<Field<'t>>,
}

/// The options of a list, empty ones skipped.
pub(super) fn settings(options: Field<'_>) -> impl Iterator<Item = Setting<'_>> {
    let first = options.text().chars().next().filter(|first| !first.is_alphanumeric());
    options
        .parts(first.unwrap_or(';'))
        .filter(|option| !option.is_empty())
        .map(setting)
}

fn setting(field: Field<'_>) -> Setting<'_> {
    let text = field.text();
    let end = text.find(['=', ':']).unwrap_or(text.len());
    Setting {
        field,
        name: text[..end].trim(),
        value: text.get(end + 1..).map(|value| field.part(value)),
    }
}
