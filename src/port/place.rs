//! Where something grows until it is whole: in files without a name as long as they need none, and else beside its place under
//! a name that tells whose it is. What a killed run left there is swept away by the next.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::{NamedTempFile, TempDir};

/// What begins and ends the names of our own unfinished files.
const UNFINISHED: (&str, &str) = (".gridwatch-", ".tmp");
/// In a folder that grows: whose lock says that somebody is at work.
pub(super) const LOCK: &str = ".lock";
/// Younger ones may be about to be locked.
const YOUNG: Duration = Duration::from_secs(60);

/// The folder that something stands in.
pub(super) fn above(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file beside `near` that ends with its handle, however that ends.
pub(super) fn nameless(near: &Path) -> io::Result<File> {
    tempfile::tempfile_in(above(near))
}

/// A file beside `near`, its owner's alone.
pub(super) fn file(near: &Path) -> io::Result<NamedTempFile> {
    sweep(near);
    // tempfile creates with 0600.
    let file = builder().tempfile_in(above(near))?;
    // On a disk without locks nothing is swept.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// A folder beside `near`, its owner's alone, and the lock that goes with it.
pub(super) fn folder(near: &Path) -> io::Result<(TempDir, File)> {
    sweep(near);
    let mut builder = builder();
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o700))
    };
    let folder = builder.tempdir_in(above(near))?;
    let lock = private(&folder.path().join(LOCK))?;
    let _ = lock.try_lock();
    Ok((folder, lock))
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    let _ = builder.prefix(UNFINISHED.0).suffix(UNFINISHED.1);
    builder
}

/// A new file, its owner's alone.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    let _ = options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let _ = options.mode(0o600);
    }
    options.open(path)
}

/// Everything of a folder survives a power cut, but for its name. Windows has no call for a folder and needs none.
pub(super) fn settle(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::OpenOptions::new().write(true).open(entry?.path())?.sync_all()?;
    }
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Takes away what runs that were killed left beside `near`: decrypted incidents that nobody knows of. What somebody works on
/// is locked; what is not ours, or cannot be looked at, stays.
fn sweep(near: &Path) {
    let Ok(entries) = fs::read_dir(above(near)) else { return };
    let own = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1)
    });
    for entry in own {
        let path = entry.path();
        let Ok(meta) = fs::symlink_metadata(&path) else { continue };
        let age = meta.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if age.is_none_or(|age| age < YOUNG) {
            continue;
        }
        if meta.is_file() && is_free(&path) {
            let _ = fs::remove_file(&path);
        } else if meta.is_dir() && (!path.join(LOCK).exists() || is_free(&path.join(LOCK))) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Whether it is a plain file that nobody holds. Another user's cannot be opened for writing.
fn is_free(path: &Path) -> bool {
    let plain = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    plain && fs::OpenOptions::new().write(true).open(path).is_ok_and(|file| file.try_lock().is_ok())
}
