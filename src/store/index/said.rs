//! What a summary says that is looked for: the same texts whoever keeps them, the archive or memory.
//!
//! May use `model` and the questions beside it.

use std::borrow::Cow;

use super::lookup::Facet;
use super::marks;
use crate::model::{Kind, Summary};

/// The text whose words are found: what a person would search by, once each, a text a line. Of what a document's values are
/// chosen from (impacts, asked actions) the fields alone find it.
#[must_use]
pub fn words(summary: &Summary) -> String {
    // A description is most of it.
    let long: usize = summary.descriptions.iter().map(|(_, text)| text.len() + 1).sum();
    let mut text = String::with_capacity(256 + long);
    let title = Some(summary.title.as_str());
    // The title is most often the first description.
    let title = title.filter(|title| !summary.descriptions.iter().any(|(_, text)| text.starts_with(title)));
    let descriptions = summary.descriptions.iter().map(|(_, text)| text.as_str());
    let contacts = summary.contacts.iter().flat_map(|contact| [contact.name.as_deref(), contact.email.as_deref()]);
    let foreign = match &summary.kind {
        Kind::Foreign { name, .. } => Some(name.as_str()),
        _ => None,
    };
    let ids = [Some(summary.id.as_str()), Some(summary.csirt.as_str()), title, foreign];
    let names = names(summary).map(String::as_str);
    for part in ids.into_iter().flatten().chain(descriptions).chain(contacts.flatten()).chain(names) {
        if !part.is_empty() {
            text.push_str(part);
            text.push('\n');
        }
    }
    text
}

/// Who did it, as part of what, and how it is called.
pub fn names(summary: &Summary) -> impl Iterator<Item = &String> {
    let facets = summary.facets.iter();
    facets.flat_map(|facets| [&facets.actors, &facets.campaigns, &facets.methods]).flatten()
}

/// What a regular expression is tried on, a text at a time.
pub fn texts(summary: &Summary) -> impl Iterator<Item = &str> {
    let descriptions = summary.descriptions.iter().map(|(_, text)| text.as_str());
    let contacts =
        summary.contacts.iter().flat_map(|contact| [&contact.name, &contact.email]).flatten().map(String::as_str);
    let observables = summary.observables.iter().map(|observable| observable.value.as_str());
    [summary.title.as_str(), &summary.csirt, &summary.id]
        .into_iter()
        .chain(descriptions)
        .chain(contacts)
        .chain(names(summary).map(String::as_str))
        .chain(observables)
}

fn one(text: Option<&String>) -> Vec<Cow<'_, str>> {
    text.map(|text| Cow::Borrowed(text.as_str())).into_iter().collect()
}

fn list(texts: &[String]) -> Vec<Cow<'_, str>> {
    texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect()
}

/// The texts of a facet. `None` where the document was read by an earlier version of this program that did not look for it.
#[must_use]
pub fn values(facet: Facet, summary: &Summary) -> Option<Vec<Cow<'_, str>>> {
    let facets = || summary.facets.as_ref();
    Some(match facet {
        Facet::Id => one(Some(&summary.id).filter(|id| !id.is_empty())),
        Facet::Purpose => one(summary.purpose.as_ref()),
        Facet::Status => one(summary.status.as_ref()),
        Facet::Lang => one(summary.lang.as_ref()),
        Facet::Action => list(&summary.asks),
        Facet::Impact => list(&facets()?.impacts),
        Facet::Actor => list(&facets()?.actors),
        Facet::Campaign => list(&facets()?.campaigns),
        Facet::Method => list(&facets()?.methods),
        Facet::Confidence => facets()?.confidence.iter().map(|sure| Cow::from(sure.to_string())).collect(),
        Facet::Tag => Vec::new(),
    })
}

/// Every facet with few values, with all of them that a column does not know.
pub fn faceted(summary: &Summary) -> impl Iterator<Item = (Facet, Cow<'_, str>)> {
    let all = Facet::FEW
        .iter()
        .flat_map(|facet| values(*facet, summary).unwrap_or_default().into_iter().map(move |text| (*facet, text)));
    all.filter(|(facet, text)| match facet {
        Facet::Purpose => marks::purpose(Some(text)) == marks::OTHER,
        Facet::Status => marks::status(Some(text)) == marks::OTHER,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Facets;
    use crate::model::incident::Contact;

    #[test]
    fn words_are_the_persons_and_no_title_twice() {
        let summary = Summary {
            csirt: "cert.example".to_owned(),
            id: "189493".to_owned(),
            title: "Beacons".to_owned(),
            descriptions: vec![(Some("en".to_owned()), "Beacons to a C2".to_owned()), (None, "\u{dc}".to_owned())],
            contacts: vec![Contact { email: Some("a@b.example".to_owned()), ..Contact::default() }],
            facets: Some(Facets {
                actors: vec!["Example Bear".to_owned()],
                campaigns: vec!["autumn-26".to_owned()],
                methods: vec!["CAPEC-98".to_owned()],
                impacts: vec!["takeover-system".to_owned()],
                ..Facets::default()
            }),
            ..Summary::of_kind(Kind::Iodef2)
        };
        let lines = "189493\ncert.example\nBeacons to a C2\n\u{dc}\na@b.example\nExample Bear\nautumn-26\nCAPEC-98\n";
        assert_eq!(words(&summary), lines);
    }
}
