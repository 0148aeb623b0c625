//! The pages of the element card: their order, and which one opens first.
//!
//! Rules: DSP-106 to DSP-112.

/// One entry of the page list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The name, as positions use it.
    pub name: String,
    /// What the entry is.
    pub kind: PageKind,
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
