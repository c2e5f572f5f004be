//! Whether the number of an incident is another's already: `IncidentID@name` and its text identify one activity in all the
//! world (RFC 7970 §3.4). By what was received, what left this computer, and what is on its way.
//!
//! Uses the stock, parcels and preflight. The window and the text verb ask here before something is held, and both ask once
//! more before it leaves.

use chrono::{DateTime, Utc};

use super::preflight::{Finding, Place, Weight};
use super::send::{Parcel, State};
use super::short;
use super::stock::Stock;
use crate::iodef::{Document, Element, NodeId};
use crate::model::Say;
use crate::store::index::Failure;
use crate::store::{Seq, Store};

/// An incident's `IncidentID@name`, caseless, and its text.
pub type Id = (String, String);

#[must_use]
pub fn id_of(id: Element<'_>) -> Id {
    (id.attr("name").unwrap_or_default().trim().to_lowercase(), id.trimmed().into_owned())
}

/// The numbers in a report.
#[must_use]
pub fn ids(document: &Document) -> Vec<Id> {
    short::named(document).map(id_of).filter(|id| !id.1.is_empty()).collect()
}

/// Who has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An incident that was received.
    Received,
    /// A report that left this computer.
    Used,
    /// A report that is on its way.
    Waiting,
    /// Another draft: which of the two leaves first is not decided, and the other is stopped then.
    Drafted,
    /// Another incident of the same report.
    Twice,
}

impl By {
    fn key(self) -> &'static str {
        match self {
            Self::Received => "compose-number-taken",
            Self::Used => "compose-number-used",
            Self::Waiting => "compose-number-waiting",
            Self::Drafted => "compose-number-drafted",
            Self::Twice => "compose-number-twice",
        }
    }

    /// What is said of it; where it may be the same incident after all, a reason lets it pass.
    #[must_use]
    pub fn found(self, id: &Id, place: Place, reasons: &dyn Fn(&str, &str) -> bool) -> Finding {
        let say = Say::new(self.key()).with("number", crate::text::line_within(&id.1, 80));
        let made = Finding::new("number.taken", Weight::Blocks, place, say);
        match self {
            Self::Twice => made,
            Self::Drafted => Finding { weight: Weight::Warns, ..made },
            Self::Received | Self::Used | Self::Waiting => made.unless(format!("{} {}", id.0, id.1), reasons),
        }
    }
}

/// A parcel with the numbers in it.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub parcel: &'a Parcel,
    pub ids: &'a [Id],
}

/// What is known of numbers here.
pub struct Numbers<'a> {
    pub stock: &'a Stock,
    /// The name our incidents are numbered under.
    pub csirt: &'a str,
    pub parcels: Vec<Sent<'a>>,
    pub now: DateTime<Utc>,
}

impl Numbers<'_> {
    /// Who has the number of a report that is to be held; `is_own` tells which parcels are of that report.
    #[must_use]
    pub fn taken(&self, id: &Id, is_own: &dyn Fn(&Parcel) -> bool) -> Option<By> {
        let (own, others): (Vec<_>, Vec<_>) = self.bear(id).partition(|parcel| is_own(parcel));
        // What it sent itself, or may have, comes back to it.
        let has_left = own.iter().any(|parcel| !parcel.can_undo());
        if !has_left && id.0.eq_ignore_ascii_case(self.csirt.trim()) && self.stock.received.contains(&id.1) {
            return Some(By::Received);
        }
        if own.is_empty() && self.stock.is_used(&id.0, &id.1, self.now) {
            return Some(By::Used);
        }
        others.iter().any(|parcel| !parcel.is_settled()).then_some(By::Waiting)
    }

    /// Which numbers of a parcel that is about to leave another has by what is here: one that was on its way before it, or that
    /// went since a person decided on it. `has_left` is of all that is of the same report.
    #[must_use]
    pub fn before(&self, parcel: &Parcel) -> Before {
        let own = |other: &Parcel| is_same(other, parcel);
        let mut before = Before::default();
        for id in self.parcels.iter().filter(|sent| sent.parcel.key() == parcel.key()).flat_map(|sent| sent.ids) {
            before.has_left |= self.bear(id).any(|other| own(other) && !other.can_undo());
            let others = || self.bear(id).filter(|other| !own(other));
            let went = |other: &Parcel| matches!(other.state(), State::Done { at, .. } if *at > parcel.made());
            let waits = |other: &Parcel| {
                let is_first = (other.made(), other.key()) < (parcel.made(), parcel.key());
                !other.is_settled() && (is_first || !other.can_undo())
            };
            if others().any(went) {
                before.taken.push((id.clone(), By::Used));
            } else if others().any(waits) {
                before.taken.push((id.clone(), By::Waiting));
            }
        }
        before
    }

    /// What bears a number and is no retraction.
    fn bear<'s>(&'s self, id: &'s Id) -> impl Iterator<Item = &'s Parcel> {
        let bears = |sent: &&Sent<'_>| sent.parcel.payload().is_some() && sent.ids.contains(id);
        self.parcels.iter().filter(bears).map(|sent| sent.parcel)
    }
}

/// Whether two parcels are of one report.
#[must_use]
pub fn is_same(one: &Parcel, other: &Parcel) -> bool {
    let (own, of) = (one.about(), other.about());
    own.of == of.of || (!own.draft.is_empty() && own.draft == of.draft)
}

/// What is known of a parcel's numbers before it leaves, but for what came in.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// It went to another topic already, so that what comes in under its number may be itself.
    pub has_left: bool,
    pub taken: Vec<(Id, By)>,
}

/// What of a document that is about to leave has the number of another by now. Blocks.
///
/// # Errors
/// When the store could not be read.
pub fn found(
    document: &Document,
    before: &Before,
    archive: Option<(&dyn Store, &str)>,
    reasons: &dyn Fn(&str, &str) -> bool,
) -> Result<Vec<Finding>, Failure> {
    let mut found: Vec<Finding> = before.taken.iter().map(|(id, by)| by.found(id, Place::Whole, reasons)).collect();
    let Some((store, csirt)) = archive.filter(|_| !before.has_left) else { return Ok(found) };
    for element in short::named(document) {
        let (id, name) = (id_of(element), element.attr("name").unwrap_or_default());
        let is_ours = id.0.eq_ignore_ascii_case(csirt.trim()) && !id.1.is_empty();
        let rows: Vec<Seq> = if is_ours { store.revisions(&name, &id.1)? } else { Vec::new() };
        if !rows.is_empty() {
            found.push(By::Received.found(&id, Place::Whole, reasons));
        }
    }
    Ok(found)
}

/// The numbers in a parcel.
#[must_use]
pub fn ids_of(parcel: &Parcel) -> Vec<Id> {
    let document = parcel.payload().and_then(|payload| Document::read(payload, &[]).ok());
    document.iter().flat_map(ids).collect()
}

/// What of a document has the number of another, each with its element: `taken` tells who has one.
#[must_use]
pub fn clashes(
    document: &Document,
    taken: &dyn Fn(&Id) -> Option<By>,
    reasons: &dyn Fn(&str, &str) -> bool,
) -> Vec<(NodeId, Id, Finding)> {
    let (mut seen, mut found) = (Vec::new(), Vec::new());
    for element in short::named(document) {
        let (node, id) = (element.id(), id_of(element));
        if id.1.is_empty() {
            continue;
        }
        if let Some(by) = if seen.contains(&id) { Some(By::Twice) } else { taken(&id) } {
            found.push((node, id.clone(), by.found(&id, Place::Element(node), reasons)));
        }
        seen.push(id);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::*;
    use crate::compose::send::{About, Outcome, digest};
    use crate::model::{Access, ItemId, Tlp, TopicId};
    use crate::store::{Incoming, ItemKey, Memory, Route};

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
    }

    fn text(number: &str) -> String {
        format!(
            "<IODEF-Document xmlns=\"{}\" version=\"2.00\"><Incident purpose=\"reporting\"><IncidentID name=\"Us.example\">\
             {number}</IncidentID></Incident></IODEF-Document>",
            crate::iodef::NS
        )
    }

    fn parcel(draft: &str, number: &str, second: i64) -> Parcel {
        let (text, topic) =
            (text(number), TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() });
        let about = About {
            draft: draft.to_owned(),
            of: digest(format!("{draft} {text}").as_bytes()),
            title: String::new(),
            label: Tlp::Green,
            is_new: true,
            reasons: Vec::new(),
            wholes: Vec::new(),
        };
        let (payload, hold) = (Arc::from(text.into_bytes()), (at(second), TimeDelta::zero()));
        let mut parcel = Parcel::publish(about, topic, Access::Whitelist, payload, hold).unwrap();
        let _ = parcel.ripen(at(second));
        parcel
    }

    fn sent(mut parcel: Parcel, done: Option<i64>) -> Parcel {
        let _ = parcel.send(BTreeSet::new());
        let item = parcel.item().clone();
        done.into_iter().for_each(|second| parcel.settle(Outcome::Done(item.clone()), None, at(second)));
        parcel
    }

    fn before(all: &[&Parcel], of: &Parcel) -> (bool, Vec<By>) {
        let ids: Vec<Vec<Id>> = all.iter().map(|parcel| ids_of(parcel)).collect();
        let parcels = all.iter().zip(&ids).map(|(parcel, ids)| Sent { parcel, ids }).collect();
        let stock = Stock::default();
        let before = Numbers { stock: &stock, csirt: "us.example", parcels, now: at(0) }.before(of);
        (before.has_left, before.taken.into_iter().map(|(_, by)| by).collect())
    }

    #[test]
    fn of_two_on_their_way_the_second_is_stopped() {
        let (first, second, other) = (parcel("a", "7", 0), parcel("b", "7", 5), parcel("c", "8", 1));
        let all = [&first, &second, &other];
        assert_eq!(before(&all, &first), (false, vec![]));
        assert_eq!(before(&all, &second), (false, vec![By::Waiting]));
        assert_eq!(before(&all, &other), (false, vec![]));
        // One that is sent, or may have arrived, is before whatever is not.
        let late = sent(parcel("b", "7", 5), None);
        assert_eq!(before(&[&first, &late], &first), (false, vec![By::Waiting]));
        assert_eq!(before(&[&first, &sent(late, Some(9))], &first), (false, vec![By::Used]));
        // What went before the person decided, that person knew of.
        let old = sent(parcel("b", "7", -9), Some(-8));
        assert_eq!(before(&[&old, &first], &first), (false, vec![]));
        // Its own to another topic.
        let own = sent(parcel("a", "7", 0), Some(1));
        assert_eq!(before(&[&own, &first], &first), (true, vec![]));
    }

    #[test]
    fn what_came_in_since_takes_a_number_of_ours() {
        let store = Memory::default();
        let (theirs, document) = (text("7"), Document::read(text("7"), &[]).unwrap());
        let found = |before: &Before, csirt: &str, given: bool| {
            let found = found(&document, before, Some((&store, csirt)), &|_, about| given && about == "us.example 7");
            found.unwrap().iter().map(|found| (found.say.key, found.weight)).collect::<Vec<_>>()
        };
        assert_eq!(found(&Before::default(), "us.example", false), []);
        let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        let incoming = Incoming {
            key: ItemKey { topic, item: ItemId("1".to_owned()) },
            payload: None,
            summary: crate::iodef::summarise(theirs.as_bytes(), &[]),
            observables: Vec::new(),
            route: Route::Live,
            publisher: None,
            received: at(0),
            delayed: None,
            history: false,
        };
        let _ = store.commit(vec![incoming]).unwrap();
        let taken = "compose-number-taken";
        assert_eq!(found(&Before::default(), " US.example", false), [(taken, Weight::Blocks)]);
        assert_eq!(found(&Before::default(), "us.example", true), [(taken, Weight::Warns)]);
        assert_eq!(found(&Before::default(), "them.example", false), []);
        assert_eq!(found(&Before { has_left: true, taken: Vec::new() }, "us.example", false), [], "it may be itself");
    }
}
