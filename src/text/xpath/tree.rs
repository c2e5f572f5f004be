//! A document as XPath sees it (XPath 1.0 §5): nodes in document order, each with its end, so that no walk recurses.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::text::xml::{clean, line_ends, resolve, split, unescape_value};

/// As large as documents are read (`iodef`).
const BYTES: usize = 32 << 20;
const DEPTH: usize = 256;
const NODES: usize = 2_000_000;

pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document itself.
    Root,
    Element,
    Attribute,
    Text,
}

#[derive(Debug)]
pub struct Node<'a> {
    pub kind: Kind,
    /// With its prefix.
    pub name: &'a str,
    pub ns: usize,
    /// An attribute's value, a text's characters.
    pub text: Cow<'a, str>,
    pub parent: usize,
    /// The node after the last below it.
    pub end: usize,
}

impl<'a> Node<'a> {
    pub fn local(&self) -> &'a str {
        self.name.split_once(':').map_or(self.name, |(_, local)| local)
    }
}

/// See the module. Attributes follow their element, before its children.
#[derive(Debug)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    namespaces: Vec<Cow<'a, str>>,
}

struct Binding<'a> {
    prefix: &'a str,
    ns: usize,
    level: usize,
}

struct Making<'a> {
    tree: Tree<'a>,
    bindings: Vec<Binding<'a>>,
    open: Vec<usize>,
}

impl<'a> Tree<'a> {
    /// Reads a document; `scope` holds the namespace declarations in force around it. `None` where it is no well-formed XML, has
    /// a DOCTYPE, or is larger than any that is read.
    #[must_use]
    pub fn read(bytes: &'a [u8], scope: &'a [(String, String)]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= BYTES && clean(text.as_bytes()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root = Node { kind: Kind::Root, name: "", ns: 0, text: "".into(), parent: 0, end: 1 };
        let tree = Tree { nodes: vec![root], namespaces: vec!["".into(), XML.into()] };
        let mut making = Making { tree, bindings: Vec::new(), open: vec![0] };
        making.bindings.push(Binding { prefix: "xml", ns: 1, level: 0 });
        for (prefix, uri) in scope {
            making.bind(prefix, uri.as_str().into(), 0);
        }
        making.read(text)?;
        Some(making.tree)
    }

    pub fn node(&self, at: usize) -> Option<&Node<'a>> {
        self.nodes.get(at)
    }

    pub fn namespace(&self, node: &Node<'a>) -> &str {
        self.namespaces.get(node.ns).map_or("", |uri| uri)
    }

    /// The first child, attributes passed over.
    pub fn first_child(&self, of: usize) -> usize {
        let attributes =
            self.nodes.iter().skip(of + 1).take_while(|node| node.kind == Kind::Attribute && node.parent == of);
        of + 1 + attributes.count()
    }
}

impl<'a> Making<'a> {
    fn read(&mut self, text: &'a str) -> Option<()> {
        let mut reader = Reader::from_str(text);
        let mut from = 0;
        loop {
            let event = reader.read_event().ok()?;
            let to = usize::try_from(reader.buffer_position()).ok()?;
            match event {
                Event::Start(_) => self.element(text.get(from + 1..to - 1)?)?,
                Event::Empty(_) => {
                    self.element(text.get(from + 1..to - 2)?)?;
                    self.close()?;
                }
                Event::End(_) => self.close()?,
                Event::Text(_) => self.text(line_ends(text.get(from..to)?))?,
                Event::CData(_) => self.text(line_ends(text.get(from + 9..to - 3)?))?,
                Event::GeneralRef(_) => {
                    let char = resolve(text.get(from + 1..to - 1)?.as_bytes())?;
                    self.text(char.to_string().into())?;
                }
                Event::DocType(_) => return None,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
            from = to;
        }
        let all = self.tree.nodes.len();
        self.tree.nodes.first_mut()?.end = all;
        (self.open.len() == 1 && all > 1).then_some(())
    }

    fn bind(&mut self, prefix: &'a str, uri: Cow<'a, str>, level: usize) {
        let known = self.tree.namespaces.iter().position(|known| *known == uri);
        let ns = known.unwrap_or(self.tree.namespaces.len());
        if known.is_none() {
            self.tree.namespaces.push(uri);
        }
        self.bindings.push(Binding { prefix, ns, level });
    }

    /// No prefix and none declared is no namespace; a prefix that was not declared is an error.
    fn resolve(&self, prefix: &str) -> Option<usize> {
        let bound = self.bindings.iter().rev().find(|binding| binding.prefix == prefix).map(|binding| binding.ns);
        bound.or(prefix.is_empty().then_some(0))
    }

    fn push(&mut self, node: Node<'a>) -> Option<usize> {
        let at = self.tree.nodes.len();
        self.tree.nodes.push(node);
        (at < NODES).then_some(at)
    }

    fn element(&mut self, content: &'a str) -> Option<()> {
        let length = content.find([' ', '\t', '\r', '\n']).unwrap_or(content.len());
        let name = content.get(..length)?;
        let level = self.open.len();
        if level > DEPTH {
            return None;
        }
        let (mut attributes, mut names) = (Vec::new(), Vec::new());
        let mut rest = length;
        while let Some(attribute) = split::next(content, rest).ok()? {
            rest = attribute.end();
            let key = attribute.name;
            // No two of one name (XML §3.1).
            if !attribute.apart || names.contains(&key) {
                return None;
            }
            names.push(key);
            let value = unescape_value(attribute.value);
            match key.strip_prefix("xmlns:").or((key == "xmlns").then_some("")) {
                Some(prefix) => self.bind(prefix, value, level),
                None => attributes.push((key, value)),
            }
        }
        let parent = *self.open.last()?;
        let ns = self.resolve(name.split_once(':').map_or("", |(prefix, _)| prefix))?;
        let at = self.push(Node { kind: Kind::Element, name, ns, text: "".into(), parent, end: 0 })?;
        for (name, text) in attributes {
            // An attribute without a prefix is in no namespace.
            let ns = name.split_once(':').map_or(Some(0), |(prefix, _)| self.resolve(prefix))?;
            let end = self.tree.nodes.len() + 1;
            let _ = self.push(Node { kind: Kind::Attribute, name, ns, text, parent: at, end })?;
        }
        self.open.push(at);
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let at = self.open.pop().filter(|at| *at > 0)?;
        let level = self.open.len();
        self.bindings.retain(|binding| binding.level < level || binding.level == 0);
        let end = self.tree.nodes.len();
        self.tree.nodes.get_mut(at)?.end = end;
        Some(())
    }

    /// Text that follows text is one node; outside the root element there is none.
    fn text(&mut self, text: Cow<'a, str>) -> Option<()> {
        let parent = *self.open.last()?;
        if parent == 0 || text.is_empty() {
            return (parent > 0 || text.trim().is_empty()).then_some(());
        }
        if let Some(last) = self.tree.nodes.last_mut().filter(|last| last.kind == Kind::Text && last.parent == parent) {
            last.text.to_mut().push_str(&text);
            return Some(());
        }
        let end = self.tree.nodes.len() + 1;
        self.push(Node { kind: Kind::Text, name: "", ns: 0, text, parent, end }).map(|_| ())
    }
}
