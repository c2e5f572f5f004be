//! The words of a document in the order a person reads them: sections of items, made once away from the window's thread.
//! Every item knows the element it speaks of, so that the tree is one step away.

use crate::i18n::Catalog;
use crate::iodef::view::{Confidence, Text, Token, lang, marking};
use crate::iodef::{Element, NodeId};
use crate::model::{Severity, Stamp, Tlp};
use crate::text;

/// Most items of one section; what is beyond them is counted, and is in the tree.
const MOST: usize = 60;

/// One piece of what an item says. All text is safe to show.
#[derive(Clone, Debug)]
pub enum Value {
    Chip(String),
    Words(String),
    Mono(String),
    Time(Stamp),
    Grave(Severity, String),
    /// One text in its languages, the reader's first.
    Said(Vec<(Option<String>, String)>),
}

/// A label and what stands beside it.
#[derive(Clone, Debug)]
pub struct Item {
    pub label: String,
    /// Stands in the label's place.
    pub time: Option<Stamp>,
    pub values: Vec<Value>,
    pub depth: usize,
    /// Where another restriction is in force than on the incident.
    pub tlp: Option<Tlp>,
    /// The element it speaks of; `None` while the tree is not read.
    pub at: Option<NodeId>,
}

#[derive(Clone, Debug)]
pub struct Section {
    /// The catalog key of its title.
    pub key: &'static str,
    pub items: Vec<Item>,
    /// How many things it tells of.
    pub total: usize,
    /// Items that are counted and not told.
    pub beyond: usize,
}

/// Makes one section.
pub struct Maker<'m> {
    pub words: &'m Catalog,
    /// The reader's language.
    pub lang: &'m str,
    /// The label of the whole.
    pub base: Tlp,
    section: Section,
}

impl<'m> Maker<'m> {
    pub fn new(key: &'static str, words: &'m Catalog, lang: &'m str, base: Tlp) -> Self {
        Self { words, lang, base, section: Section { key, items: Vec::new(), total: 0, beyond: 0 } }
    }

    /// `None` when there is nothing to tell.
    pub fn done(self) -> Option<Section> {
        (!self.section.items.is_empty()).then_some(self.section)
    }

    /// One more thing of what the section tells.
    pub fn count(&mut self) {
        self.section.total += 1;
    }

    /// A heading over what `fill` adds, where that is something.
    pub fn group(&mut self, element: Element<'_>, heading: Vec<Value>, fill: impl FnOnce(&mut Self)) {
        let before = self.section.items.len();
        self.keyed(0, "incident-of", element, heading);
        fill(self);
        if self.section.items.len() == before + 1 && self.section.beyond == 0 {
            let _ = self.section.items.pop();
        }
    }

    pub fn add(&mut self, depth: usize, label: String, element: Element<'_>, values: Vec<Value>) {
        self.put(depth, label, None, element, values);
    }

    /// An item whose label is a word of ours.
    pub fn keyed(&mut self, depth: usize, key: &'static str, element: Element<'_>, values: Vec<Value>) {
        if !values.is_empty() {
            self.put(depth, self.words.text(key), None, element, values);
        }
    }

    pub fn timed(&mut self, time: Stamp, element: Element<'_>, values: Vec<Value>) {
        self.put(0, String::new(), Some(time), element, values);
    }

    fn put(&mut self, depth: usize, label: String, time: Option<Stamp>, element: Element<'_>, values: Vec<Value>) {
        if self.section.items.len() >= MOST {
            self.section.beyond += 1;
            return;
        }
        let own = marking(element).restriction.tlp();
        let tlp = (own != self.base).then_some(own);
        self.section.items.push(Item { label, time, values, depth, tlp, at: Some(element.id()) });
    }

    /// The texts, each in the reader's language first.
    pub fn said(&self, texts: &[Text<'_>]) -> Vec<Value> {
        texts.iter().map(|text| said(text, self.lang)).collect()
    }

    pub fn confidence(&self, confidence: Option<Confidence<'_>>) -> Option<Value> {
        sure(&confidence?).map(|words| Value::Chip(self.words.format("incident-sure", &[("words", &words)])))
    }
}

/// A text with its translations.
pub fn said(text: &Text<'_>, wanted: &str) -> Value {
    let first = text.version(wanted);
    let rest = text.versions().filter(|one| Some(one.id()) != first.map(Element::id));
    let version = |one: Element<'_>| (lang(one).map(|tag| text::line(&tag)), unindented(&text::block(&one.trimmed())));
    Value::Said(first.into_iter().chain(rest).map(version).collect())
}

/// Without the white space that only lays out the document it stood in.
fn unindented(text: &str) -> String {
    text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n")
}

/// How sure the sender is, in the sender's words.
pub fn sure(confidence: &Confidence<'_>) -> Option<String> {
    let number = confidence.number.map(rounded);
    let rating = confidence.rating.as_ref().map(token).filter(|rating| rating != "numeric" || number.is_none());
    match (rating, number) {
        (Some(rating), Some(number)) => Some(format!("{rating} ({number})")),
        (rating, number) => rating.or(number),
    }
}

/// A number with no more digits than tell something.
pub fn rounded(number: f64) -> String {
    ((number * 100.0).round() / 100.0).to_string()
}

/// A token as one reads it; a private one is the sender's own word.
pub fn token(token: &Token<'_>) -> String {
    text::line(token.as_str())
}

pub fn chip(value: Option<Token<'_>>) -> Option<Value> {
    value.as_ref().map(token).filter(|word| !word.is_empty()).map(Value::Chip)
}

pub fn words(value: impl AsRef<str>) -> Value {
    Value::Words(text::line(value.as_ref()))
}

/// A value that something could follow.
pub fn defanged(value: impl AsRef<str>) -> Value {
    Value::Mono(text::line(&text::defang(value.as_ref())))
}
