//! What the window or a text verb asks of the engine.

use std::path::PathBuf;
use std::sync::Arc;

use super::Error;
use crate::model::owned::{Act, Answer, Words};
use crate::model::{Access, Affiliation, BareJid, ItemId, Known, Proxy, Tls, TopicId};
use crate::secrets::Secret;
use crate::settings::Profile;
use crate::store::activity::{By, Kind};
use crate::xmpp::dial::{Controller, Dial, Names, Through, Way};
use crate::xmpp::tls::{Identity, identity};

pub use crate::xmpp::login::Credentials;
pub use crate::xmpp::tls::{Policy, Trust, Unseen};

/// Ties an answer to the command that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// The secrets of a profile; each `None` where it has none.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub password: Option<Secret>,
    /// Of the client certificate's file.
    pub passphrase: Option<Secret>,
    /// Of the proxy.
    pub proxy: Option<Secret>,
}

impl From<Secret> for Keys {
    fn from(password: Secret) -> Self {
        Self { password: Some(password), ..Self::default() }
    }
}

/// What is remembered of a profile's controller, and where its lists are kept.
#[derive(Clone, Debug, Default)]
pub struct Remembered {
    pub known: Arc<Known>,
    pub unseen: Unseen,
    pub cache: Option<PathBuf>,
}

/// All that a session needs.
#[derive(Clone)]
pub struct Login {
    pub jid: BareJid,
    /// Kept across reconnects by the server where it can (RFC 6120 §7.7).
    pub resource: String,
    pub credentials: Credentials,
    pub dial: Arc<dyn Dial>,
    /// How TLS starts, where `dial` does not say.
    pub tls: Tls,
    pub trust: Trust,
    pub policy: Policy,
    /// The broker, where the person named it; else found by disco (RFC 8600 §5).
    pub broker: Option<BareJid>,
}

impl Login {
    /// What a profile says, with its secrets and what is remembered of its controller. A resource it does not name is made
    /// up, so that two consoles of one account do not drive each other out (RFC 6120 §7.7.2.2). Reads the client
    /// certificate's file, so it may take a while.
    ///
    /// # Errors
    /// When the client certificate is not to be had.
    pub fn ready(profile: &Profile, keys: Keys, remembered: Remembered) -> Result<Self, Error> {
        let unusable =
            |error: identity::Error| Error::Session { say: error.say(), cause: error.to_string(), retry: false };
        let identity = profile.certificate.as_ref().map(|path| Identity::load(path, keys.passphrase.as_ref()));
        let through = |of: &Proxy| Through { proxy: of.clone(), password: keys.proxy };
        let way = Way { names: Names::System, proxy: profile.proxy.as_ref().map(through) };
        let controller = Controller {
            domain: profile.jid.domain_ascii(),
            host: profile.host.clone(),
            port: profile.port,
            tls: profile.tls,
            way: way.clone(),
        };
        let made_up = || format!("gridwatch-{:08x}", getrandom::u32().unwrap_or_default());
        Ok(Self {
            jid: profile.jid.clone(),
            resource: profile.resource.clone().unwrap_or_else(made_up),
            credentials: Credentials { password: keys.password },
            dial: Arc::new(controller),
            tls: profile.tls,
            trust: trust(profile),
            policy: Policy {
                known: remembered.known,
                unseen: remembered.unseen,
                revocation: profile.revocation,
                crls: profile.crls.clone(),
                fetch_crls: profile.fetch_crls,
                cache: remembered.cache,
                identity: identity.transpose().map_err(unusable)?,
                way,
            },
            broker: profile.broker.clone(),
        })
    }
}

fn trust(profile: &Profile) -> Trust {
    match profile.ca_file.clone() {
        None => Trust::Platform,
        Some(file) if profile.platform_roots => Trust::Both(file),
        Some(file) => Trust::CaFile(file),
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("jid", &self.jid).field("to", &self.dial.target()).finish_non_exhaustive()
    }
}

/// What a publication depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who may read the topic, as it was when the person decided; where it has changed since nothing is sent.
    pub access: Option<Access>,
    /// It was sent before and what came of that is not known: the broker is asked first, so that nobody gets it twice.
    pub sent: bool,
    /// Why it was let pass what asked for a reason, as its person typed it; for the log of acts alone.
    pub reason: String,
}

/// A command. Those with a [`RequestId`] are answered by exactly one [`super::Event::Done`] carrying it.
#[derive(Clone)]
pub enum Command {
    /// Starts a session and keeps it, reconnecting with back-off. Ends the one there was.
    Connect(Box<Login>),
    /// Says goodbye and stays offline.
    Disconnect,
    /// Skips the wait of the back-off; during an attempt, the longer waits after it.
    RetryNow,
    /// What is known of the controller has changed by a person's decision: it holds from the next attempt on.
    Know(Arc<Known>),
    /// Walks the broker's topics again.
    RefreshTopics,
    /// Subscribes by bare JID, or asks the owner where access is `authorize`.
    /// `words` go to those the topic names as its owners, where the owner is asked.
    Subscribe { request: RequestId, topic: TopicId, words: Option<Words> },
    /// Ends a subscription, or withdraws a pending request: every subscription of this account there, by exact (jid, subid).
    Unsubscribe { request: RequestId, topic: TopicId },
    /// Publishes `payload` (one XML element, no declaration) under an id fixed by the caller, so that a repeat is the same item.
    Publish { request: RequestId, topic: TopicId, item: ItemId, payload: Arc<[u8]>, terms: Terms },
    /// Takes an item back on the broker (XEP-0060 §7.2); what is stored here is marked and stays.
    Retract { request: RequestId, topic: TopicId, item: ItemId },
    /// Reads who is what on a topic I own, and who is subscribed (§8.8.1, §8.9.1).
    Members { request: RequestId, topic: TopicId },
    /// Changes what accounts are on a topic I own (§8.9.2). Who may no longer read loses the subscriptions first, for a
    /// changed affiliation alone stops no delivery (`engine.md` §4).
    Affiliate { request: RequestId, topic: TopicId, changes: Vec<(BareJid, Affiliation)> },
    /// Takes accounts' rights to a topic of mine away for good: subscriptions to none, then the affiliation to `none` or
    /// `outcast`, then both lists read again as the proof. `words` go to each of which that is proven.
    Revoke { request: RequestId, topic: TopicId, accounts: Vec<BareJid>, to: Affiliation, words: Option<Words> },
    /// Asks the brokers for requests that wait on topics I own (ad-hoc `get-pending`).
    FetchPending,
    /// The same, and is answered when all of them are here.
    Poll { request: RequestId },
    /// Approves or denies the request of exactly this subscriber for exactly this topic; `words` go to the subscriber when
    /// it is done.
    Decide { request: RequestId, topic: TopicId, subscriber: BareJid, allow: bool, words: Option<Words> },
    /// Says something about access to a topic to somebody: a question to who asks, an answer to its owner.
    Tell { request: RequestId, topic: TopicId, to: BareJid, act: Act, words: Words },
    /// The form of a topic of mine.
    Settings { request: RequestId, topic: TopicId },
    /// The form that a new topic would have (§8.3).
    Defaults { request: RequestId, broker: BareJid },
    /// Makes a topic with these settings, in one step where the broker can (§8.1.3), and reads back what it kept. What came
    /// of one without an answer is asked for in the next session.
    Create { request: RequestId, topic: TopicId, settings: Vec<Answer> },
    /// Changes settings of a topic of mine, these only, and reads back what the broker kept (§8.2). `reason` is what its
    /// person typed, where more are let in.
    Configure { request: RequestId, topic: TopicId, changes: Vec<Answer>, reason: String },
    /// What would be lost with a topic of mine.
    Stock { request: RequestId, topic: TopicId },
    /// Removes all stored items of a topic of mine (§8.5).
    Purge { request: RequestId, topic: TopicId },
    /// Deletes a topic of mine (§8.4); readers are told where to look instead, as an XMPP URI.
    Delete { request: RequestId, topic: TopicId, redirect: Option<String> },
    /// Asks controller and brokers what they can do; `close`ly, which changes nothing either but asks more.
    Survey { request: RequestId, close: bool },
    /// Something that a person or a rule began is held for a while, or was taken back in that time: nothing leaves, and it
    /// is written down. The command that follows about the same is the same act, by the same hand.
    Held { kind: Kind, by: By, topic: TopicId, subject: String, reason: String, undone: bool },
    /// Ends the actor after a goodbye.
    Quit,
}

impl std::fmt::Debug for Command {
    /// Incident text stays out of debug output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(login) => f.debug_tuple("Connect").field(login).finish(),
            Self::Disconnect => f.write_str("Disconnect"),
            Self::RetryNow => f.write_str("RetryNow"),
            Self::Know(_) => f.write_str("Know"),
            Self::RefreshTopics => f.write_str("RefreshTopics"),
            Self::Subscribe { request, topic, words: _ } => write!(f, "Subscribe({}, {topic})", request.0),
            Self::Unsubscribe { request, topic } => write!(f, "Unsubscribe({}, {topic})", request.0),
            Self::Publish { request, topic, item, payload, terms: _ } => {
                write!(f, "Publish({}, {topic}, {:?}, {} bytes)", request.0, item.0, payload.len())
            }
            Self::Retract { request, topic, item } => write!(f, "Retract({}, {topic}, {:?})", request.0, item.0),
            Self::Members { request, topic } => write!(f, "Members({}, {topic})", request.0),
            Self::Affiliate { request, topic, changes } => {
                write!(f, "Affiliate({}, {topic}, {} changes)", request.0, changes.len())
            }
            Self::FetchPending => f.write_str("FetchPending"),
            Self::Revoke { request, topic, accounts, to, words: _ } => {
                write!(f, "Revoke({}, {topic}, {} accounts, {})", request.0, accounts.len(), to.token())
            }
            Self::Poll { request } => write!(f, "Poll({})", request.0),
            Self::Decide { request, topic, subscriber, allow, words: _ } => {
                write!(f, "Decide({}, {topic}, {subscriber}, {allow})", request.0)
            }
            Self::Tell { request, topic, to, act, words: _ } => {
                write!(f, "Tell({}, {topic}, {to}, {})", request.0, act.token())
            }
            Self::Settings { request, topic } => write!(f, "Settings({}, {topic})", request.0),
            Self::Defaults { request, broker } => write!(f, "Defaults({}, {broker})", request.0),
            Self::Create { request, topic, settings } => {
                write!(f, "Create({}, {topic}, {})", request.0, vars(settings))
            }
            Self::Configure { request, topic, changes, reason: _ } => {
                write!(f, "Configure({}, {topic}, {})", request.0, vars(changes))
            }
            Self::Stock { request, topic } => write!(f, "Stock({}, {topic})", request.0),
            Self::Purge { request, topic } => write!(f, "Purge({}, {topic})", request.0),
            Self::Delete { request, topic, redirect: _ } => write!(f, "Delete({}, {topic})", request.0),
            Self::Survey { request, close } => write!(f, "Survey({}, {close})", request.0),
            Self::Held { kind, topic, subject, undone, .. } => {
                write!(f, "Held({}, {topic}, {subject:?}, {undone})", kind.word())
            }
            Self::Quit => f.write_str("Quit"),
        }
    }
}

impl Command {
    /// The id under which it is answered, if it is.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::Subscribe { request, .. }
            | Self::Unsubscribe { request, .. }
            | Self::Publish { request, .. }
            | Self::Retract { request, .. }
            | Self::Members { request, .. }
            | Self::Affiliate { request, .. }
            | Self::Revoke { request, .. }
            | Self::Poll { request }
            | Self::Decide { request, .. }
            | Self::Tell { request, .. }
            | Self::Settings { request, .. }
            | Self::Defaults { request, .. }
            | Self::Create { request, .. }
            | Self::Configure { request, .. }
            | Self::Stock { request, .. }
            | Self::Purge { request, .. }
            | Self::Delete { request, .. }
            | Self::Survey { request, .. } => Some(*request),
            Self::Connect(_)
            | Self::Disconnect
            | Self::RetryNow
            | Self::Know(_)
            | Self::RefreshTopics
            | Self::FetchPending
            | Self::Held { .. }
            | Self::Quit => None,
        }
    }
}

/// The names of settings, for a log.
fn vars(settings: &[Answer]) -> String {
    settings.iter().map(|answer| answer.var.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_incident() {
        let topic = TopicId { broker: "broker.example".parse().unwrap(), node: "n".to_owned() };
        let payload = Arc::from(&b"<a>198.51.100.7</a>"[..]);
        let item = ItemId("i".to_owned());
        let publish = Command::Publish { request: RequestId(7), topic, item, payload, terms: Terms::default() };
        assert_eq!(format!("{publish:?}"), "Publish(7, n @ broker.example, \"i\", 19 bytes)");
    }
}
