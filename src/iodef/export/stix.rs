//! STIX 2.1: a bundle of one report per incident, its indicators with patterns, what was seen, who and how, and a note of
//! what STIX has no place for.
//!
//! Identifiers are made of what they name, so that exporting again does not double. Every object is marked by the TLP 2.0
//! marking of what it was made from; the sender's own word for it stands beside, in an extension.

mod objects;
mod sco;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::case::{Case, stamp, time};
use super::ledger::{Ledger, Says};
use super::marking::{label, title, word};
use super::reader::Reader;
use super::{Export, Words};
use crate::iodef::{Document, NodeId};
use crate::model::{Restriction, Say, Tlp};
use sco::Object;

/// Our own namespace for identifiers: what we name, as distinct from what STIX names.
const NAMESPACE: Uuid = Uuid::from_u128(0x6e2f_5f4f_4b0b_5c3c_9d4d_2a3d_7a1e_70f5);
/// The extension of TLP 2.0 (`cti-stix-common-objects`).
const TLP2: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
/// When its markings were made: the same for everybody.
const TLP2_MADE: &str = "2022-10-01T00:00:00.000Z";
/// When our extension was.
const OURS_MADE: &str = "2026-11-21T00:00:00.000Z";

const SAYS: Says = &[("Confidence", &["rating"]), ("Incident", &["purpose", "status"])];
/// Kinds whose objects are named by what they are called, whichever document speaks of them.
const NAMED: [&str; 5] = ["identity", "threat-actor", "campaign", "attack-pattern", "vulnerability"];
/// When these were: nobody knows, and it must not be later than any document.
const NAMED_MADE: &str = "1970-01-01T00:00:00.000Z";
/// Most characters of what is said of one actor or campaign, and most links: one document may name him a thousand times.
const SAID: usize = 100_000;
const LINKS: usize = 500;

/// Makes the bundle.
#[must_use]
pub fn stix(document: &Document, words: Words<'_>) -> Export {
    let mut reader = Reader::of(document);
    let mut bundle = Bundle::new(document, words);
    for case in Case::all(document) {
        objects::incident(&mut bundle, case, &mut reader);
    }
    objects::rest(&mut bundle);
    bundle.close()
}

struct Bundle<'d, 'w> {
    ledger: Ledger<'d>,
    words: Words<'w>,
    /// In the order they were first made.
    objects: Vec<Object>,
    /// Where each stands, by its id.
    at: HashMap<String, usize>,
    /// The strictest restriction each observable object was met under.
    met: HashMap<String, Restriction>,
    markings: BTreeMap<&'static str, Tlp>,
    /// The incident that is being exported: when it and this version of it were made, who made it, and what its report
    /// will refer to.
    created: String,
    made: String,
    maker: String,
    csirt: String,
    /// From when to when events were seen, those around them included, as far as they were asked for.
    times: HashMap<NodeId, Times>,
    refs: Vec<String>,
    referred: HashSet<String>,
    reports: Vec<String>,
}

/// When something was seen first and last, where that is said.
type Times = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// `KIND--` and a name of `key`.
fn named(kind: &str, key: &str) -> String {
    format!("{kind}--{}", Uuid::new_v5(&NAMESPACE, format!("{kind}\u{1e}{key}").as_bytes()))
}

fn ours() -> String {
    named("extension-definition", "restriction")
}

/// The marking of TLP 2.0 that a label is exported under.
#[must_use]
pub fn marking_id(tlp: Tlp) -> &'static str {
    match label(tlp) {
        "clear" => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        "green" => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        "amber" => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        "amber+strict" => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        _ => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

impl<'d, 'w> Bundle<'d, 'w> {
    fn new(document: &'d Document, words: Words<'w>) -> Self {
        Self {
            ledger: Ledger::saying(document, SAYS),
            words,
            objects: Vec::new(),
            at: HashMap::new(),
            met: HashMap::new(),
            markings: BTreeMap::new(),
            created: String::new(),
            made: String::new(),
            maker: String::new(),
            csirt: String::new(),
            times: HashMap::new(),
            refs: Vec::new(),
            referred: HashSet::new(),
            reports: Vec::new(),
        }
    }

    /// Begins a domain object or relationship, marked by `restriction`. `key` names it among those of its maker.
    fn object(&mut self, kind: &str, key: &str, restriction: &Restriction) -> Object {
        let id = named(kind, &format!("{}\u{1e}{key}", self.csirt));
        let mut object = Object::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        let _ = put("type", json!(kind));
        let _ = put("spec_version", json!("2.1"));
        let _ = put("id", json!(id));
        if kind != "identity" {
            let _ = put("created_by_ref", json!(self.maker));
        }
        // What is named by its name alone is in other documents too, and an object is created once (STIX 2.1 §3.6.2).
        let created = if NAMED.contains(&kind) { NAMED_MADE } else { &self.created };
        let _ = put("created", json!(created));
        let _ = put("modified", json!(self.made.as_str().max(created)));
        self.mark(&mut object, restriction);
        let said = word(restriction);
        if !said.is_empty() {
            let extension = json!({"extension_type": "property-extension", "restriction": crate::text::line(said)});
            let _ = object.insert("extensions".to_owned(), json!({ ours(): extension }));
        }
        object
    }

    fn mark(&mut self, object: &mut Object, restriction: &Restriction) {
        let marking = marking_id(restriction.tlp());
        let _ = self.markings.insert(marking, restriction.tlp());
        let _ = object.insert("object_marking_refs".to_owned(), json!([marking]));
    }

    /// Adds an object, unless it is there; the report will refer to it. Returns its id.
    fn add(&mut self, object: Object) -> String {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !self.at.contains_key(&id) {
            let _ = self.at.insert(id.clone(), self.objects.len());
            self.objects.push(object);
        }
        self.refer(&id);
        id
    }

    fn refer(&mut self, id: &str) {
        if self.referred.insert(id.to_owned()) {
            self.refs.push(id.to_owned());
        }
    }

    /// Adds an observable object. Met twice, it is marked by the strictest restriction it was met under.
    fn observe(&mut self, mut object: Object, restriction: &Restriction) -> String {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let stricter = self.met.get(&id).is_none_or(|met| restriction.tlp() > met.tlp());
        if stricter {
            let _ = self.met.insert(id.clone(), restriction.clone());
            self.mark(&mut object, restriction);
        }
        match self.at.get(&id).and_then(|at| self.objects.get_mut(*at)) {
            Some(known) => {
                for (name, value) in object {
                    if stricter || !known.contains_key(&name) {
                        let _ = known.insert(name, value);
                    }
                }
                self.refer(&id);
                id
            }
            None => self.add(object),
        }
    }

    /// Adds somebody who may be there already: what is new of him goes to what was said, all under the strictest
    /// restriction any of it was said under. Returns his id, and whether all that is new has found room.
    fn join(&mut self, object: Object, restriction: &Restriction) -> (String, bool) {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let stricter = self.met.get(&id).is_none_or(|met| restriction.tlp() > met.tlp());
        if stricter {
            let _ = self.met.insert(id.clone(), restriction.clone());
        }
        let Some(known) = self.at.get(&id).and_then(|at| self.objects.get_mut(*at)) else {
            return (self.add(object), true);
        };
        let whole = object.into_iter().fold(true, |whole, (name, value)| match name.as_str() {
            "description" | "aliases" | "external_references" => more(known, name, value) && whole,
            "object_marking_refs" | "extensions" if stricter => {
                let _ = known.insert(name, value);
                whole
            }
            _ => whole,
        });
        self.refer(&id);
        (id, whole)
    }

    fn relate(&mut self, kind: &str, source: &str, target: &str, restriction: &Restriction) {
        let mut object = self.object("relationship", &format!("{kind}\u{1e}{source}\u{1e}{target}"), restriction);
        let mut put = |name: &str, value: &str| object.insert(name.to_owned(), json!(value));
        let _ = (put("relationship_type", kind), put("source_ref", source), put("target_ref", target));
        let _ = self.add(object);
    }

    fn say(&self, say: &Say) -> String {
        (self.words)(say)
    }

    fn close(mut self) -> Export {
        let mut all: Vec<Value> = Vec::with_capacity(self.objects.len() + 8);
        let made = std::mem::take(&mut self.objects);
        for (id, tlp) in &self.markings {
            all.push(json!({
                "type": "marking-definition",
                "spec_version": "2.1",
                "id": id,
                "created": TLP2_MADE,
                "name": title(*tlp),
                "extensions": { TLP2: {"extension_type": "property-extension", "tlp_2_0": label(*tlp)} }
            }));
        }
        if made.iter().any(|object| object.get("extensions").is_some_and(|extensions| extensions.get(ours()).is_some()))
        {
            all.extend(extension());
        }
        all.extend(made.into_iter().map(Value::Object));
        let ids: Vec<&str> = all.iter().filter_map(|object| object.get("id")?.as_str()).collect();
        let id = named("bundle", &ids.join(" "));
        let mut bundle = Map::new();
        let _ = bundle.insert("type".to_owned(), json!("bundle"));
        let _ = bundle.insert("id".to_owned(), json!(id));
        if !all.is_empty() {
            let _ = bundle.insert("objects".to_owned(), Value::Array(all));
        }
        Export::json(&Value::Object(bundle), self.ledger.sheet())
    }
}

/// Puts a text or a list to the one an object has; whether there was room.
fn more(known: &mut Object, name: String, value: Value) -> bool {
    match (known.get_mut(&name), value) {
        (Some(Value::String(said)), Value::String(more)) => {
            if said.len() + more.len() > SAID {
                return false;
            }
            if !said.split("\n\n").any(|part| part == more) {
                said.push_str("\n\n");
                said.push_str(&more);
            }
            true
        }
        (Some(Value::Array(all)), Value::Array(more)) => {
            for one in more {
                if !all.contains(&one) {
                    if all.len() >= LINKS {
                        return false;
                    }
                    all.push(one);
                }
            }
            true
        }
        (Some(_), _) => false,
        (None, value) => known.insert(name, value).is_none(),
    }
}

/// Who Gridwatch is, and what the sender's own word beside a marking means.
fn extension() -> [Value; 2] {
    let identity = named("identity", "gridwatch");
    [
        json!({
            "type": "identity", "spec_version": "2.1", "id": identity, "created": OURS_MADE, "modified": OURS_MADE,
            "name": "Gridwatch", "identity_class": "system"
        }),
        json!({
            "type": "extension-definition", "spec_version": "2.1", "id": ours(), "created_by_ref": identity,
            "created": OURS_MADE, "modified": OURS_MADE, "name": "IODEF restriction",
            "description": "The restriction as the sender of an IODEF document wrote it (RFC 7970 section 3.3.1).",
            "schema": "One property, restriction: a string, the value of the restriction attribute, or of \
                       ext-restriction where that says ext-value.",
            "version": "1.0.0", "extension_types": ["property-extension"]
        }),
    ]
}

/// What the maker of an incident is called when the document does not say.
fn maker(case: Case<'_>) -> String {
    let name = case.csirt();
    if name.is_empty() { "IODEF".to_owned() } else { name }
}

/// When the incident was first told of, the same in each of its revisions as STIX asks (§3.6.2): its report's time, not
/// that of the text (RFC 7970 §3.2). Of a sender who gives none nothing in a document is sure to stay as it is from one
/// revision to the next but the name of the incident: then it is the time of what is known by its name alone.
fn created(case: Case<'_>) -> String {
    let made = case.generated();
    let reported = time(case.incident, "ReportTime").filter(|reported| *reported <= made);
    reported.map_or_else(|| NAMED_MADE.to_owned(), stamp)
}

fn generated(case: Case<'_>) -> String {
    stamp(case.generated())
}
