//! What the screens share, apart from the screens themselves so that one can be borrowed while the other changes.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::cx::{Cx, Inbox, Owning, Profile, Trusting, Watching};
use super::live::Live;
use crate::engine::trace::Trace;
use crate::i18n::Catalog;
use crate::model::Known;
use crate::owner::clock::{Belief, Clock};
use crate::secrets::State;
use crate::settings::Settings;
use crate::store::{Finder, Memory, Store};

/// The one owner of what [`Cx`] lends.
pub struct Shared {
    pub catalog: Catalog,
    pub settings: Settings,
    pub store: Arc<dyn Store>,
    pub finder: Arc<Finder>,
    pub live: Live,
    pub profile: Option<Profile>,
    /// Of the account's controller; `None` where nothing is remembered.
    pub known: Option<Arc<Known>>,
    pub watching: Watching,
    pub owning: Arc<Owning>,
    pub keychain: Option<State>,
    pub files: String,
    pub now: DateTime<Utc>,
    /// Time that nobody sets, at the same moment.
    pub steady: Duration,
    /// The clock as it was last believed, once it is known of this session's store.
    pub clock: Option<Clock>,
    /// The store is an archive.
    pub kept: bool,
    pub practice: bool,
    pub trace: Trace,
    pub requests: Cell<u64>,
}

impl Shared {
    /// Nothing connected yet.
    #[must_use]
    pub fn new(settings: Settings, files: String, now: DateTime<Utc>) -> Self {
        Self {
            catalog: Catalog::new(settings.ui.language.as_deref().unwrap_or("en")),
            settings,
            store: Arc::new(Memory::default()),
            finder: Arc::default(),
            live: Live::new(now),
            profile: None,
            known: None,
            watching: Watching::default(),
            owning: Arc::default(),
            keychain: None,
            files,
            now,
            steady: Duration::ZERO,
            clock: None,
            kept: false,
            practice: false,
            trace: Trace::default(),
            requests: Cell::new(0),
        }
    }

    /// A session begins: nothing of the one before is left.
    pub fn begin(&mut self, profile: Profile, store: Arc<dyn Store>, practice: bool) {
        self.finder = Arc::new(Finder::new(Some(profile.jid.clone()), store.len()).asking(Arc::clone(&store)));
        self.profile = Some(profile);
        self.known = None;
        self.owning = Arc::default();
        self.store = store;
        self.live = Live::new(self.now);
        self.clock = None;
        self.practice = practice;
        self.kept = false;
    }

    /// The session is over, and nothing of it is held any more.
    pub fn leave(&mut self) {
        (self.profile, self.known, self.practice) = (None, None, false);
        (self.store, self.finder) = (Arc::new(Memory::default()), Arc::default());
        self.live = Live::new(self.now);
        self.owning = Arc::default();
        self.clock = None;
        self.kept = false;
    }

    /// The clock struck: it is believed as long as it goes on as it should.
    pub fn strike(&mut self, now: DateTime<Utc>, steady: Duration) {
        (self.now, self.steady) = (now, steady);
        if self.belief() == Belief::Sound {
            self.clock = Some(Clock::believed(now, steady));
        }
    }

    fn belief(&self) -> Belief {
        self.clock.map_or(Belief::Unknown, |clock| clock.belief(self.now, self.steady))
    }

    /// Another session of the same account, over what the one before stored and knew.
    pub fn resume(&mut self, profile: Profile) {
        self.profile = Some(profile);
        self.live.end(self.now);
    }

    #[must_use]
    pub fn cx(&self) -> Cx<'_> {
        Cx {
            catalog: &self.catalog,
            store: self.store.as_ref(),
            finder: &self.finder,
            topics: &self.live.topics,
            walk: self.live.walk,
            complete: self.live.complete,
            coverage: &self.live.coverage,
            connection: &self.live.connection,
            profile: self.profile.as_ref(),
            inbox: Inbox { pending: &self.live.pending, polled: self.live.polled, trouble: self.live.trouble.as_ref() },
            trust: Trusting {
                known: self.known.as_deref(),
                facts: self.live.facts.as_deref(),
                since: self.live.since,
                failed: self.live.failed.as_ref(),
            },
            watching: &self.watching,
            owning: &self.owning,
            settings: &self.settings,
            keychain: self.keychain,
            files: &self.files,
            now: self.now,
            clock: self.belief(),
            kept: self.kept,
            practice: self.practice,
            trace: &self.trace,
            requests: &self.requests,
            strict: crate::port::strict,
        }
    }
}
