//! What is kept for the owner desk, away from the window's thread: rules, grants, decisions, domains met and requests put off
//! are read, changed and read again; what is stored of my topics is looked through once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use iced::Task;

use super::cx::Owning;
use super::{App, Message};
use crate::compose::cards::Card;
use crate::model::Say;
use crate::owner::rules::{Rule, Rules};
use crate::owner::{grant, hold, met, past, spared, would};
use crate::screen::owner::{self, Work};
use crate::store::index::Stop;
use crate::store::local::Shelf;
use crate::store::shelf::{self, Aside};
use crate::store::{Error, Finder, Local, Store};

/// What is to be kept, in the order it was asked for, and the session that asked.
#[derive(Debug, Default)]
pub(super) struct Line {
    session: u64,
    works: Arc<Works>,
}

#[derive(Debug, Default)]
struct Works {
    /// Held while some are done: what is read back is then never older than what was read before.
    turn: Mutex<()>,
    waiting: Mutex<VecDeque<Work>>,
}

impl Works {
    fn put(&self, work: Work) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(work);
    }

    fn take(&self) -> VecDeque<Work> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Everything that is kept; what cannot be read is said and left where it is.
fn load(local: &dyn Local, now: DateTime<Utc>) -> Result<Owning, Error> {
    let rules = Rules::load(local)?;
    let (grants, aside) = grant::all(local)?;
    let cards = shelf::all::<Card>(local)?;
    let mut problems: Vec<Say> = rules.aside.iter().chain(&aside).map(Aside::say).collect();
    for shelf in [Shelf::Rules, Shelf::Grants, Shelf::Decisions, Shelf::Holds, Shelf::Domains] {
        problems.extend(shelf::say_later(shelf, &shelf::later(local, shelf)?));
    }
    let domain = |mail: &str| Some(mail.rsplit_once('@')?.1.trim().to_lowercase());
    let mut named = BTreeMap::new();
    for (_, card) in cards.entries {
        for domain in card.email.split([',', ' ']).filter_map(domain) {
            let _ = named.entry(domain).or_insert_with(|| card.name.clone());
        }
    }
    Ok(Owning {
        rules,
        grants,
        past: past::all(local)?,
        met: met::all(local)?,
        holds: hold::all(local, now)?,
        spared: spared::all(local)?,
        cards: named,
        would: BTreeMap::new(),
        problems,
    })
}

type Done = Result<Box<Owning>, Say>;

fn change(work: Work, local: &dyn Local, now: DateTime<Utc>) -> Result<(), Error> {
    match work {
        Work::Load(_) => Ok(()),
        Work::Decided(past) => past::decided(local, past),
        Work::Ended { topic, accounts, past } => {
            past::remember(local, past)?;
            grant::end(local, &topic, &accounts)
        }
        Work::Grants(grants) => grant::keep(local, &grants),
        Work::Told(whose, at) => grant::tell(local, &whose, at),
        Work::Hold(topic, account, until) => hold::hold(local, &topic, &account, until, now),
        Work::Release(topic, account) => hold::release(local, &topic, &account),
        Work::Spare(asks) => spared::spare(local, &asks, now),
        Work::Meet(domains) => met::meet(local, domains.iter().map(String::as_str), now),
        Work::Rule(name, rule) => shelf::put(local, &name, &*rule),
        Work::Unrule(name) => shelf::remove::<Rule>(local, &name),
    }
}

/// Does all that waits, one after another. `None` where another's turn did it.
fn done(works: &Works, store: &dyn Store, finder: &Finder, now: DateTime<Utc>) -> Option<Done> {
    let _turn = works.turn.lock().unwrap_or_else(PoisonError::into_inner);
    let works = works.take();
    (!works.is_empty()).then(|| run(works, store, finder, now))
}

fn run(works: VecDeque<Work>, store: &dyn Store, finder: &Finder, now: DateTime<Utc>) -> Done {
    let local = store.local().ok_or_else(|| Say::new("owner-kept-gone"))?;
    let looked = works.iter().rev().find_map(|work| match work {
        Work::Load(topics) => Some(topics.clone()),
        _ => None,
    });
    // One that fails takes no other with it.
    let done: Vec<_> = works.into_iter().map(|work| change(work, local, now)).collect();
    done.into_iter().collect::<Result<(), Error>>().map_err(|error| error.say())?;
    let mut owning = load(local, now).map_err(|error| error.say())?;
    if let Some(topics) = looked {
        let found = would::receive(&finder.snapshot(), &topics, now, &Stop::default());
        owning.would = found.map_err(|failure| failure.say())?;
    }
    Ok(Box::new(owning))
}

impl App {
    /// Does what the desk asks of the store.
    pub(super) fn own(&mut self, work: Work) -> Task<Message> {
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        let (now, session) = (self.shared.now, self.sessions);
        if self.owning.session != session {
            self.owning = Line { session, works: Arc::default() };
        }
        let works = Arc::clone(&self.owning.works);
        works.put(work);
        let working = async move {
            let done = tokio::task::spawn_blocking(move || done(&works, store.as_ref(), &finder, now)).await;
            done.unwrap_or_else(|_| Some(Err(Say::new("owner-kept-gone"))))
        };
        Task::perform(working, move |owning| owning.map(|owning| Message::Owned(session, owning))).and_then(Task::done)
    }

    /// What is kept now.
    pub(super) fn owned(&mut self, session: u64, owning: Result<Box<Owning>, Say>) -> Task<Message> {
        if session != self.sessions {
            return Task::none();
        }
        match owning {
            Ok(owning) => {
                // It is looked through once a session, and not with every change.
                let would = std::mem::take(&mut self.shared.owning.would);
                self.shared.owning = *owning;
                if self.shared.owning.would.is_empty() {
                    self.shared.owning.would = would;
                }
                self.screen(Message::Owner(owner::Message::Learned))
            }
            Err(say) => self.bad(say),
        }
    }
}
