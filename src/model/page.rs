//! The pages of the element card: their order, and which one opens first.
//!
//! Rules: DSP-106 to DSP-112.

use crate::model::id::ParamId;
use crate::model::value::Value;

/// One entry of the page list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The name, as positions use it.
    pub name: String,
    /// What the entry is.
    pub kind: PageKind,
    /// `Display@wideColumnPages`: one column, the second follows below the first (DSP-110).
    pub wide: bool,
    /// `Visibility`; none when it is always shown (DSP-112).
    pub visibility: Option<Visibility>,
}

/// When a page is shown (DSP-112).
#[derive(Debug, Clone, PartialEq)]
pub struct Visibility {
    /// `@overridePID`: the parameter that decides.
    pub param: ParamId,
    /// `@value`: while the parameter holds this, the opposite of the default counts.
    pub value: Value,
    /// `@default`.
    pub default: bool,
}

impl Page {
    /// An entry that is always shown.
    #[must_use]
    pub fn plain(name: &str, kind: PageKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            wide: false,
            visibility: None,
        }
    }

    /// Whether the page is shown, given the values of parameters.
    #[must_use]
    pub fn is_visible(&self, value: impl FnOnce(ParamId) -> Value) -> bool {
        let Some(visibility) = &self.visibility else {
            return true;
        };
        visibility.default != (value(visibility.param) == visibility.value)
    }
}

/// What an entry of the page list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKind {
    /// A page with parameters.
    Data,
    /// A line between pages (DSP-107).
    Separator,
    /// `Name#url`: a web page (DSP-108).
    Web(String),
    /// The target of a page button (DSP-38).
    Popup,
}
