//! What the person does with the archive in use: each act away from the window's thread, its end told to the screen.

use std::sync::Arc;

use iced::Task;

use super::{App, Message};
use crate::model::Say;
use crate::screen::Place;
use crate::screen::care::{self, Act, Done, Proof};
use crate::secrets::{self, Keeper, Secret};
use crate::store::vault::{By, Cost, Trouble, Way};
use crate::store::{Archive, Progress};

impl App {
    pub(super) fn care_act(&mut self, act: Act, progress: Progress) -> Task<Message> {
        let done = |result| Message::Care(care::Message::Done(result));
        let Some(archive) = self.kept.clone() else {
            return match act {
                // A session in memory has nothing to take care of.
                Act::Look | Act::Choose | Act::Close => Task::none(),
                _ => Task::done(done(Err(Trouble::Gone.say()))),
            };
        };
        let secrets = self.env.secrets.clone();
        match act {
            Act::Close => self.close_archive(),
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
                let make = |draft: &mut crate::store::vault::Draft| draft.passphrase(new.expose(), Cost::USUAL);
                archive.change_ways(by, &[Way::Passphrase], make).map(|()| Done::Passphrase)
            }),
            Act::Code(proof) => proved(archive, secrets, proof, |archive, by| {
                let mut code = None;
                archive.change_ways(by, &[Way::Recovery], |draft| {
                    code = Some(Secret::new(draft.recovery()?.text().to_string()));
                    Ok(())
                })?;
                code.map(Done::Code).ok_or(Trouble::NoWay)
            }),
        }
    }

    /// How the archive stands is looked up each time its page is opened.
    pub(super) fn care_opened(&mut self) -> Task<Message> {
        self.care_act(Act::Look, Progress::default())
    }

    /// Ends the session and closes its archive; the door opens it again, after reading all of it where it is in doubt.
    fn close_archive(&mut self) -> Task<Message> {
        let Some(profile) = self.shared.profile.clone() else { return Task::none() };
        if self.holding() {
            return self.bad(Say::new("app-held-first"));
        }
        let Some(profile) = self.shared.settings.profile(&profile.name).cloned() else { return Task::none() };
        let parted = self.part_with_archive();
        let looked = self.enter_closed(profile);
        self.place = Place::Archive;
        Task::batch([parted, looked])
    }
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
