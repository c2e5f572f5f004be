//! Numbers of incidents in the composer: each is given once, from whichever desk, and one that another incident has does not
//! leave (RFC 7970 §3.4: name and number identify one activity in all the world).

use std::sync::Arc;

use super::stock::Ask;
use super::{Message, Screen, Work, begin};
use crate::app::cx::Cx;
use crate::compose::draft::Course;
use crate::compose::preflight::{Finding, Place, Weight};
use crate::compose::send::{Parcel, State};
use crate::compose::short::{self, Slot};
use crate::compose::stock::Change;
use crate::iodef::check::Fix;
use crate::iodef::edit::Edit;
use crate::iodef::{Document, Element};
use crate::model::{ItemId, Say};
use crate::screen::Action;

/// A number that was given to a draft before it was known what the archive has.
#[derive(Clone, Debug)]
pub struct Given {
    draft: String,
    csirt: String,
    number: String,
}

/// An incident's `IncidentID@name`, caseless, and its text.
type Id = (String, String);

fn id_of(id: Element<'_>) -> Id {
    (id.attr("name").unwrap_or_default().trim().to_lowercase(), id.trimmed().into_owned())
}

impl Screen {
    /// A number that no draft has, nor any report that was published from here or received.
    pub(super) fn number(&self, csirt: &str, cx: &Cx<'_>) -> String {
        self.next(csirt, None, cx).unwrap_or_else(|| begin::drawn(cx))
    }

    /// The next number, as if this draft had none; `None` where none are counted.
    fn next(&self, csirt: &str, but: Option<&str>, cx: &Cx<'_>) -> Option<String> {
        let drafts = self.desk.iter().chain(&self.aside).chain(&self.gone).filter(|desk| Some(desk.id.as_str()) != but);
        let named = drafts.flat_map(|desk| short::named(desk.document()));
        let is_own = |name: &str| name.trim().eq_ignore_ascii_case(csirt.trim());
        let own = named.filter(|id| is_own(&id.attr("name").unwrap_or_default()));
        let numbers: Vec<String> = own.map(|id| id.text().into_owned()).collect();
        self.stock.number(csirt, cx.now, numbers.iter().map(String::as_str))
    }

    /// The draft that was just opened got this number. Which ones a colleague's desk gave is asked, and it gets another where
    /// this is one of them.
    pub(super) fn gave(&mut self, csirt: &str, number: &str, cx: &Cx<'_>) -> Action<Message> {
        let given = |draft: String| Given { draft, csirt: csirt.to_owned(), number: number.to_owned() };
        self.given = self.desk.as_ref().map(|desk| given(desk.id.clone()));
        self.ask_numbers(cx)
    }

    /// Asks which numbers of ours came in; nothing is published until that is known.
    pub(super) fn ask_numbers(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.counts += 1;
        self.counting = true;
        Action::Compose(Work::Stock(Ask::Numbers(begin::csirt(&self.stock, cx), self.counts)))
    }

    /// Which numbers came in is known, or cannot be.
    pub(super) fn counted(&mut self, asked: u64, cx: &Cx<'_>) -> Action<Message> {
        // An older answer knows nothing of what came in since.
        self.counting &= asked != self.counts;
        let looked = self.give_another(cx).then(|| self.look(true, cx));
        let Some(revision) = self.desk.as_ref().map(super::Desk::revision) else { return Action::None };
        let is_told = self.desk.as_ref().is_some_and(|desk| desk.findings.of == Some(revision));
        if is_told {
            self.tell_findings(revision, cx);
        }
        let gone_on = if is_told && !self.counting { self.go_on(cx) } else { Action::None };
        Action::Many(looked.into_iter().chain([gone_on]).collect())
    }

    /// Gives another number to a draft that got one when less was known, unless somebody changed it since.
    fn give_another(&mut self, cx: &Cx<'_>) -> bool {
        let Some(Given { draft, csirt, number }) = self.given.take() else { return false };
        let is_taken = self.stock.received.contains(number.trim());
        // Others that are above it may be followed by drafts at the desk that gave them.
        let next = self.next(&csirt, Some(&draft), cx).or_else(|| is_taken.then(|| begin::drawn(cx)));
        let Some(next) = next.filter(|next| *next != number) else { return false };
        let Some(desk) = self.desk.as_mut().filter(|desk| desk.id == draft) else { return false };
        let act = Some(Slot::Number.value(desk.document())).filter(|own| *own == number);
        let act = act.and_then(|_| Slot::Number.set(desk.document(), &next));
        act.is_some_and(|act| desk.begin_with(&act))
    }

    /// What left this computer has used its number, whatever becomes of it; what is published there says for whom a topic is.
    pub(super) fn note_sent(&mut self, action: Action<Message>, cx: &Cx<'_>) -> Action<Message> {
        let unread = |parcel: &&Parcel| !self.sent.contains_key(parcel.item());
        let unread: Vec<(ItemId, Arc<[u8]>)> = self
            .outbox
            .parcels()
            .filter(unread)
            .filter_map(|parcel| Some((parcel.item().clone(), Arc::clone(parcel.payload()?))))
            .collect();
        for (item, payload) in unread {
            let document = Document::read(&*payload, &[]).ok();
            let ids = document.iter().flat_map(short::named).map(id_of).collect();
            let _ = self.sent.insert(item, ids);
        }
        let mut changes: Vec<Change> = Vec::new();
        for parcel in self.outbox.parcels() {
            let is_done = parcel.is_done();
            if !is_done && *parcel.state() != State::Sent {
                continue;
            }
            let Some(ids) = self.sent.get(parcel.item()) else { continue };
            // What left before there was a way to number incidents is noted when there is one.
            changes.extend(self.stock.used(ids.iter().map(|(name, number)| (name.as_str(), number.as_str())), cx.now));
            changes.extend(is_done.then(|| self.stock.reached(parcel.topic(), parcel.about().label)).flatten());
        }
        if changes.is_empty() {
            return action;
        }
        let kept: Vec<Action<Message>> = changes.into_iter().map(|change| self.change(change, cx)).collect();
        Action::Many(std::iter::once(action).chain(kept).collect())
    }

    /// What has a number of the draft already, as far as is known: the archive, what left this computer, another draft, or
    /// another incident of its own.
    pub(super) fn clashes(&self, cx: &Cx<'_>) -> Vec<Finding> {
        let Some(desk) = self.desk.as_ref() else { return Vec::new() };
        let of = |parcel: &&Parcel| parcel.payload().is_some();
        let own: Vec<&Parcel> = self.outbox.of_draft(&desk.id).filter(of).collect();
        let reasons = |of: &str, about: &str| desk.beside().reason(of, about).is_some();
        let mut seen: Vec<Id> = Vec::new();
        let mut found = Vec::new();
        for element in short::named(desk.document()) {
            let id = id_of(element);
            if id.1.is_empty() {
                continue;
            }
            let key = if seen.contains(&id) { Some("compose-number-twice") } else { self.taken(&id, desk, &own, cx) };
            if let Some(key) = key {
                let say = Say::new(key).with("number", crate::text::line_within(&id.1, 80));
                let made = Finding::new("number.taken", Weight::Blocks, Place::Element(element.id()), say);
                let made = match key {
                    "compose-number-twice" => made,
                    // Which of the two leaves first is not decided; the other is stopped then.
                    "compose-number-drafted" => Finding { weight: Weight::Warns, ..made },
                    _ => made.unless(format!("{} {}", id.0, id.1), &reasons),
                };
                found.push(Finding { fixes: vec![self.another(element, &id, cx)], ..made });
            }
            seen.push(id);
        }
        found
    }

    fn another(&self, element: Element<'_>, id: &Id, cx: &Cx<'_>) -> Fix {
        let next = self.number(&id.0, cx);
        let label = Say::new("compose-number-next").with("number", next.clone());
        Fix { label, edits: vec![Edit::SetText { node: element.id(), text: next }] }
    }

    /// Who has the number, as a key of the catalog.
    fn taken(&self, id: &Id, desk: &super::Desk, own: &[&Parcel], cx: &Cx<'_>) -> Option<&'static str> {
        let (csirt, number) = id;
        let is = |name: &str, of: &str| name.trim().eq_ignore_ascii_case(csirt) && of.trim() == number;
        // What is told anew keeps its number.
        if matches!(&desk.beside().course, Course::Update(source) if is(&source.csirt, &source.id)) {
            return None;
        }
        let bear = || own.iter().filter(|parcel| self.sent.get(parcel.item()).is_some_and(|ids| ids.contains(id)));
        // What it sent itself, or may have, comes back to it.
        let has_left = bear().any(|parcel| !parcel.can_undo());
        let ours = begin::csirt(&self.stock, cx);
        if !has_left && csirt.eq_ignore_ascii_case(ours.trim()) && self.stock.received.contains(number) {
            return Some("compose-number-taken");
        }
        if bear().next().is_none() && self.stock.is_used(csirt, number, cx.now) {
            return Some("compose-number-used");
        }
        let others = self.aside.iter().filter(|other| other.id != desk.id);
        let mut others = others.flat_map(|other| short::named(other.document()));
        others.any(|other| id_of(other) == *id).then_some("compose-number-drafted")
    }
}
