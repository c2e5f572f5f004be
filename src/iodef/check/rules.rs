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
use std::collections::HashMap;

use super::Notes;
use crate::iodef::NS;
use crate::iodef::doc::{Document, Element};
use crate::iodef::schema;
use crate::iodef::schema::value::collapse;

/// What rules ask about other places of the document.
struct Around<'d> {
    /// Elements by the name others may refer to them by.
    named: HashMap<String, Element<'d>>,
}

pub fn walk<'d>(document: &'d Document, notes: &mut Notes<'d>) {
    let root = document.root();
    if root.ns() != NS {
        // The rules are RFC 7970's.
        return;
    }
    document::check(root, notes);
    let around = Around { named: named(root) };
    for element in std::iter::once(root).chain(root.descendants()).filter(|element| element.ns() == NS) {
        one(element, &around, notes);
    }
}

/// The first element of each name; a second is another rule's matter.
fn named(root: Element<'_>) -> HashMap<String, Element<'_>> {
    let mut found = HashMap::new();
    for element in root.descendants().filter(|element| element.ns() == NS) {
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
    let Some(class) = schema::class(element.local()) else { return };
    extension::twins(element, class, notes);
    value::any(element, class, notes);
    incident::any(element, class, notes);
    match element.local() {
        "IncidentID" => incident::id(element, notes),
        "AlternativeID" => incident::alternative(element, notes),
        "Incident" | "EventData" | "Indicator" => incident::times(element, notes),
        "Expectation" => incident::expectation(element, notes),
        "HistoryItem" => incident::action(element, notes),
        "RelatedActivity" => incident::related(element, notes),
        "DetectionPattern" => incident::pattern(element, notes),
        "RecordData" => incident::record(element, notes),
        "Confidence" => data::confidence(element, notes),
        "Counter" => data::counter(element, notes),
        "TimeImpact" | "MonetaryImpact" => data::impact(element, notes),
        "HashData" => data::hash(element, notes),
        "Hash" => data::digest(element, notes),
        "SoftwareReference" => data::software(element, notes),
        "Node" => network::node(element, notes),
        "Address" => network::address(element, notes),
        "Name" => network::domain(element, notes),
        "Service" => network::service(element, notes),
        "Flow" => network::flow(element, notes),
        "System" => network::system(element, notes),
        "Observable" => indicator::observable(element, notes),
        "BulkObservable" => indicator::bulk(element, notes),
        "BulkObservableFormat" => indicator::format(element, notes),
        "IndicatorExpression" => indicator::expression(element, notes),
        "ObservableReference" | "IndicatorReference" => indicator::reference(element, around, notes),
        "AdditionalData" | "RecordItem" | "RelatedDNS" | "FileProperties" | "FuzzyHashValue" => {
            extension::content(element, notes);
        }
        "EmailHeaderField" | "ApplicationHeaderField" => {
            extension::content(element, notes);
            extension::header(element, notes);
        }
        _ => {}
    }
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
