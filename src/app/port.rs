//! Exports and imports at work: away from the window's thread, over the store of the session that asked.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use iced::Task;

use super::{App, Message, Sheet};
use crate::engine::Event;
use crate::model::Say;
use crate::port::export::{self, Fault};
use crate::port::import::{self, Told};
use crate::screen::port::{self, Act, Order, Weight};
use crate::screen::{Place, Tab, Target, Toast, Tone};
use crate::store::finder::Chosen;
use crate::store::index::{Failure, Stop};
use crate::store::{Committed, Finder, Store};
use crate::text;
use crate::widget::work;

/// What the person hears of it; nothing where it was stopped.
fn told(fault: Fault) -> Option<Say> {
    match fault {
        Fault::Stopped => None,
        fault => Some(fault.say()),
    }
}

/// Looks up what goes out, and how strict it is.
fn weigh(
    chosen: &Chosen,
    finder: &Finder,
    store: &dyn Store,
    now: DateTime<Utc>,
    stop: &Stop,
) -> Result<Weight, Option<Say>> {
    let rows = chosen.rows(finder, store, now, stop).map_err(|failure| match failure {
        Failure::Stopped => None,
        failure => Some(failure.say()),
    })?;
    let labels = export::labels(store, &rows, stop).map_err(told)?;
    let about = if chosen.is_marked() {
        Say::new("port-about-selection")
    } else if chosen.filter.is_empty() {
        Say::new("port-about-all").number("count", rows.len())
    } else {
        Say::new("port-about-chosen").number("count", rows.len())
    };
    let filter = (!chosen.is_marked() && !chosen.filter.is_empty())
        .then(|| Say::new("port-about-filter").with("filter", text::line(&chosen.filter)));
    Ok(Weight { about, filter, rows, labels })
}

/// Runs it apart.
fn apart(
    broken: port::Message,
    look: impl FnOnce(&mut dyn FnMut(port::Message) -> bool) -> port::Message + Send + 'static,
) -> Task<Message> {
    work(broken, look).map(Message::Port)
}

impl App {
    /// The sheet for an export of what the feed shows, or has marked.
    pub(super) fn export(&mut self) -> Task<Message> {
        if self.running.is_none() {
            return Task::none();
        }
        let shown = self.go(Place::Tab(Tab::Feed));
        let chosen = self.screens.feed.chosen();
        let action = self.screens.port.give(chosen);
        self.sheet = Some(Sheet::Export);
        Task::batch([shown, self.perform(super::Asker::None, action, Message::Port)])
    }

    /// The sheet for an import.
    pub(super) fn import(&mut self) -> Task<Message> {
        if self.running.is_none() {
            return self.open(Target::File(None));
        }
        self.sheet = Some(Sheet::Import);
        iced::widget::operation::focus(port::TAKE_FIRST)
    }

    /// A file or a folder was dropped on the window: the person is asked whether to take it in; it is looked at where there is no
    /// session to take it into. What is open stays open.
    pub(super) fn dropped(&mut self, path: PathBuf) -> Task<Message> {
        let free = self.sheet.is_none_or(|sheet| sheet == Sheet::Import);
        if self.running.is_none() {
            return if free { self.open(Target::File(Some(path))) } else { Task::none() };
        }
        self.screens.port.take.offer(path);
        if free {
            self.sheet = Some(Sheet::Import);
            return iced::widget::operation::focus(port::TAKE_DROPPED);
        }
        self.toast(Toast { tone: Tone::Plain, say: Say::new("port-drop-waits") })
    }

    pub(super) fn port_act(&mut self, act: Act) -> Task<Message> {
        let store = Arc::clone(&self.shared.store);
        match act {
            Act::Weigh { number, chosen, stop } => {
                let (finder, now) = (Arc::clone(&self.shared.finder), self.shared.now);
                apart(port::Message::Weighed(number, Err(Some(Say::new("app-work-broken")))), move |_| {
                    port::Message::Weighed(number, weigh(&chosen, &finder, store.as_ref(), now, &stop))
                })
            }
            Act::Give { number, order, stop } => {
                let (catalog, broken) = (self.shared.catalog.clone(), Err(Some(Say::new("app-work-broken"))));
                apart(port::Message::Given(number, broken), move |tell| {
                    let Order { rows, format, about, to, over } = order;
                    let words = |say: &Say| catalog.say(say);
                    let asked = export::Order { format, rows: &rows, about, words: &words };
                    let mut tell = |done, of| {
                        let _ = tell(port::Message::Giving(number, done, of));
                    };
                    let made = export::run(store.as_ref(), &asked, &to, &stop, &mut tell);
                    let kept = made.and_then(|(made, sheet)| made.keep(&to, over).map(|()| Box::new(sheet)));
                    port::Message::Given(number, kept.map_err(told))
                })
            }
            Act::Take { number, paths, stop } => {
                let clock = Arc::clone(&self.env.clock);
                let died = import::Report { trouble: Some(Say::new("app-work-broken")), ..import::Report::default() };
                let broken = port::Message::Taken(number, Box::new(died), Committed::default());
                apart(broken, move |tell| {
                    // Rows must not be missed: what the window had no room for goes with the next word.
                    let mut waiting = Committed::default();
                    let report = import::run(store.as_ref(), &paths, &*clock, &stop, &mut |word| match word {
                        Told::Stored(done) => {
                            waiting.join(done);
                            let word = Told::Stored(waiting.clone());
                            if tell(port::Message::Taking(number, word)) {
                                waiting = Committed::default();
                            }
                        }
                        word => {
                            let _ = tell(port::Message::Taking(number, word));
                        }
                    });
                    port::Message::Taken(number, Box::new(report), waiting)
                })
            }
            Act::Stored(done) if done.is_empty() => Task::none(),
            Act::Stored(done) => self.event(Event::Stored(done)),
        }
    }
}
