//! `keys.json`: which file is the archive, a value that tells whether a key is its own, and the slots. No secret stands in it.
//! Written whole, twice: the copy serves where the first was damaged. What the master key made of all of it stands beside it:
//! a slot that somebody took out, or a sheet that was put together of two, is told.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::Trouble;
use super::slot::{Bytes, Slot, derive, random};
use super::step::{self, Step};
use crate::store::archive::Key;

pub use crate::store::archive::sync;

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
    /// The master key's mark on all of the above.
    #[serde(default)]
    mark: String,
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
        let (check, mark) = (String::new(), String::new());
        let mut sheet = Self { version: VERSION, generation, salt, check, slots: Vec::new(), mark };
        sheet.check = BASE64.encode(sheet.value(master)?);
        Ok(sheet)
    }

    /// Under which name the keychain keeps its key, if it does.
    pub fn entry(&self) -> Option<&str> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Keychain { id, .. } => Some(id.as_str()),
            _ => None,
        })
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

    /// With the master key's mark, as it is written.
    pub fn marked(mut self, master: &Bytes) -> Result<Self, Trouble> {
        self.mark = BASE64.encode(*self.mark(master)?);
        Ok(self)
    }

    /// Whether it is as it was written, by who has the master key.
    pub fn is_whole(&self, master: &Bytes) -> Result<bool, Trouble> {
        let mark = BASE64.decode(&self.mark).unwrap_or_default();
        Ok(self.mark(master)?.ct_eq(mark.as_slice()).into())
    }

    fn mark(&self, master: &Bytes) -> Result<Bytes, Trouble> {
        let plain = Self { mark: String::new(), ..self.clone() };
        let mut purpose = b"gridwatch key sheet 1\0".to_vec();
        purpose.extend(serde_json::to_vec(&plain).map_err(|_| Trouble::KeysDamaged)?);
        derive(&**master, self.salt.as_bytes(), &purpose)
    }

    /// The key of the archive's file of this generation.
    pub fn key(&self, master: &Bytes) -> Result<Key, Trouble> {
        let purpose = format!("gridwatch archive {}", self.generation);
        Ok(Key::new(*derive(&**master, self.salt.as_bytes(), purpose.as_bytes())?))
    }

    /// Reads the sheet of a folder, and its copy where that says something else of the same file; nothing when there is none.
    pub fn read(folder: &Path) -> Result<Option<(Self, Option<Self>)>, Trouble> {
        let (first, copy) = (read(&own(folder)), read(&copy(folder)));
        match (first, copy) {
            (Ok(Some(sheet)), copy) => {
                // A copy of an older file may have ways in that were taken back.
                let same = |copy: &Self| copy.generation == sheet.generation && *copy != sheet;
                let copy = copy.ok().flatten().filter(same);
                Ok(Some((sheet, copy)))
            }
            (Err(error @ (Trouble::Newer | Trouble::Disk { .. })), _) => Err(error),
            // A copy of an older file names one that is not there any more.
            (_, Ok(Some(sheet))) if exists(folder, sheet.generation) => Ok(Some((sheet, None))),
            (Ok(None), Ok(None)) => Ok(None),
            _ => Err(Trouble::KeysDamaged),
        }
    }

    /// Writes it: from here on it holds. The copy follows; without it the sheet holds all the same.
    pub fn write(&self, folder: &Path) -> Result<(), Unwritten> {
        let text = self.text().map_err(Unwritten::Before)?;
        atomically(&own(folder), &text)?;
        if let Err(unwritten) = atomically(&copy(folder), &text) {
            tracing::warn!(error = %unwritten.trouble(), "no copy of the keys");
        }
        Ok(())
    }

    /// Writes what of the two files is not this: the sheet that just opened the archive is proved good.
    pub fn heal(&self, folder: &Path) {
        for path in [own(folder), copy(folder)] {
            if read(&path).is_ok_and(|kept| kept.as_ref() == Some(self)) {
                continue;
            }
            let healed = self.text().map_err(Unwritten::Before).and_then(|text| atomically(&path, &text));
            if let Err(unwritten) = healed {
                tracing::warn!(error = %unwritten.trouble(), "the keys were not mended");
            }
        }
    }

    fn text(&self) -> Result<Vec<u8>, Trouble> {
        serde_json::to_vec_pretty(self).map_err(|error| Trouble::Disk { cause: error.to_string() })
    }
}

/// How far a file was written that replaces another.
#[derive(Debug)]
pub enum Unwritten {
    /// What was there is there.
    Before(Trouble),
    /// It was replaced, and a power cut may bring either back.
    After(Trouble),
}

impl Unwritten {
    pub fn trouble(self) -> Trouble {
        match self {
            Self::Before(trouble) | Self::After(trouble) => trouble,
        }
    }
}

pub fn own(folder: &Path) -> PathBuf {
    folder.join("keys.json")
}

pub fn copy(folder: &Path) -> PathBuf {
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
fn atomically(path: &Path, bytes: &[u8]) -> Result<(), Unwritten> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let before = |error: io::Error| Unwritten::Before(error.into());
    // tempfile creates with 0600.
    let temporary = tempfile::Builder::new().prefix(".keys-").suffix(".tmp").tempfile_in(folder);
    let mut file = temporary.map_err(before)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(before)?;
    let _ = file.persist(path).map_err(|error| before(error.error))?;
    step::pass(Step::Keyed).and_then(|()| sync(folder)).map_err(|error| Unwritten::After(error.into()))
}
