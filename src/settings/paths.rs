//! Where this program's files are. One directory of one's own (`--home`, `GRIDWATCH_HOME`) moves all of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::Error;

/// The directories of this program; none is created until something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// `--home`, else `GRIDWATCH_HOME`, else the places the system has for such files. An empty value counts as none.
    ///
    /// # Errors
    /// [`Error::NoHome`] when the user has no home directory either.
    pub fn find(home: Option<&Path>, environment: Option<OsString>) -> Result<Self, Error> {
        let own = home.map(Path::to_path_buf).or_else(|| environment.map(PathBuf::from));
        if let Some(home) = own.filter(|home| !home.as_os_str().is_empty()) {
            // A later change of directory must not move the files.
            let home = std::path::absolute(&home).unwrap_or(home);
            return Ok(Self::below(&home));
        }
        let dirs = ProjectDirs::from("", "", "gridwatch").ok_or(Error::NoHome)?;
        Ok(Self {
            config: dirs.config_dir().to_path_buf(),
            data: dirs.data_local_dir().to_path_buf(),
            state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_path_buf(),
        })
    }

    /// Everything in `home`.
    #[must_use]
    pub fn below(home: &Path) -> Self {
        Self { config: home.to_path_buf(), data: home.join("data"), state: home.join("state") }
    }

    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.config.join("settings.toml")
    }

    /// What the program keeps for the person.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where the log files are.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.state.join("log")
    }

    /// What the program notes for itself: markers, logs.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }
}

/// A folder's name of an address: small letters, digits and `-_@.` as they are, all else as its bytes, so that no two are one
/// on a disk that does not tell cases apart.
#[must_use]
pub fn folder_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'@' => name.push(char::from(byte)),
            b'.' if !name.is_empty() => name.push('.'),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_folder_of_its_own_and_leads_nowhere_else() {
        assert_eq!(folder_name("desk.1@cert.example"), "desk.1@cert.example");
        for text in ["..", "../x@b", "/etc", "a/b@c", "A@b", "\u{fc}@b", "a b@c", "%41@b", "C:x@y"] {
            let name = folder_name(text);
            assert!(!name.starts_with('.') && !name.contains(['/', '\\', ':', ' ']), "{name}");
        }
        assert_ne!(folder_name("A@b"), folder_name("a@b"));
        assert_ne!(folder_name("%41@b"), folder_name("A@b"));
    }

    #[test]
    fn one_directory_moves_all_files() {
        for paths in [
            Paths::find(Some(Path::new("/h")), None),
            Paths::find(None, Some("/h".into())),
            Paths::find(Some(Path::new("/h")), Some("/other".into())),
        ] {
            let paths = paths.unwrap();
            for file in [paths.settings().as_path(), paths.data(), paths.state()] {
                assert!(file.starts_with("/h"), "{}", file.display());
            }
        }
    }

    #[test]
    fn a_relative_home_is_fixed_and_an_empty_one_is_none() {
        assert!(Paths::find(Some(Path::new("h")), None).unwrap().settings().is_absolute());
        let system = Paths::find(None, Some(OsString::new()));
        assert_eq!(system, Paths::find(None, None));
    }
}
