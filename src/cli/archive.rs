//! A profile's archive for a text verb: opened by the keychain, by what a descriptor gives, or by what is typed at a terminal;
//! made only where a passphrase for it is given. What opens it never stands in an argument.

use super::password::Source;
use super::{Exit, Stop, terminal};
use crate::i18n::Catalog;
use crate::iodef;
use crate::model::{BareJid, Say};
use crate::secrets::{self, Keychain, Realm, Secret, SecretStore};
use crate::settings::{self, Paths};
use crate::store::Archive;
use crate::store::vault::{By, Code, Cost, Found, Locked, Trouble, Vault, Way};

/// What is given to open it; the keychain and the terminal are asked where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub passphrase: Option<Source>,
    pub code: Option<Source>,
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
pub fn open(paths: &Paths, jid: &BareJid, keys: Keys, make: bool, catalog: &Catalog) -> Result<Archive, Stop> {
    let folder = paths.data().join("archives").join(settings::folder_name(&jid.to_string()));
    let vault = Vault::new(folder);
    let none = || {
        let key = if make { "cli-archive-none-yet" } else { "cli-archive-none" };
        Stop::new(Exit::Archive, Say::new(key).with("jid", jid.to_string()))
    };
    // To look is to make the folder.
    if vault.is_new() && !(make && keys.passphrase.is_some()) {
        return Err(none());
    }
    match (vault.look().map_err(|trouble| stop(&trouble))?, keys.passphrase) {
        (Found::Locked(locked), _) => unlock(locked, keys, catalog),
        (Found::Nothing(mut draft), Some(source)) if make => {
            let passphrase = source.read()?;
            draft.passphrase(passphrase.expose(), Cost::USUAL).map_err(|trouble| stop(&trouble))?;
            let archive = draft.make().map_err(|trouble| stop(&trouble))?;
            super::out::note(&catalog.say(&Say::new("cli-archive-made")));
            Ok(archive)
        }
        (Found::Nothing(_), _) => Err(none()),
    }
}

fn unlock(locked: Locked, keys: Keys, catalog: &Catalog) -> Result<Archive, Stop> {
    if let Some(source) = keys.passphrase {
        return attempt(locked, Way::Passphrase, &source.read()?).map_err(|(_, trouble)| stop(&trouble));
    }
    if let Some(source) = keys.code {
        return attempt(locked, Way::Recovery, &source.read()?).map_err(|(_, trouble)| stop(&trouble));
    }
    let (locked, why) = match by_keychain(locked) {
        Ok(archive) => return Ok(archive),
        Err(Closed::Locked(locked, why)) => (locked, why),
        Err(Closed::Stop(stop)) => return Err(stop),
    };
    by_hand(locked, &why, catalog)
}

/// Why the keychain did not open it.
enum Closed {
    /// Something else may.
    Locked(Box<Locked>, Say),
    Stop(Stop),
}

fn by_keychain(locked: Locked) -> Result<Archive, Closed> {
    let Some(entry) = locked.entry().map(secrets::archive_entry) else {
        return Err(Closed::Locked(Box::new(locked), Say::new("cli-archive-locked")));
    };
    match Keychain::new(Realm::Grid).get(&entry).wait() {
        Ok(Some(kept)) => attempt(locked, Way::Keychain, &kept).map_err(|(locked, trouble)| match trouble {
            Trouble::Wrong { .. } => Closed::Locked(locked, trouble.say()),
            trouble => Closed::Stop(stop(&trouble)),
        }),
        Ok(None) => Err(Closed::Locked(Box::new(locked), Say::new("archive-no-entry"))),
        Err(error) => Err(Closed::Locked(Box::new(locked), error.say())),
    }
}

/// Asks at the terminal, where there is one.
fn by_hand(mut locked: Box<Locked>, why: &Say, catalog: &Catalog) -> Result<Archive, Stop> {
    super::out::note(&catalog.say(why));
    let prompt = catalog.text("cli-archive-prompt");
    for _ in 0..TRIES {
        let Some(typed) = terminal::ask(&prompt) else {
            return Err(Stop::new(Exit::Archive, Say::new("cli-archive-no-terminal")));
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
