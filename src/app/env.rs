//! Everything the window does to the world outside, handed in at boot so that tests hand in their own.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::notify::{self, Notifier};
use crate::engine::{Error, Keys, Login, Remembered};
use crate::practice;
use crate::secrets::Keeper;
use crate::settings::known::Ledger;
use crate::settings::{File, Paths, Profile};

/// Makes of a profile, its secrets and what is remembered all that a session needs, its way to the controller included.
/// May read files: not for the window's own thread.
pub type Maker = Arc<dyn Fn(&Profile, Keys, Remembered) -> Result<Login, Error> + Send + Sync>;

/// Asks under which name a file is to be saved; title and proposed name go in.
pub type Chooser = Arc<dyn Fn(String, String) -> Pin<Box<dyn Future<Output = Option<PathBuf>> + Send>> + Send + Sync>;

/// The world outside.
#[derive(Clone)]
pub struct Env {
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Time that nobody sets, from any moment on.
    pub steady: Arc<dyn Fn() -> Duration + Send + Sync>,
    pub secrets: Keeper,
    pub login: Maker,
    /// `None` where nothing is to be written.
    pub settings: Option<File>,
    /// What is remembered of controllers; `None` where nothing is to be written.
    pub known: Option<Ledger>,
    /// Where the archives of profiles are, each in a folder of its own; `None` where nothing is to be written.
    pub archives: Option<PathBuf>,
    /// Where fetched revocation lists are kept.
    pub cache: Option<PathBuf>,
    /// Where the log files are.
    pub logs: Option<PathBuf>,
    pub save_as: Chooser,
    /// Shows notifications on the desktop.
    pub notify: Notifier,
    pub practice: practice::Options,
    /// When the process was started, if the window is to say how long things took.
    pub timings: Option<Duration>,
}

impl Env {
    /// The true clock and network.
    #[must_use]
    pub fn real(secrets: Keeper, paths: Option<&Paths>) -> Self {
        let began = Instant::now();
        Self {
            clock: Arc::new(Utc::now),
            steady: Arc::new(move || began.elapsed()),
            secrets,
            login: Arc::new(Login::ready),
            settings: paths.map(File::new),
            known: paths.map(Ledger::new),
            archives: paths.map(|paths| paths.data().join("archives")),
            cache: paths.map(|paths| paths.state().join("crls")),
            logs: paths.map(Paths::logs),
            save_as: Arc::new(|title, name| {
                let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name(name).save_file();
                Box::pin(async move { dialog.await.map(|file| file.path().to_path_buf()) })
            }),
            notify: notify::desktop(),
            practice: practice::Options::default(),
            timings: None,
        }
    }

    /// Where this program's settings are, for a person.
    #[must_use]
    pub fn files(&self) -> String {
        self.settings.as_ref().map(|file| file.path().display().to_string()).unwrap_or_default()
    }
}
