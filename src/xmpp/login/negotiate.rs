//! The steps of stream negotiation (RFC 6120 §5-7), each a short dialogue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Error, Params};
use crate::model::{BareJid, Jid};
use crate::xmpp::sasl::scram::Client;
use crate::xmpp::sasl::{self, Bindings, Mechanism, Offer};
use crate::xmpp::stream::{CLIENT_NS, Stream, client_header};
use crate::xmpp::xml::{El, Frame, STREAM_NS, Stanza, Writer};

pub const TLS_NS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
pub const SASL_NS: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
pub const BIND_NS: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// XEP-0440.
pub const SASL_CB_NS: &str = "urn:xmpp:sasl-cb:0";
const STANZAS_NS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// Stanzas that may come before the answer to the binding request.
const EARLY: usize = 16;

/// Opens a stream to `domain` and reads its features.
async fn open<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>, domain: &BareJid) -> Result<Stanza, Error> {
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
    let features = next(stream).await?;
    if features.root().is(STREAM_NS, "features") { Ok(features) } else { Err(Error::Protocol("no stream features")) }
}

/// The next element of the dialogue.
async fn next<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>) -> Result<Stanza, Error> {
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

/// Opens the stream inside TLS and logs in by SCRAM (RFC 6120 §6.4).
pub(super) async fn authenticate<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    params: &Params,
    bindings: &Bindings,
) -> Result<Mechanism, Error> {
    let features = open(stream, &params.jid).await?;
    let choice = sasl::choose(&offer(features.root()), bindings)?;
    let username = params.jid.local().unwrap_or_default();
    let password = params.credentials.password.as_ref().ok_or(sasl::Error::NoPassword)?;
    let mut client = Client::new(choice, username, password, bindings)?;
    say(stream, "auth", Some(choice.mechanism), &client.first()).await?;
    loop {
        let answer = next(stream).await?;
        let answer = answer.root();
        if answer.ns() != SASL_NS {
            return Err(Error::Protocol("no answer to auth"));
        }
        match answer.name() {
            "challenge" => {
                let response = client.answer(&data(answer)?).await?;
                say(stream, "response", None, &response).await?;
            }
            "success" => {
                client.verify(&data(answer)?)?;
                return Ok(choice.mechanism);
            }
            "failure" => return Err(sasl::Error::Refused { condition: condition(answer, SASL_NS) }.into()),
            _ => return Err(Error::Protocol("no answer to auth")),
        }
    }
}

/// Binds the resource (RFC 6120 §7); lets the server choose one when ours is taken.
pub(super) async fn bind<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    params: &Params,
) -> Result<Jid, Error> {
    let features = open(stream, &params.jid).await?;
    if features.root().child(BIND_NS, "bind").is_none() {
        return Err(Error::Protocol("no resource binding offered"));
    }
    match request(stream, params, Some(&params.resource)).await {
        Err(Error::Bind { condition }) if condition == "conflict" || condition == "bad-request" => {
            request(stream, params, None).await
        }
        result => result,
    }
}

async fn request<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    params: &Params,
    resource: Option<&str>,
) -> Result<Jid, Error> {
    let id = if resource.is_some() { "bind-1" } else { "bind-2" };
    let mut writer = Writer::new();
    let _ = writer.open("iq").attr("type", "set").attr("id", id).open_ns("bind", BIND_NS);
    if let Some(resource) = resource {
        let _ = writer.leaf("resource", resource);
    }
    stream.send(&writer.finish().map_err(crate::xmpp::stream::Error::from)?).await?;
    for _ in 0..EARLY {
        let answer = next(stream).await?;
        let answer = answer.root();
        if !answer.is(CLIENT_NS, "iq") || answer.attr("id").as_deref() != Some(id) {
            continue;
        }
        return match answer.attr("type").as_deref() {
            Some("result") => bound(answer, params),
            _ => {
                let error = answer.child(CLIENT_NS, "error");
                Err(Error::Bind { condition: error.map_or_else(String::new, |error| condition(error, STANZAS_NS)) })
            }
        };
    }
    Err(Error::Protocol("no answer to bind"))
}

/// The JID bound: ours with a resource, nobody else's.
fn bound(answer: El<'_>, params: &Params) -> Result<Jid, Error> {
    let jid = answer.child(BIND_NS, "bind").and_then(|bind| bind.child(BIND_NS, "jid"));
    let jid: Jid = jid
        .and_then(|jid| jid.text().trim().parse().ok())
        .ok_or(Error::Protocol("no address in the answer to bind"))?;
    if jid.bare() == &params.jid && jid.resource().is_some() {
        Ok(jid)
    } else {
        Err(Error::Protocol("bound to another account"))
    }
}

/// What the features offer for SASL.
fn offer(features: El<'_>) -> Offer {
    let mechanisms = features.child(SASL_NS, "mechanisms").map(|list| {
        list.children().filter(|child| child.is(SASL_NS, "mechanism")).map(|child| child.text().trim().to_owned())
    });
    let bindings = features.child(SASL_CB_NS, "sasl-channel-binding").map(|list| {
        list.children()
            .filter(|child| child.is(SASL_CB_NS, "channel-binding"))
            .filter_map(|child| child.attr("type").map(|kind| kind.into_owned()))
            .collect()
    });
    Offer { mechanisms: mechanisms.map(Iterator::collect).unwrap_or_default(), bindings }
}

/// Sends one SASL element with its data.
async fn say<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    name: &str,
    mechanism: Option<Mechanism>,
    data: &[u8],
) -> Result<(), Error> {
    let mut writer = Writer::new();
    let _ = writer.open_ns(name, SASL_NS).attr_opt("mechanism", mechanism.map(Mechanism::name));
    let _ = writer.text(&STANDARD.encode(data));
    Ok(stream.send(&writer.finish().map_err(crate::xmpp::stream::Error::from)?).await?)
}

/// The data of a SASL element; `=` stands for none (RFC 6120 §6.4.2).
fn data(element: El<'_>) -> Result<Vec<u8>, Error> {
    let text = element.text();
    match text.trim() {
        "=" => Ok(Vec::new()),
        text => STANDARD.decode(text).map_err(|_| sasl::Error::Malformed("base64").into()),
    }
}

/// The defined condition below an error element: the first child of that namespace that is no text.
fn condition(error: El<'_>, ns: &str) -> String {
    let condition = error.children().find(|child| child.ns() == ns && child.name() != "text");
    condition.map_or("undefined-condition", |child| child.name()).to_owned()
}
