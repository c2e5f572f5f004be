//! What would put a finding right: edits on the tree, so that they can be undone.

use crate::iodef::doc::{Element, NodeId};
use crate::model::Say;

/// A remedy, offered by its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub label: Say,
    /// To be made in this order.
    pub edits: Vec<Edit>,
}

/// One edit of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    SetAttribute {
        element: NodeId,
        name: String,
        value: String,
    },
    RemoveAttribute {
        element: NodeId,
        name: String,
    },
    SetText {
        element: NodeId,
        text: String,
    },
    Remove {
        element: NodeId,
    },
    /// To another place among the elements of its parent, counted without itself.
    Move {
        element: NodeId,
        to: usize,
    },
}

impl Fix {
    fn new(label: Say, edit: Edit) -> Self {
        Self { label, edits: vec![edit] }
    }

    /// `name="value"`.
    pub(super) fn set(element: Element<'_>, name: &str, value: &str) -> Self {
        let label =
            Say::new("iodef-fix-set").with("attribute", name).with("value", crate::text::line_within(value, 60));
        Self::new(label, Edit::SetAttribute { element: element.id(), name: name.to_owned(), value: value.to_owned() })
    }

    pub(super) fn drop_attribute(element: Element<'_>, name: &str) -> Self {
        let label = Say::new("iodef-fix-drop-attribute").with("attribute", crate::text::line_within(name, 60));
        Self::new(label, Edit::RemoveAttribute { element: element.id(), name: name.to_owned() })
    }

    pub(super) fn text(element: Element<'_>, text: &str) -> Self {
        let label = Say::new("iodef-fix-text").with("value", crate::text::line_within(text, 60));
        Self::new(label, Edit::SetText { element: element.id(), text: text.to_owned() })
    }

    pub(super) fn remove(element: Element<'_>) -> Self {
        let label = Say::new("iodef-fix-remove").with("class", crate::text::line_within(element.local(), 60));
        Self::new(label, Edit::Remove { element: element.id() })
    }

    pub(super) fn shift(element: Element<'_>, to: usize) -> Self {
        let label = Say::new("iodef-fix-move").with("class", crate::text::line_within(element.local(), 60));
        Self::new(label, Edit::Move { element: element.id(), to })
    }
}
