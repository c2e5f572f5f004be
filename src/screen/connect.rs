//! The form for a grid of one's own: who I am, where the controller is, whom to believe; then the steps of connecting, and
//! what failed in its own words with what to do next.

mod form;
mod more;
mod view;

use std::path::PathBuf;

use crate::app::cx::Cx;
use crate::engine::{Command, Connection, Keys};
use crate::model::{ProxyKind, Revocation, Tls};
use crate::screen::{Action, Target};
use crate::secrets::Secret;

pub use form::{Field, Form, Problem, Typed};

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// Fills the form from a saved profile and asks the keychain for its password.
    Choose(String),
    /// The same, and connects with what the keychain gives.
    Enter(String),
    Fresh,
    Forget(String),
    Edit(Field, String),
    /// A field with a secret.
    Secret(Field, Secret),
    Tls(Tls),
    Proxy(Option<ProxyKind>),
    PlatformRoots(bool),
    Revocation(Revocation),
    FetchCrls(bool),
    Remember(bool),
    /// Shows the fields most people never need.
    More(bool),
    /// Asks for a file of this field.
    Pick(Field),
    Picked(Field, Option<PathBuf>),
    /// The keychain's answer for this profile: those secrets it has.
    Recalled(String, Keys),
    /// Stop waiting for the keyring.
    StopWaiting,
    Connect,
    Cancel,
    CopyDetails,
    /// To the panel, with all that is known of the attempt.
    Details,
    Back,
}

/// How far the form is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Editing,
    /// The keyring was asked and may be waiting for its owner.
    Asking,
    /// The engine works on it; [`Cx::connection`] says how far it is.
    Trying,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    form: Form,
    problems: Vec<Problem>,
    stage: Stage,
    more: bool,
    /// The saved profile the form was filled from, while it is still about its address.
    chosen: Option<String>,
    /// The secrets came from the keychain, not from the person.
    recalled: bool,
    /// Connects when the keychain has answered, if nobody touches the form before.
    enters: bool,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        let enters = std::mem::take(&mut self.enters);
        match message {
            Message::Choose(name) => return self.choose(&name, cx),
            Message::Enter(name) => {
                let asked = self.choose(&name, cx);
                self.enters = true;
                return asked;
            }
            Message::Fresh => *self = Self::default(),
            Message::Forget(name) => return self.forget(&name, cx),
            Message::Edit(field, text) => {
                self.form.set(field, text);
                self.problems.retain(|problem| problem.field != field);
                if field == Field::Jid {
                    return self.readdressed();
                }
            }
            Message::Secret(field, secret) => {
                if let Some(held) = self.form.keys.of(field) {
                    *held = secret;
                }
                self.recalled = false;
                self.problems.retain(|problem| problem.field != field);
            }
            Message::Tls(tls) => self.form.tls = tls,
            Message::Proxy(kind) => self.form.proxy = kind,
            Message::PlatformRoots(both) => self.form.platform_roots = both,
            Message::Revocation(policy) => {
                self.form.revocation = policy;
                self.problems.retain(|problem| problem.field != Field::Crls);
            }
            Message::FetchCrls(fetch) => {
                self.form.fetch_crls = fetch;
                self.problems.retain(|problem| problem.field != Field::Crls);
            }
            Message::Remember(remember) => self.form.forgets = !remember,
            Message::More(more) => self.more = more,
            Message::Pick(field) => return Action::Run(pick(field, cx)),
            Message::Picked(field, path) => {
                if let Some(path) = path {
                    self.form.picked(field, &path);
                    self.problems.retain(|problem| problem.field != field);
                }
            }
            Message::Recalled(name, keys) => {
                self.recalled(&name, keys);
                if enters && self.chosen.as_ref() == Some(&name) {
                    return self.connect();
                }
            }
            Message::StopWaiting => {
                self.stage = Stage::Editing;
                return Action::StopRecall;
            }
            Message::Connect => return self.connect(),
            Message::Cancel => {
                self.stage = Stage::Editing;
                return Action::Engine(Command::Disconnect);
            }
            Message::CopyDetails => {
                if let Connection::Stopped { cause } | Connection::Waiting { cause, .. } = cx.connection {
                    return Action::Copy(view::details(cause, cx));
                }
            }
            Message::Details => return Action::Open(Target::Connection),
            Message::Back => {
                return match self.stage {
                    Stage::Trying => self.update(Message::Cancel, cx),
                    _ => Action::Open(Target::Welcome),
                };
            }
        }
        Action::None
    }

    /// Whether an attempt of this form is under way.
    #[must_use]
    pub fn trying(&self) -> bool {
        self.stage == Stage::Trying
    }

    /// Another attempt with what this form gave, after a decision.
    pub fn again(&mut self) {
        self.stage = Stage::Trying;
    }

    /// The connection changed: what waits for the person gives the form back. Whether it was this form's attempt that
    /// succeeded; its password is then not needed any more.
    pub fn connected(&mut self, connection: &Connection) -> bool {
        let tried = self.stage == Stage::Trying;
        match connection {
            Connection::Stopped { .. } | Connection::Offline | Connection::Online(_) if tried => {
                self.stage = Stage::Editing;
            }
            _ => {}
        }
        let done = tried && matches!(connection, Connection::Online(_));
        if done {
            self.form.keys = Typed::default();
        }
        done
    }

    fn choose(&mut self, name: &str, cx: &Cx<'_>) -> Action<Message> {
        let Some(profile) = cx.settings.profile(name) else { return Action::None };
        let form = Form::of(profile);
        *self = Self {
            more: form.is_seldom(),
            form,
            stage: Stage::Asking,
            chosen: Some(profile.name.clone()),
            ..Self::default()
        };
        Action::Recall(profile.name.clone())
    }

    /// Another address is another profile: the chosen one is neither written over nor its password used.
    fn readdressed(&mut self) -> Action<Message> {
        let Some(name) = self.chosen.take() else { return Action::None };
        if self.form.get(Field::Name) == name {
            self.form.set(Field::Name, String::new());
        }
        if std::mem::take(&mut self.recalled) {
            self.form.keys = Typed::default();
        }
        if self.stage != Stage::Asking {
            return Action::None;
        }
        self.stage = Stage::Editing;
        Action::StopRecall
    }

    fn recalled(&mut self, name: &str, keys: Keys) {
        // An answer that comes after the person went on to another profile is not for this form.
        if self.chosen.as_deref() != Some(name) {
            return;
        }
        if self.stage == Stage::Asking {
            self.stage = Stage::Editing;
        }
        // What was typed meanwhile is the person's word, as is whether it is kept.
        let found = [
            (Field::Password, keys.password),
            (Field::Passphrase, keys.passphrase),
            (Field::ProxyPassword, keys.proxy),
        ];
        for (field, secret) in found {
            let Some(secret) = secret else { continue };
            if let Some(held) = self.form.keys.of(field).filter(|held| held.is_empty()) {
                *held = secret;
                self.recalled = true;
            }
        }
    }

    fn forget(&mut self, name: &str, cx: &Cx<'_>) -> Action<Message> {
        let mut settings = cx.settings.clone();
        if settings.remove(name).is_none() {
            return Action::None;
        }
        if self.form.get(Field::Name) == name {
            *self = Self::default();
        }
        Action::Many(vec![Action::Forget(name.to_owned()), Action::Settings(Box::new(settings))])
    }

    fn connect(&mut self) -> Action<Message> {
        match self.form.check() {
            Ok(profile) => {
                self.problems.clear();
                self.stage = Stage::Trying;
                let (keys, remember) = (self.form.keys(), !self.form.forgets);
                Action::Connect { profile: Box::new(profile), keys, remember }
            }
            Err(problems) => {
                self.more |= problems.iter().any(|problem| problem.field.is_seldom());
                self.problems = problems;
                Action::None
            }
        }
    }
}

/// Asks for a file. A desktop without a file portal answers like a person who cancels, so the path field stays.
fn pick(field: Field, cx: &Cx<'_>) -> iced::Task<Message> {
    let dialog = rfd::AsyncFileDialog::new().set_title(cx.text(field.label())).pick_file();
    iced::Task::perform(dialog, move |file| Message::Picked(field, file.map(|file| file.path().to_path_buf())))
}
