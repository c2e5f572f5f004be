//! What the RFC's text asks beyond any schema (`DATA-MODEL.md` §5, §7, §8, §10): each class of the tree is shown to the
//! rules that concern it.

mod data;
mod document;
mod extension;
mod incident;
mod indicator;
mod network;
mod value;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::Notes;
use crate::iodef::NS;
use crate::iodef::doc::{Document, Element};
use crate::iodef::schema::hash::Build;
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{self, Attribute, Class, Content, Profile, Space, Type};

/// What rules ask about other places of the document.
struct Around<'d> {
    root: Element<'d>,
    /// Elements by the name others may refer to them by; few documents refer.
    named: OnceCell<HashMap<String, Element<'d>>>,
    /// Whether any text is said to be one in several languages.
    is_translated: bool,
}

/// What the rules of one class ask of its elements.
type Ask = for<'d> fn(Element<'d>, &Around<'d>, &mut Notes<'d>);

/// What the rules make of a row of the class table: found once, as it is asked for every element.
struct Facts {
    class: &'static Class,
    ask: Option<Ask>,
    /// Of its text, as published.
    text: Option<Type>,
    bears_restriction: bool,
    needs_one: bool,
    /// Attributes that the two profiles see differently.
    differing: Vec<&'static Attribute>,
    /// Whether they take different children.
    differs_inside: bool,
}

/// By the element's name.
static FACTS: LazyLock<HashMap<&'static str, Facts, Build>> = LazyLock::new(|| {
    let ours = schema::classes().filter(|class| class.space == Space::Iodef);
    ours.map(|class| (class.name, Facts::of(class))).collect()
});

impl Facts {
    fn of(class: &'static Class) -> Self {
        let text = match class.content(Profile::Published) {
            Content::Text(of) => Some(*of),
            _ => None,
        };
        Self {
            class,
            ask: ask(class.name),
            text,
            bears_restriction: class.bears_restriction(),
            needs_one: incident::needs_one(class.name),
            differing: class.attributes.iter().filter(|declared| value::differs(declared)).collect(),
            differs_inside: value::differs_inside(class.name),
        }
    }
}

pub fn walk<'d>(document: &'d Document, notes: &mut Notes<'d>) {
    let root = document.root();
    if root.ns() != NS {
        // The rules are RFC 7970's.
        return;
    }
    document::check(root, notes);
    let is_translated = memchr::memmem::find(document.text().as_bytes(), b"translation-id").is_some();
    let around = Around { root, named: OnceCell::new(), is_translated };
    // The root's namespace is the document's IODEF.
    for element in std::iter::once(root).chain(root.descendants()).filter(|element| element.is_iodef()) {
        one(element, &around, notes);
    }
}

impl<'d> Around<'d> {
    /// The element others refer to by `id`.
    fn named(&self, id: &str) -> Option<Element<'d>> {
        self.named.get_or_init(|| named(self.root)).get(id).copied()
    }
}

/// The first element of each name; a second is another rule's matter.
fn named(root: Element<'_>) -> HashMap<String, Element<'_>> {
    let mut found = HashMap::new();
    for element in root.descendants().filter(|element| element.is_iodef()) {
        let id = match element.local() {
            "IndicatorID" => Some(element.text()),
            _ => element.attr("observable-id"),
        };
        if let Some(id) = id {
            let _ = found.entry(collapse(&id).into_owned()).or_insert(element);
        }
    }
    found
}

fn one<'d>(element: Element<'d>, around: &Around<'d>, notes: &mut Notes<'d>) {
    let Some(facts) = FACTS.get(element.local()) else { return };
    extension::twins(element, facts.class, notes);
    value::any(element, facts, around.is_translated, notes);
    incident::any(element, facts, notes);
    if let Some(ask) = facts.ask {
        ask(element, around, notes);
    }
}

/// The rules of the classes that have their own.
fn ask(class: &str) -> Option<Ask> {
    let ask: Ask = match class {
        "IncidentID" => |element, _, notes| incident::id(element, notes),
        "AlternativeID" => |element, _, notes| incident::alternative(element, notes),
        "Incident" | "EventData" | "Indicator" => |element, _, notes| incident::times(element, notes),
        "Expectation" => |element, _, notes| incident::expectation(element, notes),
        "HistoryItem" => |element, _, notes| incident::action(element, notes),
        "RelatedActivity" => |element, _, notes| incident::related(element, notes),
        "DetectionPattern" => |element, _, notes| incident::pattern(element, notes),
        "RecordData" => |element, _, notes| incident::record(element, notes),
        "Confidence" => |element, _, notes| data::confidence(element, notes),
        "Counter" => |element, _, notes| data::counter(element, notes),
        "TimeImpact" | "MonetaryImpact" => |element, _, notes| data::impact(element, notes),
        "HashData" => |element, _, notes| data::hash(element, notes),
        "Hash" => |element, _, notes| data::digest(element, notes),
        "SoftwareReference" => |element, _, notes| data::software(element, notes),
        "Node" => |element, _, notes| network::node(element, notes),
        "Address" => |element, _, notes| network::address(element, notes),
        "Name" => |element, _, notes| network::domain(element, notes),
        "Service" => |element, _, notes| network::service(element, notes),
        "Flow" => |element, _, notes| network::flow(element, notes),
        "System" => |element, _, notes| network::system(element, notes),
        "Observable" => |element, _, notes| indicator::observable(element, notes),
        "BulkObservable" => |element, _, notes| indicator::bulk(element, notes),
        "BulkObservableFormat" => |element, _, notes| indicator::format(element, notes),
        "IndicatorExpression" => |element, _, notes| indicator::expression(element, notes),
        "ObservableReference" | "IndicatorReference" => {
            |element, around, notes| indicator::reference(element, around, notes)
        }
        "AdditionalData" | "RecordItem" | "RelatedDNS" | "FileProperties" | "FuzzyHashValue" => {
            |element, _, notes| extension::content(element, notes)
        }
        "EmailHeaderField" | "ApplicationHeaderField" => |element, _, notes| {
            extension::content(element, notes);
            extension::header(element, notes);
        },
        _ => return None,
    };
    Some(ask)
}

/// Whether any of these children is there.
fn has(element: Element<'_>, names: &[&str]) -> bool {
    element.children().any(|child| names.contains(&child.local()))
}

/// An attribute's value without white space around it; the default where it is absent.
fn token<'d>(element: Element<'d>, name: &str, default: &'static str) -> Cow<'d, str> {
    match element.attr(name) {
        None => Cow::Borrowed(default),
        Some(Cow::Borrowed(value)) => collapse(value),
        Some(Cow::Owned(value)) => Cow::Owned(collapse(&value).into_owned()),
    }
}

/// The candidate that is nearly `text`: another case, or a slip or two.
pub fn nearest<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    /// Longest word looked at: nobody mistypes a longer one, and comparing costs its square.
    const LONGEST: usize = 64;
    /// Most candidates looked at.
    const MOST: usize = 2000;
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let slips = (text.chars().count() / 3).min(2);
    let near = candidates.take(MOST).filter(|candidate| candidate.len() <= LONGEST).filter_map(|candidate| {
        let distance = if candidate.eq_ignore_ascii_case(text) { Some(0) } else { distance(text, candidate, slips) };
        distance.map(|distance| (distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// How many letters to add, drop or change, where it is not more than `most`.
fn distance(from: &str, to: &str, most: usize) -> Option<usize> {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, char) in from.chars().enumerate() {
        let mut before = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (other, above) in to.iter().zip(row.iter().skip(1)) {
            left = (before + usize::from(char != *other)).min(left + 1).min(above + 1);
            before = *above;
            next.push(left);
        }
        // A row never gets smaller than the one before: most words part after a letter or two.
        if next.iter().all(|distance| *distance > most) {
            return None;
        }
        row = next;
    }
    row.last().copied().filter(|distance| *distance <= most)
}
