//! SCRAM (RFC 5802, RFC 7677): the hashes, the messages' grammar, and the client's side.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::stretch::stretch;
use super::{Bindings, Error, Flag, Offer};
use crate::secrets::Secret;

/// Fewest iterations accepted (RFC 7677 §4).
pub const FEWEST: u64 = 4096;
/// Most iterations accepted: some seconds of work, so a server cannot hold us for hours.
pub const MOST: u64 = 10_000_000;
/// Bytes of our nonce: 144 bits, written as 24 characters.
const NONCE: usize = 18;
/// Longest server nonce in characters, and longest salt in bytes, taken.
const LONGEST: usize = 1024;

/// The hash function of a SCRAM mechanism, the weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// A digest, wiped when dropped: most of them stand for the password.
pub(super) type Key = Zeroizing<Vec<u8>>;

impl Hash {
    /// Best first.
    pub const ALL: [Self; 3] = [Self::Sha512, Self::Sha256, Self::Sha1];

    pub(super) fn digest(self, data: &[u8]) -> Key {
        Zeroizing::new(match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        })
    }

    pub(super) fn hmac(self, key: &[u8], data: &[u8]) -> Key {
        fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Key {
            // HMAC takes keys of any length; an empty result could never equal a digest.
            let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Zeroizing::new(Vec::new()) };
            mac.update(data);
            Zeroizing::new(mac.finalize().into_bytes().to_vec())
        }
        match self {
            Self::Sha1 => mac::<Hmac<Sha1>>(key, data),
            Self::Sha256 => mac::<Hmac<Sha256>>(key, data),
            Self::Sha512 => mac::<Hmac<Sha512>>(key, data),
        }
    }
}

/// The client's side, from the first message to the server's proof.
pub struct Client {
    hash: Hash,
    flag: Flag,
    binding: Vec<u8>,
    nonce: String,
    bare: String,
    password: Secret,
    /// What the server's proof of its offer must be, and whether there must be one.
    guard: Option<Vec<u8>>,
    proof: bool,
    proved: bool,
    iterations: Option<u32>,
    state: State,
}

enum State {
    /// The first message is out; a challenge must come.
    First,
    /// The final message is out; success with this signature must come.
    Final {
        signature: Key,
    },
    Done,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("hash", &self.hash).field("flag", &self.flag).finish_non_exhaustive()
    }
}

impl Client {
    /// Prepares a login as `username` with a fresh nonce of the operating system.
    ///
    /// # Errors
    /// When SASLprep (RFC 4013) refuses the name or the password, or there are no random numbers.
    pub fn new(hash: Hash, flag: Flag, username: &str, password: &Secret, bindings: &Bindings) -> Result<Self, Error> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| Error::Random)?;
        Self::with_nonce(hash, flag, username, password, bindings, STANDARD.encode(nonce))
    }

    fn with_nonce(
        hash: Hash,
        flag: Flag,
        username: &str,
        password: &Secret,
        bindings: &Bindings,
        nonce: String,
    ) -> Result<Self, Error> {
        let username = prepare(username)?;
        let password = prepare(password.expose())?;
        let binding = match flag {
            Flag::Bound(kind) => bindings.get(kind).ok_or(Error::Malformed("binding"))?.to_vec(),
            Flag::Cannot | Flag::NotOffered => Vec::new(),
        };
        let bare = format!("n={},r={nonce}", escape(&username));
        Ok(Self {
            hash,
            flag,
            binding,
            nonce,
            bare,
            password: Secret::new(password.as_str().to_owned()),
            guard: None,
            proof: false,
            proved: false,
            iterations: None,
            state: State::First,
        })
    }

    /// Holds the server to its proof of `offer` (XEP-0474) where it sends one; `proof` demands one.
    #[must_use]
    pub fn guarded(mut self, offer: &Offer, proof: bool) -> Self {
        self.guard = Some(offer.digest(self.hash));
        self.proof = proof;
        self
    }

    /// Whether the server proved its offer. To be believed after [`Client::verify`] only.
    #[must_use]
    pub fn offer_proved(&self) -> bool {
        self.proved
    }

    /// Rounds of stretching the server asked for.
    #[must_use]
    pub fn iterations(&self) -> Option<u32> {
        self.iterations
    }

    /// The client-first-message.
    #[must_use]
    pub fn first(&self) -> Vec<u8> {
        format!("{}{}", gs2_header(self.flag), self.bare).into_bytes()
    }

    /// Answers the challenge (server-first-message) with the client-final-message. Key stretching runs on a blocking
    /// thread.
    ///
    /// # Errors
    /// When the challenge breaks RFC 5802, has another nonce, an iteration count outside our bounds, or the proof of another
    /// offer than the one we got: nothing that stands for the password is sent then.
    pub async fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, Error> {
        if !matches!(self.state, State::First) {
            return Err(Error::Malformed("a second challenge"));
        }
        let challenge = std::str::from_utf8(challenge).map_err(|_| Error::Malformed("UTF-8"))?;
        let parsed = ServerFirst::parse(challenge, &self.nonce)?;
        self.check_offer(parsed.offer)?;
        self.iterations = Some(parsed.iterations);
        let without_proof = self.final_without_proof(parsed.nonce);
        let auth = format!("{},{challenge},{without_proof}", self.bare);
        let hash = self.hash;
        let salted = stretch(hash, &self.password, parsed.salt, parsed.iterations).await?;
        let proof = proof(hash, &salted, auth.as_bytes());
        let server_key = hash.hmac(&salted, b"Server Key");
        self.state = State::Final { signature: hash.hmac(&server_key, auth.as_bytes()) };
        Ok(format!("{without_proof},p={}", STANDARD.encode(&*proof)).into_bytes())
    }

    /// Checks the server's proof (server-final-message), in constant time.
    ///
    /// # Errors
    /// When the proof is absent or wrong, or success came before it could be earned.
    pub fn verify(&mut self, message: &[u8]) -> Result<(), Error> {
        let signature = match std::mem::replace(&mut self.state, State::Done) {
            State::Final { signature } => signature,
            State::First | State::Done => return Err(Error::EarlySuccess),
        };
        let message = std::str::from_utf8(message).map_err(|_| Error::FalseServer)?;
        let mut fields = message.split(',');
        let verifier = fields.next().and_then(|field| field.strip_prefix("v=")).ok_or(Error::FalseServer)?;
        let presented = STANDARD.decode(verifier).map_err(|_| Error::FalseServer)?;
        let _ = extensions(fields).map_err(|_| Error::FalseServer)?;
        if bool::from(presented.as_slice().ct_eq(&signature)) { Ok(()) } else { Err(Error::FalseServer) }
    }

    fn check_offer(&mut self, told: Option<&str>) -> Result<(), Error> {
        match (told, &self.guard) {
            (Some(told), Some(own)) => {
                let told = STANDARD.decode(told).map_err(|_| Error::Malformed("offer"))?;
                self.proved = told == *own;
                if self.proved { Ok(()) } else { Err(Error::OfferChanged) }
            }
            (None, _) if self.proof => Err(Error::OfferUnproved),
            _ => Ok(()),
        }
    }

    fn final_without_proof(&self, nonce: &str) -> String {
        let mut input = gs2_header(self.flag).into_bytes();
        input.extend_from_slice(&self.binding);
        format!("c={},r={nonce}", STANDARD.encode(input))
    }
}

/// ClientProof (RFC 5802 §3).
fn proof(hash: Hash, salted: &[u8], auth: &[u8]) -> Key {
    let client_key = hash.hmac(salted, b"Client Key");
    let stored = hash.digest(&client_key);
    let signature = hash.hmac(&stored, auth);
    Zeroizing::new(client_key.iter().zip(signature.iter()).map(|(key, sign)| key ^ sign).collect())
}

/// The GS2 header. We never ask to act as another (no authzid).
pub(super) fn gs2_header(flag: Flag) -> String {
    match flag {
        Flag::Cannot => "n,,".to_owned(),
        Flag::NotOffered => "y,,".to_owned(),
        Flag::Bound(kind) => format!("p={},,", kind.name()),
    }
}

/// SASLprep (RFC 4013); an empty result is no name and no password.
pub(super) fn prepare(text: &str) -> Result<Zeroizing<String>, Error> {
    let prepared = stringprep::saslprep(text).map_err(|_| Error::Unpreparable)?;
    if prepared.is_empty() { Err(Error::Unpreparable) } else { Ok(Zeroizing::new(prepared.into_owned())) }
}

/// RFC 5802 §5.1: `=` and `,` in a name.
fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// A nonce's characters: printable ASCII but the comma (RFC 5802 §7).
pub(super) fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && byte != b',')
}

/// Extension fields at a message's end: one letter, `=`, a value; none of the letters RFC 5802 gives a meaning to, and
/// none twice. Gives the content of `h` (XEP-0474); that of others is ignored (RFC 5802 §5.1).
pub(super) fn extensions<'a>(fields: impl Iterator<Item = &'a str>) -> Result<Option<&'a str>, Error> {
    let mut seen = Vec::new();
    let mut offer = None;
    for field in fields {
        let (name, value) = field.split_once('=').ok_or(Error::Malformed("field"))?;
        let letter = name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !letter || value.is_empty() || "amnrcsipve".contains(name) || seen.contains(&name) {
            return Err(Error::Malformed("field"));
        }
        if name == "h" {
            offer = Some(value);
        }
        seen.push(name);
    }
    Ok(offer)
}

/// The server-first-message.
struct ServerFirst<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: u32,
    /// The proof of the offer, in base64.
    offer: Option<&'a str>,
}

impl<'a> ServerFirst<'a> {
    fn parse(message: &'a str, ours: &str) -> Result<Self, Error> {
        let mut fields = message.split(',');
        // `m=` first would be a mandatory extension, of which we know none (RFC 5802 §5.1).
        let nonce = fields.next().and_then(|field| field.strip_prefix("r=")).ok_or(Error::Malformed("nonce"))?;
        let salt = fields.next().and_then(|field| field.strip_prefix("s=")).ok_or(Error::Malformed("salt"))?;
        let count = fields.next().and_then(|field| field.strip_prefix("i=")).ok_or(Error::Malformed("iterations"))?;
        let offer = extensions(fields)?;
        if !is_nonce(nonce) {
            return Err(Error::Malformed("nonce"));
        }
        if !nonce.starts_with(ours) || nonce.len() == ours.len() {
            return Err(Error::ForeignNonce);
        }
        let salt = STANDARD.decode(salt).map_err(|_| Error::Malformed("salt"))?;
        if salt.is_empty() || salt.len() > LONGEST {
            return Err(Error::Malformed("salt"));
        }
        Ok(Self { nonce, salt, iterations: iterations(count)?, offer })
    }
}

fn iterations(text: &str) -> Result<u32, Error> {
    let digits = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(Error::Malformed("iterations"));
    }
    let count = text.parse().unwrap_or(u64::MAX);
    match u32::try_from(count) {
        _ if count < FEWEST => Err(Error::TooFewIterations(count)),
        Ok(fits) if count <= MOST => Ok(fits),
        _ => Err(Error::TooManyIterations(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::BindingKind;
    use super::*;

    fn client(hash: Hash, name: &str, password: &str, nonce: &str) -> Client {
        let secret = Secret::new(password.to_owned());
        Client::with_nonce(hash, Flag::Cannot, name, &secret, &Bindings::default(), nonce.to_owned()).unwrap()
    }

    /// The example exchanges of RFC 5802 §5 and RFC 7677 §3; SCRAM-SHA-512 has none published, so the last is the second's
    /// input computed by Python's hashlib and hmac, by a script that gives the second's output too.
    #[tokio::test]
    async fn published_vectors() {
        for (hash, nonce, challenge, answer, success) in [
            (
                Hash::Sha1,
                "fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ),
            (
                Hash::Sha256,
                "rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ),
            (
                Hash::Sha512,
                "rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
                "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==",
            ),
        ] {
            let mut client = client(hash, "user", "pencil", nonce);
            assert_eq!(client.first(), format!("n,,n=user,r={nonce}").as_bytes());
            assert_eq!(client.answer(challenge.as_bytes()).await.unwrap(), answer.as_bytes());
            client.verify(success.as_bytes()).unwrap();
        }
    }

    #[test]
    fn names_are_prepared_and_escaped() {
        let first = |name: &str| String::from_utf8(client(Hash::Sha1, name, "pencil", "abc").first()).unwrap();
        assert_eq!(first("a,b=c"), "n,,n=a=2Cb=3Dc,r=abc");
        // SASLprep: soft hyphen away, NFKC (RFC 4013 §3).
        assert_eq!(first("I\u{ad}X"), "n,,n=IX,r=abc");
        assert_eq!(first("\u{2168}"), "n,,n=IX,r=abc");
        for (name, password) in [("", "p"), ("u", ""), ("a\u{7}", "p"), ("u", "\u{627}\u{31}"), ("\u{ad}", "p")] {
            let secret = Secret::new(password.to_owned());
            let error = Client::new(Hash::Sha1, Flag::Cannot, name, &secret, &Bindings::default()).unwrap_err();
            assert_eq!(error, Error::Unpreparable, "{name:?} {password:?}");
        }
    }

    #[test]
    fn nonces_differ_and_are_long() {
        let secret = Secret::new("pencil".to_owned());
        let make = || Client::new(Hash::Sha256, Flag::NotOffered, "user", &secret, &Bindings::default()).unwrap();
        let (one, two) = (make(), make());
        assert_ne!(one.nonce, two.nonce);
        assert!(STANDARD.decode(&one.nonce).unwrap().len() * 8 >= 128);
        assert!(one.first().starts_with(b"y,,n=user,r="));
        assert!(!format!("{one:?}").contains("pencil"));
    }

    #[tokio::test]
    async fn the_binding_enters_the_final_message() {
        let bindings = Bindings { exporter: Some(b"EXPORTED".to_vec()), end_point: None };
        let flag = Flag::Bound(BindingKind::Exporter);
        let secret = Secret::new("pencil".to_owned());
        let mut client = Client::with_nonce(Hash::Sha256, flag, "user", &secret, &bindings, "abc".to_owned()).unwrap();
        assert_eq!(client.first(), b"p=tls-exporter,,n=user,r=abc");
        let answer = client.answer(b"r=abcdef,s=c2FsdA==,i=4096").await.unwrap();
        let expected = format!("c={},r=abcdef,p=", STANDARD.encode(b"p=tls-exporter,,EXPORTED"));
        assert!(answer.starts_with(expected.as_bytes()));
    }

    /// `engine.md` §6 row 16: each attack fails, with its own error, before anything is computed.
    #[tokio::test]
    async fn hostile_challenges() {
        let long_salt = format!("r=abcX,s={},i=4096", STANDARD.encode([1; LONGEST + 1]));
        let long_nonce = format!("r=abc{},s=c2FsdA==,i=4096", "x".repeat(LONGEST));
        let rows: [(&str, Error); 27] = [
            ("r=xyz123,s=c2FsdA==,i=4096", Error::ForeignNonce),
            ("r=abc,s=c2FsdA==,i=4096", Error::ForeignNonce),
            ("r=ABCdef,s=c2FsdA==,i=4096", Error::ForeignNonce),
            ("r=,s=c2FsdA==,i=4096", Error::Malformed("nonce")),
            ("r=abc d,s=c2FsdA==,i=4096", Error::Malformed("nonce")),
            ("r=abc\u{e9},s=c2FsdA==,i=4096", Error::Malformed("nonce")),
            (&long_nonce, Error::Malformed("nonce")),
            ("r=abcX,s=c2FsdA==,i=1", Error::TooFewIterations(1)),
            ("r=abcX,s=c2FsdA==,i=4095", Error::TooFewIterations(4095)),
            ("r=abcX,s=c2FsdA==,i=0", Error::Malformed("iterations")),
            ("r=abcX,s=c2FsdA==,i=-4096", Error::Malformed("iterations")),
            ("r=abcX,s=c2FsdA==,i=04096", Error::Malformed("iterations")),
            ("r=abcX,s=c2FsdA==,i=", Error::Malformed("iterations")),
            ("r=abcX,s=c2FsdA==,i=10000001", Error::TooManyIterations(10_000_001)),
            ("r=abcX,s=c2FsdA==,i=4000000000", Error::TooManyIterations(4_000_000_000)),
            ("r=abcX,s=c2FsdA==,i=99999999999999999999999", Error::TooManyIterations(u64::MAX)),
            ("r=abcX,s=,i=4096", Error::Malformed("salt")),
            ("r=abcX,s=c2FsdA,i=4096", Error::Malformed("salt")),
            (&long_salt, Error::Malformed("salt")),
            ("m=x,r=abcX,s=c2FsdA==,i=4096", Error::Malformed("nonce")),
            ("e=other-error", Error::Malformed("nonce")),
            ("r=abcX,s=c2FsdA==,i=4096,e=x", Error::Malformed("field")),
            ("r=abcX,s=c2FsdA==,i=4096,i=5000", Error::Malformed("field")),
            ("r=abcX,s=c2FsdA==,i=4096,x=1,x=2", Error::Malformed("field")),
            ("s=c2FsdA==,r=abcX,i=4096", Error::Malformed("nonce")),
            ("r=abcX,i=4096,s=c2FsdA==", Error::Malformed("salt")),
            ("", Error::Malformed("nonce")),
        ];
        for (challenge, expected) in rows {
            let mut client = client(Hash::Sha256, "user", "pencil", "abc");
            assert_eq!(client.answer(challenge.as_bytes()).await.unwrap_err(), expected, "{challenge}");
            assert!(!expected.retries());
        }
        let mut client = client(Hash::Sha256, "user", "pencil", "abc");
        assert_eq!(client.answer(b"r=abc\xff,s=c2FsdA==,i=4096").await.unwrap_err(), Error::Malformed("UTF-8"));
        // An extension we do not know is ignored (RFC 5802 §5.1), and a second challenge is refused.
        assert!(client.answer(b"r=abcX,s=c2FsdA==,i=4096,h=x").await.is_ok());
        assert!(client.answer(b"r=abcX,s=c2FsdA==,i=4096").await.is_err());
    }

    #[tokio::test]
    async fn false_proofs_of_the_server() {
        let mut early = client(Hash::Sha256, "user", "pencil", "abc");
        assert_eq!(early.verify(b"v=AAAA").unwrap_err(), Error::EarlySuccess);
        let challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let right = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        for message in [
            "",
            "v=",
            "v=AAAA",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95Gw=",
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            "e=other-error",
            "x=1,v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,v=AAAA",
        ] {
            let mut client = client(Hash::Sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
            let _ = client.answer(challenge).await.unwrap();
            assert_eq!(client.verify(message.as_bytes()).unwrap_err(), Error::FalseServer, "{message}");
            // A wrong proof cannot be followed by a right one.
            assert_eq!(client.verify(right.as_bytes()).unwrap_err(), Error::EarlySuccess);
        }
    }

    /// XEP-0474 §6.3's exchange, with the proofs computed by Python as above: those printed there belong to an attribute `x`
    /// which the version before had.
    #[tokio::test]
    async fn the_servers_proof_of_its_offer() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let kinds = list(&["tls-server-end-point", "tls-exporter"]);
        let right = Offer { mechanisms: list(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"]), bindings: Some(kinds) };
        let stripped = Offer { bindings: None, ..right.clone() };
        let nonce = "12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6";
        let plain = format!("r={nonce}a09117a6-ac50-4f2f-93f1-93799c2bddf6,s=QSXCR+Q6sek8bf92,i=4096");
        let proving = format!("{plain},h=G6k/rBLDqgOhRRaCuuatSDFkJ08=");
        let make = |offer: &Offer, proof| {
            let secret = Secret::new("pencil".to_owned());
            let flag = Flag::Bound(BindingKind::Exporter);
            let bindings = Bindings { exporter: Some(b"THIS IS FAKE CB DATA".to_vec()), end_point: None };
            let client = Client::with_nonce(Hash::Sha1, flag, "user", &secret, &bindings, nonce.to_owned());
            client.unwrap().guarded(offer, proof)
        };
        let mut client = make(&right, true);
        assert_eq!(client.first(), format!("p=tls-exporter,,n=user,r={nonce}").as_bytes());
        let answer = String::from_utf8(client.answer(proving.as_bytes()).await.unwrap()).unwrap();
        assert!(answer.ends_with(",p=NWgTsQJvWgbXKxbqd3P4BNurjkU="), "{answer}");
        client.verify(b"v=EMsYR2n9LecK8qm5xR19xuvM1jw=").unwrap();
        assert!(client.offer_proved());
        assert_eq!(client.iterations(), Some(4096));

        assert_eq!(make(&stripped, false).answer(proving.as_bytes()).await.unwrap_err(), Error::OfferChanged);
        assert_eq!(make(&right, true).answer(plain.as_bytes()).await.unwrap_err(), Error::OfferUnproved);
        let junk = format!("{plain},h=!");
        assert_eq!(make(&right, false).answer(junk.as_bytes()).await.unwrap_err(), Error::Malformed("offer"));
        let twice = format!("{proving},h=AAAA");
        assert_eq!(make(&right, false).answer(twice.as_bytes()).await.unwrap_err(), Error::Malformed("field"));
        let mut silent = make(&right, false);
        assert!(silent.answer(plain.as_bytes()).await.is_ok());
        assert!(!silent.offer_proved());
    }
}
