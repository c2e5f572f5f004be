//! MISP: one event an incident, with attributes and objects of what is looked for (`to_ids`) and what was seen, tags for
//! the restrictions, and a report of what MISP has no attribute for.
//!
//! A value that is part of an `and` or below a `not` is no indicator by itself: it is there, and not for detection.

mod attribute;

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::case::{Case, confidence, descriptions, identifiers, name_of, says_only, token};
use super::ledger::{Ledger, Says};
use super::marking::{effective, label, strictest, word};
use super::outline::outline;
use super::reader::Reader;
use super::steps::{Leaf, Reason, Step};
use super::thing::{Thing, plain};
use super::{Export, Words};
use crate::iodef::{Document, Element};
use crate::model::{Restriction, Say, Severity, Tlp, Typed};
use crate::text;
use attribute::{Made, made};

/// Our own namespace for identifiers of events and what is in them.
const NAMESPACE: Uuid = Uuid::from_u128(0x8c1d_77b4_6a0e_5f3b_8f62_41c0_95d2_ae17);

const SAYS: Says = &[("Incident", &["status"]), ("System", &["category"])];
/// Longest comment of one indicator, in characters.
const COMMENT: usize = 1_000;
/// Longest of all that refer to one value, in bytes, and what stands between them.
const SAID: usize = 10_000;
const AND: &str = "; ";

/// Makes the event; a document of several incidents is a list of events, as MISP's own search answers.
#[must_use]
pub fn misp(document: &Document, words: Words<'_>) -> Export {
    let mut reader = Reader::of(document);
    let mut ledger = Ledger::saying(document, SAYS);
    let mut events: Vec<Event<'_>> = Vec::new();
    for case in Case::all(document) {
        let mut event = Event::new(case);
        event.indicators(&mut ledger, &mut reader);
        event.seen(&mut ledger, &mut reader);
        event.about(&mut ledger);
        event.rest(&mut ledger, words);
        events.push(event);
    }
    let sheet = ledger.sheet();
    let lines: Vec<String> = sheet.lines().iter().map(words).collect();
    let name = words(&Say::new("export-sheet-misp"));
    let mut written: Vec<Value> = Vec::new();
    for mut event in events {
        event.report("sheet", &name, &block(&lines.join("\n\n")));
        written.push(event.close());
    }
    let whole = match written.len() {
        1 => written.pop().unwrap_or_default(),
        _ => json!({ "response": written }),
    };
    Export::json(&whole, sheet)
}

struct Event<'d> {
    case: Case<'d>,
    key: String,
    restriction: Restriction,
    attributes: Vec<Value>,
    objects: Vec<Value>,
    reports: Vec<Value>,
    /// What was written already, as `type|value` for detection or not.
    known: HashMap<String, Known>,
    timestamp: String,
}

/// Where something that was written stands, and the strictest restriction it was said under.
struct Known {
    object: bool,
    at: usize,
    restriction: Restriction,
}

/// How a value is written.
struct Told<'a> {
    comment: &'a str,
    detect: bool,
    source: bool,
    restriction: Restriction,
}

impl<'d> Event<'d> {
    fn new(case: Case<'d>) -> Self {
        Self {
            case,
            key: case.key(),
            restriction: effective(case.incident),
            attributes: Vec::new(),
            objects: Vec::new(),
            reports: Vec::new(),
            known: HashMap::new(),
            timestamp: case.generated().timestamp().to_string(),
        }
    }

    fn uuid(&self, key: &str) -> String {
        Uuid::new_v5(&NAMESPACE, format!("{}\u{1e}{key}", self.key).as_bytes()).to_string()
    }

    /// Tags of what is restricted otherwise than the event.
    fn tags(&self, restriction: &Restriction) -> Vec<Value> {
        if restriction.tlp() == self.restriction.tlp() { Vec::new() } else { tags(restriction) }
    }

    /// Says once more of what was written what else is said of it, under the strictest restriction any of it was said
    /// under; whether there was room. `None` when it was not written.
    fn again(&mut self, key: &str, told: &Told<'_>) -> Option<bool> {
        let tags = self.tags(&told.restriction);
        let known = self.known.get_mut(key)?;
        let list = if known.object { &mut self.objects } else { &mut self.attributes };
        let one = list.get_mut(known.at)?.as_object_mut()?;
        if told.restriction.tlp() > known.restriction.tlp() {
            known.restriction = told.restriction.clone();
            match one.get_mut("Attribute").and_then(Value::as_array_mut) {
                Some(parts) => parts.iter_mut().filter_map(Value::as_object_mut).for_each(|part| tag(part, &tags)),
                None => tag(one, &tags),
            }
        }
        let place = words_of(one, known.restriction.tlp() > self.restriction.tlp())?;
        let said = place.as_str().unwrap_or_default();
        if said.split(AND).any(|part| part == told.comment) {
            return Some(true);
        }
        if said.len() + told.comment.len() > SAID {
            return Some(false);
        }
        let both = if said.is_empty() { told.comment.to_owned() } else { format!("{said}{AND}{}", told.comment) };
        *place = json!(both);
        Some(true)
    }

    /// What is written next stands where?
    fn note(&mut self, key: String, object: bool, told: &Told<'_>) {
        let at = if object { self.objects.len() } else { self.attributes.len() };
        let _ = self.known.insert(key, Known { object, at, restriction: told.restriction.clone() });
    }

    /// Writes an attribute; whether what is told of it is there.
    fn attribute(&mut self, kind: &str, category: &str, value: &str, told: &Told<'_>) -> bool {
        if value.trim().is_empty() {
            return false;
        }
        let key = format!("{kind}\u{1f}{value}\u{1f}{}", told.detect);
        if let Some(said) = self.again(&key, told) {
            return said;
        }
        self.note(key, false, told);
        let mut attribute = Map::new();
        let mut put = |name: &str, value: Value| attribute.insert(name.to_owned(), value);
        let _ = put("uuid", json!(self.uuid(&format!("{kind}\u{1f}{value}\u{1f}{}", told.detect))));
        let _ = (put("type", json!(kind)), put("category", json!(category)), put("value", json!(value)));
        let _ = (put("to_ids", json!(told.detect)), put("comment", json!(told.comment)));
        let _ = (put("distribution", json!("5")), put("timestamp", json!(self.timestamp)));
        tag(&mut attribute, &self.tags(&told.restriction));
        self.attributes.push(Value::Object(attribute));
        true
    }

    /// Writes a thing; `None` where MISP has no place for it, else whether what is told of it is there.
    fn thing(&mut self, thing: &Thing, told: &Told<'_>) -> Option<bool> {
        let made = made(thing, told.source).into_iter().map(|one| match one {
            Made::Attribute(kind, category, value) => self.attribute(kind, category, &value, told),
            Made::Object(template, parts) => self.object(&template, &parts, told),
        });
        made.reduce(|one, other| one | other)
    }

    /// Writes an object; whether what is told of it is there.
    fn object(&mut self, template: &attribute::Template, parts: &[attribute::Part], told: &Told<'_>) -> bool {
        if parts.is_empty() {
            return false;
        }
        let values: Vec<String> = parts.iter().map(|part| format!("{}={}", part.relation, part.value)).collect();
        let key = format!("{}\u{1f}{}\u{1f}{}", template.name, values.join("\u{1f}"), told.detect);
        if let Some(said) = self.again(&key, told) {
            return said;
        }
        self.note(key.clone(), true, told);
        let tags = self.tags(&told.restriction);
        let attributes: Vec<Value> = parts
            .iter()
            .map(|part| {
                let mut attribute = json!({
                    "uuid": self.uuid(&format!("{key}\u{1f}{}\u{1f}{}", part.relation, part.value)),
                    "object_relation": part.relation, "type": part.kind, "category": part.category,
                    "value": part.value, "to_ids": told.detect && part.detects, "comment": "", "distribution": "5",
                    "timestamp": self.timestamp
                });
                if let Some(attribute) = attribute.as_object_mut() {
                    tag(attribute, &tags);
                }
                attribute
            })
            .collect();
        let mut object = json!({
            "uuid": self.uuid(&key), "name": template.name, "meta-category": template.category,
            "template_uuid": template.uuid, "template_version": template.version, "description": "",
            "comment": told.comment, "distribution": "5", "timestamp": self.timestamp, "Attribute": attributes
        });
        let is_strict = told.restriction.tlp() > self.restriction.tlp();
        if let Some(object) = object.as_object_mut() {
            let _ = words_of(object, is_strict);
        }
        self.objects.push(object);
        true
    }

    fn indicators(&mut self, ledger: &mut Ledger<'d>, reader: &mut Reader<'d>) {
        for indicator in self.case.incident.descendants().filter(|element| element.is("Indicator")) {
            let own = indicator.ancestors().find(|above| above.is("Incident")) == Some(self.case.incident);
            if own {
                self.indicator(ledger, indicator, reader);
            }
        }
    }

    fn indicator(&mut self, ledger: &mut Ledger<'d>, indicator: Element<'d>, reader: &mut Reader<'d>) {
        let (comment, whole) = comment(indicator);
        let own = effective(indicator);
        let mut any = None;
        for step in reader.steps(indicator) {
            match step {
                Step::Leaf(leaf) => {
                    let told = Told { comment: &comment, detect: true, source: false, restriction: own.clone() };
                    // `None` is less than either.
                    any = any.max(self.leaf(ledger, reader, indicator, leaf, &told));
                }
                Step::Refused(reason) => ledger.refuse(indicator, reason),
                Step::Join(..) => {}
            }
        }
        let Some(said) = any else { return ledger.refuse(indicator, Reason::Mute) };
        ledger.carry_expression(indicator);
        for child in indicator.children().filter(|_| said && whole) {
            if ["IndicatorID", "Description"].contains(&child.local()) {
                ledger.carry_whole(child);
            }
        }
        for phase in indicator.children_named("AttackPhase") {
            for part in phase.children() {
                let text = part.text();
                let ids = identifiers(&text);
                ids.iter().for_each(|id| self.identifier(id, &own));
                // A name is said by itself; a link or words around it are not.
                if part.is("AttackPhaseID") && says_only(&text, &ids) {
                    ledger.carry_whole(part);
                }
            }
        }
    }

    /// The values of a leaf; `indicator` is what `of` holds for. `None` without one, else whether what is told is there.
    fn leaf(
        &mut self,
        ledger: &mut Ledger<'d>,
        reader: &mut Reader<'d>,
        indicator: Element<'d>,
        leaf: Leaf<'d>,
        of: &Told<'_>,
    ) -> Option<bool> {
        let Some(found) = reader.leaf(leaf.element) else {
            ledger.refuse(indicator, Reason::Long);
            return None;
        };
        ledger.lose(&found);
        let mut any = None;
        for (element, thing) in &found.things {
            let restriction = effective(*element);
            let restriction =
                if restriction.tlp() > of.restriction.tlp() { restriction } else { of.restriction.clone() };
            // What lost a part, or is meant with a port alone, would be detected too often.
            let detect = leaf.alone && !leaf.negated && found.is_whole(*element);
            if let Some(said) = self.thing(thing, &Told { detect, restriction, ..*of }) {
                any = any.max(Some(said));
                if !thing.has_range() {
                    ledger.carry_thing(&found, *element, &[]);
                }
            }
        }
        any
    }

    fn seen(&mut self, ledger: &mut Ledger<'d>, reader: &mut Reader<'d>) {
        for event in self.case.incident.children_named("EventData") {
            let found = reader.find(event);
            for (element, thing) in &found.things {
                let system = element.ancestors().find(|above| above.is("System"));
                let role = system.and_then(|system| token(system, "category")).map(|role| text::line(&role));
                let source = role.as_deref() == Some("source");
                let comment = role.unwrap_or_default();
                let told = Told { comment: &comment, detect: false, source, restriction: effective(*element) };
                if self.thing(thing, &told).is_some() && !thing.has_range() {
                    ledger.carry_thing(&found, *element, &[]);
                }
            }
            ledger.lose(&found);
        }
    }

    /// Who, by which means, and where to read more.
    fn about(&mut self, ledger: &mut Ledger<'d>) {
        for element in self.case.incident.descendants() {
            if ledger.carries(element) {
                continue;
            }
            let restriction = effective(element);
            match element.local() {
                "ThreatActor" if element.is_iodef() => {
                    self.party(ledger, element, "ThreatActorID", "threat-actor", "threat-actor");
                }
                "Campaign" if element.is_iodef() => {
                    self.party(ledger, element, "CampaignID", "campaign-id", "campaign-name");
                }
                "Reference" => {
                    let parts: Vec<String> = element.descendants().filter_map(plain).collect();
                    let ids = identifiers(&parts.join(" "));
                    ids.iter().for_each(|id| self.identifier(id, &restriction));
                    for url in element.children_named("URL") {
                        if plain(url).is_some_and(|url| self.link(&url, &restriction)) {
                            ledger.carry(url);
                        }
                    }
                    // Words about a name, there or beside it, are for the report.
                    let named = |part: &Element<'_>| {
                        let text = part.text();
                        let own = identifiers(&text);
                        !part.is_iodef() && says_only(&text, &own) && own.iter().all(|id| ids.contains(id))
                    };
                    element.descendants().filter(named).for_each(|part| ledger.carry(part));
                }
                "AttackPattern" | "Vulnerability" | "Weakness" => {
                    let content = element.attr("ContentID").unwrap_or_default();
                    let ids = identifiers(&content);
                    ids.iter().for_each(|id| self.identifier(id, &restriction));
                    if says_only(&content, &ids) {
                        ledger.carry(element);
                    }
                }
                _ => {}
            }
        }
        for name in ["IncidentID", "GenerationTime"] {
            for element in self.case.incident.children_named(name) {
                ledger.carry(element);
            }
        }
        // The event has a title and no text: what is more than that is for the report.
        let title = self.case.incident.child("Description");
        if let Some(title) =
            title.filter(|said| plain(*said).is_some_and(|said| text::line(&said) == self.case.title()))
        {
            ledger.carry(title);
        }
    }

    fn party(&mut self, ledger: &mut Ledger<'d>, element: Element<'d>, id: &str, kind: &str, name: &str) {
        let restriction = effective(element);
        let comment = descriptions(element);
        let told = Told { comment: "", detect: false, source: false, restriction };
        let ids: Vec<String> = element.children_named(id).filter_map(plain).collect();
        for id in &ids {
            let _ = self.attribute(kind, "Attribution", id, &told);
        }
        let named = element.children_named("Description").find_map(plain);
        let told = Told { comment: &comment, ..told };
        let said = named.as_ref().map(|text| self.attribute(name, "Attribution", text, &told));
        if !ids.is_empty() || named.is_some() {
            ledger.carry(element);
            for child in
                element.children().filter(|child| child.is(id) || said == Some(true) && child.is("Description"))
            {
                ledger.carry_whole(child);
            }
        }
    }

    fn identifier(&mut self, id: &str, restriction: &Restriction) {
        let told = Told { comment: id, detect: false, source: false, restriction: restriction.clone() };
        let catalogue = "External analysis";
        let _ = match id.split('-').next().unwrap_or_default() {
            "CVE" => self.attribute("vulnerability", catalogue, id, &told),
            "CWE" => self.attribute("weakness", catalogue, id, &told),
            "CAPEC" => {
                let number = id.trim_start_matches("CAPEC-");
                self.attribute(
                    "link",
                    catalogue,
                    &format!("https://capec.mitre.org/data/definitions/{number}.html"),
                    &told,
                )
            }
            _ => {
                let kind = if id.starts_with("TA") { "tactics" } else { "techniques" };
                let place = id.replace('.', "/");
                self.attribute("link", catalogue, &format!("https://attack.mitre.org/{kind}/{place}/"), &told)
            }
        };
    }

    fn link(&mut self, url: &str, restriction: &Restriction) -> bool {
        let url: String = url.split_whitespace().collect();
        let Some(Typed::Url(url)) = Typed::read(&url) else { return false };
        let told = Told { comment: "", detect: false, source: false, restriction: restriction.clone() };
        self.attribute("link", "External analysis", &url, &told)
    }

    /// What has no home, to be read. A report has no tag of its own: what is stricter than the event stays out.
    fn rest(&mut self, ledger: &mut Ledger<'d>, words: Words<'_>) {
        let (open, strict): (Vec<_>, Vec<_>) = ledger
            .homeless(self.case.incident)
            .into_iter()
            .partition(|element| strictest(*element).tlp() <= self.restriction.tlp());
        if !strict.is_empty() {
            ledger.remark(Say::new("export-stricter-out").with("count", strict.len().to_string()));
        }
        let (content, cut) = outline(&open);
        if content.is_empty() {
            return;
        }
        let mut content = block(&content);
        if cut {
            content.push('\n');
            content.push_str(&words(&Say::new("export-cut")));
        }
        self.report("rest", &words(&Say::new("export-note-misp")), &content);
    }

    fn report(&mut self, key: &str, name: &str, content: &str) {
        self.reports.push(json!({
            "uuid": self.uuid(&format!("report\u{1e}{key}")), "name": name, "content": content, "distribution": "5",
            "timestamp": self.timestamp
        }));
    }

    fn close(self) -> Value {
        let case = self.case;
        let level = match case.severity() {
            Severity::High => "1",
            Severity::Medium => "2",
            Severity::Low => "3",
            Severity::Unknown => "4",
        };
        let status = case.incident.attr("status");
        let analysis = match status.as_deref().map(str::trim) {
            Some("in-progress" | "forwarded") => "1",
            Some("resolved") => "2",
            _ => "0",
        };
        let csirt = text::line(&case.csirt());
        let org = if csirt.is_empty() { "IODEF".to_owned() } else { csirt };
        let org_uuid = Uuid::new_v5(&NAMESPACE, format!("org\u{1e}{org}").as_bytes()).to_string();
        json!({ "Event": {
            "uuid": self.uuid("event"),
            "info": format!("{}: {}", text::line(&case.id()), case.title()),
            "date": case.generated().format("%Y-%m-%d").to_string(),
            "threat_level_id": level,
            "analysis": analysis,
            "distribution": "0",
            "published": false,
            "timestamp": self.timestamp,
            "Orgc": { "name": org, "uuid": org_uuid },
            "Tag": tags(&self.restriction),
            "Attribute": self.attributes,
            "Object": self.objects,
            "EventReport": self.reports
        }})
    }
}

/// The TLP tag, and the sender's word where the label alone does not say it.
fn tags(restriction: &Restriction) -> Vec<Value> {
    let mut tags = vec![json!({ "name": format!("tlp:{}", label(restriction.tlp())) })];
    let said = word(restriction);
    if !said.is_empty() && (said != label(restriction.tlp()) || restriction.tlp() == Tlp::ByAgreement) {
        let said = text::line_within(said, 100).replace('"', "'");
        tags.push(json!({ "name": format!("iodef:restriction=\"{said}\"") }));
    }
    tags
}

/// Number, confidence and words of an indicator, and whether they are all there.
fn comment(indicator: Element<'_>) -> (String, bool) {
    let id = indicator.child("IndicatorID");
    let number = format!("{} {}", name_of(id), id.and_then(plain).unwrap_or_default());
    let sure = confidence(indicator).map(|sure| format!(" ({sure}/100)")).unwrap_or_default();
    let words = format!("{}{sure}: {}", number.trim(), descriptions(indicator));
    (text::line_within(&words, COMMENT), words.chars().count() <= COMMENT)
}

/// Marks an attribute that is restricted otherwise than its event, and takes the mark from one that no longer is.
fn tag(attribute: &mut Map<String, Value>, tags: &[Value]) {
    let _ = match tags {
        [] => attribute.remove("Tag"),
        tags => attribute.insert("Tag".to_owned(), Value::Array(tags.to_vec())),
    };
}

/// Where words about what was written stand. MISP has no tag for an object: what is stricter than the event is said at the
/// object's first attribute, which has one.
fn words_of(one: &mut Map<String, Value>, is_strict: bool) -> Option<&mut Value> {
    if !is_strict || !one.contains_key("Attribute") {
        return one.get_mut("comment");
    }
    let above = one.insert("comment".to_owned(), json!("")).filter(|said| *said != "");
    let place = one.get_mut("Attribute")?.get_mut(0)?.get_mut("comment")?;
    if let Some(above) = above {
        *place = above;
    }
    Some(place)
}

/// A block of code: nothing in it is a link, a picture or a heading. Four spaces cannot be left from inside.
fn block(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
