//! What a person does to a draft's document, as edits.

use super::Beside;
use crate::compose::form::{self, Fill};
use crate::iodef::edit::{Change, Edit, Fragment, Place};
use crate::iodef::schema::{Class, Declared, Profile, Type, value::collapse};
use crate::iodef::{Document, Element, NodeId, Refused};

/// A part of an element that one types in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// By its name as the class table has it (`restriction`, `xml:lang`), or as it is written.
    Attribute(String),
    Text,
}

/// A field: where a value stands or would stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spot {
    pub node: NodeId,
    pub part: Part,
}

impl Spot {
    #[must_use]
    pub fn text(node: NodeId) -> Self {
        Self { node, part: Part::Text }
    }

    #[must_use]
    pub fn attribute(node: NodeId, name: impl Into<String>) -> Self {
        Self { node, part: Part::Attribute(name.into()) }
    }
}

/// Something done to a draft.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sets a field. An attribute that need not be there goes when it is set to nothing, and so does its private value
    /// when it is set to a listed one; what refers to a name follows it.
    Set {
        spot: Spot,
        value: String,
    },
    /// Adds a child of this class where the schema has its place, with what it needs to be valid.
    Add {
        parent: NodeId,
        class: &'static Class,
        fill: Fill,
    },
    /// Puts a new element of this class in the place of another.
    Swap {
        node: NodeId,
        class: &'static Class,
        fill: Fill,
    },
    /// Inserts what was made elsewhere, in this order; [`form::place`] knows where.
    Insert {
        parent: NodeId,
        place: Place,
        fragments: Vec<Fragment>,
    },
    /// Inserts elements written as XML, each where the schema has its place.
    Xml {
        parent: NodeId,
        text: String,
    },
    Remove(Vec<NodeId>),
    /// Before the sibling before it, and after the one after it.
    Up(NodeId),
    Down(NodeId),
    Move {
        node: NodeId,
        parent: NodeId,
        place: Place,
    },
    /// Puts a copy after it, with names of its own.
    Duplicate(NodeId),
    /// What a finding offers as its remedy.
    Edits(Vec<Edit>),
    /// Replaces the whole text, as it was typed beside the form.
    Source(String),
    /// Sets what is beside the document.
    Beside(Box<Beside>),
}

type Made = (Vec<Change>, Option<NodeId>);

impl Act {
    /// Does it to a document.
    pub(super) fn make(&self, document: &mut Document) -> Result<Made, Refused> {
        match self {
            Self::Set { spot, value } => set(document, spot, value),
            Self::Add { parent, class, fill } => {
                let into = existing(document, *parent)?;
                let (place, fragment) = (form::place(into, class.element_name()), form::seed(into, class, fill));
                one(document.insert(*parent, place, &fragment))
            }
            Self::Swap { node, class, fill } => {
                let old = existing(document, *node)?;
                let parent = old.parent().ok_or_else(|| cannot(document))?;
                let (fragment, parent) = (form::seed(parent, class, fill), parent.id());
                let inserted = document.insert(parent, Place::Before(*node), &fragment)?;
                let old = inserted.follow(*node).ok_or_else(|| cannot(document))?;
                let removed = document.remove(old)?;
                let new = inserted.node().and_then(|node| removed.follow(node));
                Ok((vec![inserted, removed], new))
            }
            Self::Insert { parent, place, fragments } => one(document.insert_all(*parent, *place, fragments)),
            Self::Xml { parent, text } => xml(document, *parent, text),
            Self::Remove(nodes) => Ok((vec![document.remove_all(nodes)?], None)),
            Self::Up(node) => beside(document, *node, form::before(existing(document, *node)?).map(Place::Before)),
            Self::Down(node) => beside(document, *node, form::after(existing(document, *node)?).map(Place::After)),
            Self::Move { node, parent, place } => one(document.move_to(*node, *parent, *place)),
            Self::Duplicate(node) => duplicate(document, *node),
            Self::Edits(edits) => {
                let changes = edits.iter().map(|edit| document.edit(edit)).collect::<Result<Vec<_>, _>>()?;
                let node = changes.iter().rev().find_map(Change::node);
                Ok((changes, node))
            }
            Self::Source(text) => Ok((vec![document.rewrite(text)?], None)),
            Self::Beside(_) => Ok((Vec::new(), None)),
        }
    }
}

fn one(change: Result<Change, Refused>) -> Result<Made, Refused> {
    change.map(|change| {
        let node = change.node();
        (vec![change], node)
    })
}

fn cannot(document: &Document) -> Refused {
    Refused { fault: crate::iodef::Fault::Edit, position: document.root().position() }
}

fn existing(document: &Document, node: NodeId) -> Result<Element<'_>, Refused> {
    document.element(node).ok_or_else(|| cannot(document))
}

fn beside(document: &mut Document, node: NodeId, place: Option<Place>) -> Result<Made, Refused> {
    let parent = existing(document, node)?.parent().map(Element::id);
    let (Some(parent), Some(place)) = (parent, place) else { return Err(cannot(document)) };
    one(document.move_to(node, parent, place))
}

/// The namespace and local name of an attribute by the name the form knows it by.
fn expanded(element: Element<'_>, name: &str) -> (String, String) {
    if let Some(attr) = element.attrs().find(|attr| attr.qualified() == name) {
        return (attr.ns().to_owned(), attr.local().to_owned());
    }
    match name.strip_prefix("xml:") {
        Some(local) => (form::XML.to_owned(), local.to_owned()),
        None => (String::new(), name.to_owned()),
    }
}

fn set(document: &mut Document, spot: &Spot, value: &str) -> Result<Made, Refused> {
    let element = existing(document, spot.node)?;
    let followers = followers(element, &spot.part);
    let mut changes = match &spot.part {
        Part::Text => vec![document.set_text(spot.node, value)?],
        Part::Attribute(name) => attribute(document, spot.node, name, value)?,
    };
    for (node, name) in followers {
        changes.push(document.set_attr(node, &name, value)?);
    }
    Ok((changes, Some(spot.node)))
}

fn attribute(document: &mut Document, node: NodeId, name: &str, value: &str) -> Result<Vec<Change>, Refused> {
    let element = existing(document, node)?;
    let declared = form::class_of(element).and_then(|class| class.attribute(name, Profile::Reading));
    let (ns, local) = expanded(element, name);
    let is_there = element.attr_ns(&ns, &local).is_some();
    let needed = matches!(declared, Some(Declared::Plain(declared)) if declared.is_required(Profile::Published));
    if value.is_empty() && !needed {
        // A private value that is called for stays to be filled in.
        return if is_there { Ok(vec![document.remove_attr_ns(node, &ns, &local)?]) } else { Ok(Vec::new()) };
    }
    let twin = match declared {
        Some(Declared::Plain(declared)) if declared.extensible && collapse(value) != "ext-value" => {
            Some(format!("ext-{name}")).filter(|twin| element.attr(twin).is_some())
        }
        _ => None,
    };
    let mut changes = vec![document.set_attr_ns(node, &ns, &local, value)?];
    if let Some(twin) = twin {
        changes.push(document.remove_attr(node, &twin)?);
    }
    Ok(changes)
}

/// What refers to a name that is about to change.
fn followers(element: Element<'_>, part: &Part) -> Vec<(NodeId, String)> {
    let Some(class) = form::class_of(element) else { return Vec::new() };
    let name = match part {
        Part::Text => Some(element.text()).filter(|_| matches!(form::text_of(class), Some(Type::Id))),
        Part::Attribute(name) => match class.attribute(name, Profile::Reading) {
            Some(Declared::Plain(declared)) if matches!(declared.of, Type::Id) => element.attr(name),
            _ => None,
        },
    };
    let Some(name) = name.map(|name| collapse(&name).into_owned()).filter(|name| !name.is_empty()) else {
        return Vec::new();
    };
    let names = form::names(element.document());
    if names.iter().filter(|known| known.id == name).count() != 1 {
        return Vec::new();
    }
    form::references(element.document())
        .into_iter()
        .filter(|found| found.2 == name)
        .map(|found| (found.0, found.1))
        .collect()
}

/// A copy, whose names are not those of the original.
fn duplicate(document: &mut Document, node: NodeId) -> Result<Made, Refused> {
    let element = existing(document, node)?;
    let parent = element.parent().ok_or_else(|| cannot(document))?;
    let copy = Fragment::copy(element, Some(parent));
    let parent = parent.id();
    let mut names: Vec<String> = form::names(document).into_iter().map(|name| name.id).collect();
    let mut changes = vec![document.insert(parent, Place::After(node), &copy)?];
    let Some(copied) = changes.first().and_then(Change::node) else { return Ok((changes, None)) };
    let Some(element) = document.element(copied) else { return Ok((changes, None)) };
    let mut renamed: Vec<(String, String)> = Vec::new();
    let own = form::names(document).into_iter().filter(|name| name.node == copied || element.contains(name.node));
    for name in own.collect::<Vec<_>>() {
        let new = form::fresh(&names, &name.id);
        changes.push(match &name.attribute {
            Some(attribute) => document.set_attr(name.node, attribute, &new)?,
            None => document.set_text(name.node, &new)?,
        });
        names.push(new.clone());
        renamed.push((name.id, new));
    }
    // What refers within the copy means the copy's own.
    for (referring, attribute, id) in form::references(document) {
        let inside = document.element(copied).is_some_and(|copy| copy.id() == referring || copy.contains(referring));
        if let Some((_, new)) = renamed.iter().find(|(old, _)| *old == id).filter(|_| inside) {
            changes.push(document.set_attr(referring, &attribute, new)?);
        }
    }
    Ok((changes, Some(copied)))
}

/// Elements written as XML; names without a prefix are of the document's IODEF.
fn xml(document: &mut Document, parent: NodeId, text: &str) -> Result<Made, Refused> {
    let mut scope: Vec<(String, String)> = vec![(String::new(), crate::iodef::NS.to_owned())];
    let known = existing(document, parent)?.ancestors().flat_map(Element::declarations);
    for (prefix, uri) in known.filter(|(prefix, _)| !prefix.is_empty()) {
        if scope.iter().all(|(known, _)| known != prefix) {
            scope.push((prefix.to_owned(), uri.into_owned()));
        }
    }
    let whole = Document::read(format!("<pasted>{}</pasted>", bare(text)), &scope)?;
    let (mut changes, mut first) = (Vec::new(), None);
    for element in whole.root().children() {
        let parent = existing(document, parent)?;
        let place = form::place(parent, form::name(element));
        let copy = Fragment::copy(element, Some(parent));
        let change = document.insert(parent.id(), place, &copy)?;
        first = first.and_then(|first| change.follow(first)).or(change.node());
        changes.push(change);
    }
    if changes.is_empty() { Err(cannot(document)) } else { Ok((changes, first)) }
}

/// Without the declaration a whole document begins with.
fn bare(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest,
        None => text,
    }
}
