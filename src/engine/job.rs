//! Dialogues with the broker that take several steps. A job asks, waits and reports by notes; it changes nothing itself
//! and ends with its session.
//!
//! May use `engine::{ask, error, event, evidence, ledger}`, `xmpp`, `model`, and read the `store`.

mod archive;
pub mod discover;
pub mod member;
pub mod members;
pub mod missing;
pub mod options;
pub mod owner;
pub mod publish;
pub mod readers;
pub mod retract;
pub mod survey;
pub mod sweep;
pub mod tell;
pub mod topic;
pub mod up;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ask::Asker;
use super::directory::Held;
use super::record::{Of, Own};
use super::rounds::Round;
use super::trail::Trail;
use super::{Error, Receipt, RequestId};
use crate::model::{Affiliation, BareJid, ItemId, Say, Topic, TopicId};
use crate::store::Store;
use crate::xmpp::form::Form;
use crate::xmpp::pubsub::authorize::Asked;
use crate::xmpp::stanza;
use crate::xmpp::xml::El;

/// What a job works with.
#[derive(Clone)]
pub(super) struct Desk {
    pub asker: Asker,
    pub notes: mpsc::Sender<Note>,
    pub me: BareJid,
    pub store: Arc<dyn Store>,
}

impl Desk {
    /// With what it asks for leaving its traces here.
    pub(super) fn leaving(self, trail: Trail) -> Self {
        Self { asker: self.asker.leaving(trail), ..self }
    }

    /// Reports. When the session has gone nobody needs to know any more.
    pub(super) async fn note(&self, note: Note) {
        let _ = self.notes.send(note).await;
    }
}

/// What a job found.
#[derive(Debug)]
pub(super) enum Note {
    /// Brokers of this session; none when none was found.
    Brokers(Vec<BareJid>),
    /// A round was not answered, or not in full: whom it was about, and why.
    Trouble(Round, BareJid, Error),
    /// A round ended, answered or not.
    Ended(Round, bool),
    /// The wait after a failed round is over.
    Due(Round),
    /// Something changed that only this round can tell.
    Wanted(Round),
    /// The broker's list of my subscriptions, and whether it could be read `whole`; `asked` is when the broker was asked.
    Subscriptions {
        broker: BareJid,
        list: Vec<(TopicId, Held)>,
        whole: bool,
        asked: Instant,
    },
    /// The broker's whole list of my affiliations.
    Affiliations {
        broker: BareJid,
        list: Vec<(TopicId, Affiliation)>,
    },
    /// The session has waited long enough for rights to be announced.
    Ready,
    /// A page of the topic list.
    Met(Vec<(TopicId, Option<String>)>),
    /// A topic, and when it was asked for.
    Described(Box<Topic>, Instant),
    /// How a topic of mine is set up, and since when all that is known of it was asked for, where that is known.
    Settings(TopicId, Box<Form>, Option<Instant>),
    /// A topic could not be described; `missing` when the broker says that there is none.
    Undescribed {
        topic: TopicId,
        missing: bool,
        say: Say,
    },
    /// One more topic of a broker was walked over, of so many known by then.
    Progress {
        broker: BareJid,
        total: u32,
    },
    /// The broker's list was read, to its end if `complete`.
    Walked {
        broker: BareJid,
        complete: bool,
    },
    /// What a topic stores was looked at.
    Swept(Box<sweep::Swept>),
    SweepTrouble(TopicId, Error),
    /// It is time to look at all topics again.
    Sweep,
    /// What came of fetching announced items.
    Unfetched(missing::Unfetched),
    /// A window of watching a flood is over.
    Watched,
    /// What was kept until it is known whether it is mine has waited long.
    KeptLong,
    /// An item was taken back by me.
    Retracted(TopicId, ItemId),
    /// One subscription as the broker answered.
    Held(TopicId, Held),
    /// Nothing is held there any more; `denied` when that was a refusal.
    Released {
        topic: TopicId,
        denied: bool,
    },
    /// The broker was asked for waiting requests; this was the poll's number.
    Polled {
        broker: BareJid,
        poll: u64,
        named: owner::Named,
        trouble: Option<Error>,
    },
    /// It is time to ask a broker for waiting requests again.
    PollAgain(BareJid),
    /// Requests that a broker lists instead of sending them.
    Listed(TopicId, Vec<Asked>),
    /// A topic of mine is deleted by me.
    Deleted(TopicId),
    /// A request was decided, here or elsewhere.
    Settled(TopicId, BareJid),
    /// Somebody has run for so long.
    Up {
        who: BareJid,
        seconds: u32,
    },
    /// Something is to be done without anybody's hand.
    Own(Own),
    /// And this came of it.
    Came(Of, Result<Receipt, Error>),
    /// The answer to a command.
    Answer {
        request: RequestId,
        result: Result<Receipt, Error>,
    },
}

/// The payload of an answer.
fn payload(answer: El<'_>) -> Option<El<'_>> {
    match stanza::sort(answer) {
        Ok(stanza::Sorted::Iq(iq)) => iq.payload(),
        _ => None,
    }
}
