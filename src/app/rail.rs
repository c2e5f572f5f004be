//! The rail at the left: every place one can go to, with its symbol, its words where there is room, and its key.

use iced::widget::{Column, Row, column, container, space as gap, text};
use iced::{Center, Fill};

use super::command::{self, Id};
use super::{App, Message};
use crate::app::cx::Cx;
use crate::screen::{Place, Tab};
use crate::theme::{self, space};
use crate::widget::{Element, Icon, chip, ground, press};

/// Width of the rail, and of one that has only symbols.
const BROAD: f32 = 172.0;
const SLIM: f32 = 66.0;
/// Room of a symbol left of its words, so that these stand below each other.
const SYMBOL: f32 = 20.0;

/// The rail's width.
pub(super) fn width(slim: bool) -> f32 {
    if slim { SLIM } else { BROAD }
}

/// An entry of the rail.
struct Entry {
    id: &'static str,
    /// The catalog key of its name.
    key: &'static str,
    icon: Icon,
    /// Its key on the keyboard, where it has one.
    hint: String,
    here: bool,
    message: Message,
}

impl Entry {
    fn tab(tab: Tab, place: Place) -> Self {
        let (id, icon) = match tab {
            Tab::Feed => ("rail.feed", Icon::Feed),
            Tab::Topics => ("rail.topics", Icon::Topics),
            Tab::Compose => ("rail.compose", Icon::Compose),
            Tab::Owner => ("rail.owner", Icon::Owner),
            Tab::Activity => ("rail.activity", Icon::Activity),
            Tab::Settings => ("rail.settings", Icon::Settings),
        };
        let (here, hint) = (place == Place::Tab(tab), command::keys(Id::Go(tab)));
        Self { id, key: tab.key(), icon, hint, here, message: Message::Go(Place::Tab(tab)) }
    }

    fn command(id: &'static str, key: &'static str, icon: Icon, command: Id, here: bool) -> Self {
        Self { id, key, icon, hint: command::keys(command), here, message: Message::Command(command) }
    }

    fn place(id: &'static str, key: &'static str, icon: Icon, place: Place) -> Self {
        Self { id, key, icon, hint: String::new(), here: false, message: Message::Go(place) }
    }

    /// Its symbol and words, or the symbol alone, which then says its words under the pointer.
    fn view<'a>(self, badge: Option<Element<'a, Message>>, slim: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let words = cx.text(self.key);
        let hint = match (slim, self.hint.is_empty()) {
            (true, true) => words.clone(),
            (true, false) => format!("{words} ({})", self.hint),
            (false, _) => self.hint,
        };
        // Beside a symbol there is no room for a number of many digits; below it there is.
        let inside: Element<'a, Message> = if slim {
            Column::new().push(self.icon.view()).push(badge).spacing(2.0).width(Fill).align_x(Center).into()
        } else {
            let symbol = container(self.icon.view()).center_x(SYMBOL);
            let beside = Row::new().push(symbol).push(text(words).width(Fill)).push(badge);
            beside.spacing(space::SM).align_y(Center).into()
        };
        let open = press(inside).style(theme::button::tab(self.here)).width(Fill);
        let open = open.padding([6.0, if slim { space::XS } else { space::SM }]).id(self.id).on_press(self.message);
        if hint.is_empty() { open.into() } else { open.hint(hint).into() }
    }
}

impl App {
    /// `slim`: there is room for symbols only.
    pub(super) fn rail<'a>(&'a self, slim: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        let waiting = self.screens.owner.waiting(cx) as u64;
        let tab = |tab: Tab| {
            let badge = match tab {
                Tab::Owner => (waiting > 0).then(|| chip(cx.catalog.number(waiting))),
                Tab::Compose => self.screens.composer.holding().then(|| chip("…")),
                // The log is not what was written.
                Tab::Activity => self.screens.activity.is_broken().then(|| chip("!")),
                Tab::Feed | Tab::Topics | Tab::Settings => None,
            };
            Entry::tab(tab, self.place).view(badge, slim, cx)
        };
        let go = |entry: Entry| entry.view(None, slim, cx);
        let at = |place| self.place == place;
        let top = column![
            tab(Tab::Feed),
            tab(Tab::Topics),
            tab(Tab::Compose),
            tab(Tab::Owner),
            go(Entry::command("rail.hunt", "hunt-title", Icon::Hunt, Id::Hunt, at(Place::Hunt))),
            go(Entry::command("rail.rules", "app-rules", Icon::Alerts, Id::Rules, at(Place::Rules))),
            tab(Tab::Activity),
            tab(Tab::Settings),
        ];
        let foot = column![
            go(Entry::place("rail.file", "app-open-file", Icon::File, Place::Viewer)),
            go(Entry::command("rail.import", "app-import", Icon::Import, Id::Import, false)),
            go(Entry::command("rail.export", "app-export", Icon::Export, Id::Export, false)),
            go(Entry::place("rail.connect", "app-other-grid", Icon::Grid, Place::Connect)),
            go(Entry::command("rail.help", "app-help", Icon::Help, Id::Help, false)),
        ];
        let inside = column![top.spacing(space::XS), gap::vertical(), foot];
        let bar = container(inside).padding(space::SM).width(width(slim)).height(Fill);
        ground(bar, theme::surface::panel).into()
    }
}
