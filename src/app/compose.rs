//! What the composer needs of the archive, away from the window's thread: drafts and the outbox on their shelves, what is known
//! of the values of a draft, and the last look at what is about to leave.

use std::sync::Arc;

use iced::Task;

use super::{App, Message};
use crate::compose::guard::{self, Answers, Sources};
use crate::compose::outbox::{self, Around, Left};
use crate::compose::preflight::Finding;
use crate::compose::send::Parcel;
use crate::compose::shelf::{self, Drafts, Sheet};
use crate::compose::stock::{self, Stock};
use crate::model::{BareJid, Say};
use crate::screen::composer::stock::{Ask, Told};
use crate::screen::composer::{self, Work, Worked};
use crate::store::index::{Failure, Stop};
use crate::store::{Error, Finder, Store};

fn gone() -> Say {
    Say::new("compose-shelf-gone")
}

fn said(error: &Error) -> Say {
    error.say()
}

/// Does it; blocks on the disk.
fn work(work: Work, store: &dyn Store, finder: &Finder, now: chrono::DateTime<chrono::Utc>) -> Worked {
    let local = store.local().ok_or_else(gone);
    match work {
        Work::Read => {
            let read = |local| Ok(Box::new((Drafts::read(local, now)?, Left::read(local)?)));
            Worked::Read(local.and_then(|local| read(local).map_err(|error| said(&error))))
        }
        Work::Post(batch) => Worked::Posted(local.and_then(|local| batch.keep(local).map_err(|error| said(&error)))),
        Work::LastLook(looked, me) => {
            let (parcel, around) = *looked;
            let found = last_look(&parcel, &around, me.as_ref(), store, finder);
            Worked::LastLooked(parcel.key().to_owned(), found)
        }
        Work::Keep(taken, sheets) => {
            let kept = local.and_then(|local| Drafts::keep(local, &sheets).map_err(|error| said(&error)));
            Worked::Kept(taken, kept)
        }
        Work::Discard(name, sheet, away) => Worked::Moved(local.and_then(|local| {
            Drafts::discard(local, &name, &sheet, away.then_some(now)).map(drop).map_err(|error| said(&error))
        })),
        Work::Remove(name) => {
            Worked::Moved(local.and_then(|local| shelf::remove::<Sheet>(local, &name).map_err(|error| said(&error))))
        }
        Work::Stock(ask) => Worked::Stock(stock(ask, store, finder, now)),
        Work::Look { draft, asked, asks, me, incident } => {
            Worked::Learned(draft, asked, look(&asks, me.as_ref(), (&incident.0, &incident.1), store, finder))
        }
    }
}

/// With what reports begin with.
fn stock(ask: Ask, store: &dyn Store, finder: &Finder, now: chrono::DateTime<chrono::Utc>) -> Told {
    let local = || store.local().ok_or_else(gone);
    let received =
        |csirt: &str| stock::received(csirt, finder, store, now, &Stop::default()).map_err(|failure| failure.say());
    match ask {
        Ask::Read(csirt) => Told::Read(local().and_then(|local| {
            let (mut stock, aside) = Stock::read(local).map_err(|error| said(&error))?;
            stock.received = received(stock.csirt().unwrap_or(&csirt))?;
            Ok((Box::new(stock), aside.iter().map(shelf::Aside::say).collect()))
        })),
        Ask::Keep(change) => {
            Told::Kept(local().and_then(|local| stock::keep(local, &change).map_err(|error| said(&error))))
        }
        Ask::Numbers(csirt) => Told::Numbers(received(&csirt)),
    }
}

/// What is known of these values: by the index, and then in the words of what was received.
fn look(
    asks: &[guard::Ask],
    me: Option<&BareJid>,
    incident: (&str, &str),
    store: &dyn Store,
    finder: &Finder,
) -> Result<Vec<Arc<Answers>>, Say> {
    let (snapshot, stop) = (finder.snapshot(), Stop::default());
    let sources = Sources { on: &snapshot, lookup: finder, store, me, incident: Some(incident), stop: &stop };
    let told = |failure: Failure| failure.say();
    let first = guard::look(asks, &sources).map_err(told)?;
    let second = guard::look_in_texts(asks, &sources).map_err(told)?;
    Ok(vec![Arc::new(first), Arc::new(second)])
}

/// What is said of work that died.
fn lost(work: &Work) -> Worked {
    match work {
        Work::Read => Worked::Read(Err(gone())),
        Work::Post(_) => Worked::Posted(Err(gone())),
        Work::LastLook(looked, _) => Worked::LastLooked(looked.0.key().to_owned(), Err(gone())),
        Work::Keep(taken, _) => Worked::Kept(taken.clone(), Err(gone())),
        Work::Look { draft, asked, .. } => Worked::Learned(draft.clone(), *asked, Err(gone())),
        Work::Discard(..) | Work::Remove(_) => Worked::Moved(Err(gone())),
        Work::Stock(ask) => Worked::Stock(match ask {
            Ask::Read(_) => Told::Read(Err(gone())),
            Ask::Keep(_) => Told::Kept(Err(gone())),
            Ask::Numbers(_) => Told::Numbers(Err(gone())),
        }),
    }
}

/// What has come in the way of a parcel, by all that was received until now.
fn last_look(
    parcel: &Parcel,
    around: &Around,
    me: Option<&BareJid>,
    store: &dyn Store,
    finder: &Finder,
) -> Result<Option<Finding>, Say> {
    let (snapshot, stop) = (finder.snapshot(), Stop::default());
    let sources = Sources { on: &snapshot, lookup: finder, store, me, incident: None, stop: &stop };
    outbox::last_look(parcel, around, Some(sources)).map_err(|failure| failure.say())
}

impl App {
    pub(super) fn compose(&mut self, asked: Work) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, index, lost) = (self.shared.now, self.index_id(), lost(&asked));
        let done = async move {
            let worked = tokio::task::spawn_blocking(move || work(asked, store.as_ref(), &finder, now)).await;
            worked.unwrap_or(lost)
        };
        Task::perform(done, move |worked| Message::Composed(index, Box::new(worked)))
    }

    /// Reads the drafts of the archive that was opened, and with what reports begin.
    pub(super) fn read_drafts(&mut self) -> Task<Message> {
        if !self.shared.kept {
            return Task::none();
        }
        self.screen(Message::Compose(composer::Message::Load))
    }

    /// What came of it, for the store it was done in; a window that waits for it may go.
    pub(super) fn composed(&mut self, index: usize, worked: Worked) -> Task<Message> {
        if index != self.index_id() {
            return Task::none();
        }
        let told = self.screen(Message::Compose(composer::Message::Worked(Box::new(worked))));
        Task::batch([told, self.part()])
    }
}
