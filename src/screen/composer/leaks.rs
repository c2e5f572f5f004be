//! The leak guard and the hints of personal data among what preflight finds: each value that was received more strictly than
//! it is said, from which incident, and what resolves it (`product.md` C2).

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::findings::Findings;
use super::{Message, Screen, Work};
use crate::app::cx::Cx;
use crate::compose::guard::{self, Answers, Ask, Audience, Guard, Remedy, Said};
use crate::compose::look::{Found, Goes};
use crate::compose::preflight::{self, Finding, Place, Weight};
use crate::iodef::check::Fix;
use crate::iodef::edit::Edit;
use crate::iodef::{Document, Element, NodeId};
use crate::model::{Say, Tlp};
use crate::screen::Action;
use crate::store::query::Amber;

/// Each value is held to its own label; what a topic is for, preflight holds the whole to.
const ALL: Audience = Audience { topic: None, amber: Amber::Strict };

/// Values that leak which are told one by one.
const LISTED: usize = 1_000;
/// The label of what takes all values out of one element.
const CUT_ALL: &str = "compose-leak-cut-all";

impl Found {
    /// Makes a look away from the window's thread. One that dies has found what stands in the way: nothing is known then.
    pub async fn made(look: impl FnOnce() -> Self + Send + 'static) -> Self {
        tokio::task::spawn_blocking(look).await.unwrap_or_else(|_| {
            let broken = Finding::new("look.broken", Weight::Blocks, Place::Whole, Say::new("compose-look-broken"));
            Self { list: vec![broken], said: Vec::new(), goes: Goes::default() }
        })
    }
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

    /// All findings of the last look, those of the guard among them: the first many, those without a reason before others.
    fn all(&self, document: &Document, widest: Option<Tlp>, reasons: &dyn Fn(&str, &str) -> bool) -> Vec<Finding> {
        let mut list = self.list.clone();
        let mut found = self.guard.findings(&self.said, ALL);
        let more = found.len().saturating_sub(LISTED);
        if more > 0 {
            found.sort_by_cached_key(|found| reasons(guard::REASON, &found.about()));
            let blocks = found.get(LISTED).is_some_and(|found| !reasons(guard::REASON, &found.about()));
            let weight = if blocks { Weight::Blocks } else { Weight::Warns };
            list.push(Finding::new(
                "leak.more",
                weight,
                Place::Whole,
                Say::new("compose-leak-more").number("count", more),
            ));
            found.truncate(LISTED);
        }
        let remedies = remedies(document, &found, widest);
        for (told, fixes) in guard::told(found, reasons).into_iter().zip(remedies) {
            list.push(Finding { fixes, ..told });
        }
        if let Some(say) = &self.unlooked {
            list.push(guard::unlooked(say.clone(), reasons));
        }
        list
    }

    /// The edits of a remedy, made when it is wanted: a text is long, and many values may stand in it.
    pub fn edits(&self, document: &Document, finding: &Finding, which: usize) -> Option<Vec<Edit>> {
        let fix = finding.fixes.get(which)?;
        let Some(leak) = finding.leak.as_ref().filter(|_| fix.edits.is_empty()) else { return Some(fix.edits.clone()) };
        let element = document.element(leak.said.node)?;
        if fix.label.key != CUT_ALL {
            return Some(vec![removed(element, &leak.said)?]);
        }
        let all = self.guard.findings(&self.said, ALL).into_iter().map(|found| found.said);
        let all = all.filter(|said| said.node == leak.said.node && said.attribute.is_none());
        Some(vec![cut(element, all.map(|said| said.span).collect())?])
    }
}

/// The remedies of findings, in their order: what takes a value out by its name alone ([`Leaks::edits`]).
fn remedies(document: &Document, found: &[guard::Finding], widest: Option<Tlp>) -> Vec<Vec<Fix>> {
    let mut values: HashMap<NodeId, usize> = HashMap::new();
    for found in found.iter().filter(|found| found.said.attribute.is_none()) {
        *values.entry(found.said.node).or_default() += 1;
    }
    // Most stand beside others of the same element.
    let mut last: Option<(NodeId, Cow<'_, str>)> = None;
    let mut of = |found: &guard::Finding| {
        let said = &found.said;
        let Some(element) = document.element(said.node) else { return Vec::new() };
        if last.as_ref().is_none_or(|(node, _)| *node != said.node) {
            last = Some((said.node, element.text()));
        }
        let text = last.as_ref().map_or("", |(_, text)| text);
        let named = |label: Say| Fix { label, edits: Vec::new() };
        let mut fixes = Vec::new();
        for remedy in found.remedies(Audience { topic: widest, ..ALL }) {
            match remedy {
                Remedy::Raise(label) => fixes.extend(preflight::raise(document, said.node, label)),
                Remedy::Remove => fixes.extend(removal(element, text, said).map(named)),
                Remedy::Reason => {}
            }
        }
        let count = values.get(&said.node).copied().filter(|count| *count > 1 && element.children().next().is_none());
        if let Some(count) = count.filter(|_| said.attribute.is_none()) {
            let label = Say::new(CUT_ALL).with("name", name(element.local())).number("count", count);
            fixes.push(named(label));
        }
        fixes
    };
    found.iter().map(&mut of).collect()
}

fn name(of: &str) -> String {
    crate::text::line_within(of, 60)
}

/// It stands among words or other values, in no foreign marks: no more than it is taken out.
fn is_among(element: Element<'_>, text: &str, said: &Said) -> bool {
    let around = text.get(..said.span.start).zip(text.get(said.span.end..));
    let around = around.filter(|_| element.children().next().is_none());
    around.is_some_and(|(before, after)| !before.trim().is_empty() || !after.trim().is_empty())
}

/// What taking a value out is called; what goes is named.
fn removal(element: Element<'_>, text: &str, said: &Said) -> Option<Say> {
    let made = |key, of: &str| Some(Say::new(key).with("name", name(of)));
    match &said.attribute {
        Some(attribute) => made("compose-leak-remove-attribute", attribute),
        None if is_among(element, text, said) => made("compose-leak-cut", element.local()),
        None => element.parent().and_then(|_| made("compose-leak-remove", element.local())),
    }
}

/// Takes a value out, and no more than that where it stands among words, in a list or in an attribute.
fn removed(element: Element<'_>, said: &Said) -> Option<Edit> {
    let node = element.id();
    if let Some(name) = &said.attribute {
        let attribute = element.attrs().find(|attribute| attribute.qualified() == name)?;
        return Some(Edit::RemoveAttr { node, ns: attribute.ns().to_owned(), local: attribute.local().to_owned() });
    }
    if is_among(element, &element.text(), said) {
        return cut(element, vec![said.span.clone()]);
    }
    element.parent().map(|_| Edit::Remove { node })
}

/// Takes pieces out of the text of an element, of a list their lines.
fn cut(element: Element<'_>, mut spans: Vec<Range<usize>>) -> Option<Edit> {
    let (node, text) = (element.id(), element.text());
    let is_list = element.is("BulkObservableList");
    spans.sort_by_key(|span| span.start);
    let (mut left, mut at) = (String::with_capacity(text.len()), 0);
    for span in spans.into_iter().filter(|span| span.end <= text.len()) {
        let (from, to) = if is_list {
            let from = text.get(..span.start)?.rfind('\n').map_or(0, |end| end + 1);
            (from, text.get(span.end..)?.find('\n').map_or(text.len(), |end| span.end + end + 1))
        } else {
            (span.start, span.end)
        };
        if to > at {
            left.push_str(text.get(at..from.max(at))?);
            left.push_str(if is_list { "" } else { "[…]" });
            at = to;
        }
    }
    left.push_str(text.get(at..)?);
    let is_gone = left.replace("[…]", "").trim().is_empty() && element.parent().is_some();
    Some(if is_gone { Edit::Remove { node } } else { Edit::SetText { node, text: left } })
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
        if asks.is_empty() {
            return self.go_on(cx);
        }
        let read = self.read();
        Action::Many(vec![read, self.ask_archive(asks, cx)])
    }

    fn ask_archive(&self, asks: Vec<Ask>, cx: &Cx<'_>) -> Action<Message> {
        let Some(desk) = &self.desk else { return Action::None };
        let incidents = guard::incidents(desk.document());
        let us = super::begin::us(&self.stock, cx);
        Action::Compose(Work::Look { draft: desk.id.clone(), asked: desk.leaks.asked, asks, us, incidents })
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
    use crate::model::ObservableKind;

    /// What is left of a document when the first value of it that says this is taken out.
    fn left(inside: &str, value: &str) -> (String, &'static str) {
        let text = format!("<IODEF-Document xmlns=\"{}\">{inside}</IODEF-Document>", crate::iodef::NS);
        let mut document = Document::read(text, &[]).unwrap();
        let said = guard::said(&document).into_iter().find(|said| said.value == value).unwrap();
        let element = document.element(said.node).unwrap();
        let (label, edit) = (removal(element, &element.text(), &said).unwrap(), removed(element, &said).unwrap());
        let _ = document.edit(&edit).unwrap();
        assert!(guard::said(&document).iter().all(|said| said.value != value), "{}", document.text());
        let text = document.text().split_once('>').unwrap().1.trim_end_matches("</IODEF-Document>").to_owned();
        (text, label.key)
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

    #[test]
    fn all_of_an_element_go_at_once_and_nothing_else() {
        let all = |inside: &str| {
            let text = format!("<IODEF-Document xmlns=\"{}\">{inside}</IODEF-Document>", crate::iodef::NS);
            let mut document = Document::read(text, &[]).unwrap();
            let said = guard::said(&document);
            let element = document.element(said[0].node).unwrap();
            let said = said.iter().filter(|said| said.kind != ObservableKind::Other);
            let edit = cut(element, said.map(|said| said.span.clone()).collect()).unwrap();
            let _ = document.edit(&edit).unwrap();
            document.text().split_once('>').unwrap().1.trim_end_matches("</IODEF-Document>").to_owned()
        };
        let words = "<Description>from 192.0.2.7 to 192.0.2.8, update.zip</Description>";
        assert_eq!(all(words), "<Description>from […] to […], […]</Description>");
        assert_eq!(
            all("<BulkObservableList>x\n192.0.2.6\n192.0.2.7</BulkObservableList>"),
            "<BulkObservableList>x\n</BulkObservableList>"
        );
        assert_eq!(all("<URL>x</URL><Description> 192.0.2.7 192.0.2.8\n</Description>"), "<URL>x</URL>");
    }
}
