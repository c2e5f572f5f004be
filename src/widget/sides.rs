//! The head of a page that has several sides: its name, the sides, and the way back.

use iced::widget::{column, container, row, rule};
use iced::{Center, Fill};

use super::{Element, Press, heading};
use crate::theme::{self, space};

/// `sides` are words, whether the side shows, and what leads to it.
pub fn sides<'a, M: Clone + 'a>(name: String, sides: Vec<(String, bool, M)>, back: (String, M)) -> Element<'a, M> {
    let tab = |(words, here, message): (String, bool, M)| {
        Press::word(words).style(theme::button::tab(here)).on_press(message).into()
    };
    let tabs = row(sides.into_iter().map(tab)).spacing(space::XS);
    let back = Press::word(back.0).style(theme::button::quiet).on_press(back.1);
    let head = row![heading(name).width(Fill), Element::from(back)].align_y(Center);
    let top = container(column![head, tabs].spacing(space::SM)).padding([space::MD, space::XL]);
    column![top, rule::horizontal(1).style(theme::surface::line)].into()
}
