//! Paste first: any text as a list of values that a person takes, changes or drops before they enter a draft.
//!
//! May use `text`, which finds the values, the index's keys, which tell equal ones, and the constituency. Nothing here touches
//! a draft: [`Paste::acts`] says what to do to one.

mod mail;
mod put;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ipnet::IpNet;

use crate::iodef::{Document, observables};
use crate::model::{Observable, ObservableKind, Reserved, typed};
use crate::store::index::key;
use crate::store::lens::Lens;
use crate::text::extract::{Doubt, Extract, Reader};
use crate::text::{self, extract};

pub use put::Manner;

/// Most lines that are read, and bytes: whoever has more has a file to attach.
pub const LINES: usize = 100_000;
pub const BYTES: usize = 16 << 20;
/// Places kept of a value that stands there again and again; all are counted.
const PLACES: usize = 64;

/// Where a value stands in what was pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In characters.
    pub width: usize,
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Taken,
    Dropped,
    /// Taken as what the person made of it.
    Changed(ObservableKind, String),
}

/// A value, however often it was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands first.
    pub at: Place,
    /// In bytes of what was pasted.
    pub span: Range<usize>,
    /// As it was pasted there.
    pub written: String,
    pub kind: ObservableKind,
    /// As it would be published.
    pub value: String,
    pub port: Option<u16>,
    /// Why it may be something else.
    pub doubt: Option<Doubt>,
    /// It means nothing to others.
    pub reserved: Option<Reserved>,
    /// It looks like this other name (UTS #39).
    pub lookalike: Option<String>,
    /// Characters that cannot be seen stood in it.
    pub hidden: bool,
    /// Of the person's own constituency.
    pub ours: bool,
    /// The draft has it.
    pub known: bool,
    /// How often it was pasted.
    pub count: usize,
    /// Where else it stands; the first few.
    pub others: Vec<Place>,
    pub choice: Choice,
}

impl Entry {
    /// What it enters as; nothing where it is dropped.
    #[must_use]
    pub fn taken(&self) -> Option<(ObservableKind, &str)> {
        match &self.choice {
            Choice::Taken => Some((self.kind, &self.value)),
            Choice::Changed(kind, value) => Some((*kind, value)),
            Choice::Dropped => None,
        }
    }

    /// What the person should look at before they take it.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.doubt.is_some() || self.reserved.is_some() || self.lookalike.is_some() || self.hidden || self.ours
    }
}

/// Why a value cannot be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unchanged {
    /// It means nothing that a report could hold.
    #[error("no value")]
    Nothing,
    /// It is more than one.
    #[error("several values")]
    Several,
    /// There is no such entry, or it is nothing of that kind.
    #[error("not of that kind")]
    Kind,
}

impl Unchanged {
    #[must_use]
    pub fn say(self) -> crate::model::Say {
        crate::model::Say::new(match self {
            Self::Nothing => "paste-change-nothing",
            Self::Several => "paste-change-several",
            Self::Kind => "paste-change-kind",
        })
    }
}

/// What was pasted, as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paste {
    /// Each value once, in the order of the text.
    pub entries: Vec<Entry>,
    /// Lines that were read.
    pub lines: usize,
    /// Lines beyond [`LINES`] or [`BYTES`], which were not.
    pub beyond: usize,
    /// Lines with something on them and no value in it.
    pub silent: usize,
    /// It was a mail, and was opened: places are those of its text as it is read.
    pub mail: bool,
}

/// What tells equal values: how the archive keys them.
pub(super) fn key_of(kind: ObservableKind, value: &str) -> Option<Vec<u8>> {
    key::keys(&Observable { kind, value: value.to_owned() }).into_iter().next()
}

/// The values of a document, by their keys.
#[derive(Clone, Debug, Default)]
pub struct Held(HashSet<Vec<u8>>);

impl Held {
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let all = observables::all(document);
        Self(all.iter().filter_map(|found| key_of(found.kind(), &found.canonical)).collect())
    }

    #[must_use]
    pub fn has(&self, kind: ObservableKind, value: &str) -> bool {
        key_of(kind, value).is_some_and(|key| self.0.contains(&key))
    }
}

impl Paste {
    /// Reads any text: a list, a mail, a table, a log.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match mail::opened(text) {
            Some(mail) => Self { mail: true, ..Self::of(&mail) },
            None => Self::of(text),
        }
    }

    fn of(text: &str) -> Self {
        let (mut paste, mut known) = (Self::default(), HashMap::new());
        let (mut reader, mut values, mut start) = (Reader::of(text), Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            if paste.lines == LINES || start + line.len() > BYTES {
                paste.beyond += 1;
                continue;
            }
            paste.lines += 1;
            values.clear();
            reader.line(line, 0, &mut values);
            paste.silent += usize::from(values.is_empty() && !line.trim().is_empty());
            let mut column = Column::default();
            for found in values.drain(..) {
                let (from, width) = column.of(line, &found.span);
                let at = Place { line: paste.lines, column: from, width };
                paste.add(&mut known, line, start, found, at);
            }
            start += line.len();
        }
        paste
    }

    fn add(&mut self, known: &mut HashMap<Vec<u8>, usize>, line: &str, start: usize, found: Extract, at: Place) {
        let Some(key) = key_of(found.kind, &found.value) else { return };
        if let Some(entry) = known.get(&key).and_then(|place| self.entries.get_mut(*place)) {
            entry.count += 1;
            if entry.others.len() < PLACES {
                entry.others.push(at);
            }
            entry.port = entry.port.filter(|port| Some(*port) == found.port);
            return;
        }
        let _ = known.insert(key, self.entries.len());
        let written = line.get(found.span.clone()).unwrap_or_default();
        let reserved = reserved(found.kind, &found.value);
        let choice = match (found.doubt, reserved) {
            (Some(Doubt::Version | Doubt::Sentence | Doubt::Words), _) => Choice::Dropped,
            // In examples and on the practice grid they are what is reported.
            (_, None | Some(Reserved::Documentation)) => Choice::Taken,
            (_, Some(Reserved::Private | Reserved::Local | Reserved::Multicast)) => Choice::Dropped,
        };
        self.entries.push(Entry {
            at,
            span: start + found.span.start..start + found.span.end,
            lookalike: if written.is_ascii() { None } else { lookalike(found.kind, written) },
            hidden: !written.is_ascii() && written.chars().any(text::is_deceptive),
            written: written.to_owned(),
            kind: found.kind,
            value: found.value,
            port: found.port,
            doubt: found.doubt,
            reserved,
            ours: false,
            known: false,
            count: 1,
            others: Vec::new(),
            choice,
        });
    }

    /// Marks what a draft has, which is then dropped, and what is the person's own.
    pub fn compare(&mut self, held: &Held, lens: &Lens) {
        for entry in &mut self.entries {
            let is_held = held.has(entry.kind, &entry.value);
            if is_held && !entry.known {
                entry.choice = Choice::Dropped;
            }
            entry.known = is_held;
            entry.ours = lens.observable(&Observable { kind: entry.kind, value: entry.value.clone() }).is_some();
        }
    }

    /// Takes or drops an entry.
    pub fn choose(&mut self, at: usize, taken: bool) {
        if let Some(entry) = self.entries.get_mut(at) {
            entry.choice = if taken { Choice::Taken } else { Choice::Dropped };
        }
    }

    /// Takes or drops all entries that are so.
    pub fn choose_all(&mut self, taken: bool, which: impl Fn(&Entry) -> bool) {
        for entry in self.entries.iter_mut().filter(|entry| which(entry)) {
            entry.choice = if taken { Choice::Taken } else { Choice::Dropped };
        }
    }

    /// Takes an entry as what is written here.
    ///
    /// # Errors
    /// When that is no value, or several; the entry is then as it was.
    pub fn change(&mut self, at: usize, text: &str) -> Result<(), Unchanged> {
        let mut found = extract::extract(text.trim());
        let one = found.pop().ok_or(Unchanged::Nothing)?;
        if !found.is_empty() {
            return Err(Unchanged::Several);
        }
        let entry = self.entries.get_mut(at).ok_or(Unchanged::Kind)?;
        entry.choice = Choice::Changed(one.kind, one.value);
        Ok(())
    }

    /// Takes an entry as one of another kind: a file that is a domain, a version that is none.
    ///
    /// # Errors
    /// When it is nothing of that kind.
    pub fn call(&mut self, at: usize, kind: ObservableKind) -> Result<(), Unchanged> {
        let entry = self.entries.get_mut(at).ok_or(Unchanged::Kind)?;
        let value = match kind {
            _ if kind == entry.kind => Some(entry.value.clone()),
            ObservableKind::Domain => typed::domain(&entry.value.to_lowercase())
                .or_else(|| typed::url_host(&entry.value).and_then(typed::domain))
                .or_else(|| entry.value.rsplit_once('@').and_then(|(_, host)| typed::domain(host))),
            ObservableKind::Ipv4 | ObservableKind::Ipv6 => {
                typed::url_host(&entry.value).filter(|host| host.parse::<std::net::IpAddr>().is_ok()).map(str::to_owned)
            }
            ObservableKind::File => Some(entry.written.clone()).filter(|name| !name.chars().any(char::is_control)),
            ObservableKind::Url => {
                typed::domain(&entry.value).map(|host| format!("http://{host}/")).filter(|_| entry.kind != kind)
            }
            _ => None,
        };
        entry.choice = Choice::Changed(kind, value.ok_or(Unchanged::Kind)?);
        Ok(())
    }

    /// What is taken, each value once.
    pub fn taken(&self) -> impl Iterator<Item = (&Entry, ObservableKind, &str)> {
        let mut seen = HashSet::new();
        self.entries.iter().filter_map(move |entry| {
            let (kind, value) = entry.taken()?;
            seen.insert(key_of(kind, value)?).then_some((entry, kind, value))
        })
    }

    /// How many values there are of each kind, and how many of them are taken.
    #[must_use]
    pub fn tally(&self) -> Vec<(ObservableKind, usize, usize)> {
        let mut tally: Vec<(ObservableKind, usize, usize)> = Vec::new();
        for entry in &self.entries {
            let taken = usize::from(entry.choice != Choice::Dropped);
            match tally.iter_mut().find(|(kind, ..)| *kind == entry.kind) {
                Some((_, all, own)) => (*all, *own) = (*all + 1, *own + taken),
                None => tally.push((entry.kind, 1, taken)),
            }
        }
        tally.sort_unstable();
        tally
    }
}

/// Counts characters of a line, going on from the last place asked about.
#[derive(Default)]
struct Column {
    byte: usize,
    chars: usize,
}

impl Column {
    fn of(&mut self, line: &str, span: &Range<usize>) -> (usize, usize) {
        if span.start < self.byte {
            *self = Self::default();
        }
        let count = |from: usize, to: usize| line.get(from..to).map_or(0, |part| part.chars().count());
        self.chars += count(self.byte, span.start);
        self.byte = span.start;
        (self.chars + 1, count(span.start, span.end))
    }
}

/// Why a value means nothing to others.
#[must_use]
pub fn reserved(kind: ObservableKind, value: &str) -> Option<Reserved> {
    use ObservableKind as Kind;
    let host = |host: &str| match host.parse() {
        Ok(ip) => Reserved::address(ip),
        Err(_) => Reserved::domain(&host.to_ascii_lowercase()),
    };
    match kind {
        Kind::Ipv4 | Kind::Ipv6 => Reserved::address(value.parse().ok()?),
        Kind::Network => Reserved::network(value.parse::<IpNet>().ok()?),
        Kind::Domain => host(value),
        Kind::Url => host(typed::url_host(value)?),
        Kind::Email => host(value.rsplit_once('@')?.1),
        Kind::Asn => Reserved::asn(typed::asn_of(value)?),
        Kind::Mac | Kind::Hash | Kind::File | Kind::Port | Kind::Cve | Kind::Other => None,
    }
}

/// The plain name that a name of other letters can be mistaken for.
fn lookalike(kind: ObservableKind, written: &str) -> Option<String> {
    use ObservableKind::{Domain, Email, Url};
    if !matches!(kind, Domain | Email | Url) {
        return None;
    }
    let plain: String = typed::refang(written).chars().filter(|char| !text::is_deceptive(*char)).collect();
    let host = typed::url_host(&plain).unwrap_or(&plain);
    text::lookalike(host).filter(|other| *other != plain)
}
