//! The objects of one incident.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::sco::{self, Object};
use super::{Bundle, created, generated, maker, named};
use crate::iodef::Element;
use crate::iodef::catalogue::{self, List};
use crate::iodef::export::case::{Case, confidence, descriptions, identifiers, name_of, says_only, stamp, time, token};
use crate::iodef::export::formula::pattern;
use crate::iodef::export::marking::{effective, strictest};
use crate::iodef::export::outline::outline;
use crate::iodef::export::reader::Reader;
use crate::iodef::export::steps::{Reason, Step};
use crate::iodef::export::thing::plain;
use crate::model::{Restriction, Say, Tlp, Typed};
use crate::text;

/// All of an incident: its report comes last, for it refers to the rest.
pub fn incident<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, reader: &mut Reader<'d>) {
    bundle.created = created(case);
    bundle.made = generated(case);
    bundle.csirt = maker(case);
    bundle.maker = named("identity", &format!("{}\u{1e}", bundle.csirt));
    bundle.refs.clear();
    bundle.referred.clear();
    identity(bundle);
    let mut references = identities_of(bundle, case);
    for indicator in case.incident.descendants().filter(|element| element.is("Indicator")) {
        // Of an incident inside an observable, everything stays with that observable.
        if top(indicator) == Some(case.incident) {
            self::indicator(bundle, indicator, reader);
        }
    }
    for event in case.incident.children_named("EventData") {
        observed(bundle, case, event, reader);
    }
    activity(bundle, case, &mut references, reader);
    methods(bundle, case, &mut references);
    let report = named("report", &format!("{}\u{1e}{}", bundle.csirt, case.key()));
    notes(bundle, case.incident, &report);
    self::report(bundle, case, references);
    bundle.reports.push(report);
}

/// What stands beside the incidents, and the sheet.
pub fn rest(bundle: &mut Bundle<'_, '_>) {
    let Some(report) = bundle.reports.first().cloned() else { return };
    let sheet = bundle.ledger.sheet();
    let lines: Vec<String> = sheet.lines().iter().map(|say| bundle.say(say)).collect();
    let mut note = bundle.object("note", &format!("sheet\u{1e}{report}"), &sheet.strictest);
    let _ = note.insert("abstract".to_owned(), json!(bundle.say(&Say::new("export-sheet-stix"))));
    let _ = note.insert("content".to_owned(), json!(lines.join("\n")));
    let _ = note.insert("object_refs".to_owned(), json!(bundle.reports));
    let _ = bundle.add(note);
}

/// The top-level incident an element stands in, unless another one stands between.
fn top(element: Element<'_>) -> Option<Element<'_>> {
    element.ancestors().find(|above| above.is("Incident"))
}

fn put(object: &mut Object, name: &str, value: Value) {
    let _ = object.insert(name.to_owned(), value);
}

/// The CSIRT that numbers the incident: by its name alone, which is the same and anybody's in every bundle. Its contacts
/// stay in the note, each under its own restriction.
fn identity(bundle: &mut Bundle<'_, '_>) {
    let mut identity = bundle.object("identity", "", &Restriction::Public);
    let _ = identity.remove("extensions");
    put(&mut identity, "name", json!(text::line(&bundle.csirt)));
    put(&mut identity, "identity_class", json!("organization"));
    let _ = bundle.add(identity);
}

/// The incident's numbers, as references of its report.
fn identities_of<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>) -> Vec<Value> {
    let own = case.incident.child("IncidentID");
    let other = case.incident.child("AlternativeID");
    let related = case.incident.children_named("RelatedActivity");
    let others = other.into_iter().chain(related).flat_map(|group| group.children_named("IncidentID"));
    let mut references = Vec::new();
    for id in own.into_iter().chain(others.collect::<Vec<_>>()) {
        let (name, Some(number)) = (name_of(Some(id)), plain(id)) else { continue };
        // A number that is more restricted than the report stays in the note.
        if effective(id).tlp() <= effective(case.incident).tlp() {
            let name = if name.is_empty() { "IODEF".to_owned() } else { name };
            references.push(json!({"source_name": name, "external_id": number}));
            bundle.ledger.carry(id);
        }
    }
    references
}

/// A reference by a link, or by the words alone when it is none that others take.
fn link(source: &str, url: &str) -> Value {
    // Senders fold long links.
    match Typed::read(&url.split_whitespace().collect::<String>()) {
        Some(Typed::Url(url)) => json!({"source_name": source, "url": url}),
        _ => json!({"source_name": source, "description": text::line(url)}),
    }
}

fn report<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, references: Vec<Value>) {
    let incident = case.incident;
    let mut report = bundle.object("report", "", &effective(incident));
    put(&mut report, "id", json!(named("report", &format!("{}\u{1e}{}", bundle.csirt, case.key()))));
    put(&mut report, "name", json!(case.title()));
    let description = descriptions(incident);
    if !description.is_empty() {
        put(&mut report, "description", json!(description));
    }
    put(&mut report, "published", json!(time(incident, "ReportTime").map_or_else(|| bundle.made.clone(), stamp)));
    let kinds = [
        ("indicator", "indicator"),
        ("observed-data", "observed-data"),
        ("threat-actor", "threat-actor"),
        ("campaign", "campaign"),
        ("attack-pattern", "attack-pattern"),
        ("vulnerability", "vulnerability"),
    ];
    let has =
        |kind: &str| bundle.refs.iter().any(|id| id.starts_with(kind) && id.as_bytes().get(kind.len()) == Some(&b'-'));
    let mut types: Vec<&str> = kinds.iter().filter(|(kind, _)| has(kind)).map(|(_, name)| *name).collect();
    if types.is_empty() {
        types.push("threat-report");
    }
    put(&mut report, "report_types", json!(types));
    let label = |name: &str| Some(format!("{name}:{}", text::line(&token(incident, name)?)));
    let mut labels: Vec<String> = ["purpose", "status"].into_iter().filter_map(label).collect();
    labels.extend(case.severity().token().map(|severity| format!("severity:{severity}")));
    if !labels.is_empty() {
        put(&mut report, "labels", json!(labels));
    }
    if !references.is_empty() {
        put(&mut report, "external_references", Value::Array(references));
    }
    put(&mut report, "object_refs", json!(bundle.refs));
    for name in ["GenerationTime", "ReportTime", "Description"] {
        for element in incident.children_named(name) {
            bundle.ledger.carry(element);
        }
    }
    let _ = bundle.add(report);
}

fn indicator<'d>(bundle: &mut Bundle<'d, '_>, element: Element<'d>, reader: &mut Reader<'d>) {
    let steps = reader.steps(element);
    let made = pattern(&steps, reader);
    for found in leaves(&steps).filter_map(|leaf| reader.known(leaf)) {
        bundle.ledger.lose(&found);
    }
    let (text, left_out) = match made {
        Ok(pattern) => pattern,
        Err(reason) => return bundle.ledger.refuse(element, reason),
    };
    let id = element.child("IndicatorID");
    let number = id.and_then(plain).unwrap_or_default();
    let mut key = format!("{}\u{1f}{number}", name_of(id));
    if bundle.at.contains_key(&named("indicator", &format!("{}\u{1e}{key}", bundle.csirt))) {
        // Two of one number: the document is wrong, and both are kept.
        key.push_str(&element.path());
    }
    let restriction = restriction_of(element, &steps, reader);
    let mut indicator = bundle.object("indicator", &key, &restriction);
    let said = element.child("Description").and_then(plain);
    put(&mut indicator, "name", json!(crate::text::line_within(said.as_deref().unwrap_or(&number), 200)));
    let description = descriptions(element);
    put(&mut indicator, "description", json!(if description.is_empty() { &number } else { &description }));
    put(&mut indicator, "indicator_types", json!(["malicious-activity"]));
    put(&mut indicator, "pattern", json!(text));
    put(&mut indicator, "pattern_type", json!("stix"));
    put(&mut indicator, "pattern_version", json!("2.1"));
    validity(bundle, &mut indicator, element);
    if let Some(confidence) = confidence(element) {
        put(&mut indicator, "confidence", json!(confidence));
        carry_named(bundle, element, "Confidence");
    }
    // Numbers that are more restricted than the indicator stay in the note.
    let open = |group: &Element<'d>| strictest(*group).tlp() <= restriction.tlp();
    let alternatives: Vec<_> = element.children_named("AlternativeIndicatorID").filter(open).collect();
    let numbers: Vec<Value> = id
        .into_iter()
        .chain(alternatives.iter().flat_map(|group| group.children_named("IndicatorID")))
        .filter_map(|id| {
            let name = name_of(Some(id));
            let name = if name.is_empty() { "IODEF".to_owned() } else { name };
            Some(json!({"source_name": name, "external_id": plain(id)?}))
        })
        .collect();
    if !numbers.is_empty() {
        put(&mut indicator, "external_references", Value::Array(numbers));
    }
    let indicator = bundle.add(indicator);
    alternatives.into_iter().for_each(|group| bundle.ledger.carry_whole(group));
    for name in ["IndicatorID", "Description"] {
        carry_named(bundle, element, name);
    }
    carry_said(bundle, element, &steps, reader);
    left_out.into_iter().for_each(|reason| bundle.ledger.refuse(element, reason));
    for phase in element.children_named("AttackPhase") {
        techniques(bundle, phase, &indicator, &restriction);
    }
}

fn leaves<'s, 'd>(steps: &'s [Step<'d>]) -> impl Iterator<Item = Element<'d>> + 's {
    steps.iter().filter_map(|step| if let Step::Leaf(leaf) = step { Some(leaf.element) } else { None })
}

/// The books of a pattern: the expression, and of what it looks for the things it says and no more.
fn carry_said<'d>(bundle: &mut Bundle<'d, '_>, indicator: Element<'d>, steps: &[Step<'d>], reader: &Reader<'d>) {
    bundle.ledger.carry_expression(indicator);
    for found in leaves(steps).filter_map(|leaf| reader.known(leaf)) {
        let is_said = |element: &Element<'d>| found.is_said(*element);
        for element in found.things.iter().map(|(element, _)| *element).filter(is_said) {
            bundle.ledger.carry_thing(&found, element, &[]);
        }
    }
}

/// An indicator's own restriction, or that of a value it looks for where that is stricter: the pattern says them all.
fn restriction_of<'d>(indicator: Element<'d>, steps: &[Step<'d>], reader: &Reader<'d>) -> Restriction {
    let values = leaves(steps).map(|leaf| reader.strictest(leaf));
    values.fold(effective(indicator), |all, value| if value.tlp() > all.tlp() { value } else { all })
}

fn carry_named<'d>(bundle: &mut Bundle<'d, '_>, element: Element<'d>, name: &str) {
    for child in element.children_named(name) {
        bundle.ledger.carry_whole(child);
    }
}

fn validity<'d>(bundle: &mut Bundle<'d, '_>, indicator: &mut Object, element: Element<'d>) {
    let (start, end) = (time(element, "StartTime"), time(element, "EndTime"));
    let from = start.map_or_else(|| bundle.made.clone(), stamp);
    match end.map(stamp) {
        None => put(indicator, "valid_from", json!(from)),
        Some(until) if until > from => {
            put(indicator, "valid_from", json!(from));
            put(indicator, "valid_until", json!(until));
        }
        // Over before the document was made: STIX wants a beginning, and the end is all that was said.
        Some(until) if start.is_none() => {
            let before = end.and_then(|end| end.checked_sub_signed(chrono::TimeDelta::milliseconds(1)));
            put(indicator, "valid_from", json!(before.map_or(from, stamp)));
            put(indicator, "valid_until", json!(until));
        }
        // It ends before it begins: the beginning alone is said, and that the end was left out.
        Some(_) => {
            put(indicator, "valid_from", json!(from));
            bundle.ledger.refuse(element, Reason::Times);
            return carry_named(bundle, element, "StartTime");
        }
    }
    carry_named(bundle, element, "StartTime");
    carry_named(bundle, element, "EndTime");
}

/// The techniques of an attack phase; the phase is carried when it names one, and of its parts what says names alone.
fn techniques<'d>(bundle: &mut Bundle<'d, '_>, phase: Element<'d>, indicator: &str, restriction: &Restriction) {
    let relate = |bundle: &mut Bundle<'d, '_>, id: &str| {
        let target = catalogued(bundle, id, restriction);
        target.is_some_and(|target| {
            bundle.relate("indicates", indicator, &target, restriction);
            true
        })
    };
    let mut any = false;
    for part in phase.children_named("AttackPhaseID") {
        let text = part.text();
        let ids = identifiers(&text);
        // A tactic is no object of STIX.
        let made = ids.iter().filter(|id| relate(bundle, id)).count();
        any |= made > 0;
        if made == ids.len() && says_only(&text, &ids) {
            bundle.ledger.carry(part);
        }
    }
    if !any {
        // A link is for the note; what it names is an object all the same.
        let named = phase.children_named("URL").flat_map(|url| identifiers(&url.text())).collect::<BTreeSet<_>>();
        any = named.iter().filter(|id| relate(bundle, id)).count() > 0;
    }
    if any {
        bundle.ledger.carry(phase);
    }
}

/// The object of an identifier of a known catalogue; `None` for those STIX keeps as a reference only.
fn catalogued(bundle: &mut Bundle<'_, '_>, id: &str, restriction: &Restriction) -> Option<String> {
    let list = source_of(id)?;
    let kind = match list {
        List::Cve => "vulnerability",
        List::Capec | List::Technique => "attack-pattern",
        List::Cwe | List::Tactic => return None,
    };
    let source = list.source();
    let mut object = bundle.object(kind, id, restriction);
    put(&mut object, "name", json!(id));
    put(&mut object, "external_references", json!([{"source_name": source, "external_id": id}]));
    Some(bundle.add(object))
}

/// An identifier as a reference, where it is no object.
fn external(id: &str) -> Value {
    json!({"source_name": source_of(id).map_or("iodef", List::source), "external_id": id})
}

/// The catalogue an identifier is of.
fn source_of(id: &str) -> Option<List> {
    catalogue::named(id).first().map(|(list, _)| *list)
}

/// What was seen: one object an event and restriction.
fn observed<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, event: Element<'d>, reader: &mut Reader<'d>) {
    let mut groups: BTreeMap<(crate::iodef::NodeId, Tlp), Group> = BTreeMap::new();
    let found = reader.find(event);
    for (element, thing) in &found.things {
        let source = element.ancestors().find(|above| above.is("System"));
        let source = source.and_then(|system| system.attr("category")).is_some_and(|role| role.trim() == "source");
        let restriction = effective(*element);
        let objects = sco::objects(thing, source);
        let Some(around) = element.ancestors().find(|above| above.is("EventData")) else { continue };
        if objects.is_empty() {
            continue;
        }
        let group = groups.entry((around.id(), restriction.tlp())).or_insert_with(|| Group::of(&restriction));
        for object in objects {
            let id = bundle.observe(object, &restriction);
            if group.known.insert(id.clone()) {
                group.objects.push(id);
            }
        }
        if !thing.has_range() {
            bundle.ledger.carry_thing(&found, *element, &[]);
        }
    }
    bundle.ledger.lose(&found);
    for ((event, tlp), Group { restriction, objects, .. }) in groups {
        let Some(event) = event_of(case, event) else { continue };
        let key = format!("{}\u{1e}{}\u{1e}{}", case.key(), event.path(), tlp.token());
        let mut data = bundle.object("observed-data", &key, &restriction);
        let (first, last) = seen(bundle, case, event);
        put(&mut data, "first_observed", json!(stamp(first)));
        put(&mut data, "last_observed", json!(stamp(last)));
        put(&mut data, "number_observed", json!(1));
        put(&mut data, "object_refs", json!(objects));
        let _ = bundle.add(data);
    }
}

/// What was seen in one event under one label.
struct Group {
    restriction: Restriction,
    objects: Vec<String>,
    known: HashSet<String>,
}

impl Group {
    fn of(restriction: &Restriction) -> Self {
        Self { restriction: restriction.clone(), objects: Vec::new(), known: HashSet::new() }
    }
}

fn event_of(case: Case<'_>, id: crate::iodef::NodeId) -> Option<Element<'_>> {
    case.incident.document().element(id)
}

/// From when to when an event was seen: its own times, else those around it. What is around thousands of events is looked
/// through once.
fn seen<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, event: Element<'d>) -> (DateTime<Utc>, DateTime<Utc>) {
    let mut inside: Vec<Element<'d>> = Vec::new();
    let (mut first, mut last) = (None, None);
    for one in event.ancestors().take_while(|above| above.is("EventData") || above.is("Incident")) {
        if let Some(known) = bundle.times.get(&one.id()) {
            (first, last) = *known;
            break;
        }
        inside.push(one);
    }
    for one in inside.into_iter().rev() {
        let own = |names: &[&str]| names.iter().find_map(|name| time(one, name));
        first = own(&["StartTime", "DetectTime", "ReportTime"]).or(first);
        last = own(&["EndTime", "DetectTime"]).or(last);
        let _ = bundle.times.insert(one.id(), (first, last));
    }
    let first = first.unwrap_or_else(|| case.generated());
    let last = last.unwrap_or(first);
    (first.min(last), first.max(last))
}

/// Who and what the incident is related to.
fn activity<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, references: &mut Vec<Value>, reader: &mut Reader<'d>) {
    for activity in case.incident.children_named("RelatedActivity") {
        let restriction = effective(activity);
        let actors: Vec<(String, Restriction)> = activity
            .children_named("ThreatActor")
            .filter_map(|actor| party(bundle, actor, "threat-actor", "ThreatActorID"))
            .collect();
        let campaigns: Vec<(String, Restriction)> = activity
            .children_named("Campaign")
            .filter_map(|campaign| party(bundle, campaign, "campaign", "CampaignID"))
            .collect();
        // A page of names on either side would be millions of relationships.
        if reader.may_multiply(campaigns.len().saturating_mul(actors.len())) {
            let pairs = campaigns.iter().flat_map(|campaign| actors.iter().map(move |actor| (campaign, actor)));
            for ((campaign, of_campaign), (actor, of_actor)) in pairs {
                // A link names both: of equals the last counts, the activity's own.
                let strictest = [of_actor, of_campaign, &restriction].into_iter().max_by_key(|one| one.tlp());
                bundle.relate("related-to", campaign, actor, strictest.unwrap_or(&restriction));
            }
        } else {
            bundle.ledger.refuse(activity, Reason::Crowd);
        }
        if restriction.tlp() <= effective(case.incident).tlp() {
            for url in activity.children_named("URL") {
                references.extend(plain(url).map(|text| link("IODEF", &text)));
                bundle.ledger.carry(url);
            }
        }
    }
}

/// A threat actor or campaign under the first name the document has for it, and how it is restricted here.
fn party<'d>(bundle: &mut Bundle<'d, '_>, element: Element<'d>, kind: &str, id: &str) -> Option<(String, Restriction)> {
    let mut names: Vec<String> = element.children_named(id).filter_map(plain).collect();
    names.extend(element.children_named("Description").filter_map(plain).take(1));
    let restriction = effective(element);
    let name = names.first().cloned().or_else(|| element.child("URL").and_then(plain))?;
    let mut object = bundle.object(kind, &name, &restriction);
    put(&mut object, "name", json!(text::line(&name)));
    let aliases: Vec<String> = names.iter().skip(1).map(|name| text::line(name)).collect();
    if !aliases.is_empty() {
        put(&mut object, "aliases", json!(aliases));
    }
    let description = descriptions(element);
    if !description.is_empty() {
        put(&mut object, "description", json!(description));
    }
    let links: Vec<Value> = element.children_named("URL").filter_map(plain).map(|url| link("IODEF", &url)).collect();
    if !links.is_empty() {
        put(&mut object, "external_references", Value::Array(links));
    }
    bundle.ledger.carry(element);
    carry_named(bundle, element, id);
    let (id, whole) = bundle.join(object, &restriction);
    if whole {
        carry_named(bundle, element, "Description");
        carry_named(bundle, element, "URL");
    }
    Some((id, restriction))
}

/// References and structured information: known identifiers are objects, links are references of the report.
fn methods<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, references: &mut Vec<Value>) {
    const SCI: &str = "urn:ietf:params:xml:ns:iodef-sci-1.0";
    for element in case.incident.descendants() {
        if bundle.ledger.carries(element) {
            continue;
        }
        if element.is("Reference") {
            reference(bundle, case, element, references);
        } else if element.ns() == SCI && ["AttackPattern", "Vulnerability", "Weakness"].contains(&element.local()) {
            structured(bundle, case, element, references);
        }
    }
}

fn reference<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, element: Element<'d>, references: &mut Vec<Value>) {
    let text: Vec<String> = element.descendants().map(|part| part.text().into_owned()).collect();
    let restriction = effective(element);
    let named = identifiers(&text.join(" "));
    let mut ids = named.clone();
    ids.retain(|id| catalogued(bundle, id, &restriction).is_none());
    let open = restriction.tlp() <= effective(case.incident).tlp();
    if open {
        references.extend(ids.iter().map(|id| external(id)));
        let links: Vec<String> = element.children_named("URL").filter_map(plain).collect();
        references.extend(links.iter().map(|url| link("IODEF", url)));
        carry_named(bundle, element, "URL");
    }
    // A name of a catalogue is said by its object; words about it, there or beside it, are for the note.
    for part in element.descendants().filter(|part| !part.is_iodef()) {
        let text = part.text();
        let own = identifiers(&text);
        if says_only(&text, &own) && own.iter().all(|id| named.contains(id) && (open || !ids.contains(id))) {
            bundle.ledger.carry(part);
        }
    }
}

fn structured<'d>(bundle: &mut Bundle<'d, '_>, case: Case<'d>, element: Element<'d>, references: &mut Vec<Value>) {
    let Some(content) = element.attr("ContentID").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()) else {
        return;
    };
    let restriction = effective(element);
    let open = restriction.tlp() <= effective(case.incident).tlp();
    let known = identifiers(&content);
    let left: Vec<&String> = known.iter().filter(|id| catalogued(bundle, id, &restriction).is_none()).collect();
    let kind = match element.local() {
        "AttackPattern" => Some("attack-pattern"),
        "Vulnerability" => Some("vulnerability"),
        _ => None,
    };
    let whole = if left.len() < known.len() {
        if open {
            references.extend(left.iter().map(|id| external(id)));
        }
        (open || left.is_empty()) && says_only(&content, &known)
    } else if let Some(kind) = kind {
        let mut object = bundle.object(kind, &content, &restriction);
        put(&mut object, "name", json!(text::line(&content)));
        let _ = bundle.add(object);
        text::fits(&content, text::LINE)
    } else {
        if open {
            references.push(json!({"source_name": "cwe", "external_id": text::line(&content)}));
        }
        open && text::fits(&content, text::LINE)
    };
    // Words beside a name, and what was cut, are for the note.
    if whole {
        bundle.ledger.carry(element);
    }
}

/// What has no home, to be read, one note a restriction.
fn notes<'d>(bundle: &mut Bundle<'d, '_>, incident: Element<'d>, report: &str) {
    const REPORTED: [&str; 3] = ["GenerationTime", "ReportTime", "Description"];
    let mut groups: BTreeMap<Tlp, Vec<Element<'d>>> = BTreeMap::new();
    for element in bundle.ledger.homeless(incident) {
        let reported = element.parent() == Some(incident) && REPORTED.contains(&element.local());
        if !reported {
            groups.entry(strictest(element).tlp()).or_default().push(element);
        }
    }
    for (tlp, elements) in groups {
        let (mut content, cut) = outline(&elements);
        if cut {
            content.push('\n');
            content.push_str(&bundle.say(&Say::new("export-cut")));
        }
        let restriction = elements.iter().copied().map(strictest).find(|one| one.tlp() == tlp).unwrap_or_default();
        let key = format!("rest\u{1e}{report}\u{1e}{}", tlp.token());
        let mut note = bundle.object("note", &key, &restriction);
        put(&mut note, "abstract", json!(bundle.say(&Say::new("export-note-stix"))));
        put(&mut note, "content", json!(content));
        put(&mut note, "object_refs", json!([report]));
        let _ = bundle.add(note);
    }
}
