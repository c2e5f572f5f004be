//! The practice world: which topics there are, what was published in the last thirty days, and what happens next.
//!
//! Everything follows from the seed and the clock that is handed in; two worlds of one seed and one clock are equal byte
//! for byte (`product.md` D4).

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::random::Random;
use super::reports::{Ask, CAMPAIGNS, Indicator, Report, Sign};
use super::stories::{ADVISORY, GENERAL, MAIL, PLANT, Story};
use super::{documents, traps};
use crate::model::{BareJid, PayloadType, jid};
use crate::xmpp::xml::NotXml;

/// The grid's domain; its controller and the accounts live there.
pub const DOMAIN: &str = "practice.invalid";

/// A topic of the practice grid.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub node: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub payload: &'static str,
    pub access: &'static str,
    /// Local parts of accounts: who owns it, who may read it where that is a list, who is subscribed.
    pub owner: &'static str,
    pub members: &'static [&'static str],
    pub subscribers: &'static [&'static str],
    /// How many documents its last thirty days hold.
    pub history: u32,
    /// How often something happens there, against the others.
    pub weight: u32,
    stories: &'static [Story],
}

/// The topics, in the order the broker lists them.
pub const TOPICS: [Plan; 6] = [
    Plan {
        node: "MILEHost",
        title: "Incidents at hosts",
        description: "Incident reports of the member CSIRTs about hosts and networks.",
        payload: PayloadType::IODEF2,
        access: "whitelist",
        owner: "owner",
        members: &["analyst"],
        subscribers: &["analyst"],
        history: 190,
        weight: 70,
        stories: &GENERAL,
    },
    Plan {
        node: "phishing-watch",
        title: "Phishing watch",
        description: "Phishing, malspam and invoice fraud. Ask the owner for access.",
        payload: PayloadType::IODEF2,
        access: "authorize",
        owner: "owner",
        members: &[],
        subscribers: &[],
        history: 45,
        weight: 20,
        stories: &MAIL,
    },
    Plan {
        node: "my-desk",
        title: "Analyst's desk",
        description: "Your own topic: you decide who may read it.",
        payload: PayloadType::IODEF2,
        access: "authorize",
        owner: "analyst",
        members: &[],
        subscribers: &["analyst"],
        history: 15,
        weight: 0,
        stories: &GENERAL,
    },
    Plan {
        node: "quiet-ot",
        title: "Plants and controllers",
        description: "Operational technology. Busy until last night.",
        payload: PayloadType::IODEF2,
        access: "whitelist",
        owner: "owner",
        members: &["analyst"],
        subscribers: &["analyst"],
        history: 20,
        weight: 0,
        stories: &PLANT,
    },
    Plan {
        node: "vendor-advisories",
        title: "Vendor advisories",
        description: "Advisories as IODEF, open to everyone on the grid.",
        payload: PayloadType::IODEF2,
        access: "open",
        owner: "owner",
        members: &[],
        subscribers: &[],
        history: 30,
        weight: 8,
        stories: &ADVISORY,
    },
    Plan {
        node: "NEA1",
        title: "Endpoint posture",
        description: "Posture of endpoints as they join. Not IODEF.",
        payload: traps::POSTURE,
        access: "whitelist",
        owner: "owner",
        members: &["analyst"],
        subscribers: &[],
        history: 8,
        weight: 6,
        stories: &[],
    },
];

/// Topics whose documents the script touches.
const MAIN: &str = "MILEHost";
pub const DESK: &str = "my-desk";
/// Who waits for a decision on my-desk when the grid starts: one of a known organisation, one nobody has heard of.
pub const REQUESTERS: [&str; 2] = ["soc@csirt-b.example", "feed@unlisted.example"];
/// Who asks later, while somebody is looking.
const LATE: [&str; 3] = ["duty@cert.nordwerk.example", "intel@isac.lakeside.example", "x92k@freehost.example"];

/// A payload on its way to a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub node: String,
    pub item: String,
    pub publisher: BareJid,
    pub at: DateTime<Utc>,
    pub payload: Arc<[u8]>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Publish(Publication),
    Retract {
        node: String,
        item: String,
    },
    /// Somebody asks to read a topic.
    Ask {
        node: String,
        subscriber: BareJid,
    },
}

/// Why a world could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a text of the practice world is not XML: {0}")]
    Text(#[from] NotXml),
    #[error("an address of the practice world is none: {0}")]
    Address(#[from] jid::Error),
}

/// An account of the grid.
pub fn account(local: &str) -> Result<BareJid, jid::Error> {
    format!("{local}@{DOMAIN}").parse()
}

/// The world's memory of itself.
#[derive(Debug)]
pub struct World {
    random: Random,
    /// Reports made so far: the number of the next one follows.
    made: u32,
    /// Things that happened live.
    step: u32,
    late: u32,
    /// The incident that is updated before the reader's eyes, and the item of its second revision.
    living: Option<(Report, String)>,
    /// What the script retracts: the newest reports of the main topic.
    doomed: Vec<String>,
}

impl World {
    /// A world of this seed, and what was published in the thirty days before `now`, oldest first.
    ///
    /// # Errors
    /// Never for the texts used here; the tests prove it for many seeds.
    pub fn new(seed: u64, now: DateTime<Utc>) -> Result<(Self, Vec<Publication>), Error> {
        let random = Random::new(seed);
        let mut world = Self { random, made: 0, step: 0, late: 0, living: None, doomed: Vec::new() };
        let mut past = Vec::new();
        for plan in &TOPICS {
            for at in world.times(plan, now) {
                past.push((plan, at));
            }
        }
        past.sort_by_key(|(_, at)| *at);
        let mut history = Vec::new();
        for (plan, at) in past {
            history.push(world.something(plan, at)?);
        }
        world.doomed = history.iter().filter(|past| past.node == MAIN).map(|past| past.item.clone()).collect();
        history.extend(world.revisions(now)?);
        history.sort_by_key(|publication| publication.at);
        Ok((world, history))
    }

    /// When a topic's history happened: anywhere in the month, more of it lately; the plants all in one busy day that
    /// ended nine hours ago.
    fn times(&mut self, plan: &Plan, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let month = 30 * 24 * 3600;
        let seconds = |random: &mut Random| match plan.node {
            "quiet-ot" => 9 * 3600 + random.below(24 * 3600),
            _ if random.chance(25) => 60 + random.below(24 * 3600),
            _ => 60 + random.below(month - 60),
        };
        (0..plan.history).map(|_| now - Duration::seconds(i64::from(seconds(&mut self.random)))).collect()
    }

    fn number(&mut self, at: DateTime<Utc>) -> String {
        self.made += 1;
        format!("PX-{}-{:05}", at.format("%Y"), self.made)
    }

    fn publication(&mut self, node: &str, publisher: BareJid, at: DateTime<Utc>, payload: Vec<u8>) -> Publication {
        Publication { node: node.to_owned(), item: self.random.uuid(), publisher, at, payload: payload.into() }
    }

    /// What such a topic carries.
    fn something(&mut self, plan: &Plan, at: DateTime<Utc>) -> Result<Publication, Error> {
        if plan.stories.is_empty() {
            let payload = traps::posture(&mut self.random, at)?;
            return Ok(self.publication(plan.node, account("publisher")?, at, payload));
        }
        let story = self.random.pick(plan.stories);
        let campaign = self.random.chance(18).then(|| self.random.pick(&CAMPAIGNS));
        let id = self.number(at);
        let report = Report::invent(&mut self.random, id, &story, campaign, at);
        self.report(plan.node, &report)
    }

    fn report(&mut self, node: &str, report: &Report) -> Result<Publication, Error> {
        let publisher = match report.creator.domain {
            "csirt-a.example" => account("publisher")?,
            _ if node == DESK => account("analyst")?,
            domain => format!("feed@{domain}").parse()?,
        };
        let payload = documents::write(report)?;
        Ok(self.publication(node, publisher, report.generated, payload))
    }

    /// The first two revisions of one incident: same IncidentID, an item each.
    fn revisions(&mut self, now: DateTime<Utc>) -> Result<[Publication; 2], Error> {
        let id = self.number(now);
        let first_at = now - Duration::hours(12);
        let [story, ..] = GENERAL;
        let mut report = Report::invent(&mut self.random, id, &story, CAMPAIGNS.first().copied(), first_at);
        report.restriction = (Some("amber"), None);
        report.severity = Some("medium");
        report.status = Some("new");
        let first = self.report(MAIN, &report)?;
        self.revise(&mut report, now - Duration::hours(3), "in-progress", "Second victim confirmed.");
        let second = self.report(MAIN, &report)?;
        self.living = Some((report, second.item.clone()));
        Ok([first, second])
    }

    /// A later version of a report: new times, new status, a line of history, a new observable.
    fn revise(&mut self, report: &mut Report, at: DateTime<Utc>, status: &'static str, note: &'static str) {
        report.generated = at;
        report.status = Some(status);
        report.history.push((at, "status-new-info", note));
        let address = format!("198.51.100.{}", self.random.between(1, 254));
        let id = format!("{}-{}", report.id, report.history.len());
        let sign = Sign::Address("ipv4-addr", address);
        report.indicators.push(Indicator { id, version: 1, sign, confidence: "medium" });
    }

    /// The next thing that happens, at `now`.
    ///
    /// # Errors
    /// Never for the texts used here.
    pub fn next(&mut self, now: DateTime<Utc>) -> Result<Act, Error> {
        let step = self.step;
        self.step += 1;
        match step % 40 {
            2 if self.living.is_some() => self.update(now),
            4 => {
                let payload = traps::posture(&mut self.random, now)?;
                self.trap(now, payload)
            }
            6 => match self.doomed.pop() {
                Some(item) => Ok(Act::Retract { node: MAIN.to_owned(), item }),
                None => self.incident(now),
            },
            8 => {
                let id = self.number(now);
                self.trap(now, traps::invalid(&id)?)
            }
            10 => {
                let id = self.number(now);
                self.trap(now, traps::bidi(&id, now)?)
            }
            12 => {
                let id = self.number(now);
                self.trap(now, traps::authority(&id, now)?)
            }
            14 => match LATE.get(self.late as usize) {
                Some(who) => {
                    self.late += 1;
                    Ok(Act::Ask { node: DESK.to_owned(), subscriber: who.parse()? })
                }
                None => self.incident(now),
            },
            _ => self.incident(now),
        }
    }

    /// The living incident's next revision, under the item id of the one before: the broker overwrites it.
    fn update(&mut self, now: DateTime<Utc>) -> Result<Act, Error> {
        let Some((mut report, item)) = self.living.take() else { return self.incident(now) };
        self.revise(&mut report, now, "in-progress", "Severity raised: one-time codes are replayed within seconds.");
        report.severity = Some("high");
        report.asks = vec![Ask { action: "block-host", severity: Some("high"), until: Some(now + Duration::hours(4)) }];
        let publication = self.report(MAIN, &report)?;
        Ok(Act::Publish(Publication { item, ..publication }))
    }

    fn trap(&mut self, now: DateTime<Utc>, payload: Vec<u8>) -> Result<Act, Error> {
        Ok(Act::Publish(self.publication(MAIN, account("publisher")?, now, payload)))
    }

    /// An ordinary incident. The first live one is on a topic that the analyst reads.
    fn incident(&mut self, now: DateTime<Utc>) -> Result<Act, Error> {
        let [first, ..] = &TOPICS;
        let choices: Vec<(Option<&Plan>, u32)> = TOPICS.iter().map(|plan| (Some(plan), plan.weight)).collect();
        let plan = if self.step == 1 { None } else { self.random.weighted(&choices) };
        Ok(Act::Publish(self.something(plan.unwrap_or(first), now)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn live(seed: u64, steps: usize) -> Vec<Act> {
        let (mut world, _) = World::new(seed, now()).unwrap();
        (0..steps).map(|n| world.next(now() + Duration::seconds(10 * n as i64)).unwrap()).collect()
    }

    #[test]
    fn one_seed_one_world() {
        assert_eq!(World::new(7, now()).unwrap().1, World::new(7, now()).unwrap().1);
        assert_eq!(live(7, 60), live(7, 60));
        assert_ne!(World::new(7, now()).unwrap().1, World::new(8, now()).unwrap().1);
        let later = World::new(7, now() + Duration::days(1)).unwrap().1;
        assert_ne!(World::new(7, now()).unwrap().1, later, "times follow the clock");
    }

    #[test]
    fn thirty_days_of_history() {
        for seed in 0..20 {
            let (_, history) = World::new(seed, now()).unwrap();
            let iodef = history.iter().filter(|past| past.node != "NEA1").count();
            assert!(iodef >= 300, "{iodef}");
            assert!(history.iter().all(|past| past.at < now() && past.at >= now() - Duration::days(30)));
            assert!(history.windows(2).all(|pair| pair[0].at <= pair[1].at));
            let quiet = history.iter().filter(|past| past.node == "quiet-ot").map(|past| past.at).max().unwrap();
            assert!(now() - quiet >= Duration::hours(9));
        }
    }

    #[test]
    fn the_script_is_played() {
        let (_, history) = World::new(3, now()).unwrap();
        let acts = live(3, 40);
        assert!(matches!(&acts[0], Act::Publish(first) if first.node == MAIN));
        let updated = acts.iter().any(|act| match act {
            Act::Publish(new) => history.iter().any(|old| old.item == new.item && old.payload != new.payload),
            _ => false,
        });
        assert!(updated, "an item is overwritten");
        let retracted = acts.iter().find_map(|act| match act {
            Act::Retract { item, .. } => Some(item),
            _ => None,
        });
        assert!(history.iter().any(|old| Some(&old.item) == retracted));
        assert!(acts.iter().any(|act| matches!(act, Act::Ask { .. })));
        let texts: Vec<String> = acts
            .iter()
            .filter_map(|act| match act {
                Act::Publish(new) => Some(String::from_utf8(new.payload.to_vec()).unwrap()),
                _ => None,
            })
            .collect();
        for mark in ["posture", "reprting", "\u{202e}", "NodeName"] {
            assert!(texts.iter().any(|text| text.contains(mark)), "{mark}");
        }
    }
}
