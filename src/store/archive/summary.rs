//! A summary as the archive keeps it. A cache: what cannot be read is made again from the payload.
//!
//! May use `model` and what the index says of a summary.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::code::{Reader, Writer};
use super::moment;
use crate::model::incident::Contact;
use crate::model::{Facets, Kind, Observable, ObservableKind, Restriction, Say, Severity, Stamp, Summary};
use crate::store::Name;
use crate::store::index::said;

/// Raised with every change. What bears one before is read, without what it does not know, and made again in its turn
/// ([`super::renew`]); what bears any other is made again at once.
const VERSION: u8 = 3;
/// The names in its [`Facets`] were no words to find it by.
const NAMELESS: u8 = 2;
/// Without [`Facets`].
const BARE: u8 = 1;

pub fn write(summary: &Summary) -> Vec<u8> {
    let Summary {
        kind,
        csirt,
        id,
        title,
        descriptions,
        purpose,
        status,
        severity,
        restriction,
        strictest,
        stricter_inside,
        generated,
        reported,
        detected,
        started,
        ended,
        contacts,
        asks,
        observables,
        observables_total,
        incidents,
        lang,
        facets,
    } = summary;
    // Longer than most are, so that few are moved while they grow.
    let long: usize = descriptions.iter().map(|(_, text)| text.len()).sum();
    let mut w = Writer(Vec::with_capacity(640 + title.len() + long + 32 * observables.len()));
    w.byte(if facets.is_some() { VERSION } else { BARE });
    self::kind(&mut w, kind);
    [csirt, id, title].into_iter().for_each(|text| w.text(text));
    w.list(descriptions.iter(), |w, (lang, text)| {
        w.maybe(lang.as_deref(), Writer::text);
        w.text(text);
    });
    [purpose, status, lang].into_iter().for_each(|text| w.maybe(text.as_deref(), Writer::text));
    w.byte(self::severity(*severity));
    [restriction, strictest].into_iter().for_each(|word| self::restriction(&mut w, word));
    [stricter_inside, observables_total, incidents].into_iter().for_each(|count| w.number(u64::from(*count)));
    [generated, reported, detected, started, ended].into_iter().for_each(|stamp| {
        w.maybe(stamp.as_ref(), |w, stamp| {
            w.signed(moment::write(stamp.at));
            w.byte(u8::from(stamp.zoned));
            w.text(&stamp.text);
        });
    });
    w.list(contacts.iter(), |w, contact| {
        [&contact.role, &contact.kind].into_iter().for_each(|text| w.text(text));
        [&contact.name, &contact.email].into_iter().for_each(|text| w.maybe(text.as_deref(), Writer::text));
    });
    w.list(asks.iter(), |w, ask| w.text(ask));
    w.list(observables.iter(), |w, observable| {
        w.byte(observable_kind(observable.kind));
        w.text(&observable.value);
    });
    if let Some(facets) = facets {
        self::facets(&mut w, facets);
    }
    w.0
}

fn facets(w: &mut Writer, facets: &Facets) {
    let Facets { actors, campaigns, methods, impacts, confidence, history, extended } = facets;
    for list in [actors, campaigns, methods, impacts] {
        w.list(list.iter(), |w, text| w.text(text));
    }
    w.bytes(confidence);
    w.byte(u8::from(*history) | u8::from(*extended) << 1);
}

fn read_facets(r: &mut Reader<'_>) -> Option<Facets> {
    let mut list = || r.list(Reader::text);
    let (actors, campaigns, methods, impacts) = (list()?, list()?, list()?, list()?);
    let confidence = r.bytes()?.to_vec();
    let marks = r.byte()?;
    let (history, extended) = (marks & 1 != 0, marks & 2 != 0);
    Some(Facets { actors, campaigns, methods, impacts, confidence, history, extended })
}

/// The summary of what was lost with its summary.
pub fn lost() -> Summary {
    Summary::of_kind(Kind::Invalid(Say::new("error-store-lost")))
}

/// Whether a kept summary is of the same document; one that an earlier version made says less.
pub fn is_of(kept: &[u8], made: &[u8]) -> bool {
    let (Some(kept), Some(made)) = (read(kept), read(made)) else { return false };
    let facets = kept.facets.as_ref().and(made.facets.clone());
    kept == Summary { facets, ..made }
}

/// Whether a version before made it, and this one makes more of its document.
pub fn is_before(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(&BARE) => true,
        Some(&NAMELESS) => read(bytes).is_some_and(|summary| said::names(&summary).next().is_some()),
        _ => false,
    }
}

pub fn read(bytes: &[u8]) -> Option<Summary> {
    let mut r = Reader(bytes);
    let version = r.byte()?;
    if ![VERSION, NAMELESS, BARE].contains(&version) {
        return None;
    }
    let kind = read_kind(&mut r)?;
    let (csirt, id, title) = (r.text()?, r.text()?, r.text()?);
    let descriptions = r.list(|r| Some((r.maybe(Reader::text)?, r.text()?)))?;
    let [purpose, status, lang] = [r.maybe(Reader::text)?, r.maybe(Reader::text)?, r.maybe(Reader::text)?];
    let severity = read_severity(r.byte()?)?;
    let [restriction, strictest] = [read_restriction(&mut r)?, read_restriction(&mut r)?];
    let mut count = || u32::try_from(r.number()?).ok();
    let [stricter_inside, observables_total, incidents] = [count()?, count()?, count()?];
    let mut stamp = || r.maybe(read_stamp);
    let [generated, reported, detected, started, ended] = [stamp()?, stamp()?, stamp()?, stamp()?, stamp()?];
    let contacts = r.list(|r| {
        let (role, kind) = (r.text()?, r.text()?);
        Some(Contact { role, kind, name: r.maybe(Reader::text)?, email: r.maybe(Reader::text)? })
    })?;
    let asks = r.list(Reader::text)?;
    let observables = r.list(|r| Some(Observable { kind: read_observable_kind(r.byte()?)?, value: r.text()? }))?;
    let facets = if version == BARE { None } else { Some(read_facets(&mut r)?) };
    Some(Summary {
        kind,
        csirt,
        id,
        title,
        descriptions,
        purpose,
        status,
        severity,
        restriction,
        strictest,
        stricter_inside,
        generated,
        reported,
        detected,
        started,
        ended,
        contacts,
        asks,
        observables,
        observables_total,
        incidents,
        lang,
        facets,
    })
}

/// What a kept summary is called: its first part, without reading the others.
pub fn name(bytes: &[u8]) -> Option<Name<'_>> {
    let mut r = Reader(bytes);
    let version = r.byte()?;
    if ![VERSION, NAMELESS, BARE].contains(&version) {
        return None;
    }
    let _ = read_kind(&mut r)?;
    Some(Name { csirt: r.str()?, id: r.str()?, title: r.str()? })
}

fn read_stamp(r: &mut Reader<'_>) -> Option<Stamp> {
    Some(Stamp { at: moment::read(r.signed()?), zoned: r.byte()? != 0, text: r.text()? })
}

fn kind(w: &mut Writer, kind: &Kind) {
    match kind {
        Kind::Iodef2 => w.byte(0),
        Kind::Iodef1 => w.byte(1),
        Kind::Foreign { namespace, name } => {
            w.byte(2);
            w.text(namespace);
            w.text(name);
        }
        Kind::Invalid(say) => {
            w.byte(3);
            w.text(say.key);
            w.list(say.args.iter(), |w, (name, value)| {
                w.text(name);
                w.text(value);
            });
        }
        Kind::Empty => w.byte(4),
        Kind::Gone => w.byte(5),
    }
}

fn read_kind(r: &mut Reader<'_>) -> Option<Kind> {
    Some(match r.byte()? {
        0 => Kind::Iodef2,
        1 => Kind::Iodef1,
        2 => Kind::Foreign { namespace: r.text()?, name: r.text()? },
        3 => {
            let key = word(&r.text()?)?;
            Kind::Invalid(Say { key, args: r.list(|r| Some((word(&r.text()?)?, r.text()?)))? })
        }
        4 => Kind::Empty,
        5 => Kind::Gone,
        _ => return None,
    })
}

/// A key of the catalog: the program's own word, of which there are few. They live as long as the program, as a key
/// written in it does.
fn word(text: &str) -> Option<&'static str> {
    const MOST: usize = 256;
    static WORDS: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    let words = words.get_or_insert_default();
    if let Some(known) = words.get(text) {
        return Some(known);
    }
    let plain = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !plain || words.len() >= MOST {
        return None;
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    let _ = words.insert(kept);
    Some(kept)
}

pub fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Unknown => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
    }
}

fn read_severity(byte: u8) -> Option<Severity> {
    [Severity::Unknown, Severity::Low, Severity::Medium, Severity::High].get(usize::from(byte)).copied()
}

fn restriction(w: &mut Writer, restriction: &Restriction) {
    match restriction {
        Restriction::Absent => w.byte(0),
        Restriction::Other(text) => {
            w.byte(2);
            w.text(text);
        }
        known => {
            w.byte(1);
            w.text(known.token().unwrap_or_default());
        }
    }
}

fn read_restriction(r: &mut Reader<'_>) -> Option<Restriction> {
    Some(match r.byte()? {
        0 => Restriction::Absent,
        1 => Restriction::from_token(&r.text()?),
        2 => Restriction::Other(r.text()?),
        _ => return None,
    })
}

const OBSERVABLES: [ObservableKind; 13] = [
    ObservableKind::Ipv4,
    ObservableKind::Ipv6,
    ObservableKind::Network,
    ObservableKind::Asn,
    ObservableKind::Domain,
    ObservableKind::Url,
    ObservableKind::Email,
    ObservableKind::Mac,
    ObservableKind::Hash,
    ObservableKind::File,
    ObservableKind::Port,
    ObservableKind::Cve,
    ObservableKind::Other,
];

fn observable_kind(kind: ObservableKind) -> u8 {
    let place = OBSERVABLES.iter().position(|known| *known == kind);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

fn read_observable_kind(byte: u8) -> Option<ObservableKind> {
    OBSERVABLES.get(usize::from(byte)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Summary {
        let stamp = Stamp::parse("2026-11-21T10:00:00.123-05:00");
        Summary {
            csirt: "cert.example".to_owned(),
            id: "189493".to_owned(),
            title: "Beacons".to_owned(),
            descriptions: vec![(Some("en".to_owned()), "Beacons to a C2".to_owned()), (None, "Ü".to_owned())],
            purpose: Some("reporting".to_owned()),
            severity: Severity::High,
            restriction: Restriction::Green,
            strictest: Restriction::Other("amber+strict".to_owned()),
            stricter_inside: 300,
            generated: stamp.clone(),
            ended: stamp,
            contacts: vec![Contact {
                role: "creator".to_owned(),
                email: Some("a@b.example".to_owned()),
                ..Contact::default()
            }],
            asks: vec!["block-host".to_owned()],
            observables: OBSERVABLES.map(|kind| Observable { kind, value: format!("{kind:?}") }).to_vec(),
            observables_total: 70_000,
            incidents: 2,
            lang: Some("en".to_owned()),
            facets: Some(Facets {
                actors: vec!["Example Bear".to_owned(), "B".to_owned()],
                campaigns: vec!["Autumn".to_owned()],
                methods: vec!["CAPEC-98".to_owned()],
                impacts: vec!["takeover-system".to_owned()],
                confidence: vec![15, 100],
                history: false,
                extended: true,
            }),
            ..Summary::of_kind(Kind::Iodef2)
        }
    }

    #[test]
    fn a_summary_comes_back_as_it_was() {
        let foreign = Kind::Foreign { namespace: "urn:x".to_owned(), name: "thing".to_owned() };
        let invalid = Kind::Invalid(Say::new("error-iodef-syntax").with("at", "17"));
        for kind in [Kind::Iodef2, Kind::Iodef1, foreign, invalid, Kind::Empty] {
            let summary = Summary { kind, ..full() };
            let bytes = write(&summary);
            assert_eq!(read(&bytes), Some(summary));
            for cut in 0..bytes.len() {
                assert_eq!(read(&bytes[..cut]), None, "cut at {cut}");
            }
        }
        let tokens = ["public", "white", "partner", "green", "need-to-know", "amber", "private", "red", "default"];
        for token in tokens {
            let summary = Summary { restriction: Restriction::from_token(token), ..full() };
            assert_eq!(read(&write(&summary)), Some(summary));
        }
        for severity in [Severity::Unknown, Severity::Low, Severity::Medium, Severity::High] {
            assert_eq!(read_severity(self::severity(severity)), Some(severity));
        }
    }

    #[test]
    fn another_version_is_not_read() {
        let mut bytes = write(&full());
        bytes[0] = VERSION + 1;
        assert_eq!(read(&bytes), None);
    }

    #[test]
    fn the_versions_before_are_read_without_what_they_do_not_know() {
        let bare = Summary { facets: None, ..full() };
        let bytes = write(&bare);
        assert!(is_before(&bytes) && !is_before(&write(&full())));
        assert_eq!(read(&bytes), Some(bare));
        for (facets, more) in [(full().facets, true), (Some(Facets::default()), false)] {
            let summary = Summary { facets, ..full() };
            let mut bytes = write(&summary);
            bytes[0] = NAMELESS;
            assert_eq!((is_before(&bytes), read(&bytes)), (more, Some(summary)));
        }
    }
}
