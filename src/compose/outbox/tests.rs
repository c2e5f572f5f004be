//! Nothing leaves that is not on its shelf, and whatever breaks, the broker has each item once and the outbox tells the truth.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::compose::audience::Known;
use crate::compose::draft::{Reason, Whole};
use crate::compose::meant::{By, Meant};
use crate::compose::send::{About, digest};
use crate::model::{Affiliation, ItemId, PayloadType, Tlp};
use crate::store::Memory;

const HOLD: TimeDelta = TimeDelta::seconds(10);

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
}

fn topic(node: &str) -> TopicId {
    TopicId { broker: "broker.grid.example".parse().unwrap(), node: node.to_owned() }
}

fn about(reasons: Vec<Reason>) -> About {
    let (draft, title) = ("draft-1".to_owned(), "A title".to_owned());
    About { draft, of: digest(b"<a/>"), title, label: Tlp::Green, is_new: true, reasons, wholes: Vec::new() }
}

fn parcel(node: &str, second: i64) -> Parcel {
    let payload = Arc::from(&b"<a>198.51.100.7</a>"[..]);
    Parcel::publish(about(Vec::new()), topic(node), Access::Whitelist, payload, (at(second), HOLD)).unwrap()
}

fn readers(who: &str) -> BTreeSet<BareJid> {
    who.split(' ').map(|jid| jid.parse().unwrap()).collect()
}

/// As the window does it: what is due is found sound, what is to be written is.
fn go(outbox: &mut Outbox, shelf: &Memory, now: DateTime<Utc>) -> Vec<Sending> {
    outbox.tick(now);
    for parcel in outbox.due(now, |_| true) {
        outbox.pass(parcel.key(), readers("soc@blue.example"));
    }
    let Some(batch) = outbox.write(now) else { return Vec::new() };
    let is_done = batch.keep(shelf).is_ok();
    outbox.written(is_done, now)
}

fn read(shelf: &Memory, second: i64) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.take_up(Left::read(shelf).unwrap().parcels, (at(second), HOLD));
    outbox
}

#[test]
fn nothing_leaves_that_is_not_on_its_shelf() {
    let shelf = Memory::default();
    let mut outbox = Outbox::default();
    outbox.put(parcel("n", 0));
    outbox.tick(at(10));
    let due = outbox.due(at(10), |_| true);
    assert_eq!((due.len(), outbox.due(at(10), |_| true).len()), (1, 0), "each is looked at once at a time");
    outbox.pass(due[0].key(), readers("soc@blue.example"));
    let batch = outbox.write(at(10)).unwrap();
    assert!(outbox.write(at(10)).is_none(), "one batch after the other");
    // The disk is full.
    assert!(outbox.written(false, at(11)).is_empty() && outbox.is_failing() && !outbox.is_written());
    assert!(
        *outbox.get(due[0].key()).unwrap().state() == State::Waiting && outbox.get(due[0].key()).unwrap().can_undo()
    );
    assert!(outbox.write(at(12)).is_none() && outbox.due(at(12), |_| true).is_empty(), "not at once");
    let sent = go(&mut outbox, &shelf, at(11) + AGAIN);
    assert_eq!((sent.len(), sent[0].tried, &sent[0].item), (1, false, batch.put[0].item()));
    assert!(outbox.is_written() && !outbox.is_failing());
    // What dies here is asked for first, and not by a hold that nobody saw.
    let mut other = read(&shelf, 100);
    assert_eq!(*other.parcels().next().unwrap().state(), State::Waiting);
    assert!(go(&mut other, &shelf, at(100))[0].tried);
}

#[test]
fn what_changed_while_it_was_written_is_written_before_it_leaves() {
    let shelf = Memory::default();
    let mut outbox = Outbox::default();
    outbox.put(parcel("n", 0));
    outbox.tick(at(10));
    let (slow, due) = (outbox.write(at(10)).unwrap(), outbox.due(at(10), |_| true));
    outbox.pass(due[0].key(), BTreeSet::new());
    slow.keep(&shelf).unwrap();
    assert!(outbox.written(true, at(10)).is_empty(), "it is not yet on its shelf as one that was sent");
    assert_eq!(go(&mut outbox, &shelf, at(10)).len(), 1);
}

#[test]
fn what_was_held_is_held_anew_and_what_was_taken_back_is_gone() {
    let shelf = Memory::default();
    let mut outbox = Outbox::default();
    outbox.put(parcel("n", 0));
    outbox.put(parcel("m", 0));
    assert!(go(&mut outbox, &shelf, at(1)).is_empty());
    let mut other = read(&shelf, 3_600);
    assert!(other.parcels().all(|parcel| *parcel.state() == State::Held { until: at(3_610) }));
    assert!(go(&mut other, &shelf, at(3_609)).is_empty());
    let key = other.parcels().next().unwrap().key().to_owned();
    other.take_back(&key, at(3_609));
    assert_eq!(go(&mut other, &shelf, at(3_610)).len(), 1);
    assert_eq!(read(&shelf, 3_700).parcels().count(), 1);
    // One that may have arrived stays in sight, and goes no more by itself.
    let mut last = read(&shelf, 3_700);
    let key = last.parcels().next().unwrap().key().to_owned();
    last.take_back(&key, at(3_700));
    assert!(matches!(last.get(&key).unwrap().state(), State::Refused { condition, .. } if condition == STOPPED));
    assert!(go(&mut last, &shelf, at(9_000)).is_empty() && last.open() == 0);
    last.again(&key, None, (at(9_000), HOLD));
    assert!(go(&mut last, &shelf, at(9_010))[0].tried, "and is asked for first when it goes all the same");
}

#[test]
fn what_is_done_tells_who_got_it_and_a_retraction_takes_its_receipt() {
    let shelf = Memory::default();
    let mut outbox = Outbox::default();
    outbox.put(parcel("n", 0));
    let sent = go(&mut outbox, &shelf, at(10));
    let key = outbox.parcels().next().unwrap().key().to_owned();
    let own = ItemId("the broker's own".to_owned());
    let reached = outbox.settle(&key, Outcome::Done(own.clone()), None, at(11)).unwrap();
    assert_eq!((&reached.readers, &reached.topic), (&readers("soc@blue.example"), &sent[0].topic));
    assert!(go(&mut outbox, &shelf, at(11)).is_empty());
    let left = Left::read(&shelf).unwrap();
    assert_eq!((left.reached, left.parcels.len(), left.told.len()), (vec![reached], 1, 0));
    assert!(outbox.receipt(&topic("n"), &own).is_some());
    outbox.put(Parcel::retract(about(Vec::new()), topic("n"), own.clone(), (at(20), HOLD)).unwrap());
    assert_eq!(go(&mut outbox, &shelf, at(30))[0].errand, Errand::Retract);
    let key = outbox.parcels().next_back().unwrap().key().to_owned();
    assert!(outbox.settle(&key, Outcome::Done(own.clone()), None, at(31)).is_none());
    let _ = go(&mut outbox, &shelf, at(31));
    assert!(outbox.receipt(&topic("n"), &own).is_none());
    let left = Left::read(&shelf).unwrap().parcels;
    assert_eq!((left.len(), left[0].errand()), (1, &Errand::Retract));
    outbox.forget(&key);
    let _ = go(&mut outbox, &shelf, at(32));
    assert!(Left::read(&shelf).unwrap().parcels.is_empty());
}

#[test]
fn what_is_damaged_on_its_shelf_is_told_and_never_sent() {
    let shelf = Memory::default();
    let mut outbox = Outbox::default();
    outbox.put(parcel("n", 0));
    let _ = go(&mut outbox, &shelf, at(1));
    let (name, text) = shelf.kept(Shelf::Outbox).unwrap().remove(0);
    shelf.keep(Shelf::Outbox, &[], &[(name, text.replace("\"n\"", "\"m\""))]).unwrap();
    let left = Left::read(&shelf).unwrap();
    assert_eq!((left.parcels.len(), left.told.len()), (0, 1));
}

#[test]
fn a_last_look_stops_what_is_other_than_it_was() {
    let text = format!(
        "<IODEF-Document xmlns=\"{}\" version=\"2.00\" xml:lang=\"en\"><Incident purpose=\"reporting\" restriction=\"green\">\
         <IncidentID name=\"csirt.example\">1</IncidentID><GenerationTime>2026-11-22T09:00:00Z</GenerationTime>\
         <Contact role=\"creator\" type=\"organization\"><ContactName>C</ContactName></Contact></Incident></IODEF-Document>",
        crate::iodef::NS
    );
    let here = Topic {
        access: Access::Whitelist,
        payload: PayloadType::Iodef2,
        affiliation: Affiliation::Publisher,
        ..Topic::bare(topic("n"))
    };
    let reason = Reason { of: "audience.first".to_owned(), about: here.id.to_string(), words: "asked".to_owned() };
    let made = |reasons| {
        let payload = Arc::from(text.as_bytes());
        Parcel::publish(about(reasons), topic("n"), Access::Whitelist, payload, (at(0), HOLD)).unwrap()
    };
    let known = Known::Estimated { subscribers: None };
    let meant = Meant { label: Tlp::Green, by: By::Access };
    let audience = Audience { readers: Vec::new(), known, anybody: false, first: true, meant };
    let look = |parcel: &Parcel, topic: Option<Topic>| {
        let around = Around { topic, audience: audience.clone(), practice: false, before: taken::Before::default() };
        last_look(parcel, &around, None).unwrap().map(|finding| finding.id)
    };
    let parcel = made(vec![reason]);
    assert_eq!(look(&parcel, Some(here.clone())), None);
    assert_eq!(look(&made(Vec::new()), Some(here.clone())), Some("audience.first"), "reasons are the parcel's own");
    assert_eq!(look(&parcel, None), Some("topic.unknown"));
    let lost = Topic { affiliation: Affiliation::None, ..here.clone() };
    assert_eq!(look(&parcel, Some(lost)), Some("topic.rights"));
    let small = Topic { max_payload: Some(100), ..here.clone() };
    assert_eq!(look(&parcel, Some(small)), Some("topic.size"));
    let back = Parcel::retract(about(Vec::new()), topic("n"), ItemId("i".to_owned()), (at(0), HOLD)).unwrap();
    assert_eq!((look(&back, Some(here)), look(&back, None)), (None, Some("topic.unknown")));
}

#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    /// Writing fails this time.
    Full,
    /// What was sent reaches the broker, or not; its answer comes, or is lost.
    Arrive(bool, bool),
    Crash,
    TakeBack,
    Again,
}

#[test]
fn the_newest_receipts_stay_and_those_of_versions_beside_them() {
    let done = |second: i64| {
        let whole = || Arc::new(Whole { target: Tlp::Green, text: String::new() });
        let wholes = (second % 2 == 1).then(whole).into_iter().collect();
        let about = About { wholes, ..about(Vec::new()) };
        let payload = Arc::from(&b"<a/>"[..]);
        let mut parcel =
            Parcel::publish(about, topic("n"), Access::Whitelist, payload, (at(second), TimeDelta::zero())).unwrap();
        let _ = (parcel.ripen(at(second)), parcel.send(BTreeSet::new()));
        parcel.settle(Outcome::Done(parcel.item().clone()), None, at(second));
        parcel
    };
    let mut outbox = Outbox::default();
    outbox.take_up((0..90).map(done).collect(), (at(100), HOLD));
    let left: Vec<i64> = outbox.parcels().map(|parcel| (parcel.made() - at(0)).num_seconds()).collect();
    assert_eq!(left, (50..90).collect::<Vec<i64>>());
    // Versions that are few stay however many others came after them.
    let mut outbox = Outbox::default();
    outbox.take_up((0..90).filter(|second| second % 2 == 0 || *second < 4).map(done).collect(), (at(100), HOLD));
    let versions = outbox.parcels().filter(|parcel| !parcel.about().wholes.is_empty()).count();
    assert_eq!((versions, outbox.parcels().count()), (2, 22));
}

proptest! {
    #[test]
    fn each_item_is_there_once_whatever_breaks(steps in proptest::collection::vec(prop_oneof![
        4 => (0_i64..20).prop_map(Step::Wait), 1 => Just(Step::Full),
        4 => (any::<bool>(), any::<bool>()).prop_map(|(there, told)| Step::Arrive(there, told)),
        2 => Just(Step::Crash), 1 => Just(Step::TakeBack), 1 => Just(Step::Again),
    ], 1..60)) {
        let shelf = Memory::default();
        let mut outbox = Outbox::default();
        outbox.put(parcel("n", 0));
        let key = outbox.parcels().next().unwrap().key().to_owned();
        // The broker: how often each item was put there.
        let mut broker: HashMap<ItemId, u32> = HashMap::new();
        let (mut now, mut under_way, mut full) = (0, Vec::<Sending>::new(), false);
        for step in steps {
            match step {
                Step::Wait(seconds) => now += seconds,
                Step::Full => full = true,
                Step::Arrive(there, told) => for sending in std::mem::take(&mut under_way) {
                    let has = broker.get(&sending.item).copied().unwrap_or_default() > 0;
                    // One that may be there is asked for first.
                    if there && !(sending.tried && has) {
                        *broker.entry(sending.item.clone()).or_default() += 1;
                    }
                    let outcome = if there && told {
                        Outcome::Done(sending.item.clone())
                    } else {
                        Outcome::NotYet { unsure: true }
                    };
                    let _ = outbox.settle(&key, outcome, None, at(now));
                },
                Step::Crash => {
                    outbox = read(&shelf, now);
                    full = false;
                    under_way.clear();
                }
                Step::TakeBack => outbox.take_back(&key, at(now)),
                Step::Again => outbox.again(&key, None, (at(now), HOLD)),
            }
            outbox.tick(at(now));
            for parcel in outbox.due(at(now), |_| true) {
                outbox.pass(parcel.key(), BTreeSet::new());
            }
            if let Some(batch) = outbox.write(at(now)) {
                let is_done = !std::mem::take(&mut full) && batch.keep(&shelf).is_ok();
                let leaving = outbox.written(is_done, at(now));
                for sending in &leaving {
                    let left = Left::read(&shelf).unwrap().parcels;
                    let kept = left.iter().find(|parcel| parcel.item() == &sending.item);
                    prop_assert!(kept.is_some_and(|parcel| !parcel.can_undo()), "on its shelf, and as sent");
                    prop_assert!(now >= 10, "after the hold");
                }
                under_way.extend(leaving);
            }
            prop_assert!(broker.values().all(|times| *times <= 1));
            if let Some(parcel) = outbox.get(&key) {
                prop_assert!(!parcel.is_done() || broker.get(parcel.item()) == Some(&1), "done is there");
                prop_assert!(!parcel.can_undo() || parcel.is_settled() || !broker.contains_key(parcel.item()));
            } else {
                prop_assert!(broker.is_empty(), "what was taken back never left");
            }
        }
    }
}
