//! Activity: what this console did and what the grid did unasked, chained; what is under way; where something may be missing;
//! and what controller and broker can do (`product.md` B1).
//!
//! The log is read, searched, verified and written to files away from the window, by the app; here stands what was read: the
//! newest acts that the filter takes, and more of them as one scrolls. However long the log is, no more of it is asked for.

mod detail;
mod list;
mod radar;
mod rows;
mod view;

use std::sync::Arc;

use crate::app::cx::Cx;
use crate::engine::radar::{Facts, Row as Verdict, Words};
use crate::engine::{Command, Error, Receipt, RequestId};
use crate::model::Say;
use crate::model::survey::Survey;
use crate::port::activity::Format;
use crate::screen::{Action, Toast, Tone};
use crate::store::Progress;
use crate::store::activity::{Back, Broken, Filter, Head, Number, Proven, Row, Seen};
use crate::widget::Visible;

use rows::Rows;

/// The filter's field.
const FILTER: &str = "activity.filter";
/// Rows that are read beyond those that show.
const AHEAD: usize = 300;
/// Rows that are kept: what lies further back is for a filter, or an export.
const MOST: usize = 20_000;

/// Which of them shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Log,
    Open,
    Deliveries,
    Radar,
}

/// A reading of the log: back from somewhere, until there is enough, or until what was read.
#[derive(Clone, Debug)]
pub struct Walk {
    pub filter: Filter,
    /// Nothing from this number on, where some was read already.
    pub below: Option<Number>,
    pub until: Number,
    pub most: usize,
    /// Nobody waits for it any more.
    pub stop: Progress,
    /// Which filter it is for.
    basis: u64,
}

/// What the screen asks of the app.
#[derive(Clone, Debug)]
pub enum Act {
    Read(Walk),
    /// Hold the chain against itself and its head, on from what was proven, and against a head that was noted down.
    Audit(Arc<Proven>, Option<Head>),
    /// Save what the filter takes.
    Save(Filter, Format),
}

#[derive(Clone, Debug)]
pub enum Message {
    Side(Side),
    /// One came to the screen.
    Opened,
    /// The log has so many entries now.
    Grown(Number),
    Read(Walk, Result<Arc<Back>, Say>),
    Audited(Result<Arc<Seen>, Say>),
    Verify,
    /// What shows of the list.
    Visible(Visible),
    Typed(String),
    Clear,
    /// A head that was noted down.
    Noted(String),
    Pick(usize),
    /// To the next row, or the one before.
    Step(isize),
    /// The keyboard goes to the filter.
    Search,
    Save(Format),
    CopyHead,
    CopyText(String),
    /// Ask controller and broker; closely, or not.
    Scan(bool),
    Settled(RequestId, Result<Receipt, Error>),
    SaveReport,
    CopyReport,
}

/// How the chain stands, as far as anybody looked.
#[derive(Clone, Debug, Default)]
enum Chain {
    #[default]
    Unknown,
    Whole(Head),
    Broken(Broken),
    Trouble(Say),
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    side: Side,
    log: Rows,
    /// What is under way, as it was when the chain was verified.
    open: Rows,
    /// What shows now was read for another filter.
    old: bool,
    reading: bool,
    /// Ends the reading.
    stop: Progress,
    /// Everything from this number on was looked at.
    reached: Option<Number>,
    /// The log ends there, as far as it was read; and it is told to.
    last: Number,
    grown: Number,
    visible: Visible,
    chain: Chain,
    verifying: bool,
    proven: Arc<Proven>,
    noted: String,
    typed: String,
    filter: Filter,
    /// Changes with the filter: what then stands above is not new.
    basis: u64,
    wrong: Option<Say>,
    /// The row that has this entry.
    chosen: Option<Number>,
    trouble: Option<Say>,
    survey: Option<Arc<Survey>>,
    asked: Option<RequestId>,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Side(side) => self.side = side,
            Message::Opened => return Action::Many(vec![self.start(), self.audit()]),
            Message::Grown(count) => {
                self.grown = self.grown.max(count);
                return Action::Many(vec![self.next(), self.follow()]);
            }
            Message::Read(walk, read) => return self.taken(&walk, read),
            Message::Audited(audited) => return self.audited(audited),
            Message::Verify => return self.verify(),
            Message::Visible(visible) => {
                self.visible = visible;
                return self.next();
            }
            Message::Typed(typed) => return self.typed(typed),
            Message::Clear => return self.typed(String::new()),
            Message::Noted(noted) => self.noted = noted,
            Message::Pick(index) => self.pick(index),
            Message::Step(by) => self.step(by),
            Message::Search if self.side == Side::Log => {
                return Action::Run(iced::widget::operation::focus(FILTER));
            }
            Message::Search => {}
            Message::Save(format) => return Action::Log(Act::Save(self.filter.clone(), format)),
            Message::CopyHead => {
                if let Chain::Whole(head) = self.chain {
                    return Action::Copy(head.to_string());
                }
            }
            Message::CopyText(text) => return Action::Copy(text),
            Message::Scan(close) => return self.scan(close, cx),
            Message::Settled(request, result) => return self.settled(request, result),
            Message::SaveReport => {
                let name = format!("conformance-{}.md", cx.now.format("%Y-%m-%d"));
                return Action::Save { name, text: self.report(cx) };
            }
            Message::CopyReport => return Action::Copy(self.report(cx)),
        }
        Action::None
    }

    fn rows(&self, side: Side) -> &Rows {
        if side == Side::Open { &self.open } else { &self.log }
    }

    /// The row that is chosen, by its identity.
    fn chosen(&self, side: Side) -> Option<Number> {
        self.rows(side).holding(self.chosen?)
    }

    fn pick(&mut self, index: usize) {
        self.chosen = self.rows(self.side).at(index).map(|(_, row)| row.place());
    }

    fn step(&mut self, by: isize) {
        let here = self.chosen(self.side).and_then(|key| self.rows(self.side).index(key));
        let next = here.map_or(Some(0), |here| here.checked_add_signed(by));
        if let Some(next) = next.filter(|next| *next < self.rows(self.side).len()) {
            self.pick(next);
        }
    }

    /// Reads anew from the newest on; what was being read is not wanted any more.
    fn start(&mut self) -> Action<Message> {
        self.stop.stop();
        (self.stop, self.old, self.reached) = (Progress::default(), true, None);
        self.read(None, 1)
    }

    /// As many rows as there should be.
    fn wanted(&self) -> usize {
        self.visible.end.saturating_add(AHEAD).min(MOST)
    }

    fn read(&mut self, below: Option<Number>, until: Number) -> Action<Message> {
        self.reading = true;
        let most = self.wanted().saturating_sub(if self.old { 0 } else { self.log.len() });
        let (filter, stop) = (self.filter.clone(), self.stop.clone());
        Action::Log(Act::Read(Walk { filter, below, until, most: most.max(1), stop, basis: self.basis }))
    }

    /// Reads on, where something is wanted: what was added, then what lies further back.
    fn next(&mut self) -> Action<Message> {
        let Some(reached) = self.reached.filter(|_| !self.reading) else { return Action::None };
        if self.grown > self.last {
            return self.read(None, self.last + 1);
        }
        if reached > 1 && self.log.len() < self.wanted() { self.read(Some(reached), 1) } else { Action::None }
    }

    fn taken(&mut self, walk: &Walk, read: Result<Arc<Back>, Say>) -> Action<Message> {
        if walk.basis != self.basis || walk.stop.stopped() {
            return Action::None;
        }
        self.reading = false;
        match read {
            Ok(back) => {
                self.trouble = None;
                if std::mem::take(&mut self.old) {
                    self.log = Rows::default();
                }
                back.rows.iter().cloned().for_each(|row| self.log.put(row));
                self.last = self.last.max(back.last);
                if walk.below.is_some() || self.reached.is_none() {
                    self.reached = Some(back.reached);
                } else if back.reached > walk.until {
                    // It grew by more than one reading: there is a stretch between that was not looked at.
                    return self.start();
                }
                self.next()
            }
            Err(say) => {
                self.trouble = Some(say);
                Action::None
            }
        }
    }

    /// Verifies all of it anew, and against the head that was noted down.
    fn verify(&mut self) -> Action<Message> {
        self.trouble = None;
        if !self.noted.trim().is_empty() && self.noted().is_none() {
            self.trouble = Some(Say::new("activity-noted-wrong"));
            return Action::None;
        }
        if self.verifying {
            return Action::None;
        }
        (self.proven, self.chain) = (Arc::default(), Chain::Unknown);
        self.audit()
    }

    fn noted(&self) -> Option<Head> {
        self.noted.parse().ok()
    }

    /// Verifies on from what was proven.
    fn audit(&mut self) -> Action<Message> {
        if std::mem::replace(&mut self.verifying, true) {
            return Action::None;
        }
        Action::Log(Act::Audit(Arc::clone(&self.proven), self.noted()))
    }

    /// As [`Screen::audit`], for what was added to a log that is whole as far as anybody looked.
    fn follow(&mut self) -> Action<Message> {
        match self.chain {
            Chain::Whole(head) if head.count < self.grown => self.audit(),
            _ => Action::None,
        }
    }

    fn audited(&mut self, audited: Result<Arc<Seen>, Say>) -> Action<Message> {
        self.verifying = false;
        match audited {
            Ok(seen) => {
                self.proven = Arc::new(seen.proven.clone());
                self.open = Rows::of(seen.proven.open());
                self.chain = match seen.verdict {
                    Ok(head) => Chain::Whole(head),
                    Err(broken) => Chain::Broken(broken),
                };
            }
            Err(say) => self.chain = Chain::Trouble(say),
        }
        self.follow()
    }

    /// The last good filter stays while what is typed is none.
    fn typed(&mut self, typed: String) -> Action<Message> {
        let read = Filter::read(&typed);
        self.typed = typed;
        match read {
            Ok(filter) => {
                self.wrong = None;
                if filter == self.filter {
                    return Action::None;
                }
                self.filter = filter;
                self.basis += 1;
                self.start()
            }
            Err(say) => {
                self.wrong = Some(say);
                Action::None
            }
        }
    }

    /// What came of it is written elsewhere: it is not under way, as the chain was verified.
    fn goes_on(&self, row: &Row) -> bool {
        row.is_open() && row.place() <= self.proven.head.count && self.open.holding(row.place()).is_none()
    }

    fn scan(&mut self, close: bool, cx: &Cx<'_>) -> Action<Message> {
        if self.asked.is_some() || !cx.online() {
            return Action::None;
        }
        let request = cx.request();
        self.asked = Some(request);
        Action::Engine(Command::Survey { request, close })
    }

    fn settled(&mut self, request: RequestId, result: Result<Receipt, Error>) -> Action<Message> {
        if self.asked != Some(request) {
            return Action::None;
        }
        self.asked = None;
        match result {
            Ok(Receipt::Surveyed(survey)) => self.survey = Some(survey),
            Ok(_) => {}
            Err(error) => return Action::Notify(Toast { tone: Tone::Bad, say: error.say() }),
        }
        Action::None
    }

    /// What the radar judges by.
    fn facts<'a>(&'a self, cx: &Cx<'a>) -> Facts<'a> {
        Facts { session: cx.trust.facts, survey: self.survey.as_deref(), topics: cx.topics }
    }

    fn verdicts(&self, cx: &Cx<'_>) -> Vec<Verdict> {
        crate::engine::radar::rows(&self.facts(cx))
    }

    fn report(&self, cx: &Cx<'_>) -> String {
        let words = Words { say: &|say| cx.catalog.say(say), next: &|say| cx.catalog.next(say) };
        crate::engine::radar::markdown(&self.verdicts(cx), &self.facts(cx), words)
    }

    /// Forgets what belonged to another session's store.
    pub fn reset(&mut self) {
        self.stop.stop();
        *self = Self { side: self.side, ..Self::default() };
    }

    /// The log is not what was written, as far as anybody looked; for the rail.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self.chain, Chain::Broken(_))
    }
}
