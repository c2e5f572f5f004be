//! Should I care? At most ten lines: what is asked and by when, what it did, to whom, when, how sure, and who says so.

use super::section::{Item, Maker, Value, chip, rounded, said, token, words};
use crate::i18n::Catalog;
use crate::iodef::observables::Found;
use crate::iodef::view::{Impact, ImpactKind, Incident, people};
use crate::model::{Observable, ObservableKind, Tlp};
use crate::text;

/// Asks told here; the section has them all.
const ASKS: usize = 2;
/// Impacts told here.
const IMPACTS: usize = 2;
/// Addresses named of each side.
const NAMED: usize = 3;

pub fn items(incident: Incident<'_>, found: &[Found<'_>], catalog: &Catalog, lang: &str, base: Tlp) -> Vec<Item> {
    let mut maker = Maker::new("incident-summary", catalog, lang, base);
    asks(&mut maker, incident);
    impacts(&mut maker, incident);
    sides(&mut maker, found);
    times(&mut maker, incident);
    let mut reporters = people(incident.element());
    // Who made the document answers for it, wherever it stands in the list.
    reporters.sort_by_key(|person| !person.role.as_ref().is_some_and(|role| role.is("creator")));
    let reporter = reporters.into_iter().next();
    if let Some(person) = reporter {
        let names = person.names(lang).join(" › ");
        let values =
            [words(names)].into_iter().chain(person.emails().take(1).map(|mail| Value::Mono(text::line(&mail))));
        let values = values.chain(chip(person.role.clone()));
        let values: Vec<_> = values.filter(|value| !matches!(value, Value::Words(words) if words.is_empty())).collect();
        maker.keyed(0, "incident-contact", person.contact.element(), values);
    }
    maker.done().map(|section| section.items).unwrap_or_default()
}

fn asks(maker: &mut Maker<'_>, incident: Incident<'_>) {
    let asked: Vec<_> = incident.expectations().filter(|one| !one.action().is("nothing")).collect();
    for (number, ask) in asked.iter().take(ASKS).enumerate() {
        let mut values = vec![Value::Chip(token(&ask.action()))];
        if let Some(by) = ask.times().ended {
            values.extend([Value::Words(maker.words.text("incident-by")), Value::Time(by)]);
        }
        values.extend(more(asked.len(), ASKS, maker.words).filter(|_| number + 1 == ASKS));
        let label = if number == 0 { maker.words.text("incident-asks") } else { String::new() };
        maker.add(0, label, ask.element(), values);
    }
}

fn impacts(maker: &mut Maker<'_>, incident: Incident<'_>) {
    let mut all: Vec<Impact<'_>> = incident.assessments().flat_map(|one| one.impacts().collect::<Vec<_>>()).collect();
    all.sort_by_key(|impact| std::cmp::Reverse(impact.severity()));
    for (number, impact) in all.iter().take(IMPACTS).enumerate() {
        let label = if number == 0 { maker.words.text("incident-impact") } else { String::new() };
        let mut values = impact_values(impact, maker.words);
        if number == 0 {
            values.extend(incident.assessments().find_map(|one| maker.confidence(one.confidence())));
        }
        values.extend(more(all.len(), IMPACTS, maker.words).filter(|_| number + 1 == IMPACTS));
        maker.add(0, label, impact.element(), values);
    }
}

/// Severity, kind, what, how much, and whether it came about.
pub fn impact_values(impact: &Impact<'_>, catalog: &Catalog) -> Vec<Value> {
    let key = match impact.kind {
        ImpactKind::System => "incident-impact-system",
        ImpactKind::Business => "incident-impact-business",
        ImpactKind::Time => "incident-impact-time",
        ImpactKind::Money => "incident-impact-money",
        ImpactKind::Intended => "incident-impact-intended",
    };
    let mut values = Vec::new();
    if impact.severity_token().is_some() {
        let severity = impact.severity();
        values.push(Value::Grave(severity, catalog.severity(severity)));
    }
    values.push(Value::Words(catalog.text(key)));
    if let Some((amount, unit)) = impact.amount() {
        let unit = unit.map(|unit| text::line(&unit)).unwrap_or_default();
        values.push(Value::Words(format!("{} {unit}", rounded(amount)).trim_end().to_owned()));
    }
    values.extend(chip(impact.what()));
    values.extend(chip(impact.completion()));
    values
}

/// From whom to whom, and how much is named in all.
fn sides(maker: &mut Maker<'_>, found: &[Found<'_>]) {
    let address = |one: &&Found<'_>| {
        let kinds = [ObservableKind::Port, ObservableKind::Asn, ObservableKind::Other];
        !kinds.contains(&one.kind()) && one.indicator.is_none()
    };
    let mut named = false;
    for (key, role) in [("incident-sources", "source"), ("incident-targets", "target")] {
        let mut seen: Vec<&str> = Vec::new();
        let mut first = None;
        let mut total = 0_usize;
        for one in found.iter().filter(|one| one.role.as_ref().is_some_and(|own| own.is(role))).filter(address) {
            total += 1;
            if seen.len() < NAMED && !seen.contains(&one.canonical.as_str()) {
                let _ = first.get_or_insert(one.element);
                seen.push(&one.canonical);
            }
        }
        let Some(element) = first else { continue };
        let mut values: Vec<_> = seen.iter().map(super::section::defanged).collect();
        values.extend(more(total, seen.len(), maker.words));
        named = true;
        maker.keyed(0, key, element, values);
    }
    let Some(first) = found.first().filter(|_| !named) else { return };
    let mut values: Vec<_> = found.iter().take(NAMED).map(|one| shown(one.kind(), &one.line())).collect();
    values.extend(more(found.len(), NAMED, maker.words));
    maker.keyed(0, "incident-observables", first.element, values);
}

/// An observable, defanged where something could follow it.
pub fn shown(kind: ObservableKind, value: &str) -> Value {
    Value::Mono(text::observable(&Observable { kind, value: value.to_owned() }))
}

/// How many there are beyond those that are told.
pub fn more(all: usize, told: usize, catalog: &Catalog) -> Option<Value> {
    let more = all.checked_sub(told).filter(|more| *more > 0)?;
    Some(Value::Words(catalog.count("incident-more", more as u64, &[])))
}

fn times(maker: &mut Maker<'_>, incident: Incident<'_>) {
    let times = incident.times();
    let event = || crate::iodef::view::events(incident.element()).into_iter().map(|(_, event)| event.times());
    let started = times.started.or_else(|| event().find_map(|times| times.started));
    let ended = times.ended.or_else(|| event().find_map(|times| times.ended));
    let detected = times.detected.or_else(|| event().find_map(|times| times.detected));
    let mut when: Vec<_> = started.into_iter().map(Value::Time).collect();
    if let Some(ended) = ended {
        when.extend([Value::Words(maker.words.text("incident-until")), Value::Time(ended)]);
    }
    maker.keyed(0, "incident-when", incident.element(), when);
    let told = if times.reported.is_some() { "incident-reported" } else { "incident-generated" };
    for (key, time) in [("incident-detected", detected), (told, times.reported.or(times.generated))] {
        if let Some(time) = time {
            maker.keyed(0, key, incident.element(), vec![Value::Time(time)]);
        }
    }
}

/// What the document says in words: its descriptions beyond the title, each in its languages.
pub fn described(incident: Incident<'_>, lang: &str) -> Vec<Value> {
    incident.descriptions().iter().map(|text| said(text, lang)).collect()
}
