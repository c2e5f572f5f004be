//! Key slots: the master key sealed once for each way in (`security.md` §5). Any one opens; none is more than the others.
//!
//! Pure but for randomness. Nothing here prints a key; what a file says of costs is bounded before any of it is paid.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::Trouble;
use super::recovery::Code;

/// 256 bits that are wiped.
pub type Bytes = Zeroizing<[u8; 32]>;

const NONCE: usize = 24;

/// What a passphrase costs to try, by Argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Cost {
    /// RFC 9106 §4's second choice with twice its memory: half a second of a desk computer.
    pub const USUAL: Self = Self { memory_kib: 128 << 10, passes: 3, lanes: 4 };
    /// What another program's file may ask of this one: a gibibyte, and four times that in all.
    const MOST_MEMORY: u32 = 1 << 20;
    const MOST_WORK: u64 = 4 << 20;
    const MOST_LANES: u32 = 8;

    fn bounded(self) -> Result<Self, Trouble> {
        let work = u64::from(self.memory_kib) * u64::from(self.passes);
        let fits = self.memory_kib <= Self::MOST_MEMORY && work <= Self::MOST_WORK && self.lanes <= Self::MOST_LANES;
        let sane = self.memory_kib >= 8 * self.lanes && self.passes >= 1 && self.lanes >= 1;
        if fits && sane { Ok(self) } else { Err(Trouble::Costly) }
    }

    /// The key that a passphrase stands for.
    pub fn stretch(self, passphrase: &str, salt: &[u8]) -> Result<Bytes, Trouble> {
        let cost = self.bounded()?;
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| Trouble::Costly)?;
        let mut key = Bytes::default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, &mut *key)
            .map_err(|_| Trouble::Costly)?;
        Ok(key)
    }
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Keychain,
    Passphrase,
    Recovery,
}

/// The master key, sealed for one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Slot {
    /// By a key that only the keychain has, under an entry with this id.
    Keychain {
        id: String,
        sealed: String,
    },
    Passphrase {
        id: String,
        salt: String,
        cost: Cost,
        sealed: String,
    },
    /// By the code that was printed.
    Recovery {
        id: String,
        sealed: String,
    },
}

impl Slot {
    pub fn way(&self) -> Way {
        match self {
            Self::Keychain { .. } => Way::Keychain,
            Self::Passphrase { .. } => Way::Passphrase,
            Self::Recovery { .. } => Way::Recovery,
        }
    }

    /// Seals the master key for the keychain; gives the slot and what the keychain is to keep.
    pub fn keychain(master: &Bytes) -> Result<(Self, Zeroizing<String>), Trouble> {
        let (id, key) = (id()?, random_key()?);
        let sealed = seal(&key, master, &bound(Way::Keychain, &id, &[]))?;
        Ok((Self::Keychain { id, sealed }, Zeroizing::new(BASE64.encode(*key))))
    }

    pub fn passphrase(master: &Bytes, passphrase: &str, cost: Cost) -> Result<Self, Trouble> {
        let id = id()?;
        let salt = random::<16>()?;
        let key = cost.stretch(&prepared(passphrase), &*salt)?;
        let sealed = seal(&key, master, &bound(Way::Passphrase, &id, &*salt))?;
        Ok(Self::Passphrase { id, salt: BASE64.encode(*salt), cost, sealed })
    }

    pub fn recovery(master: &Bytes) -> Result<(Self, Code), Trouble> {
        let (id, code) = (id()?, Code::random()?);
        let key = code_key(&code, &id)?;
        let sealed = seal(&key, master, &bound(Way::Recovery, &id, &[]))?;
        Ok((Self::Recovery { id, sealed }, code))
    }

    /// The master key, by what the keychain kept; nothing when it does not open.
    pub fn by_keychain(&self, kept: &str) -> Result<Option<Bytes>, Trouble> {
        let Self::Keychain { id, sealed } = self else { return Ok(None) };
        let kept = Zeroizing::new(BASE64.decode(kept.trim()).unwrap_or_default());
        let Ok(kept) = <[u8; 32]>::try_from(kept.as_slice()) else { return Ok(None) };
        Ok(open(&Zeroizing::new(kept), sealed, &bound(Way::Keychain, id, &[])))
    }

    pub fn by_passphrase(&self, passphrase: &str) -> Result<Option<Bytes>, Trouble> {
        let Self::Passphrase { id, salt, cost, sealed } = self else { return Ok(None) };
        let Ok(salt) = BASE64.decode(salt) else { return Err(Trouble::KeysDamaged) };
        let bound = bound(Way::Passphrase, id, &salt);
        let prepared = prepared(passphrase);
        let master = open(&cost.stretch(&prepared, &salt)?, sealed, &bound);
        if master.is_some() || *prepared == passphrase {
            return Ok(master);
        }
        // A slot that was made before passphrases were prepared has it as it was typed.
        Ok(open(&cost.stretch(passphrase, &salt)?, sealed, &bound))
    }

    pub fn by_recovery(&self, code: &Code) -> Result<Option<Bytes>, Trouble> {
        let Self::Recovery { id, sealed } = self else { return Ok(None) };
        Ok(open(&code_key(code, id)?, sealed, &bound(Way::Recovery, id, &[])))
    }
}

/// A passphrase as it is hashed, however a keyboard composes its letters (RFC 8265 §4.2); one that the profile refuses only
/// with its letters composed.
pub fn prepared(passphrase: &str) -> Zeroizing<String> {
    let opaque = OpaqueString::enforce(passphrase).map(std::borrow::Cow::into_owned);
    Zeroizing::new(opaque.unwrap_or_else(|_| passphrase.nfc().collect()))
}

fn code_key(code: &Code, id: &str) -> Result<Bytes, Trouble> {
    derive(code.bytes(), id.as_bytes(), b"gridwatch recovery code 1")
}

/// A key made of another for one purpose (RFC 5869).
pub fn derive(key: &[u8], salt: &[u8], purpose: &[u8]) -> Result<Bytes, Trouble> {
    let mut derived = Bytes::default();
    let made = Hkdf::<Sha256>::new(Some(salt), key).expand(purpose, &mut *derived);
    made.map(|()| derived).map_err(|_| Trouble::KeysDamaged)
}

/// What a seal is bound to: a slot that is moved into another's place does not open.
fn bound(way: Way, id: &str, salt: &[u8]) -> Vec<u8> {
    let way = match way {
        Way::Keychain => "keychain",
        Way::Passphrase => "passphrase",
        Way::Recovery => "recovery",
    };
    [b"gridwatch key slot 1\0", way.as_bytes(), b"\0", id.as_bytes(), b"\0", salt].concat()
}

/// Seals a key: nonce and ciphertext, as text.
pub fn seal(by: &Bytes, key: &Bytes, bound: &[u8]) -> Result<String, Trouble> {
    let nonce = random::<NONCE>()?;
    let cipher = XChaCha20Poly1305::new((&**by).into());
    let payload = Payload { msg: &**key, aad: bound };
    let sealed = cipher.encrypt(&XNonce::from(*nonce), payload).map_err(|_| Trouble::KeysDamaged)?;
    Ok(BASE64.encode([&nonce[..], &sealed].concat()))
}

/// Opens what [`seal`] sealed; nothing when it is another key, or changed.
pub fn open(by: &Bytes, sealed: &str, bound: &[u8]) -> Option<Bytes> {
    let sealed = BASE64.decode(sealed).ok()?;
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let nonce = <[u8; NONCE]>::try_from(nonce).ok()?;
    let cipher = XChaCha20Poly1305::new((&**by).into());
    let key = Zeroizing::new(cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: bound }).ok()?);
    Some(Zeroizing::new(<[u8; 32]>::try_from(key.as_slice()).ok()?))
}

pub fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Trouble> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|error| Trouble::Disk { cause: error.to_string() })?;
    Ok(bytes)
}

pub fn random_key() -> Result<Bytes, Trouble> {
    random::<32>()
}

fn id() -> Result<String, Trouble> {
    Ok(random::<8>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
pub(super) const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_opens_its_own_slot_and_no_other() {
        let master = random_key().unwrap();
        let (keychain, kept) = Slot::keychain(&master).unwrap();
        let passphrase = Slot::passphrase(&master, "correct horse", CHEAP).unwrap();
        let (recovery, code) = Slot::recovery(&master).unwrap();
        assert_eq!(keychain.by_keychain(&kept).unwrap(), Some(master.clone()));
        assert_eq!(passphrase.by_passphrase("correct horse").unwrap(), Some(master.clone()));
        assert_eq!(recovery.by_recovery(&code).unwrap(), Some(master.clone()));
        let (_, other) = Slot::keychain(&master).unwrap();
        assert_eq!(keychain.by_keychain(&other).unwrap(), None);
        assert_eq!(keychain.by_keychain("not a key").unwrap(), None);
        assert_eq!(passphrase.by_passphrase("Correct horse").unwrap(), None);
        assert_eq!(recovery.by_recovery(&Code::random().unwrap()).unwrap(), None);
        assert_eq!(passphrase.by_keychain(&kept).unwrap(), None);
    }

    #[test]
    fn a_passphrase_opens_however_its_letters_are_composed() {
        let master = random_key().unwrap();
        let (composed, apart) = ("K\u{e4}se und Brot", "Ka\u{308}se\u{a0}und Brot");
        for (made, typed) in [(composed, apart), (apart, composed), ("tab\tand e\u{301}", "tab\tand \u{e9}")] {
            let slot = Slot::passphrase(&master, made, CHEAP).unwrap();
            assert_eq!(slot.by_passphrase(typed).unwrap(), Some(master.clone()), "{typed:?}");
            assert_eq!(slot.by_passphrase(&typed.to_uppercase()).unwrap(), None);
        }
        // A slot of before.
        let key = CHEAP.stretch(apart, &[7; 16]).unwrap();
        let sealed = seal(&key, &master, &bound(Way::Passphrase, "0123", &[7; 16])).unwrap();
        let old = Slot::Passphrase { id: "0123".to_owned(), salt: BASE64.encode([7; 16]), cost: CHEAP, sealed };
        assert_eq!(old.by_passphrase(apart).unwrap(), Some(master));
    }

    #[test]
    fn a_seal_is_bound_to_its_slot() {
        let master = random_key().unwrap();
        let (slot, kept) = Slot::keychain(&master).unwrap();
        let Slot::Keychain { sealed, .. } = slot else { panic!() };
        let moved = Slot::Keychain { id: "0000000000000000".to_owned(), sealed: sealed.clone() };
        assert_eq!(moved.by_keychain(&kept).unwrap(), None);
    }

    #[test]
    fn a_hostile_cost_is_refused_before_it_is_paid() {
        for cost in [
            Cost { memory_kib: 64 << 20, passes: 1, lanes: 1 },
            Cost { memory_kib: 1 << 20, passes: 5, lanes: 1 },
            Cost { memory_kib: 64, passes: u32::MAX, lanes: 1 },
            Cost { memory_kib: 64, passes: 1, lanes: 9 },
            Cost { memory_kib: 64, passes: 1, lanes: 0 },
            Cost { memory_kib: 64, passes: 0, lanes: 1 },
            Cost { memory_kib: 4, passes: 1, lanes: 1 },
        ] {
            assert_eq!(cost.stretch("x", &[0; 16]), Err(Trouble::Costly), "{cost:?}");
        }
        assert!(Cost::USUAL.bounded().is_ok());
    }
}
