//! Looking at a tree: an element is a place in its document, to be copied at will.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Attribute, Document, Kind, Node, NodeId};
use crate::iodef::xml::{NsId, Position, XML};
use crate::text::xml::{line_ends, unescape, unescape_value};

#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document,
    id: NodeId,
    node: Node,
}

/// One child of an element.
#[derive(Clone)]
pub enum Content<'d> {
    Element(Element<'d>),
    /// References resolved, line ends made `\n`.
    Text(Cow<'d, str>),
    CData(Cow<'d, str>),
    /// Between its marks, as written.
    Comment(&'d str),
    Instruction(&'d str),
}

/// One step of a walk through an element and all that is in it, in document order.
#[derive(Clone)]
pub enum Step<'d> {
    Enter(Element<'d>),
    Leave(Element<'d>),
    /// References resolved, line ends made `\n`; one piece of several where CDATA sections or comments stand between.
    Text(Cow<'d, str>),
    Comment(&'d str),
    Instruction(&'d str),
}

/// An attribute; namespace declarations are attributes of their own namespace.
#[derive(Clone, Copy)]
pub struct Attr<'d> {
    document: &'d Document,
    attribute: Attribute,
}

impl<'d> Element<'d> {
    pub(super) fn new(document: &'d Document, id: NodeId) -> Self {
        Self { document, id, node: document.node(id) }
    }

    /// The node at a place, where it is an element.
    pub(super) fn of(document: &'d Document, id: NodeId) -> Option<Self> {
        let node = document.node(id);
        (node.kind == Kind::Element).then_some(Self { document, id, node })
    }

    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The document it stands in.
    #[must_use]
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// The namespace, empty for none.
    #[must_use]
    pub fn ns(self) -> &'d str {
        self.document.uri(self.node.ns)
    }

    #[must_use]
    pub fn local(self) -> &'d str {
        local(self.qualified(), self.node.prefix)
    }

    /// The prefix as written, empty for none.
    #[must_use]
    pub fn prefix(self) -> &'d str {
        self.qualified().get(..usize::from(self.node.prefix)).unwrap_or_default()
    }

    /// The name as written.
    #[must_use]
    pub fn qualified(self) -> &'d str {
        let from = self.node.from + 1;
        self.document.slice(from, from + u32::from(self.node.name))
    }

    /// Whether it is in the document's IODEF namespace.
    #[must_use]
    pub fn is_iodef(self) -> bool {
        Some(self.node.ns) == self.document.tree.iodef
    }

    /// Whether it is the IODEF element called `local`.
    #[must_use]
    pub fn is(self, local: &str) -> bool {
        self.is_iodef() && self.local() == local
    }

    /// The value of an attribute without namespace.
    #[must_use]
    pub fn attr(self, local: &str) -> Option<Cow<'d, str>> {
        let is_it = |attr: &Attr<'_>| attr.attribute.ns == NsId::NONE && attr.local() == local;
        self.attrs().find(is_it).map(Attr::value)
    }

    #[must_use]
    pub fn attr_ns(self, ns: &str, local: &str) -> Option<Cow<'d, str>> {
        self.attrs().find(|attr| attr.local() == local && attr.ns() == ns).map(Attr::value)
    }

    /// Attributes as they stand, without the namespace declarations.
    pub fn attrs(self) -> impl Iterator<Item = Attr<'d>> {
        self.every_attr().filter(|attr| attr.attribute.ns != NsId::XMLNS)
    }

    /// Namespace declarations made here: prefix (empty for the default namespace) and URI.
    pub fn declarations(self) -> impl Iterator<Item = (&'d str, Cow<'d, str>)> {
        let declared = |attr: &Attr<'d>| attr.attribute.ns == NsId::XMLNS;
        self.every_attr()
            .filter(declared)
            .map(|attr| (if attr.attribute.prefix > 0 { attr.local() } else { "" }, attr.value()))
    }

    fn every_attr(self) -> impl Iterator<Item = Attr<'d>> {
        let from = self.node.first_attr as usize;
        let attributes = self.document.tree.attrs.get(from..from + usize::from(self.node.attr_count));
        attributes
            .unwrap_or_default()
            .iter()
            .map(move |attribute| Attr { document: self.document, attribute: *attribute })
    }

    #[must_use]
    pub fn parent(self) -> Option<Self> {
        self.document.element(self.node.parent)
    }

    /// Who says the restriction in force on it: itself or the nearest ancestor that says one, within its incident.
    pub(in crate::iodef) fn marker(self) -> Option<Self> {
        self.document.marker_of(self.id)
    }

    /// Itself, then its ancestors up to the root.
    pub fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |element| element.parent())
    }

    /// Elements among the children, in order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        nodes(document, self.node, self.id).filter(|(_, node)| node.kind == Kind::Element).map(move |(id, node)| Self {
            document,
            id,
            node,
        })
    }

    /// The elements that follow it in the same parent.
    pub fn following(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        let parent = document.node(self.node.parent);
        siblings(document, self.node.next, parent.next)
            .filter(|(_, node)| node.kind == Kind::Element)
            .map(move |(id, node)| Self { document, id, node })
    }

    /// Which of its siblings of the same name it is, from 1, and how many nodes were looked at to find out.
    pub(super) fn numbered(self) -> (u32, u32) {
        let document = self.document;
        let (mut number, mut looked) = (1, 0);
        for (id, node) in siblings(document, NodeId(self.node.parent.0 + 1), self.id) {
            looked += 1;
            let before = Self { document, id, node };
            number +=
                u32::from(node.kind == Kind::Element && node.ns == self.node.ns && before.local() == self.local());
        }
        (number, looked)
    }

    /// The first IODEF child called `local`.
    #[must_use]
    pub fn child(self, local: &str) -> Option<Self> {
        self.children().find(|child| child.is(local))
    }

    /// The IODEF children called `local`.
    pub fn children_named(self, local: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is(local))
    }

    /// All that stands between its tags, in order.
    pub fn content(self) -> impl Iterator<Item = Content<'d>> {
        let document = self.document;
        nodes(document, self.node, self.id).filter_map(move |(id, node)| content(document, id, node))
    }

    /// Elements below it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        (self.id.0 + 1..self.node.next.0).filter_map(move |id| document.element(NodeId(id)))
    }

    /// Itself and all that is in it, with a step where each element ends: what writes a document in another form.
    pub fn walk(self) -> impl Iterator<Item = Step<'d>> {
        let document = self.document;
        let mut open: Vec<Self> = Vec::new();
        let mut at = self.id;
        std::iter::from_fn(move || {
            if let Some(innermost) = open.pop_if(|innermost| at >= innermost.node.next) {
                return Some(Step::Leave(innermost));
            }
            while at < self.node.next {
                let (id, node) = (at, document.node(at));
                at = NodeId(at.0 + 1);
                return Some(match content(document, id, node) {
                    Some(Content::Element(element)) => {
                        open.push(element);
                        Step::Enter(element)
                    }
                    Some(Content::Text(text) | Content::CData(text)) => Step::Text(text),
                    Some(Content::Comment(words)) => Step::Comment(words),
                    Some(Content::Instruction(words)) => Step::Instruction(words),
                    None => continue,
                });
            }
            None
        })
    }

    /// The namespace a prefix stands for here; the empty prefix is the default namespace. `None` for an undeclared one.
    #[must_use]
    pub fn namespace_of(self, prefix: &str) -> Option<Cow<'d, str>> {
        if prefix == "xml" {
            return Some(Cow::Borrowed(XML));
        }
        let own = self.ancestors().flat_map(Self::declarations).find(|(declared, _)| *declared == prefix);
        let outside = || self.document.scope().iter().rev().find(|(declared, _)| declared == prefix);
        own.map(|(_, uri)| uri)
            .or_else(|| outside().map(|(_, uri)| Cow::Borrowed(uri.as_str())))
            .or_else(|| prefix.is_empty().then_some(Cow::Borrowed("")))
    }

    /// Whether `other` is below it.
    #[must_use]
    pub fn contains(self, other: NodeId) -> bool {
        self.id < other && other < self.node.next
    }

    /// Its own text, without that of its children.
    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        if let Some(raw) = self.only_text() {
            return unescape(raw);
        }
        let mut whole = Cow::Borrowed("");
        for part in self.content() {
            let (Content::Text(part) | Content::CData(part)) = part else { continue };
            if whole.is_empty() {
                whole = part;
            } else {
                whole.to_mut().push_str(&part);
            }
        }
        whole
    }

    /// Its text as written, where nothing else stands between its tags.
    fn only_text(self) -> Option<&'d str> {
        let only = NodeId(self.id.0 + 1);
        if self.node.next.0 != only.0 + 1 {
            return None;
        }
        let node = self.document.node(only);
        (node.kind == Kind::Text).then(|| self.document.slice(node.from, node.to))
    }

    /// Whether one text is all that stands between its tags.
    pub(in crate::iodef) fn is_one_text(self) -> bool {
        self.only_text().is_some()
    }

    /// Whether its text begins and ends with a letter, a digit or a sign of ASCII: then no white space is around it.
    pub(in crate::iodef) fn is_snug(self) -> bool {
        let raw = self.only_text().map(str::as_bytes);
        let (first, last) = (raw.and_then(<[u8]>::first), raw.and_then(<[u8]>::last));
        // A reference may stand for a blank.
        first.is_some_and(|first| first.is_ascii_graphic() && *first != b'&')
            && last.is_some_and(|last| last.is_ascii_graphic() && *last != b';')
    }

    /// Whether what stands between its children is white space as written, and comments.
    pub(in crate::iodef) fn is_blank(self) -> bool {
        let is_space = |raw: &str| raw.bytes().all(crate::text::xml::is_space);
        nodes(self.document, self.node, self.id).all(|(_, node)| match node.kind {
            Kind::Text => is_space(self.document.slice(node.from, node.to)),
            kind => kind != Kind::CData,
        })
    }

    /// Its own text without white space around it: what senders pad, readers trim (`DATA-MODEL.md` §3).
    #[must_use]
    pub fn trimmed(self) -> Cow<'d, str> {
        match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// Where its start tag begins.
    #[must_use]
    pub fn position(self) -> Position {
        self.document.position(self.node.from)
    }

    /// `Incident[1]/EventData[2]`: from below the root, each numbered among its siblings of the same name.
    #[must_use]
    pub fn path(self) -> String {
        let mut steps: Vec<(&str, u32)> = Vec::new();
        for element in self.ancestors() {
            if element.parent().is_none() {
                if steps.is_empty() {
                    return element.qualified().to_owned();
                }
                break;
            }
            let name = if element.is_iodef() { element.local() } else { element.qualified() };
            steps.push((name, element.number()));
        }
        let mut path = String::with_capacity(steps.iter().map(|(name, _)| name.len() + 6).sum());
        for (name, number) in steps.iter().rev() {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
            path.push('[');
            path.push_str(&number.to_string());
            path.push(']');
        }
        path
    }

    /// Which of its siblings of the same name it is, from 1.
    pub(in crate::iodef) fn number(self) -> u32 {
        self.document.number_of(self)
    }

    /// Its own bytes, tags included.
    #[must_use]
    pub fn source(self) -> &'d [u8] {
        self.document.slice(self.node.from, self.node.to).as_bytes()
    }

    /// Where it stands in the document's text, tags included.
    #[must_use]
    pub fn span(self) -> (usize, usize) {
        (self.node.from as usize, self.node.to as usize)
    }

    /// Where that stands which is between its tags; both ends are those of the element where it has one tag only.
    pub(in crate::iodef) fn inner_span(self) -> (usize, usize) {
        (self.node.inner_from as usize, self.node.inner_to as usize)
    }

    /// Where its last attribute starts and where that one's value ends, declarations included.
    pub(in crate::iodef) fn last_attr(self) -> Option<(usize, usize)> {
        self.every_attr().last().map(|attr| (attr.start(), attr.value_span().1))
    }

    /// What stands between its tags, as written.
    #[must_use]
    pub fn inner_source(self) -> &'d str {
        self.document.slice(self.node.inner_from, self.node.inner_to)
    }
}

/// The number of each element among its siblings of the same name, by node.
pub(super) fn numbers(document: &Document) -> Vec<u32> {
    /// Names kept in a list: few parents have more kinds of children.
    const FEW: usize = 16;
    let mut numbers = vec![0; document.tree.nodes.len()];
    let mut few: Vec<(NsId, &str, u32)> = Vec::new();
    for (place, parent) in (0..).map(NodeId).zip(&document.tree.nodes) {
        few.clear();
        let mut more: HashMap<(NsId, &str), u32> = HashMap::new();
        for (id, node) in nodes(document, *parent, place).filter(|(_, node)| node.kind == Kind::Element) {
            let local = Element { document, id, node }.local();
            let is_few = few.len() < FEW;
            let number = match few.iter_mut().find(|(ns, name, _)| *ns == node.ns && *name == local) {
                Some((.., number)) => {
                    *number += 1;
                    *number
                }
                None if is_few => {
                    few.push((node.ns, local, 1));
                    1
                }
                None => {
                    let number = more.entry((node.ns, local)).or_default();
                    *number += 1;
                    *number
                }
            };
            if let Some(own) = numbers.get_mut(id.index()) {
                *own = number;
            }
        }
    }
    numbers
}

/// The children of `parent`, of any kind.
fn nodes(document: &Document, parent: Node, id: NodeId) -> impl Iterator<Item = (NodeId, Node)> {
    siblings(document, NodeId(id.0 + 1), parent.next)
}

/// Nodes of one parent from `at` to before `end`.
fn siblings(document: &Document, mut at: NodeId, end: NodeId) -> impl Iterator<Item = (NodeId, Node)> {
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let found = (at, document.node(at));
        // Always forward, whatever the node says.
        at = NodeId(found.1.next.0.max(at.0 + 1));
        Some(found)
    })
}

fn content(document: &Document, id: NodeId, node: Node) -> Option<Content<'_>> {
    let written = document.slice(node.from, node.to);
    let between = |before: &str, after: &str| {
        written.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap_or_default()
    };
    Some(match node.kind {
        Kind::Element => Content::Element(Element { document, id, node }),
        Kind::Text => Content::Text(unescape(written)),
        Kind::CData => Content::CData(line_ends(between("<![CDATA[", "]]>"))),
        Kind::Comment => Content::Comment(between("<!--", "-->")),
        Kind::Instruction => Content::Instruction(between("<?", "?>")),
        Kind::Document | Kind::Declaration => return None,
    })
}

fn local(name: &str, prefix: u16) -> &str {
    if prefix == 0 { name } else { name.get(usize::from(prefix) + 1..).unwrap_or_default() }
}

impl<'d> Attr<'d> {
    #[must_use]
    pub fn ns(self) -> &'d str {
        self.document.uri(self.attribute.ns)
    }

    #[must_use]
    pub fn local(self) -> &'d str {
        local(self.qualified(), self.attribute.prefix)
    }

    /// The name as written.
    #[must_use]
    pub fn qualified(self) -> &'d str {
        self.document.slice(self.attribute.from, self.attribute.from + u32::from(self.attribute.name))
    }

    /// References resolved, white space made blanks (XML §3.3.3).
    #[must_use]
    pub fn value(self) -> Cow<'d, str> {
        unescape_value(self.raw())
    }

    /// As written.
    #[must_use]
    pub fn raw(self) -> &'d str {
        self.document.slice(self.attribute.value, self.attribute.value_to)
    }

    #[must_use]
    pub fn position(self) -> Position {
        self.document.position(self.attribute.from)
    }

    /// Where its name starts in the document's text.
    pub(in crate::iodef) fn start(self) -> usize {
        self.attribute.from as usize
    }

    /// Where its value stands, without the quotes.
    pub(in crate::iodef) fn value_span(self) -> (usize, usize) {
        (self.attribute.value as usize, self.attribute.value_to as usize)
    }
}

impl PartialEq for Element<'_> {
    /// The same place of the same document.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.document, other.document)
    }
}

impl Eq for Element<'_> {}

impl std::fmt::Debug for Element<'_> {
    /// Names the element; its content may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}>", self.qualified())
    }
}

impl std::fmt::Debug for Attr<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=…", self.qualified())
    }
}
