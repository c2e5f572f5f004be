//! The machine check: nothing stricter than the audience may see is in the version, as an element, as a text or as a
//! value, however it is disguised.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::needle::{self, Needles};
use super::{is_stricter, stricter};
use crate::compose::form::class_of;
use crate::iodef::doc::{Content, Step};
use crate::iodef::{Document, Element, NodeId, check, observables};
use crate::model::{Say, Tlp};
use crate::text::{extract, line_within};

/// Most survivors told; one is enough to hold the version back.
const MOST: usize = 200;
/// Longest word about one, in characters.
const LONG: usize = 80;

/// What came of the check of one version against the full document. There is no other way to one than to check.
#[derive(Clone, Debug)]
pub struct Proof {
    target: Tlp,
    version: [u8; 32],
    /// In document order of the version.
    survivors: Vec<Survivor>,
    untold: usize,
    /// Outermost elements that are stricter, and texts and values of theirs that were looked for.
    pub stricter: usize,
    pub looked_for: usize,
    /// Texts of theirs that say too little by themselves to be looked for: short words, small numbers.
    pub short: usize,
}

/// Something that is in the version and must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    pub how: How,
    /// In the version: the element, or the one whose text or attribute it is; the root for what is around it.
    pub node: NodeId,
    /// Where, as an operator would say it.
    pub place: String,
    /// What survived, in a safe line.
    pub what: String,
    /// In the full document: whence it is.
    pub from: Option<NodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// The element itself.
    Element,
    /// A text, or words of one that follow each other.
    Text,
    /// The same value, perhaps written otherwise.
    Value,
    /// A network around an address, or an address in a network.
    Network,
}

impl Survivor {
    #[must_use]
    pub fn say(&self) -> Say {
        let how = match self.how {
            How::Element => "element",
            How::Text => "text",
            How::Value => "value",
            How::Network => "network",
        };
        Say::new("compose-version-survived").with("place", &self.place).with("how", how).with("what", &self.what)
    }
}

impl Proof {
    /// Whether nothing survived.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.survivors.is_empty()
    }

    #[must_use]
    pub fn survivors(&self) -> &[Survivor] {
        &self.survivors
    }

    /// How many more survived than are told.
    #[must_use]
    pub fn untold(&self) -> usize {
        self.untold
    }

    #[must_use]
    pub fn target(&self) -> Tlp {
        self.target
    }

    /// Whether it is of this very document: one that was changed since has no proof.
    #[must_use]
    pub fn is_of(&self, version: &Document) -> bool {
        self.version == digest(version)
    }
}

fn digest(document: &Document) -> [u8; 32] {
    Sha256::digest(document.text().as_bytes()).into()
}

/// Checks a version against the full document it was made of.
#[must_use]
pub fn prove(full: &Document, version: &Document, target: Tlp) -> Proof {
    let secret = stricter(full, target);
    let needles = needles(full, &secret, &known(version));
    let mut hunt = Hunt { needles: &needles, survivors: Vec::new(), untold: 0, seen: HashSet::new() };
    for element in version.root().descendants().filter(|element| is_stricter(*element, target)) {
        hunt.add(How::Element, element, element.local().to_owned(), None);
    }
    if !secret.is_empty() {
        hunt.everywhere(version);
    }
    let Hunt { survivors, untold, .. } = hunt;
    Proof {
        target,
        version: digest(version),
        survivors,
        untold,
        stricter: secret.len(),
        looked_for: needles.count,
        short: needles.short,
    }
}

/// What every version says: the names of the teams whose incidents these are.
fn known(version: &Document) -> Vec<String> {
    let incidents = version.root().children().filter(|child| child.is("Incident"));
    let names = incidents.filter_map(|incident| Some(incident.child("IncidentID")?.attr("name")?.into_owned()));
    names.map(|name| name.trim().to_lowercase()).collect()
}

fn needles(full: &Document, secret: &[Element<'_>], known: &[String]) -> Needles {
    let mut needles = Needles::default();
    for element in secret.iter().flat_map(|outer| std::iter::once(*outer).chain(outer.descendants())) {
        for text in needle::texts(element) {
            if !known.contains(&text.trim().to_lowercase()) {
                needles.text(&text, element.id());
            }
            for found in needle::certain(&text).filter(|found| !known.contains(&found.value)) {
                needles.key(found.kind, &found.value, element.id());
            }
        }
        for part in element.content() {
            if let Content::Comment(words) | Content::Instruction(words) = part {
                needles.text(words, element.id());
            }
        }
    }
    let mut at = secret.iter().peekable();
    for found in observables::all(full) {
        let node = found.element.id();
        while at.next_if(|outer| outer.id() < node && !outer.contains(node)).is_some() {}
        if at.peek().is_some_and(|outer| outer.id() == node || outer.contains(node))
            && !known.contains(&found.canonical)
        {
            // A port alone tells nothing.
            if found.canonical.len() >= 4 || found.canonical.contains(['.', ':']) {
                needles.canonical(&found.canonical, node);
                needles.key(found.kind(), &found.canonical, node);
                // Each of a list is looked for by itself.
                if found.original.trim() != found.element.trimmed() {
                    needles.text(&found.original, node);
                }
            }
        }
    }
    needles
}

struct Hunt<'n> {
    needles: &'n Needles,
    survivors: Vec<Survivor>,
    untold: usize,
    /// What was told of an element already.
    seen: HashSet<(NodeId, How, String)>,
}

impl Hunt<'_> {
    fn add(&mut self, how: How, element: Element<'_>, what: String, from: Option<NodeId>) {
        let what = line_within(&what, LONG);
        if !self.seen.insert((element.id(), how, what.clone())) {
            return;
        }
        if self.survivors.len() == MOST {
            self.untold += 1;
            return;
        }
        let place = check::place(element);
        self.survivors.push(Survivor { how, node: element.id(), place, what, from });
    }

    fn everywhere(&mut self, version: &Document) {
        let root = version.root();
        // Comments around the root are read by everybody, too.
        let (from, to) = root.span();
        for outside in [version.text().get(..from), version.text().get(to..)] {
            self.text(root, outside.unwrap_or_default());
        }
        for element in std::iter::once(root).chain(root.descendants()) {
            self.element(element);
        }
        for found in observables::all(version) {
            let from = self.needles.has_canonical(&found.canonical);
            if let Some(from) = from.or_else(|| self.needles.has_key(found.kind(), &found.canonical)) {
                self.add(How::Value, found.element, found.original.into_owned(), Some(from));
            }
        }
    }

    fn element(&mut self, element: Element<'_>) {
        let mut own = String::new();
        for part in element.content() {
            match part {
                Content::Text(text) | Content::CData(text) => own.push_str(&text),
                Content::Comment(words) | Content::Instruction(words) => self.text(element, words),
                Content::Element(_) => own.push('\u{1}'),
            }
        }
        self.text(element, &own);
        for attr in element.attrs() {
            self.text(element, &attr.value());
        }
        for (prefix, uri) in element.declarations() {
            self.text(element, prefix);
            self.text(element, &uri);
        }
        // Of foreign content the text may be cut by marks within a word.
        let is_foreign = class_of(element).is_none() || element.children().any(|child| class_of(child).is_none());
        if is_foreign && element.children().next().is_some() {
            let mut whole = String::new();
            for step in element.walk() {
                if let Step::Text(text) = step {
                    whole.push_str(&text);
                }
            }
            self.text(element, &whole);
        }
    }

    fn text(&mut self, element: Element<'_>, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let mut found = Vec::new();
        self.needles.in_words(&needle::words(text), &mut found);
        for (from, what) in found {
            self.add(How::Text, element, what, Some(from));
        }
        for value in needle::values(text) {
            if let Some(from) = self.needles.has_value(&value) {
                self.add(How::Value, element, value.to_string(), Some(from));
            } else if let Some(from) = self.needles.near(&value) {
                self.add(How::Network, element, value.to_string(), Some(from));
            }
        }
        for value in extract::extract(text) {
            if let Some(from) = self.needles.has_key(value.kind, &value.value) {
                self.add(How::Value, element, value.value, Some(from));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::redact;
    use super::*;

    const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const BASE64: &str = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";

    fn hash(digest: &str) -> String {
        format!(
            "<FileData><File><HashData scope=\"file-contents\"><Hash><ds:DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>{digest}</ds:DigestValue></Hash>\
             </HashData></File></FileData>"
        )
    }

    fn bulk(kind: &str, lines: &str) -> String {
        format!("<BulkObservable type=\"{kind}\"><BulkObservableList>{lines}</BulkObservableList></BulkObservable>")
    }

    /// What survives of a strict observable in a description and an observable that everybody may read.
    fn survivors(strict: &str, said: &str, open: &str) -> Vec<(How, String)> {
        let indicator = |word: &str, inside: &str| {
            format!(
                "<Indicator restriction=\"{word}\"><IndicatorID name=\"c\" version=\"1\">i-{word}</IndicatorID>\
                 <Observable>{inside}</Observable></Indicator>"
            )
        };
        let text = format!(
            "<IODEF-Document xmlns=\"{}\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" version=\"2.00\" \
             xml:lang=\"en\"><Incident purpose=\"reporting\" restriction=\"green\"><IncidentID \
             name=\"csirt.example.com\">2026-1</IncidentID><GenerationTime>2026-11-21T16:05:00Z</GenerationTime>\
             <Description>{said}</Description><Contact role=\"irt\" type=\"organization\"><ContactName>Us</ContactName>\
             </Contact><IndicatorData>{}{}</IndicatorData></Incident></IODEF-Document>",
            crate::iodef::NS,
            indicator("green", open),
            indicator("red", strict)
        );
        let version = redact(&Document::read(text, &[]).unwrap(), Tlp::Green).unwrap();
        assert!(!version.document.text().contains("i-red"), "{}", version.document.text());
        version.proof.survivors().iter().map(|survivor| (survivor.how, survivor.place.clone())).collect()
    }

    #[test]
    fn a_digest_is_found_however_it_is_written() {
        let other = "0".repeat(64);
        let many: Vec<String> = (1..9).map(|n| format!("{n:064x}")).chain([HEX.to_owned()]).collect();
        let (own, list, note) = (
            hash(BASE64),
            bulk("file-hash", &many.join("\n")),
            format!("<FileData><File><FileName>{HEX}</FileName></File></FileData>"),
        );
        let calm = bulk("ipv4-addr", "192.0.2.1");
        for strict in [&own, &list, &note] {
            for said in [
                HEX.to_owned(),
                format!("Seen: sha256:{}.", HEX.to_uppercase()),
                format!("https://scan.example/{HEX}/report"),
                format!("as {BASE64}"),
            ] {
                let found = survivors(strict, &said, &calm);
                assert!(found.iter().any(|(_, place)| place.ends_with("Description")), "{strict} {said}: {found:?}");
            }
            let found = survivors(strict, "calm", &hash(BASE64));
            assert!(found.iter().any(|(_, place)| place.contains("DigestValue")), "{strict}: {found:?}");
            let found = survivors(strict, "calm", &bulk("file-hash", &format!("{other}\n{HEX}")));
            assert!(!found.is_empty(), "{strict}");
            assert_eq!(survivors(strict, &format!("{other}, a SHA-256"), &calm), []);
        }
    }

    #[test]
    fn each_of_a_list_is_looked_for_by_itself() {
        let names = bulk("user-name", "mallory_one\nmallory_two\nmallory_three\nmallory_four\nmallory_five");
        let calm = bulk("ipv4-addr", "192.0.2.1");
        assert!(!survivors(&names, "It was mallory_three again", &calm).is_empty());
        assert_eq!(survivors(&names, "It was mallory again, three times", &calm), []);
    }
}
