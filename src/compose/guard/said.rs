//! Every value a document says: in the elements that hold values, in the words of all others, and in attributes.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Said;
use crate::compose::paste::key_of;
use crate::iodef::doc::{Content, Step};
use crate::iodef::observables::{self, Found};
use crate::iodef::schema::Space;
use crate::iodef::view::marking;
use crate::iodef::{Document, Element, NodeId};
use crate::model::{ObservableKind, Tlp};
use crate::store::index::key::Tag;
use crate::text::extract;

/// Most text of foreign content that is read with its marks left out, in bytes: as it nests, what is inside is read again
/// for each element around it. What is more stands in the way ([`unread`]).
const CUT: usize = 16 << 20;
/// Attributes that say where the schema of a document is.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// All values, in the order of the document; one that is said twice stands here twice.
#[must_use]
pub fn said(document: &Document) -> Vec<Said> {
    let mut all = Vec::new();
    // Elements that hold values, those of them that hold something else too, and where the values stand.
    let (mut held, mut mixed, mut places) = (HashSet::new(), HashSet::new(), HashSet::new());
    let found = observables::all(document);
    let (mut last, mut text, mut from) = (None, Cow::default(), 0);
    for one in &found {
        let id = one.element.id();
        if last != Some(id) {
            // Once for each element: a list may be long, and has a value on each line.
            (last, text, from) = (Some(id), one.element.text(), 0);
        }
        let Some(of) = structured(one, &text, from) else {
            let _ = mixed.insert(id);
            continue;
        };
        from = of.said.span.end;
        let _ = (held.insert(id), places.insert((id, of.said.kind, of.said.span.start)));
        if of.has_more {
            let _ = mixed.insert(id);
        }
        all.push(of.said);
    }
    for element in std::iter::once(document.root()).chain(document.root().descendants()) {
        let label = marking(element).restriction.tlp();
        attributes(element, label, &mut all);
        let id = element.id();
        if (!held.contains(&id) || mixed.contains(&id)) && !names_incidents(element) {
            let mut words = Vec::new();
            from_text(&element.text(), id, None, label, &mut words);
            all.extend(words.into_iter().filter(|said| !places.contains(&(id, said.kind, said.span.start))));
        }
    }
    cut(document, &mut all);
    all.sort_by_key(|said| (said.node, said.attribute.is_none(), said.span.start));
    all
}

/// All values of words that stand in no document.
pub(super) fn worded(text: &str, label: Tlp) -> Vec<Said> {
    let mut all = Vec::new();
    from_text(text, NodeId::default(), None, label, &mut all);
    all
}

/// The first element of foreign content that is too much to be read with its marks left out: nobody knows what it says.
#[must_use]
pub fn unread(document: &Document) -> Option<NodeId> {
    let mut left = CUT;
    foreign(document).find(|element| joined(*element, &mut left).is_none()).map(Element::id)
}

/// Elements with marks in them that IODEF does not know.
fn foreign(document: &Document) -> impl Iterator<Item = Element<'_>> {
    let all = std::iter::once(document.root()).chain(document.root().descendants());
    all.filter(|element| element.children().any(|child| !(element.is_iodef() && child.is_iodef())))
}

/// Values that marks of foreign content cut, or part from others: `<i>198.51</i>.100.7`, `1<i/>198.51.100.7`. Each element
/// is read as if it held text alone, and piece by piece.
fn cut(document: &Document, all: &mut Vec<Said>) {
    let mut known: HashSet<(Vec<u8>, Tlp)> = all.iter().map(|said| (said.key.clone(), said.here)).collect();
    let (mut left, mut found) = (CUT, Vec::new());
    for element in foreign(document) {
        let Some(text) = joined(element, &mut left) else { break };
        for text in [text, apart(element)] {
            from_text(&text, element.id(), None, marking(element).restriction.tlp(), &mut found);
        }
        all.extend(found.drain(..).filter(|said| known.insert((said.key.clone(), said.here))));
    }
}

/// Its own text, each piece on a line.
fn apart(element: Element<'_>) -> String {
    let mut pieces = String::new();
    for part in element.content() {
        match part {
            Content::Text(text) | Content::CData(text) => pieces.push_str(&text),
            Content::Element(_) => pieces.push('\n'),
            Content::Comment(_) | Content::Instruction(_) => {}
        }
    }
    pieces
}

/// All text in an element; nothing when it is more than is left.
fn joined(element: Element<'_>, left: &mut usize) -> Option<String> {
    let mut whole = String::new();
    for step in element.walk() {
        if let Step::Text(text) = step {
            *left = left.checked_sub(text.len())?;
            whole.push_str(&text);
        }
    }
    Some(whole)
}

/// A value that stands where values do.
struct Structured {
    said: Said,
    /// There are words in it that say something too.
    has_more: bool,
}

/// What stands there, in the element's text from this byte on. One that is not of its kind is left to the reading of words.
fn structured(found: &Found<'_>, text: &str, from: usize) -> Option<Structured> {
    let (kind, key) = (found.kind(), key_of(found.kind(), &found.canonical)?);
    if key.first() == Some(&(Tag::Other as u8)) && !matches!(kind, ObservableKind::File | ObservableKind::Other) {
        return None;
    }
    let start = text.get(from..)?.find(&*found.original)? + from;
    let has_more = match kind {
        // What a file's name holds may be an address all the same.
        ObservableKind::File if extract::extract(&found.original).iter().any(|one| one.kind != kind) => return None,
        // A subject, a mailer, a request: sought as it is, and for what its words name; unless it is one value of a kind.
        ObservableKind::Other => {
            let named = extract::extract(&found.original);
            if named.iter().any(|one| one.span == (0..found.original.len())) {
                return None;
            }
            !named.is_empty()
        }
        _ => false,
    };
    let said = Said {
        kind,
        value: found.canonical.clone(),
        key,
        node: found.element.id(),
        attribute: None,
        written: found.original.clone().into_owned(),
        here: found.marking.restriction.tlp(),
        span: start..start + found.original.len(),
    };
    Some(Structured { said, has_more })
}

/// Who numbered an incident is not what was seen in it.
fn names_incidents(element: Element<'_>) -> bool {
    element.is_iodef() && matches!(element.local(), "IncidentID" | "IndicatorID" | "GenerationTime" | "ReportTime")
}

fn from_text(text: &str, node: NodeId, attribute: Option<&str>, label: Tlp, all: &mut Vec<Said>) {
    for found in extract::extract(text) {
        let Some(key) = key_of(found.kind, &found.value) else { continue };
        let written = text.get(found.span.clone()).unwrap_or_default().to_owned();
        // What may be either is looked for as both.
        let twin = match (found.doubt, found.kind) {
            (Some(extract::Doubt::FileOrDomain), ObservableKind::File) => Some(ObservableKind::Domain),
            (Some(extract::Doubt::FileOrDomain), _) => Some(ObservableKind::File),
            _ => None,
        };
        let twin = twin.and_then(|kind| {
            let value = found.value.to_lowercase();
            Some((kind, key_of(kind, &value)?, value))
        });
        let own = (found.kind, key, found.value);
        for (kind, key, value) in std::iter::once(own).chain(twin) {
            all.push(Said {
                kind,
                value,
                key,
                node,
                attribute: attribute.map(str::to_owned),
                span: found.span.clone(),
                written: written.clone(),
                here: label,
            });
        }
    }
}

/// Attributes that hold words or values, those with a prefix (`xlink:href`) among them.
fn attributes(element: Element<'_>, label: Tlp, all: &mut Vec<Said>) {
    if names_incidents(element) {
        return;
    }
    // Those of IODEF's own elements with a prefix say what XML this is.
    for attribute in element.attrs().filter(|attribute| !(element.is_iodef() && attribute.ns() == INSTANCE)) {
        let is_chosen = matches!(attribute.qualified(), "Algorithm" | "SpecID" | "private-enum-name" | "version");
        // What these say in a report is chosen from a list; what they say in another's marks is anything.
        if is_chosen && (element.is_iodef() || Space::of(element.ns()).is_some()) {
            continue;
        }
        let value = attribute.value();
        if may_hold(&value) {
            from_text(&value, element.id(), Some(attribute.qualified()), label, all);
        }
    }
}

/// Most attributes are a word of a list: small letters and hyphens, fewer than a digest has.
fn may_hold(value: &str) -> bool {
    value.len() > 3 && (value.len() >= 32 || value.bytes().any(|byte| !matches!(byte, b'a'..=b'z' | b'-')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::preflight;

    /// A green report with this in its `AdditionalData`.
    fn report(inside: &str) -> Document {
        let text = format!(
            "<IODEF-Document xmlns=\"{}\" xmlns:xsi=\"{INSTANCE}\" xsi:schemaLocation=\"urn:x http://schema.example/x\" \
             version=\"2.00\" xml:lang=\"en\"><Incident restriction=\"green\"><IncidentID \
             name=\"csirt.example.com\">2026-1</IncidentID><AdditionalData dtype=\"xml\">{inside}</AdditionalData>\
             </Incident></IODEF-Document>",
            crate::iodef::NS
        );
        Document::read(text, &[]).unwrap()
    }

    fn values(inside: &str) -> Vec<String> {
        said(&report(inside)).into_iter().map(|said| said.value).collect()
    }

    /// A line of a list that is a value of its own hides no other line, which only its words tell.
    #[test]
    fn a_list_with_lines_of_several_kinds_is_read_whole() {
        let list = "<BulkObservableList>x\n192.0.2.6\n192.0.2.7</BulkObservableList>";
        let text = format!("<IODEF-Document xmlns=\"{}\">{list}</IODEF-Document>", crate::iodef::NS);
        let values: Vec<String> =
            said(&Document::read(text, &[]).unwrap()).into_iter().map(|said| said.value).collect();
        assert_eq!(values, ["x", "192.0.2.6", "192.0.2.7"]);
    }

    #[test]
    fn foreign_content_is_read_as_its_readers_do() {
        for inside in [
            "<r xmlns=\"urn:x\" xmlns:l=\"http://www.w3.org/1999/xlink\" l:href=\"198.51.100.7\"/>",
            "<r xmlns=\"urn:x\" xml:base=\"198.51.100.7\"/>",
            "<r xmlns=\"urn:x\" version=\"198.51.100.7\"/>",
            "<r xmlns=\"urn:x\" a=\"198(dot)51(dot)100(dot)7\"/>",
            "<r xmlns=\"urn:x\" a=\"198&#46;51&#46;100{dot}7\"/>",
            "<r xmlns=\"urn:x\" a=\"198\u{3002}51\u{3002}100\u{3002}7\"/>",
            "<r xmlns=\"urn:x\" xsi:schemaLocation=\"198.51.100.7\"/>",
            "<b xmlns=\"urn:x\"><i>198.51</i>.100.7</b>",
            "<b xmlns=\"urn:x\">198<i>.51</i><i>.100.7</i></b>",
            "<r xmlns=\"urn:x\"><n>5</n><b><i>198</i>.51.100<!-- x -->.7</b></r>",
            "<i xmlns=\"urn:x\">198.51</i>.100.7",
            "1<i xmlns=\"urn:x\">5</i>198.51.100.7",
            "<b xmlns=\"urn:x\">198.51<IncidentID xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\"/>.100.7</b>",
        ] {
            let found: Vec<Said> = said(&report(inside)).into_iter().filter(|it| it.value == "198.51.100.7").collect();
            assert!(!found.is_empty(), "{inside}: {:?}", values(inside));
            assert!(found.iter().all(|said| said.here == Tlp::Green), "{found:?}");
        }
        // What XML this is says nothing of what was seen, and what is whole is told once.
        assert_eq!(values("<r xmlns=\"urn:x\"/>"), Vec::<String>::new());
        assert_eq!(values("<r xmlns=\"urn:x\"><s><t>198.51.100.7</t></s></r>"), ["198.51.100.7"]);
    }

    #[test]
    fn a_text_of_any_length_is_read_or_stands_in_the_way() {
        let long = "words and words ".repeat(300_000);
        let document = report(&format!("{long} 198.51.100.7"));
        assert!(said(&document).iter().any(|said| said.value == "198.51.100.7"));
        assert_eq!(unread(&document), None);
        // Nested so often that reading it with each mark left out would take for ever.
        let deep = |times: usize| {
            let text = "x ".repeat(100_000);
            format!("{}{text}{}", "<a xmlns=\"urn:x\">".repeat(times), "</a>".repeat(times))
        };
        assert_eq!(unread(&report(&deep(10))), None);
        let document = report(&deep(200));
        let stopped = document.element(unread(&document).unwrap()).unwrap();
        assert_eq!(stopped.local(), "a");
        let found = preflight::document(&document, false, &|_, _| false);
        assert!(found.iter().any(|found| found.id == "guard.long" && found.weight == preflight::Weight::Blocks));
    }
}
