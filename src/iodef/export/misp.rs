//! MISP: one event an incident, with attributes and objects of what is looked for (`to_ids`) and what was seen, tags for
//! the restrictions, and a report of what MISP has no attribute for.
//!
//! A value that is part of an `and` or below a `not` is no indicator by itself: it is there, and not for detection.

mod attribute;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::case::{Case, confidence, descriptions, identifiers, name_of};
use super::ledger::Ledger;
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

/// Makes the event; a document of several incidents is a list of events, as MISP's own search answers.
#[must_use]
pub fn misp(document: &Document, words: Words<'_>) -> Export {
    let mut reader = Reader::of(document);
    let mut ledger = Ledger::new(document);
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
        event.report("sheet", &name, &lines.join("\n\n"));
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
    known: std::collections::HashSet<String>,
    timestamp: String,
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
            known: std::collections::HashSet::new(),
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

    fn attribute(&mut self, kind: &str, category: &str, value: &str, told: &Told<'_>) {
        if value.trim().is_empty() || !self.known.insert(format!("{kind}\u{1f}{value}\u{1f}{}", told.detect)) {
            return;
        }
        let mut attribute = Map::new();
        let mut put = |name: &str, value: Value| attribute.insert(name.to_owned(), value);
        let _ = put("uuid", json!(self.uuid(&format!("{kind}\u{1f}{value}\u{1f}{}", told.detect))));
        let _ = (put("type", json!(kind)), put("category", json!(category)), put("value", json!(value)));
        let _ = (put("to_ids", json!(told.detect)), put("comment", json!(told.comment)));
        let _ = (put("distribution", json!("5")), put("timestamp", json!(self.timestamp)));
        let tags = self.tags(&told.restriction);
        if !tags.is_empty() {
            let _ = put("Tag", Value::Array(tags));
        }
        self.attributes.push(Value::Object(attribute));
    }

    /// Writes a thing; whether MISP has a place for it.
    fn thing(&mut self, thing: &Thing, told: &Told<'_>) -> bool {
        let made = made(thing, told.source);
        let any = !made.is_empty();
        for one in made {
            match one {
                Made::Attribute(kind, category, value) => self.attribute(kind, category, &value, told),
                Made::Object(template, parts) => self.object(&template, &parts, told),
            }
        }
        any
    }

    fn object(&mut self, template: &attribute::Template, parts: &[attribute::Part], told: &Told<'_>) {
        let values: Vec<String> = parts.iter().map(|part| format!("{}={}", part.relation, part.value)).collect();
        let key = format!("{}\u{1f}{}\u{1f}{}", template.name, values.join("\u{1f}"), told.detect);
        if parts.is_empty() || !self.known.insert(key.clone()) {
            return;
        }
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
                if let (false, Some(attribute)) = (tags.is_empty(), attribute.as_object_mut()) {
                    let _ = attribute.insert("Tag".to_owned(), Value::Array(tags.clone()));
                }
                attribute
            })
            .collect();
        self.objects.push(json!({
            "uuid": self.uuid(&key), "name": template.name, "meta-category": template.category,
            "template_uuid": template.uuid, "template_version": template.version, "description": "",
            "comment": told.comment, "distribution": "5", "timestamp": self.timestamp, "Attribute": attributes
        }));
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
        let comment = comment(indicator);
        let own = effective(indicator);
        let mut any = false;
        for step in reader.steps(indicator) {
            match step {
                Step::Leaf(leaf) => {
                    let told = Told { comment: &comment, detect: true, source: false, restriction: own.clone() };
                    any |= self.leaf(ledger, reader, indicator, leaf, &told);
                }
                Step::Refused(reason) => ledger.refuse(indicator, reason),
                Step::Join(..) => {}
            }
        }
        if !any {
            return ledger.refuse(indicator, Reason::Mute);
        }
        ledger.carry_expression(indicator);
        for child in indicator.children() {
            if ["IndicatorID", "Description"].contains(&child.local()) {
                ledger.carry_whole(child);
            }
        }
        for phase in indicator.children_named("AttackPhase") {
            let parts = phase.children().map(|part| part.text().into_owned()).collect::<Vec<_>>().join(" ");
            for id in identifiers(&parts) {
                self.identifier(&id, &own);
                ledger.carry_whole(phase);
            }
        }
    }

    /// The values of a leaf; `indicator` is what `of` holds for.
    fn leaf(
        &mut self,
        ledger: &mut Ledger<'d>,
        reader: &mut Reader<'d>,
        indicator: Element<'d>,
        leaf: Leaf<'d>,
        of: &Told<'_>,
    ) -> bool {
        let Some(found) = reader.leaf(leaf.element) else {
            ledger.refuse(indicator, Reason::Long);
            return false;
        };
        ledger.lose(&found);
        let mut any = false;
        for (element, thing) in &found.things {
            let restriction = effective(*element);
            let restriction =
                if restriction.tlp() > of.restriction.tlp() { restriction } else { of.restriction.clone() };
            // What lost a part, or is meant with a port alone, would be detected too often.
            let detect = leaf.alone && !leaf.negated && found.is_whole(*element);
            if self.thing(thing, &Told { detect, restriction, ..*of }) {
                any = true;
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
                let role = system.and_then(|system| system.attr("category")).map(|role| text::line(role.trim()));
                let source = role.as_deref() == Some("source");
                let comment = role.unwrap_or_default();
                let told = Told { comment: &comment, detect: false, source, restriction: effective(*element) };
                if self.thing(thing, &told) && !thing.has_range() {
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
                    let links: Vec<String> = element.children_named("URL").filter_map(plain).collect();
                    let linked = links.iter().map(|url| self.link(url, &restriction)).fold(false, |any, one| any | one);
                    if linked || !ids.is_empty() {
                        ledger.carry_whole(element);
                    }
                }
                "AttackPattern" | "Vulnerability" | "Weakness" => {
                    let ids = identifiers(&element.attr("ContentID").unwrap_or_default());
                    ids.iter().for_each(|id| self.identifier(id, &restriction));
                    if !ids.is_empty() {
                        ledger.carry(element);
                    }
                }
                _ => {}
            }
        }
        for name in ["IncidentID", "GenerationTime", "Description"] {
            for element in self.case.incident.children_named(name) {
                ledger.carry(element);
            }
        }
    }

    fn party(&mut self, ledger: &mut Ledger<'d>, element: Element<'d>, id: &str, kind: &str, name: &str) {
        let restriction = effective(element);
        let comment = descriptions(element);
        let told = Told { comment: "", detect: false, source: false, restriction };
        let ids: Vec<String> = element.children_named(id).filter_map(plain).collect();
        ids.iter().for_each(|id| self.attribute(kind, "Attribution", id, &told));
        let named: Vec<String> = element.children_named("Description").filter_map(plain).take(1).collect();
        let told = Told { comment: &comment, ..told };
        named.iter().for_each(|text| self.attribute(name, "Attribution", text, &told));
        if !ids.is_empty() || !named.is_empty() {
            ledger.carry(element);
            for child in element.children().filter(|child| child.is(id) || child.is("Description")) {
                ledger.carry_whole(child);
            }
        }
    }

    fn identifier(&mut self, id: &str, restriction: &Restriction) {
        let told = Told { comment: id, detect: false, source: false, restriction: restriction.clone() };
        let catalogue = "External analysis";
        match id.split('-').next().unwrap_or_default() {
            "CVE" => self.attribute("vulnerability", catalogue, id, &told),
            "CWE" => self.attribute("weakness", catalogue, id, &told),
            "CAPEC" => {
                let number = id.trim_start_matches("CAPEC-");
                self.attribute(
                    "link",
                    catalogue,
                    &format!("https://capec.mitre.org/data/definitions/{number}.html"),
                    &told,
                );
            }
            _ => {
                let kind = if id.starts_with("TA") { "tactics" } else { "techniques" };
                let place = id.replace('.', "/");
                self.attribute("link", catalogue, &format!("https://attack.mitre.org/{kind}/{place}/"), &told);
            }
        }
    }

    fn link(&mut self, url: &str, restriction: &Restriction) -> bool {
        let url: String = url.split_whitespace().collect();
        let Some(Typed::Url(url)) = Typed::read(&url) else { return false };
        let told = Told { comment: "", detect: false, source: false, restriction: restriction.clone() };
        self.attribute("link", "External analysis", &url, &told);
        true
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
        // A block of code: nothing in it is a link, a picture or a heading. Four spaces cannot be left from inside.
        let mut content: String = content.lines().map(|line| format!("    {line}\n")).collect();
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

/// Number, confidence and words of an indicator.
fn comment(indicator: Element<'_>) -> String {
    let id = indicator.child("IndicatorID");
    let number = format!("{} {}", name_of(id), id.and_then(plain).unwrap_or_default());
    let sure = confidence(indicator).map(|sure| format!(" ({sure}/100)")).unwrap_or_default();
    text::line_within(&format!("{}{sure}: {}", number.trim(), descriptions(indicator)), 1_000)
}
