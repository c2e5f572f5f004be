//! What is decided about a request, and how far it is. Knows no widgets.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Pending, RequestId};
use crate::model::owned::{Act, Words};
use crate::model::{BareJid, Say, TopicId};
use crate::owner;
use crate::owner::grant::Grant;
use crate::owner::past::{By, Past};
use crate::screen::Action;
use crate::screen::owner::Work;
use crate::store::activity::Kind;

/// A request's identity: never its place in a list, which moves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ask {
    pub topic: TopicId,
    pub subscriber: BareJid,
}

impl Ask {
    pub(super) fn of(pending: &Pending) -> Self {
        Self { topic: pending.topic.clone(), subscriber: pending.subscriber.clone() }
    }
}

/// How long somebody who is let in may stay before it is asked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lasts {
    Month,
    Quarter,
    #[default]
    Year,
    Forever,
}

impl Lasts {
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Year, Self::Forever];

    pub(in crate::screen::owner) fn key(self) -> &'static str {
        match self {
            Self::Month => "owner-lasts-month",
            Self::Quarter => "owner-lasts-quarter",
            Self::Year => "owner-lasts-year",
            Self::Forever => "owner-lasts-forever",
        }
    }

    pub(in crate::screen::owner) fn days(self) -> Option<u32> {
        match self {
            Self::Month => Some(30),
            Self::Quarter => Some(91),
            Self::Year => Some(365),
            Self::Forever => None,
        }
    }

    /// When it ends that begins now.
    pub(in crate::screen::owner) fn end(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.days().map(|days| now + TimeDelta::days(days.into()))
    }
}

/// How far a decision is.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    Held {
        until: DateTime<Utc>,
    },
    /// The access it gives is being written down; it is sent under this number then.
    Writing(RequestId),
    Sent(RequestId),
    Refused(Error),
}

/// My decision about a request.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) allow: bool,
    /// Why: the requester of a denial is told it, else it is mine alone.
    pub(super) words: String,
    /// What the requester of an approval is told beside.
    pub(super) note: String,
    /// When the access ends that it gives.
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) by: By,
    pub(super) stage: Stage,
    /// What access of theirs was written down before this was sent.
    pub(super) before: Option<Grant>,
    /// Its place in the order they were made in; what was decided together has the same.
    pub(super) number: u64,
}

/// What I asked somebody before I decide.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) words: String,
    pub(super) at: DateTime<Utc>,
    pub(super) stage: Told,
}

/// How far it is.
#[derive(Clone, Debug)]
pub(super) enum Told {
    Sent(RequestId),
    Done,
    Failed(Error),
}

/// What became of a request I decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Approved,
    Denied,
    /// It was gone before my answer was sent: withdrawn, or decided by another owner.
    Gone,
}

/// A decision there is nothing more to do about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) ask: Ask,
    pub(super) outcome: Outcome,
    pub(super) words: String,
    pub(super) at: DateTime<Utc>,
}

/// Puts back what access was written down before a decision that gave none.
pub(super) fn put_back(ask: &Ask, before: Option<Grant>) -> Work {
    let end = |ask: Ask| Work::Ended { topic: ask.topic, accounts: vec![ask.subscriber], past: Vec::new() };
    before.map_or_else(|| end(ask.clone()), |grant| Work::Grants(vec![grant]))
}

impl Decision {
    /// What the requester is told. Why somebody was let in is nobody's business but mine.
    pub(super) fn says(&self, topic: &TopicId, cx: &Cx<'_>) -> Words {
        let say = |say: &Say| cx.catalog.say(say);
        match self.allow {
            true => owner::words(Act::Approved, topic, &self.note, self.until, say),
            false => owner::words(Act::Denied, topic, &self.words, None, say),
        }
    }

    /// Sends it.
    pub(super) fn send<M>(&mut self, ask: &Ask, request: RequestId, cx: &Cx<'_>) -> Action<M> {
        self.stage = Stage::Sent(request);
        let Ask { topic, subscriber } = ask.clone();
        let words = Some(self.says(&topic, cx));
        Action::Engine(Command::Decide { request, topic, subscriber, allow: self.allow, words })
    }

    /// Whether it can be taken back no more, and nobody knows yet what came of it.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Writing(_) | Stage::Sent(_))
    }

    /// Whether a rule's met a moment without a connection, which is over: it is made anew, as nobody is there to do it.
    pub(super) fn met_nobody(&self, cx: &Cx<'_>) -> bool {
        matches!((&self.by, &self.stage), (By::Rule(_), Stage::Refused(Error::Offline))) && cx.online()
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.stage, Stage::Held { .. })
    }

    /// What the log of acts is told while it is held, or when it was taken back.
    pub(super) fn noted(&self, ask: &Ask, undone: bool) -> Command {
        let kind = if self.allow { Kind::Approve } else { Kind::Deny };
        let (topic, subject) = (ask.topic.clone(), ask.subscriber.to_string());
        let by = self.by.hand(undone);
        Command::Held { kind, by, topic, subject, reason: self.words.clone(), undone }
    }

    /// The same when it lapsed while it was held: nobody took it back.
    pub(super) fn lapsed(&self, ask: &Ask) -> Command {
        let mut note = self.noted(ask, false);
        if let Command::Held { undone, .. } = &mut note {
            *undone = true;
        }
        note
    }

    /// What is written down of it.
    pub(super) fn past(&self, ask: &Ask, now: DateTime<Utc>) -> Past {
        let act = if self.allow { Act::Approved } else { Act::Denied };
        Past { topic: ask.topic.clone(), act, note: self.words.clone(), at: now, by: self.by.clone() }
    }

    /// The access it gives.
    pub(super) fn grant(&self, ask: &Ask, now: DateTime<Utc>) -> Option<Grant> {
        let grant = || Grant::new(ask.topic.clone(), ask.subscriber.clone(), self.until, &self.words, now);
        self.allow.then(grant)
    }
}
