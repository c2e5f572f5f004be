//! What is known of a topic's completeness: the stretches of time of which everything is here, the stretches of which that
//! cannot be shown, and what the topic's configuration lets anybody promise (`engine.md` §7).
//!
//! All times are this console's own clock: when it was told something, never when somebody else says it was sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Membership, PayloadType, Say, Topic, TopicId};

/// From one moment to another, never backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Span {
    /// A clock that was set back makes the span empty, not negative.
    #[must_use]
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until: until.max(from) }
    }

    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at <= self.until
    }
}

/// How it is known that a stretch is complete. What the controller kept for us while we were away is no proof: it keeps up
/// to a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The session stood, and a stream loses nothing in its middle.
    Live,
    /// The session was resumed (XEP-0198): the controller sent again what had not been acknowledged.
    Resumed,
    /// What the topic stores was compared with what is here, and reaches back to before.
    Swept,
    /// The broker's archive (XEP-0313) reaches back to before.
    Archived,
}

/// Everything that was published in it is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub span: Span,
    pub proof: Proof,
}

/// Why it could not be shown that a stretch is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Nothing from before is on the broker any more: what came in between may have been dropped for what came after.
    Dropped,
    /// The topic is not full, and yet nothing from before is there: somebody took it away, and perhaps more.
    Removed,
    /// The topic keeps nothing.
    Unstored,
    /// I was not subscribed for a while.
    Unsubscribed,
    /// The topic was deleted and made again.
    Remade,
    /// Something the broker sent could not be read.
    Unreadable,
    /// The broker does not give out what it stores.
    Refused,
    /// More is stored than is fetched.
    Cut,
    /// What was here was lost with a damaged archive.
    Damaged,
}

impl Cause {
    #[must_use]
    pub fn say(self) -> Say {
        Say::new(match self {
            Self::Dropped => "coverage-cause-dropped",
            Self::Removed => "coverage-cause-removed",
            Self::Unstored => "coverage-cause-unstored",
            Self::Unsubscribed => "coverage-cause-unsubscribed",
            Self::Remade => "coverage-cause-remade",
            Self::Unreadable => "coverage-cause-unreadable",
            Self::Refused => "coverage-cause-refused",
            Self::Cut => "coverage-cause-cut",
            Self::Damaged => "coverage-cause-damaged",
        })
    }
}

/// Something may be missing from this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub span: Span,
    pub cause: Cause,
}

/// How a topic stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything since then is here, and what is published now arrives.
    Live { since: DateTime<Utc> },
    /// What is published now arrives; whether anything is missing since then is being found out.
    Proving { since: DateTime<Utc> },
    /// Nothing arrives since then.
    Away { since: DateTime<Utc> },
    /// I left it. What came later is not claimed.
    Left { at: DateTime<Utc> },
    /// The subscription was ended by somebody else, or the topic deleted; nothing is known since then.
    Lost { since: DateTime<Utc>, cause: Cause },
}

/// What is known of one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub topic: TopicId,
    pub standing: Standing,
    /// Oldest first, without the one that is going on. Old ones are merged when there are many.
    pub stretches: Arc<[Stretch]>,
    /// Oldest first. Never forgotten; when there are very many, neighbours become one that spans both.
    pub gaps: Arc<[Gap]>,
}

impl Coverage {
    /// Whether something may be missing from this moment. What was before the first stretch is nobody's claim.
    #[must_use]
    pub fn doubts(&self, at: DateTime<Utc>) -> bool {
        let open = match self.standing {
            Standing::Live { .. } | Standing::Left { .. } => None,
            Standing::Proving { since } | Standing::Away { since } | Standing::Lost { since, .. } => Some(since),
        };
        open.is_some_and(|since| since <= at) || self.gaps.iter().any(|gap| gap.span.contains(at))
    }
}

/// What can be promised of a topic, as it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Whatever breaks, nothing that is stored is missed, and what may be missed is told.
    Full,
    /// As [`Level::Full`] as far as the broker says; it does not say everything.
    Unstated,
    /// A long absence, or a busy time, can lose incidents.
    Limited,
    /// Only what is published while the session stands.
    LiveOnly,
}

/// Why less than everything can be promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Notifications of type headline are not kept for who is away (RFC 6121 §8.5.2).
    Headline,
    /// Nothing is stored.
    Unstored,
    /// Only so many items are stored.
    Small(u32),
    /// Which of the above holds, the broker does not say.
    Unstated,
    /// No pages (XEP-0059): everything comes in one piece, or not at all.
    NoPages,
    /// Subscribed by one session's address instead of the account's.
    NotBare,
    /// Several may publish, and the broker does not say who did: one that counts its limit per publisher may drop what
    /// nobody can see.
    Unnamed,
    /// The topic does not say what it carries, which RFC 8600 §5 asks for.
    Untyped,
}

impl Reason {
    #[must_use]
    pub fn say(self) -> Say {
        let most = if let Self::Small(most) = self { most } else { 0 };
        match self {
            Self::Headline => Say::new("coverage-reason-headline"),
            Self::Unstored => Say::new("coverage-reason-unstored"),
            Self::Small(_) => Say::new("coverage-reason-small").with("most", most.to_string()),
            Self::Unstated => Say::new("coverage-reason-unstated"),
            Self::NoPages => Say::new("coverage-reason-no-pages"),
            Self::NotBare => Say::new("coverage-reason-not-bare"),
            Self::Unnamed => Say::new("coverage-reason-unnamed"),
            Self::Untyped => Say::new("coverage-reason-untyped"),
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Unstated | Self::NoPages | Self::Unnamed | Self::Untyped => Level::Unstated,
            Self::Headline | Self::Small(_) | Self::NotBare | Self::Unstored => Level::Limited,
        }
    }
}

/// What is promised of a topic, with all reasons why it is not more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarantee {
    pub level: Level,
    pub reasons: Vec<Reason>,
}

/// Fewer stored items than this are said: a busy hour can push them all out.
pub const SMALL: u32 = 1_000;

impl Guarantee {
    /// Of a topic that is read; `None` of one that is not.
    #[must_use]
    pub fn of(topic: &Topic) -> Option<Self> {
        if topic.membership != Membership::Subscribed {
            return None;
        }
        let keeping = &topic.keeping;
        let unstored = keeping.stores == Some(false);
        let unstated = topic.headline.is_none() || keeping.stores.is_none() || keeping.most.is_none();
        let reasons = [
            (topic.headline == Some(true)).then_some(Reason::Headline),
            unstored.then_some(Reason::Unstored),
            keeping.most.filter(|most| *most < SMALL && !unstored).map(Reason::Small),
            (unstated && !unstored).then_some(Reason::Unstated),
            (keeping.pages == Some(false) && !unstored).then_some(Reason::NoPages),
            (keeping.bare == Some(false)).then_some(Reason::NotBare),
            topic.may_mix_publishers().then_some(Reason::Unnamed),
            (topic.payload == PayloadType::Unsaid).then_some(Reason::Untyped),
        ];
        let reasons: Vec<Reason> = reasons.into_iter().flatten().collect();
        let live_only = unstored && topic.headline != Some(false);
        let worst = reasons.iter().map(|reason| reason.level()).max().unwrap_or(Level::Full);
        Some(Self { level: if live_only { Level::LiveOnly } else { worst }, reasons })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::topic::Keeping;

    fn subscribed(keeping: Keeping, headline: Option<bool>) -> Topic {
        let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        let payload = PayloadType::Iodef2;
        Topic { membership: Membership::Subscribed, keeping, headline, payload, ..Topic::bare(id) }
    }

    #[test]
    fn each_weakness_is_named_and_the_worst_decides() {
        let all =
            Keeping { stores: Some(true), most: Some(10_000), pages: Some(true), bare: Some(true), named: Some(true) };
        let of = |keeping: Keeping, headline| Guarantee::of(&subscribed(keeping, headline)).unwrap();
        let best = of(all.clone(), Some(false));
        assert_eq!((best.level, best.reasons), (Level::Full, vec![]));
        let headline = of(Keeping { most: Some(20), ..all.clone() }, Some(true));
        assert_eq!(headline.level, Level::Limited);
        assert_eq!(headline.reasons, [Reason::Headline, Reason::Small(20)]);
        let unstored = of(Keeping { stores: Some(false), most: None, ..all.clone() }, None);
        assert_eq!((unstored.level, unstored.reasons), (Level::LiveOnly, vec![Reason::Unstored]));
        assert_eq!(of(Keeping { stores: Some(false), ..all.clone() }, Some(false)).level, Level::Limited);
        let ejabberd = of(Keeping { stores: None, most: None, ..all }, None);
        assert_eq!((ejabberd.level, ejabberd.reasons), (Level::Unstated, vec![Reason::Unstated]));
        let none = Topic { membership: Membership::None, ..subscribed(Keeping::default(), None) };
        assert_eq!(Guarantee::of(&none), None);
    }

    #[test]
    fn a_moment_is_in_doubt_within_a_gap_or_since_the_break() {
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let gap = Gap { span: Span::new(at(10), at(20)), cause: Cause::Dropped };
        let coverage = |standing| Coverage {
            topic: subscribed(Keeping::default(), None).id,
            standing,
            stretches: Arc::new([]),
            gaps: Arc::new([gap]),
        };
        let live = coverage(Standing::Live { since: at(20) });
        assert_eq!([5, 10, 20, 21].map(|second| live.doubts(at(second))), [false, true, true, false]);
        assert!(coverage(Standing::Away { since: at(30) }).doubts(at(31)));
        assert_eq!(Span::new(at(9), at(3)).until, at(9), "a clock set back");
    }
}
