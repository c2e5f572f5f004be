//! The question about a certificate that stopped a connection: never met, changed, faulty, or not the one pinned. Nothing
//! here is accepted by a single press; what was decided is the app's to write down.

mod view;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::cx::Cx;
use crate::model::Exception;
use crate::model::session::{Certificate, Refused, Why};
use crate::screen::{Action, Decision, Target, Toast, Tone};
use crate::widget::fingerprint::{Compared, compare};

/// Days of an exception that are offered, as far as it may last.
const LENGTHS: [i64; 4] = [1, 7, 30, 90];
/// Characters of a reason.
const REASON: usize = 200;
/// Faults a pinned key stands for: who vouches for it, and by what name it goes.
const UNVOUCHED: [&str; 6] =
    ["wrong-host", "no-name", "self-signed", "unknown-authority", "incomplete", "ca-as-server"];

/// The field a fingerprint is typed into.
pub const TYPED: &str = "certificate.typed";
/// The field for the reason of an exception.
pub const REASON_FIELD: &str = "certificate.reason";
/// The button that leaves everything as it is.
pub const CANCEL: &str = "certificate.cancel";

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// The fingerprint was compared.
    Compared(bool),
    Typed(String),
    Reason(String),
    Days(i64),
    /// For good by a pin instead of until a day.
    ByPin(bool),
    /// Remembers it and connects; with the key pinned where asked.
    Accept {
        pin: bool,
    },
    Except,
    Copy,
    /// To where pins are changed.
    Manage,
    Cancel,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    refused: Option<Arc<Refused>>,
    compared: bool,
    typed: String,
    reason: String,
    days: i64,
    by_pin: bool,
}

impl Screen {
    /// Takes up another question.
    pub fn ask(&mut self, refused: Arc<Refused>) {
        *self = Self { refused: Some(refused), days: 7, ..Self::default() };
    }

    /// What is asked about.
    #[must_use]
    pub fn refused(&self) -> Option<&Refused> {
        self.refused.as_deref()
    }

    /// The control that has the keyboard first: what is typed, else what leaves all as it is.
    #[must_use]
    pub fn first(&self) -> &'static str {
        match self.refused.as_ref().map(|refused| &refused.why) {
            Some(Why::Changed(_)) => TYPED,
            Some(why @ Why::Faults(_)) if excusable(why) => TYPED,
            _ => CANCEL,
        }
    }

    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Compared(compared) => self.compared = compared,
            Message::Typed(text) => self.typed = text,
            Message::Reason(text) => self.reason = text.chars().take(REASON).collect(),
            Message::Days(days) => self.days = days,
            Message::ByPin(by_pin) => self.by_pin = by_pin,
            Message::Accept { pin } => return self.accept(pin),
            Message::Except => return self.except(cx.now),
            Message::Copy => return self.copy(),
            Message::Manage => return Action::Open(Target::Connection),
            Message::Cancel => return Action::Close,
        }
        Action::None
    }

    fn accept(&self, pin: bool) -> Action<Message> {
        let Some(certificate) = self.certificate().filter(|_| self.may_accept()) else { return Action::None };
        let (key, certificate) = (certificate.key, certificate.fingerprint);
        let pin = pin.then_some(Decision::Pin { key, alone: false });
        decided([Decision::Accept { certificate, key }].into_iter().chain(pin).collect())
    }

    fn except(&self, now: DateTime<Utc>) -> Action<Message> {
        let Some(refused) = self.refused.as_ref().filter(|_| self.may_except()) else { return Action::None };
        let Some(certificate) = &refused.certificate else { return Action::None };
        let (key, fingerprint) = (certificate.key, certificate.fingerprint);
        let decision = if self.by_pin {
            Decision::Pin { key, alone: true }
        } else {
            match Exception::new(refused, now + TimeDelta::days(self.days), self.reason.trim(), now) {
                Ok(exception) => Decision::Except(exception),
                Err(error) => return Action::Notify(Toast { tone: Tone::Bad, say: error.say() }),
            }
        };
        decided(vec![decision, Decision::Accept { certificate: fingerprint, key }])
    }

    fn copy(&self) -> Action<Message> {
        let Some(certificate) = self.certificate() else { return Action::None };
        Action::Copy(format!("sha256:{}", certificate.fingerprint))
    }

    fn certificate(&self) -> Option<&Certificate> {
        self.refused.as_ref()?.certificate.as_ref()
    }

    /// What was typed, held against both fingerprints the certificate has.
    fn compare(&self) -> Compared {
        let Some(certificate) = self.certificate() else { return Compared::Empty };
        compare(&self.typed, &[certificate.fingerprint, certificate.key])
    }

    fn may_accept(&self) -> bool {
        match self.refused.as_ref().map(|refused| &refused.why) {
            Some(Why::Unseen) => self.compared,
            Some(Why::Changed(_)) => self.compare() == Compared::Right,
            _ => false,
        }
    }

    fn may_except(&self) -> bool {
        let Some(refused) = &self.refused else { return false };
        let argued = self.by_pin && unvouched(&refused.why) || !self.reason.trim().is_empty();
        excusable(&refused.why) && self.compare() == Compared::Right && argued
    }
}

fn decided(decisions: Vec<Decision>) -> Action<Message> {
    Action::Decide { decisions, again: true }
}

/// Whether a person may connect in spite of all its faults.
fn excusable(why: &Why) -> bool {
    matches!(why, Why::Faults(faults) if !faults.is_empty() && faults.iter().all(|fault| fault.excusable))
}

/// Whether nothing is wrong but that nobody believed vouches for it.
fn unvouched(why: &Why) -> bool {
    matches!(why, Why::Faults(faults) if faults.iter().all(|fault| UNVOUCHED.contains(&fault.token)))
}

/// The lengths offered.
fn lengths(why: &Why) -> Vec<i64> {
    let Why::Faults(faults) = why else { return Vec::new() };
    let tokens: Vec<&str> = faults.iter().map(|fault| fault.token).collect();
    let most = Exception::most_days(&tokens);
    LENGTHS.into_iter().filter(|days| *days <= most).collect()
}
