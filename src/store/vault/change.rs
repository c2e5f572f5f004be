//! New keys, and recovery of what a damaged file still gives: each makes the next file beside the one there is.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{By, Draft, Locked, Trouble, sheet};
use crate::store::archive::{Archive, Kept, Summarise};

/// Names that one damaged file may be set aside under.
const ASIDE: u32 = 1_000;

/// A recovered archive.
#[derive(Debug)]
pub struct Recovered {
    pub archive: Archive,
    pub kept: Kept,
    /// The damaged file, as it was.
    pub aside: PathBuf,
}

impl Locked {
    /// Moves everything to an archive with another key, whose ways in are those that `ways` makes. The old file goes when
    /// the new one stands.
    ///
    /// # Errors
    /// When it was not done; the archive then opens as before.
    pub fn rotate(self, by: By<'_>, ways: impl FnOnce(&mut Draft) -> Result<(), Trouble>) -> Result<Archive, Trouble> {
        let master = self.master(by)?;
        let (old, key) = (self.files().0, self.sheet.key(&master)?);
        let archive = self.unlock(&master, None)?;
        let draft = self.next(ways)?;
        let unfinished = sheet::unfinished(&draft.folder, draft.sheet.generation);
        remove(&unfinished);
        let moved = archive.copy(&unfinished, &key, &draft.sheet.key(&draft.master.0)?);
        drop(archive);
        let made = moved.map_err(Trouble::from).and_then(|()| draft.finish());
        let made = made.inspect_err(|_| remove(&unfinished))?;
        remove(&old);
        Ok(made)
    }

    /// Sets a damaged file aside and puts what it still gives into a new one, with the same ways in: codes on paper stay good.
    ///
    /// # Errors
    /// When it was not done; the damaged file is then where it was.
    pub fn recover(self, by: By<'_>, now: DateTime<Utc>, summarise: Option<Summarise>) -> Result<Recovered, Trouble> {
        let master = self.master(by)?;
        let (old, key) = (self.files().0, self.sheet.key(&master)?);
        if !old.exists() {
            return Err(Trouble::Gone);
        }
        let (folder, lock) = (self.folder, self.lock);
        // Another name for it, so that nothing that comes later can lose it.
        let aside = set_aside(&folder, &old, now)?;
        let sheet = self.sheet.next()?;
        let mut kept = Kept::default();
        let draft = Draft { folder, lock, master: super::Master(master), sheet };
        let made = draft.fill(|archive| {
            kept = archive.salvage(&old, &key, summarise)?;
            Ok(())
        });
        let archive = made.inspect_err(|_| remove(&aside))?;
        remove(&old);
        Ok(Recovered { archive, kept, aside })
    }

    /// The draft of the archive after this one, with another key.
    fn next(self, ways: impl FnOnce(&mut Draft) -> Result<(), Trouble>) -> Result<Draft, Trouble> {
        let generation = self.sheet.generation.checked_add(1).ok_or(Trouble::KeysDamaged)?;
        let mut draft = Draft::new(self.folder, self.lock, generation)?;
        ways(&mut draft)?;
        Ok(draft)
    }
}

/// The number in the name of an archive's file; of no other file.
pub fn generation_of(path: &Path) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".db").or_else(|| name.strip_suffix(".new"))?;
    name.strip_prefix("archive-")?.parse().ok()
}

/// Removes a file of SQLite's with those beside it.
pub fn remove(path: &Path) {
    for part in PARTS {
        // Most often it is not there.
        let _ = fs::remove_file(beside(path, part));
    }
}

/// A file of SQLite's is up to three.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

fn beside(path: &Path, part: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(part);
    name.into()
}

/// Gives a damaged file a second name of its own, `archive-DATE.damaged`; no file is ever replaced by it.
fn set_aside(folder: &Path, old: &Path, now: DateTime<Utc>) -> Result<PathBuf, Trouble> {
    let date = now.format("%Y-%m-%d");
    for number in 1..=ASIDE {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let aside = folder.join(format!("archive-{date}{more}.damaged"));
        if aside.exists() {
            continue;
        }
        // What was committed last may stand in the log alone.
        for part in PARTS.iter().filter(|part| **part != "-shm") {
            let (from, to) = (beside(old, part), beside(&aside, part));
            if from.exists() && fs::hard_link(&from, &to).is_err() {
                // A disk without second names.
                let _ = fs::copy(&from, &to)?;
            }
        }
        sheet::sync(folder)?;
        return Ok(aside);
    }
    Err(Trouble::Exists)
}
