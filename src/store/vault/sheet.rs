//! `keys.json`: which file is the archive, a value that tells whether a key is its own, and the slots. No secret stands in it.
//! Written whole, twice: the copy serves where the first was damaged.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::Trouble;
use super::slot::{Bytes, Slot, derive, random};
use crate::store::archive::Key;

const VERSION: u32 = 1;
/// Longest file that is read, in bytes, and most slots.
const LONGEST: u64 = 64 << 10;
const SLOTS: usize = 16;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    version: u32,
    /// Counts the files: a new key or a recovery makes the next.
    pub generation: u32,
    salt: String,
    check: String,
    pub slots: Vec<Slot>,
}

/// What can be read of any version.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Sheet {
    /// A sheet without slots.
    pub fn new(master: &Bytes, generation: u32) -> Result<Self, Trouble> {
        let salt = BASE64.encode(*random::<32>()?);
        let mut sheet = Self { version: VERSION, generation, salt, check: String::new(), slots: Vec::new() };
        sheet.check = BASE64.encode(sheet.value(master)?);
        Ok(sheet)
    }

    /// The same keys for the next file.
    pub fn next(mut self) -> Result<Self, Trouble> {
        self.generation = self.generation.checked_add(1).ok_or(Trouble::KeysDamaged)?;
        Ok(self)
    }

    /// Whether this is the master key.
    pub fn is_own(&self, master: &Bytes) -> Result<bool, Trouble> {
        let check = BASE64.decode(&self.check).map_err(|_| Trouble::KeysDamaged)?;
        Ok(self.value(master)?.ct_eq(&check).into())
    }

    fn value(&self, master: &Bytes) -> Result<[u8; 16], Trouble> {
        let value = derive(&**master, self.salt.as_bytes(), b"gridwatch key check 1")?;
        let half = value.first_chunk::<16>().ok_or(Trouble::KeysDamaged)?;
        Ok(*half)
    }

    /// The key of the archive's file of this generation.
    pub fn key(&self, master: &Bytes) -> Result<Key, Trouble> {
        let purpose = format!("gridwatch archive {}", self.generation);
        Ok(Key::new(*derive(&**master, self.salt.as_bytes(), purpose.as_bytes())?))
    }

    /// Reads the sheet of a folder; nothing when there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, Trouble> {
        let (first, copy) = (read(&own(folder)), read(&copy(folder)));
        match (first, copy) {
            (Ok(Some(sheet)), _) => Ok(Some(sheet)),
            (Err(error @ (Trouble::Newer | Trouble::Disk { .. })), _) => Err(error),
            // A copy of an older file names one that is not there any more.
            (_, Ok(Some(sheet))) if exists(folder, sheet.generation) => Ok(Some(sheet)),
            (Ok(None), Ok(None)) => Ok(None),
            _ => Err(Trouble::KeysDamaged),
        }
    }

    /// Writes it: from here on it holds. The copy follows; without it the sheet holds all the same.
    pub fn write(&self, folder: &Path) -> Result<(), Trouble> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| Trouble::Disk { cause: error.to_string() })?;
        atomically(&own(folder), &text)?;
        if let Err(error) = atomically(&copy(folder), &text) {
            tracing::warn!(target: "archive", %error, "no copy of the keys");
        }
        Ok(())
    }
}

pub fn own(folder: &Path) -> PathBuf {
    folder.join("keys.json")
}

fn copy(folder: &Path) -> PathBuf {
    folder.join("keys.copy.json")
}

/// The archive's file of a generation, and what it is called until its keys are written.
pub fn file(folder: &Path, generation: u32) -> PathBuf {
    folder.join(format!("archive-{generation}.db"))
}

pub fn unfinished(folder: &Path, generation: u32) -> PathBuf {
    folder.join(format!("archive-{generation}.new"))
}

fn exists(folder: &Path, generation: u32) -> bool {
    file(folder, generation).exists() || unfinished(folder, generation).exists()
}

fn read(path: &Path) -> Result<Option<Sheet>, Trouble> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !file.metadata()?.is_file() {
        return Err(Trouble::KeysDamaged);
    }
    let mut bytes = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read > LONGEST) {
        return Err(Trouble::KeysDamaged);
    }
    match serde_json::from_slice(&bytes) {
        Ok(Versioned { version: VERSION }) => {}
        Ok(Versioned { version }) if version > VERSION => return Err(Trouble::Newer),
        _ => return Err(Trouble::KeysDamaged),
    }
    let sheet: Sheet = serde_json::from_slice(&bytes).map_err(|_| Trouble::KeysDamaged)?;
    if sheet.slots.is_empty() || sheet.slots.len() > SLOTS { Err(Trouble::KeysDamaged) } else { Ok(Some(sheet)) }
}

/// A new file beside it, synced, renamed over it, and the folder synced.
fn atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // tempfile creates with 0600.
    let mut file = tempfile::Builder::new().prefix(".keys-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let _ = file.persist(path).map_err(|error| error.error)?;
    sync(folder)
}

/// A rename must survive a power cut. Windows has no such call and needs none.
pub fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}
