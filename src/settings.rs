//! What the person chose: profiles of grids and the window's looks, in one versioned TOML file. Never a secret.
//!
//! A leaf: may use `model`. [`Paths`] says where this program's files are, [`File`] loads and saves.

mod file;
mod format;
pub mod known;
mod paths;
mod write;

use std::path::PathBuf;

use crate::model::{BareJid, Proxy, Revocation, Say, Tls};

pub use file::{File, Loaded};
pub use paths::{Paths, folder_name};
pub use write::{atomically, private_dir};

/// The newest version of the file this program writes and understands.
pub const VERSION: i64 = 1;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub ui: Ui,
    /// In order of name; names are unique.
    profiles: Vec<Profile>,
}

/// How the window looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ui {
    pub theme: Theme,
    pub density: Density,
    pub renderer: Renderer,
    /// A language tag such as `en`; `None` follows the system.
    pub language: Option<String>,
    /// The feed's columns, in the words of its views; `None` is its own choice.
    pub columns: Option<String>,
    /// Width of the feed's side bar, in points.
    pub side: Option<u16>,
    /// The detail pane's part of what is left beside it, in thousandths.
    pub detail: Option<u16>,
    /// How long a report is held before it goes, in seconds; see [`Settings::hold`].
    pub hold: Option<u16>,
}

/// Declares a choice that is stored as a word.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $token:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$note])* $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word the settings file and the command line use.
            #[must_use]
            pub fn token(self) -> &'static str {
                match self { $(Self::$variant => $token),+ }
            }

            #[must_use]
            pub fn from_token(token: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.token() == token)
            }
        }
    };
}

choice! {
    /// Light or dark.
    Theme { #[default] System = "system", Light = "light", Dark = "dark" }
}
choice! {
    /// Height of the feed's rows.
    Density { Compact = "compact", #[default] Comfortable = "comfortable", Roomy = "roomy" }
}
choice! {
    /// Who draws the window.
    Renderer {
        /// The graphics card where there is one, else in software.
        #[default]
        Auto = "auto",
        Software = "software",
    }
}

/// A grid this person works on, by a name of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// See [`Profile::valid_name`]. Part of the keychain entry's key, so a rename moves the password.
    pub name: String,
    pub jid: BareJid,
    /// Where the controller listens; `None`: as the domain's SRV records say, else the domain itself.
    pub host: Option<String>,
    /// `None` is the usual port of `tls`. With a host or a port given, DNS is not asked for the domain's servers.
    pub port: Option<u16>,
    /// How TLS starts on `host` and `port`, or at the domain itself. Where the domain's SRV records name servers, they
    /// say it instead; `direct` then takes only those that begin with TLS (XEP-0368).
    pub tls: Tls,
    /// A PEM file of authorities to believe; `None` is the machine's own.
    pub ca_file: Option<PathBuf>,
    /// The machine's own are believed beside those of `ca_file`.
    pub platform_roots: bool,
    pub revocation: Revocation,
    /// Files of revocation lists, PEM or DER.
    pub crls: Vec<PathBuf>,
    /// Lists are also fetched from where the certificates say, which contacts hosts other than the controller.
    pub fetch_crls: bool,
    /// A client certificate with its key, PEM or PKCS#12, for SASL EXTERNAL; its passphrase is in the keychain.
    pub certificate: Option<PathBuf>,
    pub proxy: Option<Proxy>,
    /// `None`: found by disco (RFC 8600 §5).
    pub broker: Option<BareJid>,
    /// `None`: this program's own choice.
    pub resource: Option<String>,
}

impl Profile {
    /// Longest name, in characters.
    pub const NAME: usize = 64;

    /// A profile with nothing but its address.
    #[must_use]
    pub fn new(name: impl Into<String>, jid: BareJid) -> Self {
        Self {
            name: name.into(),
            jid,
            host: None,
            port: None,
            tls: Tls::default(),
            ca_file: None,
            platform_roots: false,
            revocation: Revocation::default(),
            crls: Vec::new(),
            fetch_crls: false,
            certificate: None,
            proxy: None,
            broker: None,
            resource: None,
        }
    }

    /// Letters, digits, inner spaces and `- _ . @`, at most [`Profile::NAME`] characters.
    #[must_use]
    pub fn valid_name(name: &str) -> bool {
        !name.is_empty()
            && name.chars().count() <= Self::NAME
            && name.trim() == name
            && name.chars().all(|c| c.is_alphanumeric() || " -_.@".contains(c))
    }
}

impl Settings {
    /// Shortest, usual and longest time a report is held before it goes, in seconds (`product.md` B6).
    pub const HOLD: [u16; 3] = [5, 10, 60];

    /// How long a report is held before it goes, in seconds.
    #[must_use]
    pub fn hold(&self) -> u16 {
        let [least, usual, most] = Self::HOLD;
        self.ui.hold.unwrap_or(usual).clamp(least, most)
    }

    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// Adds a profile, or replaces the one of the same name. `false`, and nothing done, when the name is not one.
    pub fn put(&mut self, profile: Profile) -> bool {
        if !Profile::valid_name(&profile.name) {
            return false;
        }
        self.profiles.retain(|other| other.name != profile.name);
        self.profiles.push(profile);
        self.profiles.sort_by(|a, b| a.name.cmp(&b.name));
        true
    }

    /// Removes a profile; its password in the keychain is another's to remove.
    pub fn remove(&mut self, name: &str) -> Option<Profile> {
        let at = self.profiles.iter().position(|profile| profile.name == name)?;
        Some(self.profiles.remove(at))
    }
}

/// What can go wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Neither `--home`, `GRIDWATCH_HOME` nor a home directory of the user's.
    #[error("no home directory")]
    NoHome,
    #[error("cannot read {}: {cause}", path.display())]
    Read { path: PathBuf, cause: String },
    #[error("cannot write {}: {cause}", path.display())]
    Write { path: PathBuf, cause: String },
    /// The file is not settings; it was moved to `aside` and nothing of it was used.
    #[error("{} was not readable and is kept as {}: {cause}", path.display(), aside.display())]
    SetAside { path: PathBuf, aside: PathBuf, cause: String },
    /// What is remembered of controllers is not to be understood: nothing of it is assumed.
    #[error("{} is not readable: {cause}", path.display())]
    Known { path: PathBuf, cause: String },
    /// A newer program wrote the file: it is read as far as understood and never written.
    #[error("{} is of version {version}", path.display())]
    Newer { path: PathBuf, version: i64 },
}

impl Error {
    #[must_use]
    pub fn say(&self) -> Say {
        let path = |path: &PathBuf| path.display().to_string();
        match self {
            Self::NoHome => Say::new("error-settings-no-home"),
            Self::Read { path: file, cause } => {
                Say::new("error-settings-read").with("path", path(file)).with("cause", cause)
            }
            Self::Write { path: file, cause } => {
                Say::new("error-settings-write").with("path", path(file)).with("cause", cause)
            }
            Self::SetAside { path: file, aside, cause } => Say::new("error-settings-set-aside")
                .with("path", path(file))
                .with("aside", path(aside))
                .with("cause", cause),
            Self::Known { path: file, cause } => {
                Say::new("error-settings-known").with("path", path(file)).with("cause", cause)
            }
            Self::Newer { path: file, version } => {
                Say::new("error-settings-newer").with("path", path(file)).with("version", version.to_string())
            }
        }
    }
}
