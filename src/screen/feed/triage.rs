//! What one does to rows: read, star, tag, note, disposition, snooze, mute; on one or on many; and undoing it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Feed, Form, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Toast, Tone};
use crate::store::Seq;
use crate::store::acts::{Change, Mark, Note, Slot};
use crate::store::finder::Job;
use crate::store::index::Bitmap;
use crate::store::query::Query;
use crate::store::views::Mute;

/// An act on the marked rows, else on the selected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Read, and on to the next.
    Done,
    /// Starred and read, and on to the next.
    Important,
    /// Starred, or not any more where all are.
    Star,
    /// Unread, or read where all are unread.
    Read,
    Tag(String, bool),
    Disposition(Option<String>),
    Snooze(Option<DateTime<Utc>>),
    /// What this filter finds is out of sight for so long.
    Mute(String, TimeDelta),
    Unmute(Mute),
    Note(String),
    DropNote(Note),
}

/// Incidents that one note is written on at once: each keeps a copy of its words.
pub(super) const NOTED: u32 = 1_000;

impl Feed {
    /// The rows an act is meant for.
    #[must_use]
    pub fn targets(&self) -> Bitmap {
        if !self.marked.is_empty() {
            return self.marked.clone();
        }
        match (self.head, &self.groups) {
            (Some(key), Some(groups)) => groups.members(key).iter().copied().collect(),
            _ => self.selected.into_iter().collect(),
        }
    }

    pub(super) fn is_marked(&self, seq: Seq) -> bool {
        self.marked.contains(seq)
    }

    pub(super) fn marked(&self) -> usize {
        self.marked.count() as usize
    }

    pub(super) fn triage(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Act(act) => self.act(act, cx),
            Message::Mark => {
                self.mark();
                Action::None
            }
            Message::MarkRange => {
                self.mark_range(cx);
                Action::None
            }
            Message::MarkAll => {
                self.marked = self.rows().collect();
                Action::None
            }
            Message::Unmark => {
                self.marked = Bitmap::default();
                Action::None
            }
            Message::AllRead => {
                let rows = self.rows().collect();
                self.change(vec![Change::Mark { rows, mark: Mark::Read, on: true }], "feed-did-read", cx)
            }
            Message::Undo => self.job(Job::Undo, cx),
            Message::Redo => self.job(Job::Redo, cx),
            message => self.form(message, cx),
        }
    }

    /// Marks the selected row, or all of the group whose head is chosen; marked ones are let go.
    fn mark(&mut self) {
        let rows: Bitmap = match (self.head, &self.groups) {
            (Some(key), Some(groups)) => groups.members(key).iter().copied().collect(),
            _ => self.selected.into_iter().collect(),
        };
        if rows.iter().all(|row| self.marked.contains(row)) {
            self.marked.subtract(&rows);
        } else {
            self.marked.join(&rows);
        }
    }

    /// From the marked row nearest to the selected one, up to it.
    fn mark_range(&mut self, cx: &Cx<'_>) {
        let Some(to) = self.selected_index(cx.store) else { return };
        let marked = self.marked.iter().filter_map(|seq| self.index(seq, cx.store));
        let from = marked.min_by_key(|index| index.abs_diff(to)).unwrap_or(to);
        let range = from.min(to)..=from.max(to);
        let rows: Bitmap = range.filter_map(|index| self.seq(index)).collect();
        self.marked.join(&rows);
    }

    pub(super) fn act(&mut self, act: Act, cx: &Cx<'_>) -> Action<Message> {
        let rows = self.targets();
        if let Act::Mute(filter, time) = act {
            return self.mute(&filter, time, cx);
        }
        if let Act::Unmute(rule) = act {
            let freed = self.change(vec![Change::Mute { rule, on: false }], "feed-did-unmute", cx);
            return both(freed, self.settle(cx));
        }
        if rows.is_empty() {
            return Action::Notify(Toast { tone: Tone::Plain, say: Say::new("feed-act-nothing") });
        }
        match act {
            Act::Done => {
                let done = self.change(vec![read(rows, true)], "feed-did-read", cx);
                self.advance(done, cx)
            }
            Act::Important => {
                let changes =
                    vec![Change::Mark { rows: rows.clone(), mark: Mark::Starred, on: true }, read(rows, true)];
                let done = self.change(changes, "feed-did-important", cx);
                self.advance(done, cx)
            }
            Act::Star => {
                let on = !cx.finder.all(&rows, &Mark::Starred);
                let key = if on { "feed-did-star" } else { "feed-did-unstar" };
                self.change(vec![Change::Mark { rows, mark: Mark::Starred, on }], key, cx)
            }
            Act::Read => {
                let on = cx.finder.none_read(&rows);
                self.change(vec![read(rows, on)], if on { "feed-did-read" } else { "feed-did-unread" }, cx)
            }
            Act::Tag(tag, on) => {
                let key = if on { "feed-did-tag" } else { "feed-did-untag" };
                self.change(vec![Change::Mark { rows, mark: Mark::Tag(tag), on }], key, cx)
            }
            Act::Disposition(words) => {
                self.change(vec![Change::Slot { rows, to: Slot::Disposition(words) }], "feed-did-disposition", cx)
            }
            Act::Snooze(until) => {
                let key = if until.is_some() { "feed-did-snooze" } else { "feed-did-wake" };
                let done = self.change(vec![Change::Slot { rows, to: Slot::Snoozed(until) }], key, cx);
                let moved = self.advance(done, cx);
                both(moved, self.refresh(cx))
            }
            Act::Note(text) => {
                // The store numbers them.
                let note = |row| Note { id: 0, row, written: cx.now, text: text.clone() };
                let notes = rows.iter().map(|row| Change::Note { note: note(row), on: true });
                self.change(notes.collect(), "feed-did-note", cx)
            }
            Act::DropNote(note) => self.change(vec![Change::Note { note, on: false }], "feed-did-note-gone", cx),
            Act::Mute(..) | Act::Unmute(_) => Action::None,
        }
    }

    /// To the row below the selected one, which then is read; a selection of many stays where it is.
    fn advance(&mut self, done: Action<Message>, cx: &Cx<'_>) -> Action<Message> {
        if !self.marked.is_empty() {
            self.marked = Bitmap::default();
            return done;
        }
        let next = self.selected_index(cx.store).map(|index| index + 1).filter(|index| *index < self.len());
        both(done, next.map_or(Action::None, |index| self.select(index, cx)))
    }

    fn mute(&mut self, filter: &str, time: TimeDelta, cx: &Cx<'_>) -> Action<Message> {
        match muting(filter, time, cx) {
            Ok(rule) => {
                let done = self.change(vec![Change::Mute { rule, on: true }], "feed-did-mute", cx);
                both(done, self.settle(cx))
            }
            Err(say) => Action::Notify(Toast { tone: Tone::Bad, say }),
        }
    }

    /// Does it and says so, with the key that takes it back.
    fn change(&mut self, changes: Vec<Change>, word: &'static str, cx: &Cx<'_>) -> Action<Message> {
        self.job(Job::Act(changes, word), cx)
    }

    pub(super) fn open_form(&mut self, form: Form) -> Action<Message> {
        let typed = form.word().is_some();
        self.form = Some(form);
        if typed { Action::Run(iced::widget::operation::focus(super::FORM)) } else { Action::None }
    }
}

/// The rule that puts what a filter finds out of sight for so long, or why there can be none.
pub(super) fn muting(filter: &str, time: TimeDelta, cx: &Cx<'_>) -> Result<Mute, Say> {
    let query = filter.parse::<Query>().map_err(|error| error.say())?;
    Mute::new(query, cx.now + time, cx.now).map_err(|fault| fault.say())
}

fn read(rows: Bitmap, on: bool) -> Change {
    Change::Mark { rows, mark: Mark::Read, on }
}
