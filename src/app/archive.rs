//! A profile's archive: looked for, opened by the keychain or by what the person types, made, recovered; then the session
//! begins over it. All of it happens away from the window.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use iced::Task;

use super::compose::{Then, let_go};
use super::{App, Message};
use crate::engine::{Connection, Keys};
use crate::iodef;
use crate::model::Say;
use crate::screen::archive::{Act, Backup, Screen, State};
use crate::screen::care::Proof;
use crate::screen::{Place, Tab, Toast, Tone, connect};
use crate::secrets::{self, Keeper, Secret};
use crate::settings::Profile;
use crate::store::vault::{By, Cost, Draft, Found, Kept, Locked, Trouble, Vault, Way};
use crate::store::{Archive, Memory, Progress, Store};

/// A session that waits for its archive.
pub struct Wanted {
    profile: Profile,
    keys: Keys,
    remember: bool,
    door: Door,
    /// No session follows: it was closed to be looked through, and its person connects again.
    closed: bool,
}

/// New keys that an archive is moved to: what opens it now, and the passphrase that is to.
#[derive(Clone, Debug)]
pub struct Anew {
    pub proof: Proof,
    pub passphrase: Option<Secret>,
}

/// The archive before it is open. It holds the folder's lock; the last of these lets it go.
#[derive(Clone)]
struct Door {
    folder: PathBuf,
    secrets: Keeper,
    behind: Arc<Mutex<Behind>>,
    /// Of the attempt there is.
    progress: Progress,
}

#[derive(Default)]
enum Behind {
    #[default]
    Nothing,
    Draft(Draft),
    /// With what opened it, where the file is damaged.
    Locked(Box<Locked>, Option<(Way, Secret)>),
    /// Open, and something is shown first.
    Open(Arc<Archive>),
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub enum Outcome {
    Opened(Arc<Archive>),
    Stands(State, Option<Say>),
}

impl App {
    /// Opens the archive of the account, then begins the session; at once where there is nothing to open.
    pub(super) fn enter(&mut self, profile: Profile, keys: Keys, remember: bool) -> Task<Message> {
        // Another session would drop it in silence.
        if self.holding() {
            let _ = self.screens.connect.connected(&Connection::Offline);
            return self.held_first();
        }
        let same =
            self.shared.profile.as_ref().is_some_and(|before| before.jid == profile.jid) && !self.shared.practice;
        let Some(folder) = self.env.archives.as_ref().filter(|_| !same) else {
            return self.connect(profile, keys, remember, Arc::new(Memory::default()));
        };
        let folder = folder.join(crate::settings::folder_name(&profile.jid.to_string()));
        let door = self.knock(folder, profile, keys, remember, false);
        self.wait_at(async move { door.look(1).await })
    }

    /// Opens the archive that was just closed, to look it through; or moves it to new keys.
    pub(super) fn enter_closed(&mut self, profile: Profile, anew: Option<Anew>) -> Task<Message> {
        let Some(folder) = &self.env.archives else { return Task::none() };
        let folder = folder.join(crate::settings::folder_name(&profile.jid.to_string()));
        let door = self.knock(folder, profile, Keys::default(), false, true);
        match anew {
            Some(anew) => {
                self.screens.archive.makes();
                self.wait_at(async move { door.rotate(anew).await })
            }
            None => self.wait_at(async move { door.look(PATIENCE).await }),
        }
    }

    fn wait_at(&mut self, attempted: impl Future<Output = Outcome> + Send + 'static) -> Task<Message> {
        let shown = self.go(Place::Archive);
        Task::batch([shown, attempt(attempted), ticking()])
    }

    fn knock(&mut self, folder: PathBuf, profile: Profile, keys: Keys, remember: bool, closed: bool) -> Door {
        let (secrets, progress) = (self.env.secrets.clone(), Progress::default());
        let door = Door { folder, secrets, behind: Arc::default(), progress: progress.clone() };
        self.stay_here();
        self.screens.archive = Screen::of(profile.name.clone());
        self.screens.archive.stands(State::Opening(progress), None);
        self.wanted = Some(Wanted { profile, keys, remember, door: door.clone(), closed });
        door
    }

    /// Does what the person asked at the door.
    pub(super) fn archive_act(&mut self, act: Act) -> Task<Message> {
        let Some(wanted) = &self.wanted else { return Task::none() };
        let progress = Progress::default();
        let (door, now) = (Door { progress: progress.clone(), ..wanted.door.clone() }, self.shared.now);
        match act {
            Act::InMemory => return self.over(Arc::new(Memory::default()), None),
            Act::Go => {
                if let Behind::Open(archive) = door.take() {
                    return self.over_archive(archive);
                }
                // It has its new keys, and is not open.
                self.screens.archive.stands(State::Opening(progress), None);
                return Task::batch([attempt(async move { door.look(PATIENCE).await }), ticking()]);
            }
            Act::Back => {
                self.stay_here();
                self.turn_back();
                return Task::none();
            }
            _ => {}
        }
        self.screens.archive.stands(State::Opening(progress), None);
        if matches!(act, Act::ByKeychain(_) | Act::ByPassphrase(..)) {
            self.screens.archive.makes();
        }
        let attempted = match act {
            Act::ByKeychain(from) => attempt(async move { door.by_keychain(from).await }),
            Act::ByPassphrase(passphrase, from) => attempt(async move { door.by_passphrase(passphrase, from).await }),
            Act::Open(way, secret) => attempt(async move { door.open(way, secret, None).await }),
            Act::Recover => attempt(async move { door.recover(now).await }),
            Act::SetAside => attempt(async move { door.set_aside(now).await }),
            Act::Retry | Act::InMemory | Act::Go | Act::Back => attempt(async move { door.look(1).await }),
        };
        Task::batch([attempted, ticking()])
    }

    pub(super) fn archive(&mut self, outcome: Outcome) -> Task<Message> {
        if self.wanted.is_none() {
            // The person went back meanwhile; the archive is closed again.
            return Task::none();
        }
        match outcome {
            Outcome::Opened(archive) => self.over_archive(archive),
            Outcome::Stands(state, problem) => {
                self.screens.archive.stands(state, problem);
                iced::widget::operation::focus(crate::screen::archive::SECRET)
            }
        }
    }

    fn over_archive(&mut self, archive: Arc<Archive>) -> Task<Message> {
        self.over(archive.clone(), Some(archive))
    }

    /// The session begins, over this store; or its person is asked to connect again, where it was closed to be looked through.
    fn over(&mut self, store: Arc<dyn Store>, kept: Option<Arc<Archive>>) -> Task<Message> {
        if let Some(Wanted { profile, .. }) = self.wanted.take_if(|wanted| wanted.closed) {
            drop((store, kept));
            let told = self.toast(Toast { tone: Tone::Good, say: Say::new("archive-closed") });
            let shown = self.go(Place::Connect);
            return Task::batch([told, shown, self.screen(Message::Connect(connect::Message::Choose(profile.name)))]);
        }
        self.once_kept(Then::Over(store, kept))
    }

    /// Nobody waits at the door: the form is the person's again.
    pub(super) fn turn_back(&mut self) {
        self.wanted = None;
        let _ = self.screens.connect.connected(&Connection::Offline);
    }

    /// All of the session before is on its shelves.
    pub(super) fn over_now(&mut self, store: Arc<dyn Store>, kept: Option<Arc<Archive>>) -> Task<Message> {
        // The person may have gone back meanwhile.
        let Some(Wanted { profile, keys, remember, .. }) = self.wanted.take() else {
            let_go(Then::Over(store, kept));
            return Task::none();
        };
        let begun = self.connect(profile, keys, remember, store);
        self.shared.kept = kept.is_some();
        self.kept = kept;
        let drafts = self.read_drafts();
        let shown = if self.place == Place::Archive { self.go(Place::Tab(Tab::Feed)) } else { Task::none() };
        Task::batch([begun, drafts, shown])
    }
}

/// How often an archive that was just closed is looked for: its session may take a while to let go of it.
const PATIENCE: u32 = 40;

/// The door looks how far the attempt is.
fn ticking() -> Task<Message> {
    Task::done(Message::Door(crate::screen::archive::Message::Tick))
}

fn attempt(work: impl Future<Output = Outcome> + Send + 'static) -> Task<Message> {
    Task::perform(work, Message::Archive)
}

/// Runs what blocks on a thread that may.
async fn blocking(work: impl FnOnce() -> Outcome + Send + 'static) -> Outcome {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|broken| stuck(Trouble::Disk { cause: broken.to_string() }))
}

fn stuck(trouble: Trouble) -> Outcome {
    Outcome::Stands(State::Stuck { trouble }, None)
}

impl Door {
    fn take(&self) -> Behind {
        std::mem::take(&mut *self.behind.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, behind: Behind) {
        *self.behind.lock().unwrap_or_else(PoisonError::into_inner) = behind;
    }

    /// What is in the folder; and if the keychain opens it, it is open.
    async fn look(self, times: u32) -> Outcome {
        drop(self.take());
        let door = self.clone();
        let look = move || match find(&door.folder, times) {
            Ok(Found::Nothing(draft)) => {
                door.put(Behind::Draft(draft));
                Ok(None)
            }
            Ok(Found::Locked(locked)) => {
                let entry = locked.entry().map(secrets::archive_entry);
                let ways = locked.ways();
                door.put(Behind::Locked(Box::new(locked), None));
                Ok(Some((entry, ways)))
            }
            Err(trouble) => Err(trouble),
        };
        let looked = tokio::task::spawn_blocking(look);
        match looked.await {
            Ok(Ok(None)) => self.fresh(None, None).await,
            Ok(Ok(Some((None, ways)))) => Outcome::Stands(State::Locked { ways, why: None }, None),
            Ok(Ok(Some((Some(entry), ways)))) => match self.secrets.keychain().get(&entry).await {
                Ok(Some(kept)) => self.open(Way::Keychain, kept, Some(ways)).await,
                // Nothing there is not a new beginning: the archive has other ways in.
                Ok(None) => Outcome::Stands(State::Locked { ways, why: Some(Say::new("archive-no-entry")) }, None),
                Err(error) => Outcome::Stands(State::Locked { ways, why: Some(error.say()) }, None),
            },
            Ok(Err(trouble)) => stuck(trouble),
            Err(broken) => stuck(Trouble::Disk { cause: broken.to_string() }),
        }
    }

    async fn fresh(self, aside: Option<String>, problem: Option<Say>) -> Outcome {
        let keychain = self.secrets.keychain().probe().await.unwrap_or(secrets::State::Frozen);
        Outcome::Stands(State::Fresh { keychain, aside }, problem)
    }

    /// Tries a key. `ways` are told where the keychain's was no good.
    async fn open(self, way: Way, secret: Secret, ways: Option<Vec<Way>>) -> Outcome {
        blocking(move || {
            let Behind::Locked(locked, _) = self.take() else { return stuck(Trouble::InUse) };
            match locked.watched(self.progress.clone()).open(by(way, &secret), Some(iodef::indexed)) {
                Ok(archive) => Outcome::Opened(Arc::new(archive)),
                Err((locked, trouble)) => {
                    let own = locked.ways();
                    let broken = matches!(trouble, Trouble::Damaged { .. });
                    self.put(Behind::Locked(locked, broken.then_some((way, secret))));
                    match (trouble, ways) {
                        (trouble @ Trouble::Damaged { .. }, _) => Outcome::Stands(State::Broken { trouble }, None),
                        (trouble @ (Trouble::Wrong { .. } | Trouble::Mistyped), None) => {
                            Outcome::Stands(State::Locked { ways: own, why: None }, Some(trouble.say()))
                        }
                        (trouble @ Trouble::Wrong { .. }, Some(ways)) => {
                            Outcome::Stands(State::Locked { ways, why: Some(trouble.say()) }, None)
                        }
                        (trouble, _) => stuck(trouble),
                    }
                }
            }
        })
        .await
    }

    async fn by_keychain(self, from: Option<Backup>) -> Outcome {
        let Behind::Draft(mut draft) = self.take() else { return stuck(Trouble::InUse) };
        let (id, kept) = match draft.keychain() {
            Ok(made) => made,
            Err(trouble) => return stuck(trouble),
        };
        // Before the archive: one whose key is nowhere would never open again.
        let entry = secrets::archive_entry(&id);
        if let Err(error) = self.secrets.keychain().set(&entry, Secret::new(kept.to_string())).await {
            drop(draft);
            let again = self.clone();
            let looked = tokio::task::spawn_blocking(move || match Vault::new(again.folder.clone()).look() {
                Ok(Found::Nothing(draft)) => {
                    again.put(Behind::Draft(draft));
                    Ok(())
                }
                Ok(Found::Locked(_)) => Err(Trouble::Exists),
                Err(trouble) => Err(trouble),
            });
            return match looked.await {
                Ok(Ok(())) => self.fresh(None, Some(error.say())).await,
                Ok(Err(trouble)) => stuck(trouble),
                Err(broken) => stuck(Trouble::Disk { cause: broken.to_string() }),
            };
        }
        self.make(draft, from).await
    }

    async fn by_passphrase(self, passphrase: Secret, from: Option<Backup>) -> Outcome {
        let Behind::Draft(mut draft) = self.take() else { return stuck(Trouble::InUse) };
        let stretched =
            tokio::task::spawn_blocking(move || draft.passphrase(passphrase.expose(), Cost::USUAL).map(|()| draft));
        match stretched.await {
            Ok(Ok(draft)) => self.make(draft, from).await,
            Ok(Err(trouble)) => stuck(trouble),
            Err(broken) => stuck(Trouble::Disk { cause: broken.to_string() }),
        }
    }

    /// Makes it, empty or of a backup, with a code for paper beside the way that was chosen.
    async fn make(self, draft: Draft, from: Option<Backup>) -> Outcome {
        blocking(move || {
            let mut draft = draft.watched(self.progress.clone());
            let code = match draft.recovery() {
                Ok(code) => Secret::new(code.text().to_string()),
                Err(trouble) => return stuck(trouble),
            };
            let made = match from {
                Some(Backup { path, passphrase }) => draft.restore(&path, passphrase.expose(), Some(iodef::indexed)),
                None => draft.make(),
            };
            match made {
                Ok(archive) => {
                    self.put(Behind::Open(Arc::new(archive)));
                    Outcome::Stands(State::Made { code, anew: false }, None)
                }
                // The code opens it: it is shown, whatever failed after the keys were written.
                Err(undone) if undone.is_named => {
                    Outcome::Stands(State::Made { code, anew: false }, Some(undone.trouble.say()))
                }
                Err(undone) => stuck(undone.trouble),
            }
        })
        .await
    }

    /// Puts by what nobody opens, and asks how the new one is to be locked.
    async fn set_aside(self, now: DateTime<Utc>) -> Outcome {
        let door = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let (draft, aside) = match door.take() {
                Behind::Locked(locked, _) => locked.set_aside(now)?,
                _ => Vault::new(door.folder.clone()).set_aside(now)?,
            };
            door.put(Behind::Draft(draft));
            Ok(aside.display().to_string())
        });
        match done.await {
            Ok(Ok(aside)) => self.fresh(Some(aside), None).await,
            Ok(Err(trouble)) => stuck(trouble),
            Err(broken) => stuck(Trouble::Disk { cause: broken.to_string() }),
        }
    }

    /// Moves the archive to new keys: what opens it then is made anew, and shown or kept before the old is gone.
    async fn rotate(self, anew: Anew) -> Outcome {
        drop(self.take());
        let folder = self.folder.clone();
        let locked = match tokio::task::spawn_blocking(move || find(&folder, PATIENCE)).await {
            Ok(Ok(Found::Locked(locked))) => Box::new(locked),
            Ok(Ok(Found::Nothing(_))) => return stuck(Trouble::Gone),
            Ok(Err(trouble)) => return stuck(trouble),
            Err(broken) => return stuck(Trouble::Disk { cause: broken.to_string() }),
        };
        let entry = locked.entry().map(secrets::archive_entry);
        let (way, secret) = match (anew.proof, &entry) {
            (Proof::Typed(way, secret), _) => (way, secret),
            (Proof::Keychain, None) => return self.locked(locked, Say::new("archive-no-entry")),
            (Proof::Keychain, Some(entry)) => match self.secrets.keychain().get(entry).await {
                Ok(Some(kept)) => (Way::Keychain, kept),
                Ok(None) => return self.locked(locked, Say::new("archive-no-entry")),
                Err(error) => return self.locked(locked, error.say()),
            },
        };
        blocking(move || {
            let (mut code, mut made) = (None, None);
            let rotated = locked.watched(self.progress.clone()).rotate(by(way, &secret), |draft| {
                if entry.is_some() {
                    made = Some(entrust(&self.secrets, draft)?);
                }
                if let Some(new) = &anew.passphrase {
                    draft.passphrase(new.expose(), Cost::USUAL)?;
                }
                code = Some(Secret::new(draft.recovery()?.text().to_string()));
                Ok(())
            });
            match (rotated, code) {
                (Ok(archive), Some(code)) => {
                    forget(&self.secrets, entry);
                    self.put(Behind::Open(Arc::new(archive)));
                    Outcome::Stands(State::Made { code, anew: true }, None)
                }
                // The old keys open nothing: the code is shown, whatever failed after they were written.
                (Err(undone), Some(code)) if undone.is_named => {
                    Outcome::Stands(State::Made { code, anew: true }, Some(undone.trouble.say()))
                }
                (Err(undone), _) => {
                    forget(&self.secrets, made);
                    stuck(undone.trouble)
                }
                (Ok(_), None) => stuck(Trouble::NoWay),
            }
        })
        .await
    }

    /// It waits for a key, and this is why it was not opened.
    fn locked(&self, locked: Box<Locked>, why: Say) -> Outcome {
        let ways = locked.ways();
        self.put(Behind::Locked(locked, None));
        Outcome::Stands(State::Locked { ways, why: Some(why) }, None)
    }

    async fn recover(self, now: DateTime<Utc>) -> Outcome {
        blocking(move || {
            let Behind::Locked(locked, Some((way, secret))) = self.take() else { return stuck(Trouble::InUse) };
            match locked.watched(self.progress.clone()).recover(by(way, &secret), now, Some(iodef::indexed)) {
                Ok(recovered) => {
                    let kept: Kept = recovered.kept;
                    let aside = recovered.aside.display().to_string();
                    self.put(Behind::Open(Arc::new(recovered.archive)));
                    Outcome::Stands(State::Recovered { kept, aside }, None)
                }
                Err(trouble) => stuck(trouble),
            }
        })
        .await
    }
}

/// What is in a folder, looked for as often as somebody else still has it.
fn find(folder: &Path, times: u32) -> Result<Found, Trouble> {
    let vault = Vault::new(folder.to_path_buf());
    let mut looks = (1..times).map(|_| vault.look()).filter(|found| !matches!(found, Err(Trouble::InUse)));
    looks.next().unwrap_or_else(|| vault.look())
}

/// Makes a way in by the keychain and gives the keychain its key, before anything needs it. Gives the entry. Blocks.
pub(super) fn entrust(secrets: &Keeper, draft: &mut Draft) -> Result<String, Trouble> {
    let (id, kept) = draft.keychain()?;
    let entry = secrets::archive_entry(&id);
    let set = secrets.keychain().set(&entry, Secret::new(kept.to_string())).wait();
    set.map_err(|error| Trouble::Keychain { cause: error.to_string() })?;
    Ok(entry)
}

/// Takes a key that opens nothing any more out of the keychain; one that stays harms nobody. Blocks.
pub(super) fn forget(secrets: &Keeper, entry: Option<String>) {
    let Some(entry) = entry else { return };
    if let Err(error) = secrets.keychain().remove(&entry).wait() {
        tracing::warn!(%error, "a key of the archive that opens nothing stays in the keychain");
    }
}

pub(super) fn by(way: Way, secret: &Secret) -> By<'_> {
    match way {
        Way::Keychain => By::Keychain(secret.expose()),
        Way::Passphrase => By::Passphrase(secret.expose()),
        Way::Recovery => By::Recovery(secret.expose()),
    }
}
