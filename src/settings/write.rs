//! Writes a file so that a crash leaves the old one or the new one, never half of one (`security.md` §9).

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Replaces `path` by `bytes`: a new file beside it, synced, renamed over it, and the directory synced. The file is
/// its owner's alone (0600), as are the directories made on the way (0700).
///
/// # Errors
/// When nothing was replaced; the old file stands.
pub fn atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private_dir(dir)?;
    // tempfile creates with 0600.
    let mut file = tempfile::Builder::new().prefix(".gridwatch-").suffix(".tmp").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let _ = file.persist(path).map_err(|error| error.error)?;
    sync(dir)
}

/// Options for a file that is its owner's alone; still to be told how to open it.
pub fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    let _ = options.create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let _ = options.mode(0o600);
    }
    options
}

/// Makes a directory that is its owner's alone, and those on the way.
///
/// # Errors
/// When there is none afterwards.
pub fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    let _ = builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        let _ = builder.mode(0o700);
    }
    builder.create(dir)
}

/// The rename itself must survive a power cut. Windows has no such call and needs none.
fn sync(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(dir)?.sync_all() } else { Ok(()) }
}
