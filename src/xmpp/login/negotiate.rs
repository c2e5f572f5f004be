//! The steps of stream negotiation before the login (RFC 6120 §4 and §5), and what all steps use.

use tokio::io::{AsyncRead, AsyncWrite};

use super::Error;
use crate::model::BareJid;
use crate::xmpp::stream::{Stream, client_header};
use crate::xmpp::xml::{El, Frame, STREAM_NS, Stanza};

pub const TLS_NS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// Opens a stream to `domain` and reads its features.
pub(super) async fn open<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    domain: &BareJid,
) -> Result<Stanza, Error> {
    let header = client_header(domain.domain()).map_err(crate::xmpp::stream::Error::from)?;
    stream.send(&header).await?;
    let Frame::Header(header) = stream.read().await? else { return Err(Error::Protocol("no stream header")) };
    // RFC 6120 §4.7.5: without a version of 1.0 or more there are no features.
    if !header.version.is_some_and(|version| version.starts_with("1.")) {
        return Err(Error::Protocol("no XMPP 1.0"));
    }
    // RFC 6120 §4.7.1: the answer is from the domain we asked for.
    if header.from.is_some_and(|from| from.parse::<BareJid>().as_ref() != Ok(&domain.server())) {
        return Err(Error::Protocol("another domain answered"));
    }
    features(stream).await
}

/// Reads the features, which are the next element.
pub(super) async fn features<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>) -> Result<Stanza, Error> {
    let features = next(stream).await?;
    if features.root().is(STREAM_NS, "features") { Ok(features) } else { Err(Error::Protocol("no stream features")) }
}

/// The next element of the dialogue.
pub(super) async fn next<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>) -> Result<Stanza, Error> {
    match stream.read().await? {
        Frame::Stanza(stanza) => Ok(stanza),
        Frame::Header(_) => Err(Error::Protocol("a second stream header")),
        Frame::End => Err(crate::xmpp::stream::Error::Closed.into()),
    }
}

/// STARTTLS up to `<proceed/>` (RFC 6120 §5.4). Fails closed.
pub(super) async fn start_tls<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    domain: &BareJid,
) -> Result<(), Error> {
    let features = open(stream, domain).await?;
    if features.root().child(TLS_NS, "starttls").is_none() {
        return Err(Error::NoStartTls);
    }
    stream.send(format!("<starttls xmlns='{TLS_NS}'/>").as_bytes()).await?;
    let answer = next(stream).await?;
    let answer = answer.root();
    if answer.is(TLS_NS, "failure") {
        return Err(Error::StartTlsRefused);
    }
    if !answer.is(TLS_NS, "proceed") {
        return Err(Error::Protocol("no answer to starttls"));
    }
    // RFC 6120 §5.4.3.3: nothing may follow but TLS; what already came in the clear could only be an injection.
    if stream.buffered() > 0 { Err(Error::Injected) } else { Ok(()) }
}

/// The defined condition below an error element: the first child of that namespace that is no text.
pub(super) fn condition(error: El<'_>, ns: &str) -> String {
    let condition = error.children().find(|child| child.ns() == ns && child.name() != "text");
    condition.map_or("undefined-condition", |child| child.name()).to_owned()
}
