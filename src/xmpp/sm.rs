//! Stream management (XEP-0198): who has taken which stanza, and taking up a session whose link broke.
//!
//! Pure: counters, a queue and the elements that speak of them. Uses `xml` and `model`. When a stanza counts as taken is
//! the engine's to say: only when what it brought is stored (`engine.md` §7).

mod inbound;
#[cfg(test)]
mod model;
mod outbound;

use std::fmt;

pub use inbound::Inbound;
pub use outbound::{Full, Outbound, TooHigh};

use super::xml::{El, NotXml, Writer};
use crate::model::{Jid, Say};

pub const NS: &str = "urn:xmpp:sm:3";
/// `<r/>`: say what you have taken.
pub const REQUEST: &[u8] = b"<r xmlns='urn:xmpp:sm:3'/>";
/// Longest id of a session that is kept; what is longer cannot be resumed.
const ID: usize = 4096;

/// Where the controller would rather have the session taken up (XEP-0198 §5, `location`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub host: String,
    pub port: Option<u16>,
}

impl Place {
    /// `grid.example`, `192.0.2.1:5222`, `[2001:db8::1]:5222`; `None` for anything else.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (host, rest) = match text.strip_prefix('[') {
            Some(inside) => inside.split_once(']')?,
            // More than one colon without brackets: an IPv6 address without a port.
            None if text.matches(':').count() > 1 => (text, ""),
            None => text.split_once(':').map_or((text, ""), |(host, _)| (host, text.get(host.len()..).unwrap_or(""))),
        };
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
            None if rest.is_empty() => None,
            None => return None,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        let fits = !host.is_empty() && host.len() <= 253 && host.chars().all(plain);
        fits.then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) => write!(f, "{host}:{port}"),
            None => f.write_str(&host),
        }
    }
}

/// Stream management was granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enabled {
    /// By which the session can be taken up again; `None` where it cannot.
    pub id: Option<String>,
    /// Seconds it is kept after a break.
    pub max: Option<u32>,
    pub location: Option<Place>,
}

/// What is told to take up a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    pub id: String,
    /// Stanzas taken so far, modulo 2^32.
    pub h: u32,
    /// Who we are bound as.
    pub jid: Jid,
    pub location: Option<Place>,
}

/// How a login began its session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Begun {
    /// Without stream management.
    #[default]
    None,
    Enabled(Enabled),
    /// An earlier session goes on; the controller has taken this many of our stanzas.
    Resumed {
        h: u32,
    },
}

/// Why stream management cannot go on. The peer breaks its rules: the stream ends once, and nothing of its state is used
/// again (`engine.md` §6 row 34).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// It says that it took stanzas which were never sent.
    #[error(transparent)]
    TooHigh(#[from] TooHigh),
    /// It took up a session that is not the one asked for.
    #[error("the peer resumed another session")]
    OtherSession,
    /// An element that it may not send there, or cannot be read.
    #[error("the peer broke stream management: {0}")]
    Protocol(&'static str),
    /// It never says what it took.
    #[error("the peer acknowledges nothing")]
    Silent,
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        Say::new(match self {
            Self::TooHigh(_) => "error-sm-too-high",
            Self::OtherSession | Self::Protocol(_) => "error-sm-protocol",
            Self::Silent => "error-sm-silent",
        })
    }

    /// The last words to the peer, without the stream's end tag (XEP-0198 §6, `handled-count-too-high`).
    #[must_use]
    pub fn words(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        let _ =
            writer.open("stream:error").open_ns("undefined-condition", "urn:ietf:params:xml:ns:xmpp-streams").close();
        if let Self::TooHigh(TooHigh { h, sent }) = self {
            let _ = writer.open_ns("handled-count-too-high", NS);
            let _ = writer.attr("h", &h.to_string()).attr("send-count", &sent.to_string()).close();
        }
        writer.finish().unwrap_or_default()
    }
}

/// An element of stream management from the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It wants to know what we have taken.
    Request,
    /// It has taken this many.
    Ack(u32),
    Enabled(Enabled),
    Resumed {
        id: String,
        h: u32,
    },
    /// Not enabled, or not resumed; then it may say what it had taken.
    Failed {
        h: Option<u32>,
    },
}

impl Told {
    /// Reads an element of [`NS`].
    ///
    /// # Errors
    /// When it is none that a server may send.
    pub fn read(el: El<'_>) -> Result<Self, Error> {
        let h = || el.attr("h").and_then(|h| h.trim().parse::<u32>().ok());
        match el.name() {
            "r" => Ok(Self::Request),
            "a" => h().map(Self::Ack).ok_or(Error::Protocol("an acknowledgement without a number")),
            "enabled" => {
                let resume = matches!(el.attr("resume").as_deref(), Some("true" | "1"));
                let id = el.attr("id").filter(|id| resume && !id.is_empty() && id.len() <= ID);
                Ok(Self::Enabled(Enabled {
                    id: id.map(|id| id.into_owned()),
                    max: el.attr("max").and_then(|max| max.trim().parse().ok()),
                    location: el.attr("location").and_then(|place| Place::read(&place)),
                }))
            }
            "resumed" => {
                let (Some(h), Some(id)) = (h(), el.attr("previd")) else {
                    return Err(Error::Protocol("a resumption without a number"));
                };
                Ok(Self::Resumed { id: id.into_owned(), h })
            }
            "failed" => Ok(Self::Failed { h: h() }),
            _ => Err(Error::Protocol("an unknown element")),
        }
    }
}

/// `<a/>`: we have taken this many.
#[must_use]
pub fn ack(h: u32) -> Vec<u8> {
    format!("<a xmlns='{NS}' h='{h}'/>").into_bytes()
}

/// Asks for stream management with resumption.
#[must_use]
pub fn enable() -> Vec<u8> {
    format!("<enable xmlns='{NS}' resume='true'/>").into_bytes()
}

/// Asks to take up a session.
///
/// # Errors
/// When its id cannot be written; it then came from elsewhere than the peer.
pub fn resume(wanted: &Resume) -> Result<Vec<u8>, NotXml> {
    let mut writer = Writer::new();
    let _ = writer.open_ns("resume", NS).attr("h", &wanted.h.to_string()).attr("previd", &wanted.id);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::received;

    fn told(xml: &str) -> Result<Told, Error> {
        Told::read(received(xml).root())
    }

    #[test]
    fn elements() {
        assert_eq!(told("<r xmlns='urn:xmpp:sm:3'/>"), Ok(Told::Request));
        assert_eq!(told("<a xmlns='urn:xmpp:sm:3' h='4294967295'/>"), Ok(Told::Ack(u32::MAX)));
        for bad in [
            "<a xmlns='urn:xmpp:sm:3'/>",
            "<a xmlns='urn:xmpp:sm:3' h='-1'/>",
            "<a xmlns='urn:xmpp:sm:3' h='4294967296'/>",
        ] {
            assert!(matches!(told(bad), Err(Error::Protocol(_))), "{bad}");
        }
        let enabled =
            told("<enabled xmlns='urn:xmpp:sm:3' id='a&amp;b' resume='1' max='300' location='[2001:db8::1]:5223'/>");
        let location = Some(Place { host: "2001:db8::1".to_owned(), port: Some(5223) });
        assert_eq!(enabled, Ok(Told::Enabled(Enabled { id: Some("a&b".to_owned()), max: Some(300), location })));
        let plain = told("<enabled xmlns='urn:xmpp:sm:3' id='x' max='soon'/>");
        assert_eq!(plain, Ok(Told::Enabled(Enabled::default())), "an id without resumption is for nothing");
        assert_eq!(
            told("<failed xmlns='urn:xmpp:sm:3' h='7'><item-not-found/></failed>"),
            Ok(Told::Failed { h: Some(7) })
        );
        assert!(told("<resumed xmlns='urn:xmpp:sm:3' previd='x'/>").is_err());
        assert!(told("<resume xmlns='urn:xmpp:sm:3' previd='x' h='1'/>").is_err());
    }

    #[test]
    fn what_we_say() {
        let wanted = Resume { id: "a'<&".to_owned(), h: 5, jid: "a@b.example/c".parse().unwrap(), location: None };
        let xml = String::from_utf8(resume(&wanted).unwrap()).unwrap();
        assert_eq!(received(&xml).root().attr("previd").as_deref(), Some("a'<&"));
        let words = String::from_utf8(Error::from(TooHigh { h: 9, sent: 3 }).words()).unwrap();
        assert!(words.contains("undefined-condition") && words.contains("handled-count-too-high"), "{words}");
        assert!(words.contains("h='9'") && words.contains("send-count='3'"), "{words}");
    }

    #[test]
    fn places() {
        let read = |text| Place::read(text).map(|place| place.to_string());
        for (text, read_as) in [
            ("grid.example", Some("grid.example")),
            ("192.0.2.1:5222", Some("192.0.2.1:5222")),
            ("2001:db8::1", Some("[2001:db8::1]")),
            ("[2001:db8::1]", Some("[2001:db8::1]")),
            ("[2001:db8::1]:1", Some("[2001:db8::1]:1")),
            ("", None),
            (":5222", None),
            ("grid.example:0", None),
            ("grid.example:65536", None),
            ("grid.example:https", None),
            ("[::1]x", None),
            ("a b", None),
            ("user@grid.example", None),
        ] {
            assert_eq!(read(text).as_deref(), read_as, "{text}");
        }
    }
}
