//! What would put a finding right: edits on the tree, so that they can be undone.

use crate::iodef::doc::Element;
use crate::iodef::edit::{Edit, Place};
use crate::model::Say;
use crate::text::line_within;

/// A remedy, offered by its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub label: Say,
    /// To be made in this order; none of them renumbers the elements of those after it.
    pub edits: Vec<Edit>,
}

impl Fix {
    fn new(label: Say, edit: Edit) -> Self {
        Self { label, edits: vec![edit] }
    }

    /// `name="value"`; a name with `xml:` is of XML's own namespace.
    pub(super) fn set(element: Element<'_>, name: &str, value: &str) -> Self {
        let label = Say::new("iodef-fix-set").with("attribute", name).with("value", line_within(value, 60));
        let (ns, local) = expanded(element, name);
        Self::new(label, Edit::SetAttr { node: element.id(), ns, local, value: value.to_owned() })
    }

    pub(super) fn drop_attribute(element: Element<'_>, name: &str) -> Self {
        let label = Say::new("iodef-fix-drop-attribute").with("attribute", line_within(name, 60));
        let (ns, local) = expanded(element, name);
        Self::new(label, Edit::RemoveAttr { node: element.id(), ns, local })
    }

    pub(super) fn text(element: Element<'_>, text: &str) -> Self {
        let label = Say::new("iodef-fix-text").with("value", line_within(text, 60));
        Self::new(label, Edit::SetText { node: element.id(), text: text.to_owned() })
    }

    pub(super) fn remove(element: Element<'_>) -> Self {
        let label = Say::new("iodef-fix-remove").with("class", line_within(element.local(), 60));
        Self::new(label, Edit::Remove { node: element.id() })
    }

    /// Before a sibling.
    pub(super) fn before(element: Element<'_>, sibling: Element<'_>) -> Option<Self> {
        let label = Say::new("iodef-fix-move").with("class", line_within(element.local(), 60));
        let parent = element.parent()?.id();
        Some(Self::new(label, Edit::Move { node: element.id(), parent, place: Place::Before(sibling.id()) }))
    }
}

/// The namespace and local name of an attribute as written on an element.
fn expanded(element: Element<'_>, name: &str) -> (String, String) {
    let written = element.attrs().find(|attr| attr.qualified() == name);
    match (written, name.strip_prefix("xml:")) {
        (Some(attr), _) => (attr.ns().to_owned(), attr.local().to_owned()),
        (None, Some(local)) => ("http://www.w3.org/XML/1998/namespace".to_owned(), local.to_owned()),
        (None, None) => (String::new(), name.to_owned()),
    }
}
