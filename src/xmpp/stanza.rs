//! The three stanzas of RFC 6120 §8 and RFC 6121: read from a finished element, written in one go.
//!
//! Uses `xml` and `model`. Reading is tolerant of what servers add, strict about addresses: a stanza whose `from` or
//! `to` is no JID has no sender to be believed.

pub mod error;

use std::borrow::Cow;

pub use error::{Condition, Error, ErrorKind, Special};

use super::xml::{El, NotXml, Writer};
use crate::model::{Jid, Say};

/// The content namespace of a client's stream.
pub const CLIENT_NS: &str = "jabber:client";

/// Why a first-level element is no stanza of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    #[error("an address that is no JID")]
    Address,
    #[error("a request or an answer without an id")]
    Id,
    #[error("a type that does not exist")]
    Type,
}

impl Malformed {
    #[must_use]
    pub fn say(self) -> Say {
        Say::new("error-stanza-malformed")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IqKind {
    Get,
    Set,
    Result,
    Error,
}

impl IqKind {
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::Result => "result",
            Self::Error => "error",
        }
    }

    /// Whether it wants an answer.
    #[must_use]
    pub fn asks(self) -> bool {
        matches!(self, Self::Get | Self::Set)
    }
}

/// RFC 6121 §5.2.2. An unknown type is to be taken as `normal`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MessageKind {
    Chat,
    Groupchat,
    Headline,
    #[default]
    Normal,
    Error,
}

impl MessageKind {
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Groupchat => "groupchat",
            Self::Headline => "headline",
            Self::Normal => "normal",
            Self::Error => "error",
        }
    }

    fn from_token(token: &str) -> Self {
        match token {
            "chat" => Self::Chat,
            "groupchat" => Self::Groupchat,
            "headline" => Self::Headline,
            "error" => Self::Error,
            _ => Self::Normal,
        }
    }
}

/// Where a stanza comes from and goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    pub from: Option<Jid>,
    pub to: Option<Jid>,
}

/// An `<iq/>`.
#[derive(Clone, Debug)]
pub struct Iq<'a> {
    pub kind: IqKind,
    pub id: Cow<'a, str>,
    pub route: Route,
    el: El<'a>,
}

impl<'a> Iq<'a> {
    /// The one child of a request; of an answer the first that is no `<error/>`, which may be missing or an echo.
    #[must_use]
    pub fn payload(&self) -> Option<El<'a>> {
        self.el.children().find(|child| !child.is(CLIENT_NS, "error"))
    }

    /// What went wrong, for an answer of kind `Error`.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        (self.kind == IqKind::Error).then(|| Error::of(self.el))
    }
}

/// A `<message/>`.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    pub kind: MessageKind,
    pub id: Option<Cow<'a, str>>,
    pub route: Route,
    pub el: El<'a>,
}

impl<'a> Message<'a> {
    /// The first child of that name. A bounce (`Error`) echoes what was sent: check the kind first.
    #[must_use]
    pub fn child(&self, ns: &str, name: &str) -> Option<El<'a>> {
        self.el.child(ns, name)
    }

    #[must_use]
    pub fn error(&self) -> Option<Error> {
        (self.kind == MessageKind::Error).then(|| Error::of(self.el))
    }
}

/// A `<presence/>`.
#[derive(Clone, Debug)]
pub struct Presence<'a> {
    /// As written; `None` means available.
    pub kind: Option<Cow<'a, str>>,
    pub route: Route,
    pub el: El<'a>,
}

/// A first-level element, sorted.
#[derive(Clone, Debug)]
pub enum Sorted<'a> {
    Iq(Iq<'a>),
    Message(Message<'a>),
    Presence(Presence<'a>),
    /// Stream features, SASL, stream errors: not a stanza.
    Other(El<'a>),
}

/// The addresses last read: a session hears few, thousands of times a second, and preparing one costs far more than
/// comparing its text.
#[derive(Debug, Default)]
pub struct Addresses {
    known: Vec<(String, Jid)>,
}

impl Addresses {
    const KEPT: usize = 8;

    fn read(&mut self, text: &str) -> Result<Jid, Malformed> {
        if let Some((_, jid)) = self.known.iter().find(|(known, _)| known == text) {
            return Ok(jid.clone());
        }
        let jid: Jid = text.parse().map_err(|_| Malformed::Address)?;
        if self.known.len() == Self::KEPT {
            self.known.clear();
        }
        self.known.push((text.to_owned(), jid.clone()));
        Ok(jid)
    }
}

/// Sorts a first-level element.
///
/// # Errors
/// When it is a stanza but not a sound one; it must be dropped.
pub fn sort(el: El<'_>) -> Result<Sorted<'_>, Malformed> {
    sort_known(el, &mut Addresses::default())
}

/// As [`sort`], with a memory of addresses.
///
/// # Errors
/// As [`sort`].
pub fn sort_known<'a>(el: El<'a>, addresses: &mut Addresses) -> Result<Sorted<'a>, Malformed> {
    if el.ns() != CLIENT_NS {
        return Ok(Sorted::Other(el));
    }
    match el.name() {
        "iq" => {
            let kind = match el.attr("type").as_deref() {
                Some("get") => IqKind::Get,
                Some("set") => IqKind::Set,
                Some("result") => IqKind::Result,
                Some("error") => IqKind::Error,
                _ => return Err(Malformed::Type),
            };
            let id = el.attr("id").filter(|id| !id.is_empty()).ok_or(Malformed::Id)?;
            Ok(Sorted::Iq(Iq { kind, id, route: route(el, addresses)?, el }))
        }
        "message" => {
            let kind = el.attr("type").map_or(MessageKind::Normal, |token| MessageKind::from_token(&token));
            Ok(Sorted::Message(Message { kind, id: el.attr("id"), route: route(el, addresses)?, el }))
        }
        "presence" => Ok(Sorted::Presence(Presence { kind: el.attr("type"), route: route(el, addresses)?, el })),
        _ => Ok(Sorted::Other(el)),
    }
}

fn route(el: El<'_>, addresses: &mut Addresses) -> Result<Route, Malformed> {
    let mut jid = |name| el.attr(name).map(|text| addresses.read(&text)).transpose();
    Ok(Route { from: jid("from")?, to: jid("to")? })
}

fn begin(name: &str, kind: Option<&str>, id: Option<&str>, route: &Route) -> Writer {
    let mut w = Writer::new();
    let _ = w.open(name).attr_opt("type", kind).attr_opt("id", id);
    let _ = w.attr_opt("from", route.from.as_ref().map(ToString::to_string).as_deref());
    let _ = w.attr_opt("to", route.to.as_ref().map(ToString::to_string).as_deref());
    w
}

/// Writes an `<iq/>` with what `payload` puts in it.
///
/// # Errors
/// When some text cannot be XML.
pub fn iq(kind: IqKind, id: &str, route: &Route, payload: impl FnOnce(&mut Writer)) -> Result<Vec<u8>, NotXml> {
    let mut w = begin("iq", Some(kind.token()), Some(id), route);
    payload(&mut w);
    w.finish()
}

/// Writes the error answer to a request (RFC 6120 §8.3); the request is not echoed.
///
/// # Errors
/// When some text cannot be XML.
pub fn iq_error(id: &str, route: &Route, error: &Error) -> Result<Vec<u8>, NotXml> {
    iq(IqKind::Error, id, route, |w| error.write(w))
}

/// Writes a `<message/>` with what `payload` puts in it.
///
/// # Errors
/// When some text cannot be XML.
pub fn message(
    kind: MessageKind,
    id: Option<&str>,
    route: &Route,
    payload: impl FnOnce(&mut Writer),
) -> Result<Vec<u8>, NotXml> {
    let mut w = begin("message", Some(kind.token()), id, route);
    payload(&mut w);
    w.finish()
}

/// Writes a `<presence/>`; no kind means available.
///
/// # Errors
/// When some text cannot be XML.
pub fn presence(kind: Option<&str>, route: &Route, payload: impl FnOnce(&mut Writer)) -> Result<Vec<u8>, NotXml> {
    let mut w = begin("presence", kind, None, route);
    payload(&mut w);
    w.finish()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::xmpp::xml::{Frame, Gate, Limits, Stanza};

    /// A stanza as it stands on a client's stream.
    pub fn received(text: &str) -> Stanza {
        let mut gate = Gate::new(Limits::PEER);
        gate.push(b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        gate.push(text.as_bytes());
        assert!(matches!(gate.next(), Ok(Some(Frame::Header(_)))));
        match gate.next() {
            Ok(Some(Frame::Stanza(stanza))) => stanza,
            other => panic!("{other:?}: {text}"),
        }
    }

    /// What `write` writes, alone.
    pub fn written(write: impl FnOnce(&mut Writer)) -> String {
        let mut w = Writer::new();
        write(&mut w);
        String::from_utf8(w.finish().unwrap()).unwrap()
    }

    #[test]
    fn sorts_and_reads() {
        let stanza = received(
            "<iq type='error' id='1&amp;' from='Broker.Grid.Example' to='a@grid.example/x'><pubsub xmlns='u'/>\
             <error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        );
        let Ok(Sorted::Iq(iq)) = sort(stanza.root()) else { panic!("no iq") };
        assert_eq!((iq.kind, &*iq.id), (IqKind::Error, "1&"));
        assert_eq!(iq.route.from, Some("broker.grid.example".parse().unwrap()));
        assert_eq!(iq.error().unwrap().condition, Condition::ItemNotFound);
        assert_eq!(iq.payload().unwrap().name(), "pubsub");
        let stanza = received("<message type='odd'><body>x</body></message>");
        let Ok(Sorted::Message(message)) = sort(stanza.root()) else { panic!("no message") };
        assert_eq!((message.kind, message.error()), (MessageKind::Normal, None));
        let stanza = received("<presence type='unavailable'/>");
        assert!(matches!(sort(stanza.root()), Ok(Sorted::Presence(Presence { kind: Some(_), .. }))));
        let stanza = received("<iq xmlns='jabber:server' id='1' type='get'/>");
        assert!(matches!(sort(stanza.root()), Ok(Sorted::Other(_))));
    }

    #[test]
    fn unsound_stanzas() {
        for (text, why) in [
            ("<iq id='1'/>", Malformed::Type),
            ("<iq id='1' type='push'/>", Malformed::Type),
            ("<iq type='get'/>", Malformed::Id),
            ("<iq type='get' id=''/>", Malformed::Id),
            ("<message from='@'/>", Malformed::Address),
            ("<presence to='a b@c'/>", Malformed::Address),
        ] {
            assert_eq!(sort(received(text).root()).unwrap_err(), why, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        let route = Route { from: None, to: Some("broker.grid.example".parse().unwrap()) };
        let bytes = iq(IqKind::Set, "i<d", &route, |w| {
            let _ = w.open_ns("ping", "urn:xmpp:ping").close();
        });
        let text = String::from_utf8(bytes.unwrap()).unwrap();
        let stanza = received(&text);
        let Ok(Sorted::Iq(iq)) = sort(stanza.root()) else { panic!("no iq") };
        assert_eq!((iq.kind, &*iq.id, iq.route), (IqKind::Set, "i<d", route));
        assert!(message(MessageKind::Normal, Some("\u{0}"), &Route::default(), |_| ()).is_err());
        let away = presence(Some("unavailable"), &Route::default(), |_| ()).unwrap();
        assert_eq!(away, b"<presence type='unavailable'/>");
    }
}
