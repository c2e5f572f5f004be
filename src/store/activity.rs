//! What this console did to the world, and what a broker or controller did unasked: a log that only grows, each entry chained
//! to the one before it by a hash, so that whoever changes, cuts or reorders it shows (RFC 8600 §8.3.2, §8.3.3: auditable logs
//! of security-relevant acts, and of peculiar behaviour of a controller).
//!
//! May use `model`, `text`. Pure but for the contract, [`Activity`]; where it stands is the store's matter. The chain proves
//! what was here while its head is known: the head is kept beside the entries, told to the log file ([`witness`]), shown to be
//! noted down, and is in every export. Who holds the archive's key and all of those can still write all of it anew; nobody else
//! can, and no key of the chain's own would change that ([`chain`]).

mod acts;
mod chain;
mod filter;
mod form;
mod pass;
mod walk;
mod witness;

use chrono::{DateTime, Utc};

use super::Error;
use super::progress::Progress;
use crate::model::TopicId;
use crate::text;

pub use acts::{Acts, Row};
pub use chain::{Broken, Check, Hash, Head, NoHead, Why, link};
pub use filter::Filter;
pub use pass::{Pass, Take};
pub use walk::{Back, Proven, Seen, back, since};
pub use witness::{Witness, witnesses};

/// An entry's place, from 1.
pub type Number = u64;

/// Longest text of one field, in characters; a form of a topic's settings has room.
const LONGEST: usize = 4_096;
/// Stanza ids of one act.
const STANZAS: usize = 64;

/// Names of a closed list, by which files know them: never changed, only added to.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// How files name it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|own| own.word() == word)
            }
        }
    };
}

words! {
    /// By whom it was.
    By {
        Person = "person",
        /// A rule of mine, without anybody's hand.
        Rule = "rule",
        /// The broker, the controller, or somebody who works there.
        Grid = "grid",
    }
}

words! {
    /// What was done.
    Kind {
        Connect = "connect",
        Subscribe = "subscribe",
        Unsubscribe = "unsubscribe",
        Publish = "publish",
        Retract = "retract",
        Approve = "approve",
        Deny = "deny",
        /// What an account is on a topic.
        Affiliate = "affiliate",
        Revoke = "revoke",
        Create = "create",
        Configure = "configure",
        Delete = "delete",
        Purge = "purge",
        /// A message to a person: a question, the reason of a decision.
        Tell = "tell",
        /// Another certificate is believed from now on.
        Trust = "trust",
        /// A topic is not there any more.
        Vanished = "vanished",
        /// It says that it is somewhere else now.
        Moved = "moved",
        /// A subscription of mine was ended by somebody else.
        Ended = "ended",
        /// A topic is set up otherwise, and not by me.
        Changed = "changed",
        Certificate = "certificate",
        Restart = "restart",
        Traffic = "traffic",
        /// Somebody pretended to be the broker, or my own server.
        Forged = "forged",
        /// A broker asked me to decide about a topic that was not mine.
        Foreign = "foreign",
        /// Entries behind it could not be written when they were to be.
        Late = "late",
        /// The log itself came out of a damaged file, and not with its end as it was.
        Recovered = "recovered",
    }
}

impl Kind {
    /// Whether it may change what a topic says of itself: how it is set up, who owns it and publishes there.
    #[must_use]
    pub fn changes_settings(self) -> bool {
        matches!(self, Self::Affiliate | Self::Revoke | Self::Create | Self::Configure | Self::Delete)
    }

    /// Whether it happens to this console, and is nothing it does.
    #[must_use]
    pub fn is_seen(self) -> bool {
        matches!(
            self,
            Self::Vanished
                | Self::Moved
                | Self::Ended
                | Self::Changed
                | Self::Certificate
                | Self::Restart
                | Self::Traffic
                | Self::Forged
                | Self::Foreign
        )
    }
}

words! {
    /// What came of it.
    How {
        /// Waits for its time, and can be taken back.
        Held = "held",
        Undone = "undone",
        /// It is on its way. What came of it is an entry of its own; without that, nobody knows.
        Begun = "begun",
        Done = "done",
        Refused = "refused",
        /// It was sent, and what came of it is not known.
        Unknown = "unknown",
        /// It happened, and was noticed.
        Seen = "seen",
    }
}

words! {
    /// What is said in `before`, `after` and `words` by a token alone. Beside these stand what an account is by its own token,
    /// facts (`bytes=19`), and what others wrote.
    Token {
        /// It was sent before, and may have arrived.
        Again = "again",
        /// A topic stands with the broker's own settings.
        Bare = "bare",
        /// Of a session of mine that is gone.
        Ghost = "ghost",
        Published = "published",
        Retracted = "retracted",
        Subscribed = "subscribed",
        Pending = "pending",
        Denied = "denied",
        None = "none",
        /// What a message is for.
        Asks = "asks",
        Approved = "approved",
        Question = "question",
        Revoked = "revoked",
        /// What pretended to come from another.
        Form = "form",
        Event = "event",
        Wrapped = "wrapped",
        Roster = "roster",
        /// Signs of a restart.
        Shutdown = "system-shutdown",
        Forgotten = "unknown-session",
        /// What a recovered log came without.
        HeadLost = "head lost",
        EntriesLost = "entries lost",
        /// Why nothing came of it.
        Offline = "offline",
        Busy = "busy",
    }
}

impl Token {
    /// As acts have it.
    #[must_use]
    pub fn text(self) -> String {
        self.word().to_owned()
    }
}

/// One act or event. Texts may be remote; they are kept as they are and made safe by who shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    pub at: DateTime<Utc>,
    /// The account in whose name, or to whom it happened.
    pub who: String,
    pub by: By,
    pub kind: Kind,
    pub how: How,
    /// The same of all entries about one act.
    pub id: String,
    pub topic: Option<TopicId>,
    /// Whom or what it is about on the topic: an account, an item.
    pub subject: String,
    pub before: String,
    pub after: String,
    /// Why, as its person typed it.
    pub reason: String,
    /// What else is to be said: the broker's refusal, a digest.
    pub words: String,
    /// Ids of the stanzas that carried it.
    pub stanzas: Vec<String>,
}

impl Act {
    /// One of which nothing but this is known.
    #[must_use]
    pub fn new(at: DateTime<Utc>, who: &str, by: By, kind: Kind, how: How) -> Self {
        Self {
            at,
            who: who.to_owned(),
            by,
            kind,
            how,
            id: String::new(),
            topic: None,
            subject: String::new(),
            before: String::new(),
            after: String::new(),
            reason: String::new(),
            words: String::new(),
            stanzas: Vec::new(),
        }
    }

    /// Its time as the log has it.
    #[must_use]
    pub fn time(&self) -> String {
        form::time(self.at)
    }

    /// With its texts as long as an entry takes them; where one was cut its end says so.
    #[must_use]
    fn bounded(&self) -> Self {
        let cap = |text: &str| text::cap(text, LONGEST);
        Self {
            at: self.at,
            who: cap(&self.who),
            by: self.by,
            kind: self.kind,
            how: self.how,
            id: cap(&self.id),
            topic: self.topic.clone(),
            subject: cap(&self.subject),
            before: cap(&self.before),
            after: cap(&self.after),
            reason: cap(&self.reason),
            words: cap(&self.words),
            stanzas: self.stanzas.iter().take(STANZAS).map(|id| cap(id)).collect(),
        }
    }
}

/// An entry as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub number: Number,
    pub hash: Hash,
    /// `None` where what stands there is no entry: somebody was at it.
    pub act: Option<Act>,
}

impl Entry {
    /// Of the bytes that stand there.
    #[must_use]
    pub(super) fn read(number: Number, bytes: &[u8], hash: &[u8]) -> Self {
        let act = form::read(bytes).filter(|(own, _)| *own == number).map(|(_, act)| act);
        Self { number, hash: Hash::of_bytes(hash).unwrap_or(Hash::NONE), act }
    }
}

/// What verifying came to: the head of a whole log, or where it is broken first.
pub type Verdict = Result<Head, Broken>;

/// Where the log stands. Calls block on disk.
pub trait Activity: Send + Sync {
    /// Adds these, in order and as one transaction; gives the head afterwards.
    ///
    /// # Errors
    /// When none of them stands.
    fn append(&self, acts: &[Act]) -> Result<Head, Error>;

    /// The head as it is kept beside the entries.
    ///
    /// # Errors
    /// When the store could not be read.
    fn head(&self) -> Result<Head, Error>;

    /// Entries from this number on, in their order, at most as many.
    ///
    /// # Errors
    /// When the store could not be read.
    fn entries(&self, from: Number, most: usize) -> Result<Vec<Entry>, Error>;

    /// Gives every entry up to the head to `take`, in order, each held against its hash, its place and the one before it on the
    /// way, and the end against the head: what was given is what the verdict is about. Appending goes on meanwhile. See
    /// [`Check`] for where it begins, [`Take`] for what is given.
    ///
    /// # Errors
    /// When the store could not be opened or asked, or `progress` says stop. An entry that cannot be read is a verdict.
    fn pass(&self, check: Check, take: Take<'_>, progress: &Progress) -> Result<Verdict, Error>;

    /// By what the log file tells it from others, where there is one.
    fn name(&self) -> String {
        String::new()
    }

    /// Holds the whole of it against itself, its head, and heads that were noted down elsewhere.
    ///
    /// # Errors
    /// As [`Activity::pass`].
    fn audit(&self, noted: &[Head], progress: &Progress) -> Result<Verdict, Error> {
        // What comes behind the first bad entry changes nothing.
        self.pass(Check::new(noted), &mut |_, _, broken| broken.is_none(), progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written_and_each_is_one() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_word(kind.word()), Some(*kind));
        }
        for how in How::ALL {
            assert_eq!(How::of_word(how.word()), Some(*how));
        }
        assert!(By::ALL.iter().all(|by| By::of_word(by.word()) == Some(*by)));
        assert_eq!((Kind::of_word("x"), How::of_word("")), (None, None));
        let mut words: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
    }
}
