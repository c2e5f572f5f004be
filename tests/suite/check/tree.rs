//! A document to be spoiled: elements by number, in document order, and back to text.

use quick_xml::Reader;
use quick_xml::events::Event;

#[derive(Clone, Debug)]
pub enum Node {
    Element(Element),
    /// As written, escapes and all; comments and instructions too.
    Raw(String),
}

#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    /// Values as written.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// What stands before the root, and the root.
#[derive(Clone, Debug)]
pub struct Tree {
    pub prolog: String,
    pub root: Element,
}

impl Tree {
    /// Reads a document; none when it is not well-formed enough to be spoiled in one place.
    pub fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = vec![Element::default()];
        let mut prolog = String::new();
        loop {
            let from = usize::try_from(reader.buffer_position()).unwrap();
            let event = reader.read_event().ok()?;
            let to = usize::try_from(reader.buffer_position()).unwrap();
            let raw = text.get(from..to)?.to_owned();
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    let attributes = tag.attributes().map(|attribute| {
                        let attribute = attribute.ok()?;
                        Some((attribute.key.as_ref().to_owned(), attribute.value.into_owned()))
                    });
                    let element = Element {
                        name: tag.name().as_ref().to_owned(),
                        attributes: attributes.collect::<Option<_>>()?,
                        children: Vec::new(),
                    };
                    if raw.ends_with("/>") {
                        open.last_mut()?.children.push(Node::Element(element));
                    } else {
                        open.push(element);
                    }
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    open.last_mut()?.children.push(Node::Element(element));
                }
                Event::DocType(_) => return None,
                Event::Eof => break,
                _ if open.len() == 1 && open[0].children.is_empty() => prolog.push_str(&raw),
                _ => open.last_mut()?.children.push(Node::Raw(raw)),
            }
        }
        let top = open.pop()?;
        if !open.is_empty() {
            return None;
        }
        let root = top.children.into_iter().find_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Raw(_) => None,
        })?;
        Some(Self { prolog, root })
    }

    pub fn write(&self) -> Vec<u8> {
        let mut text = self.prolog.clone();
        write(&self.root, &mut text);
        text.into_bytes()
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        count(&self.root)
    }

    /// The element of this number and the way to it: places among the nodes of each parent.
    pub fn way(&self, number: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut left = number;
        let mut at = &self.root;
        'down: while left > 0 {
            left -= 1;
            for (place, node) in at.children.iter().enumerate() {
                let Node::Element(child) = node else { continue };
                let below = count(child);
                if left < below {
                    way.push(place);
                    at = child;
                    continue 'down;
                }
                left -= below;
            }
            panic!("there is no element {number}");
        }
        way
    }

    pub fn at(&mut self, way: &[usize]) -> &mut Element {
        let mut at = &mut self.root;
        for place in way {
            match &mut at.children[*place] {
                Node::Element(element) => at = element,
                Node::Raw(_) => unreachable!(),
            }
        }
        at
    }
}

impl Element {
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Raw(_) => None,
        })
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.attributes.retain(|(other, _)| other != name);
        self.attributes.push((name.to_owned(), value.to_owned()));
    }
}

fn count(element: &Element) -> usize {
    1 + element.elements().map(count).sum::<usize>()
}

fn write(element: &Element, text: &mut String) {
    text.push('<');
    text.push_str(&element.name);
    for (name, value) in &element.attributes {
        let mark = if value.contains('"') { '\'' } else { '"' };
        text.push_str(&format!(" {name}={mark}{value}{mark}"));
    }
    if element.children.is_empty() {
        text.push_str("/>");
        return;
    }
    text.push('>');
    for node in &element.children {
        match node {
            Node::Element(child) => write(child, text),
            Node::Raw(raw) => text.push_str(raw),
        }
    }
    text.push_str(&format!("</{}>", element.name));
}
