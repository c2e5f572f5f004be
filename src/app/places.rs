//! Going from place to place: where a screen asks to be taken, back again, and from pane to pane of the feed.

use iced::Task;

use super::{App, Asker, Message, Sheet, frame};
use crate::engine::Connection;
use crate::screen::{Place, Tab, Target, activity, composer, connect, feed, hunt, owner, stream, viewer};

impl App {
    /// What fills the window.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    pub(super) fn back(&mut self) -> Task<Message> {
        if self.sheet.take().is_some() {
            return Task::none();
        }
        match self.place {
            Place::Connect => self.screen(Message::Connect(connect::Message::Back)),
            // The code is shown once.
            Place::Archive => Task::none(),
            Place::Stream => self.go(Place::Connection),
            Place::Care => self.go(Place::Tab(Tab::Settings)),
            Place::Viewer | Place::Connection | Place::Hunt | Place::Rules => self.go(self.home()),
            Place::Tab(tab) if tab != Tab::Feed => self.go(self.home()),
            Place::Tab(_) | Place::Welcome => Task::none(),
        }
    }

    /// Where one is when one is nowhere in particular.
    pub(super) fn home(&self) -> Place {
        if self.running.is_some() { Place::Tab(Tab::Feed) } else { Place::Welcome }
    }

    pub(super) fn go(&mut self, place: Place) -> Task<Message> {
        self.place = place;
        self.sheet = None;
        match place {
            Place::Connect => {
                // How the keychain stands is said before a password is typed.
                let probe = if self.shared.keychain.is_none() { self.probe() } else { Task::none() };
                Task::batch([probe, iced::widget::operation::focus(connect::Field::Jid.id())])
            }
            Place::Viewer => iced::widget::operation::focus(viewer::PATH),
            Place::Stream => self.screen(Message::Stream(stream::Message::Tick)),
            Place::Care => self.care_opened(),
            Place::Tab(Tab::Owner) => self.screen(Message::Owner(owner::Message::Opened)),
            Place::Tab(Tab::Activity) => self.screen(Message::Activity(activity::Message::Opened)),
            // A view may have come since.
            Place::Rules => self.reload(),
            Place::Archive | Place::Welcome | Place::Connection | Place::Hunt | Place::Tab(_) => Task::none(),
        }
    }

    pub(super) fn open(&mut self, target: Target) -> Task<Message> {
        match target {
            // Out of a form or a viewer, back to the session there is.
            Target::Welcome if matches!(self.shared.live.connection, Connection::Offline) => self.go(Place::Welcome),
            Target::Welcome => self.go(self.home()),
            Target::Practice => self.practice(),
            Target::Connect => self.go(Place::Connect),
            Target::Connection => self.go(Place::Connection),
            Target::Stream => self.go(Place::Stream),
            Target::Care => self.go(Place::Care),
            Target::Ours => {
                let shown = self.screen(Message::Hunt(hunt::Message::Side(hunt::Side::Ours)));
                Task::batch([self.go(Place::Hunt), shown])
            }
            Target::Rules => self.go(Place::Rules),
            Target::Export => self.export(),
            Target::Filters => {
                self.sheet = Some(Sheet::Filters);
                Task::none()
            }
            Target::Filter(filter) => {
                let gone = self.go(Place::Tab(Tab::Feed));
                Task::batch([gone, self.screen(Message::Feed(feed::Message::Goto(filter)))])
            }
            Target::Narrow(field, value, how) => {
                let gone = self.go(Place::Tab(Tab::Feed));
                Task::batch([
                    gone,
                    self.screen(Message::Feed(feed::Message::Narrow(vec![feed::Seen::Value(field, value)], how))),
                ])
            }
            Target::Certificate => {
                self.question();
                Task::none()
            }
            Target::File(path) => {
                let _ = self.go(Place::Viewer);
                path.map_or_else(Task::none, |path| self.screen(Message::Viewer(viewer::Message::Open(path))))
            }
            Target::Tab(tab) => self.go(Place::Tab(tab)),
            Target::Incident(seq) => {
                self.selected = Some(seq);
                let action = self.screens.incident.show(seq, &self.shared.cx());
                self.perform(Asker::None, action, Message::Incident)
            }
            Target::NoIncident => {
                self.selected = None;
                self.screens.incident.clear();
                self.screens.feed.deselect();
                Task::none()
            }
            Target::Desk(id) => {
                let shown = self.screen(Message::Owner(owner::Message::Reveal(id)));
                Task::batch([self.go(Place::Tab(Tab::Owner)), shown])
            }
            Target::NewTopic => {
                let opened = self.screen(Message::Owner(owner::Message::Create(owner::New::Open)));
                Task::batch([self.go(Place::Tab(Tab::Owner)), opened])
            }
            Target::Report(seq) => {
                let shown = self.go(Place::Tab(Tab::Compose));
                let about = composer::Message::After(composer::After::Row(seq));
                Task::batch([shown, self.screen(Message::Compose(about))])
            }
            Target::Topic(id) => {
                self.screens.topics.reveal(id, &self.shared.cx());
                self.go(Place::Tab(Tab::Topics))
            }
        }
    }

    /// To the next pane of the feed; elsewhere there is but one.
    pub(super) fn turn(&mut self, on: bool) -> Task<Message> {
        if self.place != Place::Tab(Tab::Feed) {
            use iced::widget::operation;
            return if on { operation::focus_next() } else { operation::focus_previous() };
        }
        self.pane = self.pane.turn(on, self.selected.is_some());
        self.screens.feed.set_away(self.pane == frame::Pane::Detail);
        iced::widget::operation::focus(self.pane.id())
    }
}
