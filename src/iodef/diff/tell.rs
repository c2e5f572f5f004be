//! Changes as they are told: what, where in both documents, under which restriction, and how much it matters.

use std::borrow::Cow;
use std::collections::HashSet;

use super::pair::Found;
use super::tree::{Node, Tree};
use super::value::{self, Said};
use super::{Change, Counts, Diff, Field, MOST, Matter, Place, What, digest, identity, part};
use crate::iodef::check::place::Steps;
use crate::iodef::doc::Element;
use crate::iodef::observables;
use crate::iodef::view::{incidents, marking, strictest};
use crate::model::{Restriction, Tlp};

/// Elements looked at for one that says what a thing is called.
const LOOKED: usize = 64;
/// Lines told of one list, on each side.
const LINES: usize = 50;
/// Longest gist, in characters.
const GIST: usize = 200;

/// A change before it is told.
struct Raw {
    what: What,
    matter: Matter,
    label: Option<Tlp>,
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
        let (matter, label) = of_whole(tree, place);
        Raw { what, matter, label, old, new }
    };
    raw.extend(found.added.iter().map(|place| whole(What::Added, new, *place)));
    raw.extend(found.removed.iter().map(|place| whole(What::Removed, old, *place)));
    raw.extend(found.moved.iter().map(|(before, after)| {
        let matter = moved(old, new, *before, *after);
        Raw { what: What::Moved, matter, label: None, old: Some(*before), new: Some(*after) }
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
            label: one.label,
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
    let inside = std::iter::once(node.element).chain(node.element.descendants().take(LOOKED));
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
    let told = raw.len();
    for name in names {
        let of = |all: &[value::Attr<'_>], class| {
            let found = all.iter().find(|attr| attr.name == name);
            let value = found.map(|attr| attr.value.clone().into_owned());
            let said = found.map(|attr| attr.said.clone().into_owned());
            (value, said.or_else(|| value::unsaid(class, name).map(str::to_owned)))
        };
        let ((was, before_said), (is, after_said)) = (of(&was, one.class), of(&is, other.class));
        if was == is {
            continue;
        }
        let matter = of_attribute(one.element, other.element, name);
        let field = Field::Attribute(name.to_owned());
        // A token and the same word as a private value read alike: then it is said which is which.
        let alike = before_said == after_said;
        let (before_said, after_said) = if alike { (was, is) } else { (before_said, after_said) };
        let what = changed(field, before_said.as_deref(), after_said.as_deref());
        raw.push(Raw { what, matter, label: None, old: Some(before), new: Some(after) });
    }
    // One text read another way, as its attributes are others now, is told by these.
    let is_told = raw.len() > told;
    let same = is_told && value::shown(one.element, one.class) == value::shown(other.element, other.class);
    // What was found to differ is told, whatever it is.
    let whole = || (!is_told).then(|| said(one, other));
    if let Some(what) = text(one, other).filter(|_| !same).or_else(whole) {
        raw.push(Raw {
            what,
            matter: of_texts(one.element, other.element),
            label: None,
            old: Some(before),
            new: Some(after),
        });
    }
}

fn text(one: &Node<'_>, other: &Node<'_>) -> Option<What> {
    let (was, is) = (value::text(one.element, one.class), value::text(other.element, other.class));
    if let (Said::Lines(was), Said::Lines(is)) = (&was, &is) {
        let only = |these: &[Cow<'_, str>], those: &[Cow<'_, str>]| {
            let those: HashSet<&str> = those.iter().map(|line| &**line).collect();
            let only: Vec<&str> = these.iter().map(|line| &**line).filter(|line| !those.contains(line)).collect();
            let told: Vec<(String, bool)> = only.iter().take(LINES).map(|line| part::of_line(line)).collect();
            let cut = told.iter().any(|(_, cut)| *cut);
            (told.into_iter().map(|(line, _)| line).collect::<Vec<_>>(), only.len(), cut)
        };
        let ((added, came, one_cut), (removed, went, other_cut)) = (only(is, was), only(was, is));
        let more = came + went - added.len() - removed.len();
        let cut = one_cut || other_cut;
        return (came + went > 0).then_some(What::Lines { added, removed, more, cut });
    }
    (was != is).then(|| said(one, other))
}

fn changed(field: Field, before: Option<&str>, after: Option<&str>) -> What {
    let (before, after, cut) = part::of_both(before, after);
    What::Changed { field, before, after, cut }
}

/// The texts as they are written.
fn said(one: &Node<'_>, other: &Node<'_>) -> What {
    let of = |node: &Node<'_>| {
        // Where an element stands among the text, it is seen that one does.
        let text = value::shown(node.element, node.class)?;
        Some(if text.contains(value::CHILD) { text.replace(value::CHILD, " ⟨…⟩ ") } else { text.into_owned() })
    };
    changed(Field::Text, of(one).as_deref(), of(other).as_deref())
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
        _ => of_texts(old, new),
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

/// An observable that is another now, or none any more, matters as much as one that came: the graver of the two.
fn of_texts(old: Element<'_>, new: Element<'_>) -> Matter {
    of_text(old).min(of_text(new))
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

/// The gravest of all that came or went with an element, and the label it brought or took along.
fn of_whole(tree: &Tree<'_>, place: u32) -> (Matter, Option<Tlp>) {
    let Some(node) = tree.node(place) else { return (Matter::Other, None) };
    let label = label(tree, place, node);
    if label.is_some() {
        return (Matter::Restriction, label);
    }
    // What came or went in an expectation that stays.
    if asks(node.element) {
        return (Matter::Asks, None);
    }
    let inside = (place..place + node.size).filter_map(|place| tree.node(place));
    (inside.map(|node| of_one(node.element)).min().unwrap_or(Matter::Other), None)
}

fn of_one(element: Element<'_>) -> Matter {
    let graver =
        matches!(element.local(), "Assessment" | "SystemImpact" | "BusinessImpact" | "TimeImpact" | "MonetaryImpact");
    if graver && element.is_iodef() {
        return Matter::Severity;
    }
    if element.is("Expectation") && asks(element) {
        return Matter::Asks;
    }
    let holds = element.is("BulkObservableList") || observables::only(element).is_some();
    if holds { Matter::Observable } else { Matter::Other }
}

/// The label inside that is another than the one around: the strictest, else the loosest.
fn label(tree: &Tree<'_>, place: u32, node: &Node<'_>) -> Option<Tlp> {
    let around = marking(node.element.parent()?).restriction.tlp();
    let inside = (place..place + node.size).filter_map(|place| tree.node(place));
    let own = inside.filter(|node| node.element.is_iodef() && node.element.attr("restriction").is_some());
    let labels = own.map(|node| marking(node.element).restriction.tlp());
    let (strictest, loosest) =
        labels.fold((around, around), |(most, least), label| (label.max(most), label.min(least)));
    if strictest > around { Some(strictest) } else { (loosest < around).then_some(loosest) }
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
