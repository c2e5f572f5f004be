//! New keys, and recovery of what a damaged file still gives: each makes the next file beside the one there is.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{By, Draft, Locked, Trouble, Undone, Vault, sheet};
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
    /// When it was not done; the archive then opens as before, or, where [`Undone::is_named`] says so, by the new ways alone.
    pub fn rotate(
        mut self,
        by: By<'_>,
        ways: impl FnOnce(&mut Draft) -> Result<(), Trouble>,
    ) -> Result<Archive, Undone> {
        let master = self.master(by)?;
        let (old, key) = (self.files().0, self.sheet.key(&master)?);
        let archive = self.unlock(&master, None)?;
        let progress = self.progress.clone();
        let draft = self.next(ways)?;
        let unfinished = sheet::unfinished(&draft.folder, draft.sheet.generation);
        remove(&unfinished);
        let moved = archive.copy(&unfinished, &key, &draft.sheet.key(&draft.master.0)?, &progress);
        drop(archive);
        moved.map_err(Trouble::from).inspect_err(|_| remove(&unfinished))?;
        let made = draft.finish()?;
        remove(&old);
        Ok(made)
    }

    /// Sets a damaged file aside and puts what it still gives into a new one, with the same ways in: codes on paper stay good.
    ///
    /// # Errors
    /// When it was not done; the damaged file is then where it was.
    pub fn recover(
        mut self,
        by: By<'_>,
        now: DateTime<Utc>,
        summarise: Option<Summarise>,
    ) -> Result<Recovered, Trouble> {
        let master = self.master(by)?;
        let (old, key) = (self.files().0, self.sheet.key(&master)?);
        if !old.exists() {
            return Err(Trouble::Gone);
        }
        let (folder, lock, progress) = (self.folder, self.lock, self.progress);
        // Another name for it, so that nothing that comes later can lose it.
        let aside = set_aside(&folder, &old, now)?;
        let sheet = self.sheet.next()?;
        let mut kept = Kept::default();
        let draft = Draft { folder, lock, master: super::Master(master), sheet, progress: progress.clone() };
        let made = draft.fill(|archive| {
            kept = archive.salvage(&old, &key, now, summarise, &progress)?;
            Ok(())
        });
        let archive = made.inspect_err(|undone| {
            // Where the new file stands already, this is all that is left of the old one.
            if !undone.is_named {
                remove(&aside);
            }
        })?;
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

impl Vault {
    /// Puts an archive that nobody can open by for a new one: [`Locked::set_aside`], also where there are no keys.
    ///
    /// # Errors
    /// When it was not done; what was moved until then is named in none, and doing it again moves the rest.
    pub fn set_aside(&self, now: DateTime<Utc>) -> Result<(Draft, PathBuf), Trouble> {
        let lock = super::lock(&self.folder)?;
        put_by(&self.folder, lock, now)
    }
}

impl Locked {
    /// Puts the archive by, files and keys as they are, in a folder `archive-DATE.locked` of its own, and begins a new one.
    /// Whoever finds the key moves them back.
    ///
    /// # Errors
    /// As [`Vault::set_aside`].
    pub fn set_aside(self, now: DateTime<Utc>) -> Result<(Draft, PathBuf), Trouble> {
        put_by(&self.folder, self.lock, now)
    }
}

fn put_by(folder: &Path, lock: fs::File, now: DateTime<Utc>) -> Result<(Draft, PathBuf), Trouble> {
    let mut files = parts(folder)?;
    // The keys last: until then what is left is told as an archive that lost its file.
    files.extend([sheet::copy(folder), sheet::own(folder)]);
    files.retain(|file| file.exists());
    let date = now.format("%Y-%m-%d");
    for number in 1..=ASIDE {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let aside = folder.join(format!("archive-{date}{more}.locked"));
        let place = |file: &PathBuf| file.file_name().map(|name| aside.join(name));
        // Into the folder of a try that stopped in its middle, too; over nothing.
        if files.iter().filter_map(place).any(|place| place.exists()) {
            continue;
        }
        super::private_folder(&aside)?;
        for file in &files {
            if let Some(place) = place(file) {
                fs::rename(file, place)?;
            }
        }
        sheet::sync(&aside)?;
        sheet::sync(folder)?;
        return Ok((Draft::new(folder.to_path_buf(), lock, 1)?, aside));
    }
    Err(Trouble::Exists)
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

/// A file of SQLite's is up to three, and our mark that it is damaged.
const PARTS: [&str; 4] = ["", "-wal", "-shm", "-doubt"];

fn beside(path: &Path, part: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(part);
    name.into()
}

/// All files of archives, logs too that lie there without their file: a new one of that name would take them for its own.
/// Logs come last, since a file without its log opens as if the last commits had never been.
fn parts(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let file = PARTS.iter().filter(|part| !part.is_empty()).find_map(|part| name.strip_suffix(part));
        if generation_of(Path::new(file.unwrap_or(name))).is_some() {
            found.push((file.is_some(), path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
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
        for part in ["", "-wal"] {
            let (from, to) = (beside(old, part), beside(&aside, part));
            if from.exists() && fs::hard_link(&from, &to).is_err() {
                // A disk without second names.
                let _ = fs::copy(&from, &to)?;
                fs::OpenOptions::new().write(true).open(&to)?.sync_all()?;
            }
        }
        sheet::sync(folder)?;
        return Ok(aside);
    }
    Err(Trouble::Exists)
}
