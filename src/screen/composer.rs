//! A first composer: the least a valid report needs, its restriction set before the first byte leaves, the document as it
//! will be published beside the form. Publishing is held for ten seconds and can be undone; the broker's item id is the
//! receipt, and a refusal stays beside the draft.

mod form;
mod preview;
mod view;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use iced::widget::text_editor;

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Receipt, RequestId, Terms};
use crate::iodef::Report;
use crate::iodef::report::{Field, Problem, Purpose, read_lines};
use crate::model::{ItemId, PayloadType, Restriction, Say, Severity, Topic, TopicId, Typed};
use crate::screen::{Action, Target, Toast, Tone};

/// How long a report is held before it goes.
pub const HOLD: TimeDelta = TimeDelta::seconds(10);
/// Longest text taken from the clipboard at once, in bytes: as many addresses as a report holds, each as long as can be.
const PASTE: usize = 256 * 1024;
/// Where the practice grid's documents say they are from; none of them leaves for a real grid (`product.md` D3).
const PRACTICE: &str = "practice.invalid";

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    Edit(Line, String),
    Description(text_editor::Action),
    Addresses(text_editor::Action),
    Preview(text_editor::Action),
    Restriction(Restriction),
    Purpose(Purpose),
    Severity(Severity),
    Topic(TopicId),
    Publish,
    Undo,
    Tick,
    /// Another report, with the same sender.
    Fresh,
    CopyPreview,
    CopyReceipt,
    ShowTopics,
    TopicsUpdated,
    Settled(RequestId, Result<Receipt, Error>),
}

/// A field of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Csirt,
    Id,
    ContactName,
    ContactEmail,
}

/// What stands in the way of publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Obstacle {
    Report(Problem),
    NoTopic,
    /// The topic it was written for takes no reports from me any more. Another is the person's to choose.
    LostTopic(TopicId),
    /// A practice document on a real grid.
    Practice,
}

/// The identity of a report at the broker.
#[derive(Clone, Debug)]
struct Attempt {
    item: ItemId,
    /// The broker may hold it: it was sent and nothing came back. Whatever goes next replaces it there.
    unsure: bool,
}

/// A report on its way: fixed when it was held, so that a repeat is the same item.
#[derive(Clone, Debug)]
struct Outgoing {
    topic: TopicId,
    attempt: Attempt,
    payload: Arc<[u8]>,
}

/// How far the report is.
#[derive(Debug, Default)]
enum Phase {
    #[default]
    Editing,
    Held {
        until: DateTime<Utc>,
        outgoing: Outgoing,
    },
    Sent {
        request: RequestId,
        outgoing: Outgoing,
    },
    Published {
        topic: TopicId,
        item: ItemId,
        at: DateTime<Utc>,
    },
}

/// The screen.
pub struct Screen {
    report: Report,
    description: text_editor::Content,
    addresses: text_editor::Content,
    topic: Option<TopicId>,
    /// The topic chosen until it took no more reports.
    lost: Option<TopicId>,
    phase: Phase,
    obstacles: Vec<Obstacle>,
    /// The person wanted to publish: what is missing is now said at its field.
    tried: bool,
    /// Why the broker did not take it.
    refusal: Option<Error>,
    /// An attempt that did not end in a receipt, made again so that it stays one item.
    attempt: Option<Attempt>,
    /// What the address field was read as.
    read: Vec<Typed>,
    preview: text_editor::Content,
    /// The sender was filled in from the account.
    begun: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            report: Report::new(DateTime::UNIX_EPOCH),
            description: text_editor::Content::new(),
            addresses: text_editor::Content::new(),
            topic: None,
            lost: None,
            phase: Phase::default(),
            obstacles: Vec::new(),
            tried: false,
            refusal: None,
            attempt: None,
            read: Vec::new(),
            preview: text_editor::Content::new(),
            begun: false,
        }
    }
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        self.begin(cx);
        let editing = matches!(self.phase, Phase::Editing);
        match message {
            Message::Settled(request, result) => return self.settle(request, result, cx),
            Message::Tick => return self.release(cx),
            Message::Undo => {
                if let Phase::Held { outgoing, .. } = &self.phase {
                    self.attempt = Some(outgoing.attempt.clone());
                    self.phase = Phase::Editing;
                }
            }
            Message::Fresh => self.fresh(cx),
            Message::CopyPreview => return Action::Copy(self.preview.text()),
            Message::CopyReceipt => {
                if let Phase::Published { item, .. } = &self.phase {
                    return Action::Copy(item.0.clone());
                }
            }
            Message::ShowTopics => return Action::Open(Target::Tab(crate::screen::Tab::Topics)),
            Message::Preview(action) if !action.is_edit() => self.preview.perform(action),
            Message::TopicsUpdated => {
                self.settle_topic(cx);
                self.refresh(cx);
            }
            Message::Publish if editing => return self.publish(cx),
            Message::Description(action) | Message::Addresses(action) if is_flood(&action) => {
                return Action::Notify(Toast { tone: Tone::Bad, say: Say::new("compose-paste-too-long") });
            }
            message if editing => self.edit(message, cx),
            _ => {}
        }
        Action::None
    }

    fn edit(&mut self, message: Message, cx: &Cx<'_>) {
        match message {
            Message::Edit(line, text) => *self.line_mut(line) = text,
            Message::Description(action) => {
                self.description.perform(action);
                self.report.description = self.description.text();
            }
            Message::Addresses(action) => {
                self.addresses.perform(action);
                self.report.addresses = self.addresses.text();
                self.read = read_lines(&self.report.addresses).filter_map(|line| line.typed).collect();
            }
            Message::Restriction(restriction) => self.report.restriction = restriction,
            Message::Purpose(purpose) => self.report.purpose = purpose,
            Message::Severity(severity) => self.report.severity = severity,
            Message::Topic(topic) => {
                self.topic = Some(topic);
                self.lost = None;
            }
            _ => return,
        }
        // What was refused was another document; what may have arrived is this one's older state.
        self.attempt = self.attempt.take().filter(|attempt| attempt.unsure);
        self.refresh(cx);
    }

    /// Whether a countdown runs.
    #[must_use]
    pub fn holding(&self) -> bool {
        matches!(self.phase, Phase::Held { .. })
    }

    fn line_mut(&mut self, line: Line) -> &mut String {
        match line {
            Line::Csirt => &mut self.report.csirt,
            Line::Id => &mut self.report.id,
            Line::ContactName => &mut self.report.contact.name,
            Line::ContactEmail => &mut self.report.contact.email,
        }
    }

    /// Fills in what is known of the sender, once the account is.
    fn begin(&mut self, cx: &Cx<'_>) {
        let Some(me) = cx.me().filter(|_| !self.begun) else { return };
        self.begun = true;
        self.report.csirt = if cx.practice { PRACTICE.to_owned() } else { me.domain_ascii() };
        self.report.generated = cx.now;
        self.report.id = suggested(cx.now);
        self.settle_topic(cx);
        self.refresh(cx);
    }

    fn fresh(&mut self, cx: &Cx<'_>) {
        let (csirt, contact) = (self.report.csirt.clone(), self.report.contact.clone());
        *self = Self { topic: self.topic.take(), begun: true, ..Self::default() };
        self.report = Report { csirt, contact, id: suggested(cx.now), ..Report::new(cx.now) };
        self.refresh(cx);
    }

    /// A topic that is the only one I may publish to needs no choosing. A chosen one is never exchanged for another: when I
    /// may not publish there any more, that is said. Only a whole list tells either.
    fn settle_topic(&mut self, cx: &Cx<'_>) {
        if !cx.complete {
            return;
        }
        if let Some(topic) = self.topic.take_if(|id| !publishable(cx).any(|topic| topic.id == *id)) {
            self.lost = Some(topic);
        } else if self.topic.is_none() && self.lost.is_none() {
            let mut open = publishable(cx);
            if let (Some(only), None) = (open.next(), open.next()) {
                self.topic = Some(only.id.clone());
            }
        }
    }

    /// Brings obstacles and preview up to date with the form.
    fn refresh(&mut self, cx: &Cx<'_>) {
        let problems = self.report.problems();
        self.preview = text_editor::Content::with_text(&preview::text(&self.report, &problems, cx));
        self.obstacles = problems.into_iter().map(Obstacle::Report).collect();
        if self.topic.is_none() {
            self.obstacles.insert(0, self.lost.clone().map_or(Obstacle::NoTopic, Obstacle::LostTopic));
        }
        if !cx.practice && is_practice(&self.report.csirt) {
            self.obstacles.push(Obstacle::Practice);
        }
    }

    fn publish(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.tried = true;
        self.report.generated = cx.now;
        self.refresh(cx);
        if !self.obstacles.is_empty() {
            return self.obstacles.iter().find_map(form::focus).map_or(Action::None, Action::Run);
        }
        let (Some(topic), Ok(payload)) = (self.topic.clone(), self.report.document()) else { return Action::None };
        let attempt = match self.attempt.take().map_or_else(fresh_attempt, Ok) {
            Ok(attempt) => attempt,
            Err(say) => return Action::Notify(Toast { tone: Tone::Bad, say }),
        };
        self.refusal = None;
        let outgoing = Outgoing { topic, attempt, payload: payload.into() };
        self.phase = Phase::Held { until: cx.now + HOLD, outgoing };
        Action::None
    }

    /// Sends what was held long enough; offline it comes back to the form.
    fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        if !matches!(self.phase, Phase::Held { until, .. } if until <= cx.now) {
            return Action::None;
        }
        let Phase::Held { outgoing, .. } = std::mem::take(&mut self.phase) else { return Action::None };
        if !cx.online() {
            self.refuse(outgoing, Error::Offline);
            return Action::None;
        }
        let request = cx.request();
        let Outgoing { topic, attempt, payload } = outgoing.clone();
        self.phase = Phase::Sent { request, outgoing };
        Action::Engine(Command::Publish { request, topic, item: attempt.item, payload, terms: Terms::default() })
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        if !matches!(self.phase, Phase::Sent { request: sent, .. } if sent == request) {
            return Action::None;
        }
        let Phase::Sent { mut outgoing, .. } = std::mem::take(&mut self.phase) else { return Action::None };
        match result {
            Ok(receipt) => {
                // The broker's word for the id is the receipt.
                let item = if let Receipt::Published(item) = receipt { item } else { outgoing.attempt.item };
                self.phase = Phase::Published { topic: outgoing.topic, item, at: cx.now };
                Action::Notify(Toast { tone: Tone::Good, say: Say::new("compose-published-toast") })
            }
            Err(error) => {
                outgoing.attempt.unsure |= !matches!(error, Error::Refused { .. } | Error::Busy);
                self.refuse(outgoing, error);
                Action::None
            }
        }
    }

    fn refuse(&mut self, outgoing: Outgoing, error: Error) {
        self.phase = Phase::Editing;
        self.attempt = Some(outgoing.attempt);
        self.refusal = Some(error);
    }

    /// Forgets what belonged to another session: a draft never crosses from one grid to another by itself.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The trouble with a field, once it is to be said.
    fn trouble(&self, field: Field, cx: &Cx<'_>) -> Option<String> {
        let mine = |obstacle: &&Obstacle| match obstacle {
            Obstacle::Report(problem) => {
                problem.field() == Some(field) && (self.tried || !matches!(problem, Problem::Missing(_)))
            }
            Obstacle::Practice => field == Field::Csirt,
            Obstacle::NoTopic | Obstacle::LostTopic(_) => false,
        };
        self.obstacles.iter().find(mine).map(|obstacle| form::words(obstacle, cx))
    }
}

/// Topics a report can go to: those I may publish to, as far as known, and that carry reports.
fn publishable<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'a Topic> + use<'a> {
    cx.topics.iter().filter(|topic| topic.may_publish() && !matches!(topic.payload, PayloadType::Other(_)))
}

/// An id nobody has to think up: the second it was begun, and letters that keep colleagues of one second apart and one
/// report from the next. The form lets it be changed; without random numbers it asks for one.
fn suggested(now: DateTime<Utc>) -> String {
    /// Crockford's: no letter is taken for another, nor for a digit.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    format!("{}-{}", now.format("%Y%m%d-%H%M%S"), bytes.iter().filter_map(letter).collect::<String>())
}

/// Whether something was pasted that no form is meant for; laying it out alone would hold the window up.
fn is_flood(action: &text_editor::Action) -> bool {
    matches!(action, text_editor::Action::Edit(text_editor::Edit::Paste(text)) if text.len() > PASTE)
}

fn is_practice(csirt: &str) -> bool {
    let csirt = csirt.trim().trim_end_matches('.').to_ascii_lowercase();
    csirt == PRACTICE || csirt.ends_with(".practice.invalid")
}

/// A first attempt, under an item id nobody else makes.
fn fresh_attempt() -> Result<Attempt, Say> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Say::new("compose-error-random"))?;
    let item = ItemId(crate::text::hex(&bytes));
    Ok(Attempt { item, unsure: false })
}
