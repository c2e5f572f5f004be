//! An archive that holds much before anything is received: the archive bench's, or one filled like it.

use std::path::{Path, PathBuf};

use gridwatch::iodef::indexed;
use gridwatch::store::archive::Key;
use gridwatch::store::{Archive, Incoming, Store};
use tempfile::TempDir;

use crate::ARCHIVE;
use crate::measure::target;
use crate::mix::Mix;

/// Incidents of one commit while it is filled.
const COMMIT: usize = 8_192;

/// See the module.
pub struct Held {
    pub name: String,
    path: PathBuf,
    /// Where it was filled.
    _folder: Option<TempDir>,
}

fn key() -> Key {
    Key::new([7; 32])
}

impl Held {
    pub fn of(rows: usize) -> Self {
        let name = format!("{ARCHIVE}, {rows} before");
        let kept = target().join("bench").join(format!("archive-{rows}.db"));
        if kept.exists() {
            return Self { name, path: kept, _folder: None };
        }
        println!("filling an archive with {rows} incidents");
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(target()).unwrap();
        let path = folder.path().join("archive.db");
        let (archive, mix) = (Archive::make(&path, &key()).unwrap(), Mix::new(rows));
        for first in (0..rows).step_by(COMMIT) {
            let batch: Vec<Incoming> = (first..rows.min(first + COMMIT)).map(|row| mix.incoming(row)).collect();
            let _ = archive.commit(batch).unwrap();
        }
        archive.close().unwrap();
        Self { name, path, _folder: Some(folder) }
    }

    /// A copy of it, open; the log beside it goes with it.
    pub fn copy(&self, to: &Path) -> Archive {
        let with = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
        let _ = std::fs::copy(&self.path, to).unwrap();
        if with(&self.path).exists() {
            let _ = std::fs::copy(with(&self.path), with(to)).unwrap();
        }
        Archive::open(to, &key(), Some(indexed)).unwrap()
    }
}
