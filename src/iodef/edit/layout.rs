//! Where in the text an edit goes, and what the neighbours' way of writing asks of it.

use std::borrow::Cow;

use super::{Element, Place};
use crate::iodef::xml::XML;

/// Indentation of a level where the document does not show its own.
const UNIT: &str = "  ";

pub fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// A place for a new child.
pub struct Gap<'d> {
    at: At,
    /// The sibling whose prefix is followed.
    pub neighbour: Option<Element<'d>>,
    /// Line break and indentation before the child; empty where children stand in one line.
    pub lead: String,
    pub unit: String,
    parent: Element<'d>,
    /// Line break and indentation before the parent's end tag.
    last_line: String,
}

enum At {
    /// Before an element, at this offset; the white space that stands there already leads the new one.
    Before(usize),
    After(usize),
    /// Instead of all that is in the parent, which is white space at most.
    Whole,
    /// Between other content.
    Within(usize),
}

/// The line break and white space before an element, when that is all that stands before it on its line.
fn lead(element: Element<'_>) -> Option<&str> {
    let before = element.document().text().get(..element.span().0)?;
    let indent = before.trim_end_matches([' ', '\t']).len();
    let rest = before.get(..indent)?;
    let line = rest.strip_suffix('\n').map(|rest| rest.strip_suffix('\r').unwrap_or(rest).len())?;
    before.get(line..)
}

/// What one level adds, by the parent's lead.
fn unit(parent: Element<'_>) -> String {
    let own = lead(parent).unwrap_or("\n");
    let child = parent.children().find_map(lead).and_then(|lead| lead.strip_prefix(own));
    let above = || parent.parent().and_then(lead).and_then(|above| lead(parent)?.strip_prefix(above));
    child.or_else(above).filter(|unit| !unit.is_empty()).unwrap_or(UNIT).to_owned()
}

pub fn gap(parent: Element<'_>, place: Place) -> Option<Gap<'_>> {
    let child = |id| parent.children().find(|child| child.id() == id);
    let (neighbour, before) = match place {
        Place::Before(id) => (Some(child(id)?), true),
        Place::After(id) => (Some(child(id)?), false),
        Place::First => (parent.children().next(), true),
        Place::Last => (parent.children().last(), false),
    };
    let unit = unit(parent);
    let last_line = lead(parent).map_or_else(|| root_line(parent), str::to_owned);
    let Some(sibling) = neighbour else {
        let inner = parent.inner_source();
        let lead = if last_line.is_empty() { String::new() } else { format!("{last_line}{unit}") };
        if inner.chars().all(is_space) {
            return Some(Gap { at: At::Whole, neighbour, lead, unit, parent, last_line });
        }
        // Text or comments alone: beside them, in one line.
        let (from, to) = parent.inner_span();
        let at = At::Within(if place == Place::First { from } else { to });
        return Some(Gap { at, neighbour, lead: String::new(), unit, parent, last_line });
    };
    let lead = lead(sibling).unwrap_or_default().to_owned();
    let (from, to) = sibling.span();
    let at = if before { At::Before(from) } else { At::After(to) };
    Some(Gap { at, neighbour, lead, unit, parent, last_line })
}

/// The root begins a line of its own wherever the document has lines at all.
fn root_line(parent: Element<'_>) -> String {
    let text = parent.document().text();
    if parent.parent().is_some() || !text.contains('\n') {
        return String::new();
    }
    if text.contains("\r\n") { "\r\n".to_owned() } else { "\n".to_owned() }
}

impl Gap<'_> {
    /// The splice that puts `written` there.
    pub fn fill(&self, written: &str) -> (usize, usize, String) {
        let lead = &self.lead;
        match self.at {
            At::Before(at) => (at, at, format!("{written}{lead}")),
            At::After(at) => (at, at, format!("{lead}{written}")),
            At::Within(at) => (at, at, written.to_owned()),
            At::Whole => {
                let last_line = if lead.is_empty() { "" } else { &self.last_line };
                fill(self.parent, &format!("{lead}{written}{last_line}"))
            }
        }
    }
}

/// The splice that makes `inner` all that is in an element.
pub fn fill(element: Element<'_>, inner: &str) -> (usize, usize, String) {
    let (from, to) = element.inner_span();
    let end = element.span().1;
    if to < end {
        return (from, to, inner.to_owned());
    }
    // `<a/>` becomes `<a>…</a>`.
    let source = element.document().text().get(..end.saturating_sub(2)).unwrap_or_default();
    (source.trim_end_matches(is_space).len(), end, format!(">{inner}</{}>", element.qualified()))
}

/// What goes with an element: the line break before it; all white space, when nothing else stays in the parent.
pub fn removal(element: Element<'_>) -> Option<(usize, usize)> {
    let parent = element.parent()?;
    let (from, to) = element.span();
    let (inner_from, inner_to) = parent.inner_span();
    let text = element.document().text();
    let is_blank = |from: usize, to: usize| text.get(from..to).is_some_and(|between| between.chars().all(is_space));
    if is_blank(inner_from, from) && is_blank(to, inner_to) {
        return Some((inner_from, inner_to));
    }
    Some((from - lead(element).map_or(0, str::len).min(from.saturating_sub(inner_from)), to))
}

/// Where an element's end tag has its local name.
pub fn end_name(element: Element<'_>) -> Option<usize> {
    let (inner, end) = (element.inner_span().1, element.span().1);
    (inner < end).then(|| inner + 2 + element.qualified().len() - element.local().len())
}

/// Where another attribute goes, the white space before it, and the quotes around its value.
pub fn attributes_end(element: Element<'_>) -> (usize, &str, char) {
    let text = element.document().text();
    let Some((start, end)) = element.last_attr() else {
        return (element.span().0 + 1 + element.qualified().len(), " ", '"');
    };
    let before = text.get(..start).unwrap_or_default();
    let space = before.get(before.trim_end_matches(is_space).len()..).unwrap_or(" ");
    let quote = text.get(end..).and_then(|rest| rest.chars().next()).unwrap_or('"');
    (end + 1, space, quote)
}

/// The qualified name of an attribute of a namespace, and the declaration it needs where no prefix stands for it.
pub fn attribute_name(element: Element<'_>, ns: &str, local: &str) -> (String, Option<(String, String)>) {
    if ns.is_empty() {
        return (local.to_owned(), None);
    }
    if ns == XML {
        return (format!("xml:{local}"), None);
    }
    let scope = in_scope(element);
    if let Some((prefix, _)) = scope.iter().find(|(prefix, uri)| !prefix.is_empty() && uri == ns) {
        return (format!("{prefix}:{local}"), None);
    }
    let prefix = free_prefix(&scope);
    (format!("{prefix}:{local}"), Some((format!("xmlns:{prefix}"), ns.to_owned())))
}

/// A prefix that means nothing yet.
pub fn free_prefix(scope: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    (1..).map(|n: u32| format!("ns{n}")).find(|name| scope.iter().all(|(known, _)| known != name)).unwrap_or_default()
}

/// The declarations in force in an element, its own included; each prefix once.
pub fn in_scope(element: Element<'_>) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let mut scope: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    let outside = element.document().scope().iter().rev();
    let outside = outside.map(|(prefix, uri)| (prefix.as_str(), Cow::Borrowed(uri.as_str())));
    for (prefix, uri) in element.ancestors().flat_map(Element::declarations).chain(outside) {
        if scope.iter().all(|(known, _)| known != prefix) {
            scope.push((Cow::Borrowed(prefix), uri));
        }
    }
    scope
}
