//! What each element gives to the summary.

use std::collections::{BTreeMap, HashMap};

use super::held::Said;
use crate::iodef::observable::{self, Algorithm, Around, Attributes as _, Of, Slot};
use crate::iodef::tag::{Attrs, Key, Tag};
use crate::iodef::view::{restriction_of, sureness};
use crate::iodef::xml::Ns;
use crate::model::incident::Contact;
use crate::model::{Facets, Kind, Observable, Restriction, Severity, Stamp, Summary, Tlp};
use crate::text::xml::line_ends;
use crate::text::{cap, one_line};

/// Longest short field (names, tokens), in characters.
pub const FIELD: usize = 300;
/// Longest observable or namespace, in characters.
pub const VALUE: usize = 1024;
/// Longest description, in characters; what is longer is read in the raw view.
const DESCRIPTION: usize = 4000;
/// Descriptions, contacts and requests kept of one document.
const LIST: usize = 16;
/// Most observables [`super::index`] gives of one document.
pub const INDEXED: usize = 100_000;
/// Bytes collected of one text; only a bulk list may be longer.
const TEXT: usize = 16 << 10;

pub struct Collector {
    pub summary: Summary,
    path: Vec<Tag>,
    /// Open elements whose text is wanted; in a bent document one may stand in another.
    captures: Vec<Capture>,
    /// Their texts, one after the other.
    text: String,
    /// Depth of the first Incident while it is open.
    first: Option<usize>,
    /// Open contacts of that Incident: depth, index in the summary.
    contacts: Vec<(usize, usize)>,
    said: Said,
    facets: Facets,
    /// Canonical values and the order they came in, when they are wanted.
    index: Option<HashMap<Observable, usize>>,
    /// While the summary keeps all there are, and only others are wanted: how each was given, and its place there.
    waiting: Option<Vec<(Of, Option<Algorithm>, usize)>>,
    v1: bool,
    /// What is marked before the first Incident says its own restriction, by how strict it is: one of each, and how many.
    early: BTreeMap<Tlp, (Restriction, u32)>,
    /// What else may serve as title, best rank first.
    fallback: Option<(Rank, String)>,
}

/// A text that is being collected: what for, the depth of its element, and where its text starts.
struct Capture {
    what: What,
    depth: usize,
    from: usize,
}

enum What {
    /// `IncidentID`, with its name.
    Id(String),
    Description(Option<String>),
    Fallback(Rank),
    Time(When),
    ContactName,
    ContactEmail,
    Observed(Slot),
    Actor,
    Campaign,
    /// Of a Method; of the first Incident's, it may serve as title.
    Method {
        titles: bool,
    },
    /// With its rating.
    Confidence(String),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Event,
    Category,
    Impact,
    Method,
}

#[derive(Clone, Copy)]
enum When {
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
            captures: Vec::new(),
            text: String::new(),
            first: None,
            contacts: Vec::new(),
            said: Said::default(),
            facets: Facets::default(),
            index: None,
            waiting: None,
            v1: false,
            early: BTreeMap::new(),
            fallback: None,
        }
    }

    /// Keeps every observable for [`super::index`] too.
    pub fn indexing() -> Self {
        Self { index: Some(HashMap::new()), ..Self::new() }
    }

    /// As [`Collector::indexing`], and none where the summary keeps them all.
    pub fn exceeding() -> Self {
        Self { waiting: Some(Vec::new()), ..Self::indexing() }
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
            Tag::Document
            | Tag::Incident
            | Tag::Contact
            | Tag::BulkObservable
            | Tag::Enumerated
            | Tag::DigestMethod => {
                self.enter(ns, tag, attrs);
                None
            }
            Tag::Impact => {
                let severity = attrs.get(Key::Severity).and_then(Severity::from_token).unwrap_or_default();
                self.summary.severity = self.summary.severity.max(severity);
                self.impact(attrs);
                self.v1.then_some(What::Fallback(Rank::Impact))
            }
            Tag::IntendedImpact | Tag::HistoryItem | Tag::AdditionalData | Tag::Pattern => {
                self.mention(tag, attrs);
                None
            }
            Tag::Confidence if parent == Tag::Assessment => {
                attrs.get(Key::Rating).map(|rating| What::Confidence(field(rating)))
            }
            Tag::ThreatActorId => Some(What::Actor),
            Tag::CampaignId => Some(What::Campaign),
            Tag::Description if parent == Tag::ThreatActor => Some(What::Actor),
            Tag::Description if parent == Tag::Campaign => Some(What::Campaign),
            Tag::Description if parent == Tag::Method => Some(What::Method { titles: self.first.is_some() }),
            Tag::Expectation => {
                self.ask(&attrs.token(Key::Action, Key::ExtAction).unwrap_or("other".into()));
                None
            }
            Tag::Vulnerability => {
                if let Some(id) = observable::vulnerability(attrs) {
                    self.observe(Of::Cve, &id);
                }
                None
            }
            _ => self.field(tag, parent, attrs).or_else(|| {
                let above = self.path.len() - 1;
                let around =
                    Around { parent: Some(parent), bulk: self.said.kind(above), is_cve: self.said.is_cve(above) };
                Slot::of(tag, around, attrs).map(What::Observed)
            }),
        };
        if let Some(what) = what {
            self.captures.push(Capture { what, depth: self.path.len(), from: self.text.len() });
        }
    }

    /// Character data as written, without references.
    pub fn text(&mut self, written: &str) {
        if !self.captures.is_empty() {
            self.take_in(&line_ends(written));
        }
    }

    /// What a reference stands for; `&#13;` is no line's end (XML §2.11).
    pub fn char(&mut self, char: char) {
        self.take_in(char.encode_utf8(&mut [0; 4]));
    }

    fn take_in(&mut self, text: &str) {
        let Some(capture) = self.captures.last() else { return };
        let room = if matches!(capture.what, What::Observed(Slot::Lines(_) | Slot::One(Of::Certificate))) {
            usize::MAX
        } else {
            TEXT
        };
        // Children of a text element are not its text.
        if capture.depth == self.path.len() && self.text.len() - capture.from < room {
            self.text.push_str(text.get(..room).unwrap_or(text));
        }
    }

    pub fn close(&mut self) {
        let depth = self.path.len();
        if let Some(capture) = self.captures.pop_if(|capture| capture.depth == depth) {
            let mut text = std::mem::take(&mut self.text);
            self.take(capture.what, text.get(capture.from..).unwrap_or_default());
            text.truncate(capture.from);
            self.text = text;
        }
        if self.first == Some(depth) {
            self.first = None;
        }
        let _ = self.contacts.pop_if(|(opened, _)| *opened == depth);
        self.said.close(depth);
        let _ = self.path.pop();
    }

    /// The document cannot be read to its end: what it said of its restriction does not count.
    pub fn forget_restriction(&mut self) {
        self.summary.restriction = Restriction::Absent;
        self.summary.strictest = Restriction::Absent;
        self.summary.stricter_inside = 0;
    }

    pub fn finish(mut self, kind: Kind, lang: &str) -> (Summary, Vec<Observable>) {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let wanted = primary(lang);
        let preferred =
            self.summary.descriptions.iter().find(|(of, _)| of.as_deref().map(primary).as_ref() == Some(&wanted));
        let title = preferred.or(self.summary.descriptions.first()).map(|(_, text)| text.as_str());
        let title = title.or(self.fallback.as_ref().map(|(_, text)| text.as_str())).unwrap_or_default();
        self.summary.title = one_line(title, Summary::TITLE);
        self.summary.kind = kind;
        self.summary.facets = Some(self.facets);
        let mut index: Vec<_> = self.index.unwrap_or_default().into_iter().collect();
        index.sort_unstable_by_key(|(_, came)| *came);
        (self.summary, index.into_iter().map(|(observable, _)| observable).collect())
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
                        role: attrs.token(Key::Role, Key::ExtRole).map(|token| field(&token)).unwrap_or_default(),
                        kind: attrs.token(Key::Type, Key::ExtType).map(|token| field(&token)).unwrap_or_default(),
                        ..outer.unwrap_or_default()
                    });
                }
            }
            Tag::BulkObservable => {
                let kind = attrs.token(Key::Type, Key::ExtType).map(|kind| field(&kind)).unwrap_or_default();
                self.said.bulk(depth, kind);
            }
            Tag::Enumerated => self.said.reference(depth, observable::is_cve_index(attrs)),
            Tag::DigestMethod => {
                let algorithm = attrs.get(Key::Algorithm).and_then(Algorithm::of);
                self.said.method(depth - 1, algorithm);
                if let [.., Tag::BulkObservable, Tag::BulkFormat, Tag::Hash, _] = self.path.as_slice() {
                    self.said.format(depth - 3, algorithm);
                }
            }
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
        self.summary.purpose = attrs.token(Key::Purpose, Key::ExtPurpose).map(|token| field(&token));
        self.summary.status = attrs.token(Key::Status, Key::ExtStatus).map(|token| field(&token));
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
            Tag::IncidentCategory => return Some(What::Fallback(Rank::Category)),
            Tag::ContactName if self.is_in_contact(1) => return Some(What::ContactName),
            Tag::EmailTo if parent == Tag::Email && self.is_in_contact(2) => return Some(What::ContactEmail),
            Tag::Email if self.v1 && self.is_in_contact(1) => return Some(What::ContactEmail),
            Tag::GenerationTime if direct => When::Generated,
            Tag::ReportTime if direct => When::Reported,
            // What the Incident itself does not say, its first event may; children come later, so they never win.
            Tag::DetectTime if direct || parent == Tag::EventData => When::Detected,
            Tag::StartTime if direct || parent == Tag::EventData => When::Started,
            Tag::EndTime if direct || parent == Tag::EventData => When::Ended,
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
        // `IncidentID` and `Confidence` have something to say without text.
        if text.is_empty() && !matches!(what, What::Id(_) | What::Confidence(_)) {
            return;
        }
        match what {
            What::Id(name) => (self.summary.csirt, self.summary.id) = (name, field(text)),
            What::Description(lang) => {
                if self.summary.descriptions.len() < LIST {
                    self.summary.descriptions.push((lang, cap(text, DESCRIPTION)));
                }
            }
            What::Fallback(rank) => self.title(rank, text),
            What::Actor => name(&mut self.facets.actors, text),
            What::Campaign => name(&mut self.facets.campaigns, text),
            What::Method { titles } => {
                name(&mut self.facets.methods, text);
                if titles {
                    self.title(Rank::Method, text);
                }
            }
            What::Confidence(rating) => {
                let sure = sureness(&rating, || text);
                let kept = &mut self.facets.confidence;
                kept.extend(sure.filter(|sure| kept.len() < Facets::LIST && !kept.contains(sure)));
            }
            What::Time(slot) => {
                let slot = match slot {
                    When::Generated => &mut self.summary.generated,
                    When::Reported => &mut self.summary.reported,
                    When::Detected => &mut self.summary.detected,
                    When::Started => &mut self.summary.started,
                    When::Ended => &mut self.summary.ended,
                };
                if slot.is_none() {
                    *slot = Stamp::parse(text);
                }
            }
            What::ContactName | What::ContactEmail => self.contact(matches!(what, What::ContactName), text),
            What::Observed(slot) => {
                // A Reference in a Method, or in what a Method holds: its parents are at most four above its name.
                if matches!(slot, Slot::Reference { .. })
                    && self.path.iter().rev().take(6).any(|tag| *tag == Tag::Method)
                {
                    name(&mut self.facets.methods, text);
                }
                slot.values(text, |of, value| self.observe(of, value));
            }
        }
    }

    fn title(&mut self, rank: Rank, text: &str) {
        if self.fallback.as_ref().is_none_or(|(known, _)| rank < *known) {
            self.fallback = Some((rank, one_line(text, Summary::TITLE)));
        }
    }

    fn impact(&mut self, attrs: &Attrs<'_>) {
        if let Some(kind) = attrs.token(Key::Type, Key::ExtType) {
            name(&mut self.facets.impacts, &kind);
        }
    }

    /// Elements that say something by being there.
    fn mention(&mut self, tag: Tag, attrs: &Attrs<'_>) {
        match tag {
            Tag::IntendedImpact => self.impact(attrs),
            Tag::HistoryItem => self.facets.history = true,
            Tag::AdditionalData => self.facets.extended = true,
            _ => {
                if let Some(id) = attrs.get(Key::ContentId) {
                    name(&mut self.facets.methods, id);
                }
            }
        }
    }

    fn contact(&mut self, is_name: bool, text: &str) {
        let Some((_, index)) = self.contacts.last() else { return };
        let Some(contact) = self.summary.contacts.get_mut(*index) else { return };
        *(if is_name { &mut contact.name } else { &mut contact.email }) = Some(field(text));
    }

    /// A value said twice among those kept is one observable.
    fn observe(&mut self, of: Of, value: &str) {
        let kind = of.kind();
        let known = self.summary.observables.iter().position(|known| known.kind == kind && known.value == value);
        if self.index.is_some() {
            let in_bulk = self.path.last() == Some(&Tag::BulkObservableList);
            let algorithm = self.said.algorithm(self.path.len().saturating_sub(1), in_bulk);
            let next = self.summary.observables.len();
            let place = known.or((next < Summary::OBSERVABLES && value.len() <= VALUE).then_some(next));
            match (&mut self.waiting, place) {
                (Some(waiting), Some(place)) => {
                    if !waiting.contains(&(of, algorithm, place)) {
                        waiting.push((of, algorithm, place));
                    }
                }
                _ => {
                    self.settle();
                    self.keep(of, value, algorithm);
                }
            }
        }
        if known.is_some() {
            return;
        }
        self.summary.observables_total = self.summary.observables_total.saturating_add(1);
        let kept = &mut self.summary.observables;
        if kept.len() < Summary::OBSERVABLES {
            kept.push(Observable { kind, value: cap(value, VALUE) });
        }
    }

    /// What waited is wanted.
    fn settle(&mut self) {
        for (of, algorithm, place) in self.waiting.take().unwrap_or_default() {
            if let Some(value) = self.summary.observables.get(place).map(|kept| kept.value.clone()) {
                self.keep(of, &value, algorithm);
            }
        }
    }

    fn keep(&mut self, of: Of, value: &str, algorithm: Option<Algorithm>) {
        if let Some(index) = self.index.as_mut().filter(|index| index.len() < INDEXED) {
            let value = cap(&observable::canonical(of, value, algorithm), VALUE);
            let came = index.len();
            let _ = index.entry(Observable { kind: of.kind(), value }).or_insert(came);
        }
    }
}

fn restriction(attrs: &Attrs<'_>) -> Option<Restriction> {
    Some(restriction_of(attrs.get(Key::Restriction)?, attrs.get(Key::ExtRestriction)))
}

/// Keeps a value, once.
fn name(list: &mut Vec<String>, text: &str) {
    if list.len() < Facets::LIST && !text.is_empty() {
        let text = field(text);
        if !text.is_empty() && !list.contains(&text) {
            list.push(text);
        }
    }
}

fn field(text: &str) -> String {
    one_line(text, FIELD)
}
