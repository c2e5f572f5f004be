//! A parcel goes once, as it was looked at, however often it is tried; what is kept of it is whole.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
}

const HOLD: TimeDelta = TimeDelta::seconds(10);

fn about() -> About {
    let reason = Reason { of: "leak".to_owned(), about: "ipv4 198.51.100.7".to_owned(), words: "said so".to_owned() };
    About {
        draft: "draft-1".to_owned(),
        of: digest(b"<a/>"),
        title: "A \"title\"".to_owned(),
        label: Tlp::AmberStrict,
        is_new: true,
        reasons: vec![reason],
        wholes: Vec::new(),
    }
}

fn parcel() -> Parcel {
    let topic = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "a \"node\"".to_owned() };
    let payload = Arc::from(&b"<a>198.51.100.7</a>"[..]);
    Parcel::publish(about(), topic, Access::Whitelist, payload, (at(0), HOLD)).unwrap()
}

fn nobody() -> BTreeSet<BareJid> {
    BTreeSet::new()
}

fn again(parcel: &Parcel) -> Parcel {
    Parcel::read(&parcel.text()).unwrap()
}

#[test]
fn it_is_held_then_goes_once_and_is_settled() {
    let mut parcel = parcel();
    assert!(parcel.can_undo() && !parcel.ripen(at(9)) && parcel.send(nobody()).is_none());
    assert!(parcel.ripen(at(10)) && !parcel.ripen(at(11)) && parcel.can_undo());
    let readers = BTreeSet::from(["soc@blue.example".parse().unwrap()]);
    let sending = parcel.send(readers.clone()).unwrap();
    assert_eq!((&sending.item, sending.tried, &sending.errand), (parcel.item(), false, parcel.errand()));
    assert!(parcel.send(nobody()).is_none() && !parcel.can_undo(), "it is on its way");
    parcel.settle(Outcome::Done(ItemId("r".to_owned())), None, at(12));
    assert_eq!(parcel.state(), &State::Done { item: ItemId("r".to_owned()), at: at(12) });
    parcel.settle(Outcome::NotYet { unsure: true }, None, at(13));
    parcel.stop("late", None, at(13));
    assert!(parcel.is_settled() && parcel.send(nobody()).is_none() && !parcel.can_undo());
    assert_eq!((again(&parcel), parcel.readers()), (parcel.clone(), &readers));
    // What it is a version of is kept with its receipt.
    parcel.about.wholes.push(Arc::new(Whole { target: Tlp::Green, text: "<a>\n198.51.100.8</a>".to_owned() }));
    assert_eq!(again(&parcel), parcel);
    assert!(!format!("{parcel:?} {sending:?}").contains("198.51"));
}

#[test]
fn what_may_have_arrived_is_asked_for_first() {
    let mut parcel = parcel();
    let _ = parcel.ripen(at(10));
    let first = parcel.send(nobody()).unwrap();
    // The program dies here: who reads it again knows no more than that it was sent.
    let mut read = again(&parcel);
    assert!(*read.state() == State::Waiting && !read.can_undo() && !read.hold_anew((at(11), HOLD)));
    let second = read.send(nobody()).unwrap();
    assert_eq!((&second.item, &second.errand, second.tried), (&first.item, &first.errand, true));
    // It could not be written down, so it did not leave: what was not known before is not known still.
    read.unsend(&second);
    assert!(*read.state() == State::Waiting && !read.can_undo());
    let _ = read.send(nobody());
    let late = Words { what: "No answer.".to_owned(), next: None };
    read.settle(Outcome::NotYet { unsure: false }, Some(late.clone()), at(20));
    assert!(*read.state() == State::Waiting && read.can_undo() && again(&read).words() == Some(&late));
    let _ = read.send(nobody());
    read.settle(Outcome::Refused("forbidden".to_owned()), Some(late), at(21));
    assert!(read.send(nobody()).is_none() && read.can_undo());
    read.again(Some(Access::Authorize), (at(30), HOLD));
    assert!(read.is_held() && read.words().is_none() && read.send(nobody()).is_none());
    let _ = read.ripen(at(40));
    let sending = read.send(nobody()).unwrap();
    assert!(matches!(sending.errand, Errand::Publish { access: Access::Authorize, .. }) && !sending.tried);
}

#[test]
fn what_was_held_when_the_program_ended_has_its_hold_again() {
    let parcel = parcel();
    let mut read = again(&parcel);
    assert!(read.hold_anew((at(500), HOLD)) && !read.ripen(at(509)) && read.ripen(at(510)));
    let topic = parcel.topic().clone();
    let back = Parcel::retract(about(), topic, parcel.item().clone(), (at(0), HOLD)).unwrap();
    assert_ne!((back.key(), back.item()), (parcel.key(), back.item()), "it stands beside the receipt");
    assert_eq!((again(&back).errand(), back.payload()), (&Errand::Retract, None));
}

#[test]
fn items_are_told_apart_and_what_is_damaged_is_refused() {
    assert_ne!(parcel().item(), parcel().item());
    let text = parcel().text();
    assert!(Parcel::read(&text).is_ok());
    for damaged in ["", "{}", "gridwatch 1\n", &text[..text.len() - 1], &text.replace("PGE", "PGF")] {
        assert!(matches!(Parcel::read(damaged), Err(Unread::Damaged(_))), "{damaged}");
    }
    assert_eq!(Parcel::read(&text.replacen('1', "2", 1)), Err(Unread::Newer(2)));
}

#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Send,
    Unsend,
    Settle(u8),
    Restart,
    Stop,
    Again,
}

proptest! {
    /// Whatever happens, what goes is one item with one content, and after a try without an answer the broker is
    /// asked before it goes again.
    #[test]
    fn every_try_is_the_same_item(steps in proptest::collection::vec(prop_oneof![
        (0_i64..9).prop_map(Step::Wait), Just(Step::Send), Just(Step::Unsend), (0_u8..4).prop_map(Step::Settle),
        Just(Step::Restart), Just(Step::Stop), Just(Step::Again),
    ], 0..40)) {
        let mut parcel = parcel();
        let (item, errand) = (parcel.item().clone(), parcel.errand().clone());
        let (mut now, mut open, mut published, mut last) = (0, false, false, None);
        for step in steps {
            match step {
                Step::Wait(seconds) => {
                    now += seconds;
                    let _ = parcel.ripen(at(now));
                }
                Step::Send => if let Some(sending) = parcel.send(nobody()) {
                    prop_assert!(!published && sending.tried == open);
                    prop_assert_eq!((&sending.item, &sending.errand), (&item, &errand));
                    (open, last) = (true, Some(sending));
                },
                Step::Unsend => if let Some(sending) = last.take_if(|_| *parcel.state() == State::Sent) {
                    parcel.unsend(&sending);
                    open = sending.tried;
                },
                Step::Settle(how) if *parcel.state() == State::Sent => {
                    let outcome = match how {
                        0 => Outcome::Done(item.clone()),
                        1 => Outcome::Refused("forbidden".to_owned()),
                        how => Outcome::NotYet { unsure: how == 2 },
                    };
                    published |= how == 0;
                    open = how == 2;
                    parcel.settle(outcome, None, at(now));
                }
                Step::Settle(_) => parcel.settle(Outcome::Done(item.clone()), None, at(now)),
                Step::Restart => parcel = again(&parcel),
                Step::Stop => parcel.stop("look", None, at(now)),
                Step::Again => parcel.again(None, (at(now), HOLD)),
            }
            prop_assert_eq!(parcel.is_done(), published);
        }
    }
}
