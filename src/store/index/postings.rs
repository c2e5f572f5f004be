//! A [`Lookup`] in memory: for the practice grid, for a session that keeps nothing, and for tests.
//!
//! May use `model`, `text` and the filter language's words. It looks at every row for words; at a million rows that is the archive's work.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

use super::Bitmap;
use super::key::{self, Span, Tag};
use super::lookup::{Facet, Failure, Lookup, Question, Stop, Word};
use super::names;
use super::pattern::Pattern;
use super::said;
use crate::model::{Observable, Summary};
use crate::store::query::Has;
use crate::store::{Error, Seq};
use crate::text::words;

/// Rows between two looks at whether the answer is still wanted.
const PATIENCE: usize = 4096;

/// What is looked up of each row.
#[derive(Debug, Default)]
pub struct Postings {
    shelves: RwLock<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    keys: BTreeMap<Vec<u8>, Vec<Seq>>,
    rows: BTreeMap<Seq, Texts>,
}

/// A row's texts.
#[derive(Clone, Debug, Default)]
struct Texts {
    /// What words are looked for in.
    words: String,
    /// What regular expressions are tried on.
    texts: Vec<String>,
    facets: Vec<(Facet, String)>,
    history: bool,
    extended: bool,
    own_keys: Vec<Vec<u8>>,
}

impl Postings {
    /// Adds what a summary says of a row. Observables beyond those the summary keeps are added by [`Postings::observe`].
    ///
    /// # Errors
    /// When a writer died.
    pub fn add(&self, seq: Seq, summary: &Summary) -> Result<(), Error> {
        let facets = std::iter::once(Facet::Id).chain(Facet::FEW).flat_map(|facet| {
            let values = said::values(facet, summary).unwrap_or_default();
            values.into_iter().map(move |text| (facet, text.into_owned()))
        });
        let texts = Texts {
            words: said::words(summary),
            texts: said::texts(summary).map(str::to_owned).collect(),
            facets: facets.collect(),
            history: summary.facets.as_ref().is_some_and(|facets| facets.history),
            extended: summary.facets.as_ref().is_some_and(|facets| facets.extended),
            own_keys: Vec::new(),
        };
        let mut shelves = self.shelves.write().map_err(|_| Error::Poisoned)?;
        let _ = shelves.rows.insert(seq, texts);
        drop(shelves);
        self.key(seq, &summary.observables)
    }

    /// Adds observables of a row that is here.
    ///
    /// # Errors
    /// When a writer died.
    pub fn observe(&self, seq: Seq, observables: &[Observable]) -> Result<(), Error> {
        if let Some(texts) = self.shelves.write().map_err(|_| Error::Poisoned)?.rows.get_mut(&seq) {
            texts.texts.extend(observables.iter().map(|observable| observable.value.clone()));
        }
        self.key(seq, observables)
    }

    fn key(&self, seq: Seq, observables: &[Observable]) -> Result<(), Error> {
        let mut shelves = self.shelves.write().map_err(|_| Error::Poisoned)?;
        for observable in observables {
            let keys = key::keys(observable);
            for key in &keys {
                let rows = shelves.keys.entry(key.clone()).or_default();
                if let Err(place) = rows.binary_search(&seq) {
                    rows.insert(place, seq);
                }
            }
            if let Some(texts) = shelves.rows.get_mut(&seq) {
                texts
                    .own_keys
                    .extend(keys.into_iter().filter(|key| key.first().is_some_and(|tag| *tag < Tag::DERIVED)));
            }
        }
        Ok(())
    }

    /// Sets what the summary does not say: actors, tags…
    ///
    /// # Errors
    /// When a writer died.
    pub fn name(&self, seq: Seq, facet: Facet, text: &str) -> Result<(), Error> {
        let mut shelves = self.shelves.write().map_err(|_| Error::Poisoned)?;
        shelves.rows.entry(seq).or_default().facets.push((facet, text.to_owned()));
        Ok(())
    }
}

impl Shelves {
    fn within(&self, span: &Span) -> impl Iterator<Item = (&Vec<u8>, &Vec<Seq>)> {
        let bounds = (Bound::Included(span.from.as_slice()), Bound::Excluded(span.to.as_slice()));
        let sound = span.from < span.to;
        sound.then(|| self.keys.range::<[u8], _>(bounds)).into_iter().flatten()
    }

    fn keyed(&self, spans: &[Span], keep: &dyn Fn(&[u8]) -> bool, stop: &Stop) -> Result<Bitmap, Failure> {
        let mut found = Bitmap::default();
        for (at, (key, rows)) in spans.iter().flat_map(|span| self.within(span)).enumerate() {
            if at.is_multiple_of(PATIENCE) {
                stop.check()?;
            }
            if keep(key) {
                rows.iter().for_each(|row| found.insert(*row));
            }
        }
        Ok(found)
    }

    fn each(&self, among: Option<&Bitmap>, stop: &Stop, holds: impl Fn(&Texts) -> bool) -> Result<Bitmap, Failure> {
        let mut found = Bitmap::default();
        for (at, (seq, texts)) in self.rows.iter().enumerate() {
            if at.is_multiple_of(PATIENCE) {
                stop.check()?;
            }
            if among.is_none_or(|among| among.contains(*seq)) && holds(texts) {
                found.insert(*seq);
            }
        }
        Ok(found)
    }
}

impl Lookup for Postings {
    fn answer(&self, question: &Question, among: Option<&Bitmap>, stop: &Stop) -> Result<Bitmap, Failure> {
        // Rows are added whole enough to be read whatever happened to a writer.
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        match question {
            Question::Keys { spans, keep } => shelves.keyed(spans, &|key| fits(keep.as_ref(), key), stop),
            Question::Names(phrases) => {
                shelves.keyed(&names::spans(), &|key| names::hold(&names::words(key), phrases), stop)
            }
            Question::Text { facet, patterns } => {
                let fits = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
                shelves.each(among, stop, |texts| texts.facets.iter().any(|(own, text)| own == facet && fits(text)))
            }
            Question::Confidence(spans) => shelves.each(among, stop, |texts| {
                texts.facets.iter().any(|(facet, text)| *facet == Facet::Confidence && is_within(text, spans))
            }),
            Question::Holds(has) => shelves.each(among, stop, |texts| match has {
                Has::History => texts.history,
                Has::Ext => texts.extended,
                Has::Ask | Has::Contact | Has::Note => false,
            }),
            Question::Words { all, none } => {
                let wanted = Wanted::of(all, none);
                shelves.each(among, stop, |texts| wanted.stand_in(&texts.words))
            }
            Question::Regex(regex) => {
                let regex = regex.compile().map_err(|_| Failure::Unanswerable)?;
                shelves.each(among, stop, |texts| texts.texts.iter().any(|text| regex.is_match(text)))
            }
            Question::Like(row) => {
                let Some(own) = shelves.rows.get(row) else { return Ok(Bitmap::default()) };
                let spans: Vec<Span> = own.own_keys.iter().cloned().map(Span::one).collect();
                shelves.keyed(&spans, &|_| true, stop)
            }
            // The documents are not here.
            Question::Xpath(_) => Err(Failure::Unanswerable),
        }
    }

    fn rows(&self, spans: &[Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        shelves.keyed(spans, &|_| true, stop).map(|found| found.iter().collect())
    }
}

/// Whether a number that is written lies in one of the spans.
#[must_use]
pub fn is_within(text: &str, spans: &[(u64, u64)]) -> bool {
    text.parse().is_ok_and(|number: u64| spans.iter().any(|(from, to)| (from..=to).contains(&&number)))
}

fn fits(keep: Option<&Pattern>, key: &[u8]) -> bool {
    keep.is_none_or(|keep| key::read_text(key).is_some_and(|text| keep.matches(&text)))
}

/// Words and phrases, divided as texts are.
#[derive(Debug)]
pub struct Wanted {
    all: Vec<Phrase>,
    none: Vec<Phrase>,
}

/// Words that follow each other, and whether the last one only begins so.
type Phrase = (Vec<String>, bool);

impl Wanted {
    #[must_use]
    pub fn of(all: &[Word], none: &[Word]) -> Self {
        let phrases = |of: &[Word]| of.iter().map(|word| (words(&word.text), word.begins)).collect();
        Self { all: phrases(all), none: phrases(none) }
    }

    /// Whether all of those wanted do, and none of the others.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        // Most texts are of plain letters, and words stand in them as they are.
        let words = (!text.is_ascii()).then(|| words(text));
        let stands = |(wanted, begins): &Phrase| match &words {
            Some(words) => has_phrase(words, wanted, *begins),
            None => stands(text.as_bytes(), wanted, *begins),
        };
        self.all.iter().all(stands) && !self.none.iter().any(stands)
    }
}

/// `wanted` is in lower case.
fn has_phrase(words: &[String], wanted: &[String], begins: bool) -> bool {
    let Some((last, first)) = wanted.split_last() else { return false };
    words.windows(wanted.len()).any(|window| {
        let Some((end, start)) = window.split_last() else { return false };
        (if begins { end.starts_with(last) } else { end == last }) && start == first
    })
}

/// The same of a text in ASCII, which is not divided for it.
fn stands(text: &[u8], wanted: &[String], begins: bool) -> bool {
    let Some(first) = wanted.first().and_then(|word| word.bytes().next()) else { return false };
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text).any(|at| {
        let (before, from) = text.split_at(at);
        !before.last().is_some_and(u8::is_ascii_alphanumeric) && begins_with(from, wanted, begins)
    })
}

/// Whether a text, from the beginning of a word on, begins with these words.
fn begins_with(mut text: &[u8], wanted: &[String], begins: bool) -> bool {
    let mut left = wanted.iter();
    while let Some(word) = left.next() {
        let Some((own, rest)) = text.split_at_checked(word.len()) else { return false };
        let ends = !rest.first().is_some_and(u8::is_ascii_alphanumeric);
        let is_last = left.as_slice().is_empty();
        if !own.eq_ignore_ascii_case(word.as_bytes()) || !(ends || is_last && begins) {
            return false;
        }
        let next = rest.iter().position(u8::is_ascii_alphanumeric);
        text = next.and_then(|next| rest.get(next..)).unwrap_or_default();
    }
    true
}
