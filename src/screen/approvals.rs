//! The owner desk: who asks to read my topics (XEP-0060 §8.6), and my answer. A decision is held for ten seconds, in which it
//! can be undone; then it goes to the broker (`product.md` B6).

mod view;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Pending, Receipt, RequestId};
use crate::model::{BareJid, TopicId};
use crate::screen::{Action, Toast, Tone};

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

/// A decision the broker took.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settled {
    ask: Ask,
    allow: bool,
    at: DateTime<Utc>,
}

/// The screen.
#[derive(Debug, Default)]
pub struct Screen {
    selected: Option<Ask>,
    decisions: Vec<Decision>,
    settled: Vec<Settled>,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Select(ask) => self.selected = Some(ask),
            Message::Step(by) => self.step(by, cx),
            Message::Decide(ask, allow) => self.decide(ask, allow, cx),
            Message::DecideSelected(allow) => {
                if let Some(ask) = self.selected.clone().filter(|ask| self.open(cx).any(|open| Ask::of(open) == *ask)) {
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
            Message::Tick => return self.release(cx),
            Message::Updated => self.tidy(cx),
            Message::Settled(request, result) => return self.settle(request, result, cx),
        }
        Action::None
    }

    /// Whether a countdown runs, so that the window needs a clock.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.decisions.iter().any(|decision| matches!(decision.stage, Stage::Held { .. }))
    }

    /// Requests that wait for a decision not yet made.
    fn open<'a>(&'a self, cx: &Cx<'a>) -> impl Iterator<Item = &'a Pending> {
        cx.inbox.pending.iter().filter(|pending| {
            !self.decisions.iter().any(|d| d.ask == Ask::of(pending) && !matches!(d.stage, Stage::Refused(_)))
        })
    }

    /// How many requests wait, for the rail's badge.
    #[must_use]
    pub fn waiting(&self, cx: &Cx<'_>) -> usize {
        self.open(cx).count()
    }

    fn decide(&mut self, ask: Ask, allow: bool, cx: &Cx<'_>) {
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
            commands.push(Action::Engine(Command::Decide { request, topic, subscriber, allow: decision.allow }));
        }
        if commands.is_empty() { Action::None } else { Action::Many(commands) }
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        let sent = |decision: &Decision| matches!(decision.stage, Stage::Sent(id) if id == request);
        let Some(place) = self.decisions.iter().position(sent) else { return Action::None };
        match result {
            Ok(_) => {
                let Decision { ask, allow, .. } = self.decisions.remove(place);
                let key = if allow { "owner-approved-toast" } else { "owner-denied-toast" };
                let say = crate::model::Say::new(key)
                    .with("who", crate::text::line(&ask.subscriber.to_string()))
                    .with("topic", crate::text::line(&ask.topic.node));
                self.settled.insert(0, Settled { ask, allow, at: cx.now });
                self.settled.truncate(SETTLED);
                Action::Notify(Toast { tone: Tone::Good, say })
            }
            Err(error) => {
                if let Some(decision) = self.decisions.get_mut(place) {
                    decision.stage = Stage::Refused(error);
                }
                Action::None
            }
        }
    }

    /// Drops decisions about requests that are gone: withdrawn, or decided by another owner.
    fn tidy(&mut self, cx: &Cx<'_>) {
        let there = |ask: &Ask| cx.inbox.pending.iter().any(|pending| Ask::of(pending) == *ask);
        self.decisions.retain(|decision| matches!(decision.stage, Stage::Sent(_)) || there(&decision.ask));
        if self.selected.as_ref().is_some_and(|ask| !there(ask)) {
            self.selected = None;
        }
    }

    fn step(&mut self, by: isize, cx: &Cx<'_>) {
        let asks: Vec<Ask> = cx.inbox.pending.iter().map(Ask::of).collect();
        let Some(last) = asks.len().checked_sub(1) else { return };
        let place = self.selected.as_ref().and_then(|selected| asks.iter().position(|ask| ask == selected));
        let next = match place {
            Some(place) => place.saturating_add_signed(by).min(last),
            None => 0,
        };
        self.selected = asks.into_iter().nth(next);
    }

    /// Forgets what belonged to another session.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
