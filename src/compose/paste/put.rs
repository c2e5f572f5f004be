//! Where each kind of value goes in a document: systems of a flow, records, methods (RFC 7970 §3.14-3.26), or indicators to
//! look for (§3.29).

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Paste;
use crate::compose::draft::Act;
use crate::compose::{cards, form};
use crate::iodef::edit::Fragment;
use crate::iodef::observable::{Algorithm, category};
use crate::iodef::schema::{Name, Space};
use crate::iodef::{Element, NS};
use crate::model::{ObservableKind, Typed};

/// As what values enter a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// What was part of the event; the token is a `System@category`: `source`, `target`…
    Event(&'static str),
    /// What to look for: an indicator each, and lists of many of a kind.
    Watch,
}

/// As many values of a kind are one list.
const LIST: usize = 20;

/// What a value is written as.
enum Put {
    System(Fragment),
    Url(Fragment),
    File(Fragment),
    Reference(Fragment),
}

impl Paste {
    /// What puts all that is taken into an incident, one after the other: those at its end come first, so that none moves
    /// what a later one names.
    #[must_use]
    pub fn acts(&self, incident: Element<'_>, manner: Manner) -> Vec<Act> {
        match manner {
            Manner::Event(role) => event(self, incident, role),
            Manner::Watch => watch(self, incident),
        }
    }
}

fn named(local: &'static str) -> Name<'static> {
    Name { ns: NS, local }
}

fn insert(parent: Element<'_>, local: &'static str, fragments: Vec<Fragment>) -> Option<Act> {
    let place = form::place(parent, named(local));
    (!fragments.is_empty()).then(|| Act::Insert { parent: parent.id(), place, fragments })
}

fn event(paste: &Paste, incident: Element<'_>, role: &str) -> Vec<Act> {
    let (mut systems, mut urls, mut files, mut references) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for put in puts(paste, role) {
        match put {
            Put::System(made) => systems.push(made),
            Put::Url(made) => urls.push(made),
            Put::File(made) => files.push(Fragment::new("FileData").with(made)),
            Put::Reference(made) => references.push(made),
        }
    }
    let all = |name: &str, inside: Vec<Fragment>| inside.into_iter().fold(Fragment::new(name), Fragment::with);
    let event = incident.child("EventData");
    let flow = event.and_then(|event| event.child("Flow"));
    let record = event.and_then(|event| event.child("Record"));
    let data = record.and_then(|record| record.child("RecordData"));
    let mut acts = Vec::new();
    let Some(event) = event else {
        let records = urls.into_iter().chain(files).collect::<Vec<_>>();
        let mut made = Fragment::new("EventData");
        if !systems.is_empty() {
            made = made.with(all("Flow", systems));
        }
        let is_more = !records.is_empty();
        let has_some = is_more || made != Fragment::new("EventData");
        if is_more {
            made = made.with(Fragment::new("Record").with(all("RecordData", records)));
        }
        acts.extend(has_some.then(|| insert(incident, "EventData", vec![made])).flatten());
        acts.extend(method(incident, references));
        return acts;
    };
    match (record, data) {
        (_, Some(data)) => {
            acts.extend(insert(data, "FileData", files));
            acts.extend(insert(data, "URL", urls));
        }
        (record, None) => {
            let records = urls.into_iter().chain(files).collect::<Vec<_>>();
            if !records.is_empty() {
                let data = all("RecordData", records);
                acts.extend(match record {
                    Some(record) => insert(record, "RecordData", vec![data]),
                    None => insert(event, "Record", vec![Fragment::new("Record").with(data)]),
                });
            }
        }
    }
    acts.extend(match flow {
        Some(flow) => insert(flow, "System", systems),
        None if systems.is_empty() => None,
        None => insert(event, "Flow", vec![all("Flow", systems)]),
    });
    acts.extend(method(incident, references));
    acts
}

/// References go into the method there is, or into a new one.
fn method(incident: Element<'_>, references: Vec<Fragment>) -> Option<Act> {
    match incident.child("Method") {
        Some(method) => insert(method, "Reference", references),
        None if references.is_empty() => None,
        None => {
            let made = references.into_iter().fold(Fragment::new("Method"), Fragment::with);
            insert(incident, "Method", vec![made])
        }
    }
}

fn puts(paste: &Paste, role: &str) -> Vec<Put> {
    let mut all = Vec::new();
    let mut files: BTreeMap<usize, Vec<(ObservableKind, &str)>> = BTreeMap::new();
    for (entry, kind, value) in paste.taken() {
        match kind {
            ObservableKind::File | ObservableKind::Hash => files.entry(entry.at.line).or_default().push((kind, value)),
            ObservableKind::Url => all.push(Put::Url(Fragment::leaf("URL", value))),
            ObservableKind::Cve => all.extend(cards::reference(value).map(Put::Reference)),
            _ => all.extend(address(kind, value).map(|address| {
                let system = Fragment::new("System").attr("category", role).with(Fragment::new("Node").with(address));
                Put::System(match entry.port {
                    // Of what is pasted with a port nearly all is TCP; RFC 7970 §3.20 wants a protocol beside it.
                    Some(port) => system.with(
                        Fragment::new("Service")
                            .attr("ip-protocol", "6")
                            .with(Fragment::leaf("Port", port.to_string())),
                    ),
                    None => system,
                })
            })),
        }
    }
    all.extend(files.into_values().flat_map(|line| of_line(&line)).map(Put::File));
    all
}

/// The files of one line: its digests are of the one file it names, unless two of them are of one algorithm.
fn of_line(line: &[(ObservableKind, &str)]) -> Vec<Fragment> {
    let names: Vec<&str> = line.iter().filter(|one| one.0 == ObservableKind::File).map(|one| one.1).collect();
    let digests: Vec<&str> = line.iter().filter(|one| one.0 == ObservableKind::Hash).map(|one| one.1).collect();
    let lengths: HashSet<usize> = digests.iter().map(|digest| digest.len()).collect();
    if names.len() <= 1 && lengths.len() == digests.len() {
        return vec![file(names.first().copied(), &digests)];
    }
    let named = names.iter().map(|name| file(Some(name), &[]));
    named.chain(digests.iter().map(|digest| file(None, &[digest]))).collect()
}

fn file(name: Option<&str>, digests: &[&str]) -> Fragment {
    let mut made = Fragment::new("File");
    if let Some(name) = name {
        made = made.with(Fragment::leaf("FileName", name));
    }
    let hashes: Vec<Fragment> = digests.iter().filter_map(|digest| hash(digest)).collect();
    if !hashes.is_empty() {
        let data = Fragment::new("HashData").attr("scope", "file-contents");
        made = made.with(hashes.into_iter().fold(data, Fragment::with));
    }
    made
}

/// `DigestValue` is Base64 (XML Signature §4.4.3.6), whatever people read.
fn hash(digits: &str) -> Option<Fragment> {
    let bytes: Vec<u8> = digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect::<Option<_>>()?;
    let uri = Algorithm::by_length(bytes.len())?.uri();
    let ds = |local: &str| Fragment::foreign(Space::Signature.uri(), Space::Signature.prefix(), local);
    let method = ds("DigestMethod").attr("Algorithm", uri);
    Some(Fragment::new("Hash").with(method).with(ds("DigestValue").text(STANDARD.encode(bytes))))
}

/// An address or a domain as a node has it.
fn address(kind: ObservableKind, value: &str) -> Option<Fragment> {
    let domain = || {
        // Always said, since the RFC's text demands what its schema does not (`DATA-MODEL.md` §10).
        Fragment::new("DomainData")
            .attr("system-status", "unknown")
            .attr("domain-status", "unknown")
            .with(Fragment::leaf("Name", value))
    };
    match kind {
        ObservableKind::Domain => Some(domain()),
        _ => {
            let typed = Typed::read(value)?;
            Some(Fragment::leaf("Address", typed.to_string()).attr("category", category(&typed)?))
        }
    }
}

fn watch(paste: &Paste, incident: Element<'_>) -> Vec<Act> {
    let csirt = incident.child("IncidentID").and_then(|id| id.attr("name")).unwrap_or_default().trim().to_owned();
    let mut taken: Vec<String> = form::names(incident.document()).into_iter().map(|name| name.id).collect();
    let mut lists: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut observables = Vec::new();
    for (_, kind, value) in paste.taken() {
        match bulk(kind, value) {
            Some((list, plain)) => lists.entry(list).or_default().push(plain),
            None => observables.extend(observable(kind, value)),
        }
    }
    for (list, values) in lists {
        if values.len() > LIST {
            let made = Fragment::new("BulkObservable").attr("type", list);
            observables.push(made.with(Fragment::leaf("BulkObservableList", values.join("\n"))));
        } else {
            observables.extend(values.iter().filter_map(|value| single(list, value)));
        }
    }
    let indicators = observables.into_iter().map(|observable| {
        let id = form::fresh(&taken, &format!("ind-{}", taken.len() + 1));
        let name = Fragment::leaf("IndicatorID", id.clone()).attr("name", csirt.clone()).attr("version", "1");
        taken.push(id);
        Fragment::new("Indicator").with(name).with(Fragment::new("Observable").with(observable))
    });
    let indicators: Vec<Fragment> = indicators.collect();
    let act = match incident.child("IndicatorData") {
        Some(data) => insert(data, "Indicator", indicators),
        None if indicators.is_empty() => None,
        None => {
            let made = indicators.into_iter().fold(Fragment::new("IndicatorData"), Fragment::with);
            insert(incident, "IndicatorData", vec![made])
        }
    };
    act.into_iter().collect()
}

/// The list that holds such values (RFC 7970 §3.29.3.1), and the value as a line of it.
fn bulk(kind: ObservableKind, value: &str) -> Option<(&'static str, String)> {
    Some(match kind {
        ObservableKind::Hash => ("file-hash", value.to_owned()),
        ObservableKind::Domain => ("domain-name", value.to_owned()),
        ObservableKind::File | ObservableKind::Cve | ObservableKind::Port | ObservableKind::Other => return None,
        _ => {
            let typed = Typed::read(value)?;
            (category(&typed)?, typed.to_string())
        }
    })
}

fn single(list: &str, value: &str) -> Option<Fragment> {
    match list {
        "file-hash" => Some(Fragment::new("FileData").with(file(None, &[value]))),
        "domain-name" => address(ObservableKind::Domain, value),
        category => Some(Fragment::leaf("Address", value).attr("category", category)),
    }
}

fn observable(kind: ObservableKind, value: &str) -> Option<Fragment> {
    match kind {
        ObservableKind::File => Some(Fragment::new("FileData").with(file(Some(value), &[]))),
        ObservableKind::Cve => cards::reference(value),
        _ => None,
    }
}
