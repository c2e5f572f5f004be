//! The elements of a document that are open to view, in order, and a few words about each.

use std::borrow::Cow;

use crate::iodef::{Document, Element, NodeId};
use crate::text::line_within;

/// Longest words about an element, in characters.
const GIST: usize = 80;
/// Elements looked at for the words about one.
const NEAR: usize = 24;

/// An element in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub node: NodeId,
    pub depth: u16,
    /// Whether there are elements inside, and whether they are in view.
    pub holds: bool,
    pub open: bool,
}

/// The elements below the root that are in view: those whose ancestors are all open.
#[must_use]
pub fn outline(document: &Document, is_open: impl Fn(NodeId) -> bool) -> Vec<Row> {
    let root = document.root();
    let mut rows = Vec::new();
    // Where to go on, innermost last: nothing recurses.
    let mut waiting: Vec<(Element<'_>, u16)> = Vec::new();
    let mut next = root.children().next().map(|child| (child, 0));
    while let Some((element, depth)) = next.or_else(|| waiting.pop()) {
        let inside = element.children().next();
        let open = inside.is_some() && is_open(element.id());
        rows.push(Row { node: element.id(), depth, holds: inside.is_some(), open });
        waiting.extend(element.following().next().map(|sibling| (sibling, depth)));
        next = inside.filter(|_| open).map(|inside| (inside, depth.saturating_add(1)));
    }
    rows
}

/// What an element is about, in one safe line: its text, else that of the first things in it; empty where it has none.
#[must_use]
pub fn gist(element: Element<'_>) -> String {
    let own = element.text();
    if !own.trim().is_empty() {
        return line_within(&own, GIST);
    }
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    for inside in element.descendants().take(NEAR) {
        let text = inside.trimmed();
        if !text.is_empty() && inside.children().next().is_none() {
            words.push(text);
        }
        if words.len() == 3 {
            break;
        }
    }
    line_within(&words.join(" · "), GIST)
}
