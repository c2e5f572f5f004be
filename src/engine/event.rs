//! What the engine tells. Events come in batches, in order.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::RequestId;
use super::error::Error;
use crate::model::owned::{Created, Said, Saved, Settings, Stock};
use crate::model::session::{Authentication, Channel, Management, Route};
use crate::model::survey::Survey;
use crate::model::{BareJid, Coverage, ItemId, Jid, Learned, Say, Topic};
use crate::store::Committed;
use crate::store::activity::Number;

pub use crate::model::owned::{Members, Pending, Revoked, Subscriber};

/// How far a connection attempt has come; each has its own words in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Dialing,
    Securing,
    Authenticating,
    Binding,
    /// Finding the broker and its topics.
    Discovering,
}

/// Facts of a session for the connection panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// My full JID as bound.
    pub jid: Jid,
    pub broker: Option<BareJid>,
    pub route: Route,
    pub channel: Channel,
    pub authentication: Authentication,
    pub management: Management,
}

/// The state of the connection, always shown.
#[derive(Clone, Debug)]
pub enum Connection {
    Offline,
    Connecting {
        step: Step,
        attempt: u32,
    },
    Online(Arc<SessionFacts>),
    /// Lost or failed; another attempt follows by itself.
    Waiting {
        retry_in: Duration,
        cause: Error,
    },
    /// Failed in a way that trying again cannot mend (wrong password, bad certificate): waits for the person.
    Stopped {
        cause: Error,
    },
}

/// What came of a command.
#[derive(Clone, PartialEq, Eq)]
pub enum Receipt {
    Subscribed,
    /// The owner has been asked.
    Asked,
    Unsubscribed,
    /// The broker's item id, which is the receipt.
    Published(ItemId),
    Approved,
    Denied,
    /// Taken back on the broker.
    Retracted(ItemId),
    /// Who is what on a topic of mine.
    Members(Arc<Members>),
    /// As it is after a change; `refused` are the accounts that the broker did not change.
    Changed {
        members: Arc<Members>,
        refused: Vec<BareJid>,
    },
    /// Both lists as they were read after the rights were taken away: the proof, or what is left.
    Revoked(Arc<Revoked>),
    /// The companion message is on its way; nobody confirms that it was read.
    Told,
    /// The broker's own form: of a topic of mine, or of one that would be made.
    Settings(Arc<Settings>),
    /// What the broker made of the changes.
    Configured(Arc<Saved>),
    Created(Arc<Created>),
    /// What would be lost with a topic.
    Stock(Stock),
    Purged,
    Deleted,
    /// What controller and brokers answered.
    Surveyed(Arc<Survey>),
    /// All requests that wait, now that every broker has been asked; what could not be asked is in [`Event::Requests`].
    Polled(Arc<[Pending]>),
}

impl fmt::Debug for Receipt {
    /// It becomes a line of the log file: lists that may be of ten thousand are counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscribed => f.write_str("Subscribed"),
            Self::Asked => f.write_str("Asked"),
            Self::Unsubscribed => f.write_str("Unsubscribed"),
            Self::Published(item) => write!(f, "Published({:?})", item.0),
            Self::Approved => f.write_str("Approved"),
            Self::Denied => f.write_str("Denied"),
            Self::Retracted(item) => write!(f, "Retracted({:?})", item.0),
            Self::Members(members) => members.fmt(f),
            Self::Changed { members, refused } => write!(f, "Changed({members:?}, {} refused)", refused.len()),
            Self::Revoked(revoked) => revoked.fmt(f),
            Self::Told => f.write_str("Told"),
            Self::Settings(settings) => write!(f, "Settings({})", settings.fields.len()),
            Self::Configured(saved) => saved_of(f, "Configured", saved),
            Self::Created(created) => match &**created {
                Created::Whole(saved) => saved_of(f, "Created", saved),
                Created::Bare { why } => write!(f, "Created(bare: {})", why.key),
            },
            Self::Stock(stock) => stock.fmt(f),
            Self::Purged => f.write_str("Purged"),
            Self::Deleted => f.write_str("Deleted"),
            Self::Surveyed(_) => f.write_str("Surveyed"),
            Self::Polled(pending) => write!(f, "Polled({})", pending.len()),
        }
    }
}

/// What a broker kept, by the names of the settings alone.
fn saved_of(f: &mut fmt::Formatter<'_>, name: &str, saved: &Saved) -> fmt::Result {
    write!(f, "{name}(")?;
    for fate in &saved.fates {
        write!(f, " {}: {:?}", fate.var, fate.came)?;
    }
    f.write_str(")")
}

/// An event.
#[derive(Clone, Debug)]
pub enum Event {
    Connection(Connection),
    /// The whole topic list, after a walk or a change of membership; `walked` of `total` while walks go on.
    Topics {
        topics: Arc<[Topic]>,
        walked: u32,
        total: u32,
        /// Every broker's walk has ended: this is all there is. `walked == total` also holds between two pages.
        whole: bool,
        /// And it was read without trouble: my rights and the list of every broker, of at least one.
        complete: bool,
    },
    /// Rows were stored or changed standing: read them from the store.
    Stored(Committed),
    /// What is known of the completeness of every topic that is or was mine, after a change.
    Coverage(Arc<[Coverage]>),
    /// All requests that wait for me, after a change. `polled` is when the brokers were last asked.
    Requests {
        pending: Arc<[Pending]>,
        polled: Option<DateTime<Utc>>,
        trouble: Option<Say>,
    },
    /// Somebody said something about access, to me or beside a request to me. What is so, only the broker says.
    Said(Said),
    /// The answer to a command.
    Done {
        request: RequestId,
        result: Result<Receipt, Error>,
    },
    /// The log of acts has so many entries now.
    Logged(Number),
    /// Something to be remembered for this account, for its next connections.
    Learned {
        account: BareJid,
        learned: Learned,
    },
    /// Something a person should know: a forged stanza was dropped, an item could not be read, a topic vanished.
    Notice {
        at: DateTime<Utc>,
        say: Say,
    },
    /// This many events were dropped because the window did not keep up; shown, never silent. Stored incidents are not lost.
    Dropped(u64),
}
