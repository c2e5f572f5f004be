//! Everything the window does to the world outside, handed in at boot so that tests hand in their own.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::engine::{Login, Trust};
use crate::secrets::{Secret, SecretStore};
use crate::settings::{File, Profile};
use crate::xmpp::dial::{Dial, Tcp};

/// Makes the way to a profile's controller.
pub type Dialer = Arc<dyn Fn(&Profile) -> Arc<dyn Dial> + Send + Sync>;

/// The world outside.
#[derive(Clone)]
pub struct Env {
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub secrets: Arc<dyn SecretStore>,
    pub dialer: Dialer,
    /// `None` where nothing is to be written.
    pub settings: Option<File>,
    pub practice: crate::practice::Options,
    /// When the process was started, if the window is to say how long things took.
    pub timings: Option<Duration>,
}

impl Env {
    /// The true clock and network.
    #[must_use]
    pub fn real(secrets: Arc<dyn SecretStore>, settings: Option<File>) -> Self {
        Self {
            clock: Arc::new(Utc::now),
            secrets,
            dialer: Arc::new(|profile| {
                let (host, port) = profile.target();
                Arc::new(Tcp::new(host, port))
            }),
            settings,
            practice: crate::practice::Options::default(),
            timings: None,
        }
    }

    /// What the engine needs for this profile.
    #[must_use]
    pub fn login(&self, profile: &Profile, password: Secret) -> Login {
        Login {
            jid: profile.jid.clone(),
            resource: profile.resource.clone().unwrap_or_else(|| RESOURCE.to_owned()),
            password,
            dial: (self.dialer)(profile),
            tls: profile.tls,
            trust: profile.ca_file.clone().map_or(Trust::Platform, Trust::CaFile),
            broker: profile.broker.clone(),
        }
    }
}

/// The resource of a console whose owner chose none. It says nothing about the machine.
pub const RESOURCE: &str = "gridwatch";
