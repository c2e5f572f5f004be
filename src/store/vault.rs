//! A profile's archive in its folder: made, opened by one of its keys, moved to new keys, set aside and recovered when it is
//! damaged. Nothing is written unencrypted, nothing damaged is written over, and no key is made where there was one
//! (`security.md` §4–5).
//!
//! May use `model`, the archive and the contract in `store`. The folder holds `keys.json` ([`sheet`]), the file that it names
//! and a lock that one program holds. Whatever changes the file makes the next one beside it, writes the keys, which from then
//! on name that, and removes the old one last: a crash between any two steps leaves exactly one archive that opens.

mod backup;
mod change;
mod recovery;
mod sheet;
mod slot;
mod step;
#[cfg(test)]
mod tests;
mod ways;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::Progress;
use super::archive::{self, Archive, Fault, Log, Summarise};
use crate::model::Say;
use sheet::{Sheet, Unwritten};
use slot::{Bytes, Slot};
use step::Step;

pub use super::archive::Kept;
pub use backup::verify;
pub use change::Recovered;
pub use recovery::Code;
pub use slot::{Cost, Way};
pub use ways::{Care, Lasts};

/// Why an archive does not open, or was not made. Each has its words; what to offer follows from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Another program, or another window of this one, works with it.
    #[error("the archive is in use")]
    InUse,
    #[error("the archive's folder may not be written")]
    ReadOnly,
    #[error("no room on the disk")]
    NoRoom,
    /// A later program wrote it.
    #[error("the archive is of a later program")]
    Newer,
    /// There is an archive here already.
    #[error("there is an archive already")]
    Exists,
    /// An archive without its keys: nobody can open it. It is not written over.
    #[error("the archive's keys are gone")]
    KeysLost,
    #[error("the archive's keys are damaged")]
    KeysDamaged,
    /// The keys open, and they are not as they were written.
    #[error("the archive's keys were changed")]
    KeysChanged,
    /// The keys ask for more work than any of this program's would.
    #[error("the archive's keys ask for too much work")]
    Costly,
    /// The key is right and the file is not what was written.
    #[error("the archive is damaged: {cause}")]
    Damaged { cause: String },
    /// The keys name a file that is not there.
    #[error("the archive's file is gone")]
    Gone,
    /// What was given opens nothing.
    #[error("that does not open the archive")]
    Wrong { way: Way },
    /// No code at all: a slip of the pen.
    #[error("that is not a recovery code")]
    Mistyped,
    /// The person chose no way in; such an archive could never be opened again.
    #[error("an archive needs a way in")]
    NoWay,
    /// The other file: a backup.
    #[error("that is not a backup of an archive")]
    NoBackup,
    #[error("{cause}")]
    Disk { cause: String },
    /// The keychain did not take the archive's key.
    #[error("the keychain did not take the key: {cause}")]
    Keychain { cause: String },
    /// Who waited for it did not want it any more.
    #[error("stopped")]
    Stopped,
}

impl Trouble {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::InUse => Say::new("archive-in-use"),
            Self::ReadOnly => Say::new("archive-read-only"),
            Self::NoRoom => Say::new("archive-no-room"),
            Self::Newer => Say::new("archive-newer"),
            Self::Exists => Say::new("archive-exists"),
            Self::KeysLost => Say::new("archive-keys-lost"),
            Self::KeysDamaged => Say::new("archive-keys-damaged"),
            Self::KeysChanged => Say::new("archive-keys-changed"),
            Self::Costly => Say::new("archive-costly"),
            Self::Damaged { cause } => Say::new("archive-damaged").with("cause", cause),
            Self::Gone => Say::new("archive-gone"),
            Self::Wrong { way: Way::Keychain } => Say::new("archive-wrong-keychain"),
            Self::Wrong { way: Way::Passphrase } => Say::new("archive-wrong-passphrase"),
            Self::Wrong { way: Way::Recovery } => Say::new("archive-wrong-code"),
            Self::Mistyped => Say::new("archive-mistyped"),
            Self::NoWay => Say::new("archive-no-way"),
            Self::NoBackup => Say::new("archive-no-backup"),
            Self::Disk { cause } => Say::new("archive-disk").with("cause", cause),
            Self::Keychain { cause } => Say::new("archive-keychain-refused").with("cause", cause),
            Self::Stopped => Say::new("archive-stopped"),
        }
    }
}

impl Trouble {
    /// Whether no key opens it any more, so that it can only be put by for a new one.
    #[must_use]
    pub fn is_for_good(&self) -> bool {
        matches!(self, Self::KeysLost | Self::KeysDamaged | Self::KeysChanged | Self::Costly | Self::Gone)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NoRoom => Self::NoRoom,
            Fault::ReadOnly => Self::ReadOnly,
            Fault::Busy => Self::InUse,
            Fault::Newer(_) => Self::Newer,
            Fault::Damaged(cause) => Self::Damaged { cause },
            Fault::Stopped => Self::Stopped,
            fault => Self::Disk { cause: fault.to_string() },
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Fault::from(error).into()
    }
}

/// What opens an archive.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// What the keychain kept under [`Locked::entry`].
    Keychain(&'a str),
    Passphrase(&'a str),
    Recovery(&'a str),
}

impl By<'_> {
    fn way(self) -> Way {
        match self {
            Self::Keychain(_) => Way::Keychain,
            Self::Passphrase(_) => Way::Passphrase,
            Self::Recovery(_) => Way::Recovery,
        }
    }
}

/// What is in the folder.
#[derive(Debug)]
pub enum Found {
    /// No archive, and no trace of one.
    Nothing(Draft),
    Locked(Locked),
}

/// A folder's archive. Calls block on disk and on stretching passphrases: not from the window's own thread.
#[derive(Clone, Debug)]
pub struct Vault {
    folder: PathBuf,
}

impl Vault {
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether nothing was ever kept here; without a lock, and so only for now. Makes nothing, not even the folder.
    #[must_use]
    pub fn is_new(&self) -> bool {
        !sheet::own(&self.folder).exists()
            && match archives(&self.folder) {
                Ok(files) => files.is_empty(),
                Err(error) => error.kind() == io::ErrorKind::NotFound,
            }
    }

    /// Takes the folder for this program and looks what is in it.
    ///
    /// # Errors
    /// When nothing can be done here, or an archive is here that cannot be opened.
    pub fn look(&self) -> Result<Found, Trouble> {
        private_folder(&self.folder)?;
        let lock = lock(&self.folder)?;
        match Sheet::read(&self.folder)? {
            Some((sheet, copy)) => {
                let (folder, progress) = (self.folder.clone(), Progress::default());
                Ok(Found::Locked(Locked { folder, lock, sheet, copy, progress }))
            }
            None if archives(&self.folder)?.is_empty() => Ok(Found::Nothing(Draft::new(self.folder.clone(), lock, 1)?)),
            None => Err(Trouble::KeysLost),
        }
    }
}

/// An archive that waits for one of its keys. It holds the lock.
#[derive(Debug)]
pub struct Locked {
    folder: PathBuf,
    lock: fs::File,
    sheet: Sheet,
    /// The other of the two sheets, where it says something else of the same file.
    copy: Option<Sheet>,
    progress: Progress,
}

impl Locked {
    /// The ways in that it has.
    #[must_use]
    pub fn ways(&self) -> Vec<Way> {
        self.sheet.slots.iter().map(Slot::way).collect()
    }

    /// Under which name the keychain keeps its key, if it does.
    #[must_use]
    pub fn entry(&self) -> Option<&str> {
        self.sheet.entry()
    }

    /// Whether it proved damaged when it was last open: opening it reads all of it first.
    #[must_use]
    pub fn is_doubted(&self) -> bool {
        archive::doubt(&self.files().0).exists()
    }

    /// With who waits while it is opened, recovered or moved to new keys.
    #[must_use]
    pub fn watched(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Opens the archive. Where that fails the lock is given back with the reason: another key may open it.
    ///
    /// # Errors
    /// [`Trouble::Wrong`] when the key is not its own, [`Trouble::Damaged`] when it is and the file does not open.
    pub fn open(mut self, by: By<'_>, summarise: Option<Summarise>) -> Result<Archive, (Box<Self>, Trouble)> {
        match self.master(by).and_then(|master| self.unlock(&master, summarise)) {
            Ok(archive) => {
                // It opened by a key that is made for this generation alone: it is the file that the keys name.
                self.sheet.heal(&self.folder);
                self.tidy();
                Ok(archive.guarded(self.lock))
            }
            Err(trouble) => Err((Box::new(self), trouble)),
        }
    }

    /// The master key, proved to be the archive's, by a sheet that is as it was written.
    fn master(&mut self, by: By<'_>) -> Result<Bytes, Trouble> {
        let first = master(&self.sheet, by);
        if first.is_ok() {
            return first;
        }
        // One of the two may have been damaged.
        let Some(copy) = &self.copy else { return first };
        let Ok(master) = master(copy, by) else { return first };
        self.sheet = copy.clone();
        Ok(master)
    }

    fn unlock(&self, master: &Bytes, summarise: Option<Summarise>) -> Result<Archive, Trouble> {
        let (file, unfinished) = self.files();
        // The keys were written and the file not yet renamed.
        if !file.exists() {
            if !unfinished.exists() {
                return Err(Trouble::Gone);
            }
            fs::rename(&unfinished, &file)?;
            sheet::sync(&self.folder)?;
        }
        let key = self.sheet.key(master)?;
        // SQLite passes over what comes after a broken place in the log, and writes over it.
        let is_short = match archive::log(&file)? {
            Log::Whole => false,
            Log::Torn => self.is_doubted(),
            Log::Broken => true,
        };
        if is_short {
            return Err(Trouble::Damaged { cause: archive::BROKEN.to_owned() });
        }
        if self.is_doubted() {
            archive::verify(&file, &key, &self.progress)?;
            // It was a slip of the disk's, or of what reads it: all of it is what was written.
            fs::remove_file(archive::doubt(&file))?;
        }
        Ok(Archive::open(&file, &key, summarise)?)
    }

    fn files(&self) -> (PathBuf, PathBuf) {
        let generation = self.sheet.generation;
        (sheet::file(&self.folder, generation), sheet::unfinished(&self.folder, generation))
    }

    /// Removes what a change that did not come to its end left: files that were never named by the keys, and the one before
    /// the one that has just opened.
    fn tidy(&self) {
        let (own, _) = self.files();
        for path in archives(&self.folder).unwrap_or_default() {
            let finished = path.extension().is_some_and(|kind| kind == "db");
            let generation = change::generation_of(&path);
            let left = generation.is_some_and(|old| old.checked_add(1) == Some(self.sheet.generation));
            if path != own && (!finished || left) {
                change::remove(&path);
            }
        }
    }
}

fn master(sheet: &Sheet, by: By<'_>) -> Result<Bytes, Trouble> {
    let code = match by {
        By::Recovery(text) => Some(Code::read(text)?),
        _ => None,
    };
    for slot in &sheet.slots {
        let master = match (by, &code) {
            (By::Keychain(kept), _) => slot.by_keychain(kept)?,
            (By::Passphrase(passphrase), _) => slot.by_passphrase(passphrase)?,
            (By::Recovery(_), Some(code)) => slot.by_recovery(code)?,
            (By::Recovery(_), None) => None,
        };
        let Some(master) = master else { continue };
        if !sheet.is_own(&master)? {
            return Err(Trouble::KeysDamaged);
        }
        return if sheet.is_whole(&master)? { Ok(master) } else { Err(Trouble::KeysChanged) };
    }
    Err(Trouble::Wrong { way: by.way() })
}

/// An archive that is being planned: its key, and the ways in. It holds the lock.
#[derive(Debug)]
pub struct Draft {
    folder: PathBuf,
    lock: fs::File,
    master: Master,
    sheet: Sheet,
    progress: Progress,
}

/// A key that does not print.
struct Master(Bytes);

impl std::fmt::Debug for Master {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Draft {
    fn new(folder: PathBuf, lock: fs::File, generation: u32) -> Result<Self, Trouble> {
        let master = slot::random_key()?;
        let sheet = Sheet::new(&master, generation)?;
        Ok(Self { folder, lock, master: Master(master), sheet, progress: Progress::default() })
    }

    /// With who waits while it is filled.
    #[must_use]
    pub fn watched(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// A way in by the keychain: gives the entry's id and what is to be kept under it, *before* [`Draft::make`]. An entry
    /// without archive harms nobody.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn keychain(&mut self) -> Result<(String, Zeroizing<String>), Trouble> {
        let (slot, kept) = Slot::keychain(&self.master.0)?;
        let Slot::Keychain { id, .. } = &slot else { return Err(Trouble::NoWay) };
        let id = id.clone();
        self.sheet.slots.push(slot);
        Ok((id, kept))
    }

    /// A way in by a passphrase.
    ///
    /// # Errors
    /// When it is empty, or the system has no randomness.
    pub fn passphrase(&mut self, passphrase: &str, cost: Cost) -> Result<(), Trouble> {
        if passphrase.is_empty() {
            return Err(Trouble::NoWay);
        }
        self.sheet.slots.push(Slot::passphrase(&self.master.0, passphrase, cost)?);
        Ok(())
    }

    /// A way in by a code, to be shown once and printed.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn recovery(&mut self) -> Result<Code, Trouble> {
        let (slot, code) = Slot::recovery(&self.master.0)?;
        self.sheet.slots.push(slot);
        Ok(code)
    }

    /// Makes the archive, empty.
    ///
    /// # Errors
    /// When none was made, and nothing is left then that would stand in the way of another try; or, where [`Undone::is_named`]
    /// says so, when it was made and is not open.
    pub fn make(self) -> Result<Archive, Undone> {
        self.fill(|_| Ok(()))
    }

    /// Makes the archive with what `fill` puts in.
    fn fill(self, fill: impl FnOnce(&Archive) -> Result<(), Trouble>) -> Result<Archive, Undone> {
        let unfinished = sheet::unfinished(&self.folder, self.sheet.generation);
        change::remove(&unfinished);
        let key = self.sheet.key(&self.master.0)?;
        let made = Archive::make(&unfinished, &key).map_err(Trouble::from).and_then(|archive| {
            fill(&archive)?;
            Ok(archive.close()?)
        });
        made.inspect_err(|_| change::remove(&unfinished))?;
        self.finish()
    }

    /// The file is whole: the keys are written, which name it, then it gets its name. From the moment they may name it,
    /// nothing but it opens, and whatever fails it stays: the next look finds it as after a crash.
    fn finish(self) -> Result<Archive, Undone> {
        let (folder, generation) = (&self.folder, self.sheet.generation);
        let (file, unfinished) = (sheet::file(folder, generation), sheet::unfinished(folder, generation));
        let ready = self.ready(&file, &unfinished).inspect_err(|_| change::remove(&unfinished))?;
        ready.write(folder).map_err(|unwritten| match unwritten {
            Unwritten::Before(trouble) => {
                change::remove(&unfinished);
                Undone::from(trouble)
            }
            Unwritten::After(trouble) => Undone { is_named: true, trouble },
        })?;
        let named = Self::name(folder, &unfinished, &file).map_err(Trouble::from);
        let opened = named.and_then(|()| Ok(Archive::open(&file, &ready.key(&self.master.0)?, None)?));
        let archive = opened.map_err(|trouble| Undone { is_named: true, trouble })?;
        Ok(archive.guarded(self.lock))
    }

    /// All that is to be so before the keys are written; gives them.
    fn ready(&self, file: &Path, unfinished: &Path) -> Result<Sheet, Trouble> {
        if self.sheet.slots.is_empty() {
            return Err(Trouble::NoWay);
        }
        if file.exists() {
            return Err(Trouble::Exists);
        }
        // Windows flushes only what may be written.
        fs::OpenOptions::new().write(true).open(unfinished)?.sync_all()?;
        sheet::sync(&self.folder)?;
        step::pass(Step::Filled)?;
        self.sheet.clone().marked(&self.master.0)
    }

    fn name(folder: &Path, unfinished: &Path, file: &Path) -> io::Result<()> {
        step::pass(Step::Kept)?;
        fs::rename(unfinished, file)?;
        step::pass(Step::Named)?;
        sheet::sync(folder)?;
        step::pass(Step::Settled)
    }
}

/// Why an archive was not made, and whether the keys may name its file already.
#[derive(Debug, PartialEq, Eq)]
pub struct Undone {
    /// The new keys are the archive's: what opens it is what was made, and the next look finishes it.
    pub is_named: bool,
    pub trouble: Trouble,
}

impl From<Trouble> for Undone {
    fn from(trouble: Trouble) -> Self {
        Self { is_named: false, trouble }
    }
}

impl From<Undone> for Trouble {
    fn from(undone: Undone) -> Self {
        undone.trouble
    }
}

/// Files of archives, finished or not; not those set aside.
fn archives(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if change::generation_of(&path).is_some() {
            found.push(path);
        }
    }
    Ok(found)
}

/// The folder, its owner's alone.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    let _ = builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        let _ = builder.mode(0o700);
    }
    builder.create(folder)
}

/// How long the lock may be another's, and how often it is looked whether it still is: one that closes the archive just now,
/// or a child between its birth and its program, which has all that its parent held.
const PATIENCE: Duration = Duration::from_millis(500);
const GLANCE: Duration = Duration::from_millis(10);

/// Holds the folder until the file is closed, however the program ends.
fn lock(folder: &Path) -> Result<fs::File, Trouble> {
    let mut options = fs::OpenOptions::new();
    let _ = options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let _ = options.mode(0o600);
    }
    let file = options.open(folder.join("archive.lock"))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(GLANCE),
            Err(fs::TryLockError::WouldBlock) => return Err(Trouble::InUse),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}
