//! A profile's archive: looked for, opened by the keychain or by what the person types, made, recovered; then the session
//! begins over it. All of it happens away from the window.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use iced::Task;

use super::{App, Message};
use crate::engine::{Connection, Keys};
use crate::iodef;
use crate::model::Say;
use crate::screen::archive::{Act, Backup, Screen, State};
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
            return self.bad(Say::new("app-held-first"));
        }
        let same =
            self.shared.profile.as_ref().is_some_and(|before| before.jid == profile.jid) && !self.shared.practice;
        let Some(folder) = self.env.archives.as_ref().filter(|_| !same) else {
            return self.connect(profile, keys, remember, Arc::new(Memory::default()));
        };
        let folder = folder.join(crate::settings::folder_name(&profile.jid.to_string()));
        self.knock(folder, profile, keys, remember, false)
    }

    /// Opens the archive that was just closed, to look it through.
    pub(super) fn enter_closed(&mut self, profile: Profile) -> Task<Message> {
        let Some(folder) = &self.env.archives else { return Task::none() };
        let folder = folder.join(crate::settings::folder_name(&profile.jid.to_string()));
        self.knock(folder, profile, Keys::default(), false, true)
    }

    fn knock(&mut self, folder: PathBuf, profile: Profile, keys: Keys, remember: bool, closed: bool) -> Task<Message> {
        let (secrets, progress) = (self.env.secrets.clone(), Progress::default());
        let door = Door { folder, secrets, behind: Arc::default(), progress: progress.clone() };
        self.screens.archive = Screen::of(profile.name.clone());
        self.screens.archive.stands(State::Opening(progress), None);
        self.wanted = Some(Wanted { profile, keys, remember, door: door.clone(), closed });
        let shown = self.go(Place::Archive);
        Task::batch([shown, attempt(async move { door.look(if closed { PATIENCE } else { 1 }).await }), ticking()])
    }

    /// Does what the person asked at the door.
    pub(super) fn archive_act(&mut self, act: Act) -> Task<Message> {
        let Some(wanted) = &self.wanted else { return Task::none() };
        let progress = Progress::default();
        let (door, now) = (Door { progress: progress.clone(), ..wanted.door.clone() }, self.shared.now);
        match act {
            Act::InMemory => return self.over(Arc::new(Memory::default()), None),
            Act::Go => {
                let Behind::Open(archive) = door.take() else { return Task::none() };
                return self.over_archive(archive);
            }
            Act::Back => {
                self.wanted = None;
                // The form is the person's again.
                let _ = self.screens.connect.connected(&Connection::Offline);
                return Task::none();
            }
            _ => {}
        }
        self.screens.archive.stands(State::Opening(progress), None);
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
        let Some(Wanted { profile, keys, remember, closed, .. }) = self.wanted.take() else { return Task::none() };
        if closed {
            drop((store, kept));
            let told = self.toast(Toast { tone: Tone::Good, say: Say::new("archive-closed") });
            let shown = self.go(Place::Connect);
            return Task::batch([told, shown, self.screen(Message::Connect(connect::Message::Choose(profile.name)))]);
        }
        let begun = self.connect(profile, keys, remember, store);
        self.shared.kept = kept.is_some();
        self.kept = kept;
        let shown = if self.place == Place::Archive { self.go(Place::Tab(Tab::Feed)) } else { Task::none() };
        Task::batch([begun, shown])
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
        let look = move || {
            let vault = Vault::new(door.folder.clone());
            let mut looks = (1..times).map(|_| vault.look()).filter(|found| !matches!(found, Err(Trouble::InUse)));
            match looks.next().unwrap_or_else(|| vault.look()) {
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
            }
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
            let made = draft.recovery().and_then(|code| {
                let archive = match from {
                    Some(Backup { path, passphrase }) => {
                        draft.restore(&path, passphrase.expose(), Some(iodef::indexed))?
                    }
                    None => draft.make()?,
                };
                Ok((code.text(), archive))
            });
            match made {
                Ok((code, archive)) => {
                    self.put(Behind::Open(Arc::new(archive)));
                    Outcome::Stands(State::Made { code: Secret::new(code.to_string()) }, None)
                }
                Err(trouble) => stuck(trouble),
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

pub(super) fn by(way: Way, secret: &Secret) -> By<'_> {
    match way {
        Way::Keychain => By::Keychain(secret.expose()),
        Way::Passphrase => By::Passphrase(secret.expose()),
        Way::Recovery => By::Recovery(secret.expose()),
    }
}
