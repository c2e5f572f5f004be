//! What is kept for the owner desk, away from the window's thread: rules, grants, decisions, domains met and requests put off
//! are read, changed and read again; what is stored of my topics is looked through once. All of it is done in the order in which
//! it was asked for; a session ends when all of it is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use iced::Task;

use super::cx::Owning;
use super::queue::Queue;
use super::{App, Message};
use crate::compose::cards::Card;
use crate::engine::RequestId;
use crate::model::{Say, TopicId};
use crate::owner::clock::Clock;
use crate::owner::grant::Grant;
use crate::owner::rules::{Rule, Rules};
use crate::owner::{clock, grant, hold, met, past, spared, would};
use crate::screen::owner::{self, Work};
use crate::store::index::Stop;
use crate::store::local::Shelf;
use crate::store::shelf::{self, Aside};
use crate::store::{Error, Finder, Local, Store};

/// What is to be kept, over the store of the session that asked.
pub(super) struct Job {
    work: Work,
    store: Arc<dyn Store>,
    finder: Arc<Finder>,
    now: DateTime<Utc>,
    session: u64,
}

/// Over what the last of it was done, and when.
type Last = (Arc<dyn Store>, Arc<Finder>, DateTime<Utc>);

/// Work for the desk that is under way. What is read back after some of it is never older than what was read before.
pub(super) type Line = Queue<Job>;

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
        seen: clock::seen(local)?,
        spared: spared::all(local)?,
        cards: named,
        would: BTreeMap::new(),
        problems,
    })
}

/// What is kept then.
type Kept = Result<Box<Owning>, Say>;

/// What is answered to whoever waits to give access.
type Promised = Vec<(RequestId, owner::Kept)>;

/// What came of all that waited.
struct Done {
    session: u64,
    /// As many works were done.
    count: usize,
    owning: Kept,
    promised: Promised,
}

/// Writes down access before it is given: who waits for it is told of each.
fn promise(local: Option<&dyn Local>, promises: Vec<(RequestId, Vec<Grant>)>) -> Promised {
    let (requests, grants): (Vec<RequestId>, Vec<Vec<Grant>>) = promises.into_iter().unzip();
    match local {
        Some(local) => requests.into_iter().zip(grant::promise(local, &grants)).collect(),
        None => requests.into_iter().map(|request| (request, Err(Error::Poisoned))).collect(),
    }
}

fn change(work: Work, local: &dyn Local, now: DateTime<Utc>) -> Result<(), Error> {
    match work {
        Work::Load(_) | Work::Promise(_) => Ok(()),
        Work::Decided(past) => past::decided(local, past),
        Work::Ended { topic, accounts, past } => {
            past::remember(local, past)?;
            grant::end(local, &topic, &accounts)
        }
        Work::Grants(grants) => grant::keep(local, &grants),
        Work::Told(whose, at) => grant::tell(local, &whose, at),
        Work::Hold(topic, account, until) => hold::hold(local, &topic, &account, until, now),
        Work::Release(topic, account) => hold::release(local, &topic, &account),
        Work::Believe(at) => clock::see(local, at),
        Work::Spare(asks) => spared::spare(local, &asks, now),
        Work::Meet(domains) => met::meet(local, domains.iter().map(String::as_str), now),
        Work::Rule(name, rule) => shelf::put(local, &name, &*rule),
        Work::Unrule(name) => shelf::remove::<Rule>(local, &name),
    }
}

/// Does all of it on a thread that may block.
async fn done(jobs: Vec<Job>) -> Done {
    let (session, count) = (jobs.last().map_or(0, |job| job.session), jobs.len());
    let requests: Vec<RequestId> = jobs.iter().flat_map(|job| job.work.promises()).collect();
    let run = tokio::task::spawn_blocking(move || run(jobs)).await;
    let (owning, promised) = run.unwrap_or_else(|_| {
        // Whoever waits for one that died is answered too.
        (Err(gone()), requests.into_iter().map(|request| (request, Err(Error::Poisoned))).collect())
    });
    Done { session, count, owning, promised }
}

fn gone() -> Say {
    Say::new("owner-kept-gone")
}

/// Does each, and reads what then is kept where the last one was done.
fn run(mut jobs: Vec<Job>) -> (Kept, Promised) {
    let looked = jobs.iter_mut().rev().find_map(|job| match &mut job.work {
        Work::Load(topics) => Some(std::mem::take(topics)),
        _ => None,
    });
    let (mut done, mut promised) = (Vec::new(), Vec::new());
    let mut last = None;
    // One that fails takes no other with it.
    for Job { work, store, finder, now, .. } in jobs {
        done.push(match (work, store.local()) {
            (Work::Promise(promises), local) => {
                promised.extend(promise(local, promises));
                Ok(())
            }
            (work, Some(local)) => change(work, local, now).map_err(|error| error.say()),
            (_, None) => Err(gone()),
        });
        last = Some((store, finder, now));
    }
    (done.into_iter().collect::<Result<(), Say>>().and_then(|()| read(last, looked)), promised)
}

/// What is kept where that was done; looked through for these topics, where somebody asked.
fn read(on: Option<Last>, looked: Option<Vec<TopicId>>) -> Kept {
    let (store, finder, now) = on.ok_or_else(gone)?;
    let mut owning = load(store.local().ok_or_else(gone)?, now).map_err(|error| error.say())?;
    if let Some(topics) = looked {
        let found = would::receive(&finder.snapshot(), &topics, now, &Stop::default());
        owning.would = found.map_err(|failure| failure.say())?;
    }
    Ok(Box::new(owning))
}

impl App {
    /// Does what the desk asks of the store.
    pub(super) fn own(&mut self, work: Work) -> Task<Message> {
        if let Work::Believe(at) = &work {
            self.shared.clock = Some(Clock::believed(*at, self.shared.steady));
        }
        let (store, finder) = (Arc::clone(&self.shared.store), Arc::clone(&self.shared.finder));
        self.owning.put(Job { work, store, finder, now: self.shared.now, session: self.sessions });
        self.own_through()
    }

    /// Does what waits for the desk.
    pub(super) fn own_through(&self) -> Task<Message> {
        Task::perform(self.owning.clone().work(done), |done| done).and_then(|done| {
            let Done { session, count, owning, promised } = done;
            let owned = Task::done(Message::Owned(session, count, owning));
            // What waits to be sent leaves first: with what was owned a session may end. By their numbers nobody but who
            // waits for them takes them, in whichever session.
            if promised.is_empty() {
                owned
            } else {
                Task::done(Message::Owner(owner::Message::Promised(promised))).chain(owned)
            }
        })
    }

    /// So many works were done, and this is kept now; who waits for it may go on.
    pub(super) fn owned(&mut self, session: u64, count: usize, owning: Kept) -> Task<Message> {
        self.owning.answered(count);
        let learned = match owning {
            _ if session != self.sessions => Task::none(),
            Ok(owning) => {
                let mut owning = *owning;
                // It is looked through once a session, and not with every change.
                if owning.would.is_empty() {
                    owning.would.clone_from(&self.shared.owning.would);
                }
                // Until it is known when it was last believed nothing is ended by it; where nothing could be, it is.
                let (now, steady) = (self.shared.now, self.shared.steady);
                let seen = owning.seen.filter(|_| !owning.grants.is_empty());
                let clock = || seen.map_or_else(|| Clock::believed(now, steady), Clock::before);
                let _ = self.shared.clock.get_or_insert_with(clock);
                self.shared.owning = Arc::new(owning);
                self.screen(Message::Owner(owner::Message::Learned))
            }
            Err(say) => self.bad(say),
        };
        Task::batch([learned, self.go_over(), self.part()])
    }
}
