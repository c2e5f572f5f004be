//! What each element gives to the summary.

use std::collections::BTreeMap;

use super::tag::{Attrs, Key, Tag};
use crate::iodef::observable;
use crate::iodef::xml::Ns;
use crate::model::incident::Contact;
use crate::model::{Kind, Observable, ObservableKind, Restriction, Severity, Stamp, Summary, Tlp};
use crate::text::{cap, one_line};

/// Longest short field (names, tokens), in characters.
pub const FIELD: usize = 300;
/// Longest observable or namespace, in characters.
pub const VALUE: usize = 1024;
/// Longest description, in characters; what is longer is read in the raw view.
const DESCRIPTION: usize = 4000;
/// Descriptions, contacts and requests kept of one document.
const LIST: usize = 16;
/// Bytes collected of one text; only a bulk list may be longer.
const TEXT: usize = 16 << 10;

pub struct Collector {
    pub summary: Summary,
    path: Vec<Tag>,
    capture: Option<Capture>,
    text: String,
    /// Depth of the first Incident while it is open.
    first: Option<usize>,
    /// Open contacts of that Incident: depth, index in the summary.
    contacts: Vec<(usize, usize)>,
    /// `BulkObservable@type` of the one that is open.
    bulk: String,
    v1: bool,
    /// What is marked before the first Incident says its own restriction, by how strict it is: one of each, and how many.
    early: BTreeMap<Tlp, (Restriction, u32)>,
    /// What else may serve as title, best rank first.
    fallback: Option<(Rank, String)>,
}

/// A text that is being collected: what for, and the depth of its element.
struct Capture {
    what: What,
    depth: usize,
}

enum What {
    /// `IncidentID`, with its name.
    Id(String),
    Description(Option<String>),
    Fallback(Rank),
    Time(Slot),
    ContactName,
    ContactEmail,
    Value(ObservableKind),
    /// An address in a category of this kind; the text decides between the families of IP.
    Address(ObservableKind),
    Bulk,
    /// A reference that is an observable only if it is a CVE.
    Cve,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Event,
    Category,
    Impact,
    Method,
}

#[derive(Clone, Copy)]
enum Slot {
    Generated,
    Reported,
    Detected,
    Started,
    Ended,
}

impl Collector {
    pub fn new() -> Self {
        Self {
            summary: Summary::of_kind(Kind::Empty),
            path: Vec::with_capacity(16),
            capture: None,
            text: String::new(),
            first: None,
            contacts: Vec::new(),
            bulk: String::new(),
            v1: false,
            early: BTreeMap::new(),
            fallback: None,
        }
    }

    pub fn open(&mut self, ns: Ns, tag: Tag, attrs: &Attrs<'_>) {
        let parent = self.path.last().copied().unwrap_or(Tag::Other);
        self.path.push(tag);
        if ns.is_iodef() && tag != Tag::Incident {
            // Only Incident has a default (`DATA-MODEL.md` §6); elsewhere an absent value inherits and adds nothing.
            if let Some(own) = restriction(attrs) {
                self.mark(own);
            }
        }
        let what = match tag {
            Tag::Other => None,
            Tag::Document | Tag::Incident | Tag::Contact | Tag::BulkObservable => {
                self.enter(ns, tag, attrs);
                None
            }
            Tag::Impact => {
                let severity = attrs.get(Key::Severity).and_then(Severity::from_token).unwrap_or_default();
                self.summary.severity = self.summary.severity.max(severity);
                self.v1.then_some(What::Fallback(Rank::Impact))
            }
            Tag::Expectation => {
                self.ask(attrs.token(Key::Action, Key::ExtAction).unwrap_or("other"));
                None
            }
            Tag::Vulnerability => {
                if let Some(id) = attrs.get(Key::ContentId).filter(|id| is_cve(id)) {
                    self.observe(ObservableKind::Cve, id);
                }
                None
            }
            _ => self.field(tag, parent, attrs).or_else(|| observed(tag, parent, attrs)),
        };
        if let Some(what) = what {
            self.text.clear();
            self.capture = Some(Capture { what, depth: self.path.len() });
        }
    }

    pub fn text(&mut self, text: &str) {
        let Some(capture) = &self.capture else { return };
        let room = if matches!(capture.what, What::Bulk) { usize::MAX } else { TEXT };
        // Children of a text element are not its text.
        if capture.depth == self.path.len() && self.text.len() < room {
            self.text.push_str(text.get(..room).unwrap_or(text));
        }
    }

    pub fn close(&mut self) {
        let depth = self.path.len();
        if let Some(capture) = self.capture.take_if(|capture| capture.depth == depth) {
            let text = std::mem::take(&mut self.text);
            self.take(capture.what, &text);
            self.text = text;
        }
        if self.first == Some(depth) {
            self.first = None;
        }
        let _ = self.contacts.pop_if(|(opened, _)| *opened == depth);
        let _ = self.path.pop();
    }

    /// The document cannot be read to its end: what it said of its restriction does not count.
    pub fn forget_restriction(&mut self) {
        self.summary.restriction = Restriction::Absent;
        self.summary.strictest = Restriction::Absent;
        self.summary.stricter_inside = 0;
    }

    pub fn finish(mut self, kind: Kind, lang: &str) -> Summary {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let wanted = primary(lang);
        let preferred =
            self.summary.descriptions.iter().find(|(of, _)| of.as_deref().map(primary).as_ref() == Some(&wanted));
        let title = preferred.or(self.summary.descriptions.first()).map(|(_, text)| text.as_str());
        let title = title.or(self.fallback.as_ref().map(|(_, text)| text.as_str())).unwrap_or_default();
        self.summary.title = one_line(title, Summary::TITLE);
        self.summary.kind = kind;
        self.summary
    }

    /// Elements with state of their own.
    fn enter(&mut self, ns: Ns, tag: Tag, attrs: &Attrs<'_>) {
        let depth = self.path.len();
        match tag {
            Tag::Document if depth == 1 => {
                self.v1 = ns == Ns::Iodef1;
                self.summary.lang = attrs.get(Key::Lang).map(field);
            }
            Tag::Incident => self.incident(attrs, depth),
            Tag::Contact => {
                // A contact inside another inherits what it does not say itself (`DATA-MODEL.md` §9).
                let outer = self.contacts.last().and_then(|(_, index)| self.summary.contacts.get(*index)).cloned();
                let mine = self.first.is_some_and(|first| first + 1 == depth) || outer.is_some();
                if mine && self.summary.contacts.len() < LIST {
                    self.contacts.push((depth, self.summary.contacts.len()));
                    self.summary.contacts.push(Contact {
                        role: attrs.token(Key::Role, Key::ExtRole).map(field).unwrap_or_default(),
                        kind: attrs.token(Key::Type, Key::ExtType).map(field).unwrap_or_default(),
                        ..outer.unwrap_or_default()
                    });
                }
            }
            Tag::BulkObservable => self.bulk = attrs.token(Key::Type, Key::ExtType).map(field).unwrap_or_default(),
            _ => {}
        }
    }

    fn incident(&mut self, attrs: &Attrs<'_>, depth: usize) {
        let own = restriction(attrs).unwrap_or(Restriction::Absent);
        // One inside an Observable is a nested document of sorts, but its restriction counts.
        let top = depth == 1 || (depth == 2 && self.path.first() == Some(&Tag::Document));
        if top {
            self.summary.incidents = self.summary.incidents.saturating_add(1);
        }
        if !top || self.summary.incidents > 1 {
            self.mark(own);
            return;
        }
        self.first = Some(depth);
        self.summary.restriction = own.clone();
        self.summary.strictest = own;
        for (restriction, count) in std::mem::take(&mut self.early).into_values() {
            self.weigh(restriction, count);
        }
        self.summary.purpose = attrs.token(Key::Purpose, Key::ExtPurpose).map(field);
        self.summary.status = attrs.token(Key::Status, Key::ExtStatus).map(field);
        if let Some(lang) = attrs.get(Key::Lang) {
            self.summary.lang = Some(field(lang));
        }
    }

    /// Notes an element's own restriction.
    fn mark(&mut self, own: Restriction) {
        if self.summary.incidents > 0 {
            return self.weigh(own, 1);
        }
        let (_, count) = self.early.entry(own.tlp()).or_insert((own, 0));
        *count = count.saturating_add(1);
    }

    /// Holds a restriction that `count` elements have against that of the first Incident.
    fn weigh(&mut self, own: Restriction, count: u32) {
        if own.tlp() > self.summary.restriction.tlp() {
            self.summary.stricter_inside = self.summary.stricter_inside.saturating_add(count);
        }
        if own.tlp() > self.summary.strictest.tlp() {
            self.summary.strictest = own;
        }
    }

    fn ask(&mut self, action: &str) {
        let asks = &mut self.summary.asks;
        if asks.len() < LIST && !asks.iter().any(|known| known == action) {
            asks.push(field(action));
        }
    }

    /// Fields of the first Incident.
    fn field(&self, tag: Tag, parent: Tag, attrs: &Attrs<'_>) -> Option<What> {
        let first = self.first?;
        let direct = self.path.len() == first + 1;
        let slot = match tag {
            Tag::IncidentId if direct => return Some(What::Id(attrs.get(Key::Name).map(field).unwrap_or_default())),
            Tag::Description if direct => {
                return Some(What::Description(attrs.get(Key::Lang).map(field).or_else(|| self.summary.lang.clone())));
            }
            Tag::Description if parent == Tag::EventData => return Some(What::Fallback(Rank::Event)),
            Tag::Description if parent == Tag::Method => return Some(What::Fallback(Rank::Method)),
            Tag::IncidentCategory => return Some(What::Fallback(Rank::Category)),
            Tag::ContactName if self.is_in_contact(1) => return Some(What::ContactName),
            Tag::EmailTo if parent == Tag::Email && self.is_in_contact(2) => return Some(What::ContactEmail),
            Tag::Email if self.v1 && self.is_in_contact(1) => return Some(What::ContactEmail),
            Tag::GenerationTime if direct => Slot::Generated,
            Tag::ReportTime if direct => Slot::Reported,
            // What the Incident itself does not say, its first event may; children come later, so they never win.
            Tag::DetectTime if direct || parent == Tag::EventData => Slot::Detected,
            Tag::StartTime if direct || parent == Tag::EventData => Slot::Started,
            Tag::EndTime if direct || parent == Tag::EventData => Slot::Ended,
            _ => return None,
        };
        Some(What::Time(slot))
    }

    /// Whether an open contact is `above` levels over the element just opened.
    fn is_in_contact(&self, above: usize) -> bool {
        self.contacts.last().is_some_and(|(depth, _)| depth + above == self.path.len())
    }

    fn take(&mut self, what: What, text: &str) {
        let text = text.trim();
        // `IncidentID` alone has something to say without text.
        if text.is_empty() && !matches!(what, What::Id(_)) {
            return;
        }
        match what {
            What::Id(name) => (self.summary.csirt, self.summary.id) = (name, field(text)),
            What::Description(lang) => {
                if self.summary.descriptions.len() < LIST {
                    self.summary.descriptions.push((lang, cap(text, DESCRIPTION)));
                }
            }
            What::Fallback(rank) => {
                if self.fallback.as_ref().is_none_or(|(known, _)| rank < *known) {
                    self.fallback = Some((rank, one_line(text, Summary::TITLE)));
                }
            }
            What::Time(slot) => {
                let slot = match slot {
                    Slot::Generated => &mut self.summary.generated,
                    Slot::Reported => &mut self.summary.reported,
                    Slot::Detected => &mut self.summary.detected,
                    Slot::Started => &mut self.summary.started,
                    Slot::Ended => &mut self.summary.ended,
                };
                if slot.is_none() {
                    *slot = Stamp::parse(text);
                }
            }
            What::ContactName | What::ContactEmail => self.contact(matches!(what, What::ContactName), text),
            What::Value(kind) => self.observe(kind, text),
            What::Address(kind) => self.observe(observable::address_kind(kind, text), text),
            What::Bulk => self.bulk(text),
            What::Cve if is_cve(text) => self.observe(ObservableKind::Cve, text),
            What::Cve => {}
        }
    }

    fn contact(&mut self, is_name: bool, text: &str) {
        let Some((_, index)) = self.contacts.last() else { return };
        let Some(contact) = self.summary.contacts.get_mut(*index) else { return };
        *(if is_name { &mut contact.name } else { &mut contact.email }) = Some(field(text));
    }

    /// One value a line; tuples are comma-separated (RFC 7970 §3.29.1).
    fn bulk(&mut self, text: &str) {
        let kinds = observable::bulk_kinds(&self.bulk);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match kinds {
                [kind] => self.observe(*kind, line),
                _ => kinds.iter().zip(line.split(',')).for_each(|(kind, part)| self.observe(*kind, part)),
            }
        }
    }

    /// A value said twice among those kept is one observable.
    fn observe(&mut self, kind: ObservableKind, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let kept = &mut self.summary.observables;
        let room = kept.len() < Summary::OBSERVABLES;
        if kept.iter().any(|known| known.kind == kind && known.value == value) {
            return;
        }
        self.summary.observables_total = self.summary.observables_total.saturating_add(1);
        if room {
            kept.push(Observable { kind, value: cap(value, VALUE) });
        }
    }
}

/// Where an element holds an observable value.
fn observed(tag: Tag, parent: Tag, attrs: &Attrs<'_>) -> Option<What> {
    let kind = match tag {
        Tag::Address => {
            let category = attrs.token(Key::Category, Key::ExtCategory).unwrap_or("ipv6-addr");
            return Some(What::Address(observable::category_kind(category)));
        }
        Tag::BulkObservableList => return Some(What::Bulk),
        Tag::ReferenceId => return Some(What::Cve),
        Tag::DomainName => ObservableKind::Domain,
        Tag::Port => ObservableKind::Port,
        Tag::EmailTo | Tag::EmailFrom if parent == Tag::EmailData => ObservableKind::Email,
        Tag::Digest => ObservableKind::Hash,
        Tag::FileName => ObservableKind::File,
        Tag::KeyName => ObservableKind::Other,
        // Elsewhere a URL is a reference to read, not a thing that was seen.
        Tag::Url if parent == Tag::RecordData || parent == Tag::File => ObservableKind::Url,
        Tag::RecordItem if attrs.get(Key::Dtype) == Some("url") => ObservableKind::Url,
        _ => return None,
    };
    Some(What::Value(kind))
}

fn restriction(attrs: &Attrs<'_>) -> Option<Restriction> {
    match attrs.get(Key::Restriction)? {
        "ext-value" => Some(Restriction::Other(field(attrs.get(Key::ExtRestriction).unwrap_or("ext-value")))),
        token => Some(Restriction::from_token(&field(token))),
    }
}

fn is_cve(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"))
}

fn field(text: &str) -> String {
    one_line(text, FIELD)
}
