//! From an address to a bound session: dial, TLS, SASL, resource (RFC 6120 §4-7), every step against a deadline and
//! nothing secret said before the controller has proved its domain.
//!
//! Uses `dial`, `stream`, `tls`, `sasl`, `sm`, `xml`.

mod authenticate;
mod bind;
mod error;
mod manage;
mod negotiate;
mod reach;

use std::future::Future;
use std::time::Duration;

use tokio::io::{ReadHalf, WriteHalf};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

use super::dial::{Dial, Link, Path};
use super::sm::{self, Begun};
use super::stream::{self, Reader, Sender, Stream};
use super::tls::{Policy, Trust};
use super::trace::Trace;
use super::xml::{Limits, Stanza};
use crate::model::session::{Authentication, Channel, Management, Route};
use crate::model::{BareJid, Jid, Learned, Tls};
use crate::secrets::Secret;

pub use authenticate::{BIND2_NS, Profile, SASL_CB_NS, SASL_NS, SASL2_NS};
pub use bind::BIND_NS;
pub use error::Error;
pub use negotiate::TLS_NS;

/// A link with TLS on it.
pub type Secure = TlsStream<Box<dyn Link>>;

/// How long a login may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub whole: Duration,
    pub step: Duration,
}

impl Default for Patience {
    /// 30 s, of which one step 15 s: a full key stretching on a slow machine fits.
    fn default() -> Self {
        Self { whole: Duration::from_secs(30), step: Duration::from_secs(15) }
    }
}

/// What a login needs.
#[derive(Clone, Debug)]
pub struct Params {
    pub jid: BareJid,
    pub resource: String,
    pub credentials: Credentials,
    /// How TLS starts, where the dialler does not say.
    pub tls: Tls,
    pub trust: Trust,
    pub policy: Policy,
    /// Binds within the login where the server can (XEP-0386). Saves a round trip and **loses what the server kept while we were
    /// away**: it is cleared unsent (XEP-0386 §3.2), to be read from a message archive, which holds no pubsub events on
    /// the servers there are (`engine.md` §4). So not for a session that consumes reports (RFC 8600 §6).
    pub bind2: bool,
    pub patience: Patience,
    /// Where what is said is recorded, secrets masked.
    pub trace: Trace,
    /// Asks for stream management, where the server has it.
    pub manage: bool,
    /// A session to be taken up; where that fails a fresh one is bound.
    pub resume: Option<sm::Resume>,
}

/// What the account proves itself by. The client certificate is the policy's: TLS shows it.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// `None` where the certificate is all there is.
    pub password: Option<Secret>,
}

impl From<Secret> for Credentials {
    fn from(password: Secret) -> Self {
        Self { password: Some(password) }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Dialing,
    Securing,
    Authenticating,
    Binding,
}

/// A session: what was read and not yet used is in the reader.
pub struct Session {
    pub reader: Reader<ReadHalf<Secure>>,
    pub sender: Sender<WriteHalf<Secure>>,
    pub facts: Facts,
    pub sm: Begun,
    /// What a session that could not be taken up had taken of ours (XEP-0198 §5, `<failed h=''/>`).
    pub taken: Option<u32>,
    /// Stanzas that came before stream management began.
    pub early: Vec<Stanza>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// What the login came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub jid: Jid,
    pub route: Route,
    /// The link's ends, where it is TCP: which of this machine's networks it stands on.
    pub path: Option<Path>,
    pub channel: Channel,
    pub authentication: Authentication,
    pub management: Management,
    /// What is to be remembered for the account.
    pub learned: Vec<Learned>,
}

/// Logs in. `limits` hold from the end of the login on; before it those for strangers do.
///
/// # Errors
/// As [`Error`] says. The link is closed then.
pub async fn login(
    dial: &dyn Dial,
    params: &Params,
    limits: Limits,
    mut progress: impl FnMut(Step),
) -> Result<Session, Error> {
    let clock = Clock { end: Instant::now() + params.patience.whole, step: params.patience.step };
    let reach::Reached { secured, route, path } = reach::reach(dial, params, &clock, &mut progress).await?;
    let mut stream = Stream::new(secured.stream, Limits::STRANGER).traced(params.trace.clone());

    progress(Step::Authenticating);
    let authenticate = authenticate::authenticate(&mut stream, params, &secured.channel, &secured.bindings);
    let result = clock.limit(Step::Authenticating, authenticate).await;
    let proved = part(&mut stream, result).await?;

    progress(Step::Binding);
    let begin = manage::begin(&mut stream, params, proved.bound, proved.features.root());
    let result = clock.limit(Step::Binding, begin).await;
    let manage::Session { jid, sm, taken, early } = part(&mut stream, result).await?;
    stream.set_limits(limits);
    let (reader, sender) = stream.split();
    let facts = Facts {
        jid,
        route,
        path,
        channel: secured.channel,
        authentication: proved.authentication,
        management: management(&sm),
        learned: secured.learned.into_iter().chain(proved.learned).collect(),
    };
    Ok(Session { reader, sender, facts, sm, taken, early })
}

fn management(sm: &Begun) -> Management {
    match sm {
        Begun::None => Management::None,
        Begun::Enabled(enabled) if enabled.id.is_none() => Management::Acks,
        Begun::Enabled(enabled) => Management::Resumable { max: enabled.max, resumed: false },
        // How long it is kept was said when it began.
        Begun::Resumed { .. } => Management::Resumable { max: None, resumed: true },
    }
}

/// Tells the peer why we leave, when it broke the rules (RFC 6120 §4.9.1.1); waits for nothing.
async fn part<T>(stream: &mut Stream<Secure>, result: Result<T, Error>) -> Result<T, Error> {
    if let Err(error) = &result {
        let farewell = match error {
            Error::Stream(stream::Error::Refused(refusal)) => stream::farewell(refusal.condition()),
            Error::Management(error) => [error.words(), b"</stream:stream>".to_vec()].concat(),
            _ => b"</stream:stream>".to_vec(),
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), stream.send(&farewell)).await;
    }
    result
}

struct Clock {
    end: Instant,
    step: Duration,
}

impl Clock {
    /// When a step that begins now has to end.
    fn end_of_step(&self) -> Instant {
        self.end.min(Instant::now() + self.step)
    }

    /// Runs one step within its own time and what is left of the whole.
    async fn limit<T>(&self, step: Step, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        timeout_at(self.end_of_step(), work).await.map_err(|_| Error::Timeout(step))?
    }
}
