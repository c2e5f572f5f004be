//! The care of the archive in use: how it stands, a check of all of it, a backup into one file, another passphrase, another
//! recovery code, the keychain's key, new keys for all of it. Long work says how far it is and can be stopped, and ends with
//! the session; a code is shown once, and nothing takes it out of sight before it is on paper.

mod view;

pub use view::damaged;

use std::path::PathBuf;
use std::time::Duration;

use iced::Task;

use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Target};
use crate::secrets::Secret;
use crate::store::Progress;
use crate::store::vault::{Care, Lasts, Way};

/// The fields, for their focus.
pub const PATH: &str = "care.path";
pub const NEW: &str = "care.new";
pub const AGAIN: &str = "care.again";
pub const PROOF: &str = "care.proof";
/// Fewest characters of a passphrase.
const SHORTEST: usize = 12;
/// How often it is looked how far a work is.
const GLANCE: Duration = Duration::from_millis(200);

/// What is being filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    BackUp,
    Passphrase,
    Code,
    /// The keychain is to open it, or not any more.
    Keychain,
    Rotate,
}

/// What proves that one may change the ways in.
#[derive(Clone, Debug)]
pub enum Proof {
    /// The keychain is asked.
    Keychain,
    Typed(Way, Secret),
}

/// What a screen asks of the app.
#[derive(Clone, Debug)]
pub enum Act {
    Look,
    /// Reads all of it.
    Check,
    BackUp(PathBuf, Secret),
    Passphrase(Proof, Secret),
    Code(Proof),
    /// The keychain opens it from now on, or does not.
    Keychain(Proof, bool),
    /// New keys for all of it, and its passphrase where it has one: first proves that one may.
    Rotate(Proof, Option<Secret>),
    /// Ends the session and makes them.
    Anew(Proof, Option<Secret>),
    /// Asks where a backup is to be.
    Choose,
    /// Ends the session and goes to the archive's door, which reads all of a doubtful one.
    Close,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Done {
    Looked(Care),
    Checked,
    BackedUp(PathBuf),
    Passphrase(Lasts),
    Code(Secret, Lasts),
    Keychain(bool, Lasts),
    /// It is proved that one may have new keys.
    Proved(Proof, Option<Secret>),
}

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Show(Option<Form>),
    Path(String),
    Chosen(Option<PathBuf>),
    New(Secret),
    Again(Secret),
    By(Way),
    Proof(Secret),
    Submit,
    Do(Act),
    Stop,
    Tick,
    Done(Result<Done, Say>),
    Written,
    Back,
}

/// The screen.
#[derive(Debug)]
pub struct Screen {
    care: Option<Care>,
    form: Option<Form>,
    path: String,
    new: Secret,
    again: Secret,
    by: Option<Way>,
    proof: Secret,
    /// A work is under way.
    work: Option<Progress>,
    problem: Option<Say>,
    /// How the last one ended.
    good: Option<Say>,
    /// Done, and the disk did not say that it keeps it.
    unsure: Option<Say>,
    /// A code is being made.
    making: bool,
    /// Shown until its person says that it is on paper.
    code: Option<Secret>,
}

impl Drop for Screen {
    /// A work that nobody waits for any more would hold the archive.
    fn drop(&mut self) {
        self.work.iter().for_each(Progress::stop);
    }
}

impl Default for Screen {
    fn default() -> Self {
        let empty = || Secret::new(String::new());
        let (new, again, proof) = (empty(), empty(), empty());
        let (care, form, by, work) = (None, None, None, None);
        let (problem, good, unsure, making, code) = (None, None, None, false, None);
        Self { care, form, path: String::new(), new, again, by, proof, work, problem, good, unsure, making, code }
    }
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Show(form) => self.show(form, cx),
            Message::Path(path) => (self.path, self.problem) = (path, None),
            Message::Chosen(path) => {
                if let Some(path) = path {
                    self.path = path.display().to_string();
                }
            }
            Message::New(secret) => (self.new, self.problem) = (secret, None),
            Message::Again(secret) => (self.again, self.problem) = (secret, None),
            Message::By(way) => (self.by, self.proof, self.problem) = (Some(way), Secret::new(String::new()), None),
            Message::Proof(secret) => (self.proof, self.problem) = (secret, None),
            Message::Submit => return self.submit(),
            Message::Do(act @ (Act::Close | Act::Choose)) => return Action::Care(act, Progress::default()),
            Message::Do(act) => return self.begin(act),
            Message::Stop => {
                if let Some(work) = &self.work {
                    work.stop();
                }
            }
            Message::Tick if self.work.is_some() => return Action::Run(tick()),
            Message::Tick => {}
            Message::Done(result) => return self.done(result),
            Message::Written => self.code = None,
            Message::Back => return Action::Open(Target::Tab(crate::screen::Tab::Settings)),
        }
        Action::None
    }

    fn show(&mut self, form: Option<Form>, cx: &Cx<'_>) {
        let empty = || Secret::new(String::new());
        (self.form, self.problem, self.good, self.unsure) = (form, None, None, None);
        (self.new, self.again, self.proof) = (empty(), empty(), empty());
        let ways = self.care.as_ref().map(|care| care.ways.as_slice()).unwrap_or_default();
        self.by = [Way::Keychain, Way::Passphrase, Way::Recovery].into_iter().find(|way| ways.contains(way));
        if form == Some(Form::BackUp) && self.path.is_empty() {
            self.path = format!("gridwatch-{}.backup", cx.now.format("%Y-%m-%d"));
        }
    }

    /// One work at a time.
    fn begin(&mut self, act: Act) -> Action<Message> {
        if self.work.is_some() {
            return Action::None;
        }
        let progress = Progress::default();
        (self.work, self.problem, self.good, self.unsure) = (Some(progress.clone()), None, None, None);
        self.making = matches!(act, Act::Code(_));
        Action::Many(vec![Action::Care(act, progress), Action::Run(tick())])
    }

    fn submit(&mut self) -> Action<Message> {
        let Some(form) = self.form else { return Action::None };
        if self.asks_new(form) {
            self.problem = if self.new.expose().chars().count() < SHORTEST {
                Some(Say::new("archive-short").with("least", SHORTEST.to_string()))
            } else if self.new.expose() != self.again.expose() {
                Some(Say::new("archive-differs"))
            } else {
                None
            };
        }
        let path = PathBuf::from(self.path.trim());
        if form == Form::BackUp && !path.is_absolute() {
            self.problem = Some(Say::new("care-path-absolute"));
        }
        if self.problem.is_some() {
            return Action::None;
        }
        let proof = match self.by {
            Some(way @ (Way::Passphrase | Way::Recovery)) => Proof::Typed(way, self.proof.clone()),
            _ => Proof::Keychain,
        };
        self.begin(match form {
            Form::BackUp => Act::BackUp(path, self.new.clone()),
            Form::Passphrase => Act::Passphrase(proof, self.new.clone()),
            Form::Code => Act::Code(proof),
            Form::Keychain => Act::Keychain(proof, !self.has(Way::Keychain)),
            Form::Rotate => Act::Rotate(proof, self.asks_new(form).then(|| self.new.clone())),
        })
    }

    fn has(&self, way: Way) -> bool {
        self.care.as_ref().is_some_and(|care| care.ways.contains(&way))
    }

    /// Whether a new passphrase goes with it.
    fn asks_new(&self, form: Form) -> bool {
        match form {
            Form::BackUp | Form::Passphrase => true,
            // With none and without the keychain there would be the code alone.
            Form::Rotate => self.has(Way::Passphrase) || !self.has(Way::Keychain),
            Form::Code | Form::Keychain => false,
        }
    }

    /// It is done; whether that lasts.
    fn lasts(&mut self, lasts: &Lasts) {
        self.form = None;
        if let Lasts::Perhaps(trouble) = lasts {
            self.unsure = Some(Say::new("care-unsure").with("cause", trouble.to_string()));
        }
    }

    fn done(&mut self, result: Result<Done, Say>) -> Action<Message> {
        (self.work, self.making) = (None, false);
        let looks = !matches!(result, Ok(Done::Looked(_)));
        match result {
            Ok(Done::Looked(care)) => self.care = Some(care),
            Ok(Done::Checked) => self.good = Some(Say::new("care-checked")),
            Ok(Done::BackedUp(path)) => {
                let path = crate::text::line(&path.display().to_string());
                (self.form, self.path) = (None, String::new());
                self.good = Some(Say::new("care-backed-up").with("path", path));
            }
            Ok(Done::Passphrase(lasts)) => {
                self.good = Some(Say::new("care-passphrase-set"));
                self.lasts(&lasts);
            }
            Ok(Done::Code(code, lasts)) => {
                self.code = Some(code);
                self.lasts(&lasts);
            }
            Ok(Done::Keychain(on, lasts)) => {
                self.good = Some(Say::new(if on { "care-keychain-on" } else { "care-keychain-off" }));
                self.lasts(&lasts);
            }
            Ok(Done::Proved(proof, new)) => return Action::Care(Act::Anew(proof, new), Progress::default()),
            Err(say) => {
                self.problem = Some(say);
                return Action::None;
            }
        }
        let empty = || Secret::new(String::new());
        (self.new, self.again, self.proof) = (empty(), empty(), empty());
        if !looks {
            return Action::None;
        }
        // What was done may have changed how it stands.
        Action::Care(Act::Look, Progress::default())
    }

    /// Whether a code is being made, or is still to be written down.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.making || self.code.is_some()
    }
}

fn tick() -> Task<Message> {
    Task::perform(async { tokio::time::sleep(GLANCE).await }, |()| Message::Tick)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_that_nobody_waits_for_any_more_is_stopped() {
        let progress = Progress::default();
        let mut screen = Screen::default();
        (screen.making, screen.work) = (true, Some(progress.clone()));
        assert!(screen.holding() && !progress.stopped());
        drop(screen);
        assert!(progress.stopped());
    }
}
