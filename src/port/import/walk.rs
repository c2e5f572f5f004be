//! Which files there are: those named, and those below folders that are named. No link below a folder is followed, so there is
//! no circle; what begins with a dot is passed over; what has no ending of a document's is counted.

use std::fs;
use std::path::{Path, PathBuf};

use super::Refused;
use crate::model::Say;
use crate::store::index::Stop;
use crate::text;

/// Most files of one import.
pub const FILES: usize = 200_000;
/// Most folders in folders.
const DEPTH: usize = 64;
/// Files between two words on how many there are.
const STEP: usize = 256;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// In the order they were named, each folder's in the order of their names.
    pub files: Vec<PathBuf>,
    pub refused: Vec<Refused>,
    pub hidden: usize,
    pub others: usize,
}

/// Finds them.
pub fn find(paths: &[PathBuf], stop: &Stop, told: &mut dyn FnMut(usize)) -> Found {
    let mut found = Found::default();
    for path in paths {
        // Who names a link means what it leads to.
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => below(path, &mut found, stop, told),
            Ok(_) => found.files.push(path.clone()),
            Err(error) => found.refuse(path, unread(&error)),
        }
    }
    told(found.files.len());
    found
}

fn unread(error: &std::io::Error) -> Say {
    Say::new("port-unread").with("cause", text::line(&error.to_string()))
}

fn below(folder: &Path, found: &mut Found, stop: &Stop, told: &mut dyn FnMut(usize)) {
    let mut open = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = open.pop() {
        if stop.check().is_err() {
            return;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.refuse(&folder, unread(&error));
                continue;
            }
        };
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).take(FILES).collect();
        inside.sort_unstable();
        let mut folders = Vec::new();
        for path in inside {
            if found.files.len() >= FILES {
                return found.refuse(&folder, Say::new("port-many").number("most", FILES));
            }
            if let Some(inner) = found.take(path) {
                if depth + 1 < DEPTH {
                    folders.push((inner, depth + 1));
                } else {
                    found.refuse(&inner, Say::new("port-deep"));
                }
            }
            if found.files.len().is_multiple_of(STEP) {
                told(found.files.len());
            }
        }
        open.extend(folders.into_iter().rev());
    }
}

impl Found {
    fn refuse(&mut self, file: &Path, why: Say) {
        self.refused.push(Refused { file: file.to_path_buf(), why });
    }

    /// Looks at what stands in a folder; gives it back where it is a folder itself.
    fn take(&mut self, path: PathBuf) -> Option<PathBuf> {
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            self.hidden += 1;
            return None;
        }
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_dir() => return Some(path),
            Ok(meta) if meta.is_symlink() => self.refuse(&path, Say::new("port-link")),
            Ok(_) if !is_document(&path) => self.others += 1,
            Ok(meta) if !meta.is_file() => self.refuse(&path, Say::new("port-no-file")),
            Ok(_) => self.files.push(path),
            Err(error) => self.refuse(&path, unread(&error)),
        }
        None
    }
}

/// By its ending; what is in it is looked at later.
fn is_document(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ["xml", "iodef", "json"].contains(&ending.as_str()))
}
