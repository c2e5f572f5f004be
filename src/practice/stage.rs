//! The world on the broker: topics set up, thirty days published, requests waiting; then one thing after another, and
//! an owner who answers while nobody sits at the owner's account. Pure: the time is handed in.

use chrono::{DateTime, Duration, Utc};

use super::answer::Outgoing;
use super::broker::Broker;
use super::broker::node::Config;
use super::random::Random;
use super::reports::ORGS;
use super::voices;
use super::world::{Act, DESK, DOMAIN, Error, Plan, REQUESTERS, TOPICS, World, account};
use crate::model::{Affiliation, BareJid, TopicId};

/// The account that owns the topics the analyst does not.
pub const OWNER: &str = "owner";
/// The account the owner never lets in.
const OUTSIDER: &str = "outsider";

/// The practice grid without its wires.
#[derive(Debug)]
pub struct Stage {
    pub broker: Broker,
    world: World,
    owner: BareJid,
    /// What was written beside requests while nobody was there to read it.
    unsaid: Vec<Outgoing>,
}

impl Stage {
    /// Sets the stage for a seed.
    ///
    /// # Errors
    /// Never for the world as it is written; the tests prove it.
    pub fn new(seed: u64, now: DateTime<Utc>) -> Result<Self, Error> {
        let (world, history) = World::new(seed, now)?;
        let broker = format!("broker.{DOMAIN}").parse()?;
        // The broker draws from a sequence of its own: what clients ask must not change the world.
        let mut broker = Broker::new(broker, Random::new(!seed));
        for plan in &TOPICS {
            set_up(&mut broker, plan, now)?;
        }
        for past in history {
            let _ = broker.publish(&past.node, &past.item, &past.publisher, past.payload, past.at);
        }
        let mut unsaid = Vec::new();
        for requester in REQUESTERS {
            let requester: BareJid = requester.parse()?;
            let _ = broker.ask(DESK, &requester, now);
            unsaid.extend(beside(&broker, DESK, &requester));
        }
        Ok(Self { broker, world, owner: account(OWNER)?, unsaid })
    }

    /// Somebody is there who can be told.
    pub fn meet(&mut self, who: &BareJid) -> Vec<Outgoing> {
        let (said, unsaid) = std::mem::take(&mut self.unsaid).into_iter().partition(|one| one.to.bare() == who);
        self.unsaid = unsaid;
        said
    }

    /// Lets the next thing happen.
    ///
    /// # Errors
    /// Never for the world as it is written.
    pub fn next(&mut self, now: DateTime<Utc>) -> Result<Vec<Outgoing>, Error> {
        Ok(match self.world.next(now)? {
            Act::Publish(new) => self.broker.publish(&new.node, &new.item, &new.publisher, new.payload, now),
            Act::Retract { node, item } => self.broker.retract(&node, &item, now),
            Act::Ask { node, subscriber } => {
                let mut told = self.broker.ask(&node, &subscriber, now);
                told.extend(beside(&self.broker, &node, &subscriber));
                told
            }
        })
    }

    /// The owner decides about what has waited for `patience`: yes to accounts of the grid, no to the outsider.
    pub fn decide(&mut self, now: DateTime<Utc>, patience: Duration) -> Vec<Outgoing> {
        let mut told = Vec::new();
        for waiting in self.broker.waiting(&self.owner) {
            if now - waiting.since >= patience {
                let allow = waiting.subscriber.bare().local() != Some(OUTSIDER);
                let (node, who) = (waiting.node, waiting.subscriber);
                told.extend(self.broker.decide(&node, &who, allow, now));
                let topic = TopicId { broker: self.broker.jid().clone(), node };
                told.extend(voices::decided(&self.owner, who.bare(), &topic, allow, now));
            }
        }
        told
    }

    /// When the owner will next have something to decide.
    #[must_use]
    pub fn due(&self, patience: Duration) -> Option<DateTime<Utc>> {
        self.broker.waiting(&self.owner).into_iter().map(|waiting| waiting.since + patience).min()
    }
}

/// What is written to a topic's owners beside a request.
fn beside(broker: &Broker, node: &str, who: &BareJid) -> Vec<Outgoing> {
    let topic = TopicId { broker: broker.jid().clone(), node: node.to_owned() };
    let owners = broker.node(node).into_iter().flat_map(|node| node.with(&Affiliation::Owner));
    owners.filter_map(|owner| voices::beside(who, owner, &topic)).collect()
}

fn set_up(broker: &mut Broker, plan: &Plan, now: DateTime<Utc>) -> Result<(), Error> {
    let config = Config {
        title: plan.title.to_owned(),
        description: plan.description.to_owned(),
        payload: plan.payload.to_owned(),
        access: plan.access.to_owned(),
        ..Config::default()
    };
    broker.create(plan.node, config, account(plan.owner)?);
    broker.affiliate(plan.node, account("publisher")?, Affiliation::Publisher);
    for org in ORGS {
        broker.affiliate(plan.node, format!("feed@{}", org.domain).parse()?, Affiliation::Publisher);
    }
    for member in plan.members {
        broker.affiliate(plan.node, account(member)?, Affiliation::Member);
    }
    for subscriber in plan.subscribers {
        let _ = broker.ask(plan.node, &account(subscriber)?, now);
    }
    Ok(())
}
