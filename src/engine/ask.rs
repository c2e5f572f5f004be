//! Asking and being answered within one session: requests by IQ, and messages that can only be complained about.
//!
//! May use `xmpp`, `engine::error`. Which answer counts is `xmpp::iq`'s matter.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Error;
use super::ingest::Found;
use super::outgoing::Outgoing;
use super::trail::Trail;
use crate::model::{BareJid, ItemId, Jid, TopicId};
use crate::xmpp::iq::{Refusal, Table, random_id};
use crate::xmpp::rsm::Page;
use crate::xmpp::stanza::{self, Iq, IqKind, Message, Route, Sorted};
use crate::xmpp::xml::{NotXml, Stanza, Writer};

/// Longest wait for an answer while a link is up; a server under load or a slow shaper takes its time (`engine.md` §4, shaper).
const ANSWER: Duration = Duration::from_secs(30);
/// Added for every byte sent, at the slowest shaper met (10 kB/s).
const PER_BYTE: Duration = Duration::from_micros(100);
/// Messages whose complaint is waited for at one time.
const TOLD: usize = 256;

/// Who waits for an answer.
#[derive(Debug)]
pub(super) enum Waiter {
    /// A job reads it.
    Whole(oneshot::Sender<Stanza>),
    /// Stored items. They take their place among the events where the stanza was read, else an event behind them would
    /// be stored first; the job learns only what came.
    Items(Wanted, oneshot::Sender<Result<Got, Error>>),
}

impl Waiter {
    fn is_gone(&self) -> bool {
        match self {
            Self::Whole(waiter) => waiter.is_closed(),
            Self::Items(_, waiter) => waiter.is_closed(),
        }
    }
}

/// Stored items that were asked for: of a topic all or a page, or one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub topic: TopicId,
    pub only: Option<ItemId>,
    /// What is new of them was there before the topic was read here.
    pub history: History,
}

/// Which of the stored items that were asked for, as far as they are new, are no news ([`crate::store::Incoming::history`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum History {
    #[default]
    None,
    All,
    /// Those that say that they were made before then; `whole` where all that is stored comes as one answer, else of every
    /// answer.
    Before {
        since: DateTime<Utc>,
        whole: bool,
    },
}

impl History {
    /// Of an answer that is a page, or all there is.
    pub fn of(self, is_page: bool) -> Self {
        match self {
            Self::Before { whole: true, .. } if is_page => Self::None,
            other => other,
        }
    }

    /// Whether an item is, which says that it was made then.
    pub fn holds(self, made: Option<DateTime<Utc>>) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Before { since, .. } => made.is_some_and(|made| made < since),
        }
    }
}

/// What came of them.
#[derive(Debug)]
pub(super) struct Got {
    pub items: usize,
    /// Bytes of their payloads.
    pub bytes: usize,
    pub page: Option<Page>,
    /// Items without a usable id.
    pub unreadable: u32,
    /// What each was to the store; nothing when they could not be stored.
    pub found: oneshot::Receiver<Vec<Found>>,
}

/// Asks in one session. Clones share what is waited for.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    shared: Arc<Mutex<Shared>>,
    outgoing: Outgoing,
    /// Of what changes something.
    trail: Trail,
}

#[derive(Debug)]
struct Shared {
    asked: Table<(DateTime<Utc>, Waiter)>,
    told: HashMap<String, (Jid, oneshot::Sender<Stanza>)>,
    /// Queries of archives, by their ids.
    archives: HashMap<String, Archive>,
}

/// A query of a broker's archive.
#[derive(Debug)]
struct Archive {
    topic: Arc<TopicId>,
    told: Vec<Told>,
    /// Something that came was not taken in.
    lost: bool,
}

/// An archived message: when it was archived, by the archive's own clock, and what becomes of it.
pub(super) type Told = (Option<DateTime<Utc>>, oneshot::Receiver<Vec<Found>>);

/// Messages taken in answer to one query.
const ARCHIVED: usize = 1_000;

impl Asker {
    /// For the session bound as `own`.
    pub(super) fn new(own: Jid, outgoing: Outgoing) -> Self {
        let shared = Shared { asked: Table::new(own), told: HashMap::new(), archives: HashMap::new() };
        Self { shared: Arc::new(Mutex::new(shared)), outgoing, trail: Trail::default() }
    }

    /// The same, with what is asked through it leaving its traces here.
    pub(super) fn leaving(self, trail: Trail) -> Self {
        Self { trail, ..self }
    }

    pub(super) fn trail(&self) -> &Trail {
        &self.trail
    }

    /// Asks for something; gives the answer, a `result`.
    ///
    /// # Errors
    /// [`Error::Refused`] with the stanza error's words, [`Error::Timeout`], [`Error::Offline`] when the session ends.
    pub(super) async fn get(&self, to: &BareJid, payload: impl FnOnce(&mut Writer)) -> Result<Stanza, Error> {
        checked(self.ask(to, IqKind::Get, payload, Waiter::Whole).await?)
    }

    /// Asks to do something.
    ///
    /// # Errors
    /// As [`Asker::get`].
    pub(super) async fn set(&self, to: &BareJid, payload: impl FnOnce(&mut Writer)) -> Result<Stanza, Error> {
        checked(self.ask(to, IqKind::Set, payload, Waiter::Whole).await?)
    }

    /// Asks for stored items.
    ///
    /// # Errors
    /// As [`Asker::get`].
    pub(super) async fn items(&self, wanted: Wanted, payload: impl FnOnce(&mut Writer)) -> Result<Got, Error> {
        let broker = wanted.topic.broker.clone();
        self.ask(&broker, IqKind::Get, payload, |tell| Waiter::Items(wanted, tell)).await?
    }

    /// The stored items whose answer is still awaited, now that the session is over.
    pub(super) fn unanswered(&self) -> Vec<Wanted> {
        let wanted = |(_, waiter)| match waiter {
            Waiter::Items(wanted, tell) if !tell.is_closed() => Some(wanted),
            _ => None,
        };
        self.lock().asked.drain().into_iter().filter_map(wanted).collect()
    }

    async fn ask<T>(
        &self,
        to: &BareJid,
        kind: IqKind,
        payload: impl FnOnce(&mut Writer),
        waiting: impl FnOnce(oneshot::Sender<T>) -> Waiter,
    ) -> Result<T, Error> {
        // Written first: what it holds decides how long the answer may take.
        let to = Jid::from(to.clone());
        let mut inside = Writer::new();
        payload(&mut inside);
        let inside = inside.finish().map_err(|_| Error::unwritable())?;
        let size = u32::try_from(inside.len()).unwrap_or(u32::MAX);
        let patience = ANSWER + PER_BYTE.saturating_mul(size);
        let (waiter, answer) = oneshot::channel();
        let id = self.enter(&to, waiting(waiter))?;
        let route = Route { from: None, to: Some(to) };
        let bytes = stanza::iq(kind, &id, &route, |w| {
            let _ = w.raw(&inside);
        })
        .map_err(|_| Error::unwritable())?;
        let asking = async {
            self.outgoing.send(bytes).await.map_err(|_| Error::Offline)?;
            if kind == IqKind::Set {
                self.trail.sent(&id);
            }
            answer.await.map_err(|_| Error::Offline)
        };
        self.patiently(patience, asking).await
    }

    /// Waits so long for something. Time stands still while no link is up, and begins anew with a link: then what was
    /// asked may be asked again.
    async fn patiently<T>(
        &self,
        patience: Duration,
        something: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let asked = Instant::now();
        let mut something = std::pin::pin!(something);
        let mut up = self.outgoing.up();
        loop {
            let since = *up.borrow_and_update();
            let end = since.map(|since| since.max(asked) + patience);
            tokio::select! {
                biased;
                result = &mut something => return result,
                () = sleep_until(end.unwrap_or(asked)), if end.is_some() => {
                    return Err(Error::Timeout { what: "waiting for the broker's answer" });
                }
                changed = up.changed() => changed.map_err(|_| Error::Offline)?,
            }
        }
    }

    fn enter(&self, to: &Jid, waiter: Waiter) -> Result<String, Error> {
        let mut shared = self.lock();
        // Those who stopped waiting left their entries behind.
        shared.asked.retire(|(_, waiter)| waiter.is_gone());
        shared.asked.enter(Some(to.clone()), (Utc::now(), waiter)).map_err(|refusal| match refusal {
            Refusal::NoRandom(_) => Error::no_randomness(),
            Refusal::Full => Error::Busy,
        })
    }

    /// Sends a message under a fresh id, made by `write`. RFC 6120 §8.3 gives a message no answer but an error: the
    /// complaint is kept for whoever asks for it.
    ///
    /// # Errors
    /// [`Error::Offline`] when the session ends, [`Error::Busy`] when too many are out.
    pub(super) async fn tell(
        &self,
        to: &BareJid,
        write: impl FnOnce(&str) -> Result<Vec<u8>, NotXml>,
    ) -> Result<Complaint, Error> {
        let id = random_id().map_err(|_| Error::no_randomness())?;
        let bytes = write(&id).map_err(|_| Error::unwritable())?;
        let (waiter, heard) = oneshot::channel();
        {
            let mut shared = self.lock();
            shared.told.retain(|_, (_, waiter)| !waiter.is_closed());
            if shared.told.len() >= TOLD {
                return Err(Error::Busy);
            }
            let _ = shared.told.insert(id.clone(), (Jid::from(to.clone()), waiter));
        }
        self.outgoing.send(bytes).await.map_err(|_| Error::Offline)?;
        self.trail.sent(&id);
        Ok(Complaint { heard })
    }

    /// Opens a query of the archive of a topic; gives its id.
    ///
    /// # Errors
    /// Without random numbers.
    pub(super) fn open_archive(&self, topic: &TopicId) -> Result<String, Error> {
        let id = random_id().map_err(|_| Error::no_randomness())?;
        let archive = Archive { topic: Arc::new(topic.clone()), told: Vec::new(), lost: false };
        drop(self.lock().archives.insert(id.clone(), archive));
        Ok(id)
    }

    /// The topic whose archive was asked of this broker by this query.
    pub(super) fn archive(&self, query: &str, broker: &BareJid) -> Option<Arc<TopicId>> {
        let shared = self.lock();
        let topic = &shared.archives.get(query)?.topic;
        (topic.broker == *broker).then(|| Arc::clone(topic))
    }

    /// An archived message came. False when there were too many.
    pub(super) fn told(&self, query: &str, told: Told) -> bool {
        let mut shared = self.lock();
        let Some(archive) = shared.archives.get_mut(query) else { return false };
        let room = archive.told.len() < ARCHIVED;
        if room {
            archive.told.push(told);
        }
        archive.lost |= !room;
        room
    }

    /// Something of an archived message cannot be taken in.
    pub(super) fn lost(&self, query: &str) {
        if let Some(archive) = self.lock().archives.get_mut(query) {
            archive.lost = true;
        }
    }

    /// The query is answered; what came, and whether something of it was not taken in.
    pub(super) fn close_archive(&self, query: &str) -> (Vec<Told>, bool) {
        self.lock().archives.remove(query).map(|archive| (archive.told, archive.lost)).unwrap_or_default()
    }

    /// Who waits for this answer; `None` for one that nobody asked for, or that comes from another than the one asked.
    pub(super) fn answered(&self, iq: &Iq<'_>) -> Option<Waiter> {
        let (sent, waiter) = self.lock().asked.answer(iq)?;
        self.outgoing.prove(sent);
        Some(waiter)
    }

    /// Who waits for a complaint about this message; the sender must be the one told.
    pub(super) fn complained(&self, message: &Message<'_>) -> Option<oneshot::Sender<Stanza>> {
        let id = message.id.as_deref()?;
        let mut shared = self.lock();
        let (told, _) = shared.told.get(id)?;
        if message.route.from.as_ref() != Some(told) {
            return None;
        }
        shared.told.remove(id).map(|(_, waiter)| waiter)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer, unless it is a refusal.
fn checked(answer: Stanza) -> Result<Stanza, Error> {
    let refused = match stanza::sort(answer.root()) {
        Ok(Sorted::Iq(iq)) => iq.error(),
        _ => None,
    };
    refused.map_or(Ok(answer), |error| Err(Error::from(error)))
}

/// An error that may still come in answer to a message.
#[derive(Debug)]
pub(super) struct Complaint {
    heard: oneshot::Receiver<Stanza>,
}

impl Complaint {
    /// The error, if it has come.
    pub(super) fn heard(&mut self) -> Option<stanza::Error> {
        let stanza = self.heard.try_recv().ok()?;
        Some(stanza::Error::of(stanza.root()))
    }
}
