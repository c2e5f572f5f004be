//! A whole document as one lossless flat tree: nodes in document order over the text as received, so that what nobody
//! edits is written back byte for byte (`iodef.md` §5.1).
//!
//! A node knows its parent and where its descendants end; the first child is the next node, the next sibling the one
//! after the descendants. Nothing recurses, dropping is freeing three vectors, and a clone shares everything.

mod alone;
mod element;
mod read;
mod shift;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

pub(in crate::iodef) use alone::InForce;
pub use alone::Travelling;
pub use element::{Attr, Content, Element, Step};

pub(in crate::iodef) use shift::Written;

use super::xml::{Fault, NsId, Position, Refused};
use super::{NS, NS_V1};

/// A node of one document, by its place in document order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    fn index(self) -> usize {
        self.0 as usize
    }

    pub(in crate::iodef) fn number(self) -> u32 {
        self.0
    }

    pub(in crate::iodef) fn numbered(number: u32) -> Self {
        Self(number)
    }
}

/// Which IODEF a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// RFC 5070.
    V1,
    /// RFC 7970.
    V2,
}

/// A well-formed document. Cheap to clone.
#[derive(Clone)]
pub struct Document {
    tree: Arc<Tree>,
}

struct Tree {
    text: Arc<str>,
    /// Namespace declarations in force around the text (a pubsub item's).
    scope: Arc<[(String, String)]>,
    nodes: Vec<Node>,
    attrs: Vec<Attribute>,
    /// Namespaces by their number.
    uris: Vec<Box<str>>,
    root: NodeId,
    /// The namespace `is_iodef` and `child` speak of: v1's in a document of v1, else v2's.
    iodef: Option<NsId>,
    /// Where each line starts; made when first asked for.
    lines: OnceLock<Vec<u32>>,
    /// How many siblings were looked at to number one element.
    counted: AtomicU32,
    /// The number of each element among its siblings of the same name, by node; made when one by one would cost more.
    numbers: OnceLock<Vec<u32>>,
    /// Who says the restriction in force on each node; made when first asked for.
    markers: OnceLock<Vec<NodeId>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What holds the root and what stands beside it; the first node, and the only one.
    Document,
    Element,
    Text,
    CData,
    Comment,
    Instruction,
    Declaration,
}

/// Offsets are into the text.
#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    /// Of an element's name, without the colon.
    prefix: u16,
    name: u16,
    ns: NsId,
    attr_count: u16,
    first_attr: u32,
    parent: NodeId,
    /// The node after the last descendant.
    next: NodeId,
    /// The whole node, then what stands between an element's tags.
    from: u32,
    to: u32,
    inner_from: u32,
    inner_to: u32,
}

#[derive(Clone, Copy)]
struct Attribute {
    prefix: u16,
    name: u16,
    ns: NsId,
    from: u32,
    value: u32,
    value_to: u32,
}

impl Document {
    /// Reads a document; `scope` holds the namespace declarations in force around it.
    ///
    /// # Errors
    /// What is not well-formed XML with namespaces, over a limit, or brings a document type declaration.
    pub fn read(bytes: impl AsRef<[u8]>, scope: &[(String, String)]) -> Result<Self, Refused> {
        read::tree(bytes.as_ref(), scope.into()).map(|tree| Self { tree: Arc::new(tree) })
    }

    /// Which IODEF this is.
    ///
    /// # Errors
    /// When the root is no `IODEF-Document` in a namespace of IODEF.
    pub fn version(&self) -> Result<Version, Refused> {
        let root = self.root();
        let fault = match (root.ns(), root.local()) {
            (NS, "IODEF-Document") => return Ok(Version::V2),
            (NS_V1, "IODEF-Document") => return Ok(Version::V1),
            (NS | NS_V1, _) => Fault::Root,
            (_, "IODEF-Document") => Fault::Namespace,
            _ => Fault::Foreign,
        };
        Err(Refused { fault, position: root.position() })
    }

    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element::new(self, self.tree.root)
    }

    /// The element that `id` names; `None` when this document has no such element.
    #[must_use]
    pub fn element(&self, id: NodeId) -> Option<Element<'_>> {
        // There is none beyond the end: what stands for it there is no element.
        Element::of(self, id)
    }

    /// The text as it is read and written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.tree.text
    }

    /// The bytes; unedited, those that were read.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        self.text().as_bytes().to_vec()
    }

    /// Namespace declarations in force around the document, `(prefix, uri)`.
    #[must_use]
    pub fn scope(&self) -> &[(String, String)] {
        &self.tree.scope
    }

    /// The namespace its IODEF elements are in.
    pub(in crate::iodef) fn iodef_namespace(&self) -> &str {
        self.tree.iodef.map_or(NS, |ns| self.uri(ns))
    }

    /// How many nodes there are.
    pub(in crate::iodef) fn count(&self) -> u32 {
        u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX)
    }

    /// How many nodes begin before the byte at `at`; the document itself always does.
    pub(in crate::iodef) fn nodes_before(&self, at: usize) -> u32 {
        let count = self.tree.nodes.partition_point(|node| (node.from as usize) < at || node.kind == Kind::Document);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The element whose start tag begins at `at`.
    pub(in crate::iodef) fn element_at(&self, at: usize) -> Option<Element<'_>> {
        self.element(NodeId(self.nodes_before(at)))
    }

    /// Which of its siblings of the same name an element is, from 1. A few are counted where they stand; all are numbered
    /// in one pass as soon as counting has looked at as many nodes as there are.
    fn number_of(&self, element: Element<'_>) -> u32 {
        let id = element.id();
        if self.tree.numbers.get().is_none() && self.tree.counted.load(Ordering::Relaxed) < self.count() {
            let (number, looked) = element.numbered();
            let _ = self.tree.counted.fetch_add(looked, Ordering::Relaxed);
            return number;
        }
        let numbers = self.tree.numbers.get_or_init(|| element::numbers(self));
        numbers.get(id.index()).copied().unwrap_or_default()
    }

    /// The nearest element from `id` up that says a restriction, no farther than its incident: what is around that does
    /// not reach into it (RFC 7970 §3.3.1). Found for all in one pass, since each is asked for: an ancestor comes first.
    fn marker_of(&self, id: NodeId) -> Option<Element<'_>> {
        let markers = self.tree.markers.get_or_init(|| {
            let mut markers: Vec<NodeId> = Vec::with_capacity(self.tree.nodes.len());
            for (place, node) in (0..).map(NodeId).zip(&self.tree.nodes) {
                let element = self.element(place);
                let marker = match element.filter(|element| element.is_iodef()) {
                    Some(element) if element.attr("restriction").is_some() => place,
                    Some(element) if element.is("Incident") => NodeId::default(),
                    // Of what is no element nobody asks.
                    _ => markers.get(node.parent.index()).copied().unwrap_or_default(),
                };
                markers.push(marker);
            }
            markers
        });
        self.element(markers.get(id.index()).copied().unwrap_or_default())
    }

    fn node(&self, id: NodeId) -> Node {
        #[cfg(test)]
        looked::at_one();
        self.tree.nodes.get(id.index()).copied().unwrap_or(Node::DOCUMENT)
    }

    fn slice(&self, from: u32, to: u32) -> &str {
        self.text().get(from as usize..to as usize).unwrap_or_default()
    }

    fn uri(&self, ns: NsId) -> &str {
        self.tree.uris.get(usize::from(ns.0)).map_or("", |uri| uri)
    }

    fn position(&self, at: u32) -> Position {
        let bytes = self.text().as_bytes();
        let lines = self.tree.lines.get_or_init(|| {
            let after = |newline: usize| u32::try_from(newline + 1).unwrap_or(u32::MAX);
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(after)).collect()
        });
        let line = lines.partition_point(|start| *start <= at).saturating_sub(1);
        let start = lines.get(line).copied().unwrap_or_default();
        Position::new(line, self.slice(start, at).as_bytes())
    }
}

impl Node {
    const DOCUMENT: Self = Self {
        kind: Kind::Document,
        prefix: 0,
        name: 0,
        ns: NsId::NONE,
        attr_count: 0,
        first_attr: 0,
        parent: NodeId(0),
        next: NodeId(0),
        from: 0,
        to: 0,
        inner_from: 0,
        inner_to: 0,
    };
}

impl std::fmt::Debug for Document {
    /// Says nothing of the content: it may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes, {} nodes)", self.tree.text.len(), self.tree.nodes.len())
    }
}

/// Counts the nodes that are looked at, so that a test can hold work to the size of a document.
#[cfg(test)]
pub(in crate::iodef) mod looked {
    use std::cell::Cell;

    thread_local! {
        static NODES: Cell<u64> = const { Cell::new(0) };
    }

    pub fn at_one() {
        NODES.set(NODES.get() + 1);
    }

    /// How often a node was looked at on the way.
    pub fn during(work: impl FnOnce()) -> u64 {
        let before = NODES.get();
        work();
        NODES.get() - before
    }
}
