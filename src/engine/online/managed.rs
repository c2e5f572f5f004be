//! Stream management of a session (XEP-0198): a stanza counts as taken when what it brought is stored (`engine.md` §7);
//! and the session may be taken up over another link, where everything goes on as if nothing had been.

use std::sync::Arc;

use tokio::time::{Duration, Instant};

use super::{Desk, Online, Verdict};
use crate::engine::ingest::{Mark, Work};
use crate::engine::link::Link;
use crate::engine::options::Options;
use crate::engine::outgoing::Deaf;
use crate::engine::pulse::Pulse;
use crate::engine::{Connection, Error, Event, Login, Step};
use crate::model::session::Management;
use crate::xmpp::login::Session;
use crate::xmpp::sm::{self, Begun, Enabled, Inbound, Place, Resume, Told};
use crate::xmpp::stream;
use crate::xmpp::xml::El;

/// Stanzas taken after which the controller is told unasked, so that what it keeps stays small.
const TELL: u64 = 64;

/// How often it is asked whether it still hears us, while it speaks; silence has its own pulse. More often where more often
/// is kept what the answers show ([`Options::beat`]).
const PROBE: Duration = Duration::from_secs(30);

/// What stream management knows of a session.
#[derive(Debug)]
pub(super) struct Managed {
    granted: Option<Enabled>,
    /// Without a link nothing is told: the next one begins behind what was told last.
    up: bool,
    session: u64,
    inbound: Inbound,
    /// The stanza that is looked at came before, over an earlier link.
    repeated: bool,
    /// The controller asked, and was told less than has come.
    owed: bool,
    /// How many it was told last.
    told: u64,
    probed: Instant,
}

impl Managed {
    pub(super) fn new(begun: Begun, session: u64) -> Self {
        let granted = match begun {
            Begun::Enabled(enabled) => Some(enabled),
            Begun::None | Begun::Resumed { .. } => None,
        };
        Self {
            granted,
            up: true,
            session,
            inbound: Inbound::default(),
            repeated: false,
            owed: false,
            told: 0,
            probed: Instant::now(),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.granted.is_some()
    }

    /// An element came. Only stanzas count (RFC 6120 §4.1).
    pub(super) fn saw(&mut self, el: El<'_>) {
        if el.ns() == stream::CLIENT_NS && matches!(el.name(), "message" | "presence" | "iq") {
            self.repeated = self.inbound.saw();
        }
    }

    pub(super) fn is_repeated(&self) -> bool {
        self.repeated
    }

    /// The number of the last stanza.
    pub(super) fn number(&self) -> u64 {
        self.inbound.seen()
    }

    /// What was held back from this number on is looked at anew.
    pub(super) fn free(&mut self, held: u64) {
        self.inbound.free(held);
    }
}

/// How to take up a session whose link broke.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Ticket {
    id: String,
    /// When the controller forgets it.
    until: Option<Instant>,
    location: Option<Place>,
}

/// The peer took up a session and lies about it; its link, to part with.
pub(in crate::engine) struct Lie {
    pub error: sm::Error,
    pub link: Link,
}

/// What the end of a stream means for the session. One that the peer ended with a reason is over, one with what cannot be
/// read too: it would come again.
pub(super) fn ended(error: stream::Error) -> Verdict {
    match error {
        stream::Error::Link(_) | stream::Error::Closed => Verdict::Broken(error.into()),
        stream::Error::Peer { ref condition } if condition == "connection-timeout" => Verdict::Broken(error.into()),
        stream::Error::Peer { .. } | stream::Error::Alert(_) | stream::Error::Refused(_) | stream::Error::NotXml(_) => {
            Verdict::Over(error.into())
        }
    }
}

impl Online {
    /// Gives the store's thread what came of the stanzas so far.
    pub(super) fn hand_over(&mut self, mut works: Vec<Work>, desk: &mut Desk) {
        let heard = self.heard();
        match self.managed.inbound.looked(!works.is_empty()) {
            Some(ticket) => works.push(Work::Mark(Mark { session: self.managed.session, ticket, heard })),
            None => self.stored = heard,
        }
        desk.work(works);
        self.tell_taken(false);
    }

    /// The store's thread has come so far.
    pub(in crate::engine) fn reached(&mut self, mark: Mark) {
        if mark.session == self.managed.session {
            self.managed.inbound.done(mark.ticket);
            self.stored = self.stored.max(mark.heard);
            self.tell_taken(false);
        }
    }

    /// Whether the controller still hears us: that it speaks is no sign of that.
    pub(super) fn hears(&mut self, link: &Link) -> Verdict {
        let now = Instant::now();
        if now.saturating_duration_since(self.managed.probed) >= PROBE.min(self.beat) {
            self.managed.probed = now;
            self.ping();
        }
        if !self.managed.is_on() {
            return Verdict::Goes;
        }
        if std::mem::take(&mut self.stalled) {
            self.outgoing.excuse();
        }
        match self.outgoing.deaf().filter(|_| link.heard.is_empty()) {
            None => Verdict::Goes,
            Some(Deaf::Now) => Verdict::Broken(Error::Timeout { what: "waiting for an acknowledgement" }),
            Some(Deaf::Ever) => Verdict::Lied(sm::Error::Silent),
        }
    }

    /// An element of stream management.
    pub(super) fn told(&mut self, el: El<'_>) -> Result<(), sm::Error> {
        if !self.managed.is_on() {
            return Err(sm::Error::Protocol("it was not granted"));
        }
        match Told::read(el)? {
            Told::Request => {
                self.managed.owed = true;
                self.tell_taken(true);
                Ok(())
            }
            Told::Ack(h) => Ok(self.outgoing.acked(h)?),
            Told::Enabled(_) | Told::Resumed { .. } | Told::Failed { .. } => Err(sm::Error::Protocol("out of place")),
        }
    }

    /// How many stanzas may be acknowledged.
    fn taken(&self) -> u64 {
        self.managed.inbound.count(self.kept.first())
    }

    /// Tells it when it is worth telling, or `asked`.
    fn tell_taken(&mut self, asked: bool) {
        if !self.managed.is_on() || !self.managed.up {
            return;
        }
        let taken = self.taken();
        let more = taken.saturating_sub(self.managed.told);
        if asked || more >= TELL || (self.managed.owed && more > 0) {
            self.tell(taken);
        }
    }

    fn tell(&mut self, taken: u64) {
        self.outgoing.ack(Inbound::h(taken));
        self.managed.told = taken;
        self.managed.owed &= taken < self.managed.inbound.seen();
    }

    /// The last that is said of it, before a goodbye.
    pub(super) fn acknowledge(&mut self) {
        if self.managed.is_on() {
            let taken = self.taken();
            self.tell(taken);
        }
    }

    /// The link broke. Gives how to take the session up, if it can be.
    pub(in crate::engine) fn suspend(&mut self) -> Option<Ticket> {
        let granted = self.managed.granted.as_ref()?;
        let id = granted.id.clone()?;
        let until = granted.max.map(|max| Instant::now() + Duration::from_secs(u64::from(max)));
        let location = granted.location.clone();
        self.outgoing.detach();
        self.managed.up = false;
        Some(Ticket { id, until, location })
    }

    /// What to tell the controller; `None` when it has forgotten the session. What is told here is not taken back: what is
    /// stored from now on comes again and is known by then.
    pub(in crate::engine) fn resume(&mut self, ticket: &Ticket) -> Option<Resume> {
        if ticket.until.is_some_and(|until| until <= Instant::now()) {
            return None;
        }
        let taken = self.taken();
        self.managed.told = taken;
        let Ticket { id, location, .. } = ticket.clone();
        Some(Resume { id, h: Inbound::h(taken), jid: self.own.clone(), location })
    }

    /// The session goes on over this link; the controller has taken `h` of ours.
    pub(in crate::engine) fn resumed(
        &mut self,
        login: Arc<Login>,
        session: Session,
        h: u32,
        options: &Options,
        desk: &mut Desk,
    ) -> Result<Link, Lie> {
        let lied = self.outgoing.resumed(h).err().map(sm::Error::from);
        if let Some(lie) = &lied {
            self.outgoing.part(lie.words());
        }
        let link = Link::new(session.reader, session.sender, &self.outgoing, options.stuck);
        if let Some(error) = lied {
            return Err(Lie { error, link });
        }
        self.managed.up = true;
        // All that was not told as taken comes again, what is kept here too.
        self.kept.clear();
        self.managed.inbound.resumed(self.managed.told);
        self.managed.owed = false;
        let max = self.managed.granted.as_ref().and_then(|granted| granted.max);
        self.facts = session.facts;
        self.facts.management = Management::Resumable { max, resumed: true };
        self.login = login;
        // What is sent again is all here when this is answered.
        self.outgoing.probe();
        // A link that keeps breaking is to be backed off from, however old the session on it is.
        self.began = Instant::now();
        self.pulse = Pulse::new(self.pulse.rhythm(), options.answer, self.began);
        if self.presence_sent {
            self.online(desk);
        } else {
            desk.outbox.push(Event::Connection(Connection::Connecting { step: Step::Discovering, attempt: 1 }));
        }
        Ok(link)
    }
}
