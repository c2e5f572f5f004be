//! Numbers of incidents in the composer: each is given once, from whichever desk, and one that another incident has does not
//! leave (RFC 7970 §3.4: name and number identify one activity in all the world).

use super::stock::Ask;
use super::{Message, Screen, Work, begin};
use crate::app::cx::Cx;
use crate::compose::draft::{Course, Source};
use crate::compose::preflight::Finding;
use crate::compose::send::{Parcel, State};
use crate::compose::short::{self, Slot};
use crate::compose::stock::Change;
use crate::compose::taken::{self, By, Id, Numbers, Sent};
use crate::iodef::NodeId;
use crate::iodef::check::Fix;
use crate::iodef::edit::Edit;
use crate::model::{ItemId, Say};
use crate::screen::Action;

/// A number that was given to a draft before it was known what the archive has.
#[derive(Clone, Debug)]
pub struct Given {
    draft: String,
    csirt: String,
    number: String,
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
        self.read_numbers();
        let mut changes: Vec<Change> = Vec::new();
        for parcel in self.outbox.parcels() {
            let is_done = parcel.is_done();
            if !is_done && *parcel.state() != State::Sent {
                continue;
            }
            let Some(ids) = self.sent.get(parcel.item()) else { continue };
            // What left before there was a way to number incidents is noted when there is one.
            changes.extend(self.stock.used(ids.iter().map(|(name, number)| (name.as_str(), number.as_str())), cx.now));
            // What went by a reason typed for it goes so once: it says nothing of the topic.
            let is_habit = is_done && !parcel.about().is_exception(parcel.topic());
            changes.extend(is_habit.then(|| self.stock.reached(parcel.topic(), parcel.about().label)).flatten());
        }
        if changes.is_empty() {
            return action;
        }
        let kept: Vec<Action<Message>> = changes.into_iter().map(|change| self.change(change, cx)).collect();
        Action::Many(std::iter::once(action).chain(kept).collect())
    }

    /// Reads which incidents the parcels tell of.
    pub(super) fn read_numbers(&mut self) {
        let unread = |parcel: &&Parcel| parcel.payload().is_some() && !self.sent.contains_key(parcel.item());
        let read = |parcel: &Parcel| (parcel.item().clone(), taken::ids_of(parcel));
        let unread: Vec<(ItemId, Vec<Id>)> = self.outbox.parcels().filter(unread).map(read).collect();
        self.sent.extend(unread);
    }

    /// What has a number of the draft already, as far as is known: the archive, what left this computer or is on its way,
    /// another draft, or another incident of its own.
    pub(super) fn clashes(&self, cx: &Cx<'_>) -> Vec<Finding> {
        let Some(desk) = self.desk.as_ref() else { return Vec::new() };
        let csirt = begin::csirt(&self.stock, cx);
        let numbers = self.numbers(&csirt, cx);
        let reasons = |of: &str, about: &str| desk.beside().reason(of, about).is_some();
        let found = taken::clashes(desk.document(), &|id| self.taken(id, desk, &numbers), &reasons);
        let fixed =
            |(node, id, made): (NodeId, Id, Finding)| Finding { fixes: vec![self.another(node, &id, cx)], ..made };
        found.into_iter().map(fixed).collect()
    }

    fn another(&self, node: NodeId, id: &Id, cx: &Cx<'_>) -> Fix {
        let next = self.number(&id.0, cx);
        let label = Say::new("compose-number-next").with("number", next.clone());
        Fix { label, edits: vec![Edit::SetText { node, text: next }] }
    }

    /// What is known of numbers now.
    fn numbers<'a>(&'a self, csirt: &'a str, cx: &Cx<'_>) -> Numbers<'a> {
        let ids = |parcel: &Parcel| self.sent.get(parcel.item()).map(Vec::as_slice).unwrap_or_default();
        let parcels = self.outbox.parcels().map(|parcel| Sent { parcel, ids: ids(parcel) });
        Numbers { stock: &self.stock, csirt, parcels: parcels.collect(), now: cx.now }
    }

    /// What of the numbers of a parcel that is about to leave another has.
    pub(super) fn before(&self, parcel: &Parcel, cx: &Cx<'_>) -> taken::Before {
        self.numbers("", cx).before(parcel)
    }

    /// Who has the number.
    fn taken(&self, id: &Id, desk: &super::Desk, numbers: &Numbers<'_>) -> Option<By> {
        // What is told anew keeps its number.
        let is = |source: &Source| source.csirt.trim().eq_ignore_ascii_case(&id.0) && source.id.trim() == id.1;
        if matches!(&desk.beside().course, Course::Update(source) if is(source)) {
            return None;
        }
        numbers.taken(id, &|parcel| parcel.about().draft == desk.id).or_else(|| {
            let others = self.aside.iter().filter(|other| other.id != desk.id);
            let mut others = others.flat_map(|other| short::named(other.document()));
            others.any(|other| taken::id_of(other) == *id).then_some(By::Drafted)
        })
    }
}
