//! Looking through all that a program wrote.

use std::fs;
use std::path::{Path, PathBuf};

/// The plain files below `dir`.
pub fn below(dir: &Path) -> Vec<PathBuf> {
    let paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    let (dirs, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    others.into_iter().filter(|path| path.is_file()).chain(dirs.iter().flat_map(|dir| below(dir))).collect()
}

pub fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// The files below `dir` that hold `needle`.
pub fn with(dir: &Path, needle: &str) -> Vec<PathBuf> {
    below(dir).into_iter().filter(|path| holds(&fs::read(path).unwrap(), needle)).collect()
}
