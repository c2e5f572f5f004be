//! Both counters against a peer that keeps its side of XEP-0198, over links that break anywhere: nothing is delivered
//! twice, nothing is lost, nothing is claimed that did not happen.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;

use super::{Inbound, Outbound};

#[derive(Clone, Debug)]
enum Act {
    /// A stanza is queued.
    Queue,
    /// So many go on the wire.
    Write(usize),
    /// The peer takes so many off the wire.
    Take(usize),
    /// The peer says what it took.
    Acknowledge,
    /// What was held back is looked at anew, and is wanted or not.
    Free { wanted: bool },
    /// The link breaks, with what is on the wire, and the session is resumed.
    Break,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Queue),
        3 => (1..6usize).prop_map(Act::Write),
        3 => (1..6usize).prop_map(Act::Take),
        2 => Just(Act::Acknowledge),
        1 => any::<bool>().prop_map(|wanted| Act::Free { wanted }),
        1 => Just(Act::Break),
    ];
    prop::collection::vec(act, 0..200)
}

fn number(stanza: &[u8]) -> u64 {
    u64::from_be_bytes(stanza.try_into().unwrap())
}

proptest! {
    #[test]
    fn what_is_sent_is_taken_once_and_in_order(acts in acts(), start in prop_oneof![Just(0), 0xffff_fff0..0x1_0000_0010_u64]) {
        let mut queue = Outbound::after(start);
        let (mut wire, mut taken, mut queued, mut known) = (VecDeque::new(), Vec::new(), 0_u64, 0);
        let h = |taken: &Vec<u64>| Inbound::h(start + taken.len() as u64);
        for act in acts {
            match act {
                Act::Queue => {
                    queue.push(Arc::from(queued.to_be_bytes())).unwrap();
                    queued += 1;
                }
                Act::Write(count) => wire.extend((0..count).map_while(|_| queue.take())),
                Act::Take(count) => taken.extend((0..count).map_while(|_| wire.pop_front()).map(|stanza| number(&stanza))),
                Act::Acknowledge => known += queue.acked(h(&taken)).unwrap(),
                Act::Free { .. } => {}
                Act::Break => {
                    wire.clear();
                    known += queue.resumed(h(&taken)).unwrap();
                    prop_assert_eq!(queue.in_flight(), 0);
                }
            }
            prop_assert!(taken.iter().copied().eq(0..taken.len() as u64), "{:?}", taken);
            prop_assert!(known <= taken.len(), "only what was taken is known as taken");
            prop_assert_eq!(queue.len() as u64, queued - known as u64, "what is not known as taken is kept");
        }
        // At the end all of it arrives.
        wire.clear();
        let _ = queue.resumed(h(&taken)).unwrap();
        taken.extend(std::iter::from_fn(|| queue.take()).map(|stanza| number(&stanza)));
        prop_assert!(taken.into_iter().eq(0..queued));
    }

    #[test]
    fn a_lie_is_seen_and_changes_nothing(sent in 0..50_u64, acked in 0..50_u64, h: u32, start in prop_oneof![Just(0), 0xffff_fff0..0x1_0000_0010_u64]) {
        let acked = acked.min(sent);
        let mut queue = Outbound::after(start);
        (0..sent + 3).for_each(|number: u64| queue.push(Arc::from(number.to_be_bytes())).unwrap());
        (0..sent).for_each(|_| drop(queue.take().unwrap()));
        let _ = queue.acked(Inbound::h(start + acked)).unwrap();
        let possible = (acked..=sent).any(|count| Inbound::h(start + count) == h);
        let before = (queue.len(), queue.in_flight());
        prop_assert_eq!(queue.acked(h).is_ok(), possible);
        prop_assert!(possible || before == (queue.len(), queue.in_flight()));
    }

    /// The peer sends again from the number told; what is told is always a prefix of what is stored, and each stanza is
    /// new once.
    #[test]
    fn what_is_told_as_taken_is_stored(acts in acts(), start in prop_oneof![Just(0), 0xffff_fff0..0x1_0000_0010_u64]) {
        let mut count = Inbound::after(start);
        let (mut next, mut highest, mut works, mut stored) = (start, start, VecDeque::new(), BTreeSet::new());
        let mut held = BTreeSet::new();
        for act in acts {
            match act {
                // Some stanzas come in one piece; every third stanza has nothing to store, some are held back.
                Act::Write(some) => {
                    let mut work = Vec::new();
                    for _ in 0..some {
                        next += 1;
                        prop_assert_eq!(count.saw(), next <= highest, "sent again or not");
                        highest = highest.max(next);
                        prop_assert_eq!(count.seen(), next);
                        match next % 7 {
                            5 => { let _ = held.insert(next); }
                            _ if next % 3 == 0 => { let _ = stored.insert(next); }
                            _ => work.push(next),
                        }
                    }
                    let ticket = count.looked(!work.is_empty());
                    works.extend(ticket.map(|ticket| (ticket, work)));
                }
                // The store takes a piece.
                Act::Take(_) => if let Some((ticket, work)) = works.pop_front() {
                    stored.extend(work);
                    count.done(ticket);
                },
                Act::Queue | Act::Acknowledge => {}
                Act::Free { wanted } => if let Some(first) = held.first().copied() {
                    count.free(first);
                    let work: Vec<u64> = std::mem::take(&mut held).into_iter().collect();
                    let work = if wanted { work } else { stored.extend(work); Vec::new() };
                    let ticket = count.looked(!work.is_empty());
                    works.extend(ticket.map(|ticket| (ticket, work)));
                }
                Act::Break => {
                    next = count.count(held.first().copied());
                    held.clear();
                    count.resumed(next);
                }
            }
            let told = count.count(held.first().copied());
            prop_assert!(told <= next, "only what came over this link");
            prop_assert!((start + 1..=told).all(|number| stored.contains(&number)), "only what is stored");
            prop_assert_eq!(count.count(Some(told)), told.saturating_sub(1), "held back");
        }
        if let Some(first) = held.first() {
            count.free(*first);
            works.extend(count.looked(false).map(|ticket| (ticket, Vec::new())));
        }
        while let Some((ticket, _)) = works.pop_front() {
            count.done(ticket);
        }
        prop_assert_eq!(count.count(None), next, "at last all of it");
    }
}

#[test]
fn what_was_held_back_counts_when_it_is_stored() {
    let mut count = Inbound::default();
    let _ = (count.saw(), count.saw(), count.saw());
    let before = count.looked(true).unwrap();
    assert_eq!(count.count(Some(2)), 0);
    // The second turns out to be wanted after all.
    count.free(2);
    let after = count.looked(true).unwrap();
    count.done(before);
    assert_eq!(count.count(None), 1, "the first, which was not held back");
    count.done(after);
    assert_eq!(count.count(None), 3);
}

/// What was held back is not wanted: that says nothing of what is under way.
#[test]
fn what_is_under_way_is_not_done_because_another_is_dropped() {
    let mut count = Inbound::default();
    let _ = (count.saw(), count.saw(), count.saw());
    let before = count.looked(true).unwrap();
    count.free(2);
    let after = count.looked(false);
    assert_eq!(count.count(None), 0, "the first is not stored yet");
    count.done(before);
    assert_eq!(count.count(None), 1);
    count.done(after.unwrap());
    assert_eq!(count.count(None), 3);
}

#[test]
fn a_full_queue_says_so_and_one_stanza_always_fits() {
    let mut queue = Outbound::default();
    queue.push(vec![0; 32 << 20].into()).unwrap();
    assert!(queue.push(vec![0].into()).is_err());
    let _ = queue.take();
    assert_eq!(queue.acked(1), Ok(1));
    let mut count = 0;
    while queue.push(vec![0].into()).is_ok() {
        count += 1;
    }
    assert_eq!(count, 512);
    while queue.take().is_some() {}
    queue.forget_sent();
    assert!(queue.is_empty() && queue.in_flight() == 0);
}
