//! A finished stanza as a flat arena over its bytes: no recursion, nothing to unwind on drop.
//!
//! The nodes are made by the gate in the pass that checks the bytes ([`super::scan`]). So there is one parser, not
//! two that could disagree on where a stanza ends (the smuggling pattern of `engine.md` §6 row 21), and the bytes
//! are walked once. What an independent parser makes of the same bytes is compared in `tests/suite/hostile_xml.rs`.
//!
//! A child of a pubsub `<item/>` is opaque: checked like everything else, but one node with name, namespace,
//! attributes and raw span; `iodef` reads it from its bytes.

use std::borrow::Cow;
use std::sync::Arc;

use super::chars::{is_space, line_ends, unescape, unescape_value};

pub const XML_NS: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the stream's root (RFC 6120 §4.8.1).
pub const STREAM_NS: &str = "http://etherx.jabber.org/streams";

/// A half-open range of the unit's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub from: u32,
    pub to: u32,
}

impl Span {
    /// Units are capped far below 4 GiB, so nothing saturates.
    pub fn new(from: usize, to: usize) -> Self {
        Self { from: index(from), to: index(to) }
    }

    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.from as usize..self.to as usize).unwrap_or_default()
    }

    pub fn text(self, text: &str) -> &str {
        text.get(self.from as usize..self.to as usize).unwrap_or_default()
    }

    pub fn is_empty(self) -> bool {
        self.from == self.to
    }

    pub fn len(self) -> usize {
        (self.to - self.from) as usize
    }
}

pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Element,
    /// A payload: no nodes for its inside.
    Opaque,
    /// Character data, references and line ends as received.
    Text,
    /// The inside of a CDATA section.
    Data,
}

/// Nodes stand in document order; `next` is the index after the last descendant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub local: Span,
    pub ns: u32,
    pub raw: Span,
    pub attrs: (u32, u32),
    pub decls: (u32, u32),
    pub parent: u32,
    pub next: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Attr {
    pub prefix: Span,
    pub local: Span,
    pub value: Span,
    /// As [`Scopes::uri`]; 0 without a prefix.
    pub ns: u32,
}

impl Attr {
    /// Of its name without prefix and its value, as received.
    pub fn bytes(&self) -> usize {
        self.local.len() + self.value.len()
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Decl {
    pub prefix: Span,
    pub uri: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Uri {
    Span(Span),
    /// Had references in it.
    Owned(Box<str>),
}

/// The namespace declarations of the stream's root: (prefix, namespace).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head(pub Vec<(String, String)>);

impl Head {
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(prefix, uri)| prefix.len() + uri.len()).sum()
    }
}

/// Namespaces by number: 0 none, 1 `xml`, then the stream root's, then the unit's own.
#[derive(Clone, Copy)]
pub(super) struct Scopes<'a> {
    pub head: &'a Head,
    pub uris: &'a [Uri],
}

impl<'a> Scopes<'a> {
    pub const NONE: u32 = 0;
    pub const XML: u32 = 1;

    pub fn own(self, at: usize) -> u32 {
        index(2 + self.head.0.len() + at)
    }

    /// The number of the stream root's binding of `prefix`.
    pub fn of_head(self, prefix: &[u8]) -> Option<u32> {
        self.head.0.iter().rposition(|(p, _)| p.as_bytes() == prefix).map(|at| index(2 + at))
    }

    /// The namespace with that number, where it does not lie in the unit itself.
    pub fn uri(self, number: u32) -> Result<&'a str, Span> {
        let at = match number {
            Self::NONE => return Ok(""),
            Self::XML => return Ok(XML_NS),
            number => number as usize - 2,
        };
        if let Some((_, uri)) = self.head.0.get(at) {
            return Ok(uri);
        }
        match self.uris.get(at - self.head.0.len()) {
            Some(Uri::Owned(uri)) => Ok(uri),
            Some(Uri::Span(span)) => Err(*span),
            None => Ok(""),
        }
    }
}

/// What the scanner collects of one unit.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub nodes: Vec<Node>,
    pub attrs: Vec<Attr>,
    pub decls: Vec<Decl>,
    pub uris: Vec<Uri>,
}

impl Parts {
    pub fn clear(&mut self) {
        /// Room kept from one unit to the next; what a flood took is given back.
        const KEPT: usize = 4096;
        self.nodes.clear();
        self.nodes.shrink_to(KEPT);
        self.attrs.clear();
        self.attrs.shrink_to(KEPT);
        self.decls.clear();
        self.decls.shrink_to(KEPT);
        self.uris.clear();
        self.uris.shrink_to(KEPT);
    }
}

/// A finished stanza, or a document's root element: its bytes and their nodes. `Send + Sync`.
pub struct Stanza {
    text: Box<str>,
    nodes: Box<[Node]>,
    attrs: Box<[Attr]>,
    decls: Box<[Decl]>,
    uris: Box<[Uri]>,
    head: Arc<Head>,
}

impl Stanza {
    /// `text` is the unit the parts were collected from; it holds one root element at its start.
    pub(super) fn new(text: Box<str>, parts: &Parts, head: Arc<Head>) -> Self {
        Self {
            text,
            nodes: parts.nodes.as_slice().into(),
            attrs: parts.attrs.as_slice().into(),
            decls: parts.decls.as_slice().into(),
            uris: parts.uris.as_slice().into(),
            head,
        }
    }

    #[must_use]
    pub fn root(&self) -> El<'_> {
        El { of: self, at: 0 }
    }

    fn scopes(&self) -> Scopes<'_> {
        Scopes { head: &self.head, uris: &self.uris }
    }

    fn uri(&self, number: u32) -> &str {
        self.scopes().uri(number).unwrap_or_else(|span| span.text(&self.text))
    }

    fn decls(&self, node: &Node) -> &[Decl] {
        self.decls.get(node.decls.0 as usize..node.decls.1 as usize).unwrap_or_default()
    }
}

impl std::fmt::Debug for Stanza {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stanza({} bytes)", self.text.len())
    }
}

/// What stands between an element's tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Element(El<'a>),
    Text(Cow<'a, str>),
}

/// An element of a [`Stanza`].
#[derive(Clone, Copy)]
pub struct El<'a> {
    of: &'a Stanza,
    at: usize,
}

impl<'a> El<'a> {
    fn node(self) -> Option<&'a Node> {
        self.of.nodes.get(self.at)
    }

    /// The local name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.node().map_or("", |node| node.local.text(&self.of.text))
    }

    /// The name as written, with its prefix.
    pub(super) fn qualified(self) -> &'a str {
        let rest = self.raw().get(1..).unwrap_or_default();
        let end = rest.iter().position(|&b| is_space(b) || b == b'>' || b == b'/').unwrap_or(rest.len());
        Span::new(1, 1 + end).text(self.node().map_or("", |node| node.raw.text(&self.of.text)))
    }

    /// The namespace, empty when there is none.
    #[must_use]
    pub fn ns(self) -> &'a str {
        self.node().map_or("", |node| self.of.uri(node.ns))
    }

    #[must_use]
    pub fn is(self, ns: &str, name: &str) -> bool {
        self.name() == name && self.ns() == ns
    }

    /// An attribute without prefix, unescaped.
    #[must_use]
    pub fn attr(self, name: &str) -> Option<Cow<'a, str>> {
        let text = &self.of.text;
        let attr = self.raw_attrs().iter().find(|attr| attr.prefix.is_empty() && attr.local.text(text) == name)?;
        Some(unescape_value(attr.value.text(text)))
    }

    /// All attributes: namespace (empty without prefix), local name, value. Declarations are not among them.
    pub fn attrs(self) -> impl Iterator<Item = (&'a str, &'a str, Cow<'a, str>)> {
        let of = self.of;
        self.raw_attrs()
            .iter()
            .map(move |attr| (of.uri(attr.ns), attr.local.text(&of.text), unescape_value(attr.value.text(&of.text))))
    }

    fn raw_attrs(self) -> &'a [Attr] {
        self.node().and_then(|node| self.of.attrs.get(node.attrs.0 as usize..node.attrs.1 as usize)).unwrap_or_default()
    }

    fn inside(self) -> impl Iterator<Item = (usize, &'a Node)> {
        let (nodes, end) = (&self.of.nodes, self.node().map_or(0, |node| node.next as usize));
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let node = nodes.get(at).filter(|_| at < end)?;
            let this = at;
            at = node.next as usize;
            Some((this, node))
        })
    }

    /// Element children. Those of an opaque payload are not known.
    pub fn children(self) -> impl Iterator<Item = El<'a>> {
        self.inside()
            .filter(|(_, node)| matches!(node.kind, Kind::Element | Kind::Opaque))
            .map(move |(at, _)| El { of: self.of, at })
    }

    /// The first child of that name.
    #[must_use]
    pub fn child(self, ns: &str, name: &str) -> Option<El<'a>> {
        self.children().find(|child| child.is(ns, name))
    }

    /// Children and character data in order.
    pub fn parts(self) -> impl Iterator<Item = Part<'a>> {
        self.inside().map(move |(at, node)| match node.kind {
            Kind::Element | Kind::Opaque => Part::Element(El { of: self.of, at }),
            Kind::Text => Part::Text(unescape(node.raw.text(&self.of.text))),
            Kind::Data => Part::Text(line_ends(node.raw.text(&self.of.text))),
        })
    }

    /// The character data directly inside, unescaped. Empty for an opaque payload.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        let mut all = Cow::Borrowed("");
        for part in self.parts() {
            if let Part::Text(text) = part {
                if all.is_empty() {
                    all = text;
                } else {
                    all.to_mut().push_str(&text);
                }
            }
        }
        all
    }

    /// The element's own bytes, from `<` to `>`, exactly as received.
    #[must_use]
    pub fn raw(self) -> &'a [u8] {
        self.node().map_or(&[], |node| node.raw.of(self.of.text.as_bytes()))
    }

    /// The namespaces this element itself declares, (prefix, namespace).
    #[must_use]
    pub fn declared(self) -> Vec<(String, String)> {
        let text = |decl: &Decl| (decl.prefix.text(&self.of.text).to_owned(), self.of.uri(decl.uri).to_owned());
        self.node().map(|node| self.of.decls(node).iter().map(text).collect()).unwrap_or_default()
    }

    /// Whether this element itself declares a namespace.
    #[must_use]
    pub fn declares(self) -> bool {
        self.node().is_some_and(|node| !self.of.decls(node).is_empty())
    }

    /// The namespace declarations in scope just outside the element, (prefix, namespace) with `""` for the default
    /// one: with them around, [`El::raw`] means what it meant in the stanza.
    #[must_use]
    pub fn scope(self) -> Vec<(String, String)> {
        let mut scope = self.of.head.0.clone();
        let mut path = Vec::new();
        let mut above = self.node().map_or(u32::MAX, |node| node.parent);
        while let Some(node) = self.of.nodes.get(above as usize) {
            path.push(node);
            above = node.parent;
        }
        for decl in path.iter().rev().flat_map(|node| self.of.decls(node)) {
            let (prefix, uri) = (decl.prefix.text(&self.of.text), self.of.uri(decl.uri));
            scope.retain(|(known, _)| known != prefix);
            scope.push((prefix.to_owned(), uri.to_owned()));
        }
        scope.retain(|(_, uri)| !uri.is_empty());
        scope
    }
}

impl PartialEq for El<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.of, other.of) && self.at == other.at
    }
}

impl Eq for El<'_> {}

impl std::fmt::Debug for El<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{{}}}{}", self.ns(), self.name())
    }
}
