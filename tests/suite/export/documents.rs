//! The documents that are exported: our own fixtures, and the published examples where they are.

use std::fs;
use std::path::{Path, PathBuf};

use gridwatch::i18n::Catalog;
use gridwatch::iodef::doc::Version;
use gridwatch::iodef::{Document, v1};
use gridwatch::model::Say;

use super::super::support::shared::shared;

pub struct Sample {
    /// `own/bulk-768-addresses`
    pub name: String,
    pub document: Document,
}

/// Every document that can be read, those of version 1 brought to version 2.
pub fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut dirs = vec![root.join("tests/fixtures/iodef")];
    dirs.extend(["v2", "own", "v1"].iter().filter_map(|dir| shared(&format!("iodef/examples/{dir}"))));
    let mut samples = Vec::new();
    for dir in dirs {
        let mut files: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "xml")) {
            let Ok(document) = Document::read(fs::read(file).unwrap(), &[]) else { continue };
            let document = match document.version() {
                Ok(Version::V2) => document,
                Ok(Version::V1) => v1::upgrade(&document).unwrap().document,
                Err(_) => continue,
            };
            let part = dir.file_name().unwrap().to_str().unwrap();
            samples.push(Sample { name: format!("{part}-{}", file.file_stem().unwrap().to_str().unwrap()), document });
        }
    }
    assert!(samples.len() > 4, "hardly any documents");
    samples
}

/// The words of a message, as a person gets them.
pub fn words(say: &Say) -> String {
    Catalog::default().say(say)
}
