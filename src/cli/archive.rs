//! A profile's archive for a text verb: opened by the keychain, by what a descriptor gives, or by what is typed at a terminal;
//! made only where a passphrase for it is given. What opens it never stands in an argument.

use std::path::PathBuf;

use lexopt::ValueExt as _;

use super::password::Source;
use super::signal::Signals;
use super::terminal::{self, Asked};
use super::{Exit, Stop};
use crate::i18n::Catalog;
use crate::iodef;
use crate::model::{BareJid, Say};
use crate::secrets::{self, Keychain, Realm, Secret, SecretStore};
use crate::settings::{self, Paths};
use crate::store::vault::{By, Code, Cost, Found, Locked, Trouble, Vault, Way};
use crate::store::{Archive, local};

/// What is given to open it; the keychain and the terminal are asked where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub passphrase: Option<Source>,
    pub code: Option<Source>,
}

impl Keys {
    /// The sources that are given.
    pub fn sources(self) -> impl Iterator<Item = Source> {
        [self.passphrase, self.code].into_iter().flatten()
    }

    /// It opens by one.
    pub fn are_two(self) -> bool {
        self.sources().count() > 1
    }
}

/// Whose archive, what opens it, and where it is: what every verb over one is told alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub profile: Option<String>,
    pub jid: Option<BareJid>,
    pub home: Option<PathBuf>,
    pub keys: Keys,
}

/// An option of [`Account`].
#[derive(Clone, Copy)]
pub enum Own {
    Profile,
    Jid,
    Home,
    Passphrase,
    Code,
}

impl Own {
    /// The option that this argument begins, where it is one of them.
    pub fn of(argument: &lexopt::Arg<'_>) -> Option<Self> {
        match argument {
            lexopt::Arg::Long("profile") => Some(Self::Profile),
            lexopt::Arg::Long("jid") => Some(Self::Jid),
            lexopt::Arg::Long("home") => Some(Self::Home),
            lexopt::Arg::Long("archive-passphrase-file") => Some(Self::Passphrase),
            lexopt::Arg::Long("archive-code-file") => Some(Self::Code),
            _ => None,
        }
    }
}

impl Account {
    /// Reads an option's value.
    pub fn take(&mut self, option: Own, parser: &mut lexopt::Parser) -> Result<(), lexopt::Error> {
        let value = parser.value()?;
        match option {
            Own::Profile => self.profile = Some(value.string()?),
            Own::Jid => self.jid = Some(value.parse()?),
            Own::Home => self.home = Some(value.into()),
            Own::Passphrase => self.keys.passphrase = Some(value.parse_with(Source::given)?),
            Own::Code => self.keys.code = Some(value.parse_with(Source::given)?),
        }
        Ok(())
    }
}

/// How often a person may try at the terminal.
const TRIES: usize = 3;

fn stop(trouble: &Trouble) -> Stop {
    // Another program has it: what to do is another thing here than in the window.
    let say = if *trouble == Trouble::InUse { Say::new("cli-archive-in-use") } else { trouble.say() };
    Stop::new(Exit::Archive, say)
}

/// The archive of this account. Where there is none it is made if `make` and a passphrase is given. Blocks on disk, on the
/// keychain and on stretching a passphrase.
///
/// # Errors
/// [`Exit::Archive`] with the reason.
pub fn open(
    paths: &Paths,
    jid: &BareJid,
    keys: Keys,
    make: bool,
    catalog: &Catalog,
    signals: &Signals,
) -> Result<Archive, Stop> {
    let folder = paths.data().join("archives").join(settings::folder_name(&jid.to_string()));
    let vault = Vault::new(folder);
    let none = || {
        let key = if make { "cli-archive-none-yet" } else { "cli-archive-none" };
        Stop::new(Exit::Archive, Say::new(key).with("jid", jid.to_string()))
    };
    // `Vault::look` takes the folder for this program, and makes it for that; looking for an archive is to make nothing.
    if vault.is_new() && !(make && keys.passphrase.is_some()) {
        return Err(none());
    }
    match (vault.look().map_err(|trouble| stop(&trouble))?, keys.passphrase) {
        (Found::Locked(locked), _) => unlock(locked, keys, catalog, signals),
        (Found::Nothing(mut draft), Some(source)) if make => {
            let passphrase = source.read(signals)?;
            draft.passphrase(passphrase.expose(), Cost::USUAL).map_err(|trouble| stop(&trouble))?;
            let archive = draft.make().map_err(|undone| stop(&undone.trouble))?;
            // All that comes into it is `tail`'s to tell, whichever verb receives it.
            local::keep_told(&archive, 0).map_err(|error| Stop::new(Exit::Archive, error.say()))?;
            super::out::note(&catalog.say(&Say::new("cli-archive-made")));
            Ok(archive)
        }
        (Found::Nothing(_), _) => Err(none()),
    }
}

fn unlock(locked: Locked, keys: Keys, catalog: &Catalog, signals: &Signals) -> Result<Archive, Stop> {
    if let Some(source) = keys.passphrase {
        return attempt(locked, Way::Passphrase, &source.read(signals)?).map_err(|(_, trouble)| stop(&trouble));
    }
    if let Some(source) = keys.code {
        return attempt(locked, Way::Recovery, &source.read(signals)?).map_err(|(_, trouble)| stop(&trouble));
    }
    let (locked, why) = match by_keychain(locked, signals) {
        Ok(archive) => return Ok(archive),
        Err(Closed::Locked(locked, why)) => (locked, why),
        Err(Closed::Stop(stop)) => return Err(stop),
    };
    by_hand(locked, &why, catalog, signals)
}

/// Why the keychain did not open it.
enum Closed {
    /// Something else may.
    Locked(Box<Locked>, Say),
    Stop(Stop),
}

fn by_keychain(locked: Locked, signals: &Signals) -> Result<Archive, Closed> {
    let Some(entry) = locked.entry().map(secrets::archive_entry) else {
        return Err(Closed::Locked(Box::new(locked), Say::new("cli-archive-locked")));
    };
    let waiting = signals.waiting(None).map_err(Closed::Stop)?;
    let kept = Keychain::new(Realm::Grid).get(&entry).wait();
    drop(waiting);
    match kept {
        Ok(Some(kept)) => attempt(locked, Way::Keychain, &kept).map_err(|(locked, trouble)| match trouble {
            Trouble::Wrong { .. } => Closed::Locked(locked, trouble.say()),
            trouble => Closed::Stop(stop(&trouble)),
        }),
        Ok(None) => Err(Closed::Locked(Box::new(locked), Say::new("archive-no-entry"))),
        Err(error) => Err(Closed::Locked(Box::new(locked), error.say())),
    }
}

/// Asks at the terminal, where there is one.
fn by_hand(mut locked: Box<Locked>, why: &Say, catalog: &Catalog, signals: &Signals) -> Result<Archive, Stop> {
    super::out::note(&catalog.say(why));
    let prompt = catalog.text("cli-archive-prompt");
    for _ in 0..TRIES {
        let typed = match terminal::ask(&prompt, signals)? {
            Asked::Typed(typed) => typed,
            Asked::Nothing => {
                super::out::note(&catalog.text("cli-archive-nothing-typed"));
                continue;
            }
            Asked::NoTerminal => return Err(Stop::new(Exit::Archive, Say::new("cli-archive-no-terminal"))),
        };
        // A code has check digits: nothing else reads as one.
        let way = if Code::read(typed.expose()).is_ok() { Way::Recovery } else { Way::Passphrase };
        match attempt(*locked, way, &typed) {
            Ok(archive) => return Ok(archive),
            Err((again, trouble @ (Trouble::Wrong { .. } | Trouble::Mistyped))) => {
                super::out::note(&catalog.say(&trouble.say()));
                locked = again;
            }
            Err((_, trouble)) => return Err(stop(&trouble)),
        }
    }
    Err(Stop::new(Exit::Archive, Say::new("cli-archive-locked")))
}

fn attempt(locked: Locked, way: Way, secret: &Secret) -> Result<Archive, (Box<Locked>, Trouble)> {
    let by = match way {
        Way::Keychain => By::Keychain(secret.expose()),
        Way::Passphrase => By::Passphrase(secret.expose()),
        Way::Recovery => By::Recovery(secret.expose()),
    };
    locked.open(by, Some(iodef::indexed))
}
