//! One client's session, from the server's side (RFC 6120 §4 to §7): TLS, login, then stanzas both ways.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, ReadHalf, WriteHalf};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::Shared;
use super::controller::SessionId;
use super::identity::secret;
use super::login::log_in;
use super::outbox::{End, Outbox};
use super::world::DOMAIN;
use crate::model::BareJid;
use crate::xmpp::dial::Link;
use crate::xmpp::login::TLS_NS;
use crate::xmpp::sasl::Mechanism;
use crate::xmpp::stream::{Error, Reader, Sender, Stream, farewell, server_header};
use crate::xmpp::xml::{Frame, Limits, Stanza, Writer};

/// From the first byte to a bound resource.
const LOGIN: Duration = Duration::from_secs(30);
/// For last words.
const PARTING: Duration = Duration::from_secs(1);
/// Bytes written at once: some TLS records.
const PIECE: usize = 64 * 1024;
/// What a client may send, as on the common servers.
const LIMITS: Limits = Limits { bytes: 262_144, ..Limits::PEER };
/// First byte of a TLS handshake (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

pub(super) type Secure = TlsStream<Early>;

/// How a client came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Through memory: our own client, with channel binding.
    Memory,
    /// Through the loopback port: somebody else's. No channel binding is offered there: most clients know `tls-unique`
    /// only, which TLS 1.3 does not have, and having seen a -PLUS they are then kept out for good (RFC 5802 §6, `y`).
    Port,
}

impl Door {
    /// EXTERNAL is for accounts with certificates, which nobody has here.
    pub(super) fn offers(self, mechanism: Mechanism) -> bool {
        mechanism != Mechanism::External && (self == Self::Memory || !mechanism.binds())
    }
}

/// A link of which one byte has been read, to see what it is.
pub(super) struct Early {
    byte: Option<u8>,
    link: Box<dyn Link>,
}

impl AsyncRead for Early {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if let (Some(byte), true) = (self.byte, buf.remaining() > 0) {
            self.byte = None;
            buf.put_slice(&[byte]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.link).poll_read(cx, buf)
    }
}

impl AsyncWrite for Early {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.link).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.link).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.link).poll_shutdown(cx)
    }
}

/// Serves one client until it leaves, fails or is sent away.
pub async fn serve(shared: Arc<Shared>, link: Box<dyn Link>, door: Door) {
    let Ok(Some(secure)) = timeout(LOGIN, secure(&shared, link)).await else { return };
    let mut stream = Stream::new(secure, Limits::STRANGER);
    let entered = match timeout(LOGIN, log_in(&shared, &mut stream, door)).await {
        Ok(Ok(entered)) => entered,
        result => {
            let condition = match result {
                Ok(Err(Failure::Stream(Error::Refused(refusal)))) => refusal.condition(),
                Ok(Err(Failure::Condition(condition))) => condition,
                Ok(Err(Failure::Stream(_))) => return,
                _ => "connection-timeout",
            };
            let _ = timeout(PARTING, stream.send(&farewell(condition))).await;
            return;
        }
    };
    stream.set_limits(LIMITS);
    let (reader, sender) = stream.split();
    let outbox = Arc::new(Outbox::default());
    let id = shared.controller().enter(entered.jid, entered.bind2, outbox.clone());
    exchange(&shared, id, reader, sender, &outbox).await;
    shared.controller().leave(id);
    shared.poke();
}

/// Why there will be no session.
pub(super) enum Failure {
    Stream(Error),
    /// Ended by us, with a stream error.
    Condition(&'static str),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Stream(error)
    }
}

const BROKEN: Failure = Failure::Condition("not-well-formed");
pub(super) const INTERNAL: Failure = Failure::Condition("internal-server-error");

/// Direct TLS where the first byte is a handshake's (XEP-0368), else STARTTLS; never a session without.
async fn secure(shared: &Shared, mut link: Box<dyn Link>) -> Option<Secure> {
    let byte = link.read_u8().await.ok()?;
    let mut link = Early { byte: Some(byte), link };
    if byte != HANDSHAKE {
        let mut stream = Stream::new(link, Limits::STRANGER);
        if let Err(failure) = start_tls(&mut stream).await {
            if let Failure::Condition(condition) = failure {
                let _ = timeout(PARTING, stream.send(&farewell(condition))).await;
            }
            return None;
        }
        link = stream.into_link();
    }
    shared.identity.acceptor.accept(link).await.ok()
}

async fn start_tls(stream: &mut Stream<Early>) -> Result<(), Failure> {
    let features = features(|w| {
        let _ = w.open_ns("starttls", TLS_NS).open("required").close().close();
    });
    open(stream, &features).await?;
    let asked = next(stream).await?;
    // RFC 6120 §5.4.3.3: what came in the clear behind the request is not the client's word inside TLS.
    if !asked.root().is(TLS_NS, "starttls") || stream.buffered() > 0 {
        return Err(Failure::Condition("policy-violation"));
    }
    Ok(stream.send(format!("<proceed xmlns='{TLS_NS}'/>").as_bytes()).await?)
}

pub(super) fn features(inside: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    let _ = writer.open("stream:features");
    inside(&mut writer);
    writer.finish().unwrap_or_default()
}

/// Reads the client's header, answers it and tells the features.
pub(super) async fn open<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    features: &[u8],
) -> Result<(), Failure> {
    let Frame::Header(header) = stream.read().await? else { return Err(BROKEN) };
    let id = secret().map_err(|_| INTERNAL)?;
    stream.send(&server_header(DOMAIN, &id).map_err(|_| INTERNAL)?).await?;
    let to = header.to.and_then(|to| to.parse::<BareJid>().ok());
    if to.is_none_or(|to| to.local().is_some() || to.domain() != DOMAIN) {
        return Err(Failure::Condition("host-unknown"));
    }
    Ok(stream.send(features).await?)
}

pub(super) async fn next<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>) -> Result<Stanza, Failure> {
    match stream.read().await? {
        Frame::Stanza(stanza) => Ok(stanza),
        Frame::End => Err(Error::Closed.into()),
        Frame::Header(_) => Err(BROKEN),
    }
}

/// Stanzas both ways until one side ends it.
async fn exchange(
    shared: &Shared,
    id: SessionId,
    mut reader: Reader<ReadHalf<Secure>>,
    mut sender: Sender<WriteHalf<Secure>>,
    outbox: &Outbox,
) {
    let end = tokio::select! {
        end = write(&mut sender, outbox) => end,
        never = read(shared, id, &mut reader, outbox) => match never {},
    };
    let parting = async {
        match end {
            End::Condition(condition) => {
                let _ = sender.send(&farewell(condition)).await;
            }
            End::Goodbye => {
                let _ = sender.close().await;
            }
            End::Cut => {}
        }
    };
    let _ = timeout(PARTING, parting).await;
}

/// Hands stanzas to the controller; what ends the reading ends the outbox, and that ends the session.
async fn read(shared: &Shared, id: SessionId, reader: &mut Reader<ReadHalf<Secure>>, outbox: &Outbox) -> Infallible {
    loop {
        match reader.read().await {
            Ok(Frame::Stanza(stanza)) => {
                shared.controller().receive(id, stanza.root(), shared.now());
                shared.poke();
                continue;
            }
            Ok(Frame::End) => outbox.end(End::Goodbye),
            Ok(Frame::Header(_)) => outbox.end(End::Condition("not-well-formed")),
            Err(Error::Refused(refusal)) => outbox.end(End::Condition(refusal.condition())),
            Err(_) => outbox.end(End::Cut),
        }
        return std::future::pending().await;
    }
}

async fn write(sender: &mut Sender<WriteHalf<Secure>>, outbox: &Outbox) -> End {
    loop {
        let piece = match outbox.take(PIECE).await {
            Ok(piece) => piece,
            Err(end) => return end,
        };
        // A client that does not read must not keep its session for ever.
        tokio::select! {
            sent = sender.send(&piece) => if sent.is_err() { return End::Cut },
            end = outbox.over() => return end,
        }
    }
}
