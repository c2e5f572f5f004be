//! The rounds of a session: beginning them, and what their ends mean.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Desk, Note, Online, Owner, job};
use crate::engine::rounds::{Next, Round};
use crate::model::BareJid;

/// How long it may take to learn my rights before the session is announced without them.
const RIGHTS: Duration = Duration::from_secs(10);
/// How often what a broker tells of topics that are not mine may have it asked anew.
const DOUBT: Duration = Duration::from_secs(10);

impl Online {
    /// Begins a round, or has the one under way followed by another.
    pub(super) fn round(&mut self, round: Round, desk: &mut Desk) {
        if self.rounds.wanted(&round) {
            self.begin(round, desk);
        }
    }

    /// Begins a round because the broker told something that does not fit what is known of it; when it runs, or ran
    /// lately, a while later.
    pub(super) fn doubt(&mut self, round: Round, desk: &mut Desk) {
        self.doubt_after(DOUBT, round, desk);
    }

    pub(super) fn doubt_after(&mut self, rest: Duration, round: Round, desk: &mut Desk) {
        let next = self.rounds.wished(&round, rest, Instant::now());
        self.follow(next, round, desk);
    }

    /// Like [`Online::doubt`], but now or not at all. Whether its answer is to come.
    pub(super) fn ask_now(&mut self, round: Round, desk: &mut Desk) -> bool {
        if self.rounds.doubted(&round, DOUBT, Instant::now()) {
            self.begin(round.clone(), desk);
        }
        self.rounds.is_open(&round)
    }

    /// The wait after a failed round is over.
    pub(super) fn due(&mut self, round: Round, desk: &mut Desk) {
        if self.rounds.due(&round) {
            self.begin(round, desk);
        }
    }

    pub(super) fn begin(&mut self, round: Round, desk: &mut Desk) {
        let jobs = self.job_desk();
        match round.clone() {
            Round::Brokers => match self.login.broker.clone() {
                // Trusted before anything else is heard: what it sends first is not a stranger's.
                Some(broker) => {
                    self.brokers(vec![broker], desk);
                    self.run(round, std::future::ready(true));
                }
                None => self.run(round, job::discover::brokers(jobs)),
            },
            Round::Rights(broker) => self.run(round, job::discover::rights(jobs, broker)),
            Round::Walk(broker) => {
                desk.directory.walk(&broker);
                if !self.rounds.any_running(|other| matches!(other, Round::Walk(_)) && *other != round) {
                    self.walks.clear();
                }
                let _ = self.walks.insert(broker.clone(), (0, 0));
                self.run(round, job::discover::walk(jobs, broker));
            }
            Round::Poll(broker) => {
                let poll = desk.requests.polling();
                self.run(round, job::owner::poll(jobs, broker, poll));
            }
            Round::Describe(topic) => {
                self.run(round, job::discover::describe_one(jobs, topic, Arc::clone(&self.describing)));
            }
            Round::Missing(topic) => self.fetch_announced(topic, desk),
            Round::Fetch(topic) => {
                self.to_fetch.push_back(topic);
                self.sweep_next(desk);
            }
        }
        self.surveyed(desk);
    }

    pub(super) fn run(&mut self, round: Round, asking: impl Future<Output = bool> + Send + 'static) {
        let desk = self.job_desk();
        self.jobs.start(Owner::Round(round.clone()), async move {
            let answered = asking.await;
            desk.note(Note::Ended(round, answered)).await;
        });
    }

    pub(super) fn ended(&mut self, round: Round, answered: bool, desk: &mut Desk) {
        if matches!(round, Round::Fetch(_)) {
            self.fetching = false;
            self.sweep_next(desk);
        }
        let random = getrandom::u64().unwrap_or_default();
        let next = self.rounds.ended(&round, answered, random);
        self.follow(next, round.clone(), desk);
        if let Round::Missing(topic) = &round
            && !self.rounds.is_open(&round)
        {
            self.fetch_more(topic, desk);
        }
        if let Round::Poll(broker) = &round
            && !self.rounds.is_open(&round)
        {
            self.poll_ended(broker, desk);
        }
        if let Round::Rights(broker) = &round {
            let _ = self.unread.remove(broker);
            if self.unread.is_empty() {
                self.ready(desk);
            }
        }
        if matches!(round, Round::Rights(_) | Round::Walk(_)) {
            self.release(desk);
        }
        self.surveyed(desk);
    }

    /// What the rounds say is to follow.
    fn follow(&mut self, next: Next, round: Round, desk: &mut Desk) {
        match next {
            Next::Rest => {}
            Next::Now => self.begin(round, desk),
            Next::In(wait) => {
                let jobs = self.job_desk();
                self.jobs.start(Owner::Nobody, async move {
                    sleep(wait).await;
                    jobs.note(Note::Due(round)).await;
                });
            }
        }
    }

    /// One more topic was walked over. Walks that go on at the same time are told as one.
    pub(super) fn walked(&mut self, broker: BareJid, total: u32, desk: &mut Desk) {
        let walk = self.walks.entry(broker).or_default();
        *walk = (walk.0.saturating_add(1), walk.1.max(total));
        let sum = |of: fn(&(u32, u32)) -> u32| self.walks.values().map(of).fold(0, u32::saturating_add);
        desk.walked(sum(|walk| walk.0), sum(|walk| walk.1));
    }

    /// Tells how much of the brokers has been read.
    fn surveyed(&self, desk: &mut Desk) {
        if self.presence_sent {
            let whole = !self.rounds.any_running(|round| matches!(round, Round::Walk(_) | Round::Describe(_)));
            let read = |broker: &BareJid| {
                let rounds = [Round::Rights(broker.clone()), Round::Walk(broker.clone())];
                rounds.iter().all(|round| self.rounds.is_settled(round))
            };
            let complete = whole && !self.brokers.is_empty() && self.brokers.iter().all(read);
            desk.surveyed(whole, complete);
        }
    }

    /// More brokers are known. Rights come first, so that a session is announced when its events can be told apart.
    pub(super) fn brokers(&mut self, brokers: Vec<BareJid>, desk: &mut Desk) {
        if brokers.is_empty() && self.brokers.is_empty() {
            self.ready(desk);
        }
        for broker in brokers {
            if self.brokers.contains(&broker) {
                continue;
            }
            self.brokers.push(broker.clone());
            self.round(Round::Rights(broker.clone()), desk);
            if self.presence_sent {
                self.online(desk);
                self.read(broker, desk);
            } else {
                let _ = self.unread.insert(broker);
            }
        }
        if !self.presence_sent {
            let jobs = self.job_desk();
            self.jobs.start(Owner::Nobody, async move {
                sleep(RIGHTS).await;
                jobs.note(Note::Ready).await;
            });
        }
    }

    /// Reads what a broker has beside my rights.
    pub(super) fn read(&mut self, broker: BareJid, desk: &mut Desk) {
        self.round(Round::Walk(broker.clone()), desk);
        self.round(Round::Poll(broker), desk);
    }

    /// Reads everything of every broker again.
    pub(super) fn refresh(&mut self, desk: &mut Desk) {
        if self.brokers.is_empty() {
            self.round(Round::Brokers, desk);
        }
        for broker in self.brokers.clone() {
            self.round(Round::Rights(broker.clone()), desk);
            self.round(Round::Walk(broker), desk);
        }
        self.sweep_whole(desk);
    }
}
