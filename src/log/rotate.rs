//! A file that never grows beyond its bound: full, it is set aside and begun anew; the oldest of those is removed.
//!
//! Its owner's alone (0600); never written through a link that somebody laid in its place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::settings;

/// Bytes of one file.
const FULL: u64 = 1 << 20;
/// Files set aside, beside the one being written.
const ASIDE: u32 = 4;

pub(super) struct Rotating {
    dir: PathBuf,
    file: File,
    size: u64,
}

impl Rotating {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        settings::private_dir(dir)?;
        let (file, size) = begin(dir)?;
        Ok(Self { dir: dir.to_path_buf(), file, size })
    }

    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.size > 0 && self.size.saturating_add(bytes) > FULL {
            rotate(&self.dir)?;
            (self.file, self.size) = begin(&self.dir)?;
        }
        self.file.write_all(line.as_bytes())?;
        self.size = self.size.saturating_add(bytes);
        Ok(())
    }
}

fn path(dir: &Path, aside: u32) -> PathBuf {
    if aside == 0 { dir.join("gridwatch.log") } else { dir.join(format!("gridwatch.log.{aside}")) }
}

/// All of them, the oldest first.
pub(super) fn read(dir: &Path) -> String {
    let plain =
        |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() <= 2 * FULL);
    let files = (0..=ASIDE).rev().map(|aside| path(dir, aside)).filter(plain);
    files.filter_map(|path| fs::read(path).ok()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

fn begin(dir: &Path) -> io::Result<(File, u64)> {
    let path = path(dir, 0);
    if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other("the log file's place is taken by something else"));
    }
    let mut options = OpenOptions::new();
    let _ = options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let _ = options.mode(0o600);
    }
    let file = options.open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

fn rotate(dir: &Path) -> io::Result<()> {
    for aside in (0..ASIDE).rev() {
        match fs::rename(path(dir, aside), path(dir, aside + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_within_its_bound_and_keeps_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("state/log");
        let line = format!("{}\n", "x".repeat(99_999));
        for round in 0..80 {
            // Each start goes on where the last one ended.
            Rotating::open(&dir).unwrap().write(&format!("{round} {line}")).unwrap();
        }
        let mut files: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let all = read(&dir);
        assert!(all.ends_with(&format!("79 {line}")) && all.lines().count() == 50, "{} lines", all.lines().count());
        assert_eq!(files.len(), 1 + ASIDE as usize);
        assert!(files.iter().all(|file| fs::metadata(file).unwrap().len() <= FULL));
        assert!(fs::read_to_string(&files[0]).unwrap().contains("79 x"), "the newest is in the first");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&files[0]), mode(&dir)), (0o600, 0o700));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let other = dir.path().join("other");
        fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join("gridwatch.log")).unwrap();
        assert!(Rotating::open(dir.path()).is_err());
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
    }
}
