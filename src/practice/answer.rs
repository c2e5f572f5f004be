//! Stanzas the practice grid sends: results, refusals, messages.

use std::sync::Arc;

use crate::model::{BareJid, Jid};
use crate::xmpp::stanza::error::{PUBSUB_ERRORS_NS, Special};
use crate::xmpp::stanza::{self, Condition, Error, ErrorKind, IqKind, MessageKind, Route};
use crate::xmpp::xml::{NotXml, Writer};

/// A stanza on its way.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// An account (all its sessions), or one session.
    pub to: Jid,
    pub stanza: Arc<[u8]>,
    /// Kept for an account that is offline (XEP-0160).
    pub lasting: bool,
}

/// Why a request is refused: error type, condition, and XEP-0060's own condition where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    kind: ErrorKind,
    condition: &'static str,
    special: Option<&'static str>,
}

impl Refusal {
    pub const BAD_REQUEST: Self = Self::new(ErrorKind::Modify, "bad-request");
    pub const CONFLICT: Self = Self::new(ErrorKind::Cancel, "conflict");
    pub const FORBIDDEN: Self = Self::new(ErrorKind::Auth, "forbidden");
    pub const NOT_ACCEPTABLE: Self = Self::new(ErrorKind::Modify, "not-acceptable");
    pub const NOT_ALLOWED: Self = Self::new(ErrorKind::Cancel, "not-allowed");
    pub const NOT_AUTHORIZED: Self = Self::new(ErrorKind::Auth, "not-authorized");
    pub const NOT_FOUND: Self = Self::new(ErrorKind::Cancel, "item-not-found");
    pub const UNEXPECTED: Self = Self::new(ErrorKind::Modify, "unexpected-request");
    pub const UNKNOWN: Self = Self::new(ErrorKind::Cancel, "service-unavailable");
    pub const UNSUPPORTED: Self = Self::new(ErrorKind::Cancel, "feature-not-implemented");

    pub const fn new(kind: ErrorKind, condition: &'static str) -> Self {
        Self { kind, condition, special: None }
    }

    pub const fn special(self, special: &'static str) -> Self {
        Self { special: Some(special), ..self }
    }

    fn error(self) -> Error {
        let special = |name: &str| Special { ns: PUBSUB_ERRORS_NS.to_owned(), name: name.to_owned(), feature: None };
        let special = self.special.map(special).into_iter().collect();
        Error { special, ..Error::new(self.kind, Condition::from_token(self.condition)) }
    }
}

impl From<NotXml> for Refusal {
    /// Names and texts came through the gate, so they are XML; a text that is not can only be our own mistake.
    fn from(_: NotXml) -> Self {
        Self::new(ErrorKind::Cancel, "internal-server-error")
    }
}

/// What a request is answered with: the result's child, or nothing.
pub type Reply = Result<Vec<u8>, Refusal>;

/// An element, written.
pub fn element(write: impl FnOnce(&mut Writer)) -> Result<Vec<u8>, NotXml> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.finish()
}

fn route(from: Option<&BareJid>, to: &Jid) -> Route {
    Route { from: from.cloned().map(Jid::from), to: Some(to.clone()) }
}

/// The IQ that answers request `id` of `to`. `None` when it cannot be written.
pub fn iq(from: Option<&BareJid>, to: &Jid, id: &str, reply: &Reply) -> Option<Outgoing> {
    let route = route(from, to);
    let stanza = match reply {
        Ok(body) if body.is_empty() => stanza::iq(IqKind::Result, id, &route, |_| {}),
        Ok(body) => stanza::iq(IqKind::Result, id, &route, |w| {
            let _ = w.raw(body);
        }),
        Err(refusal) => stanza::iq_error(id, &route, &refusal.error()),
    };
    Some(Outgoing { to: to.clone(), stanza: stanza.ok()?.into(), lasting: false })
}

/// A message. `None` when it cannot be written.
pub fn message(from: &BareJid, to: &Jid, lasting: bool, inside: impl FnOnce(&mut Writer)) -> Option<Outgoing> {
    let kind = if lasting { MessageKind::Normal } else { MessageKind::Headline };
    let stanza = stanza::message(kind, None, &route(Some(from), to), inside);
    Some(Outgoing { to: to.clone(), stanza: stanza.ok()?.into(), lasting })
}

/// The error that answers a message of `to`.
pub fn message_error(from: &BareJid, to: &Jid, id: Option<&str>, refusal: Refusal) -> Option<Outgoing> {
    let route = route(Some(from), to);
    let stanza = stanza::message(MessageKind::Error, id, &route, |w| refusal.error().write(w));
    Some(Outgoing { to: to.clone(), stanza: stanza.ok()?.into(), lasting: false })
}
