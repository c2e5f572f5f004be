//! Every observable of a document in one walk, with what holds for it: search, leak guard, exports and the warning lists
//! use this and nothing else.

use std::borrow::Cow;

use super::doc::{Document, Element};
use super::observable::{self, Algorithm, Around, Attributes as _, Of, Slot};
use super::tag::{Key, Tag};
use super::view::{Confidence, Marking, Token, indicator, marking};
use super::xml::Ns;
use crate::model::{ObservableKind, Stamp};

/// A value that was seen or is to be looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'d> {
    pub of: Of,
    /// For comparing and searching.
    pub canonical: String,
    /// As the document writes it, trimmed.
    pub original: Cow<'d, str>,
    /// Of a digest or a certificate's fingerprint.
    pub algorithm: Option<Algorithm>,
    /// Where it stands: the element whose text, or whose attribute, it is.
    pub element: Element<'d>,
    /// What restriction is in force there.
    pub marking: Marking<'d>,
    /// The innermost `Indicator` around it.
    pub indicator: Option<Element<'d>>,
    pub confidence: Option<Confidence<'d>>,
    /// The indicator's interval; an open end is `None`.
    pub valid: (Option<Stamp>, Option<Stamp>),
    /// What the system it belongs to was: source, target…
    pub role: Option<Token<'d>>,
}

impl Found<'_> {
    #[must_use]
    pub fn kind(&self) -> ObservableKind {
        self.of.kind()
    }

    /// As the document writes it, on one line: senders fold long links and keys, and what is folded is nowhere found.
    #[must_use]
    pub fn line(&self) -> Cow<'_, str> {
        if !self.original.contains(['\n', '\r', '\t']) {
            return Cow::Borrowed(&self.original);
        }
        let words = self.original.split_whitespace();
        let whole = match self.of {
            Of::RegistryKey => return Cow::Borrowed(&self.canonical),
            Of::Hash | Of::Certificate => Some(words.clone().collect()),
            Of::Url => observable::unfolded(&self.original),
            _ => None,
        };
        Cow::Owned(whole.unwrap_or_else(|| words.collect::<Vec<_>>().join(" ")))
    }
}

/// All observables in document order, repeated ones as often as they are said.
#[must_use]
pub fn all(document: &Document) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for element in std::iter::once(document.root()).chain(document.root().descendants()) {
        in_element(element, &mut found);
    }
    found
}

fn tag(element: Element<'_>) -> Tag {
    Tag::of(Ns::of(element.ns()), element.local())
}

fn in_element<'d>(element: Element<'d>, found: &mut Vec<Found<'d>>) {
    let tag = tag(element);
    if tag == Tag::Other {
        return;
    }
    if tag == Tag::Vulnerability {
        if let Some(id) = observable::vulnerability(&element) {
            let about = About::of(element);
            found.push(about.found(Of::Cve, &id, Cow::Owned(id.clone().into_owned())));
        }
        return;
    }
    let Some(slot) = slot(element, tag) else { return };
    let about = About::of(element);
    match element.text() {
        Cow::Borrowed(text) => slot.values(text, |of, value| found.push(about.found(of, value, Cow::Borrowed(value)))),
        Cow::Owned(text) => {
            slot.values(&text, |of, value| found.push(about.found(of, value, Cow::Owned(value.to_owned()))));
        }
    }
}

/// What the text of an element holds.
fn slot(element: Element<'_>, tag: Tag) -> Option<Slot> {
    let parent = element.parent();
    let bulk = match (tag, parent) {
        (Tag::BulkObservableList, Some(parent)) if self::tag(parent) == Tag::BulkObservable => {
            parent.token(Key::Type, Key::ExtType).map(Cow::into_owned)
        }
        _ => None,
    };
    let around = Around {
        parent: parent.map(self::tag),
        bulk: bulk.as_deref().unwrap_or_default(),
        is_cve: parent.is_some_and(|parent| self::tag(parent) == Tag::Enumerated && observable::is_cve_index(&parent)),
    };
    Slot::of(tag, around, &element)
}

/// The one value an element's text is, for comparing; `None` where it is none, or a list.
pub(super) fn only(element: Element<'_>) -> Option<String> {
    let tag = tag(element);
    let slot = if tag == Tag::Other { None } else { slot(element, tag) };
    let slot = slot.filter(|slot| !matches!(slot, Slot::Lines(_)))?;
    let (text, mut only) = (element.text(), None);
    slot.values(&text, |of, value| {
        let host = (of == Of::Network).then(|| observable::host(value)).flatten();
        only = Some(host.unwrap_or_else(|| observable::canonical(of, value, algorithm(element)).into_owned()));
    });
    only
}

/// What holds for all values of one element.
struct About<'d> {
    element: Element<'d>,
    algorithm: Option<Algorithm>,
    marking: Marking<'d>,
    indicator: Option<Element<'d>>,
    confidence: Option<Confidence<'d>>,
    valid: (Option<Stamp>, Option<Stamp>),
    role: Option<Token<'d>>,
}

impl<'d> About<'d> {
    fn of(element: Element<'d>) -> Self {
        let (mut indicator, mut system, mut confidence) = (None, None, None);
        for one in element.ancestors() {
            if indicator.is_none() {
                confidence = confidence.or_else(|| self::confidence(one));
                indicator = Some(one).filter(|one| one.is("Indicator"));
            }
            system = system.or_else(|| Some(one).filter(|one| one.is("System")));
        }
        let time = |name| head(indicator?, name).and_then(|time| Stamp::parse(&time.text()));
        Self {
            element,
            algorithm: algorithm(element),
            marking: marking(element),
            indicator,
            confidence,
            valid: (time("StartTime"), time("EndTime")),
            role: system.and_then(|system| Token::of(system, "category")),
        }
    }

    fn found(&self, of: Of, value: &str, original: Cow<'d, str>) -> Found<'d> {
        let canonical = observable::canonical(of, value, self.algorithm).into_owned();
        let algorithm = match of {
            Of::Hash => self.algorithm.or_else(|| Algorithm::by_length(canonical.len() / 2)),
            Of::Certificate => Some(Algorithm::Sha256),
            _ => None,
        };
        Found {
            of,
            canonical,
            original,
            algorithm,
            element: self.element,
            marking: self.marking.clone(),
            indicator: self.indicator,
            confidence: self.confidence.clone(),
            valid: self.valid.clone(),
            role: self.role.clone(),
        }
    }
}

/// How far one looks beside a value for what bears on it: no honest document has it farther off, and a hostile one would
/// have all its siblings looked through for each of them.
const BESIDE: usize = 64;

/// A child of an indicator that the schema has before its observables.
fn head<'d>(indicator: Element<'d>, local: &str) -> Option<Element<'d>> {
    indicator.children().take(BESIDE).find(|child| child.is(local))
}

/// The first `ds:DigestMethod` before a digest, or in the format of a bulk list.
fn algorithm<'d>(element: Element<'d>) -> Option<Algorithm> {
    let parent = element.parent()?;
    let mut before = parent.children().take(BESIDE).take_while(|child| child.id() < element.id());
    let inside =
        |element: Element<'d>, tag| element.children().take(BESIDE).filter(move |child| self::tag(*child) == tag);
    let method = match self::tag(element) {
        Tag::Digest => before.find(|child| self::tag(*child) == Tag::DigestMethod),
        Tag::BulkObservableList if self::tag(parent) == Tag::BulkObservable => before
            .filter(|child| self::tag(*child) == Tag::BulkFormat)
            .flat_map(|format| inside(format, Tag::Hash))
            .flat_map(|hash| inside(hash, Tag::DigestMethod))
            .next(),
        _ => None,
    };
    Algorithm::of(method?.attr("Algorithm")?.trim())
}

/// The confidence that `one` says of what is inside it: in an expression the one after the operand, else the indicator's
/// own (RFC 7970 §3.29.5).
fn confidence(one: Element<'_>) -> Option<Confidence<'_>> {
    let own =
        || Some(one).filter(|one| one.is("Indicator")).and_then(|one| head(one, "Confidence")).map(Confidence::of);
    indicator::confidence(one).or_else(own)
}
