//! What the person does with the archive in use: each act away from the window's thread, its end told to the screen.

use std::sync::Arc;

use iced::Task;

use super::archive::{Anew, entrust, forget};
use super::compose::Then;
use super::{App, Message};
use crate::model::Say;
use crate::screen::Place;
use crate::screen::care::{self, Act, Done, Proof};
use crate::secrets::{self, Keeper, Secret};
use crate::store::vault::{By, Cost, Draft, Lasts, Trouble, Way};
use crate::store::{Archive, Progress};

impl App {
    pub(super) fn care_act(&mut self, act: Act, progress: Progress) -> Task<Message> {
        let done = |result| Message::Care(care::Message::Done(result));
        let Some(archive) = self.kept.clone() else {
            return match act {
                // A session in memory has nothing to take care of.
                Act::Look | Act::Choose | Act::Close | Act::Anew(..) => Task::none(),
                _ => Task::done(done(Err(Trouble::Gone.say()))),
            };
        };
        let secrets = self.env.secrets.clone();
        match act {
            Act::Close => self.close_archive(None),
            Act::Choose => {
                let name = format!("gridwatch-{}.backup", self.shared.now.format("%Y-%m-%d"));
                let chosen = (self.env.save_as)(self.shared.catalog.text("care-backup"), name);
                Task::perform(chosen, |path| Message::Care(care::Message::Chosen(path)))
            }
            Act::Look => perform(move || Ok(Done::Looked(archive.care()?))),
            Act::Check => perform(move || Ok(archive.verify_all(&progress).map(|()| Done::Checked)?)),
            Act::BackUp(path, passphrase) => perform(move || {
                let _ = archive.back_up(&path, passphrase.expose(), Cost::USUAL, &progress)?;
                Ok(Done::BackedUp(path))
            }),
            Act::Passphrase(proof, new) => proved(archive, secrets, proof, move |archive, by| {
                let make = |draft: &mut Draft| draft.passphrase(new.expose(), Cost::USUAL);
                Ok(Done::Passphrase(archive.change_ways(by, &[Way::Passphrase], make)?))
            }),
            Act::Code(proof) => proved(archive, secrets, proof, |archive, by| {
                let mut code = None;
                let lasts = archive.change_ways(by, &[Way::Recovery], |draft| {
                    code = Some(Secret::new(draft.recovery()?.text().to_string()));
                    Ok(())
                })?;
                code.map(|code| Done::Code(code, lasts)).ok_or(Trouble::NoWay)
            }),
            Act::Keychain(proof, on) => {
                let keeper = secrets.clone();
                proved(archive, secrets, proof, move |archive, by| keychain(archive, by, &keeper, on))
            }
            // Before the session ends for it.
            Act::Rotate(proof, new) => {
                let anew = (proof.clone(), new);
                proved(archive, secrets, proof, move |archive, by| {
                    archive.prove(by)?;
                    Ok(Done::Proved(anew.0, anew.1))
                })
            }
            Act::Anew(proof, passphrase) => self.close_archive(Some(Anew { proof, passphrase })),
        }
    }

    /// How the archive stands is looked up each time its page is opened.
    pub(super) fn care_opened(&mut self) -> Task<Message> {
        self.care_act(Act::Look, Progress::default())
    }

    /// Ends the session and closes its archive; the door opens it again, after reading all of it where it is in doubt, or moves
    /// it to new keys.
    fn close_archive(&mut self, anew: Option<Anew>) -> Task<Message> {
        if self.holding() {
            return self.held_first();
        }
        self.once_kept(Then::Close(anew))
    }

    /// All that was written in it is on its shelves.
    pub(super) fn close_now(&mut self, anew: Option<Anew>) -> Task<Message> {
        let Some(profile) = self.shared.profile.clone() else { return Task::none() };
        let Some(profile) = self.shared.settings.profile(&profile.name).cloned() else { return Task::none() };
        let parted = self.part_with_archive();
        let looked = self.enter_closed(profile, anew);
        self.place = Place::Archive;
        Task::batch([parted, looked])
    }
}

/// Makes the keychain open the archive, or not any more.
fn keychain(archive: &Archive, by: By<'_>, secrets: &Keeper, on: bool) -> Result<Done, Trouble> {
    let before = archive.care()?.entry.map(|entry| secrets::archive_entry(&entry));
    let mut made = None;
    let changed = archive.change_ways(by, &[Way::Keychain], |draft| {
        if on {
            made = Some(entrust(secrets, draft)?);
        }
        Ok(())
    });
    match &changed {
        Ok(Lasts::Yes) => forget(secrets, before),
        // A power cut may bring back the keys that need it.
        Ok(Lasts::Perhaps(_)) => {}
        Err(_) => forget(secrets, made),
    }
    Ok(Done::Keychain(on, changed?))
}

fn perform(work: impl FnOnce() -> Result<Done, Trouble> + Send + 'static) -> Task<Message> {
    Task::perform(blocking(work), |result| Message::Care(care::Message::Done(result)))
}

async fn blocking(work: impl FnOnce() -> Result<Done, Trouble> + Send + 'static) -> Result<Done, Say> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|broken| Err(Trouble::Disk { cause: broken.to_string() })).map_err(|trouble| trouble.say())
}

/// Does what asks for one of the ways in that there are.
fn proved(
    archive: Arc<Archive>,
    secrets: Keeper,
    proof: Proof,
    work: impl FnOnce(&Archive, By<'_>) -> Result<Done, Trouble> + Send + 'static,
) -> Task<Message> {
    let proving = async move {
        let (way, secret) = match proof {
            Proof::Typed(way, secret) => (way, secret),
            Proof::Keychain => {
                let entry = archive.care().map_err(|trouble| trouble.say())?.entry;
                let entry = entry.ok_or_else(|| Say::new("archive-no-entry"))?;
                let kept =
                    secrets.keychain().get(&secrets::archive_entry(&entry)).await.map_err(|error| error.say())?;
                (Way::Keychain, kept.ok_or_else(|| Say::new("archive-no-entry"))?)
            }
        };
        blocking(move || work(&archive, super::archive::by(way, &secret))).await
    };
    Task::perform(proving, |result| Message::Care(care::Message::Done(result)))
}
