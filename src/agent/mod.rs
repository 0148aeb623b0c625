//! A DataMiner Agent: the elements of this process.

use crate::element::Element;

/// The elements of this process, in the order of their definition.
#[derive(Clone, Default)]
pub struct Agent {
    elements: Vec<Element>,
}

impl Agent {
    /// An agent with these elements.
    #[must_use]
    pub const fn new(elements: Vec<Element>) -> Self {
        Self { elements }
    }

    /// The elements, in order.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The element with this id or name, in any casing.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Element> {
        let id = name.parse::<u32>().ok();
        self.elements
            .iter()
            .find(|element| id == Some(element.config().settings.id.0))
            .or_else(|| {
                let wanted = name.to_lowercase();
                self.elements
                    .iter()
                    .find(|element| element.config().settings.name.to_lowercase() == wanted)
            })
    }
}
