//! The care of an archive that is open: which ways in it has, another passphrase or recovery code, a key in the keychain. Only
//! the sheet of keys is written; what is in the archive stays under the key it has. Whoever kept an old `keys.json` and what
//! opened it opens the archive still: to shut them out takes new keys ([`Locked::rotate`](super::Locked::rotate)).

use std::path::{Path, PathBuf};

use super::sheet::{Sheet, Unwritten};
use super::slot::Slot;
use super::{By, Draft, Master, Trouble, Way, master};
use crate::store::{Archive, Progress};

/// What there is to say of an archive on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Care {
    pub folder: PathBuf,
    /// The ways in that it has.
    pub ways: Vec<Way>,
    /// Under which name the keychain keeps its key, if it does.
    pub entry: Option<String>,
    /// On the disk, in bytes, with its log.
    pub size: u64,
    pub rows: u32,
}

/// Whether a change of the keys lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lasts {
    Yes,
    /// It holds now; the disk did not say that it keeps it, and a power cut may bring back what was before.
    Perhaps(Trouble),
}

impl Archive {
    /// How it stands.
    ///
    /// # Errors
    /// When its keys cannot be read: somebody took them away while it is open.
    pub fn care(&self) -> Result<Care, Trouble> {
        let folder = folder(self);
        let sheet = own(folder)?;
        let mut log = self.path().as_os_str().to_owned();
        log.push("-wal");
        let size = [self.path(), Path::new(&log)].into_iter().filter_map(|path| path.metadata().ok());
        Ok(Care {
            folder: folder.to_path_buf(),
            ways: sheet.slots.iter().map(Slot::way).collect(),
            entry: sheet.entry().map(str::to_owned),
            size: size.map(|file| file.len()).sum(),
            rows: crate::store::Store::len(self),
        })
    }

    /// Takes ways in away and makes those that `make` makes, as one change. Who asks proves that they have one of those there
    /// are; the last one stays.
    ///
    /// # Errors
    /// When nothing was changed. What was changed and may not last is no error: a code that was made is in force.
    pub fn change_ways(
        &self,
        by: By<'_>,
        without: &[Way],
        make: impl FnOnce(&mut Draft) -> Result<(), Trouble>,
    ) -> Result<Lasts, Trouble> {
        let folder = folder(self);
        let changing = self.keys();
        let mut sheet = own(folder)?;
        let master = master(&sheet, by)?;
        sheet.slots.retain(|slot| !without.contains(&slot.way()));
        let lock = self.guard().ok_or(Trouble::KeysLost)??;
        let mut draft =
            Draft { folder: folder.to_path_buf(), lock, master: Master(master), sheet, progress: Progress::default() };
        make(&mut draft)?;
        if draft.sheet.slots.is_empty() {
            return Err(Trouble::NoWay);
        }
        let written = draft.sheet.marked(&draft.master.0)?.write(folder);
        drop(changing);
        match written {
            Ok(()) => Ok(Lasts::Yes),
            Err(Unwritten::After(trouble)) => Ok(Lasts::Perhaps(trouble)),
            Err(Unwritten::Before(trouble)) => Err(trouble),
        }
    }

    /// Whether this is one of its ways in; nothing is changed.
    ///
    /// # Errors
    /// [`Trouble::Wrong`] when it is not.
    pub fn prove(&self, by: By<'_>) -> Result<(), Trouble> {
        master(&own(folder(self))?, by).map(drop)
    }
}

fn folder(archive: &Archive) -> &Path {
    archive.path().parent().unwrap_or(Path::new("."))
}

fn own(folder: &Path) -> Result<Sheet, Trouble> {
    Ok(Sheet::read(folder)?.ok_or(Trouble::KeysLost)?.0)
}
