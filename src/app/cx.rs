//! All that a screen may read while it updates or draws itself: borrowed, and only of lower layers, so that screens may
//! name it (`house.md` §4).

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::trace::Trace;
use crate::engine::{Connection, Error, Pending, RequestId, SessionFacts};
use crate::i18n::Catalog;
use crate::model::{BareJid, Coverage, Known, Say, Topic, TopicId};
use crate::owner::clock::Belief;
use crate::owner::grant::Grant;
use crate::owner::past::Past;
use crate::owner::rules::Rules;
use crate::owner::would::Would;
use crate::secrets::State;
use crate::settings::Settings;
use crate::store::alert::Rule;
use crate::store::retention::Retention;
use crate::store::views::Views;
use crate::store::{Finder, Store};
use crate::text;

/// Which session the window is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub jid: BareJid,
}

/// What the owner desk knows of the requests that wait for me.
#[derive(Clone, Copy, Debug)]
pub struct Inbox<'a> {
    pub pending: &'a [Pending],
    /// When the brokers were last asked.
    pub polled: Option<DateTime<Utc>>,
    pub trouble: Option<&'a Say>,
}

/// What the connection panel knows beside the connection itself.
#[derive(Clone, Copy, Debug)]
pub struct Trusting<'a> {
    /// What is remembered and decided of the account's controller; `None` while it is read, and on the practice grid.
    pub known: Option<&'a Known>,
    /// The present session, else the one before it.
    pub facts: Option<&'a SessionFacts>,
    /// Since when there is this session, or none.
    pub since: DateTime<Utc>,
    /// What failed since the last session, with its time.
    pub failed: Option<&'a (DateTime<Utc>, Error)>,
}

/// Alerts and retention, as they are kept.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    pub rules: Vec<Rule>,
    /// The views there are to make rules of.
    pub views: Views,
    /// Rules whose view is gone.
    pub orphans: Vec<String>,
    pub retention: Retention,
    /// Why something that was kept cannot be read.
    pub problems: Vec<Say>,
    /// Why the desktop shows no notifications.
    pub trouble: Option<Say>,
    /// Retention runs.
    pub running: bool,
}

/// What is kept for the owner desk, and what is stored of my topics.
#[derive(Clone, Debug, Default)]
pub struct Owning {
    pub rules: Rules,
    pub grants: Vec<Grant>,
    pub past: BTreeMap<BareJid, Vec<Past>>,
    /// When each domain was first met.
    pub met: BTreeMap<String, DateTime<Utc>>,
    /// Requests put off until then.
    pub holds: BTreeMap<(TopicId, BareJid), DateTime<Utc>>,
    /// When the clock was last believed.
    pub seen: Option<DateTime<Utc>>,
    /// Requests that a person took back from a rule.
    pub spared: BTreeSet<(TopicId, BareJid)>,
    /// Organisations by the domains of their contact cards.
    pub cards: BTreeMap<String, String>,
    pub would: BTreeMap<TopicId, Would>,
    /// What was kept and cannot be read.
    pub problems: Vec<Say>,
}

/// Checks the bytes of a whole document; says what is wrong with them.
pub type Strict = fn(&[u8]) -> Result<(), Say>;

/// Read-only context. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    pub catalog: &'a Catalog,
    pub store: &'a dyn Store,
    /// The store's index, and what is kept locally of its rows; shared with tasks that search.
    pub finder: &'a Arc<Finder>,
    pub topics: &'a [Topic],
    /// `(walked, total)` while a walk over the broker's topics goes on.
    pub walk: Option<(u32, u32)>,
    /// The topics are all there are: every broker's list and my rights were read without trouble.
    pub complete: bool,
    /// What is known of the completeness of every topic that is or was mine.
    pub coverage: &'a [Coverage],
    pub connection: &'a Connection,
    /// The profile in use, practice included; `None` before one was chosen.
    pub profile: Option<&'a Profile>,
    pub inbox: Inbox<'a>,
    pub trust: Trusting<'a>,
    pub watching: &'a Watching,
    pub owning: &'a Arc<Owning>,
    pub settings: &'a Settings,
    /// How the keychain stands; `None` while it has not been asked.
    pub keychain: Option<State>,
    /// The directory of this program's files, for a person.
    pub files: &'a str,
    /// The time of the message or of the last coarse tick; the only clock of a screen.
    pub now: DateTime<Utc>,
    /// Whether it can be believed.
    pub clock: Belief,
    /// What is received is kept in an archive on the disk.
    pub kept: bool,
    /// Everything on the screen is the practice grid's.
    pub practice: bool,
    /// Records the stream when it is switched on.
    pub trace: &'a Trace,
    /// Makes request ids; see [`Cx::request`].
    pub requests: &'a Cell<u64>,
    /// What a file must pass before anything reads it: the gate of the wire, which a screen may not name itself.
    pub strict: Strict,
}

impl Cx<'_> {
    /// A fresh id for a command that wants an answer. The answer goes to the screen whose action carried the command.
    #[must_use]
    pub fn request(&self) -> RequestId {
        let id = self.requests.get().wrapping_add(1);
        self.requests.set(id);
        RequestId(id)
    }

    #[must_use]
    pub fn online(&self) -> bool {
        matches!(self.connection, Connection::Online(_))
    }

    /// My own address, once known.
    #[must_use]
    pub fn me(&self) -> Option<&BareJid> {
        match self.connection {
            Connection::Online(facts) => Some(facts.jid.bare()),
            _ => self.profile.map(|profile| &profile.jid),
        }
    }

    /// A topic's name as a safe line; where several brokers have one of that name, with its broker's.
    #[must_use]
    pub fn topic(&self, topic: &TopicId) -> String {
        text::line(&self.finder.topic_name(topic))
    }

    /// Words of the catalog.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.catalog.text(key)
    }

    /// Words of the catalog with arguments; remote text among them must have gone through `text` first.
    #[must_use]
    pub fn format(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.catalog.format(key, args)
    }
}
