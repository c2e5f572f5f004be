//! Activity: what this console did and what the grid did unasked, chained; what is under way; where something may be missing;
//! and what controller and broker can do (`product.md` B1).
//!
//! The log is read, verified and written to files away from the window, by the app; here stands what was read.

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
use crate::store::activity::{Broken, Entry, Filter, Head, How, Number};

use rows::Rows;

/// The filter's field.
const FILTER: &str = "activity.filter";

/// Which of them shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Log,
    Open,
    Deliveries,
    Radar,
}

/// What the screen asks of the app.
#[derive(Clone, Debug)]
pub enum Act {
    /// Read the entries from this number on.
    Read(Number),
    /// Hold the chain against itself and its head.
    Audit,
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
    Read(Result<Arc<[Entry]>, Say>),
    Audited(Result<Result<Head, Broken>, Say>),
    Verify,
    Typed(String),
    Clear,
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
    Looking,
    Whole(Head),
    Broken(Broken),
    Trouble(Say),
}

/// The screen.
#[derive(Default)]
pub struct Screen {
    side: Side,
    rows: Rows,
    /// A reading is under way; the log grew to this meanwhile.
    reading: bool,
    grown: Number,
    chain: Chain,
    typed: String,
    filter: Filter,
    /// Changes with the filter: what then stands above is not new.
    basis: u64,
    wrong: Option<Say>,
    /// By the number of its first entry.
    chosen: Option<Number>,
    trouble: Option<Say>,
    survey: Option<Arc<Survey>>,
    asked: Option<RequestId>,
}

impl Screen {
    pub fn update(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Side(side) => self.side = side,
            Message::Opened => return Action::Many(vec![self.read(), self.audit()]),
            Message::Grown(count) => {
                self.grown = self.grown.max(count);
                return self.read();
            }
            Message::Read(read) => return self.taken(read),
            Message::Audited(audited) => self.audited(audited),
            Message::Verify => return self.audit(),
            Message::Typed(typed) => self.typed(typed),
            Message::Clear => self.typed(String::new()),
            Message::Pick(index) => self.chosen = self.rows.at(self.side, index).map(|row| row.key),
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

    fn step(&mut self, by: isize) {
        let here = self.chosen.and_then(|key| self.rows.place(self.side, key));
        let next = here.map_or(Some(0), |here| here.checked_add_signed(by));
        if let Some(row) = next.and_then(|next| self.rows.at(self.side, next)) {
            self.chosen = Some(row.key);
        }
    }

    /// Reads what is not here yet.
    fn read(&mut self) -> Action<Message> {
        if std::mem::replace(&mut self.reading, true) {
            return Action::None;
        }
        Action::Log(Act::Read(self.rows.next()))
    }

    fn taken(&mut self, read: Result<Arc<[Entry]>, Say>) -> Action<Message> {
        self.reading = false;
        match read {
            Ok(entries) => {
                self.trouble = None;
                let came = !entries.is_empty();
                self.rows.take(&entries);
                self.rows.filter(&self.filter);
                // The log grew while it was read.
                let more = if self.grown >= self.rows.next() { self.read() } else { Action::None };
                let audit = if came { self.audit() } else { Action::None };
                Action::Many(vec![more, audit])
            }
            Err(say) => {
                self.trouble = Some(say);
                Action::None
            }
        }
    }

    fn audit(&mut self) -> Action<Message> {
        if matches!(self.chain, Chain::Looking) {
            return Action::None;
        }
        self.chain = Chain::Looking;
        Action::Log(Act::Audit)
    }

    fn audited(&mut self, audited: Result<Result<Head, Broken>, Say>) {
        self.chain = match audited {
            Ok(Ok(head)) => Chain::Whole(head),
            Ok(Err(broken)) => Chain::Broken(broken),
            Err(say) => Chain::Trouble(say),
        };
    }

    /// The last good filter stays while what is typed is none.
    fn typed(&mut self, typed: String) {
        match Filter::read(&typed) {
            Ok(filter) => {
                self.wrong = None;
                self.filter = filter;
                self.basis += 1;
                self.rows.filter(&self.filter);
            }
            Err(say) => self.wrong = Some(say),
        }
        self.typed = typed;
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
        *self = Self { side: self.side, ..Self::default() };
    }

    /// The log is not what was written, as far as anybody looked; for the rail.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self.chain, Chain::Broken(_))
    }
}

/// Whether nobody can say yet, or any more, what came of it.
fn is_open(how: How) -> bool {
    matches!(how, How::Held | How::Begun | How::Unknown)
}
