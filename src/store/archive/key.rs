//! The key of one archive file, and the keyed hashes inside it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::Connection;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::fault::Fault;
use crate::store::{ItemKey, Payload};
use crate::text::push_hex;

/// The 256-bit key of the file. Wiped when dropped; prints as `***`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the codes of the file's pages.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Appends it as 64 hexadecimal digits.
    pub(super) fn hex(&self, out: &mut String) {
        push_hex(out, &self.0);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The digest of a payload that was lost.
pub const LOST: i64 = i64::MIN;

/// Hashes for look-ups, keyed by a random value that is kept in the archive itself, so that nobody outside can aim for a
/// collision. Never all there is to an equality.
#[derive(Clone)]
pub struct Digests(Hmac<Sha256>);

impl Digests {
    /// # Errors
    /// Never for a key of any length; the hash's interface says it might.
    pub fn new(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    /// By the key that an archive keeps; nothing where it has none yet. No copy of the key is made.
    pub fn kept(on: &Connection) -> Result<Option<Self>, Fault> {
        let mut find = on.prepare("SELECT value FROM meta WHERE name = 'digests'")?;
        let mut found = find.query([])?;
        let Some(row) = found.next()? else { return Ok(None) };
        let key = row.get_ref(0)?.as_blob().ok().filter(|key| key.len() == 32);
        let digests = key.and_then(Self::new).ok_or_else(|| Fault::Damaged("no key of the hashes".to_owned()))?;
        Ok(Some(digests))
    }

    /// Of an item's identity. The topic goes by its number.
    pub fn key(&self, topic: i64, key: &ItemKey) -> i64 {
        self.hash(&[b"item", &topic.to_le_bytes(), key.item.0.as_bytes()])
    }

    /// Of what an item carries.
    pub fn payload(&self, payload: Option<&Payload>) -> i64 {
        payload.map_or(0, |payload| self.hash(&[b"body", &payload.bytes]))
    }

    fn hash(&self, parts: &[&[u8]]) -> i64 {
        let mut mac = self.0.clone();
        parts.iter().for_each(|part| mac.update(part));
        let bytes = mac.finalize().into_bytes();
        bytes.iter().take(8).fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte))
    }
}

impl fmt::Debug for Digests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
