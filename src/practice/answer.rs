//! Stanzas the practice grid sends: results, refusals, messages.

use std::sync::Arc;

use crate::model::{BareJid, Jid};
use crate::xmpp::xml::{NotXml, Writer};

/// RFC 6120 §8.3.3's conditions.
const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// XEP-0060's own conditions.
const PUBSUB_ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";

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
    pub kind: &'static str,
    pub condition: &'static str,
    pub special: Option<&'static str>,
}

impl Refusal {
    pub const BAD_REQUEST: Self = Self::new("modify", "bad-request");
    pub const FORBIDDEN: Self = Self::new("auth", "forbidden");
    pub const NOT_FOUND: Self = Self::new("cancel", "item-not-found");
    pub const UNKNOWN: Self = Self::new("cancel", "service-unavailable");
    pub const UNSUPPORTED: Self = Self::new("cancel", "feature-not-implemented");
    pub const CONFLICT: Self = Self::new("cancel", "conflict");

    pub const fn new(kind: &'static str, condition: &'static str) -> Self {
        Self { kind, condition, special: None }
    }

    pub const fn special(self, special: &'static str) -> Self {
        Self { special: Some(special), ..self }
    }
}

impl From<NotXml> for Refusal {
    /// Names and texts came through the gate, so they are XML; a text that is not can only be our own mistake.
    fn from(_: NotXml) -> Self {
        Self::new("cancel", "internal-server-error")
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

/// The IQ that answers request `id` of `to`. `None` when it cannot be written.
pub fn iq(from: Option<&BareJid>, to: &Jid, id: &str, reply: &Reply) -> Option<Outgoing> {
    let kind = if reply.is_ok() { "result" } else { "error" };
    let stanza = element(|w| {
        let from = from.map(ToString::to_string);
        let _ = w.open("iq").attr("type", kind).attr("id", id).attr_opt("from", from.as_deref());
        let _ = w.attr("to", &to.to_string());
        match reply {
            Ok(body) if body.is_empty() => {}
            Ok(body) => {
                let _ = w.raw(body);
            }
            Err(refusal) => error(w, *refusal),
        }
        let _ = w.close();
    });
    Some(Outgoing { to: to.clone(), stanza: stanza.ok()?.into(), lasting: false })
}

fn error(w: &mut Writer, refusal: Refusal) {
    let _ = w.open("error").attr("type", refusal.kind);
    let _ = w.open_ns(refusal.condition, STANZAS).close();
    if let Some(special) = refusal.special {
        let _ = w.open_ns(special, PUBSUB_ERRORS).close();
    }
    let _ = w.close();
}

/// A message. `None` when it cannot be written.
pub fn message(from: &BareJid, to: &Jid, lasting: bool, inside: impl FnOnce(&mut Writer)) -> Option<Outgoing> {
    let kind = if lasting { "normal" } else { "headline" };
    let stanza = element(|w| {
        let _ = w.open("message").attr("from", &from.to_string()).attr("to", &to.to_string()).attr("type", kind);
        inside(w);
        let _ = w.close();
    });
    Some(Outgoing { to: to.clone(), stanza: stanza.ok()?.into(), lasting })
}

/// The error that answers a message of `to`.
pub fn message_error(from: &BareJid, to: &Jid, id: Option<&str>, refusal: Refusal) -> Option<Outgoing> {
    let stanza = element(|w| {
        let _ = w.open("message").attr("from", &from.to_string()).attr("to", &to.to_string()).attr("type", "error");
        let _ = w.attr_opt("id", id);
        error(w, refusal);
        let _ = w.close();
    });
    Some(Outgoing { to: to.clone(), stanza: stanza.ok()?.into(), lasting: false })
}
