//! Words in what was observed: domains, links and mailboxes, read from their keys, so that what arrives and what is stored are
//! held against a name in the same way.

use super::key::{self, Span, Tag};
use crate::text;

const TAGS: [Tag; 4] = [Tag::Domain, Tag::Host, Tag::Url, Tag::Email];

/// Where names are kept.
#[must_use]
pub fn spans() -> Vec<Span> {
    TAGS.into_iter().flat_map(|tag| key::texts(tag, "")).collect()
}

/// The words of a name; none of a key that is no name. A name in A-labels is read as its own letters.
#[must_use]
pub fn words(key: &[u8]) -> Vec<String> {
    let is_name = key.first().is_some_and(|first| TAGS.iter().any(|tag| *tag as u8 == *first));
    let Some(text) = key::read_text(key).filter(|_| is_name) else { return Vec::new() };
    spoken(&text)
}

/// The words of a text in which names may be in A-labels.
#[must_use]
pub fn spoken(text: &str) -> Vec<String> {
    let unicode = text.contains("xn--").then(|| idna::domain_to_unicode(text).0);
    text::words(unicode.as_deref().unwrap_or(text))
}

/// Whether one of the phrases stands in the words.
#[must_use]
pub fn hold(words: &[String], phrases: &[Vec<String>]) -> bool {
    phrases.iter().any(|phrase| !phrase.is_empty() && words.windows(phrase.len()).any(|window| window == phrase))
}
