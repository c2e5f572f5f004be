//! Everything the window does to the world outside, handed in at boot so that tests hand in their own.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::engine::Login;
use crate::practice;
use crate::secrets::{Keeper, Secret};
use crate::settings::{File, Profile};

/// Makes of a profile and its password all that a session needs, its way to the controller included.
pub type Maker = Arc<dyn Fn(&Profile, Secret) -> Login + Send + Sync>;

/// The world outside.
#[derive(Clone)]
pub struct Env {
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub secrets: Keeper,
    pub login: Maker,
    /// `None` where nothing is to be written.
    pub settings: Option<File>,
    pub practice: practice::Options,
    /// When the process was started, if the window is to say how long things took.
    pub timings: Option<Duration>,
}

impl Env {
    /// The true clock and network.
    #[must_use]
    pub fn real(secrets: Keeper, settings: Option<File>) -> Self {
        Self {
            clock: Arc::new(Utc::now),
            secrets,
            login: Arc::new(Login::of),
            settings,
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
