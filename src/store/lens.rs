//! The constituency: networks, AS numbers, domains and brands that are ours, and which incidents speak of them.
//!
//! May use `model` and `text`, the index's keys and questions. Everything here stays on this machine: the list is read from a
//! file or typed, kept in the archive and sent nowhere. An arriving incident is matched by its observables in memory; stored
//! ones are found by asking the [`Lookup`] the other way round ([`Lens::questions`]), so a network added today looks back
//! through all of history at once.

mod read;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;

use super::index::key::{self, Reach};
use super::index::{Bitmap, Failure, Lookup, Question, Snapshot, Stop, Word, names};
use crate::model::{Observable, ObservableKind, typed};
use crate::text;

pub use read::{Fault, Line, is_suffix};

/// Something of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    Network(IpNet),
    Asn(u32),
    /// A domain and all below it, in A-labels.
    Domain(String),
    /// Words in the order of a name: `example bank`. Lower case.
    Brand(Vec<String>),
}

/// Why an incident is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// One of our addresses, or a network inside one of ours.
    Inside,
    /// A network that holds one of ours.
    Around,
    Asn,
    /// Our domain or a name below it.
    Name,
    /// A link to one of our hosts.
    Link,
    /// A mailbox of ours.
    Mailbox,
    /// Our brand's words in a name, a link, a mailbox or the texts.
    Brand,
}

/// A match: which entry, by its place in [`Lens::entries`], and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Match {
    pub entry: u32,
    pub why: Why,
}

/// A compiled constituency.
#[derive(Clone, Debug, Default)]
pub struct Lens {
    entries: Vec<Entry>,
    v4: Networks<u32>,
    v6: Networks<u128>,
    asns: HashMap<u32, u32>,
    domains: HashMap<String, u32>,
    /// Brands by their first word, as words are looked for.
    brands: HashMap<String, Vec<(u32, Vec<String>)>>,
}

/// Networks of a family: by prefix length to look up an address, and by first member to find those inside another.
#[derive(Clone, Debug)]
struct Networks<N> {
    /// The lengths there are, longest first: the narrowest network is the one to name.
    by_length: BTreeMap<std::cmp::Reverse<u8>, HashMap<N, u32>>,
    sorted: Vec<(N, u32)>,
}

impl<N> Default for Networks<N> {
    fn default() -> Self {
        Self { by_length: BTreeMap::new(), sorted: Vec::new() }
    }
}

impl<N: Copy + Ord + std::hash::Hash> Networks<N> {
    fn add(&mut self, first: N, length: u8, entry: u32) {
        let _ = self.by_length.entry(std::cmp::Reverse(length)).or_default().entry(first).or_insert(entry);
        self.sorted.push((first, entry));
    }

    /// The narrowest network around a block of `length` bits; `cut` makes the first member of a shorter one.
    fn around(&self, length: u8, cut: impl Fn(u8) -> N) -> Option<u32> {
        let fitting = self.by_length.iter().filter(|(own, _)| own.0 <= length);
        fitting.into_iter().find_map(|(own, networks)| networks.get(&cut(own.0)).copied())
    }

    fn inside(&self, first: N, last: N) -> Option<u32> {
        let at = self.sorted.partition_point(|(start, _)| *start < first);
        self.sorted.get(at).filter(|(start, _)| *start <= last).map(|(_, entry)| *entry)
    }
}

fn cut_v4(bits: u32, length: u8) -> u32 {
    bits & u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)
}

fn cut_v6(bits: u128, length: u8) -> u128 {
    bits & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

impl Lens {
    /// Compiles a list; what stands twice counts once.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut lens = Self::default();
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_unstable();
        entries.dedup();
        for (at, entry) in (0_u32..).zip(&entries) {
            lens.take(at, entry);
        }
        lens.v4.sorted.sort_unstable();
        lens.v6.sorted.sort_unstable();
        lens.entries = entries;
        lens
    }

    fn take(&mut self, at: u32, entry: &Entry) {
        match entry {
            Entry::Network(IpNet::V4(net)) => self.v4.add(u32::from(net.network()), net.prefix_len(), at),
            Entry::Network(IpNet::V6(net)) => self.v6.add(u128::from(net.network()), net.prefix_len(), at),
            Entry::Asn(number) => {
                let _ = self.asns.insert(*number, at);
            }
            Entry::Domain(name) => {
                let _ = self.domains.insert(name.clone(), at);
            }
            Entry::Brand(words) => {
                let words = phrase(words);
                if let Some(first) = words.first().cloned() {
                    self.brands.entry(first).or_default().push((at, words));
                }
            }
        }
    }

    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an observable is ours.
    #[must_use]
    pub fn observable(&self, observable: &Observable) -> Option<Match> {
        use ObservableKind as Kind;
        if self.is_empty() {
            return None;
        }
        let refanged;
        let mut text = observable.value.trim();
        if key::is_defanged(text) {
            refanged = typed::refang(text);
            text = &refanged;
        }
        match observable.kind {
            Kind::Ipv4 | Kind::Ipv6 | Kind::Network => self.network(key::network_of(text)?),
            Kind::Asn => self.asns.get(&key::asn_of(text)?).map(|entry| Match { entry: *entry, why: Why::Asn }),
            Kind::Domain => {
                let by_name = self.suffix(text).map(|entry| Match { entry, why: Why::Name });
                by_name.or_else(|| self.named(observable))
            }
            Kind::Url => {
                let host = key::url_host(text)?;
                let by_host = match host.parse::<IpAddr>() {
                    Ok(ip) => self.network(ip.into()).map(|found| Match { why: Why::Link, ..found }),
                    Err(_) => self.suffix(host).map(|entry| Match { entry, why: Why::Link }),
                };
                by_host.or_else(|| self.named(observable))
            }
            Kind::Email => {
                let (_, host) = text.rsplit_once('@')?;
                self.suffix(host).map(|entry| Match { entry, why: Why::Mailbox }).or_else(|| self.named(observable))
            }
            Kind::Mac | Kind::Hash | Kind::File | Kind::Port | Kind::Cve | Kind::Other => None,
        }
    }

    /// All matches of an incident: of its observables, and of its texts ([`super::index::said::words`]) for brands. Each entry
    /// once, in order of finding.
    pub fn incident<'a>(&self, texts: &str, observables: impl IntoIterator<Item = &'a Observable>) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        let all = observables.into_iter().filter_map(|observable| self.observable(observable));
        for one in all.chain(self.told(texts)) {
            if !found.iter().any(|own| own.entry == one.entry) {
                found.push(one);
            }
        }
        found
    }

    fn network(&self, net: IpNet) -> Option<Match> {
        let (inside, around) = match key::canonical(net) {
            IpNet::V4(net) => {
                let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
                (self.v4.around(net.prefix_len(), |length| cut_v4(first, length)), self.v4.inside(first, last))
            }
            IpNet::V6(net) => {
                let (first, last) = (u128::from(net.network()), u128::from(net.broadcast()));
                (self.v6.around(net.prefix_len(), |length| cut_v6(first, length)), self.v6.inside(first, last))
            }
        };
        let inside = inside.map(|entry| Match { entry, why: Why::Inside });
        inside.or_else(|| around.map(|entry| Match { entry, why: Why::Around }))
    }

    /// A brand in the texts of an incident.
    fn told(&self, texts: &str) -> Option<Match> {
        if self.brands.is_empty() { None } else { self.brand(&text::words(texts)) }
    }

    /// A brand in an observed name, as it is kept.
    fn named(&self, observable: &Observable) -> Option<Match> {
        if self.brands.is_empty() {
            return None;
        }
        key::keys(observable).iter().find_map(|key| self.brand(&names::words(key)))
    }

    /// The longest of our domains that `host` is or is below.
    fn suffix(&self, host: &str) -> Option<u32> {
        if self.domains.is_empty() {
            return None;
        }
        // Most names are plain already; IDNA would be most of the time spent here.
        let is_plain =
            host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.');
        let ascii = if is_plain { None } else { Some(typed::domain(host)?) };
        let mut name = ascii.as_deref().unwrap_or(host).trim_end_matches('.');
        loop {
            if let Some(entry) = self.domains.get(name) {
                return Some(*entry);
            }
            name = name.split_once('.')?.1;
        }
    }

    fn brand(&self, words: &[String]) -> Option<Match> {
        let at = |at: usize, word: &String| {
            let known = self.brands.get(word)?;
            let fits = |(_, brand): &&(u32, Vec<String>)| words.get(at..).is_some_and(|rest| rest.starts_with(brand));
            known.iter().find(fits).map(|(entry, _)| *entry)
        };
        let found = words.iter().enumerate().find_map(|(place, word)| at(place, word));
        found.map(|entry| Match { entry, why: Why::Brand })
    }

    /// What to ask a [`Lookup`] for the stored incidents of each entry.
    #[must_use]
    pub fn questions(&self) -> Vec<(u32, Question)> {
        let question = |entry: &Entry| match entry {
            Entry::Network(net) => Question::Keys { spans: key::overlapping(*net), keep: None },
            Entry::Asn(number) => Question::Keys { spans: key::asns(*number, *number), keep: None },
            Entry::Domain(name) => Question::Keys { spans: key::domains(name, Reach::Both), keep: None },
            // Of its texts; what was observed is asked of all brands at once.
            Entry::Brand(words) => Question::words(vec![Word { text: words.join(" "), begins: false }]),
        };
        (0..).zip(self.entries.iter().map(question)).collect()
    }

    /// The stored rows that are ours; `told` hears how many entries were asked about.
    ///
    /// # Errors
    /// When it was stopped or a question was not answered.
    pub fn history(
        &self,
        on: &Snapshot,
        lookup: &dyn Lookup,
        stop: &Stop,
        told: &mut dyn FnMut(usize, usize),
    ) -> Result<Bitmap, Failure> {
        let mut found = Bitmap::default();
        let questions = self.questions();
        for (done, (_, question)) in questions.iter().enumerate() {
            stop.check()?;
            told(done, questions.len());
            found.join(&lookup.answer(question, None, stop)?);
        }
        let brands: Vec<Vec<String>> = self.entries.iter().filter_map(brand).collect();
        if !brands.is_empty() {
            found.join(&lookup.answer(&Question::Names(brands), None, stop)?);
        }
        told(questions.len(), questions.len());
        found.meet(&Bitmap::all(on.len()));
        Ok(found)
    }
}

/// The words of a brand as words are looked for.
fn phrase(words: &[String]) -> Vec<String> {
    text::words(&words.join(" "))
}

fn brand(entry: &Entry) -> Option<Vec<String>> {
    if let Entry::Brand(words) = entry { Some(phrase(words)) } else { None }
}
