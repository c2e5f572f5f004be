//! The owner desk: who asks to read my topics (XEP-0060 §8.6), and my answer. A decision is held for ten seconds, in which it
//! can be undone; then it goes to the broker (`product.md` B6).

mod cards;
mod view;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Pending, Receipt, RequestId};
use crate::model::{BareJid, TopicId};
use crate::screen::{Action, Toast, Tone};

use cards::Cards;

/// How long a decision is held.
pub const HOLD: TimeDelta = TimeDelta::seconds(10);
/// Settled decisions kept for the eye.
const SETTLED: usize = 20;

/// A request's identity: never its place in a list, which moves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    pub topic: TopicId,
    pub subscriber: BareJid,
}

impl Ask {
    fn of(pending: &Pending) -> Self {
        Self { topic: pending.topic.clone(), subscriber: pending.subscriber.clone() }
    }

    fn is(&self, pending: &Pending) -> bool {
        self.subscriber == pending.subscriber && self.topic == pending.topic
    }
}

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Select(Ask),
    Step(isize),
    Decide(Ask, bool),
    /// Decides the selected request.
    DecideSelected(bool),
    Undo(Ask),
    /// Takes back the youngest decision still held.
    UndoLast,
    Poll,
    /// Shows more of many requests.
    More,
    CopyAddress(BareJid),
    Tick,
    /// The requests changed.
    Updated,
    Settled(RequestId, Result<Receipt, Error>),
}

/// How far a decision is.
#[derive(Clone, Debug)]
enum Stage {
    Held { until: DateTime<Utc> },
    Sent(RequestId),
    Refused(Error),
}

/// My decision about a request.
#[derive(Clone, Debug)]
struct Decision {
    ask: Ask,
    allow: bool,
    stage: Stage,
}

/// What became of a request I decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Approved,
    Denied,
    /// It was gone before my answer was sent: withdrawn, or decided by another owner.
    Gone,
}

/// A decision there is nothing more to do about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settled {
    ask: Ask,
    outcome: Outcome,
    at: DateTime<Utc>,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    cards: Cards,
    selected: Option<Ask>,
    decisions: Vec<Decision>,
    settled: Vec<Settled>,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Select(ask) => self.selected = Some(ask),
            Message::Step(by) => self.selected = self.cards.step(self.selected.as_ref(), by).or(self.selected.take()),
            Message::Decide(ask, allow) => self.decide(ask, allow, cx),
            Message::DecideSelected(allow) => {
                let open = |ask: &Ask| self.cards.has(ask) && !self.is_decided(ask);
                if let Some(ask) = self.selected.clone().filter(open) {
                    self.decide(ask, allow, cx);
                }
            }
            Message::Undo(ask) => self.decisions.retain(|d| d.ask != ask || !matches!(d.stage, Stage::Held { .. })),
            Message::UndoLast => {
                if let Some(place) = self.decisions.iter().rposition(|d| matches!(d.stage, Stage::Held { .. })) {
                    let _ = self.decisions.remove(place);
                }
            }
            Message::Poll => return Action::Engine(Command::FetchPending),
            Message::CopyAddress(jid) => return Action::Copy(jid.to_string()),
            Message::More => self.cards.more(),
            Message::Tick => {
                self.cards.sweep(cx.now);
                return self.release(cx);
            }
            Message::Updated => return self.tidy(cx),
            Message::Settled(request, result) => return self.settle(request, result, cx),
        }
        Action::None
    }

    /// Whether a countdown runs, so that the window needs a clock.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.decisions.iter().any(|decision| matches!(decision.stage, Stage::Held { .. }))
    }

    /// Whether I have decided, and nothing has hindered it.
    fn is_decided(&self, ask: &Ask) -> bool {
        self.decisions.iter().any(|decision| decision.ask == *ask && !matches!(decision.stage, Stage::Refused(_)))
    }

    /// How many requests wait for a decision not yet made, for the rail's badge.
    #[must_use]
    pub fn waiting(&self, cx: &Cx<'_>) -> usize {
        let pending = &cx.inbox.pending;
        let decided = self.decisions.iter().filter(|decision| !matches!(decision.stage, Stage::Refused(_)));
        let there = decided.filter(|decision| pending.iter().any(|pending| decision.ask.is(pending))).count();
        pending.len().saturating_sub(there)
    }

    fn decide(&mut self, ask: Ask, allow: bool, cx: &Cx<'_>) {
        self.cards.hold_still(cx.now);
        self.decisions.retain(|decision| decision.ask != ask || matches!(decision.stage, Stage::Sent(_)));
        if !self.decisions.iter().any(|decision| decision.ask == ask) {
            self.decisions.push(Decision { ask, allow, stage: Stage::Held { until: cx.now + HOLD } });
        }
    }

    /// Sends what was held long enough. Offline nothing is sent and nothing is queued: it stays undecided (`product.md` B5).
    fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut commands = Vec::new();
        for decision in &mut self.decisions {
            match decision.stage {
                Stage::Held { until } if until <= cx.now => {}
                _ => continue,
            }
            if !cx.online() {
                decision.stage = Stage::Refused(Error::Offline);
                continue;
            }
            let request = cx.request();
            decision.stage = Stage::Sent(request);
            let Ask { topic, subscriber } = decision.ask.clone();
            commands.push(Action::Engine(Command::Decide {
                request,
                topic,
                subscriber,
                allow: decision.allow,
                words: None,
            }));
        }
        if commands.is_empty() { Action::None } else { Action::Many(commands) }
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        let sent = |decision: &Decision| matches!(decision.stage, Stage::Sent(id) if id == request);
        let Some(place) = self.decisions.iter().position(sent) else { return Action::None };
        match result {
            Ok(_) => {
                let Decision { ask, allow, .. } = self.decisions.remove(place);
                self.cards.gone(&ask, cx.now);
                self.note(ask, if allow { Outcome::Approved } else { Outcome::Denied }, cx)
            }
            Err(error) => {
                if let Some(decision) = self.decisions.get_mut(place) {
                    decision.stage = Stage::Refused(error);
                }
                Action::None
            }
        }
    }

    /// Keeps what became of a decision for the eye, and says it.
    fn note(&mut self, ask: Ask, outcome: Outcome, cx: &Cx<'_>) -> Action<Message> {
        let (tone, key) = match outcome {
            Outcome::Approved => (Tone::Good, "owner-approved-toast"),
            Outcome::Denied => (Tone::Good, "owner-denied-toast"),
            Outcome::Gone => (Tone::Bad, "owner-gone-toast"),
        };
        let say = crate::model::Say::new(key)
            .with("who", crate::text::line(&ask.subscriber.to_string()))
            .with("topic", crate::text::line(&ask.topic.node));
        self.settled.insert(0, Settled { ask, outcome, at: cx.now });
        self.settled.truncate(SETTLED);
        Action::Notify(Toast { tone, say })
    }

    /// Follows the list of requests. A decision still held about one that is gone is dropped, and this is said: who made it
    /// believes it done.
    fn tidy(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.cards.follow(cx.inbox.pending, cx.now);
        if self.selected.as_ref().is_some_and(|ask| !self.cards.has(ask)) {
            self.selected = None;
        }
        let lost =
            |decision: &mut Decision| !matches!(decision.stage, Stage::Sent(_)) && !self.cards.has(&decision.ask);
        let lost: Vec<Decision> = self.decisions.extract_if(.., lost).collect();
        let held = lost.into_iter().filter(|decision| matches!(decision.stage, Stage::Held { .. }));
        Action::Many(held.map(|decision| self.note(decision.ask, Outcome::Gone, cx)).collect())
    }

    /// Forgets what belonged to another session.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
