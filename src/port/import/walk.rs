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
/// Most entries of one folder, whatever they are: their names are held at once, to be in order.
const ENTRIES: usize = 1_000_000;
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
    find_within(paths, Most { files: FILES, entries: ENTRIES }, stop, told)
}

/// As many as are looked at.
#[derive(Clone, Copy)]
struct Most {
    files: usize,
    entries: usize,
}

fn find_within(paths: &[PathBuf], most: Most, stop: &Stop, told: &mut dyn FnMut(usize)) -> Found {
    let mut found = Found::default();
    for path in paths {
        // Who names a link means what it leads to.
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => below(path, &mut found, most, stop, told),
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

fn below(folder: &Path, found: &mut Found, most: Most, stop: &Stop, told: &mut dyn FnMut(usize)) {
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
        let inside = found.names(&folder, entries, most);
        let mut folders = Vec::new();
        for path in inside {
            if found.files.len() >= most.files && !is_hidden(&path) && is_document(&path) {
                return found.refuse(&folder, Say::new("port-many").number("most", most.files));
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

    /// All that a folder has, in the order of its names. What of it could not be read, and that there is more, is told.
    fn names(&mut self, folder: &Path, entries: fs::ReadDir, most: Most) -> Vec<PathBuf> {
        let mut inside = Vec::new();
        for entry in entries {
            if inside.len() >= most.entries {
                self.refuse(folder, Say::new("port-many").number("most", most.entries));
                break;
            }
            match entry {
                Ok(entry) => inside.push(entry.path()),
                // What comes after it is not known; the same error may come for ever.
                Err(error) => {
                    self.refuse(folder, unread(&error));
                    break;
                }
            }
        }
        inside.sort_unstable();
        inside
    }

    /// Looks at what stands in a folder; gives it back where it is a folder itself.
    fn take(&mut self, path: PathBuf) -> Option<PathBuf> {
        if is_hidden(&path) {
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

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'))
}

/// By its ending; what is in it is looked at later.
fn is_document(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ["xml", "iodef", "json"].contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.xml", "b.xml", "c.xml", ".hidden", "other.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let look = |files, entries| {
            let paths = [folder.path().to_path_buf()];
            let found = find_within(&paths, Most { files, entries }, &Stop::default(), &mut |_| {});
            let refused: Vec<_> = found.refused.iter().map(|refused| refused.why.key).collect();
            (found.files.len(), refused)
        };
        assert_eq!(look(3, 5), (3, Vec::new()));
        assert_eq!(look(2, 5), (2, vec!["port-many"]));
        // Entries that are no documents count too, and none goes in silence.
        let (found, refused) = look(3, 4);
        assert!(found <= 3 && refused == ["port-many"], "{found} {refused:?}");
    }
}
