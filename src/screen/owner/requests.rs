//! Requests to read my topics (XEP-0060 §8.6), and my answers: approved, denied with a reason, put off, asked about. A decision
//! is held for some seconds, in which it can be undone; then it goes to the broker (`product.md` B6).

mod cards;
mod decision;
mod detail;
mod known;
mod sheet;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::cx::Cx;
use crate::engine::{Command, Error, Fate, Pending, Receipt, RequestId};
use crate::model::owned::{Act, Members};
use crate::model::{BareJid, Say, TopicId};
use crate::owner;
use crate::owner::facts::{Facts, Standing};
use crate::owner::grant::Grant;
use crate::owner::hold::USUAL;
use crate::owner::past::{By, Past};
use crate::screen::owner::{Kept, Work};
use crate::screen::{Action, Toast, Tone};
use crate::text::{self, Strange};

use cards::Cards;
use decision::{Decision, Outcome, Question, Settled, Stage, Told, put_back};
use known::Facing;
use sheet::{Domain, Sheet};

pub use decision::{Ask, Lasts};

pub(in crate::screen::owner) use detail::seconds;
pub use sheet::Message as SheetMessage;
pub(in crate::screen::owner) use view::key;

/// Settled decisions kept for the eye.
const SETTLED: usize = 50;
/// Decisions under way at once: the broker is not flooded, nor what waits before the engine.
const AT_ONCE: usize = 32;
/// Approving more than this at once asks for a reason (`product.md` B6, tier 2).
const MANY: usize = 10;
/// By these a decision came too late.
const MOOT: [&str; 2] = ["error-request-approved", "error-request-gone"];
/// Unknown domains that can be looked at together.
const DOMAINS: usize = 6;

/// A message of the screen.
#[derive(Clone, Debug)]
pub enum Message {
    /// A row of those that show.
    Pick(usize),
    Step(isize),
    /// Marks the selected one for an act on many, or takes the mark away.
    Mark,
    MarkAll,
    Unmark,
    Decide(Ask, bool),
    /// Decides the selected request.
    DecideSelected(bool),
    /// Approves all that are marked, or every known one that shows where none is.
    ApproveKnown,
    /// Denies all that are marked.
    DenyMarked,
    Lasts(Lasts),
    /// Puts the selected one off for a day, or takes it up again.
    Later,
    /// Asks the one selected something before it is decided.
    Ask,
    Undo(Ask),
    /// Takes back what was decided last and is still held: of many at once, all of them.
    UndoLast,
    CopyAddress(BareJid),
    Sheet(sheet::Message),
    Tick,
    /// The requests changed.
    Updated,
    /// Rules may decide.
    Ruled,
    Settled(RequestId, Result<Receipt, Error>),
    /// What is known of who asks was put together.
    Known(RequestId, Arc<HashMap<Ask, Facts>>),
}

/// The requests.
#[derive(Debug, Default)]
pub struct Requests {
    cards: Cards,
    selected: Option<Ask>,
    marked: BTreeSet<Ask>,
    /// What is known of each, and of who is on my topics.
    facts: Facing,
    lists: Vec<(TopicId, Arc<Members>)>,
    /// What a rule would decide and a person took back; kept until it is decided.
    spared: BTreeSet<Ask>,
    decisions: BTreeMap<Ask, Decision>,
    /// Approvals of which nobody knows what came, and what access was written down before the first.
    doubts: BTreeMap<Ask, Option<Grant>>,
    numbers: u64,
    /// Put off until then.
    later: BTreeMap<Ask, DateTime<Utc>>,
    questions: BTreeMap<Ask, Question>,
    lasts: Lasts,
    settled: Vec<Settled>,
    sheet: Option<Sheet>,
    /// The reasons given last, newest first.
    reasons: Vec<String>,
    /// Decided, and not written down yet.
    unwritten: Vec<(BareJid, Past)>,
    /// For the log of acts: what is held, and what was taken back.
    pub(in crate::screen::owner) notes: Vec<Command>,
}

impl Requests {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        // What one message decides is one act, and is taken back as one.
        self.numbers += 1;
        match message {
            Message::Pick(row) => self.selected = self.cards.row(row).map(|card| card.ask.clone()),
            Message::Step(by) => self.selected = self.cards.step(self.selected.as_ref(), by).or(self.selected.take()),
            Message::Mark => self.mark(),
            Message::MarkAll => {
                let open = |ask: &Ask| !self.is_decided(ask) && !self.is_put_off(ask, cx);
                let open = self.cards.shown().filter(|card| card.gone.is_none() && open(&card.ask));
                self.marked = open.map(|card| card.ask.clone()).collect();
            }
            Message::Unmark => self.marked.clear(),
            Message::Decide(ask, allow) => self.decide(ask, allow, cx),
            Message::DecideSelected(allow) => {
                if let Some(ask) = self.open() {
                    self.decide(ask, allow, cx);
                }
            }
            Message::ApproveKnown => self.approve_known(cx),
            Message::DenyMarked => {
                let asks: Vec<Ask> = self.marked.iter().filter(|ask| self.is_open(ask)).cloned().collect();
                if !asks.is_empty() {
                    self.sheet = Some(Sheet::deny(asks));
                }
            }
            Message::Lasts(lasts) => self.lasts = lasts,
            Message::Later => return self.put_off(cx),
            Message::Ask => {
                if let Some(ask) = self.open() {
                    self.sheet = Some(Sheet::question(ask));
                }
            }
            Message::Undo(ask) => return self.take_back(vec![ask]),
            Message::UndoLast => return self.take_back(self.last_held()),
            Message::CopyAddress(jid) => return Action::Copy(jid.to_string()),
            Message::Sheet(message) => return self.on_sheet(message, cx),
            Message::Tick => {
                self.cards.sweep(cx.now);
                return self.release(cx);
            }
            Message::Updated => return self.tidy(cx),
            Message::Ruled => self.rule(cx),
            Message::Settled(request, result) => return self.settle(request, result, cx),
            Message::Known(number, facts) => return self.known(number, facts, cx),
        }
        Action::None
    }

    /// What was decided last, as far as it is held.
    fn last_held(&self) -> Vec<Ask> {
        let held = || self.decisions.iter().filter(|(_, decision)| decision.is_held());
        let last = held().map(|(_, decision)| decision.number).max();
        held().filter(|(_, decision)| Some(decision.number) == last).map(|(ask, _)| ask.clone()).collect()
    }

    /// Holds no more what this rule decided: it is switched off, or removed. Whoever asks may be decided by another.
    pub fn lift(&mut self, rule: &str) {
        self.keep_ruled(|_, name, _| name != rule);
    }

    /// Of what rules decided and is held, keeps only what this is true of.
    fn keep_ruled(&mut self, stands: impl Fn(&Ask, &str, bool) -> bool) {
        let notes = &mut self.notes;
        self.decisions.retain(|ask, decision| {
            let stays = match &decision.by {
                By::Rule(name) => !decision.is_held() || stands(ask, name, decision.allow),
                By::Me | By::Clock => true,
            };
            notes.extend((!stays).then(|| decision.noted(ask, true)));
            stays
        });
    }

    /// Decides what rules decide, each held like a decision of a person's own. What was held by one that is no more, or
    /// than which there is a narrower one now, is held no longer.
    fn rule(&mut self, cx: &Cx<'_>) {
        let rules = &cx.owning.rules;
        self.keep_ruled(|ask, name, allow| {
            let judged = rules.judge(&ask.topic, &ask.subscriber);
            judged.is_some_and(|(own, rule)| own == name && rule.allow == allow)
        });
        // Who is decided about already is not judged anew with each word of the broker.
        let free = |one: &&Pending| {
            let ask = Ask::of(one);
            let before = self.decisions.get(&ask);
            let is_free = self.is_open(&ask) && !self.is_put_off(&ask, cx) && !self.spared.contains(&ask);
            is_free && before.is_none_or(|one| one.met_nobody(cx))
        };
        let decided = rules.decided(cx.inbox.pending.iter().filter(free), &cx.owning.past);
        let decided: Vec<_> = decided.map(|(one, name, rule)| (Ask::of(one), name.to_owned(), rule.clone())).collect();
        for (ask, name, rule) in decided {
            let until = rule.days.map(|days| cx.now + TimeDelta::days(days.into()));
            self.hold(ask, rule.allow, (rule.note, String::new()), (until, By::Rule(name)), cx);
        }
    }

    /// Takes these back. A rule does not decide again what a person took back from it, also after a restart.
    fn take_back(&mut self, asks: Vec<Ask>) -> Action<Message> {
        let mut spared = Vec::new();
        for ask in asks {
            let Some(decision) = self.decisions.get(&ask).filter(|decision| decision.is_held()) else { continue };
            self.notes.push(decision.noted(&ask, true));
            if self.decisions.remove(&ask).is_some_and(|decision| decision.by != By::Me) {
                spared.push((ask.topic.clone(), ask.subscriber.clone()));
                let _ = self.spared.insert(ask);
            }
        }
        if spared.is_empty() { Action::None } else { Action::Own(Work::Spare(spared)) }
    }

    /// Nothing that is held is done any more.
    pub fn lapse(&mut self) {
        let notes = &mut self.notes;
        self.decisions.retain(|ask, decision| {
            let held = decision.is_held();
            notes.extend(held.then(|| decision.lapsed(ask)));
            !held
        });
    }

    fn put_off(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(ask) = self.open() else { return Action::None };
        if self.later.remove(&ask).is_some_and(|until| until > cx.now) {
            return Action::Own(Work::Release(ask.topic, ask.subscriber));
        }
        let until = cx.now + USUAL;
        let _ = self.later.insert(ask.clone(), until);
        Action::Own(Work::Hold(ask.topic, ask.subscriber, until))
    }

    /// Shows those of one topic, or all.
    pub fn narrow(&mut self, topic: Option<TopicId>) {
        self.cards.narrow(topic);
        self.marked.retain(|ask| self.cards.row_of(ask).is_some());
        self.selected = self.selected.take().filter(|ask| self.cards.row_of(ask).is_some());
    }

    /// Whether a countdown runs, so that the window needs a clock.
    #[must_use]
    pub fn holding(&self) -> bool {
        self.decisions.values().any(Decision::is_held)
    }

    /// How many requests wait for a decision not yet made, for the rail's badge.
    #[must_use]
    pub fn waiting(&self, cx: &Cx<'_>) -> usize {
        let done = |ask: &Ask| self.is_decided(ask) || self.is_put_off(ask, cx);
        self.cards.waiting().filter(|ask| !done(ask)).count()
    }

    /// Whether a person put it off, for themselves to decide later.
    fn is_put_off(&self, ask: &Ask, cx: &Cx<'_>) -> bool {
        self.later.get(ask).is_some_and(|until| *until > cx.now)
    }

    /// Whether I have decided, and nothing has hindered it.
    fn is_decided(&self, ask: &Ask) -> bool {
        self.decisions.get(ask).is_some_and(|decision| !matches!(decision.stage, Stage::Refused(_)))
    }

    /// Whether it waits and I have not decided.
    fn is_open(&self, ask: &Ask) -> bool {
        self.cards.has(ask) && !self.is_decided(ask)
    }

    /// The selected request, where it can be decided.
    fn open(&self) -> Option<Ask> {
        self.selected.clone().filter(|ask| self.is_open(ask))
    }

    fn mark(&mut self) {
        if let Some(ask) = self.open()
            && !self.marked.remove(&ask)
        {
            let _ = self.marked.insert(ask);
        }
    }

    /// Whether who asks is of an organisation one has to do with: such a request is approved by one key.
    fn is_known(&self, ask: &Ask, cx: &Cx<'_>) -> bool {
        match self.facts.get(ask) {
            Some(facts) => !facts.needs_check(),
            None => cx.me().is_some_and(|me| me.domain() == ask.subscriber.domain()),
        }
    }

    /// It was put out of another topic of mine.
    fn is_barred(&self, ask: &Ask) -> bool {
        self.facts.get(ask).is_some_and(|facts| facts.standing == Standing::Barred)
    }

    /// Whom the address can be mistaken for, in words: by its letters, or because somebody known has a domain like it.
    fn alike(&self, ask: &Ask, cx: &Cx<'_>) -> Option<String> {
        if let Some(plain) = text::lookalike(&ask.subscriber.to_string()) {
            return Some(cx.format("owner-lookalike", &[("plain", &text::line(&plain))]));
        }
        Some(match self.facts.get(ask)?.strange.as_ref()? {
            Strange::LooksLike(other) => cx.format("owner-like", &[("domain", &text::line(other))]),
            Strange::Mixed => cx.text("owner-mixed"),
        })
    }

    /// Whether the domain of who asks was first met within a day.
    fn is_new(&self, ask: &Ask, cx: &Cx<'_>) -> bool {
        let met = self.facts.get(ask).and_then(|facts| facts.first_met);
        met.is_none_or(|at| cx.now - at < TimeDelta::days(1))
    }

    /// When access that is given now ends, as it is chosen.
    fn mine(&self, cx: &Cx<'_>) -> (Option<DateTime<Utc>>, By) {
        (self.lasts.end(cx.now), By::Me)
    }

    /// Takes a decision, or opens the sheet that it needs.
    fn decide(&mut self, ask: Ask, allow: bool, cx: &Cx<'_>) {
        match allow {
            true if self.is_known(&ask, cx) => self.hold(ask, true, Default::default(), self.mine(cx), cx),
            true => self.sheet = Some(Sheet::approve(ask)),
            false => self.sheet = Some(Sheet::deny(vec![ask])),
        }
    }

    fn approve_known(&mut self, cx: &Cx<'_>) {
        let shown: Vec<Ask> = if self.marked.is_empty() {
            self.cards.shown().map(|card| card.ask.clone()).collect()
        } else {
            self.marked.iter().cloned().collect()
        };
        // What was put off is meant only where it is marked.
        let is_meant = |ask: &Ask| !self.marked.is_empty() || !self.is_put_off(ask, cx);
        let open = shown.into_iter().filter(|ask| self.is_open(ask) && is_meant(ask));
        let (known, unknown): (Vec<Ask>, Vec<Ask>) = open.partition(|ask| self.is_known(ask, cx));
        // Who is unknown is approved only where somebody means them, and looks at their domain.
        let unknown = if self.marked.is_empty() { Vec::new() } else { unknown };
        let mut domains: Vec<Domain> = Vec::new();
        for domain in unknown.iter().map(Domain::of) {
            if domains.len() <= DOMAINS && !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        if domains.len() > DOMAINS {
            self.sheet = Some(Sheet::approve_many(known, Vec::new(), unknown.len()));
            return;
        }
        if known.len() > MANY || !unknown.is_empty() {
            // What is to be looked at stands first.
            let all = unknown.into_iter().chain(known).collect();
            self.sheet = Some(Sheet::approve_many(all, domains, 0));
            return;
        }
        for ask in known {
            self.hold(ask, true, Default::default(), self.mine(cx), cx);
        }
    }

    /// Holds a decision: why it is so, and what is told beside; when its access ends, and by whom it is.
    fn hold(
        &mut self,
        ask: Ask,
        allow: bool,
        (words, note): (String, String),
        (ends, by): (Option<DateTime<Utc>>, By),
        cx: &Cx<'_>,
    ) {
        self.cards.hold_still(cx.now);
        let _ = self.marked.remove(&ask);
        let _ = self.later.remove(&ask);
        if self.decisions.get(&ask).is_some_and(Decision::is_under_way) {
            return;
        }
        let until = cx.now + TimeDelta::seconds(i64::from(cx.settings.hold()));
        let ends = ends.filter(|_| allow);
        let stage = Stage::Held { until };
        let decision = Decision { allow, words, note, until: ends, by, stage, before: None, number: self.numbers };
        self.notes.push(decision.noted(&ask, false));
        let _ = self.decisions.insert(ask, decision);
    }

    fn on_sheet(&mut self, message: sheet::Message, cx: &Cx<'_>) -> Action<Message> {
        let Some(sheet) = self.sheet.as_mut() else { return Action::None };
        match sheet.update(message) {
            sheet::Outcome::Open => {}
            sheet::Outcome::Closed => self.sheet = None,
            sheet::Outcome::Done => return self.take(cx),
        }
        Action::None
    }

    /// What the sheet said is done.
    fn take(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(sheet) = self.sheet.take() else { return Action::None };
        let (words, note) = (sheet.words.trim().to_owned(), sheet.note.trim().to_owned());
        let (asks, allow) = match sheet.what {
            sheet::What::Question(ask) => return self.ask_out(&ask, &words, cx),
            sheet::What::Deny(asks) => (asks, false),
            sheet::What::Approve { ask, .. } => (vec![ask], true),
            sheet::What::Many { asks, .. } => (asks, true),
        };
        if !allow {
            self.reasons.retain(|reason| *reason != words);
            self.reasons.insert(0, words.clone());
            self.reasons.truncate(3);
        }
        for ask in asks {
            // It may have been withdrawn while one typed.
            if self.is_open(&ask) {
                self.hold(ask, allow, (words.clone(), note.clone()), self.mine(cx), cx);
            }
        }
        Action::None
    }

    /// Asks the requester something; the request waits on.
    fn ask_out(&mut self, ask: &Ask, note: &str, cx: &Cx<'_>) -> Action<Message> {
        let request = cx.request();
        let words = owner::words(Act::Question, &ask.topic, note, None, |say| cx.catalog.say(say));
        let question = Question { words: note.to_owned(), at: cx.now, stage: Told::Sent(request) };
        let _ = self.questions.insert(ask.clone(), question);
        let (topic, to) = (ask.topic.clone(), ask.subscriber.clone());
        Action::Engine(Command::Tell { request, topic, to, act: Act::Question, words })
    }

    /// Sends what was held long enough. Offline nothing is sent and nothing is queued: it stays undecided (`product.md` B5).
    fn release(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let mut commands = Vec::new();
        let mut promises = Vec::new();
        let under_way = self.decisions.values().filter(|decision| decision.is_under_way()).count();
        for (ask, decision) in &mut self.decisions {
            if under_way + commands.len() + promises.len() >= AT_ONCE {
                break;
            }
            match decision.stage {
                Stage::Held { until } if until <= cx.now => {}
                _ => continue,
            }
            if !cx.online() {
                decision.stage = Stage::Refused(Error::Offline);
                self.notes.push(decision.lapsed(ask));
                continue;
            }
            let request = cx.request();
            let theirs = |grant: &&Grant| grant.topic == ask.topic && grant.account == ask.subscriber;
            decision.before = cx.owning.grants.iter().find(theirs).cloned();
            match decision.grant(ask, cx.now) {
                Some(grant) => {
                    decision.stage = Stage::Writing(request);
                    promises.push((request, vec![grant]));
                }
                None => commands.push(decision.send(ask, request, cx)),
            }
        }
        // The end of access is written down before there is any: whatever happens to this console, it is found.
        if !promises.is_empty() {
            commands.push(Action::Own(Work::Promise(promises)));
        }
        if commands.is_empty() { Action::None } else { Action::Many(commands) }
    }

    /// Sends what was written down; what could not be is not sent, and stays to be decided again.
    pub fn promised(&mut self, kept: &[(RequestId, Kept)], cx: &Cx<'_>) -> Action<Message> {
        let mut actions = Vec::new();
        for (request, kept) in kept {
            let waits = |decision: &Decision| matches!(decision.stage, Stage::Writing(id) if id == *request);
            let Some((ask, decision)) = self.decisions.iter_mut().find(|(_, decision)| waits(decision)) else {
                continue;
            };
            let hindered = match kept {
                Err(error) => Some(Error::unpromised(error)),
                Ok(()) => (!cx.online()).then_some(Error::Offline),
            };
            let Some(error) = hindered else {
                actions.push(decision.send(ask, *request, cx));
                continue;
            };
            if kept.is_ok() {
                actions.push(Action::Own(put_back(ask, decision.before.take())));
            }
            self.notes.push(decision.lapsed(ask));
            decision.stage = Stage::Refused(error);
        }
        actions.push(self.release(cx));
        Action::Many(actions)
    }

    fn settle(&mut self, request: RequestId, result: Result<Receipt, Error>, cx: &Cx<'_>) -> Action<Message> {
        let asked = |question: &Question| matches!(question.stage, Told::Sent(id) if id == request);
        if let Some(question) = self.questions.values_mut().find(|question| asked(question)) {
            question.stage = result.map_or_else(Told::Failed, |_| Told::Done);
            return Action::None;
        }
        let sent = |decision: &Decision| matches!(decision.stage, Stage::Sent(id) if id == request);
        let found = self.decisions.iter_mut().find(|(_, decision)| sent(decision));
        let Some((ask, decision)) = found else { return Action::None };
        match result {
            Ok(_) => {
                let (ask, decision) = (ask.clone(), decision.clone());
                let _ = (self.decisions.remove(&ask), self.spared.remove(&ask));
                self.cards.gone(&ask, cx.now);
                self.unwritten.push((ask.subscriber.clone(), decision.past(&ask, cx.now)));
                let outcome = if decision.allow { Outcome::Approved } else { Outcome::Denied };
                // An approval before, of which nobody knew what came of it, gave nothing then: nor is there anything to end.
                let doubt = self.doubts.remove(&ask).filter(|_| !decision.allow);
                let over = doubt.map_or(Action::None, |before| Action::Own(put_back(&ask, before)));
                Action::Many(vec![over, self.note(ask, outcome, decision.words, cx), self.release(cx), self.write()])
            }
            Err(error) => {
                // It gave no access that would have to end: what was written before stands, if only of a first try of mine.
                let moot = MOOT.contains(&error.say().key);
                let unsure = error.fate() == Fate::Open { unsure: true } || error.is_afterwards();
                let over = match decision.allow {
                    true if moot || !unsure => Action::Own(put_back(ask, decision.before.take())),
                    true => {
                        let _ = self.doubts.entry(ask.clone()).or_insert(decision.before.take());
                        Action::None
                    }
                    false => Action::None,
                };
                decision.stage = Stage::Refused(error);
                Action::Many(vec![over, self.release(cx), self.write()])
            }
        }
    }

    /// Writes down what was decided, once no answer is waited for any more: a thousand at once are one change.
    fn write(&mut self) -> Action<Message> {
        if self.decisions.values().any(Decision::is_under_way) {
            return Action::None;
        }
        let past = std::mem::take(&mut self.unwritten);
        if past.is_empty() { Action::None } else { Action::Own(Work::Decided(past)) }
    }

    /// Keeps what became of a decision for the eye, and says it.
    fn note(&mut self, ask: Ask, outcome: Outcome, words: String, cx: &Cx<'_>) -> Action<Message> {
        let (tone, key) = match outcome {
            Outcome::Approved => (Tone::Good, "owner-approved-toast"),
            Outcome::Denied => (Tone::Good, "owner-denied-toast"),
            Outcome::Gone => (Tone::Bad, "owner-gone-toast"),
        };
        let say = Say::new(key)
            .with("who", text::line(&ask.subscriber.to_string()))
            .with("topic", text::line(&ask.topic.node));
        self.settled.insert(0, Settled { ask, outcome, words, at: cx.now });
        self.settled.truncate(SETTLED);
        Action::Notify(Toast { tone, say })
    }

    /// Follows the list of requests. A decision still held about one that is gone is dropped, and this is said: who made it
    /// believes it done.
    fn tidy(&mut self, cx: &Cx<'_>) -> Action<Message> {
        self.cards.follow(cx.inbox.pending, cx.now);
        self.facts.retain(|ask| self.cards.has(ask));
        let known = self.know(cx);
        self.selected = self.selected.take().filter(|ask| self.cards.has(ask));
        self.marked.retain(|ask| self.cards.has(ask));
        self.questions.retain(|ask, _| self.cards.has(ask));
        let stays = |ask: &Ask, decision: &Decision| decision.is_under_way() || self.cards.has(ask);
        let all = std::mem::take(&mut self.decisions);
        let (stay, lost): (BTreeMap<_, _>, BTreeMap<_, _>) = all.into_iter().partition(|(ask, one)| stays(ask, one));
        self.decisions = stay;
        self.doubts.retain(|ask, _| self.cards.has(ask) || self.decisions.contains_key(ask));
        let mut told = vec![known];
        for (ask, decision) in lost.into_iter().filter(|(_, decision)| decision.is_held()) {
            self.notes.push(decision.lapsed(&ask));
            told.push(self.note(ask, Outcome::Gone, decision.words, cx));
        }
        self.rule(cx);
        Action::Many(told.into_iter().chain(self.meet(cx)).collect())
    }

    /// Writes down the domains that ask for the first time.
    fn meet(&self, cx: &Cx<'_>) -> Option<Action<Message>> {
        let domains: BTreeSet<&str> = cx.inbox.pending.iter().map(|one| one.subscriber.domain()).collect();
        let new = domains.into_iter().filter(|domain| !cx.owning.met.contains_key(*domain));
        let new: Vec<String> = new.map(str::to_owned).collect();
        (!new.is_empty()).then(|| Action::Own(Work::Meet(new)))
    }
}
