//! A client's login, from the server's side: SCRAM by the profile of RFC 6120 §6 or by SASL2 (XEP-0388), each offer proved
//! (XEP-0474), and the resource by RFC 6120 §7 or by Bind2 (XEP-0386).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Shared;
use super::answer::{self, Refusal};
use super::identity::secret;
use super::session::{Door, Failure, INTERNAL, Secure, features, next, open};
use crate::model::{BareJid, Jid};
use crate::xmpp::login::{BIND_NS, BIND2_NS, Profile, SASL_CB_NS, SASL_NS, SASL2_NS};
use crate::xmpp::sasl::server::{Refusal as LoginRefusal, Server};
use crate::xmpp::sasl::{BindingKind, Bindings, Mechanism, Offer};
use crate::xmpp::stream::Stream;
use crate::xmpp::tls::binding;
use crate::xmpp::xml::{El, Stanza, Writer};

/// Logins a client may try on one link: one for each mechanism, and one more.
const TRIES: usize = 7;

/// A client that has logged in.
pub(super) struct Entered {
    pub jid: Jid,
    /// Bound within the login.
    pub bind2: bool,
}

/// What every login of one link is checked against.
struct Login<'a> {
    shared: &'a Shared,
    bindings: Bindings,
    offer: Offer,
    door: Door,
}

/// SASL and resource binding.
pub(super) async fn log_in(shared: &Shared, stream: &mut Stream<Secure>, door: Door) -> Result<Entered, Failure> {
    let (_, connection) = stream.link().get_ref();
    let bindings = binding::bindings(connection, Some(&shared.identity.leaf));
    let own = Mechanism::ALL.into_iter().filter(|mechanism| door.offers(*mechanism));
    let mechanisms = own.map(|mechanism| mechanism.name().to_owned()).collect();
    let kinds = BindingKind::ALL.into_iter().filter(|kind| bindings.get(*kind).is_some());
    let kinds = (door == Door::Memory).then(|| kinds.map(|kind| kind.name().to_owned()).collect());
    let login = Login { shared, bindings, offer: Offer { mechanisms, bindings: kinds }, door };
    open(stream, &login.features()).await?;
    let mut tries = 0;
    let (account, request) = loop {
        let request = next(stream).await?;
        match login.authenticate(stream, request.root()).await? {
            Ok(account) => break (account, request),
            Err((profile, condition)) => {
                tries += 1;
                let failure = format!("<failure xmlns='{}'><{condition} xmlns='{SASL_NS}'/></failure>", profile.ns());
                stream.send(failure.as_bytes()).await?;
                if tries == TRIES {
                    return Err(Failure::Condition("policy-violation"));
                }
            }
        }
    };
    let offer = features(|w| {
        let _ = w.open_ns("bind", BIND_NS).close();
    });
    let Account { jid, proof, profile } = account;
    match profile {
        Profile::Classic => {
            say(stream, profile, "success", &proof).await?;
            stream.restart();
            open(stream, &offer).await?;
        }
        Profile::Sasl2 => {
            let bound = bound(&jid, request.root())?;
            stream.send(&success(&jid, bound.as_ref(), &proof)?).await?;
            // XEP-0388 §2.6.1: no new stream, its features follow at once.
            stream.send(&offer).await?;
            if let Some(jid) = bound {
                return Ok(Entered { jid, bind2: true });
            }
        }
    }
    Ok(Entered { jid: bind(stream, &jid).await?, bind2: false })
}

/// Who has proved to be whom, and our proof in return.
struct Account {
    jid: BareJid,
    proof: Vec<u8>,
    profile: Profile,
}

/// A refusal: by which profile, and SASL's condition.
type Refused = (Profile, &'static str);

impl Login<'_> {
    fn features(&self) -> Vec<u8> {
        features(|w| {
            let mechanisms = |w: &mut Writer| {
                for name in &self.offer.mechanisms {
                    let _ = w.leaf("mechanism", name);
                }
            };
            let _ = w.open_ns("mechanisms", SASL_NS);
            mechanisms(w);
            let _ = w.close().open_ns("authentication", SASL2_NS);
            mechanisms(w);
            let _ = w.open("inline").open_ns("bind", BIND2_NS).close().close().close();
            if let Some(kinds) = &self.offer.bindings {
                let _ = w.open_ns("sasl-channel-binding", SASL_CB_NS);
                for kind in kinds {
                    let _ = w.open("channel-binding").attr("type", kind).close();
                }
                let _ = w.close();
            }
        })
    }

    /// One try.
    async fn authenticate(
        &self,
        stream: &mut Stream<Secure>,
        auth: El<'_>,
    ) -> Result<Result<Account, Refused>, Failure> {
        let (profile, first) = if auth.is(SASL_NS, "auth") {
            (Profile::Classic, data(auth))
        } else if auth.is(SASL2_NS, "authenticate") {
            (Profile::Sasl2, auth.child(SASL2_NS, "initial-response").and_then(data))
        } else {
            return Err(Failure::Condition("not-authorized"));
        };
        let refused = |condition| Ok(Err((profile, condition)));
        let mechanism = auth.attr("mechanism").and_then(|name| Mechanism::from_name(&name));
        let Some(Mechanism::Scram { hash, plus }) = mechanism.filter(|own| self.door.offers(*own)) else {
            return refused("invalid-mechanism");
        };
        let Some(first) = first else { return refused("incorrect-encoding") };
        let nonce = secret().map_err(|_| INTERNAL)?;
        let mut server = Server::new(hash, plus, self.bindings.clone(), self.offer.clone(), nonce);
        let account = |name: &str| self.shared.accounts.iter().find(|account| account.jid.local() == Some(name));
        let challenge = match server.first(&first, |name, hash| account(name)?.verifier(hash)) {
            Ok(challenge) => challenge,
            Err(refusal) => return refused(refusal.condition()),
        };
        say(stream, profile, "challenge", &challenge).await?;
        let response = next(stream).await?;
        let response = response.root();
        if response.is(profile.ns(), "abort") {
            return refused("aborted");
        }
        let Some(last) = data(response).filter(|_| response.is(profile.ns(), "response")) else {
            return refused("malformed-request");
        };
        match server.finish(&last) {
            Ok((name, proof)) => match account(&name) {
                Some(account) => Ok(Ok(Account { jid: account.jid.clone(), proof, profile })),
                None => refused(LoginRefusal::NotAuthorized.condition()),
            },
            Err(refusal) => refused(refusal.condition()),
        }
    }
}

fn data(element: El<'_>) -> Option<Vec<u8>> {
    let text = element.text();
    match text.trim() {
        "=" => Some(Vec::new()),
        text => STANDARD.decode(text).ok(),
    }
}

async fn say(stream: &mut Stream<Secure>, profile: Profile, name: &str, data: &[u8]) -> Result<(), Failure> {
    let data = STANDARD.encode(data);
    Ok(stream.send(format!("<{name} xmlns='{}'>{data}</{name}>", profile.ns()).as_bytes()).await?)
}

/// XEP-0388 §2.6.1.
fn success(account: &BareJid, bound: Option<&Jid>, proof: &[u8]) -> Result<Vec<u8>, Failure> {
    answer::element(|w| {
        let _ = w.open_ns("success", SASL2_NS).leaf("additional-data", &STANDARD.encode(proof));
        let jid = bound.map_or_else(|| account.to_string(), Jid::to_string);
        let _ = w.leaf("authorization-identifier", &jid);
        if bound.is_some() {
            let _ = w.open_ns("bound", BIND2_NS).close();
        }
        let _ = w.close();
    })
    .map_err(|_| INTERNAL)
}

/// The resource Bind2 gives (XEP-0386 §3.2.1): what the client is called, and the same again for the same client.
fn bound(account: &BareJid, request: El<'_>) -> Result<Option<Jid>, Failure> {
    let Some(bind) = request.child(BIND2_NS, "bind") else { return Ok(None) };
    let tag = bind.child(BIND2_NS, "tag").map(|tag| tag.text().into_owned()).unwrap_or_default();
    let agent = request.child(SASL2_NS, "user-agent").and_then(|agent| agent.attr("id"));
    let own = match agent {
        Some(id) => {
            let digest = Sha256::digest(id.as_bytes());
            digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
        }
        None => secret().map_err(|_| INTERNAL)?,
    };
    let resource = if tag.is_empty() { own } else { format!("{tag}/{own}") };
    account.at(&resource).map(Some).map_err(|_| Failure::Condition("policy-violation"))
}

/// Binds the resource the client wants, or one of ours (RFC 6120 §7).
async fn bind(stream: &mut Stream<Secure>, account: &BareJid) -> Result<Jid, Failure> {
    loop {
        let request: Stanza = next(stream).await?;
        let iq = request.root();
        let (Some(id), Some(bind)) = (iq.attr("id"), iq.child(BIND_NS, "bind")) else {
            return Err(Failure::Condition("not-authorized"));
        };
        let wanted = bind.child(BIND_NS, "resource").map(|resource| resource.text().into_owned());
        let resource = match wanted.filter(|resource| !resource.is_empty()) {
            Some(resource) => resource,
            None => secret().map_err(|_| INTERNAL)?,
        };
        let jid = account.at(&resource);
        let reply = match &jid {
            Ok(jid) => answer::element(|w| {
                let _ = w.open_ns("bind", BIND_NS).leaf("jid", &jid.to_string()).close();
            })
            .map_err(Refusal::from),
            Err(_) => Err(Refusal::BAD_REQUEST),
        };
        let to = jid.clone().unwrap_or_else(|_| Jid::from(account.clone()));
        let answer = answer::iq(None, &to, &id, &reply).ok_or(INTERNAL)?;
        stream.send(&answer.stanza).await?;
        if let Ok(jid) = jid {
            return Ok(jid);
        }
    }
}
