//! Values of any class: padding, zones, translations, and what only the RFC's text allows.

use std::collections::HashSet;

use super::Facts;
use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{self, Attribute, Profile, Standing, Type};
use crate::iodef::xml::XML;
use crate::model::Stamp;

pub fn any<'d>(element: Element<'d>, facts: &Facts, is_translated: bool, notes: &mut Notes<'d>) {
    if let Some(of) = facts.text {
        text(element, of, notes);
    }
    if notes.reads() {
        text_form(element, facts, notes);
    }
    if is_translated {
        translations(element, notes);
    }
}

/// White space around a value means nothing to people and something to programs that compare.
fn text<'d>(element: Element<'d>, of: Type, notes: &mut Notes<'d>) {
    if !matches!(of, Type::DateTime) && element.is_snug() {
        return;
    }
    let value = element.text();
    let is_prose = || {
        let texts = ["Description", "EmailBody", "EmailHeaders", "EmailMessage", "RecordPattern", "BulkObservableList"];
        texts.contains(&element.local()) || element.attr_ns(XML, "lang").is_some()
    };
    let trimmed = value.trim();
    if trimmed.len() < value.len() && !trimmed.is_empty() && !is_prose() {
        notes.add(notes.at(&rule::PADDED, element).fix(|| Fix::text(element, trimmed)));
    }
    if matches!(of, Type::DateTime) && Stamp::parse(&value).is_some_and(|stamp| !stamp.zoned) {
        notes.add(
            notes.at(&rule::NO_ZONE, element).with("value", trimmed).fix(|| Fix::text(element, &format!("{trimmed}Z"))),
        );
    }
}

/// Allowed by the RFC's text or an erratum, not by its schema: read, and better not written (`DATA-MODEL.md` §10).
fn text_form<'d>(element: Element<'d>, facts: &Facts, notes: &mut Notes<'d>) {
    let class = facts.class;
    if class.standing == Standing::Reading {
        notes.add(notes.at(&rule::TEXT_FORM, element));
        return;
    }
    for declared in &facts.differing {
        let Some(value) = element.attr(declared.name) else {
            if declared.is_required(Profile::Published) && !declared.is_required(Profile::Reading) {
                notes.add(notes.at(&rule::TEXT_FORM, element));
            }
            continue;
        };
        if let Type::Enumeration(list) = declared.of
            && list.holds(&value, Profile::Reading)
            && !list.holds(&value, Profile::Published)
        {
            notes.add(notes.at(&rule::TEXT_FORM, element).of(declared.name));
        }
    }
    // The rest is a matter of children.
    if !facts.differs_inside {
        return;
    }
    let (Some(published), Some(reading)) = (class.model(Profile::Published), class.model(Profile::Reading)) else {
        return;
    };
    let names: Vec<_> = element.children().map(|child| schema::Name { ns: child.ns(), local: child.local() }).collect();
    let mixed = reading.mixed && !published.mixed && !collapse(&element.text()).is_empty();
    if mixed || (reading.accepts(names.iter().copied()) && !published.accepts(names.iter().copied())) {
        notes.add(notes.at(&rule::TEXT_FORM, element));
    }
}

/// Whether the two profiles take different things for an attribute that both know.
pub fn differs(declared: &Attribute) -> bool {
    let words = matches!(declared.of, Type::Enumeration(list) if !list.reading.is_empty());
    words || declared.is_required(Profile::Published) != declared.is_required(Profile::Reading)
}

/// Whether the two profiles take different children.
pub fn differs_inside(class: &str) -> bool {
    matches!(class, "ThreatActor" | "AttackPhase" | "Service" | "AlternativeIndicatorID" | "SoftwareReference")
}

/// Siblings of one `translation-id` are one text in several languages: each language once (RFC 7970 §2.4).
fn translations<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let mut seen: HashSet<(String, String, String)> = HashSet::new();
    for child in element.children() {
        let Some(id) = child.attr("translation-id") else { continue };
        let lang = child.attr_ns(XML, "lang").unwrap_or_default();
        let key = (child.local().to_owned(), id.into_owned(), lang.trim().to_ascii_lowercase());
        if !seen.insert(key) {
            notes.add(notes.at(&rule::TRANSLATED_TWICE, child).of("translation-id"));
        }
    }
}
