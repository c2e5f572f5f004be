//! Values of any class: padding, zones, translations, and what only the RFC's text allows.

use std::collections::HashSet;

use crate::iodef::check::fix::Fix;
use crate::iodef::check::{Notes, rule};
use crate::iodef::doc::Element;
use crate::iodef::schema::value::collapse;
use crate::iodef::schema::{self, Attribute, Content, Profile, Standing, Type};
use crate::model::Stamp;

pub fn any<'d>(element: Element<'d>, class: &'static schema::Class, notes: &mut Notes<'d>) {
    if let Content::Text(of) = class.content(Profile::Published) {
        text(element, *of, notes);
    }
    if notes.reads() {
        text_form(element, class, notes);
    }
    translations(element, notes);
}

/// White space around a value means nothing to people and something to programs that compare.
fn text<'d>(element: Element<'d>, of: Type, notes: &mut Notes<'d>) {
    let value = element.text();
    let prose = element.attr("xml:lang").is_some()
        || matches!(element.local(), "Description" | "EmailBody" | "EmailHeaders" | "EmailMessage" | "RecordPattern");
    let trimmed = value.trim();
    if trimmed.len() < value.len() && !trimmed.is_empty() && !prose && element.local() != "BulkObservableList" {
        notes.add(notes.at(&rule::PADDED, element).fix(|| Fix::text(element, trimmed)));
    }
    if matches!(of, Type::DateTime) && Stamp::parse(&value).is_some_and(|stamp| !stamp.zoned) {
        notes.add(
            notes.at(&rule::NO_ZONE, element).with("value", trimmed).fix(|| Fix::text(element, &format!("{trimmed}Z"))),
        );
    }
}

/// Allowed by the RFC's text or an erratum, not by its schema: read, and better not written (`DATA-MODEL.md` §10).
fn text_form<'d>(element: Element<'d>, class: &'static schema::Class, notes: &mut Notes<'d>) {
    if class.standing == Standing::Reading {
        notes.add(notes.at(&rule::TEXT_FORM, element));
        return;
    }
    for declared in class.attributes.iter().filter(|declared| differs(declared)) {
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
    let inside = matches!(
        element.local(),
        "ThreatActor" | "AttackPhase" | "Service" | "AlternativeIndicatorID" | "SoftwareReference"
    );
    if !inside {
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
fn differs(declared: &Attribute) -> bool {
    let words = matches!(declared.of, Type::Enumeration(list) if !list.reading.is_empty());
    words || declared.is_required(Profile::Published) != declared.is_required(Profile::Reading)
}

/// Siblings of one `translation-id` are one text in several languages: each language once (RFC 7970 §2.4).
fn translations<'d>(element: Element<'d>, notes: &mut Notes<'d>) {
    let mut seen: HashSet<(String, String, String)> = HashSet::new();
    for child in element.children() {
        let Some(id) = child.attr("translation-id") else { continue };
        let lang = child.attr_ns("http://www.w3.org/XML/1998/namespace", "lang").unwrap_or_default();
        let key = (child.local().to_owned(), id.into_owned(), lang.trim().to_ascii_lowercase());
        if !seen.insert(key) {
            notes.add(notes.at(&rule::TRANSLATED_TWICE, child).of("translation-id"));
        }
    }
}
