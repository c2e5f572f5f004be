//! Exports and imports at work: away from the window's thread, over the store of the session that asked.

use std::path::PathBuf;
use std::sync::Arc;

use iced::Task;
use iced::futures::{SinkExt, Stream};

use super::{App, Message, Sheet};
use crate::engine::Event;
use crate::model::Say;
use crate::port::export::{self, Fault};
use crate::port::import::{self, Told};
use crate::screen::port::{self, Act, Order};
use crate::screen::{Place, Tab, Target};
use crate::store::Committed;
use crate::text;

/// Words on the way that wait for the window.
const WORDS: usize = 16;

/// Runs it apart. What it tells becomes messages where there is room for them, which it is told; what it gives always does.
fn apart(
    broken: port::Message,
    work: impl FnOnce(&mut dyn FnMut(port::Message) -> bool) -> port::Message + Send + 'static,
) -> Task<Message> {
    let stream: Box<dyn Stream<Item = port::Message> + Send + Unpin> =
        Box::new(Box::pin(iced::stream::channel(WORDS, async move |mut sender| {
            let mut progress = sender.clone();
            let work = tokio::task::spawn_blocking(move || work(&mut |message| progress.try_send(message).is_ok()));
            let _ = sender.send(work.await.unwrap_or(broken)).await;
        })));
    Task::stream(stream).map(Message::Port)
}

impl App {
    /// The sheet for an export of what the feed shows, or has marked.
    pub(super) fn export(&mut self) -> Task<Message> {
        if self.running.is_none() {
            return Task::none();
        }
        let shown = self.go(Place::Tab(Tab::Feed));
        let chosen = self.screens.feed.chosen();
        let about = if chosen.marked {
            Say::new("port-about-selection")
        } else if chosen.filter.is_empty() {
            Say::new("port-about-all").with("count", self.shared.catalog.number(chosen.rows.len() as u64))
        } else {
            Say::new("port-about-filter").with("filter", text::line(&chosen.filter))
        };
        let action = self.screens.port.give(chosen.rows, about, chosen.partial);
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

    /// A file or a folder was dropped on the window: taken in, or looked at where there is no session to take it into.
    pub(super) fn dropped(&mut self, path: PathBuf) -> Task<Message> {
        if self.running.is_none() {
            return self.open(Target::File(Some(path)));
        }
        self.sheet = Some(Sheet::Import);
        let action = self.screens.port.take(vec![path]);
        self.perform(super::Asker::None, action, Message::Port)
    }

    pub(super) fn port_act(&mut self, act: Act) -> Task<Message> {
        let store = Arc::clone(&self.shared.store);
        match act {
            Act::Weigh { number, rows } => apart(port::Message::Weighed(number, Vec::new()), move |_| {
                port::Message::Weighed(number, export::labels(store.as_ref(), &rows))
            }),
            Act::Give { number, order, stop } => {
                let (catalog, broken) = (self.shared.catalog.clone(), Err(Some(Say::new("app-work-broken"))));
                apart(port::Message::Given(number, broken), move |told| {
                    let Order { rows, format, about, to, over } = order;
                    let words = |say: &Say| catalog.say(say);
                    let asked = export::Order { format, rows: &rows, about, words: &words };
                    let mut told = |done, of| {
                        let _ = told(port::Message::Giving(number, done, of));
                    };
                    let made = export::run(store.as_ref(), &asked, &to, &stop, &mut told);
                    let kept = made.and_then(|(made, sheet)| made.keep(&to, over).map(|()| Box::new(sheet)));
                    port::Message::Given(
                        number,
                        kept.map_err(|fault| match fault {
                            Fault::Stopped => None,
                            fault => Some(fault.say()),
                        }),
                    )
                })
            }
            Act::Take { number, paths, stop } => {
                let clock = Arc::clone(&self.env.clock);
                let died = import::Report { trouble: Some(Say::new("app-work-broken")), ..import::Report::default() };
                let broken = port::Message::Taken(number, Box::new(died), Committed::default());
                apart(broken, move |told| {
                    // Rows must not be missed: what the window had no room for goes with the next word.
                    let mut waiting = Committed::default();
                    let report = import::run(store.as_ref(), &paths, &*clock, &stop, &mut |word| match word {
                        Told::Stored(done) => {
                            waiting.added.extend(done.added);
                            waiting.changed.extend(done.changed);
                            let word = Told::Stored(waiting.clone());
                            if told(port::Message::Taking(number, word)) {
                                waiting = Committed::default();
                            }
                        }
                        word => {
                            let _ = told(port::Message::Taking(number, word));
                        }
                    });
                    port::Message::Taken(number, Box::new(report), waiting)
                })
            }
            Act::Stored(Committed { added, changed, .. }) if added.is_empty() && changed.is_empty() => Task::none(),
            Act::Stored(Committed { added, changed, .. }) => self.event(Event::Stored { added, changed }),
        }
    }
}
