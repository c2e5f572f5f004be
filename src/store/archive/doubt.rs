//! What remembers that a file proved damaged after it was opened: every reader and the writer tell, the one who owns the
//! archive looks, and a mark beside the file has the next program check all of it before anything else. SQLCipher checks a
//! page only when it is read, so an archive with a damaged page in its middle opens.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fault::Fault;

/// Shared by all that read and write one file.
#[derive(Clone, Debug)]
pub struct Doubt {
    file: PathBuf,
    raised: Arc<AtomicBool>,
}

/// Where the mark of a file is.
pub fn mark(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-doubt");
    name.into()
}

impl Doubt {
    pub fn of(path: &Path) -> Self {
        Self { file: path.to_path_buf(), raised: Arc::default() }
    }

    /// Something was not what was written.
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed)
    }

    pub fn raise(&self) {
        if self.raised.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::error!("the archive is damaged");
        // On a disk that takes no mark the next program finds out as this one did.
        if let Err(fault) = self.note() {
            tracing::warn!(%fault, "no mark of the damage");
        }
    }

    /// Makes the mark, on the disk when it returns: a power cut is the next thing to expect of what wrote a page wrong.
    fn note(&self) -> Result<(), Fault> {
        let mark = mark(&self.file);
        match super::private(&mark) {
            Ok(file) => file.sync_all()?,
            // It was marked before.
            Err(_) if mark.exists() => {}
            Err(fault) => return Err(fault),
        }
        Ok(super::sync(self.file.parent().unwrap_or(Path::new(".")))?)
    }

    /// Passes on how a look or a change went.
    pub fn hear<T>(&self, result: Result<T, Fault>) -> Result<T, Fault> {
        result.map_err(|fault| match fault {
            Fault::Damaged(_) => {
                self.raise();
                fault
            }
            // SQLCipher writes no more by a connection that met a damaged page, and says just that.
            Fault::ReadOnly if self.is_raised() || self.is_writable() => {
                self.raise();
                Fault::page()
            }
            fault => fault,
        })
    }

    fn is_writable(&self) -> bool {
        OpenOptions::new().write(true).open(&self.file).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_made_once_and_one_that_is_there_serves() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        for _ in 0..2 {
            let doubt = Doubt::of(&path);
            assert!(!doubt.is_raised());
            assert_eq!(doubt.note(), Ok(()));
            doubt.raise();
            assert!(doubt.is_raised() && mark(&path).exists());
        }
        let nowhere = Doubt::of(&folder.path().join("gone/archive.db"));
        assert!(nowhere.note().is_err());
        nowhere.raise();
        assert!(nowhere.is_raised(), "told all the same");
    }
}
