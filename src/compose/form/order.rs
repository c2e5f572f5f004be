//! The order of children: where a new one goes, and past whom one may be moved.

use crate::iodef::edit::Place;
use crate::iodef::schema::{Class, Model, Name, Symbol};
use crate::iodef::{Element, NodeId};

use super::{PROFILE, class_of, name};

/// Most children of an element that may be one of a choice.
const MANY: usize = 64;

/// The names of the children; of a run of the same name three, which say as much as all of them.
pub(super) fn few(element: Element<'_>) -> Vec<Name<'_>> {
    let mut names: Vec<Name<'_>> = Vec::new();
    for child in element.children().map(name) {
        let run = names.iter().rev().take_while(|other| **other == child).take(3).count();
        if run < 3 {
            names.push(child);
        }
    }
    names
}

fn model(element: Element<'_>) -> Option<&'static Model> {
    class_of(element)?.model(PROFILE)
}

/// Where a new child of this name belongs; at the end where the schema has no say.
#[must_use]
pub fn place(parent: Element<'_>, new: Name<'_>) -> Place {
    let at = model(parent).and_then(|model| model.place_of(parent.children().map(name), new));
    match at {
        Some(0) => Place::First,
        Some(at) => parent.children().nth(at - 1).map_or(Place::Last, |before| Place::After(before.id())),
        None => Place::Last,
    }
}

/// The sibling before which an element may be put so that what it stands in is no less valid.
#[must_use]
pub fn before(element: Element<'_>) -> Option<NodeId> {
    let parent = element.parent()?;
    let sibling = parent.children().take_while(|child| *child != element).last()?;
    may_swap(parent, sibling, element).then(|| sibling.id())
}

/// The sibling after which it may be put.
#[must_use]
pub fn after(element: Element<'_>) -> Option<NodeId> {
    let sibling = element.following().next()?;
    may_swap(element.parent()?, element, sibling).then(|| sibling.id())
}

/// Whether two neighbours may change places.
fn may_swap(parent: Element<'_>, first: Element<'_>, second: Element<'_>) -> bool {
    if name(first) == name(second) {
        return true;
    }
    let Some(model) = model(parent) else { return true };
    let now: Vec<Name<'_>> = parent.children().map(name).collect();
    if !model.accepts(now.iter().copied()) {
        // What is wrong already may be put in order by hand, unless that is the order of the class.
        return model.rank(name(first)) >= model.rank(name(second));
    }
    let Some(at) = parent.children().position(|child| child == first) else { return false };
    let mut then = now;
    then.swap(at, at + 1);
    model.accepts(then)
}

/// The classes of which one may stand in its stead and not beside it: the others of a choice.
#[must_use]
pub fn instead(element: Element<'_>) -> Vec<&'static Class> {
    let Some(parent) = element.parent() else { return Vec::new() };
    let Some(model) = model(parent) else { return Vec::new() };
    // A choice of one is among few.
    let now: Vec<Name<'_>> = parent.children().take(MANY + 1).map(name).collect();
    let Some(at) = parent.children().take(MANY).position(|child| child == element) else { return Vec::new() };
    if now.len() > MANY {
        return Vec::new();
    }
    let beside = model.addable(&now);
    let others = model.symbols().iter().filter_map(Symbol::class).filter(|class| class.element_name() != name(element));
    let mut found: Vec<&'static Class> = Vec::new();
    for class in others {
        let mut then = now.clone();
        if let Some(one) = then.get_mut(at) {
            *one = class.element_name();
        }
        let is_new = !beside.iter().chain(&found).any(|other| other.element_name() == class.element_name());
        if is_new && model.accepts(then) {
            found.push(class);
        }
    }
    found
}

/// Whether what an element stands in would lack something without it, and does not now.
pub(super) fn is_needed(element: Element<'_>) -> bool {
    let Some(parent) = element.parent() else { return true };
    let Some(model) = model(parent) else { return false };
    let others = parent.children().filter(|child| *child != element).map(name);
    !model.accepts(others) && model.accepts(parent.children().map(name))
}
