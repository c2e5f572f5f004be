//! What the log of acts is told of what is held: that it is, and that it was taken back or stopped before it left. What leaves
//! goes on under the same act (`engine/record.rs`).

use std::collections::BTreeMap;

use super::{Message, Screen};
use crate::app::cx::Cx;
use crate::compose::send::{Errand, Parcel, State};
use crate::engine::Command;
use crate::screen::Action;
use crate::store::activity::{By, Kind};

/// What the log has as held, by the parcel's key: the note that closes it.
#[derive(Debug, Default)]
pub(super) struct Noted(BTreeMap<String, Command>);

impl Noted {
    /// It is on its way: what comes of it is the engine's to write.
    pub(super) fn left(&mut self, key: &str) {
        drop(self.0.remove(key));
    }
}

fn note(parcel: &Parcel, undone: bool) -> Command {
    let kind = if *parcel.errand() == Errand::Retract { Kind::Retract } else { Kind::Publish };
    let (topic, subject) = (parcel.topic().clone(), parcel.item().0.clone());
    Command::Held { kind, by: By::Person, topic, subject, reason: parcel.about().reason(), undone }
}

impl Screen {
    /// Tells what is held and was not told of, and what is held no more and never left. Before there was a session the log does
    /// not know whose act it is: it is told then.
    pub(super) fn note_held(&mut self, action: Action<Message>, cx: &Cx<'_>) -> Action<Message> {
        let mut notes = Vec::new();
        let mut there = BTreeMap::new();
        for parcel in self.outbox.parcels() {
            let known = self.noted.0.remove(parcel.key());
            match (parcel.state(), known) {
                (State::Held { .. }, None) if cx.online() => {
                    notes.push(note(parcel, false));
                    drop(there.insert(parcel.key().to_owned(), note(parcel, true)));
                }
                (State::Refused { .. }, Some(undone)) => notes.push(undone),
                (_, Some(undone)) => drop(there.insert(parcel.key().to_owned(), undone)),
                (_, None) => {}
            }
        }
        let gone = std::mem::replace(&mut self.noted.0, there);
        notes.extend(gone.into_values());
        if notes.is_empty() {
            return action;
        }
        Action::Many(std::iter::once(action).chain(notes.into_iter().map(Action::Engine)).collect())
    }
}
