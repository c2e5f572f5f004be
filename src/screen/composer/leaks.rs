//! The leak guard and the hints of personal data among what preflight finds: each value that was received more strictly than
//! it is said, from which incident, and what resolves it (`product.md` C2).

use std::sync::Arc;

use super::findings::Findings;
use super::{Message, Screen, Work};
use crate::app::cx::Cx;
use crate::compose::guard::{self, Answers, Ask, Audience, Guard, Remedy, Said};
use crate::compose::hints;
use crate::compose::preflight::{self, Finding, Place, Weight};
use crate::compose::versions::Versions;
use crate::iodef::check::Fix;
use crate::iodef::edit::Edit;
use crate::iodef::{Document, Element};
use crate::model::{Restriction, Say, Tlp};
use crate::screen::Action;
use crate::store::query::Amber;

/// Each value is held to its own label; what a topic is for, preflight holds the whole to.
const ALL: Audience = Audience { topic: None, amber: Amber::Strict };

/// What one look at a draft found. There is none by default: nothing found is for a look to say.
#[derive(Clone, Debug)]
pub struct Found {
    /// What is so of the document and its topics, and of persons in it.
    pub list: Vec<Finding>,
    pub said: Vec<Said>,
    pub goes: Goes,
}

impl Found {
    /// Makes a look away from the window's thread. One that dies has found what stands in the way: nothing is known then.
    pub async fn made(look: impl FnOnce() -> Self + Send + 'static) -> Self {
        tokio::task::spawn_blocking(look).await.unwrap_or_else(|_| {
            let broken = Finding::new("look.broken", Weight::Blocks, Place::Whole, Say::new("compose-look-broken"));
            Self { list: vec![broken], said: Vec::new(), goes: Goes::default() }
        })
    }
}

/// What goes where, by the last look.
#[derive(Clone, Debug)]
pub struct Goes {
    /// The strictest word in the whole.
    pub label: Tlp,
    /// The loosest that a topic is for which gets the whole: to raise what is in it beyond that helps nobody.
    pub widest: Option<Tlp>,
    pub versions: Versions,
}

impl Default for Goes {
    fn default() -> Self {
        Self { label: Restriction::Absent.tlp(), widest: None, versions: Versions::default() }
    }
}

/// Looks at what a document says, wherever it goes.
pub fn look(document: &Document, mut list: Vec<Finding>) -> Found {
    list.extend(guard::hinted(&hints::hints(document)));
    Found { list, said: guard::said(document), goes: Goes::default() }
}

/// What is known of the values of a draft.
#[derive(Debug, Default)]
pub struct Leaks {
    guard: Guard,
    said: Vec<Said>,
    /// What else was found of the same state.
    list: Vec<Finding>,
    /// Why the archive could not be looked at.
    unlooked: Option<Say>,
    /// The last look-up that was asked for; what an older one tells says nothing of what was typed since.
    asked: u64,
    /// It is waited for.
    looking: bool,
}

impl Leaks {
    /// Values are being looked up.
    pub fn looking(&self) -> bool {
        self.looking
    }

    /// The archive could not be looked at.
    pub fn is_unlooked(&self) -> bool {
        self.unlooked.is_some()
    }

    /// What is being looked up is not waited for any more.
    pub fn renew(&mut self) {
        self.asked += 1;
    }

    /// All findings of the last look, those of the guard among them.
    fn all(&self, document: &Document, widest: Option<Tlp>, reasons: &dyn Fn(&str, &str) -> bool) -> Vec<Finding> {
        let mut list = self.list.clone();
        let found = self.guard.findings(&self.said, ALL);
        for (found, told) in found.iter().zip(guard::told(&found, reasons)) {
            let remedies = found.remedies(Audience { topic: widest, ..ALL }).into_iter();
            let fixes = remedies.filter_map(|remedy| fix(document, &found.said, remedy)).collect();
            list.push(Finding { fixes, ..told });
        }
        if let Some(say) = &self.unlooked {
            list.push(
                Finding::new("guard.unlooked", Weight::Blocks, Place::Whole, say.clone()).unless("archive", reasons),
            );
        }
        list
    }
}

/// A remedy as edits of the element that says it.
fn fix(document: &Document, said: &Said, remedy: Remedy) -> Option<Fix> {
    match remedy {
        Remedy::Raise(label) => preflight::raise(document, said.node, label),
        Remedy::Remove => removed(document.element(said.node)?, said),
        Remedy::Reason => None,
    }
}

/// Takes a value out, and no more than that where it stands among words, in a list or in an attribute; what goes is named.
fn removed(element: Element<'_>, said: &Said) -> Option<Fix> {
    let node = said.node;
    let made = |key, name: &str, edit| {
        let label = Say::new(key).with("name", crate::text::line_within(name, 60));
        Some(Fix { label, edits: vec![edit] })
    };
    if let Some(name) = &said.attribute {
        let attribute = element.attrs().find(|attribute| attribute.qualified() == name)?;
        let (ns, local) = (attribute.ns().to_owned(), attribute.local().to_owned());
        return made("compose-leak-remove-attribute", name, Edit::RemoveAttr { node, ns, local });
    }
    let text = element.text();
    let around = text.get(..said.span.start).zip(text.get(said.span.end..));
    let around = around.filter(|_| element.children().next().is_none());
    match around.filter(|(before, after)| !before.trim().is_empty() || !after.trim().is_empty()) {
        Some((before, after)) if element.is("BulkObservableList") => {
            let before = before.rsplit_once('\n').map_or(String::new(), |(lines, _)| format!("{lines}\n"));
            let after = after.split_once('\n').map_or("", |(_, lines)| lines);
            let text = format!("{before}{after}");
            made("compose-leak-cut", element.local(), Edit::SetText { node, text })
        }
        Some((before, after)) => {
            made("compose-leak-cut", element.local(), Edit::SetText { node, text: format!("{before}[…]{after}") })
        }
        None => {
            let _ = element.parent()?;
            made("compose-leak-remove", element.local(), Edit::Remove { node })
        }
    }
}

impl Screen {
    /// Takes in what a look found, and asks the archive what it does not know yet.
    pub(super) fn take_found(&mut self, id: &str, revision: u64, found: Found, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.id == id && desk.revision() == revision) else {
            return Action::None;
        };
        (desk.leaks.list, desk.leaks.said, desk.goes) = (found.list, found.said, found.goes);
        desk.leaks.unlooked = None;
        // Before something goes, what came since is looked at too.
        let asks = match self.wanted {
            Some(_) => desk.leaks.guard.stale(&desk.leaks.said, cx.store.len()),
            None => desk.leaks.guard.unknown(&desk.leaks.said),
        };
        desk.leaks.looking = !asks.is_empty();
        desk.leaks.renew();
        self.tell_findings(revision, cx);
        if asks.is_empty() { self.go_on(cx) } else { self.ask_archive(asks, cx) }
    }

    fn ask_archive(&self, asks: Vec<Ask>, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = &self.desk else { return Action::None };
        let incident =
            crate::compose::short::incident(desk.document()).and_then(|incident| incident.child("IncidentID"));
        let name = incident.and_then(|id| id.attr("name")).unwrap_or_default().into_owned();
        let number = incident.map(|id| id.text().into_owned()).unwrap_or_default();
        let us = super::begin::us(&self.stock, cx);
        Action::Compose(Work::Look {
            draft: desk.id.clone(),
            asked: desk.leaks.asked,
            asks,
            us,
            incident: (name, number),
        })
    }

    /// What the archive knows; while it was asked the draft may have changed, and is looked at again then.
    pub(super) fn learned(
        &mut self,
        id: &str,
        asked: u64,
        answers: Result<Arc<Answers>, Say>,
        cx: &Cx<'_>,
    ) -> Action<Message> {
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.id == id) else { return Action::None };
        let is_last = asked == desk.leaks.asked;
        match answers {
            Ok(answers) => desk.leaks.guard.learn(Arc::unwrap_or_clone(answers)),
            Err(say) if is_last => desk.leaks.unlooked = Some(say),
            // What it did not tell is asked for by the one after it too.
            Err(_) => {}
        }
        desk.leaks.looking &= !is_last;
        let revision = desk.revision();
        if desk.findings.of != Some(revision) {
            return Action::None;
        }
        self.tell_findings(revision, cx);
        if is_last { self.go_on(cx) } else { Action::None }
    }

    /// Shows what is known now of this state.
    pub(super) fn tell_findings(&mut self, revision: u64, cx: &Cx<'_>) {
        let clashes = self.clashes(cx);
        let Some(desk) = self.desk.as_mut() else { return };
        let beside = desk.beside().clone();
        let mut list =
            desk.leaks.all(desk.document(), desk.goes.widest, &|of, about| beside.reason(of, about).is_some());
        list.extend(clashes);
        let list = preflight::sorted(list);
        let at = desk.findings.at.filter(|at| *at < list.len());
        desk.findings = Findings { of: Some(revision), list, at };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a document when the first value of it that says this is taken out.
    fn left(inside: &str, value: &str) -> (String, &'static str) {
        let text = format!("<IODEF-Document xmlns=\"{}\">{inside}</IODEF-Document>", crate::iodef::NS);
        let mut document = Document::read(text, &[]).unwrap();
        let said = guard::said(&document).into_iter().find(|said| said.value == value).unwrap();
        let fix = fix(&document, &said, Remedy::Remove).unwrap();
        for edit in &fix.edits {
            let _ = document.edit(edit).unwrap();
        }
        assert!(guard::said(&document).iter().all(|said| said.value != value), "{}", document.text());
        let text = document.text().split_once('>').unwrap().1.trim_end_matches("</IODEF-Document>").to_owned();
        (text, fix.label.key)
    }

    #[test]
    fn no_more_is_taken_out_than_the_value() {
        let (cut, whole) = ("compose-leak-cut", "compose-leak-remove");
        for (inside, expected, key) in [
            ("<Description>at 192.0.2.7 twice</Description>", "<Description>at […] twice</Description>", cut),
            ("<Description> 192.0.2.7\n</Description><URL>x</URL>", "<URL>x</URL>", whole),
            (
                "<BulkObservableList>192.0.2.6\n192.0.2.7\n192.0.2.8</BulkObservableList>",
                "<BulkObservableList>192.0.2.6\n192.0.2.8</BulkObservableList>",
                cut,
            ),
            (
                "<BulkObservableList>192.0.2.6\n192.0.2.7</BulkObservableList>",
                "<BulkObservableList>192.0.2.6\n</BulkObservableList>",
                cut,
            ),
            (
                "<Incident lang=\"192.0.2.7\"><Method/></Incident>",
                "<Incident><Method/></Incident>",
                "compose-leak-remove-attribute",
            ),
        ] {
            assert_eq!(left(inside, "192.0.2.7"), (expected.to_owned(), key), "{inside}");
        }
    }
}
