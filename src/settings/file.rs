//! The settings file: loaded with care, saved whole, never overwritten when it is not understood.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::Table;

use super::{Error, Paths, Settings, VERSION, format, write};
use crate::plain::{self, Unread};

/// Longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// How many broken files are kept side by side.
const ASIDE: u32 = 1000;

/// The settings file. Calls block on disk: not from the window's own thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    path: PathBuf,
}

/// What [`File::load`] found: settings to work with, whatever happened, and what to tell the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub settings: Settings,
    pub trouble: Option<Error>,
}

enum Found {
    Nothing,
    Known(Table, Settings),
    Newer(Table, i64),
    Broken(String),
}

impl File {
    #[must_use]
    pub fn new(paths: &Paths) -> Self {
        Self { path: paths.settings() }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Loads; never fails. A file that is not settings is moved aside and named in `trouble`; one of a newer version
    /// is read as far as it can be.
    #[must_use]
    pub fn load(&self) -> Loaded {
        let plain = |trouble| Loaded { settings: Settings::default(), trouble };
        match self.find() {
            Err(error) => plain(Some(error)),
            Ok(Found::Nothing) => plain(None),
            Ok(Found::Broken(cause)) => plain(Some(self.set_aside(cause).unwrap_or_else(|error| error))),
            Ok(Found::Newer(table, version)) => Loaded {
                settings: format::read(&table).unwrap_or_default(),
                trouble: Some(Error::Newer { path: self.path.clone(), version }),
            },
            Ok(Found::Known(_, settings)) => Loaded { settings, trouble: None },
        }
    }

    /// Saves, keeping what the file on disk holds beyond what this program knows.
    ///
    /// # Errors
    /// [`Error::Newer`] when the file became a newer program's; [`Error::Read`] and [`Error::Write`]. The file on disk
    /// is then what it was.
    pub fn save(&self, settings: &Settings) -> Result<(), Error> {
        let mut table = match self.find()? {
            Found::Nothing => Table::new(),
            Found::Known(table, _) => table,
            Found::Newer(_, version) => return Err(Error::Newer { path: self.path.clone(), version }),
            Found::Broken(cause) => {
                let _ = self.set_aside(cause)?;
                Table::new()
            }
        };
        format::write(settings, &mut table);
        write::atomically(&self.path, table.to_string().as_bytes()).map_err(|error| self.unwritten(&error))
    }

    fn find(&self) -> Result<Found, Error> {
        let text = match self.text() {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Found::Broken(error.to_string())),
            Err(error) => return Err(Error::Read { path: self.path.clone(), cause: error.to_string() }),
        };
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => return Ok(Found::Broken(one_line(&error, &text))),
        };
        Ok(match format::version(&table) {
            Ok(version) if version > VERSION => Found::Newer(table, version),
            Ok(_) => match format::read(&table) {
                Ok(settings) => Found::Known(table, settings),
                Err(cause) => Found::Broken(cause),
            },
            Err(cause) => Found::Broken(cause),
        })
    }

    fn text(&self) -> io::Result<String> {
        let bytes = plain::read(&self.path, LONGEST).map_err(|unread| match unread {
            Unread::NotAFile => io::Error::other(unread),
            Unread::TooLarge => io::Error::new(io::ErrorKind::InvalidData, "longer than 1 MiB"),
            Unread::Failed(error) => error,
        })?;
        String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
    }

    /// Moves the file to a name of its own beside it; no file is ever replaced by it.
    fn set_aside(&self, cause: String) -> Result<Error, Error> {
        for number in 1..=ASIDE {
            let aside = self.path.with_file_name(format!("settings.broken-{number}.toml"));
            // A hard link fails where the name is taken; a rename would replace it.
            match fs::hard_link(&self.path, &aside) {
                Ok(()) => {
                    fs::remove_file(&self.path).map_err(|error| self.unwritten(&error))?;
                    return Ok(Error::SetAside { path: self.path.clone(), aside, cause });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.unwritten(&error)),
            }
        }
        Err(Error::Write { path: self.path.clone(), cause })
    }

    fn unwritten(&self, error: &io::Error) -> Error {
        Error::Write { path: self.path.clone(), cause: error.to_string() }
    }
}

/// The parser's complaint without its drawing of the place.
fn one_line(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", error.message().replace('\n', " ")),
        None => error.message().replace('\n', " "),
    }
}
