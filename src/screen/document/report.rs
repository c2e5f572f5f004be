//! The sections below the summary: what is asked, what it did, when, who, how, what is related, what to look for.

use super::essence::{described, impact_values, more, shown};
use super::observables::of_key;
use super::section::{Maker, Section, Value, chip, defanged, token, words};
use crate::i18n::Catalog;
use crate::iodef::catalogue::{self, List};
use crate::iodef::observables::Found;
use crate::iodef::view::{
    Assessment, Contact, Incident, IncidentId, Indicator, Operand, Person, Reference, Times, child_text, child_texts,
    events, incidents, people, tagged,
};
use crate::iodef::{Document, Element, NodeId};
use crate::model::{Stamp, Tlp};
use crate::text;

/// Elements that references may name.
type Tagged<'d> = std::collections::HashMap<std::borrow::Cow<'d, str>, Element<'d>>;

/// Names of catalogues told of one text.
const CATALOGUED: usize = 24;
/// Values of one operand that are named.
const NAMED: usize = 4;

/// All sections that have something to tell, in reading order.
pub fn sections(document: &Document, found: &[Found<'_>], words: &Catalog, lang: &str, base: Tlp) -> Vec<Section> {
    let several = incidents(document).nth(1).is_some();
    let tagged = tagged(document);
    let make = |key, fill: &dyn Fn(&mut Maker<'_>, Incident<'_>)| {
        let mut maker = Maker::new(key, words, lang, base);
        for incident in incidents(document) {
            if several {
                let id = incident.id().map(name_of).unwrap_or_default();
                maker.group(incident.element(), vec![Value::Mono(text::line(&id))], |maker| fill(maker, incident));
            } else {
                fill(&mut maker, incident);
            }
        }
        maker.done()
    };
    [
        make("incident-description", &descriptions),
        make("incident-asks", &asks),
        make("incident-assessment", &assessments),
        make("incident-timeline", &timeline),
        make("incident-contacts", &contacts),
        make("incident-method", &methods),
        make("incident-related", &related),
        make("incident-indicators", &|maker, incident| indicators(maker, incident, found, &tagged)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn descriptions(maker: &mut Maker<'_>, incident: Incident<'_>) {
    for value in described(incident, maker.lang) {
        maker.count();
        maker.add(0, String::new(), incident.element(), vec![value]);
    }
    for (_, event) in events(incident.element()) {
        let said = maker.said(&event.descriptions());
        maker.keyed(0, "incident-event", event.element(), said);
    }
}

fn asks(maker: &mut Maker<'_>, incident: Incident<'_>) {
    // Who expects nothing asks nothing (RFC 7970 §3.17).
    for ask in incident.expectations().filter(|ask| !ask.action().is("nothing")) {
        maker.count();
        let times = ask.times();
        let mut values = Vec::new();
        for (key, time) in [("incident-from", times.started), ("incident-by", times.ended)] {
            if let Some(time) = time {
                values.extend([Value::Words(maker.words.text(key)), Value::Time(time)]);
            }
        }
        values.extend(chip(ask.severity()));
        values.extend(maker.said(&ask.descriptions()));
        let action = token(&ask.action());
        maker.add(0, action, ask.element(), values);
    }
}

fn assessments(maker: &mut Maker<'_>, incident: Incident<'_>) {
    for assessment in incident.assessments() {
        maker.count();
        let sure = maker.confidence(assessment.confidence());
        let head: Vec<_> = chip(assessment.occurrence()).into_iter().chain(sure).collect();
        maker.keyed(0, "incident-occurrence", assessment.element(), head);
        impacts(maker, assessment);
        for (key, texts) in [
            ("incident-category", assessment.categories()),
            ("incident-cause", assessment.causes()),
            ("incident-mitigating", assessment.mitigating()),
        ] {
            let said = maker.said(&texts);
            maker.keyed(0, key, assessment.element(), said);
        }
    }
}

fn impacts(maker: &mut Maker<'_>, assessment: Assessment<'_>) {
    for impact in assessment.impacts() {
        let mut values = impact_values(&impact, maker.words);
        values.extend(maker.said(&impact.descriptions()));
        maker.keyed(0, "incident-impact", impact.element(), values);
    }
}

fn timeline(maker: &mut Maker<'_>, incident: Incident<'_>) {
    let mut all: Vec<(Stamp, Element<'_>, Vec<Value>)> = Vec::new();
    let label = |key| Value::Words(maker.words.text(key));
    let of = |times: Times| {
        [
            ("incident-started", times.started),
            ("incident-detected", times.detected),
            ("incident-ended", times.ended),
            ("incident-recovered", times.recovered),
            ("incident-reported", times.reported),
            ("incident-generated", times.generated),
        ]
    };
    for (key, time) in of(incident.times()) {
        all.extend(time.map(|time| (time, incident.element(), vec![label(key)])));
    }
    for (_, event) in events(incident.element()) {
        let what = event.descriptions().first().map(|text| text::line_within(&text.in_lang(maker.lang), 80));
        for (key, time) in of(event.times()) {
            let mut values = vec![Value::Words(maker.words.text("incident-event")), label(key)];
            values.extend(what.clone().map(Value::Words));
            all.extend(time.map(|time| (time, event.element(), values)));
        }
    }
    for item in incident.history() {
        let mut values: Vec<_> = chip(item.action()).into_iter().collect();
        values.extend(item.incident().map(|id| words(name_of(id))));
        values.extend(item.courses().map(words));
        values.extend(maker.said(&item.descriptions()));
        match item.at() {
            Some(at) => all.push((at, item.element(), values)),
            None => maker.keyed(0, "incident-history", item.element(), values),
        }
    }
    all.sort_by_key(|(time, element, _)| (time.at, element.id()));
    for (time, element, values) in all {
        maker.count();
        maker.timed(time, element, values);
    }
}

fn contacts(maker: &mut Maker<'_>, incident: Incident<'_>) {
    let holders = std::iter::once(incident.element()).chain(incident.element().descendants());
    let holders = holders.filter(|one| !one.is("Contact") && Contact::all(*one).next().is_some());
    for holder in holders {
        let place = (holder != incident.element()).then(|| words(holder.local()));
        for person in people(holder) {
            maker.count();
            contact(maker, &person, place.clone());
        }
    }
}

fn contact(maker: &mut Maker<'_>, person: &Person<'_>, place: Option<Value>) {
    let element = person.contact.element();
    let names = person.names(maker.lang).join(" › ");
    let mut values: Vec<_> = Some(words(names)).into_iter().filter(|value| !is_blank(value)).collect();
    values.extend(person.title(maker.lang).map(words));
    values.extend(person.emails().map(|mail| Value::Mono(text::line(&mail))));
    for (kind, number) in person.telephones() {
        values.extend(chip(kind));
        values.push(Value::Mono(text::line(&number)));
    }
    values.extend(person.timezone().map(words));
    for (registry, handle) in person.handles() {
        values.extend(chip(registry));
        values.push(Value::Mono(text::line(&handle)));
    }
    values.extend(chip(person.kind.clone()));
    values.extend(place);
    values.extend(person.addresses(maker.lang).map(|lines| words(lines.join(", "))));
    values.extend(maker.said(&crate::iodef::view::texts(element, "Description")));
    let role = person.role.as_ref().map(token).unwrap_or_default();
    maker.add(0, role, element, values);
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Words(words) if words.is_empty())
}

fn methods(maker: &mut Maker<'_>, incident: Incident<'_>) {
    for discovery in incident.discoveries() {
        maker.count();
        let mut values: Vec<_> = chip(discovery.source()).into_iter().collect();
        values.extend(maker.said(&discovery.descriptions()));
        for pattern in discovery.patterns() {
            let tool = pattern.child("Application").and_then(|one| child_text(one, "SoftwareReference"));
            values.extend(tool.map(words));
            let configured = pattern.children_named("DetectionConfiguration");
            values.extend(configured.map(|one| Value::Mono(text::line(&one.text()))));
        }
        maker.keyed(0, "incident-discovered", discovery.element(), values);
    }
    for method in incident.methods() {
        maker.count();
        let said = maker.said(&method.descriptions());
        maker.keyed(0, "incident-method", method.element(), said);
        for one in method.references() {
            reference(maker, one);
        }
        for one in method.structured() {
            let mut values = vec![Value::Chip(text::line(one.local()))];
            values.extend(catalogued(maker, &one.attr("ContentID").unwrap_or_default(), &mut Vec::new()));
            let known = values.len() > 1;
            let id = ["ContentID", "SpecID"].into_iter().skip(usize::from(known)).filter_map(|name| one.attr(name));
            values.extend(id.map(|id| Value::Mono(text::line_within(&id, 80))));
            values.extend(Some(words(text::line_within(&one.text(), 120))).filter(|value| !is_blank(value)));
            maker.add(0, maker.words.text("incident-structured"), one, values);
        }
    }
    named_in_texts(maker, incident);
}

/// Names of known catalogues in a text, each with its catalogue.
fn catalogued(maker: &Maker<'_>, text: &str, told: &mut Vec<String>) -> Vec<Value> {
    let mut values = Vec::new();
    for (list, name) in catalogue::named(text).into_iter().take(CATALOGUED) {
        if !told.contains(&name) {
            values.extend([Value::Chip(maker.words.text(list_key(list))), Value::Mono(name.clone())]);
            told.push(name);
        }
    }
    values
}

fn list_key(list: List) -> &'static str {
    match list {
        List::Cve => "incident-catalogue-cve",
        List::Cwe => "incident-catalogue-cwe",
        List::Capec => "incident-catalogue-capec",
        List::Technique => "incident-catalogue-technique",
        List::Tactic => "incident-catalogue-tactic",
    }
}

/// What the texts of an incident and its events name of known catalogues; references and indicators say it themselves.
fn named_in_texts(maker: &mut Maker<'_>, incident: Incident<'_>) {
    let (mut told, mut values) = (Vec::new(), Vec::new());
    let apart = |element: Element<'_>| {
        element.ancestors().any(|above| matches!(above.local(), "IndicatorData" | "Reference" | "AttackPhase"))
    };
    for element in incident.element().descendants().filter(|one| one.is("Description")) {
        if told.len() >= CATALOGUED {
            break;
        }
        if !catalogue::named(&element.text()).is_empty() && !apart(element) {
            values.extend(catalogued(maker, &element.text(), &mut told));
        }
    }
    maker.keyed(0, "incident-catalogued", incident.element(), values);
}

fn reference(maker: &mut Maker<'_>, reference: Reference<'_>) {
    let (mut values, mut told) = (Vec::new(), Vec::new());
    let own = reference.id();
    let id = own.as_ref().map(|(_, id)| catalogued(maker, id, &mut told)).unwrap_or_default();
    let is_known = !id.is_empty();
    values.extend(id);
    if let Some((list, id)) = own.filter(|_| !is_known) {
        // The number of the list in IANA's registry (RFC 7495): 1 is CVE, and ids of the others name their list themselves.
        values.push(Value::Mono(text::line(&id)));
        let list = list.filter(|_| !id.contains('-'));
        values.extend(list.map(|list| words(maker.words.format("incident-list", &[("list", &text::line(&list))]))));
    }
    for words in reference.urls().chain(child_texts(reference.element(), "Description")) {
        values.extend(catalogued(maker, &words, &mut told));
    }
    values.extend(reference.urls().map(defanged));
    values.extend(maker.said(&reference.descriptions()));
    maker.keyed(0, "incident-reference", reference.element(), values);
}

/// `csirt.example / 4711`.
fn name_of(id: IncidentId<'_>) -> String {
    match id.name() {
        Some(name) => format!("{name} / {}", id.text()),
        None => id.text().into_owned(),
    }
}

fn related(maker: &mut Maker<'_>, incident: Incident<'_>) {
    for id in incident.alternatives() {
        maker.count();
        maker.keyed(0, "incident-also-known", id.element(), vec![Value::Mono(text::line(&name_of(id)))]);
    }
    for activity in incident.related() {
        maker.count();
        let mut values: Vec<_> = activity.incidents().map(|id| Value::Mono(text::line(&name_of(id)))).collect();
        values.extend(activity.indicators().map(|id| Value::Mono(text::line(&id.text()))));
        values.extend(activity.urls().map(defanged));
        values.extend(maker.confidence(activity.confidence()));
        values.extend(maker.said(&activity.descriptions()));
        maker.keyed(0, "incident-related-to", activity.element(), values);
        for actor in activity.actors() {
            let values = named(maker, actor.ids(), actor.urls(), &actor.descriptions());
            maker.keyed(0, "incident-actor", actor.element(), values);
        }
        for campaign in activity.campaigns() {
            let values = named(maker, campaign.ids(), campaign.urls(), &campaign.descriptions());
            maker.keyed(0, "incident-campaign", campaign.element(), values);
        }
    }
}

fn named<'d>(
    maker: &Maker<'_>,
    ids: impl Iterator<Item = std::borrow::Cow<'d, str>>,
    urls: impl Iterator<Item = std::borrow::Cow<'d, str>>,
    texts: &[crate::iodef::view::Text<'d>],
) -> Vec<Value> {
    ids.map(words).chain(urls.map(defanged)).chain(maker.said(texts)).collect()
}

fn indicators(maker: &mut Maker<'_>, incident: Incident<'_>, found: &[Found<'_>], tagged: &Tagged<'_>) {
    for indicator in incident.indicators() {
        maker.count();
        head(maker, indicator);
        for row in indicator.rows() {
            let values = operand(maker, &row.operand, row.element, found, tagged);
            let sure = maker.confidence(row.confidence.clone());
            maker.add(row.depth + 1, String::new(), row.element, values.into_iter().chain(sure).collect());
        }
        for phase in indicator.phases() {
            let ids = phase.ids().collect::<Vec<_>>().join(" ");
            let mut values = catalogued(maker, &ids, &mut Vec::new());
            // A name with words around it keeps them.
            let is_name = |id: &str| catalogue::named(id).first().is_some_and(|(_, name)| name.len() == id.len());
            let other = phase.ids().filter(|id| !is_name(id));
            values.extend(named(maker, other, phase.urls(), &phase.descriptions()));
            maker.keyed(0, "incident-phase", phase.element(), values);
        }
        for one in indicator.references() {
            reference(maker, one);
        }
    }
}

fn head(maker: &mut Maker<'_>, indicator: Indicator<'_>) {
    let mut values = Vec::new();
    if let Some(id) = indicator.id() {
        values.push(Value::Mono(text::line(&id.text())));
        let version =
            id.version().map(|version| maker.words.format("incident-version", &[("version", &text::line(&version))]));
        values.extend(version.map(Value::Chip));
    }
    let (from, until) = indicator.valid();
    for (key, time) in [("incident-from", from), ("incident-until", until)] {
        if let Some(time) = time {
            values.extend([Value::Words(maker.words.text(key)), Value::Time(time)]);
        }
    }
    values.extend(maker.confidence(indicator.confidence()));
    values.extend(indicator.roles().filter_map(|role| chip(Some(role))));
    values.extend(maker.said(&indicator.descriptions()));
    maker.keyed(0, "incident-indicator", indicator.element(), values);
}

/// One row of an expression in words.
fn operand(
    maker: &Maker<'_>,
    operand: &Operand<'_>,
    element: Element<'_>,
    found: &[Found<'_>],
    tagged: &Tagged<'_>,
) -> Vec<Value> {
    match operand {
        Operand::Expression(operator) => {
            let key = match operator.as_str() {
                "and" => "incident-all-of",
                "or" => "incident-any-of",
                "not" => "incident-none-of",
                "xor" => "incident-one-of",
                _ => return vec![words(operator.as_str())],
            };
            vec![Value::Words(maker.words.text(key))]
        }
        Operand::Observable => {
            let values = values_in(maker, element, found);
            if values.is_empty() {
                vec![words(element.children().next().map_or("Observable", Element::local))]
            } else {
                values
            }
        }
        Operand::ObservableReference(id) => {
            let mut values = vec![Value::Words(maker.words.text("incident-refers")), Value::Mono(text::line(id))];
            values.extend(tagged.get(id).into_iter().flat_map(|target| values_in(maker, *target, found)));
            values
        }
        Operand::IndicatorReference(own, foreign) => {
            let id = own.as_ref().or(foreign.as_ref());
            let mut values = vec![Value::Words(maker.words.text("incident-refers-indicator"))];
            values.extend(id.map(|id| Value::Mono(text::line(id))));
            values
        }
    }
}

/// The observables inside an element, the first few by name.
fn values_in(maker: &Maker<'_>, element: Element<'_>, found: &[Found<'_>]) -> Vec<Value> {
    let from = found.partition_point(|one| one.element.id() < element.id());
    let inside = |id: NodeId| id == element.id() || element.contains(id);
    let inside: Vec<_> = found.iter().skip(from).take_while(|one| inside(one.element.id())).collect();
    let mut values: Vec<Value> = Vec::new();
    for one in inside.iter().take(NAMED) {
        values.extend([Value::Words(maker.words.text(of_key(one.of))), shown(one.kind(), &one.line())]);
    }
    values.extend(more(inside.len(), NAMED, maker.words));
    values
}
