//! The login itself, by the profile of RFC 6120 §6 or by SASL2 (XEP-0388), whichever the server's offer makes stronger;
//! SASL2 where they are equal, for it needs no second stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};

use super::bind;
use super::negotiate::{condition, features, next, open};
use super::{Error, Params};
use crate::model::session::{Authentication, Channel};
use crate::model::{BareJid, Jid, Learned};
use crate::xmpp::sasl::{self, Account, Bindings, Certificate, Choice, Client, Means, Offer, choose};
use crate::xmpp::stream::{self, Stream};
use crate::xmpp::tls;
use crate::xmpp::xml::{El, Stanza, Writer};

pub const SASL_NS: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// XEP-0388.
pub const SASL2_NS: &str = "urn:xmpp:sasl:2";
/// XEP-0386.
pub const BIND2_NS: &str = "urn:xmpp:bind:0";
/// XEP-0440.
pub const SASL_CB_NS: &str = "urn:xmpp:sasl-cb:0";
/// How Bind2 names us in the resource.
const TAG: &str = "gridwatch";

/// The stream once the account has proved itself.
pub(super) struct Proved {
    pub authentication: Authentication,
    pub learned: Option<Learned>,
    /// Bound within the login (XEP-0386).
    pub bound: Option<Jid>,
    /// Of the stream as it is now.
    pub features: Stanza,
}

/// The two profiles of SASL in XMPP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Classic,
    Sasl2,
}

impl Profile {
    #[must_use]
    pub fn ns(self) -> &'static str {
        match self {
            Self::Classic => SASL_NS,
            Self::Sasl2 => SASL2_NS,
        }
    }

    /// What the features offer by this profile; `None` where they do not have it.
    fn offer(self, features: El<'_>) -> Option<Offer> {
        let list = match self {
            Self::Classic => features.child(SASL_NS, "mechanisms"),
            Self::Sasl2 => features.child(SASL2_NS, "authentication"),
        }?;
        let names = list.children().filter(|child| child.is(self.ns(), "mechanism"));
        let mechanisms = names.map(|child| child.text().trim().to_owned()).collect();
        let bindings = features.child(SASL_CB_NS, "sasl-channel-binding").map(|list| {
            let kinds = list.children().filter(|child| child.is(SASL_CB_NS, "channel-binding"));
            kinds.filter_map(|child| child.attr("type").map(|kind| kind.into_owned())).collect()
        });
        Some(Offer { mechanisms, bindings })
    }
}

/// What a login will be.
struct Plan {
    profile: Profile,
    offer: Offer,
    choice: Choice,
    /// The server takes a Bind2 request, and we make one.
    bind: bool,
}

/// Opens the stream inside TLS and logs in. Leaves the stream where resources are bound.
pub(super) async fn authenticate<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    params: &Params,
    channel: &Channel,
    bindings: &Bindings,
) -> Result<Proved, Error> {
    let offered = open(stream, &params.jid).await.map_err(of_certificate)?;
    let certificate = match (&params.policy.identity, &channel.identity) {
        (None, _) => Certificate::None,
        (Some(_), None) => Certificate::Withheld,
        (Some(identity), Some(_)) => Certificate::Shown(&identity.addresses),
    };
    let password = params.credentials.password.as_ref();
    let plan = plan(offered.root(), params, Means { bindings, certificate, password: password.is_some() })?;
    let known = &params.policy.known;
    let account = Account { jid: &params.jid, password, certificate };
    let proof = plan.choice.needs_proof(&plan.offer, known);
    let mut client = Client::new(plan.choice, account, bindings, &plan.offer, proof)?;
    stream.send(&first(&plan, &client.first(), params)?).await?;
    let success = exchange(stream, plan.profile, &mut client).await?;
    let authentication = client.facts(plan.choice, plan.profile == Profile::Sasl2);
    let learned = plan.choice.raises(known, authentication.downgrade_checked);
    let (bound, features) = match plan.profile {
        Profile::Classic => {
            stream.restart();
            (None, open(stream, &params.jid).await?)
        }
        Profile::Sasl2 => (identified(success.root(), &plan, params)?, features(stream).await?),
    };
    Ok(Proved { authentication, learned, bound, features })
}

/// TLS 1.3 tells only now what the server thinks of our certificate, or that it wants one.
fn of_certificate(error: Error) -> Error {
    match error {
        Error::Stream(stream::Error::Alert(alert)) => match tls::of_alert(alert) {
            Some(refused) => refused.into(),
            None => error,
        },
        error => error,
    }
}

/// Chooses mechanism and profile. What only one profile offers is taken there.
fn plan(features: El<'_>, params: &Params, means: Means<'_>) -> Result<Plan, Error> {
    let known = &params.policy.known;
    let chosen = |profile: Profile| {
        let offer = profile.offer(features)?;
        Some(choose(&offer, means, known).map(|choice| (offer, choice)))
    };
    let (profile, (offer, choice)) = match (chosen(Profile::Sasl2), chosen(Profile::Classic)) {
        (Some(Ok(new)), Some(Ok(old))) if old.1.beats(new.1) => (Profile::Classic, old),
        (Some(Ok(new)), _) => (Profile::Sasl2, new),
        (_, Some(Ok(old))) => (Profile::Classic, old),
        (Some(Err(error)), _) | (None, Some(Err(error))) => return Err(error.into()),
        (None, None) => return Err(sasl::Error::NoMechanism { offered: Vec::new() }.into()),
    };
    let inline = features.child(SASL2_NS, "authentication").and_then(|list| list.child(SASL2_NS, "inline"));
    let bind = profile == Profile::Sasl2
        && params.bind2
        && inline.is_some_and(|inline| inline.child(BIND2_NS, "bind").is_some());
    Ok(Plan { profile, offer, choice, bind })
}

/// `<auth/>` or `<authenticate/>`.
fn first(plan: &Plan, data: &[u8], params: &Params) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new();
    let mechanism = plan.choice.mechanism().name();
    let data = STANDARD.encode(data);
    match plan.profile {
        Profile::Classic => {
            // RFC 6120 §6.4.2: an empty initial response is not none.
            let data = if data.is_empty() { "=" } else { &data };
            let _ = writer.open_ns("auth", SASL_NS).attr("mechanism", mechanism).text(data);
        }
        Profile::Sasl2 => {
            let _ = writer.open_ns("authenticate", SASL2_NS).attr("mechanism", mechanism);
            let _ = writer.leaf("initial-response", &data);
            let _ = writer.open("user-agent").attr("id", &agent(&params.jid, &params.resource));
            let _ = writer.leaf("software", "Gridwatch").close();
            if plan.bind {
                let _ = writer.open_ns("bind", BIND2_NS).leaf("tag", TAG).close();
            }
        }
    }
    Ok(writer.finish().map_err(stream::Error::from)?)
}

/// Answers challenges until the login is over. Gives the element of success, its proof checked.
async fn exchange<L: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Stream<L>,
    profile: Profile,
    client: &mut Client,
) -> Result<Stanza, Error> {
    loop {
        let answer = next(stream).await?;
        let root = answer.root();
        if root.ns() != profile.ns() {
            return Err(Error::Protocol("no answer to auth"));
        }
        match root.name() {
            "challenge" => {
                let response = client.answer(&data(root)?).await?;
                let mut writer = Writer::new();
                let _ = writer.open_ns("response", profile.ns()).text(&STANDARD.encode(response));
                stream.send(&writer.finish().map_err(stream::Error::from)?).await?;
            }
            "success" => {
                client.verify(&success_data(root, profile)?)?;
                return Ok(answer);
            }
            // In both profiles the condition is of the first one's namespace.
            "failure" => return Err(client.refused(condition(root, SASL_NS)).into()),
            "continue" if profile == Profile::Sasl2 => {
                // An impostor is not to be told from a server that wants more, but by its proof.
                client.verify(&success_data(root, profile)?)?;
                let tasks = root.child(SASL2_NS, "tasks").map(|tasks| {
                    tasks.children().filter(|task| task.is(SASL2_NS, "task")).map(|task| task.text().into_owned())
                });
                let tasks = tasks.map(|tasks| tasks.take(8).collect()).unwrap_or_default();
                return Err(sasl::Error::Continue { tasks }.into());
            }
            _ => return Err(Error::Protocol("no answer to auth")),
        }
    }
}

fn success_data(success: El<'_>, profile: Profile) -> Result<Vec<u8>, Error> {
    match profile {
        Profile::Classic => data(success),
        Profile::Sasl2 => success.child(SASL2_NS, "additional-data").map_or(Ok(Vec::new()), data),
    }
}

/// The data of a SASL element; `=` stands for none (RFC 6120 §6.4.2).
fn data(element: El<'_>) -> Result<Vec<u8>, Error> {
    let text = element.text();
    match text.trim() {
        "=" => Ok(Vec::new()),
        text => STANDARD.decode(text).map_err(|_| sasl::Error::Malformed("base64").into()),
    }
}

/// XEP-0388 §2.6.1: who the server says we are. It must be us: bare, or bound where we asked for that (XEP-0386 §3.2).
fn identified(success: El<'_>, plan: &Plan, params: &Params) -> Result<Option<Jid>, Error> {
    let identifier = success.child(SASL2_NS, "authorization-identifier");
    if plan.bind && success.child(BIND2_NS, "bound").is_some() {
        return bind::own(identifier, params).map(Some);
    }
    let jid: Option<Jid> = identifier.and_then(|identifier| identifier.text().trim().parse().ok());
    match jid {
        Some(jid) if jid.bare() == &params.jid => Ok(None),
        Some(_) => Err(Error::Protocol("logged in as another account")),
        None => Err(Error::Protocol("no identity in the answer to authenticate")),
    }
}

/// The id of this console (XEP-0388 §2.3), a UUID: of the account and the resource, so it is as stable and as much its own as the
/// resource is, is no secret to keep, and tells a server nothing but what it knows. A server that has it gives the same
/// resource again (XEP-0386 §3.2.1) and ends what is left of the session before.
fn agent(jid: &BareJid, resource: &str) -> String {
    let digest = Sha256::digest(format!("gridwatch user-agent\n{jid}\n{resource}"));
    let mut bytes: [u8; 16] = std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default());
    // Servers check that it looks random (RFC 9562 §5.4).
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_is_a_uuid_of_the_account_and_resource() {
        let jid: BareJid = "analyst@grid.example".parse().unwrap();
        let id = agent(&jid, "desk");
        assert_eq!(id, agent(&jid, "desk"));
        assert_ne!(id, agent(&jid, "other"));
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
    }
}
