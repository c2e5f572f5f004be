//! A [`Lookup`] in memory: for the practice grid, for a session that keeps nothing, and for tests.
//!
//! May use `model` and `text`. It looks at every row for words; at a million rows that is the archive's work.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

use super::Bitmap;
use super::key::{self, Span, Tag};
use super::lookup::{Facet, Failure, Lookup, Question, Stop};
use super::pattern::Pattern;
use crate::model::{Observable, Summary};
use crate::store::{Error, Seq};

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
    /// All that words are looked for in, a text a line, as it came.
    all: String,
    facets: Vec<(Facet, String)>,
    /// 0 to 100.
    confidence: Vec<u64>,
    own_keys: Vec<Vec<u8>>,
}

impl Postings {
    /// Adds what a summary says of a row. Observables beyond those the summary keeps are added by [`Postings::observe`].
    ///
    /// # Errors
    /// When a writer died.
    pub fn add(&self, seq: Seq, summary: &Summary) -> Result<(), Error> {
        let mut lines = vec![summary.title.as_str(), &summary.csirt, &summary.id];
        lines.extend(summary.descriptions.iter().map(|(_, text)| text.as_str()));
        lines.extend(
            summary.contacts.iter().flat_map(|contact| [&contact.name, &contact.email]).flatten().map(String::as_str),
        );
        let mut facets = vec![(Facet::Id, summary.id.clone())];
        facets.extend(summary.purpose.clone().map(|text| (Facet::Purpose, text)));
        facets.extend(summary.status.clone().map(|text| (Facet::Status, text)));
        facets.extend(summary.lang.clone().map(|text| (Facet::Lang, text)));
        facets.extend(summary.asks.iter().cloned().map(|text| (Facet::Action, text)));
        let texts = Texts { all: lines.join("\n"), facets, ..Texts::default() };
        let mut shelves = self.shelves.write().map_err(|_| Error::Poisoned)?;
        let _ = shelves.rows.insert(seq, texts);
        drop(shelves);
        self.observe(seq, &summary.observables)
    }

    /// Adds observables of a row that is here.
    ///
    /// # Errors
    /// When a writer died.
    pub fn observe(&self, seq: Seq, observables: &[Observable]) -> Result<(), Error> {
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
                texts.all.push('\n');
                texts.all.push_str(&observable.value);
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

    fn keyed(&self, spans: &[Span], keep: Option<&Pattern>, stop: &Stop) -> Result<Bitmap, Failure> {
        let mut found = Bitmap::default();
        for (at, (key, rows)) in spans.iter().flat_map(|span| self.within(span)).enumerate() {
            if at.is_multiple_of(PATIENCE) {
                stop.check()?;
            }
            let kept = keep.is_none_or(|keep| key::read_text(key).is_some_and(|text| keep.matches(&text)));
            if kept {
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
            Question::Keys { spans, keep } => shelves.keyed(spans, keep.as_ref(), stop),
            Question::Text { facet, patterns } => {
                let fits = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
                shelves.each(among, stop, |texts| texts.facets.iter().any(|(own, text)| own == facet && fits(text)))
            }
            Question::Confidence(spans) => shelves.each(among, stop, |texts| {
                texts.confidence.iter().any(|own| spans.iter().any(|(from, to)| (from..=to).contains(&own)))
            }),
            Question::Words { text, begins } => {
                let wanted = words(text);
                shelves.each(among, stop, |texts| has_phrase(&words(&texts.all), &wanted, *begins))
            }
            Question::Regex(regex) => {
                let regex = regex.compile().map_err(|_| Failure::Unanswerable)?;
                shelves.each(among, stop, |texts| regex.is_match(&texts.all))
            }
            Question::Like(row) => {
                let Some(own) = shelves.rows.get(row) else { return Ok(Bitmap::default()) };
                let spans: Vec<Span> = own.own_keys.iter().cloned().map(Span::one).collect();
                shelves.keyed(&spans, None, stop)
            }
            Question::Xpath(_) => Err(Failure::Unanswerable),
        }
    }

    fn rows(&self, spans: &[Span], stop: &Stop) -> Result<Vec<Seq>, Failure> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        shelves.keyed(spans, None, stop).map(|found| found.iter().collect())
    }
}

/// Words as the archive's full-text index divides them: runs of letters and digits, in any case.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn has_phrase(words: &[String], wanted: &[String], begins: bool) -> bool {
    let Some((last, first)) = wanted.split_last() else { return false };
    words.windows(wanted.len()).any(|window| {
        let Some((end, start)) = window.split_last() else { return false };
        start == first && if begins { end.starts_with(last.as_str()) } else { end == last }
    })
}
