//! The care of the archive in use: how it stands, a check of all of it, a backup into one file, another passphrase, another
//! recovery code. Long work says how far it is and can be stopped; a code is shown once.

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
use crate::store::vault::{Care, Way};

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
    Passphrase,
    Code(Secret),
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
    /// Shown until its person says that it is on paper.
    code: Option<Secret>,
}

impl Default for Screen {
    fn default() -> Self {
        let empty = || Secret::new(String::new());
        let (new, again, proof) = (empty(), empty(), empty());
        let (care, form, by, work) = (None, None, None, None);
        Self { care, form, path: String::new(), new, again, by, proof, work, problem: None, good: None, code: None }
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
        (self.form, self.problem, self.good) = (form, None, None);
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
        (self.work, self.problem, self.good) = (Some(progress.clone()), None, None);
        Action::Many(vec![Action::Care(act, progress), Action::Run(tick())])
    }

    fn submit(&mut self) -> Action<Message> {
        let Some(form) = self.form else { return Action::None };
        if form != Form::Code {
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
        })
    }

    fn done(&mut self, result: Result<Done, Say>) -> Action<Message> {
        self.work = None;
        let looks = !matches!(result, Ok(Done::Looked(_)));
        match result {
            Ok(Done::Looked(care)) => self.care = Some(care),
            Ok(Done::Checked) => self.good = Some(Say::new("care-checked")),
            Ok(Done::BackedUp(path)) => {
                let path = crate::text::line(&path.display().to_string());
                (self.form, self.path) = (None, String::new());
                self.good = Some(Say::new("care-backed-up").with("path", path));
            }
            Ok(Done::Passphrase) => (self.form, self.good) = (None, Some(Say::new("care-passphrase-set"))),
            Ok(Done::Code(code)) => (self.form, self.code) = (None, Some(code)),
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

    /// Whether the code is still to be written down.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.code.is_some()
    }
}

fn tick() -> Task<Message> {
    Task::perform(async { tokio::time::sleep(GLANCE).await }, |()| Message::Tick)
}
