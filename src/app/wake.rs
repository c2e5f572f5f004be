//! What wakes the window: the engine, the keyboard, the clock where something on it counts, a file that is dropped on it.

use std::time::Duration;

use iced::{Subscription, Task, window};

use super::timing::Stage;
use super::{App, Message, bridge, shortcut};
use crate::screen::{Place, Tab, composer, feed, owner, stream};

/// How often the window wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// Never: nothing on it changes by itself.
    Still,
    /// Every half minute, for ages and the clock.
    Slow,
    /// Every second, for a countdown.
    Quick,
}

impl App {
    /// How often the window wants to be woken now.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        let watched = self.place == Place::Stream && self.shared.trace.is_on();
        if watched || self.acts() || self.shared.live.retry_at.is_some() {
            Pulse::Quick
        } else if self.running.is_some() {
            Pulse::Slow
        } else {
            Pulse::Still
        }
    }

    /// The clock struck: whatever counts on the window looks at it.
    pub(super) fn pulsed(&mut self) -> Task<Message> {
        Task::batch([
            self.screen(Message::Feed(feed::Message::Tick)),
            self.screen(Message::Compose(composer::Message::Tick)),
            self.screen(Message::Owner(owner::Message::Tick)),
            self.screen(Message::Stream(stream::Message::Tick)),
            self.watch_tick(),
        ])
    }

    /// Whether incidents are in sight.
    pub(super) fn shows_page(&self) -> bool {
        self.place == Place::Tab(Tab::Feed) && !self.shared.store.is_empty()
    }

    pub fn subscription(&self) -> Subscription<Message> {
        let engine = self.running.as_ref().map(|running| {
            bridge::subscription(running.key()).map(|(session, update)| Message::Engine(session, update))
        });
        let pulse = match self.pulse() {
            Pulse::Still => None,
            Pulse::Slow => Some(Duration::from_secs(30)),
            Pulse::Quick => Some(Duration::from_secs(1)),
        };
        let pulse = pulse.map(|every| iced::time::every(every).map(|_| Message::Pulse));
        // Each frame is a message then, and each message a frame: for as long as one is waited for.
        let page = self.timing.awaits(Stage::NewestPage) && self.shows_page();
        let frame = page || self.timing.awaits(Stage::FirstFrame);
        let frame = frame.then(|| window::frames().map(|_| Message::Drawn));
        let always = [
            iced::keyboard::listen().filter_map(|event| shortcut::command(&event).map(Message::Command)),
            window::close_requests().map(|_| Message::CloseRequested),
            window::events().filter_map(|(_, event)| match event {
                window::Event::FileDropped(path) => Some(Message::Dropped(path)),
                _ => None,
            }),
            iced::system::theme_changes().map(Message::Mode),
        ];
        Subscription::batch(always.into_iter().chain(engine).chain(pulse).chain(frame))
    }
}
