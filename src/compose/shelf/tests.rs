//! What is kept stands, is told when damaged, and is written in time.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};

use super::*;
use crate::compose::Draft;
use crate::compose::cards::{Card, Organisation};
use crate::compose::draft::Beside;
use crate::compose::outbox::{Batch, Left};
use crate::compose::stock::Stock;
use crate::iodef::Document;
use crate::model::TopicId;
use crate::store::Local as _;
use crate::store::Memory;

fn draft(text: &str) -> Draft {
    let document = Document::read(format!("<IODEF-Document>{text}</IODEF-Document>"), &[]).unwrap();
    Draft::new(document, Beside::default())
}

fn sheet(text: &str) -> Sheet {
    Sheet { draft: draft(text), changed: Utc::now(), discarded: None }
}

#[test]
fn drafts_come_back_and_what_was_discarded_does_for_a_week() {
    let store = Memory::default();
    let now = Utc::now();
    let names: Vec<String> = (0..3)
        .map(|at| {
            let name = free(&store, Shelf::Drafts).unwrap();
            Drafts::keep(&store, &[(name.clone(), sheet(&format!("{at}")))]).unwrap();
            name
        })
        .collect();
    let read = Drafts::read(&store, now).unwrap();
    assert_eq!(read.open.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
    let (name, first) = &read.open[0];
    let gone = Drafts::discard(&store, name, first, Some(now)).unwrap();
    let read = Drafts::read(&store, now + TimeDelta::days(6)).unwrap();
    assert_eq!((read.open.len(), read.discarded.len()), (2, 1));
    assert_eq!(read.discarded[0].1.draft.document().text(), first.draft.document().text());
    let _ = Drafts::discard(&store, name, &gone, None).unwrap();
    assert_eq!(Drafts::read(&store, now).unwrap().open.len(), 3);
    let _ = Drafts::discard(&store, name, &gone, Some(now)).unwrap();
    assert_eq!(Drafts::read(&store, now + DISCARDED).unwrap().discarded.len(), 0);
    assert_eq!(store.kept(Shelf::Drafts).unwrap().len(), 2, "what was discarded a week ago is gone");
}

#[test]
fn what_is_damaged_stands_aside_and_what_is_later_stays() {
    let store = Memory::default();
    put(&store, "00000001", &Card { label: "a".to_owned(), ..Card::default() }).unwrap();
    let texts = [("00000002", "gridwatch 1\nlabel = "), ("00000003", "gridwatch 2\nnew = 1"), ("00000004", "")];
    let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned()));
    store.keep(Shelf::Cards, &[], &texts).unwrap();
    for _ in 0..2 {
        let read = all::<Card>(&store).unwrap();
        assert_eq!(read.entries.len(), 1);
        assert_eq!(read.later, ["00000003"]);
        let aside: Vec<_> = read.aside.iter().map(|aside| (aside.name.as_str(), aside.text.as_str())).collect();
        assert_eq!(aside, [("!00000002", "gridwatch 1\nlabel = "), ("!00000004", "")]);
        assert!(read.aside.iter().all(|aside| !aside.why.is_empty() && aside.say().key == "error-shelf-damaged"));
    }
    assert_eq!(free(&store, Shelf::Cards).unwrap(), "00000005", "no name is used twice");

    store.keep(Shelf::Organisation, &[], &[(String::new(), "rubbish".to_owned())]).unwrap();
    let (none, read) = only::<Organisation>(&store).unwrap();
    assert_eq!((none, read.aside.len()), (None, 1));
    let us = Organisation { csirt: "cert.example".to_owned(), ..Organisation::default() };
    keep_only(&store, &us).unwrap();
    let (own, read) = only::<Organisation>(&store).unwrap();
    assert_eq!((own, read.aside[0].text.as_str()), (Some(us), "rubbish"), "nothing is written over what is damaged");
    store.keep(Shelf::Organisation, &[], &[(String::new(), "again".to_owned())]).unwrap();
    let (_, read) = only::<Organisation>(&store).unwrap();
    assert_eq!(read.aside.len(), 2);

    let text = sheet("x").text();
    let broken = text.replace("<IODEF-Document>x", "<IODEF-Document>y");
    assert!(matches!(Sheet::read(&broken), Err(Unread::Damaged(_))));
    assert!(matches!(Sheet::read(&text.replacen("desk 1", "desk 2", 1)), Err(Unread::Newer(2))));
    assert!(Sheet::read(&text).is_ok());
    let counter = Counter("a.example 2026 7\n".to_owned());
    assert_eq!(Counter::read(&counter.text()), Ok(counter));
}

#[test]
fn what_a_later_program_wrote_is_told_of_and_never_written_over() {
    let store = Memory::default();
    let topic = |node: &str| TopicId { broker: "broker.example".parse().unwrap(), node: node.to_owned() };
    let reached = |node| Reached { topic: topic(node), at: Utc::now(), readers: std::collections::BTreeSet::new() };
    let later = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let texts = [later("00000001", "gridwatch 2\nx"), later(&reached("a").name(), "gridwatch 9\n")];
    for shelf in [Shelf::Cards, Shelf::Reached, Shelf::Outbox] {
        store.keep(shelf, &[], &texts).unwrap();
    }
    store.keep(Shelf::Templates, &[], &[later("1", "Phish\ngridwatch-draft 9\n")]).unwrap();
    let sheets = [later("1", &sheet("x").text().replacen("desk 1", "desk 2", 1)), later("2", "gridwatch-desk 3 \n")];
    store.keep(Shelf::Drafts, &[], &sheets).unwrap();
    let batch = Batch { reached: vec![reached("a"), reached("b")], ..Batch::default() };
    batch.keep(&store).unwrap();
    assert!(matches!(put(&store, "00000001", &Card::default()), Err(crate::store::Error::Newer)));
    let kept = store.kept(Shelf::Reached).unwrap();
    assert!(texts.iter().all(|text| kept.contains(text)) && kept.len() == 3, "{kept:?}");
    assert_eq!(store.kept(Shelf::Cards).unwrap(), texts);
    let keys = |told: &[crate::model::Say]| told.iter().map(|say| say.key).collect::<Vec<_>>();
    assert_eq!(keys(&Left::read(&store).unwrap().told), ["error-shelf-later"; 2]);
    assert_eq!(keys(&Stock::read(&store).unwrap().1), ["error-shelf-later"; 2]);
    let drafts = Drafts::read(&store, Utc::now()).unwrap();
    assert_eq!(keys(&drafts.told), ["error-shelf-later"]);
    assert_eq!(store.kept(Shelf::Drafts).unwrap(), sheets);
}

const STEP: Duration = Duration::from_millis(10);

/// Types by a rhythm, writes as slowly as told; the longest that anything typed was not on the disk.
fn longest(typing: impl Fn(u32) -> bool, writing: Duration, steps: u32) -> Duration {
    let began = Instant::now();
    let (mut saver, mut revision, mut longest) = (Saver::default(), 0_u64, Duration::ZERO);
    // What is typed and not kept, by its revision.
    let mut open: Vec<(u64, Instant)> = Vec::new();
    let mut busy: Option<(Instant, Vec<(&str, u64)>)> = None;
    for step in 0..steps {
        let now = began + STEP * step;
        if typing(step) {
            revision += 1;
            saver.typed("draft", revision, now);
            open.push((revision, now));
        }
        if let Some((ready, taken)) = busy.take_if(|(ready, _)| *ready <= now) {
            saver.written(&taken, true, ready);
            let last = taken[0].1;
            open.retain(|(revision, _)| *revision > last);
        }
        if busy.is_none() && saver.due().is_some_and(|due| due <= now) {
            let taken = saver.take(now);
            assert!(!taken.is_empty());
            busy = Some((now + writing, taken));
        }
        longest = longest.max(open.first().map_or(Duration::ZERO, |(_, since)| now - *since));
    }
    longest
}

#[test]
fn nothing_typed_waits_longer_than_two_seconds() {
    let ms = Duration::from_millis;
    assert!(longest(|_| true, ms(10), 2_000) <= MOST + ms(40), "typing on and on");
    assert!(longest(|_| true, ms(450), 2_000) < ms(2_000), "and a slow disk");
    assert!(longest(|step| step % 30 == 0, ms(450), 2_000) < ms(2_000), "now and then");
    assert!(longest(|step| step == 7, ms(10), 200) <= PAUSE + ms(40), "once");
}

#[test]
fn acts_are_written_at_once_and_failures_again() {
    let now = Instant::now();
    let mut saver = Saver::default();
    saver.opened("a", 1);
    assert_eq!((saver.due(), saver.is_saved()), (None, true));
    saver.typed("a", 1, now);
    assert!(saver.is_saved(), "nothing changed");
    saver.acted("a", 2, now);
    saver.typed("b", 0, now + PAUSE);
    assert_eq!(saver.due(), Some(now));
    assert_eq!(saver.take(now), [("a", 2)]);
    assert_eq!(saver.standing(&"a"), Standing::Unsaved(now));
    saver.typed("a", 3, now + STEP);
    saver.written(&[("a", 2)], false, now + STEP);
    assert_eq!(saver.standing(&"a"), Standing::Failed(now + STEP));
    let again = now + STEP + Duration::from_secs(1);
    assert_eq!(saver.take(again), [("a", 3), ("b", 0)], "many drafts go together");
    saver.written(&[("a", 3), ("b", 0)], true, again);
    assert_eq!((saver.standing(&"a"), saver.is_saved()), (Standing::Saved(Some(again)), true));
    saver.typed("a", 4, again);
    assert_eq!(saver.take_all(), [("a", 4)]);
    assert!(saver.take_all().is_empty(), "it is being written so already");
    // Two of one draft are on their way at once, and the second does not come to its end.
    saver.typed("a", 5, again);
    assert_eq!(saver.take_all(), [("a", 5)]);
    saver.written(&[("a", 4)], true, again);
    saver.written(&[("a", 5)], false, again);
    assert_eq!(saver.due(), Some(again + Duration::from_secs(1)), "it is tried again");
    saver.typed("a", 4, again);
    saver.forget(&"a");
    saver.written(&[("a", 4)], true, again);
    assert!(saver.is_saved() && saver.due().is_none());
}
