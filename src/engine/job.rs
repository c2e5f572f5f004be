//! Dialogues with the broker that take several steps. A job asks, waits and reports by notes; it changes nothing itself
//! and ends with its session.
//!
//! May use `engine::{ask, error, event}`, `xmpp`, `model`.

pub mod discover;
pub mod fetch;
pub mod member;
pub mod owner;
pub mod publish;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ask::Asker;
use super::directory::Held;
use super::{Error, Receipt, RequestId};
use crate::model::{Affiliation, BareJid, Say, Topic, TopicId};
use crate::xmpp::pubsub::Item;
use crate::xmpp::stanza;
use crate::xmpp::xml::El;

/// What a job works with.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub asker: Asker,
    pub notes: mpsc::Sender<Note>,
    pub me: BareJid,
}

impl Desk {
    /// Reports. When the session has gone nobody needs to know any more.
    pub(super) async fn note(&self, note: Note) {
        let _ = self.notes.send(note).await;
    }
}

/// What a job found.
#[derive(Debug)]
pub(super) enum Note {
    /// The brokers of this session; none when none was found.
    Brokers(Vec<BareJid>),
    /// A broker could not be asked.
    BrokerTrouble(BareJid, Error),
    /// The broker's whole list of my subscriptions. `hint` names the topic whose change was
    /// announced, `asked` is when the broker was asked.
    Subscriptions {
        broker: BareJid,
        list: Vec<(TopicId, Held)>,
        hint: Option<TopicId>,
        asked: Instant,
    },
    /// The broker's whole list of my affiliations.
    Affiliations {
        broker: BareJid,
        list: Vec<(TopicId, Affiliation)>,
    },
    /// Rights are known: the session may be announced.
    Ready,
    /// A page of the topic list.
    Met(Vec<(TopicId, Option<String>)>),
    Described(Box<Topic>),
    Undescribed(TopicId, Say),
    Progress {
        walked: u32,
        total: u32,
    },
    Walked,
    /// Stored items of this topic are being asked for; nothing when all is fetched.
    Fetching(Option<TopicId>),
    /// Stored items of a topic.
    Fetched(TopicId, Vec<Item>),
    FetchTrouble(TopicId, Error),
    /// One subscription as the broker answered.
    Held(TopicId, Held),
    /// Nothing is held there any more; `denied` when that was a refusal.
    Released {
        topic: TopicId,
        denied: bool,
    },
    /// The broker was asked for waiting requests.
    Polled {
        trouble: Option<Error>,
    },
    /// A request was decided, here or elsewhere.
    Settled(TopicId, BareJid),
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
