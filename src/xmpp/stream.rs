//! An XMPP stream over a link (RFC 6120 §4): frames in through the gate, bytes out; the same for client and server.
//!
//! Uses `xml`. Deadlines are the caller's. Reading is cancel-safe: what was read stays in the gate.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;
use tokio_rustls::rustls::{self, AlertDescription};

use super::sasl::printable;
use super::trace::Trace;
use super::xml::{Frame, Gate, Limits, Refusal, STREAM_NS, Writer};
use crate::model::Say;

pub use super::xml::NotXml;

/// Content namespace of a client stream (RFC 6120 §4.8.2).
pub const CLIENT_NS: &str = "jabber:client";
/// Namespace of stream error conditions (RFC 6120 §4.9.2).
const CONDITION_NS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// Longest wait for what a peer said before it hung up.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Bytes asked of the link at once: a TLS record is 16 KiB, a flood brings many.
const CHUNK: usize = 64 * 1024;

/// Why a stream ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The link broke.
    #[error("the link broke: {0}")]
    Link(String),
    /// TLS ended with an alert of the peer.
    #[error("the peer ended the encryption: {0:?}")]
    Alert(AlertDescription),
    /// The peer closed the stream or the link.
    #[error("the peer closed the stream")]
    Closed,
    /// The peer sent what is no XMPP.
    #[error("the peer sent bad XML: {0}")]
    Refused(Refusal),
    /// The peer ended the stream with an error (RFC 6120 §4.9.3).
    #[error("the peer reported {condition}")]
    Peer { condition: String },
    #[error(transparent)]
    NotXml(#[from] NotXml),
}

impl Error {
    /// Whether another connection can be better. Not when another client took our place or the server wants us gone:
    /// reconnecting at once would only fight (RFC 6120 §4.9.3.3, `engine.md` §6 row 36).
    #[must_use]
    pub fn retries(&self) -> bool {
        match self {
            Self::Link(_) | Self::Alert(_) | Self::Closed | Self::Refused(_) => true,
            Self::Peer { condition } => !matches!(
                condition.as_str(),
                "conflict" | "not-authorized" | "host-unknown" | "host-gone" | "unsupported-version" | "see-other-host"
            ),
            Self::NotXml(_) => false,
        }
    }

    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::Link(cause) => Say::new("error-stream-link").with("cause", cause),
            Self::Alert(alert) => Say::new("error-stream-link").with("cause", format!("TLS {alert:?}")),
            Self::Closed => Say::new("error-stream-closed"),
            Self::Refused(refusal) => Say::new("error-stream-refused").with("detail", refusal.to_string()),
            Self::Peer { condition } => match condition.as_str() {
                "conflict" => Say::new("error-stream-conflict"),
                "host-unknown" | "host-gone" => Say::new("error-stream-host"),
                "see-other-host" => Say::new("error-stream-elsewhere"),
                "system-shutdown" | "reset" => Say::new("error-stream-shutdown"),
                other => Say::new("error-stream-peer").with("condition", printable(other)),
            },
            Self::NotXml(_) => Say::new("error-stream-not-xml"),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::AlertReceived(alert)) = inner {
            return Self::Alert(*alert);
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            kind => Self::Link(kind.to_string()),
        }
    }
}

/// The reading half: bytes become frames.
#[derive(Debug)]
pub struct Reader<R> {
    link: R,
    gate: Gate,
    chunk: Box<[u8]>,
    trace: Trace,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    fn new(link: R, limits: Limits) -> Self {
        let chunk = vec![0; CHUNK].into_boxed_slice();
        Self { link, gate: Gate::new(limits), chunk, trace: Trace::default() }
    }

    /// The next frame. A stream error of the peer is an error here, never a stanza.
    ///
    /// # Errors
    /// When the stream is over; it stays so.
    pub async fn read(&mut self) -> Result<Frame, Error> {
        loop {
            if let Some(frame) = self.ready()? {
                return Ok(frame);
            }
            let count = self.link.read(&mut self.chunk).await?;
            if count == 0 {
                return Err(Error::Closed);
            }
            self.gate.push(self.chunk.get(..count).unwrap_or_default());
        }
    }

    /// A frame that has already been received in full, without waiting.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn ready(&mut self) -> Result<Option<Frame>, Error> {
        let frame = self.gate.next().map_err(Error::Refused)?;
        if let Some(frame) = &frame {
            self.trace.heard(frame);
        }
        match frame {
            Some(Frame::Stanza(stanza)) if stanza.root().is(STREAM_NS, "error") => {
                let conditions = stanza.root();
                let condition =
                    conditions.children().find(|child| child.ns() == CONDITION_NS && child.name() != "text");
                let condition = condition.map_or("undefined-condition", |child| child.name());
                Err(Error::Peer { condition: printable(condition) })
            }
            frame => Ok(frame),
        }
    }
}

/// The writing half.
#[derive(Debug)]
pub struct Sender<W> {
    link: W,
    trace: Trace,
}

impl<W: AsyncWrite + Unpin> Sender<W> {
    /// Sends whole stanzas, and flushes.
    ///
    /// # Errors
    /// When the link is broken.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.trace.sent(bytes);
        self.link.write_all(bytes).await?;
        Ok(self.link.flush().await?)
    }

    /// Says goodbye (RFC 6120 §4.4) and closes the link's sending side.
    ///
    /// # Errors
    /// When the link is broken.
    pub async fn close(&mut self) -> Result<(), Error> {
        self.send(b"</stream:stream>").await?;
        Ok(self.link.shutdown().await?)
    }
}

/// A stream in one piece, for negotiation.
#[derive(Debug)]
pub struct Stream<L> {
    reader: Reader<L>,
}

impl<L: AsyncRead + AsyncWrite + Unpin> Stream<L> {
    #[must_use]
    pub fn new(link: L, limits: Limits) -> Self {
        Self { reader: Reader::new(link, limits) }
    }

    /// Records what is said from here on.
    #[must_use]
    pub fn traced(mut self, trace: Trace) -> Self {
        self.reader.trace = trace;
        self
    }

    /// As [`Reader::read`].
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub async fn read(&mut self) -> Result<Frame, Error> {
        self.reader.read().await
    }

    /// As [`Sender::send`].
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.reader.trace.sent(bytes);
        let sent = match self.reader.link.write_all(bytes).await {
            Ok(()) => self.reader.link.flush().await,
            failed => failed,
        };
        match sent {
            Ok(()) => Ok(()),
            Err(error) => Err(self.why(error).await),
        }
    }

    /// A peer that hung up has perhaps said why: in TLS 1.3 it refuses our certificate only after the handshake, and by
    /// then we write already. What it said counts more than that nothing can be written any more.
    async fn why(&mut self, error: io::Error) -> Error {
        match timeout(LAST_WORDS, self.read()).await {
            Ok(Err(said @ (Error::Alert(_) | Error::Peer { .. }))) => said,
            _ => Error::from(error),
        }
    }

    /// Begins anew on the same link (RFC 6120 §4.3.3).
    pub fn restart(&mut self) {
        self.reader.gate.reset();
    }

    pub fn set_limits(&mut self, limits: Limits) {
        self.reader.gate.set_limits(limits);
    }

    /// Bytes received that belong to no frame yet.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.reader.gate.buffered()
    }

    /// The link below, for TLS to go on with. Check [`Stream::buffered`] first: what is there would be lost.
    #[must_use]
    pub fn into_link(self) -> L {
        self.reader.link
    }

    #[must_use]
    pub fn link(&self) -> &L {
        &self.reader.link
    }

    /// Two halves for two tasks.
    #[must_use]
    pub fn split(self) -> (Reader<ReadHalf<L>>, Sender<WriteHalf<L>>) {
        let Reader { link, gate, chunk, trace } = self.reader;
        let (read, write) = tokio::io::split(link);
        (Reader { link: read, gate, chunk, trace: trace.clone() }, Sender { link: write, trace })
    }
}

/// A client's stream header (RFC 6120 §4.7). Without `from`: the account is named only by SASL.
///
/// # Errors
/// When the domain cannot be written in XML.
pub fn client_header(to: &str) -> Result<Vec<u8>, NotXml> {
    header(|writer| {
        let _ = writer.attr("to", to);
    })
}

/// A server's answer to it.
///
/// # Errors
/// When an argument cannot be written in XML.
pub fn server_header(from: &str, id: &str) -> Result<Vec<u8>, NotXml> {
    header(|writer| {
        let _ = writer.attr("from", from).attr("id", id);
    })
}

fn header(own: impl FnOnce(&mut Writer)) -> Result<Vec<u8>, NotXml> {
    let mut writer = Writer::new();
    let _ = writer.open("stream:stream").attr("xmlns", CLIENT_NS).attr("xmlns:stream", STREAM_NS);
    own(&mut writer);
    let _ = writer.attr("version", "1.0").attr("xml:lang", "en");
    let mut bytes = b"<?xml version='1.0'?>".to_vec();
    bytes.extend(writer.finish_open()?);
    Ok(bytes)
}

/// The stream error and end tag to leave with after a refusal (RFC 6120 §4.9).
#[must_use]
pub fn farewell(condition: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    let _ = writer.open("stream:error").open_ns(condition, CONDITION_NS);
    let mut bytes = writer.finish().unwrap_or_default();
    bytes.extend_from_slice(b"</stream:stream>");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn header_features_and_error() {
        let (near, far) = tokio::io::duplex(1 << 12);
        let mut client = Stream::new(near, Limits::STRANGER);
        let mut server = Stream::new(far, Limits::STRANGER);
        client.send(&client_header("grid.example").unwrap()).await.unwrap();
        let Ok(Frame::Header(header)) = server.read().await else { panic!("no header") };
        assert_eq!(header.to.as_deref(), Some("grid.example"));
        assert_eq!(header.from, None);
        server.send(&server_header("grid.example", "s1").unwrap()).await.unwrap();
        server.send(b"<stream:features/>").await.unwrap();
        let Ok(Frame::Header(header)) = client.read().await else { panic!("no header") };
        assert_eq!((header.from.as_deref(), header.id.as_deref()), (Some("grid.example"), Some("s1")));
        assert!(matches!(client.read().await, Ok(Frame::Stanza(stanza)) if stanza.root().is(STREAM_NS, "features")));
        server.send(&farewell("policy-violation")).await.unwrap();
        assert_eq!(client.read().await.unwrap_err(), Error::Peer { condition: "policy-violation".to_owned() });
    }

    #[tokio::test]
    async fn the_end_of_the_link_is_the_end_of_the_stream() {
        let (near, far) = tokio::io::duplex(1 << 12);
        let mut client = Stream::new(near, Limits::STRANGER);
        drop(far);
        assert_eq!(client.read().await.unwrap_err(), Error::Closed);
        assert!(Error::Closed.retries());
        assert!(!Error::Peer { condition: "conflict".to_owned() }.retries());
    }
}
