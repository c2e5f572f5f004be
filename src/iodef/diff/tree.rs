//! A document as it is compared: elements with their class and one number for all that they and what is in them say.
//!
//! Order counts where it may mean something: in content that is not IODEF's. An expression's `Confidence` speaks of the
//! operand before it (RFC 7970 §3.29.5) and stands below it here, so that operands may change places.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::value::{self, Attr, Said};
use crate::iodef::doc::{Document, Element};
use crate::iodef::schema::{self, Class, Name, Profile, Space};

/// No node.
const NONE: u32 = u32::MAX;

pub struct Tree<'d> {
    pub document: &'d Document,
    hasher: RandomState,
    nodes: Vec<Node<'d>>,
}

pub struct Node<'d> {
    pub element: Element<'d>,
    pub class: Option<&'static Class>,
    parent: u32,
    first: u32,
    last: u32,
    next: u32,
    /// Of it and all below it.
    pub hash: u64,
    /// It and the elements below it, as they stand in the document.
    pub size: u32,
}

impl<'d> Tree<'d> {
    pub fn of(document: &'d Document, hasher: &RandomState) -> Self {
        let root = document.root();
        let mut tree = Self { document, hasher: hasher.clone(), nodes: Vec::new() };
        // The innermost element that is open, by its place.
        let mut open: Vec<(Element<'d>, u32)> = Vec::new();
        for element in std::iter::once(root).chain(root.descendants()) {
            while open.pop_if(|(outer, _)| !outer.contains(element.id())).is_some() {}
            let outer = open.last().map_or(NONE, |(_, place)| *place);
            let class = tree.class(element, outer);
            let parent = tree.speaks_of(element, outer);
            let place = u32::try_from(tree.nodes.len()).unwrap_or(NONE);
            tree.nodes.push(Node { element, class, parent, first: NONE, last: NONE, next: NONE, hash: 0, size: 1 });
            tree.append(parent, place);
            open.push((element, place));
        }
        tree.number();
        tree
    }

    /// The class by where it stands, else by its name.
    fn class(&self, element: Element<'_>, outer: u32) -> Option<&'static Class> {
        let space = Space::of(element.ns())?;
        let name = Name { ns: element.ns(), local: element.local() };
        let model = self.node(outer).and_then(|outer| outer.class).and_then(|class| class.model(Profile::Reading));
        let here = model.and_then(|model| model.symbol(name)).and_then(|symbol| symbol.class());
        here.or_else(|| schema::global(space, element.local()))
    }

    /// The node it belongs to.
    fn speaks_of(&self, element: Element<'_>, outer: u32) -> u32 {
        let Some(parent) = self.node(outer).filter(|parent| parent.element.is("IndicatorExpression")) else {
            return outer;
        };
        let follows = element.is("Confidence") || element.is("AdditionalData");
        if follows && parent.last != NONE { parent.last } else { outer }
    }

    fn append(&mut self, parent: u32, place: u32) {
        let Some(outer) = self.nodes.get_mut(parent as usize) else { return };
        let last = std::mem::replace(&mut outer.last, place);
        if last == NONE {
            outer.first = place;
        } else if let Some(before) = self.nodes.get_mut(last as usize) {
            before.next = place;
        }
    }

    /// Numbers all nodes, the inner ones first: children stand after their parents.
    fn number(&mut self) {
        for place in (0..self.len()).rev() {
            let Some(node) = self.node(place) else { continue };
            let mut inside: Vec<u64> = self.children(place).filter_map(|child| Some(self.node(child)?.hash)).collect();
            if !node.is_ordered() {
                inside.sort_unstable();
            }
            let (element, class) = (node.element, node.class);
            let mut state = self.hasher.build_hasher();
            (element.ns(), element.local()).hash(&mut state);
            for Attr { name, value, .. } in value::attrs(element, class) {
                (name, value).hash(&mut state);
            }
            match value::text(element, class) {
                Said::One(text) => text.hash(&mut state),
                Said::Lines(mut lines) => {
                    lines.sort_unstable();
                    lines.hash(&mut state);
                }
            }
            inside.hash(&mut state);
            let hash = state.finish();
            let outer = element.parent().and_then(|_| self.physical(place));
            let Some(node) = self.nodes.get_mut(place as usize) else { continue };
            node.hash = hash;
            let size = node.size;
            if let Some(outer) = outer.and_then(|outer| self.nodes.get_mut(outer as usize)) {
                outer.size += size;
            }
        }
    }

    /// The parent as the document has it.
    fn physical(&self, place: u32) -> Option<u32> {
        let node = self.node(place)?;
        let parent = node.element.parent()?.id();
        let known = self.node(node.parent)?;
        if known.element.id() == parent { Some(node.parent) } else { self.node(node.parent).map(|known| known.parent) }
    }

    pub fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(NONE)
    }

    pub fn node(&self, place: u32) -> Option<&Node<'d>> {
        self.nodes.get(place as usize)
    }

    pub fn parent(&self, place: u32) -> Option<u32> {
        self.node(place).map(|node| node.parent).filter(|parent| *parent != NONE)
    }

    pub fn children(&self, place: u32) -> impl Iterator<Item = u32> {
        let first = self.node(place).map(|node| node.first).filter(|first| *first != NONE);
        std::iter::successors(first, |child| self.node(*child).map(|node| node.next).filter(|next| *next != NONE))
    }

    pub fn hash(&self, what: impl Hash) -> u64 {
        self.hasher.hash_one(what)
    }
}

impl Node<'_> {
    /// Whether the order of what is in it may mean something.
    pub fn is_ordered(&self) -> bool {
        let Some(class) = self.class else { return true };
        class.space == Space::Signature
            || matches!(class.content, schema::Content::Mixed(_) | schema::Content::By { .. })
            || class.kind == "ExtensionType"
    }

    pub fn is_leaf(&self) -> bool {
        self.first == NONE
    }
}
