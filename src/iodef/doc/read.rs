//! From the walk's events to the tree.

use std::sync::Arc;

use super::{Attribute, Kind, Node, NodeId, Tree};
use crate::iodef::xml::{self, Fault, Limit, NsId, Open, Other, Refused, Sink};
use crate::iodef::{NS, NS_V1};

/// Most nodes of all kinds: each element with a text on both sides, and as many comments again.
const NODES: usize = 4 * xml::ELEMENTS;

pub fn tree(bytes: &[u8], scope: Arc<[(String, String)]>) -> Result<Tree, Refused> {
    // A node for every thirty bytes is what dense documents have.
    let mut builder = Builder { nodes: Vec::with_capacity(bytes.len().min(xml::BYTES) / 30 + 8), ..Builder::default() };
    builder.nodes.push(Node::DOCUMENT);
    let text = xml::walk(bytes, &scope, &mut builder)?.into();
    let Builder { mut nodes, attrs, uris, root, .. } = builder;
    let end = id(nodes.len());
    if let Some(document) = nodes.first_mut() {
        document.next = end;
        document.to = index(bytes.len());
        document.inner_to = document.to;
    }
    let number =
        |uri: &str| uris.iter().position(|known| **known == *uri).and_then(|n| u16::try_from(n).ok()).map(NsId);
    let is_v1 = nodes.get(root.index()).is_some_and(|node| Some(node.ns) == number(NS_V1));
    let iodef = number(if is_v1 { NS_V1 } else { NS });
    let (lines, counted, numbers, markers) = Default::default();
    Ok(Tree { text, scope, nodes, attrs, uris, root, iodef, lines, counted, numbers, markers })
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    attrs: Vec<Attribute>,
    uris: Vec<Box<str>>,
    /// The element that is open; the document's node outside the root.
    open: NodeId,
    root: NodeId,
    /// Parts that are too many are said at the next chance.
    is_full: bool,
}

/// Documents are below 32 MB ([`xml::BYTES`]).
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn id(at: usize) -> NodeId {
    NodeId(index(at))
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

impl Builder {
    fn leaf(&mut self, kind: Kind, (from, to): (usize, usize)) {
        if self.nodes.len() >= NODES {
            self.is_full = true;
            return;
        }
        let (from, to) = (index(from), index(to));
        let next = id(self.nodes.len() + 1);
        let leaf = Node { kind, parent: self.open, next, from, to, inner_from: from, inner_to: to, ..Node::DOCUMENT };
        self.nodes.push(leaf);
    }

    /// Pieces of text and references that follow each other are one node.
    fn characters(&mut self, span: (usize, usize)) {
        let open = self.open;
        let from = index(span.0);
        match self.nodes.last_mut() {
            Some(last) if last.kind == Kind::Text && last.to == from && last.parent == open => {
                last.to = index(span.1);
                last.inner_to = last.to;
            }
            _ => self.leaf(Kind::Text, span),
        }
    }
}

impl<'a> Sink<'a> for Builder {
    fn open(&mut self, tag: &Open<'_, 'a>) -> Result<(), Fault> {
        if self.is_full || self.nodes.len() >= NODES {
            return Err(Fault::Limit(Limit::Parts));
        }
        let own = id(self.nodes.len());
        if tag.level == 0 {
            self.root = own;
        }
        let (from, to) = (index(tag.span.0), index(tag.span.1));
        self.nodes.push(Node {
            kind: Kind::Element,
            prefix: short(tag.prefix),
            name: short(tag.name.len()),
            ns: tag.ns,
            attr_count: short(tag.attrs.len()),
            first_attr: index(self.attrs.len()),
            parent: self.open,
            next: own,
            from,
            to,
            inner_from: to,
            inner_to: to,
        });
        self.attrs.extend(tag.attrs.iter().map(|attr| Attribute {
            prefix: short(attr.prefix),
            name: short(attr.name.len()),
            ns: attr.ns,
            from: index(attr.at.0),
            value: index(attr.at.1),
            value_to: index(attr.at.1 + attr.value.len()),
        }));
        self.open = own;
        Ok(())
    }

    fn close(&mut self, span: (usize, usize)) {
        let next = id(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(self.open.index()) {
            node.next = next;
            node.inner_to = index(span.0);
            node.to = index(span.1);
            self.open = node.parent;
        }
    }

    fn text(&mut self, _: &'a str, span: (usize, usize)) {
        self.characters(span);
    }

    fn reference(&mut self, _: char, span: (usize, usize)) {
        self.characters(span);
    }

    fn cdata(&mut self, _: &'a str, span: (usize, usize)) {
        self.leaf(Kind::CData, span);
    }

    fn other(&mut self, what: Other, span: (usize, usize)) -> Result<(), Fault> {
        self.leaf(
            match what {
                Other::Declaration => Kind::Declaration,
                Other::Comment => Kind::Comment,
                Other::Instruction => Kind::Instruction,
            },
            span,
        );
        if self.is_full { Err(Fault::Limit(Limit::Parts)) } else { Ok(()) }
    }

    fn namespace(&mut self, uri: &str) {
        self.uris.push(uri.into());
    }
}
