//! Nothing is lost in silence: of a document made for every class of the table, what JSON does not bring back is told, and
//! what a sheet says was carried is in the export.

use std::collections::BTreeMap;

use gridwatch::iodef::diff::{Change, What, diff};
use gridwatch::iodef::export::{self, Export};
use gridwatch::iodef::schema::Profile;
use gridwatch::iodef::{Document, json};
use serde_json::Value;

use super::documents::words;
use crate::check::generate::{Made, Maker, Style, every_class, key};

/// A document for every class of the table, and as many with more in them.
fn made(extra: &[usize]) -> Vec<(String, Made)> {
    let mut made = Vec::new();
    for (seed, class) in (1..).zip(every_class(Profile::Reading)) {
        let mut maker = Maker::new(Profile::Reading, seed);
        for extra in extra {
            made.push((format!("{} with {extra} more", class.name), maker.document(class, *extra, None).unwrap()));
        }
    }
    made
}

fn read(made: &Made) -> Document {
    Document::read(made.write(Style::Plain).into_bytes(), &[]).unwrap()
}

/// What says the same in other words (`DATA-MODEL.md` §10): RFC 8727 has one of them.
const TWINS: [&[&str]; 4] = [
    &["vendor-services", "vendor-support"],
    &["counter", "count"],
    &["http-request-uri", "http-request-url"],
    &["fqdn", "domain-name"],
];

fn is_twin(change: &Change) -> bool {
    // An element has two names too.
    if ["KeyValue", "Value"].contains(&change.class.as_str()) && matches!(change.what, What::Added | What::Removed) {
        return true;
    }
    let What::Changed { before: Some(before), after: Some(after), .. } = &change.what else { return false };
    let is_one = |twins: &&[&str]| twins.contains(&before.as_str()) && twins.contains(&after.as_str());
    let number = |text: &str| text.trim().parse::<i64>().ok();
    TWINS.iter().any(is_one) || number(before).is_some() && number(before) == number(after)
}

/// What stands in base64 is itself, and how a diff takes it apart is another matter.
fn is_packed(change: &Change) -> bool {
    let place = change.old.as_ref().or(change.new.as_ref());
    place.is_some_and(|place| place.path.contains("ds:") || place.path.contains("RawData"))
}

#[test]
fn what_json_does_not_bring_back_is_told() {
    let mut silent = Vec::new();
    for (name, made) in made(&[0]) {
        let document = read(&made);
        let once = json::write(&document);
        let back = json::read(&once.bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let told = !once.sheet.remarks.is_empty() || !once.sheet.homeless.is_empty() || !back.remarks.is_empty();
        let found = diff(&document, &back.document);
        let changes: Vec<_> = found.changes.iter().filter(|change| !is_twin(change) && !is_packed(change)).collect();
        if !changes.is_empty() && !told {
            silent.push(format!("{name}: {changes:?}\n{}\n{}", document.text(), back.document.text()));
        }
    }
    assert!(silent.is_empty(), "{}:\n{}", silent.len(), silent.join("\n\n"));
}

/// Marks every text for people, so that each can be looked for.
fn mark(made: &mut Made, texts: &[usize], number: &mut usize) {
    if made.class.is_some_and(|class| texts.contains(&class)) {
        made.text = format!("mark{number:04}x");
        *number += 1;
    }
    for child in &mut made.children {
        mark(child, texts, number);
    }
}

fn collect(made: &Made, texts: &[usize], marks: &mut Vec<(String, String)>) {
    if made.class.is_some_and(|class| texts.contains(&class)) {
        marks.push((made.name.clone(), made.text.clone()));
    }
    made.children.iter().for_each(|child| collect(child, texts, marks));
}

/// Without the notes and reports of what has no home.
fn without_notes(bytes: &[u8]) -> String {
    let Ok(mut whole) = serde_json::from_slice::<Value>(bytes) else {
        return String::from_utf8_lossy(bytes).into_owned();
    };
    if let Some(objects) = whole.get_mut("objects").and_then(Value::as_array_mut) {
        objects.retain(|object| object["type"] != "note");
    }
    if let Some(event) = whole.get_mut("Event").and_then(Value::as_object_mut) {
        let _ = event.remove("EventReport");
    }
    whole.to_string()
}

#[test]
fn what_a_sheet_says_was_carried_is_in_the_export() {
    let texts: Vec<usize> =
        every_class(Profile::Reading).into_iter().filter(|class| class.kind == "MLStringType").map(key).collect();
    type Make = fn(&Document) -> Export;
    let formats: [(&str, Make); 4] = [
        ("csv", |document| export::csv(document, &words)),
        ("markdown", |document| export::markdown(document, &words)),
        ("stix", |document| export::stix(document, &words)),
        ("misp", |document| export::misp(document, &words)),
    ];
    let mut wrong = Vec::new();
    for (name, mut made) in made(&[40]) {
        mark(&mut made, &texts, &mut 0);
        let mut marks = Vec::new();
        collect(&made, &texts, &mut marks);
        let document = read(&made);
        for (format, make) in &formats {
            let Export { bytes, sheet } = make(&document);
            let text = without_notes(&bytes);
            let mut found: BTreeMap<&str, usize> = BTreeMap::new();
            for (class, mark) in &marks {
                *found.entry(class).or_default() += usize::from(text.contains(mark.as_str()));
            }
            for (class, found) in found {
                let carried = sheet.carried.get(class).copied().unwrap_or_default();
                if carried > found {
                    wrong.push(format!("{format}, {name}: {class} {carried} carried, {found} there"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
