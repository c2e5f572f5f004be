//! A SCRAM server that is not ours: the crate `rsasl`. Only its stored keys are made here, with the crates for PBKDF2 and HMAC.

use std::io::Cursor;
use std::sync::Arc;

use gridwatch::xmpp::sasl::{BindingKind, Bindings, Hash, Mechanism};
use hmac::{Hmac, KeyInit, Mac};
use rsasl::callback::{Context, Request, SessionCallback, SessionData};
use rsasl::mechanisms::scram;
use rsasl::mechanisms::scram::properties::ScramStoredPassword;
use rsasl::mechname::Mechname;
use rsasl::prelude::{Registry, SASLConfig, SASLServer, Session, SessionError, Validation};
use rsasl::property::{AuthId, ChannelBindingName, ChannelBindings};
use rsasl::validate::{Validate, ValidationError};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

const SALT: &[u8] = b"another salt";
const ROUNDS: u32 = 5000;

/// The keys of RFC 5802 §3.
struct Keys {
    user: &'static str,
    stored: Vec<u8>,
    server: Vec<u8>,
    channel: Bindings,
}

impl Keys {
    fn new(hash: Hash, user: &'static str, password: &str, channel: Bindings) -> Self {
        fn keys<D: Digest, M: Mac + KeyInit>(salted: &[u8]) -> (Vec<u8>, Vec<u8>) {
            let mac = |text: &[u8]| {
                let mut mac = <M as KeyInit>::new_from_slice(salted).unwrap();
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            };
            (D::digest(mac(b"Client Key")).to_vec(), mac(b"Server Key"))
        }
        let password = password.as_bytes();
        let (stored, server) = match hash {
            Hash::Sha1 => {
                let mut salted = [0; 20];
                pbkdf2::pbkdf2_hmac::<Sha1>(password, SALT, ROUNDS, &mut salted);
                keys::<Sha1, Hmac<Sha1>>(&salted)
            }
            Hash::Sha256 => {
                let mut salted = [0; 32];
                pbkdf2::pbkdf2_hmac::<Sha256>(password, SALT, ROUNDS, &mut salted);
                keys::<Sha256, Hmac<Sha256>>(&salted)
            }
            Hash::Sha512 => {
                let mut salted = [0; 64];
                pbkdf2::pbkdf2_hmac::<Sha512>(password, SALT, ROUNDS, &mut salted);
                keys::<Sha512, Hmac<Sha512>>(&salted)
            }
        };
        Self { user, stored, server, channel }
    }
}

impl SessionCallback for Keys {
    fn callback(&self, _: &SessionData, context: &Context<'_>, request: &mut Request<'_>) -> Result<(), SessionError> {
        let kind = context.get_ref::<ChannelBindingName>().and_then(BindingKind::from_name);
        if let Some(data) = kind.and_then(|kind| self.channel.get(kind)) {
            let _ = request.satisfy::<ChannelBindings>(data)?;
        }
        if context.get_ref::<AuthId>() == Some(self.user) {
            let keys = ScramStoredPassword::new(ROUNDS, SALT, &self.stored, &self.server);
            let _ = request.satisfy::<ScramStoredPassword<'static>>(&keys)?;
        }
        Ok(())
    }

    fn validate(
        &self,
        _: &SessionData,
        context: &Context<'_>,
        validate: &mut Validate<'_>,
    ) -> Result<(), ValidationError> {
        let who = context.get_ref::<AuthId>().map(str::to_owned);
        let _ = validate.with::<Who, _>(|| Ok(who.unwrap_or_default()))?;
        Ok(())
    }
}

/// Who has proved to know the password.
struct Who;

impl Validation for Who {
    type Value = String;
}

/// One login.
pub struct Independent(Session<Who>);

impl Independent {
    pub fn new(mechanism: Mechanism, user: &'static str, password: &str, bindings: Bindings) -> Option<Self> {
        let Mechanism::Scram { hash, .. } = mechanism else { return None };
        // What it thinks it offers: -PLUS only where it is asked for, else it refuses `y`, as it must (RFC 5802 §6).
        static BOUND: [rsasl::prelude::Mechanism; 3] =
            [scram::SCRAM_SHA512_PLUS, scram::SCRAM_SHA256_PLUS, scram::SCRAM_SHA1_PLUS];
        static UNBOUND: [rsasl::prelude::Mechanism; 3] = [scram::SCRAM_SHA512, scram::SCRAM_SHA256, scram::SCRAM_SHA1];
        let registry = Registry::with_mechanisms(if mechanism.binds() { &BOUND } else { &UNBOUND });
        let keys = Keys::new(hash, user, password, bindings);
        let config = SASLConfig::builder().with_registry(registry).with_callback(keys).unwrap();
        let config: Arc<SASLConfig> = config;
        let name = Mechname::parse(mechanism.name().as_bytes()).unwrap();
        let session = SASLServer::<Who>::new(config).start_suggested(name).unwrap();
        Some(Self(session))
    }

    /// The answer to a message of the client; `None` where it refuses.
    pub fn step(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let mut out = Cursor::new(Vec::new());
        let _ = self.0.step(Some(message), &mut out).ok()?;
        Some(out.into_inner()).filter(|answer| !answer.starts_with(b"e="))
    }

    /// Who has logged in.
    pub fn who(&mut self) -> Option<String> {
        self.0.validation()
    }
}
