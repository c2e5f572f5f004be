//! Why the children of an element are not what its class holds, in words for each fault. The automaton has the verdict
//! already: here is always at least one finding.

use std::collections::{BTreeMap, HashSet};

use crate::iodef::check::Notes;
use crate::iodef::check::fix::Fix;
use crate::iodef::check::rule;
use crate::iodef::doc::Element;
use crate::iodef::schema::{self, Class, Model, Name, Space, State};

pub fn children<'d>(element: Element<'d>, class: &'static Class, model: &'static Model, notes: &mut Notes<'d>) {
    let children: Vec<(Element<'d>, Name<'d>)> =
        element.children().map(|child| (child, Name { ns: child.ns(), local: child.local() })).collect();
    let before = notes.report.invalid;
    let known = strangers(class, model, &children, notes);
    let names: Vec<_> = known.iter().map(|(_, name)| *name).collect();
    for wanted in model.missing(&names) {
        missing(element, &wanted, notes);
    }
    repeated(class, model, &known, notes);
    order(model, &known, notes);
    if notes.report.invalid == before {
        conflict(element, class, model, &known, notes);
    }
}

/// Children the class never has; the others come back.
fn strangers<'d>(
    class: &'static Class,
    model: &'static Model,
    children: &[(Element<'d>, Name<'d>)],
    notes: &mut Notes<'d>,
) -> Vec<(Element<'d>, Name<'d>)> {
    let mut known = Vec::with_capacity(children.len());
    for (child, name) in children {
        if model.symbol(*name).is_some() {
            known.push((*child, *name));
            continue;
        }
        let rule = match Space::of(name.ns) {
            None => &rule::FOREIGN,
            Some(space) if schema::global(space, name.local).is_some() => &rule::MISPLACED,
            Some(_) => &rule::UNKNOWN,
        };
        notes.add(notes.at(rule, *child).with("parent", class.name).fix(|| Fix::remove(*child)));
    }
    known
}

fn missing<'d>(element: Element<'d>, wanted: &[&'static Class], notes: &mut Notes<'d>) {
    let mut names: Vec<_> = wanted.iter().map(|class| class.name).collect();
    names.dedup();
    let rule = if names.len() == 1 { &rule::MISSING } else { &rule::MISSING_ONE_OF };
    notes.add(notes.at(rule, element).with("child", &names.join(", ")));
}

/// More of a kind than the class has.
fn repeated<'d>(
    class: &'static Class,
    model: &'static Model,
    known: &[(Element<'d>, Name<'d>)],
    notes: &mut Notes<'d>,
) {
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for (child, name) in known {
        if !seen.insert((name.ns, name.local)) && !model.repeats(*name) {
            notes.add(notes.at(&rule::TOO_MANY, *child).with("parent", class.name).fix(|| Fix::remove(*child)));
        }
    }
}

/// A child that stands after one that comes later in the class.
fn order<'d>(model: &'static Model, known: &[(Element<'d>, Name<'d>)], notes: &mut Notes<'d>) {
    let mut latest: Option<(u16, &str)> = None;
    // The first child of each rank so far: there are few ranks, and may be half a million children.
    let mut first: BTreeMap<u16, Element<'d>> = BTreeMap::new();
    for (child, name) in known {
        let Some(rank) = model.rank(*name) else { continue };
        let _ = first.entry(rank).or_insert(*child);
        match latest {
            Some((other, later)) if rank < other => {
                let mut made = notes.at(&rule::ORDER, *child).with("later", later);
                if made.told {
                    let after = first.range(rank + 1..).map(|(_, first)| *first).min_by_key(|first| first.id());
                    made.fixes.extend(after.and_then(|after| Fix::before(*child, after)));
                }
                notes.add(made);
            }
            _ => latest = Some((rank, name.local)),
        }
    }
}

/// What is left: alternatives that exclude each other, or a group cut short.
fn conflict<'d>(
    element: Element<'d>,
    class: &'static Class,
    model: &'static Model,
    known: &[(Element<'d>, Name<'d>)],
    notes: &mut Notes<'d>,
) {
    let mut state = State::START;
    for (child, name) in known {
        match model.step(state, *name) {
            Some((next, _)) => state = next,
            None => {
                notes.add(notes.at(&rule::CONFLICT, *child).with("parent", class.name).fix(|| Fix::remove(*child)));
                return;
            }
        }
    }
    let expected: Vec<_> = model.expected(state).filter_map(schema::Symbol::class).collect();
    missing(element, &expected, notes);
}
