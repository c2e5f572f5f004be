//! The first page: three doors, no account needed (`product.md` D1). The practice grid is the one Enter takes.

use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::widget::{column, container, row, scrollable, text};
use iced::{Center, Element, Fill};

use crate::app::cx::Cx;
use crate::screen::{Action, Target};
use crate::theme::{self, size, space};
use crate::widget::{self, Icon, caption, hatch, key_hint, press, title};

/// Width of the doors.
const WIDTH: f32 = 560.0;

/// A way on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    #[default]
    Practice,
    Connect,
    File,
}

impl Door {
    const ALL: [Self; 3] = [Self::Practice, Self::Connect, Self::File];

    fn step(self, by: isize) -> Self {
        let here = Self::ALL.iter().position(|door| *door == self).unwrap_or_default();
        let there = here.saturating_add_signed(by).min(Self::ALL.len() - 1);
        Self::ALL.get(there).copied().unwrap_or_default()
    }

    fn keys(self) -> (Icon, &'static str, &'static str, &'static str) {
        match self {
            Self::Practice => (Icon::Play, "welcome-practice", "welcome-practice-why", "welcome/practice"),
            Self::Connect => (Icon::Grid, "welcome-connect", "welcome-connect-why", "welcome/connect"),
            Self::File => (Icon::File, "welcome-file", "welcome-file-why", "welcome/file"),
        }
    }
}

#[derive(Debug, Default)]
pub struct Welcome {
    chosen: Door,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    Step(isize),
    Take(Door),
    /// Enter: the chosen door.
    Go,
}

impl Welcome {
    pub fn update(&mut self, message: Message, _cx: &Cx<'_>) -> Action<Message> {
        let door = match message {
            Message::Step(by) => {
                self.chosen = self.chosen.step(by);
                return Action::None;
            }
            Message::Take(door) => door,
            Message::Go => self.chosen,
        };
        self.chosen = door;
        Action::Open(match door {
            Door::Practice => Target::Practice,
            Door::Connect => Target::Connect,
            Door::File => Target::File(None),
        })
    }

    #[must_use]
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let name = column![
            text(cx.text("welcome-name")).font(theme::BOLD).size(size::DISPLAY),
            text(cx.text("welcome-what")).style(theme::text::soft),
        ];
        let doors = Door::ALL.into_iter().map(|door| self.door(door, cx));
        let hints = row![key_hint("↑ ↓", cx.text("welcome-key-choose")), key_hint("Enter", cx.text("welcome-key-go")),];
        let page = column![name.spacing(space::XS), column(doors).spacing(space::MD), hints.spacing(space::LG),]
            .spacing(space::XL)
            .width(WIDTH);
        let page = scrollable(container(page).center_x(Fill).padding(space::XL)).style(theme::surface::scroll);
        let page = container(page).center_y(Fill).width(Fill).style(theme::surface::base);
        widget::keys(page, |key, modifiers| match key {
            Key::Named(Named::ArrowDown) | Key::Character("j") => Some(Message::Step(1)),
            Key::Named(Named::ArrowUp) | Key::Character("k") => Some(Message::Step(-1)),
            Key::Named(Named::Enter) if modifiers.is_empty() => Some(Message::Go),
            _ => None,
        })
        .into()
    }

    fn door<'a>(&self, door: Door, cx: &Cx<'a>) -> Element<'a, Message> {
        let (icon, name, why, id) = door.keys();
        let words = column![title(cx.text(name)), caption(cx.text(why)).size(size::BODY)].spacing(2.0).width(Fill);
        let mark = container(icon.view().size(size::HEAD).style(theme::text::accent)).center_x(32.0);
        let hatch = (door == Door::Practice).then(|| hatch(36.0, 36.0));
        let inside = row![mark, words, hatch].spacing(space::MD).align_y(Center);
        let style = if door == self.chosen { theme::button::chosen_card } else { theme::button::card };
        let door = press(inside).id(id).style(style).padding(space::LG).width(Fill).on_press(Message::Take(door));
        door.into()
    }
}
