//! What a caller of the engine may set.
//!
//! May use `xmpp`'s limits and waits.

use std::time::Duration;

use super::online::Sweeps;
use crate::xmpp::login;
use crate::xmpp::trace::Trace;
use crate::xmpp::xml::Limits;

/// What a caller may set; the defaults are those of the product.
pub struct Options {
    pub patience: login::Patience,
    pub limits: Limits,
    /// Longest silence after which the controller is asked whether it is there (XEP-0199), and how long the answer may
    /// take: together a minute, in which a half-open link is found.
    pub silence: Duration,
    pub answer: Duration,
    /// Longest wait for the controller to take what is written.
    pub stuck: Duration,
    /// Where the stream is recorded when it is switched on.
    pub trace: Trace,
    pub sweeps: Sweeps,
    /// How often it is kept that a session stands: after an end without a word no more than that is in doubt.
    pub beat: Duration,
    /// How often the brokers are asked for requests that wait; beside those they push.
    pub poll: Duration,
    /// How long a minute of traffic is: a jump is told by what came in those before.
    pub minute: Duration,
    /// For the jitter of the back-off; need not be secret.
    pub random: Box<dyn FnMut() -> u64 + Send>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("silence", &self.silence).finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            patience: login::Patience::default(),
            // Brokers without pages answer with all they have, far more than they take in one stanza themselves.
            limits: Limits { bytes: 8 * 1024 * 1024, elements: 200_000, ..Limits::PEER },
            silence: Duration::from_secs(45),
            answer: Duration::from_secs(15),
            stuck: Duration::from_secs(30),
            trace: Trace::default(),
            sweeps: Sweeps::default(),
            beat: Duration::from_secs(60),
            poll: Duration::from_secs(60),
            minute: Duration::from_secs(60),
            random: Box::new(|| getrandom::u64().unwrap_or_default()),
        }
    }
}
