//! Why the engine could not do something, typed by cause; [`Error::say`] names the words.

use std::sync::Arc;

use crate::model::session::Refused;
use crate::model::{ItemId, Say, TopicId};
use crate::text;
use crate::xmpp::pubsub::Reason;
use crate::xmpp::{login, sm, stanza, stream, tls, xml};

/// An engine error: what kind, so that the actor knows whether to try again; the words; the cause underneath.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No byte stream: name not found, refused, unreachable, a proxy in the way; where several servers were tried, why each
    /// in `tried`.
    #[error("{cause}")]
    Unreachable { say: Say, cause: String, tried: Vec<Say>, retry: bool },
    /// No answer in time.
    #[error("no answer in time while {what}")]
    Timeout { what: &'static str },
    /// Too many commands wait already.
    #[error("busy")]
    Busy,
    /// There is no session.
    #[error("offline")]
    Offline,
    /// The broker refused; the condition is RFC 6120 §8.3.3's, then `/` and XEP-0060's own.
    #[error("refused: {condition}")]
    Refused { say: Say, condition: String },
    /// The session's layers failed (TLS, SASL, stream); `retry` tells whether trying again can mend it.
    #[error("session failed: {cause}")]
    Session { say: Say, cause: String, retry: bool },
    /// The controller's certificate was refused, or waits for a person who knows it.
    #[error("certificate of {} refused", refused.domain)]
    Certificate { refused: Arc<Refused> },
    /// It was sent, and whether the broker took it cannot be told. Publishing again under the same id doubles nothing.
    #[error("it is not known whether {item} was published to {topic}", item = .item.0)]
    Unconfirmed { topic: TopicId, item: ItemId },
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

impl Error {
    /// Whether another attempt by itself makes sense. A wrong password or a bad certificate waits for the person.
    #[must_use]
    pub fn retries(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Store(crate::store::Error::Busy) => true,
            Self::Unreachable { retry, .. } | Self::Session { retry, .. } => *retry,
            Self::Busy
            | Self::Offline
            | Self::Refused { .. }
            | Self::Certificate { .. }
            | Self::Unconfirmed { .. }
            | Self::Store(_) => false,
        }
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Timeout { what } => Say::new("error-timeout").with("what", *what),
            Self::Busy => Say::new("error-busy"),
            Self::Offline => Say::new("error-offline"),
            Self::Unreachable { say, .. } | Self::Refused { say, .. } | Self::Session { say, .. } => say.clone(),
            Self::Certificate { refused } => refused.say(),
            Self::Unconfirmed { topic, item } => Say::new("error-publish-unknown")
                .with("topic", text::line_within(&topic.node, 120))
                .with("item", text::line_within(&item.0, 120)),
            Self::Store(error) => error.say(),
        }
    }

    /// Further lines to show below [`Error::say`]: each fault of a refused certificate, each server that was tried.
    #[must_use]
    pub fn details(&self) -> Vec<Say> {
        match self {
            Self::Certificate { refused } => refused.details(),
            Self::Unreachable { tried, .. } => tried.clone(),
            _ => Vec::new(),
        }
    }
}

impl Error {
    /// The certificate that stopped the attempt, where one did.
    #[must_use]
    pub fn refused(&self) -> Option<&Arc<Refused>> {
        match self {
            Self::Certificate { refused } => Some(refused),
            _ => None,
        }
    }
}

/// What it means for a publication that it ended so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The broker, or this console, does not let it pass.
    Refused(String),
    /// It may be tried again; `unsure` tells that it may have arrived.
    Open { unsure: bool },
}

impl Error {
    #[must_use]
    pub fn fate(&self) -> Fate {
        match self {
            // It may be there all the same: some brokers store first and then fail.
            Self::Refused { .. } if self.is_passing() => Fate::Open { unsure: true },
            Self::Refused { condition, .. } => Fate::Refused(condition.clone()),
            Self::Busy => Fate::Open { unsure: false },
            _ => Fate::Open { unsure: true },
        }
    }
}

/// Conditions of this console's own that need no more words than their key's.
const OWN: [(&str, &str); 12] = [
    ("not XML", "error-stream-not-xml"),
    ("no randomness", "error-sasl-random"),
    ("unreadable answer", "error-unreadable-answer"),
    ("unknown topic", "error-unknown-topic"),
    ("unknown access", "error-unknown-access"),
    ("access changed", "error-access-changed"),
    ("unconfigured", "error-wants-options"),
    ("nothing waits", "error-nothing-waits"),
    ("last owner", "error-last-owner"),
    ("not made", "error-not-made"),
    ("internal error", "error-job-died"),
    ("no effect", "error-no-effect"),
];

/// Refusals of this console's own, before or after the broker's.
impl Error {
    fn own(key: &'static str, condition: &str) -> Self {
        Self::Refused { say: Say::new(key), condition: condition.to_owned() }
    }

    pub(super) fn unwritable() -> Self {
        Self::own("error-stream-not-xml", "not XML")
    }

    pub(super) fn no_randomness() -> Self {
        Self::own("error-sasl-random", "no randomness")
    }

    pub(super) fn unreadable_answer() -> Self {
        Self::own("error-unreadable-answer", "unreadable answer")
    }

    /// The topic is not on the list.
    pub(super) fn unknown_topic() -> Self {
        Self::own("error-unknown-topic", "unknown topic")
    }

    /// The topic's access model is not known, so there is no precondition to publish under.
    pub(super) fn unknown_access() -> Self {
        Self::own("error-unknown-access", "unknown access")
    }

    /// Who may read the topic is not what it was when the person decided.
    pub(super) fn access_changed() -> Self {
        Self::own("error-access-changed", "access changed")
    }

    pub(super) fn wants_options() -> Self {
        Self::own("error-wants-options", "unconfigured")
    }

    pub(super) fn nothing_waits() -> Self {
        Self::own("error-nothing-waits", "nothing waits")
    }

    /// The request was decided by another owner meanwhile, or withdrawn: what stands now.
    pub(super) fn decided_elsewhere(approved: bool) -> Self {
        // The broker's own condition, so that it reads as what it is.
        Self::own(if approved { "error-request-approved" } else { "error-request-gone" }, "unexpected-request")
    }

    /// A topic without an owner can be changed by nobody any more (XEP-0060 §8.9.2.4).
    pub(super) fn last_owner() -> Self {
        Self::own("error-last-owner", "last owner")
    }

    /// The session ended while a topic was made, and there is none.
    pub(super) fn not_made() -> Self {
        Self::own("error-not-made", "not made")
    }

    /// The task that worked on it died.
    pub(super) fn died() -> Self {
        Self::own("error-job-died", "internal error")
    }

    /// Something was fetched and could not be stored; the store said why.
    pub(super) fn unstored() -> Self {
        Self::own("error-unstored", "not stored")
    }

    pub(super) fn store(error: &crate::store::Error) -> Self {
        Self::Refused { say: error.say(), condition: error.to_string() }
    }

    /// It was not done, for it could not be written down first.
    pub(super) fn unlogged(error: &crate::store::Error) -> Self {
        let cause = text::line_within(&error.to_string(), 200);
        Self::Refused { say: Say::new("error-unlogged").with("cause", cause), condition: "not logged".to_owned() }
    }

    /// It was not sent, for the end of the access it gives could not be written down first.
    #[must_use]
    pub fn unpromised(error: &crate::store::Error) -> Self {
        let cause = text::line_within(&error.to_string(), 200);
        Self::Refused { say: Say::new("error-unpromised").with("cause", cause), condition: "not written".to_owned() }
    }

    /// The broker took a decision without a word and does not show it.
    pub(super) fn no_effect() -> Self {
        Self::own("error-no-effect", "no effect")
    }

    /// What a condition says, as [`Error::Refused`] has it and the log of acts keeps it.
    #[must_use]
    pub fn condition(condition: &str) -> Option<Say> {
        if let Some((_, key)) = OWN.iter().find(|(own, _)| *own == condition) {
            return Some(Say::new(key));
        }
        let reason = condition.split('/').find_map(Reason::from_token).map(|reason| reason.say());
        reason.or_else(|| match stanza::Condition::from_token(condition.split('/').next()?) {
            stanza::Condition::Other(_) => None,
            known => Some(stanza::Error::new(stanza::ErrorKind::Unsaid, known).say()),
        })
    }

    /// It went wrong on this side, perhaps when the broker had done what was asked: no refusal of the broker's.
    #[must_use]
    pub fn is_afterwards(&self) -> bool {
        self.has(&["unreadable answer", "internal error", "no effect", "not stored"])
    }
}

/// What a broker's refusal means, by its conditions.
impl Error {
    /// XEP-0060's own condition, where the broker gave one.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        let Self::Refused { condition, .. } = self else { return None };
        condition.split('/').find_map(Reason::from_token)
    }

    fn has(&self, wanted: &[&str]) -> bool {
        matches!(self, Self::Refused { condition, .. } if condition.split('/').any(|part| wanted.contains(&part)))
    }

    /// XEP-0060 §6.1.3.7: the owner has not decided yet.
    pub(super) fn is_pending(&self) -> bool {
        self.reason() == Some(Reason::PendingSubscription)
    }

    /// XEP-0060 §6.1.3: this account may not subscribe.
    pub(super) fn is_refusal(&self) -> bool {
        self.has(&["forbidden", "not-allowed", "closed-node", "not-authorized"])
    }

    /// XEP-0060 §6.2.3.2: there is nothing to end.
    pub(super) fn is_not_subscribed(&self) -> bool {
        self.has(&["not-subscribed", "unexpected-request", "item-not-found"])
    }

    /// A request that is decided already (`engine.md` §4, answer).
    pub(super) fn is_too_late(&self) -> bool {
        self.has(&["unexpected-request", "item-not-found"])
    }

    /// What was asked for is not there (any more).
    pub(super) fn is_missing(&self) -> bool {
        self.has(&["item-not-found", "gone"])
    }

    /// Whether the same question may have another answer soon, though nobody changes anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        let wait = ["internal-server-error", "resource-constraint", "recipient-unavailable", "service-unavailable"];
        let route = ["remote-server-not-found", "remote-server-timeout"];
        matches!(self, Self::Timeout { .. } | Self::Busy) || self.has(&wait) || self.has(&route)
    }

    /// Nobody is there for this; from a service that has just answered something else, that it never will be.
    pub(super) fn is_absent(&self) -> bool {
        self.has(&["service-unavailable"])
    }

    /// XEP-0060 §8.1.3: a broker that can do only one thing at a time.
    pub(super) fn is_unimplemented(&self) -> bool {
        self.has(&["feature-not-implemented", "unsupported"])
    }

    /// A form that cannot be read, for one answer or another; ejabberd calls it a lack of resources.
    pub(super) fn is_unread_form(&self) -> bool {
        self.has(&["resource-constraint", "bad-request", "not-acceptable"])
    }

    pub(super) fn is_unsupported(&self) -> bool {
        self.has(&["feature-not-implemented", "unsupported", "bad-request"])
    }
}

impl From<stanza::Error> for Error {
    fn from(error: stanza::Error) -> Self {
        Self::Refused { say: error.say(), condition: error.describe() }
    }
}

impl From<xml::Refusal> for Error {
    fn from(refusal: xml::Refusal) -> Self {
        Self::Refused { say: refusal.say(), condition: refusal.to_string() }
    }
}

impl From<stream::Error> for Error {
    fn from(error: stream::Error) -> Self {
        Self::Session { say: error.say(), cause: error.to_string(), retry: error.retries() }
    }
}

impl From<sm::Error> for Error {
    /// Without stream management's state another attempt can mend it.
    fn from(error: sm::Error) -> Self {
        Self::Session { say: error.say(), cause: error.to_string(), retry: true }
    }
}

impl From<login::Error> for Error {
    fn from(error: login::Error) -> Self {
        let (say, cause, retry) = (error.say(), error.to_string(), error.retries());
        match error {
            login::Error::Dial(_) => Self::Unreachable { say, cause, tried: Vec::new(), retry },
            login::Error::NoServer { tried, .. } => {
                Self::Unreachable { say, cause, tried: tried.iter().map(login::Error::say).collect(), retry }
            }
            login::Error::Timeout(step) => Self::Timeout { what: step.what() },
            login::Error::Tls(tls::Error::Certificate(refused)) => Self::Certificate { refused },
            _ => Self::Session { say, cause, retry },
        }
    }
}
