//! Changes as they are told: what, where in both documents, under which restriction, and how much it matters.

use std::borrow::Cow;
use std::collections::HashSet;

use super::pair::Found;
use super::tree::{Node, Tree};
use super::value::{self, Said};
use super::{Change, Counts, Diff, Field, LONGEST, MOST, Matter, Place, What, digest, identity};
use crate::iodef::check::place::Steps;
use crate::iodef::doc::Element;
use crate::iodef::observables;
use crate::iodef::view::{incidents, marking, strictest};
use crate::model::{Restriction, Tlp};

/// Elements looked at for whether an observable came or went with them.
const LOOKED: u32 = 64;
/// Lines told of one list, on each side.
const LINES: usize = 50;
/// Longest gist, in characters.
const GIST: usize = 200;

/// A change before it is told.
struct Raw {
    what: What,
    matter: Matter,
    old: Option<u32>,
    new: Option<u32>,
}

pub fn tell(old: &Tree<'_>, new: &Tree<'_>, found: Found) -> Diff {
    let mut raw: Vec<Raw> = Vec::new();
    for (before, after) in &found.changed {
        fields(old, new, *before, *after, &mut raw);
    }
    let whole = |what: What, tree: &Tree<'_>, place: u32| {
        let (old, new) = if what == What::Added { (None, Some(place)) } else { (Some(place), None) };
        Raw { what, matter: of_whole(tree, place), old, new }
    };
    raw.extend(found.added.iter().map(|place| whole(What::Added, new, *place)));
    raw.extend(found.removed.iter().map(|place| whole(What::Removed, old, *place)));
    raw.extend(found.moved.iter().map(|(before, after)| {
        let matter = moved(old, new, *before, *after);
        Raw { what: What::Moved, matter, old: Some(*before), new: Some(*after) }
    }));
    let counts = counted(&raw);
    raw.sort_by_key(|one| (one.matter, one.new.or(one.old), one.new.is_none()));
    let untold = raw.len().saturating_sub(MOST);
    raw.truncate(MOST);
    let mut words = (Steps::default(), Steps::default());
    let changes = raw.into_iter().filter_map(|one| {
        let before = one.old.and_then(|place| old.node(place));
        let after = one.new.and_then(|place| new.node(place));
        let node = after.or(before)?;
        Some(Change {
            what: one.what,
            matter: one.matter,
            class: node.element.local().to_owned(),
            gist: gist(node),
            old: before.map(|node| place(node.element, &mut words.0)),
            new: after.map(|node| place(node.element, &mut words.1)),
        })
    });
    let changes = changes.collect();
    let heads = found
        .incidents
        .iter()
        .filter_map(|(before, after)| digest::head(old.node(*before)?.element, new.node(*after)?.element));
    let inside = |tree: &Tree<'_>| {
        let labels = incidents(tree.document).map(|incident| strictest(incident.element()).0.restriction.tlp());
        labels.max().unwrap_or(Tlp::Red)
    };
    Diff {
        changes,
        untold,
        counts,
        heads: heads.collect(),
        observables: digest::observables(old.document, new.document),
        strictest: (inside(old), inside(new)),
        strangers: strangers(old, new),
        steps: found.steps,
    }
}

fn counted(raw: &[Raw]) -> Counts {
    let mut counts = Counts::default();
    for one in raw {
        match one.what {
            What::Added => counts.added += 1,
            What::Removed => counts.removed += 1,
            What::Changed { .. } | What::Lines { .. } => counts.changed += 1,
            What::Moved => counts.moved += 1,
        }
    }
    counts
}

/// Whether no incident of the one is in the other, by their ids.
fn strangers(old: &Tree<'_>, new: &Tree<'_>) -> bool {
    let ids = |tree: &Tree<'_>| {
        let all = tree.children(0).filter(|place| tree.node(*place).is_some_and(|node| node.element.is("Incident")));
        all.filter_map(|place| identity::key(tree, place)).collect::<HashSet<_>>()
    };
    let (before, after) = (ids(old), ids(new));
    !before.is_empty() && !after.is_empty() && before.is_disjoint(&after)
}

fn place(element: Element<'_>, words: &mut Steps) -> Place {
    Place {
        id: element.id(),
        path: element.path(),
        words: words.words(element),
        position: element.position(),
        restriction: marking(element).restriction,
    }
}

/// What it is called, else what its text begins with, else that of the first element in it that says anything.
fn gist(node: &Node<'_>) -> String {
    let called = identity::gist(node);
    if !called.is_empty() {
        return cut(&called, GIST);
    }
    let inside = std::iter::once(node.element).chain(node.element.descendants().take(LOOKED as usize));
    let mut texts = inside.map(|element| element.trimmed().into_owned()).filter(|text| !text.is_empty());
    cut(&texts.next().unwrap_or_default(), GIST)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The attributes and the text of an element that changed.
fn fields(old: &Tree<'_>, new: &Tree<'_>, before: u32, after: u32, raw: &mut Vec<Raw>) {
    let (Some(one), Some(other)) = (old.node(before), new.node(after)) else { return };
    let (was, is) = (value::attrs(one.element, one.class), value::attrs(other.element, other.class));
    let mut names: Vec<&str> = was.iter().chain(&is).map(|attr| &*attr.name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of = |all: &[value::Attr<'_>], class| {
            let found = all.iter().find(|attr| attr.name == name);
            let value = found.map(|attr| attr.value.clone().into_owned());
            let said = found.map(|attr| cut(&attr.said, LONGEST));
            (value, said.or_else(|| value::unsaid(class, name).map(str::to_owned)))
        };
        let ((was, before_said), (is, after_said)) = (of(&was, one.class), of(&is, other.class));
        if was == is {
            continue;
        }
        let matter = of_attribute(one.element, other.element, name);
        let field = Field::Attribute(name.to_owned());
        let what = What::Changed { field, before: before_said, after: after_said };
        raw.push(Raw { what, matter, old: Some(before), new: Some(after) });
    }
    if let Some(what) = text(one, other) {
        raw.push(Raw { what, matter: of_text(other.element), old: Some(before), new: Some(after) });
    }
}

fn text(one: &Node<'_>, other: &Node<'_>) -> Option<What> {
    let (was, is) = (value::text(one.element, one.class), value::text(other.element, other.class));
    if let (Said::Lines(was), Said::Lines(is)) = (&was, &is) {
        let only = |these: &[Cow<'_, str>], those: &[Cow<'_, str>]| {
            let those: HashSet<&str> = those.iter().map(|line| &**line).collect();
            these.iter().filter(|line| !those.contains(&***line)).map(|line| cut(line, GIST)).collect::<Vec<_>>()
        };
        let (mut added, mut removed) = (only(is, was), only(was, is));
        let all = added.len() + removed.len();
        added.truncate(LINES);
        removed.truncate(LINES);
        let more = all - added.len() - removed.len();
        return (all > 0).then_some(What::Lines { added, removed, more });
    }
    let said = |element: Element<'_>| {
        let text = element.trimmed();
        (!text.is_empty()).then(|| cut(&text, LONGEST))
    };
    (was != is).then(|| What::Changed { field: Field::Text, before: said(one.element), after: said(other.element) })
}

fn of_attribute(old: Element<'_>, new: Element<'_>, name: &str) -> Matter {
    let is_ours = new.is_iodef();
    match name {
        "restriction" | "ext-restriction" if is_ours => of_restriction(old, new),
        "severity" if is_ours && !asks(new) => Matter::Severity,
        "purpose" if new.is("Incident") => Matter::Purpose,
        "status" if new.is("Incident") => Matter::Status,
        "translation-id" => Matter::Wording,
        _ if asks(new) => Matter::Asks,
        _ => of_text(new),
    }
}

/// How the handling of an element changed: what is in force on it now beside what was.
fn of_restriction(old: Element<'_>, new: Element<'_>) -> Matter {
    let (before, after) = (marking(old).restriction, marking(new).restriction);
    match after.tlp().cmp(&before.tlp()) {
        std::cmp::Ordering::Less => Matter::Loosened,
        std::cmp::Ordering::Greater => Matter::Tightened,
        std::cmp::Ordering::Equal => {
            let private = |one: &Restriction| matches!(one, Restriction::Other(_) | Restriction::Agreed);
            if before != after && (private(&before) || private(&after)) { Matter::Restriction } else { Matter::Wording }
        }
    }
}

fn of_text(element: Element<'_>) -> Matter {
    if element.is("GenerationTime") && element.parent().is_some_and(|parent| parent.is("Incident")) {
        return Matter::Routine;
    }
    if asks(element) {
        return Matter::Asks;
    }
    if element.is("BulkObservableList") || observables::only(element).is_some() {
        return Matter::Observable;
    }
    Matter::Other
}

/// Whether an element says what the receiver is asked: an `Expectation` of the incident, not one to look for.
fn asks(element: Element<'_>) -> bool {
    let mut found = false;
    for one in element.ancestors() {
        match one.local() {
            "Expectation" if one.is_iodef() => found = true,
            "Indicator" if one.is_iodef() => return false,
            _ => {}
        }
    }
    found
}

fn of_whole(tree: &Tree<'_>, place: u32) -> Matter {
    let Some(node) = tree.node(place) else { return Matter::Other };
    if asks(node.element) {
        return Matter::Asks;
    }
    let graver = matches!(
        node.element.local(),
        "Assessment" | "SystemImpact" | "BusinessImpact" | "TimeImpact" | "MonetaryImpact"
    );
    if graver && node.element.is_iodef() {
        return Matter::Severity;
    }
    let inside = (place..place + node.size.min(LOOKED)).filter_map(|place| tree.node(place));
    let holds = |node: &Node<'_>| node.element.is("BulkObservableList") || observables::only(node.element).is_some();
    if inside.into_iter().any(holds) { Matter::Observable } else { Matter::Other }
}

/// What was moved may be under another restriction where it is now.
fn moved(old: &Tree<'_>, new: &Tree<'_>, before: u32, after: u32) -> Matter {
    let (Some(one), Some(other)) = (old.node(before), new.node(after)) else { return Matter::Other };
    let (was, is) = (marking(one.element).restriction.tlp(), marking(other.element).restriction.tlp());
    match is.cmp(&was) {
        std::cmp::Ordering::Less => Matter::Loosened,
        std::cmp::Ordering::Greater => Matter::Tightened,
        std::cmp::Ordering::Equal => Matter::Other,
    }
}
