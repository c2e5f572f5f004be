//! From the controller's servers, as the dialler finds them, to a secure channel with the first that can be reached.
//!
//! A server that cannot be reached, or whose link breaks, is followed by the next one. Anything that could be an attack is
//! not: a certificate that was refused, an encryption that was taken away or a broken protocol ends the login, however
//! many servers are left, so that nobody can choose for us by spoiling the others (`engine.md` §6 rows 8-12).

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Clock, Error, Params, Step, negotiate};
use crate::model::Tls;
use crate::model::session::Route;
use crate::xmpp::dial::{self, Dial, Link, Path, Target};
use crate::xmpp::stream::{self, Stream};
use crate::xmpp::tls;
use crate::xmpp::xml::Limits;

/// Least time for TLS with a server that takes a connection: revocation lists may take 5 s to come (`tls`), and lists that
/// do not come must not cost the login, however many servers share its time.
const SECURING: Duration = Duration::from_secs(7);

/// A secure channel, and how it came about.
pub(super) struct Reached {
    pub secured: tls::Secured,
    pub route: Route,
    pub path: Option<Path>,
}

/// Finds the servers and takes the first that can be reached.
pub(super) async fn reach(
    dial: &dyn Dial,
    params: &Params,
    clock: &Clock,
    progress: &mut impl FnMut(Step),
) -> Result<Reached, Error> {
    progress(Step::Dialing);
    let found = clock.limit(Step::Dialing, async { Ok(dial.find().await?) }).await?;
    let hint = preferred(dial, params);
    // Only a hint: whatever becomes of it, the others are held to the same proof.
    let hints = usize::from(hint.is_some());
    let targets: Vec<Target> = hint.into_iter().chain(found).collect();
    // What follows needs time too.
    let end = Instant::now() + params.patience.whole * 2 / 3;
    let mut tried = Vec::new();
    let mut left = u32::try_from(targets.len()).unwrap_or(u32::MAX);
    for (place, target) in targets.iter().enumerate() {
        // Each its share of what is left, so that a deaf one does not take the turn of those behind it.
        let share = end.saturating_duration_since(Instant::now()) / left.max(1);
        left = left.saturating_sub(1);
        match attempt(dial, target, params, clock, share, progress).await {
            Ok(reached) => return Ok(reached),
            Err(error) if place < hints || is_of_the_link(&error) => {
                if matches!(error, Error::Tls(tls::Error::Certificate(_))) {
                    tracing::warn!(%error, "where the controller would have its session taken up somebody else answers");
                }
                tried.push(error);
                progress(Step::Dialing);
            }
            Err(error) => return Err(error),
        }
    }
    Err(match (tried.pop(), tried.is_empty()) {
        (Some(only), true) => only,
        (None, _) => Error::Protocol("no server to try"),
        (Some(last), false) => {
            tried.push(last);
            Error::NoServer { domain: params.jid.domain_ascii(), tried }
        }
    })
}

/// Where the controller itself would have a session taken up (XEP-0198 §5): one more server to try, under the same proof
/// of who is there.
fn preferred(dial: &dyn Dial, params: &Params) -> Option<Target> {
    let place = params.resume.as_ref()?.location.as_ref()?;
    dial.at(&place.host, place.port)
}

/// One server, within its share of the time; one that takes the connection has what TLS needs.
async fn attempt(
    dial: &dyn Dial,
    target: &Target,
    params: &Params,
    clock: &Clock,
    share: Duration,
    progress: &mut impl FnMut(Step),
) -> Result<Reached, Error> {
    let end = Instant::now() + share;
    let late = || Error::from(dial::Error::timeout(target));
    let dialed = timeout_at(clock.end_of_step().min(end), dial.dial(target)).await.map_err(|_| late())??;
    progress(Step::Securing);
    let tls = target.tls.unwrap_or(params.tls);
    let (route, path) = (dialed.route(target, tls, dial.via()), dialed.path);
    let securing = secure(dialed.link, params, tls);
    let end = clock.end_of_step().min(end.max(Instant::now() + SECURING));
    let secured = timeout_at(end, securing).await.map_err(|_| Error::Timeout(Step::Securing))??;
    Ok(Reached { secured, route, path })
}

/// Whether only the link failed, which says nothing of who is there.
fn is_of_the_link(error: &Error) -> bool {
    match error {
        Error::Dial(error) => error.retries(),
        Error::Timeout(_) | Error::Stream(stream::Error::Link(_) | stream::Error::Closed) => true,
        Error::Tls(error) => error.retries(),
        _ => false,
    }
}

/// Makes the link secure. Only here is anything sent or read without TLS, and of that nothing is believed.
async fn secure(link: Box<dyn Link>, params: &Params, tls: Tls) -> Result<tls::Secured, Error> {
    let link = match tls {
        Tls::Direct => link,
        Tls::StartTls => {
            let mut stream = Stream::new(link, Limits::STRANGER).traced(params.trace.clone());
            negotiate::start_tls(&mut stream, &params.jid).await?;
            stream.into_link()
        }
    };
    Ok(tls::connect(link, &params.jid.server(), &params.trust, &params.policy, tls).await?)
}
