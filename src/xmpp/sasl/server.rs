//! SCRAM's server side (RFC 5802), for the practice grid and for tests: the client's true counterpart.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::scram::{self, Hash, Key};
use super::{BindingKind, Bindings, Flag, Offer, stretch};
use crate::secrets::Secret;

/// What a server keeps of a password (RFC 5802 §3): neither the password nor anything that logs in.
#[derive(Clone)]
pub struct Verifier {
    hash: Hash,
    salt: Vec<u8>,
    iterations: u32,
    stored: Key,
    server: Key,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("hash", &self.hash).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Stretches `password`; blocks for as long as `iterations` say.
    ///
    /// # Errors
    /// When SASLprep refuses the password.
    pub fn new(hash: Hash, password: &Secret, salt: Vec<u8>, iterations: u32) -> Result<Self, Refusal> {
        let password = scram::prepare(password.expose()).map_err(|_| Refusal::Malformed)?;
        let salted = stretch::run(hash, password.as_bytes(), &salt, iterations, || true).ok_or(Refusal::Malformed)?;
        let stored = hash.digest(&hash.hmac(&salted, b"Client Key"));
        let server = hash.hmac(&salted, b"Server Key");
        Ok(Self { hash, salt, iterations, stored, server })
    }
}

/// Why a server refuses; the wording on the wire is [`Refusal::condition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the client's message breaks RFC 5802")]
    Malformed,
    /// Unknown name or wrong password: not told apart.
    #[error("wrong name or password")]
    NotAuthorized,
    /// The binding differs, or someone stripped -PLUS from our offer (`y` though we offered it).
    #[error("the channel binding does not match")]
    Binding,
    /// An identity to act as that is not the one that logged in.
    #[error("acting for another is not allowed")]
    Authzid,
}

impl Refusal {
    /// RFC 6120 §6.5.
    #[must_use]
    pub fn condition(self) -> &'static str {
        match self {
            Self::Malformed => "malformed-request",
            Self::NotAuthorized | Self::Binding => "not-authorized",
            Self::Authzid => "invalid-authzid",
        }
    }
}

/// One login, seen by the server.
pub struct Server {
    hash: Hash,
    plus: bool,
    bindings: Bindings,
    offer: Offer,
    /// Whether the offer is proved (XEP-0474).
    proving: bool,
    nonce: String,
    state: Option<Waiting>,
}

/// What stands between the two client messages.
struct Waiting {
    username: String,
    verifier: Verifier,
    header: String,
    flag: Flag,
    nonce: String,
    /// `client-first-message-bare,server-first-message`.
    auth: String,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("hash", &self.hash).field("plus", &self.plus).finish_non_exhaustive()
    }
}

impl Server {
    /// A login by SCRAM with this hash, with channel binding or without, as chosen from `offer`; `nonce` is this server's part
    /// and must be fresh and random.
    #[must_use]
    pub fn new(hash: Hash, plus: bool, bindings: Bindings, offer: Offer, nonce: String) -> Self {
        Self { hash, plus, bindings, offer, proving: true, nonce, state: None }
    }

    /// As a server that does not know XEP-0474.
    #[must_use]
    pub fn unproving(mut self) -> Self {
        self.proving = false;
        self
    }

    /// Answers the client-first-message with the server-first-message. `find` gives the verifier of a (prepared) name.
    ///
    /// # Errors
    /// As [`Refusal`] says.
    pub fn first(
        &mut self,
        message: &[u8],
        find: impl FnOnce(&str, Hash) -> Option<Verifier>,
    ) -> Result<Vec<u8>, Refusal> {
        let message = std::str::from_utf8(message).map_err(|_| Refusal::Malformed)?;
        let (flag_text, rest) = message.split_once(',').ok_or(Refusal::Malformed)?;
        let (authzid, bare) = rest.split_once(',').ok_or(Refusal::Malformed)?;
        let flag = self.flag(flag_text)?;
        if !authzid.is_empty() {
            return Err(Refusal::Authzid);
        }
        let mut fields = bare.split(',');
        let name = fields.next().and_then(|field| field.strip_prefix("n=")).ok_or(Refusal::Malformed)?;
        let theirs = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(Refusal::Malformed)?;
        let _ = scram::extensions(fields).map_err(|_| Refusal::Malformed)?;
        if !scram::is_nonce(theirs) {
            return Err(Refusal::Malformed);
        }
        let username = scram::prepare(&unescape(name)?).map_err(|_| Refusal::Malformed)?.as_str().to_owned();
        let verifier = find(&username, self.hash).ok_or(Refusal::NotAuthorized)?;
        let nonce = format!("{theirs}{}", self.nonce);
        let mut reply = format!("r={nonce},s={},i={}", STANDARD.encode(&verifier.salt), verifier.iterations);
        if self.proving {
            reply.push_str(&format!(",h={}", STANDARD.encode(self.offer.digest(self.hash))));
        }
        let auth = format!("{bare},{reply}");
        self.state = Some(Waiting { username, verifier, header: format!("{flag_text},,"), flag, nonce, auth });
        Ok(reply.into_bytes())
    }

    /// Checks the client-final-message; gives the user's name and the server-final-message.
    ///
    /// # Errors
    /// As [`Refusal`] says.
    pub fn finish(&mut self, message: &[u8]) -> Result<(String, Vec<u8>), Refusal> {
        let waiting = self.state.take().ok_or(Refusal::Malformed)?;
        let message = std::str::from_utf8(message).map_err(|_| Refusal::Malformed)?;
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or(Refusal::Malformed)?;
        let mut fields = without_proof.split(',');
        let binding = fields.next().and_then(|field| field.strip_prefix("c=")).ok_or(Refusal::Malformed)?;
        let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(Refusal::Malformed)?;
        let _ = scram::extensions(fields).map_err(|_| Refusal::Malformed)?;
        if nonce != waiting.nonce {
            return Err(Refusal::NotAuthorized);
        }
        if STANDARD.decode(binding).map_err(|_| Refusal::Malformed)? != self.expected_binding(&waiting) {
            return Err(Refusal::Binding);
        }
        let auth = format!("{},{without_proof}", waiting.auth);
        let proof = Zeroizing::new(STANDARD.decode(proof).map_err(|_| Refusal::Malformed)?);
        check(&waiting.verifier, auth.as_bytes(), &proof)?;
        let signature = waiting.verifier.hash.hmac(&waiting.verifier.server, auth.as_bytes());
        Ok((waiting.username, format!("v={}", STANDARD.encode(&*signature)).into_bytes()))
    }

    fn flag(&self, text: &str) -> Result<Flag, Refusal> {
        let flag = match text {
            "n" => Flag::Cannot,
            "y" => Flag::NotOffered,
            "p=tls-exporter" => Flag::Bound(BindingKind::Exporter),
            "p=tls-server-end-point" => Flag::Bound(BindingKind::EndPoint),
            _ => return Err(Refusal::Malformed),
        };
        match flag {
            // RFC 5802 §6: the client saw no -PLUS though there was one: somebody in between.
            Flag::NotOffered if self.offer.mechanisms.iter().any(|name| name.ends_with("-PLUS")) => {
                Err(Refusal::Binding)
            }
            Flag::Bound(kind) if !self.plus || self.bindings.get(kind).is_none() => Err(Refusal::Binding),
            Flag::Cannot | Flag::NotOffered if self.plus => Err(Refusal::Malformed),
            flag => Ok(flag),
        }
    }

    fn expected_binding(&self, waiting: &Waiting) -> Vec<u8> {
        let mut expected = waiting.header.clone().into_bytes();
        if let Flag::Bound(kind) = waiting.flag {
            expected.extend_from_slice(self.bindings.get(kind).unwrap_or_default());
        }
        expected
    }
}

fn check(verifier: &Verifier, auth: &[u8], proof: &[u8]) -> Result<(), Refusal> {
    let signature = verifier.hash.hmac(&verifier.stored, auth);
    if proof.len() != signature.len() {
        return Err(Refusal::NotAuthorized);
    }
    let key: Key = Zeroizing::new(proof.iter().zip(signature.iter()).map(|(a, b)| a ^ b).collect());
    let stored = verifier.hash.digest(&key);
    if bool::from(stored.ct_eq(&verifier.stored)) { Ok(()) } else { Err(Refusal::NotAuthorized) }
}

/// RFC 5802 §5.1: only `=2C` and `=3D` may follow an equals sign.
fn unescape(name: &str) -> Result<String, Refusal> {
    let mut parts = name.split('=');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (letter, rest) = match (part.strip_prefix("2C"), part.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (_, Some(rest)) => ('=', rest),
            _ => return Err(Refusal::Malformed),
        };
        out.push(letter);
        out.push_str(rest);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::scram::Client;
    use super::super::{Error, Mechanism};
    use super::*;

    struct Case {
        hash: Hash,
        flag: Flag,
        client: Bindings,
        server: Bindings,
        offered_plus: bool,
        password: &'static str,
    }

    fn bound(byte: u8) -> Bindings {
        Bindings { exporter: Some(vec![byte; 32]), end_point: Some(vec![byte; 48]) }
    }

    impl Case {
        fn new(hash: Hash, flag: Flag) -> Self {
            let plus = matches!(flag, Flag::Bound(_));
            Self { hash, flag, client: bound(7), server: bound(7), offered_plus: plus, password: "pen,cil=\u{2168}" }
        }

        async fn run(self) -> Result<String, Refusal> {
            let secret = Secret::new(self.password.to_owned());
            let client = Client::new(self.hash, self.flag, "ana,ly=st", &secret, &self.client).unwrap();
            let plus = matches!(self.flag, Flag::Bound(_));
            let names = Mechanism::ALL.into_iter().filter(|mechanism| self.offered_plus || !mechanism.binds());
            let mechanisms = names.map(|mechanism| mechanism.name().to_owned()).collect();
            let offer = Offer { mechanisms, bindings: None };
            let mut client = client.guarded(&offer, true);
            let mut server = Server::new(self.hash, plus, self.server, offer, "server".to_owned());
            let first = server.first(&client.first(), |name, hash| {
                let password = Secret::new("pen,cil=IX".to_owned());
                (name == "ana,ly=st").then(|| Verifier::new(hash, &password, b"salt".to_vec(), 4096).unwrap())
            })?;
            let (name, last) = server.finish(&client.answer(&first).await.unwrap())?;
            client.verify(&last).unwrap();
            Ok(name)
        }
    }

    #[tokio::test]
    async fn both_sides_agree_in_every_mechanism() {
        let flags =
            [Flag::Cannot, Flag::NotOffered, Flag::Bound(BindingKind::Exporter), Flag::Bound(BindingKind::EndPoint)];
        for hash in Hash::ALL {
            for flag in flags {
                assert_eq!(Case::new(hash, flag).run().await.as_deref(), Ok("ana,ly=st"), "{hash:?} {flag:?}");
            }
        }
    }

    #[tokio::test]
    async fn wrong_password_other_channel_and_stripped_plus_are_refused() {
        let plus = || Case::new(Hash::Sha256, Flag::Bound(BindingKind::Exporter));
        let wrong = Case { password: "pencil", ..plus() };
        assert_eq!(wrong.run().await, Err(Refusal::NotAuthorized));
        let other_channel = Case { server: bound(8), ..plus() };
        assert_eq!(other_channel.run().await, Err(Refusal::Binding));
        let stripped = Case { offered_plus: true, ..Case::new(Hash::Sha256, Flag::NotOffered) };
        assert_eq!(stripped.run().await, Err(Refusal::Binding));
        let unable = Case { server: Bindings::default(), ..plus() };
        assert_eq!(unable.run().await, Err(Refusal::Binding));
    }

    #[test]
    fn malformed_first_messages() {
        let make = || Server::new(Hash::Sha256, false, Bindings::default(), Offer::default(), "x".to_owned());
        for (message, refusal) in [
            ("", Refusal::Malformed),
            ("n,,", Refusal::Malformed),
            ("n,,n=user", Refusal::Malformed),
            ("n,,m=1,n=user,r=abc", Refusal::Malformed),
            ("n,a=root,n=user,r=abc", Refusal::Authzid),
            ("z,,n=user,r=abc", Refusal::Malformed),
            ("p=tls-unique,,n=user,r=abc", Refusal::Malformed),
            ("n,,n=us=2cer,r=abc", Refusal::Malformed),
            ("n,,n=,r=abc", Refusal::Malformed),
            ("n,,n=user,r=", Refusal::Malformed),
            ("n,,n=user,r=abc", Refusal::NotAuthorized),
        ] {
            assert_eq!(make().first(message.as_bytes(), |_, _| None), Err(refusal), "{message}");
        }
        assert_eq!(make().finish(b"c=biws,r=abc,p=AAAA"), Err(Refusal::Malformed));
    }

    #[test]
    fn errors_never_print_what_they_hold() {
        let secret = Secret::new("pencil".to_owned());
        let verifier = Verifier::new(Hash::Sha1, &secret, b"salt".to_vec(), 4096).unwrap();
        assert!(!format!("{verifier:?}").contains("salt"));
        assert!(!Error::FalseServer.retries());
    }
}
