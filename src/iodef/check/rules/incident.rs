//! Incidents, events and what hangs on them: names, times, markings, and classes that must hold something.

use super::{has, token};
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;
use crate::iodef::schema::Class;
use crate::model::typed::domain;
use crate::model::{Restriction, Stamp, Tlp};

/// Classes of which the text says that they need at least one child (`DATA-MODEL.md` §8).
const NEED_ONE: [&str; 12] = [
    "Application",
    "AssociatedSoftware",
    "AttackPhase",
    "Campaign",
    "Contact",
    "EventData",
    "Method",
    "OperatingSystem",
    "Reference",
    "Service",
    "ServiceName",
    "ThreatActor",
];

pub fn any<'d>(element: Element<'d>, class: &'static Class, notes: &mut Notes<'d>) {
    if NEED_ONE.contains(&element.local()) && element.children().next().is_none() {
        notes.add(rule::NOTHING_INSIDE.at(element).fix(Fix::remove(element)));
    }
    if class.bears_restriction() && element.attr("restriction").is_some() {
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
        let made = rule::LOOSER.at(element).of("restriction").with("value", &value);
        notes.add(made.fix(Fix::drop_attribute(element, "restriction")));
    }
}

pub fn id<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if element.trimmed().is_empty() {
        notes.add(rule::NO_ID.at(element));
    }
    let name = token(element, "name", "");
    if domain(&name).is_none() {
        notes.add(rule::CSIRT_NAME.at(element).of("name").with("value", &name));
    }
}

/// Other teams' numbers for this incident, never the creator's own (RFC 7970 §3.5).
pub fn alternative<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let own = element.parent().and_then(|incident| incident.child("IncidentID")).and_then(|id| id.attr("name"));
    let Some(own) = own else { return };
    for id in element.children_named("IncidentID") {
        if id.attr("name").is_some_and(|name| name.trim().eq_ignore_ascii_case(own.trim())) {
            notes.add(rule::OWN_ALTERNATIVE.at(id).with("value", &own));
        }
    }
}

fn stamp(element: Element<'_>, name: &str) -> Option<Stamp> {
    Stamp::parse(&element.child(name)?.text())
}

/// Begins before it ends; without zones nobody can tell.
pub fn times<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let (Some(start), Some(end)) = (stamp(element, "StartTime"), stamp(element, "EndTime")) else { return };
    if end.at < start.at && start.zoned == end.zoned {
        let at = element.child("EndTime").unwrap_or(element);
        notes.add(rule::TIMES.at(at).with("start", &start.text).with("end", &end.text));
    }
}

pub fn expectation<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    times(element, notes);
    action(element, notes);
    if token(element, "action", "other") == "other" && element.child("Description").is_none() {
        notes.add(rule::UNDESCRIBED.at(element));
    }
}

/// A course of action that is asked for or taken must be named.
pub fn action<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if token(element, "action", "other") == "defined-coa" && element.child("DefinedCOA").is_none() {
        notes.add(rule::NO_COURSE.at(element).of("action"));
    }
    if element.local() == "HistoryItem"
        && token(element, "action", "other") == "other"
        && element.child("Description").is_none()
    {
        notes.add(rule::UNDESCRIBED.at(element));
    }
}

pub fn related<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let counts = ["IncidentID", "URL", "ThreatActor", "Campaign", "Description", "AdditionalData"];
    if !has(element, &counts) {
        notes.add(rule::RELATED_BY_NOTHING.at(element).fix(Fix::remove(element)));
    }
}

pub fn pattern<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    if !has(element, &["Description", "DetectionConfiguration"]) {
        notes.add(rule::PATTERN_NOTHING.at(element));
    }
}

pub fn record<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let counts = ["RecordItem", "URL", "FileData", "WindowsRegistryKeysModified", "CertificateData", "AdditionalData"];
    if !has(element, &counts) {
        notes.add(rule::RECORD_NOTHING.at(element));
    }
}
