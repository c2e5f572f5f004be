//! The connection panel: the way to the controller, what protects it, how the login went and which rules hold, each with
//! a plain verdict; and the keys pinned for this account, which only here are added or removed.

mod facts;
mod report;
mod view;

use crate::app::cx::Cx;
use crate::engine::{Command, Connection};
use crate::model::Fingerprint;
use crate::screen::{Action, Decision, Target};
use crate::widget::fingerprint::{Compared, compare};

use facts::{Section, Verdict};

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Copy,
    Save,
    /// Looks at the certificate that was refused.
    Certificate,
    Retry,
    /// Shows the stream's stanzas.
    Stream,
    Form,
    Back,
    /// Pins the key the server shows now.
    PinPresent,
    Backup(String),
    AddBackup,
    /// Asks before a pin is removed or the floor forgotten.
    Ask(Asking),
    Typed(String),
    Confirm,
    Keep,
    /// Ends what is excepted for this key.
    Revoke(Fingerprint),
}

/// What is asked about before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    Unpin(Fingerprint),
    Floor,
}

/// The field a backup pin is pasted into.
pub const BACKUP: &str = "connection.backup";
/// The field a fingerprint is typed into before its pin goes.
pub const TYPED: &str = "connection.typed";

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    backup: String,
    /// What was pasted is no fingerprint.
    wrong: bool,
    asking: Option<Asking>,
    typed: String,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Copy => return Action::Copy(text(cx)),
            Message::Save => return Action::Save { name: name(cx), text: text(cx) },
            Message::Certificate => return Action::Open(Target::Certificate),
            Message::Retry => return Action::Engine(Command::RetryNow),
            Message::Stream => return Action::Open(Target::Stream),
            Message::Form => return Action::Open(Target::Connect),
            Message::Back => return Action::Open(Target::Welcome),
            Message::PinPresent => {
                if let Some(key) = present(cx) {
                    return decide(Decision::Pin { key, alone: false });
                }
            }
            Message::Backup(text) => {
                self.backup = text;
                self.wrong = false;
            }
            Message::AddBackup => return self.add(),
            Message::Ask(asking) => {
                self.asking = Some(asking);
                self.typed.clear();
                if matches!(asking, Asking::Unpin(_)) {
                    return Action::Run(iced::widget::operation::focus(TYPED));
                }
            }
            Message::Typed(text) => self.typed = text,
            Message::Confirm => return self.confirm(),
            Message::Keep => self.asking = None,
            Message::Revoke(key) => return decide(Decision::Revoke(key)),
        }
        Action::None
    }

    fn add(&mut self) -> Action<Message> {
        let Ok(key) = self.backup.parse() else {
            self.wrong = true;
            return Action::None;
        };
        self.backup.clear();
        decide(Decision::Pin { key, alone: false })
    }

    fn confirm(&mut self) -> Action<Message> {
        match self.asking {
            Some(Asking::Unpin(key)) if compare(&self.typed, &[key]) == Compared::Right => {
                self.asking = None;
                decide(Decision::Unpin(key))
            }
            Some(Asking::Floor) => {
                self.asking = None;
                decide(Decision::ForgetFloor)
            }
            _ => Action::None,
        }
    }
}

fn decide(decision: Decision) -> Action<Message> {
    Action::Decide { decisions: vec![decision], again: false }
}

/// The key the server shows on the session there is.
fn present(cx: &Cx<'_>) -> Option<Fingerprint> {
    let Connection::Online(facts) = cx.connection else { return None };
    facts.channel.chain.first().map(|leaf| leaf.key)
}

/// All lines of the panel but those about keys.
fn sections(cx: &Cx<'_>) -> Vec<Section> {
    let refused = cx.trust.failed.and_then(|(_, error)| error.refused()?.certificate.as_ref());
    let refused = refused.map(|certificate| facts::of_refused(certificate, cx));
    let session = cx.trust.facts.map(|facts| facts::of_session(facts, cx.trust.known, cx)).unwrap_or_default();
    refused.into_iter().chain(session).collect()
}

fn rules(cx: &Cx<'_>) -> Section {
    let profile = cx.profile.filter(|_| !cx.practice).and_then(|profile| cx.settings.profile(&profile.name));
    facts::rules(profile, cx.trust.known, cx)
}

/// The whole in one sentence, and how it is meant.
fn head(sections: &[Section], cx: &Cx<'_>) -> (Verdict, String) {
    let count = |verdict| facts::weak(sections).iter().filter(|fact| fact.verdict == verdict).count() as u64;
    let verdict = facts::worst(sections);
    match (cx.connection, verdict) {
        (Connection::Online(_), Verdict::Bad) => {
            (verdict, cx.catalog.count("session-head-bad", count(Verdict::Bad), &[]))
        }
        (Connection::Online(_), Verdict::Weaker) => {
            (verdict, cx.catalog.count("session-head-weaker", count(Verdict::Weaker), &[]))
        }
        (Connection::Online(_), _) => (Verdict::Good, cx.text("session-head-good")),
        (Connection::Connecting { .. }, _) => (Verdict::Plain, cx.text("session-head-connecting")),
        (Connection::Waiting { .. }, _) => (Verdict::Weaker, cx.text("session-head-waiting")),
        (Connection::Stopped { .. }, _) => (Verdict::Bad, cx.text("session-head-stopped")),
        (Connection::Offline, _) => (Verdict::Plain, cx.text("session-head-offline")),
    }
}

/// The last failure: its words, what to do, and its further lines.
fn trouble(cx: &Cx<'_>) -> Vec<String> {
    let Some((at, error)) = cx.trust.failed else { return Vec::new() };
    let say = error.say();
    let first = format!("{} {}", cx.catalog.time(*at), cx.catalog.say(&say));
    let details = error.details();
    let details = details.iter().filter(|detail| **detail != say).map(|say| cx.catalog.say(say));
    std::iter::once(first).chain(cx.catalog.next(&say)).chain(details).collect()
}

/// The panel as Markdown, without anything that is nobody else's business.
fn text(cx: &Cx<'_>) -> String {
    let mut all = sections(cx);
    let (_, head) = head(&all, cx);
    all.extend(cx.trust.known.map(|known| facts::keys(known, cx)));
    all.push(rules(cx));
    report::write(&head, &trouble(cx), &all, cx)
}

fn name(cx: &Cx<'_>) -> String {
    format!("gridwatch-connection-{}.md", cx.now.format("%Y%m%d-%H%M"))
}
