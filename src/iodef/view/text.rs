//! Texts in several languages (MLStringType, RFC 7970 §2.4): what belongs together, and which one to show.

use std::borrow::Cow;
use std::collections::HashMap;

use super::attr;
use crate::iodef::doc::Element;
use crate::iodef::xml::XML;

/// One text in one or several languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'d> {
    /// In document order, never empty.
    versions: Vec<Element<'d>>,
}

/// The texts among the children called `local`: siblings that share a `translation-id` are one text.
#[must_use]
pub fn texts<'d>(parent: Element<'d>, local: &str) -> Vec<Text<'d>> {
    let mut found: Vec<Text<'d>> = Vec::new();
    let mut places: HashMap<Cow<'d, str>, usize> = HashMap::new();
    for element in parent.children().filter(|child| child.is(local)) {
        let id = attr(element, "translation-id");
        let place = id.map_or(found.len(), |id| *places.entry(id).or_insert(found.len()));
        match found.get_mut(place) {
            Some(text) => text.versions.push(element),
            None => found.push(Text { versions: vec![element] }),
        }
    }
    found
}

impl<'d> Text<'d> {
    pub fn versions(&self) -> impl Iterator<Item = Element<'d>> {
        self.versions.iter().copied()
    }

    /// The version for a reader of `wanted` (RFC 5646): in that very language, else of the same primary language, else the
    /// first.
    #[must_use]
    pub fn version(&self, wanted: &str) -> Option<Element<'d>> {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let exact = self.versions().find(|one| lang(*one).is_some_and(|tag| tag.eq_ignore_ascii_case(wanted)));
        let near = || self.versions().find(|one| lang(*one).is_some_and(|tag| primary(&tag) == primary(wanted)));
        exact.or_else(near).or_else(|| self.versions().next())
    }

    /// What to show a reader of `wanted`.
    #[must_use]
    pub fn in_lang(&self, wanted: &str) -> Cow<'d, str> {
        self.version(wanted).map(Element::trimmed).unwrap_or_default()
    }
}

/// The language in force on an element: its own `xml:lang`, else the nearest ancestor's. Senders leave out the prefix,
/// after the RFC's own §4.2 and v1.
#[must_use]
pub fn lang(element: Element<'_>) -> Option<Cow<'_, str>> {
    element
        .ancestors()
        .find_map(|one| one.attr_ns(XML, "lang").or_else(|| one.is_iodef().then(|| one.attr("lang"))?))
        .map(super::token::trimmed)
        .filter(|tag| !tag.is_empty())
}
