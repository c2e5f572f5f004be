//! Every value a document says: in the elements that hold values, in the words of all others, and in attributes.

use std::collections::HashSet;

use super::Said;
use crate::compose::paste::key_of;
use crate::iodef::observables::{self, Found};
use crate::iodef::view::marking;
use crate::iodef::{Document, Element, NodeId};
use crate::model::{ObservableKind, Tlp};
use crate::store::index::key::Tag;
use crate::text::extract;

/// Longest text of one element that is looked through, in bytes.
const TEXT: usize = 4 << 20;

/// All values, in the order of the document; one that is said twice stands here twice.
#[must_use]
pub fn said(document: &Document) -> Vec<Said> {
    let mut all = Vec::new();
    let mut held = HashSet::new();
    let found = observables::all(document);
    let mut from = (NodeId::default(), 0);
    for one in &found {
        if from.0 != one.element.id() {
            from = (one.element.id(), 0);
        }
        if let Some((said, end)) = structured(one, from.1) {
            from.1 = end;
            let _ = held.insert(one.element.id());
            all.push(said);
        }
    }
    for element in std::iter::once(document.root()).chain(document.root().descendants()) {
        let label = marking(element).restriction.tlp();
        attributes(element, label, &mut all);
        let is_leaf = element.children().next().is_none();
        if !held.contains(&element.id()) && !names_incidents(element) && (is_leaf || has_words(element)) {
            words(element, label, &mut all);
        }
    }
    all.sort_by_key(|said| (said.node, said.attribute.is_none(), said.span.start));
    all
}

/// A value that stands where values do. One that is not of its kind is left to the reading of words.
fn structured(found: &Found<'_>, from: usize) -> Option<(Said, usize)> {
    let key = key_of(found.kind(), &found.canonical)?;
    let is_free = |kind| matches!(kind, ObservableKind::File | ObservableKind::Other);
    let is_other = key.first() == Some(&(Tag::Other as u8));
    if is_other && !is_free(found.kind()) {
        return None;
    }
    let text = found.element.text();
    let start = text.get(from..)?.find(&*found.original)? + from;
    let span = start..start + found.original.len();
    // What a name or a key holds may be an address all the same.
    if is_free(found.kind()) && extract::extract(&found.original).iter().any(|one| one.kind != ObservableKind::File) {
        return None;
    }
    let said = Said {
        kind: found.kind(),
        value: found.canonical.clone(),
        key,
        node: found.element.id(),
        attribute: None,
        written: found.original.clone().into_owned(),
        here: found.marking.restriction.tlp(),
        span: span.clone(),
    };
    Some((said, span.end))
}

/// Who numbered an incident is not what was seen in it.
fn names_incidents(element: Element<'_>) -> bool {
    element.is_iodef() && matches!(element.local(), "IncidentID" | "IndicatorID" | "GenerationTime" | "ReportTime")
}

/// Whether words stand between the elements inside.
fn has_words(element: Element<'_>) -> bool {
    !element.is_iodef() && !element.text().trim().is_empty()
}

fn words(element: Element<'_>, label: Tlp, all: &mut Vec<Said>) {
    let text = element.text();
    if text.len() > TEXT {
        return;
    }
    from_text(&text, element.id(), None, label, all);
}

fn from_text(text: &str, node: NodeId, attribute: Option<&str>, label: Tlp, all: &mut Vec<Said>) {
    for found in extract::extract(text) {
        let Some(key) = key_of(found.kind, &found.value) else { continue };
        let written = text.get(found.span.clone()).unwrap_or_default().to_owned();
        // What may be either is looked for as both.
        let twin = match (found.doubt, found.kind) {
            (Some(extract::Doubt::FileOrDomain), ObservableKind::File) => Some(ObservableKind::Domain),
            (Some(extract::Doubt::FileOrDomain), _) => Some(ObservableKind::File),
            _ => None,
        };
        let twin = twin.and_then(|kind| {
            let value = found.value.to_lowercase();
            Some((kind, key_of(kind, &value)?, value))
        });
        let own = (found.kind, key, found.value);
        for (kind, key, value) in std::iter::once(own).chain(twin) {
            all.push(Said {
                kind,
                value,
                key,
                node,
                attribute: attribute.map(str::to_owned),
                span: found.span.clone(),
                written: written.clone(),
                here: label,
            });
        }
    }
}

/// Attributes that hold words or values; those of other namespaces say what XML is this.
fn attributes(element: Element<'_>, label: Tlp, all: &mut Vec<Said>) {
    if names_incidents(element) {
        return;
    }
    for attribute in element.attrs().filter(|attribute| attribute.ns().is_empty()) {
        let raw = attribute.raw();
        let may_hold =
            raw.len() > 3 && raw.bytes().any(|byte| matches!(byte, b'.' | b':' | b'@' | b'[') || raw.len() >= 32);
        if may_hold && !matches!(attribute.local(), "Algorithm" | "SpecID" | "private-enum-name" | "version") {
            from_text(&attribute.value(), element.id(), Some(attribute.local()), label, all);
        }
    }
}
