//! A document with one text or one attribute's value written otherwise: what follows moves, and nothing else changes. So
//! a key typed into a large draft costs two copies of memory and no reading.

use super::{Attribute, Document, Node, Tree};
use crate::iodef::xml;

/// Where the text or the value stands now, and its part that is replaced.
#[derive(Clone, Copy)]
pub(in crate::iodef) struct Written {
    pub whole: (usize, usize),
    pub from: usize,
    pub to: usize,
}

impl Document {
    /// The document after such a replacement. `new` must keep the whole what it is: one text that is not empty, or a
    /// value; both without marks. `None` where that cannot be said without reading.
    pub(in crate::iodef) fn respelled(&self, at: Written, new: &str) -> Option<Self> {
        let Written { whole, from, to } = at;
        let old = self.text();
        let length = (old.len() + new.len()).checked_sub(to.checked_sub(from)?)?;
        if length > xml::BYTES || whole.0 > from || to > whole.1 {
            return None;
        }
        let mut text = String::with_capacity(length);
        text.push_str(old.get(..from)?);
        text.push_str(new);
        text.push_str(old.get(to..)?);
        let (removed, added) = (u32::try_from(to - from).ok()?, u32::try_from(new.len()).ok()?);
        let shift = Shift { start: u32::try_from(whole.0).ok()?, end: u32::try_from(whole.1).ok()?, removed, added };
        let (lines, counted, numbers, markers) = Default::default();
        let tree = Tree {
            text: text.into(),
            scope: self.tree.scope.clone(),
            nodes: self.tree.nodes.iter().map(|node| shift.node(*node)).collect(),
            attrs: self.tree.attrs.iter().map(|attr| shift.attribute(*attr)).collect(),
            uris: self.tree.uris.clone(),
            root: self.tree.root,
            iodef: self.tree.iodef,
            lines,
            counted,
            numbers,
            markers,
        };
        Some(Self { tree: tree.into() })
    }
}

/// Offsets from `end` on move; what starts at `start` is the text or the value itself.
#[derive(Clone, Copy)]
struct Shift {
    start: u32,
    end: u32,
    removed: u32,
    added: u32,
}

impl Shift {
    fn after(self, offset: u32) -> u32 {
        if offset >= self.end { offset - self.removed + self.added } else { offset }
    }

    /// An empty value starts where it ends.
    fn start(self, offset: u32) -> u32 {
        if offset == self.start { offset } else { self.after(offset) }
    }

    fn node(self, node: Node) -> Node {
        Node {
            from: self.start(node.from),
            to: self.after(node.to),
            inner_from: self.start(node.inner_from),
            inner_to: self.after(node.inner_to),
            ..node
        }
    }

    fn attribute(self, attribute: Attribute) -> Attribute {
        Attribute {
            from: self.after(attribute.from),
            value: self.start(attribute.value),
            value_to: self.after(attribute.value_to),
            ..attribute
        }
    }
}
