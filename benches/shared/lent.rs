//! What a screen reads, of a console that is connected to nothing.

use std::cell::Cell;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gridwatch::app::cx::{Cx, Inbox, Owning, Trusting, Watching};
use gridwatch::engine::Connection;
use gridwatch::engine::trace::Trace;
use gridwatch::i18n::Catalog;
use gridwatch::owner::clock::Belief;
use gridwatch::settings::Settings;
use gridwatch::store::{Finder, Store};

/// Owns what a [`Cx`] lends.
pub struct Lent {
    catalog: Catalog,
    settings: Settings,
    connection: Connection,
    watching: Watching,
    owning: Arc<Owning>,
    finder: Arc<Finder>,
    trace: Trace,
    requests: Cell<u64>,
    /// The time, and since when there is no session.
    now: DateTime<Utc>,
    since: DateTime<Utc>,
}

impl Lent {
    pub fn new(now: DateTime<Utc>, since: DateTime<Utc>) -> Self {
        Self {
            catalog: Catalog::default(),
            settings: Settings::default(),
            connection: Connection::Offline,
            watching: Watching::default(),
            owning: Arc::default(),
            finder: Arc::default(),
            trace: Trace::default(),
            requests: Cell::new(0),
            now,
            since,
        }
    }

    pub fn cx<'a>(&'a self, store: &'a dyn Store) -> Cx<'a> {
        Cx {
            catalog: &self.catalog,
            store,
            finder: &self.finder,
            topics: &[],
            walk: None,
            complete: true,
            coverage: &[],
            connection: &self.connection,
            profile: None,
            inbox: Inbox { pending: &[], polled: None, trouble: None },
            trust: Trusting { known: None, facts: None, since: self.since, failed: None },
            watching: &self.watching,
            owning: &self.owning,
            settings: &self.settings,
            keychain: None,
            files: "",
            now: self.now,
            clock: Belief::Sound,
            kept: false,
            practice: false,
            trace: &self.trace,
            requests: &self.requests,
            strict: |_| Ok(()),
        }
    }
}
