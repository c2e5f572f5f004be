//! Resource binding (RFC 6120 §7).

use tokio::io::{AsyncRead, AsyncWrite};

use super::negotiate::{condition, next};
use super::{Error, Params};
use crate::model::Jid;
use crate::xmpp::stream::{CLIENT_NS, Stream};
use crate::xmpp::xml::{El, Writer};

pub const BIND_NS: &str = "urn:ietf:params:xml:ns:xmpp-bind";
const STANZAS_NS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// Stanzas that may come before the answer to the binding request.
const EARLY: usize = 16;

/// Binds the resource (RFC 6120 §7); lets the server choose one when ours is taken.
pub(super) async fn bind<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    params: &Params,
    features: El<'_>,
) -> Result<Jid, Error> {
    if features.child(BIND_NS, "bind").is_none() {
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
    own(jid, params)
}

/// The address in this element, which must be ours with a resource.
pub(super) fn own(jid: Option<El<'_>>, params: &Params) -> Result<Jid, Error> {
    let jid: Jid = jid
        .and_then(|jid| jid.text().trim().parse().ok())
        .ok_or(Error::Protocol("no address in the answer to bind"))?;
    if jid.bare() == &params.jid && jid.resource().is_some() {
        Ok(jid)
    } else {
        Err(Error::Protocol("bound to another account"))
    }
}
