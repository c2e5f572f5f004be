//! The reference data beside the repository: schemas, published examples.

use std::path::{Path, PathBuf};

/// A file or directory of it. Its absence fails the CI; elsewhere it is said.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A worktree lies one deeper.
    let found = ["../shared", "../../shared"].map(|beside| root.join(beside).join(path));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "shared/{path} is missing");
        println!("not tested: shared/{path} is missing");
    }
    found
}
