//! Whatever is done, undoing all of it leaves what was there, and doing it again what was made of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use gridwatch::store::acts::{Change, Desk, Log, Mark, Note, Slot};
use gridwatch::store::index::Bitmap;
use gridwatch::store::views::Mute;
use gridwatch::store::{Error, Seq};
use proptest::prelude::*;

/// A desk as plain as one can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Plain {
    marks: BTreeMap<Mark, BTreeSet<Seq>>,
    dispositions: BTreeMap<Seq, String>,
    snoozed: BTreeMap<Seq, DateTime<Utc>>,
    notes: BTreeMap<u64, String>,
    mutes: Vec<String>,
    is_full: bool,
}

impl Desk for Plain {
    fn marked(&self, rows: &Bitmap, mark: &Mark) -> Result<Bitmap, Error> {
        let own = self.marks.get(mark).cloned().unwrap_or_default();
        Ok(rows.iter().filter(|row| own.contains(row)).collect())
    }

    fn slots(&self, rows: &Bitmap, kind: &Slot) -> Result<Vec<(Slot, Bitmap)>, Error> {
        let mut groups: BTreeMap<Slot, Bitmap> = BTreeMap::new();
        for row in rows.iter() {
            let own = match kind {
                Slot::Disposition(_) => Slot::Disposition(self.dispositions.get(&row).cloned()),
                Slot::Snoozed(_) => Slot::Snoozed(self.snoozed.get(&row).copied()),
            };
            groups.entry(own).or_default().insert(row);
        }
        Ok(groups.into_iter().collect())
    }

    fn holds(&self, change: &Change) -> Result<bool, Error> {
        Ok(match change {
            Change::Note { note, .. } => self.notes.get(&note.id) == Some(&note.text),
            Change::Mute { rule, .. } => self.mutes.contains(&rule.query().to_string()),
            Change::Mark { .. } | Change::Slot { .. } => false,
        })
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), Error> {
        if self.is_full {
            return Err(Error::Full { rows: 0 });
        }
        for change in changes {
            match change {
                Change::Mark { rows, mark, on } => {
                    let own = self.marks.entry(mark.clone()).or_default();
                    for row in rows.iter() {
                        // Narrowed: nothing is written that is so already.
                        assert!(if *on { own.insert(row) } else { own.remove(&row) }, "{mark:?} {row}");
                    }
                }
                Change::Slot { rows, to: Slot::Disposition(to) } => {
                    for row in rows.iter() {
                        let before = match to.clone() {
                            Some(to) => self.dispositions.insert(row, to),
                            None => self.dispositions.remove(&row),
                        };
                        assert_ne!(&before, to);
                    }
                }
                Change::Slot { rows, to: Slot::Snoozed(to) } => {
                    for row in rows.iter() {
                        let before = match to {
                            Some(to) => self.snoozed.insert(row, *to),
                            None => self.snoozed.remove(&row),
                        };
                        assert_ne!(&before, to);
                    }
                }
                Change::Note { note, on: true } => assert!(self.notes.insert(note.id, note.text.clone()).is_none()),
                Change::Note { note, on: false } => assert!(self.notes.remove(&note.id).is_some()),
                Change::Mute { rule, on: true } => self.mutes.push(rule.query().to_string()),
                Change::Mute { rule, on: false } => self.mutes.retain(|text| *text != rule.query().to_string()),
            }
        }
        self.marks.retain(|_, rows| !rows.is_empty());
        Ok(())
    }
}

pub fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A change of rows up to and with this one.
pub fn any_change(most: Seq) -> impl Strategy<Value = Change> {
    let rows =
        move || proptest::collection::btree_set(0..=most, 0..8).prop_map(|rows| rows.into_iter().collect::<Bitmap>());
    let mark = prop_oneof![Just(Mark::Read), Just(Mark::Starred), "[ab]".prop_map(Mark::Tag)];
    let slot = prop_oneof![
        proptest::option::of("[xy]").prop_map(Slot::Disposition),
        proptest::option::of(1..3_i64).prop_map(|days| Slot::Snoozed(days.map(|days| now() + TimeDelta::days(days)))),
    ];
    prop_oneof![
        (rows(), mark, any::<bool>()).prop_map(|(rows, mark, on)| Change::Mark { rows, mark, on }),
        (rows(), slot).prop_map(|(rows, to)| Change::Slot { rows, to }),
    ]
}

proptest! {
    #[test]
    fn all_undone_is_nothing_done(acts in proptest::collection::vec(any_change(11), 1..25)) {
        let (mut desk, mut log) = (Plain::default(), Log::default());
        let mut states = vec![desk.clone()];
        for change in acts {
            let before = desk.clone();
            let touched = log.act(&mut desk, vec![change]).unwrap();
            prop_assert_eq!(touched.is_empty(), desk == before);
            if desk != before {
                states.push(desk.clone());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(log.undo(&mut desk).unwrap().is_some());
            prop_assert_eq!(&desk, state);
        }
        prop_assert!(!log.can_undo() && log.undo(&mut desk).unwrap().is_none());
        for state in states.iter().skip(1) {
            prop_assert!(log.redo(&mut desk).unwrap().is_some());
            prop_assert_eq!(&desk, state);
        }
        prop_assert!(!log.can_redo());
    }
}

#[test]
fn notes_and_mutes_are_undone_too_and_one_act_may_be_of_several() {
    let (mut desk, mut log) = (Plain::default(), Log::default());
    let rows: Bitmap = (0..5).collect();
    let note = Note { id: 1, row: 3, written: now(), text: "asked the owner".to_owned() };
    let rule = Mute::new("topic:lab*".parse().unwrap(), now() + TimeDelta::days(7), now()).unwrap();
    let done_with =
        vec![Change::Mark { rows: rows.clone(), mark: Mark::Read, on: true }, Change::Note { note, on: true }];
    assert_eq!(log.act(&mut desk, done_with).unwrap(), rows);
    let _ = log.act(&mut desk, vec![Change::Mute { rule, on: true }]).unwrap();
    assert_eq!((desk.notes.len(), desk.mutes.len()), (1, 1));
    assert_eq!(log.undo(&mut desk).unwrap(), Some(Bitmap::default()));
    assert_eq!(log.undo(&mut desk).unwrap(), Some(rows));
    assert_eq!(desk, Plain::default());
}

#[test]
fn a_mute_in_force_stays_in_force_and_a_note_that_was_not_there_is_not_written() {
    let (mut desk, mut log) = (Plain::default(), Log::default());
    let rule = || Mute::new("topic:lab*".parse().unwrap(), now() + TimeDelta::days(7), now()).unwrap();
    let note = Note { id: 1, row: 3, written: now(), text: "never written".to_owned() };
    let _ = log.act(&mut desk, vec![Change::Mute { rule: rule(), on: true }]).unwrap();
    let before = desk.clone();
    for nothing in [Change::Mute { rule: rule(), on: true }, Change::Note { note, on: false }] {
        let _ = log.act(&mut desk, vec![nothing]).unwrap();
    }
    assert_eq!(desk, before);
    let _ = log.undo(&mut desk).unwrap();
    assert_eq!(desk, Plain::default(), "the first act, not an empty one");
    assert!(!log.can_undo());
}

#[test]
fn what_could_not_be_written_can_be_tried_again() {
    let (mut desk, mut log) = (Plain::default(), Log::default());
    let star = || vec![Change::Mark { rows: (0..3).collect(), mark: Mark::Starred, on: true }];
    desk.is_full = true;
    assert!(log.act(&mut desk, star()).is_err() && !log.can_undo());
    desk.is_full = false;
    let _ = log.act(&mut desk, star()).unwrap();
    desk.is_full = true;
    assert!(log.undo(&mut desk).is_err() && log.can_undo() && !log.can_redo());
    desk.is_full = false;
    assert!(log.undo(&mut desk).unwrap().is_some());
    desk.is_full = true;
    assert!(log.redo(&mut desk).is_err() && log.can_redo());
    desk.is_full = false;
    assert!(log.redo(&mut desk).unwrap().is_some());
    // Another act ends what could be done again.
    assert!(log.undo(&mut desk).unwrap().is_some());
    let _ = log.act(&mut desk, vec![Change::Mark { rows: (7..9).collect(), mark: Mark::Read, on: true }]).unwrap();
    assert!(!log.can_redo());
}
