//! Incidents, events and what hangs on them: names, times, markings, and classes that must hold something.

use super::{Facts, has, token};
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;
use crate::model::typed::domain;
use crate::model::{Restriction, Stamp, Tlp};

/// Whether the text says that a class needs at least one child (`DATA-MODEL.md` §8).
pub fn needs_one(class: &str) -> bool {
    matches!(
        class,
        "Application"
            | "AssociatedSoftware"
            | "AttackPhase"
            | "Campaign"
            | "Contact"
            | "EventData"
            | "Method"
            | "OperatingSystem"
            | "Reference"
            | "Service"
            | "ServiceName"
            | "ThreatActor"
    )
}

pub fn any<'d>(element: Element<'d>, facts: &Facts, notes: &mut Notes<'d>) {
    if facts.needs_one && element.children().next().is_none() {
        notes.add(notes.at(&rule::NOTHING_INSIDE, element).fix(|| Fix::remove(element)));
    }
    if facts.bears_restriction {
        marking(element, notes);
    }
}

/// A child may say more than what surrounds it: allowed (RFC 7970 §3.3.1), and seldom meant.
fn marking<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let of = |element: Element<'_>| -> Option<Tlp> {
        let value = element.attr("restriction")?;
        Some(Restriction::from_token(value.trim()).tlp())
    };
    let Some(own) = of(element) else { return };
    let outer = element.ancestors().skip(1).find_map(|ancestor| match of(ancestor) {
        None if ancestor.local() == "Incident" => Some(Tlp::Red),
        found => found,
    });
    if outer.is_some_and(|outer| own < outer) {
        let value = element.attr("restriction").unwrap_or_default();
        let made = notes.at(&rule::LOOSER, element).of("restriction").with("value", &value);
        notes.add(made.fix(|| Fix::drop_attribute(element, "restriction")));
    }
}

pub fn id<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if element.trimmed().is_empty() {
        notes.add(notes.at(&rule::NO_ID, element));
    }
    let name = token(element, "name", "");
    if domain(&name).is_none() {
        notes.add(notes.at(&rule::CSIRT_NAME, element).of("name").with("value", &name));
    }
}

/// Other teams' numbers for this incident, never the creator's own (RFC 7970 §3.5).
pub fn alternative<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let own = element.parent().and_then(|incident| incident.child("IncidentID")).and_then(|id| id.attr("name"));
    let Some(own) = own else { return };
    for id in element.children_named("IncidentID") {
        if id.attr("name").is_some_and(|name| name.trim().eq_ignore_ascii_case(own.trim())) {
            notes.add(notes.at(&rule::OWN_ALTERNATIVE, id).with("value", &own));
        }
    }
}

fn stamp(element: Element<'_>, name: &str) -> Option<Stamp> {
    Stamp::parse(&element.child(name)?.text())
}

/// Begins before it ends; without zones nobody can tell.
pub fn times<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let Some(start) = stamp(element, "StartTime") else { return };
    let Some(end) = stamp(element, "EndTime") else { return };
    if end.at < start.at && start.zoned == end.zoned {
        let at = element.child("EndTime").unwrap_or(element);
        notes.add(notes.at(&rule::TIMES, at).with("start", &start.text).with("end", &end.text));
    }
}

pub fn expectation<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    times(element, notes);
    action(element, notes);
    if token(element, "action", "other") == "other" && element.child("Description").is_none() {
        notes.add(notes.at(&rule::UNDESCRIBED, element));
    }
}

/// A course of action that is asked for or taken must be named.
pub fn action<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if token(element, "action", "other") == "defined-coa" && element.child("DefinedCOA").is_none() {
        notes.add(notes.at(&rule::NO_COURSE, element).of("action"));
    }
    if element.local() == "HistoryItem"
        && token(element, "action", "other") == "other"
        && element.child("Description").is_none()
    {
        notes.add(notes.at(&rule::UNDESCRIBED, element));
    }
}

pub fn related<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let counts = ["IncidentID", "URL", "ThreatActor", "Campaign", "Description", "AdditionalData"];
    if !has(element, &counts) {
        notes.add(notes.at(&rule::RELATED_BY_NOTHING, element).fix(|| Fix::remove(element)));
    }
}

pub fn pattern<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if !has(element, &["Description", "DetectionConfiguration"]) {
        notes.add(notes.at(&rule::PATTERN_NOTHING, element));
    }
}

pub fn record<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let counts = ["RecordItem", "URL", "FileData", "WindowsRegistryKeysModified", "CertificateData", "AdditionalData"];
    if !has(element, &counts) {
        notes.add(notes.at(&rule::RECORD_NOTHING, element));
    }
}
