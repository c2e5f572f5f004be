//! Structure as an XML Schema 1.0 processor sees it: which children and attributes, in which order, of which value.
//!
//! The verdict is the schema's: a child is stepped through its parent's automaton, and where a step fails
//! [`diagnose`](super::structure::diagnose) says why. Foreign content is looked into as far as it is declared
//! (`processContents="lax"`). Document order and one stack: nothing recurses.

mod attribute;
mod diagnose;
mod instance;

pub use attribute::wrong as value_rule;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Notes;
use super::fix::Fix;
use super::rule;
use crate::iodef::doc::{Content as Part, Document, Element, NodeId};
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{self, Class, Content, Model, Name, Profile, Space, Standing, State, Symbol};

/// What an element is held to.
#[derive(Clone, Copy)]
enum Held {
    To(&'static Class),
    /// To nothing by itself; what is declared inside it is looked at.
    Lax,
}

/// An element whose end has not come.
struct Open<'d> {
    element: Element<'d>,
    held: Held,
    model: Option<&'static Model>,
    /// Where its children are in the model; `None` once one did not fit.
    state: Option<State>,
}

/// Names that must be unique, and what refers to them.
#[derive(Default)]
struct Names<'d> {
    known: BTreeMap<String, NodeId>,
    /// Of the element and its attribute.
    wanted: Vec<(String, Element<'d>, &'static str)>,
}

pub fn walk<'d>(document: &'d Document, notes: &mut Notes<'d>) {
    let mut names = Names::default();
    let mut open: Vec<Open<'d>> = Vec::new();
    let root = document.root();
    for element in std::iter::once(root).chain(root.descendants()) {
        while open.last().is_some_and(|last| !last.element.contains(element.id())) {
            let Some(last) = open.pop() else { break };
            leave(&last, notes);
        }
        let held = match open.last_mut() {
            Some(parent) => child(parent, element, notes),
            None => top(element, notes),
        };
        open.push(enter(element, held, notes, &mut names));
    }
    while let Some(last) = open.pop() {
        leave(&last, notes);
    }
    names.settle(notes);
}

fn name(element: Element<'_>) -> Name<'_> {
    Name { ns: element.ns(), local: element.local() }
}

/// The declaration an element has wherever it stands.
fn declared(element: Element<'_>, profile: Profile) -> Option<&'static Class> {
    let class = schema::global(Space::of(element.ns())?, element.local())?;
    (class.standing == Standing::Global || profile == Profile::Reading).then_some(class)
}

/// The root: it must be declared.
fn top<'d>(element: Element<'d>, notes: &mut Notes<'d>) -> Held {
    declared(element, notes.profile).map_or_else(
        || {
            notes.add(notes.at(&rule::ROOT, element));
            Held::Lax
        },
        Held::To,
    )
}

/// One step of the parent; what the child is held to.
fn child<'d>(parent: &mut Open<'d>, element: Element<'d>, notes: &mut Notes<'d>) -> Held {
    let elsewhere = || declared(element, notes.profile).map_or(Held::Lax, Held::To);
    let Some(model) = parent.model else { return elsewhere() };
    let step = parent.state.and_then(|state| model.step(state, name(element)));
    let symbol = match step {
        Some((state, symbol)) => {
            parent.state = Some(state);
            Some(symbol)
        }
        None => {
            parent.state = None;
            model.symbol(name(element))
        }
    };
    match symbol {
        Some(Symbol::Child(class)) => Held::To(class),
        Some(Symbol::Any { lax: false, .. }) if declared(element, notes.profile).is_none() => {
            notes.add(notes.at(&rule::UNDECLARED, element));
            Held::Lax
        }
        _ => elsewhere(),
    }
}

/// Looks at all of an element but the order of its children.
fn enter<'d>(element: Element<'d>, held: Held, notes: &mut Notes<'d>, names: &mut Names<'d>) -> Open<'d> {
    let held = instance::held(element, held, notes, names);
    let mut open = Open { element, held, model: None, state: Some(State::START) };
    let Held::To(class) = held else {
        attribute::of_nobody(element, notes);
        return open;
    };
    let content = class.content(notes.profile);
    if matches!(content, Content::Anything) {
        attribute::of_nobody(element, notes);
        return open;
    }
    attribute::all(element, class, notes, names);
    match content {
        Content::Text(of) => value(element, class, *of, notes, names),
        Content::Elements(_) => text_between(element, notes),
        Content::Empty => nothing(element, notes),
        _ => {}
    }
    open.model = class.model(notes.profile);
    open
}

fn leave<'d>(open: &Open<'d>, notes: &mut Notes<'d>) {
    let (Held::To(class), Some(model)) = (open.held, open.model) else { return };
    if !open.state.is_some_and(|state| model.may_end(state)) {
        diagnose::children(open.element, class, model, notes);
    }
}

/// A text of a type, and no elements.
fn value<'d>(
    element: Element<'d>,
    class: &'static Class,
    of: schema::Type,
    notes: &mut Notes<'d>,
    names: &mut Names<'d>,
) {
    if let Some(child) = element.children().next() {
        notes.add(notes.at(&rule::CHILD_IN_TEXT, child).with("parent", class.name).fix(|| Fix::remove(child)));
        return;
    }
    // Any text is a string.
    if matches!(of, schema::Type::String) {
        return;
    }
    let text = element.text();
    if !of.holds(&text, notes.profile) {
        let made = notes.at(attribute::wrong(of), element).with("value", &text);
        let trimmed = text.trim();
        let helps = trimmed.len() < text.len() && of.holds(trimmed, notes.profile);
        notes.add(if helps { made.fix(|| Fix::text(element, trimmed)) } else { made });
    } else if matches!(of, schema::Type::Id) {
        names.make(&text, element, None, notes);
    }
}

/// White space as XML has it.
fn is_blank(text: &str) -> bool {
    text.bytes().all(crate::text::xml::is_space)
}

/// Nothing but white space between the elements.
fn text_between<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if element.is_blank() {
        return;
    }
    let stray = element.content().find_map(|part| match part {
        Part::Text(text) | Part::CData(text) if !is_blank(&text) => Some(text),
        _ => None,
    });
    if let Some(text) = stray {
        notes.add(notes.at(&rule::STRAY_TEXT, element).with("value", text.trim()));
    }
}

/// Nothing at all: XML Schema does not even take white space in an empty element (part 1 §3.4.4).
fn nothing<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    for part in element.content() {
        let text = match part {
            Part::Element(child) => {
                notes.add(
                    notes.at(&rule::CHILD_IN_TEXT, child).with("parent", element.local()).fix(|| Fix::remove(child)),
                );
                return;
            }
            Part::Text(text) | Part::CData(text) => text,
            Part::Comment(_) | Part::Instruction(_) => continue,
        };
        // A CDATA section with nothing in it is nothing.
        if text.is_empty() {
            continue;
        }
        notes.add(notes.at(&rule::NOT_EMPTY, element).with("value", text.trim()).fix(|| Fix::text(element, "")));
        return;
    }
}

impl<'d> Names<'d> {
    /// An `xs:ID`.
    fn make(&mut self, text: &str, element: Element<'d>, attribute: Option<&str>, notes: &mut Notes<'d>) {
        match self.known.entry(collapse(text).into_owned()) {
            Entry::Vacant(free) => {
                let _ = free.insert(element.id());
            }
            Entry::Occupied(taken) => {
                let made = notes.at(&rule::ID_TWICE, element).with("value", taken.key());
                notes.add(match attribute {
                    Some(name) => made.of(name).fix(|| Fix::drop_attribute(element, name)),
                    None => made,
                });
            }
        }
    }

    /// An `xs:IDREF`.
    fn want(&mut self, text: &str, element: Element<'d>, attribute: &'static str) {
        self.wanted.push((collapse(text).into_owned(), element, attribute));
    }

    /// Now that all names are known.
    fn settle(self, notes: &mut Notes<'d>) {
        for (id, element, attribute) in self.wanted {
            if self.known.contains_key(&id) {
                continue;
            }
            let mut made = notes.at(&rule::DANGLING, element).of(attribute).with("value", &id);
            if made.told
                && let Some(near) = super::rules::nearest(&id, self.known.keys().map(String::as_str))
            {
                made = made.fix(|| Fix::set(element, attribute, near));
            }
            notes.add(made.fix(|| Fix::remove(element)));
        }
    }
}
