//! Names within a document, and what refers to them (RFC 7970 §3.3.2, §3.29.6, §3.29.7).

use crate::iodef::schema::{Type, value::collapse};
use crate::iodef::{Document, Element, NodeId};

use super::{class_of, gist, text_of};

/// A name an element goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    pub id: String,
    /// The element that says it.
    pub node: NodeId,
    /// In this attribute; in its text where there is none.
    pub attribute: Option<String>,
    /// What it names, in a few words.
    pub of: String,
}

/// Attributes that give a name, and that refer to one, in all of the table.
const NAMES: &[&str] = &["observable-id", "Id"];
const REFERS: &[&str] = &["uid-ref"];
/// The attribute that says of which text a text is a translation.
pub const TRANSLATES: &str = "translation-id";

/// All names of a document.
#[must_use]
pub fn names(document: &Document) -> Vec<Id> {
    let mut found = Vec::new();
    for element in std::iter::once(document.root()).chain(document.root().descendants()) {
        for attribute in NAMES {
            let Some(id) = element.attr(attribute) else { continue };
            if is_of(element, attribute, Type::Id) {
                let id = collapse(&id).into_owned();
                let attribute = Some((*attribute).to_owned());
                found.push(Id { id, node: element.id(), attribute, of: gist(element) });
            }
        }
        if element.is("IndicatorID") && class_of(element).is_some_and(|class| matches!(text_of(class), Some(Type::Id)))
        {
            let of = element.parent().map(gist).unwrap_or_default();
            found.push(Id { id: collapse(&element.text()).into_owned(), node: element.id(), attribute: None, of });
        }
    }
    found
}

fn is_of(element: Element<'_>, attribute: &str, of: Type) -> bool {
    let known = class_of(element).and_then(|class| class.attributes.iter().find(|known| known.name == attribute));
    known.is_some_and(|known| std::mem::discriminant(&known.of) == std::mem::discriminant(&of))
}

/// All that refer: the element, its attribute, the name.
#[must_use]
pub fn references(document: &Document) -> Vec<(NodeId, String, String)> {
    let mut found = Vec::new();
    for element in document.root().descendants() {
        for attribute in REFERS {
            let Some(id) = element.attr(attribute) else { continue };
            if is_of(element, attribute, Type::IdRef) {
                found.push((element.id(), (*attribute).to_owned(), collapse(&id).into_owned()));
            }
        }
    }
    found
}

/// What an element that refers may point at: indicators for an `IndicatorReference`, else what is observable.
#[must_use]
pub fn targets(element: Element<'_>) -> Vec<Id> {
    let indicators = element.is("IndicatorReference");
    let own: Vec<NodeId> = element.ancestors().map(Element::id).collect();
    let mut found = names(element.document());
    found.retain(|id| !id.id.is_empty() && id.attribute.is_none() == indicators && !own.contains(&id.node));
    found
}

/// What says that a text is another's translation: those of its kin in the same parent (RFC 7970 §2.4), each with the
/// text that bears it, and one that none bears yet.
#[must_use]
pub fn translations(element: Element<'_>) -> Vec<Id> {
    let Some(parent) = element.parent() else { return Vec::new() };
    let kin = parent.children().filter(|other| *other != element && super::name(*other) == super::name(element));
    let said = kin.filter_map(|other| {
        let id = other.attr(TRANSLATES).filter(|id| !id.trim().is_empty())?.into_owned();
        Some(Id { id, node: other.id(), attribute: Some(TRANSLATES.to_owned()), of: gist(other) })
    });
    let mut found: Vec<Id> = Vec::new();
    for id in said {
        if !found.iter().any(|known| known.id == id.id) {
            found.push(id);
        }
    }
    let taken: Vec<String> = found.iter().map(|id| id.id.clone()).collect();
    let new = Id { id: fresh(&taken, "t-0"), node: element.id(), attribute: None, of: String::new() };
    found.push(new);
    found
}

/// How many elements outside refer to an element or to something inside it.
pub(super) fn referred(element: Element<'_>) -> usize {
    let document = element.document();
    // Few documents refer at all.
    if memchr::memmem::find(document.text().as_bytes(), b"uid-ref").is_none() {
        return 0;
    }
    let inside = |node: NodeId| node == element.id() || element.contains(node);
    let own: Vec<String> = names(document).into_iter().filter(|id| inside(id.node)).map(|id| id.id).collect();
    if own.is_empty() {
        return 0;
    }
    references(document).into_iter().filter(|(node, _, id)| !inside(*node) && own.contains(id)).count()
}

/// A name like `like` that is not taken: with the next number.
#[must_use]
pub fn fresh(taken: &[String], like: &str) -> String {
    let stem = like.trim_end_matches(|c: char| c.is_ascii_digit());
    let dashed = if stem.is_empty() || stem.ends_with(['-', '_', '.']) { stem.to_owned() } else { format!("{stem}-") };
    let stem = if stem.len() < like.len() { stem.to_owned() } else { dashed };
    let stem = if stem.is_empty() { "id-".to_owned() } else { stem };
    let number = |name: &String| name.strip_prefix(&stem).and_then(|rest| rest.parse::<u64>().ok());
    let most = taken.iter().filter_map(number).max().unwrap_or_default();
    format!("{stem}{}", most.saturating_add(1))
}
