//! The login of the tests' controller, by both profiles of SASL, following a script: honest but for one trick.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridwatch::secrets::Secret;
use gridwatch::xmpp::dial::Link;
use gridwatch::xmpp::sasl::server::{Server, Verifier};
use gridwatch::xmpp::sasl::{Bindings, Mechanism, Offer};
use gridwatch::xmpp::stream::Stream;
use gridwatch::xmpp::xml::{El, Stanza};

use super::super::independent::Independent;
use super::{Controller, DOMAIN, PASSWORD, USER};

pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
pub const SASL2: &str = "urn:xmpp:sasl:2";
const BIND2: &str = "urn:xmpp:bind:0";
const ALL: &[&str] = &[
    "PLAIN",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512",
    "SCRAM-SHA-512-PLUS",
];
const KINDS: &[&str] = &["tls-exporter", "tls-server-end-point"];

/// Which profiles it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profiles {
    Classic,
    Sasl2,
    Both,
}

/// How the login goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    pub profiles: Profiles,
    pub bind2: bool,
    /// What the client is told.
    pub mechanisms: &'static [&'static str],
    pub kinds: Option<&'static [&'static str]>,
    /// What there is in truth, where somebody on the way has cut it down to the above.
    pub truth: Option<(&'static [&'static str], Option<&'static [&'static str]>)>,
    /// Proves its offer (XEP-0474).
    pub proving: bool,
    /// SCRAM by the crate `rsasl`, not by ours.
    pub independent: bool,
    pub trick: Trick,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            profiles: Profiles::Classic,
            bind2: false,
            mechanisms: ALL,
            kinds: Some(KINDS),
            truth: None,
            proving: false,
            independent: false,
            trick: Trick::None,
        }
    }
}

/// What it does wrong. In elements `{ns}` stands for the profile's namespace, `{sasl}` for that of RFC 6120; in messages `{r}`
/// for the client's nonce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trick {
    #[default]
    None,
    /// This server-first-message.
    Challenge(&'static str),
    /// This element right after the client's first.
    AfterAuth(&'static str),
    /// Success with these data right after the client's first.
    EarlySuccess(&'static str),
    /// This element after the client's proof.
    AfterProof(&'static str),
    /// Success with these data, in base64, instead of its own proof; empty for none.
    Proof(&'static str),
    /// Leaves at this step, after half an element.
    Cut(Step),
    /// SASL2: success for this identity.
    Identity(&'static str),
    /// SASL2: success bound to this address.
    Bound(&'static str),
    /// SASL2: the proof is right, and more is wanted.
    Continue,
    /// SASL2: the proof is false, and more is wanted.
    FalseContinue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Features,
    Challenge,
    Success,
}

/// Who has logged in.
pub struct Entered {
    pub sasl2: bool,
    pub bound: bool,
}

impl Script {
    fn offer(&self) -> Offer {
        let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (mechanisms, kinds) = self.truth.unwrap_or((self.mechanisms, self.kinds));
        Offer { mechanisms: own(mechanisms), bindings: kinds.map(own) }
    }

    fn features(&self) -> String {
        let mechanisms: String = self.mechanisms.iter().map(|name| format!("<mechanism>{name}</mechanism>")).collect();
        let mut features = String::new();
        if self.profiles != Profiles::Sasl2 {
            features.push_str(&format!("<mechanisms xmlns='{SASL}'>{mechanisms}</mechanisms>"));
        }
        if self.profiles != Profiles::Classic {
            let bind = if self.bind2 { format!("<bind xmlns='{BIND2}'/>") } else { String::new() };
            let inline = format!("<inline>{bind}</inline>");
            features.push_str(&format!("<authentication xmlns='{SASL2}'>{mechanisms}{inline}</authentication>"));
        }
        if let Some(kinds) = self.kinds {
            let kinds: String = kinds.iter().map(|kind| format!("<channel-binding type='{kind}'/>")).collect();
            features
                .push_str(&format!("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{kinds}</sasl-channel-binding>"));
        }
        features
    }
}

/// SCRAM's server side, ours or another's.
enum Scram {
    Ours(Server),
    Other(Independent),
}

impl Scram {
    fn new(script: &Script, mechanism: Mechanism, bindings: Bindings) -> Option<Self> {
        if script.independent {
            return Independent::new(mechanism, USER, PASSWORD, bindings).map(Self::Other);
        }
        let Mechanism::Scram { hash, plus } = mechanism else { return None };
        let server = Server::new(hash, plus, bindings, script.offer(), "of-the-server".to_owned());
        Some(Self::Ours(if script.proving { server } else { server.unproving() }))
    }

    fn first(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ours(server) => {
                let password = Secret::new(PASSWORD.to_owned());
                let find = |name: &str, hash| {
                    (name == USER).then(|| Verifier::new(hash, &password, b"salt".to_vec(), 4096).unwrap())
                };
                server.first(message, find).ok()
            }
            Self::Other(server) => server.step(message),
        }
    }

    fn finish(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ours(server) => server.finish(message).ok().map(|(_, proof)| proof),
            Self::Other(server) => server.step(message).filter(|_| server.who().as_deref() == Some(USER)),
        }
    }
}

/// Takes a client through its login; `None` where that did not come about.
pub async fn log_in<L: Link>(
    controller: &Controller<'_>,
    script: &Script,
    stream: &mut Stream<L>,
    bindings: Bindings,
    certified: bool,
) -> Option<Entered> {
    let features = format!("<stream:features>{}</stream:features>", script.features());
    if script.trick == Trick::Cut(Step::Features) {
        return cut(stream, &features).await;
    }
    stream.send(features.as_bytes()).await.ok()?;
    let auth = controller.hear(stream).await?;
    let ns = auth.root().ns().to_owned();
    let sasl2 = ns == SASL2;
    let fill = |element: &str| element.replace("{ns}", &ns).replace("{sasl}", SASL);
    match script.trick {
        Trick::AfterAuth(element) => return mislead(controller, stream, &fill(element)).await,
        Trick::EarlySuccess(data) => return mislead(controller, stream, &success(sasl2, data, "", None)).await,
        _ => {}
    }
    let first = if sasl2 { data(auth.root().child(SASL2, "initial-response")?) } else { data(auth.root()) }?;
    let mechanism = Mechanism::from_name(&auth.root().attr("mechanism")?)?;
    let proof = if mechanism == Mechanism::External {
        // The account the certificate is for is this one's: only its authority was asked of TLS.
        let who = String::from_utf8(first).ok()?;
        let own = who.is_empty() || who == format!("{USER}@{DOMAIN}");
        (certified && own).then(Vec::new)
    } else {
        exchange(controller, script, stream, &ns, mechanism, bindings, &first).await?
    };
    let Some(proof) = proof else {
        let refused = "<failure xmlns='{ns}'><not-authorized xmlns='{sasl}'/><text>no</text></failure>";
        stream.send(fill(refused).as_bytes()).await.ok()?;
        return None;
    };
    let own = format!("{USER}@{DOMAIN}");
    let proof = STANDARD.encode(proof);
    let asked = auth.root().child(BIND2, "bind");
    let tag = asked.and_then(|bind| bind.child(BIND2, "tag")).map(|tag| tag.text().into_owned());
    let full = format!("{own}/{}.4232f4d4", tag.unwrap_or_default());
    let answer = match script.trick {
        Trick::AfterProof(element) => return mislead(controller, stream, &fill(element)).await,
        Trick::Proof(data) => return mislead(controller, stream, &success(sasl2, data, &own, None)).await,
        Trick::Cut(Step::Success) => return cut(stream, &success(sasl2, &proof, &own, None)).await,
        Trick::Identity(jid) => success(sasl2, &proof, jid, None),
        Trick::Bound(jid) => success(sasl2, &proof, jid, Some(())),
        Trick::Continue | Trick::FalseContinue => {
            let proof = if script.trick == Trick::Continue { &proof } else { "dj1BQUFB" };
            let data = format!("<additional-data>{proof}</additional-data>");
            let tasks = "<tasks><task>TOTP-EXAMPLE</task><task>HOTP-EXAMPLE</task></tasks>";
            return mislead(controller, stream, &fill(&format!("<continue xmlns='{{ns}}'>{data}{tasks}</continue>")))
                .await;
        }
        _ if asked.is_some() => success(sasl2, &proof, &full, Some(())),
        _ => success(sasl2, &proof, &own, None),
    };
    stream.send(answer.as_bytes()).await.ok()?;
    Some(Entered { sasl2, bound: asked.is_some() })
}

/// SCRAM's two messages. The inner `None` is a refused proof.
async fn exchange<L: Link>(
    controller: &Controller<'_>,
    script: &Script,
    stream: &mut Stream<L>,
    ns: &str,
    mechanism: Mechanism,
    bindings: Bindings,
    first: &[u8],
) -> Option<Option<Vec<u8>>> {
    let mut server = Scram::new(script, mechanism, bindings)?;
    let Some(mut challenge) = server.first(first) else { return Some(None) };
    if let Trick::Challenge(text) = script.trick {
        let nonce = std::str::from_utf8(first).unwrap().rsplit_once("r=").unwrap().1.to_owned();
        challenge = text.replace("{r}", &nonce).into_bytes();
    }
    let element = format!("<challenge xmlns='{ns}'>{}</challenge>", STANDARD.encode(challenge));
    if script.trick == Trick::Cut(Step::Challenge) {
        return cut(stream, &element).await;
    }
    stream.send(element.as_bytes()).await.ok()?;
    let response: Stanza = controller.hear(stream).await?;
    if !response.root().is(ns, "response") {
        return None;
    }
    Some(server.finish(&data(response.root())?))
}

fn success(sasl2: bool, data: &str, jid: &str, bound: Option<()>) -> String {
    if !sasl2 {
        return format!("<success xmlns='{SASL}'>{data}</success>");
    }
    let data = if data.is_empty() { String::new() } else { format!("<additional-data>{data}</additional-data>") };
    let bound = bound.map(|()| format!("<bound xmlns='{BIND2}'/>")).unwrap_or_default();
    let jid = format!("<authorization-identifier>{jid}</authorization-identifier>");
    format!("<success xmlns='{SASL2}'>{data}{jid}{bound}</success>")
}

fn data(element: El<'_>) -> Option<Vec<u8>> {
    let text = element.text();
    if text.trim() == "=" { Some(Vec::new()) } else { STANDARD.decode(text.trim()).ok() }
}

/// Says something wrong and hears what the client makes of it, to its end.
async fn mislead<L: Link, T>(controller: &Controller<'_>, stream: &mut Stream<L>, element: &str) -> Option<T> {
    stream.send(element.as_bytes()).await.ok()?;
    while controller.hear(stream).await.is_some() {}
    None
}

/// Sends half of it and leaves.
async fn cut<L: Link, T>(stream: &mut Stream<L>, element: &str) -> Option<T> {
    stream.send(&element.as_bytes()[..element.len() / 2]).await.ok()?;
    None
}
