//! Resumption before binding, stream management after it (XEP-0198 §3, §5): a bind first would end the session that is to
//! be taken up, with all that waits in it (`engine.md` §5).

use tokio::io::{AsyncRead, AsyncWrite};

use super::negotiate::next;
use super::{Error, Params, bind};
use crate::model::Jid;
use crate::xmpp::sm::{self, Begun, Resume, Told};
use crate::xmpp::stream::{self, Stream};
use crate::xmpp::xml::{El, Stanza};

/// Stanzas that may come before stream management is granted.
const EARLY: usize = 64;

/// A session begun.
pub(super) struct Session {
    pub jid: Jid,
    pub sm: Begun,
    /// What a session that could not be taken up had taken of ours, where the server says so.
    pub taken: Option<u32>,
    /// Stanzas that came before stream management began: they count for nothing in it.
    pub early: Vec<Stanza>,
}

/// Takes up the session that is wanted, or binds a fresh one, unless that was `bound` with the login.
pub(super) async fn begin<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    params: &Params,
    bound: Option<Jid>,
    features: El<'_>,
) -> Result<Session, Error> {
    let offered = features.child(sm::NS, "sm").is_some();
    let mut taken = None;
    if let Some(wanted) = params.resume.as_ref().filter(|_| offered && bound.is_none()) {
        match resume(stream, wanted).await? {
            Told::Resumed { h, .. } => {
                let sm = Begun::Resumed { h };
                return Ok(Session { jid: wanted.jid.clone(), sm, taken, early: Vec::new() });
            }
            Told::Failed { h } => taken = h,
            _ => return Err(sm::Error::Protocol("no answer to resume").into()),
        }
    }
    let jid = match bound {
        Some(jid) => jid,
        None => bind::bind(stream, params, features).await?,
    };
    let (sm, early) = if offered && params.manage { enable(stream).await? } else { (Begun::None, Vec::new()) };
    Ok(Session { jid, sm, taken, early })
}

/// Nothing else may come before the answer.
async fn resume<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>, wanted: &Resume) -> Result<Told, Error> {
    stream.send(&sm::resume(wanted).map_err(stream::Error::from)?).await?;
    let answer = next(stream).await?;
    let answer = answer.root();
    if answer.ns() != sm::NS {
        return Err(sm::Error::Protocol("no answer to resume").into());
    }
    match Told::read(answer)? {
        Told::Resumed { id, .. } if id != wanted.id => Err(sm::Error::OtherSession.into()),
        told => Ok(told),
    }
}

async fn enable<L: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<L>) -> Result<(Begun, Vec<Stanza>), Error> {
    stream.send(&sm::enable()).await?;
    let mut early = Vec::new();
    while early.len() < EARLY {
        let answer = next(stream).await?;
        if answer.root().ns() != sm::NS {
            early.push(answer);
            continue;
        }
        return match Told::read(answer.root())? {
            Told::Enabled(enabled) => Ok((Begun::Enabled(enabled), early)),
            Told::Failed { .. } => Ok((Begun::None, early)),
            // Some servers count from the request on, and ask already.
            Told::Request => continue,
            _ => Err(sm::Error::Protocol("no answer to enable").into()),
        };
    }
    Err(sm::Error::Protocol("no answer to enable").into())
}
